#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn of(sku: &str, from_group: Option<&str>) -> HeldLicence {
    HeldLicence {
        licence: Licence {
            sku: sku.to_owned(),
            disabled_plans: Vec::new(),
        },
        from_group: from_group.map(str::to_owned),
        error: None,
    }
}

fn taking(remove: &[&str], add: &[&str]) -> LicenceChange {
    LicenceChange {
        id: "a".to_owned(),
        add: add.iter().map(|sku| of(sku, None).licence).collect(),
        remove: remove.iter().map(|sku| (*sku).to_owned()).collect(),
    }
}

#[test]
fn both_lists_are_always_sent() {
    let step = assign(Kind::Person, &taking(&[], &["e3"]));
    assert_eq!(step.path, "/users/a/assignLicense");
    let wanted = json!({"addLicenses": [{"skuId": "e3", "disabledPlans": []}], "removeLicenses": []});
    assert_eq!(step.body, Some(wanted));
    let step = assign(Kind::Group, &taking(&["e3"], &[]));
    assert_eq!(step.path, "/groups/a/assignLicense");
    assert_eq!(
        step.body,
        Some(json!({"addLicenses": [], "removeLicenses": ["e3"]}))
    );
}

#[test]
fn states_tell_where_a_licence_comes_from() {
    let body = json!({
        "assignedLicenses": [{"skuId": "E3", "disabledPlans": ["P2", "P1"]}, {"skuId": "F1", "disabledPlans": []}],
        "licenseAssignmentStates": [
            {"skuId": "E3", "disabledPlans": ["P2", "P1"], "assignedByGroup": null, "state": "Active", "error": "None"},
            {"skuId": "e3", "disabledPlans": [], "assignedByGroup": "g1", "state": "Error", "error": "CountViolation"},
            {"skuId": "v1", "disabledPlans": [], "assignedByGroup": "g2", "state": "ActiveWithError", "error": null},
        ],
    });
    let held = held(&body);
    let told: Vec<_> = held
        .iter()
        .map(|held| {
            (
                held.licence.sku.as_str(),
                held.from_group.as_deref(),
                held.error.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("e3", None, None),
            ("e3", Some("g1"), Some("CountViolation")),
            ("f1", None, None),
            ("v1", Some("g2"), Some("Other")),
        ]
    );
    assert_eq!(held[0].licence.disabled_plans, ["p1", "p2"]);
}

#[test]
fn a_refused_removal_is_narrowed_to_what_is_there() {
    let has = [
        of("e3", None),
        of("f1", Some("g1")),
        of("v1", None),
        of("v1", Some("g2")),
    ];
    let Rest::Narrowed(Some(change), alone, finally) =
        narrow(&taking(&["E3", "f1", "v1", "gone"], &[]), &has)
    else {
        panic!("something is left to be done");
    };
    assert_eq!(change.remove, ["E3", "v1"]);
    // The look may be behind: only a refusal of its own says that it is not there.
    assert_eq!(alone, ["gone"]);
    let finally = finally.unwrap();
    assert_eq!(Refusal::of(&finally), Some(Refusal::Inherited));
    assert!(finally.to_string().contains("product f1, group g1"), "{finally}");
    assert!(matches!(
        narrow(&taking(&["gone"], &[]), &has),
        Rest::Ended(Ok(()))
    ));
    let Rest::Ended(Err(error)) = narrow(&taking(&["f1"], &[]), &has) else {
        panic!("an inherited licence stays");
    };
    assert_eq!(Refusal::of(&error), Some(Refusal::Inherited));
    let Rest::Narrowed(Some(change), alone, None) = narrow(&taking(&["gone"], &["e5"]), &has) else {
        panic!("the rest of a swap is done");
    };
    assert!(change.remove.is_empty() && change.add.len() == 1);
    assert_eq!(alone, ["gone"]);
    let Rest::Narrowed(None, alone, None) = narrow(&taking(&["gone", "away"], &[]), &has) else {
        panic!("each is tried by itself");
    };
    assert_eq!(alone, ["gone", "away"]);
}

#![allow(clippy::unwrap_used)]

use super::*;
use crate::graph::attribute::ValueKind;
use crate::graph::facts::Domain;
use crate::graph::record::{create_body, normalize};
use m365_sim::contract::Contract;
use proptest::prelude::*;
use serde_json::json;

fn facts(federated: bool) -> Facts {
    let domain = |name: &str, verified, federated| Domain {
        name: name.to_owned(),
        verified,
        federated,
        default: false,
        initial: false,
    };
    Facts {
        id: "t".to_owned(),
        name: "Contoso".to_owned(),
        domains: vec![
            domain("contoso.onmicrosoft.com", true, false),
            domain("contoso.example", true, federated),
            domain("new.contoso.example", false, false),
        ],
        products: None,
    }
}

fn record(value: Value) -> Record {
    serde_json::from_value(value).unwrap()
}

fn ada(more: Value) -> Record {
    let mut all = record(json!({
        "userPrincipalName": "ada@contoso.example", "displayName": "Ada Byron", "mailNickname": "ada",
    }));
    all.extend(record(more));
    all
}

/// Codes of a create, with a `?` where the fault does not stop it.
fn create(kind: Kind, record: &Record) -> Vec<String> {
    codes(faults(
        Some(&facts(false)),
        &Function::DEFAULT,
        kind,
        record,
        true,
    ))
}

fn update(changes: Value) -> Vec<String> {
    let functions = &Function::DEFAULT;
    codes(faults(
        Some(&facts(false)),
        functions,
        Kind::Person,
        &record(changes),
        false,
    ))
}

fn codes(found: Vec<Fault>) -> Vec<String> {
    for fault in &found {
        assert!(!fault.reason.is_empty() && fault.hint.ends_with('.'), "{fault:?}");
    }
    let code = |fault: Fault| format!("{}{}", fault.code, if fault.stops { "" } else { "?" });
    found.into_iter().map(code).collect()
}

#[test]
fn each_value_that_graph_refuses_has_its_code() {
    for (more, code) in [
        (json!({}), None),
        (
            json!({"userPrincipalName": "ada@new.contoso.example"}),
            Some("PRV-UPN-SUFFIX"),
        ),
        (
            json!({"userPrincipalName": "ada@elsewhere.example"}),
            Some("PRV-UPN-SUFFIX"),
        ),
        (
            json!({"userPrincipalName": "zoë@contoso.example"}),
            Some("PRV-UPN-CHARACTERS"),
        ),
        (json!({"userPrincipalName": "ada"}), Some("PRV-UPN-CHARACTERS")),
        (
            json!({"userPrincipalName": ".ada@contoso.example"}),
            Some("PRV-UPN-CHARACTERS"),
        ),
        (
            json!({"userPrincipalName": format!("{}@contoso.example", "a".repeat(65))}),
            Some("PRV-UPN-CHARACTERS"),
        ),
        (json!({"userPrincipalName": null}), Some("PRV-VALUE-MISSING")),
        (json!({"mailNickname": "ada byron"}), Some("PRV-VALUE-CHARACTERS")),
        (
            json!({"displayName": "a".repeat(257)}),
            Some("PRV-VALUE-TOO-LONG"),
        ),
        (
            json!({"employeeId": "12345678901234567"}),
            Some("PRV-VALUE-TOO-LONG"),
        ),
        (json!({"businessPhones": ["1", "2"]}), Some("PRV-VALUE-TOO-LONG")),
        (json!({"jobTitle": 7}), Some("PRV-VALUE-KIND")),
        (json!({"accountEnabled": "yes"}), Some("PRV-VALUE-KIND")),
        (json!({"employeeHireDate": "tomorrow"}), Some("PRV-VALUE-KIND")),
        (json!({"userType": "Robot"}), Some("PRV-VALUE-KIND")),
        (json!({"usageLocation": "Germany"}), Some("PRV-USAGE-LOCATION")),
        (json!({"usageLocation": "XX"}), Some("PRV-USAGE-LOCATION")),
        (json!({"usageLocation": "de"}), None),
        (
            json!({"onPremisesImmutableId": "a_b"}),
            Some("PRV-VALUE-CHARACTERS"),
        ),
        (
            json!({"onPremisesImmutableId": ""}),
            Some("PRV-IMMUTABLE-ID-EMPTY"),
        ),
        (
            json!({"onPremisesImmutableId": "a".repeat(65)}),
            Some("PRV-VALUE-TOO-LONG"),
        ),
        (
            json!({"passwordProfile.password": "Password1"}),
            Some("PRV-PASSWORD-WEAK"),
        ),
        (
            json!({"passwordProfile": {"password": "short"}}),
            Some("PRV-PASSWORD-WEAK"),
        ),
        (json!({"passwordProfile.password": "[Generated]"}), None),
        (json!({"passwordProfile.password": "Winter-mead 77 boats"}), None),
        (json!({"favouriteColour": "blue"}), Some("PRV-MAPPING-UNKNOWN")),
        (json!({"immutableid": "x"}), Some("PRV-MAPPING-UNKNOWN")),
        (
            json!({"extension_0123456789abcdef0123456789abcdef_costCentre": 7}),
            None,
        ),
        (
            json!({"proxyAddresses": ["smtp:x@contoso.example"]}),
            Some("PRV-MAPPING-READ-ONLY"),
        ),
        (
            json!({"passwordProfile": {"password": "[Sealed]"}, "passwordProfile.password": "[Sealed]"}),
            Some("PRV-MAPPING-DUPLICATE"),
        ),
        (
            json!({"assignedLicenses": ["SPE_E3"]}),
            Some("PRV-LICENCE-LOCATION"),
        ),
        (
            json!({"assignedLicenses": ["SPE_E3"], "usageLocation": "NO"}),
            None,
        ),
        (
            json!({"mail": "zoë@contoso.example"}),
            Some("PRV-VALUE-CHARACTERS"),
        ),
    ] {
        let found = create(Kind::Person, &ada(more.clone()));
        assert_eq!(found, code.into_iter().collect::<Vec<_>>(), "{more}");
    }
    assert_eq!(create(Kind::Group, &record(json!({}))), ["PRV-VALUE-MISSING"]);
    assert_eq!(
        create(Kind::Group, &record(json!({"displayName": "G", "members": "x"}))),
        ["PRV-MAPPING-READ-ONLY"]
    );
}

#[test]
fn a_change_is_judged_as_one() {
    for (changes, code) in [
        (json!({"jobTitle": null, "businessPhones": null}), None),
        (json!({"displayName": null}), Some("PRV-VALUE-NOT-CLEARABLE")),
        (json!({"usageLocation": null}), Some("PRV-VALUE-NOT-CLEARABLE?")),
        (
            json!({"onPremisesImmutableId": null}),
            Some("PRV-IMMUTABLE-ID-EMPTY"),
        ),
        (
            json!({"passwordProfile.password": "[Generated]"}),
            Some("PRV-PASSWORD-CREATE-ONLY"),
        ),
    ] {
        assert_eq!(
            update(changes.clone()),
            code.into_iter().collect::<Vec<_>>(),
            "{changes}"
        );
    }
    let passwords = [Function::People, Function::Passwords];
    let changes = record(json!({"passwordProfile.password": "Winter-mead 77 boats"}));
    assert!(faults(None, &passwords, Kind::Person, &changes, false).is_empty());
    let fixed = record(json!({"groupTypes": ["Unified"]}));
    let found = faults(None, &passwords, Kind::Group, &fixed, false);
    assert_eq!(codes(found), ["PRV-VALUE-CREATE-ONLY"]);
}

#[test]
fn in_a_federated_domain_everybody_needs_an_immutable_id() {
    let facts = facts(true);
    let judge = |record: &Record| codes(faults(Some(&facts), &[], Kind::Person, record, true));
    assert_eq!(judge(&ada(json!({}))), ["PRV-IMMUTABLE-ID-EMPTY"]);
    assert!(judge(&ada(json!({"onPremisesImmutableId": "0198c2d4"}))).is_empty());
    let managed = ada(json!({"userPrincipalName": "ada@contoso.onmicrosoft.com"}));
    assert!(judge(&managed).is_empty());
}

#[test]
fn without_facts_only_what_is_certain_is_refused() {
    let stranger = ada(json!({"userPrincipalName": "ada@elsewhere.example"}));
    assert!(faults(None, &[], Kind::Person, &stranger, true).is_empty());
}

#[test]
fn a_suffix_is_refused_with_those_that_would_do() {
    let stranger = ada(json!({"userPrincipalName": "ada@elsewhere.example"}));
    let found = faults(Some(&facts(false)), &[], Kind::Person, &stranger, true);
    assert!(
        found[0]
            .reason
            .contains("contoso.example, contoso.onmicrosoft.com"),
        "{:?}",
        found[0]
    );
    let weak = ada(json!({"passwordProfile.password": "Canary1"}));
    let found = faults(None, &[], Kind::Person, &weak, true);
    assert!(!format!("{found:?}").contains("Canary1"));
}

/// Microsoft's own description of Graph, closed: unknown properties are refused.
fn contract() -> &'static Contract {
    static CONTRACT: std::sync::LazyLock<Contract> = std::sync::LazyLock::new(|| {
        let file = "../m365-sim/tests/contract/graph-v1.0-closed.openapi.json";
        Contract::load(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
    });
    &CONTRACT
}

/// Values of all sorts for an attribute, good ones more often.
fn any_value(attribute: &'static Attribute) -> BoxedStrategy<Value> {
    let good = match attribute.value {
        ValueKind::Bool => any::<bool>().prop_map(Value::from).boxed(),
        ValueKind::List => Just(json!([attribute.example])).boxed(),
        _ => Just(json!(attribute.example)).boxed(),
    };
    prop_oneof![
        12 => good,
        2 => "[ -~]{0,12}".prop_map(Value::from),
        1 => "\\PC{0,300}".prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        1 => proptest::collection::vec("[a-z0-9@.]{0,8}", 0..3).prop_map(|list| json!(list)),
        1 => Just(Value::Null),
    ]
    .boxed()
}

fn any_record(kind: Kind) -> impl Strategy<Value = Record> {
    let of_kind =
        |a: &&Attribute| a.kind == kind && a.writes != Writes::Never && a.name != "assignedLicenses";
    let attributes: Vec<_> = ATTRIBUTES.iter().filter(of_kind).collect();
    let one = proptest::sample::select(attributes)
        .prop_flat_map(|attribute| (Just(attribute.name.to_owned()), any_value(attribute)));
    proptest::collection::vec(one, 0..8).prop_map(move |pairs| {
        let mut all = match kind {
            Kind::Person => ada(json!({})),
            Kind::Group => record(json!({"displayName": "Sales"})),
        };
        all.extend(pairs);
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_has_no_fault_is_a_body_that_the_contract_takes(
        people in any_record(Kind::Person), groups in any_record(Kind::Group),
    ) {
        for (kind, path, mut record) in [(Kind::Person, "/users", people), (Kind::Group, "/groups", groups)] {
            normalize(kind, &mut record);
            let found = faults(Some(&facts(false)), &[], kind, &record, true);
            let again = faults(Some(&facts(false)), &[], kind, &record, true);
            prop_assert_eq!(&found, &again);
            if found.is_empty() {
                let body = create_body(kind, "k", &record).unwrap();
                let checked = contract().check_request("POST", path, Some(&body));
                prop_assert!(checked.is_ok(), "{} {:?}", body, checked);
            }
        }
    }
}

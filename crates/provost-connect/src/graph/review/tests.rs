#![allow(clippy::unwrap_used)]

use super::*;
use crate::Product;
use crate::graph::facts::Domain;
use serde_json::json;

fn facts(federated: bool) -> Facts {
    Facts {
        id: "t".to_owned(),
        name: "Contoso".to_owned(),
        domains: vec![Domain {
            name: "contoso.example".to_owned(),
            verified: true,
            federated,
            default: true,
            initial: false,
        }],
        products: Some(vec![Product {
            sku: "05e9a617-0261-4cee-bb44-138d3ef5d965".to_owned(),
            name: "SPE_E3".to_owned(),
            state: "Enabled".to_owned(),
            enabled: 10,
            warning: 0,
            suspended: 0,
            consumed: 0,
            assignable: true,
            plans: Vec::new(),
        }]),
    }
}

/// A rule for people that has everything, with these mappings more or in place of those of the same name.
fn rule(more: Value) -> Rule {
    let mut mappings = vec![
        json!({"target": "userPrincipalName", "direct": "userName"}),
        json!({"target": "displayName", "direct": "displayName"}),
        json!({"target": "mailNickname", "direct": "externalId"}),
        json!({"target": "onPremisesImmutableId", "direct": "id", "apply": "on_create"}),
        json!({"target": "passwordProfile.password", "generated": true, "apply": "on_create"}),
    ];
    for mapping in more.as_array().unwrap() {
        mappings.retain(|old| old["target"] != mapping["target"]);
        mappings.push(mapping.clone());
    }
    // `null` as a source stands for "not mapped".
    mappings.retain(|mapping| mapping.get("drop").is_none());
    made(json!({"mappings": mappings}))
}

fn made(more: Value) -> Rule {
    let mut rule = json!({"name": "people", "object": "person",
        "matching": [{"target": "userPrincipalName", "precedence": 1}]});
    rule.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    serde_json::from_value(rule).unwrap()
}

fn codes(found: &[Fault]) -> Vec<String> {
    let code = |fault: &Fault| {
        assert!(
            fault.reason.starts_with("rule people: ") && fault.hint.ends_with('.'),
            "{fault:?}"
        );
        format!("{}{}", fault.code, if fault.stops { "" } else { "?" })
    };
    found.iter().map(code).collect()
}

fn reviewed(rule: Rule) -> Vec<String> {
    codes(&review(Some(&facts(false)), &Function::DEFAULT, &[], &[rule]))
}

#[test]
fn each_mistake_in_a_mapping_has_its_code() {
    for (mapping, wanted) in [
        (
            json!({"target": "jobTitle", "direct": "title", "null": "clear"}),
            None,
        ),
        (
            json!({"target": "favouriteColour", "direct": "title"}),
            Some("PRV-MAPPING-UNKNOWN"),
        ),
        (
            json!({"target": "skuId", "constant": "SPE_E3"}),
            Some("PRV-MAPPING-UNKNOWN"),
        ),
        (
            json!({"target": "proxyAddresses", "direct": "title"}),
            Some("PRV-MAPPING-READ-ONLY"),
        ),
        (
            json!({"target": "manager", "direct": "title"}),
            Some("PRV-VALUE-KIND"),
        ),
        (
            json!({"target": "jobTitle", "direct": "title", "reference": true}),
            Some("PRV-VALUE-KIND"),
        ),
        (
            json!({"target": "usageLocation", "constant": "Germany"}),
            Some("PRV-USAGE-LOCATION"),
        ),
        (json!({"target": "usageLocation", "constant": "de"}), None),
        (
            json!({"target": "usageLocation", "direct": "title", "default": "Norway"}),
            Some("PRV-USAGE-LOCATION"),
        ),
        (
            json!({"target": "usageLocation", "direct": "title", "null": "clear"}),
            Some("PRV-VALUE-NOT-CLEARABLE?"),
        ),
        (
            json!({"target": "displayName", "direct": "title", "null": "clear"}),
            Some("PRV-VALUE-NOT-CLEARABLE?"),
        ),
        (
            json!({"target": "onPremisesImmutableId", "direct": "id", "null": "clear"}),
            Some("PRV-IMMUTABLE-ID-EMPTY"),
        ),
        (
            json!({"target": "userPrincipalName", "constant": "all@elsewhere.example"}),
            Some("PRV-UPN-SUFFIX"),
        ),
        (
            json!({"target": "passwordProfile.password", "drop": true, "direct": "x"}),
            Some("PRV-RULE-PASSWORD"),
        ),
        (
            json!({"target": "passwordProfile.password", "none": true}),
            Some("PRV-RULE-PASSWORD"),
        ),
        (
            json!({"target": "displayName", "drop": true}),
            Some("PRV-MAPPING-REQUIRED"),
        ),
        (json!({"target": "businessPhones", "constant": "+47 1"}), None),
        (
            json!({"target": "department", "constant": "x".repeat(65)}),
            Some("PRV-VALUE-TOO-LONG"),
        ),
    ] {
        let found = reviewed(rule(json!([mapping])));
        let mut wanted: Vec<&str> = wanted.into_iter().collect();
        if mapping["none"] == true {
            wanted.insert(0, "PRV-PASSWORD-CREATE-ONLY");
        }
        assert_eq!(found, wanted, "{mapping}");
    }
}

#[test]
fn a_constant_password_is_judged_and_never_shown() {
    let weak = json!([{"target": "passwordProfile.password", "constant": "Canary7", "apply": "on_create"}]);
    let found = review(None, &[], &[], &[rule(weak)]);
    assert_eq!(codes(&found), ["PRV-PASSWORD-WEAK", "PRV-PASSWORD-SHARED?"]);
    assert!(!format!("{found:?}").contains("Canary"));
    let later = json!([{"target": "passwordProfile.password", "constant": "Winter-mead 77 boats"}]);
    assert_eq!(
        reviewed(rule(later.clone())),
        ["PRV-PASSWORD-CREATE-ONLY", "PRV-PASSWORD-SHARED?"]
    );
    // One password for everybody works, and is warned of.
    let found = review(None, &[Function::Passwords], &[], &[rule(later)]);
    assert_eq!(codes(&found), ["PRV-PASSWORD-SHARED?"]);
}

#[test]
fn a_rule_that_creates_nobody_or_is_off_needs_no_password() {
    let mut without = rule(json!([{"target": "passwordProfile.password", "drop": true}]));
    without.enabled = false;
    assert!(reviewed(without.clone()).is_empty());
    without.enabled = true;
    assert_eq!(reviewed(without.clone()), ["PRV-RULE-PASSWORD"]);
    without.actions.create = false;
    assert!(reviewed(without).is_empty());
}

#[test]
fn nobody_is_recognised_by_a_secret() {
    for target in ["passwordProfile.password", "password"] {
        let mut matched = rule(json!([]));
        matched.matching[0].target = target.to_owned();
        assert_eq!(reviewed(matched), ["PRV-MATCHING-WRITE-ONLY"], "{target}");
    }
}

#[test]
fn two_mappings_to_one_attribute_are_one_too_many() {
    let mut twice = rule(json!([]));
    twice.mappings.push(twice.mappings[1].clone());
    assert_eq!(reviewed(twice), ["PRV-MAPPING-DUPLICATE"]);
}

#[test]
fn licences_need_a_location_and_a_product_that_is_owned() {
    let licensed = |value: Value| json!([{"target": "assignedLicenses", "constant": value}]);
    let country = json!({"target": "usageLocation", "constant": "NO"});
    assert_eq!(
        reviewed(rule(licensed(json!("spe_e3 -TEAMS1")))),
        ["PRV-LICENCE-LOCATION?"]
    );
    let mut both = licensed(json!(["SPE_E3", "ENTERPRISEPACK"]));
    both.as_array_mut().unwrap().push(country);
    let found = review(Some(&facts(false)), &[], &[], &[rule(both)]);
    assert_eq!(codes(&found), ["PRV-LICENCE-UNKNOWN"]);
    assert!(found[0].reason.contains("it owns SPE_E3"), "{:?}", found[0]);
}

#[test]
fn the_immutable_id_is_frozen_once_a_domain_is_federated() {
    let before = [rule(json!([]))];
    for (after, frozen) in [
        (rule(json!([{"target": "jobTitle", "direct": "title"}])), false),
        (
            rule(json!([{"target": "onPremisesImmutableId", "direct": "externalId", "apply": "on_create"}])),
            true,
        ),
        (
            rule(json!([{"target": "onPremisesImmutableId", "direct": "id"}])),
            true,
        ),
        (
            rule(json!([{"target": "onPremisesImmutableId", "drop": true, "direct": "id"}])),
            true,
        ),
    ] {
        let after = [after];
        let found = codes(&review(Some(&facts(true)), &[], &before, &after));
        assert_eq!(
            found.contains(&"PRV-IMMUTABLE-ID-FROZEN".to_owned()),
            frozen,
            "{found:?}"
        );
        let managed = codes(&review(Some(&facts(false)), &[], &before, &after));
        assert!(!managed.contains(&"PRV-IMMUTABLE-ID-FROZEN".to_owned()));
    }
    let fresh = review(Some(&facts(true)), &[], &[], &before);
    assert!(
        fresh.is_empty(),
        "a first mapping is none that is changed: {fresh:?}"
    );
}

#[test]
fn a_group_needs_a_name_only() {
    let group = json!({"object": "group", "matching": [{"target": "displayName", "precedence": 1}],
        "mappings": [{"target": "displayName", "direct": "displayName"}]});
    assert!(reviewed(made(group)).is_empty());
    let nothing = json!({"object": "group", "mappings": [{"target": "groupTypes", "constant": ["Unified"]}]});
    assert_eq!(
        reviewed(made(nothing)),
        ["PRV-VALUE-CREATE-ONLY?", "PRV-MAPPING-REQUIRED"]
    );
}

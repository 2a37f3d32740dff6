//! Keys order as the resources do, and survive being written down.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::schema::{ENTERPRISE_USER, user};

const ATTRIBUTES: [&str; 9] = [
    "userName",
    "title",
    "externalId",
    "active",
    "meta.created",
    "emails",
    "name.familyName",
    "department",
    "manager",
];

fn sort(by: &str, descending: bool) -> Sort {
    let order = if descending { "descending" } else { "ascending" };
    Sort::parse(user(), Some(by), Some(order)).unwrap().unwrap()
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "[a-cA-CäÄßé]{0,3}".prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => any::<i64>().prop_map(Value::from),
    ]
}

fn time() -> impl Strategy<Value = Value> {
    let times = vec![
        "2026-01-05T09:00:00+02:00",
        "2026-01-05T07:00:00Z",
        "0001-01-01T00:00:00.5Z",
        "soon",
    ];
    prop::sample::select(times).prop_map(Value::from)
}

fn resource() -> impl Strategy<Value = Value> {
    let email =
        (text(), any::<bool>()).prop_map(|(value, primary)| json!({"value": value, "primary": primary}));
    let emails = prop::collection::vec(email, 0..3);
    let flag = prop_oneof![any::<bool>().prop_map(Value::from), Just(Value::Null)];
    (
        prop::collection::vec(text(), 6),
        time(),
        emails,
        flag,
        "[a-c]{1,2}",
    )
        .prop_map(|(texts, created, emails, active, id)| {
            json!({
                "id": id, "userName": texts[0], "title": texts[1], "externalId": texts[2], "active": active,
                "meta": {"created": created}, "emails": emails, "name": {"familyName": texts[3]},
                ENTERPRISE_USER: {"department": texts[4], "manager": {"value": texts[5]}},
            })
        })
}

fn written(key: &SortKey) -> SortKey {
    serde_json::from_str(&serde_json::to_string(key).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn the_order_of_keys_is_that_of_resources(
        a in resource(),
        b in resource(),
        by in prop::sample::select(ATTRIBUTES.to_vec()),
        descending in any::<bool>(),
    ) {
        let sort = sort(by, descending);
        let keys = [&a, &b].map(|resource| sort.key(user(), resource));
        let ids = [&a, &b].map(|resource| resource["id"].as_str().unwrap());
        let order = sort.compare(user(), &a, &b);
        prop_assert_eq!(sort.compare_keys((&keys[0], ids[0]), (&keys[1], ids[1])), order);
        let read = [written(&keys[0]), written(&keys[1])];
        prop_assert_eq!(&read, &keys);
        prop_assert_eq!(sort.compare_keys((&read[0], ids[0]), (&read[1], ids[1])), order);
        prop_assert_eq!(sort.compare(user(), &b, &a), order.reverse());
    }

    #[test]
    fn a_page_continues_where_a_key_was_remembered(
        mut people in prop::collection::vec(resource(), 1..12),
        by in prop::sample::select(ATTRIBUTES.to_vec()),
        descending in any::<bool>(),
        cut in 0..12usize,
    ) {
        let sort = sort(by, descending);
        people.sort_by(|a, b| sort.compare(user(), a, b));
        people.dedup_by(|a, b| sort.compare(user(), a, b).is_eq());
        let last = &people[cut.min(people.len() - 1)];
        let (key, id) = (written(&sort.key(user(), last)), last["id"].as_str().unwrap());
        let rest = people.iter().filter(|person| {
            let own = sort.key(user(), person);
            sort.compare_keys((&own, person["id"].as_str().unwrap()), (&key, id)).is_gt()
        });
        prop_assert_eq!(rest.count(), people.len() - 1 - cut.min(people.len() - 1));
    }
}

#[test]
fn a_key_is_small_whatever_the_text() {
    let long = "ü".repeat(100_000);
    let key = sort("title", false).key(user(), &json!({"title": long}));
    assert!(serde_json::to_string(&key).unwrap().len() < 1_100);
    assert_eq!(
        key,
        sort("title", false).key(user(), &json!({"title": format!("{long}x")}))
    );
}

#[test]
fn no_value_is_the_greatest_and_both_zeros_are_one() {
    let sort = sort("title", false);
    let nothing = sort.key(user(), &json!({}));
    assert!(nothing.is_nothing() && nothing > sort.key(user(), &json!({"title": "zz"})));
    let zeros = [json!({"title": 0.0}), json!({"title": -0.0})].map(|resource| sort.key(user(), &resource));
    assert_eq!(zeros[0], zeros[1]);
}

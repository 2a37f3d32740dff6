//! The parameters, the window and the order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};

use super::*;
use crate::leniency::{Habit, Habits, Leniency};
use crate::schema::{Catalogue, ENTERPRISE_USER, LIST_RESPONSE, ResourceType, USER, group, user};
use crate::{Result, ScimType};

fn query(pairs: &[(&str, &str)]) -> Result<ListQuery> {
    ListQuery::from_pairs(
        user(),
        pairs.iter().copied(),
        &Leniency::default(),
        &mut Habits::default(),
    )
}

fn refused(pairs: &[(&str, &str)]) -> ScimType {
    let error = query(pairs).unwrap_err();
    assert_eq!(error.status, 400);
    error.scim_type.unwrap()
}

/// (resources, startIndex, totalResults) over five people.
fn page_of_five(pairs: &[(&str, &str)]) -> (u64, u64, u64) {
    let query = query(pairs).unwrap();
    let window = query.window(5, 100, 200);
    (window.end - window.start, query.start_index, 5)
}

#[test]
fn pages_follow_the_table() {
    assert_eq!(page_of_five(&[("startIndex", "0"), ("count", "2")]), (2, 1, 5));
    assert_eq!(page_of_five(&[("startIndex", "5"), ("count", "10")]), (1, 5, 5));
    assert_eq!(page_of_five(&[("startIndex", "6")]), (0, 6, 5));
    assert_eq!(page_of_five(&[("count", "0")]), (0, 1, 5));
    assert_eq!(page_of_five(&[("count", "-3")]), (0, 1, 5));
    assert_eq!(page_of_five(&[]), (5, 1, 5));
    let huge = "99999999999999999999999999999999999999999999";
    assert_eq!(
        page_of_five(&[("startIndex", &format!("-{huge}")), ("count", huge)]),
        (5, 1, 5)
    );
    assert_eq!(query(&[("startIndex", huge)]).unwrap().window(5, 100, 200), 5..5);
}

#[test]
fn the_limit_is_the_servers() {
    assert_eq!(query(&[("count", "1000")]).unwrap().limit(100, 200), 200);
    assert_eq!(query(&[]).unwrap().limit(100, 200), 100);
    assert_eq!(
        query(&[("startIndex", "3"), ("count", "500")])
            .unwrap()
            .window(1_000, 100, 200),
        2..202
    );
}

#[test]
fn parameters_are_read_from_an_address() {
    let query = query(&[
        ("FILTER", "userName eq \"ann\""),
        ("startindex", "2"),
        ("Count", "3"),
        ("sortBy", "userName"),
        ("sortOrder", "Descending"),
        ("attributes", "userName,emails.value"),
        ("aadOptscim062020", ""),
    ])
    .unwrap();
    assert_eq!(query.filter.unwrap().to_string(), "userName eq \"ann\"");
    assert_eq!((query.start_index, query.count), (2, Some(3)));
    assert!(query.sort.unwrap().descending);
    assert!(query.projection.wants("emails") && !query.projection.wants("groups"));
}

#[test]
fn what_cannot_be_read_is_refused() {
    for (name, value) in [
        ("count", "ten"),
        ("startIndex", ""),
        ("count", "1.5"),
        ("sortOrder", "up"),
    ] {
        assert_eq!(
            refused(&[(name, value)]),
            ScimType::InvalidValue,
            "{name}={value}"
        );
    }
    for by in ["name", "password", "a b"] {
        assert_eq!(refused(&[("sortBy", by)]), ScimType::InvalidValue, "{by}");
    }
    assert_eq!(refused(&[("filter", "userName eq")]), ScimType::InvalidFilter);
    assert_eq!(refused(&[("filter", "")]), ScimType::InvalidFilter);
    assert_eq!(
        refused(&[("filter", "title pr"), ("filter", "active pr")]),
        ScimType::InvalidValue
    );
    assert_eq!(
        refused(&[("attributes", "id"), ("excludedAttributes", "id")]),
        ScimType::InvalidValue
    );
}

fn search(rt: &ResourceType, body: &Value) -> Result<ListQuery> {
    ListQuery::from_search(rt, body, &Leniency::default(), &mut Habits::default())
}

#[test]
fn a_search_body_reads_as_the_address_does() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName sw \"l\" and active eq true", "attributes": ["userName", "emails.value"],
        "startIndex": 1, "count": 25, "sortBy": null,
    });
    let address = query(&[
        ("filter", "userName sw \"l\" and active eq true"),
        ("attributes", "userName,emails.value"),
        ("startIndex", "1"),
        ("count", "25"),
    ]);
    assert_eq!(search(user(), &body).unwrap(), address.unwrap());
    let commas = json!({"excludedAttributes": "members, meta", "count": "7", "more": {"x": 1}});
    let query = search(group(), &commas).unwrap();
    assert!(!query.projection.wants("members") && !query.projection.wants("meta"));
    assert_eq!(query.count, Some(7));
}

#[test]
fn a_search_body_of_the_wrong_shape_is_refused() {
    let kind = |body: Value| search(user(), &body).unwrap_err().scim_type;
    assert_eq!(kind(json!([])), Some(ScimType::InvalidSyntax));
    for body in [
        json!({"filter": true}),
        json!({"count": {}}),
        json!({"attributes": [1]}),
        json!({"count": 1.5}),
    ] {
        assert_eq!(kind(body), Some(ScimType::InvalidValue));
    }
}

fn sorted(by: &str, order: &str, people: &[Value]) -> String {
    let sort = Sort::parse(user(), Some(by), Some(order)).unwrap().unwrap();
    let mut people = people.to_vec();
    people.sort_by(|a, b| sort.compare(user(), a, b));
    people
        .iter()
        .map(|person| person["id"].as_str().unwrap())
        .collect()
}

#[test]
fn resources_are_ordered_by_type_and_letter_case_rule() {
    let people = [
        json!({"id": "1", "title": "beta", "externalId": "b", "active": true, "meta": {"created": "2026-01-05T09:00:00+02:00"},
               "emails": [{"value": "z"}, {"value": "A", "primary": true}]}),
        json!({"id": "2", "title": "Alpha", "externalId": "a", "active": false, "meta": {"created": "2026-01-05T08:00:00Z"},
               "emails": [{"value": "b"}]}),
        json!({"id": "3", "externalId": "C", "meta": {"created": "2026-01-05T06:00:00Z"}, ENTERPRISE_USER: {"department": "x"}}),
        json!({"id": "0", "title": "ALPHA", "externalId": "C"}),
    ];
    assert_eq!(sorted("title", "ascending", &people), "0213");
    assert_eq!(sorted("title", "descending", &people), "3102");
    assert_eq!(sorted("externalId", "ascending", &people), "0321");
    assert_eq!(sorted("active", "ascending", &people), "2103");
    assert_eq!(sorted("emails", "ascending", &people), "1203");
    assert_eq!(sorted("meta.created", "ascending", &people), "3120");
    assert_eq!(sorted("department", "ascending", &people), "3012");
}

#[test]
fn nothing_to_order_by_is_no_order() {
    assert_eq!(Sort::parse(user(), None, Some("descending")), Ok(None));
    assert_eq!(Sort::parse(user(), Some("nobodyKnows"), None), Ok(None));
}

#[test]
fn the_answer_carries_all_four_numbers() {
    let text = format!("{}{}]}}", list_response_head(137, 51, 1), json!({"id": "u1"}));
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        answer,
        json!({"schemas": [LIST_RESPONSE], "totalResults": 137, "startIndex": 51, "itemsPerPage": 1,
               "Resources": [{"id": "u1"}]})
    );
    let empty = format!("{}]}}", list_response_head(0, 1, 0));
    assert_eq!(serde_json::from_str::<Value>(&empty).unwrap(), list_response(&[]));
    assert_eq!(list_response(&[json!({"id": USER})])["itemsPerPage"], 1);
}

fn kind(result: Result<ListQuery>) -> Option<ScimType> {
    result.unwrap_err().scim_type
}

#[test]
fn every_habit_of_a_search_is_one_of_leniency() {
    let urn = crate::schema::SEARCH_REQUEST;
    let rows = [
        (Habit::MissingSchemas, json!({"filter": "title pr"})),
        (
            Habit::CommaList,
            json!({"schemas": [urn], "attributes": "userName, title"}),
        ),
        (Habit::NumberText, json!({"schemas": [urn], "count": "7"})),
        (
            Habit::UnknownSortAttribute,
            json!({"schemas": [urn], "sortBy": "shoeSize"}),
        ),
        (
            Habit::UnknownFilterAttribute,
            json!({"schemas": [urn], "filter": "shoeSize pr"}),
        ),
    ];
    for (habit, body) in rows {
        let mut used = Habits::default();
        ListQuery::from_search(user(), &body, &Leniency::default(), &mut used).unwrap();
        assert_eq!(used.iter().collect::<Vec<_>>(), [(habit, 1)], "{body}");
        let without = Leniency::default().without(habit);
        for leniency in [Leniency::strict(), without] {
            assert!(
                kind(ListQuery::from_search(user(), &body, &leniency, &mut used)).is_some(),
                "{body}"
            );
        }
    }
    let mut used = Habits::default();
    let pairs = [("sortBy", "shoeSize"), ("aadOptscim062020", "")];
    assert!(
        ListQuery::from_pairs(user(), pairs, &Leniency::default(), &mut used)
            .unwrap()
            .sort
            .is_none()
    );
    assert!(used.contains(Habit::UnknownSortAttribute));
    let strict = ListQuery::from_pairs(user(), pairs, &Leniency::strict(), &mut used);
    assert_eq!(kind(strict), Some(ScimType::InvalidValue));
}

/// Over people and groups together an attribute that one of them lacks is no habit (RFC 7644 section
/// 3.4.2.1).
#[test]
fn a_query_over_both_types_is_read_for_each() {
    let both = |filter: &str, leniency: &Leniency, used: &mut Habits| {
        let pairs = [("filter", filter), ("sortBy", "userName"), ("count", "5")];
        ListQuery::all_from_pairs(&Catalogue::standard(), pairs, leniency, used)
    };
    let mut used = Habits::default();
    let strict = Leniency::strict();
    let [people, groups] = both("userName eq \"ann\" or members pr", &strict, &mut used).unwrap();
    assert!(used.is_empty());
    assert!(people.sort.is_some() && groups.sort.is_none());
    assert_eq!((people.count, groups.count), (Some(5), Some(5)));
    let ann = json!({"userName": "ann"});
    let crew = json!({"displayName": "Crew", "members": [{"value": "1"}]});
    assert!(people.filter.as_ref().unwrap().matches(user(), &ann));
    assert!(groups.filter.as_ref().unwrap().matches(group(), &crew));
    assert!(!groups.filter.as_ref().unwrap().matches(group(), &ann));
    let unknown = both("shoeSize pr", &strict, &mut used).unwrap_err();
    assert_eq!(unknown.scim_type, Some(ScimType::InvalidFilter));
    both(
        "shoeSize pr and active eq \"True\"",
        &Leniency::default(),
        &mut used,
    )
    .unwrap();
    assert_eq!(
        used.iter().collect::<Vec<_>>(),
        [(Habit::BooleanText, 1), (Habit::UnknownFilterAttribute, 1)]
    );
    let body = json!({"schemas": [crate::schema::SEARCH_REQUEST], "filter": "meta.resourceType eq \"User\""});
    let [people, _] = ListQuery::all_from_search(&Catalogue::standard(), &body, &strict, &mut used).unwrap();
    assert!(people.filter.is_some());
}

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn record(value: Value) -> Record {
    serde_json::from_value(value).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

const ENTERPRISE: &str = crate::scim::ENTERPRISE;

#[test]
fn a_create_body_nests_paths_and_names_schemas() {
    let department = format!("{ENTERPRISE}:department");
    let body = create_body(
        Kind::Person,
        &record(json!({
            "userName": "ada@contoso.example", "name.givenName": "Ada", "name.familyName": "Byron",
            "emails[type eq \"work\"].value": "ada@contoso.example",
            "emails[type eq \"work\"].primary": true,
            "phoneNumbers[type eq \"mobile\"].value": "+47 1", "nickName": null,
            "addresses[type eq \"work\"].country": null, "addresses[type eq \"work\"].primary": true,
            department: "Ops", "manager": "m1"})),
    )
    .unwrap();
    assert_eq!(
        Value::Object(body),
        json!({
            "schemas": [CORE_USER, ENTERPRISE], "userName": "ada@contoso.example",
            "name": {"givenName": "Ada", "familyName": "Byron"},
            "emails": [{"type": "work", "value": "ada@contoso.example", "primary": true}],
            "phoneNumbers": [{"type": "mobile", "value": "+47 1"}],
            ENTERPRISE: {"department": "Ops", "manager": {"value": "m1"}}})
    );
}

#[test]
fn a_merge_changes_what_it_names_and_keeps_the_rest() {
    let mut resource = object(json!({
        "schemas": [CORE_USER], "id": "1", "meta": {"version": "1"}, "UserName": "old",
        "emails": [{"type": "home", "value": "h"}, {"type": "Work", "value": "w"}],
        "phoneNumbers": [{"type": "mobile", "value": "1", "primary": true}],
        "title": "Engineer", "x509Certificates": null,
        ENTERPRISE: {"department": "Ops", "manager": {"value": "m1"}}}));
    let department = format!("{ENTERPRISE}:department");
    let changes = record(json!({
        "userName": "new", "title": null, "emails[type eq \"work\"].value": "w2",
        "phoneNumbers[type eq \"mobile\"].value": null, "manager": null, department: null}));
    merge(Kind::Person, &mut resource, &changes).unwrap();
    assert_eq!(
        Value::Object(resource),
        json!({"schemas": [CORE_USER], "id": "1", "UserName": "new",
            "emails": [{"type": "home", "value": "h"}, {"type": "Work", "value": "w2"}]})
    );
}

#[test]
fn resources_are_read_leniently() {
    let resource = object(json!({
        "ID": 42, "USERNAME": "Ada", "Active": "True", "emails": [{"Value": "a"}],
        "members": null, ENTERPRISE.to_uppercase(): {"Manager": "m1"}}));
    let attributes = [
        "userName",
        "active",
        "emails[type eq \"work\"].value",
        "manager",
        "title",
        "members",
    ]
    .map(str::to_owned);
    let account = account(&resource, &Wanted::new(&attributes)).unwrap();
    assert_eq!(account.id, "42");
    assert_eq!(account.enabled, Some(true));
    assert_eq!(
        account.record,
        record(json!({"userName": "Ada", "active": true,
            "emails[type eq \"work\"].value": "a", "manager": "m1"}))
    );
}

#[test]
fn a_value_path_means_one_element() {
    let emails = object(json!({"emails": [{"type": "home", "value": "h"}, {"value": "n"}]}));
    let work = Path::parse("emails[type eq \"work\"].value").unwrap();
    assert_eq!(at(&emails, &work), None);
    let home = Path::parse("emails[type eq \"HOME\"].value").unwrap();
    assert_eq!(at(&emails, &home), Some(json!("h")));
}

#[test]
fn nulls_are_left_out_at_every_depth() {
    let body = create_body(
        Kind::Person,
        &record(
            json!({"userName": "a", "name": {"givenName": "A", "middleName": null},
            "emails": [{"value": "a@contoso.example", "display": null}, null]}),
        ),
    )
    .unwrap();
    assert_eq!(
        Value::Object(body),
        json!({"schemas": [CORE_USER], "userName": "a", "name": {"givenName": "A"},
            "emails": [{"value": "a@contoso.example"}]})
    );
}

#[test]
fn one_value_is_the_primary_or_the_first() {
    let mut body = object(json!({
        "schemas": ["a", "b"], "emails": [{"value": "h"}, {"value": "w", "primary": "True"}],
        "phoneNumbers": [{"value": "1"}, {"value": "2"}], "ims": [], ENTERPRISE: {"tags": ["x", "y"]}}));
    one_value(&mut body);
    assert_eq!(
        Value::Object(body),
        json!({"schemas": ["a", "b"], "emails": [{"value": "w", "primary": "True"}],
            "phoneNumbers": [{"value": "1"}], "ims": [], ENTERPRISE: {"tags": ["x"]}})
    );
}

#[test]
fn what_an_application_folds_or_trims_is_no_difference() {
    let written = json!({"userName": "Zoe.Muller@Contoso.example", "displayName": " Zoë ",
        "emails[type eq \"work\"].value": "Zoe@contoso.example", "externalId": "E-1",
        "tags": ["b", "a"], "active": "True"});
    let shown = json!({"userName": "zoe.muller@contoso.example ", "displayName": "Zoë",
        "emails[type eq \"work\"].value": "zoe@contoso.example", "externalId": "E-1",
        "tags": ["a", "b"], "active": true});
    let (mut written, mut shown) = (record(written), record(shown));
    comparable(&mut written);
    comparable(&mut shown);
    assert_eq!(written, shown);
    let once = shown.clone();
    comparable(&mut shown);
    assert_eq!(shown, once);
    let mut other = record(json!({"externalId": "e-1", "displayName": "zoë"}));
    comparable(&mut other);
    assert_eq!(
        other,
        record(json!({"externalId": "e-1", "displayName": "zoë"})),
        "exact, and seen by people"
    );
}

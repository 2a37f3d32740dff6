//! What goes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::*;
use crate::ScimType;
use crate::schema::{Catalogue, ENTERPRISE_USER, Extension, USER, group, user};

fn person() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE_USER], "id": "u1", "userName": "ann", "title": "Boss",
        "password": "s3cret",
        "name": {"givenName": "Ann", "familyName": "Berg"},
        "emails": [{"type": "work", "value": "ann@contoso.example"}, {"type": "home"}],
        "meta": {"resourceType": "User", "version": "W/\"1\""},
        ENTERPRISE_USER: {"department": "Field", "manager": {"value": "u2", "displayName": "Bob"}},
    })
}

fn only(attributes: &str) -> Value {
    Projection::parse(user(), Some(attributes), None)
        .unwrap()
        .apply(user(), person())
}

fn without(excluded: &str) -> Value {
    Projection::parse(user(), None, Some(excluded))
        .unwrap()
        .apply(user(), person())
}

fn with_always(more: Value) -> Value {
    let mut all = json!({"schemas": [USER, ENTERPRISE_USER], "id": "u1"});
    all.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    all
}

fn person_less(names: &[&str]) -> Value {
    let mut person = person();
    person
        .as_object_mut()
        .unwrap()
        .retain(|name, _| name != "password" && !names.contains(&name.as_str()));
    person
}

#[test]
fn without_a_choice_all_but_secrets_goes_out() {
    let all = Projection::parse(user(), Some(" "), None).unwrap();
    assert!(all.is_all() && all.keeps_document());
    assert_eq!(all.apply(user(), person()), person_less(&[]));
}

#[test]
fn named_attributes_and_what_is_always_returned_go_out() {
    assert_eq!(only("USERNAME"), with_always(json!({"userName": "ann"})));
    assert_eq!(
        only("name.givenName"),
        with_always(json!({"name": {"givenName": "Ann"}}))
    );
    assert_eq!(
        only("emails.value"),
        with_always(json!({"emails": [{"value": "ann@contoso.example"}]}))
    );
    assert_eq!(
        only("emails.value, emails"),
        with_always(json!({"emails": person()["emails"]}))
    );
    assert_eq!(
        only("meta.version"),
        with_always(json!({"meta": {"version": "W/\"1\""}}))
    );
    assert_eq!(only("nobody,knows"), with_always(json!({})));
    assert_eq!(only("userName.x"), with_always(json!({})));
}

#[test]
fn extensions_are_chosen_whole_or_by_attribute() {
    let extension = json!({ENTERPRISE_USER: person()[ENTERPRISE_USER]});
    assert_eq!(only(ENTERPRISE_USER), with_always(extension));
    let department = json!({ENTERPRISE_USER: {"department": "Field"}});
    assert_eq!(
        only(&format!("{ENTERPRISE_USER}:department")),
        with_always(department.clone())
    );
    assert_eq!(only("department"), with_always(department));
    let manager = json!({ENTERPRISE_USER: {"manager": {"value": "u2"}}});
    assert_eq!(
        only(&format!("{ENTERPRISE_USER}:manager.value")),
        with_always(manager)
    );
    assert_eq!(without(ENTERPRISE_USER), person_less(&[ENTERPRISE_USER]));
    assert_eq!(only(USER), person_less(&["meta", ENTERPRISE_USER]));
}

#[test]
fn excluded_attributes_stay_behind_but_never_what_is_always_returned() {
    assert_eq!(without("title,id,schemas"), person_less(&["title"]));
    assert_eq!(without("name.givenName")["name"], json!({"familyName": "Berg"}));
    assert_eq!(
        without("emails.type")["emails"],
        json!([{"value": "ann@contoso.example"}])
    );
    assert_eq!(without("title.x"), person_less(&[]));
}

#[test]
fn secrets_do_not_go_out_even_when_named() {
    assert_eq!(only("password"), with_always(json!({})));
    assert!(without("title").get("password").is_none());
}

#[test]
fn what_is_not_wanted_need_not_be_loaded() {
    let entra = Projection::parse(group(), None, Some("Members")).unwrap();
    assert!(!entra.wants("members") && entra.wants("displayName"));
    assert!(entra.keeps_document() && !entra.is_all() && !entra.is_named());
    let named = Projection::parse(group(), Some("displayName,members.value"), None).unwrap();
    assert!(named.wants("members") && !named.wants("meta") && named.is_named());
    assert!(!named.keeps_document());
    assert!(
        Projection::parse(group(), None, Some("members.display"))
            .unwrap()
            .wants("members")
    );
    assert!(Projection::default().wants("members"));
}

#[test]
fn both_lists_together_are_refused() {
    let error = Projection::parse(user(), Some("userName"), Some("title")).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn what_is_returned_on_request_is_shown_when_it_was_just_written() {
    let urn = "urn:contoso:scim:schemas:badge:1.0:User";
    let badge = json!({"id": urn, "resource": "User", "attributes": [
        {"name": "number"}, {"name": "photoId", "returned": "request"}]});
    let catalogue = Catalogue::with(&[Extension::parse(&badge).unwrap()]).unwrap();
    let rt = catalogue.user();
    let person = json!({"userName": "ann", (urn): {"number": "7", "photoId": "p"}});
    let shown = |projection: Projection| projection.apply(rt, person.clone())[urn].clone();
    assert_eq!(shown(Projection::default()), json!({"number": "7"}));
    let path = path::parse(&format!("{urn}:photoId"), rt).unwrap();
    let written = Projection::default().with_requested(vec![path]);
    assert!(!written.is_all() && !written.keeps_document());
    assert_eq!(shown(written), json!({"number": "7", "photoId": "p"}));
    let named = Projection::parse(rt, Some(&format!("{urn}:PHOTOID")), None).unwrap();
    assert_eq!(shown(named), json!({"photoId": "p"}));
}

/// A list of names as long as a body costs no more than the schema has names.
#[test]
fn names_that_select_nothing_are_dropped() {
    let many: String = (0..50_000).map(|n| format!("badge{n},title,")).collect();
    assert_eq!(
        Projection::parse(user(), Some(&many), None),
        Projection::parse(user(), Some("title"), None)
    );
    assert_eq!(only("badge").as_object().unwrap().len(), 2, "id and schemas");
}

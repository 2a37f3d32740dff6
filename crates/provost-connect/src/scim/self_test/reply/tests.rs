#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::json;

use super::*;

fn reply(status: u16, body: Value) -> Reply {
    Reply {
        status,
        body: Some(body),
        ..Reply::default()
    }
}

fn came(judged: Judged<impl std::fmt::Debug>) -> String {
    match judged.unwrap_err() {
        Stop::Wrong { came, .. } => came,
        other => panic!("{other:?}"),
    }
}

fn person() -> Reply {
    reply(
        200,
        json!({"id": "7", "userName": "a", "title": null, "roles": [], "active": "False",
            "emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w", "primary": true}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "9"}}}),
    )
}

#[test]
fn a_status_is_named_with_what_the_server_said() {
    assert!(reply(204, Value::Null).is(&[200, 204]).is_ok());
    let refused = reply(400, json!({"detail": "no such\npath", "scimType": "invalidPath"}));
    assert_eq!(
        came(refused.is(&[200, 204])),
        "status 400 (invalidPath): no such path"
    );
    let page = Reply {
        status: 502,
        text: "<html>Bad gateway".to_owned(),
        ..Reply::default()
    };
    assert!(came(page.is(&[200])).contains("Bad gateway"));
    assert!(came(page.object()).contains("<html>"));
}

#[test]
fn values_are_compared_exactly() {
    let person = person();
    person.holds("userName", &json!("a")).unwrap();
    person
        .holds("emails[type eq \"work\"].value", &json!("w"))
        .unwrap();
    person
        .holds(
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            &json!("9"),
        )
        .unwrap();
    // A text is not a boolean, and another letter case is another value.
    assert_eq!(
        came(person.holds("active", &json!(false))),
        "`active` is \"False\""
    );
    assert_eq!(came(person.holds("userName", &json!("A"))), "`userName` is \"a\"");
    assert_eq!(
        came(person.holds("emails[type eq \"other\"].value", &json!("w"))),
        "`emails[type eq \"other\"].value` is not there"
    );
}

#[test]
fn null_and_an_empty_list_are_no_value() {
    let person = person();
    person.lacks("title").unwrap();
    person.lacks("roles").unwrap();
    person.lacks("nickName").unwrap();
    assert_eq!(came(person.lacks("userName")), "`userName` is \"a\"");
    person.count("emails[type eq \"work\"]", 1).unwrap();
    assert_eq!(
        came(person.count("emails[type eq \"work\"]", 2)),
        "1 of `emails[type eq \"work\"]`"
    );
}

fn list(total: Value, ids: &[&str]) -> Reply {
    let resources: Value = ids.iter().map(|id| json!({"id": id})).collect();
    reply(200, json!({"totalResults": total, "Resources": resources}))
}

#[test]
fn a_filter_that_is_not_applied_is_noticed() {
    list(json!(1), &["7"]).finds("7").unwrap();
    list(json!(0), &[]).finds_nothing().unwrap();
    reply(200, json!({"totalResults": 0})).finds_nothing().unwrap();
    assert_eq!(came(list(json!(0), &[]).finds("7")), "nothing (totalResults 0)");
    assert_eq!(came(list(json!(1), &["8"]).finds("7")), "another one");
    assert_eq!(
        came(list(json!(9), &["8", "7"]).finds("7")),
        "2 of 9, with it among them"
    );
    assert_eq!(came(list(json!(9), &["8", "6"]).finds("7")), "2 of 9, without it");
    assert_eq!(
        came(list(json!(9), &["7"]).finds("7")),
        "it, but totalResults is 9"
    );
    assert_eq!(
        came(list(json!(9), &["8"]).finds_nothing()),
        "1 of 9: the filter is not applied"
    );
    let none = reply(404, json!({"detail": "no match"}));
    assert_eq!(came(none.finds_nothing()), "status 404: no match");
}

#[test]
fn counts_are_numbers() {
    assert_eq!(came(list(json!("1"), &["7"]).list()), "totalResults is \"1\"");
    assert_eq!(came(reply(200, json!({"totalResults": 1})).list()), "none");
    assert_eq!(
        came(reply(200, json!([])).list()),
        "status 200 with JSON that is not an object"
    );
}

#[test]
fn an_error_body_is_whole() {
    let urn = "urn:ietf:params:scim:api:messages:2.0:Error";
    let good = json!({"schemas": [urn], "status": "404", "detail": "there is no such person"});
    reply(404, good.clone()).refuses(&[404]).unwrap();
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        came(reply(404, body).refuses(&[404]))
    };
    assert_eq!(with("status", json!(404)), "`status` is 404");
    assert_eq!(with("status", json!("400")), "`status` is \"400\"");
    assert_eq!(with("detail", json!(" ")), "no `detail`");
    assert_eq!(
        with("schemas", json!([])),
        "the error's schema is not named in `schemas`"
    );
    assert_eq!(
        came(reply(200, good).refuses(&[404])),
        "status 200: there is no such person"
    );
    let empty = Reply {
        status: 404,
        ..Reply::default()
    };
    assert_eq!(came(empty.refuses(&[404])), "no JSON object as the body");
}

#[test]
fn members_are_compared_as_a_set() {
    let group = |ids: &[&str]| {
        let members: Value = ids.iter().map(|id| json!({"value": id})).collect();
        reply(200, json!({"members": members}))
    };
    group(&["2", "1"]).has_members(&["1", "2"]).unwrap();
    group(&[]).has_members(&[]).unwrap();
    reply(200, json!({})).has_members(&[]).unwrap();
    assert_eq!(came(group(&[]).has_members(&["1", "2"])), "no members at all");
    assert_eq!(
        came(group(&["1", "3"]).has_members(&["1", "2"])),
        "2 members: 1 missing, 1 too many"
    );
    assert_eq!(
        came(group(&["1", "1"]).has_members(&["1"])),
        "2 members: some of them more than once"
    );
}

#[test]
fn an_id_may_be_a_number() {
    assert_eq!(reply(201, json!({"id": 7})).id().unwrap(), "7");
    assert!(reply(201, json!({"id": ""})).id().is_err());
    assert!(reply(201, json!({})).id().is_err());
}

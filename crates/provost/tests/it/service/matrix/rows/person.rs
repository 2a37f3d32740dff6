//! Creating and changing a person.

use super::{Row, person, reference, rows};
use crate::service::http::ENTERPRISE;
use serde_json::json;

pub fn create() -> Vec<Row> {
    rows(&[
        ("body id", |w, id| {
            w.us.post("/Users", &person(w, json!({"id": id})))
        }),
        ("meta.location", |w, id| {
            w.us.post(
                "/Users",
                &person(w, json!({"meta": {"location": reference(w, id)}})),
            )
        }),
        ("externalId", |w, id| {
            w.us.post("/Users", &person(w, json!({"externalId": id})))
        }),
        ("manager.value", |w, id| {
            w.us.post(
                "/Users",
                &person(w, json!({ENTERPRISE: {"manager": {"value": id}}})),
            )
        }),
        ("manager.$ref", |w, id| {
            w.us.post(
                "/Users",
                &person(
                    w,
                    json!({ENTERPRISE: {"manager": {"value": id, "$ref": reference(w, id)}}}),
                ),
            )
        }),
        ("groups.value", |w, id| {
            w.us.post("/Users", &person(w, json!({"groups": [{"value": id}]})))
        }),
    ])
}

pub fn replace() -> Vec<Row> {
    rows(&[
        ("path", |w, id| {
            w.us.put(&format!("/Users/{id}"), &person(w, json!({})))
        }),
        ("path with If-Match", |w, id| {
            w.us.call(
                "PUT",
                &format!("/Users/{id}"),
                &[("If-Match", "W/\"1\"")],
                &person(w, json!({})).to_string(),
            )
        }),
        ("path and body id", |w, id| {
            w.us.put(&format!("/Users/{id}"), &person(w, json!({"id": id})))
        }),
        ("body id", |w, id| {
            w.us.put(&format!("/Users/{}", w.person(0)), &person(w, json!({"id": id})))
        }),
        ("manager.value", |w, id| {
            w.us.put(
                &format!("/Users/{}", w.person(0)),
                &person(w, json!({ENTERPRISE: {"manager": {"value": id}}})),
            )
        }),
    ])
}

pub fn patch() -> Vec<Row> {
    rows(&[
        ("path", |w, id| {
            w.us.try_patch(
                &format!("/Users/{id}"),
                json!([{"op": "replace", "path": "active", "value": false}]),
            )
        }),
        ("path, without effect", |w, id| {
            w.us.try_patch(
                &format!("/Users/{id}"),
                json!([{"op": "remove", "path": "nickName"}]),
            )
        }),
        ("path, with a wrong body", |w, id| {
            w.us.try_patch(&format!("/Users/{id}"), json!([]))
        }),
        ("path with If-Match", |w, id| {
            w.us.call(
                "PATCH",
                &format!("/Users/{id}"),
                &[("If-Match", "W/\"1\"")],
                &json!({"Operations": [{"op": "remove", "path": "title"}]}).to_string(),
            )
        }),
        ("value id", |w, id| {
            w.us.try_patch(
                &format!("/Users/{}", w.person(0)),
                json!([{"op": "replace", "path": "id", "value": id}]),
            )
        }),
        ("id without a path", |w, id| {
            w.us.try_patch(
                &format!("/Users/{}", w.person(0)),
                json!([{"op": "replace", "value": {"id": id, "title": "T"}}]),
            )
        }),
        ("manager", |w, id| {
            w.us.try_patch(
                &format!("/Users/{}", w.person(0)),
                json!([{"op": "add", "path": "manager", "value": id}]),
            )
        }),
        ("manager.value", |w, id| {
            w.us.try_patch(
                &format!("/Users/{}", w.person(0)),
                json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager.value"), "value": id}]),
            )
        }),
        ("manager.$ref", |w, id| {
            w.us.try_patch(
                &format!("/Users/{}", w.person(0)),
                json!([{"op": "add", "path": "manager", "value": [{"value": id, "$ref": reference(w, id)}]}]),
            )
        }),
        ("groups", |w, id| {
            w.us.try_patch(
                &format!("/Users/{}", w.person(0)),
                json!([{"op": "add", "path": "groups", "value": [{"value": id}]}]),
            )
        }),
    ])
}

//! Creating and changing a group.

use super::{Row, group, reference, rows};
use serde_json::json;

pub fn create() -> Vec<Row> {
    rows(&[
        ("body id", |w, id| {
            w.us.post("/Groups", &group(w, json!({"id": id})))
        }),
        ("members.value", |w, id| {
            w.us.post("/Groups", &group(w, json!({"members": [{"value": id}]})))
        }),
        ("members.value as a group", |w, id| {
            w.us.post(
                "/Groups",
                &group(w, json!({"members": [{"value": id, "type": "Group"}]})),
            )
        }),
        ("members.value beside ours", |w, id| {
            w.us.post(
                "/Groups",
                &group(w, json!({"members": [{"value": w.person(0)}, {"value": id}]})),
            )
        }),
        ("members.$ref", |w, id| {
            w.us.post(
                "/Groups",
                &group(
                    w,
                    json!({"members": [{"value": w.person(0), "$ref": reference(w, id)}]}),
                ),
            )
        }),
        ("members.$ref alone", |w, id| {
            w.us.post(
                "/Groups",
                &group(w, json!({"members": [{"$ref": reference(w, id)}]})),
            )
        }),
    ])
}

pub fn replace() -> Vec<Row> {
    rows(&[
        ("path", |w, id| {
            w.us.put(&format!("/Groups/{id}"), &group(w, json!({"members": []})))
        }),
        ("body id", |w, id| {
            w.us.put(&format!("/Groups/{}", w.group()), &group(w, json!({"id": id})))
        }),
        ("members.value", |w, id| {
            w.us.put(
                &format!("/Groups/{}", w.group()),
                &group(w, json!({"members": [{"value": id}]})),
            )
        }),
        ("members.$ref", |w, id| {
            w.us.put(
                &format!("/Groups/{}", w.group()),
                &group(
                    w,
                    json!({"members": [{"value": w.person(0), "$ref": reference(w, id)}]}),
                ),
            )
        }),
    ])
}

pub fn patch() -> Vec<Row> {
    rows(&[
        ("path", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{id}"),
                json!([{"op": "replace", "path": "displayName", "value": w.name()}]),
            )
        }),
        ("path, taking members away", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{id}"),
                json!([{"op": "remove", "path": "members"}]),
            )
        }),
        ("members.value added", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{}", w.group()),
                json!([{"op": "add", "path": "members", "value": [{"value": id}]}]),
            )
        }),
        ("members.value replaced", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{}", w.group()),
                json!([{"op": "replace", "path": "members", "value": [{"value": id}]}]),
            )
        }),
        ("members.value removed", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{}", w.group()),
                json!([{"op": "remove", "path": "members", "value": [{"value": id}]}]),
            )
        }),
        ("members[value eq] removed", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{}", w.group()),
                json!([{"op": "remove", "path": format!(r#"members[value eq "{id}"]"#)}]),
            )
        }),
        ("members[value eq] added", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{}", w.group()),
                json!([{"op": "add", "path": format!(r#"members[value eq "{id}"].display"#), "value": "x"}]),
            )
        }),
        ("members.$ref", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{}", w.group()),
                json!([{"op": "add", "path": "members", "value": [{"value": id, "$ref": reference(w, id)}]}]),
            )
        }),
        ("id without a path", |w, id| {
            w.us.try_patch(
                &format!("/Groups/{}", w.group()),
                json!([{"op": "replace", "value": {"id": id, "externalId": "E"}}]),
            )
        }),
    ])
}

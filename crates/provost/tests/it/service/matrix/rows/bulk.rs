//! Bulk requests: what a single operation can hold.

use super::{Row, World, group, person, rows};
use crate::service::http::{Answer, ENTERPRISE};
use serde_json::{Value, json};

/// What bulk operations hold, one each.
pub fn all() -> Vec<Row> {
    rows(&[
        ("path of a PUT", |w, id| {
            operations(
                w,
                json!([{"method": "PUT", "path": format!("/Users/{id}"), "data": person(w, json!({}))}]),
            )
        }),
        ("path of a PATCH", |w, id| {
            operations(
                w,
                json!([{"method": "PATCH", "path": format!("/Users/{id}"), "data": {"Operations": [{"op": "replace", "path": "active", "value": false}]}}]),
            )
        }),
        ("path of a PATCH for a group", |w, id| {
            operations(
                w,
                json!([{"method": "PATCH", "path": format!("/Groups/{id}"), "data": {"Operations": [{"op": "remove", "path": "members"}]}}]),
            )
        }),
        ("path of a DELETE", |w, id| {
            operations(
                w,
                json!([{"method": "DELETE", "path": format!("/Users/{id}")}, {"method": "DELETE", "path": format!("/Groups/{id}")}]),
            )
        }),
        ("path with a version", |w, id| {
            operations(
                w,
                json!([{"method": "DELETE", "path": format!("/Users/{id}"), "version": "W/\"1\""}]),
            )
        }),
        ("version", |w, id| {
            operations(
                w,
                json!([{"method": "DELETE", "path": format!("/Users/{}", w.person(0)), "version": format!("W/\"{id}\"")}]),
            )
        }),
        ("data id", |w, id| {
            operations(
                w,
                json!([{"method": "POST", "path": "/Users", "bulkId": "a", "data": person(w, json!({"id": id}))}]),
            )
        }),
        ("data members.value", |w, id| {
            operations(
                w,
                json!([{"method": "POST", "path": "/Groups", "bulkId": "a", "data": group(w, json!({"members": [{"value": id}]}))}]),
            )
        }),
        ("data manager.value", |w, id| {
            operations(
                w,
                json!([{"method": "POST", "path": "/Users", "bulkId": "a", "data": person(w, json!({ENTERPRISE: {"manager": {"value": id}}}))}]),
            )
        }),
        ("bulkId", |w, id| {
            operations(
                w,
                json!([{"method": "POST", "path": "/Users", "bulkId": id, "data": person(w, json!({}))}, {"method": "DELETE", "path": format!("/Users/bulkId:{id}")}]),
            )
        }),
        ("reference to a bulkId", |w, id| {
            operations(
                w,
                json!([{"method": "POST", "path": "/Groups", "bulkId": "a", "data": group(w, json!({"members": [{"value": format!("bulkId:{id}")}]}))}]),
            )
        }),
        ("path of a bulkId", |w, id| {
            operations(
                w,
                json!([{"method": "DELETE", "path": format!("/Users/bulkId:{id}")}]),
            )
        }),
    ])
}

fn operations(w: &World, operations: Value) -> Answer {
    let body =
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    w.us.post("/Bulk", &body)
}

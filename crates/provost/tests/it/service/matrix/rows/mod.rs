//! The table: for each route and method, the places where an id can stand.

mod bulk;
mod group;
mod person;

use super::{Row, Send, World};
use crate::service::http::{Answer, ENTERPRISE, GROUP, USER, encoded};
use serde_json::{Value, json};

/// The rows of a route.
pub fn of(method: &str, path: &str) -> Vec<Row> {
    match (method, path) {
        ("GET" | "HEAD", "/") => rows(&[
            ("filter id", |w, id| found(w, "/", "id", id)),
            ("filter meta.location", |w, id| found_at(w, "/", id)),
        ]),
        ("POST", "/.search") => rows(&[("filter id", |w, id| searched(w, "/.search", "id", id))]),
        ("GET" | "HEAD", "/Users") => rows(&[
            ("filter id", |w, id| found(w, "/Users", "id", id)),
            ("filter manager", |w, id| found(w, "/Users", "manager", id)),
            ("filter groups.value", |w, id| {
                found(w, "/Users", "groups.value", id)
            }),
            ("filter meta.location", |w, id| found_at(w, "/Users", id)),
            ("cursor", |w, id| w.get(&format!("/Users?cursor={id}"))),
        ]),
        ("GET" | "HEAD", "/Groups") => rows(&[
            ("filter id", |w, id| found(w, "/Groups", "id", id)),
            ("filter members", |w, id| found(w, "/Groups", "members", id)),
            ("filter members.value", |w, id| {
                found(w, "/Groups", "members.value", id)
            }),
            ("filter members[]", |w, id| {
                w.get(&format!(
                    "/Groups?filter={}",
                    encoded(&format!(r#"members[value eq "{id}"]"#))
                ))
            }),
            ("filter members.$ref", |w, id| {
                w.get(&format!(
                    "/Groups?filter={}",
                    encoded(&format!(r#"members.$ref co "{id}""#))
                ))
            }),
            ("filter id and members", |w, id| probed(w, &w.group(), id)),
            ("cursor", |w, id| w.get(&format!("/Groups?cursor={id}"))),
        ]),
        ("POST", "/Users/.search") => rows(&[
            ("filter id", |w, id| searched(w, "/Users/.search", "id", id)),
            ("filter manager", |w, id| {
                searched(w, "/Users/.search", "manager", id)
            }),
            ("filter groups", |w, id| {
                searched(w, "/Users/.search", "groups", id)
            }),
            ("cursor", |w, id| {
                w.us.post("/Users/.search", &json!({"cursor": id}))
            }),
        ]),
        ("POST", "/Groups/.search") => rows(&[
            ("filter id", |w, id| searched(w, "/Groups/.search", "id", id)),
            ("filter members", |w, id| {
                searched(w, "/Groups/.search", "members", id)
            }),
        ]),
        ("POST", "/Users") => person::create(),
        ("POST", "/Groups") => group::create(),
        ("GET" | "HEAD", "/Users/{id}") => read("/Users"),
        ("GET" | "HEAD", "/Groups/{id}") => read("/Groups"),
        ("PUT", "/Users/{id}") => person::replace(),
        ("PUT", "/Groups/{id}") => group::replace(),
        ("PATCH", "/Users/{id}") => person::patch(),
        ("PATCH", "/Groups/{id}") => group::patch(),
        ("DELETE", "/Users/{id}") => rows(&[
            ("path", |w, id| w.us.delete(&format!("/Users/{id}"))),
            ("path with If-Match", |w, id| {
                w.us.call("DELETE", &format!("/Users/{id}"), &[("If-Match", "W/\"1\"")], "")
            }),
            ("path with a stale If-Match", |w, id| {
                w.us.call("DELETE", &format!("/Users/{id}"), &[("If-Match", "W/\"99\"")], "")
            }),
            ("If-Match", |w, id| {
                w.us.call(
                    "DELETE",
                    &format!("/Users/{}", w.person(0)),
                    &[("If-Match", &format!("W/\"{id}\""))],
                    "",
                )
            }),
        ]),
        ("DELETE", "/Groups/{id}") => rows(&[
            ("path", |w, id| w.us.delete(&format!("/Groups/{id}"))),
            ("path with If-Match: *", |w, id| {
                w.us.call("DELETE", &format!("/Groups/{id}"), &[("If-Match", "*")], "")
            }),
        ]),
        ("POST", "/Bulk") => bulk::all(),
        ("GET" | "HEAD", "/ServiceProviderConfig") => Vec::new(),
        ("GET" | "HEAD", "/ResourceTypes" | "/Schemas") => {
            rows(&[("filter", |w, id| found(w, "/Schemas", "id", id))])
        }
        ("GET" | "HEAD", "/ResourceTypes/{id}") => {
            rows(&[("path", |w, id| w.get(&format!("/ResourceTypes/{id}")))])
        }
        ("GET" | "HEAD", "/Schemas/{id}") => rows(&[("path", |w, id| w.get(&format!("/Schemas/{id}")))]),
        _ => panic!("{method} {path} has no row: write down where an id can stand in it"),
    }
}

fn rows(all: &[(&'static str, Send)]) -> Vec<Row> {
    all.iter()
        .map(|(place, send)| Row { place, send: *send })
        .collect()
}

fn found(w: &World, endpoint: &str, attribute: &str, id: &str) -> Answer {
    w.get(&format!(
        "{endpoint}?filter={}",
        encoded(&format!(r#"{attribute} eq "{id}""#))
    ))
}

fn found_at(w: &World, endpoint: &str, id: &str) -> Answer {
    let filter = format!(r#"meta.location eq "http://{}/scim/v2/Users/{id}""#, w.us.host());
    w.get(&format!("{endpoint}?filter={}", encoded(&filter)))
}

fn searched(w: &World, endpoint: &str, attribute: &str, id: &str) -> Answer {
    w.us.post(endpoint, &json!({"filter": format!(r#"{attribute} eq "{id}""#)}))
}

fn probed(w: &World, group: &str, id: &str) -> Answer {
    w.get(&format!(
        "/Groups?filter={}&attributes=id",
        encoded(&format!(r#"id eq "{group}" and members eq "{id}""#))
    ))
}

fn person(w: &World, more: Value) -> Value {
    merged(
        json!({"schemas": [USER, ENTERPRISE], "userName": format!("{}@contoso.example", w.name())}),
        more,
    )
}

fn group(w: &World, more: Value) -> Value {
    merged(json!({"schemas": [GROUP], "displayName": w.name()}), more)
}

fn merged(mut body: Value, more: Value) -> Value {
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

fn reference(w: &World, id: &str) -> String {
    format!("http://{}/scim/v2/Users/{id}", w.us.host())
}

fn read(endpoint: &'static str) -> Vec<Row> {
    if endpoint == "/Users" {
        rows(&[
            ("path", |w, id| w.get(&format!("/Users/{id}"))),
            ("path with If-None-Match", |w, id| {
                w.read(&format!("/Users/{id}"), &[("If-None-Match", "W/\"1\"")], "")
            }),
            ("path with attributes", |w, id| {
                w.get(&format!("/Users/{id}?attributes=userName"))
            }),
            ("path with a filter", |w, id| {
                w.get(&format!("/Users/{id}?filter=userName%20pr"))
            }),
            ("If-None-Match", |w, id| {
                w.read(
                    &format!("/Users/{}", w.person(0)),
                    &[("If-None-Match", &format!("W/\"{id}\""))],
                    "",
                )
            }),
        ])
    } else {
        rows(&[
            ("path", |w, id| w.get(&format!("/Groups/{id}"))),
            ("path without members", |w, id| {
                w.get(&format!("/Groups/{id}?excludedAttributes=members"))
            }),
            ("path with If-None-Match: *", |w, id| {
                w.read(&format!("/Groups/{id}"), &[("If-None-Match", "*")], "")
            }),
        ])
    }
}

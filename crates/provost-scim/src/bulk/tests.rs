//! A small server that keeps state carries out the calls, so that a test sees what a client would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod circles;
mod frame;
mod order;
mod property;
mod references;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::leniency::Leniency;
use crate::patch::{self, MemberChange};
use crate::schema::{ENTERPRISE_USER, PATCH_OP, group, user};

const BASE: &str = "https://hub.contoso.example/scim/v2";

/// What was made of the calls.
#[derive(Default)]
struct World {
    /// By path, `/Users/1`: the body, with whatever was patched in.
    resources: BTreeMap<String, Value>,
    /// `POST /Users`, in order.
    calls: Vec<String>,
    created: usize,
    /// Bodies with this attribute missing are refused.
    required: Option<&'static str>,
    /// Bodies with this `userName` or `displayName` are refused, and so are changes below this path.
    refused: Vec<String>,
}

impl World {
    fn carry_out(&mut self, call: &Call) -> Answer {
        self.calls.push(format!("{} {}", call.method, call.path));
        let text = format!("{} {}", call.path, call.data);
        assert!(!text.contains("bulkId:"), "a name was left in {text}");
        assert_eq!(call.data.is_null(), call.method == Method::Delete);
        match self.change(call) {
            Ok(path) => Answer {
                status: if call.method == Method::Post { 201 } else { 200 },
                location: Some(format!("{BASE}{path}")),
                version: Some(format!("W/\"{}\"", self.calls.len())),
                ..Answer::default()
            },
            Err(error) => {
                let on_a_resource = call.method != Method::Post;
                Answer {
                    location: on_a_resource.then(|| format!("{BASE}{}", call.path)),
                    ..Answer::from(&error)
                }
            }
        }
    }

    fn change(&mut self, call: &Call) -> Result<String> {
        let names = ["userName", "displayName"].map(|name| call.data[name].as_str().unwrap_or_default());
        let refused = |refused: &String| *refused == call.path || names.contains(&refused.as_str());
        if self.refused.iter().any(refused) {
            return Err(Error::uniqueness("the name is taken"));
        }
        for id in ids(&call.data) {
            let exists = self
                .resources
                .keys()
                .any(|path| path.rsplit('/').next() == Some(id.as_str()));
            assert!(exists, "{id} is used before it exists");
        }
        match call.method {
            Method::Post => self.create(call),
            Method::Put => {
                self.resources.insert(call.path.clone(), call.data.clone());
                Ok(call.path.clone())
            }
            Method::Patch => self.patch(call),
            Method::Delete => {
                self.resources.remove(&call.path);
                Ok(call.path.clone())
            }
        }
    }

    fn create(&mut self, call: &Call) -> Result<String> {
        if let Some(required) = self.required.filter(|name| call.data.get(name).is_none()) {
            return Err(Error::invalid_value(format!("{required} is required")));
        }
        self.created += 1;
        let path = format!("{}/{}", call.path, self.created);
        self.resources.insert(path.clone(), call.data.clone());
        Ok(path)
    }

    /// By the crate's own PATCH, strictly: what a run makes up has to be exactly what the RFC describes.
    fn patch(&mut self, call: &Call) -> Result<String> {
        let Some(resource) = self.resources.get_mut(&call.path) else {
            return Err(Error::not_found("there is no such resource"));
        };
        let rt = if call.path.starts_with("/Groups") {
            group()
        } else {
            user()
        };
        let mut document = resource.as_object().cloned().unwrap();
        let mut members = document.remove("members").unwrap_or(json!([]));
        document.remove("schemas");
        let request = patch::parse(rt, call.data.clone(), &Leniency::strict())?;
        let outcome = patch::apply(
            rt,
            &document,
            &request,
            &Leniency::strict(),
            &mut Habits::default(),
        )?;
        for change in outcome.members {
            let MemberChange::Add(added) = change else {
                panic!("only additions are expected: {change:?}")
            };
            let list = members.as_array_mut().unwrap();
            list.extend(added.into_iter().map(|member| json!({"value": member.value})));
        }
        let mut document = Value::Object(outcome.document);
        if rt.name == "Group" {
            document["members"] = members;
        }
        *resource = document;
        Ok(call.path.clone())
    }

    fn run(&mut self, mut run: Run) -> Vec<Value> {
        while let Some(call) = run.next() {
            let answer = self.carry_out(&call);
            run.record(call.index, answer);
        }
        let response = run.finish();
        assert_eq!(
            response["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"])
        );
        response["Operations"].as_array().unwrap().clone()
    }
}

/// Every id that a body refers to.
fn ids(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(ids).collect(),
        Value::Object(map) => {
            let here = map.get("value").and_then(Value::as_str).map(str::to_owned);
            here.into_iter().chain(map.values().flat_map(ids)).collect()
        }
        _ => Vec::new(),
    }
}

fn request(operations: &[Value]) -> Request {
    let count = operations.len();
    parse(
        json!({"schemas": [BULK_REQUEST], "Operations": operations}),
        count,
    )
    .unwrap()
}

fn run_in(world: &mut World, operations: &[Value]) -> Vec<Value> {
    world.run(Run::new(request(operations)).below(BASE))
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results
        .iter()
        .map(|result| result["status"].as_str().unwrap())
        .collect()
}

fn detail(result: &Value) -> &str {
    result["response"]["detail"].as_str().unwrap_or_default()
}

fn person(name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}})
}

fn person_with_manager(name: &str, manager: &str) -> Value {
    let manager = json!({"value": format!("bulkId:{manager}")});
    json!({"method": "POST", "path": "/Users", "bulkId": name,
           "data": {"userName": name, ENTERPRISE_USER: {"manager": manager, "department": "Field"}}})
}

fn group_of(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members
        .iter()
        .map(|member| json!({"value": format!("bulkId:{member}")}))
        .collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": name,
           "data": {"displayName": name, "members": members}})
}

fn patch_of(path: &str, operation: Value) -> Value {
    json!({"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": [operation]}})
}

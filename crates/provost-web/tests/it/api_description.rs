//! `GET /api/v1/openapi.json` and the reference page: both name every route, with what it asks, takes and answers.

use crate::described;
use crate::harness::{Answer, Server, both};
use provost_web::policy::Policy;
use provost_web::{Settings, State, declared};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

const PAGE: &str = include_str!("../../../../docs/reference/api.md");

/// Every route of the interface that a token opens: method, path, scope.
fn routes(server: &Server) -> Vec<(String, &'static str, &'static str)> {
    let state = State::new(server.db.clone(), Settings::default(), Arc::clone(&server.key));
    let all = declared(&state).into_iter();
    let own = all.filter(|one| one.path.starts_with("/api/v1"));
    own.filter_map(|one| match one.policy {
        Policy::Token(act) => {
            let method = one
                .method
                .unwrap_or_else(|| panic!("{} takes every method", one.path));
            let scope = act
                .scope()
                .unwrap_or_else(|| panic!("{} asks for what no token may", one.path));
            Some((method.to_string(), one.path, scope.as_str()))
        }
        Policy::Public(reason) => {
            assert!(!reason.is_empty(), "{} is public without a reason", one.path);
            None
        }
        other => panic!("{} asks for {other:?}", one.path),
    })
    .collect()
}

both! {
    async fn every_route_is_described_with_its_scope_parameters_body_and_answers(server) {
        let document = described::document(&server.address).await;
        assert_eq!(document["openapi"], "3.1.0");
        let mut names = BTreeSet::new();
        let mut described = 0;
        for (method, path, scope) in routes(server) {
            let operation = &document["paths"][path][method.to_lowercase()];
            let place = format!("{method} {path}");
            assert_eq!(operation["security"][0]["token"][0], scope, "{place}");
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{place}: its name is taken");
            for part in ["summary", "tags"] {
                assert!(!operation[part].is_null(), "{place} has no {part}");
            }
            let parameters = operation["parameters"].as_array().unwrap();
            for parameter in parameters {
                assert!(parameter["description"].is_string(), "{place}: {parameter}");
            }
            let in_path = parameters.iter().filter(|one| one["in"] == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{place}");
            let has = |name: &str| parameters.iter().any(|one| one["name"] == name);
            assert_eq!(has("Idempotency-Key"), method == "POST", "{place}");
            let takes = matches!(method.as_str(), "PUT" | "PATCH");
            assert!(!takes || operation["requestBody"]["content"]["application/json"]["schema"].is_object(), "{place}");
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.keys().any(|status| status.starts_with('2')), "{place} has no answer");
            assert_eq!(answers.contains_key("412"), has("If-Match"), "{place}");
            described += 1;
        }
        assert!(described > 120, "{described}");
        let all = document["paths"].as_object().unwrap();
        let told: usize = all.values().map(|methods| methods.as_object().unwrap().len()).sum();
        assert_eq!(told, described, "something is described that is not there");
    }

    async fn every_list_can_be_paged_and_says_where_it_goes_on(server) {
        let document = described::document(&server.address).await;
        for (path, methods) in document["paths"].as_object().unwrap() {
            let get = &methods["get"];
            let Some(reference) = get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str() else {
                continue;
            };
            let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
            if schema["properties"]["next"].is_null() {
                continue;
            }
            for name in ["after", "limit"] {
                let named = get["parameters"].as_array().unwrap().iter().any(|one| one["name"] == name);
                assert!(named, "GET {path} answers `next` and takes no `{name}`");
            }
        }
    }

    async fn every_reference_of_the_description_leads_somewhere(server) {
        fn walk(document: &Value, value: &Value) {
            match value {
                Value::Object(fields) => {
                    if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                        let place = reference.strip_prefix('#').unwrap();
                        assert!(document.pointer(place).is_some(), "{reference}");
                    }
                    fields.values().for_each(|value| walk(document, value));
                }
                Value::Array(items) => items.iter().for_each(|value| walk(document, value)),
                _ => {}
            }
        }
        let document = described::document(&server.address).await;
        walk(document, document);
        let answer = Answer::of(server.request("GET", "/api/v1/openapi.json")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    }

    async fn the_reference_page_has_every_route_with_its_scope(server) {
        let rows: BTreeSet<String> = PAGE
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .filter_map(|line| {
                let (route, rest) = line.split_once("` | ")?;
                let (scope, _) = rest.split_once(" |")?;
                route.contains(" /api/v1/").then(|| format!("{route} {scope}"))
            })
            .collect();
        let routes: BTreeSet<String> =
            routes(server).into_iter().map(|(method, path, scope)| format!("{method} {path} {scope}")).collect();
        let missing: Vec<_> = routes.difference(&rows).collect();
        let gone: Vec<_> = rows.difference(&routes).collect();
        assert!(missing.is_empty() && gone.is_empty(), "not on the page: {missing:#?}\nnot there any more: {gone:#?}");
    }
}

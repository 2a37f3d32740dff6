//! Holds every answer of the interface to what `/api/v1/openapi.json` says of it: the status, the media type, each field
//! that must be there, and no field that is not described.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};
use tokio::sync::OnceCell;

/// Where the description stands; it does not describe itself.
const DESCRIPTION: &str = "/api/v1/openapi.json";

static DOCUMENT: OnceCell<Value> = OnceCell::const_new();
static VALIDATORS: OnceLock<Mutex<HashMap<String, Validator>>> = OnceLock::new();

/// The description, as a server at this address tells it.
pub async fn document(address: &str) -> &'static Value {
    let read = || async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client
            .get(format!("{address}{DESCRIPTION}"))
            .send()
            .await
            .unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    };
    DOCUMENT.get_or_init(read).await
}

/// An answer that came.
pub struct Came<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub status: u16,
    pub kind: &'a str,
    pub text: &'a str,
}

/// Compares an answer with its description. Addresses and methods that are not described are answered so by design.
pub fn check(document: &Value, came: &Came) {
    if came.path == DESCRIPTION {
        return;
    }
    let place = format!("{} {} -> {}", came.method, came.path, came.status);
    let Some(path) = template(document, came.path) else {
        assert!(came.status >= 400, "{place} is not described");
        return;
    };
    let operation = &document["paths"][&path][came.method.to_lowercase()];
    if operation.is_null() {
        assert_eq!(came.status, 405, "{place} is not described");
        return;
    }
    let responses = &operation["responses"];
    let mut response = &responses[came.status.to_string()];
    if response.is_null() {
        assert!(came.status >= 400, "{place}: this status is not described");
        response = &responses["default"];
    }
    if let Some(reference) = response["$ref"].as_str() {
        response = document.pointer(reference.trim_start_matches('#')).unwrap();
    }
    let Some(content) = response["content"].as_object() else {
        assert_eq!(came.text, "", "{place} is described without a body");
        return;
    };
    let (kind, content) = content.iter().next().unwrap();
    assert!(
        came.kind.starts_with(kind.as_str()),
        "{place}: {} is no {kind}",
        came.kind
    );
    let body: Value = serde_json::from_str(came.text).unwrap();
    validate(document, &content["schema"], &body, &place);
}

/// Validates a body; a field that is not described is a fault.
pub fn validate(document: &Value, schema: &Value, body: &Value, place: &str) {
    let mut all = VALIDATORS
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(|broken| broken.into_inner());
    let validator = all.entry(schema.to_string()).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["components"] = document["components"].clone();
        close(&mut whole);
        jsonschema::draft202012::new(&whole).unwrap()
    });
    let faults: Vec<String> = validator
        .iter_errors(body)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "{place} is not as described:\n{}\n{body}",
        faults.join("\n")
    );
}

/// Refuses fields that a schema does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) && fields.contains_key("type") {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The described path that an address is meant by; words stand over parts in braces.
fn template(document: &Value, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |template: &&String| {
        let own: Vec<&str> = template.split('/').collect();
        own.len() == parts.len()
            && own
                .iter()
                .zip(&parts)
                .all(|(own, part)| own.starts_with('{') || own == part)
    };
    let fitting = document["paths"].as_object()?.keys().filter(fits);
    fitting
        .min_by_key(|template| template.matches('{').count())
        .cloned()
}

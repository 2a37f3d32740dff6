//! What of a request and its answer is shown in a report. Nothing about people and groups that are
//! not ours, no password, no credential, nothing long.

use serde_json::{Map, Value, json};

use super::call::Body;
use super::reply::Reply;
use super::sample::MARK;
use crate::Secret;
use crate::error::quote;

/// The longest JSON that is shown whole, in bytes.
const LIMIT: usize = 4000;

/// A request's body.
pub(super) fn sent(body: Option<&Body>) -> Option<Value> {
    Some(match body? {
        Body::Text(text) => Value::from(*text),
        Body::Json(body) => bounded(&without_password(body)),
    })
}

/// An answer's body.
pub(super) fn answered(reply: &Reply, secret: &Secret) -> Option<Value> {
    let shown = match &reply.body {
        Some(body) => bounded(&without_password(&ours(body))),
        None if reply.text.is_empty() => return None,
        None => Value::from(quote(&reply.text)),
    };
    Some(without_secret(shown, secret.expose().trim()))
}

/// The same without what is not ours: a list keeps its counts, another one's resource its id.
fn ours(body: &Value) -> Value {
    let Some(object) = body.as_object() else {
        return json!("JSON that is not an object");
    };
    if let Some(Value::Array(resources)) = object.get("Resources") {
        let mut list = object.clone();
        let described = resources.iter().map(|one| match is_strange(one) {
            true => json!({"id": one.get("id"), "…": "not made by the self-test"}),
            false => one.clone(),
        });
        list.insert("Resources".to_owned(), described.collect());
        return Value::Object(list);
    }
    match is_strange(body) {
        true => json!({"id": object.get("id"), "…": "not made by the self-test"}),
        false => body.clone(),
    }
}

/// A person or group without our mark in its name.
fn is_strange(resource: &Value) -> bool {
    let names = ["userName", "displayName", "externalId"].map(|name| resource.get(name));
    let mut texts = names.iter().flatten().filter_map(|name| name.as_str()).peekable();
    let named = texts.peek().is_some() || resource.get("emails").is_some() || resource.get("name").is_some();
    // Discovery documents have a name too, and an id or schema that says what they are.
    let published = resource
        .get("schemas")
        .and_then(Value::as_array)
        .is_some_and(|urns| urns.iter().any(is_about_protocol));
    named && !published && !texts.any(|text| text.to_ascii_lowercase().contains(MARK))
}

fn is_about_protocol(urn: &Value) -> bool {
    urn.as_str().is_some_and(|urn| {
        [":Schema", ":ResourceType", ":ServiceProviderConfig", ":Error"]
            .iter()
            .any(|end| urn.ends_with(end))
    })
}

fn without_password(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| {
                let value = match (name.eq_ignore_ascii_case("password"), value) {
                    (true, Value::String(_)) => json!("…"),
                    (_, value) => without_password(value),
                };
                (name.clone(), value)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(without_password).collect(),
        other => other.clone(),
    }
}

/// A server that repeats the credential does not make us repeat it.
fn without_secret(value: Value, secret: &str) -> Value {
    if secret.is_empty() || !value.to_string().contains(secret) {
        return value;
    }
    json!("left out: the answer holds the credential")
}

fn bounded(value: &Value) -> Value {
    let text = value.to_string();
    if text.len() <= LIMIT {
        return value.clone();
    }
    let cut: String = text.chars().take(LIMIT).collect();
    Value::from(format!("{cut}… ({} bytes)", text.len()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn reply(body: Value) -> Reply {
        Reply {
            status: 200,
            body: Some(body),
            ..Reply::default()
        }
    }

    #[test]
    fn nothing_of_other_people_is_shown() {
        let list = json!({"totalResults": 2, "Resources": [
            {"id": "7", "userName": "ada@contoso.example", "title": "Chief"},
            {"id": "8", "userName": "provost-self-test-1-1@contoso.example", "title": "Ours"}]});
        let shown = answered(&reply(list), &Secret::new("t0ken")).unwrap();
        assert_eq!(shown["totalResults"], 2);
        assert_eq!(shown["Resources"][1]["title"], "Ours");
        assert!(!shown.to_string().contains("ada") && !shown.to_string().contains("Chief"));
        let one = json!({"id": "7", "name": {"givenName": "Ada"}});
        assert!(
            !answered(&reply(one), &Secret::new("t0ken"))
                .unwrap()
                .to_string()
                .contains("Ada")
        );
    }

    #[test]
    fn discovery_and_errors_are_shown() {
        let schema = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": "urn:x", "name": "User"});
        assert_eq!(
            answered(&reply(schema.clone()), &Secret::new("t0ken")).unwrap(),
            schema
        );
        let error = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "no"});
        assert_eq!(
            answered(&reply(error.clone()), &Secret::new("t0ken")).unwrap(),
            error
        );
    }

    #[test]
    fn passwords_and_the_credential_stay_out() {
        let sent = sent(Some(&Body::Json(
            json!({"Operations": [{"value": {"Password": "canary"}}]}),
        )))
        .unwrap();
        assert!(!sent.to_string().contains("canary"));
        let echo = json!({"detail": "unknown token t0ken-canary"});
        let shown = answered(&reply(echo), &Secret::new("t0ken-canary")).unwrap();
        assert!(!shown.to_string().contains("canary"));
    }

    #[test]
    fn long_bodies_are_cut() {
        let long = json!({"detail": "x".repeat(100_000)});
        let shown = answered(&reply(long), &Secret::new("t0ken")).unwrap();
        assert!(shown.to_string().len() < LIMIT + 100);
    }
}

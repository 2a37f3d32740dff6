//! Between records (attribute paths to values) and Graph's JSON objects.

use serde_json::{Map, Value, json};

use super::password;
use crate::{Account, Kind, Record, Result};

/// Attributes that never go into a body: the service sets them or another request does.
const NOT_IN_BODY: [&str; 4] = ["id", "manager", "uniqueName", "@odata.type"];
/// Collections, which are emptied with `[]` because null is refused.
const COLLECTIONS: [&str; 2] = ["businessPhones", "otherMails"];

/// The body of a create. Attributes without a value are left out.
pub(crate) fn create_body(kind: Kind, key: &str, record: &Record) -> Result<Value> {
    let mut body = Map::new();
    for (path, value) in record {
        if !value.is_null() && !NOT_IN_BODY.contains(&path.as_str()) {
            put(&mut body, path, value.clone());
        }
    }
    match kind {
        Kind::Person => complete_person(&mut body)?,
        Kind::Group => complete_group(&mut body, key),
    }
    Ok(Value::Object(body))
}

/// An account needs a password at birth; when no rule makes one, a random one is sent and
/// forgotten.
fn complete_person(body: &mut Map<String, Value>) -> Result<()> {
    body.entry("accountEnabled").or_insert(Value::Bool(true));
    let profile = body.entry("passwordProfile").or_insert_with(|| json!({}));
    if let Value::Object(profile) = profile {
        if !profile.get("password").is_some_and(Value::is_string) {
            profile.insert("password".to_owned(), Value::String(password::generate()?));
        }
        profile
            .entry("forceChangePasswordNextSignIn")
            .or_insert(Value::Bool(true));
    }
    Ok(())
}

/// A group is a security group unless the rule says otherwise; its nickname comes from the key,
/// because a display name may hold characters that a nickname may not.
fn complete_group(body: &mut Map<String, Value>, key: &str) {
    let unified = body
        .get("groupTypes")
        .and_then(Value::as_array)
        .is_some_and(|types| types.iter().any(|t| t == "Unified"));
    body.entry("mailEnabled").or_insert(Value::Bool(unified));
    body.entry("securityEnabled").or_insert(Value::Bool(!unified));
    body.entry("mailNickname").or_insert_with(|| {
        let nickname = unique_name(key).replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "-");
        Value::String(nickname.chars().take(64).collect())
    });
}

/// The alternate key under which a group is made and found again.
pub(crate) fn unique_name(key: &str) -> String {
    format!("provost-{key}")
}

/// The bodies of an update: the password travels alone, because a refusal of it would take the
/// other changes with it.
pub(crate) fn update_bodies(changes: &Record) -> Vec<Value> {
    let (mut body, mut secret) = (Map::new(), Map::new());
    for (path, value) in changes {
        let path = path.as_str();
        if NOT_IN_BODY.contains(&path) || (path == "usageLocation" && value.is_null()) {
            continue;
        }
        let into = if path.starts_with("passwordProfile") {
            &mut secret
        } else {
            &mut body
        };
        let empty = value.is_null() && COLLECTIONS.contains(&path);
        put(into, path, if empty { json!([]) } else { value.clone() });
    }
    [body, secret]
        .into_iter()
        .filter(|body| !body.is_empty())
        .map(Value::Object)
        .collect()
}

/// Puts a value at a dotted path.
fn put(body: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        // Open-type extension names hold no dot; every dot separates.
        Some((head, rest)) => {
            let inner = body.entry(head).or_insert_with(|| json!({}));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
        None => {
            body.insert(path.to_owned(), value);
        }
    }
}

/// The account in an answer, with those of `attributes` that have a value. `None` without an id.
pub(crate) fn account(body: &Value, attributes: &[String]) -> Option<Account> {
    let id = body.get("id")?.as_str()?.to_owned();
    let mut record = Record::new();
    for path in attributes {
        if let Some(value) = at(body, path).filter(|value| !value.is_null()) {
            record.insert(path.clone(), value.clone());
        }
    }
    Some(Account {
        id,
        record,
        enabled: body.get("accountEnabled").and_then(Value::as_bool),
    })
}

/// The value at a dotted path.
pub(crate) fn at<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(body, |value, name| value.get(name))
}

/// Brings values into the form in which Graph shows them.
pub(crate) fn normalize(kind: Kind, record: &mut Record) {
    for (path, value) in record.iter_mut() {
        if value.as_str().is_some_and(str::is_empty) {
            // Graph refuses "" and never shows it: an empty text is no value.
            *value = Value::Null;
        }
        match path.as_str() {
            "accountEnabled" | "mailEnabled" | "securityEnabled" | "showInAddressList" => {
                to_bool(value);
            }
            "usageLocation" => {
                if let Value::String(text) = value {
                    *text = text.trim().to_ascii_uppercase();
                }
            }
            "businessPhones" => to_list(value, 1),
            "otherMails" => to_list(value, 250),
            _ => {}
        }
    }
    if kind == Kind::Person && record.get("usageLocation").is_some_and(Value::is_null) {
        // It cannot be cleared (Microsoft Graph, user resource type): nothing to write.
        record.remove("usageLocation");
    }
}

fn to_bool(value: &mut Value) {
    if let Some(text) = value.as_str() {
        match text.to_ascii_lowercase().as_str() {
            "true" => *value = Value::Bool(true),
            "false" => *value = Value::Bool(false),
            _ => {}
        }
    }
}

fn to_list(value: &mut Value, most: usize) {
    let mut list = match value.take() {
        Value::Null => Vec::new(),
        Value::Array(list) => list,
        single => vec![single],
    };
    list.retain(|item| !item.is_null() && item.as_str() != Some(""));
    list.truncate(most);
    *value = Value::Array(list);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn record(value: Value) -> Record {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_person_gets_a_password_and_dotted_paths_nest() {
        let record = record(json!({
            "displayName": "Ada Byron", "surname": null, "manager": "x", "id": "y",
            "onPremisesExtensionAttributes.extensionAttribute1": "a",
            "onPremisesExtensionAttributes.extensionAttribute2": "b",
        }));
        let body = create_body(Kind::Person, "k", &record).unwrap();
        assert_eq!(
            body["onPremisesExtensionAttributes"],
            json!({"extensionAttribute1": "a", "extensionAttribute2": "b"})
        );
        assert!(body["passwordProfile"]["password"].as_str().unwrap().len() >= 24);
        assert_eq!(body["accountEnabled"], true);
        for absent in ["surname", "manager", "id"] {
            assert!(body.get(absent).is_none(), "{absent}");
        }
    }

    #[test]
    fn a_given_password_is_kept() {
        let record = record(
            json!({"passwordProfile": {"password": "Winter-2026-mead", "forceChangePasswordNextSignIn": false}}),
        );
        let body = create_body(Kind::Person, "k", &record).unwrap();
        assert_eq!(body["passwordProfile"], record["passwordProfile"]);
    }

    #[test]
    fn a_group_is_a_security_group_unless_unified() {
        let body = create_body(Kind::Group, "01J9/é", &record(json!({"displayName": "Crew"}))).unwrap();
        assert_eq!(
            body,
            json!({"displayName": "Crew", "mailEnabled": false, "securityEnabled": true, "mailNickname": "provost-01J9--"})
        );
        let body = create_body(
            Kind::Group,
            "k",
            &record(json!({"groupTypes": ["Unified"], "mailNickname": "crew"})),
        )
        .unwrap();
        assert_eq!(body["mailEnabled"], true);
        assert_eq!(body["mailNickname"], "crew");
    }

    #[test]
    fn the_password_travels_alone_and_collections_are_emptied() {
        let bodies = update_bodies(&record(json!({
            "jobTitle": null, "businessPhones": null, "usageLocation": null,
            "passwordProfile.password": "p", "manager": "m"})));
        assert_eq!(
            bodies,
            [
                json!({"jobTitle": null, "businessPhones": []}),
                json!({"passwordProfile": {"password": "p"}})
            ]
        );
        assert!(update_bodies(&record(json!({"usageLocation": null}))).is_empty());
    }

    #[test]
    fn normal_form_is_what_graph_shows_and_stays() {
        let mut values = record(json!({
            "usageLocation": " no", "businessPhones": "+47 1", "otherMails": null, "city": "",
            "accountEnabled": "False"}));
        normalize(Kind::Person, &mut values);
        let wanted = record(json!({
            "usageLocation": "NO", "businessPhones": ["+47 1"], "otherMails": [], "city": null,
            "accountEnabled": false}));
        assert_eq!(values, wanted);
        normalize(Kind::Person, &mut values);
        assert_eq!(values, wanted);
        let mut cleared = record(json!({"usageLocation": ""}));
        normalize(Kind::Person, &mut cleared);
        assert!(cleared.is_empty());
    }
}

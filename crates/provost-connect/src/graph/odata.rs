//! Building Graph addresses: the only place where values are put into a path or a query.

use serde_json::Value;

use crate::Kind;

/// Percent-encodes everything but letters, digits and `*-._`.
pub(crate) fn encode(text: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    // The form encoding writes a space as `+`, which paths and OData take literally.
    encoded.replace('+', "%20")
}

/// `/users` or `/groups`.
pub(crate) fn collection(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "/users",
        Kind::Group => "/groups",
    }
}

/// `/users/{id}` or `/groups/{id}`.
pub(crate) fn object(kind: Kind, id: &str) -> String {
    format!("{}/{}", collection(kind), encode(id))
}

/// `/groups(uniqueName='…')`, the alternate key that makes a create repeatable.
pub(crate) fn group_by_unique_name(unique_name: &str) -> String {
    format!(
        "/groups(uniqueName='{}')",
        encode(&unique_name.replace('\'', "''"))
    )
}

/// Members of a group to read or to post references to.
pub(crate) fn members(group: &str) -> String {
    format!("{}/members", object(Kind::Group, group))
}

/// The *membership* of a member. Without the `/$ref` at the end a DELETE would delete the member
/// itself from the tenant (Microsoft Graph, "Remove member"): no other place builds this address.
pub(crate) fn membership(group: &str, member: &str) -> String {
    format!("{}/{}/$ref", members(group), encode(member))
}

/// The reference to a person's manager. The same trap as in [`membership`].
pub(crate) fn manager(person: &str) -> String {
    format!("{}/manager/$ref", object(Kind::Person, person))
}

/// A literal of `$filter`: quotes are doubled, other types are written as they are.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Attributes that hold several values and are asked with `any`.
const COLLECTIONS: [&str; 4] = ["businessPhones", "otherMails", "proxyAddresses", "imAddresses"];

/// `attribute eq value`, percent-encoded for a query; `None` when that cannot be asked.
pub(crate) fn equals(attribute: &str, value: &Value) -> Option<String> {
    if !is_attribute(attribute) {
        return None;
    }
    let literal = literal(value)?;
    let path = attribute.replace('.', "/");
    let filter = if COLLECTIONS.contains(&attribute) {
        format!("{path}/any(x:x eq {literal})")
    } else {
        format!("{path} eq {literal}")
    };
    Some(encode(&filter))
}

/// Whether a name can be a Graph attribute: words of letters, digits and `_` joined by dots.
pub(crate) fn is_attribute(name: &str) -> bool {
    name.split('.').all(|word| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// `$select` over the top-level names of `attributes`, plus `always`; what cannot be read is left
/// out. A property of an object is not selectable by itself, so its object is.
pub(crate) fn select(attributes: &[String], always: &[&str]) -> String {
    let mut names: Vec<&str> = always.to_vec();
    for attribute in attributes {
        let top = attribute.split('.').next().unwrap_or(attribute);
        let readable = !matches!(top, "manager" | "passwordProfile" | "password");
        if readable && is_attribute(top) && !names.contains(&top) {
            names.push(top);
        }
    }
    names.join(",")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_membership_address_always_ends_in_ref() {
        for (group, member) in [
            ("g", "m"),
            ("g/../x", "m/"),
            ("", ""),
            ("g?", "m#"),
            ("g", "m/$ref"),
        ] {
            let path = membership(group, member);
            assert!(path.ends_with("/$ref"), "{path}");
            assert_eq!(path.matches('/').count(), 5, "{path}");
            assert!(!path.contains(['?', '#']), "{path}");
        }
        assert_eq!(membership("a1", "b2"), "/groups/a1/members/b2/$ref");
        assert_eq!(manager("a1"), "/users/a1/manager/$ref");
    }

    #[test]
    fn filters_are_quoted_and_encoded() {
        let filter = |attribute: &str, value: Value| equals(attribute, &value);
        assert_eq!(
            filter("userPrincipalName", json!("o'neil+a&b@contoso.example")).unwrap(),
            "userPrincipalName%20eq%20%27o%27%27neil%2Ba%26b%40contoso.example%27"
        );
        assert_eq!(
            filter("accountEnabled", json!(true)).unwrap(),
            "accountEnabled%20eq%20true"
        );
        assert!(
            filter("otherMails", json!("a"))
                .unwrap()
                .starts_with("otherMails%2Fany")
        );
        assert_eq!(filter("x eq 1 or y", json!("a")), None);
        assert_eq!(filter("mail", json!(null)), None);
    }

    #[test]
    fn select_names_each_object_once_and_no_write_only_property() {
        let attributes = [
            "onPremisesExtensionAttributes.extensionAttribute1",
            "onPremisesExtensionAttributes.extensionAttribute2",
            "manager",
            "passwordProfile.password",
            "id",
        ]
        .map(str::to_owned);
        assert_eq!(select(&attributes, &["id"]), "id,onPremisesExtensionAttributes");
    }
}

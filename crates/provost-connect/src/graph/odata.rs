//! Building Graph addresses: the only place where values are put into a path or a query.

use serde_json::Value;

use crate::error::quote;
use crate::{Error, Kind, Result};

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

/// Owners of a group to read or to post references to.
pub(crate) fn owners(group: &str) -> String {
    format!("{}/owners", object(Kind::Group, group))
}

/// The *membership* of a member, to be ended.
pub(crate) fn membership(group: &str, member: &str) -> Result<String> {
    reference(Kind::Group, group, "members", Some(member))
}

/// The *ownership* of an owner, to be ended.
pub(crate) fn ownership(group: &str, owner: &str) -> Result<String> {
    reference(Kind::Group, group, "owners", Some(owner))
}

/// The reference to a person's manager.
pub(crate) fn manager(person: &str) -> Result<String> {
    reference(Kind::Person, person, "manager", None)
}

/// The address of a reference between two objects. Without the `/$ref` at its end a DELETE would
/// delete the object at the other end from the tenant (Microsoft Graph, "Remove member"); an id
/// that is empty, a dot or two would change which object it names. So this is the only place that
/// builds such an address, and it takes nothing but ids.
fn reference(kind: Kind, from: &str, relation: &str, to: Option<&str>) -> Result<String> {
    let start = format!("{}/{}/{relation}", collection(kind), id(from)?);
    Ok(match to {
        Some(to) => format!("{start}/{}/$ref", id(to)?),
        None => format!("{start}/$ref"),
    })
}

/// An object to be deleted.
pub(crate) fn deletable(kind: Kind, target: &str) -> Result<String> {
    Ok(format!("{}/{}", collection(kind), id(target)?))
}

/// An object in the bin.
pub(crate) fn binned(target: &str) -> Result<String> {
    Ok(format!("/directory/deletedItems/{}", id(target)?))
}

/// An id as Graph makes them: letters, digits and hyphens.
fn id(text: &str) -> Result<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !text.is_empty() && text.len() <= 128 && text.chars().all(plain) {
        return Ok(text);
    }
    Err(Error::Rejected {
        operation: "addressing an object".to_owned(),
        reason: format!("`{}` is not an id of Microsoft 365", quote(text)),
        attribute: None,
    })
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

    proptest::proptest! {
        /// Whatever comes as an id: the address is refused, or names the reference, in a URL too.
        #[test]
        fn a_reference_never_names_the_object(
            group in r"(\.{0,3}|[a-z0-9-]{1,9}|[/?#%$.\\ 0-9a-zA-Z'(]{0,12}|\PC{0,8}|%2[eEfF]{1,2})",
            member in r"(\.{0,3}|[a-z0-9-]{1,9}|[/?#%$.\\ 0-9a-zA-Z'(]{0,12}|\PC{0,8}|%2[eEfF]{1,2})",
        ) {
            let addresses = [membership(&group, &member), ownership(&group, &member), manager(&group)];
            for address in addresses.into_iter().flatten() {
                let url = url::Url::parse(&format!("https://graph.microsoft.com/v1.0{address}")).unwrap();
                proptest::prop_assert_eq!(url.path(), format!("/v1.0{address}"));
                let parts: Vec<&str> = address.split('/').collect();
                proptest::prop_assert_eq!(parts.last(), Some(&"$ref"));
                proptest::prop_assert!(url.query().is_none() && url.fragment().is_none());
                proptest::prop_assert!(matches!(parts.len(), 5 | 6), "{}", address);
                let inner = &parts[1..parts.len() - 1];
                proptest::prop_assert!(inner.iter().all(|part| !part.is_empty()), "{}", address);
            }
            for address in [deletable(Kind::Person, &member), binned(&member)].into_iter().flatten() {
                let end = format!("/{member}");
                proptest::prop_assert!(address.ends_with(&end));
                proptest::prop_assert!(!member.is_empty() && !member.contains(['.', '/', '%', '?', '#']));
            }
        }
    }

    #[test]
    fn references_have_their_address() {
        assert_eq!(membership("a1", "b2").unwrap(), "/groups/a1/members/b2/$ref");
        assert_eq!(ownership("a1", "b2").unwrap(), "/groups/a1/owners/b2/$ref");
        assert_eq!(manager("a1").unwrap(), "/users/a1/manager/$ref");
        for nasty in ["", ".", "..", "%2e%2e", "m/", "m?", "m#", "m/$ref", "a b", "é"] {
            assert!(membership("g", nasty).is_err(), "{nasty}");
            assert!(membership(nasty, "m").is_err(), "{nasty}");
            assert!(deletable(Kind::Person, nasty).is_err(), "{nasty}");
        }
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

//! One member of a group, as a client names it. Members live in rows of their own and are never part of a
//! document: a group of 200,000 is changed without being read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::leniency::Tolerance;
use crate::schema::Attribute;
use crate::validate::place::Place;
use crate::validate::simple::wrong;
use crate::validate::{MAX_MEMBERS, coerce};

/// A member as sent. Whether it exists is for the store to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id of a person or group. Never empty.
    pub value: String,
    /// `User` or `Group` where the client says so, by `type` or by the address in `$ref`; a hint only.
    pub kind: Option<String>,
    /// The name that the client shows for it.
    pub display: Option<String>,
}

impl Member {
    /// A member of which only the id is known.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            kind: None,
            display: None,
        }
    }
}

/// Reads the value of `members`: a list, or by habit one element or bare ids. Each member comes once, the
/// first mention counting.
///
/// # Errors
/// 400 `invalidValue` for an element without an id, or of a wrong type, and for more than [`MAX_MEMBERS`].
pub(crate) fn read(
    attribute: &Attribute,
    value: Value,
    tolerance: &mut Tolerance<'_>,
) -> Result<Vec<Member>> {
    let place = Place::new(None, &attribute.name);
    if let Value::Array(list) = &value {
        coerce::at_most(MAX_MEMBERS, list, place)?;
    }
    let list = match coerce::value(attribute, value, place, tolerance)? {
        Some(Value::Array(list)) => list,
        _ => return Ok(Vec::new()),
    };
    let mut members = Vec::with_capacity(list.len());
    for (index, element) in list.into_iter().enumerate() {
        members.push(member(element, place.element(index))?);
    }
    Ok(once(members))
}

fn member(element: Value, place: Place<'_>) -> Result<Member> {
    let Value::Object(mut element) = element else {
        return Err(wrong(place, "an object", &element));
    };
    let mut text = |name: &str| match element.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let Some(value) = text("value") else {
        return Err(Error::invalid_value(format!(
            "{} is missing: it is the id of the member",
            place.sub("value")
        )));
    };
    let kind = text("type").and_then(|kind| canonical_kind(&kind));
    let kind = kind.or_else(|| text("$ref").and_then(|address| kind_of_address(&address)));
    Ok(Member {
        value,
        kind,
        display: text("display"),
    })
}

fn canonical_kind(text: &str) -> Option<String> {
    ["User", "Group"]
        .into_iter()
        .find(|kind| kind.eq_ignore_ascii_case(text))
        .map(str::to_owned)
}

/// `…/Groups/7c2` is a group's address.
fn kind_of_address(address: &str) -> Option<String> {
    let endpoint = address.rsplit('/').nth(1)?;
    canonical_kind(endpoint.strip_suffix(['s', 'S'])?)
}

fn once(mut members: Vec<Member>) -> Vec<Member> {
    let mut seen = BTreeSet::new();
    let first: Vec<bool> = members
        .iter()
        .map(|member| seen.insert(member.value.as_str()))
        .collect();
    drop(seen);
    let mut first = first.into_iter();
    members.retain(|_| first.next().unwrap_or(true));
    members
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::leniency::{Habit, Habits, Leniency};
    use crate::schema::group;

    fn read_with(value: Value, leniency: &Leniency) -> (Result<Vec<Member>>, Habits) {
        let mut used = Habits::default();
        let attribute = group().core_attribute("members").unwrap();
        (
            read(attribute, value, &mut Tolerance::new(leniency, &mut used)),
            used,
        )
    }

    fn ids(value: Value) -> Vec<String> {
        let members = read_with(value, &Leniency::default()).0.unwrap();
        members.into_iter().map(|member| member.value).collect()
    }

    #[test]
    fn a_member_comes_once_in_every_shape() {
        assert_eq!(
            ids(json!([{"$ref": null, "value": "a"}, {"value": "b"}, {"VALUE": "a"}])),
            ["a", "b"]
        );
        assert_eq!(ids(json!(["a", "b"])), ["a", "b"]);
        assert_eq!(ids(json!("a")), ["a"]);
        assert_eq!(ids(json!({"value": "a"})), ["a"]);
        assert!(ids(json!([])).is_empty() && ids(json!(null)).is_empty());
    }

    #[test]
    fn the_kind_comes_from_type_or_address() {
        let kinds = |value| {
            let members = read_with(value, &Leniency::strict()).0.unwrap();
            members.into_iter().map(|member| member.kind).collect::<Vec<_>>()
        };
        let found = kinds(json!([
            {"value": "a", "type": "group"},
            {"value": "b", "$ref": "https://hub.contoso.example/scim/v2/Users/b"},
            {"value": "c", "type": "Badge"},
            {"value": "d"}
        ]));
        assert_eq!(
            found,
            [Some("Group".to_owned()), Some("User".to_owned()), None, None]
        );
    }

    #[test]
    fn a_member_without_an_id_is_refused_by_place() {
        for value in [
            json!([{"display": "x"}]),
            json!([{"value": ""}]),
            json!([{"value": null, "type": "User"}]),
        ] {
            let error = read_with(value, &Leniency::default()).0.unwrap_err();
            assert_eq!(error.scim_type, Some(crate::ScimType::InvalidValue));
            assert!(error.detail.starts_with("members[0].value"), "{error}");
        }
        assert!(read_with(json!([{"value": 5}]), &Leniency::default()).0.is_err());
        assert!(read_with(json!([["a"]]), &Leniency::default()).0.is_err());
    }

    #[test]
    fn bare_ids_are_a_habit() {
        assert!(read_with(json!(["a"]), &Leniency::strict()).0.is_err());
        assert_eq!(
            read_with(json!(["a"]), &Leniency::default())
                .1
                .count(Habit::BareElement),
            1
        );
    }
}

//! What the directory keeps of people and groups, as mappings and clauses name it.

use crate::console::refusal::Result;
use crate::state::State;
use provost_engine::object::Kind;
use provost_scim::schema::{Attribute, Catalogue, Mutability, ResourceType, common};
use provost_store::extension;
use std::sync::Arc;

/// A way to a value in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// As it is written: `name.givenName`, `emails[type eq "work"].value`.
    pub name: String,
    /// The SCIM type of the value.
    pub kind: &'static str,
    pub is_required: bool,
    pub is_read_only: bool,
    /// What it is; in English.
    pub note: String,
}

/// Every attribute of a workspace's people or groups, its own extensions included, and what the engine adds.
///
/// # Errors
/// Any error of the store.
pub(super) async fn of_workspace(state: &State, workspace: i64, kind: Kind) -> Result<Vec<Path>> {
    let catalogue: Arc<Catalogue> = state
        .db()
        .read(move |tx| extension::catalogue(tx, workspace))
        .await?;
    let mut all = vec![own("id", "string", "The directory's own id, which never changes")];
    all.extend(paths(&catalogue, kind));
    if kind == Kind::Person {
        let note = "Whether the person may not have the account: out of scope, inactive or blocked";
        all.push(own("IsSoftDeleted", "boolean", note));
    }
    Ok(all)
}

fn own(name: &str, kind: &'static str, note: &str) -> Path {
    Path {
        name: name.to_owned(),
        kind,
        is_required: false,
        is_read_only: true,
        note: note.to_owned(),
    }
}

/// Every path of a kind of object: the core schema first, extensions behind it with their URN.
pub(super) fn paths(catalogue: &Catalogue, kind: Kind) -> Vec<Path> {
    let resource: &ResourceType = match kind {
        Kind::Person => catalogue.user(),
        Kind::Group => catalogue.group(),
    };
    let mut found = Vec::new();
    for attribute in &resource.schema.attributes {
        flatten("", attribute, &mut found);
    }
    for attribute in common().iter().filter(|one| one.name == "externalId") {
        flatten("", attribute, &mut found);
    }
    for (schema, _) in &resource.extensions {
        for attribute in &schema.attributes {
            flatten(&format!("{}:", schema.id), attribute, &mut found);
        }
    }
    found
}

fn flatten(before: &str, attribute: &Attribute, found: &mut Vec<Path>) {
    let name = format!("{before}{}", attribute.name);
    if attribute.sub_attributes.is_empty() {
        found.push(path(name, attribute, attribute));
        return;
    }
    let wanted = attribute
        .sub_attributes
        .iter()
        .filter(|sub| !matches!(sub.name.as_str(), "type" | "primary" | "$ref" | "display"));
    if !attribute.multi_valued {
        found.extend(wanted.map(|sub| path(format!("{name}.{}", sub.name), attribute, sub)));
        return;
    }
    let types = attribute
        .sub_attribute("type")
        .map(|sub| sub.canonical_values.clone());
    let types =
        types.filter(|types| !types.is_empty() && attribute.name != "members" && attribute.name != "groups");
    for sub in wanted {
        match &types {
            None => found.push(path(format!("{name}.{}", sub.name), attribute, sub)),
            Some(types) => found.extend(
                types
                    .iter()
                    .map(|word| path(format!("{name}[type eq \"{word}\"].{}", sub.name), attribute, sub)),
            ),
        }
    }
}

fn path(name: String, whole: &Attribute, part: &Attribute) -> Path {
    let is_fixed = |one: &Attribute| one.mutability == Mutability::ReadOnly;
    Path {
        name,
        kind: part.kind.as_str(),
        is_required: whole.required && (part.required || whole.sub_attributes.is_empty()),
        is_read_only: is_fixed(whole) || is_fixed(part),
        note: part.description.clone(),
    }
}

/// The known name that is most like one that is not known; none where no name is like it.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(80).collect();
    let with = known.map(|one| {
        let other: Vec<char> = one.to_lowercase().chars().take(80).collect();
        (distance(&wanted, &other), one)
    });
    let most = (wanted.len() / 3).max(1);
    with.min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= most)
        .map(|(_, one)| one)
}

/// Insertions, deletions and replacements from one text to the other (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = before + usize::from(a != b);
            before = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(before + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_mappings_write_them() {
        let people = paths(&Catalogue::standard(), Kind::Person);
        let has = |name: &str| people.iter().any(|one| one.name == name);
        for name in [
            "userName",
            "name.givenName",
            r#"emails[type eq "work"].value"#,
            r#"addresses[type eq "home"].locality"#,
            "externalId",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "roles.value",
        ] {
            assert!(has(name), "{name}");
        }
        assert!(!has("emails.type"));
        for one in &people {
            assert!(
                provost_engine::attribute::Lookup::parse(&one.name).is_ok(),
                "{}",
                one.name
            );
        }
        assert!(
            paths(&Catalogue::standard(), Kind::Group)
                .iter()
                .any(|one| one.name == "displayName")
        );
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let known = ["userName", "displayName", "title"];
        assert_eq!(nearest("dispalyName", known.into_iter()), Some("displayName"));
        assert_eq!(nearest("USERNAME", known.into_iter()), Some("userName"));
        assert_eq!(nearest("costCentre", known.into_iter()), None);
        assert_eq!(distance(&['a', 'b'], &['b']), 1);
    }
}

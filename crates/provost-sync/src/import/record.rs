//! An incoming record: a SCIM user or a row of a file, as a JSON object.

use provost_scim::schema::{Attribute, AttributeType, ResourceType};
use provost_store::Error as Store;
use provost_store::source_record::SourceRecord;
use serde_json::{Map, Value};

/// One record as it comes in.
pub type Record = Map<String, Value>;

/// Bytes of an anchor at most: it is the key of a row.
pub(super) const LONGEST_ANCHOR: usize = 512;

/// A record that could not be read, so that nobody knows whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Where it stands: `line 17`.
    pub place: String,
    /// What is wrong with it, without its values.
    pub reason: String,
}

/// A record whose key is known.
#[derive(Debug, Clone)]
pub(super) struct Incoming {
    /// The record's own key.
    pub anchor: String,
    /// The record, its known attributes under their canonical names.
    pub document: Value,
}

impl Incoming {
    /// Finds the record's key.
    ///
    /// # Errors
    /// Why there is none, in words without the record's values.
    pub fn of(rt: &ResourceType, anchor: &str, record: Record) -> Result<Self, String> {
        let mut record = canonical(&rt.schema.attributes, record, rt);
        // Nobody signs in with it, so nobody keeps it.
        record.remove("password");
        let found = find(&record, anchor).and_then(text);
        match found {
            None => Err(format!("the record has no {anchor}, by which it would be known")),
            Some(key) if key.len() > LONGEST_ANCHOR => {
                Err(format!("{anchor} is longer than {LONGEST_ANCHOR} bytes"))
            }
            Some(anchor) => Ok(Self {
                anchor,
                document: Value::Object(record),
            }),
        }
    }
}

impl Incoming {
    /// A record as it was kept.
    ///
    /// # Errors
    /// [`Store::Damaged`] when the stored text is no JSON.
    pub fn kept(record: &SourceRecord) -> Result<Self, Store> {
        let damaged = |e| Store::Damaged(format!("a record of a source cannot be read: {e}"));
        Ok(Self {
            anchor: record.anchor.clone(),
            document: serde_json::from_str(&record.document).map_err(damaged)?,
        })
    }
}

/// A key as text; numbers too, as files of numbers have them.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The attribute that a name or a path means: `externalId`, `name.familyName`, `urn:…:User:employeeNumber`.
fn find<'r>(record: &'r Record, path: &str) -> Option<&'r Value> {
    if let Some(value) = member(record, path) {
        return Some(value);
    }
    let is_urn = path
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    let (first, rest) = if is_urn {
        path.rsplit_once(':')?
    } else {
        path.split_once('.')?
    };
    find(member(record, first)?.as_object()?, rest)
}

fn member<'r>(record: &'r Record, name: &str) -> Option<&'r Value> {
    record.get(name).or_else(|| {
        let mut all = record.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// Puts the names of known attributes into their canonical letter case, in which rules look for them. Names that
/// the schema does not know are kept: an expression may well use them.
fn canonical(attributes: &[Attribute], record: Record, rt: &ResourceType) -> Record {
    let mut out = Map::new();
    for (name, value) in record {
        let extension = rt
            .extensions
            .iter()
            .find(|(extension, _)| extension.id.eq_ignore_ascii_case(&name));
        if let (Some((extension, _)), Value::Object(inner)) = (extension, &value) {
            let inner = canonical(&extension.attributes, inner.clone(), rt);
            out.insert(extension.id.clone(), Value::Object(inner));
            continue;
        }
        match attributes.iter().find(|one| one.name.eq_ignore_ascii_case(&name)) {
            Some(attribute) => out.insert(attribute.name.clone(), inside(attribute, value, rt)),
            None => out.insert(name, value),
        };
    }
    out
}

fn inside(attribute: &Attribute, value: Value, rt: &ResourceType) -> Value {
    if attribute.kind != AttributeType::Complex {
        return value;
    }
    match value {
        Value::Object(parts) => Value::Object(canonical(&attribute.sub_attributes, parts, rt)),
        Value::Array(list) => Value::Array(
            list.into_iter()
                .map(|element| inside(attribute, element, rt))
                .collect(),
        ),
        value => value,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use provost_scim::schema;
    use serde_json::json;

    fn incoming(anchor: &str, record: Value) -> Result<Incoming, String> {
        Incoming::of(schema::user(), anchor, record.as_object().unwrap().clone())
    }

    #[test]
    fn the_key_is_found_by_name_by_path_and_in_an_extension() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let record = json!({"EXTERNALID": " 7 ", "Staff No": 12, "name": {"familyName": "Berg"}, urn: {"employeeNumber": "e1"}});
        for (anchor, key) in [
            ("externalId", "7"),
            ("staff no", "12"),
            ("name.familyName", "Berg"),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
                "e1",
            ),
        ] {
            assert_eq!(incoming(anchor, record.clone()).unwrap().anchor, key, "{anchor}");
        }
    }

    #[test]
    fn a_record_without_its_key_says_which_attribute_is_missing() {
        for record in [
            json!({}),
            json!({"externalId": "  "}),
            json!({"externalId": ["a"]}),
        ] {
            assert!(incoming("externalId", record).unwrap_err().contains("externalId"));
        }
        let long = json!({"externalId": "x".repeat(LONGEST_ANCHOR + 1)});
        assert!(incoming("externalId", long).unwrap_err().contains("512"));
    }

    #[test]
    fn known_names_get_their_letter_case_unknown_ones_stay_and_no_password_is_kept() {
        let record = json!({"externalId": "1", "USERNAME": "a", "Password": "opens-nothing", "Emails": [{"VALUE": "a@contoso.example", "Type": "work"}], "Cost Center": "9"});
        let document = incoming("externalId", record).unwrap().document;
        let expected = json!({"externalId": "1", "userName": "a", "emails": [{"value": "a@contoso.example", "type": "work"}], "Cost Center": "9"});
        assert_eq!(document, expected);
    }
}

//! From what the rule says to a person's document.

use super::source::Prepared;
use provost_engine::object::{Kind, Record, Source};
use provost_engine::rule::{Env, Need};
use provost_scim::leniency::Habits;
use provost_scim::patch;
use provost_scim::resource::{self, Document};
use provost_scim::schema::PATCH_OP;
use serde_json::{Value, json};

/// Bytes of a value by which people are found: what an index of either database can hold after case folding.
const LONGEST_NAME: usize = 800;

/// The document after the values were put in their places; `null` removes what stands there.
///
/// # Errors
/// What cannot be written to a person and why: a value of the wrong type, a missing `userName`.
pub(super) fn written(
    prepared: &Prepared,
    current: &Document,
    values: impl IntoIterator<Item = (String, Value)>,
) -> Result<Document, String> {
    let operations: Vec<Value> = values
        .into_iter()
        .map(|(path, value)| match value {
            Value::Null => json!({"op": "remove", "path": path}),
            value => json!({"op": "replace", "path": path, "value": value}),
        })
        .collect();
    if operations.is_empty() {
        return Ok(current.clone());
    }
    let rt = prepared.catalogue.user();
    let body = json!({"schemas": [PATCH_OP], "Operations": operations});
    let mut used = Habits::default();
    let document = patch::parse(rt, body, &prepared.leniency)
        .and_then(|request| patch::apply(rt, current, &request, &prepared.leniency, &mut used))
        .map_err(|error| without_number(&error.detail).to_owned())?
        .document;
    check(prepared, &document)?;
    Ok(document)
}

/// The numbers of operations mean nothing here: the mapping's author never saw them.
fn without_number(detail: &str) -> &str {
    match detail
        .strip_prefix("operation ")
        .and_then(|rest| rest.split_once(": "))
    {
        Some((number, sentence)) if number.bytes().all(|b| b.is_ascii_digit()) => sentence,
        _ => detail,
    }
}

/// What holds of every person whom the provider sends, however they come in.
fn check(prepared: &Prepared, document: &Document) -> Result<(), String> {
    let single = [
        ("userName", resource::user_name(document)),
        ("displayName", resource::display_name(document)),
        ("externalId", resource::external_id(document)),
    ];
    let named = single
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let emails = resource::emails(document).map(|value| ("emails", value));
    if let Some((name, value)) = named.chain(emails).find(|(_, value)| value.len() > LONGEST_NAME) {
        let length = value.len();
        return Err(format!(
            "{name} has {length} bytes, and may have {LONGEST_NAME} at most"
        ));
    }
    if let Some(sheet) = &prepared.provider.settings.sheet {
        sheet
            .check(prepared.catalogue.user(), document)
            .map_err(|error| error.detail)?;
    }
    Ok(())
}

/// What stands at the rule's targets now, and by what the person would be recognised, in order of precedence.
pub(super) fn found(prepared: &Prepared, id: &str, document: &Value) -> (Record, Vec<(String, Value)>) {
    let source = Source {
        kind: Kind::Person,
        id,
        document,
        assigned: true,
    };
    let mirrored = prepared
        .mirror
        .evaluate_for(&source, &Env::default(), Need::Create)
        .unwrap_or_default();
    (mirrored.create, mirrored.matching)
}

#[cfg(test)]
mod tests {
    use super::without_number;

    #[test]
    fn an_error_does_not_count_operations_that_nobody_wrote() {
        for (detail, said) in [
            ("operation 12: title must be a text", "title must be a text"),
            ("userName is required", "userName is required"),
            ("operation a: b", "operation a: b"),
        ] {
            assert_eq!(without_number(detail), said);
        }
    }
}

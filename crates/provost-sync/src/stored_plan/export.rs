//! A kept plan as a text: JSON lines for programs, CSV for people.

use super::basis::{self, Basis};
use super::fingerprint::RuleNames;
use crate::Result;
use futures::Stream;
use provost_store::plan::{self, Plan, PlanStep};
use provost_store::{Db, Tx, directory, link, rule};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Steps that are read at once.
const PAGE: i64 = 500;
/// The columns of the table.
const HEAD: &str = "action,held,rule,kind,name,id,attribute,before,after\r\n";
/// What a spreadsheet takes for a formula at the begin of a field.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// How a plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a step, each on its line.
    Json,
    /// One line for each attribute of each step, with a head (RFC 4180).
    Csv,
}

/// Where the writing is.
struct Place {
    db: Db,
    plan: Plan,
    names: Arc<RuleNames>,
    format: Format,
    /// The position of the last step that was written; `None` before the head.
    after: Option<i64>,
}

/// The plan's steps, a page at a time.
pub(super) async fn stream(
    db: Db,
    plan: Plan,
    format: Format,
) -> Result<impl Stream<Item = Result<String>> + Send + use<>> {
    let connection = plan.connection;
    let stored = db.read(move |tx| rule::of_connection(tx, connection)).await?;
    let proposal = Basis::from_value(&plan.scope)?.proposal;
    let place = Place {
        db,
        plan,
        names: Arc::new(basis::rule_names(stored, &proposal)),
        format,
        after: None,
    };
    Ok(futures::stream::try_unfold(place, next))
}

async fn next(mut place: Place) -> Result<Option<(String, Place)>> {
    let Some(after) = place.after else {
        place.after = Some(-1);
        let head = match place.format {
            Format::Csv => HEAD.to_owned(),
            Format::Json => String::new(),
        };
        return Ok(Some((head, place)));
    };
    let (plan, names, format) = (place.plan.key, place.names.clone(), place.format);
    let (text, last) = place
        .db
        .read(move |tx| {
            let page = plan::steps(tx, plan, after, PAGE)?;
            let mut text = String::new();
            for (position, step) in &page {
                let id = id_of(tx, step)?;
                let rule = names.get(&step.rule).map_or("", |n| n);
                match format {
                    Format::Json => json_line(&mut text, *position, rule, id, step),
                    Format::Csv => csv_lines(&mut text, rule, id, step),
                }
            }
            Ok::<_, provost_store::Error>((text, page.last().map(|(position, _)| *position)))
        })
        .await?;
    let Some(last) = last else { return Ok(None) };
    place.after = Some(last);
    Ok(Some((text, place)))
}

/// The public id of a step's object, which may be known only from its link.
fn id_of(tx: &mut Tx, step: &PlanStep) -> provost_store::Result<Option<Uuid>> {
    if let Some(object) = directory::by_key(tx, step.object)? {
        return Ok(Some(object.id));
    }
    Ok(link::get(tx, step.rule, step.object)?.map(|l| l.object_id))
}

fn json_line(text: &mut String, position: i64, rule: &str, id: Option<Uuid>, step: &PlanStep) {
    let line = json!({
        "position": position, "action": step.action, "held": step.held, "rule": rule, "kind": step.kind,
        "id": id, "name": step.label, "changes": step.changes,
    });
    text.push_str(&line.to_string());
    text.push('\n');
}

fn csv_lines(text: &mut String, rule: &str, id: Option<Uuid>, step: &PlanStep) {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    let held = if step.held { "held" } else { "" };
    let kind = step.kind.to_string();
    let fixed = [&step.action, held, rule, &kind, &step.label, &id];
    let mut line = |attribute: &str, before: &Value, after: &Value| {
        let values = [attribute.to_owned(), shown(before), shown(after)];
        let fields = fixed
            .iter()
            .map(|f| field(f))
            .chain(values.iter().map(|v| field(v)));
        text.push_str(&fields.collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    };
    if step.changes.is_empty() {
        line("", &Value::Null, &Value::Null);
    }
    for change in &step.changes {
        line(&change.attribute, &change.before, &change.after);
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Quoted (RFC 4180 section 2), and harmless for a spreadsheet: people's names are not ours.
fn field(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use provost_engine::object::Kind;
    use provost_store::plan::Change;

    fn step() -> PlanStep {
        PlanStep {
            rule: 1,
            kind: Kind::Person,
            object: 2,
            member: 0,
            action: "update".into(),
            label: "=Ada \"the\" Admin".into(),
            held: false,
            changes: vec![Change {
                attribute: "title".into(),
                before: Value::Null,
                after: json!(["a", "b"]),
            }],
        }
    }

    #[test]
    fn a_step_is_one_json_line() {
        let mut text = String::new();
        json_line(&mut text, 7, "People", None, &step());
        let value: Value = serde_json::from_str(text.strip_suffix('\n').unwrap()).unwrap();
        assert_eq!(value["position"], 7);
        assert_eq!(value["changes"][0]["after"], json!(["a", "b"]));
    }

    #[test]
    fn a_field_of_the_table_is_quoted_and_no_formula() {
        let mut text = String::new();
        csv_lines(&mut text, "People", None, &step());
        assert_eq!(
            text,
            "\"update\",\"\",\"People\",\"person\",\"'=Ada \"\"the\"\" Admin\",\"\",\"title\",\"\",\"[\"\"a\"\",\"\"b\"\"]\"\r\n"
        );
    }
}

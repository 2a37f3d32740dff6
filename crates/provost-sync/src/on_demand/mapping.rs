//! What an account is to look like: the step between the match and what is sent. Nothing is asked and nothing is
//! written here.

use super::{Outcome, ShownStep, Subject};
use crate::Result;
use crate::open::{ActiveRule, Open};
use crate::survey::{Look, Seen, env, look};
use provost_engine::plan::Decision;
use provost_engine::rule::Need;
use provost_store::Db;
use provost_store::link::Link;
use serde_json::{Map, Value, json};

/// What each rule makes of the object: every value that its account is to have, and what of it differs from what was
/// last written.
pub(super) async fn mappings(db: &Db, open: &Open, subject: &Subject) -> Result<Vec<ShownStep>> {
    let (asked, kind, key) = (open.clone(), subject.kind, subject.key);
    let assigned = db.read(move |tx| asked.assigned.contains(tx, kind, key)).await?;
    let object = subject.object.as_ref();
    let id = object.map(|o| o.id.to_string());
    let document = object.map(provost_store::directory::Object::value).transpose()?;
    let of_rule = |rule: &ActiveRule| {
        let link = subject.links.iter().find(|l| l.rule == rule.key);
        let seen = id.as_deref().zip(document.as_ref()).map(|(id, document)| Seen {
            id,
            document,
            assigned,
            leaves: open.leavers.contains(&key),
        });
        let is_known = seen.is_some() || link.is_some();
        is_known.then(|| mapping(open, rule, seen, link))
    };
    Ok(open.rules_for(kind).filter_map(|rule| of_rule(rule)).collect())
}

fn mapping(open: &Open, rule: &ActiveRule, seen: Option<Seen<'_>>, link: Option<&Link>) -> ShownStep {
    let need = if link.is_some() {
        Need::Update
    } else {
        Need::Create
    };
    let (status, description, details) = match look(open, rule, seen, link, need, &env(open.now())) {
        Ok(look) => told(rule, &look, link),
        Err(e) => (Outcome::Failure, format!("{e} {}", e.hint), Value::Null),
    };
    ShownStep {
        name: "mapping",
        rule: rule.name.clone(),
        status,
        description,
        details,
    }
}

fn told(rule: &ActiveRule, look: &Look, link: Option<&Link>) -> (Outcome, String, Value) {
    let shown = |record: &provost_engine::object::Record| -> Map<String, Value> {
        let values = record.iter();
        values
            .map(|(name, value)| (name.clone(), crate::apply::shown(rule, name, value)))
            .collect()
    };
    let wanted = look.evaluation.as_ref().filter(|e| e.in_scope).map(|e| {
        let record = if link.is_some() { &e.update } else { &e.create };
        let mut values = shown(record);
        let references = e.references.iter();
        values.extend(references.map(|(name, id)| (name.clone(), json!(id))));
        values
    });
    let changes = match &look.decision {
        Decision::Update(changes) | Decision::Restore(changes) | Decision::Disable(changes) => {
            Some(shown(changes))
        }
        _ => None,
    };
    let (status, description) = match &look.fault {
        Some(fault) => (
            Outcome::Failure,
            format!("{}. {}", fault.reason.trim_end_matches('.'), fault.hint),
        ),
        None => decided(look),
    };
    let details = json!({"wanted": wanted, "changes": changes});
    (status, description.trim_end().to_owned(), details)
}

/// What follows from the values, in a sentence.
fn decided(look: &Look) -> (Outcome, String) {
    let differs = look.references.len();
    match &look.decision {
        Decision::Skip(reason) => (Outcome::Skipped, format!("It is left alone: {reason}.")),
        Decision::Nothing if look.evaluation.is_none() => (
            Outcome::Skipped,
            "It is gone from the directory, and its account is as the rule wants that.".to_owned(),
        ),
        Decision::Nothing if differs == 0 => (
            Outcome::Success,
            "Its account is to look as it was last written.".to_owned(),
        ),
        Decision::Nothing => (Outcome::Success, differing(differs)),
        Decision::Create => (
            Outcome::Success,
            "It has no account yet: whoever matches gets these values, else an account is made with them."
                .to_owned(),
        ),
        Decision::Update(changes) => (Outcome::Success, differing(changes.len() + differs)),
        Decision::Disable(_) => (Outcome::Success, "Its account is to be disabled.".to_owned()),
        Decision::Restore(_) => (Outcome::Success, "Its account is to be enabled again.".to_owned()),
        Decision::Delete => (Outcome::Success, "Its account is to be deleted.".to_owned()),
    }
}

fn differing(count: usize) -> String {
    match count {
        1 => "One value differs from what was last written.".to_owned(),
        many => format!("{many} values differ from what was last written."),
    }
}

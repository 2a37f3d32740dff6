//! The steps as a person reads them.

use super::{Outcome, ShownStep, Subject};
use crate::Result;
use crate::draft::RuleDraft;
use crate::open::{ActiveRule, Open};
use crate::report::Report;
use crate::survey::env;
use provost_connect::{Account, Error as TargetError};
use provost_engine::object::Source;
use provost_engine::plan::Action;
use provost_engine::rule::Need;
use provost_store::Db;
use provost_store::directory::Object;
use provost_store::provisioning_log::Entry;
use serde_json::{Value, json};

/// What leaves an account that is linked.
const LINKING: [&str; 4] = ["create", "update", "restore", "disable"];
/// Candidates of one matching attribute that are named.
const NAMED: usize = 10;

/// What came in.
pub(super) fn import(subject: &Subject) -> Result<ShownStep> {
    let (status, description, details) = match &subject.object {
        Some(object) => (
            Outcome::Success,
            format!("{} is in the directory.", subject.label),
            json!({"id": object.id, "attributes": object.value()?}),
        ),
        None => (
            Outcome::Success,
            format!(
                "{} is gone from the directory and known by its link.",
                subject.label
            ),
            json!({"id": subject.links.first().map(|l| l.object_id)}),
        ),
    };
    Ok(ShownStep {
        name: "import",
        rule: String::new(),
        status,
        description,
        details,
    })
}

/// Whether each rule means the object: the assignment, then every condition of its filters.
pub(super) async fn scopes(db: &Db, open: &Open, subject: &Subject) -> Result<Vec<ShownStep>> {
    let Some(object) = &subject.object else {
        return Ok(open
            .rules_for(subject.kind)
            .filter_map(|r| gone(r, subject))
            .collect());
    };
    let (asked, kind, key) = (open.clone(), subject.kind, subject.key);
    let is_assigned = db.read(move |tx| asked.assigned.contains(tx, kind, key)).await?;
    let document = object.value()?;
    let id = object.id.to_string();
    let source = Source {
        kind: subject.kind,
        id: &id,
        document: &document,
        assigned: is_assigned,
    };
    Ok(open
        .rules_for(subject.kind)
        .map(|rule| scope(rule, &source))
        .collect())
}

/// Nobody who is gone is meant; a rule that never gave them an account has nothing to say.
fn gone(rule: &ActiveRule, subject: &Subject) -> Option<ShownStep> {
    let is_linked = subject.links.iter().any(|l| l.rule == rule.key);
    is_linked.then(|| ShownStep {
        name: "scope",
        rule: rule.name.clone(),
        status: Outcome::Skipped,
        description: "It is out of scope: it is gone from the directory.".to_owned(),
        details: Value::Null,
    })
}

fn scope(rule: &ActiveRule, source: &Source) -> ShownStep {
    let conditions = rule.compiled.conditions(source);
    let (status, description) = match rule.compiled.admits(source) {
        Ok(true) => (Outcome::Success, "It is in scope.".to_owned()),
        Ok(false) if !source.assigned => (
            Outcome::Skipped,
            "It is out of scope: neither it nor a group that it is in is assigned to the connection."
                .to_owned(),
        ),
        Ok(false) => (
            Outcome::Skipped,
            "It is out of scope: no scoping filter lets it in.".to_owned(),
        ),
        Err(e) => (Outcome::Failure, format!("{e} {}", e.hint)),
    };
    ShownStep {
        name: "scope",
        rule: rule.name.clone(),
        status,
        description,
        details: json!({"assigned": source.assigned, "conditions": conditions}),
    }
}

/// How the object is recognised under each rule. True: the target could not be asked.
pub(super) async fn matches(open: &Open, subject: &Subject) -> Result<(Vec<ShownStep>, bool)> {
    let (mut steps, mut trouble) = (Vec::new(), false);
    for rule in open.rules_for(subject.kind) {
        let link = subject.links.iter().find(|l| l.rule == rule.key);
        let step = match (link, &subject.object) {
            (Some(link), _) => linked(open, rule, &link.target_id).await,
            (None, Some(object)) => candidates(open, rule, object).await?,
            (None, None) => continue,
        };
        trouble |= step.status == Outcome::Failure;
        steps.push(step);
    }
    Ok((steps, trouble))
}

/// A link is followed, not matched again.
async fn linked(open: &Open, rule: &ActiveRule, target_id: &str) -> ShownStep {
    let details = json!({"linked": target_id});
    let (status, description) = match open.target.get(rule.kind, target_id, &[]).await {
        Ok(Some(_)) => (
            Outcome::Success,
            format!("It is linked to {target_id}, which is there."),
        ),
        Ok(None) => (
            Outcome::Skipped,
            format!("It is linked to {target_id}, which the target does not have any more."),
        ),
        Err(e) => (Outcome::Failure, told(&e)),
    };
    step(rule, status, description, details)
}

/// Every matching attribute in its order, with who has its value; the first that finds somebody decides.
async fn candidates(open: &Open, rule: &ActiveRule, object: &Object) -> Result<ShownStep> {
    let (document, id) = (object.value()?, object.id.to_string());
    let source = Source {
        kind: rule.kind,
        id: &id,
        document: &document,
        assigned: true,
    };
    let evaluation = match rule
        .compiled
        .evaluate_for(&source, &env(open.now()), Need::Create)
    {
        Ok(evaluation) => evaluation,
        // The action says which mapping fails; without values there is nothing to search for.
        Err(_) => {
            return Ok(step(
                rule,
                Outcome::Skipped,
                "Its mappings fail.".to_owned(),
                Value::Null,
            ));
        }
    };
    let own = open.target.link_key(rule.kind, &id);
    let own = own
        .into_iter()
        .map(|(attribute, value)| (attribute.into_owned(), value));
    let (mut asked, mut decided) = (Vec::new(), None);
    for (attribute, value) in own.chain(evaluation.matching) {
        match open.target.find(rule.kind, &attribute, &value).await {
            Ok(found) => {
                asked.push(answer(rule, &attribute, &value, &found));
                if decided.is_none() && !found.is_empty() {
                    decided = Some((attribute, found.len()));
                }
            }
            Err(e) => {
                asked.push(json!({"attribute": attribute, "error": told(&e)}));
                return Ok(step(rule, Outcome::Failure, told(&e), json!({"asked": asked})));
            }
        }
    }
    let (status, description) = match decided {
        None => (Outcome::Success, "Nobody in the target matches.".to_owned()),
        Some((attribute, 1)) => (
            Outcome::Success,
            format!("One in the target matches by {attribute}."),
        ),
        Some((attribute, several)) => (
            Outcome::Skipped,
            format!("{several} in the target match by {attribute}; nobody is guessed."),
        ),
    };
    Ok(step(rule, status, description, json!({"asked": asked})))
}

fn answer(rule: &ActiveRule, attribute: &str, value: &Value, found: &[Account]) -> Value {
    let value = crate::apply::shown(rule, attribute, value);
    let ids: Vec<&str> = found.iter().take(NAMED).map(|a| a.id.as_str()).collect();
    json!({"attribute": attribute, "value": value, "found": found.len(), "ids": ids})
}

fn step(rule: &ActiveRule, status: Outcome, description: String, details: Value) -> ShownStep {
    ShownStep {
        name: "match",
        rule: rule.name.clone(),
        status,
        description,
        details,
    }
}

fn told(error: &TargetError) -> String {
    format!("{}: {error}. {}", error.code(), error.hint())
}

/// The first step of a test of the connection that fails.
pub(super) async fn connection(open: &Open) -> Option<ShownStep> {
    let checks = open.target.test().await;
    let failed = checks
        .into_iter()
        .find_map(|c| c.outcome.err().map(|e| (c.name, e)))?;
    let (name, error) = failed;
    Some(ShownStep {
        name: "connection",
        rule: String::new(),
        status: Outcome::Failure,
        description: format!("{name}: {}", told(&error)),
        details: json!({"code": error.code()}),
    })
}

/// What was written, held, or not needed.
pub(super) fn actions(
    open: &Open,
    drafts: &[RuleDraft],
    report: Option<&Report>,
    entries: &[Entry],
) -> Vec<ShownStep> {
    let mut steps: Vec<ShownStep> = entries
        .iter()
        .filter(|e| !e.action.starts_with("staged"))
        .map(of_entry)
        .collect();
    for draft in drafts {
        steps.extend(draft.held.iter().map(|part| ShownStep {
            name: "action",
            rule: draft.rule.name.clone(),
            status: Outcome::Held,
            description: part.sentence.clone(),
            details: json!({"digest": part.digest, "steps": part.steps.len()}),
        }));
        steps.extend(staged(draft));
        steps.extend(draft.skipped.keys().map(|reason| ShownStep {
            name: "action",
            rule: draft.rule.name.clone(),
            status: Outcome::Skipped,
            description: format!("It is left alone: {reason}."),
            details: json!({"reason": reason}),
        }));
    }
    if let Some(report) = report.filter(|r| r.state == "failed") {
        steps.push(plain(open, Outcome::Failure, report.reason.clone()));
    }
    if steps.is_empty() {
        let equal = "Nothing had to be done: both sides are equal already.".to_owned();
        steps.push(plain(open, Outcome::Success, equal));
    }
    steps
}

/// A step that is staged already is no part of a draft: it has its own question.
fn staged(draft: &RuleDraft) -> Option<ShownStep> {
    let is_planned = |place: &(i64, i64, Action)| {
        let mut steps = draft.plan.steps.iter();
        steps.any(|s| (s.object, s.member, s.action) == *place)
    };
    let waits = draft.still_wanted.iter().any(|place| !is_planned(place));
    waits.then(|| ShownStep {
        name: "action",
        rule: draft.rule.name.clone(),
        status: Outcome::Held,
        description: "It is staged already: it waits for a decision, or was rejected.".to_owned(),
        details: Value::Null,
    })
}

fn of_entry(entry: &Entry) -> ShownStep {
    let status = match entry.status.as_str() {
        "failure" => Outcome::Failure,
        "skipped" => Outcome::Skipped,
        _ => Outcome::Success,
    };
    let mut done = format!("{}: {}.", entry.label, entry.action);
    if status != Outcome::Success || !entry.reason.is_empty() {
        done = format!("{done} {}", entry.reason);
    }
    if status == Outcome::Success && LINKING.contains(&entry.action.as_str()) && !entry.target_id.is_empty() {
        done = format!("{done} It is linked to {}.", entry.target_id);
    }
    ShownStep {
        name: "action",
        rule: String::new(),
        status,
        description: done,
        details: json!({
            "action": entry.action, "target_id": entry.target_id, "code": entry.code, "detail": entry.detail,
            "modified": entry.trace.modified, "steps": entry.trace.steps,
        }),
    }
}

/// Why nothing was sent although it is known what the account is to look like.
pub(super) fn unsent(open: &Open) -> ShownStep {
    let sentence = "Nothing was sent: the target could not be asked for a match.";
    plain(open, Outcome::Skipped, sentence.to_owned())
}

fn plain(open: &Open, status: Outcome, description: String) -> ShownStep {
    ShownStep {
        name: "action",
        rule: String::new(),
        status,
        description,
        details: json!({"connection": open.connection.name}),
    }
}

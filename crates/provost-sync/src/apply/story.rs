//! Lines of the provisioning log: what happened to an object, step by step, with each modified attribute's old and
//! new value. Values of sensitive attributes never get here.

use super::outcome::{Failed, Outcome};
use super::run::Run;
use super::task::Task;
use crate::open::{ActiveRule, Open};
use provost_engine::object::Record;
use provost_engine::plan::{Action, Decision};
use provost_store::provisioning_log::{Entry, Modified, Receipt, Step, Trace};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What stands for a value that is not shown.
const REDACTED: &str = "[Redact]";

/// A value as it may be shown.
pub(crate) fn shown(rule: &ActiveRule, attribute: &str, value: &Value) -> Value {
    if !value.is_null() && rule.compiled.is_sensitive(attribute) {
        Value::from(REDACTED)
    } else {
        value.clone()
    }
}

/// What the target's provider wrote beside its answers about these ids and keys.
pub(crate) fn receipts(open: &Open, about: &[&str]) -> Vec<Receipt> {
    let all = about.iter().flat_map(|id| open.target.receipts(id));
    all.map(|one| Receipt {
        operation: one.operation,
        status: one.status,
        request_id: one.request_id,
        client_request_id: one.client_request_id,
        reason: one.reason,
    })
    .collect()
}

/// The line for an outcome; none when nothing happened.
pub(super) fn entry(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    outcome: &Outcome,
    micros: i64,
) -> Option<Entry> {
    let nothing = Record::new();
    let before = task.link.as_ref().map_or(&nothing, |l| &l.written);
    let linked_to = || {
        task.link
            .as_ref()
            .map(|l| l.target_id.clone())
            .unwrap_or_default()
    };
    let mut line = line(run, rule, task, micros);
    match outcome {
        Outcome::Nothing | Outcome::Untried => return None,
        Outcome::Updated { changes, action, .. } if changes.is_empty() && *action == Action::Update => {
            return None;
        }
        Outcome::Linked {
            target_id,
            sent,
            found,
            matched,
            ..
        } => {
            line.action = if matched.is_some() { "match" } else { "create" }.to_owned();
            line.target_id.clone_from(target_id);
            line.trace.modified = modified(rule, found, sent);
        }
        Outcome::Updated { changes, action, .. } => {
            line.action = action.to_string();
            line.target_id = linked_to();
            line.trace.modified = modified(rule, before, changes);
        }
        Outcome::Deleted => {
            line.action = Action::Delete.to_string();
            line.target_id = linked_to();
        }
        Outcome::Vanished => {
            line.action = "unlink".to_owned();
            line.status = "failure".to_owned();
            line.code = "PRV-LINK-VANISHED".to_owned();
            line.reason =
                "PRV-LINK-VANISHED: the target does not have it any more; it is looked for again.".into();
            line.target_id = linked_to();
        }
        Outcome::Skipped { code, reason } => {
            line.action = "skip".to_owned();
            line.status = "skipped".to_owned();
            line.code.clone_from(code);
            line.reason.clone_from(reason);
        }
        Outcome::Staged { action, sentence } => {
            line.action = format!("staged {action}");
            line.status = "skipped".to_owned();
            line.code = super::standing::PRIVILEGED.to_owned();
            line.reason.clone_from(sentence);
            line.target_id = linked_to();
        }
        Outcome::Failed(failed) => {
            line.action = task
                .look
                .decision
                .action()
                .map_or_else(|| "evaluate".to_owned(), |a| a.to_string());
            line.status = "failure".to_owned();
            line.code.clone_from(&failed.code);
            line.reason.clone_from(&failed.reason);
            line.target_id = linked_to();
        }
    }
    line.detail = names(&line.trace.modified);
    line.trace.steps = steps(rule, task, outcome, &line);
    if line.status == "success"
        && task
            .look
            .evaluation
            .as_ref()
            .is_some_and(|e| !e.problems.is_empty())
    {
        line.status = "warning".to_owned();
    }
    Some(line)
}

fn line(run: &Run, rule: &ActiveRule, task: &Task, micros: i64) -> Entry {
    Entry {
        at: run.open.now(),
        connection: run.open.connection.key,
        cycle: run.cycle,
        kind: rule.kind,
        object: task.key,
        object_id: task.id,
        label: task.label.clone(),
        status: "success".to_owned(),
        change_id: Some(Uuid::now_v7()),
        micros,
        initiator: run.initiator.to_string(),
        trace: Trace::default(),
        ..Entry::default()
    }
}

fn modified(rule: &ActiveRule, before: &Record, changes: &Record) -> Vec<Modified> {
    changes
        .iter()
        .map(|(name, new)| Modified {
            name: name.clone(),
            old: shown(rule, name, before.get(name).unwrap_or(&Value::Null)),
            new: shown(rule, name, new),
        })
        .collect()
}

fn names(modified: &[Modified]) -> String {
    modified
        .iter()
        .map(|m| m.name.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Import, scope, match, references, action: the order in which an administrator asks.
fn steps(rule: &ActiveRule, task: &Task, outcome: &Outcome, line: &Entry) -> Vec<Step> {
    let mut steps = vec![import(task), scope(task)];
    steps.extend(matching(rule, task, outcome));
    steps.extend(references(task));
    steps.extend(problems(task));
    steps.push(action(outcome, line));
    steps
}

/// A step in its usual shape.
pub(crate) fn step(name: &str, status: &str, description: impl Into<String>) -> Step {
    Step {
        name: name.to_owned(),
        status: status.to_owned(),
        description: description.into(),
        details: BTreeMap::new(),
    }
}

fn import(task: &Task) -> Step {
    match task.document {
        Some(_) => step("import", "success", "Read from the directory."),
        None => step("import", "success", "Deleted from the directory."),
    }
}

fn scope(task: &Task) -> Step {
    match &task.look.evaluation {
        None => step("scope", "skipped", "Nobody in the directory any more."),
        Some(e) if !e.assigned => step("scope", "success", "Not assigned to the connection."),
        Some(e) if !e.in_scope => step("scope", "success", format!("Out of scope: {}", e.scope_reason)),
        Some(e) if !e.active => step("scope", "success", "In scope, but disabled in the directory."),
        Some(_) => step("scope", "success", "In scope."),
    }
}

fn matching(rule: &ActiveRule, task: &Task, outcome: &Outcome) -> Option<Step> {
    if task.look.decision != Decision::Create {
        return task
            .link
            .as_ref()
            .map(|_| step("match", "success", "Linked already."));
    }
    let evaluation = task.look.evaluation.as_ref()?;
    let mut found = match outcome {
        Outcome::Linked {
            matched: Some(by), ..
        } => step("match", "success", format!("Found in the target by {by}.")),
        Outcome::Failed(failed) if failed.code.starts_with("PRV-MATCH") => {
            step("match", "failure", "Several accounts in the target match.")
        }
        _ => step("match", "success", "Nothing in the target matches."),
    };
    for (attribute, value) in &evaluation.matching {
        let text = match shown(rule, attribute, value) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        found.details.insert(attribute.clone(), text);
    }
    Some(found)
}

fn references(task: &Task) -> Option<Step> {
    if task.look.references.is_empty() {
        return None;
    }
    let mut waits = step("reference", "success", "Written once both ends have an account.");
    for (attribute, wanted) in &task.look.references {
        let wanted = wanted.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
        waits.details.insert(attribute.clone(), wanted);
    }
    Some(waits)
}

/// Mappings that failed for somebody who leaves: they are left out, because a bad attribute must not keep an
/// account open.
fn problems(task: &Task) -> Option<Step> {
    let problems = &task.look.evaluation.as_ref()?.problems;
    if problems.is_empty() {
        return None;
    }
    let sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
    Some(step("map", "warning", sentences.join(" ")))
}

fn action(outcome: &Outcome, line: &Entry) -> Step {
    match outcome {
        Outcome::Failed(failed) => failure(&line.action, failed),
        Outcome::Skipped { reason, .. } => step(&line.action, "skipped", reason.clone()),
        Outcome::Staged { sentence, .. } => step(&line.action, "skipped", sentence.clone()),
        Outcome::Vanished => step(&line.action, "failure", line.reason.clone()),
        _ => step(&line.action, "success", "Done in the target."),
    }
}

pub(super) fn failure(action: &str, failed: &Failed) -> Step {
    let mut step = step(action, "failure", failed.reason.clone());
    step.details
        .insert("errorCode".to_owned(), failed.word.to_owned());
    step
}

//! A plan for people.

use crate::output::{Table, count};
use provost_engine::plan::{Action, Why};
use provost_sync::{PlanSummary, Preview, RulePreview, Seats};

/// Steps in all, held ones included.
pub(super) fn steps(rules: &[RulePreview]) -> u64 {
    let held = |rule: &RulePreview| rule.held.iter().map(|held| held.steps).sum::<u64>();
    rules.iter().map(|rule| rule.counts.total() + held(rule)).sum()
}

/// What the next cycle would do.
pub(super) fn preview(preview: &Preview) -> String {
    let name = &preview.connection;
    if is_empty(&preview.rules) {
        return format!("Nothing to do: \"{name}\" agrees with the directory as far as Provost knows.");
    }
    let mut parts = vec![
        format!("The next cycle of \"{name}\" ({}) would do:", preview.mode),
        counts(&preview.rules),
    ];
    for rule in &preview.rules {
        parts.extend(about(rule, name));
        parts.extend(first_steps(rule));
    }
    parts.extend(seats(&preview.seats));
    parts.extend(
        preview
            .warnings
            .iter()
            .map(|warning| format!("warning: {warning}")),
    );
    parts.join("\n\n")
}

/// A plan that was made, with the text of its first steps where it is kept.
pub(super) fn summary(plan: &PlanSummary, steps: &[String]) -> String {
    let name = &plan.connection;
    let mut parts = Vec::new();
    if is_empty(&plan.rules) {
        parts.push(format!("Nothing to do: \"{name}\" ({}) agrees.", plan.mode));
    } else {
        parts.push(format!("The {} cycle of \"{name}\" would do:", plan.mode));
        parts.push(counts(&plan.rules));
        for rule in &plan.rules {
            parts.extend(about(rule, name));
        }
    }
    parts.extend(seats(&plan.seats));
    parts.extend(plan.warnings.iter().map(|warning| format!("warning: {warning}")));
    parts.extend(steps.iter().cloned());
    parts.push(match plan.id {
        Some(id) => next(id, plan),
        None => "Not kept. With --save it is kept with each value before and after.".to_owned(),
    });
    parts.join("\n\n")
}

/// The seats that a plan needs.
fn seats(all: &[Seats]) -> Option<String> {
    if all.is_empty() {
        return None;
    }
    let mut table = Table::new(["product", "free", "needed", "left", "short"]);
    for one in all {
        table.row([
            one.name.clone(),
            one.free.to_string(),
            one.needed.to_string(),
            one.free.saturating_sub(one.needed).to_string(),
            one.short.to_string(),
        ]);
    }
    Some(table.text_or(""))
}

/// How a kept plan goes on.
fn next(id: uuid::Uuid, plan: &PlanSummary) -> String {
    let kept = format!("Kept as plan {id} with the digest {}.", plan.digest);
    if plan.approval {
        return format!(
            "{kept}\nIt needs a second person: provost plan approve {id}. Then: provost apply {id}"
        );
    }
    format!("{kept}\nCarry out exactly this: provost apply {id}")
}

fn is_empty(rules: &[RulePreview]) -> bool {
    rules
        .iter()
        .all(|rule| rule.counts.total() == 0 && rule.held.is_empty() && rule.failed == 0)
}

/// A row for each action that occurs, by rule.
fn counts(rules: &[RulePreview]) -> String {
    let mut table = Table::new(["rule", "action", "steps"]);
    for rule in rules {
        for action in Action::ALL {
            let steps = rule.counts.of(action);
            if steps > 0 {
                table.row([rule.rule.clone(), action.to_string(), steps.to_string()]);
            }
        }
    }
    table.text_or("No step that may go ahead.")
}

/// What is held and what fails in a rule.
fn about(rule: &RulePreview, connection: &str) -> Vec<String> {
    let mut parts: Vec<String> = rule
        .held
        .iter()
        .map(|held| {
            let steps = count(held.steps, "step", "steps");
            let why = why(held.why);
            format!("Held in \"{}\" ({why}): {steps}. {}", rule.rule, held.sentence)
        })
        .collect();
    if !parts.is_empty() {
        parts.push(format!(
            "`provost staged list \"{connection}\"` shows held steps after the cycle."
        ));
    }
    parts.extend(failures(rule));
    parts
}

/// The word for why steps are held.
fn why(why: Why) -> &'static str {
    match why {
        Why::Protected => "protected",
        Why::Approval => "approval",
        _ => "guard",
    }
}

fn failures(rule: &RulePreview) -> Option<String> {
    if rule.failed == 0 {
        return None;
    }
    let objects = count(rule.failed, "object", "objects");
    let shown: String = rule
        .failures
        .iter()
        .map(|failure| format!("\n  {failure}"))
        .collect();
    Some(format!("{objects} cannot be mapped in \"{}\":{shown}", rule.rule))
}

fn first_steps(rule: &RulePreview) -> Option<String> {
    if rule.steps.is_empty() {
        return None;
    }
    let mut table = Table::new(["first steps", "object", "member"]);
    for step in &rule.steps {
        table.row([
            step.action.to_string(),
            step.label.clone(),
            step.member.clone().unwrap_or_default(),
        ]);
    }
    Some(table.text_or(""))
}

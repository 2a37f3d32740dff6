//! `provost plan`.

use super::Place;
use crate::hub::Hub;
use crate::output::{self, Table};
use crate::progress;
use anyhow::Result;
use provost_engine::plan::Action;
use provost_sync::{Preview, RulePreview};
use serde_json::{Value, json};

/// Show what the next cycle would do. Changes nothing and makes no request.
#[derive(Debug, clap::Args)]
pub(crate) struct Plan {
    /// The connection
    name: String,
    /// How many steps of each rule are shown by name
    #[arg(long, default_value_t = 20, value_name = "STEPS")]
    limit: usize,
}

impl Plan {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.show(place, &hub).await;
        hub.close();
        done
    }

    async fn show(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let bar = progress::bar(&self.name);
        let preview = hub
            .engine()?
            .plan(connection.key, self.limit, Some(&progress::watch(&bar)))
            .await;
        bar.finish_and_clear();
        let preview = preview?;
        output::either(place.json, &with_total(&preview)?, || text(&preview))
    }
}

/// The preview with the number of its steps in front, held ones included.
fn with_total(preview: &Preview) -> Result<Value> {
    let mut answer = serde_json::to_value(preview)?;
    if let Value::Object(map) = &mut answer {
        map.insert("steps".to_owned(), json!(steps(preview)));
    }
    Ok(answer)
}

fn steps(preview: &Preview) -> u64 {
    let held = |rule: &RulePreview| rule.held.as_ref().map_or(0, |held| held.steps);
    preview
        .rules
        .iter()
        .map(|rule| rule.counts.total() + held(rule))
        .sum()
}

fn text(preview: &Preview) -> String {
    let name = &preview.connection;
    if preview
        .rules
        .iter()
        .all(|rule| rule.counts.total() == 0 && rule.held.is_none() && rule.failed == 0)
    {
        return format!("Nothing to do: \"{name}\" agrees with the directory as far as Provost knows.");
    }
    let mut parts = vec![
        format!("The next cycle of \"{name}\" ({}) would do:", preview.mode),
        counts(preview),
    ];
    for rule in &preview.rules {
        parts.extend(held(rule, name));
        parts.extend(failures(rule));
        parts.extend(first_steps(rule));
    }
    parts.join("\n\n")
}

/// A row for each action that occurs, a column for each rule.
fn counts(preview: &Preview) -> String {
    let mut table = Table::new(["rule", "action", "steps"]);
    for rule in &preview.rules {
        for action in Action::ALL {
            let steps = rule.counts.of(action);
            if steps > 0 {
                table.row([rule.rule.clone(), action.to_string(), steps.to_string()]);
            }
        }
    }
    table.text_or("No step that may go ahead.")
}

fn held(rule: &RulePreview, connection: &str) -> Option<String> {
    let held = rule.held.as_ref()?;
    let steps = output::count(held.steps, "removal", "removals");
    Some(format!(
        "Held in \"{}\": {steps}. {}\n  `provost staged list \"{connection}\"` shows them after the cycle.",
        rule.rule, held.sentence
    ))
}

fn failures(rule: &RulePreview) -> Option<String> {
    if rule.failed == 0 {
        return None;
    }
    let objects = output::count(rule.failed, "object", "objects");
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

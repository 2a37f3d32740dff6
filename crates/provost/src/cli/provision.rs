//! `provost provision`: on demand.

use super::{Place, who};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output;
use crate::progress;
use anyhow::Result;
use provost_sync::{MOST_MEMBERS, Outcome, Provisioned, ShownStep};
use serde_json::Value;

/// Provision one person, or a group with chosen members, now, and show each step
///
/// This writes to the target. It works while the connection is off, held or in quarantine, and also for people who
/// have left the directory. Limits on removals do not hold back one whom you name; protection and approval do.
#[derive(Debug, clap::Args)]
pub(crate) struct Provision {
    /// The connection
    connection: String,
    /// The person or group: user name, e-mail address, display name, external id, or the directory's id
    who: String,
    /// Of a group: a member who is to come or go with it; repeatable
    #[arg(long, value_name = "WHO")]
    member: Vec<String>,
}

impl Provision {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.provision(place, &hub).await;
        hub.close();
        done
    }

    async fn provision(self, place: &Place, hub: &Hub) -> Result<()> {
        if self.member.len() > MOST_MEMBERS {
            let hint = format!("Name at most {MOST_MEMBERS}, or run a cycle.");
            return Err(Failure::new("too many members are named", hint).into());
        }
        let connection = hub.connection(&self.connection).await?;
        let object = who::present_or_gone(hub, &self.who).await?;
        let members = who::all_or_gone(hub, &self.member).await?;
        let keys: Vec<i64> = members.iter().map(|one| one.key).collect();
        let spinner = progress::spinner(&format!("provisioning {}", object.label));
        let engine = hub.engine()?;
        let done = engine
            .provision(connection.key, object.key, &keys, &hub::actor())
            .await;
        spinner.finish_and_clear();
        let done = done?;
        output::either(place.json, &done, || text(&done))?;
        if done.outcome == Outcome::Failure {
            let sentence = format!(
                "{} could not be provisioned into \"{}\"",
                done.label, done.connection
            );
            let hint = "The step that failed says why.";
            return Err(Failure::new(sentence, hint).into());
        }
        Ok(())
    }
}

fn text(done: &Provisioned) -> String {
    let mut parts = vec![format!(
        "{} in \"{}\": {}",
        done.label,
        done.connection,
        word(done.outcome)
    )];
    parts.extend(
        (1..)
            .zip(&done.steps)
            .map(|(number, step): (usize, _)| one(number, step)),
    );
    if done.outcome == Outcome::Held {
        parts.push(format!("Decide: provost staged list \"{}\"", done.connection));
    }
    parts.join("\n\n")
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Skipped => "skipped",
        Outcome::Success => "success",
        Outcome::Held => "held",
        Outcome::Failure => "failure",
    }
}

fn one(number: usize, step: &ShownStep) -> String {
    let rule = if step.rule.is_empty() {
        String::new()
    } else {
        format!(" (rule \"{}\")", step.rule)
    };
    let head = format!(
        "{number}. {}{rule}: {}. {}",
        step.name,
        word(step.status),
        step.description
    );
    match details(&step.details) {
        none if none.is_empty() => head,
        details => format!("{head}\n{}", output::indent(&details)),
    }
}

/// What was read, decided or written, as JSON that reads well.
fn details(details: &Value) -> String {
    match details {
        Value::Null => String::new(),
        Value::Object(map) if map.is_empty() => String::new(),
        Value::Array(list) if list.is_empty() => String::new(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

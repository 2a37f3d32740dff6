//! `provost staged`: steps that the deletion guard holds until somebody decides.

use super::Place;
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::nearest::nearest;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::staged::{self, Decision, StagedStep};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How many staged steps are looked at for the digests of their plans.
const MOST: i64 = 100_000;

/// Staged steps. A decision is bound to the plan: when the plan changes, its steps wait for a new one.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Staged {
    /// List what is held
    List {
        /// The connection
        name: String,
        /// How many steps
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Let the held steps of a plan go ahead, with the next cycle
    Approve(Decide),
    /// Drop the held steps of a plan: nothing is removed
    Reject(Decide),
}

/// Which steps are decided.
#[derive(Debug, clap::Args)]
pub(crate) struct Decide {
    /// The connection
    name: String,
    /// The plan's digest, from `provost staged list`
    #[arg(long, value_name = "DIGEST")]
    plan: String,
}

impl Staged {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Staged::List { name, limit } => list(place, &hub, &name, limit).await,
            Staged::Approve(which) => decide(place, &hub, which, Decision::Approved).await,
            Staged::Reject(which) => decide(place, &hub, which, Decision::Rejected).await,
        };
        hub.close();
        done
    }
}

async fn list(place: &Place, hub: &Hub, name: &str, limit: u32) -> Result<()> {
    let connection = hub.connection(name).await?;
    let steps = hub
        .db
        .read(move |tx| staged::list(tx, connection.key, i64::from(limit)))
        .await?;
    let answer: Vec<Value> = steps
        .iter()
        .map(|one| {
            json!({
                "action": one.action, "object": one.label, "plan": one.digest,
                "decision": one.decision.name(), "held_since": clock::text(one.created),
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["action", "object", "plan", "decision", "held since"]);
        for one in &steps {
            table.row([
                one.action.replace('_', " "),
                one.label.clone(),
                one.digest.clone(),
                one.decision.name().to_owned(),
                clock::text(one.created),
            ]);
        }
        let shown = table.text_or("Nothing is held.");
        if steps.is_empty() {
            shown
        } else {
            format!(
                "{shown}\n\n`provost staged approve \"{name}\" --plan DIGEST` lets a plan's steps go ahead."
            )
        }
    })
}

async fn decide(place: &Place, hub: &Hub, which: Decide, decision: Decision) -> Result<()> {
    let Decide { name, plan } = which;
    let connection = hub.connection(&name).await?;
    let (key, digest) = (connection.key, plan.clone());
    let steps = hub
        .db
        .write(move |tx| {
            let waiting = pending(&staged::list(tx, key, MOST)?);
            if !waiting.contains(&digest) {
                return Ok::<_, provost_store::Error>(Err(waiting));
            }
            staged::decide(tx, &hub::actor(), clock::now(), &connection, &digest, decision).map(Ok)
        })
        .await?
        .map_err(|waiting| no_such_plan(&name, &plan, &waiting))?;
    let answer = json!({"connection": name, "plan": plan, "decision": decision.name(), "steps": steps});
    output::either(place.json, &answer, || {
        let removals = output::count(steps, "step", "steps");
        match decision {
            Decision::Approved => {
                format!("{removals} approved; the next cycle carries them out: provost cycle run \"{name}\"")
            }
            _ => format!("{removals} rejected; nothing of this plan is removed."),
        }
    })
}

fn pending(steps: &[StagedStep]) -> BTreeSet<String> {
    steps
        .iter()
        .filter(|one| one.decision == Decision::Pending)
        .map(|one| one.digest.clone())
        .collect()
}

fn no_such_plan(name: &str, plan: &str, waiting: &BTreeSet<String>) -> anyhow::Error {
    let hint = match nearest(plan, waiting.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean {meant}? `provost staged list \"{name}\"` shows what is held."),
        None if waiting.is_empty() => "Nothing waits for a decision.".to_owned(),
        None => format!("The plan may have changed since you looked: `provost staged list \"{name}\"`"),
    };
    Failure::new(
        format!("no step of the plan {plan} waits for a decision in \"{name}\""),
        hint,
    )
    .into()
}

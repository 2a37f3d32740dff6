//! `provost staged approve` and `reject`.

use crate::cli::Place;
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::nearest::nearest;
use crate::output;
use anyhow::Result;
use provost_store::connection::Connection;
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{Error, Tx};
use serde_json::json;
use std::collections::BTreeSet;

/// How many staged steps are looked at for the digests of their plans.
const MOST: i64 = 100_000;

/// Which steps are decided.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["plan", "step", "all"]))]
pub(crate) struct Which {
    /// The connection
    name: String,
    /// Every waiting step of this plan, by its digest from `provost staged list`
    #[arg(long, value_name = "DIGEST")]
    plan: Option<String>,
    /// These steps, by their keys from `provost staged list`; repeatable
    #[arg(long, value_name = "KEY")]
    step: Vec<i64>,
    /// Every waiting step of every plan
    #[arg(long)]
    all: bool,
}

/// What could not be decided.
enum Refused {
    /// No step of the plan waits; these plans do.
    Plan(BTreeSet<String>),
    /// There is no such step.
    Step(i64),
}

impl Which {
    /// Decides the steps, all or nothing.
    pub(super) async fn run(self, place: &Place, hub: &Hub, decision: Decision) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let (name, plan) = (self.name.clone(), self.plan.clone());
        let decided = hub
            .db
            .write(move |tx| self.decide(tx, &connection, decision))
            .await?;
        let steps =
            decided.map_err(|refused| explain(&name, plan.as_deref().unwrap_or_default(), &refused))?;
        let answer = json!({"connection": name, "plan": plan, "decision": decision.name(), "steps": steps});
        output::either(place.json, &answer, || {
            let counted = output::count(steps, "step", "steps");
            match decision {
                Decision::Approved => {
                    format!(
                        "{counted} approved; the next cycle carries them out: provost cycle run \"{name}\""
                    )
                }
                _ => format!("{counted} rejected; nothing of that is carried out."),
            }
        })
    }

    fn decide(
        &self,
        tx: &mut Tx,
        connection: &Connection,
        decision: Decision,
    ) -> Result<Result<u64, Refused>, Error> {
        let (actor, now) = (hub::actor(), clock::now());
        if self.all {
            return staged::decide_all(tx, &actor, now, connection, decision).map(Ok);
        }
        if let Some(digest) = &self.plan {
            let waiting = pending(&staged::list(tx, connection.key, MOST)?);
            if !waiting.contains(digest) {
                return Ok(Err(Refused::Plan(waiting)));
            }
            return staged::decide(tx, &actor, now, connection, digest, decision).map(Ok);
        }
        // Looked for first: a refusal must leave the others undecided too.
        for key in &self.step {
            if staged::get(tx, connection.key, *key)?.is_none() {
                return Ok(Err(Refused::Step(*key)));
            }
        }
        let mut steps = 0;
        for key in &self.step {
            steps += u64::from(staged::decide_one(tx, &actor, now, connection, *key, decision)?);
        }
        Ok(Ok(steps))
    }
}

fn pending(steps: &[StagedStep]) -> BTreeSet<String> {
    steps
        .iter()
        .filter(|one| one.decision == Decision::Pending)
        .map(|one| one.digest.clone())
        .collect()
}

fn explain(name: &str, plan: &str, refused: &Refused) -> anyhow::Error {
    match refused {
        Refused::Plan(waiting) => no_such_plan(name, plan, waiting),
        Refused::Step(key) => {
            let hint =
                format!("It may have been carried out: `provost staged list \"{name}\"` shows what is held.");
            Failure::new(
                format!("\"{name}\" has no staged step {key}; none was decided"),
                hint,
            )
            .into()
        }
    }
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

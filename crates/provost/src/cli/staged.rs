//! `provost staged`: steps that wait until a person decides.

mod decide;

use super::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::rule::{Approval, Rule};
use provost_store::connection::Connection;
use provost_store::staged::{self, StagedStep};
use provost_store::{Error, Tx, protection, rule};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// Steps that the deletion guard holds, that concern protected people, or that a second person has to approve.
/// A decision is bound to the plan: when the plan changes, its steps wait for a new one.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Staged {
    /// List what is held, and why
    List(List),
    /// Let held steps go ahead, with the next cycle
    Approve(decide::Which),
    /// Drop held steps: nothing is removed
    Reject(decide::Which),
}

/// What is listed.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The connection
    name: String,
    /// Only those after this key
    #[arg(long, value_name = "KEY", default_value_t = 0)]
    after: i64,
    /// How many steps
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

impl Staged {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Staged::List(list) => list.run(place, &hub).await,
            Staged::Approve(which) => which.run(place, &hub, staged::Decision::Approved).await,
            Staged::Reject(which) => which.run(place, &hub, staged::Decision::Rejected).await,
        };
        hub.close();
        done
    }
}

impl List {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let (after, limit) = (self.after, i64::from(self.limit));
        let steps = hub.db.read(move |tx| page(tx, &connection, after, limit)).await?;
        let answer: Vec<Value> = steps.iter().map(|(one, why)| row(one, why)).collect();
        output::either(place.json, &answer, || text(&self.name, &steps, self.limit))
    }
}

fn row(one: &StagedStep, why: &str) -> Value {
    json!({
        "key": one.key, "action": one.action, "object": one.label, "why": why, "plan": one.digest,
        "decision": one.decision.name(), "held_since": clock::text(one.created),
    })
}

/// A page of held steps, each with the word for why it is held.
fn page(
    tx: &mut Tx,
    connection: &Connection,
    after: i64,
    limit: i64,
) -> Result<Vec<(StagedStep, &'static str)>, Error> {
    let protected = protection::set(tx, connection.workspace, connection.key)?;
    let rules: BTreeMap<i64, Rule> = rule::of_connection(tx, connection.key)?
        .into_iter()
        .map(|stored| (stored.key, stored.rule))
        .collect();
    let steps = staged::page(tx, connection.key, after, limit)?;
    Ok(steps
        .into_iter()
        .map(|step| {
            let why = why(&step, &protected, rules.get(&step.rule));
            (step, why)
        })
        .collect())
}

/// Why a step is held: the strongest reason first.
fn why(step: &StagedStep, protected: &HashSet<i64>, rule: Option<&Rule>) -> &'static str {
    // Of a licence the member is a product, which is nobody.
    let is_membership = step.action.ends_with("member");
    if protected.contains(&step.object) || (is_membership && protected.contains(&step.member)) {
        return "protected";
    }
    match rule.map_or(Approval::Never, |rule| rule.approval) {
        Approval::Never => "guard",
        Approval::Removals | Approval::Always => "approval",
    }
}

fn text(name: &str, steps: &[(StagedStep, &str)], limit: u32) -> String {
    let mut table = Table::new(["key", "action", "object", "why", "plan", "decision", "held since"]);
    for (one, why) in steps {
        table.row([
            one.key.to_string(),
            one.action.replace('_', " "),
            one.label.clone(),
            (*why).to_owned(),
            one.digest.clone(),
            one.decision.name().to_owned(),
            clock::text(one.created),
        ]);
    }
    let shown = table.text_or("Nothing is held.");
    let Some((last, _)) = steps.last() else {
        return shown;
    };
    let more = if steps.len() == limit as usize {
        format!("\n\nMore: --after {}", last.key)
    } else {
        String::new()
    };
    format!(
        "{shown}{more}\n\nLet them go ahead by their plan or one by one: provost staged approve \"{name}\" --plan DIGEST, \
         or --step KEY. `provost staged reject` drops them."
    )
}

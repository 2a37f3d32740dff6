//! `provost guide`: what somebody signed off, where no fact of ours can show that it was done.

use super::Place;
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::guide_note;
use serde_json::{Value, json};

/// Guides of the console: a guide and its steps are named as their pages' addresses name them.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Guide {
    /// List the steps of a guide that somebody signed off
    List {
        /// The guide, such as microsoft-365
        guide: String,
    },
    /// Sign a step off
    Sign {
        /// The guide
        guide: String,
        /// The step
        step: String,
        /// What there is to say about it; at most 100 characters
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Take a sign-off back
    Unsign {
        /// The guide
        guide: String,
        /// The step
        step: String,
    },
}

impl Guide {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::List { guide } => list(place, &hub, guide).await,
            Self::Sign { guide, step, note } => sign(place, &hub, guide, step, note).await,
            Self::Unsign { guide, step } => unsign(place, &hub, guide, step).await,
        };
        hub.close();
        done
    }
}

async fn list(place: &Place, hub: &Hub, guide: String) -> Result<()> {
    let workspace = hub.workspace.key;
    let all = hub
        .db
        .read(move |tx| guide_note::list(tx, workspace, &guide))
        .await?;
    let row = |one: &guide_note::GuideNote| json!({"step": one.step, "note": one.note, "at": clock::text(one.at), "actor": one.actor});
    let rows: Vec<Value> = all.iter().map(row).collect();
    output::either(place.json, &json!({"notes": rows}), || {
        let mut table = Table::new(["step", "signed off", "by", "note"]);
        for one in &all {
            table.row([
                one.step.clone(),
                clock::text(one.at),
                one.actor.clone(),
                one.note.clone(),
            ]);
        }
        table.text_or("No step is signed off. The steps themselves are pages of the console.")
    })
}

async fn sign(place: &Place, hub: &Hub, guide: String, step: String, note: String) -> Result<()> {
    let workspace = hub.workspace.key;
    let answer = json!({"guide": guide, "step": step, "note": note});
    let told = format!("Step \"{step}\" of \"{guide}\" is signed off.");
    hub.db
        .write(move |tx| guide_note::put(tx, &hub::actor(), clock::now(), workspace, &guide, &step, &note))
        .await?;
    output::either(place.json, &answer, || told)
}

async fn unsign(place: &Place, hub: &Hub, guide: String, step: String) -> Result<()> {
    let workspace = hub.workspace.key;
    let answer = json!({"guide": guide, "step": step, "signed": false});
    let named = format!("\"{step}\" of \"{guide}\"");
    let list = format!("`provost guide list \"{guide}\"` shows those that are.");
    let done = hub
        .db
        .write(move |tx| guide_note::remove(tx, &hub::actor(), clock::now(), workspace, &guide, &step))
        .await?;
    if !done {
        return Err(Failure::new(format!("step {named} is not signed off"), list).into());
    }
    output::either(place.json, &answer, || {
        format!("Step {named} is not signed off any more.")
    })
}

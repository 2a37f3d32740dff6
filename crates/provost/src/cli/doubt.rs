//! `provost doubt`: who may be meant in the target, where a person has to decide.

mod all;
mod decide;

use super::Place;
use crate::clock;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::connection::Connection;
use provost_store::doubt::{self, Candidate, Doubt as Found};
use provost_sync::doubt::choices;
use serde_json::{Value, json};

/// People and groups that are not written before somebody decides: several accounts match, an account was found by its
/// mail address only or belongs to somebody else, a deleted twin lies in the bin, a group has the same name.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Doubt {
    /// List who waits for a decision
    List(List),
    /// Show one with the candidates and what can be decided
    Show {
        /// The connection
        connection: String,
        /// Its key, from `provost doubt list`
        key: i64,
    },
    /// Decide; the next cycle carries it out
    Decide(decide::Decide),
    /// Decide for all who wait for the same reason; the next cycle carries it out
    DecideAll(all::All),
}

/// What is listed.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The connection
    connection: String,
    /// Those too that are decided and wait for a cycle, or are to be left alone
    #[arg(long)]
    decided: bool,
    /// Only those after this key
    #[arg(long, value_name = "KEY", default_value_t = 0)]
    after: i64,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

impl Doubt {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Doubt::List(list) => list.run(place, &hub).await,
            Doubt::Show { connection, key } => show(place, &hub, &connection, key).await,
            Doubt::Decide(decide) => decide.run(place, &hub).await,
            Doubt::DecideAll(all) => all.run(place, &hub).await,
        };
        hub.close();
        done
    }
}

impl List {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let engine = hub.engine()?;
        let all = engine
            .doubts(connection.key, !self.decided, self.after, i64::from(self.limit))
            .await?;
        let next = all
            .last()
            .filter(|_| all.len() == self.limit as usize)
            .map(|one| one.key);
        let rows: Vec<Value> = all.iter().map(row).collect();
        output::either(place.json, &json!({"doubts": rows, "next": next}), || {
            text(&self.connection, &all, next)
        })
    }
}

fn text(name: &str, all: &[Found], next: Option<i64>) -> String {
    let mut table = Table::new(["key", "name", "why", "candidates", "decision", "since"]);
    for one in all {
        table.row([
            one.key.to_string(),
            one.label.clone(),
            why(one),
            one.candidates.len().to_string(),
            decision(one),
            clock::text(one.created),
        ]);
    }
    let shown = table.text_or("Nobody waits for a decision.");
    if all.is_empty() {
        return shown;
    }
    let more = next
        .map(|next| format!("\n\nMore: --after {next}"))
        .unwrap_or_default();
    format!("{shown}{more}\n\nWho may be meant, and what can be decided: provost doubt show \"{name}\" KEY")
}

/// The reason with its stable word, once.
fn why(one: &Found) -> String {
    match one.reason.starts_with(&one.code) {
        true => one.reason.clone(),
        false => format!("{}: {}", one.code, one.reason),
    }
}

fn decision(one: &Found) -> String {
    one.decision
        .map_or("open".to_owned(), |decision| decision.to_string())
}

fn row(one: &Found) -> Value {
    json!({
        "key": one.key, "label": one.label, "code": one.code, "reason": one.reason, "candidates": one.candidates,
        "choices": choices(&one.code), "decision": one.decision, "target_id": one.target_id,
        "since": clock::text(one.created), "decided": (one.decided > 0).then(|| clock::text(one.decided)),
        "decided_by": one.actor,
    })
}

/// The connection's doubt with this key.
///
/// # Errors
/// When there is none.
async fn find(hub: &Hub, connection: &Connection, key: i64) -> Result<Found> {
    let owner = connection.key;
    let found = hub.db.read(move |tx| doubt::get(tx, owner, key)).await?;
    found.ok_or_else(|| {
        let name = &connection.name;
        let hint = format!("`provost doubt list \"{name}\" --decided` shows what there is.");
        Failure::new(
            format!("\"{name}\" has no doubt {key}; perhaps it is settled"),
            hint,
        )
        .into()
    })
}

async fn show(place: &Place, hub: &Hub, name: &str, key: i64) -> Result<()> {
    let connection = hub.connection(name).await?;
    let one = find(hub, &connection, key).await?;
    output::either(place.json, &row(&one), || {
        let mut pairs = vec![
            ("why", why(&one)),
            ("since", clock::text(one.created)),
            ("decision", decision(&one)),
        ];
        if one.decided > 0 {
            pairs.push((
                "decided",
                format!("{} by {}", clock::text(one.decided), one.actor),
            ));
        }
        let words: Vec<&str> = choices(&one.code).iter().map(|word| word.as_str()).collect();
        format!(
            "{} ({})\n{}\n\nCandidates\n{}\n\nDecide: provost doubt decide \"{name}\" {} {}",
            one.label,
            one.key,
            output::pairs(&pairs),
            output::indent(&candidates(&one.candidates)),
            one.key,
            words.join("|")
        )
    })
}

fn candidates(all: &[Candidate]) -> String {
    let mut table = Table::new(["id", "name", "found by", "about"]);
    for one in all {
        let mut about: Vec<String> = Vec::new();
        if one.deleted {
            about.push("in the bin".to_owned());
        }
        if !one.linked_to.is_empty() {
            about.push(format!("belongs to {}", one.linked_to));
        }
        if !one.detail.is_empty() {
            about.push(one.detail.clone());
        }
        table.row([
            one.target_id.clone(),
            one.label.clone(),
            one.matched_by.clone(),
            about.join("; "),
        ]);
    }
    table.text_or("None.")
}

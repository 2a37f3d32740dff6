//! `provost drift`: what a reconcile found changed in the target.

mod decide;

use super::Place;
use super::field;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::drift::{self, Asked, State};
use provost_store::rule::{self, Stored};
use serde_json::{Value, json};

/// What a reconcile found changed in the target. A mapping says what becomes of it: repair, report or accept.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Drift {
    /// List what differs from what Provost wrote
    List(List),
    /// Let what was found stand, for as long as the target keeps that value
    Accept(decide::Which),
    /// Write Provost's value again, with the next cycle
    Repair(decide::Which),
}

/// What is listed.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The connection
    connection: String,
    /// Only in this state: open, repaired or accepted; without it, open
    #[arg(long, default_value = "open")]
    state: State,
    /// Only those after this place, from the page before
    #[arg(long, value_name = "PLACE")]
    after: Option<After>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Where a page goes on: rule, object and attribute.
#[derive(Debug, Clone)]
struct After(i64, i64, String);

impl std::str::FromStr for After {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, '/');
        let mut key = || parts.next().and_then(|part| part.parse::<i64>().ok());
        match (key(), key(), parts.next()) {
            (Some(rule), Some(object), Some(attribute)) => Ok(Self(rule, object, attribute.to_owned())),
            _ => anyhow::bail!("write what the page before named behind \"More: --after\""),
        }
    }
}

impl Drift {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Drift::List(list) => list.run(place, &hub).await,
            Drift::Accept(which) => which.accept(place, &hub).await,
            Drift::Repair(which) => which.repair(place, &hub).await,
        };
        hub.close();
        done
    }
}

impl List {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let key = hub.connection(&self.connection).await?.key;
        let asked = Asked {
            connection: key,
            rule: None,
            state: Some(self.state),
            after: self
                .after
                .map(|After(rule, object, attribute)| (rule, object, attribute)),
        };
        let limit = self.limit as usize;
        let (all, rules) = hub
            .db
            .read(move |tx| {
                let rules = rule::of_connection(tx, key)?;
                Ok::<_, provost_store::Error>((drift::list(tx, &asked, limit)?, rules))
            })
            .await?;
        let more = all
            .last()
            .filter(|_| all.len() == limit)
            .map(|one| format!("{}/{}/{}", one.rule, one.object, one.attribute));
        let rows: Vec<Value> = all.iter().map(|one| row(one, &rules)).collect();
        output::either(place.json, &json!({"drift": rows, "next": more}), || {
            let mut table = Table::new(["who", "attribute", "written", "found", "policy", "first seen"]);
            for one in &all {
                table.row([
                    one.label.clone(),
                    one.attribute.clone(),
                    field::shown(&one.expected),
                    field::shown(&one.found),
                    policy(one, &rules),
                    clock::text(one.first_seen),
                ]);
            }
            let shown = table.text_or(&format!("No difference is {}.", self.state));
            match more {
                Some(next) => format!("{shown}\n\nMore: --after \"{next}\""),
                None => shown,
            }
        })
    }
}

/// What the mapping says about a difference; nothing where no mapping writes the attribute.
fn policy(one: &drift::Drift, rules: &[Stored]) -> String {
    let rule = rules.iter().find(|rule| rule.key == one.rule);
    let mapping = rule.and_then(|rule| rule.rule.mappings.iter().find(|m| m.target == one.attribute));
    let word = mapping.and_then(|mapping| serde_json::to_value(mapping.drift).ok());
    word.as_ref().map(field::shown).unwrap_or_default()
}

fn row(one: &drift::Drift, rules: &[Stored]) -> Value {
    let rule = rules.iter().find(|rule| rule.key == one.rule);
    json!({
        "rule": rule.map(|rule| &rule.name), "object": one.label, "attribute": one.attribute,
        "expected": one.expected, "found": one.found, "state": one.state, "policy": policy(one, rules),
        "first_seen": clock::text(one.first_seen), "last_seen": clock::text(one.last_seen),
    })
}

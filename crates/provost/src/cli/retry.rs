//! `provost retry`: steps that failed and are tried again.

use super::{Place, who};
use crate::clock;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::retry::{self, Asked, NEVER, Waiting};
use serde_json::{Value, json};

/// What failed, and when it is tried again: with the next cycle, then later and later, for 28 days.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Retry {
    /// List what waits for another try
    List(List),
    /// Try it with the next cycle: all of it, or one person or group; also what was given up
    Now {
        /// The connection
        name: String,
        /// Only this person or group
        #[arg(long, value_name = "WHO")]
        person: Option<String>,
    },
}

/// What is listed.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The connection
    name: String,
    /// Only with this in the name, the reason or the code
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// Only what is not tried again by itself any more
    #[arg(long)]
    given_up: bool,
    /// Only those after this place, from the page before
    #[arg(long, value_name = "PLACE")]
    after: Option<After>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Where a page goes on: three keys.
#[derive(Debug, Clone, Copy)]
struct After(i64, i64, i64);

impl std::str::FromStr for After {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let keys: Result<Vec<i64>, _> = text.split('-').map(str::parse).collect();
        match keys.as_deref() {
            Ok([rule, object, member]) => Ok(Self(*rule, *object, *member)),
            _ => anyhow::bail!("write what the page before named behind \"More: --after\""),
        }
    }
}

impl Retry {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Retry::List(list) => list.run(place, &hub).await,
            Retry::Now { name, person } => now(place, &hub, &name, person).await,
        };
        hub.close();
        done
    }
}

impl List {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let asked = Asked {
            connection: hub.connection(&self.name).await?.key,
            text: self.find,
            given_up: self.given_up,
            after: self
                .after
                .map(|After(rule, object, member)| (rule, object, member)),
        };
        let limit = self.limit as usize;
        let page = hub.db.read(move |tx| retry::page(tx, &asked, limit)).await?;
        let next = page
            .next
            .map(|(rule, object, member)| format!("{rule}-{object}-{member}"));
        let rows: Vec<Value> = page.steps.iter().map(row).collect();
        output::either(place.json, &json!({"waiting": rows, "next": next}), || {
            let mut table = Table::new(["object", "tries", "failed first", "next try", "reason"]);
            for one in &page.steps {
                table.row([
                    one.label.clone(),
                    one.attempts.to_string(),
                    clock::text(one.first),
                    next_try(one).unwrap_or_else(|| "given up".to_owned()),
                    format!("{} ({})", one.reason, one.code),
                ]);
            }
            let shown = table.text_or("Nothing waits for another try.");
            match next {
                Some(next) => format!("{shown}\n\nMore: --after {next}"),
                None => shown,
            }
        })
    }
}

fn next_try(one: &Waiting) -> Option<String> {
    (one.next_try != NEVER).then(|| clock::text(one.next_try))
}

fn row(one: &Waiting) -> Value {
    json!({
        "object": one.label, "attempts": one.attempts, "failed_first": clock::text(one.first),
        "next_try": next_try(one), "given_up": one.next_try == NEVER, "code": one.code, "reason": one.reason,
    })
}

async fn now(place: &Place, hub: &Hub, name: &str, person: Option<String>) -> Result<()> {
    let connection = hub.connection(name).await?;
    let object = match &person {
        Some(text) => Some(who::present_or_gone(hub, text).await?.key),
        None => None,
    };
    let steps = hub
        .db
        .write(move |tx| retry::now(tx, &hub::actor(), clock::now(), &connection, object))
        .await?;
    let answer = json!({"connection": name, "steps": steps});
    output::either(place.json, &answer, || match steps {
        0 => "Nothing waits for another try.".to_owned(),
        steps => {
            let steps = output::count(steps, "step is", "steps are");
            format!("{steps} tried with the next cycle: provost cycle run \"{name}\"")
        }
    })
}

//! `provost request`: the request log.

use super::Place;
use crate::clock::{self, Validity};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_scim::leniency::Habit;
use provost_store::provider;
use provost_store::request::{self, Entry, Page, Search};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What inbound providers sent and what it meant. Values are masked before they are kept; each provider
/// decides which requests are kept, and for how long.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Request {
    /// List requests, newest first
    List(List),
    /// Show everything that is kept of a request
    Show {
        /// The request's key, from `provost request list`
        key: i64,
    },
}

/// Which requests are shown.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Of this inbound provider only
    provider: Option<String>,
    /// Only those that failed
    #[arg(long)]
    failed: bool,
    /// Only those that were meant to change something
    #[arg(long)]
    changes: bool,
    /// About this person or group (the beginning of the name, or the id), or with this in the path
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// Only those of the last time: 30m, 12h, 7d
    #[arg(long, value_name = "TIME")]
    since: Option<Validity>,
    /// Only those before this key
    #[arg(long, value_name = "KEY")]
    before: Option<i64>,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

impl Request {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Request::List(list) => list.run(place, &hub).await,
            Request::Show { key } => show(place, &hub, key).await,
        };
        hub.close();
        done
    }
}

impl List {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let workspace = hub.workspace.key;
        let provider = match &self.provider {
            Some(name) => Some(hub.provider(name).await?.key),
            None => None,
        };
        let search = Search {
            workspace,
            provider,
            failed: self.failed,
            changes: self.changes,
            text: self.find,
            before: self.before,
            since: self.since.and_then(|time| time.began(clock::now())),
            glance: None,
        };
        let limit = self.limit as usize;
        let (page, names) = hub
            .db
            .read(move |tx| {
                let page = request::search(tx, &search, limit)?;
                let all = provider::all(tx, workspace)?;
                let names = all.into_iter().map(|one| (one.key, one.name));
                Ok::<_, provost_store::Error>((page, names.collect::<Names>()))
            })
            .await?;
        let entries: Vec<Value> = page.entries.iter().map(|one| summary(one, &names)).collect();
        let answer = json!({"requests": entries, "next": page.next});
        output::either(place.json, &answer, || text(&page))
    }
}

/// Names of providers by their keys.
type Names = BTreeMap<i64, String>;

fn text(page: &Page) -> String {
    let mut table = Table::new(["key", "at", "method", "meant", "status", "who", "habits"]);
    for one in &page.entries {
        let habits = one.habits.len();
        table.row([
            one.key.to_string(),
            clock::text(one.at),
            one.method.clone(),
            what(one).to_owned(),
            one.status.to_string(),
            one.subject.clone(),
            if habits > 0 {
                habits.to_string()
            } else {
                String::new()
            },
        ]);
    }
    let shown = table.text_or("No request is kept that fits.");
    match page.next {
        Some(next) => format!("{shown}\n\nMore: --before {next}"),
        None => shown,
    }
}

/// What a request meant; of one that could not be understood, why.
fn what(one: &Entry) -> &str {
    if one.meaning.is_empty() {
        &one.error
    } else {
        &one.meaning
    }
}

fn summary(one: &Entry, names: &Names) -> Value {
    json!({
        "key": one.key, "at": clock::text(one.at), "provider": names.get(&one.provider), "method": one.method,
        "path": one.path, "status": one.status, "meaning": one.meaning, "subject": one.subject, "id": one.object,
        "error": none_if_empty(&one.error), "habits": one.habits, "micros": one.micros,
    })
}

fn none_if_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

async fn show(place: &Place, hub: &Hub, key: i64) -> Result<()> {
    let workspace = hub.workspace.key;
    let (found, names) = hub
        .db
        .read(move |tx| {
            let found = request::get(tx, workspace, key)?;
            let names = provider::all(tx, workspace)?
                .into_iter()
                .map(|one| (one.key, one.name));
            Ok::<_, provost_store::Error>((found, names.collect::<Names>()))
        })
        .await?;
    let one = found.ok_or_else(|| {
        let hint = "`provost request list` shows what is kept; a provider's log-days say for how long.";
        Failure::new(format!("there is no request {key} in the log"), hint)
    })?;
    let mut answer = summary(&one, &names);
    answer["request"] = body(&one.request).unwrap_or(Value::Null);
    answer["habits"] = one.habits.iter().map(|name| habit_json(name)).collect();
    output::either(place.json, &answer, || whole(&one, &names))
}

/// The masked body: JSON, unless it was cut.
fn body(text: &str) -> Option<Value> {
    let text = none_if_empty(text)?;
    Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
}

fn whole(one: &Entry, names: &Names) -> String {
    let or_dash = |text: &str| none_if_empty(text).unwrap_or("–").to_owned();
    let milliseconds = one.micros as f64 / 1000.0;
    let pairs = [
        ("at", clock::text(one.at)),
        (
            "provider",
            or_dash(names.get(&one.provider).map_or("", String::as_str)),
        ),
        ("meant", or_dash(&one.meaning)),
        ("who", or_dash(&one.subject)),
        ("id", one.object.map_or("–".to_owned(), |id| id.to_string())),
        ("status", format!("{}, after {milliseconds:.1} ms", one.status)),
        ("error", or_dash(&one.error)),
    ];
    let mut parts = vec![format!("{} {}", one.method, one.path), output::pairs(&pairs)];
    if !one.habits.is_empty() {
        let habits = output::indent(&habits(&one.habits));
        parts.push(format!("Understood by habits beyond the RFC\n{habits}"));
    }
    if let Some(body) = body(&one.request) {
        let shown = match body {
            Value::String(cut) => cut,
            whole => serde_json::to_string_pretty(&whole).unwrap_or_default(),
        };
        parts.push(format!("Sent, masked\n{}", output::indent(&shown)));
    }
    parts.join("\n\n")
}

fn habit(name: &str) -> Option<Habit> {
    Habit::ALL.iter().copied().find(|habit| habit.name() == name)
}

fn habit_json(name: &str) -> Value {
    let known = habit(name);
    json!({"name": name, "vendor": known.map(Habit::vendor), "source": known.map(Habit::source)})
}

fn habits(names: &[String]) -> String {
    let mut table = Table::new(["habit", "vendor", "source"]);
    for name in names {
        let known = habit(name);
        let text = |what: Option<&'static str>| what.unwrap_or_default().to_owned();
        table.row([
            name.clone(),
            text(known.map(Habit::vendor)),
            text(known.map(Habit::source)),
        ]);
    }
    table.text_or("")
}

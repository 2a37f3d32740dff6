//! `provost provider show`.

use super::settings::fields;
use super::{summary, tenant_url};
use crate::cli::{Place, client, token};
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_scim::leniency::Habit;
use provost_store::habit::Count;
use provost_store::provider::{Provider, State};
use provost_store::request::Counts;
use provost_store::{Error, Tx, directory, habit, request};
use serde_json::{Map, Value, json};

/// Milliseconds for which requests are counted.
const HOUR: i64 = 60 * 60 * 1000;

/// Everything about a provider.
struct Known {
    provider: Provider,
    tokens: Vec<provost_store::token::Token>,
    clients: Vec<provost_store::client::Client>,
    habits: Vec<Count>,
    people: i64,
    groups: i64,
    requests: Counts,
}

impl Known {
    fn read(tx: &mut Tx, provider: &Provider, now: i64) -> Result<Self, Error> {
        let key = provider.key;
        Ok(Self {
            provider: provider.clone(),
            tokens: provost_store::token::of_provider(tx, key)?,
            clients: provost_store::client::of_provider(tx, key)?,
            habits: habit::of_provider(tx, key)?,
            people: directory::count_owned(tx, provider.owner(), Kind::Person)?,
            groups: directory::count_owned(tx, provider.owner(), Kind::Group)?,
            requests: request::counts(tx, key, now - HOUR)?,
        })
    }
}

/// Shows one provider.
pub(super) async fn run(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let provider = hub.provider(name).await?;
    let now = clock::now();
    let known = hub.db.read(move |tx| Known::read(tx, &provider, now)).await?;
    output::either(place.json, &to_json(hub, &known, now), || text(hub, &known, now))
}

fn to_json(hub: &Hub, known: &Known, now: i64) -> Value {
    let mut answer = summary(hub, &known.provider);
    answer["settings"] = serde_json::to_value(&known.provider.settings).unwrap_or_default();
    answer["tokens"] = known.tokens.iter().map(|one| token::to_json(one, now)).collect();
    answer["clients"] = known
        .clients
        .iter()
        .map(|one| client::to_json(one, now))
        .collect();
    answer["habits"] = known.habits.iter().map(habit_json).collect();
    answer["people"] = known.people.into();
    answer["groups"] = known.groups.into();
    answer["requests_in_the_last_hour"] = json!({"all": known.requests.all, "failed": known.requests.failed, "is_complete": !known.requests.is_cut});
    answer
}

fn habit_json(count: &Count) -> Value {
    let known = count.habit();
    let mut value = Map::new();
    value.insert("name".to_owned(), count.name.clone().into());
    value.insert("uses".to_owned(), count.uses.into());
    value.insert("vendor".to_owned(), known.map(Habit::vendor).into());
    value.insert("source".to_owned(), known.map(Habit::source).into());
    value.insert("first_seen".to_owned(), clock::text(count.first_seen).into());
    value.insert("last_seen".to_owned(), clock::text(count.last_seen).into());
    value.into()
}

fn text(hub: &Hub, known: &Known, now: i64) -> String {
    let settings = output::pairs(&fields(&known.provider));
    let tokens = token::table(&known.tokens, now);
    let tokens = tokens.text_or("No token: `provost token add` makes one.");
    let mut parts = vec![
        format!("{}\n{}", known.provider.name, output::pairs(&facts(hub, known))),
        format!("Settings\n{settings}"),
        format!("Tokens\n{}", output::indent(&tokens)),
    ];
    if !known.clients.is_empty() {
        let clients = client::table(&known.clients, now).text_or("");
        parts.push(format!("OAuth clients\n{}", output::indent(&clients)));
    }
    parts.push(format!(
        "Habits beyond the RFC\n{}",
        output::indent(&habits(&known.habits))
    ));
    parts.join("\n\n")
}

fn facts(hub: &Hub, known: &Known) -> Vec<(&'static str, String)> {
    let one = &known.provider;
    let seen = one
        .seen
        .map_or("nothing yet".to_owned(), |dialect| dialect.to_string());
    vec![
        ("tenant URL", tenant_url(hub)),
        ("id", one.id.to_string()),
        ("state", state(one)),
        ("sends like", seen),
        ("first request", clock::text_or(one.first_request, "none yet")),
        ("last request", clock::text_or(one.last_request, "none yet")),
        ("last hour", requests(&known.requests)),
        ("people", known.people.to_string()),
        ("groups", known.groups.to_string()),
    ]
}

fn state(one: &Provider) -> String {
    match (one.state, one.first_request) {
        (State::Draft, _) => format!(
            "draft: requests are answered 401 until `provost provider save \"{}\"`",
            one.name
        ),
        (State::Off, _) => format!(
            "off: requests are answered 401 until `provost provider save \"{}\"`",
            one.name
        ),
        (State::Saved, None) => "saved, waiting for the first request".to_owned(),
        (State::Saved, Some(_)) => "saved".to_owned(),
    }
}

fn requests(counts: &Counts) -> String {
    let more = if counts.is_cut { "more than " } else { "" };
    let all = output::count(counts.all, "request", "requests");
    format!("{more}{all}, {} failed", counts.failed)
}

/// What a strict setting would break.
fn habits(all: &[Count]) -> String {
    let mut table = Table::new(["habit", "uses", "last seen", "vendor", "source"]);
    for one in all {
        let known = one.habit();
        table.row([
            one.name.clone(),
            one.uses.to_string(),
            clock::text(one.last_seen),
            known.map(Habit::vendor).unwrap_or_default().to_owned(),
            known.map(Habit::source).unwrap_or_default().to_owned(),
        ]);
    }
    table.text_or("None was met: it sends what the RFC describes.")
}

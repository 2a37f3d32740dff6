//! Who has come, who is left, and what was ticked of what is done in Entra.

use crate::cli::Place;
use crate::clock;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::{Result, bail};
use provost_store::Tx;
use provost_store::migration::{self, EntraLine, Request, Standing, Tick};
use serde_json::{Value, json};

/// Which sign-ins.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The Microsoft 365 provider
    provider: String,
    /// Only those that are mismatched, pending, approved, denied or onboarded
    #[arg(long)]
    state: Option<String>,
    /// Go on after this place
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

/// Which people.
#[derive(Debug, clap::Args)]
pub(crate) struct Left {
    /// The Microsoft 365 provider
    provider: String,
    /// Go on after this place
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

impl List {
    /// Lists them.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let found = hub.microsoft_365(&self.provider).await?;
        let standing = self.state.as_deref().map(str::parse::<Standing>).transpose()?;
        let after = self.after.as_deref().map(place_of).transpose()?;
        let limit = i64::from(self.limit);
        let read = move |tx: &mut Tx| migration::requests(tx, found.key, standing, after, limit);
        let page = hub.db.read(read).await?;
        let next = page.next.map(|(state, key)| format!("{state}~{key}"));
        let rows: Vec<Value> = page.requests.iter().map(row).collect();
        output::either(place.json, &json!({"requests": rows, "next": next}), || {
            let mut table = Table::new(["state", "conflict", "account", "person", "last", "object id"]);
            for one in &page.requests {
                table.row([
                    one.standing.to_string(),
                    one.conflict.to_string(),
                    one.name.clone(),
                    one.person_label.clone(),
                    clock::text(one.last),
                    one.account.clone(),
                ]);
            }
            more(table, next.as_deref())
        })
    }
}

fn place_of(text: &str) -> Result<(i64, i64)> {
    match text
        .split_once('~')
        .map(|(state, key)| (state.parse(), key.parse()))
    {
        Some((Ok(state), Ok(key))) => Ok((state, key)),
        _ => bail!("The list does not go on there. Take the place from the end of the page before."),
    }
}

fn row(one: &Request) -> Value {
    json!({
        "account": one.account, "user_principal_name": one.name, "display_name": one.label, "typed": one.typed,
        "state": one.standing, "conflict": one.conflict, "person": one.person_id, "person_label": one.person_label,
        "first": clock::text(one.first), "last": clock::text(one.last), "actor": one.actor, "reason": one.reason,
    })
}

fn more(table: Table, next: Option<&str>) -> String {
    let shown = table.text_or("Nobody.");
    match next {
        Some(next) => format!("{shown}\n\nMore: --after '{next}'"),
        None => shown,
    }
}

impl Left {
    /// Lists them.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let found = hub.microsoft_365(&self.provider).await?;
        let after = self.after.as_deref().map(left_place).transpose()?;
        let (key, connection) = (found.key, found.connection.unwrap_or(0));
        let limit = self.limit as usize;
        let read = move |tx: &mut Tx| migration::left(tx, key, connection, after.clone(), limit);
        let page = hub.db.read(read).await?;
        let next = page
            .next
            .map(|(state, name, key)| format!("{state}~{key}~{name}"));
        let rows: Vec<Value> = page
            .people
            .iter()
            .map(|one| json!({"id": one.id, "label": one.label, "user_name": one.name, "link": one.link}))
            .collect();
        output::either(place.json, &json!({"people": rows, "next": next}), || {
            let mut table = Table::new(["link", "who", "user name", "id"]);
            for one in &page.people {
                table.row([
                    one.link.to_string(),
                    one.label.clone(),
                    one.name.clone(),
                    one.id.to_string(),
                ]);
            }
            more(table, next.as_deref())
        })
    }
}

fn left_place(text: &str) -> Result<(i64, String, i64)> {
    let mut parts = text.splitn(3, '~');
    let number = |part: Option<&str>| part.and_then(|text| text.parse::<i64>().ok());
    let (state, key) = (number(parts.next()), number(parts.next()));
    match (state, key, parts.next()) {
        (Some(state), Some(key), Some(name)) => Ok((state, name.to_owned(), key)),
        _ => bail!("The list does not go on there. Take the place from the end of the page before."),
    }
}

/// Ticks a line of what is done in Entra, or takes the tick back, and shows how the list stands.
pub(super) async fn tick(place: &Place, hub: &Hub, (provider, line): (&str, &str), on: bool) -> Result<()> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    let ticks = engine
        .tick_migration(hub.workspace.key, provider, line, on, &actor)
        .await?;
    output::either(place.json, &json!({ "entra_list": ticked(&ticks) }), || {
        format!("Done in Entra: {}", ticked_words(&ticks))
    })
}

/// What was ticked, for programs.
pub(super) fn ticked(ticks: &[Tick]) -> Vec<Value> {
    let row = |line: &EntraLine| {
        let tick = ticks.iter().find(|one| one.line == *line);
        json!({
            "line": line, "is_done": tick.is_some(), "time": tick.map(|one| clock::text(one.at)),
            "actor": tick.map(|one| &one.actor),
        })
    };
    EntraLine::ALL.iter().map(row).collect()
}

/// What was ticked, for people.
pub(super) fn ticked_words(ticks: &[Tick]) -> String {
    let mut words: Vec<&str> = ticks.iter().map(|one| one.line.as_str()).collect();
    if words.is_empty() {
        words.push("nothing is ticked");
    }
    words.join(", ")
}

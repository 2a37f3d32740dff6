//! Who has come, and who is left.

use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::{Result, bail};
use provost_store::Tx;
use provost_store::migration::{self, Request, Standing};
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

//! The two lists.

use crate::cli::Place;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::Tx;
use provost_store::identifier::{self, Account, AccountsAsked, LinkState, Mark, PeopleAsked, PersonLine};
use serde_json::{Value, json};

/// Which accounts.
#[derive(Debug, clap::Args)]
pub(crate) struct Accounts {
    /// The Microsoft 365 provider
    provider: String,
    /// Only those that are unlinked, suggested, exempt or linked
    #[arg(long)]
    state: Option<String>,
    /// Only those of a guest, shared, disabled, protected or synchronised
    #[arg(long)]
    mark: Option<String>,
    /// Only those with this in a name, a mail address, an employee number or the object id
    #[arg(long)]
    search: Option<String>,
    /// Go on after this place
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

/// Which people.
#[derive(Debug, clap::Args)]
pub(crate) struct People {
    /// The Microsoft 365 provider
    provider: String,
    /// Only those who are unlinked, suggested, exempt or linked
    #[arg(long)]
    state: Option<String>,
    /// Only those with this in the user name, the display name or the id
    #[arg(long)]
    search: Option<String>,
    /// Go on after this place
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

impl Accounts {
    /// Lists them.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let found = hub.microsoft_365(&self.provider).await?;
        let asked = AccountsAsked {
            connection: found.connection.unwrap_or(0),
            state: self.state.as_deref().map(str::parse::<LinkState>).transpose()?,
            mark: self.mark.as_deref().map(str::parse::<Mark>).transpose()?,
            text: self.search,
            after: self.after.as_deref().map(str::parse).transpose()?,
        };
        let limit = self.limit as usize;
        let read = move |tx: &mut Tx| identifier::accounts(tx, &asked, limit);
        let page = hub.db.read(read).await?;
        let next = page.next.map(|next| next.to_string());
        let rows: Vec<Value> = page.accounts.iter().map(account).collect();
        output::either(place.json, &json!({"accounts": rows, "next": next}), || {
            let mut table = Table::new(["state", "account", "name", "marks", "who", "object id"]);
            for one in &page.accounts {
                table.row([
                    one.state.to_string(),
                    one.facts.name.clone(),
                    one.facts.label.clone(),
                    marks(one).join(", "),
                    told(one.score, &one.person_label, &one.why, &one.owner, &one.reason),
                    one.facts.id.clone(),
                ]);
            }
            more(table, next.as_deref())
        })
    }
}

impl People {
    /// Lists them.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let found = hub.microsoft_365(&self.provider).await?;
        let asked = PeopleAsked {
            connection: found.connection.unwrap_or(0),
            state: self.state.as_deref().map(str::parse::<LinkState>).transpose()?,
            text: self.search,
            after: self.after.as_deref().map(str::parse).transpose()?,
        };
        let limit = self.limit as usize;
        let read = move |tx: &mut Tx| identifier::people(tx, &asked, limit);
        let page = hub.db.read(read).await?;
        let next = page.next.map(|next| next.to_string());
        let rows: Vec<Value> = page.people.iter().map(person).collect();
        output::either(place.json, &json!({"people": rows, "next": next}), || {
            let mut table = Table::new(["state", "who", "user name", "account", "id"]);
            for line in &page.people {
                let one = &line.person;
                table.row([
                    one.state.to_string(),
                    line.label.clone(),
                    line.name.clone(),
                    told(one.score, &line.account_name, &one.why, &one.owner, &one.reason),
                    line.id.to_string(),
                ]);
            }
            more(table, next.as_deref())
        })
    }
}

fn more(table: Table, next: Option<&str>) -> String {
    let shown = table.text_or("Nobody.");
    match next {
        Some(next) => format!("{shown}\n\nMore: --after '{next}'"),
        None => shown,
    }
}

/// The other side, and why it is suggested or not needed.
fn told(score: i64, other: &str, why: &str, owner: &str, reason: &str) -> String {
    if score > 0 {
        format!("{other} ({score}: {why})")
    } else if reason.is_empty() {
        other.to_owned()
    } else {
        format!("{owner}: {reason}")
    }
}

fn marks(one: &Account) -> Vec<&'static str> {
    Mark::ALL
        .iter()
        .filter(|mark| mark.is_of(one))
        .map(|mark| mark.as_str())
        .collect()
}

fn account(one: &Account) -> Value {
    json!({
        "id": one.facts.id, "user_principal_name": one.facts.name, "display_name": one.facts.label, "mail": one.facts.mail,
        "employee_id": one.facts.employee, "immutable_id": one.facts.immutable_id, "state": one.state,
        "person": one.person_id, "person_label": one.person_label, "score": one.score, "why": one.why, "marks": marks(one),
        "reason": one.reason, "owner": one.owner,
    })
}

fn person(line: &PersonLine) -> Value {
    let one = &line.person;
    json!({
        "id": line.id, "label": line.label, "user_name": line.name, "state": one.state, "account": one.account,
        "account_name": line.account_name, "score": one.score, "why": one.why, "reason": one.reason, "owner": one.owner,
    })
}

//! `provost status`: how far people and groups are synchronised.

use super::{Place, who};
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::connection;
use provost_store::sync_status::{Asked, Listed, Page};
use provost_sync::status::{ObjectStatus, RuleStatus};
use serde_json::{Value, json};

/// Which numbers, or which list.
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// The connection; without it, all of them
    connection: Option<String>,
    /// The rule; without it, all of the connection's
    rule: Option<String>,
    /// Name who is counted: the list behind one of the numbers
    #[arg(long, value_enum, requires = "connection")]
    list: Option<Which>,
    /// This person or group in every connection
    #[arg(long, value_name = "WHO", conflicts_with_all = ["connection", "list"])]
    person: Option<String>,
    /// Only those after this key
    #[arg(long, value_name = "KEY", requires = "list")]
    after: Option<i64>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

/// A number whose list can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    /// Everybody a rule is meant for
    Impacted,
    /// Who is as the rule wants
    Success,
    /// Who has no account, because none may be made
    Unsynced,
    /// Whose account is not wholly as it should be
    PartiallySynced,
    /// Whose last try failed
    Failed,
}

impl From<Which> for Asked {
    fn from(which: Which) -> Self {
        match which {
            Which::Impacted => Asked::Impacted,
            Which::Success => Asked::Success,
            Which::Unsynced => Asked::Unsynced,
            Which::PartiallySynced => Asked::PartiallySynced,
            Which::Failed => Asked::Failed,
        }
    }
}

impl Status {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match (&self.person, self.list) {
            (Some(who), _) => person(place, &hub, who).await,
            (None, Some(which)) => self.lists(place, &hub, which.into()).await,
            (None, None) => self.numbers(place, &hub).await,
        };
        hub.close();
        done
    }

    async fn numbers(&self, place: &Place, hub: &Hub) -> Result<()> {
        let mut all = Vec::new();
        for (name, key) in self.connections(hub).await? {
            let rules = hub.engine()?.sync_status(key).await?;
            for status in rules {
                if self.rule.as_ref().is_none_or(|rule| *rule == status.rule) {
                    all.push((name.clone(), status));
                }
            }
        }
        if let (Some(rule), true) = (&self.rule, all.is_empty()) {
            let connection = self.connection.as_deref().unwrap_or_default();
            return Err(no_rule(hub, connection, rule).await);
        }
        let answer: Vec<Value> = all
            .iter()
            .map(|(name, status)| {
                let mut row = json!(status);
                row["connection"] = json!(name);
                row
            })
            .collect();
        output::either(place.json, &answer, || numbers_text(&all))
    }

    async fn connections(&self, hub: &Hub) -> Result<Vec<(String, i64)>> {
        if let Some(name) = &self.connection {
            let found = hub.connection(name).await?;
            return Ok(vec![(found.name, found.key)]);
        }
        let workspace = hub.workspace.key;
        let all = hub.db.read(move |tx| connection::all(tx, workspace)).await?;
        Ok(all.into_iter().map(|one| (one.name, one.key)).collect())
    }

    /// The list behind a number, of one rule or of one after the other.
    async fn lists(&self, place: &Place, hub: &Hub, asked: Asked) -> Result<()> {
        let name = self.connection.as_deref().unwrap_or_default();
        let key = hub.connection(name).await?.key;
        let engine = hub.engine()?;
        let rules = match &self.rule {
            Some(rule) => vec![rule.clone()],
            None => engine
                .sync_status(key)
                .await?
                .into_iter()
                .map(|one| one.rule)
                .collect(),
        };
        let mut pages = Vec::new();
        for rule in rules {
            let limit = self.limit as usize;
            let page = engine
                .sync_status_list(key, &rule, asked, self.after, limit)
                .await?;
            pages.push((rule, page));
        }
        let answer: Vec<Value> = pages
            .iter()
            .map(|(rule, page)| {
                let objects: Vec<Value> = page.objects.iter().map(row).collect();
                json!({"rule": rule, "objects": objects, "next": page.next})
            })
            .collect();
        output::either(place.json, &answer, || lists_text(&pages))
    }
}

async fn no_rule(hub: &Hub, connection: &str, rule: &str) -> anyhow::Error {
    let rules = match hub.connection(connection).await {
        Ok(found) => super::rule::all(hub, found.key).await,
        Err(error) => return error,
    };
    match rules.and_then(|rules| super::rule::find(&rules, connection, rule)) {
        Ok(_) => anyhow::anyhow!("the rule \"{rule}\" was saved just now; ask again"),
        Err(error) => error,
    }
}

/// A table whose numbers can be asked for by `--list`.
fn numbers_text(all: &[(String, RuleStatus)]) -> String {
    let mut table = Table::new([
        "connection",
        "rule",
        "of",
        "impacted",
        "success",
        "unsynced",
        "partially synced",
        "failed",
    ]);
    for (connection, status) in all {
        let counts = &status.counts;
        let off = if status.enabled { "" } else { " (off)" };
        table.row([
            connection.clone(),
            format!("{}{off}", status.rule),
            status.kind.to_string(),
            counts.impacted.to_string(),
            counts.success.to_string(),
            counts.unsynced.to_string(),
            counts.partially_synced.to_string(),
            counts.failed.to_string(),
        ]);
    }
    let shown = table.text_or("There is no rule yet.");
    if all.is_empty() {
        return shown;
    }
    format!("{shown}\n\nWho that is: provost status CONNECTION RULE --list failed")
}

fn lists_text(pages: &[(String, Page)]) -> String {
    let mut table = Table::new(["rule", "name", "status", "account", "code", "reason", "since"]);
    for (rule, page) in pages {
        for one in &page.objects {
            table.row([
                rule.clone(),
                one.label.clone(),
                one.status.as_str().replace('_', " "),
                one.target_id.clone(),
                one.code.clone(),
                one.reason.clone(),
                since(one.since).unwrap_or_default(),
            ]);
        }
    }
    let shown = table.text_or("Nobody.");
    let more = pages.iter().filter_map(|(rule, page)| Some((rule, page.next?)));
    let more: String = more
        .map(|(rule, next)| format!("\n\nMore of \"{rule}\": name the rule and --after {next}"))
        .collect();
    format!("{shown}{more}")
}

fn row(one: &Listed) -> Value {
    json!({
        "id": one.id, "label": one.label, "status": one.status, "target_id": one.target_id, "code": one.code,
        "reason": one.reason, "since": since(one.since),
    })
}

fn since(millis: i64) -> Option<String> {
    (millis > 0).then(|| clock::text(millis))
}

/// How one person or group stands everywhere.
async fn person(place: &Place, hub: &Hub, text: &str) -> Result<()> {
    let named = who::present_or_gone(hub, text).await?;
    let all = hub.engine()?.sync_status_of(hub.workspace.key, named.key).await?;
    let answer = json!({"id": named.id, "label": named.label, "status": all});
    output::either(place.json, &answer, || {
        format!(
            "{} ({})\n{}",
            named.label,
            named.id,
            output::indent(&person_text(&all))
        )
    })
}

fn person_text(all: &[ObjectStatus]) -> String {
    let mut table = Table::new(["connection", "rule", "status", "account", "reason"]);
    for one in all {
        table.row([
            one.connection.clone(),
            one.rule.clone(),
            one.status.as_str().replace('_', " "),
            one.target_id.clone(),
            one.reason.clone(),
        ]);
    }
    table.text_or("No rule is meant for them, as far as cycles have come.")
}

//! `provost rule count`: whom a rule means.

use super::{list, read};
use crate::cli::{Place, question};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::{output, progress};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::Connection;
use provost_sync::setup::HeadCount;
use serde_json::json;
use std::path::PathBuf;

/// Which rule is counted.
#[derive(Debug, clap::Args)]
pub(crate) struct Count {
    /// The connection
    connection: String,
    /// The rule; needed when the connection, or the file, has several
    rule: Option<String>,
    /// Count with the rules of this file, which are not saved
    #[arg(long)]
    file: Option<PathBuf>,
}

impl Count {
    /// Walks the directory and counts.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let rule = self.chosen(hub, &connection).await?;
        let bar = progress::spinner("counting");
        let count = hub.engine()?.head_count(connection.key, &rule).await;
        bar.finish_and_clear();
        let count = count?;
        let answer = json!({
            "connection": connection.name, "rule": rule.name, "kind": rule.object, "meant": count.meant,
            "total": count.total, "unknown": count.unknown, "names": count.names,
        });
        output::either(place.json, &answer, || text(&rule, &count))
    }

    async fn chosen(&self, hub: &Hub, connection: &Connection) -> Result<Rule> {
        let mut rules = match &self.file {
            Some(file) => read::read(file)?.rules,
            None => list::all(hub, connection.key).await?,
        };
        let at = match &self.rule {
            Some(name) => list::find(&rules, &connection.name, name)?,
            None if rules.len() == 1 => 0,
            None => {
                let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
                let hint = format!("Name one of them: {}", names.join(", "));
                return Err(Failure::new(format!("there are {} rules", rules.len()), hint).into());
            }
        };
        Ok(rules.swap_remove(at))
    }
}

fn text(rule: &Rule, count: &HeadCount) -> String {
    let (one, many) = match rule.object {
        Kind::Person => ("person", "people"),
        Kind::Group => ("group", "groups"),
    };
    let mut parts = vec![format!(
        "The rule \"{}\" means {} of {} {many}.",
        rule.name, count.meant, count.total
    )];
    if count.unknown > 0 {
        let unknown = output::count(count.unknown, one, many);
        parts.push(format!(
            "Of {unknown} it cannot be said: a filter does not fit their attributes."
        ));
    }
    if !count.names.is_empty() {
        parts.push(question::names(&count.names));
    }
    parts.join("\n")
}

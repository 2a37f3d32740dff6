//! `provost link unlink` and `relink`.

use super::{named, of, rule_name};
use crate::cli::{Place, who};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::{ask, output, progress};
use anyhow::Result;
use provost_store::rule::{self, Stored};
use serde_json::json;

/// Which link is broken.
#[derive(Debug, clap::Args)]
pub(crate) struct Unlink {
    /// The connection
    connection: String,
    /// The person or group, also one that is gone
    who: String,
    /// Only the link of this rule, where there are several
    #[arg(long)]
    rule: Option<String>,
    /// Do not ask
    #[arg(long, short = 'y')]
    yes: bool,
}

/// Which link is made.
#[derive(Debug, clap::Args)]
pub(crate) struct Relink {
    /// The connection
    connection: String,
    /// The person or group
    who: String,
    /// The account's or the group's id in the target
    target_id: String,
    /// By which rule, where several are for this kind
    #[arg(long)]
    rule: Option<String>,
    /// Do not ask
    #[arg(long, short = 'y')]
    yes: bool,
}

impl Unlink {
    /// Breaks the link.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?.key;
        let (mut links, rules) = of(hub, &self.connection, &self.who).await?;
        if let Some(name) = &self.rule {
            let rule = named(&rules, &self.connection, name)?.key;
            links.retain(|link| link.rule == rule);
        }
        let link = match links.as_slice() {
            [one] => one,
            [] => return Err(no_link(&self.connection, &self.who)),
            several => {
                let names: Vec<&str> = several.iter().map(|link| rule_name(link.rule, &rules)).collect();
                let hint = format!("Name one with --rule: {}", names.join(", "));
                let sentence = format!("\"{}\" has several links in \"{}\"", self.who, self.connection);
                return Err(Failure::new(sentence, hint).into());
            }
        };
        let question = format!(
            "Forget that {} is {} in \"{}\"? The account stays; the next cycle looks for a match again.",
            link.label, link.target_id, self.connection
        );
        ask::agree(&question, self.yes)?;
        let engine = hub.engine()?;
        if !engine
            .unlink(connection, link.rule, link.object, &hub::actor())
            .await?
        {
            return Err(no_link(&self.connection, &self.who));
        }
        let answer = json!({
            "connection": self.connection, "rule": rule_name(link.rule, &rules), "object": link.label,
            "target_id": link.target_id,
        });
        output::either(place.json, &answer, || {
            format!(
                "{} is not linked to {} any more; the account stays.",
                link.label, link.target_id
            )
        })
    }
}

fn no_link(connection: &str, who: &str) -> anyhow::Error {
    let hint = format!("`provost link list \"{connection}\"` shows the links.");
    Failure::new(format!("\"{who}\" has no such link in \"{connection}\""), hint).into()
}

impl Relink {
    /// Makes the link.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?.key;
        let who = who::present(hub, &self.who).await?;
        let rules = hub.db.read(move |tx| rule::of_connection(tx, connection)).await?;
        let fitting: Vec<&Stored> = rules.iter().filter(|rule| rule.kind == who.kind).collect();
        let rule = match (&self.rule, fitting.as_slice()) {
            (Some(name), _) => named(&rules, &self.connection, name)?,
            (None, [one]) => *one,
            (None, several) => {
                let names: Vec<&str> = several.iter().map(|rule| rule.name.as_str()).collect();
                let hint = format!("Name one with --rule: {}", names.join(", "));
                let sentence = format!("\"{}\" has not exactly one rule for this kind", self.connection);
                return Err(Failure::new(sentence, hint).into());
            }
        };
        let question = format!(
            "Link {} to {} in \"{}\"? The next cycle writes every mapped attribute there.",
            who.label, self.target_id, self.connection
        );
        ask::agree(&question, self.yes)?;
        let spinner = progress::spinner("asking the target");
        let (engine, actor) = (hub.engine()?, hub::actor());
        let found = engine
            .relink(connection, rule.key, who.key, &self.target_id, &actor)
            .await;
        spinner.finish_and_clear();
        let account = found?;
        let answer = json!({
            "connection": self.connection, "rule": rule.name, "object": who.label, "target_id": account.id,
            "enabled": account.enabled,
        });
        output::either(place.json, &answer, || {
            format!(
                "{} is linked to {} in \"{}\".",
                who.label, account.id, self.connection
            )
        })
    }
}

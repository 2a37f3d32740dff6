//! `provost rule remove`.

use super::{list, save};
use crate::ask;
use crate::cli::change::{self, Confirm};
use crate::cli::{Place, question};
use crate::hub::{self, Hub};
use crate::output::{self, count};
use crate::progress;
use anyhow::Result;
use provost_engine::rule::RemoveAction;
use provost_store::connection::Connection;
use provost_sync::{Engine, RuleRemoval, setup};
use serde_json::json;

/// Which rule is removed.
#[derive(Debug, clap::Args)]
pub(crate) struct Remove {
    /// The connection
    connection: String,
    /// The rule
    rule: String,
    /// The rule's name once more, instead of typing it when asked; where its accounts go with it
    #[arg(long = "confirm", value_name = "NAME")]
    typed: Option<String>,
    #[command(flatten)]
    confirm: Confirm,
}

impl Remove {
    /// Removes a rule, with its accounts where the connection says so.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let rules = list::all(hub, connection.key).await?;
        let at = list::find(&rules, &connection.name, &self.rule)?;
        let engine = hub.engine()?;
        let allowed = &connection.preferences.allowed;
        let action = allowed.remove_action.unwrap_or(rules[at].remove);
        let removed = if allowed.deprovision_on_rule_deletion && action != RemoveAction::Leave {
            self.deprovision(&engine, &connection).await?
        } else {
            let mut after = rules;
            after.remove(at);
            let preview = save::effect(hub, &connection, &after).await?;
            change::confirm(&preview, self.confirm)?;
            take(&engine, &connection, &self.rule, &setup::Confirm::default()).await?
        };
        let answer = json!({
            "connection": connection.name, "removed": removed.done.then_some(&self.rule), "removal": removed,
        });
        output::either(place.json, &answer, || text(&connection, &removed))
    }

    /// Shows who loses the account, and goes on with the rule's name.
    async fn deprovision(&self, engine: &Engine, connection: &Connection) -> Result<RuleRemoval> {
        let name = &self.rule;
        // Where nobody has an account by it, it goes at once.
        let told = take(engine, connection, name, &setup::Confirm::default()).await?;
        if told.done || told.people == 0 {
            return Ok(told);
        }
        question::show(&question::names(&told.labels));
        let sentence = format!(
            "With the rule \"{name}\" the accounts of {} are {}{}.",
            people(told.people),
            verb(told.action),
            kept(&told)
        );
        ask::name(&sentence, name, self.typed.as_deref())?;
        let confirm = setup::Confirm {
            digest: Some(told.digest),
            typed: Some(name.clone()),
            understood: true,
        };
        take(engine, connection, name, &confirm).await
    }
}

async fn take(
    engine: &Engine,
    connection: &Connection,
    rule: &str,
    confirm: &setup::Confirm,
) -> Result<RuleRemoval> {
    let bar = progress::spinner(&format!("removing the rule {rule}"));
    let removed = engine
        .remove_rule(connection.key, rule, confirm, &hub::actor())
        .await;
    bar.finish_and_clear();
    Ok(removed?)
}

fn text(connection: &Connection, removed: &RuleRemoval) -> String {
    let (rule, name) = (&removed.rule, &connection.name);
    let deprovisioned = connection.preferences.allowed.deprovision_on_rule_deletion && removed.people > 0;
    if !removed.done {
        let held: u64 = removed.held.iter().map(|held| held.steps).sum();
        let next = match held {
            0 => format!("The next cycle goes on: provost cycle run \"{name}\""),
            held => format!(
                "{} held for a decision: provost staged list \"{name}\"",
                count(held, "step is", "steps are")
            ),
        };
        return format!(
            "The rule \"{rule}\" of \"{name}\" means nobody any more, and goes when all is settled. {next}"
        );
    }
    if !deprovisioned {
        return format!(
            "The rule \"{rule}\" of \"{name}\" is removed; its accounts stay in the target as they are."
        );
    }
    format!(
        "The rule \"{rule}\" of \"{name}\" is removed. The accounts of {} were {}{}.",
        people(removed.people),
        verb(removed.action),
        kept(removed)
    )
}

fn people(number: u64) -> String {
    count(number, "person or group", "people and groups")
}

fn verb(action: RemoveAction) -> &'static str {
    match action {
        RemoveAction::Delete => "deleted",
        RemoveAction::Disable => "disabled",
        RemoveAction::Leave => "left as they are",
    }
}

fn kept(removed: &RuleRemoval) -> String {
    match removed.kept_by_other_rules {
        0 => String::new(),
        kept => format!("; {kept} keep theirs by another rule"),
    }
}

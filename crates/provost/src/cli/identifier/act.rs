//! What is done for one and for many.

use crate::cli::Place;
use crate::cli::question::{self, Names};
use crate::cli::who;
use crate::hub::{self, Hub};
use crate::output::{self, count};
use anyhow::Result;
use provost_sync::identifier::Chosen;
use serde_json::json;
use uuid::Uuid;

/// Who needs nobody on the other side, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Exempt {
    /// The Microsoft 365 provider
    provider: String,
    /// Object ids of accounts
    #[arg(long, value_name = "ID")]
    account: Vec<String>,
    /// People, by id or user name
    #[arg(long, value_name = "WHO")]
    person: Vec<String>,
    /// Why nobody is needed
    #[arg(long)]
    reason: String,
    /// Who answers for it
    #[arg(long)]
    owner: String,
}

/// Whose exemption is taken back.
#[derive(Debug, clap::Args)]
pub(crate) struct Withdraw {
    /// The Microsoft 365 provider
    provider: String,
    /// Object ids of accounts
    #[arg(long, value_name = "ID")]
    account: Vec<String>,
    /// People, by id or user name
    #[arg(long, value_name = "WHO")]
    person: Vec<String>,
}

/// People of one act.
#[derive(Debug, clap::Args)]
pub(crate) struct People {
    /// The Microsoft 365 provider
    provider: String,
    /// People, by id or user name; without any, all
    person: Vec<String>,
    /// Do it without being asked
    #[arg(long, short = 'y')]
    yes: bool,
}

/// People who are to get accounts.
#[derive(Debug, clap::Args)]
pub(crate) struct Planned {
    /// The Microsoft 365 provider
    provider: String,
    /// People, by id or user name; without any, every unlinked one
    person: Vec<String>,
}

/// Accounts of one act.
#[derive(Debug, clap::Args)]
pub(crate) struct Accounts {
    /// The Microsoft 365 provider
    provider: String,
    /// Object ids; without any, every unlinked account of somebody who may sign in
    account: Vec<String>,
    /// Do it without being asked
    #[arg(long, short = 'y')]
    yes: bool,
}

async fn ids(hub: &Hub, people: &[String]) -> Result<Vec<Uuid>> {
    let found = who::all(hub, people).await?;
    Ok(found.into_iter().map(|one| one.id).collect())
}

impl Exempt {
    /// Exempts them.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let people = ids(hub, &self.person).await?;
        let (engine, actor) = (hub.engine()?, hub::actor());
        let (who, why) = (
            (self.account.as_slice(), people.as_slice()),
            (self.reason.as_str(), self.owner.as_str()),
        );
        let done = engine
            .exempt_identifiers(hub.workspace.key, &self.provider, who, why, &actor)
            .await?;
        output::either(place.json, &json!({"count": done}), || format!("{done} exempt."))
    }
}

impl Withdraw {
    /// Takes it back.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let people = ids(hub, &self.person).await?;
        let (engine, actor) = (hub.engine()?, hub::actor());
        let who = (self.account.as_slice(), people.as_slice());
        let done = engine
            .withdraw_exemptions(hub.workspace.key, &self.provider, who, &actor)
            .await?;
        output::either(place.json, &json!({"count": done}), || {
            format!("{done} exempt no more.")
        })
    }
}

impl People {
    /// Links who is suggested.
    pub(super) async fn accept(self, place: &Place, hub: &Hub) -> Result<()> {
        let chosen = super::chosen(hub, &self.person).await?;
        let (engine, actor) = (hub.engine()?, hub::actor());
        let done = question::confirmed(self.yes, Names::Shown, async |confirm| {
            engine
                .accept_suggestions(hub.workspace.key, &self.provider, &chosen, confirm, &actor)
                .await
        })
        .await?;
        output::either(place.json, &json!(done), || {
            format!(
                "{} linked. {} wait on.",
                count(done.linked as i64, "person is", "people are"),
                done.left
            )
        })
    }
}

impl Planned {
    /// Plans their accounts.
    pub(super) async fn plan(self, place: &Place, hub: &Hub) -> Result<()> {
        let chosen = super::chosen(hub, &self.person).await?;
        let (engine, actor) = (hub.engine()?, hub::actor());
        let plan = engine
            .plan_accounts(hub.workspace.key, &self.provider, &chosen, &actor)
            .await?;
        let answer = json!({"plan": plan.id, "steps": plan.steps, "held": plan.held});
        output::either(place.json, &answer, || {
            let steps = count(plan.steps as i64, "step", "steps");
            match plan.id {
                Some(id) => {
                    format!("Planned {steps}. Read it: provost plan show {id}; then provost apply {id}")
                }
                None => format!("Planned {steps}."),
            }
        })
    }
}

impl Accounts {
    /// Makes people from them.
    pub(super) async fn create(self, place: &Place, hub: &Hub) -> Result<()> {
        let chosen = match self.account.is_empty() {
            true => Chosen::All,
            false => Chosen::These(self.account.clone()),
        };
        let (engine, actor) = (hub.engine()?, hub::actor());
        let done = question::confirmed(self.yes, Names::Shown, async |confirm| {
            engine
                .create_people(hub.workspace.key, &self.provider, &chosen, confirm, &actor)
                .await
        })
        .await?;
        output::either(place.json, &json!(done), || {
            let mut text = format!(
                "Made {}, each linked to their account. Nothing was written to Microsoft.",
                count(done.made as i64, "person", "people")
            );
            for (account, reason) in &done.left {
                text.push_str(&format!("\n{account}: {reason}"));
            }
            text
        })
    }
}

//! `provost identifier`: which accounts of a Microsoft 365 tenant and which people are one, and what is done about the
//! others.

mod act;
mod list;

use super::Place;
use super::question::{self, Names};
use super::who;
use crate::clock;
use crate::hub::{self, Hub};
use crate::output::{self, count};
use anyhow::Result;
use provost_store::identifier::Counts;
use provost_sync::identifier::Chosen;
use serde_json::json;
use uuid::Uuid;

/// Identifiers of Microsoft 365: a link ties a person to an account by its object id. Nothing is written to Microsoft but
/// by `immutable-ids`, after its preview.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Identifier {
    /// Show how many accounts and people are linked, suggested, unlinked and exempt
    Show {
        /// The Microsoft 365 provider
        provider: String,
    },
    /// Read every account of the tenant to its end, and work the suggestions out anew
    Read {
        /// The Microsoft 365 provider
        provider: String,
    },
    /// List the accounts of the tenant, those that nobody here belongs to first
    Accounts(list::Accounts),
    /// List the people who are linked to no account of the tenant
    People(list::People),
    /// Link a person to an account by its object id
    Link {
        /// The Microsoft 365 provider
        provider: String,
        /// The person, by id or user name
        person: String,
        /// The account's object id
        account: String,
    },
    /// Unlink an account from its person; the account stays as it is
    Unlink {
        /// The Microsoft 365 provider
        provider: String,
        /// The account's object id
        account: String,
    },
    /// Say that accounts or people need nobody on the other side
    Exempt(act::Exempt),
    /// Take the exemption of accounts or people back
    Withdraw(act::Withdraw),
    /// Link who is suggested: those that are named, or all; never by a mail address or a name alone
    Accept(act::People),
    /// Make people here from accounts, each linked by the object id
    CreatePeople(act::Accounts),
    /// Plan accounts in Microsoft 365 for people; read the plan, then apply it
    PlanAccounts(act::Planned),
    /// Write the immutable id of linked people where it differs; never on a federated domain
    ImmutableIds {
        /// The Microsoft 365 provider
        provider: String,
        /// Write them without being asked
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Make one of two people who are one; who goes lies in the recycle bin
    Merge {
        /// Who stays, by id or user name
        stays: String,
        /// Who goes, by id or user name
        goes: String,
        /// Merge them without being asked
        #[arg(long, short = 'y')]
        yes: bool,
    },
}

impl Identifier {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::Show { provider } => show(place, &hub, &provider).await,
            Self::Read { provider } => read(place, &hub, &provider).await,
            Self::Accounts(accounts) => accounts.run(place, &hub).await,
            Self::People(people) => people.run(place, &hub).await,
            Self::Link {
                provider,
                person,
                account,
            } => link(place, &hub, &provider, &person, &account).await,
            Self::Unlink { provider, account } => unlink(place, &hub, &provider, &account).await,
            Self::Exempt(exempt) => exempt.run(place, &hub).await,
            Self::Withdraw(withdraw) => withdraw.run(place, &hub).await,
            Self::Accept(people) => people.accept(place, &hub).await,
            Self::CreatePeople(accounts) => accounts.create(place, &hub).await,
            Self::PlanAccounts(people) => people.plan(place, &hub).await,
            Self::ImmutableIds { provider, yes } => immutable_ids(place, &hub, &provider, yes).await,
            Self::Merge { stays, goes, yes } => merge(place, &hub, (&stays, &goes), yes).await,
        };
        hub.close();
        done
    }
}

/// Those who are named, or everybody.
async fn chosen(hub: &Hub, people: &[String]) -> Result<Chosen<Uuid>> {
    if people.is_empty() {
        return Ok(Chosen::All);
    }
    let found = who::all(hub, people).await?;
    Ok(Chosen::These(found.into_iter().map(|one| one.id).collect()))
}

async fn show(place: &Place, hub: &Hub, provider: &str) -> Result<()> {
    let found = hub.engine()?.identifiers(hub.workspace.key, provider).await?;
    let side = |counts: &Counts| {
        json!({
            "linked": counts.linked, "suggested": counts.suggested, "unlinked": counts.unlinked, "exempt": counts.exempt,
            "total": counts.total(),
        })
    };
    let read = (found.read > 0).then(|| clock::text(found.read));
    let answer = json!({
        "provider": provider, "read": read, "trouble": found.trouble, "accounts": side(&found.accounts),
        "people": side(&found.people), "to_write": found.to_write, "not_needed": found.not_needed,
    });
    output::either(place.json, &answer, || {
        let line = |counts: &Counts| {
            format!(
                "{} linked, {} suggested, {} unlinked, {} exempt: {} in all",
                counts.linked,
                counts.suggested,
                counts.unlinked,
                counts.exempt,
                counts.total()
            )
        };
        let next = if found.read == 0 {
            format!("Read the accounts: provost identifier read \"{provider}\"")
        } else if found.not_needed {
            "Not needed: everybody is linked or exempt.".to_owned()
        } else {
            format!(
                "Who is open: provost identifier accounts \"{provider}\", provost identifier people \"{provider}\""
            )
        };
        let pairs = [
            ("read", read.clone().unwrap_or_else(|| "never".to_owned())),
            ("accounts", line(&found.accounts)),
            ("people", line(&found.people)),
            ("immutable ids to write", found.to_write.to_string()),
        ];
        format!("{}\n\n{next}", output::pairs(&pairs))
    })
}

async fn read(place: &Place, hub: &Hub, provider: &str) -> Result<()> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    let found = engine
        .read_identifiers(hub.workspace.key, provider, &actor)
        .await?;
    output::either(place.json, &json!(found), || {
        format!(
            "Read {}; {} gone, {} suggested.",
            count(found.accounts as i64, "account", "accounts"),
            found.gone,
            found.suggested
        )
    })
}

async fn link(place: &Place, hub: &Hub, provider: &str, person: &str, account: &str) -> Result<()> {
    let who = who::present(hub, person).await?;
    let (engine, actor) = (hub.engine()?, hub::actor());
    engine
        .link_identifier(hub.workspace.key, provider, who.id, account, &actor)
        .await?;
    let answer = json!({"person": who.id, "account": account});
    output::either(place.json, &answer, || {
        format!(
            "{} is linked to {account}. Nothing was written to Microsoft.",
            who.label
        )
    })
}

async fn unlink(place: &Place, hub: &Hub, provider: &str, account: &str) -> Result<()> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    engine
        .unlink_identifier(hub.workspace.key, provider, account, &actor)
        .await?;
    output::either(place.json, &json!({"account": account}), || {
        format!("{account} is linked to nobody now; the account stays as it is.")
    })
}

async fn immutable_ids(place: &Place, hub: &Hub, provider: &str, yes: bool) -> Result<()> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    let done = question::confirmed(yes, Names::Shown, async |confirm| {
        engine
            .write_immutable_ids(hub.workspace.key, provider, confirm, &actor)
            .await
    })
    .await?;
    output::either(place.json, &json!(done), || {
        let mut text = format!("{} written, {} kept.", done.written, done.kept);
        for (account, reason) in &done.failed {
            text.push_str(&format!("\n{account}: {reason}"));
        }
        if done.left > 0 {
            text.push_str(&format!("\n{} more follow with the next call.", done.left));
        }
        text
    })
}

async fn merge(place: &Place, hub: &Hub, (stays, goes): (&str, &str), yes: bool) -> Result<()> {
    let (stays, goes) = (who::present(hub, stays).await?, who::present(hub, goes).await?);
    let (engine, actor) = (hub.engine()?, hub::actor());
    let done = question::confirmed(yes, Names::Shown, async |confirm| {
        engine
            .merge_people(hub.workspace.key, stays.id, goes.id, confirm, &actor)
            .await
    })
    .await?;
    output::either(place.json, &json!(done), || {
        format!(
            "{} stays; {} lies in the recycle bin. {} went over.",
            stays.label,
            goes.id,
            count(done.accounts.len() as i64, "account", "accounts")
        )
    })
}

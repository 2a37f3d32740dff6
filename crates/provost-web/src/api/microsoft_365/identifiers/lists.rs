//! The numbers and the two lists.

use crate::api::aside;
use crate::api::caller::{Operator, Reader};
use crate::api::connections::parameters;
use crate::api::microsoft_365::{engine, find};
use crate::api::moment::Moment;
use crate::api::paging;
use crate::api::path::Path;
use crate::api::problem::{Problem, Result};
use crate::state::State;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Json;
use provost_store::Tx;
use provost_store::identifier::{
    self, Account, AccountsAsked, Counts, ImmutableState, LinkState, Mark, PeopleAsked, PersonLine,
};
use provost_sync::identifier::Read;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many stand how.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifierCounts")]
struct Side {
    linked: i64,
    suggested: i64,
    unlinked: i64,
    exempt: i64,
    /// All of them together.
    total: i64,
}

impl From<Counts> for Side {
    fn from(counts: Counts) -> Self {
        Self {
            linked: counts.linked,
            suggested: counts.suggested,
            unlinked: counts.unlinked,
            exempt: counts.exempt,
            total: counts.total(),
        }
    }
}

/// The numbers of a provider.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifierSummary")]
pub(crate) struct Numbers {
    /// When the accounts were read to their end; none before the first time.
    read: Option<Moment>,
    /// Why the last reading did not come to its end; empty where it did.
    trouble: String,
    accounts: Side,
    people: Side,
    /// Linked accounts whose immutable id is to be written.
    to_write: i64,
    /// Whether nothing is left to do.
    not_needed: bool,
}

/// `GET …/identifiers`.
pub(in crate::api) async fn summary(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Numbers>> {
    let found = engine(&state)?.identifiers(caller.workspace(), &name).await?;
    Ok(Json(Numbers {
        read: Moment::after_all(found.read),
        trouble: found.trouble,
        accounts: found.accounts.into(),
        people: found.people.into(),
        to_write: found.to_write,
        not_needed: found.not_needed,
    }))
}

/// What a reading found.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifiersRead")]
pub(crate) struct ReadShown {
    /// Accounts of the tenant.
    accounts: u64,
    /// Accounts that were there before and are gone.
    gone: u64,
    /// Accounts and people who may be one.
    suggested: u64,
}

/// `POST …/identifiers/read`.
pub(in crate::api) async fn read(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
) -> Result<Json<ReadShown>> {
    let (engine, workspace, actor) = (engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move { engine.read_identifiers(workspace, &name, &actor).await });
    let Json(Read {
        accounts,
        gone,
        suggested,
    }) = done.await?;
    Ok(Json(ReadShown {
        accounts,
        gone,
        suggested,
    }))
}

/// Which accounts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "AccountsWanted")]
pub(crate) struct AccountsWanted {
    /// `unlinked`, `suggested`, `exempt` or `linked`; without it, all.
    state: Option<String>,
    /// `guest`, `shared`, `disabled`, `protected` or `synchronised`.
    mark: Option<String>,
    /// In a name, a mail address, an employee number or the object id.
    search: Option<String>,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// An account of the tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TenantAccount")]
struct AccountShown {
    /// The object id.
    id: String,
    user_principal_name: String,
    display_name: String,
    mail: String,
    employee_id: String,
    immutable_id: String,
    /// `linked`, `suggested`, `unlinked` or `exempt`.
    state: String,
    /// Who is linked or suggested; none for nobody, and for who is deleted.
    person: Option<Uuid>,
    person_label: String,
    /// How likely the suggestion is, 1 to 100; 0 for none.
    score: i64,
    /// Why it is suggested.
    why: String,
    /// `none`, `same`, `to_write` or `kept`.
    immutable: &'static str,
    enabled: bool,
    guest: bool,
    /// It may not sign in, has a mail address and no licence.
    shared_mailbox: bool,
    protected: bool,
    /// A directory on premises writes it.
    synchronised: bool,
    exemption: Option<Exemption>,
    seen: Moment,
}

/// Why nobody is needed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifierExemption")]
struct Exemption {
    reason: String,
    /// Who answers for it.
    owner: String,
    at: Moment,
    actor: String,
}

fn exemption(reason: &str, owner: &str, at: i64, actor: &str) -> Option<Exemption> {
    (at > 0).then(|| Exemption {
        reason: reason.to_owned(),
        owner: owner.to_owned(),
        at: Moment::at(at),
        actor: actor.to_owned(),
    })
}

/// A page of accounts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TenantAccounts")]
pub(crate) struct Accounts {
    accounts: Vec<AccountShown>,
    /// What to send as `after`; a page may have few lines, even none, and still go on.
    next: Option<String>,
}

fn shown(one: Account) -> AccountShown {
    AccountShown {
        exemption: exemption(&one.reason, &one.owner, one.exempted, &one.actor),
        id: one.facts.id,
        user_principal_name: one.facts.name,
        display_name: one.facts.label,
        mail: one.facts.mail,
        employee_id: one.facts.employee,
        immutable_id: one.facts.immutable_id,
        state: one.state.to_string(),
        person: one.person_id,
        person_label: one.person_label,
        score: one.score,
        why: one.why,
        immutable: match one.immutable {
            ImmutableState::None => "none",
            ImmutableState::Same => "same",
            ImmutableState::Write => "to_write",
            ImmutableState::Kept => "kept",
        },
        enabled: one.facts.enabled,
        guest: one.facts.guest,
        shared_mailbox: one.facts.shared,
        protected: one.facts.protected,
        synchronised: one.facts.synchronised,
        seen: Moment::at(one.seen),
    }
}

fn word<T: std::str::FromStr<Err = provost_store::Error>>(text: Option<&str>) -> Result<Option<T>> {
    let read = text.map(str::parse).transpose();
    read.map_err(|error: provost_store::Error| {
        Problem::request(error.to_string(), "Correct it, or leave it out.")
    })
}

/// The key of the provider's connection; 0 where it has none, of which nothing was read.
async fn connection(state: &State, workspace: i64, name: &str) -> Result<i64> {
    Ok(find(state, workspace, name).await?.connection.unwrap_or(0))
}

/// `GET …/identifiers/accounts`.
pub(in crate::api) async fn accounts(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    wanted: std::result::Result<Query<AccountsWanted>, QueryRejection>,
) -> Result<Json<Accounts>> {
    let wanted = parameters(wanted)?;
    let asked = AccountsAsked {
        connection: connection(&state, caller.workspace(), &name).await?,
        state: word::<LinkState>(wanted.state.as_deref())?,
        mark: word::<Mark>(wanted.mark.as_deref())?,
        text: wanted.search,
        after: word(wanted.after.as_deref())?,
    };
    let limit = paging::count(wanted.limit);
    let list = move |tx: &mut Tx| identifier::accounts(tx, &asked, limit);
    let page = state.db().read(list).await?;
    Ok(Json(Accounts {
        next: page.next.map(|next| next.to_string()),
        accounts: page.accounts.into_iter().map(shown).collect(),
    }))
}

/// Which people.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "PeopleWanted")]
pub(crate) struct PeopleWanted {
    /// `unlinked`, `suggested`, `exempt` or `linked`; without it, all who are not linked.
    state: Option<String>,
    /// In the user name or the display name, or the id.
    search: Option<String>,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// A person of the directory.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifierPerson")]
struct PersonShown {
    id: Uuid,
    label: String,
    user_name: String,
    /// `linked`, `suggested`, `unlinked` or `exempt`.
    state: String,
    /// The object id of the account that is linked or suggested; empty for none.
    account: String,
    account_name: String,
    /// How likely the suggestion is, 1 to 100; 0 for none.
    score: i64,
    /// Why it is suggested.
    why: String,
    exemption: Option<Exemption>,
}

/// A page of people.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifierPeople")]
pub(crate) struct People {
    people: Vec<PersonShown>,
    /// What to send as `after`; a page may have few lines, even none, and still go on.
    next: Option<String>,
}

fn person(line: PersonLine) -> PersonShown {
    let one = line.person;
    PersonShown {
        id: line.id,
        label: line.label,
        user_name: line.name,
        state: one.state.to_string(),
        exemption: exemption(&one.reason, &one.owner, one.exempted, &one.actor),
        account: one.account,
        account_name: line.account_name,
        score: one.score,
        why: one.why,
    }
}

/// `GET …/identifiers/people`.
pub(in crate::api) async fn people(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    wanted: std::result::Result<Query<PeopleWanted>, QueryRejection>,
) -> Result<Json<People>> {
    let wanted = parameters(wanted)?;
    let asked = PeopleAsked {
        connection: connection(&state, caller.workspace(), &name).await?,
        state: word::<LinkState>(wanted.state.as_deref())?,
        text: wanted.search,
        after: word(wanted.after.as_deref())?,
    };
    let limit = paging::count(wanted.limit);
    let list = move |tx: &mut Tx| identifier::people(tx, &asked, limit);
    let page = state.db().read(list).await?;
    Ok(Json(People {
        next: page.next.map(|next| next.to_string()),
        people: page.people.into_iter().map(person).collect(),
    }))
}

//! `/microsoft-365-providers/{name}/identifiers`: which accounts of the tenant and which people of the directory are one,
//! and what is done about the others.

mod lists;

use super::super::aside;
use super::super::body;
use super::super::caller::Configurer;
use super::super::path::Path;
use super::super::problem::Result;
use super::super::route::Interface;
use super::super::shape;
use super::about;
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_sync::identifier::{Accepted, Chosen, Made, Merged, Written};
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    acts(many(looks(api)))
}

fn looks(api: Interface) -> Interface {
    api.get(
        "/api/v1/microsoft-365-providers/{name}/identifiers",
        Act::Look,
        lists::summary,
        about("how many accounts and people are linked, suggested, unlinked and exempt; each side adds up")
            .answers::<lists::Numbers>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/read",
        Act::Operate,
        lists::read,
        about("reads every account of the tenant to its end, and works the suggestions out anew")
            .answers::<lists::ReadShown>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/identifiers/accounts",
        Act::Look,
        lists::accounts,
        about("the accounts of the tenant, those that nobody here belongs to first")
            .query::<lists::AccountsWanted>()
            .answers::<lists::Accounts>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/identifiers/people",
        Act::Look,
        lists::people,
        about("the people of the directory who are linked to no account of the tenant")
            .query::<lists::PeopleWanted>()
            .answers::<lists::People>(),
    )
}

fn acts(api: Interface) -> Interface {
    api.post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/link",
        Act::Configure,
        link,
        about("links a person to an account by its object id; nothing is written to Microsoft")
            .body::<Linked>()
            .silent(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/unlink",
        Act::Configure,
        unlink,
        about("unlinks an account from its person; the account stays as it is")
            .body::<Unlinked>()
            .silent(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/exempt",
        Act::Configure,
        exempt,
        about("says that accounts and people need nobody on the other side, with a reason and an owner")
            .body::<Exempted>()
            .answers::<Counted>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/withdraw",
        Act::Configure,
        withdraw,
        about("takes the exemption of accounts and people back")
            .body::<Withdrawn>()
            .answers::<Counted>(),
    )
}

fn many(api: Interface) -> Interface {
    api.post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/accept",
        Act::Configure,
        accept,
        about("links who is suggested, those that are named or all; never by a mail address or a name alone")
            .body::<PeopleChosen>()
            .answers::<AcceptedShown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/create-people",
        Act::Configure,
        create_people,
        about(
            "makes people here from accounts, each linked by the object id; nothing is written to Microsoft",
        )
        .body::<AccountsChosen>()
        .answers::<MadeShown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/plan-accounts",
        Act::Configure,
        plan_accounts,
        about("plans accounts in Microsoft 365 for people; the plan is read and applied like any other")
            .body::<PeopleNamed>()
            .answers::<Planned>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/write-immutable-ids",
        Act::Configure,
        write_immutable_ids,
        about("writes the immutable id of linked people where it differs; never on a federated domain")
            .body::<Confirmed>()
            .answers::<WrittenShown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/identifiers/merge",
        Act::Configure,
        merge,
        about("makes one of two people who are one; who goes lies in the recycle bin")
            .body::<Both>()
            .answers::<MergedShown>(),
    )
}

/// Who is linked to which account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierLink")]
pub(crate) struct Linked {
    person: Uuid,
    /// The object id.
    account: String,
}

/// `POST …/identifiers/link`.
pub(super) async fn link(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let Linked { person, account } = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        engine
            .link_identifier(workspace, &name, person, &account, &actor)
            .await
    });
    let Json(()) = done.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which account is unlinked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierUnlink")]
pub(crate) struct Unlinked {
    /// The object id.
    account: String,
}

/// `POST …/identifiers/unlink`.
pub(super) async fn unlink(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let Unlinked { account } = body::read(&state, &headers, body).await?;
    let engine = super::engine(&state)?;
    engine
        .unlink_identifier(caller.workspace(), &name, &account, &caller.actor())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who needs nobody on the other side, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierExempt")]
pub(crate) struct Exempted {
    /// Object ids.
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(default)]
    people: Vec<Uuid>,
    #[serde(default)]
    reason: String,
    /// Who answers for it.
    #[serde(default)]
    owner: String,
}

/// How many.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifierCount")]
pub(crate) struct Counted {
    /// Accounts and people that this was done for.
    count: u64,
}

/// `POST …/identifiers/exempt`.
pub(super) async fn exempt(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Counted>> {
    let sent: Exempted = body::read(&state, &headers, body).await?;
    let engine = super::engine(&state)?;
    let (who, why) = (
        (sent.accounts.as_slice(), sent.people.as_slice()),
        (sent.reason.as_str(), sent.owner.as_str()),
    );
    let count = engine
        .exempt_identifiers(caller.workspace(), &name, who, why, &caller.actor())
        .await?;
    Ok(Json(Counted { count }))
}

/// Whose exemption is taken back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierWithdraw")]
pub(crate) struct Withdrawn {
    /// Object ids.
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(default)]
    people: Vec<Uuid>,
}

/// `POST …/identifiers/withdraw`.
pub(super) async fn withdraw(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Counted>> {
    let sent: Withdrawn = body::read(&state, &headers, body).await?;
    let who = (sent.accounts.as_slice(), sent.people.as_slice());
    let engine = super::engine(&state)?;
    let count = engine
        .withdraw_exemptions(caller.workspace(), &name, who, &caller.actor())
        .await?;
    Ok(Json(Counted { count }))
}

/// People, and what was confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierPeopleChosen")]
pub(crate) struct PeopleChosen {
    /// Without it, all.
    #[serde(default)]
    people: Option<Vec<Uuid>>,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

fn chosen<T>(some: Option<Vec<T>>) -> Chosen<T> {
    some.map_or(Chosen::All, Chosen::These)
}

/// What became of suggestions.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SuggestionsAccepted")]
pub(crate) struct AcceptedShown {
    linked: u64,
    /// Suggestions that wait on.
    left: u64,
}

/// `POST …/identifiers/accept`.
pub(super) async fn accept(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<AcceptedShown>> {
    let sent: PeopleChosen = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        let who = chosen(sent.people);
        engine
            .accept_suggestions(workspace, &name, &who, &sent.confirm, &actor)
            .await
    });
    let Json(Accepted { linked, left }) = done.await?;
    Ok(Json(AcceptedShown { linked, left }))
}

/// Accounts, and what was confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierAccountsChosen")]
pub(crate) struct AccountsChosen {
    /// Object ids; without them, every unlinked account of somebody who may sign in.
    #[serde(default)]
    accounts: Option<Vec<String>>,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// An account for which something could not be done.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifierLeft")]
struct Left {
    account: String,
    reason: String,
}

fn left(all: Vec<(String, String)>) -> Vec<Left> {
    all.into_iter()
        .map(|(account, reason)| Left { account, reason })
        .collect()
}

/// Who was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PeopleMade")]
pub(crate) struct MadeShown {
    made: u64,
    left: Vec<Left>,
}

/// `POST …/identifiers/create-people`.
pub(super) async fn create_people(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<MadeShown>> {
    let sent: AccountsChosen = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        let which = chosen(sent.accounts);
        engine
            .create_people(workspace, &name, &which, &sent.confirm, &actor)
            .await
    });
    let Json(Made { made, left: rest }) = done.await?;
    Ok(Json(MadeShown {
        made,
        left: left(rest),
    }))
}

/// People who are to get accounts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierPeopleNamed")]
pub(crate) struct PeopleNamed {
    /// Without it, every unlinked one.
    #[serde(default)]
    people: Option<Vec<Uuid>>,
}

/// The plan that was kept.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IdentifierPlan")]
pub(crate) struct Planned {
    /// Read it, then apply it: `/api/v1/plans/{plan}`.
    plan: Option<Uuid>,
    /// Steps in all.
    steps: u64,
}

/// `POST …/identifiers/plan-accounts`.
pub(super) async fn plan_accounts(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Planned>> {
    let PeopleNamed { people } = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        engine
            .plan_accounts(workspace, &name, &chosen(people), &actor)
            .await
    });
    let Json(plan) = done.await?;
    Ok(Json(Planned {
        plan: plan.id,
        steps: plan.steps,
    }))
}

/// What was confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierConfirmed")]
pub(crate) struct Confirmed {
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// What became of immutable ids.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImmutableIdsWritten")]
pub(crate) struct WrittenShown {
    written: u64,
    /// Accounts that needed no write.
    kept: u64,
    failed: Vec<Left>,
    /// How many wait for the next act.
    left: u64,
}

/// `POST …/identifiers/write-immutable-ids`.
pub(super) async fn write_immutable_ids(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<WrittenShown>> {
    let Confirmed { confirm } = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        engine
            .write_immutable_ids(workspace, &name, &confirm, &actor)
            .await
    });
    let Json(Written {
        written,
        kept,
        failed,
        left: rest,
    }) = done.await?;
    Ok(Json(WrittenShown {
        written,
        kept,
        failed: left(failed),
        left: rest,
    }))
}

/// Two people who are one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IdentifierMerge")]
pub(crate) struct Both {
    /// Who stays.
    stays: Uuid,
    /// Who goes, into the recycle bin.
    goes: Uuid,
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// What went over.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PeopleMerged")]
pub(crate) struct MergedShown {
    /// Attributes that the one who stays had none of.
    filled: Vec<String>,
    groups: Vec<String>,
    accounts: Vec<String>,
    /// Connections.
    assigned: Vec<String>,
    /// Whether an administrator's block went over.
    blocked: bool,
}

/// `POST …/identifiers/merge`.
pub(super) async fn merge(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<MergedShown>> {
    let sent: Both = body::read(&state, &headers, body).await?;
    super::find(&state, caller.workspace(), &name).await?;
    let engine = super::engine(&state)?;
    let done = engine
        .merge_people(
            caller.workspace(),
            sent.stays,
            sent.goes,
            &sent.confirm,
            &caller.actor(),
        )
        .await?;
    let Merged {
        filled,
        groups,
        accounts,
        assigned,
        blocked,
    } = done;
    Ok(Json(MergedShown {
        filled,
        groups,
        accounts,
        assigned,
        blocked,
    }))
}

//! `/microsoft-365-providers/{name}/federation`: the checks before the switch of the domain, the switch, the roll-back,
//! and what stands at Microsoft.

use super::super::aside;
use super::super::body;
use super::super::caller::{Configurer, Operator, Reader};
use super::super::moment::Moment;
use super::super::path::Path;
use super::super::problem::Result;
use super::super::route::Interface;
use super::about;
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_store::federation::{Act as Done, Mfa, Protocol};
use provost_sync::federation::{Cockpit, FederationCheck, Renewal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) fn routes(api: Interface) -> Interface {
    acts(before(looks(api)))
}

fn looks(api: Interface) -> Interface {
    api.get(
        "/api/v1/microsoft-365-providers/{name}/federation",
        Act::Look,
        show,
        about("who signs the domain's people in, the checks as they were computed last, and what was done")
            .answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/federation/check",
        Act::Operate,
        check,
        about("computes every check before the switch anew; changes nothing").answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/federation/probe",
        Act::Operate,
        probe,
        about("looks at what stands at Microsoft, and ends what was left open; changes nothing there")
            .answers::<Shown>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/federation/command",
        Act::Look,
        command,
        about("the command that takes the federation back without this hub; it holds no secret")
            .answers::<Command>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/federation/roll-back",
        Act::Look,
        preview,
        about("what the roll-back would mean for the passwords of the domain's people")
            .answers::<Passwords>(),
    )
}

fn before(api: Interface) -> Interface {
    api.put(
        "/api/v1/microsoft-365-providers/{name}/federation/choice",
        Act::Configure,
        choose,
        about("decides how both sides talk and whose second factor counts, before the switch")
            .body::<Choice>()
            .answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/federation/sign-offs",
        Act::Configure,
        sign_off,
        about("an owner's: answers for a check that is not green, for the evidence that was computed last")
            .body::<SignOff>()
            .answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/federation/withdraw",
        Act::Configure,
        withdraw,
        about("takes a sign-off back")
            .body::<Withdrawn>()
            .answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/federation/command",
        Act::Configure,
        keep,
        about("notes that somebody keeps the command, which its check word shows")
            .body::<Kept>()
            .silent(),
    )
}

fn acts(api: Interface) -> Interface {
    api.post(
        "/api/v1/microsoft-365-providers/{name}/federation/switch",
        Act::Configure,
        switch,
        about("an owner's: switches the domain, with the digest of what was seen and the domain typed once more")
            .body::<Switch>()
            .answers::<Shown>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/federation/roll-back",
        Act::Configure,
        roll_back,
        about("an owner's: switches the domain back to managed; everybody needs a new password")
            .body::<RollBack>()
            .answers::<Passwords>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/federation/certificate",
        Act::Configure,
        renew,
        about("an owner's: a step of the certificate's renewal at Microsoft; it goes back until the last")
            .body::<Renew>()
            .answers::<Shown>(),
    )
}

/// The federation of a provider's domain.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Federation")]
pub(crate) struct Shown {
    /// The domain.
    domain: String,
    /// `managed`, `switching`, `federated` or `rolling_back`.
    state: &'static str,
    since: Option<Moment>,
    /// `saml` or `ws_federation`.
    protocol: &'static str,
    /// Whose second factor counts: `accept`, `enforce` or `reject`.
    mfa: &'static str,
    /// Whether the switch would be taken.
    may_switch: bool,
    /// Checks that keep it closed.
    open: usize,
    /// What a switch is bound to.
    digest: String,
    /// When the checks were computed last.
    checked: Option<Moment>,
    checks: Vec<Line>,
    /// When the domain may be switched again; none for now.
    free_at: Option<Moment>,
    /// Since when somebody keeps the command that does without this hub.
    roll_back_command_kept: Option<Moment>,
    /// When Microsoft was last asked what stands.
    seen: Option<Moment>,
    /// When Microsoft's sign-in service was first seen to know the state; none while it does not.
    everywhere: Option<Moment>,
    /// What stands there otherwise than it should; empty for nothing.
    trouble: String,
    /// What would be sent, or stands.
    sent: Value,
    /// What was done, newest first.
    acts: Vec<DoneLine>,
}

/// A check before the switch.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FederationCheck")]
struct Line {
    /// Never changes its meaning.
    key: String,
    is_green: bool,
    /// Whether somebody may answer for it when it is not.
    may_be_signed: bool,
    /// Whether it keeps the switch closed.
    is_open: bool,
    evidence: String,
    /// Who or what is concerned; the first hundred.
    list: Vec<String>,
    count: usize,
    next: String,
    /// Who vouches; empty for nobody.
    signed_by: String,
    reason: String,
    /// When it becomes green by itself.
    free_at: Option<Moment>,
}

/// Something that was done at Microsoft.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FederationAct")]
struct DoneLine {
    /// `switch`, `roll_back` or `certificate`.
    act: &'static str,
    began: Moment,
    ended: Option<Moment>,
    /// `open`, `done` or `failed`.
    outcome: &'static str,
    told: String,
    actor: String,
}

fn when(at: i64) -> Option<Moment> {
    Some(at).filter(|at| *at > 0).map(Moment::at)
}

impl From<FederationCheck> for Line {
    fn from(check: FederationCheck) -> Self {
        let is_open = check.is_open();
        let (signed_by, reason) = check
            .signed
            .map(|one| (one.person, one.reason))
            .unwrap_or_default();
        Self {
            is_open,
            key: check.key,
            is_green: check.is_green,
            may_be_signed: check.may_be_signed,
            evidence: check.evidence,
            list: check.list,
            count: check.count,
            next: check.next,
            signed_by,
            reason,
            free_at: when(check.free_at),
        }
    }
}

impl From<Done> for DoneLine {
    fn from(done: Done) -> Self {
        Self {
            act: done.act.as_str(),
            began: Moment::at(done.began),
            ended: when(done.ended),
            outcome: done.outcome.as_str(),
            told: done.told,
            actor: done.actor,
        }
    }
}

impl From<Cockpit> for Shown {
    fn from(cockpit: Cockpit) -> Self {
        Self {
            may_switch: cockpit.may_switch(),
            open: cockpit.open(),
            domain: cockpit.provider.domain,
            state: cockpit.record.state.as_str(),
            since: when(cockpit.record.since),
            protocol: cockpit.record.protocol.as_str(),
            mfa: cockpit.record.mfa.as_str(),
            digest: cockpit.digest,
            checked: when(cockpit.record.checked),
            checks: cockpit.checks.into_iter().map(Line::from).collect(),
            free_at: when(cockpit.free_at),
            roll_back_command_kept: when(cockpit.record.saved),
            seen: when(cockpit.record.seen),
            everywhere: when(cockpit.record.everywhere),
            trouble: cockpit.record.trouble,
            sent: cockpit.sent,
            acts: cockpit.acts.into_iter().map(DoneLine::from).collect(),
        }
    }
}

fn public_url(state: &State) -> String {
    state.settings().public_url.clone().unwrap_or_default()
}

/// `GET …/federation`.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Shown>> {
    let cockpit = super::engine(&state)?
        .federation(caller.workspace(), &name)
        .await?;
    Ok(Json(cockpit.into()))
}

/// `POST …/federation/check`.
pub(super) async fn check(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
) -> Result<Json<Shown>> {
    let cockpit = super::engine(&state)?
        .check_federation(caller.workspace(), &name, &public_url(&state), &caller.actor())
        .await?;
    Ok(Json(cockpit.into()))
}

/// `POST …/federation/probe`.
pub(super) async fn probe(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(name): Path<String>,
) -> Result<Json<Shown>> {
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let Json(cockpit) = aside(async move { engine.probe_federation(workspace, &name, &actor).await }).await?;
    Ok(Json(cockpit.into()))
}

/// The command that takes the federation back without this hub.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FederationCommand")]
pub(crate) struct Command {
    /// Stands in the command, and is typed to confirm that it is kept.
    check_word: String,
    /// For a POSIX shell with the Azure CLI.
    shell: String,
    /// For PowerShell with Microsoft's Graph module.
    powershell: String,
    kept: Option<Moment>,
    kept_by: String,
}

/// `GET …/federation/command`.
pub(super) async fn command(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Command>> {
    let found = super::engine(&state)?
        .federation_roll_back_command(caller.workspace(), &name, &public_url(&state))
        .await?;
    Ok(Json(Command {
        check_word: found.check_word,
        shell: found.shell,
        powershell: found.powershell,
        kept: when(found.saved),
        kept_by: found.saved_by,
    }))
}

/// What the roll-back means for passwords.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FederationPasswords")]
pub(crate) struct Passwords {
    /// Accounts of the domain that may sign in: each needs a new password at Microsoft.
    accounts: usize,
    /// Those that became somebody's after the switch, and never had one that anybody knows; the first hundred.
    without_password: Vec<String>,
    without: usize,
}

impl From<provost_sync::federation::RolledBack> for Passwords {
    fn from(told: provost_sync::federation::RolledBack) -> Self {
        Self {
            accounts: told.accounts,
            without_password: told.without_password,
            without: told.without,
        }
    }
}

/// `GET …/federation/roll-back`.
pub(super) async fn preview(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Passwords>> {
    let told = super::engine(&state)?
        .federation_roll_back_preview(caller.workspace(), &name)
        .await?;
    Ok(Json(told.into()))
}

/// What is decided before the switch.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FederationChoice")]
pub(crate) struct Choice {
    /// `saml` or `ws_federation`.
    #[schemars(with = "String")]
    protocol: Protocol,
    /// `accept`: ours where we claim one, else Microsoft asks; `enforce`: only ours; `reject`: only Microsoft's.
    #[schemars(with = "String")]
    mfa: Mfa,
}

/// `PUT …/federation/choice`.
pub(super) async fn choose(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>> {
    let Choice { protocol, mfa } = body::read(&state, &headers, body).await?;
    let engine = super::engine(&state)?;
    engine
        .choose_federation(caller.workspace(), &name, (protocol, mfa), &caller.actor())
        .await?;
    Ok(Json(engine.federation(caller.workspace(), &name).await?.into()))
}

/// Who answers for which check, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FederationSignOff")]
pub(crate) struct SignOff {
    /// The check's key.
    check: String,
    /// Who vouches.
    person: String,
    /// Why it is right nevertheless.
    reason: String,
}

/// `POST …/federation/sign-offs`.
pub(super) async fn sign_off(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>> {
    let SignOff {
        check,
        person,
        reason,
    } = body::read(&state, &headers, body).await?;
    caller.owns(&state).await?;
    let (engine, workspace) = (super::engine(&state)?, caller.workspace());
    engine
        .sign_off_federation(workspace, &name, &check, (&person, &reason), &caller.actor())
        .await?;
    Ok(Json(engine.federation(workspace, &name).await?.into()))
}

/// Which sign-off is taken back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FederationWithdrawal")]
pub(crate) struct Withdrawn {
    /// The check's key.
    check: String,
}

/// `POST …/federation/withdraw`.
pub(super) async fn withdraw(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>> {
    let Withdrawn { check } = body::read(&state, &headers, body).await?;
    let (engine, workspace) = (super::engine(&state)?, caller.workspace());
    engine
        .withdraw_federation_sign_off(workspace, &name, &check, &caller.actor())
        .await?;
    Ok(Json(engine.federation(workspace, &name).await?.into()))
}

/// The word that stands in the command.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FederationCommandKept")]
pub(crate) struct Kept {
    check_word: String,
}

/// `POST …/federation/command`.
pub(super) async fn keep(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let Kept { check_word } = body::read(&state, &headers, body).await?;
    super::engine(&state)?
        .keep_federation_roll_back_command(
            caller.workspace(),
            &name,
            &public_url(&state),
            &check_word,
            &caller.actor(),
        )
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is switched, and what was seen before.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FederationSwitch")]
pub(crate) struct Switch {
    /// The domain, once more.
    domain: String,
    /// The `digest` of the federation as it was seen.
    digest: String,
}

/// `POST …/federation/switch`.
pub(super) async fn switch(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>> {
    let Switch { domain, digest } = body::read(&state, &headers, body).await?;
    caller.owns(&state).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let url = public_url(&state);
    let done = aside(async move {
        engine
            .switch_federation(workspace, &name, &url, (&domain, &digest), &actor)
            .await
    });
    let Json(cockpit) = done.await?;
    Ok(Json(cockpit.into()))
}

/// What is switched back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FederationRollBack")]
pub(crate) struct RollBack {
    /// The domain, once more.
    domain: String,
}

/// `POST …/federation/roll-back`.
pub(super) async fn roll_back(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Passwords>> {
    let RollBack { domain } = body::read(&state, &headers, body).await?;
    caller.owns(&state).await?;
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move {
        engine
            .roll_back_federation(workspace, &name, &domain, &actor)
            .await
    });
    let Json(told) = done.await?;
    Ok(Json(told.into()))
}

/// A step of the renewal.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FederationRenewal")]
pub(crate) struct Renew {
    step: Step,
}

/// The steps of the renewal.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FederationRenewalStep")]
enum Step {
    /// Microsoft learns the second certificate and accepts both.
    Announce,
    /// Both sides change over to it; done again, they go back.
    Swap,
    /// The old key is retired.
    Finish,
}

/// `POST …/federation/certificate`.
pub(super) async fn renew(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Shown>> {
    let Renew { step } = body::read(&state, &headers, body).await?;
    caller.owns(&state).await?;
    let step = match step {
        Step::Announce => Renewal::Announce,
        Step::Swap => Renewal::Swap,
        Step::Finish => Renewal::Finish,
    };
    let (engine, workspace, actor) = (super::engine(&state)?, caller.workspace(), caller.actor());
    let done = aside(async move { engine.renew_federation(workspace, &name, step, &actor).await });
    let Json(cockpit) = done.await?;
    Ok(Json(cockpit.into()))
}

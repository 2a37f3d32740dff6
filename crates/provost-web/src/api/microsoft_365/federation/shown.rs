//! What the interface says about the federation of a domain.

use crate::api::moment::Moment;
use provost_store::federation::Act;
use provost_sync::federation::{Cockpit, FederationCheck, FederationTrial, RollBackCommand, RolledBack};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

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
    /// Who tried their sign-in before the switch, newest first: the last trial of each person.
    trials: Vec<TrialLine>,
}

/// A trial of the sign-in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FederationTrial")]
struct TrialLine {
    at: Moment,
    /// The person's id; none while they are deleted.
    person: Option<String>,
    /// The userPrincipalName that the assertion said.
    name: String,
    /// The immutable id that it said.
    immutable_id: String,
    /// The SHA-256 of the certificate whose key has signed it, in hexadecimal.
    certificate: String,
    two_factor: bool,
    /// Whether it still proves that the sign-in works.
    counts: bool,
    /// Why it does not; empty where it does.
    doubt: String,
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

impl From<Act> for DoneLine {
    fn from(done: Act) -> Self {
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

impl From<FederationTrial> for TrialLine {
    fn from(one: FederationTrial) -> Self {
        Self {
            at: Moment::at(one.at),
            person: one.person.map(|id| id.hyphenated().to_string()),
            name: one.name,
            immutable_id: one.immutable_id,
            certificate: one.certificate,
            two_factor: one.two_factor,
            counts: one.doubt.is_empty(),
            doubt: one.doubt,
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
            trials: cockpit.trials.into_iter().map(TrialLine::from).collect(),
        }
    }
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

impl From<RollBackCommand> for Command {
    fn from(found: RollBackCommand) -> Self {
        Self {
            check_word: found.check_word,
            shell: found.shell,
            powershell: found.powershell,
            kept: when(found.saved),
            kept_by: found.saved_by,
        }
    }
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

impl From<RolledBack> for Passwords {
    fn from(told: RolledBack) -> Self {
        Self {
            accounts: told.accounts,
            without_password: told.without_password,
            without: told.without,
        }
    }
}

//! What a provider forbids of its connection. Every writer of assignments, rules, preferences and settings passes
//! here, whatever door it came in by.

use super::{Mode, Provider, State, by_connection, by_domain};
use crate::connection::{self, Assignment, Connection};
use crate::{Error, Result, Tx, assignment, rule};
use serde_json::Value;

crate::statements! {
    NAMED = "SELECT name FROM microsoft_365_provider WHERE connection = $1";
}

/// The code of what is refused while nobody can be assigned.
pub const NOT_ASSIGNABLE: &str = "PRV-PROVIDER-NOT-ASSIGNABLE";
/// The code of a field that cannot be changed, or not any more.
pub const IMMUTABLE: &str = "PRV-FIELD-IMMUTABLE";
/// The code of a domain that another provider has.
pub const TAKEN: &str = "PRV-DOMAIN-TAKEN";

/// What the initial domains of tenants end with, by cloud.
const INITIAL: [&str; 3] = ["onmicrosoft.com", "onmicrosoft.us", "partner.onmschina.cn"];
const LOCKED_HINT: &str = "Finish the federation (step 5 of the guide), or have an owner declare the provider for provisioning only.";

/// Refuses what would bring people into reach of a provider that nobody can be assigned to. `what` says what that is:
/// `nobody can be assigned to it`.
///
/// # Errors
/// [`Error::Refused`] (`PRV-PROVIDER-NOT-ASSIGNABLE`).
pub(crate) fn refuse_locked(tx: &mut Tx, connection: i64, what: &str) -> Result<()> {
    match by_connection(tx, connection)? {
        Some(provider) if !provider.is_assignable() => Err(Error::refused(
            NOT_ASSIGNABLE,
            format!(
                "the provider \"{}\" is not federated yet, and until then {what}: not before federation is finished (step 5)",
                provider.name
            ),
            LOCKED_HINT,
        )),
        _ => Ok(()),
    }
}

/// [`refuse_locked`] for a rule that is about to be switched on.
///
/// # Errors
/// [`Error::Refused`] (`PRV-PROVIDER-NOT-ASSIGNABLE`).
pub fn refuse_rules(tx: &mut Tx, connection: i64) -> Result<()> {
    refuse_locked(tx, connection, "no rule of it can be switched on")
}

/// [`refuse_locked`] for assignments that are about to be made.
///
/// # Errors
/// [`Error::Refused`] (`PRV-PROVIDER-NOT-ASSIGNABLE`).
pub fn refuse_unassignable(tx: &mut Tx, connection: i64) -> Result<()> {
    refuse_locked(tx, connection, "nobody can be assigned to it")
}

/// Refuses what is done to a provider's connection only through the provider. `what` says what that is: `removed by
/// itself`.
///
/// # Errors
/// [`Error::Refused`] (`PRV-PROVIDER-OWNS`).
pub(crate) fn refuse_owned(
    tx: &mut Tx,
    connection: &Connection,
    what: &str,
    hint: &'static str,
) -> Result<()> {
    match tx.first(NAMED, &[connection.key.into()], |r| r.text(0))? {
        None => Ok(()),
        Some(provider) => Err(Error::refused(
            "PRV-PROVIDER-OWNS",
            format!(
                "the connection \"{}\" belongs to the Microsoft 365 provider \"{provider}\" and cannot be {what}",
                connection.name
            ),
            hint,
        )),
    }
}

/// Refuses settings that lead a provider's connection to another tenant or cloud than the provider's: that was
/// proved for its domain.
///
/// # Errors
/// [`Error::Refused`] (`PRV-TENANT-MISMATCH`).
pub(crate) fn refuse_moved(tx: &mut Tx, connection: &Connection, settings: &Value) -> Result<()> {
    let Some(provider) = by_connection(tx, connection.key)? else {
        return Ok(());
    };
    if leads_to(&provider, settings) {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-TENANT-MISMATCH",
        format!(
            "the connection \"{}\" belongs to the Microsoft 365 provider \"{}\" and cannot lead to another tenant or cloud",
            connection.name, provider.name
        ),
        "Keep the tenant. For another tenant, add another provider.",
    ))
}

fn leads_to(provider: &Provider, settings: &Value) -> bool {
    let text = |value: &Value, name: &str| {
        let text = value.get(name).and_then(Value::as_str).unwrap_or_default();
        text.trim().trim_end_matches('/').to_lowercase()
    };
    let same = |name: &str, default: &str| {
        let of = |value: &Value| Some(text(value, name)).filter(|t| !t.is_empty());
        of(settings).unwrap_or_else(|| default.to_owned())
            == of(&provider.settings).unwrap_or_else(|| default.to_owned())
    };
    let tenant = text(settings, "tenant");
    let is_it = tenant == provider.domain
        || INITIAL
            .iter()
            .any(|suffix| tenant == format!("{}.{suffix}", provider.tenant_name))
        || Some(&tenant) == provider.tenant_id.as_ref();
    is_it && same("cloud", "global") && same("login_url", "") && same("graph_url", "")
}

/// Refuses a domain that another active or federated provider has. One in another workspace is not named.
///
/// # Errors
/// [`Error::Refused`] (`PRV-DOMAIN-TAKEN`).
pub fn refuse_taken(tx: &mut Tx, workspace: i64, own: Option<i64>, domain: &str) -> Result<()> {
    let all = by_domain(tx, domain)?;
    let Some(other) = all
        .iter()
        .find(|other| other.state != State::Draft && Some(other.key) != own)
    else {
        return Ok(());
    };
    let whose = if other.workspace == workspace {
        format!("the provider \"{}\"", other.name)
    } else {
        "a provider in another workspace".to_owned()
    };
    Err(Error::refused(
        TAKEN,
        format!("the domain {domain} belongs to {whose} already, and a domain has one provider"),
        "Use that provider, or enter another domain of the tenant.",
    ))
}

/// Whether anybody is in reach of a connection: somebody is assigned, everybody is meant, or a rule is on.
///
/// # Errors
/// Any error of the database.
pub fn serves(tx: &mut Tx, connection: i64) -> Result<bool> {
    let Some(found) = connection::by_key(tx, connection)? else {
        return Ok(false);
    };
    if found.preferences.assignment == Assignment::All || assignment::count(tx, connection)? > 0 {
        return Ok(true);
    }
    let rules = rule::of_connection(tx, connection)?;
    Ok(rules.iter().any(|stored| stored.rule.enabled))
}

/// Whether domain and tenant are settled: somebody is assigned, or the domain is federated.
///
/// # Errors
/// Any error of the database.
pub fn is_in_use(tx: &mut Tx, provider: &Provider) -> Result<bool> {
    if provider.state == State::Federated {
        return Ok(true);
    }
    match provider.connection {
        Some(connection) if provider.mode == Mode::ProvisioningOnly => serves(tx, connection),
        Some(connection) => Ok(assignment::count(tx, connection)? > 0),
        None => Ok(false),
    }
}

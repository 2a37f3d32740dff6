//! What changes of a provider after it was added. Its display name and its link key never do.

use super::{DomainState, Mode, Provider, State, by_key, lock};
use crate::connection::{self, Assignment};
use crate::{Error, Result, Tx, assignment, audit, rule};

crate::statements! {
    EDIT = "UPDATE microsoft_365_provider SET label = $1, domain = $2, tenant_name = $3, version = version + 1 WHERE key = $4";
    SET_LOOK = "UPDATE microsoft_365_provider SET domain_state = $1, domain_checked = $2, tenant_id = $3, \
                version = version + 1 WHERE key = $4";
    SET_STATE = "UPDATE microsoft_365_provider SET state = $1, since = $2, version = version + 1 WHERE key = $3";
    SET_MODE = "UPDATE microsoft_365_provider SET mode = $1, mode_changed = $2, mode_reason = $3, version = version + 1 \
                WHERE key = $4";
    SET_AUTHENTICATION = "UPDATE microsoft_365_provider SET authentication = $1, version = version + 1 WHERE key = $2";
    SET_CONNECTION = "UPDATE microsoft_365_provider SET connection = $1, version = version + 1 WHERE key = $2";
}

/// Characters of the reason for a mode.
const REASON: usize = 400;

/// What a look at the tenant showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Whether the domain is the tenant's.
    pub domain: DomainState,
    /// The tenant's id; none where the look did not show it, and then the one that is known stays.
    pub tenant_id: Option<String>,
}

impl Look {
    /// The state of a provider that is not federated.
    pub(super) fn state(&self) -> State {
        match self.domain {
            DomainState::Verified => State::Active,
            DomainState::Unverified => State::Draft,
        }
    }
}

/// What is to change of the general settings; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edit<'a> {
    /// The second name; may be empty.
    pub label: Option<&'a str>,
    /// The domain, lower case.
    pub domain: Option<&'a str>,
    /// The tenant's name.
    pub tenant_name: Option<&'a str>,
    /// What a look at the tenant showed for the new domain and tenant.
    pub look: Option<&'a Look>,
}

fn get(tx: &mut Tx, provider: &Provider) -> Result<Provider> {
    by_key(tx, provider.key)?.ok_or_else(|| {
        Error::refused(
            "PRV-MICROSOFT-365-UNKNOWN",
            format!(
                "the Microsoft 365 provider \"{}\" is no longer there",
                provider.name
            ),
            "Look at the list of providers.",
        )
    })
}

fn note(tx: &mut Tx, now: i64, actor: &str, what: &str, provider: &Provider, detail: &str) -> Result<()> {
    let action = format!("microsoft_365.{what}");
    audit::append_named(
        tx,
        provider.workspace,
        now,
        actor,
        &action,
        &provider.name,
        detail,
    )
}

/// Changes the general settings. Nothing is written when nothing differs.
///
/// # Errors
/// [`Error::Refused`]: `PRV-NAME`; `PRV-FIELD-IMMUTABLE` for domain and tenant name once somebody is assigned or the
/// domain is federated; `PRV-DOMAIN-TAKEN`; `PRV-MICROSOFT-365-UNKNOWN`.
pub fn edit(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, edit: Edit) -> Result<Provider> {
    let before = get(tx, provider)?;
    let after = Provider {
        label: edit.label.unwrap_or(&before.label).to_owned(),
        domain: edit.domain.unwrap_or(&before.domain).to_owned(),
        tenant_name: edit.tenant_name.unwrap_or(&before.tenant_name).to_owned(),
        ..before.clone()
    };
    super::check_names(&after.name, &after.label)?;
    let moves = after.domain != before.domain || after.tenant_name != before.tenant_name;
    if moves {
        refuse_settled(tx, &before)?;
    }
    if after != before {
        if moves && before.state != State::Draft {
            // Another domain has to be proved anew: the look does that below.
            write_state(tx, actor, now, &before, State::Draft)?;
        }
        let params = [
            (&after.label).into(),
            (&after.domain).into(),
            (&after.tenant_name).into(),
            after.key.into(),
        ];
        tx.execute(EDIT, &params)?;
        let detail = format!(
            "label \"{}\", {}, tenant {}",
            after.label, after.domain, after.tenant_name
        );
        note(tx, now, actor, "edit", &before, &detail)?;
    }
    match edit.look {
        Some(look) => note_look(tx, actor, now, &before, look),
        None => get(tx, &before),
    }
}

/// Refuses another domain or tenant name once somebody is assigned or the domain is federated.
///
/// # Errors
/// [`Error::Refused`] (`PRV-FIELD-IMMUTABLE`).
pub fn refuse_settled(tx: &mut Tx, provider: &Provider) -> Result<()> {
    if !lock::is_in_use(tx, provider)? {
        return Ok(());
    }
    Err(Error::refused(
        lock::IMMUTABLE,
        format!(
            "domain and tenant name of the provider \"{}\" cannot be changed any more: somebody is assigned to it, or its \
             domain is federated",
            provider.name
        ),
        "For another domain, add another provider.",
    ))
}

/// Keeps what a look at the tenant showed. A draft whose domain is proved becomes active; an active provider whose
/// domain is not the tenant's becomes a draft, unless somebody is assigned. A federated one stays so.
///
/// # Errors
/// [`Error::Refused`]: `PRV-DOMAIN-TAKEN`, `PRV-MICROSOFT-365-UNKNOWN`.
pub fn note_look(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, look: &Look) -> Result<Provider> {
    let before = get(tx, provider)?;
    let tenant_id = look.tenant_id.as_deref().or(before.tenant_id.as_deref());
    let params = [
        look.domain.as_str().into(),
        now.into(),
        tenant_id.unwrap_or_default().into(),
        before.key.into(),
    ];
    tx.execute(SET_LOOK, &params)?;
    let to = look.state();
    if to == State::Active {
        lock::refuse_taken(tx, before.workspace, Some(before.key), &before.domain)?;
    }
    if to != before.state && !lock::is_in_use(tx, &before)? {
        write_state(tx, actor, now, &before, to)?;
    }
    get(tx, &before)
}

/// Puts a provider into a state: what the federation of its domain, and its end, do.
///
/// # Errors
/// [`Error::Refused`]: `PRV-DOMAIN-TAKEN`, `PRV-MICROSOFT-365-UNKNOWN`.
pub fn set_state(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, state: State) -> Result<Provider> {
    let before = get(tx, provider)?;
    if state != State::Draft {
        lock::refuse_taken(tx, before.workspace, Some(before.key), &before.domain)?;
    }
    if state != before.state {
        write_state(tx, actor, now, &before, state)?;
    }
    get(tx, &before)
}

fn write_state(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, state: State) -> Result<()> {
    tx.execute(
        SET_STATE,
        &[state.as_str().into(), now.into(), provider.key.into()],
    )?;
    let detail = format!("from {}", provider.state);
    note(tx, now, actor, state.as_str(), provider, &detail)
}

/// Notes that the section Authentication was saved.
///
/// # Errors
/// [`Error::Refused`] (`PRV-MICROSOFT-365-UNKNOWN`).
pub fn set_authentication(tx: &mut Tx, actor: &str, now: i64, provider: &Provider) -> Result<Provider> {
    let before = get(tx, provider)?;
    tx.execute(SET_AUTHENTICATION, &[now.into(), before.key.into()])?;
    note(tx, now, actor, "authentication", &before, "")?;
    get(tx, &before)
}

/// Ties a connection to its provider. While nobody can be assigned, the connection must reach nobody either.
///
/// # Errors
/// [`Error::Refused`]: `PRV-PROVIDER-NOT-ASSIGNABLE`, `PRV-MICROSOFT-365-UNKNOWN`; [`Error::Conflict`] when the connection
/// belongs to another provider.
pub fn set_connection(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    connection: i64,
) -> Result<Provider> {
    let before = get(tx, provider)?;
    tx.execute(SET_CONNECTION, &[connection.into(), before.key.into()])?;
    if lock::serves(tx, connection)? {
        lock::refuse_locked(
            tx,
            connection,
            "no connection that reaches anybody can become its own",
        )?;
    }
    let name = connection::by_key(tx, connection)?.map_or_else(String::new, |found| found.name);
    note(
        tx,
        now,
        actor,
        "provisioning",
        &before,
        &format!("connection {name}"),
    )?;
    get(tx, &before)
}

/// Decides what a provider is meant for: a decision of its own, with its reason.
///
/// # Errors
/// [`Error::Refused`]: `PRV-PROVIDER-MODE` once the domain is federated, once anybody is in reach of it, and without
/// a reason; `PRV-MICROSOFT-365-UNKNOWN`.
pub fn set_mode(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    mode: Mode,
    reason: &str,
) -> Result<Provider> {
    let before = get(tx, provider)?;
    if before.mode == mode {
        return Ok(before);
    }
    refuse_mode(tx, &before, reason)?;
    let reason = reason.trim();
    let params = [mode.as_str().into(), now.into(), reason.into(), before.key.into()];
    tx.execute(SET_MODE, &params)?;
    note(tx, now, actor, "mode", &before, &format!("{mode}: {reason}"))?;
    get(tx, &before)
}

/// Refuses another mode for this reason.
///
/// # Errors
/// As [`set_mode`].
pub fn refuse_mode(tx: &mut Tx, provider: &Provider, reason: &str) -> Result<()> {
    let before = get(tx, provider)?;
    check_reason(reason)?;
    if before.state == State::Federated {
        let sentence = format!("the domain of the provider \"{}\" is federated", before.name);
        return Err(mode_refused(sentence, "Take the federation back first."));
    }
    if let Some(why) = reached(tx, &before)? {
        let sentence = format!(
            "what the provider \"{}\" is meant for is decided before the first assignment, and {why}",
            before.name
        );
        let hint =
            "End the assignments, set the connection to assigned people only, and switch its rules off.";
        return Err(mode_refused(sentence, hint));
    }
    Ok(())
}

/// What brings anybody into the provider's reach, in words.
fn reached(tx: &mut Tx, provider: &Provider) -> Result<Option<String>> {
    let Some(key) = provider.connection else {
        return Ok(None);
    };
    let Some(connection) = connection::by_key(tx, key)? else {
        return Ok(None);
    };
    let assigned = assignment::count(tx, key)?;
    if assigned > 0 {
        return Ok(Some(format!("{assigned} people and groups are assigned")));
    }
    if connection.preferences.assignment == Assignment::All {
        return Ok(Some("its connection means everybody".to_owned()));
    }
    let rules = rule::of_connection(tx, key)?;
    let on = rules.iter().find(|stored| stored.rule.enabled);
    Ok(on.map(|stored| format!("the rule \"{}\" is on", stored.name)))
}

fn check_reason(reason: &str) -> Result<()> {
    let fault = match reason.trim() {
        "" => "needs a reason",
        text if text.chars().count() > REASON => "needs a reason of at most 400 characters",
        text if text.chars().any(char::is_control) => "needs a reason in one line",
        _ => return Ok(()),
    };
    Err(mode_refused(
        format!("another mode {fault}"),
        "Say why people are to be provisioned without federation, or why not any more; it stands in the audit log.",
    ))
}

fn mode_refused(sentence: String, hint: &'static str) -> Error {
    Error::refused("PRV-PROVIDER-MODE", sentence, hint)
}

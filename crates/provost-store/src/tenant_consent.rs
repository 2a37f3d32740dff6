//! Which tenant of Microsoft Entra an inbound provider belongs to: recorded when its administrator has consented and
//! proved it, and from then on the only one.

use crate::provider::Provider;
use crate::{Error, Result, Row, Tx, audit};

macro_rules! columns {
    () => {
        "c.provider, c.workspace, c.tenant, c.account, c.actor, c.client_id, c.first, c.at"
    };
}

crate::statements! {
    PUT = "INSERT INTO tenant_consent (provider, workspace, tenant, account, actor, client_id, first, at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
           ON CONFLICT (provider) DO UPDATE SET account = excluded.account, actor = excluded.actor, \
           client_id = excluded.client_id, at = excluded.at";
    GET = concat!("SELECT ", columns!(), " FROM tenant_consent c WHERE c.provider = $1");
    OTHERS = "SELECT p.name FROM tenant_consent c JOIN inbound_provider p ON p.key = c.provider \
              WHERE c.workspace = $1 AND c.tenant = $2 AND c.provider <> $3 ORDER BY c.provider LIMIT $4";
    REMOVE = "DELETE FROM tenant_consent WHERE provider = $1 AND tenant = $2";
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantConsent {
    /// The inbound provider.
    pub provider: i64,
    /// Its workspace.
    pub workspace: i64,
    /// The tenant's id, a GUID in lower case.
    pub tenant: String,
    /// Who consented, as their tenant calls them.
    pub account: String,
    /// Who they were here: an administrator, or whoever had a setup link.
    pub actor: String,
    /// The id of the application that they consented to.
    pub client_id: String,
    /// When the tenant was recorded for the first time.
    pub first: i64,
    /// When it was last consented to.
    pub at: i64,
}

fn read(row: &Row) -> Result<TenantConsent> {
    Ok(TenantConsent {
        provider: row.int(0)?,
        workspace: row.int(1)?,
        tenant: row.text(2)?,
        account: row.text(3)?,
        actor: row.text(4)?,
        client_id: row.text(5)?,
        first: row.int(6)?,
        at: row.int(7)?,
    })
}

/// What was proved.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The tenant's id, a GUID in lower case.
    pub tenant: &'a str,
    /// Who consented, as their tenant calls them.
    pub account: &'a str,
    /// The id of the application that they consented to.
    pub client_id: &'a str,
}

/// Refuses a tenant when the provider belongs to another one; answers what is recorded.
///
/// # Errors
/// [`Error::Refused`] (`PRV-CONSENT-TENANT`).
pub fn require_free(tx: &mut Tx, provider: &Provider, tenant: &str) -> Result<Option<TenantConsent>> {
    let kept = get(tx, provider.key)?;
    if kept.as_ref().is_some_and(|kept| kept.tenant != tenant) {
        return Err(Error::refused(
            "PRV-CONSENT-TENANT",
            "this provider belongs to another tenant already",
            "Sign in with an account of the tenant that is recorded, or have that tenant released first.",
        ));
    }
    Ok(kept)
}

/// Records that a tenant's administrator has consented. The same tenant may consent again.
///
/// # Errors
/// [`Error::Refused`] (`PRV-CONSENT-TENANT`) when the provider belongs to another tenant.
pub fn record(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, new: &New) -> Result<TenantConsent> {
    let before = require_free(tx, provider, new.tenant)?;
    let params = [
        provider.key.into(),
        provider.workspace.into(),
        new.tenant.into(),
        new.account.into(),
        actor.into(),
        new.client_id.into(),
        now.into(),
        now.into(),
    ];
    tx.execute(PUT, &params)?;
    let action = match before {
        Some(_) => "consent.renew",
        None => "consent.record",
    };
    let detail = format!(
        "tenant {}, by {}, application {}",
        new.tenant, new.account, new.client_id
    );
    audit::append(tx, provider.workspace, now, actor, action, provider.id, &detail)?;
    Ok(TenantConsent {
        provider: provider.key,
        workspace: provider.workspace,
        tenant: new.tenant.to_owned(),
        account: new.account.to_owned(),
        actor: actor.to_owned(),
        client_id: new.client_id.to_owned(),
        first: before.map_or(now, |kept| kept.first),
        at: now,
    })
}

/// Notes in the audit log that consent was refused, with what the other side called it.
///
/// # Errors
/// Any error of the database.
pub fn note_refusal(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, detail: &str) -> Result<()> {
    audit::append(
        tx,
        provider.workspace,
        now,
        actor,
        "consent.refuse",
        provider.id,
        detail,
    )
}

/// What is recorded about a provider.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, provider: i64) -> Result<Option<TenantConsent>> {
    tx.first(GET, &[provider.into()], read)
}

/// The names of the workspace's other providers that belong to the same tenant, the oldest first, at most `limit`.
///
/// # Errors
/// Any error of the database.
pub fn others(tx: &mut Tx, consent: &TenantConsent, limit: i64) -> Result<Vec<String>> {
    let params = [
        consent.workspace.into(),
        (&consent.tenant).into(),
        consent.provider.into(),
        limit.into(),
    ];
    tx.query(OTHERS, &params, |r| r.text(0))
}

/// Releases a provider from the tenant that it belongs to: another one may consent from now on. `false`: it belongs
/// to none.
///
/// # Errors
/// [`Error::Refused`] (`PRV-CONSENT-RELEASE`) when the tenant is not the one that was named.
pub fn release(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, tenant: &str) -> Result<bool> {
    let Some(kept) = get(tx, provider.key)? else {
        return Ok(false);
    };
    if !kept.tenant.eq_ignore_ascii_case(tenant.trim()) {
        return Err(Error::refused(
            "PRV-CONSENT-RELEASE",
            "this is not the id of the tenant that is recorded",
            "Type the id of the recorded tenant; nothing was released.",
        ));
    }
    tx.execute(REMOVE, &[provider.key.into(), (&kept.tenant).into()])?;
    let detail = format!("tenant {}, recorded by {}", kept.tenant, kept.actor);
    audit::append(
        tx,
        provider.workspace,
        now,
        actor,
        "consent.release",
        provider.id,
        &detail,
    )?;
    Ok(true)
}

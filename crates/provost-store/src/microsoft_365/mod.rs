//! Microsoft 365 as a company's provider: its general settings, how far it is, and the lock that keeps everybody
//! unassigned until its domain is federated, or somebody decided that it never will be.
//!
//! The inbound providers, which push into Provost, are in [`crate::provider`].

mod change;
mod detached;
mod lock;
mod remove;
mod values;

pub use change::{
    Edit, Look, edit, note_look, refuse_mode, refuse_settled, set_authentication, set_connection, set_mode,
    set_state,
};
pub use detached::{Detached, detach_all, detached, detached_count, forget_detached, reattach};
pub use lock::{
    IMMUTABLE, NOT_ASSIGNABLE, TAKEN, is_in_use, refuse_rules, refuse_taken, refuse_unassignable, serves,
};
pub use remove::{refuse_alone, remove};
pub use values::{Values, provider_values};

pub(crate) use change::STATEMENTS as CHANGE_STATEMENTS;
pub(crate) use detached::{STATEMENTS as DETACHED_STATEMENTS, forget};
pub(crate) use lock::{STATEMENTS as LOCK_STATEMENTS, refuse_locked, refuse_moved, refuse_owned};
pub(crate) use remove::STATEMENTS as REMOVE_STATEMENTS;

use crate::{Error, Result, Row, Tx, audit, word};
use serde_json::Value;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "key, id, workspace, name, label, link_key, domain, tenant_name, tenant_id, domain_state, domain_checked, state, \
         since, mode, mode_changed, mode_reason, authentication, connection, settings, created, actor, version"
    };
}

crate::statements! {
    INSERT = concat!("INSERT INTO microsoft_365_provider (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
              $10, $11, $12, $13, $14, 0, '', 0, NULL, $15, $16, $17, 1)");
    BY_NAME = concat!("SELECT ", columns!(), " FROM microsoft_365_provider WHERE workspace = $1 AND name = $2");
    BY_ID = concat!("SELECT ", columns!(), " FROM microsoft_365_provider WHERE id = $1");
    BY_KEY = concat!("SELECT ", columns!(), " FROM microsoft_365_provider WHERE key = $1");
    BY_CONNECTION = concat!("SELECT ", columns!(), " FROM microsoft_365_provider WHERE connection = $1");
    BY_DOMAIN = concat!("SELECT ", columns!(), " FROM microsoft_365_provider WHERE domain = $1 ORDER BY key");
    LIST = concat!("SELECT ", columns!(), " FROM microsoft_365_provider WHERE workspace = $1 AND name > $2 \
            ORDER BY name LIMIT $3");
}

word::words! {
    /// How far a provider is.
    State, "state of a provider":
    /// Added, but its domain is not proved.
    Draft = "draft",
    /// Its domain is proved. Neither provisioning nor federation follows from that.
    Active = "active",
    /// The people of its domain sign in at Provost.
    Federated = "federated",
}

word::words! {
    /// What the last look at the tenant showed of the domain.
    DomainState, "state of a domain":
    /// It is not known to be the tenant's.
    Unverified = "unverified",
    /// The tenant has proved that it owns the domain.
    Verified = "verified",
}

word::words! {
    /// What a provider is meant for.
    Mode, "mode of a provider":
    /// The domain is to be federated: nobody is assigned before that.
    Federation = "federation",
    /// Only accounts are carried to it, people go on signing in at Microsoft: a decision that somebody made with a
    /// reason, before anybody was assigned.
    ProvisioningOnly = "provisioning_only",
}

/// Microsoft 365 as a provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Provider {
    /// The inside key.
    pub key: i64,
    /// The public id: it stands in the addresses that Microsoft is given.
    pub id: Uuid,
    /// The workspace's key.
    pub workspace: i64,
    /// Its display name, unique in the workspace; it never changes.
    pub name: String,
    /// A second name, which may change; may be empty.
    pub label: String,
    /// What ties a person to an account: `User: UDI`; it never changes.
    pub link_key: String,
    /// The domain, lower case.
    pub domain: String,
    /// The tenant's name: `contoso` of `contoso.onmicrosoft.com`.
    pub tenant_name: String,
    /// The tenant's id, once a look showed it.
    pub tenant_id: Option<String>,
    /// What the last look showed of the domain.
    pub domain_state: DomainState,
    /// When that was; 0 for never.
    pub domain_checked: i64,
    /// How far it is.
    pub state: State,
    /// When it came into that state.
    pub since: i64,
    /// What it is meant for.
    pub mode: Mode,
    /// When somebody decided that; 0 for never.
    pub mode_changed: i64,
    /// Why, in their words.
    pub mode_reason: String,
    /// When the section Authentication was saved; 0 for never.
    pub authentication: i64,
    /// The key of its connection, once Provisioning is configured.
    pub connection: Option<i64>,
    /// The cloud, and the addresses where they are not Microsoft's own: `cloud`, `login_url`, `graph_url`.
    pub settings: Value,
    /// When it was added.
    pub created: i64,
    /// Who added it.
    pub actor: String,
    /// Rises by one with every change.
    pub version: i64,
}

impl Provider {
    /// Whether anybody may be assigned to its connection.
    pub fn is_assignable(&self) -> bool {
        self.state == State::Federated || self.mode == Mode::ProvisioningOnly
    }
}

fn read(row: &Row) -> Result<Provider> {
    let tenant_id = row.text(8)?;
    let settings = serde_json::from_str(row.str(18)?).map_err(|e| {
        Error::Damaged(format!(
            "the settings of a Microsoft 365 provider cannot be read: {e}"
        ))
    })?;
    Ok(Provider {
        key: row.int(0)?,
        id: row.uuid(1)?,
        workspace: row.int(2)?,
        name: row.text(3)?,
        label: row.text(4)?,
        link_key: row.text(5)?,
        domain: row.text(6)?,
        tenant_name: row.text(7)?,
        tenant_id: (!tenant_id.is_empty()).then_some(tenant_id),
        domain_state: row.str(9)?.parse()?,
        domain_checked: row.int(10)?,
        state: row.str(11)?.parse()?,
        since: row.int(12)?,
        mode: row.str(13)?.parse()?,
        mode_changed: row.int(14)?,
        mode_reason: row.text(15)?,
        authentication: row.int(16)?,
        connection: row.int_or_null(17)?,
        settings,
        created: row.int(19)?,
        actor: row.text(20)?,
        version: row.int(21)?,
    })
}

/// A provider to be added.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// The public id to give it.
    pub id: Uuid,
    /// The workspace's key.
    pub workspace: i64,
    /// Its display name.
    pub name: &'a str,
    /// A second name; may be empty.
    pub label: &'a str,
    /// What ties a person to an account.
    pub link_key: &'a str,
    /// The domain, lower case.
    pub domain: &'a str,
    /// The tenant's name.
    pub tenant_name: &'a str,
    /// What a look at the tenant showed.
    pub look: &'a Look,
    /// The cloud and addresses.
    pub settings: &'a Value,
}

/// Adds a provider: active when its domain is proved, else a draft. Nobody can be assigned to it yet.
///
/// # Errors
/// [`Error::Refused`]: `PRV-NAME`, `PRV-PROVIDER-NAME-TAKEN`, `PRV-DOMAIN-TAKEN`.
pub fn create(tx: &mut Tx, actor: &str, now: i64, new: &New) -> Result<Provider> {
    check_names(new.name, new.label)?;
    if by_name(tx, new.workspace, new.name)?.is_some() {
        return Err(Error::refused(
            "PRV-PROVIDER-NAME-TAKEN",
            format!("there is a Microsoft 365 provider \"{}\" already", new.name),
            "Choose another name; it cannot be changed later.",
        ));
    }
    refuse_taken(tx, new.workspace, None, new.domain)?;
    let state = new.look.state();
    let key = tx.key();
    let settings = new.settings.to_string();
    let params = [
        key.into(),
        new.id.into(),
        new.workspace.into(),
        new.name.into(),
        new.label.into(),
        new.link_key.into(),
        new.domain.into(),
        new.tenant_name.into(),
        new.look.tenant_id.as_deref().unwrap_or_default().into(),
        new.look.domain.as_str().into(),
        now.into(),
        state.as_str().into(),
        now.into(),
        Mode::Federation.as_str().into(),
        (&settings).into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(INSERT, &params)?;
    let detail = format!("{}, tenant {}, {state}", new.domain, new.tenant_name);
    audit::append_named(
        tx,
        new.workspace,
        now,
        actor,
        "microsoft_365.add",
        new.name,
        &detail,
    )?;
    by_key(tx, key)?.ok_or_else(|| Error::Damaged("a provider is gone after it was written".into()))
}

/// Refuses a display name or a label that could not be told apart on a page. The label may be empty.
///
/// # Errors
/// [`Error::Refused`] (`PRV-NAME`).
pub fn check_names(name: &str, label: &str) -> Result<()> {
    word::check_name("provider", name)?;
    if label.is_empty() {
        Ok(())
    } else {
        word::check_name("label", label)
    }
}

/// The workspace's provider of this display name.
///
/// # Errors
/// Any error of the database.
pub fn by_name(tx: &mut Tx, workspace: i64, name: &str) -> Result<Option<Provider>> {
    tx.first(BY_NAME, &[workspace.into(), name.into()], read)
}

/// The provider with this public id.
///
/// # Errors
/// Any error of the database.
pub fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Provider>> {
    tx.first(BY_ID, &[id.into()], read)
}

/// The provider with this inside key.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<Provider>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// The provider that a connection belongs to; none for a connection that was added by itself.
///
/// # Errors
/// Any error of the database.
pub fn by_connection(tx: &mut Tx, connection: i64) -> Result<Option<Provider>> {
    tx.first(BY_CONNECTION, &[connection.into()], read)
}

/// The providers of a domain in every workspace, drafts too, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn by_domain(tx: &mut Tx, domain: &str) -> Result<Vec<Provider>> {
    tx.query(BY_DOMAIN, &[domain.into()], read)
}

/// The workspace's providers with names after `after`, by name.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, workspace: i64, after: &str, limit: i64) -> Result<Vec<Provider>> {
    tx.query(LIST, &[workspace.into(), after.into(), limit.into()], read)
}

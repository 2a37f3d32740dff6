//! Setup links: pages for a customer's administrator, who has no account here, about one inbound provider. Only the
//! hash of a link's key is kept.

use crate::{Result, Row, Tx, audit, word};

macro_rules! columns {
    () => {
        "key, workspace, provider, label, created, actor, expires, revoked, opened, token"
    };
}

crate::statements! {
    INSERT = "INSERT INTO setup_link (hash, key, workspace, provider, label, created, actor, expires, revoked, opened, token) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0)";
    FIND = concat!("SELECT ", columns!(), " FROM setup_link WHERE hash = $1 AND revoked = 0 AND expires > $2");
    LIVE = concat!("SELECT ", columns!(), " FROM setup_link WHERE key = $1 AND revoked = 0 AND expires > $2");
    LIST = concat!("SELECT ", columns!(), " FROM setup_link WHERE provider = $1 AND workspace = $2 AND key > $3 ORDER BY key LIMIT $4");
    REVOKE = "UPDATE setup_link SET revoked = $1 WHERE key = $2 AND workspace = $3 AND revoked = 0 RETURNING label";
    OPENED = "UPDATE setup_link SET opened = $1 WHERE key = $2 AND opened = 0";
    TOKEN = "UPDATE setup_link SET token = $1 WHERE key = $2";
}

/// A setup link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupLink {
    /// The inside key.
    pub key: i64,
    /// The workspace.
    pub workspace: i64,
    /// The inbound provider that it is about.
    pub provider: i64,
    /// What its maker called it.
    pub label: String,
    /// When it was made.
    pub created: i64,
    /// Who made it.
    pub actor: String,
    /// When it stops working.
    pub expires: i64,
    /// When it was revoked.
    pub revoked: Option<i64>,
    /// When it was first opened.
    pub opened: Option<i64>,
    /// The provider's token that was made through it.
    pub token: Option<i64>,
}

fn read(row: &Row) -> Result<SetupLink> {
    let some = |n: i64| Some(n).filter(|n| *n > 0);
    Ok(SetupLink {
        key: row.int(0)?,
        workspace: row.int(1)?,
        provider: row.int(2)?,
        label: row.text(3)?,
        created: row.int(4)?,
        actor: row.text(5)?,
        expires: row.int(6)?,
        revoked: some(row.int(7)?),
        opened: some(row.int(8)?),
        token: some(row.int(9)?),
    })
}

/// A setup link to be made.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The workspace.
    pub workspace: i64,
    /// The inbound provider.
    pub provider: i64,
    /// What its maker calls it.
    pub label: &'a str,
    /// When it stops working.
    pub expires: i64,
}

/// Keeps a link under the hash of its key.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-NAME`) for a label that cannot be printed.
pub fn make(tx: &mut Tx, actor: &str, now: i64, hash: &[u8], new: &New) -> Result<SetupLink> {
    word::check_name("link", new.label)?;
    let key = tx.key();
    let params = [
        hash.into(),
        key.into(),
        new.workspace.into(),
        new.provider.into(),
        new.label.into(),
        now.into(),
        actor.into(),
        new.expires.into(),
    ];
    tx.execute(INSERT, &params)?;
    let detail = format!("key {key}, provider {}", new.provider);
    audit::append_named(
        tx,
        new.workspace,
        now,
        actor,
        "setup_link.make",
        new.label,
        &detail,
    )?;
    Ok(SetupLink {
        key,
        workspace: new.workspace,
        provider: new.provider,
        label: new.label.to_owned(),
        created: now,
        actor: actor.to_owned(),
        expires: new.expires,
        revoked: None,
        opened: None,
        token: None,
    })
}

/// The link under this hash, if it can be used at `now`.
///
/// # Errors
/// Any error of the database.
pub fn find(tx: &mut Tx, hash: &[u8], now: i64) -> Result<Option<SetupLink>> {
    tx.first(FIND, &[hash.into(), now.into()], read)
}

/// The link with this inside key, if it can be used at `now`.
///
/// # Errors
/// Any error of the database.
pub fn live(tx: &mut Tx, key: i64, now: i64) -> Result<Option<SetupLink>> {
    tx.first(LIVE, &[key.into(), now.into()], read)
}

/// The links of a workspace's provider with keys above `after`, oldest first, also those that have ended.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, workspace: i64, provider: i64, after: i64, limit: i64) -> Result<Vec<SetupLink>> {
    let params = [provider.into(), workspace.into(), after.into(), limit.into()];
    tx.query(LIST, &params, read)
}

/// Revokes a link. `false`: the workspace has no such link that works.
///
/// # Errors
/// Any error of the database.
pub fn revoke(tx: &mut Tx, actor: &str, now: i64, workspace: i64, key: i64) -> Result<bool> {
    let params = [now.into(), key.into(), workspace.into()];
    let Some(label) = tx.first(REVOKE, &params, |r| r.text(0))? else {
        return Ok(false);
    };
    let detail = format!("key {key}");
    audit::append_named(tx, workspace, now, actor, "setup_link.revoke", &label, &detail)?;
    Ok(true)
}

/// Notes that a link was opened for the first time.
///
/// # Errors
/// Any error of the database.
pub fn note_opened(tx: &mut Tx, link: &SetupLink, now: i64) -> Result<()> {
    if tx.execute(OPENED, &[now.into(), link.key.into()])? > 0 {
        let detail = format!("key {}", link.key);
        let workspace = link.workspace;
        audit::append_named(
            tx,
            workspace,
            now,
            "setup link",
            "setup_link.open",
            &link.label,
            &detail,
        )?;
    }
    Ok(())
}

/// Notes the provider's token that was made through a link. The token has its own audit row.
///
/// # Errors
/// Any error of the database.
pub fn note_token(tx: &mut Tx, key: i64, token: i64) -> Result<()> {
    tx.execute(TOKEN, &[token.into(), key.into()])?;
    Ok(())
}

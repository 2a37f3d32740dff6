//! Who holds which identifier.

use super::tie::{release, settle};
use super::{IMMUTABLE_ID, account, reading};
use crate::link::Link;
use crate::{Error, Param, Result, Tx};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

crate::statements! {
    HOLDER = "SELECT i.object, o.id, COALESCE(o.label, d.label, '') FROM identifier i LEFT JOIN object o ON o.key = i.object \
              LEFT JOIN deleted_object d ON d.key = i.object WHERE i.workspace = $1 AND i.sort = $2 AND i.value = $3";
    HOLD = "INSERT INTO identifier (workspace, sort, value, object, since) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    DROP = "DELETE FROM identifier WHERE workspace = $1 AND sort = $2 AND value = $3 AND object = $4";
    DROP_SORT = "DELETE FROM identifier WHERE object = $1 AND sort = $2";
    OF_OBJECT = "SELECT i.value FROM identifier i WHERE i.object = $1 AND i.sort = $2 ORDER BY i.value";
    RULE = "SELECT c.key, c.workspace FROM rule r JOIN connection c ON c.key = r.connection \
            WHERE r.key = $1 AND r.kind = 0 AND c.connector = 'graph'";
    TARGET = "SELECT target_id FROM link WHERE rule = $1 AND object = $2";
    LINKED = "SELECT 1 FROM link WHERE object = $1 AND target_id = $2 LIMIT 1";
    ANY_LINK = "SELECT 1 FROM link WHERE object = $1 LIMIT 1";
    WORKSPACES = "SELECT i.workspace, i.value FROM identifier i WHERE i.object = $1 AND i.sort = 'account' ORDER BY i.value";
    // What stands on the page of identifiers outlives a rule; the rest would be held by nobody's wish.
    DROP_RULE = "DELETE FROM identifier WHERE (workspace, sort, value) IN (SELECT i.workspace, i.sort, i.value FROM link l \
                 JOIN identifier i ON i.object = l.object WHERE l.rule = $1 \
                 AND NOT EXISTS (SELECT 1 FROM link x WHERE x.object = l.object AND x.rule <> l.rule) \
                 AND NOT EXISTS (SELECT 1 FROM tenant_account t WHERE t.person = l.object AND t.person > 0 AND t.state = 4))";
    DROP_CONNECTION = "DELETE FROM identifier WHERE (workspace, sort, value) IN (SELECT i.workspace, i.sort, i.value FROM link l \
                       JOIN rule r ON r.key = l.rule JOIN identifier i ON i.object = l.object WHERE r.connection = $1 \
                       AND NOT EXISTS (SELECT 1 FROM link x JOIN rule y ON y.key = x.rule WHERE x.object = l.object \
                       AND y.connection <> r.connection) \
                       AND NOT EXISTS (SELECT 1 FROM tenant_account t WHERE t.person = l.object AND t.person > 0 AND t.state = 4))";
}

/// The code of the guard.
const TAKEN: &str = "PRV-IDENTIFIER-TAKEN";

/// Which identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The object id of an account.
    Account,
    /// The immutable id.
    Immutable,
}

impl Sort {
    fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Immutable => "immutable",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Account => "object id",
            Self::Immutable => "immutable id",
        }
    }

    /// Two immutable ids must not differ by letter case only, although sign-ins compare them exactly.
    fn value(self, text: &str) -> String {
        match self {
            Self::Account => text.to_owned(),
            Self::Immutable => text.to_ascii_lowercase(),
        }
    }
}

/// Who holds an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The inside key.
    pub object: i64,
    /// The public id; none while they are deleted.
    pub id: Option<Uuid>,
    /// What to call them; empty for somebody who is gone for good.
    pub label: String,
}

/// Who of the workspace holds an identifier.
///
/// # Errors
/// Any error of the database.
pub fn holder(tx: &mut Tx, workspace: i64, sort: Sort, value: &str) -> Result<Option<Holder>> {
    let value = sort.value(value);
    tx.first(
        HOLDER,
        &[workspace.into(), sort.as_str().into(), (&value).into()],
        |r| {
            Ok(Holder {
                object: r.int(0)?,
                id: r.uuid_or_null(1)?,
                label: r.text(2)?,
            })
        },
    )
}

/// Who of the workspace holds which of these object ids.
///
/// # Errors
/// Any error of the database.
pub fn holders(tx: &mut Tx, workspace: i64, accounts: &[&str]) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::with_capacity(accounts.len());
    tx.batches(
        &[workspace.into()],
        accounts,
        |id| [Param::Text(id)],
        |list| {
            format!("SELECT value, object FROM identifier WHERE workspace = $1 AND sort = 'account' AND value IN ({list})")
        },
        |row| {
            found.insert(row.text(0)?, row.int(1)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// The account of a connection's tenant that a person is linked to, as far as the tenant was read.
///
/// # Errors
/// Any error of the database.
pub fn account_of(tx: &mut Tx, connection: i64, object: i64) -> Result<Option<String>> {
    Ok(super::person(tx, connection, object)?
        .filter(|one| one.state == super::LinkState::Linked)
        .map(|one| one.account))
}

/// The identifiers of one sort that a person holds.
pub(super) fn of_object(tx: &mut Tx, object: i64, sort: Sort) -> Result<Vec<String>> {
    tx.query(OF_OBJECT, &[object.into(), sort.as_str().into()], |r| r.text(0))
}

/// The workspace and the object id of each account that a person holds.
pub(super) fn accounts_of_object(tx: &mut Tx, object: i64) -> Result<Vec<(i64, String)>> {
    tx.query(WORKSPACES, &[object.into()], |r| Ok((r.int(0)?, r.text(1)?)))
}

/// Refuses an identifier that somebody else of the workspace holds, with their name.
///
/// # Errors
/// [`Error::Refused`] (`PRV-IDENTIFIER-TAKEN`).
pub(super) fn refuse_taken(tx: &mut Tx, workspace: i64, sort: Sort, value: &str, object: i64) -> Result<()> {
    let Some(other) = holder(tx, workspace, sort, value)?.filter(|other| other.object != object) else {
        return Ok(());
    };
    let who = match (&other.id, other.label.as_str()) {
        (_, "") => "somebody who is gone".to_owned(),
        (Some(id), label) => format!("{label} ({id})"),
        (None, label) => format!("{label}, who is in the recycle bin"),
    };
    Err(Error::refused(
        TAKEN,
        format!(
            "the {} {value} is held by {who}, and two people never hold the same",
            sort.noun()
        ),
        "Unlink that one first, merge the two if they are one, or choose another account.",
    ))
}

/// A person holds an identifier from now on.
///
/// # Errors
/// [`Error::Refused`] (`PRV-IDENTIFIER-TAKEN`) when somebody else holds it.
pub(super) fn hold(
    tx: &mut Tx,
    now: i64,
    workspace: i64,
    sort: Sort,
    value: &str,
    object: i64,
) -> Result<()> {
    if !try_hold(tx, now, workspace, sort, value, object)? {
        refuse_taken(tx, workspace, sort, value, object)?;
    }
    Ok(())
}

/// The same; `false`: it is held already.
pub(super) fn try_hold(
    tx: &mut Tx,
    now: i64,
    workspace: i64,
    sort: Sort,
    value: &str,
    object: i64,
) -> Result<bool> {
    let value = sort.value(value);
    let params = [
        workspace.into(),
        sort.as_str().into(),
        (&value).into(),
        object.into(),
        now.into(),
    ];
    Ok(tx.execute(HOLD, &params)? > 0)
}

/// A person does not hold an object id any more, nor an immutable id once they hold no account.
pub(super) fn let_go(tx: &mut Tx, workspace: i64, account: &str, object: i64) -> Result<()> {
    let params = [
        workspace.into(),
        Sort::Account.as_str().into(),
        account.into(),
        object.into(),
    ];
    tx.execute(DROP, &params)?;
    if of_object(tx, object, Sort::Account)?.is_empty() {
        drop_immutable(tx, object)?;
    }
    Ok(())
}

/// A person holds no immutable id any more.
pub(super) fn drop_immutable(tx: &mut Tx, object: i64) -> Result<()> {
    tx.execute(DROP_SORT, &[object.into(), Sort::Immutable.as_str().into()])?;
    Ok(())
}

/// The connection and the workspace of a rule whose links hold identifiers: one for people of a Microsoft 365 connection.
fn of_rule(tx: &mut Tx, rule: i64) -> Result<Option<(i64, i64)>> {
    tx.first(RULE, &[rule.into()], |r| Ok((r.int(0)?, r.int(1)?)))
}

/// Whether a link of the engine ties a person to an account.
pub(super) fn has_link(tx: &mut Tx, object: i64, account: &str) -> Result<bool> {
    let found = tx.first(LINKED, &[object.into(), account.into()], |_| Ok(()))?;
    Ok(found.is_some())
}

/// Links were written: who is linked to an account of a tenant holds its object id.
///
/// # Errors
/// [`Error::Refused`] (`PRV-IDENTIFIER-TAKEN`) when somebody else holds one of them.
pub(crate) fn linked(tx: &mut Tx, now: i64, links: &[Link]) -> Result<()> {
    let mut rules: Vec<i64> = links.iter().map(|link| link.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        let Some((connection, workspace)) = of_rule(tx, rule)? else {
            continue;
        };
        let own: Vec<&Link> = links.iter().filter(|link| link.rule == rule).collect();
        let ids: Vec<&str> = own.iter().map(|link| link.target_id.as_str()).collect();
        let held = holders(tx, workspace, &ids)?;
        for link in own {
            if held.get(&link.target_id) != Some(&link.object) {
                one(tx, now, connection, workspace, link)?;
            }
        }
    }
    Ok(())
}

fn one(tx: &mut Tx, now: i64, connection: i64, workspace: i64, link: &Link) -> Result<()> {
    hold(tx, now, workspace, Sort::Account, &link.target_id, link.object)?;
    let immutable = link.written.get(IMMUTABLE_ID).and_then(Value::as_str);
    if let Some(value) = immutable.filter(|value| !value.is_empty()) {
        try_hold(tx, now, workspace, Sort::Immutable, value, link.object)?;
    }
    for other in of_object(tx, link.object, Sort::Account)? {
        let is_elsewhere = account(tx, connection, &other)?.is_none();
        if other != link.target_id && !is_elsewhere && !has_link(tx, link.object, &other)? {
            release(tx, workspace, link.object, &other)?;
        }
    }
    if reading(tx, connection)?.is_some() {
        account::add_written(tx, now, connection, link)?;
        settle(tx, workspace, link.object, link.object_id, &link.target_id)?;
    }
    Ok(())
}

/// The account that a link is about to be taken from, where that matters.
pub(crate) fn target_of(tx: &mut Tx, rule: i64, object: i64) -> Result<Option<(i64, String)>> {
    let Some((_, workspace)) = of_rule(tx, rule)? else {
        return Ok(None);
    };
    let target = tx.first(TARGET, &[rule.into(), object.into()], |r| r.text(0))?;
    Ok(target.map(|target| (workspace, target)))
}

/// A link was taken away: without another to the same account, the person holds it no more.
pub(crate) fn unlinked(tx: &mut Tx, workspace: i64, object: i64, target: &str) -> Result<()> {
    if has_link(tx, object, target)? {
        return Ok(());
    }
    release(tx, workspace, object, target)
}

/// The links of a rule are about to go with it.
pub(crate) fn drop_rule(tx: &mut Tx, rule: i64) -> Result<()> {
    tx.execute(DROP_RULE, &[rule.into()])?;
    Ok(())
}

/// All links of a connection are about to be broken, so that everybody is matched again. What stands on the page of
/// identifiers stays: there it can be unlinked.
pub(crate) fn drop_connection(tx: &mut Tx, connection: i64) -> Result<()> {
    tx.execute(DROP_CONNECTION, &[connection.into()])?;
    Ok(())
}

/// Forgets a person who is gone for good, unless an account of theirs is still to be dealt with.
pub(crate) fn forget(tx: &mut Tx, object: i64) -> Result<()> {
    if tx.first(ANY_LINK, &[object.into()], |_| Ok(()))?.is_some() {
        return Ok(());
    }
    for (workspace, account) in accounts_of_object(tx, object)? {
        release(tx, workspace, object, &account)?;
    }
    Ok(())
}

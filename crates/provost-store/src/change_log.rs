//! The ordered record of directory changes. Positions are given out under the cluster's write lock, so they
//! become visible in order and without gaps: a reader that has seen position n has seen everything below.

use crate::directory::{Change, kind_number, kind_of};
use crate::{Result, Tx};
use provost_engine::object::Kind;

crate::statements! {
    APPEND = "INSERT INTO change_log (position, workspace, kind, action, object, member, at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SINCE = "SELECT position, kind, action, object, member FROM change_log \
             WHERE position > $1 AND workspace = $2 ORDER BY position LIMIT $3";
    LAST = "SELECT change_position FROM sequencer WHERE id = 1";
    FIRST_AT = "SELECT at FROM change_log WHERE position > $1 AND workspace = $2 ORDER BY position LIMIT 1";
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It was made.
    Create,
    /// Its attributes changed.
    Update,
    /// It is gone.
    Delete,
    /// A member joined the group.
    AddMember,
    /// A member left the group.
    RemoveMember,
}

impl Action {
    fn number(self) -> i64 {
        match self {
            Action::Create => 1,
            Action::Update => 2,
            Action::Delete => 3,
            Action::AddMember => 4,
            Action::RemoveMember => 5,
        }
    }

    fn of(number: i64) -> Self {
        match number {
            1 => Action::Create,
            3 => Action::Delete,
            4 => Action::AddMember,
            5 => Action::RemoveMember,
            _ => Action::Update,
        }
    }
}

/// One change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the order.
    pub position: i64,
    /// Person or group.
    pub kind: Kind,
    /// What happened.
    pub action: Action,
    /// The object's inside key.
    pub object: i64,
    /// The member's inside key, 0 where none is meant.
    pub member: i64,
}

pub(crate) fn append(
    tx: &mut Tx,
    change: &Change,
    action: Action,
    kind: Kind,
    object: i64,
    member: i64,
) -> Result<()> {
    let position = tx.change();
    let workspace = change.owner.workspace;
    tx.execute(
        APPEND,
        &[
            position.into(),
            workspace.into(),
            kind_number(kind).into(),
            action.number().into(),
            object.into(),
            member.into(),
            change.now.into(),
        ],
    )?;
    Ok(())
}

/// Appends a row for each member who joined or left a group.
pub(crate) fn append_members(
    tx: &mut Tx,
    change: &Change,
    action: Action,
    group: i64,
    members: &[i64],
) -> Result<()> {
    let rows: Vec<(i64, i64)> = members.iter().map(|member| (tx.change(), *member)).collect();
    let (workspace, number, kind) = (change.owner.workspace, action.number(), kind_number(Kind::Group));
    tx.batches(
        &[],
        &rows,
        |(position, member)| {
            let row = [*position, workspace, kind, number, group, *member, change.now];
            row.map(Into::into)
        },
        |list| {
            format!(
                "INSERT INTO change_log (position, workspace, kind, action, object, member, at) VALUES {list}"
            )
        },
        |_| Ok(()),
    )
}

/// The workspace's changes after `position`, at most `limit`, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn since(tx: &mut Tx, workspace: i64, position: i64, limit: i64) -> Result<Vec<Entry>> {
    tx.query(SINCE, &[position.into(), workspace.into(), limit.into()], |row| {
        Ok(Entry {
            position: row.int(0)?,
            kind: kind_of(row.int(1)?),
            action: Action::of(row.int(2)?),
            object: row.int(3)?,
            member: row.int(4)?,
        })
    })
}

/// The position of the newest change of any workspace; 0 when there is none.
///
/// # Errors
/// Any error of the database.
pub fn last_position(tx: &mut Tx) -> Result<i64> {
    Ok(tx.first(LAST, &[], |row| row.int(0))?.unwrap_or(0))
}

/// When the oldest change after `position` was made: how far behind a reader is.
///
/// # Errors
/// Any error of the database.
pub fn waiting_since(tx: &mut Tx, workspace: i64, position: i64) -> Result<Option<i64>> {
    tx.first(FIRST_AT, &[position.into(), workspace.into()], |row| row.int(0))
}

//! The accounts of a tenant with all that decides whether their people can sign in after the switch.

use crate::identifier::{ImmutableState, LinkState};
use crate::{Result, Row, Tx};
use uuid::Uuid;

crate::statements! {
    LINES = "SELECT t.id, t.name, t.immutable_id, t.enabled, t.guest, t.synchronised, t.protected, t.state, \
             t.immutable_state, t.person, t.seen, o.id, COALESCE(o.label, ''), COALESCE(o.active, FALSE), o.blocked, \
             COALESCE((SELECT COUNT(*) FROM person_passkey k WHERE k.person = t.person), 0), \
             COALESCE(i.since, 0) \
             FROM tenant_account t LEFT JOIN object o ON o.key = t.person \
             LEFT JOIN identifier i ON i.workspace = $1 AND i.sort = 'account' AND i.value = t.id \
             WHERE t.connection = $2 AND t.id > $3 ORDER BY t.id LIMIT $4";
}

/// An account, and who belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The object id.
    pub id: String,
    /// The userPrincipalName.
    pub name: String,
    /// The immutable id; empty for none.
    pub immutable_id: String,
    /// Whether it may sign in.
    pub enabled: bool,
    /// Whether it is a guest's.
    pub guest: bool,
    /// Whether a directory on premises writes it.
    pub synchronised: bool,
    /// Whether the connection names it as one that is never written.
    pub protected: bool,
    /// How it stands.
    pub state: LinkState,
    /// Whether its immutable id is that of its person.
    pub immutable: ImmutableState,
    /// The key of who is linked; 0 for nobody.
    pub person: i64,
    /// When it was read.
    pub seen: i64,
    /// The public id of who is linked or suggested.
    pub person_id: Option<Uuid>,
    /// What to call them.
    pub person_label: String,
    /// Whether they may use what they have.
    pub is_active: bool,
    /// Passkeys that they have here.
    pub passkeys: i64,
    /// Since when the account is somebody's; 0 for nobody's.
    pub since: i64,
}

fn read(row: &Row) -> Result<Line> {
    Ok(Line {
        id: row.text(0)?,
        name: row.text(1)?,
        immutable_id: row.text(2)?,
        enabled: row.bool(3)?,
        guest: row.bool(4)?,
        synchronised: row.bool(5)?,
        protected: row.bool(6)?,
        state: LinkState::of(row.int(7)?),
        immutable: ImmutableState::of(row.int(8)?),
        person: row.int(9)?,
        seen: row.int(10)?,
        person_id: row.uuid_or_null(11)?,
        person_label: row.text(12)?,
        is_active: row.bool(13)? && row.int_or_null(14)?.is_none(),
        passkeys: row.int(15)?,
        since: row.int(16)?,
    })
}

/// The accounts of a connection's tenant with ids after `after`, by id.
///
/// # Errors
/// Any error of the database.
pub fn account_lines(
    tx: &mut Tx,
    workspace: i64,
    connection: i64,
    after: &str,
    limit: i64,
) -> Result<Vec<Line>> {
    let params = [workspace.into(), connection.into(), after.into(), limit.into()];
    tx.query(LINES, &params, read)
}

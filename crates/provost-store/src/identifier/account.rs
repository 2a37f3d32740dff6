//! The accounts of a tenant as they were read.

use super::Reading;
use super::held::{self, Sort};
use super::{IMMUTABLE_ID, LinkState, person, reading, tie};
use crate::connection::Connection;
use crate::directory;
use crate::link::Link;
use crate::{Param, Result, Row, Tx};
use provost_scim::resource;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "t.id, t.name, t.label, t.mail, t.employee, t.immutable_id, t.enabled, t.guest, t.shared, t.synchronised, \
         t.protected, t.seen, t.state, t.person, t.immutable_state, t.score, t.why, t.reason, t.owner, t.exempted, t.actor, \
         o.id, COALESCE(o.label, d.label, '')"
    };
}
macro_rules! joined {
    () => {
        " FROM tenant_account t LEFT JOIN object o ON o.key = t.person LEFT JOIN deleted_object d ON d.key = t.person "
    };
}
pub(super) use {columns, joined};

crate::statements! {
    GET = concat!("SELECT ", columns!(), joined!(), "WHERE t.connection = $1 AND t.id = $2");
    AFTER = concat!("SELECT ", columns!(), joined!(), "WHERE t.connection = $1 AND t.id > $2 ORDER BY t.id LIMIT $3");
    OF_PERSON = concat!("SELECT ", columns!(), joined!(), "WHERE t.person = $1 AND t.person > 0 AND t.state = 4 ORDER BY t.person, t.connection");
    TO_WRITE = concat!("SELECT ", columns!(), joined!(), "WHERE t.connection = $1 AND t.immutable_state = 2 AND t.id > $2 \
                ORDER BY t.id LIMIT $3");
    COUNT_TO_WRITE = "SELECT COUNT(*) FROM tenant_account t WHERE t.connection = $1 AND t.immutable_state = 2";
    FORGET = "DELETE FROM tenant_account WHERE connection = $1 AND id = $2";
    SETTLED = "UPDATE tenant_account SET state = 4, person = $1, immutable_state = $2, score = 0, why = '', reason = '', \
               owner = '', exempted = 0, actor = '' WHERE connection = $3 AND id = $4";
    FREE = "UPDATE tenant_account SET state = 1, person = 0, immutable_state = 0, score = 0, why = '' \
            WHERE connection = $1 AND id = $2 AND state <> 3";
    NOTED = "UPDATE tenant_account SET immutable_id = $1, immutable_state = $2 WHERE connection = $3 AND id = $4";
}

/// What was read of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The object id.
    pub id: String,
    /// The userPrincipalName.
    pub name: String,
    /// The display name, else the userPrincipalName.
    pub label: String,
    /// The first mail address; empty for none.
    pub mail: String,
    /// The employee number; empty for none.
    pub employee: String,
    /// The immutable id; empty for none.
    pub immutable_id: String,
    /// Whether it may sign in.
    pub enabled: bool,
    /// Whether it is a guest's.
    pub guest: bool,
    /// Whether it looks like a shared mailbox: it may not sign in, has a mail address and no licence.
    pub shared: bool,
    /// Whether a directory on premises writes it.
    pub synchronised: bool,
    /// Whether the connection names it as one that is never written.
    pub protected: bool,
}

/// What is to be done about the immutable id of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImmutableState {
    /// Nobody is linked.
    None,
    /// It is the person's own.
    Same,
    /// It is to be written: it is empty, or another one.
    Write,
    /// It stays as it is: a directory on premises writes it, the domain is federated, or the account is protected.
    Kept,
}

impl ImmutableState {
    fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Same => 1,
            Self::Write => 2,
            Self::Kept => 3,
        }
    }

    pub(crate) fn of(number: i64) -> Self {
        match number {
            1 => Self::Same,
            2 => Self::Write,
            3 => Self::Kept,
            _ => Self::None,
        }
    }
}

/// An account of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What was read.
    pub facts: Facts,
    /// When that was.
    pub seen: i64,
    /// How it stands.
    pub state: LinkState,
    /// The key of who is linked or suggested; 0 for nobody.
    pub person: i64,
    /// Their public id; none while they are deleted.
    pub person_id: Option<Uuid>,
    /// What to call them.
    pub person_label: String,
    /// What is to be done about its immutable id.
    pub immutable: ImmutableState,
    /// How likely the suggestion is, 1 to 100; 0 for none.
    pub score: i64,
    /// Why it is suggested, in words.
    pub why: String,
    /// Why it needs nobody, where it is exempt.
    pub reason: String,
    /// Who answers for the exemption.
    pub owner: String,
    /// Since when.
    pub exempted: i64,
    /// Who exempted it.
    pub actor: String,
}

pub(super) fn read(row: &Row) -> Result<Account> {
    Ok(Account {
        facts: Facts {
            id: row.text(0)?,
            name: row.text(1)?,
            label: row.text(2)?,
            mail: row.text(3)?,
            employee: row.text(4)?,
            immutable_id: row.text(5)?,
            enabled: row.bool(6)?,
            guest: row.bool(7)?,
            shared: row.bool(8)?,
            synchronised: row.bool(9)?,
            protected: row.bool(10)?,
        },
        seen: row.int(11)?,
        state: LinkState::of(row.int(12)?),
        person: row.int(13)?,
        immutable: ImmutableState::of(row.int(14)?),
        score: row.int(15)?,
        why: row.text(16)?,
        reason: row.text(17)?,
        owner: row.text(18)?,
        exempted: row.int(19)?,
        actor: row.text(20)?,
        person_id: row.uuid_or_null(21)?,
        person_label: row.text(22)?,
    })
}

/// One account of a connection's tenant.
///
/// # Errors
/// Any error of the database.
pub fn account(tx: &mut Tx, connection: i64, id: &str) -> Result<Option<Account>> {
    tx.first(GET, &[connection.into(), id.into()], read)
}

/// A connection's accounts with ids after `after`, by id.
///
/// # Errors
/// Any error of the database.
pub fn accounts_after(tx: &mut Tx, connection: i64, after: &str, limit: i64) -> Result<Vec<Account>> {
    tx.query(AFTER, &[connection.into(), after.into(), limit.into()], read)
}

/// The accounts that a person is linked to, in any tenant.
///
/// # Errors
/// Any error of the database.
pub fn accounts_of(tx: &mut Tx, object: i64) -> Result<Vec<Account>> {
    tx.query(OF_PERSON, &[object.into()], read)
}

/// Linked accounts whose immutable id is to be written, with ids after `after`, and how many there are in all.
///
/// # Errors
/// Any error of the database.
pub fn to_write(tx: &mut Tx, connection: i64, after: &str, limit: i64) -> Result<(Vec<Account>, i64)> {
    let count = tx.first(COUNT_TO_WRITE, &[connection.into()], |r| r.int(0))?;
    let found = tx.query(TO_WRITE, &[connection.into(), after.into(), limit.into()], read)?;
    Ok((found, count.unwrap_or(0)))
}

/// What is to be done about an account's immutable id when this person is linked to it.
pub fn immutable_of(read: &Reading, facts: &Facts, own: Uuid) -> ImmutableState {
    let is_kept = facts.synchronised || facts.protected || read.is_federated(&facts.name);
    if facts.immutable_id == own.to_string() {
        ImmutableState::Same
    } else if is_kept {
        ImmutableState::Kept
    } else {
        ImmutableState::Write
    }
}

/// What stands of an account that is being read again.
struct Known {
    state: i64,
    person: i64,
}

/// Where a page of accounts comes from.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// When the reading began.
    pub began: i64,
}

/// Keeps what was read of accounts, none twice. Who holds an account is linked to it, whatever was known before; an
/// exemption and a suggestion stay.
///
/// # Errors
/// Any error of the database.
pub fn put_accounts(tx: &mut Tx, now: i64, place: &Place, facts: &[Facts]) -> Result<()> {
    let (connection, workspace) = (place.connection.key, place.connection.workspace);
    let Some(read) = reading(tx, connection)? else {
        return Ok(());
    };
    let ids: Vec<&str> = facts.iter().map(|one| one.id.as_str()).collect();
    let holders = held::holders(tx, workspace, &ids)?;
    let keys: Vec<i64> = holders.values().copied().collect();
    let publics: HashMap<i64, Uuid> = directory::ids_of(tx, &keys)?.into_iter().collect();
    let known = known(tx, connection, &ids)?;
    let mut rows = Vec::with_capacity(facts.len());
    for one in facts {
        let holder = holders.get(&one.id).copied();
        let before = known.get(&one.id);
        let row = match (holder, before) {
            (Some(person), _) => {
                let own = publics.get(&person).copied();
                let immutable = own.map_or(ImmutableState::Kept, |own| immutable_of(&read, one, own));
                hold_shown(tx, now, workspace, one, immutable, person)?;
                (LinkState::Linked.number(), person, immutable.number())
            }
            (None, Some(before)) if before.state != LinkState::Linked.number() => {
                (before.state, before.person, 0)
            }
            (None, _) => (LinkState::Unlinked.number(), 0, 0),
        };
        rows.push((one, resource::fold(&one.name), row));
    }
    write(tx, connection, place.began, &rows)?;
    for (one, _, (state, key, _)) in &rows {
        let was = known.get(&one.id).map_or(0, |before| before.state);
        if *state == LinkState::Linked.number() && was != *state {
            person::settled(tx, connection, *key, &one.id)?;
        }
    }
    Ok(())
}

/// What an account shows as its immutable id is held by who is linked, where it stays so.
fn hold_shown(
    tx: &mut Tx,
    now: i64,
    workspace: i64,
    facts: &Facts,
    immutable: ImmutableState,
    person: i64,
) -> Result<()> {
    let stays = matches!(immutable, ImmutableState::Same | ImmutableState::Kept);
    if stays && !facts.immutable_id.is_empty() {
        held::try_hold(tx, now, workspace, Sort::Immutable, &facts.immutable_id, person)?;
    }
    Ok(())
}

fn known(tx: &mut Tx, connection: i64, ids: &[&str]) -> Result<HashMap<String, Known>> {
    let mut found = HashMap::with_capacity(ids.len());
    tx.batches(
        &[connection.into()],
        ids,
        |id| [Param::Text(id)],
        |list| {
            format!("SELECT id, state, person FROM tenant_account WHERE connection = $1 AND id IN ({list})")
        },
        |row| {
            let known = Known {
                state: row.int(1)?,
                person: row.int(2)?,
            };
            found.insert(row.text(0)?, known);
            Ok(())
        },
    )?;
    Ok(found)
}

/// An account, its folded name, and its state, person and immutable state.
type Written<'a> = (&'a Facts, String, (i64, i64, i64));

fn write(tx: &mut Tx, connection: i64, seen: i64, rows: &[Written]) -> Result<()> {
    tx.batches(
        &[],
        rows,
        |(one, key, (state, person, immutable))| {
            [
                connection.into(),
                one.id.as_str().into(),
                one.name.as_str().into(),
                key.as_str().into(),
                one.label.as_str().into(),
                one.mail.as_str().into(),
                one.employee.as_str().into(),
                one.immutable_id.as_str().into(),
                one.enabled.into(),
                one.guest.into(),
                one.shared.into(),
                one.synchronised.into(),
                one.protected.into(),
                seen.into(),
                Param::Int(*state),
                Param::Int(*person),
                Param::Int(*immutable),
                Param::Int(0),
                Param::Text(""),
                Param::Text(""),
                Param::Text(""),
                Param::Int(0),
                Param::Text(""),
            ]
        },
        |list| {
            format!(
                "INSERT INTO tenant_account (connection, id, name, name_key, label, mail, employee, immutable_id, enabled, \
                 guest, shared, synchronised, protected, seen, state, person, immutable_state, score, why, reason, owner, \
                 exempted, actor) VALUES {list} ON CONFLICT (connection, id) DO UPDATE SET name = excluded.name, \
                 name_key = excluded.name_key, label = excluded.label, mail = excluded.mail, employee = excluded.employee, \
                 immutable_id = excluded.immutable_id, enabled = excluded.enabled, guest = excluded.guest, \
                 shared = excluded.shared, synchronised = excluded.synchronised, protected = excluded.protected, \
                 seen = excluded.seen, state = excluded.state, person = excluded.person, \
                 immutable_state = excluded.immutable_state"
            )
        },
        |_| Ok(()),
    )
}

/// An account that a cycle has linked since the tenant was read, as far as it is known by what was written.
pub(super) fn add_written(tx: &mut Tx, now: i64, connection: i64, link: &Link) -> Result<()> {
    if account(tx, connection, &link.target_id)?.is_some() {
        return Ok(());
    }
    let text = |name: &str| {
        let value = link.written.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let name = Some(text("userPrincipalName")).filter(|name| !name.is_empty());
    let facts = Facts {
        id: link.target_id.clone(),
        name: name.unwrap_or_else(|| link.label.clone()),
        label: link.label.clone(),
        mail: text("mail"),
        employee: text("employeeId"),
        immutable_id: text(IMMUTABLE_ID),
        enabled: link.enabled,
        ..Facts::default()
    };
    let row = (
        &facts,
        resource::fold(&facts.name),
        (LinkState::Unlinked.number(), 0, 0),
    );
    write(tx, connection, now, &[row])
}

/// An account is linked to a person.
pub(super) fn settled(
    tx: &mut Tx,
    connection: i64,
    id: &str,
    person: i64,
    immutable: ImmutableState,
) -> Result<()> {
    let params = [
        person.into(),
        immutable.number().into(),
        connection.into(),
        id.into(),
    ];
    tx.execute(SETTLED, &params)?;
    Ok(())
}

/// An account is linked to nobody, and nobody is suggested.
pub(super) fn free(tx: &mut Tx, connection: i64, id: &str) -> Result<()> {
    tx.execute(FREE, &[connection.into(), id.into()])?;
    Ok(())
}

/// The immutable id of a linked account was written: the person holds it from now on.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-IDENTIFIER-TAKEN`) when somebody else holds it.
pub fn noted_immutable(
    tx: &mut Tx,
    now: i64,
    connection: &Connection,
    account: &Account,
    value: &str,
) -> Result<()> {
    held::drop_immutable(tx, account.person)?;
    held::hold(
        tx,
        now,
        connection.workspace,
        Sort::Immutable,
        value,
        account.person,
    )?;
    let params = [
        value.into(),
        ImmutableState::Same.number().into(),
        connection.key.into(),
        account.facts.id.as_str().into(),
    ];
    tx.execute(NOTED, &params)?;
    Ok(())
}

/// Accounts that the tenant has no more: who was linked to one by hand is linked to it no more. Where a cycle has made
/// the link, it is the cycle that finds out.
///
/// # Errors
/// Any error of the database.
pub fn forget_accounts(tx: &mut Tx, connection: &Connection, ids: &[String]) -> Result<()> {
    for id in ids {
        let Some(found) = account(tx, connection.key, id)? else {
            continue;
        };
        match found.state {
            LinkState::Linked if !held::has_link(tx, found.person, id)? => {
                tie::release(tx, connection.workspace, found.person, id)?;
            }
            LinkState::Suggested => person::free(tx, connection.key, found.person)?,
            _ => {}
        }
        tx.execute(FORGET, &[connection.key.into(), id.as_str().into()])?;
    }
    Ok(())
}

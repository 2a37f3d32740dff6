//! Administrators: who signs in to Provost. A person of the directory is something else.

mod grant;
mod owner;
mod standing;

pub use grant::{Grant, Role, grant, grants, revoke, role_in, role_of};
pub use owner::owners;
pub use standing::{block, remove, unblock};

pub(crate) use grant::STATEMENTS as GRANT_STATEMENTS;
pub(crate) use owner::STATEMENTS as OWNER_STATEMENTS;
pub(crate) use owner::{keep_way_in, require};
pub(crate) use standing::{STATEMENTS as STANDING_STATEMENTS, raise_stamp};

use crate::{Error, Result, Row, Tx, audit, word};
use provost_scim::resource;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "a.key, a.id, a.name, a.email, a.state, a.stamp, a.language, a.zone, a.created, a.last_signin"
    };
}
pub(crate) use columns;

crate::statements! {
    INSERT = "INSERT INTO administrator (key, id, name, email, email_key, state, stamp, language, zone, created, actor, last_signin) \
              VALUES ($1, $2, $3, $4, $5, 'active', 0, '', '', $6, $7, 0)";
    BY_KEY = concat!("SELECT ", columns!(), " FROM administrator a WHERE a.key = $1");
    BY_ID = concat!("SELECT ", columns!(), " FROM administrator a WHERE a.id = $1");
    BY_EMAIL = concat!("SELECT ", columns!(), " FROM administrator a WHERE a.email_key = $1");
    LIST = concat!("SELECT ", columns!(), " FROM administrator a WHERE a.key > $1 ORDER BY a.key LIMIT $2");
    OWNERS_OF = concat!("SELECT ", columns!(), " FROM administrator a WHERE a.state = 'active' AND EXISTS (SELECT 1 \
                FROM administrator_role r WHERE r.administrator = a.key AND r.role = 'owner' AND r.workspace IN (0, $1)) \
                ORDER BY a.key LIMIT $2");
    EDIT = "UPDATE administrator SET name = $1, email = $2, email_key = $3, language = $4, zone = $5 WHERE key = $6";
    SIGNED_IN = "UPDATE administrator SET last_signin = $1 WHERE key = $2";
}

/// Bytes of the longest e-mail address (RFC 5321 section 4.5.3.1.3: a path of 256 with its brackets).
const EMAIL: usize = 254;
/// Bytes of the longest name of a language (RFC 5646 section 4.4.1) or a time zone that is kept.
const PREFERENCE: usize = 64;

word::words! {
    /// Whether an administrator may sign in.
    State, "state of an administrator":
    /// May sign in.
    Active = "active",
    /// Is refused everywhere, whatever the credential.
    Blocked = "blocked",
}

/// Somebody who signs in to Provost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// What to call them.
    pub name: String,
    /// Where mail goes, and what they sign in with; unique in the installation, whatever the letter case.
    pub email: String,
    /// Whether they may sign in.
    pub state: State,
    /// Rises with everything that ends sessions: a session of an older stamp is over.
    pub stamp: i64,
    /// The language of the pages, e.g. `de`; empty: as the browser says.
    pub language: String,
    /// The time zone of the pages, e.g. `Europe/Berlin`; empty: as the browser says.
    pub zone: String,
    /// When they were made.
    pub created: i64,
    /// When they last signed in.
    pub last_signin: Option<i64>,
}

impl Administrator {
    /// What the audit log calls them.
    pub fn actor(&self) -> String {
        format!("administrator {}", self.email)
    }

    /// Whether they may do anything at all.
    pub fn is_active(&self) -> bool {
        self.state == State::Active
    }
}

/// Columns of a statement that this module reads begin here.
pub(crate) fn read_at(row: &Row, at: usize) -> Result<Administrator> {
    Ok(Administrator {
        key: row.int(at)?,
        id: row.uuid(at + 1)?,
        name: row.text(at + 2)?,
        email: row.text(at + 3)?,
        state: row.str(at + 4)?.parse()?,
        stamp: row.int(at + 5)?,
        language: row.text(at + 6)?,
        zone: row.text(at + 7)?,
        created: row.int(at + 8)?,
        last_signin: Some(row.int(at + 9)?).filter(|when| *when > 0),
    })
}

fn read(row: &Row) -> Result<Administrator> {
    read_at(row, 0)
}

/// Makes an administrator with the public id `id`, who has no role yet.
///
/// # Errors
/// [`Error::Refused`] for a name (`PRV-NAME`) or an address (`PRV-EMAIL`) that is not possible, and for an
/// address that another administrator has (`PRV-EMAIL-TAKEN`).
pub fn create(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    id: Uuid,
    name: &str,
    email: &str,
) -> Result<Administrator> {
    word::check_name("administrator", name)?;
    let email_key = free_email(tx, None, email)?;
    let key = tx.key();
    let params = [
        key.into(),
        id.into(),
        name.into(),
        email.into(),
        (&email_key).into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(INSERT, &params)?;
    audit::append_installation(tx, now, actor, "administrator.create", email, name)?;
    get(tx, key)
}

/// The folded address, when it is possible and no other administrator has it.
fn free_email(tx: &mut Tx, own: Option<i64>, email: &str) -> Result<String> {
    let parts = email.rsplit_once('@');
    let is_possible = email.len() <= EMAIL
        && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        && !email.chars().any(|c| c.is_control() || c.is_whitespace());
    if !is_possible {
        let hint = "Give an address such as ann@contoso.example, without spaces.";
        return Err(Error::refused("PRV-EMAIL", "this is no e-mail address", hint));
    }
    match by_email(tx, email)? {
        Some(holder) if Some(holder.key) != own => Err(Error::refused(
            "PRV-EMAIL-TAKEN",
            format!("the administrator {} has this e-mail address", holder.name),
            "Give another address, or change the administrator who has it.",
        )),
        _ => Ok(resource::fold(email)),
    }
}

/// What is to change of an administrator; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edit<'a> {
    /// What to call them.
    pub name: Option<&'a str>,
    /// The e-mail address.
    pub email: Option<&'a str>,
    /// The language of the pages; empty: as the browser says.
    pub language: Option<&'a str>,
    /// The time zone of the pages; empty: as the browser says.
    pub zone: Option<&'a str>,
}

/// Changes what an administrator is called and how pages look to them. Nothing is written when nothing differs.
///
/// # Errors
/// As [`create`]; [`Error::Refused`] for somebody who is gone (`PRV-ADMINISTRATOR-GONE`), and for a language or
/// a time zone that cannot be one (`PRV-PREFERENCE`).
pub fn edit(tx: &mut Tx, actor: &str, now: i64, key: i64, edit: Edit) -> Result<Administrator> {
    let before = get(tx, key)?;
    let after = Administrator {
        name: edit.name.unwrap_or(&before.name).to_owned(),
        email: edit.email.unwrap_or(&before.email).to_owned(),
        language: edit.language.unwrap_or(&before.language).to_owned(),
        zone: edit.zone.unwrap_or(&before.zone).to_owned(),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    word::check_name("administrator", &after.name)?;
    check_preference("language", &after.language)?;
    check_preference("time zone", &after.zone)?;
    let email_key = free_email(tx, Some(key), &after.email)?;
    let params = [
        (&after.name).into(),
        (&after.email).into(),
        (&email_key).into(),
        (&after.language).into(),
        (&after.zone).into(),
        key.into(),
    ];
    tx.execute(EDIT, &params)?;
    let changed = changed(&before, &after);
    audit::append_installation(tx, now, actor, "administrator.edit", &before.email, &changed)?;
    Ok(after)
}

fn check_preference(noun: &str, text: &str) -> Result<()> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_+/".contains(&b);
    if text.len() <= PREFERENCE && text.bytes().all(fits) {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-PREFERENCE",
        format!("this is no {noun}"),
        "Choose one of the list, or leave it to the browser.",
    ))
}

/// The names of what differs; an address also with its new value, because people are found by it.
fn changed(before: &Administrator, after: &Administrator) -> String {
    let mut names = Vec::new();
    if before.name != after.name {
        names.push("name".to_owned());
    }
    if before.email != after.email {
        names.push(format!("email {}", after.email));
    }
    if before.language != after.language {
        names.push("language".to_owned());
    }
    if before.zone != after.zone {
        names.push("zone".to_owned());
    }
    names.join(", ")
}

/// The administrator with this key, who must be there.
pub(crate) fn get(tx: &mut Tx, key: i64) -> Result<Administrator> {
    by_key(tx, key)?.ok_or_else(|| {
        Error::refused(
            "PRV-ADMINISTRATOR-GONE",
            "this administrator is no longer there",
            "Look at the list of administrators.",
        )
    })
}

/// The administrator with this inside key.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<Administrator>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// The administrator with this public id.
///
/// # Errors
/// Any error of the database.
pub fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Administrator>> {
    tx.first(BY_ID, &[id.into()], read)
}

/// The administrator with this e-mail address, in any letter case.
///
/// # Errors
/// Any error of the database.
pub fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Administrator>> {
    let folded = resource::fold(email);
    tx.first(BY_EMAIL, &[(&folded).into()], read)
}

/// Administrators with keys above `after`, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Administrator>> {
    tx.query(LIST, &[after.into(), limit.into()], read)
}

/// Active administrators who own a workspace, or the whole installation and with it every workspace, oldest first; with
/// [`audit::INSTALLATION`], those who own the installation.
///
/// # Errors
/// Any error of the database.
pub fn owners_of(tx: &mut Tx, workspace: i64, limit: i64) -> Result<Vec<Administrator>> {
    tx.query(OWNERS_OF, &[workspace.into(), limit.into()], read)
}

/// Notes when an administrator signed in. The session's opening is what the audit log tells.
///
/// # Errors
/// Any error of the database.
pub fn note_signin(tx: &mut Tx, now: i64, key: i64) -> Result<()> {
    tx.execute(SIGNED_IN, &[now.into(), key.into()])?;
    Ok(())
}

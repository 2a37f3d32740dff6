//! What a person chose for their own pages, and when they last signed in.

use super::Person;
use crate::{Result, Tx, audit};

crate::statements! {
    GET = "SELECT language, zone, last_signin FROM person_account WHERE person = $1";
    CHOOSE = "INSERT INTO person_account (person, workspace, language, zone, last_signin) VALUES ($1, $2, $3, $4, 0) \
              ON CONFLICT (person) DO UPDATE SET language = excluded.language, zone = excluded.zone";
    SIGNED_IN = "INSERT INTO person_account (person, workspace, language, zone, last_signin) VALUES ($1, $2, '', '', $3) \
                 ON CONFLICT (person) DO UPDATE SET last_signin = excluded.last_signin";
}

/// What a person chose for their own pages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// The language's tag; empty: as the browser says.
    pub language: String,
    /// The IANA name of the time zone; empty: as the browser says.
    pub zone: String,
    /// When they last signed in.
    pub last_signin: Option<i64>,
}

/// What a person chose; nothing yet is the default.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, person: i64) -> Result<Account> {
    let found = tx.first(GET, &[person.into()], |r| {
        Ok(Account {
            language: r.text(0)?,
            zone: r.text(1)?,
            last_signin: Some(r.int(2)?).filter(|when| *when > 0),
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// Keeps a language and a time zone, which the caller has checked.
///
/// # Errors
/// Any error of the database.
pub fn choose(tx: &mut Tx, now: i64, person: &Person, language: &str, zone: &str) -> Result<()> {
    let params = [
        person.key.into(),
        person.workspace.into(),
        language.into(),
        zone.into(),
    ];
    tx.execute(CHOOSE, &params)?;
    let detail = format!("language {language}, time zone {zone}");
    let (workspace, actor) = (person.workspace, person.actor());
    audit::append(
        tx,
        workspace,
        now,
        &actor,
        "person_account.edit",
        person.id,
        &detail,
    )
}

/// Notes that somebody signed in. The session has the audit row.
pub(super) fn note_signin(tx: &mut Tx, now: i64, person: &Person) -> Result<()> {
    tx.execute(
        SIGNED_IN,
        &[person.key.into(), person.workspace.into(), now.into()],
    )?;
    Ok(())
}

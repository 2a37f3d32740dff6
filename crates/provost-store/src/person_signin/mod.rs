//! How people of the directory sign in: their passkeys, their sessions, the links by which they begin. [`standing`] is the
//! one place that says whether somebody may; every use asks it in its own transaction, and whatever closes a person
//! ends their sessions and links besides.

pub mod account;
pub mod ceremony;
pub mod grant;
pub mod passkey;
pub mod session;

pub(crate) use account::STATEMENTS as ACCOUNT_STATEMENTS;
pub(crate) use ceremony::STATEMENTS as CEREMONY_STATEMENTS;
pub(crate) use grant::STATEMENTS as GRANT_STATEMENTS;
pub(crate) use passkey::STATEMENTS as PASSKEY_STATEMENTS;
pub(crate) use session::STATEMENTS as SESSION_STATEMENTS;

use crate::directory::{self, Object};
use crate::provider::{self, State};
use crate::{Result, Tx, application, federated_signin, federation, word};
use provost_engine::object::Kind;
use uuid::Uuid;

crate::statements! {
    DROP_SESSIONS = "DELETE FROM person_session WHERE person = $1";
    DROP_SESSIONS_OF_OWNER = "DELETE FROM person_session WHERE person IN (SELECT o.key FROM object o WHERE o.owner = $1 AND o.kind = 0)";
    WITHDRAW = "UPDATE person_grant SET withdrawn = $1 WHERE person = $2 AND used = 0 AND withdrawn = 0";
    WITHDRAW_OF_OWNER = "UPDATE person_grant SET withdrawn = $1 WHERE used = 0 AND withdrawn = 0 \
                         AND person IN (SELECT o.key FROM object o WHERE o.owner = $2 AND o.kind = 0)";
    DROP_PASSKEYS = "DELETE FROM person_passkey WHERE person = $1";
    DROP_GRANTS = "DELETE FROM person_grant WHERE person = $1";
    DROP_ACCOUNT = "DELETE FROM person_account WHERE person = $1";
}

/// A person of the directory, as far as signing in has to know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The inside key.
    pub key: i64,
    /// The public id; what authenticators know the person by.
    pub id: Uuid,
    /// The key of the workspace.
    pub workspace: i64,
    /// What to call them: display name, else user name.
    pub label: String,
    /// Their `userName`.
    pub user_name: String,
}

impl Person {
    /// What the audit log calls them where they change something themselves.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("person {}", self.user_name)
    }
}

word::words! {
    /// Why nobody signs in as a person.
    Closed, "reason why somebody cannot sign in":
    /// The provider says that they are not active.
    Inactive = "inactive",
    /// An administrator has blocked them.
    Blocked = "blocked",
    /// The provider that sent them is switched off.
    ProviderOff = "provider_off",
}

/// The person, and why they cannot sign in, if they cannot; none when there is no such person in the directory (any
/// more).
///
/// # Errors
/// Any error of the database.
pub fn standing(tx: &mut Tx, key: i64) -> Result<Option<(Person, Option<Closed>)>> {
    let Some(object) = directory::by_key(tx, key)? else {
        return Ok(None);
    };
    if object.kind != Kind::Person {
        return Ok(None);
    }
    let closed = closed(tx, &object)?;
    Ok(Some((of(&object), closed)))
}

/// The person, when they are in the directory and may sign in.
///
/// # Errors
/// Any error of the database.
pub fn open(tx: &mut Tx, key: i64) -> Result<Option<Person>> {
    let found = standing(tx, key)?;
    Ok(found.and_then(|(person, closed)| closed.is_none().then_some(person)))
}

fn closed(tx: &mut Tx, object: &Object) -> Result<Option<Closed>> {
    if object.blocked.is_some() {
        return Ok(Some(Closed::Blocked));
    }
    if !directory::is_enabled(object) {
        return Ok(Some(Closed::Inactive));
    }
    // Whom administrators keep by hand, no provider owns.
    let provider = provider::by_key(tx, object.owner)?;
    let is_off = provider.is_some_and(|provider| provider.state == State::Off);
    Ok(is_off.then_some(Closed::ProviderOff))
}

fn of(object: &Object) -> Person {
    let document: serde_json::Value = serde_json::from_str(&object.document).unwrap_or_default();
    let user_name = document.get("userName").and_then(|name| name.as_str());
    Person {
        key: object.key,
        id: object.id,
        workspace: object.workspace,
        label: object.label.clone(),
        user_name: user_name.unwrap_or(&object.label).to_owned(),
    }
}

/// Ends the sessions of somebody who is closed, and the links that were made for them. What closes them has an audit row
/// of its own.
pub(crate) fn shut(tx: &mut Tx, now: i64, person: i64) -> Result<()> {
    application::entry::end_of_person(tx, now, person, None, "closed")?;
    tx.execute(DROP_SESSIONS, &[person.into()])?;
    tx.execute(WITHDRAW, &[now.into(), person.into()])?;
    Ok(())
}

/// The same for everybody whom a provider sent.
pub(crate) fn shut_all_of(tx: &mut Tx, now: i64, provider: i64) -> Result<()> {
    application::entry::end_of_owner(tx, now, provider)?;
    tx.execute(DROP_SESSIONS_OF_OWNER, &[provider.into()])?;
    tx.execute(WITHDRAW_OF_OWNER, &[now.into(), provider.into()])?;
    Ok(())
}

/// Forgets everything that somebody signed in with, because they are gone for good.
pub(crate) fn forget(tx: &mut Tx, person: i64) -> Result<()> {
    application::entry::forget_person(tx, person)?;
    for statement in [DROP_SESSIONS, DROP_PASSKEYS, DROP_GRANTS, DROP_ACCOUNT] {
        tx.execute(statement, &[person.into()])?;
    }
    federation::forget_pilot(tx, person)?;
    federated_signin::forget_person(tx, person)
}

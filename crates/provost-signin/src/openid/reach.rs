//! Whether somebody gets at an application at this moment: the one place that says so, asked whenever something is issued and
//! whenever it is used.

use super::{Application, Meant, Openid, Subject};
use crate::Result;
use crate::person::SignedIn;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_store::Tx;
use provost_store::application::{self, entry};
use provost_store::connection::{self, Connection};
use provost_store::directory::{self, Object};
use provost_store::person_signin::{self, Person};
use std::collections::BTreeMap;

/// An application that is in use, with its connection.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub application: Application,
    pub connection: Connection,
}

/// A person who gets at it.
pub(super) struct Reached {
    pub known: Known,
    pub person: Person,
    pub object: Object,
}

/// An application that somebody may sign in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mine {
    /// The name of its connection.
    pub name: String,
    /// Where they begin to use it.
    pub home: Option<String>,
    /// When they last signed in there.
    pub last_used: Option<i64>,
}

/// The application of a connection, when it is switched on.
pub(super) fn known(tx: &mut Tx, application: Application) -> Result<Option<Known>> {
    if !application.enabled {
        return Ok(None);
    }
    let connection = connection::by_key(tx, application.connection)?;
    Ok(connection.map(|connection| Known {
        application,
        connection,
    }))
}

/// The person, when they are in the directory, active, and in the scope of the application's connection.
pub(super) fn reach(tx: &mut Tx, meant: Meant, known: &Known, person: i64) -> Result<Option<Reached>> {
    let Some(open) = person_signin::open(tx, person)? else {
        return Ok(None);
    };
    let Some(object) = directory::by_key(tx, person)? else {
        return Ok(None);
    };
    if open.workspace != known.application.workspace || !meant(tx, &known.connection, &object)? {
        return Ok(None);
    }
    Ok(Some(Reached {
        known: known.clone(),
        person: open,
        object,
    }))
}

/// The same for a sign-in that is there: none when it has ended, or its time is over.
pub(super) fn of_entry(tx: &mut Tx, meant: Meant, entry: &entry::Entry, now: i64) -> Result<Option<Reached>> {
    if entry.ended.is_some() || now >= entry.expires {
        return Ok(None);
    }
    let Some(application) = application::of_connection(tx, entry.connection)? else {
        return Ok(None);
    };
    match known(tx, application)? {
        Some(known) => reach(tx, meant, &known, entry.person),
        None => Ok(None),
    }
}

/// What a person is called at an application (OpenID Connect Core 1.0 section 8).
pub(super) fn subject(application: &Application, person: &Person) -> String {
    match application.settings.subject {
        Subject::Public => person.id.to_string(),
        Subject::Pairwise => keyed(application, &format!("person:{}", person.id)),
    }
}

/// What a person's session is called at an application: it says nothing of the session to another one.
pub(super) fn sid(application: &Application, session: i64) -> String {
    keyed(application, &format!("session:{session}"))
}

fn keyed(application: &Application, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &application.salt);
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()))
}

impl Openid {
    /// The applications that somebody may sign in to at this moment, by name.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn mine(&self, signed: &SignedIn) -> Result<Vec<Mine>> {
        let (whose, workspace, meant) = (signed.person.key, signed.person.workspace, self.meant);
        self.signin
            .read(move |tx| {
                let used: BTreeMap<i64, i64> = last_used(tx, whose)?;
                let mut mine = Vec::new();
                for application in application::of_workspace(tx, workspace)? {
                    let Some(known) = known(tx, application)? else {
                        continue;
                    };
                    if reach(tx, meant, &known, whose)?.is_some() {
                        mine.push(Mine {
                            last_used: used.get(&known.application.connection).copied(),
                            home: known.application.settings.home,
                            name: known.connection.name,
                        });
                    }
                }
                mine.sort_by(|a, b| a.name.cmp(&b.name));
                Ok(mine)
            })
            .await
    }
}

/// An application that somebody has signed in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The name of its connection.
    pub name: String,
    /// When last, in milliseconds since 1970.
    pub last_used: i64,
}

/// Where somebody has signed in to, whether they still may or not, by name.
pub(crate) fn used_by(tx: &mut Tx, person: i64) -> Result<Vec<Used>> {
    let mut used = Vec::new();
    for (key, last_used) in last_used(tx, person)? {
        if let Some(connection) = connection::by_key(tx, key)? {
            let name = connection.name;
            used.push(Used { name, last_used });
        }
    }
    used.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(used)
}

/// When somebody last used each application, by the key of its connection.
fn last_used(tx: &mut Tx, person: i64) -> Result<BTreeMap<i64, i64>> {
    let mut used = BTreeMap::new();
    for entry in entry::of_person(tx, person)? {
        let at = used.entry(entry.connection).or_insert(entry.last_used);
        *at = entry.last_used.max(*at);
    }
    Ok(used)
}

//! Finding what an address names. A session sees every workspace of the installation, and a name belongs to one of
//! them: `?workspace=` says which, where there are several.

use super::address::Space;
use super::refusal::{Refusal, Result};
use crate::state::State;
use provost_engine::object::Kind;
use provost_store::connection::{self, Connection};
use provost_store::directory;
use provost_store::recycle;
use provost_store::workspace::{self, Workspace};
use provost_store::{Error as Store, Tx, link};
use provost_sync::Engine;
use serde::Deserialize;
use uuid::Uuid;

/// What stands behind the question mark of an address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The workspace's name.
    pub workspace: Option<String>,
    /// Where the page before ended.
    pub after: Option<String>,
    /// The line of the log before which older ones are shown.
    pub before: Option<i64>,
    /// Also what was decided.
    pub decided: bool,
}

impl Asked {
    /// [`Asked::after`] where it is one key.
    pub fn after_key(&self) -> Result<Option<i64>> {
        self.after
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(Refusal::address)
    }

    /// [`Asked::after`] where it is two keys.
    pub fn after_pair(&self) -> Result<Option<(i64, i64)>> {
        let Some(text) = self.after.as_deref() else {
            return Ok(None);
        };
        let (first, second) = text.split_once('.').ok_or(text).map_err(Refusal::address)?;
        let first = first.parse().map_err(Refusal::address)?;
        Ok(Some((first, second.parse().map_err(Refusal::address)?)))
    }
}

/// A connection and where its pages are.
pub(super) struct Place {
    pub connection: Connection,
    pub space: Space,
}

impl Place {
    /// A command about the connection, as it is typed.
    pub fn command(&self, words: &str, rest: &str) -> String {
        self.space.command(words, &self.connection, rest)
    }
}

/// The engine of this process.
pub(super) fn engine(state: &State) -> Result<&Engine> {
    state.engine().ok_or(Refusal::NoEngine)
}

/// The connection of this name.
pub(super) async fn connection(state: &State, name: &str, asked: &Asked) -> Result<Place> {
    let (wanted, within) = (name.to_owned(), asked.workspace.clone());
    let read = move |tx: &mut Tx| {
        let all = workspace::all(tx)?;
        let mut found = Vec::new();
        for one in all.iter().filter(|one| is_within(one, within.as_deref())) {
            if let Some(connection) = connection::by_name(tx, one.key, &wanted)? {
                found.push((one.name.clone(), connection));
            }
        }
        Ok::<_, Store>((all.len(), found))
    };
    let (count, mut found) = state.db().read(read).await?;
    let Some((workspace, connection)) = found.pop() else {
        let shown: String = name.chars().take(100).collect();
        let sentence =
            format!("There is no connection \"{shown}\". The overview shows those that there are.");
        return Err(Refusal::Absent(sentence));
    };
    if found.is_empty() {
        let space = Space::new(&workspace, count);
        return Ok(Place { connection, space });
    }
    let names = found.into_iter().map(|(name, _)| name).chain([workspace]);
    Err(Refusal::Several(
        names
            .map(|workspace| (Space::new(&workspace, count).connection(name), workspace))
            .collect(),
    ))
}

fn is_within(one: &Workspace, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|name| name == one.name)
}

/// A person or group, also one that is in the recycle bin or gone for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Somebody {
    pub workspace: i64,
    pub key: i64,
    pub id: Uuid,
    pub kind: Kind,
    pub label: String,
    pub standing: Standing,
    pub space: Space,
}

/// What the directory has of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Active,
    /// The provider says so.
    Inactive,
    /// By an administrator, since then.
    Blocked(i64),
    /// In the recycle bin, since then.
    Deleted(i64),
    /// Only accounts in targets are left.
    Gone,
}

/// Who has this public id.
pub(super) async fn somebody(state: &State, id: Uuid, asked: &Asked) -> Result<Somebody> {
    let within = asked.workspace.clone();
    let read = move |tx: &mut Tx| {
        let all = workspace::all(tx)?;
        for one in all.iter().filter(|one| is_within(one, within.as_deref())) {
            if let Some(mut found) = in_workspace(tx, one.key, id)? {
                found.space = Space::new(&one.name, all.len());
                return Ok(Some(found));
            }
        }
        Ok::<_, Store>(None)
    };
    state.db().read(read).await?.ok_or_else(|| {
        let sentence = "The directory has nobody with this id, and no account of theirs is linked. The lists of a \
                        connection lead to everybody.";
        Refusal::Absent(sentence.to_owned())
    })
}

/// Who has this public id in a workspace: in the directory, else in the bin, else as the owner of an account.
fn in_workspace(tx: &mut Tx, workspace: i64, id: Uuid) -> std::result::Result<Option<Somebody>, Store> {
    let found = |key, kind, label, standing| Somebody {
        workspace,
        key,
        id,
        kind,
        label,
        standing,
        space: Space::default(),
    };
    if let Some((key, _)) = directory::key_by_id(tx, workspace, id)?
        && let Some(object) = directory::by_key(tx, key)?
    {
        let standing = match object.blocked {
            Some(since) => Standing::Blocked(since),
            None if object.active => Standing::Active,
            None => Standing::Inactive,
        };
        return Ok(Some(found(key, object.kind, object.label, standing)));
    }
    let deleted = recycle::find(tx, workspace, &id.to_string())?;
    if let Some(one) = deleted.into_iter().find(|one| one.id == id) {
        return Ok(Some(found(
            one.key,
            one.kind,
            one.label,
            Standing::Deleted(one.deleted),
        )));
    }
    for linked in link::by_object_id(tx, id)? {
        for connection in connection::all(tx, workspace)? {
            let rules = provost_store::rule::of_connection(tx, connection.key)?;
            if let Some(rule) = rules.iter().find(|rule| rule.key == linked.rule) {
                return Ok(Some(found(
                    linked.object,
                    rule.kind,
                    linked.label,
                    Standing::Gone,
                )));
            }
        }
    }
    Ok(None)
}

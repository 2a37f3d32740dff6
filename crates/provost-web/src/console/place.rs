//! Finding what an address names, in the workspace that it names.

use super::address::Space;
use super::refusal::{Refusal, Result};
use crate::state::State;
use crate::visitor::Visitor;
use provost_engine::object::Kind;
use provost_store::connection::{self, Connection};
use provost_store::directory::{self, Object};
use provost_store::recycle::{self, Deleted};
use provost_store::{Error as Store, Tx, link};
use provost_sync::Engine;
use serde::Deserialize;
use uuid::Uuid;

/// What stands behind the question mark of an address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
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
pub(super) async fn connection(state: &State, visitor: &Visitor, name: &str) -> Result<Place> {
    let inside = visitor.workspace()?;
    let (wanted, workspace) = (name.to_owned(), inside.key);
    let found = state
        .db()
        .read(move |tx| connection::by_name(tx, workspace, &wanted))
        .await?;
    let connection = found.ok_or_else(|| {
        let shown: String = name.chars().take(100).collect();
        let sentence =
            format!("There is no connection \"{shown}\". The overview shows those that there are.");
        Refusal::Absent(sentence)
    })?;
    Ok(Place {
        connection,
        space: Space::of(inside),
    })
}

/// A person or group, also one that is in the recycle bin or gone for good.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Somebody {
    pub workspace: i64,
    pub key: i64,
    pub id: Uuid,
    pub kind: Kind,
    pub label: String,
    pub standing: Standing,
    pub space: Space,
    /// As the directory has them; none for who is deleted or gone.
    pub object: Option<Object>,
    /// As the recycle bin has them.
    pub deleted: Option<Deleted>,
}

impl Somebody {
    /// Their page.
    pub fn address(&self) -> String {
        match self.kind {
            Kind::Person => self.space.person(self.id),
            Kind::Group => self.space.group(self.id),
        }
    }

    /// The page at this path below theirs.
    pub fn below(&self, path: &str) -> String {
        format!("{}{path}", self.address())
    }

    /// Whose they are: the key of a provider or of the workspace; none for who is gone.
    pub fn owner(&self) -> Option<i64> {
        let present = self.object.as_ref().map(|one| one.owner);
        present.or(self.deleted.as_ref().map(|one| one.owner))
    }

    /// Whether administrators keep them by hand: no provider sends them.
    pub fn is_by_hand(&self) -> bool {
        self.owner() == Some(self.workspace)
    }
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
pub(super) async fn somebody(state: &State, visitor: &Visitor, id: Uuid) -> Result<Somebody> {
    let inside = visitor.workspace()?;
    let workspace = inside.key;
    let found = state.db().read(move |tx| in_workspace(tx, workspace, id)).await?;
    let mut found = found.ok_or_else(|| {
        let sentence = "The directory has nobody with this id, and no account of theirs is linked. The lists of a \
                        connection lead to everybody.";
        Refusal::Absent(sentence.to_owned())
    })?;
    found.space = Space::of(inside);
    Ok(found)
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
        object: None,
        deleted: None,
    };
    if let Some((key, _)) = directory::key_by_id(tx, workspace, id)?
        && let Some(object) = directory::by_key(tx, key)?
    {
        let standing = match object.blocked {
            Some(since) => Standing::Blocked(since),
            None if object.active => Standing::Active,
            None => Standing::Inactive,
        };
        return Ok(Some(Somebody {
            object: Some(object.clone()),
            ..found(key, object.kind, object.label, standing)
        }));
    }
    let deleted = recycle::find(tx, workspace, &id.to_string())?;
    if let Some(one) = deleted.into_iter().find(|one| one.id == id) {
        return Ok(Some(Somebody {
            deleted: Some(one.clone()),
            ..found(one.key, one.kind, one.label, Standing::Deleted(one.deleted))
        }));
    }
    for linked in link::by_object_id(tx, id)? {
        for connection in connection::all(tx, workspace)? {
            let rules = provost_store::rule::of_connection(tx, connection.key)?;
            if let Some(rule) = rules.iter().find(|rule| rule.key == linked.rule) {
                let label = linked.label;
                return Ok(Some(found(linked.object, rule.kind, label, Standing::Gone)));
            }
        }
    }
    Ok(None)
}

//! What addresses of these pages name.

use super::super::page;
use super::super::place::Place;
use super::super::refusal::{Refusal, Result};
use crate::console::address::Space;
use crate::policy::Act;
use crate::state::State;
use crate::visitor::Visitor;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use provost_store::connection::{self, Connection};
use provost_store::plan::{self, Plan};
use serde::Deserialize;
use uuid::Uuid;

/// An address that names a connection.
#[derive(Deserialize)]
pub(crate) struct Named {
    pub name: String,
}

/// An address that names something by its inside key.
#[derive(Deserialize)]
pub(crate) struct Keyed {
    pub key: i64,
}

/// An address that names something of a connection by its inside key.
#[derive(Deserialize)]
pub(crate) struct KeyedIn {
    pub name: String,
    pub key: i64,
}

/// An address that names a plan.
#[derive(Deserialize)]
pub(crate) struct Identified {
    pub id: Uuid,
}

/// An address that names somebody in a plan.
#[derive(Deserialize)]
pub(crate) struct IdentifiedIn {
    pub id: Uuid,
    pub key: i64,
}

/// What an address says, as axum hands it over.
pub(crate) type Address<T> = std::result::Result<Path<T>, PathRejection>;

/// The plan of an address, with its connection.
pub(super) async fn plan(state: &State, visitor: &Visitor, id: Uuid) -> Result<(Plan, Place)> {
    let inside = visitor.workspace()?;
    let workspace = inside.key;
    let read = move |tx: &mut provost_store::Tx| {
        let Some(plan) = plan::get(tx, workspace, id)? else {
            return Ok(None);
        };
        let connection = connection::by_key(tx, plan.connection)?;
        Ok::<_, provost_store::Error>(connection.map(|connection| (plan, connection)))
    };
    let found = state.db().read(read).await?;
    let (plan, connection) = found.ok_or_else(|| {
        let sentence = "There is no such plan. Plans that wait for nothing are forgotten after a while.";
        Refusal::Absent(sentence.to_owned())
    })?;
    let space = Space::of(inside);
    Ok((plan, Place { connection, space }))
}

/// A connection of the visitor's workspace by its key.
pub(super) async fn connection_by_key(state: &State, visitor: &Visitor, key: i64) -> Result<Option<Place>> {
    let inside = visitor.workspace()?;
    let found: Option<Connection> = state.db().read(move |tx| connection::by_key(tx, key)).await?;
    let ours = found.filter(|connection| connection.workspace == inside.key);
    Ok(ours.map(|connection| Place {
        connection,
        space: Space::of(inside),
    }))
}

/// Why the visitor cannot run, stop, retry, approve or decide; empty where they can.
pub(crate) fn dead_for(visitor: &Visitor) -> String {
    page::lack(visitor, Act::Operate)
}

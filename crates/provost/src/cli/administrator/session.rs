//! `provost administrator sessions|sign-out`.

use super::{Door, Place};
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_signin::{Actor, Session};
use provost_store::session;
use serde_json::{Value, json};

/// Lists the sessions of an administrator.
pub(super) async fn list(place: &Place, hub: &Hub, door: &Door, who: &str) -> Result<()> {
    let found = door.find(who).await?.administrator;
    let all = hub.db.read(move |tx| session::list(tx, found.key)).await?;
    let rows: Vec<Value> = all.iter().map(row).collect();
    output::either(place.json, &json!({"sessions": rows}), || {
        let mut table = Table::new([
            "key",
            "signed in by",
            "opened",
            "last seen",
            "ends",
            "address",
            "browser",
        ]);
        for one in &all {
            table.row([
                one.key.to_string(),
                one.method.as_str().replace('_', " "),
                clock::text(one.created),
                clock::text(one.seen),
                clock::text(one.expires),
                one.address.clone(),
                one.agent.clone(),
            ]);
        }
        table.text_or(&format!("{} is not signed in.", found.name))
    })
}

fn row(one: &Session) -> Value {
    json!({
        "key": one.key, "method": one.method.as_str(), "opened": clock::text(one.created),
        "seen": clock::text(one.seen), "expires": clock::text(one.expires), "address": one.address,
        "agent": one.agent,
    })
}

/// Ends one session of an administrator, or all.
pub(super) async fn end(place: &Place, hub: &Hub, door: &Door, who: &str, only: Option<i64>) -> Result<()> {
    let found = door.find(who).await?.administrator;
    let ended = match only {
        None => {
            door.signin
                .end_sessions(Actor::Command, found.id, clock::now())
                .await?
        }
        Some(key) => {
            one(hub, found.key, key).await?;
            1
        }
    };
    output::either(
        place.json,
        &json!({"id": found.id, "ended": ended}),
        || match ended {
            0 => format!("{} is not signed in.", found.name),
            _ => {
                let sessions = output::count(ended, "session is", "sessions are");
                format!(
                    "{sessions} over. {} may sign in again; `provost administrator block` refuses that.",
                    found.name
                )
            }
        },
    )
}

/// # Errors
/// When the session is none of theirs.
async fn one(hub: &Hub, whose: i64, key: i64) -> Result<()> {
    let done = hub
        .db
        .write(move |tx| {
            let is_theirs = session::list(tx, whose)?.iter().any(|one| one.key == key);
            Ok::<_, provost_store::Error>(is_theirs && session::end(tx, &hub::actor(), clock::now(), key)?)
        })
        .await?;
    if done {
        return Ok(());
    }
    let hint = "`provost administrator sessions` shows their sessions with the keys.";
    Err(Failure::new(format!("they have no session {key}"), hint).into())
}

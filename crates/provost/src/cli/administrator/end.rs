//! `provost administrator block|unblock|remove|reset`.

use super::{Door, Place};
use crate::ask;
use crate::clock;
use crate::output;
use anyhow::Result;
use provost_signin::Actor;
use serde_json::json;

/// Refuses everything to somebody.
pub(super) async fn block(place: &Place, door: &Door, who: &str) -> Result<()> {
    let found = door.find(who).await?.administrator;
    door.signin.block(Actor::Command, found.id, clock::now()).await?;
    output::either(place.json, &json!({"id": found.id, "state": "blocked"}), || {
        format!(
            "{} is blocked: every session, link and token of theirs is refused from now on.",
            found.name
        )
    })
}

/// Lets somebody sign in again.
pub(super) async fn unblock(place: &Place, door: &Door, who: &str) -> Result<()> {
    let found = door.find(who).await?.administrator;
    door.signin
        .unblock(Actor::Command, found.id, clock::now())
        .await?;
    output::either(place.json, &json!({"id": found.id, "state": "active"}), || {
        format!(
            "{} may sign in again. Sessions that were open stay ended.",
            found.name
        )
    })
}

/// Removes somebody.
pub(super) async fn remove(place: &Place, door: &Door, who: &str, yes: bool) -> Result<()> {
    let found = door.find(who).await?.administrator;
    let question = format!(
        "Remove {} ({}) with everything they sign in with? This cannot be undone.",
        found.name, found.email
    );
    ask::agree(&question, yes)?;
    door.signin.remove(Actor::Command, found.id, clock::now()).await?;
    output::either(place.json, &json!({"id": found.id, "state": "removed"}), || {
        format!("{} is removed. The audit log keeps what they did.", found.name)
    })
}

/// Ends every way in, and makes a link.
pub(super) async fn reset(place: &Place, door: &Door, who: &str, yes: bool) -> Result<()> {
    let found = door.find(who).await?.administrator;
    let question = format!(
        "End everything {} ({}) signs in with, their sessions and their API tokens?",
        found.name, found.email
    );
    ask::agree(&question, yes)?;
    let key = door.signin.reset(Actor::Command, found.id, clock::now()).await?;
    let link = door.link(&key);
    output::either(place.json, &json!({"id": found.id, "link": link}), || {
        format!(
            "Link  {link}\nIt is shown this once and works once, within seven days: with it {} begins anew.",
            found.name
        )
    })
}

//! `provost person block` and `unblock`.

use super::find;
use crate::cli::Place;
use crate::hub::{self, Hub};
use crate::{clock, output};
use anyhow::Result;
use provost_store::directory;
use serde_json::json;

/// Blocks a person.
pub(super) async fn block(place: &Place, hub: &Hub, text: &str, reason: String) -> Result<()> {
    let person = find::person(hub, text).await?;
    let was = person.blocked;
    let after = hub
        .db
        .write(move |tx| directory::block(tx, &hub::actor(), clock::now(), &person, &reason))
        .await?;
    let answer = json!({
        "person": after.label, "id": after.id, "blocked": clock::text_or_none(after.blocked),
        "was_blocked": was.is_some(),
    });
    output::either(place.json, &answer, || match was {
        Some(at) => format!("{} is blocked already, since {}.", after.label, clock::text(at)),
        None => format!(
            "{} is blocked: the next cycle of each connection disables the account.\n\
             No provider lifts this; `provost person unblock` does.",
            after.label
        ),
    })
}

/// Lifts a block.
pub(super) async fn unblock(place: &Place, hub: &Hub, text: &str) -> Result<()> {
    let person = find::person(hub, text).await?;
    let was = person.blocked;
    let after = hub
        .db
        .write(move |tx| directory::unblock(tx, &hub::actor(), clock::now(), &person))
        .await?;
    let enabled = directory::is_enabled(&after);
    let answer = json!({
        "person": after.label, "id": after.id, "was_blocked": was.is_some(), "enabled": enabled,
    });
    output::either(place.json, &answer, || match (was, enabled) {
        (None, _) => format!("{} is not blocked; nothing was changed.", after.label),
        (_, true) => format!(
            "{} is no longer blocked. The next cycle of each connection enables the account.",
            after.label
        ),
        (_, false) => format!(
            "{} is no longer blocked, and stays disabled: the provider says that they are not active.",
            after.label
        ),
    })
}

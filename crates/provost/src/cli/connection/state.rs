//! `provost connection on` and `off`.

use crate::cli::Place;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::{clock, output};
use anyhow::Result;
use provost_store::connection::{self, Condition, State};
use serde_json::json;

/// Switches a connection on or off.
pub(super) async fn set(place: &Place, hub: &Hub, name: &str, state: State, reason: String) -> Result<()> {
    let connection = hub.connection(name).await?;
    let was = connection.state;
    if state == State::Active && was == State::Held {
        let hint = format!("Decide what is held: provost staged list \"{name}\"");
        return Err(Failure::new(
            format!("the connection \"{name}\" is held by the deletion guard"),
            hint,
        )
        .into());
    }
    let to = Condition {
        state,
        reason,
        code: String::new(),
        ..Condition::default()
    };
    hub.db
        .write(move |tx| connection::set_state(tx, &hub::actor(), clock::now(), &connection, &to))
        .await?;
    let answer = json!({"name": name, "state": state, "was": was});
    output::either(place.json, &answer, || {
        format!(
            "The connection \"{name}\" is {} (was {}).",
            state.name(),
            was.name()
        )
    })
}

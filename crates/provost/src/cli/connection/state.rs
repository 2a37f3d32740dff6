//! `provost connection on` and `off`.

use crate::cli::Place;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use serde_json::json;

/// Switches a connection on or off.
pub(super) async fn set(place: &Place, hub: &Hub, name: &str, on: bool, reason: &str) -> Result<()> {
    let connection = hub.connection(name).await?;
    let was = connection.state;
    let engine = hub.engine()?;
    let state = engine
        .switch_connection(connection.key, on, reason, &hub::actor())
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

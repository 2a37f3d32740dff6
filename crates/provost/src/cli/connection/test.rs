//! `provost connection test`.

use super::checks;
use crate::cli::Place;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::{output, progress};
use anyhow::Result;
use provost_store::connection::State;
use serde_json::json;

/// Tries a connection step by step and keeps what was found; fails when a step does.
pub(super) async fn test(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let connection = hub.connection(name).await?;
    let bar = progress::spinner(&format!("trying {name}"));
    let checked = hub.engine()?.check_connection(connection.key).await;
    bar.finish_and_clear();
    let checked = checked?;
    let mut answer = checks::to_json(&checked.tried);
    answer["was"] = json!(checked.was);
    answer["state"] = json!(checked.state);
    output::either(place.json, &answer, || {
        let found = checks::text(&checked.tried);
        match (checked.was, checked.state) {
            (State::Invalid, State::Invalid) | (State::Active, State::Active) => found,
            (was, state) if was == state => format!("{found}\n\nThe connection is {}.", state.name()),
            (was, state) => format!(
                "{found}\n\nThe connection is {} now (was {}).",
                state.name(),
                was.name()
            ),
        }
    })?;
    if !checked.tried.ok() {
        let hint =
            format!("The outcome above says what to do; then try again: provost connection test \"{name}\"");
        return Err(Failure::new(format!("the connection \"{name}\" does not work"), hint).into());
    }
    Ok(())
}

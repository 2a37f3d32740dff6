//! `provost provider save` and `provost provider off`.

use super::tenant_url;
use crate::cli::Place;
use crate::hub::{self, Hub};
use crate::{clock, output};
use anyhow::Result;
use provost_store::provider::{self, Edit, State};
use serde_json::json;

/// Brings a provider into a state.
pub(super) async fn change(place: &Place, hub: &Hub, name: &str, state: State) -> Result<()> {
    let provider = hub.provider(name).await?;
    let was = provider.state;
    let edit = Edit {
        state: Some(state),
        ..Edit::default()
    };
    hub.db
        .write(move |tx| provider::edit(tx, &hub::actor(), clock::now(), &provider, &edit))
        .await?;
    let answer = json!({"name": name, "state": state, "was": was, "tenant_url": tenant_url(hub)});
    output::either(place.json, &answer, || text(hub, name, was, state))
}

fn text(hub: &Hub, name: &str, was: State, state: State) -> String {
    let what = match state {
        _ if was == state => "already; nothing was changed.".to_owned(),
        State::Off => format!(
            "(was {was}): within 5 seconds its tokens are refused.\nIts people are signed out of Provost; people and groups stay as they are. \
             `provost provider save \"{name}\"` puts it in use again."
        ),
        _ => format!(
            "(was {was}): its requests are answered within 5 seconds at\n{}",
            tenant_url(hub)
        ),
    };
    format!("The inbound provider \"{name}\" is {state} {what}")
}

//! `provost microsoft-365 check` and `authentication`.

use super::{fields, show};
use crate::cli::Place;
use crate::hub::{self, Hub};
use crate::{output, progress};
use anyhow::Result;

/// Asks again whose domain it is.
pub(super) async fn check(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let engine = hub.engine()?;
    let bar = progress::spinner(&format!("asking whose domain {} is", found.domain));
    let checked = engine
        .recheck_provider(hub.workspace.key, &found.name, &hub::actor())
        .await;
    bar.finish_and_clear();
    let checked = checked?;
    let after = hub.microsoft_365(name).await?;
    let mut answer = fields::to_json(&checked);
    answer["was"] = found.state.as_str().into();
    answer["state"] = after.state.as_str().into();
    output::either(place.json, &answer, || {
        let lines = fields::text(&checked.lines);
        match found.state == after.state {
            true => format!("{lines}\n\nThe provider is {}.", after.state),
            false => format!(
                "{lines}\n\nThe provider is {} now (was {}).",
                after.state, found.state
            ),
        }
    })
}

/// Saves the section Authentication.
pub(super) async fn authentication(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let engine = hub.engine()?;
    let after = engine
        .configure_provider_authentication(hub.workspace.key, &found.name, &hub::actor())
        .await?;
    let values = show::values(hub, &after);
    let mut answer = show::described(hub, &after).await?;
    answer["values"] = show::values_json(&values);
    output::either(place.json, &answer, || {
        format!(
            "Authentication of \"{}\" is configured; nothing has to be entered.\n\n\
             These values will be used when people are moved (step 4) and the domain is federated (step 5)\n{}",
            after.name,
            show::values_text(&values)
        )
    })
}

//! The test sign-in: it is begun in the console, because it needs a browser; what the last one said is shown.

use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output;
use anyhow::{Context as _, Result};
use provost_store::migration::Tested;
use reqwest::Url;
use serde_json::{Value, json};

pub(super) async fn run(place: &Place, hub: &Hub, provider: &str) -> Result<()> {
    let found = hub.engine()?.migration(hub.workspace.key, provider).await?;
    let section = section(hub, provider)?;
    let last = found.tested.as_ref();
    let shown = json!({ "address": section, "is_testable": found.is_testable, "test": last.map(described) });
    output::either(place.json, &shown, || {
        let how = match found.is_testable {
            true => "Begin it in the browser, as somebody who may configure",
            false => "Validate the values first; then begin it in the browser",
        };
        let last = last.map_or_else(|| "never".to_owned(), told);
        format!("{how}: {section}\nThe last test sign-in: {last}")
    })
}

/// Where it is begun.
fn section(hub: &Hub, provider: &str) -> Result<String> {
    let mut address = Url::parse(&hub.public_url()).context("The server's address cannot be used")?;
    if let Ok(mut path) = address.path_segments_mut() {
        path.pop_if_empty();
        path.extend([
            "w",
            hub.workspace.name.as_str(),
            "microsoft-365",
            provider,
            "migration",
        ]);
    }
    address.set_fragment(Some("test"));
    Ok(address.into())
}

/// The last one, for programs.
pub(super) fn described(tested: &Tested) -> Value {
    json!({
        "time": clock::text(tested.at), "actor": tested.actor, "is_good": tested.outcome.is_good(), "said": tested.outcome,
    })
}

/// The last one, for people.
pub(super) fn told(tested: &Tested) -> String {
    let (at, said) = (clock::text(tested.at), &tested.outcome);
    match said.is_good() {
        true => format!(
            "accepted at {at} by {}: {}, object id {}, issuer {}",
            tested.actor, said.name, said.account, said.issuer
        ),
        false => format!(
            "refused at {at}, {}: {} ({}). {}",
            tested.actor, said.sentence, said.code, said.hint
        ),
    }
}

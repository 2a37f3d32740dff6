//! `provost import source`: how records become people.

use crate::cli::Place;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::{Context as _, Result};
use provost_sync::import;
use serde_json::json;
use std::path::PathBuf;

/// How a provider's records become people.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Source {
    /// Show the mapping as JSON: its own, or the standard one for SCIM users
    Show {
        /// The inbound provider
        provider: String,
    },
    /// Save the mapping from a JSON or TOML file; every record is looked at again by it
    Set {
        /// The inbound provider
        provider: String,
        /// The file; .toml or .json
        #[arg(long)]
        file: PathBuf,
    },
}

impl Source {
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        match self {
            Self::Show { provider } => {
                let provider = hub.provider(&provider).await?;
                output::json(&hub.engine()?.source(&provider).await?)
            }
            Self::Set { provider, file } => set(place, hub, &provider, file).await,
        }
    }
}

async fn set(place: &Place, hub: &Hub, provider: &str, path: PathBuf) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let name = path.display().to_string();
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
    let is_toml = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let read: Result<import::Source, String> = if is_toml {
        toml::from_str(&text).map_err(|error| error.to_string())
    } else {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    };
    let source = read.map_err(|reason| {
        let hint =
            "Nothing was saved. `provost import source show PROVIDER` shows what such a file looks like.";
        Failure::new(format!("{name} cannot be read: {reason}"), hint)
    })?;
    hub.engine()?
        .set_source(&provider, &source, &hub::actor())
        .await?;
    let answer =
        json!({"provider": provider.name, "anchor": source.anchor, "mappings": source.rule.mappings.len()});
    output::either(place.json, &answer, || {
        let mappings = output::count(source.rule.mappings.len() as i64, "mapping", "mappings");
        format!(
            "Saved for \"{}\": records are known by {}, {mappings}.",
            provider.name, source.anchor
        )
    })
}

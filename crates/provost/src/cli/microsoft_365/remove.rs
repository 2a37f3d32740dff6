//! `provost microsoft-365 remove`.

use crate::cli::{Place, question};
use crate::hub::{self, Hub};
use crate::{ask, output, progress};
use anyhow::Result;
use provost_store::microsoft_365;
use provost_sync::Error;
use provost_sync::setup::Confirm;
use serde_json::json;

/// What is removed.
#[derive(Debug, clap::Args)]
pub(crate) struct Remove {
    /// The provider
    name: String,
    /// Its name once more, instead of typing it when asked
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

impl Remove {
    /// Shows what would be lost and what is kept, and removes the provider with its connection.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let found = hub.microsoft_365(&self.name).await?;
        let (engine, actor, workspace) = (hub.engine()?, hub::actor(), hub.workspace.key);
        let asked = engine
            .remove_provider(workspace, &found.name, &Confirm::default(), &actor)
            .await;
        match asked {
            Ok(()) => {}
            Err(Error::Confirm {
                sentence,
                digest,
                list,
                ..
            }) => {
                question::show(&question::names(&list));
                ask::name(&sentence, &found.name, self.confirm.as_deref())?;
                let confirm = Confirm {
                    digest: Some(digest),
                    typed: Some(found.name.clone()),
                    understood: true,
                };
                let bar = progress::spinner(&format!("removing {}", found.name));
                let gone = engine
                    .remove_provider(workspace, &found.name, &confirm, &actor)
                    .await;
                bar.finish_and_clear();
                gone?;
            }
            Err(other) => return Err(other.into()),
        }
        let domain = found.domain.clone();
        let kept = hub
            .db
            .read(move |tx| microsoft_365::detached_count(tx, workspace, &domain))
            .await?;
        let answer = json!({"removed": found.name, "domain": found.domain, "detached": kept});
        output::either(place.json, &answer, || {
            let people = output::count(kept, "person or group", "people and groups");
            match kept {
                0 => format!("The provider \"{}\" is removed. Nobody was assigned.", found.name),
                _ => format!(
                    "The provider \"{}\" is removed. The assignments of {people} are kept, and offered to the next \
                     provider of {}.",
                    found.name, found.domain
                ),
            }
        })
    }
}

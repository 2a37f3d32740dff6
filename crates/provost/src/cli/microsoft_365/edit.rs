//! `provost microsoft-365 edit`.

use super::show;
use crate::cli::Place;
use crate::failure::{self, Failure};
use crate::hub::{self, Hub};
use crate::{output, progress};
use anyhow::Result;
use provost_sync::microsoft_365::ProviderEdit;

/// What changes; what is not named stays. Display name and pseudonym link have no option: they never change.
#[derive(Debug, clap::Args)]
pub(crate) struct Edit {
    /// The provider
    name: String,
    /// A second name
    #[arg(long)]
    label: Option<String>,
    /// Another domain of a tenant, while nobody is assigned
    #[arg(long)]
    domain: Option<String>,
    /// Another tenant, while nobody is assigned
    #[arg(long)]
    tenant_name: Option<String>,
}

impl Edit {
    /// Changes what is named.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        if self.label.is_none() && self.domain.is_none() && self.tenant_name.is_none() {
            let hint = "Name what changes with --label, --domain or --tenant-name.";
            return Err(Failure::new("nothing to change was named", hint)
                .with_status(failure::USAGE)
                .into());
        }
        let found = hub.microsoft_365(&self.name).await?;
        let edit = ProviderEdit {
            label: self.label,
            domain: self.domain,
            tenant_name: self.tenant_name,
            ..ProviderEdit::default()
        };
        let bar = progress::spinner(&format!("changing {}", found.name));
        let engine = hub.engine()?;
        let changed = engine
            .edit_provider(hub.workspace.key, &found.name, &edit, &hub::actor())
            .await;
        bar.finish_and_clear();
        let after = changed?;
        output::either(place.json, &show::described(hub, &after).await?, || {
            let name = &after.name;
            if after.version == found.version {
                return format!("\"{name}\" is so already; nothing was changed.");
            }
            format!("The provider \"{name}\" is saved. It is {}.", after.state)
        })
    }
}

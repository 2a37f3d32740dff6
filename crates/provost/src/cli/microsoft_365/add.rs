//! `provost microsoft-365 add`.

use super::{fields, show};
use crate::cli::Place;
use crate::cli::setting::Setting;
use crate::hub::{self, Hub};
use crate::{output, progress};
use anyhow::Result;
use provost_store::microsoft_365::{Provider, State};
use provost_sync::Error;
use provost_sync::microsoft_365::{FieldLine, LINK_KEY, ProviderDraft};
use serde_json::{Map, Value};

/// A provider as it is entered.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// Its display name, such as "Microsoft 365"; it cannot be changed later
    name: String,
    /// The domain that people sign in with, such as contoso.example; never the initial domain
    #[arg(long)]
    domain: String,
    /// The first part of the initial domain: contoso of contoso.onmicrosoft.com
    #[arg(long)]
    tenant_name: String,
    /// A second name, which can be changed
    #[arg(long, default_value = "", hide_default_value = true)]
    label: String,
    /// What ties a person to an account; there is one that can be, and it cannot be changed later
    #[arg(long, default_value = LINK_KEY, value_name = "KEY")]
    link_key: String,
    /// The cloud of the tenant, where it is a national one
    #[arg(long, default_value = "", hide_default_value = true)]
    cloud: String,
    /// An address in the place of the cloud's own, as name=value: login_url, graph_url, allow_private_network;
    /// repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    setting: Vec<Setting>,
    /// Check each field and save nothing
    #[arg(long)]
    check_only: bool,
}

impl Add {
    /// Checks every field, and adds the provider when all of them pass.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let draft = self.draft();
        let engine = hub.engine()?;
        let workspace = hub.workspace.key;
        if self.check_only {
            let bar = progress::spinner(&format!("asking whose domain {} is", self.domain));
            let found = engine.check_provider(workspace, &draft).await;
            bar.finish_and_clear();
            let found = found?;
            output::either(place.json, &fields::to_json(&found), || {
                fields::text(&found.lines)
            })?;
            return match found.ok() {
                true => Ok(()),
                false => Err(self.refused(found.lines)),
            };
        }
        let bar = progress::spinner(&format!("asking whose domain {} is", self.domain));
        let added = engine.add_provider(workspace, &draft, &hub::actor()).await;
        bar.finish_and_clear();
        let (provider, found) = match added {
            Err(Error::Fields(lines)) => return Err(self.refused(lines)),
            other => other?,
        };
        let mut answer = show::summary(&provider, None);
        answer["checked"] = fields::to_json(&found);
        output::either(place.json, &answer, || {
            format!("{}\n\n{}", fields::text(&found.lines), made(&provider))
        })
    }

    fn refused(&self, lines: Vec<FieldLine>) -> anyhow::Error {
        let sentence = format!(
            "the provider \"{}\" was not added, and nothing was saved",
            self.name
        );
        fields::refused(sentence, lines)
    }

    fn draft(&self) -> ProviderDraft {
        let settings: Map<String, Value> = self
            .setting
            .iter()
            .map(|one| (one.name.clone(), one.value.clone()))
            .collect();
        ProviderDraft {
            name: self.name.clone(),
            label: self.label.clone(),
            link_key: self.link_key.clone(),
            domain: self.domain.clone(),
            tenant_name: self.tenant_name.clone(),
            cloud: self.cloud.clone(),
            settings: Value::Object(settings),
        }
    }
}

fn made(provider: &Provider) -> String {
    let name = &provider.name;
    match provider.state {
        State::Draft => format!(
            "The provider \"{name}\" is added as a draft: nobody could say yet whose domain {} is.\n\
             Ask again: provost microsoft-365 check \"{name}\"",
            provider.domain
        ),
        State::Active | State::Federated => format!(
            "The provider \"{name}\" is added and active. No account is touched by that.\n\
             Next: provost microsoft-365 authentication \"{name}\""
        ),
    }
}

//! The command that takes the federation back when this hub is down: an administrator's own sign-in, no secret, and exact
//! for one domain and one issuer.
//!
//! Source: Microsoft Graph, "Delete internalDomainFederation"; Azure CLI, "az rest"; Microsoft Graph PowerShell,
//! "Invoke-MgGraphRequest".

use super::attempt;
use crate::microsoft_365::provider_values;
use crate::{Engine, Error, Result};
use provost_connect::graph::cloud::Cloud;
use provost_store::federation::{self, ActKind, Outcome};
use provost_store::microsoft_365::Provider;
use serde::Serialize;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

/// Acts that are looked through for the configuration's id.
const ACTS: i64 = 50;

/// The command, for two shells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RollBackCommand {
    /// What tells it from the command for another domain, issuer or tenant: it is typed to confirm that the command is
    /// kept.
    pub check_word: String,
    /// For a POSIX shell with the Azure CLI.
    pub shell: String,
    /// For PowerShell with the module Microsoft.Graph.Authentication.
    pub powershell: String,
    /// Since when somebody keeps it, in milliseconds since 1970; 0 for nobody, or for another one.
    pub saved: i64,
    /// Who keeps it.
    pub saved_by: String,
}

/// Where Graph is for a provider, without a slash at the end.
fn graph_url(provider: &Provider) -> String {
    let setting = |name: &str| provider.settings.get(name).and_then(Value::as_str);
    let word = setting("cloud").unwrap_or_default();
    let cloud = Cloud::ALL.into_iter().find(|cloud| cloud.name() == word);
    let own = setting("graph_url").filter(|url| !url.is_empty());
    own.unwrap_or_else(|| cloud.unwrap_or(Cloud::Global).graph_url())
        .trim_end_matches('/')
        .to_owned()
}

fn tenant(provider: &Provider) -> String {
    provider
        .tenant_id
        .clone()
        .unwrap_or_else(|| provider.domain.clone())
}

/// The check word of the command for a provider.
pub(super) fn check_word(provider: &Provider, issuer: &str) -> String {
    let text = [&provider.domain, issuer, &tenant(provider), &graph_url(provider)].join("\n");
    let digits = format!("{:016X}", xxh3_64(text.as_bytes()));
    format!("{}-{}", &digits[..4], &digits[4..8])
}

/// A text between single quotes of a shell; an address has none, and nothing else gets in here.
fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '\'').collect()
}

fn shell(domain: &str, issuer: &str, tenant: &str, graph: &str, about: &str) -> String {
    format!(
        r#"#!/bin/sh
{about}
set -eu
domain='{domain}'
issuer='{issuer}'
configuration='{graph}/v1.0/domains/{domain}/federationConfiguration'
az login --tenant '{tenant}' --allow-no-subscriptions --use-device-code >/dev/null
id=$(az rest --method get --url "$configuration" --resource '{graph}' --query "value[?issuerUri=='$issuer'].id | [0]" --output tsv)
if [ -z "$id" ] || [ "$id" = None ]; then
  echo "$domain is not federated with $issuer: nothing was changed." >&2
  exit 1
fi
az rest --method delete --url "$configuration/$id" --resource '{graph}'
az rest --method get --url '{graph}/v1.0/domains/{domain}' --resource '{graph}' --query authenticationType --output tsv
"#
    )
}

fn powershell(domain: &str, issuer: &str, tenant: &str, graph: &str, about: &str) -> String {
    format!(
        r#"{about}
$ErrorActionPreference = 'Stop'
$domain = '{domain}'
$issuer = '{issuer}'
$configuration = '{graph}/v1.0/domains/{domain}/federationConfiguration'
Connect-MgGraph -TenantId '{tenant}' -Scopes 'Domain.Read.All', 'Domain-InternalFederation.ReadWrite.All', 'Directory.AccessAsUser.All' -UseDeviceCode -NoWelcome
$found = (Invoke-MgGraphRequest -Method GET -Uri $configuration).value | Where-Object {{ $_.issuerUri -eq $issuer }}
if (-not $found) {{ throw "$domain is not federated with ${{issuer}}: nothing was changed." }}
Invoke-MgGraphRequest -Method DELETE -Uri "$configuration/$($found.id)"
(Invoke-MgGraphRequest -Method GET -Uri '{graph}/v1.0/domains/{domain}').authenticationType
"#
    )
}

/// The command for a provider; `id`: of the configuration, once it is known.
fn command(provider: &Provider, issuer: &str, id: &str) -> RollBackCommand {
    let (domain, tenant) = (quoted(&provider.domain), quoted(&tenant(provider)));
    let (graph, issuer) = (quoted(&graph_url(provider)), quoted(issuer));
    let word = check_word(provider, &issuer);
    let known = match id {
        "" => String::new(),
        id => format!(
            "\n# When this was printed, the configuration had the id {}.",
            quoted(id)
        ),
    };
    let about = format!(
        "# Takes the federation of {domain} back, without Provost. Sign in as a global administrator on the initial domain.\n\
         # It deletes the configuration of this issuer and no other. Afterwards everybody of the domain needs a new password.\n\
         # Check word: {word}{known}"
    );
    RollBackCommand {
        check_word: word,
        shell: shell(&domain, &issuer, &tenant, &graph, &about),
        powershell: powershell(&domain, &issuer, &tenant, &graph, &about),
        saved: 0,
        saved_by: String::new(),
    }
}

impl Engine {
    /// The command that takes the federation back without this hub.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn federation_roll_back_command(
        &self,
        workspace: i64,
        name: &str,
        public_url: &str,
    ) -> Result<RollBackCommand> {
        let provider = self.provider_named(workspace, name).await?;
        let key = provider.key;
        let (record, acts) = self
            .db
            .read(move |tx| {
                let acts = federation::acts(tx, key, i64::MAX, ACTS)?;
                Ok::<_, provost_store::Error>((federation::of(tx, key)?, acts))
            })
            .await?;
        let done = acts
            .iter()
            .find(|act| act.act == ActKind::Switch && act.outcome == Outcome::Done)
            .filter(|_| record.state == federation::State::Federated);
        let values = provider_values(public_url, &provider);
        let id = done.map_or("", |act| act.told.as_str());
        let mut found = command(&provider, &values.issuer, id);
        if record.saved_word == found.check_word {
            found.saved = record.saved;
            found.saved_by = record.saved_by;
        }
        Ok(found)
    }

    /// Notes that somebody keeps the command, which the check word that stands in it shows.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-FEDERATION-WORD` for another word; `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn keep_federation_roll_back_command(
        &self,
        workspace: i64,
        name: &str,
        public_url: &str,
        typed: &str,
        actor: &str,
    ) -> Result<()> {
        let found = self
            .federation_roll_back_command(workspace, name, public_url)
            .await?;
        let provider = self.provider_named(workspace, name).await?;
        let result = match typed.trim().eq_ignore_ascii_case(&found.check_word) {
            true => {
                let (who, now) = (actor.to_owned(), self.now());
                self.db
                    .write(move |tx| {
                        federation::save_roll_back_command(tx, &who, now, &provider, &found.check_word)
                    })
                    .await
                    .map_err(Error::from)
            }
            false => Err(Error::refused(
                "PRV-FEDERATION-WORD",
                "that is not the check word of this command",
                "Open what you keep, and type the word that stands in its comment.",
            )),
        };
        self.audited(
            attempt(
                workspace,
                actor,
                "microsoft_365.federation.roll_back_command",
                name,
            ),
            result,
        )
        .await
    }
}

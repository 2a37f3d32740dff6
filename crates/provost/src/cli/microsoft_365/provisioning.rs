//! `provost microsoft-365 provisioning`.

use super::fields;
use crate::cli::connection::{Sources, checks};
use crate::cli::{Place, question};
use crate::clock::{self, End};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::{output, progress};
use anyhow::Result;
use provost_connect::graph::permission::Function;
use provost_sync::Error;
use provost_sync::microsoft_365::{Credentials, FUNCTIONS, FieldLine, ProviderTried};
use serde_json::{Value, json};

/// The stable word for credentials whose test fails.
const TEST: &str = "PRV-CONNECTION-TEST";

/// The application's credentials.
#[derive(Debug, clap::Args)]
pub(crate) struct Provisioning {
    /// The provider
    name: String,
    /// The application (client) id, or an address of the portal that has it
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// The tenant's id, one of its domains, or an address of the portal that has it
    #[arg(long, value_name = "ID")]
    tenant: String,
    #[command(flatten)]
    secrets: Sources,
    /// When the credential ends: a day such as 2027-01-31, or 180d from now; mail is sent in time (`provost notify`)
    #[arg(long, value_name = "TIME")]
    secret_expires: Option<End>,
    /// What the connection is to do: people (always), groups, licences, passwords, sessions, restore; without it, what is
    /// saved stays. One whose right is missing stays off, and the right is named
    #[arg(long, value_name = "FUNCTION", value_delimiter = ',')]
    functions: Option<Vec<String>>,
    /// Try them and save nothing
    #[arg(long)]
    test_only: bool,
}

impl Provisioning {
    /// Tries the credentials, and saves them when every step succeeds.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let credentials = self.credentials()?;
        let found = hub.microsoft_365(&self.name).await?;
        let (engine, workspace) = (hub.engine()?, hub.workspace.key);
        let bar = progress::spinner(&format!("trying the credentials of {}", self.name));
        let tried = if self.test_only {
            engine
                .try_provider_credentials(workspace, &found.name, &credentials)
                .await
        } else {
            engine
                .configure_provider_provisioning(workspace, &found.name, &credentials, &hub::actor())
                .await
        };
        bar.finish_and_clear();
        let tried = match tried {
            Err(Error::Fields(lines)) => return Err(self.refused(lines)),
            // The refusal names the step that failed; the person wants to see how far it came.
            Err(error) if error.code() == Some(TEST) && !place.json => {
                let again = engine
                    .try_provider_credentials(workspace, &found.name, &credentials)
                    .await?;
                question::show(&text(&again));
                return Err(error.into());
            }
            other => other?,
        };
        let mut answer = to_json(&tried);
        answer["saved"] = (!self.test_only).into();
        output::either(place.json, &answer, || self.told(&tried))?;
        match tried.ok() {
            true => Ok(()),
            false => Err(self.failed()),
        }
    }

    /// What was found was shown before.
    fn failed(&self) -> anyhow::Error {
        let hint = "Do what the outcome says, then try again.";
        Failure::new(format!("the credentials of \"{}\" do not work", self.name), hint).into()
    }

    /// Nothing was saved.
    fn refused(&self, lines: Vec<FieldLine>) -> anyhow::Error {
        let sentence = format!(
            "the credentials of \"{}\" cannot be used, so nothing was saved",
            self.name
        );
        fields::refused(sentence, lines)
    }

    fn credentials(&self) -> Result<Credentials> {
        let mut credentials = Credentials {
            client_id: self.client_id.clone(),
            tenant: self.tenant.clone(),
            expires: self.secret_expires.and_then(|end| end.at(clock::now())),
            functions: self.functions.as_deref().map(functions).transpose()?,
            ..Credentials::default()
        };
        for (name, secret) in self.secrets.read()?.into_parts() {
            match name.as_str() {
                "client_secret" => credentials.secret = Some(secret),
                "certificate" => credentials.certificate = Some(secret),
                other => {
                    let hint = "Name it client_secret, or certificate with its key.";
                    return Err(Failure::new(format!("there is no secret \"{other}\""), hint).into());
                }
            }
        }
        Ok(credentials)
    }

    fn told(&self, found: &ProviderTried) -> String {
        let mut parts = vec![text(found)];
        if !found.tenant.is_empty() {
            parts.push(format!("{}: {}", found.tenant, found.domains.join(", ")));
        }
        let name = &self.name;
        match (found.ok(), self.test_only) {
            (false, _) => {}
            (true, true) => parts.push("Everything works; nothing was saved.".to_owned()),
            (true, false) => parts.push(format!(
                "Saved. Nobody is assigned. Next: provost microsoft-365 checklist \"{name}\""
            )),
        }
        parts.join("\n\n")
    }
}

/// The functions of these names.
///
/// # Errors
/// A name that is none of them.
fn functions(names: &[String]) -> Result<Vec<Function>> {
    let known = |name: &String| FUNCTIONS.into_iter().find(|one| one.name() == name);
    let each = names.iter().map(|name| {
        let words: Vec<&str> = FUNCTIONS.iter().map(|one| one.name()).collect();
        let hint = format!("There are: {}.", words.join(", "));
        known(name).ok_or_else(|| Failure::new(format!("there is no function \"{name}\""), hint).into())
    });
    each.collect()
}

/// What was understood of the credentials, and the steps.
fn text(found: &ProviderTried) -> String {
    let mut parts = Vec::new();
    if found.lines.iter().any(|line| !line.sentence.is_empty()) {
        parts.push(fields::text(&found.lines));
    }
    if !found.tried.checks.is_empty() {
        parts.push(checks::text(&found.tried));
    }
    parts.join("\n\n")
}

fn to_json(found: &ProviderTried) -> Value {
    let mut answer = checks::to_json(&found.tried);
    answer["is_ok"] = found.ok().into();
    answer["lines"] = json!(found.lines);
    answer["domains"] = json!(found.domains);
    answer["tenant"] = found.tenant.as_str().into();
    answer["tenant_id"] = json!(found.tenant_id);
    answer["functions"] = json!(found.functions);
    answer["off"] = json!(found.off);
    answer
}

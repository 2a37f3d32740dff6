//! What is pasted for the application: ids and its secret, understood before anything is sent.

use super::draft::FieldLine;
use provost_connect::Secret;
use provost_connect::graph::permission::Function;
use provost_connect::graph::{application, tenant};
use provost_store::microsoft_365::Provider;

/// The code of a setting that cannot be used.
const SETTINGS: &str = "PRV-CONNECT-SETTINGS";
/// The code of a secret that the sign-in service would refuse.
const SECRET_WRONG: &str = "PRV-M365-SECRET-WRONG";

/// How the application signs in to the tenant.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// The application (client) id, or an address of the portal that holds it.
    pub client_id: String,
    /// The tenant id, a domain of the tenant, or an address that holds it.
    pub tenant: String,
    /// The client secret's value; none keeps the one that is saved.
    pub secret: Option<Secret>,
    /// A certificate with its key as PEM, instead of a secret; none keeps the one that is saved.
    pub certificate: Option<Secret>,
    /// When the secret ends, in milliseconds since 1970; none when nobody knows. A certificate says so itself.
    pub expires: Option<i64>,
    /// What the connection is to do; none keeps what is saved. People are always among it.
    pub functions: Option<Vec<Function>>,
}

/// Credentials as they are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Understood {
    pub client_id: String,
    pub tenant: String,
    /// What was understood, and what is wrong.
    pub lines: Vec<FieldLine>,
}

impl Credentials {
    /// Reads what was pasted. Ids that stand in each other's place, and a secret's id in the place of its value, are
    /// known before anything is sent.
    pub(super) fn understand(&self, provider: &Provider) -> Understood {
        let client = application::parse(&self.client_id);
        let tenant = tenant::parse(&self.tenant);
        let mut lines = vec![
            id_line("client_id", "application", &self.client_id, &client),
            id_line("tenant", "tenant", &self.tenant, &tenant.clone().map(|t| t.name)),
        ];
        let (client, tenant) = (
            client.unwrap_or_default(),
            tenant.map(|t| t.name).unwrap_or_default(),
        );
        if let Some(line) = swapped(provider, &client, &tenant) {
            lines.retain(|known| known.field != line.field);
            lines.push(line);
        }
        lines.extend(
            self.secret
                .as_ref()
                .and_then(|secret| id_of_secret(secret.expose())),
        );
        Understood {
            client_id: client,
            tenant,
            lines,
        }
    }

    /// The secrets by the names that the connector knows them by.
    pub(super) fn secrets(&self) -> Vec<(String, Secret)> {
        let named = |name: &str, secret: &Option<Secret>| {
            let given = secret.clone().filter(|secret| !secret.expose().trim().is_empty());
            given.map(|secret| (name.to_owned(), secret))
        };
        let both = [
            named("client_secret", &self.secret),
            named("certificate", &self.certificate),
        ];
        both.into_iter().flatten().collect()
    }
}

fn id_line(field: &'static str, what: &str, entered: &str, read: &Result<String, String>) -> FieldLine {
    match read {
        Ok(id) if id.eq_ignore_ascii_case(entered.trim()) => FieldLine::fine(field),
        Ok(id) => FieldLine::note(field, format!("understood as {id}")),
        Err(reason) => FieldLine::wrong(
            field,
            SETTINGS,
            format!("the {what}'s id cannot be used: {reason}"),
            "Copy it from the overview of the app registration in Entra.",
        ),
    }
}

/// The tenant's id in the place of the application's: the provider knows its tenant, or both are the same.
fn swapped(provider: &Provider, client: &str, tenant: &str) -> Option<FieldLine> {
    let is_tenant = provider.tenant_id.as_deref() == Some(client) || (!client.is_empty() && client == tenant);
    is_tenant.then(|| {
        FieldLine::wrong(
            "client_id",
            SETTINGS,
            "this is the tenant's id, not the application's",
            "The overview of the app registration shows both: \"Application (client) ID\" belongs here, \"Directory (tenant) ID\" \
             in the other field.",
        )
    })
}

/// Entra shows two columns, the value and the secret's id; only the first opens anything, and it is never an id.
fn id_of_secret(secret: &str) -> Option<FieldLine> {
    application::is_id(secret).then(|| {
        FieldLine::wrong(
            "secret",
            SECRET_WRONG,
            "this looks like the secret's id, not its value",
            "Copy the column \"Value\", which Entra shows once; if it is hidden already, make a new secret.",
        )
    })
}

#[cfg(test)]
mod tests;

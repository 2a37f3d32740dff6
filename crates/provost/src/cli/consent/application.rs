//! `provost consent application`: the application that administrators of tenants consent to.

use crate::cli::Place;
use crate::cli::connection::Given;
use crate::cli::setting::FromEnvironment;
use crate::hub::{self, Hub, Purpose};
use crate::output;
use crate::{address, clock};
use anyhow::Result;
use provost_connect::Secret;
use provost_signin::{ApplicationChange, SignIn};
use provost_store::entra_application::{self, EntraApplication, LOGIN, PERMISSIONS};
use provost_store::{Error as Store, Tx};
use serde_json::json;

/// Without an option it is shown.
#[derive(Debug, clap::Args)]
pub(crate) struct Application {
    /// The application (client) id of the registration
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The environment variable that holds the client's secret
    #[arg(long, value_name = "VARIABLE")]
    secret_env: Option<String>,
    /// What is asked for, separated by spaces; all that the registration lists, when it is first set
    #[arg(long, value_name = "PERMISSIONS")]
    permissions: Option<String>,
    /// The sign-in service; that of the public cloud, when it is first set
    #[arg(long, value_name = "URL")]
    login: Option<String>,
    /// Remove it with its secret; recorded tenants stay
    #[arg(long, conflicts_with_all = ["client_id", "secret_env", "permissions", "login"])]
    remove: bool,
}

impl Application {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open_for(place, Purpose::Serve).await?;
        let console = address::of_console(&hub.config.server, hub.config.server.listen);
        let done = match hub.signin(&console) {
            Ok(signin) => self.carry_out(place, &hub, &signin).await,
            Err(error) => Err(error),
        };
        hub.close();
        done
    }

    async fn carry_out(self, place: &Place, hub: &Hub, signin: &SignIn) -> Result<()> {
        let workspace = hub.workspace.key;
        if self.remove {
            let remove =
                move |tx: &mut Tx| entra_application::remove(tx, &hub::actor(), clock::now(), workspace);
            let removed = hub.db.write(remove).await?;
            return output::either(place.json, &json!({"removed": removed}), || match removed {
                true => "The application is removed with its secret. Recorded tenants stay.".to_owned(),
                false => "No application is set.".to_owned(),
            });
        }
        let (before, _) = read(hub).await?;
        if self.is_change() {
            let change = self.change(before)?;
            signin
                .entra_application_set(workspace, &hub::actor(), None, change, clock::now())
                .await?;
        }
        show(place, hub, signin).await
    }

    fn is_change(&self) -> bool {
        let named = [&self.client_id, &self.secret_env, &self.permissions, &self.login];
        named.iter().any(|one| one.is_some())
    }

    /// What stays is what there was.
    fn change(self, before: Option<EntraApplication>) -> Result<ApplicationChange> {
        let kept = before.unwrap_or_else(|| EntraApplication {
            client_id: String::new(),
            login: LOGIN.to_owned(),
            permissions: PERMISSIONS.to_owned(),
            changed: 0,
            actor: String::new(),
        });
        Ok(ApplicationChange {
            client_id: self.client_id.unwrap_or(kept.client_id),
            login: self.login.unwrap_or(kept.login),
            permissions: self.permissions.unwrap_or(kept.permissions),
            client_secret: secret(self.secret_env)?,
        })
    }
}

/// The secret that a variable holds.
fn secret(variable: Option<String>) -> Result<Option<Secret>> {
    let Some(variable) = variable else {
        return Ok(None);
    };
    let from = FromEnvironment {
        name: "client_secret".to_owned(),
        variable,
    };
    let given = Given::read(&[from], None)?.into_parts();
    Ok(given.into_iter().next().map(|(_, secret)| secret))
}

async fn read(hub: &Hub) -> Result<(Option<EntraApplication>, bool)> {
    let workspace = hub.workspace.key;
    let read = move |tx: &mut Tx| {
        let found = entra_application::get(tx, workspace)?;
        Ok::<_, Store>((found, entra_application::has_secret(tx, workspace)?))
    };
    Ok(hub.db.read(read).await?)
}

async fn show(place: &Place, hub: &Hub, signin: &SignIn) -> Result<()> {
    let (found, has_secret) = read(hub).await?;
    let redirect = signin.consent_url();
    let answer = json!({
        "client_id": found.as_ref().map(|one| &one.client_id), "has_secret": has_secret,
        "login": found.as_ref().map_or(LOGIN, |one| &one.login),
        "permissions": found.as_ref().map_or(PERMISSIONS, |one| &one.permissions), "redirect_uri": redirect,
    });
    output::either(place.json, &answer, || match &found {
        None => format!(
            "No application is set. Register one in Microsoft Entra with the redirect address {redirect}, then `provost consent application --client-id ID --secret-env VARIABLE`."
        ),
        Some(one) => format!(
            "Application  {}\nSecret       {}\nPermissions  {}\nSign-in      {}\nRedirect     {redirect}",
            one.client_id,
            if has_secret {
                "kept"
            } else {
                "missing: --secret-env VARIABLE"
            },
            one.permissions,
            one.login
        ),
    })
}

//! `provost signin-provider`: systems that administrators may sign in with.

use super::Place;
use super::setting::FromEnvironment;
use crate::failure::{self, Failure};
use crate::hub::{Hub, Purpose};
use crate::nearest::nearest;
use crate::output::{self, Table};
use crate::{address, ask, clock, progress};
use anyhow::Result;
use provost_connect::Secret;
use provost_signin::{Actor, NewProvider, ProviderEdit, SignIn};
use provost_store::signin_provider::SigninProvider;
use serde_json::{Value, json};

/// Systems by which administrators may sign in, with OpenID Connect. Who somebody is there, they tie to their account
/// themselves, on their account page.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Provider {
    /// Add one, once it has described itself
    Add {
        /// What the sign-in page calls it
        name: String,
        /// Its issuer, exactly as it calls itself, such as https://login.microsoftonline.com/TENANT/v2.0
        #[arg(long, value_name = "URL")]
        issuer: String,
        /// What it calls this installation
        #[arg(long, value_name = "ID")]
        client_id: String,
        /// The environment variable that holds the client's secret; without it, a public client
        #[arg(long, value_name = "VARIABLE")]
        secret_env: Option<String>,
    },
    /// List them
    List,
    /// Change one, or switch it on or off
    Set {
        /// Its name
        name: String,
        /// Its new name
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
        /// What it calls this installation
        #[arg(long, value_name = "ID")]
        client_id: Option<String>,
        /// The environment variable that holds the client's new secret
        #[arg(long, value_name = "VARIABLE")]
        secret_env: Option<String>,
        /// Offer it on the sign-in page
        #[arg(long, conflicts_with = "off")]
        on: bool,
        /// Neither offer nor answer it; who is tied to it signs in otherwise
        #[arg(long)]
        off: bool,
    },
    /// Remove one with its secret
    Remove {
        /// Its name
        name: String,
        /// Answer the question in advance
        #[arg(long, short = 'y')]
        yes: bool,
    },
}

impl Provider {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open_for(place, Purpose::Serve).await?;
        let console = address::of_console(&hub.config.server, hub.config.server.listen);
        let done = match hub.signin(&console) {
            Ok(signin) => self.carry_out(place, &signin).await,
            Err(error) => Err(error),
        };
        hub.close();
        done
    }

    async fn carry_out(self, place: &Place, signin: &SignIn) -> Result<()> {
        match self {
            Self::Add {
                name,
                issuer,
                client_id,
                secret_env,
            } => {
                let new = NewProvider {
                    name,
                    issuer,
                    client_id,
                    client_secret: secret(secret_env)?,
                };
                add(place, signin, new).await
            }
            Self::List => list(place, signin).await,
            Self::Set {
                name,
                rename,
                client_id,
                secret_env,
                on,
                off,
            } => {
                let edit = ProviderEdit {
                    name: rename,
                    client_id,
                    client_secret: secret(secret_env)?,
                    enabled: (on || off).then_some(on),
                };
                set(place, signin, &name, edit).await
            }
            Self::Remove { name, yes } => remove(place, signin, &name, yes).await,
        }
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
    let given = super::connection::Given::read(&[from], None)?.into_parts();
    Ok(given.into_iter().next().map(|(_, secret)| secret))
}

async fn add(place: &Place, signin: &SignIn, new: NewProvider) -> Result<()> {
    let spinner = progress::spinner(&format!("asking {}", new.issuer));
    let added = signin.provider_add(Actor::Command, new, clock::now()).await;
    spinner.finish_and_clear();
    let added = added?;
    let callback = signin.callback_url();
    let mut answer = row(&added);
    answer["redirect_uri"] = json!(callback);
    output::either(place.json, &answer, || {
        format!(
            "\"{}\" is on the sign-in page.\nEnter this redirect address there: {callback}",
            added.name
        )
    })
}

async fn list(place: &Place, signin: &SignIn) -> Result<()> {
    let all = signin.providers().await?;
    let rows: Vec<Value> = all.iter().map(row).collect();
    output::either(place.json, &json!({"signin_providers": rows}), || {
        let mut table = Table::new(["name", "state", "issuer", "client id", "added"]);
        for one in &all {
            table.row([
                one.name.clone(),
                state(one).to_owned(),
                one.issuer.clone(),
                one.client_id.clone(),
                clock::text(one.created),
            ]);
        }
        table.text_or(
            "Administrators sign in here alone. `provost signin-provider add NAME` adds another system.",
        )
    })
}

fn state(one: &SigninProvider) -> &'static str {
    if one.enabled { "on" } else { "off" }
}

fn row(one: &SigninProvider) -> Value {
    json!({
        "key": one.key, "name": one.name, "issuer": one.issuer, "client_id": one.client_id, "state": state(one),
        "created": clock::text(one.created),
    })
}

async fn set(place: &Place, signin: &SignIn, name: &str, edit: ProviderEdit) -> Result<()> {
    let nothing = edit.name.is_none()
        && edit.client_id.is_none()
        && edit.client_secret.is_none()
        && edit.enabled.is_none();
    if nothing {
        let hint = "Name what changes: --rename, --client-id, --secret-env, --on or --off.";
        let wrong = Failure::new("nothing to change was named", hint);
        return Err(wrong.with_status(failure::USAGE).into());
    }
    let key = find(signin, name).await?.key;
    let after = signin
        .provider_edit(Actor::Command, key, edit, clock::now())
        .await?;
    output::either(place.json, &row(&after), || {
        format!(
            "\"{}\" is {} now, with the client id {}.",
            after.name,
            state(&after),
            after.client_id
        )
    })
}

async fn remove(place: &Place, signin: &SignIn, name: &str, yes: bool) -> Result<()> {
    let found = find(signin, name).await?;
    let question = format!(
        "Remove \"{}\"? Who signs in with it has to sign in otherwise.",
        found.name
    );
    ask::agree(&question, yes)?;
    signin
        .provider_remove(Actor::Command, found.key, clock::now())
        .await?;
    output::either(place.json, &json!({"name": found.name, "removed": true}), || {
        format!("\"{}\" is removed.", found.name)
    })
}

async fn find(signin: &SignIn, name: &str) -> Result<SigninProvider> {
    let all = signin.providers().await?;
    let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
    all.into_iter().find(|one| one.name == name).ok_or_else(|| {
        let list = "`provost signin-provider list` shows all.";
        let hint = match nearest(name, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean \"{meant}\"? {list}"),
            None => list.to_owned(),
        };
        Failure::new(format!("there is no sign-in provider \"{name}\""), hint).into()
    })
}

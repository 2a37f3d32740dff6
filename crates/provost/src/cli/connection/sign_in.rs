//! `provost connection sign-in`: how people sign in to the application behind a connection.

use crate::cli::Place;
use crate::failure::{self, Failure};
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use crate::{address, clock};
use anyhow::{Context as _, Result};
use provost_signin::openid::{Algorithm, Authentication, Change, Openid, Roll, Shown, SigningKey, Subject};
use provost_store::connection::Connection;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Sign-in to the application behind a connection: whoever is in the connection's scope may sign in, nobody else. The
/// application finds everything at the issuer that `show` names.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum SignIn {
    /// Show the settings, what the application needs to know, and the secrets without themselves
    Show {
        /// The connection
        name: String,
    },
    /// Set the sign-in up, or change what is named
    Set(Box<Set>),
    /// Make a secret, shown this once; there are two at most, so that one can take the place of the other
    AddSecret {
        /// The connection
        name: String,
    },
    /// Withdraw a secret: nothing is taken by it from now on
    RemoveSecret {
        /// The connection
        name: String,
        /// The secret's key, from `provost connection sign-in show`
        key: i64,
    },
    /// List who has signed in, newest first
    People {
        /// The connection
        name: String,
        /// Go on after this key
        #[arg(long, value_name = "KEY")]
        after: Option<i64>,
        /// How many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
    },
    /// List the keys that sign the workspace's tokens, or make new ones, which sign a day later
    Keys {
        /// Make a new key for each algorithm
        #[arg(long)]
        roll: bool,
        /// The new keys sign at once, and those before are not published any more: for a key that somebody else has
        #[arg(long, requires = "roll")]
        now: bool,
    },
}

/// What changes of a sign-in.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The connection
    name: String,
    /// Let people sign in
    #[arg(long, conflicts_with = "off")]
    on: bool,
    /// Let nobody sign in, and end what was issued
    #[arg(long)]
    off: bool,
    /// Where browsers may be sent back, in place of those before; several times for several
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<String>,
    /// Where browsers may be sent after signing out, in place of those before
    #[arg(long, value_name = "URL")]
    post_logout_redirect_uri: Vec<String>,
    /// Where the application is told that somebody has signed out; empty for nowhere
    #[arg(long, value_name = "URL")]
    back_channel_logout_uri: Option<String>,
    /// How the application proves that it is itself: secret, private_key_jwt or public
    #[arg(long, value_name = "WAY")]
    authentication: Option<Authentication>,
    /// A file with the application's public keys, as a JSON Web Key Set
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Whether the application has to push its requests: true or false
    #[arg(long, value_name = "BOOL")]
    require_par: Option<bool>,
    /// By what ID tokens are signed: RS256 or ES256
    #[arg(long, value_name = "NAME")]
    algorithm: Option<Algorithm>,
    /// What people are called there: public or pairwise; another one gives everybody another name there
    #[arg(long, value_name = "KIND")]
    subject: Option<Subject>,
    /// Where people begin to use it: their own page leads there; empty for nowhere
    #[arg(long, value_name = "URL")]
    home: Option<String>,
}

impl Set {
    fn change(self) -> Result<Change> {
        let jwks = self
            .jwks
            .map(|path| -> Result<Value> {
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
            })
            .transpose()?;
        let some = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
        let change = Change {
            enabled: (self.on || self.off).then_some(self.on),
            authentication: self.authentication,
            jwks,
            redirect_uris: some(self.redirect_uri),
            post_logout_redirect_uris: some(self.post_logout_redirect_uri),
            back_channel_logout_uri: self.back_channel_logout_uri,
            require_par: self.require_par,
            algorithm: self.algorithm,
            subject: self.subject,
            home: self.home,
        };
        if change == Change::default() {
            let hint = "Name what changes, such as --redirect-uri URL --on.";
            let wrong = Failure::new("nothing to change was named", hint);
            return Err(wrong.with_status(failure::USAGE).into());
        }
        Ok(change)
    }
}

impl SignIn {
    /// Runs the command.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let console = address::of_console(&hub.config.server, hub.config.server.listen);
        let provider = hub.signin(&console)?.openid(provost_sync::is_meant);
        let (actor, now) = (hub::actor(), clock::now());
        match self {
            Self::Show { name } => show(place, &provider, &hub.connection(&name).await?).await,
            Self::Set(set) => {
                let connection = hub.connection(&set.name).await?;
                provider.change(&actor, &connection, set.change()?, now).await?;
                show(place, &provider, &connection).await
            }
            Self::AddSecret { name } => {
                let connection = hub.connection(&name).await?;
                let (made, text) = provider.add_secret(&actor, &connection, now).await?;
                output::either(place.json, &json!({"key": made.key, "secret": text}), || {
                    format!("Secret  {text}\nIt is shown this once. Its key is {}.", made.key)
                })
            }
            Self::RemoveSecret { name, key } => {
                let connection = hub.connection(&name).await?;
                provider.remove_secret(&actor, &connection, key, now).await?;
                output::either(place.json, &json!({"removed": key}), || {
                    format!("Nothing is taken by the secret {key} any more.")
                })
            }
            Self::People { name, after, limit } => {
                let connection = hub.connection(&name).await?;
                people(place, &provider, &connection, after, i64::from(limit)).await
            }
            Self::Keys { roll, now: at_once } => {
                let workspace = hub.workspace.key;
                if roll {
                    let how = if at_once { Roll::Now } else { Roll::Orderly };
                    provider.roll(workspace, how, &actor, now).await?;
                }
                keys(place, &provider.keys(workspace).await?)
            }
        }
    }
}

async fn show(place: &Place, provider: &Openid, connection: &Connection) -> Result<()> {
    let shown = provider.shown(connection).await?;
    let answer = row(connection, &shown);
    output::either(place.json, &answer, || {
        let Some(application) = &shown.application else {
            return format!(
                "The sign-in of \"{}\" is not set up. Its issuer will be {}.",
                connection.name, shown.issuer
            );
        };
        let settings = &application.settings;
        let list = |addresses: &[String]| match addresses.is_empty() {
            true => "none".to_owned(),
            false => addresses.join("\n                  "),
        };
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        let secrets: Vec<String> = shown
            .secrets
            .iter()
            .map(|one| {
                format!(
                    "\nSecret            {}, made {}",
                    one.key,
                    clock::text(one.created)
                )
            })
            .collect();
        format!(
            "Sign-in of \"{}\"\nState             {}\nIssuer            {}\nClient id         {}\nProves itself by  {}\n\
             Redirects         {}\nAfter signing out {}\nTold of sign-outs {}\nPushed requests   {}\nID tokens         {}\n\
             People are called {}\nBegins at         {}{}",
            connection.name,
            state(application.enabled),
            shown.issuer,
            application.client_id,
            settings.authentication,
            list(&settings.redirect_uris),
            list(&settings.post_logout_redirect_uris),
            or_none(&settings.back_channel_logout_uri),
            if settings.require_par {
                "demanded"
            } else {
                "possible"
            },
            settings.algorithm,
            settings.subject,
            or_none(&settings.home),
            secrets.concat(),
        )
    })
}

fn state(enabled: bool) -> &'static str {
    if enabled { "on" } else { "off" }
}

fn row(connection: &Connection, shown: &Shown) -> Value {
    let secrets: Vec<Value> = shown
        .secrets
        .iter()
        .map(|one| {
            let used = one.last_used.map(clock::text);
            json!({"key": one.key, "actor": one.actor, "created": clock::text(one.created), "last_used": used})
        })
        .collect();
    let application = shown.application.as_ref();
    let mut row = json!({
        "connection": connection.name, "is_set_up": application.is_some(), "issuer": shown.issuer,
        "enabled": application.is_some_and(|one| one.enabled),
        "client_id": application.map(|one| one.client_id.clone()), "secrets": secrets,
    });
    let settings = application.map(|one| json!(one.settings));
    if let (Some(row), Some(Value::Object(settings))) = (row.as_object_mut(), settings) {
        row.extend(settings);
    }
    row
}

async fn people(
    place: &Place,
    provider: &Openid,
    connection: &Connection,
    after: Option<i64>,
    limit: i64,
) -> Result<()> {
    let sighted = provider.entries(connection, after, limit).await?;
    let rows: Vec<Value> = sighted
        .lines
        .iter()
        .map(|one| {
            json!({
                "key": one.entry.key, "id": one.id, "label": one.label, "scope": one.entry.scope,
                "created": clock::text(one.entry.created), "last_used": clock::text(one.entry.last_used),
                "expires": clock::text(one.entry.expires), "ended": one.entry.ended.map(clock::text),
                "why": one.entry.why,
            })
        })
        .collect();
    output::either(place.json, &json!({"people": rows, "next": sighted.next}), || {
        let mut table = Table::new(["key", "person", "signed in", "last used", "ended"]);
        for one in &sighted.lines {
            table.row([
                one.entry.key.to_string(),
                one.label.clone(),
                clock::text(one.entry.created),
                clock::text(one.entry.last_used),
                one.entry.ended.map_or_else(String::new, |at| {
                    format!("{} ({})", clock::text(at), one.entry.why)
                }),
            ]);
        }
        table.text_or("Nobody has signed in yet.")
    })
}

fn keys(place: &Place, keys: &[SigningKey]) -> Result<()> {
    let rows: Vec<Value> = keys
        .iter()
        .map(|one| {
            json!({
                "kid": one.kid, "algorithm": one.algorithm, "created": clock::text(one.created),
                "begins": clock::text(one.begins), "ends": one.ends.map(clock::text),
            })
        })
        .collect();
    output::either(place.json, &json!({"signing_keys": rows}), || {
        let mut table = Table::new(["kid", "algorithm", "signs from", "published until"]);
        for one in keys {
            table.row([
                one.kid.clone(),
                one.algorithm.to_string(),
                clock::text(one.begins),
                one.ends.map_or_else(String::new, clock::text),
            ]);
        }
        table.text_or("There is no key yet: the first application that asks gets one made.")
    })
}

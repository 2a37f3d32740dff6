//! An opened installation: configuration, database, sealing key, and the workspace that a command works in.

use crate::cli::Place;
use crate::config::{Config, FILE};
use crate::failure::Failure;
use crate::nearest::nearest;
use anyhow::{Context as _, Result};
use provost_connect::http;
use provost_signin::SignIn;
use provost_store::Db;
use provost_store::connection::{self, Connection};
use provost_store::microsoft_365;
use provost_store::provider::{self, Provider};
use provost_store::secret::Key;
use provost_store::workspace::{self, Workspace};
use provost_sync::{Engine, Node};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Threads that read the database in a server.
const SERVER_READERS: usize = 4;
/// Threads that read the database in a single command: a plan looks at two stretches of the directory at a time.
const COMMAND_READERS: usize = 2;

/// Names that a mistyped one is compared with.
const NAMES: i64 = 1_000;

/// An opened installation.
pub(crate) struct Hub {
    /// The data folder.
    pub folder: PathBuf,
    /// Its configuration.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The key that opens stored secrets.
    pub key: Arc<Key>,
    /// The workspace that the command works in.
    pub workspace: Workspace,
}

/// What an installation is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// One command.
    Command,
    /// Many requests at a time.
    Serve,
}

impl Hub {
    /// Opens the installation in the data folder for one command.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened; the hint says how to make one.
    pub async fn open(place: &Place) -> Result<Hub> {
        Self::open_for(place, Purpose::Command).await
    }

    /// Opens the installation in the data folder.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub async fn open_for(place: &Place, purpose: Purpose) -> Result<Hub> {
        let config = Config::read(&place.data().join(FILE))?;
        let key_file = place.data().join(&config.secrets.key_file);
        if !key_file.exists() {
            return Err(no_key(place.data(), &key_file));
        }
        let key = Arc::new(Key::open(&key_file)?);
        let readers = if purpose == Purpose::Serve {
            SERVER_READERS
        } else {
            COMMAND_READERS
        };
        let db = open_database(&config, place.data(), readers)?;
        let workspace = choose_workspace(&db, place.workspace.as_deref(), purpose).await?;
        Ok(Hub {
            folder: place.data().to_owned(),
            config,
            db,
            key,
            workspace,
        })
    }

    /// Closes the database in good order: an SQLite file then holds everything by itself.
    pub fn close(self) {
        self.db.close();
    }

    /// The sign-in of administrators to the console at this address.
    ///
    /// # Errors
    /// When the address is none.
    pub fn signin(&self, console: &str) -> Result<SignIn> {
        let url = console.parse();
        let url = url.with_context(|| format!("the console's address {console} is none"))?;
        let settings = provost_signin::Settings {
            allow_private_network: self.config.signin.allow_private_network,
            ..provost_signin::Settings::new(url)
        };
        Ok(SignIn::new(
            self.db.clone(),
            self.key.clone(),
            settings,
            http::Factory::new(),
        ))
    }

    /// The engine over this installation.
    ///
    /// # Errors
    /// When the data folder cannot be written to.
    pub fn engine(&self) -> Result<Engine> {
        let node = Node::open(&self.folder.join("run"))?;
        Ok(
            Engine::new(self.db.clone(), self.key.clone(), http::Factory::new(), node)
                .with_public_url(self.config.server.public_url.clone()),
        )
    }

    /// The address under which identity providers reach this hub.
    pub fn public_url(&self) -> String {
        match &self.config.server.public_url {
            Some(url) => url.clone(),
            None => format!("http://{}", self.config.server.listen),
        }
    }

    /// The workspace's connection of this name.
    ///
    /// # Errors
    /// When there is none; the hint names the nearest one.
    pub async fn connection(&self, name: &str) -> Result<Connection> {
        let (workspace, wanted) = (self.workspace.key, name.to_owned());
        let (found, all) = self
            .db
            .read(move |tx| {
                let found = connection::by_name(tx, workspace, &wanted)?;
                let all = if found.is_none() {
                    connection::all(tx, workspace)?
                } else {
                    Vec::new()
                };
                Ok::<_, provost_store::Error>((found, all))
            })
            .await?;
        let names = all.iter().map(|one| one.name.as_str());
        found.ok_or_else(|| unknown("connection", name, names, "provost connection list"))
    }

    /// The workspace's Microsoft 365 provider of this name.
    ///
    /// # Errors
    /// When there is none; the hint names the nearest one.
    pub async fn microsoft_365(&self, name: &str) -> Result<microsoft_365::Provider> {
        let (workspace, wanted) = (self.workspace.key, name.to_owned());
        let (found, all) = self
            .db
            .read(move |tx| {
                let found = microsoft_365::by_name(tx, workspace, &wanted)?;
                let all = if found.is_none() {
                    microsoft_365::list(tx, workspace, "", NAMES)?
                } else {
                    Vec::new()
                };
                Ok::<_, provost_store::Error>((found, all))
            })
            .await?;
        let names = all.iter().map(|one| one.name.as_str());
        found.ok_or_else(|| {
            unknown(
                "Microsoft 365 provider",
                name,
                names,
                "provost microsoft-365 list",
            )
        })
    }

    /// The workspace's inbound provider of this name.
    ///
    /// # Errors
    /// When there is none; the hint names the nearest one.
    pub async fn provider(&self, name: &str) -> Result<Provider> {
        let (workspace, wanted) = (self.workspace.key, name.to_owned());
        let (found, all) = self
            .db
            .read(move |tx| {
                let found = provider::by_name(tx, workspace, &wanted)?;
                let all = if found.is_none() {
                    provider::all(tx, workspace)?
                } else {
                    Vec::new()
                };
                Ok::<_, provost_store::Error>((found, all))
            })
            .await?;
        let names = all.iter().map(|one| one.name.as_str());
        found.ok_or_else(|| unknown("inbound provider", name, names, "provost provider list"))
    }
}

/// Opens the database of a configuration.
///
/// # Errors
/// When it cannot be opened, is newer than this program, or would not keep what it acknowledges.
pub(crate) fn open_database(config: &Config, folder: &Path, readers: usize) -> Result<Db> {
    let location = config.database.url.locate(folder)?;
    // The PostgreSQL driver brings a runtime of its own, which does not start inside of ours.
    tokio::task::block_in_place(|| Db::open(&location, readers)).context("cannot open the database")
}

/// Who is named in the audit log for what this command does.
pub(crate) fn actor() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    match user.as_deref().map(str::trim) {
        Ok(user) if !user.is_empty() => format!("command:{user}"),
        _ => "command".to_owned(),
    }
}

/// An object that does not exist, with what was probably meant.
fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>, list: &str) -> anyhow::Error {
    let known: Vec<&str> = known.collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean \"{meant}\"? `{list}` shows all."),
        None if known.is_empty() => format!("There is no {what} yet."),
        None => format!("`{list}` shows what there is."),
    };
    Failure::new(format!("there is no {what} \"{name}\""), hint).into()
}

fn no_key(folder: &Path, key_file: &Path) -> anyhow::Error {
    if folder.join(FILE).exists() {
        let sentence = format!("the key file {} is missing", key_file.display());
        let hint = "Restore it from your backup: without it the stored secrets cannot be opened.";
        return Failure::new(sentence, hint).into();
    }
    let sentence = format!("{} holds no Provost installation", folder.display());
    let hint = "Make one with `provost init`, or name the folder with --data or PROVOST_DATA.";
    Failure::new(sentence, hint).into()
}

async fn choose_workspace(db: &Db, wanted: Option<&str>, purpose: Purpose) -> Result<Workspace> {
    let mut all = db.read(workspace::all).await?;
    let Some(wanted) = wanted else {
        // A server serves all of them.
        if all.len() > 1 && purpose == Purpose::Command {
            let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
            let hint = format!("Choose one with --workspace: {}", names.join(", "));
            return Err(Failure::new("there are several workspaces", hint).into());
        }
        return all.pop().ok_or_else(|| {
            Failure::new(
                "the installation is not complete: it has no workspace",
                "Run `provost init` again.",
            )
            .into()
        });
    };
    let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
    all.into_iter().find(|one| one.name == wanted).ok_or_else(|| {
        let known = names.join(", ");
        let hint = match nearest(wanted, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean \"{meant}\"? There are: {known}"),
            None => format!("There are: {known}. `provost init --workspace NAME` makes another."),
        };
        Failure::new(format!("there is no workspace \"{wanted}\""), hint).into()
    })
}

//! `provost init`.

use super::Place;
use crate::config::{Config, DEFAULT_TEXT, FILE};
use crate::failure::Failure;
use crate::{clock, hub, output};
use anyhow::{Context as _, Result};
use provost_store::Db;
use provost_store::secret::Key;
use provost_store::workspace::{self, Workspace};
use serde_json::json;
use std::io::Write as _;
use std::path::Path;
use uuid::Uuid;

/// The workspace that is made when none is named.
const FIRST_WORKSPACE: &str = "Main";

/// Takes nothing but what every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Init {}

impl Init {
    /// Makes what is missing and says what it made.
    pub async fn run(self, place: &Place) -> Result<()> {
        let installed = install(place.data(), place.workspace.as_deref()).await?;
        let answer = json!({
            "data": place.data(), "workspace": installed.workspace.name, "created": installed.made,
        });
        output::either(place.json, &answer, || installed.text(place.data()))
    }
}

/// What [`install`] found or made.
pub(crate) struct Installed {
    /// The workspace.
    pub workspace: Workspace,
    /// What was not there before.
    pub made: Vec<String>,
}

impl Installed {
    fn text(&self, folder: &Path) -> String {
        let folder = folder.display();
        if self.made.is_empty() {
            return format!("{folder} is complete already; nothing was changed.");
        }
        let made = self.made.join("\n  ");
        format!("Made in {folder}:\n  {made}\nNext: provost provider add NAME, then provost serve.")
    }
}

/// Makes what is missing of an installation: folder, configuration, key, database, workspace. The workspace
/// comes last, so an installation that was interrupted is finished by running this again.
///
/// # Errors
/// When something cannot be made, or the key of a database that is in use is missing.
pub(crate) async fn install(folder: &Path, wanted: Option<&str>) -> Result<Installed> {
    let mut made = Vec::new();
    make_folder(folder)?;
    let path = folder.join(FILE);
    if write_new(&path, DEFAULT_TEXT)? {
        made.push(format!("{FILE:14}the configuration, every key with its default"));
    }
    let config = Config::read(&path)?;
    let key_file = folder.join(&config.secrets.key_file);
    let has_key = key_file.exists();
    let db = hub::open_database(&config, folder, 1)?;
    let all = db.read(workspace::all).await?;
    if !has_key {
        refuse_without_key(&all, &key_file)?;
        let name = config.secrets.key_file.display().to_string();
        made.push(format!(
            "{name:14}the key that seals secrets: back it up, apart from the database"
        ));
    }
    open_key(&key_file)?;
    let found = all
        .iter()
        .find(|one| wanted.is_none_or(|name| name == one.name))
        .cloned();
    let workspace = match found {
        Some(workspace) => workspace,
        None => make_workspace(&db, wanted.unwrap_or(FIRST_WORKSPACE), &mut made).await?,
    };
    db.close();
    Ok(Installed { workspace, made })
}

/// Opens the key, or makes it under another name first: a key file that is there is whole, whenever the
/// process is killed.
fn open_key(key_file: &Path) -> Result<()> {
    if !key_file.exists() {
        let draft = key_file.with_extension("new");
        let _ = std::fs::remove_file(&draft);
        Key::open(&draft)?;
        std::fs::rename(&draft, key_file)
            .with_context(|| format!("cannot make the key file {}", key_file.display()))?;
    }
    Key::open(key_file)?;
    Ok(())
}

fn refuse_without_key(workspaces: &[Workspace], key_file: &Path) -> Result<()> {
    if workspaces.is_empty() {
        return Ok(());
    }
    let sentence = format!(
        "the database is in use, but its key file {} is missing",
        key_file.display()
    );
    let hint = "Restore it from your backup, or copy it from the node that made the database: \
                with a new key the stored secrets could not be opened.";
    Err(Failure::new(sentence, hint).into())
}

async fn make_workspace(db: &Db, name: &str, made: &mut Vec<String>) -> Result<Workspace> {
    if name.trim().is_empty() {
        return Err(Failure::new("a workspace needs a name", "Name it with --workspace.").into());
    }
    let (id, owned) = (Uuid::now_v7(), name.to_owned());
    let workspace = db
        .write(move |tx| workspace::create(tx, &hub::actor(), clock::now(), id, &owned))
        .await?;
    made.push(format!("the workspace {name}"));
    Ok(workspace)
}

/// The folder is for its owner only: the database in it holds personal data.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("cannot make the data folder {}", folder.display()))
}

/// Writes a file unless there is one; says whether it did.
fn write_new(path: &Path, text: &str) -> Result<bool> {
    let opened = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    match opened {
        Ok(mut file) => {
            file.write_all(text.as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
            Ok(true)
        }
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(e).with_context(|| format!("cannot make {}", path.display())),
    }
}

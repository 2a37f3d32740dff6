//! `provost backup restore`: a copy in the place of the database, when everything about it is as it should be.

use crate::cli::{Place, init};
use crate::config::{Config, DEFAULT_TEXT, FILE};
use crate::failure::{BROKEN, Failure};
use crate::{clock, hub, output, progress};
use anyhow::{Context as _, Result};
use provost_store::audit::{self, INSTALLATION, Progress, Step, Verdict};
use provost_store::secret::{self, Key};
use provost_store::workspace::{self, Workspace};
use provost_store::{Db, Location, restore};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Which copy.
#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// The copy, as `provost backup write` has written it
    file: PathBuf,
    /// Put it in the place of the database that is there, which is kept beside it
    #[arg(long)]
    replace: bool,
}

impl Restore {
    /// Checks a draft beside the database, then puts it in place.
    pub(super) async fn run(self, place: &Place) -> Result<()> {
        let folder = place.data();
        let (target, key_file) = where_to(folder)?;
        self.refuse(&target)?;
        let key = open_key(&key_file)?;
        let draft = target.with_extension(format!("restoring-{}", std::process::id()));
        let spinner = progress::spinner("checking the copy");
        let done = self.put(&draft, &target, &key, &key_file).await;
        spinner.finish_and_clear();
        if done.is_err() {
            // What was copied is of no use; there may be none, or not all of them.
            for end in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(format!("{}{end}", draft.display()));
            }
        }
        let done = done?;
        let answer = json!({
            "database": target, "restored": self.file, "workspaces": done.workspaces,
            "audit_rows": done.audit_rows, "kept": done.kept,
        });
        output::either(place.json, &answer, || done.text(&self.file, &target))
    }

    fn refuse(&self, target: &Path) -> Result<()> {
        if !self.file.is_file() {
            let sentence = format!("there is no file {}", self.file.display());
            return Err(Failure::new(sentence, "`provost backup list` shows the copies.").into());
        }
        let same = |path: &Path| path.canonicalize().ok();
        if target.exists() && same(&self.file) == same(target) {
            let sentence = format!("{} is the database itself", target.display());
            return Err(Failure::new(sentence, "Name a copy of it.").into());
        }
        if target.exists() && !self.replace {
            let sentence = format!("there is a database already: {}", target.display());
            let hint = "With --replace the copy takes its place; the old one is kept beside it.";
            return Err(Failure::new(sentence, hint).into());
        }
        Ok(())
    }

    async fn put(&self, draft: &Path, target: &Path, key: &Key, key_file: &Path) -> Result<Done> {
        fs::copy(&self.file, draft)
            .with_context(|| format!("cannot copy {} to {}", self.file.display(), draft.display()))?;
        restore::check(draft).map_err(|e| named(e, draft, &self.file))?;
        // Opened, it is brought up to date; one of a newer version is refused.
        let db = tokio::task::block_in_place(|| Db::open(&Location::Sqlite(draft.to_owned()), 1))?;
        let checked = examine(&db, key, key_file).await;
        let noted = match checked {
            Ok(found) => self.note(&db).await.map(|()| found),
            Err(error) => Err(error),
        };
        db.close();
        let (workspaces, audit_rows) = noted?;
        File::open(draft)
            .and_then(|file| file.sync_all())
            .with_context(|| format!("cannot write {}", draft.display()))?;
        let kept = kept(target);
        let is_kept = restore::put(draft, target, &kept)?;
        Ok(Done {
            workspaces: workspaces.into_iter().map(|one| one.name).collect(),
            audit_rows,
            kept: is_kept.then_some(kept),
        })
    }

    /// The copy tells from now on that it was put in place.
    async fn note(&self, db: &Db) -> Result<()> {
        let (subject, now) = (self.file.display().to_string(), clock::now());
        db.write(move |tx| {
            audit::append_installation(tx, now, &hub::actor(), "backup.restore", &subject, "")
        })
        .await?;
        Ok(())
    }
}

/// What was done.
struct Done {
    workspaces: Vec<String>,
    audit_rows: i64,
    kept: Option<PathBuf>,
}

impl Done {
    fn text(&self, file: &Path, target: &Path) -> String {
        let mut text = format!(
            "{} is the database now, from {}.\nWorkspaces: {}. Audit log: intact, {} rows. The key file opens its secrets.",
            target.display(),
            file.display(),
            self.workspaces.join(", "),
            self.audit_rows
        );
        if let Some(kept) = &self.kept {
            text.push_str(&format!(
                "\nThe one that was there is kept as {}.",
                kept.display()
            ));
        }
        text.push_str(
            "\nNext: start `provost serve`. What was changed since the copy was made is not in it: look at each plan \
             before its connection is switched on, or run a reconcile.",
        );
        text
    }
}

/// The database and the key file of a data folder. The configuration is made when there is none.
fn where_to(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    init::make_folder(folder)?;
    let path = folder.join(FILE);
    if !path.exists() {
        fs::write(&path, DEFAULT_TEXT).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let config = Config::read(&path)?;
    match config.database.url.locate(folder)? {
        Location::Sqlite(target) => Ok((target, folder.join(&config.secrets.key_file))),
        Location::Postgres(_) => {
            let hint = "Restore a PostgreSQL database with its own tools (pg_restore, or psql for a plain dump) into an \
                        empty database while no `provost serve` runs, then check it: provost audit verify --installation.";
            Err(Failure::new(
                "the data of this installation is kept by a PostgreSQL server",
                hint,
            )
            .into())
        }
    }
}

fn open_key(key_file: &Path) -> Result<Key> {
    if !key_file.exists() {
        let sentence = format!("the key file {} is missing", key_file.display());
        let hint = "Put the one there that belongs to the copy, readable by its owner only: without it the secrets in the \
                    copy stay sealed.";
        return Err(Failure::new(sentence, hint).into());
    }
    Ok(Key::open(key_file)?)
}

/// Beside the database: `provost.db.before-20261121-160509`, in UTC; with a number behind it where there is one of
/// this second already.
fn kept(target: &Path) -> PathBuf {
    let stamp = super::stamp(clock::now());
    let named = |end: &str| {
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".before-{stamp}{end}"));
        PathBuf::from(name)
    };
    let numbered = (2..).map(|number| named(&format!("-{number}")));
    std::iter::once(named(""))
        .chain(numbered)
        .find(|name| !name.exists())
        .unwrap_or_else(|| named(""))
}

/// The draft has a name that nobody knows: what is wrong is wrong with the copy.
fn named(error: provost_store::Error, draft: &Path, file: &Path) -> anyhow::Error {
    use provost_store::Error;
    match error {
        Error::Refused { code, sentence, hint } => {
            let sentence = sentence.replace(&draft.display().to_string(), &file.display().to_string());
            Failure::new(format!("{code}: {sentence}"), hint).into()
        }
        other => other.into(),
    }
}

/// Whether the key file opens its secrets and its audit logs hold; answers the workspaces and the rows.
async fn examine(db: &Db, key: &Key, key_file: &Path) -> Result<(Vec<Workspace>, i64)> {
    let sealed = db.read(secret::all).await?;
    let closed = sealed.iter().filter(|one| !one.opens_with(key)).count();
    if closed > 0 {
        let sentence = format!(
            "{} does not open {closed} of the {} secrets in the copy",
            key_file.display(),
            sealed.len()
        );
        let hint = "Put the key file there that was kept with this copy; nothing was changed.";
        return Err(Failure::new(sentence, hint).into());
    }
    let workspaces = db.read(workspace::all).await?;
    let mut rows = intact(db, INSTALLATION, "the installation").await?;
    for one in &workspaces {
        rows += intact(db, one.key, &one.name).await?;
    }
    Ok((workspaces, rows))
}

/// The rows of an audit log that holds.
async fn intact(db: &Db, workspace: i64, name: &str) -> Result<i64> {
    let mut from = Progress::default();
    loop {
        let here = from.clone();
        match db
            .read(move |tx| audit::verify_next(tx, workspace, &here))
            .await?
        {
            Step::Further(next) => from = next,
            Step::Done(Verdict::Intact { rows, .. }) => return Ok(rows),
            Step::Done(Verdict::Broken { position, reason }) => {
                let sentence =
                    format!("the audit log of \"{name}\" in the copy is broken at row {position}: {reason}");
                let hint = "Somebody changed the copy. Take another one; nothing was changed here.";
                return Err(Failure::new(sentence, hint).with_status(BROKEN).into());
            }
        }
    }
}

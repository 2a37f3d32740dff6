//! A copy of the database while it works.

use super::sqlite::{self, Purpose};
use super::{Db, Location, backend::Backend, spawn};
use crate::{Error, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;

/// The folder of copies, beside the database.
const FOLDER: &str = "backups";
/// Bytes of a copy's name.
const LONGEST: usize = 100;

/// A copy that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// When it was finished, in milliseconds since 1970, as the file says.
    pub at: i64,
}

impl Db {
    /// Whether copies can be written: SQLite alone; a PostgreSQL server has tools of its own.
    pub fn has_backups(&self) -> bool {
        matches!(*self.location, Location::Sqlite(_))
    }

    /// Writes a copy of the whole database, as it is at one moment, into the folder `backups` beside it. Others read and
    /// write meanwhile. Secrets in it stay sealed: the key file is needed to use them, and is not in it.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-BACKUP-POSTGRES` on PostgreSQL, `PRV-BACKUP-NAME` for a name that is no plain file name or
    /// is taken; [`Error::Setup`] when the folder or the file cannot be written. Half a copy is not left behind.
    pub async fn backup(&self, name: &str) -> Result<Backup> {
        let folder = self.folder()?;
        check_name(name)?;
        let Location::Sqlite(source) = (*self.location).clone() else {
            return Err(postgres());
        };
        let (target, part) = (folder.join(name), folder.join(format!(".{name}.part")));
        let (reply, answer) = oneshot::channel();
        let thread = spawn("db-backup".into(), move || {
            let written = copy(&source, &folder, &part, &target);
            if written.is_err() {
                // There may be none.
                let _ = fs::remove_file(&part);
            }
            let _ = reply.send(written);
        })?;
        // It ends by itself; the answer says how.
        drop(thread);
        answer.await.map_err(|_| Error::Closed)?
    }

    /// The copies in that folder, the newest first, at most `limit`.
    ///
    /// # Errors
    /// As [`Db::backup`].
    pub fn backups(&self, limit: usize) -> Result<Vec<Backup>> {
        let folder = self.folder()?;
        let Ok(files) = fs::read_dir(&folder) else {
            return Ok(Vec::new());
        };
        let mut found: Vec<Backup> = files
            .filter_map(|file| seen(&file.ok()?.path()))
            .filter(|one| is_copy(&one.path))
            .collect();
        found.sort_unstable_by(|a, b| (b.at, &b.path).cmp(&(a.at, &a.path)));
        found.truncate(limit);
        Ok(found)
    }

    fn folder(&self) -> Result<PathBuf> {
        let Location::Sqlite(source) = &*self.location else {
            return Err(postgres());
        };
        let beside = source.parent().unwrap_or(Path::new("."));
        Ok(beside.join(FOLDER))
    }
}

fn postgres() -> Error {
    Error::refused(
        "PRV-BACKUP-POSTGRES",
        "the data is in a PostgreSQL server, which Provost does not copy",
        "Use pg_dump or the backup of your server, and keep the key file with it.",
    )
}

fn check_name(name: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !name.is_empty() && name.len() <= LONGEST && !name.starts_with('.') && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-BACKUP-NAME",
        "the name of a backup may have letters of A to Z, digits, dots, hyphens and underscores, and does not begin with \
         a dot",
        "Choose another name.",
    ))
}

/// Copies into a file that gets its name when it is whole and on the disk.
fn copy(source: &Path, folder: &Path, part: &Path, target: &Path) -> Result<Backup> {
    make_folder(folder).map_err(|e| cannot(folder, &e))?;
    if target.exists() {
        return Err(Error::refused(
            "PRV-BACKUP-NAME",
            format!("there is a file {} already", target.display()),
            "Choose another name.",
        ));
    }
    // Left over from a process that was killed: whoever is at it now has its own name.
    let _ = fs::remove_file(part);
    let Backend::Sqlite(connection) = sqlite::open(source, Purpose::Checkpoint)? else {
        return Err(postgres());
    };
    let to = part
        .to_str()
        .ok_or_else(|| Error::Setup(format!("{} is no text", part.display())))?;
    connection
        .execute("VACUUM INTO ?1", [to])
        .map_err(sqlite::error)?;
    File::open(part)
        .and_then(|file| file.sync_all())
        .map_err(|e| cannot(part, &e))?;
    fs::rename(part, target).map_err(|e| cannot(target, &e))?;
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(|e| cannot(folder, &e))?;
    seen(target).ok_or_else(|| Error::Setup(format!("{} is gone", target.display())))
}

/// Only who runs Provost reads copies.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Not one that is being written, nor what SQLite puts beside a copy that somebody opens.
fn is_copy(path: &Path) -> bool {
    let name = path.file_name().map_or(&b""[..], |name| name.as_encoded_bytes());
    !name.starts_with(b".") && !name.ends_with(b"-wal") && !name.ends_with(b"-shm")
}

fn seen(path: &Path) -> Option<Backup> {
    let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let since = about
        .modified()
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    Some(Backup {
        path: path.to_owned(),
        bytes: about.len(),
        at: i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
    })
}

fn cannot(path: &Path, error: &std::io::Error) -> Error {
    Error::Setup(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Tx, workspace};

    #[tokio::test]
    async fn a_copy_holds_what_was_written_and_takes_no_name_twice() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&Location::Sqlite(folder.path().join("provost.db")), 1).unwrap();
        let make = |tx: &mut Tx| workspace::create(tx, "test", 1, uuid::Uuid::nil(), "Contoso");
        db.write(make).await.unwrap();
        let written = db.backup("one.db").await.unwrap();
        assert!(written.bytes > 0);
        assert_eq!(db.backups(10).unwrap(), std::slice::from_ref(&written));
        for name in ["one.db", "../two.db", "", ".hidden", "a/b"] {
            let refused = db.backup(name).await.unwrap_err();
            assert_eq!(refused.code(), Some("PRV-BACKUP-NAME"), "{name}");
        }
        let copy = Db::open(&Location::Sqlite(written.path), 1).unwrap();
        let found = copy.read(|tx| workspace::by_name(tx, "Contoso")).await.unwrap();
        assert!(found.is_some());
        assert_eq!(
            db.backups(10).unwrap().len(),
            1,
            "no half copy is left, and an open one is one"
        );
    }
}

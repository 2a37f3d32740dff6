//! This process as a holder of leases.
//!
//! A process that is killed cannot give its leases back. On one machine nobody has to wait for them to run
//! out: each process keeps a locked file in the data folder for as long as it lives, and the operating system
//! unlocks it however the process ends. Whoever can lock another's file knows that its owner is gone.

use crate::{Error, Result};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// A process that runs cycles. Clones are the same node.
#[derive(Clone)]
pub struct Node {
    id: Arc<str>,
    folder: Option<Arc<Path>>,
    _lock: Option<Arc<Presence>>,
}

/// The locked file; removed when the process ends in good order.
struct Presence {
    path: PathBuf,
    _file: File,
}

impl Drop for Presence {
    fn drop(&mut self) {
        // A file that stays behind is unlocked, which says the same.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Node {
    /// A node without a folder: others wait until its leases run out.
    pub fn alone() -> Self {
        Self {
            id: Uuid::now_v7().to_string().into(),
            folder: None,
            _lock: None,
        }
    }

    /// A node whose presence can be seen in `folder` by other processes of the same installation.
    ///
    /// # Errors
    /// [`Error::Node`] when the folder cannot be written to.
    pub fn open(folder: &Path) -> Result<Self> {
        let failed = |e: std::io::Error| Error::Node(format!("cannot write to {}: {e}", folder.display()));
        std::fs::create_dir_all(folder).map_err(failed)?;
        remove_abandoned(folder);
        let id = Uuid::now_v7().to_string();
        let path = file_of(folder, &id);
        let file = File::create_new(&path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(Self {
            id: id.into(),
            folder: Some(folder.into()),
            _lock: Some(Arc::new(Presence { path, _file: file })),
        })
    }

    /// The name under which this node holds leases.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether a holder is known to have ended.
    pub fn is_gone(&self, holder: &str) -> bool {
        let (Some(folder), Ok(_)) = (&self.folder, Uuid::parse_str(holder)) else {
            return false;
        };
        match File::open(file_of(folder, holder)) {
            Ok(file) => is_unlocked(&file),
            // The file was removed by a node that ended, or that found it abandoned.
            Err(e) => e.kind() == std::io::ErrorKind::NotFound && holder != &*self.id,
        }
    }
}

fn file_of(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("node-{id}.lock"))
}

fn is_unlocked(file: &File) -> bool {
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}

/// Removes the files of processes that were killed.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|e| e.path()) {
        let is_ours = path
            .file_name()
            .and_then(|n| n.to_str())
            .is_some_and(|n| n.starts_with("node-") && n.ends_with(".lock"));
        if is_ours && File::open(&path).is_ok_and(|f| is_unlocked(&f)) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_living_node_is_seen_and_an_ended_one_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (
            Node::open(folder.path()).unwrap(),
            Node::open(folder.path()).unwrap(),
        );
        assert!(!one.is_gone(two.id()) && !two.is_gone(one.id()) && !one.is_gone(one.id()));
        let id = two.id().to_owned();
        drop(two);
        assert!(one.is_gone(&id));
        // A killed process leaves its file behind, unlocked.
        let killed = Uuid::now_v7().to_string();
        std::fs::write(file_of(folder.path(), &killed), "").unwrap();
        assert!(one.is_gone(&killed));
    }

    #[test]
    fn without_a_folder_nobody_is_known_to_be_gone() {
        assert!(!Node::alone().is_gone(&Uuid::now_v7().to_string()));
    }
}

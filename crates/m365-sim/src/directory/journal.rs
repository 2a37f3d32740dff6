//! The journal: one line of JSON for every request that changed something.
//!
//! A line is written before its request is answered. When the process is killed in the middle of a line, the rest of
//! that line is missing: it is dropped at the next start, and its request was never answered.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Change, Directory};

const VERSION: u32 = 1;

/// The first line: says what the file is and whose.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    journal: u32,
    tenant_id: String,
}

/// An open journal, positioned at its end.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens or makes the file and replays what it holds into `directory`.
    ///
    /// # Errors
    /// When the file cannot be read or written, belongs to another tenant, or is damaged anywhere but in its last line.
    pub(crate) fn open(path: &Path, tenant_id: &str, directory: &mut Directory) -> io::Result<Journal> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let mut journal = Journal {
            file,
            path: path.to_owned(),
        };
        let sound = journal.replay(tenant_id, directory)?;
        journal.file.set_len(sound)?;
        journal.file.seek(SeekFrom::Start(sound))?;
        if sound == 0 {
            journal.line(&Header {
                journal: VERSION,
                tenant_id: tenant_id.to_owned(),
            })?;
        }
        Ok(journal)
    }

    /// Writes the changes of one request as one line.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        self.line(changes)
    }

    /// Replays all whole lines; answers where the last of them ends.
    fn replay(&mut self, tenant_id: &str, directory: &mut Directory) -> io::Result<u64> {
        let mut reader = BufReader::new(&self.file);
        let mut line = Vec::new();
        let mut sound = 0;
        for number in 1_u64.. {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            if length == 0 || line.last() != Some(&b'\n') {
                break;
            }
            if number == 1 {
                self.check_header(&line, tenant_id)?;
            } else {
                let changes: Vec<Change> = serde_json::from_slice(&line)
                    .map_err(|error| self.damaged(number, &error.to_string()))?;
                changes.into_iter().for_each(|change| directory.apply(change));
            }
            sound += length as u64;
        }
        Ok(sound)
    }

    fn check_header(&self, line: &[u8], tenant_id: &str) -> io::Result<()> {
        let header: Header =
            serde_json::from_slice(line).map_err(|error| self.damaged(1, &error.to_string()))?;
        if header.journal != VERSION {
            return Err(self.damaged(
                1,
                &format!("it has version {}, this program reads {VERSION}", header.journal),
            ));
        }
        if header.tenant_id != tenant_id {
            return Err(self.damaged(
                1,
                &format!("it belongs to tenant {}, not {tenant_id}", header.tenant_id),
            ));
        }
        Ok(())
    }

    fn damaged(&self, line: u64, why: &str) -> io::Error {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "the journal {} cannot be used (line {line}): {why}; move it away to start afresh",
                self.path.display()
            ),
        )
    }

    fn line<T: Serialize + ?Sized>(&mut self, value: &T) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}

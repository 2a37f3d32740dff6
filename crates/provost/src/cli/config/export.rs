//! `provost config export`.

use super::file::File;
use super::render;
use crate::cli::Place;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output;
use anyhow::{Context as _, Result};
use provost_store::config_version;
use provost_store::connection::{self, Connection};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Which connections are written where.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The connection; without one, every connection
    connection: Option<String>,
    /// A folder that gets a file for each connection; without one, the file goes to standard output
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Export {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connections = match &self.connection {
            Some(name) => vec![hub.connection(name).await?],
            None => {
                let workspace = hub.workspace.key;
                hub.db.read(move |tx| connection::all(tx, workspace)).await?
            }
        };
        let mut files = Vec::new();
        for connection in connections {
            files.push(saved(hub, &connection).await?);
        }
        match (&self.folder, files.as_slice()) {
            (Some(folder), files) => write(place, folder, files),
            (None, [file]) if place.json => output::json(file),
            (None, [file]) => output::line(render::toml(file).trim_end()),
            (None, _) => Err(Failure::new(
                "several connections do not go into one file",
                "Name one, or a folder for all of them: --folder DIR.",
            )
            .into()),
        }
    }
}

/// What is saved of a connection.
pub(super) async fn saved(hub: &Hub, connection: &Connection) -> Result<File> {
    let key = connection.key;
    let definition = hub.db.read(move |tx| config_version::current(tx, key)).await?;
    Ok(File::of(connection, definition))
}

fn write(place: &Place, folder: &Path, files: &[File]) -> Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut written: Vec<PathBuf> = Vec::new();
    for file in files {
        let mut path = folder.join(format!("{}.toml", file_name(&file.connection)));
        // Two names may differ only in what a file name cannot hold.
        let mut number = 2;
        while written.contains(&path) {
            path = folder.join(format!("{}-{number}.toml", file_name(&file.connection)));
            number += 1;
        }
        std::fs::write(&path, render::toml(file))
            .with_context(|| format!("cannot write {}", path.display()))?;
        written.push(path);
    }
    output::either(place.json, &json!({"files": written}), || {
        let lines: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        if lines.is_empty() {
            "There is no connection to write.".to_owned()
        } else {
            format!("Written:\n{}", output::indent(&lines.join("\n")))
        }
    })
}

/// The connection's name as a file name: letters and digits, everything else a dash.
fn file_name(name: &str) -> String {
    let dashed: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        "connection".to_owned()
    } else {
        parts.join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        assert_eq!(file_name("Microsoft 365"), "microsoft-365");
        assert_eq!(file_name("../../etc/passwd"), "etc-passwd");
        assert_eq!(file_name("Café / Bar"), "café-bar");
        assert_eq!(file_name("//"), "connection");
    }
}

//! `provost entra`: synchronization schemas of Microsoft Entra.

use super::Place;
use super::change::{self, Confirm};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::{clock, output};
use anyhow::{Context as _, Result};
use provost_engine::import::{self, Import, Problem, Severity};
use provost_store::{foreign_schema, rule};
use provost_sync::Proposal;
use serde_json::json;
use std::path::{Path, PathBuf};

/// The synchronization schema of a Microsoft Entra provisioning job: taken over, and given back.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Entra {
    /// Say what a schema file holds and what of it is not supported; needs no installation
    Check {
        /// The file, from the portal (Review your schema, Download) or from Microsoft Graph
        file: PathBuf,
    },
    /// Make the rules of a connection what a schema file says
    ///
    /// Shows what is not supported, who enters and leaves and what would be written, and asks. What Provost does
    /// not use of the file is kept for `provost entra export`.
    Import {
        /// The connection
        connection: String,
        /// The file
        file: PathBuf,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// Write the rules of a connection as a schema file; what was imported comes back unchanged
    Export {
        /// The connection
        connection: String,
        /// The file to write; without one, standard output
        #[arg(long)]
        file: Option<PathBuf>,
    },
}

impl Entra {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        if let Self::Check { file } = &self {
            return check(place, file);
        }
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::Check { .. } => Ok(()),
            Self::Import {
                connection,
                file,
                confirm,
            } => take_over(place, &hub, &connection, &file, confirm).await,
            Self::Export { connection, file } => export(place, &hub, &connection, file).await,
        };
        hub.close();
        done
    }
}

fn read(path: &Path) -> Result<Import> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    import::parse(&text).map_err(|problems| {
        let sentence = format!("{name} cannot be taken over\n\n{}\n", told(&problems));
        Failure::new(sentence, "Nothing was saved.").into()
    })
}

fn told(problems: &[Problem]) -> String {
    let one = |problem: &Problem| {
        let word = match problem.severity {
            Severity::Unsupported => "not supported",
            Severity::Note => "note",
        };
        format!(
            "{word}: {}: {}\n  {}",
            problem.place, problem.message, problem.hint
        )
    };
    problems.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn check(place: &Place, file: &Path) -> Result<()> {
    let import = read(file)?;
    let answer = json!({"rules": import.rules, "problems": import.problems});
    output::either(place.json, &answer, || summary(&import))
}

fn summary(import: &Import) -> String {
    let rules: Vec<String> = import
        .rules
        .iter()
        .map(|rule| {
            let mappings = output::count(rule.mappings.len() as i64, "mapping", "mappings");
            let filters = output::count(
                rule.scope.filters.len() as i64,
                "scoping filter",
                "scoping filters",
            );
            format!("  \"{}\" ({}): {mappings}, {filters}", rule.name, rule.object)
        })
        .collect();
    let mut parts = vec![format!("The file holds:\n{}", rules.join("\n"))];
    if import.problems.is_empty() {
        parts.push("Everything in it is supported.".to_owned());
    } else {
        parts.push(told(&import.problems));
    }
    parts.join("\n\n")
}

async fn take_over(place: &Place, hub: &Hub, connection: &str, file: &Path, confirm: Confirm) -> Result<()> {
    let connection = hub.connection(connection).await?;
    let import = read(file)?;
    let proposal = Proposal {
        rules: Some(import.rules.clone()),
        ..Proposal::default()
    };
    let preview = change::preview(hub, connection.key, &proposal).await?;
    if !place.json {
        output::line(summary(&import))?;
    }
    change::confirm(&preview, confirm)?;
    let answer = json!({
        "connection": connection.name, "saved": import.rules.iter().map(|rule| &rule.name).collect::<Vec<_>>(),
        "problems": import.problems, "preview": preview,
    });
    let owner = connection.clone();
    let done = hub
        .db
        .write(move |tx| {
            let (actor, now) = (hub::actor(), clock::now());
            rule::replace_all(
                tx,
                &actor,
                now,
                &owner,
                &import.rules,
                "import of a synchronization schema",
            )?;
            foreign_schema::put(tx, &actor, now, &owner, &import.original)
        })
        .await;
    hub.engine()?
        .told_configuration(&connection, &hub::actor(), done)
        .await?;
    output::either(place.json, &answer, || {
        let name = &connection.name;
        format!(
            "The rules of \"{name}\" are those of the file. `provost plan \"{name}\"` shows what the next cycle does."
        )
    })
}

async fn export(place: &Place, hub: &Hub, connection: &str, file: Option<PathBuf>) -> Result<()> {
    let connection = hub.connection(connection).await?;
    let key = connection.key;
    let (rules, original) = hub
        .db
        .read(move |tx| {
            let rules = rule::of_connection(tx, key)?;
            let original = foreign_schema::get(tx, key)?;
            Ok::<_, provost_store::Error>((rules, original))
        })
        .await?;
    let rules: Vec<_> = rules.into_iter().map(|stored| stored.rule).collect();
    let schema = import::export(&rules, original.as_ref().map(|one| &one.definition));
    let Some(path) = file else {
        return output::json(&schema);
    };
    let text = serde_json::to_string_pretty(&schema)? + "\n";
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    let answer = json!({"connection": connection.name, "file": path});
    output::either(place.json, &answer, || format!("Written: {}", path.display()))
}

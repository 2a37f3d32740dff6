//! `provost config diff`, `plan` and `apply`.

use super::difference::{self, Difference};
use super::export::saved;
use super::file::{self, File};
use crate::cli::Place;
use crate::cli::change::{self, Confirm};
use crate::cli::connection::Given;
use crate::cli::setting::FromEnvironment;
use crate::draft::Draft;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_store::connection::{self, Connection};
use provost_sync::{ChangePreview, Proposal};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Which files are compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// Files of connections, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Which file is planned for.
#[derive(Debug, clap::Args)]
pub(crate) struct Plan {
    /// Files of connections, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Which files are applied.
#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    /// Files of connections, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// For a connection that is made: a secret from an environment variable, as name=VARIABLE; repeatable
    #[arg(long, value_name = "NAME=VARIABLE")]
    secret_env: Vec<FromEnvironment>,
    /// Why, for the list of versions
    #[arg(long, default_value = "config apply")]
    note: String,
    #[command(flatten)]
    confirm: Confirm,
}

/// A file beside what is saved under its name.
struct Beside {
    path: PathBuf,
    file: File,
    /// None: there is no such connection yet.
    connection: Option<Connection>,
    differences: Vec<Difference>,
}

async fn beside(hub: &Hub, paths: &[PathBuf]) -> Result<Vec<Beside>> {
    let mut all = Vec::new();
    for path in file::files(paths)? {
        let file = File::read(&path)?;
        let (workspace, name) = (hub.workspace.key, file.connection.clone());
        let connection = hub
            .db
            .read(move |tx| connection::by_name(tx, workspace, &name))
            .await?;
        let before = match &connection {
            Some(connection) => {
                same_connector(&path, &file, connection)?;
                saved(hub, connection).await?.value()
            }
            None => json!({}),
        };
        let differences = difference::between(&before, &file.value());
        all.push(Beside {
            path,
            file,
            connection,
            differences,
        });
    }
    Ok(all)
}

/// Another connector is another target: its links would mean nothing.
fn same_connector(path: &Path, file: &File, connection: &Connection) -> Result<()> {
    if file.connector == connection.connector {
        return Ok(());
    }
    let sentence = format!(
        "{} says the connector {}, but \"{}\" speaks {}",
        path.display(),
        file.connector,
        connection.name,
        connection.connector
    );
    Err(Failure::new(
        sentence,
        "Give the connection of the file another name; it will be made anew.",
    )
    .into())
}

impl Diff {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let all = beside(hub, &self.files).await?;
        let answer: Vec<Value> = all.iter().map(|one| one.value(None)).collect();
        output::either(place.json, &answer, || sections(&all, |_| None))?;
        if all.iter().all(|one| one.differences.is_empty()) {
            return Ok(());
        }
        let hint = "`provost config plan FILE` shows what applying would do.";
        Err(Failure::new("the files differ from what is saved", hint).into())
    }
}

impl Plan {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let all = beside(hub, &self.files).await?;
        let mut previews = Vec::new();
        for one in &all {
            previews.push(one.preview(hub).await?);
        }
        let answer: Vec<Value> = all
            .iter()
            .zip(&previews)
            .map(|(one, p)| one.value(p.as_ref()))
            .collect();
        output::either(place.json, &answer, || {
            let mut previews = previews.iter();
            sections(&all, |_| previews.next()?.as_ref().map(change::text))
        })
    }
}

impl Apply {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let all = beside(hub, &self.files).await?;
        let made = all.iter().filter(|one| one.connection.is_none()).count();
        if made > 1 && !self.secret_env.is_empty() {
            let sentence = "secrets are given for several new connections at once";
            return Err(
                Failure::new(sentence, "Apply the files one by one, each with its own secrets.").into(),
            );
        }
        let mut answer = Vec::new();
        for one in &all {
            let preview = one.preview(hub).await?;
            if let Some(preview) = &preview {
                change::confirm(preview, self.confirm)?;
            }
            let state = self.one(hub, one).await?;
            let mut value = one.value(preview.as_ref());
            value["state"] = json!(state);
            answer.push(value);
        }
        output::either(place.json, &answer, || {
            let lines: Vec<String> = answer
                .iter()
                .map(|one| {
                    format!(
                        "\"{}\": {}",
                        one["connection"].as_str().unwrap_or(""),
                        one["state"].as_str().unwrap_or("")
                    )
                })
                .collect();
            lines.join("\n")
        })
    }

    /// Saves one file; says what became of its connection.
    async fn one(&self, hub: &Hub, one: &Beside) -> Result<&'static str> {
        let connection = match &one.connection {
            Some(_) if one.differences.is_empty() => return Ok("unchanged"),
            Some(connection) => connection.clone(),
            None => self.draft(&one.file)?.save(hub).await?,
        };
        let (definition, note, owner) = (one.file.definition(), self.note.clone(), connection.clone());
        let done = hub
            .db
            .write(move |tx| change::save(tx, &owner, &definition, &note))
            .await;
        let wiped = hub
            .engine()?
            .told_configuration(&connection, &hub::actor(), done)
            .await?;
        Ok(match (&one.connection, wiped) {
            (None, _) => "made",
            (Some(_), false) => "changed",
            (Some(_), true) => {
                "changed; its host is another one: its secrets were wiped, and a connection with links is paused until somebody has looked"
            }
        })
    }

    fn draft(&self, file: &File) -> Result<Draft> {
        Ok(Draft {
            name: file.connection.clone(),
            connector: file.connector.clone(),
            settings: Value::Object(file.settings.clone()),
            preferences: file.preferences.clone(),
            rules: file.rules.clone(),
            secrets: Given::read(&self.secret_env, None)?.into_parts(),
            template: None,
        })
    }
}

impl Beside {
    /// What saving it would do in the target; none for a connection that is made, whose first cycle shows all.
    async fn preview(&self, hub: &Hub) -> Result<Option<ChangePreview>> {
        let Some(connection) = self.connection.as_ref().filter(|_| !self.differences.is_empty()) else {
            return Ok(None);
        };
        let proposal = Proposal {
            rules: Some(self.file.rules.clone()),
            preferences: Some(self.file.preferences.clone()),
            guard: Some(self.file.guard),
            ..Proposal::default()
        };
        Ok(Some(change::preview(hub, connection.key, &proposal).await?))
    }

    fn value(&self, preview: Option<&ChangePreview>) -> Value {
        json!({
            "connection": self.file.connection, "file": self.path, "new": self.connection.is_none(),
            "differences": self.differences, "preview": preview,
        })
    }
}

/// A section for each file, with what `more` has to say about it.
fn sections(all: &[Beside], mut more: impl FnMut(&Beside) -> Option<String>) -> String {
    let mut parts = Vec::new();
    for one in all {
        let name = &one.file.connection;
        let head = match (&one.connection, one.differences.is_empty()) {
            (None, _) => format!(
                "\"{name}\" would be made, with {}.",
                output::count(one.file.rules.len() as i64, "rule", "rules")
            ),
            (Some(_), true) => format!("\"{name}\" is as the file says."),
            (Some(_), false) => format!(
                "\"{name}\" differs:\n{}",
                output::indent(&difference::text(&one.differences))
            ),
        };
        parts.push(head);
        parts.extend(more(one));
    }
    parts.join("\n\n")
}

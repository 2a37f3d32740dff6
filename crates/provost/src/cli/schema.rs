//! `provost schema`: what a workspace keeps of people and groups beyond the standard.

use super::Place;
use crate::excerpt::Excerpt;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::nearest::nearest;
use crate::output::{self, Table};
use crate::{clock, progress};
use anyhow::{Context as _, Result};
use provost_scim::schema::Extension;
use provost_store::extension;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long looking through everybody for values of an extension may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Extensions of the SCIM schema. Every provider of the workspace finds them in `/Schemas`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Schema {
    /// Add an extension, or put another definition in its place
    ///
    /// The file holds one element of a `/Schemas` answer in JSON (id, name, description, attributes) and beside
    /// it `resource`, which is User or Group, and `required`.
    Add {
        /// The JSON file
        file: PathBuf,
    },
    /// List the extensions
    List,
    /// Print an extension's definition, in the form that `add` reads
    Show {
        /// Its URN
        urn: String,
    },
    /// Remove an extension; refused while a person or group has a value of it
    Remove {
        /// Its URN
        urn: String,
    },
}

impl Schema {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Schema::Add { file } => add(place, &hub, &file).await,
            Schema::List => list(place, &hub).await,
            Schema::Show { urn } => show(&hub, &urn).await,
            Schema::Remove { urn } => remove(place, &hub, urn).await,
        };
        hub.close();
        done
    }
}

async fn add(place: &Place, hub: &Hub, file: &Path) -> Result<()> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read the extension {name}"))?;
    let extension = parse(&name, &text)?;
    let (workspace, urn) = (hub.workspace.key, extension.schema.id.clone());
    let resource = extension.resource.clone();
    hub.db
        .write(move |tx| extension::put(tx, &hub::actor(), clock::now(), workspace, &extension))
        .await?;
    output::either(place.json, &json!({"urn": urn, "resource": resource}), || {
        format!(
            "The extension {urn} of {resource} is saved.\nWithin 5 seconds it stands in /Schemas, and providers can send its attributes."
        )
    })
}

/// Reads a definition; a mistake in the JSON is shown at its place.
fn parse(name: &str, text: &str) -> Result<Extension> {
    let hint = "Nothing was saved. Correct the file and run the command again.";
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let at = Excerpt::offset(text, error.line(), error.column());
        let excerpt = Excerpt {
            name,
            text,
            span: at..at + 1,
        };
        Failure::new(
            format!("the extension {name} is not JSON: {error}\n{excerpt}"),
            hint,
        )
    })?;
    let wrong = |error: provost_scim::Error| {
        Failure::new(
            format!("the extension in {name} cannot be used: {}", error.detail),
            hint,
        )
    };
    Ok(Extension::parse(&value).map_err(wrong)?)
}

async fn all(hub: &Hub) -> Result<Vec<Extension>> {
    let workspace = hub.workspace.key;
    Ok(hub.db.read(move |tx| extension::all(tx, workspace)).await?)
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let all = all(hub).await?;
    let answer: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({
                "urn": one.schema.id, "resource": one.resource, "required": one.required,
                "attributes": one.schema.attributes.len(),
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["urn", "of", "required", "attributes"]);
        for one in &all {
            table.row([
                one.schema.id.clone(),
                one.resource.clone(),
                if one.required { "yes" } else { "no" }.to_owned(),
                one.schema.attributes.len().to_string(),
            ]);
        }
        table.text_or("No extension yet. `provost schema add FILE` adds one.")
    })
}

async fn show(hub: &Hub, urn: &str) -> Result<()> {
    let all = all(hub).await?;
    match all.iter().find(|one| one.schema.id.eq_ignore_ascii_case(urn)) {
        Some(found) => output::json(&found.to_json()),
        None => Err(unknown(urn, &all)),
    }
}

async fn remove(place: &Place, hub: &Hub, urn: String) -> Result<()> {
    let workspace = hub.workspace.key;
    let bar = progress::spinner("looking for values of the extension");
    let wanted = urn.clone();
    let unused = hub
        .db
        .read_within(PATIENCE, move |tx| extension::unused(tx, workspace, &wanted))
        .await;
    bar.finish_and_clear();
    let (unused, wanted) = (unused?, urn.clone());
    let done = hub
        .db
        .write(move |tx| extension::remove(tx, &hub::actor(), clock::now(), workspace, &wanted, &unused))
        .await?;
    if !done {
        return Err(unknown(&urn, &all(hub).await?));
    }
    output::either(place.json, &json!({"urn": urn, "removed": true}), || {
        format!("The extension {urn} is removed.")
    })
}

fn unknown(urn: &str, all: &[Extension]) -> anyhow::Error {
    let hint = match nearest(urn, all.iter().map(|one| one.schema.id.as_str())) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "`provost schema list` shows what there is.".to_owned(),
    };
    Failure::new(format!("there is no extension {urn}"), hint).into()
}

//! `provost template`: the applications that connections can begin from.

use super::Place;
use crate::output::{self, Table};
use crate::template::{self, Attribute, Template};
use anyhow::Result;
use provost_connect::scim;
use serde_json::{Value, json};

/// Templates of connections.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Templates {
    /// List them
    List,
    /// Show what an application keeps, and what a connection begins with
    Show {
        /// The template
        #[arg(value_parser = clap::builder::PossibleValuesParser::new(template::names()))]
        name: String,
    },
    /// List the settings of SCIM connections with what they are for
    Settings,
}

impl Templates {
    /// Runs the command.
    pub fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::List => list(place),
            Self::Show { name } => show(place, &name),
            Self::Settings => settings(place),
        }
    }
}

fn list(place: &Place) -> Result<()> {
    let all = template::names()
        .map(|name| Ok((name, Template::named(name)?)))
        .collect::<Result<Vec<_>>>()?;
    let answer: Vec<Value> = all
        .iter()
        .map(|(name, one)| json!({"name": name, "connector": one.connector, "summary": one.summary}))
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["Name", "Connector", "For"]);
        for (name, one) in all {
            table.row([name.to_owned(), one.connector, one.summary]);
        }
        table.text_or("There are no templates.")
    })
}

fn show(place: &Place, name: &str) -> Result<()> {
    let one = Template::named(name)?;
    let answer = json!({
        "name": name, "connector": one.connector, "summary": one.summary, "settings": one.settings,
        "preferences": one.preferences, "attributes": one.attributes, "rules": one.rules,
    });
    output::either(place.json, &answer, || {
        let mut table = Table::new(["Object", "Attribute", "Type", "Required", "Filterable"]);
        for line in &one.attributes {
            table.row(cells(line));
        }
        let rules: Vec<&str> = one.rules.iter().map(|rule| rule.name.as_str()).collect();
        format!(
            "{}\n\n{}\n\nRules: {} (all of it: --json)",
            one.summary,
            table.text_or("It has no attribute table."),
            rules.join(", ")
        )
    })
}

fn cells(line: &Attribute) -> [String; 5] {
    let mark = |set: bool| if set { "yes".to_owned() } else { String::new() };
    let kind = serde_json::to_value(line.kind).unwrap_or_default();
    [
        line.object.to_string(),
        line.name.clone(),
        kind.as_str().unwrap_or_default().to_owned(),
        mark(line.required),
        mark(line.filterable),
    ]
}

fn settings(place: &Place) -> Result<()> {
    let answer: Vec<Value> = scim::SETTINGS
        .iter()
        .map(|one| json!({"name": one.name, "default": one.default, "meaning": one.meaning}))
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["Setting", "Default", "Meaning"]);
        for one in scim::SETTINGS {
            table.row([
                one.name.to_owned(),
                one.default.to_owned(),
                one.meaning.to_owned(),
            ]);
        }
        table.text_or("There are no settings.")
    })
}

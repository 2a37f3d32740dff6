//! `provost attribute`: what a target keeps of people and groups.

use super::Place;
use crate::output::{self, Table};
use crate::template::{self, Template};
use anyhow::Result;
use provost_connect::graph::attribute::{ATTRIBUTES, Attribute as Known, Clear, ValueKind, Writes};
use provost_engine::object::Kind;
use serde_json::{Value, json};

/// Attributes that a mapping can name.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Attribute {
    /// List them: type, limit, who may write them, how they are cleared
    List(List),
}

/// Whose attributes.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(group = clap::ArgGroup::new("of").required(true).args(["template", "connector"]))]
pub(crate) struct List {
    /// Those of an application
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(template::names()))]
    template: Option<String>,
    /// Those of a connector that knows its target; an application that speaks SCIM tells its own
    #[arg(long, value_parser = ["graph"])]
    connector: Option<String>,
    /// Only those whose name, or name elsewhere, has this in it
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// Only those of people, or of groups
    #[arg(long, value_parser = ["person", "group"])]
    object: Option<String>,
    /// With the permission that each needs, what to know about it, and an example
    #[arg(long)]
    notes: bool,
}

impl Attribute {
    /// Runs the command.
    pub fn run(self, place: &Place) -> Result<()> {
        match self {
            Attribute::List(list) => list.run(place),
        }
    }
}

impl List {
    fn run(self, place: &Place) -> Result<()> {
        let template = self.template.as_deref().map(Template::named).transpose()?;
        match template.filter(|template| template.connector != "graph") {
            Some(template) => self.of_template(place, &template),
            None => self.of_graph(place),
        }
    }

    fn wants(&self, kind: Kind, names: &[&str]) -> bool {
        let of_kind = self
            .object
            .as_ref()
            .is_none_or(|wanted| *wanted == kind.to_string());
        let found = self.find.as_ref().is_none_or(|text| {
            let text = text.to_lowercase();
            names.iter().any(|name| name.to_lowercase().contains(&text))
        });
        of_kind && found
    }

    fn of_graph(&self, place: &Place) -> Result<()> {
        let all: Vec<&Known> = ATTRIBUTES
            .iter()
            .filter(|one| {
                let names: Vec<&str> = one
                    .aliases
                    .iter()
                    .copied()
                    .chain(one.pingone)
                    .chain([one.name])
                    .collect();
                self.wants(one.kind, &names)
            })
            .collect();
        output::either(place.json, &all, || match self.notes {
            true => all.iter().map(|one| notes(one)).collect::<Vec<_>>().join("\n\n"),
            false => table(&all),
        })
    }

    fn of_template(&self, place: &Place, template: &Template) -> Result<()> {
        let attributes = template.attributes.iter();
        let all: Vec<_> = attributes
            .filter(|one| self.wants(one.object, &[&one.name]))
            .collect();
        output::either(place.json, &all, || {
            let mut table = Table::new(["object", "attribute", "type", "required", "most", "written"]);
            for one in &all {
                table.row([
                    one.object.to_string(),
                    one.name.clone(),
                    word(&json!(one.kind)),
                    mark(one.required),
                    one.max.map(|most| most.to_string()).unwrap_or_default(),
                    if one.create_only {
                        "create only"
                    } else {
                        "create, update"
                    }
                    .to_owned(),
                ]);
            }
            table.text_or("None.")
        })
    }
}

fn table(all: &[&Known]) -> String {
    let mut table = Table::new([
        "object",
        "attribute",
        "in PingOne",
        "type",
        "most",
        "written",
        "cleared",
    ]);
    for one in all {
        let required = if one.required { " (required)" } else { "" };
        table.row([
            one.kind.to_string(),
            format!("{}{required}", one.name),
            one.pingone.unwrap_or_default().to_owned(),
            kind(one.value).to_owned(),
            most(one),
            writes(one.writes).to_owned(),
            clear(one.clear).to_owned(),
        ]);
    }
    table.text_or("None.")
}

fn notes(one: &Known) -> String {
    let mut pairs = vec![("type", kind(one.value).to_owned())];
    let mut add = |name, text: String| {
        if !text.is_empty() {
            pairs.push((name, text));
        }
    };
    add("required", mark(one.required));
    add("most", most(one));
    add("written", writes(one.writes).to_owned());
    add("cleared", clear(one.clear).to_owned());
    add("in PingOne", one.pingone.unwrap_or_default().to_owned());
    add("elsewhere", one.aliases.join(", "));
    add("permission", one.permission.join(" or "));
    add("note", one.note.to_owned());
    add("example", one.example.to_owned());
    format!("{} ({})\n{}", one.name, one.kind, output::pairs(&pairs))
}

/// The limits of a value: characters of a text, and how many texts a list may have.
fn most(one: &Known) -> String {
    match (one.max, one.most) {
        (Some(max), Some(most)) => format!("{most} of {max} characters"),
        (Some(max), None) => format!("{max} characters"),
        (None, Some(most)) => most.to_string(),
        (None, None) => String::new(),
    }
}

fn kind(value: ValueKind) -> &'static str {
    match value {
        ValueKind::Text => "text",
        ValueKind::Bool => "true or false",
        ValueKind::List => "list of texts",
        ValueKind::Reference => "another account",
        ValueKind::Licences => "licences",
        ValueKind::Password => "password",
        ValueKind::DateTime => "time",
    }
}

fn writes(writes: Writes) -> &'static str {
    match writes {
        Writes::CreateAndUpdate => "create, update",
        Writes::CreateOnly => "create only",
        Writes::Never => "read only",
    }
}

fn clear(clear: Clear) -> &'static str {
    match clear {
        Clear::Null => "yes",
        Clear::EmptyList => "empty list",
        Clear::Never => "never",
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn mark(set: bool) -> String {
    if set { "yes".to_owned() } else { String::new() }
}

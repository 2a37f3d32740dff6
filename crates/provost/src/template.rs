//! Templates of connections: the rules that most organisations begin with.

use crate::failure::Failure;
use anyhow::{Context as _, Result};
use provost_connect::graph::attribute::{ATTRIBUTES, ValueKind, Writes};
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_scim::schema::AttributeType;
use provost_store::connection::Preferences;
use provost_store::connection_template;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    /// What it is called where people choose it.
    pub title: String,
    /// The connector that its target attributes are for.
    pub connector: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// Settings of the connector that the application is known to need; what is entered wins.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// How such a connection runs, and whom it means.
    #[serde(default)]
    pub preferences: Preferences,
    /// What the application keeps of people and groups, in the order in which it is shown. A template for Microsoft
    /// 365 has none of its own: the connector knows them.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// Its rules: people before groups. An application without groups has none for them.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// A line of a template's attribute table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attribute {
    /// What has it.
    pub object: Kind,
    /// The attribute as mappings name it.
    pub name: String,
    /// The data type of its values; `reference` points at other accounts.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// Whether the application refuses an object without it.
    #[serde(default)]
    pub required: bool,
    /// Whether an object can be recognised by it.
    #[serde(default)]
    pub filterable: bool,
    /// Whether it is written when the object is made, and never again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_only: bool,
    /// Most characters of a text, of each text of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<usize>,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// A value as it could be.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub example: String,
}

/// Every template's name and text.
const TEXTS: [(&str, &str); 4] = [
    ("connecter", include_str!("template/connecter.toml")),
    ("microsoft-365", include_str!("template/microsoft-365.toml")),
    ("peripass", include_str!("template/peripass.toml")),
    ("scim", include_str!("template/scim.toml")),
];

/// The names of all templates.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(name, _)| *name)
}

/// Every template, as the administrators' interface hands it out.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn all() -> Result<Vec<provost_web::Template>> {
    let shown = |name: &str| {
        let template = Template::named(name)?;
        Ok(provost_web::Template {
            name: name.to_owned(),
            title: template.title,
            summary: template.summary,
            connector: template.connector,
            settings: template.settings,
            preferences: template.preferences,
            rules: template.rules,
            attributes: serde_json::to_value(template.attributes)?,
        })
    };
    names().map(shown).collect()
}

impl Template {
    /// What is noted on a connection that begins with it, under this name. An application whose sheet has attributes of
    /// people alone takes no groups.
    pub fn noted(&self, name: &str) -> connection_template::Template {
        let has = |kind: Kind| self.attributes.iter().any(|one| one.object == kind);
        let mut objects = vec![Kind::Person, Kind::Group];
        if !self.attributes.is_empty() {
            objects.retain(|kind| has(*kind));
        }
        connection_template::Template {
            template: name.to_owned(),
            objects,
        }
    }

    /// The template of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Template> {
        let Some((_, text)) = TEXTS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = names().collect();
            let hint = format!("Known templates: {}", known.join(", "));
            return Err(Failure::new(format!("there is no template {name}"), hint).into());
        };
        let mut template: Template =
            toml::from_str(text).with_context(|| format!("the template {name} cannot be read"))?;
        if template.connector == "graph" && template.attributes.is_empty() {
            template.attributes = graph_attributes();
        }
        Ok(template)
    }
}

/// Microsoft 365's attributes that a mapping can write.
fn graph_attributes() -> Vec<Attribute> {
    let writable = ATTRIBUTES.iter().filter(|one| one.writes != Writes::Never);
    writable
        .map(|one| Attribute {
            object: one.kind,
            name: one.name.to_owned(),
            kind: match one.value {
                ValueKind::Bool => AttributeType::Boolean,
                ValueKind::Reference => AttributeType::Reference,
                ValueKind::DateTime => AttributeType::DateTime,
                ValueKind::Text | ValueKind::List | ValueKind::Licences | ValueKind::Password => {
                    AttributeType::String
                }
            },
            required: one.required,
            filterable: one.filterable,
            create_only: one.writes == Writes::CreateOnly,
            max: one.max,
            description: one.note.to_owned(),
            example: one.example.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests;

//! What a target keeps of people and groups, as far as mappings may name it: Microsoft 365 by its connector's table, a
//! SCIM application by the template that the connection was made from, any other by RFC 7643.

use super::sources;
use crate::api::templates::Template;
use crate::texts::text;
use provost_connect::graph::attribute::{ATTRIBUTES, Attribute as Graph, ValueKind, Writes, is_extension};
use provost_engine::mapping::ValueType;
use provost_engine::object::Kind;
use provost_scim::schema::Catalogue;
use serde::Deserialize;

/// A target attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Attribute {
    pub name: String,
    /// The form of its value, a text of the catalogue of texts.
    pub form: &'static str,
    /// The type that a mapping declares for it; none leaves the value's own.
    pub kind: Option<ValueType>,
    pub is_required: bool,
    pub is_create_only: bool,
    pub is_read_only: bool,
    pub is_reference: bool,
    pub is_password: bool,
    /// Whether accounts can be recognised by it; none where only the target knows.
    pub is_filterable: Option<bool>,
    /// Most characters of a text.
    pub most: Option<usize>,
    /// Most values of a list.
    pub values: Option<usize>,
    /// What to know about it; in English.
    pub note: String,
    pub example: String,
}

/// Every attribute of a target for one kind of object.
#[derive(Debug, Clone, Default)]
pub(super) struct Target {
    pub attributes: Vec<Attribute>,
}

impl Target {
    /// Of a connection that was made from this template.
    pub fn of(connector: &str, template: Option<&Template>, kind: Kind) -> Self {
        let attributes = match connector {
            "graph" => ATTRIBUTES
                .iter()
                .filter(|one| one.kind == kind)
                .map(of_graph)
                .collect(),
            _ => {
                let listed = template
                    .map(|template| of_template(template, kind))
                    .unwrap_or_default();
                if listed.is_empty() { standard(kind) } else { listed }
            }
        };
        Self { attributes }
    }

    /// By its name in any letter case.
    pub fn find(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|one| one.name.eq_ignore_ascii_case(name))
    }

    /// By its name; one that is not listed has nothing known about it.
    pub fn find_or_unknown(&self, name: &str) -> Attribute {
        let found = self.find(name).cloned();
        found.unwrap_or_else(|| Attribute {
            name: name.to_owned(),
            form: text("not known"),
            is_password: name.to_ascii_lowercase().ends_with("password"),
            note: unknown(name).to_owned(),
            ..Attribute::default()
        })
    }

    /// Those that must be mapped and are not among these.
    pub fn missing<'a>(&'a self, mapped: &'a [&str]) -> impl Iterator<Item = &'a Attribute> {
        let is_mapped = |name: &str| mapped.iter().any(|one| one.eq_ignore_ascii_case(name));
        self.attributes
            .iter()
            .filter(move |one| one.is_required && !is_mapped(&one.name))
    }
}

fn unknown(name: &str) -> &'static str {
    if is_extension(name) {
        text("An attribute that the organisation has defined itself.")
    } else {
        text("It is in no list of this target: the target decides whether it takes it.")
    }
}

fn of_graph(one: &Graph) -> Attribute {
    let (form, kind) = match one.value {
        ValueKind::Text => (text("text"), None),
        ValueKind::Bool => (text("true or false"), Some(ValueType::Boolean)),
        ValueKind::List => (text("list of texts"), Some(ValueType::Strings)),
        ValueKind::Reference => (text("another account"), None),
        ValueKind::Licences => (text("licences"), None),
        ValueKind::Password => (text("password"), None),
        ValueKind::DateTime => (text("time"), None),
    };
    Attribute {
        name: one.name.to_owned(),
        form,
        kind,
        is_required: one.required,
        is_create_only: one.writes == Writes::CreateOnly,
        is_read_only: one.writes == Writes::Never,
        is_reference: one.value == ValueKind::Reference,
        is_password: one.value == ValueKind::Password,
        is_filterable: Some(one.filterable),
        most: one.max,
        values: one.most,
        note: one.note.to_owned(),
        example: one.example.to_owned(),
    }
}

/// A line of a template's attribute table.
#[derive(Deserialize)]
struct Listed {
    object: Kind,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    filterable: bool,
    #[serde(default)]
    create_only: bool,
    #[serde(default)]
    max: Option<usize>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    example: String,
}

/// Whether the application takes objects of a kind: one whose sheet has attributes of people alone takes no groups.
pub(super) fn takes(template: &Template, kind: Kind) -> bool {
    template.objects().contains(&kind)
}

fn of_template(template: &Template, kind: Kind) -> Vec<Attribute> {
    let listed: Vec<Listed> = Vec::deserialize(&template.attributes).unwrap_or_default();
    let of_kind = listed.into_iter().filter(|one| one.object == kind);
    of_kind
        .map(|one| {
            let (form, kind) = form(&one.kind);
            Attribute {
                form,
                kind,
                is_required: one.required,
                is_create_only: one.create_only,
                is_reference: one.kind == "reference" && one.name != "members",
                is_filterable: Some(one.filterable),
                most: one.max,
                note: one.description,
                example: one.example,
                name: one.name,
                ..Attribute::default()
            }
        })
        .collect()
}

/// What RFC 7643 has: what an application that speaks SCIM may keep.
fn standard(kind: Kind) -> Vec<Attribute> {
    let all = sources::paths(&Catalogue::standard(), kind);
    let writable = all.into_iter().filter(|path| !path.is_read_only);
    writable
        .map(|path| {
            let (form, kind) = form(path.kind);
            Attribute {
                form,
                kind,
                is_required: path.is_required,
                is_password: path.name == "password",
                is_reference: path.name.ends_with("manager.value"),
                note: path.note,
                name: path.name,
                ..Attribute::default()
            }
        })
        .collect()
}

/// A SCIM type for people, and what a mapping declares for it.
fn form(kind: &str) -> (&'static str, Option<ValueType>) {
    match kind {
        "boolean" => (text("true or false"), Some(ValueType::Boolean)),
        "integer" => (text("whole number"), Some(ValueType::Integer)),
        "decimal" => (text("number"), None),
        "dateTime" => (text("time"), None),
        "reference" => (text("another account"), None),
        "complex" => (text("structure"), None),
        _ => (text("text"), None),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use provost_store::connection::Preferences;
    use serde_json::{Map, json};

    #[test]
    fn each_connector_knows_its_attributes() {
        let graph = Target::of("graph", None, Kind::Person);
        let name = graph.find("USERPRINCIPALNAME").unwrap();
        assert!(name.is_required && name.most == Some(113) && name.is_filterable == Some(true));
        let password = graph.find("passwordProfile.password").unwrap();
        assert!(password.is_password && password.is_create_only);
        let rfc = Target::of("scim", None, Kind::Person);
        assert!(rfc.find("userName").unwrap().is_required);
        assert_eq!(rfc.find("active").unwrap().kind, Some(ValueType::Boolean));
        assert!(rfc.find(r#"emails[type eq "work"].value"#).is_some());
        assert!(rfc.find("id").is_none(), "the target gives it");
    }

    #[test]
    fn a_template_stands_over_the_standard() {
        let template = Template {
            name: "x".to_owned(),
            title: "X".to_owned(),
            summary: String::new(),
            connector: "scim".to_owned(),
            settings: Map::new(),
            preferences: Preferences::default(),
            rules: Vec::new(),
            attributes: json!([{"object": "person", "name": "displayName", "type": "string", "required": true}]),
        };
        let target = Target::of("scim", Some(&template), Kind::Person);
        assert_eq!(target.attributes.len(), 1);
        assert_eq!(target.missing(&["userName"]).count(), 1);
        assert_eq!(target.missing(&["displayname"]).count(), 0);
        assert!(takes(&template, Kind::Person) && !takes(&template, Kind::Group));
        let silent = Template {
            attributes: json!([]),
            ..template.clone()
        };
        assert!(takes(&silent, Kind::Group), "without a sheet nothing is known");
        // A template without groups says nothing about them.
        assert!(
            Target::of("scim", Some(&template), Kind::Group)
                .find("displayName")
                .is_some()
        );
    }
}

//! The attribute sheet of a provider: which attributes of people it sends, which of them it must send, and
//! which of them it may filter by. It narrows the schema and never widens it. Attributes that it does not
//! list are accepted and kept, and may be filtered by.

mod template;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::filter::{self, Filter, Tail, ValuePath};
use crate::leniency::{Habits, Leniency};
use crate::path::AttrPath;
use crate::resource::Document;
use crate::schema::{AttributeType, Catalogue, Mutability, ResourceType, Returned, user};

/// Most lines of a sheet.
pub const MAX_LINES: usize = 200;

/// What a provider asks of people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// One line for each attribute, in the order in which they are shown.
    pub attributes: Vec<SheetAttribute>,
}

/// One line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetAttribute {
    /// The attribute as the path of a PATCH: `userName`, `name.givenName`,
    /// `phoneNumbers[type eq "mobile"].value`, `urn:…:User:department`.
    pub name: String,
    /// The data type of its values.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// Whether the provider may look for people by it.
    #[serde(default)]
    pub filterable: bool,
    /// Whether a person must have it.
    #[serde(default)]
    pub required: bool,
}

impl Sheet {
    /// The names of the templates.
    pub const TEMPLATES: &'static [&'static str] = &["connecter", "peripass"];

    /// The sheet of an application that is known: `connecter` or `peripass`.
    #[must_use]
    pub fn template(name: &str) -> Option<Self> {
        match name {
            "connecter" => Some(template::connecter()),
            "peripass" => Some(template::peripass()),
            _ => None,
        }
    }

    /// Reads a sheet: `{"attributes": [{"name": …, "type": …, "filterable": …, "required": …}]}`. Its names
    /// come out in canonical form.
    ///
    /// # Errors
    /// 400 `invalidValue` that names the line: an attribute that people do not have in this workspace, that
    /// only the server writes, or that is listed twice; a type that is not the attribute's; a requirement
    /// that no person could meet; more than [`MAX_LINES`] lines.
    pub fn parse(sheet: &Value, catalogue: &Catalogue) -> Result<Self> {
        let mut sheet: Self = serde_json::from_value(sheet.clone())
            .map_err(|error| Error::invalid_value(format!("the attribute sheet cannot be read: {error}")))?;
        if sheet.attributes.len() > MAX_LINES {
            return Err(Error::invalid_value(format!(
                "an attribute sheet has at most {MAX_LINES} lines"
            )));
        }
        let mut seen: Vec<ValuePath> = Vec::new();
        for line in &mut sheet.attributes {
            let target = checked(line, catalogue.user())?;
            if seen.contains(&target) {
                return Err(wrong(line, "is listed twice"));
            }
            line.name = target.to_string();
            seen.push(target);
        }
        Ok(sheet)
    }

    /// Checks that a person has what the sheet requires. An empty text counts as nothing.
    ///
    /// # Errors
    /// 400 `invalidValue` that names the attribute.
    pub fn check(&self, rt: &ResourceType, document: &Document) -> Result<()> {
        let required = self.attributes.iter().filter(|line| line.required);
        for line in required {
            let has = target(&line.name, rt).is_ok_and(|target| has(rt, document, &target));
            if !has {
                return Err(Error::invalid_value(format!(
                    "{} is required by this provider's attribute sheet",
                    line.name
                )));
            }
        }
        Ok(())
    }

    /// Checks that the provider asks only for people by attributes that the sheet lets it filter by. `id`,
    /// `meta` and `schemas` always do, and so does what the sheet does not list.
    ///
    /// # Errors
    /// 400 `invalidFilter` that names the attribute.
    pub fn check_filter(&self, filter: &Filter) -> Result<()> {
        // The names are canonical, so that the extensions of the workspace are not needed to take them apart.
        let lines: Vec<(Asked, bool)> = self
            .attributes
            .iter()
            .filter_map(|line| {
                Some((
                    Asked::of_target(&target(&line.name, user()).ok()?),
                    line.filterable,
                ))
            })
            .collect();
        let mut asked = Vec::new();
        collect(filter, &mut asked);
        let refused = asked.iter().find(|asked| {
            let mut about = lines.iter().filter(|(line, _)| line.covers(asked)).peekable();
            about.peek().is_some() && !about.any(|(_, filterable)| *filterable)
        });
        match refused {
            None => Ok(()),
            Some(asked) => Err(Error::invalid_filter(format!(
                "{} cannot be filtered by: it is not marked as filterable in this provider's attribute sheet",
                asked.path
            ))),
        }
    }
}

fn wrong(line: &SheetAttribute, problem: &str) -> Error {
    let name: String = line.name.chars().take(120).collect();
    Error::invalid_value(format!("attribute sheet: {name} {problem}"))
}

fn target(name: &str, rt: &ResourceType) -> Result<ValuePath> {
    filter::parse_value_path(name, rt, &Leniency::strict(), &mut Habits::default())
}

/// What a line names, when a sheet may say it.
fn checked(line: &SheetAttribute, rt: &ResourceType) -> Result<ValuePath> {
    let target = target(&line.name, rt).map_err(|error| wrong(line, &format!("is no attribute: {error}")))?;
    let Some(top) = rt.top(&target.path) else {
        return Err(wrong(line, "is not an attribute of people in this workspace"));
    };
    let sub = target.path.sub.as_deref().or(target.sub.as_deref());
    let named = sub.map_or(Some(top), |sub| top.sub_attribute(sub));
    let Some(named) = named else {
        return Err(wrong(line, "is not an attribute of people in this workspace"));
    };
    if target
        .filter
        .as_ref()
        .is_some_and(|filter| !top.multi_valued || filter.unknown_attribute().is_some())
    {
        return Err(wrong(line, "selects by what its elements do not have"));
    }
    if named.kind != line.kind {
        let right = named.kind.as_str();
        return Err(wrong(
            line,
            &format!("is a {right}, not a {}", line.kind.as_str()),
        ));
    }
    let never_kept = named.mutability == Mutability::ReadOnly || named.returned == Returned::Never;
    if top.mutability == Mutability::ReadOnly || never_kept {
        return Err(wrong(
            line,
            "is never sent, or never kept: a sheet cannot ask for it",
        ));
    }
    Ok(target)
}

/// Whether the person has a value where the target points.
fn has(rt: &ResourceType, document: &Document, target: &ValuePath) -> bool {
    let holder = match &target.path.urn {
        Some(urn) => document.get(urn).and_then(Value::as_object),
        None => Some(document),
    };
    let Some(value) = holder.and_then(|holder| holder.get(&target.path.name)) else {
        return false;
    };
    let selected = |element: &&Value| match (&target.filter, rt.top(&target.path)) {
        (Some(filter), Some(top)) => filter.matches_element(top, element),
        (Some(_), None) => false,
        (None, _) => true,
    };
    let elements = match value {
        Value::Array(list) => list.as_slice(),
        single => std::slice::from_ref(single),
    };
    let sub = target.path.sub.as_deref().or(target.sub.as_deref());
    elements.iter().filter(selected).any(|element| match sub {
        Some(sub) => element.get(sub).is_some_and(says_something),
        None => says_something(element),
    })
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    }
}

/// An attribute that a filter asks about, or that a line is about.
struct Asked {
    path: AttrPath,
}

impl Asked {
    fn of_target(target: &ValuePath) -> Self {
        let path = match &target.sub {
            Some(sub) => target.path.with_sub(sub),
            None => target.path.clone(),
        };
        Self { path }
    }

    /// Whether a line is about what is asked: the same attribute, and the same part of it. The whole of an
    /// attribute stands for its `value`.
    fn covers(&self, asked: &Self) -> bool {
        let (line, asked) = (&self.path, &asked.path);
        let part = |path: &AttrPath| path.sub.clone().unwrap_or_else(|| "value".to_owned());
        line.urn == asked.urn && line.name == asked.name && (line.sub.is_none() || part(line) == part(asked))
    }
}

/// Every attribute that the filter asks about, but those that every provider may ask about.
fn collect(filter: &Filter, asked: &mut Vec<Asked>) {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().for_each(|part| collect(part, asked)),
        Filter::Not(inner) => collect(inner, asked),
        Filter::Compare { path, .. } | Filter::Present(path) => ask(path.clone(), asked),
        Filter::Element { path, filter, tail } => {
            if let Some(Tail { sub, .. }) = tail {
                ask(path.with_sub(sub), asked);
            }
            let mut inner = Vec::new();
            collect(filter, &mut inner);
            // What kind of element is meant is no question about the person.
            let parts = inner.into_iter().map(|part| part.path.name);
            for part in parts.filter(|part| !(part == "type" || part == "primary")) {
                ask(path.with_sub(&part), asked);
            }
        }
        Filter::Unknown { .. } => {}
    }
}

fn ask(path: AttrPath, asked: &mut Vec<Asked>) {
    let always = path.urn.is_none() && matches!(path.name.as_str(), "id" | "meta" | "schemas");
    if !always {
        asked.push(Asked { path });
    }
}

#[cfg(test)]
mod tests;

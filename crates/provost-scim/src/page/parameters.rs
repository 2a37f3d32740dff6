//! Reading the parameters of a list request, from an address or from a body.

use serde_json::Value;

use super::{ListQuery, Sort};
use crate::error::{Error, Result};
use crate::filter::{self, Filter};
use crate::leniency::{Habit, Habits, Leniency, Tolerance};
use crate::project::Projection;
use crate::schema::{Catalogue, ResourceType, SEARCH_REQUEST};

impl ListQuery {
    /// Reads the parameters of an address, already decoded. Names are taken in any letter case; unknown
    /// ones are ignored, as the RFC asks (Entra adds flags that way). Habits are counted in `used`.
    ///
    /// # Errors
    /// 400 `invalidFilter` for the filter; 400 `invalidValue` for any other value that cannot be read, for a
    /// parameter that stands twice, and for what only a habit that `leniency` does not tolerate understands.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(
        rt: &ResourceType,
        pairs: impl IntoIterator<Item = (K, V)>,
        leniency: &Leniency,
        used: &mut Habits,
    ) -> Result<Self> {
        Raw::of_address(pairs)?.read(rt, leniency, used)
    }

    /// Reads a `SearchRequest` body (RFC 7644 section 3.4.3). `attributes` and `excludedAttributes` are
    /// arrays, numbers are numbers; by habit both are text as in an address.
    ///
    /// # Errors
    /// As [`ListQuery::from_pairs`]; 400 `invalidSyntax` when the body is not an object, or does not declare
    /// the schema of a search where that is not tolerated.
    pub fn from_search(
        rt: &ResourceType,
        body: &Value,
        leniency: &Leniency,
        used: &mut Habits,
    ) -> Result<Self> {
        Raw::of_body(body, &mut Tolerance::new(leniency, used))?.read(rt, leniency, used)
    }

    /// Reads the parameters of a query over people and groups together (RFC 7644 section 3.4.2.1): the
    /// query for people, and the query for groups. An attribute that one of them lacks has no value there;
    /// one that both lack is a habit, as in a query over one type.
    ///
    /// # Errors
    /// As [`ListQuery::from_pairs`].
    pub fn all_from_pairs<K: AsRef<str>, V: AsRef<str>>(
        catalogue: &Catalogue,
        pairs: impl IntoIterator<Item = (K, V)>,
        leniency: &Leniency,
        used: &mut Habits,
    ) -> Result<[Self; 2]> {
        Raw::of_address(pairs)?.read_all(catalogue, leniency, used)
    }

    /// Reads a `SearchRequest` over people and groups together, see [`ListQuery::all_from_pairs`].
    ///
    /// # Errors
    /// As [`ListQuery::from_search`].
    pub fn all_from_search(
        catalogue: &Catalogue,
        body: &Value,
        leniency: &Leniency,
        used: &mut Habits,
    ) -> Result<[Self; 2]> {
        Raw::of_body(body, &mut Tolerance::new(leniency, used))?.read_all(catalogue, leniency, used)
    }
}

/// The parameters as they came.
#[derive(Default)]
struct Raw {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<i128>,
    count: Option<i128>,
    cursor: Option<String>,
    attributes: Option<String>,
    excluded: Option<String>,
}

impl Raw {
    fn of_address<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self> {
        let mut raw = Self::default();
        for (name, value) in pairs {
            raw.set(name.as_ref(), value.as_ref())?;
        }
        Ok(raw)
    }

    fn of_body(body: &Value, tolerance: &mut Tolerance<'_>) -> Result<Self> {
        let Some(members) = body.as_object() else {
            return Err(Error::invalid_syntax("the body of a search is a JSON object"));
        };
        let mut raw = Self::default();
        let mut declared = false;
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            if name.eq_ignore_ascii_case("schemas") {
                declared = declares_search(value);
            } else {
                raw.set(name, &parameter_text(name, value, tolerance)?)?;
            }
        }
        if declared || tolerance.of(Habit::MissingSchemas) {
            Ok(raw)
        } else {
            Err(Error::invalid_syntax(format!(
                "schemas must contain {SEARCH_REQUEST}"
            )))
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let text = match name.to_ascii_lowercase().as_str() {
            "filter" => &mut self.filter,
            "sortby" => &mut self.sort_by,
            "sortorder" => &mut self.sort_order,
            "cursor" => &mut self.cursor,
            "attributes" => &mut self.attributes,
            "excludedattributes" => &mut self.excluded,
            "startindex" => return set_once(&mut self.start_index, name, whole_number(name, value)?),
            "count" => return set_once(&mut self.count, name, whole_number(name, value)?),
            _ => return Ok(()),
        };
        set_once(text, name, value.to_owned())
    }

    fn read(&self, rt: &ResourceType, leniency: &Leniency, used: &mut Habits) -> Result<ListQuery> {
        let query = self.read_any(rt, leniency, used)?;
        if query.sort.is_none() {
            self.unknown_order(leniency, used)?;
        }
        Ok(query)
    }

    fn read_any(&self, rt: &ResourceType, leniency: &Leniency, used: &mut Habits) -> Result<ListQuery> {
        // What lies beyond 64 bits means the end of the list all the same.
        let clamp = |number: i128, least: u64| u64::try_from(number.max(0)).unwrap_or(u64::MAX).max(least);
        let mut filter = |text: &String| filter::parse(text, rt, leniency, used);
        Ok(ListQuery {
            filter: self.filter.as_ref().map(&mut filter).transpose()?,
            sort: Sort::parse(rt, self.sort_by.as_deref(), self.sort_order.as_deref())?,
            start_index: self.start_index.map_or(1, |number| clamp(number, 1)),
            count: self.count.map(|number| clamp(number, 0)),
            cursor: self.cursor.clone(),
            projection: Projection::parse(rt, self.attributes.as_deref(), self.excluded.as_deref())?,
        })
    }

    /// An order by what nobody has is none: by habit it is passed over.
    fn unknown_order(&self, leniency: &Leniency, used: &mut Habits) -> Result<()> {
        let Some(by) = self.sort_by.as_deref().map(str::trim).filter(|by| !by.is_empty()) else {
            return Ok(());
        };
        if Tolerance::new(leniency, used).of(Habit::UnknownSortAttribute) {
            return Ok(());
        }
        Err(Error::invalid_value(format!(
            "sortBy: {} is not an attribute of these resources",
            shown(by)
        )))
    }

    fn read_all(
        &self,
        catalogue: &Catalogue,
        leniency: &Leniency,
        used: &mut Habits,
    ) -> Result<[ListQuery; 2]> {
        let each = leniency.with(Habit::UnknownFilterAttribute);
        let (mut of_people, mut of_groups) = (Habits::default(), Habits::default());
        let people = self.read_any(catalogue.user(), &each, &mut of_people)?;
        let groups = self.read_any(catalogue.group(), &each, &mut of_groups)?;
        // The two readings are of one text: what both met was met once.
        of_people.at_least(&of_groups);
        of_people.forget(Habit::UnknownFilterAttribute);
        used.merge(&of_people);
        let known =
            |path: &crate::path::AttrPath| catalogue.all().iter().any(|rt| rt.attribute(path).is_some());
        let unknown = people.filter.as_ref().and_then(|filter| stranger(filter, &known));
        if let Some(name) = unknown
            && !Tolerance::new(leniency, used).of(Habit::UnknownFilterAttribute)
        {
            return Err(Error::invalid_filter(format!(
                "{} is not an attribute of people or groups",
                shown(&name)
            )));
        }
        if people.sort.is_none() && groups.sort.is_none() {
            self.unknown_order(leniency, used)?;
        }
        Ok([people, groups])
    }
}

/// The first attribute in the filter that no resource type has.
fn stranger(filter: &Filter, known: &dyn Fn(&crate::path::AttrPath) -> bool) -> Option<String> {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().find_map(|part| stranger(part, known)),
        Filter::Not(inner) => stranger(inner, known),
        Filter::Element { path, .. } | Filter::Unknown { path, .. } => {
            (!known(path)).then(|| path.to_string())
        }
        Filter::Compare { .. } | Filter::Present(_) => None,
    }
}

fn declares_search(schemas: &Value) -> bool {
    let is_search = |urn: &Value| {
        urn.as_str()
            .is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_REQUEST))
    };
    schemas.as_array().is_some_and(|list| list.iter().any(is_search))
}

/// A parameter that stands twice is refused: of two filters, the one that we dropped may have been meant.
fn set_once<T>(place: &mut Option<T>, name: &str, value: T) -> Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::invalid_value(format!(
            "the parameter {} stands twice",
            shown(name)
        ))),
    }
}

fn whole_number(name: &str, value: &str) -> Result<i128> {
    let text = value.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid_value(format!(
            "{} is a whole number, not \"{}\"",
            shown(name),
            shown(value)
        )));
    }
    let beyond = if text.starts_with('-') {
        i128::MIN
    } else {
        i128::MAX
    };
    Ok(text.parse().unwrap_or(beyond))
}

/// What a member of a search body is.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Text,
    Number,
    Names,
}

fn shape(name: &str) -> Option<Shape> {
    Some(match name.to_ascii_lowercase().as_str() {
        "filter" | "sortby" | "sortorder" | "cursor" => Shape::Text,
        "startindex" | "count" => Shape::Number,
        "attributes" | "excludedattributes" => Shape::Names,
        _ => return None,
    })
}

/// The value of a body's member as the text that it would be in an address.
fn parameter_text(name: &str, value: &Value, tolerance: &mut Tolerance<'_>) -> Result<String> {
    let wrong = || Error::invalid_value(format!("{} has a value of the wrong type", shown(name)));
    match (shape(name), value) {
        (None, _) => Ok(String::new()),
        (Some(Shape::Text), Value::String(text)) => Ok(text.clone()),
        (Some(Shape::Number), Value::Number(number)) => Ok(number.to_string()),
        (Some(Shape::Number), Value::String(text)) if tolerance.of(Habit::NumberText) => Ok(text.clone()),
        (Some(Shape::Names), Value::String(text)) if tolerance.of(Habit::CommaList) => Ok(text.clone()),
        (Some(Shape::Names), Value::Array(list)) => {
            let names: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            Ok(names.ok_or_else(wrong)?.join(","))
        }
        (Some(_), _) => Err(wrong()),
    }
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

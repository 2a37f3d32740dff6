//! The query options of a read, checked (Graph documentation, "Use query parameters to customize responses").

use super::filter::{self, Filter};
use super::render::Selection;
use crate::directory::Kind;
use crate::error::{Error, Result};
use crate::message::Request;
use crate::schema::{self, Access};

const DEFAULT_PAGE: usize = 100;
const MAX_PAGE: usize = 999;

/// What a read asks for.
#[derive(Debug)]
pub(crate) struct Options {
    pub selection: Selection,
    pub filter: Option<Filter>,
    pub search: Option<Search>,
    pub order: Option<Order>,
    pub expand: Vec<Expand>,
    pub page: usize,
    /// `@odata.count` is wanted and allowed.
    pub count: bool,
    pub skip_token: Option<String>,
}

/// `$orderby`.
#[derive(Debug)]
pub(crate) struct Order {
    pub property: &'static str,
    pub descending: bool,
}

/// `$search`: a word of the property begins with this text.
#[derive(Debug)]
pub(crate) struct Search {
    pub property: &'static str,
    pub text: String,
}

/// `$expand` of one relation.
#[derive(Debug)]
pub(crate) struct Expand {
    pub relation: &'static str,
    pub selection: Selection,
}

impl Options {
    /// Reads the options of a request about objects of these kinds (several for mixed lists).
    ///
    /// # Errors
    /// 400 `BadRequest` for what cannot be understood, `Request_UnsupportedQuery` for what is not supported, or not
    /// without `ConsistencyLevel: eventual` and `$count=true`.
    pub(crate) fn parse(request: &Request, kinds: &[Kind]) -> Result<Options> {
        let eventual = is_eventual(request);
        let counted = request
            .option("count")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let filter = request.option("filter").map(filter::parse).transpose()?;
        let mut advanced = match &filter {
            Some(filter) => filter::check(filter, kinds)?,
            None => false,
        };
        let order = request
            .option("orderby")
            .map(|text| order(text, kinds))
            .transpose()?;
        advanced |= filter.is_some() && order.is_some();
        if advanced && !(eventual && counted) {
            return Err(Error::unsupported_query(
                "The query needs the header ConsistencyLevel: eventual and the option $count=true.",
            ));
        }
        if request.option("skip").is_some() {
            return Err(Error::unsupported_query(
                "'$skip' is not supported by the service.",
            ));
        }
        Ok(Options {
            selection: select(request.option("select"), kinds)?,
            filter,
            search: request
                .option("search")
                .map(|text| search(text, eventual))
                .transpose()?,
            order,
            expand: expand(request.option("expand"), kinds)?,
            page: page(request.option("top"))?,
            count: counted && eventual,
            skip_token: request.option("skiptoken").map(str::to_owned),
        })
    }
}

/// Whether the client accepts answers that lag behind.
pub(crate) fn is_eventual(request: &Request) -> bool {
    request
        .headers
        .get("consistencylevel")
        .is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
}

/// `$select`. Navigation properties in it are passed over; unknown names are not.
pub(crate) fn select(text: Option<&str>, kinds: &[Kind]) -> Result<Selection> {
    let Some(text) = text else {
        return Ok(Selection::Default);
    };
    let mut names = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if name == "*" {
            return Ok(Selection::Default);
        }
        let found = kinds.iter().find_map(|kind| schema::property(*kind, name));
        let relation = kinds.iter().any(|kind| schema::relations(*kind).contains(&name));
        match found {
            Some(property) => names.push(property.name.to_owned()),
            None if name.starts_with("extension_") => names.push(name.to_owned()),
            None if relation => {}
            None => return Err(unknown_property(name, kinds)),
        }
    }
    Ok(if names.is_empty() {
        Selection::Default
    } else {
        Selection::Names(names)
    })
}

/// Some properties live in another store, which answers for single users only.
pub(crate) fn refuse_elsewhere(selection: &Selection, kinds: &[Kind]) -> Result<()> {
    let Selection::Names(names) = selection else {
        return Ok(());
    };
    let elsewhere = |name: &&String| {
        kinds
            .iter()
            .any(|kind| schema::property(*kind, name).is_some_and(|p| p.access == Access::Delegated))
    };
    match names.iter().find(elsewhere) {
        Some(name) => Err(Error::new(
            501,
            "NotImplemented",
            format!("Property '{name}' cannot be read in a collection."),
        )),
        None => Ok(()),
    }
}

fn unknown_property(name: &str, kinds: &[Kind]) -> Error {
    let type_name = kinds.first().map_or("directoryObject", |kind| kind.type_name());
    Error::malformed(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{type_name}'."
    ))
}

fn page(top: Option<&str>) -> Result<usize> {
    let Some(top) = top else { return Ok(DEFAULT_PAGE) };
    match top.parse::<usize>() {
        Ok(size) if (1..=MAX_PAGE).contains(&size) => Ok(size),
        Ok(_) => Err(Error::unsupported_query(format!(
            "Invalid page size specified: '{top}'. Must be between 1 and {MAX_PAGE} inclusive."
        ))),
        Err(_) => Err(Error::malformed(format!(
            "Invalid value '{top}' for $top query option."
        ))),
    }
}

fn order(text: &str, kinds: &[Kind]) -> Result<Order> {
    let (name, direction) = text.trim().split_once(' ').unwrap_or((text.trim(), "asc"));
    let property = kinds
        .iter()
        .find_map(|kind| schema::property(*kind, name))
        .ok_or_else(|| unknown_property(name, kinds))?;
    if !matches!(
        property.name,
        "displayName" | "userPrincipalName" | "createdDateTime"
    ) {
        return Err(Error::unsupported_query(format!(
            "Sorting by '{name}' is not supported."
        )));
    }
    match direction.trim() {
        "asc" => Ok(Order {
            property: property.name,
            descending: false,
        }),
        "desc" => Ok(Order {
            property: property.name,
            descending: true,
        }),
        other => Err(Error::malformed(format!(
            "'{other}' is not a direction of $orderby."
        ))),
    }
}

fn search(text: &str, eventual: bool) -> Result<Search> {
    if !eventual {
        return Err(Error::unsupported_query(
            "$search needs the header ConsistencyLevel: eventual.",
        ));
    }
    let inner = text
        .trim()
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let (name, text) = inner.and_then(|inner| inner.split_once(':')).ok_or_else(|| {
        Error::malformed("$search has the form \"property:text\", quotation marks included.")
    })?;
    let property = match name {
        "displayName" => "displayName",
        "description" => "description",
        "mail" => "mail",
        "userPrincipalName" => "userPrincipalName",
        "mobilePhone" => "mobilePhone",
        _ => {
            return Err(Error::unsupported_query(format!(
                "Searching in '{name}' is not supported."
            )));
        }
    };
    Ok(Search {
        property,
        text: text.to_lowercase(),
    })
}

/// `$expand=manager($select=id,displayName),memberOf`.
fn expand(text: Option<&str>, kinds: &[Kind]) -> Result<Vec<Expand>> {
    let mut out = Vec::new();
    for item in split_outside_parentheses(text.unwrap_or_default()) {
        let (name, inner) = match item.split_once('(') {
            Some((name, rest)) => (name.trim(), rest.strip_suffix(')')),
            None => (item.trim(), None),
        };
        let relation = kinds
            .iter()
            .flat_map(|kind| schema::relations(*kind))
            .find(|relation| **relation == name)
            .ok_or_else(|| unknown_property(name, kinds))?;
        let selected = inner.and_then(|inner| inner.trim().trim_start_matches('$').strip_prefix("select="));
        out.push(Expand {
            relation,
            selection: select(selected, &[Kind::User, Kind::Group])?,
        });
    }
    Ok(out)
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .filter(|item| !item.trim().is_empty())
    .collect()
}

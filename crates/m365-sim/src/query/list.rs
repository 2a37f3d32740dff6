//! Lists and their pages.
//!
//! Every list of the directory is a set of serials, so a page begins after the last serial of the page before: no page
//! costs more than another. Sorted lists are the exception; they are sorted anew for each page.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::option::{self, Options, Order, Search};
use super::{encoding, token};
use crate::call::Call;
use crate::directory::{Kind, Object, Serial};
use crate::error::{Error, Result};
use crate::message::{Reply, Request};

/// What is listed.
pub(crate) struct List<'a> {
    pub set: &'a BTreeSet<Serial>,
    /// Only objects of this kind; `None`: whatever is there, each with its type.
    pub kind: Option<Kind>,
    /// Objects in the bin, instead of live ones.
    pub binned: bool,
    /// The name after `$metadata#` in the answer.
    pub context: &'a str,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Position {
    /// After this serial.
    #[serde(rename = "a")]
    After(Serial),
    /// After so many of a sorted list.
    #[serde(rename = "o")]
    Offset(usize),
}

impl List<'_> {
    fn kinds(&self) -> &[Kind] {
        self.kind
            .as_ref()
            .map_or(&[Kind::User, Kind::Group], std::slice::from_ref)
    }
}

/// One page of a list.
///
/// # Errors
/// 400 for options that do not work, a page token that is not ours among them.
pub(crate) fn list(call: &Call<'_>, list: &List<'_>) -> Result<Reply> {
    let options = Options::parse(call.request, list.kinds())?;
    option::refuse_elsewhere(&options.selection, list.kinds())?;
    let position = options.skip_token.as_deref().map(position).transpose()?;
    let search = Matches {
        call,
        list,
        options: &options,
        candidates: candidates(call, list, &options),
    };
    let mut body = serde_json::Map::new();
    let context = format!(
        "{}/$metadata#{}{}",
        call.request.base,
        list.context,
        options.selection.suffix()
    );
    body.insert("@odata.context".to_owned(), json!(context));
    if options.count && position.is_none() {
        body.insert("@odata.count".to_owned(), json!(search.all(0).count()));
    }
    let (found, next) = if position.is_none() && call.settings.awkward_pages {
        (
            Vec::new(),
            Some(
                options
                    .order
                    .as_ref()
                    .map_or(Position::After(0), |_| Position::Offset(0)),
            ),
        )
    } else {
        search.page(position)
    };
    if let Some(next) = next {
        body.insert(
            "@odata.nextLink".to_owned(),
            json!(next_link(call.request, &token::seal(&next))),
        );
    }
    let view = call.view();
    let render = |object: &Object| {
        let mut out = view.object(object, &options.selection, list.kind.is_none());
        view.expand(object, &options.expand, &mut out);
        Value::Object(out)
    };
    body.insert("value".to_owned(), found.into_iter().map(render).collect());
    Ok(Reply::json(200, Value::Object(body)))
}

/// The number of objects, as plain text.
///
/// # Errors
/// 400 without the header that all counting needs, or for a filter that does not work.
pub(crate) fn count(call: &Call<'_>, list: &List<'_>) -> Result<Reply> {
    if !option::is_eventual(call.request) {
        return Err(Error::bad_request(
            "$count is not currently supported without the header ConsistencyLevel: eventual.",
        ));
    }
    let mut request = call.request.clone();
    request.options.push(("count".to_owned(), "true".to_owned()));
    let options = Options::parse(&request, list.kinds())?;
    let search = Matches {
        call,
        list,
        options: &options,
        candidates: candidates(call, list, &options),
    };
    Ok(Reply::text(search.all(0).count().to_string()))
}

/// A link to the same list that goes on elsewhere.
pub(crate) fn next_link(request: &Request, token: &str) -> String {
    let options = request.options.iter().filter(|(name, _)| name != "skiptoken");
    let mut link = format!("{}{}?", request.base, request.written_path);
    for (name, value) in options {
        link.push_str(&format!("${name}={}&", encoding::encode(value)));
    }
    link + "$skiptoken=" + token
}

fn position(text: &str) -> Result<Position> {
    token::open(text).ok_or_else(|| {
        Error::new(
            400,
            "Directory_ExpiredPageToken",
            "The specified page token value has expired and can no longer be included in your request.",
        )
    })
}

fn candidates(call: &Call<'_>, list: &List<'_>, options: &Options) -> Option<BTreeSet<Serial>> {
    if list.binned {
        return None; // The indexes hold live objects only.
    }
    options.filter.as_ref()?.candidates(&call.tenant.directory)
}

/// The objects of a list that a request asks for.
struct Matches<'a> {
    call: &'a Call<'a>,
    list: &'a List<'a>,
    options: &'a Options,
    candidates: Option<BTreeSet<Serial>>,
}

impl<'a> Matches<'a> {
    fn all(&'a self, after: Serial) -> Box<dyn Iterator<Item = &'a Object> + 'a> {
        let range = after + 1..;
        let serials: Box<dyn Iterator<Item = &'a Serial> + 'a> = match &self.candidates {
            Some(few) => Box::new(few.range(range).filter(|serial| self.list.set.contains(serial))),
            None => Box::new(self.list.set.range(range)),
        };
        let object = |serial: &Serial| self.call.tenant.directory.object(*serial);
        Box::new(serials.filter_map(object).filter(|object| self.wants(object)))
    }

    fn wants(&self, object: &'a Object) -> bool {
        let in_list = object.deleted.is_some() == self.list.binned
            && self.list.kind.is_none_or(|kind| kind == object.kind)
            && self.call.sees(object);
        let view = self.call.view();
        in_list
            && self
                .options
                .search
                .as_ref()
                .is_none_or(|search| found(object, search))
            && self.options.filter.as_ref().is_none_or(|filter| {
                filter.matches(&|path: &str| -> Cow<'_, Value> { view.value(object, path) })
            })
    }

    fn page(&'a self, position: Option<Position>) -> (Vec<&'a Object>, Option<Position>) {
        let size = self.options.page;
        match (&self.options.order, position) {
            (Some(order), position) => {
                let from = if let Some(Position::Offset(from)) = position {
                    from
                } else {
                    0
                };
                let mut all = self.sorted(order);
                let more = all.len() > from + size;
                let page = all.drain(..).skip(from).take(size).collect();
                (page, more.then_some(Position::Offset(from + size)))
            }
            (None, position) => {
                let after = if let Some(Position::After(after)) = position {
                    after
                } else {
                    0
                };
                let mut page: Vec<&Object> = self.all(after).take(size + 1).collect();
                let more = page.len() > size;
                page.truncate(size);
                let next = page
                    .last()
                    .filter(|_| more)
                    .map(|last| Position::After(last.serial));
                (page, next)
            }
        }
    }

    fn sorted(&'a self, order: &Order) -> Vec<&'a Object> {
        let view = self.call.view();
        let key = |object: &&'a Object| {
            view.value(object, order.property)
                .as_str()
                .unwrap_or_default()
                .to_lowercase()
        };
        let mut all: Vec<&Object> = self.all(0).collect();
        all.sort_by_cached_key(key);
        if order.descending {
            all.reverse();
        }
        all
    }
}

fn found(object: &Object, search: &Search) -> bool {
    let text = object.text(search.property).unwrap_or_default().to_lowercase();
    text.starts_with(&search.text)
        || text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word.starts_with(&search.text))
}

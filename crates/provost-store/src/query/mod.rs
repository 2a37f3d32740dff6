//! Lists of people and groups: SCIM filters over the indexes, in any order, and pages at any position without
//! OFFSET over the whole.
//!
//! A filter is compiled to SQL as far as the indexes reach ([`compile`]): equality on userName, displayName,
//! externalId, id, e-mail address, members and groups, prefixes of userName, activity. Such SQL selects exactly
//! the filter's objects, or more than those; in the second case the rest of the filter is decided in Rust, by
//! the one evaluator of `provost-scim`, row by row and within the read's time limit. So the two databases
//! cannot disagree on what a filter means, and no scan is silent.
//!
//! Without an order a list is in the order of creation, which is the order of the inside keys ([`page`]). An
//! order that an index has is walked in that index ([`ordered`]); any other is worked out in memory
//! ([`sorted`]), for a bounded number of matches.

mod compile;
mod ordered;
mod page;
mod select;
mod sorted;

pub(crate) use ordered::STATEMENTS as ORDERED_STATEMENTS;
pub(crate) use page::STATEMENTS as PAGE_STATEMENTS;

use crate::directory::{Object, Owner, kind_number, kind_of};
use crate::{Error, Result, Tx};
use provost_engine::object::Kind;
use provost_scim::filter::Filter;
use provost_scim::page::{Sort, SortKey};
use provost_scim::schema::Catalogue;
use select::One;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Matches that are sorted in memory at most.
pub const MAX_SORTED: u64 = 200_000;

/// Which objects a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// People or groups.
    One(Kind),
    /// People, then groups; merged when there is an order (RFC 7644 section 3.4.2.1).
    Both,
}

/// Who is meant, people and groups apart: a filter is read with the attributes of one of the two. Everybody
/// where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filters<'a> {
    /// Which people.
    pub people: Option<&'a Filter>,
    /// Which groups.
    pub groups: Option<&'a Filter>,
}

impl<'a> Filters<'a> {
    /// The filter of a list of one kind.
    pub fn of(kind: Kind, filter: Option<&'a Filter>) -> Self {
        match kind {
            Kind::Person => Self {
                people: filter,
                groups: None,
            },
            Kind::Group => Self {
                people: None,
                groups: filter,
            },
        }
    }

    fn get(&self, kind: Kind) -> Option<&'a Filter> {
        match kind {
            Kind::Person => self.people,
            Kind::Group => self.groups,
        }
    }
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// By number (RFC 7644 section 3.4.2.4).
    Index {
        /// 1 is the first object.
        start: u64,
        /// Objects at most; 0 asks for the total only.
        count: u64,
    },
    /// After a remembered position (RFC 9865): no object comes twice and none that was there throughout is
    /// missed, whatever is added or deleted between the pages.
    After {
        /// Where the page before ended; none for the first page.
        position: Option<Position>,
        /// Objects at most.
        count: u64,
    },
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Whose objects.
    pub owner: Owner,
    /// The attributes that the workspace knows.
    pub catalogue: &'a Catalogue,
    /// People, groups or both.
    pub kinds: Kinds,
    /// Who is meant.
    pub filter: Filters<'a>,
    /// In which order; by creation when absent.
    pub sort: Option<&'a Sort>,
    /// Which page.
    pub window: Window,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many objects the whole list has. Always known for a page by number; after a position only where
    /// it costs nothing.
    pub total: Option<u64>,
    /// The objects of this page.
    pub objects: Vec<Object>,
    /// Where the next page begins; none when this is the last. Pages by number have none.
    pub next: Option<Position>,
}

/// Where a page ended. It holds values of the directory: whoever hands it to a client seals it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(At);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum At {
    /// In the order of creation: the number of the kind, and the last key.
    Key(i64, i64),
    /// In the order of an index: what the index holds of the last object, and its id.
    Index(Option<String>, Uuid),
    /// In an order that is worked out: the last object's place.
    Sorted(SortKey, Uuid),
}

/// The owner's people or groups that are asked for.
///
/// # Errors
/// [`Error::Timeout`] when an unindexed filter has too many objects to look at; [`Error::TooMany`] when more
/// than [`MAX_SORTED`] would have to be sorted; [`Error::Refused`] when the position is one of another list.
pub fn list(tx: &mut Tx, asked: &Asked) -> Result<Page> {
    match (asked.sort, asked.kinds) {
        (Some(sort), Kinds::One(kind)) => match ordered::plan(tx, asked, sort, kind)? {
            Some(plan) => ordered::list(tx, &plan),
            None => sorted::list(tx, asked, sort),
        },
        (Some(sort), Kinds::Both) => sorted::list(tx, asked, sort),
        (None, Kinds::One(kind)) => one_kind(tx, &One::of(asked, kind), &asked.window),
        (None, Kinds::Both) => both_kinds(tx, asked),
    }
}

/// Whether the list is answered by indexes alone, so that it is short whatever the size of the directory.
pub fn is_short(asked: &Asked) -> bool {
    let short = |kind| One::of(asked, kind).is_short();
    asked.sort.is_none()
        && match asked.kinds {
            Kinds::One(kind) => short(kind),
            Kinds::Both => short(Kind::Person) && short(Kind::Group),
        }
}

fn one_kind(tx: &mut Tx, one: &One, window: &Window) -> Result<Page> {
    match window {
        Window::Index { start, count } => {
            let part = page::by_number(tx, one, start.saturating_sub(1), *count)?;
            Ok(Page {
                total: Some(part.total),
                objects: part.objects,
                next: None,
            })
        }
        Window::After { position, count } => {
            let after = match position {
                None => 0,
                Some(Position(At::Key(kind, key))) if *kind == kind_number(one.kind) => *key,
                Some(_) => return Err(foreign()),
            };
            let part = page::after(tx, one, after, *count)?;
            Ok(Page {
                total: part.total,
                next: part
                    .is_more
                    .then(|| Position(At::Key(kind_number(one.kind), part.last))),
                objects: part.objects,
            })
        }
    }
}

/// People first, then groups: what is left of the page goes to the groups.
fn both_kinds(tx: &mut Tx, asked: &Asked) -> Result<Page> {
    let (people, groups) = (One::of(asked, Kind::Person), One::of(asked, Kind::Group));
    match &asked.window {
        Window::Index { start, count } => {
            let skip = start.saturating_sub(1);
            let mut first = page::by_number(tx, &people, skip, *count)?;
            let rest = count - first.objects.len() as u64;
            let second = page::by_number(tx, &groups, skip.saturating_sub(first.total), rest)?;
            first.objects.extend(second.objects);
            Ok(Page {
                total: Some(first.total + second.total),
                objects: first.objects,
                next: None,
            })
        }
        Window::After { position, count } => {
            let (kind, key) = match position {
                None => (Kind::Person, 0),
                Some(Position(At::Key(kind, key))) => (kind_of(*kind), *key),
                Some(_) => return Err(foreign()),
            };
            if kind == Kind::Group {
                return one_kind(tx, &groups, &asked.window);
            }
            let mut first = page::after(tx, &people, key, *count)?;
            let mut next = first.is_more.then_some(At::Key(0, first.last));
            let mut total = None;
            if !first.is_more {
                let second = page::after(tx, &groups, 0, count - first.objects.len() as u64)?;
                next = second.is_more.then_some(At::Key(1, second.last));
                total = first.total.zip(second.total).map(|(a, b)| a + b);
                first.objects.extend(second.objects);
            }
            Ok(Page {
                total,
                objects: first.objects,
                next: next.map(Position),
            })
        }
    }
}

/// A position of another list: cursors are bound to their query, so only a fault of the caller leads here.
fn foreign() -> Error {
    Error::refused(
        "PRV-LIST-POSITION",
        "the position does not belong to this list",
        "Begin with the first page.",
    )
}

//! Orders that no index has: every match's place is worked out, and only the page's own are kept.

use super::select::One;
use super::{Asked, At, Kinds, MAX_SORTED, Page, Position, Window, foreign};
use crate::directory::{Object, by_key};
use crate::{Error, Result, Tx};
use provost_engine::object::Kind;
use provost_scim::page::{Sort, SortKey};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use uuid::Uuid;

/// A match and its place in the order.
struct Place<'a> {
    sort: &'a Sort,
    value: SortKey,
    id: String,
    key: i64,
}

impl Ord for Place<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort
            .compare_keys((&self.value, &self.id), (&other.value, &other.id))
    }
}

impl PartialOrd for Place<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Place<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Place<'_> {}

/// The first places of an order, of all that are offered.
struct First<'a> {
    /// The worst is on top.
    heap: BinaryHeap<Place<'a>>,
    keep: usize,
    /// Only what comes after this is kept.
    after: Option<Place<'a>>,
    offered: u64,
}

impl<'a> First<'a> {
    fn offer(&mut self, place: Place<'a>) -> Result<()> {
        self.offered += 1;
        if self.offered > MAX_SORTED {
            return Err(Error::TooMany { limit: MAX_SORTED });
        }
        if self.after.as_ref().is_some_and(|after| place <= *after) {
            return Ok(());
        }
        self.heap.push(place);
        if self.heap.len() > self.keep {
            self.heap.pop();
        }
        Ok(())
    }
}

/// A page of a list in an order that is worked out, over people, groups or both.
pub(super) fn list(tx: &mut Tx, asked: &Asked, sort: &Sort) -> Result<Page> {
    let (skip, count, after) = match &asked.window {
        Window::Index { start, count } => (start.saturating_sub(1), *count, None),
        Window::After { position, count } => (0, *count, position.as_ref()),
    };
    let is_numbered = matches!(asked.window, Window::Index { .. });
    // After a position, one more than wanted says whether there is a next page.
    let keep = skip.saturating_add(count).saturating_add(u64::from(!is_numbered));
    let mut first = First {
        heap: BinaryHeap::new(),
        keep: usize::try_from(keep).unwrap_or(usize::MAX),
        after: after.map(|position| place_of(position, sort)).transpose()?,
        offered: 0,
    };
    let kinds: &[Kind] = match asked.kinds {
        Kinds::One(Kind::Person) => &[Kind::Person],
        Kinds::One(Kind::Group) => &[Kind::Group],
        Kinds::Both => &[Kind::Person, Kind::Group],
    };
    for kind in kinds {
        offer_all(tx, &One::of(asked, *kind), sort, &mut first)?;
    }
    let total = first.offered;
    let mut places = first.heap.into_sorted_vec();
    let is_more = !is_numbered && places.len() as u64 > count;
    places.truncate(usize::try_from(skip.saturating_add(count)).unwrap_or(usize::MAX));
    let shown = places.split_off(places.len().min(usize::try_from(skip).unwrap_or(usize::MAX)));
    let objects = load(tx, &shown)?;
    let next = match (is_more, shown.into_iter().last(), objects.last()) {
        (true, Some(last), Some(object)) => Some(Position(At::Sorted(last.value, object.id))),
        (true, ..) => after.cloned(),
        (false, ..) => None,
    };
    Ok(Page {
        total: Some(total),
        objects,
        next,
    })
}

fn place_of<'a>(position: &Position, sort: &'a Sort) -> Result<Place<'a>> {
    match &position.0 {
        At::Sorted(value, id) => Ok(Place {
            sort,
            value: value.clone(),
            id: id.to_string(),
            key: 0,
        }),
        _ => Err(foreign()),
    }
}

fn offer_all<'a>(tx: &mut Tx, one: &One, sort: &'a Sort, first: &mut First<'a>) -> Result<()> {
    one.walk(tx, Some(sort), 0, u64::MAX, |seen, value| {
        let mut buffer = Uuid::encode_buffer();
        let id = seen.id()?.hyphenated().encode_lower(&mut buffer).to_owned();
        first.offer(Place {
            sort,
            value: sort.key(one.rt, value),
            id,
            key: seen.key()?,
        })?;
        Ok(true)
    })
}

fn load(tx: &mut Tx, places: &[Place]) -> Result<Vec<Object>> {
    let mut objects = Vec::with_capacity(places.len());
    for place in places {
        // The whole read is one snapshot, so nobody is gone.
        objects.extend(by_key(tx, place.key)?);
    }
    Ok(objects)
}

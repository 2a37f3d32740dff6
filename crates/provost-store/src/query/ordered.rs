//! Orders that an index has: userName, the displayName of people and of groups, id. The index is walked from
//! the place where the page before ended.

use super::compile::{Bound, Narrow, borrow};
use super::select::{One, Seen};
use super::{Asked, At, Page, Position, Window, foreign, page};
use crate::directory::{Keys, Object, ObjectRow, columns};
use crate::{Error, Result, Tx};
use provost_engine::object::Kind;
use provost_scim::page::Sort;
use std::ops::ControlFlow;
use uuid::Uuid;

/// An owner of fewer is sorted in memory: the index holds everybody's, and walking past all others costs more.
const FEW: u64 = 2_000;
/// Objects that a page by number may skip in an index; beyond, the order is worked out in memory.
const DEEP: u64 = 5_000;
/// Rows of one statement.
const CHUNK: i64 = 4_096;

// The four walks, upwards and downwards. `>=` at a first page's place becomes `>` at a later one's.
macro_rules! walk {
    ($condition:literal, $order:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM object o WHERE +o.owner = $1 AND o.kind = $2 AND ",
            $condition,
            " ORDER BY ",
            $order,
            " LIMIT "
        )
    };
}

crate::statements! {
    NAME_FIRST = concat!(walk!("o.realm = $3 AND o.name_key >= ''", "o.name_key"), "$4");
    NAME_NEXT = concat!(walk!("o.realm = $3 AND o.name_key > $4", "o.name_key"), "$5");
    NAME_FIRST_DOWN = concat!(walk!("o.realm = $3 AND o.name_key >= ''", "o.name_key DESC"), "$4");
    NAME_NEXT_DOWN = concat!(walk!("o.realm = $3 AND o.name_key < $4", "o.name_key DESC"), "$5");
    DISPLAY_FIRST = concat!(walk!("o.display_key IS NOT NULL", "o.display_key, o.id"), "$3");
    DISPLAY_NEXT = concat!(walk!("o.display_key >= $3 AND (o.display_key > $4 OR o.id > $5)", "o.display_key, o.id"), "$6");
    DISPLAY_FIRST_DOWN = concat!(walk!("o.display_key IS NOT NULL", "o.display_key DESC, o.id"), "$3");
    DISPLAY_NEXT_DOWN = concat!(walk!("o.display_key <= $3 AND (o.display_key < $4 OR o.id > $5)", "o.display_key DESC, o.id"), "$6");
    // Names the kind once more, because an index of its own says so.
    UNNAMED = concat!("SELECT ", columns!(), " FROM object o WHERE o.owner = $1 AND o.kind = $2 AND o.kind = 0 \
               AND o.display_key IS NULL AND o.id > $3 ORDER BY o.id LIMIT $4");
    ID = concat!(walk!("o.id > $3", "o.id"), "$4");
    ID_DOWN = concat!(walk!("o.id < $3", "o.id DESC"), "$4");
}

/// The index whose order is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Display,
    Id,
}

/// A stretch of an order: people with a displayName and people without one stand in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Main,
    Unnamed,
}

/// How a list is to be walked.
pub(super) struct Plan<'a> {
    one: One<'a>,
    column: Column,
    descending: bool,
    skip: u64,
    count: u64,
    /// The place after which the page begins.
    from: Option<(Option<String>, Uuid)>,
    total: Option<u64>,
    is_numbered: bool,
}

/// Decides whether an index serves the order: when it has it, when the owner has enough of its entries, and
/// when a filter does not select few by another index.
pub(super) fn plan<'a>(tx: &mut Tx, asked: &Asked<'a>, sort: &Sort, kind: Kind) -> Result<Option<Plan<'a>>> {
    let one = One::of(asked, kind);
    let position = match &asked.window {
        Window::After { position, .. } => position.as_ref(),
        Window::Index { .. } => None,
    };
    let (column, is_continued) = match (column(sort, kind), position) {
        (Some(column), Some(Position(At::Index(..)))) => (column, true),
        (None, Some(Position(At::Index(..)))) => return Err(foreign()),
        (Some(column), None) => (column, false),
        _ => return Ok(None),
    };
    let total = page::total(tx, &one)?;
    let is_everybody = matches!(one.narrow, Narrow::Everybody);
    let (skip, count, is_numbered) = match asked.window {
        Window::Index { start, count } => (start.saturating_sub(1), count, true),
        Window::After { count, .. } => (0, count, false),
    };
    let serves = if is_numbered {
        is_everybody && skip.saturating_add(count) <= DEEP
    } else {
        !one.is_indexed() && !one.is_related(Some(sort))
    };
    if !is_continued && (total <= FEW || !serves) {
        return Ok(None);
    }
    Ok(Some(Plan {
        one,
        column,
        descending: sort.descending,
        skip,
        count,
        from: position.and_then(|position| match &position.0 {
            At::Index(value, id) => Some((value.clone(), *id)),
            _ => None,
        }),
        total: is_everybody.then_some(total),
        is_numbered,
    }))
}

fn column(sort: &Sort, kind: Kind) -> Option<Column> {
    if sort.path.urn.is_some() || sort.path.sub.is_some() {
        return None;
    }
    match (sort.path.name.as_str(), kind) {
        ("id", _) => Some(Column::Id),
        ("userName", Kind::Person) | ("displayName", Kind::Group) => Some(Column::Name),
        ("displayName", Kind::Person) => Some(Column::Display),
        _ => None,
    }
}

/// A page of the walk.
pub(super) fn list(tx: &mut Tx, plan: &Plan) -> Result<Page> {
    let mut found = Found {
        skip: plan.skip,
        wanted: plan.count.saturating_add(u64::from(!plan.is_numbered)),
        objects: Vec::new(),
    };
    if found.wanted > 0 {
        for (part, from) in plan.parts() {
            if plan.walk(tx, part, from, &mut found)?.is_break() {
                break;
            }
        }
    }
    let mut objects = found.objects;
    let is_more = !plan.is_numbered && objects.len() as u64 > plan.count;
    objects.truncate(usize::try_from(plan.count).unwrap_or(usize::MAX));
    let next = match (is_more, objects.last()) {
        (true, Some(last)) => Some(plan.place(last)?),
        (true, None) => plan.from.clone(),
        (false, _) => None,
    };
    Ok(Page {
        total: plan.total,
        objects,
        next: next.map(|(value, id)| Position(At::Index(value, id))),
    })
}

/// The objects of the page, as far as they are found.
struct Found {
    skip: u64,
    wanted: u64,
    objects: Vec<Object>,
}

impl Found {
    /// Takes the next object in the order, and says whether that is enough.
    fn take(&mut self, seen: &Seen) -> Result<ControlFlow<()>> {
        if self.skip > 0 {
            self.skip -= 1;
        } else {
            self.objects.push(seen.object()?);
        }
        Ok(if (self.objects.len() as u64) < self.wanted {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    }
}

/// Where a walk has come to.
type Place = (Option<String>, Uuid);

impl Plan<'_> {
    /// The stretches that remain, in order. No value comes last upwards and first downwards.
    fn parts(&self) -> Vec<(Part, Option<Place>)> {
        let order = match (self.column, self.descending) {
            (Column::Display, false) => vec![Part::Main, Part::Unnamed],
            (Column::Display, true) => vec![Part::Unnamed, Part::Main],
            _ => vec![Part::Main],
        };
        let Some(place) = &self.from else {
            return order.into_iter().map(|part| (part, None)).collect();
        };
        let at = if self.column == Column::Display && place.0.is_none() {
            Part::Unnamed
        } else {
            Part::Main
        };
        let rest = order.into_iter().skip_while(|part| *part != at);
        rest.map(|part| (part, (part == at).then(|| place.clone())))
            .collect()
    }

    fn walk(
        &self,
        tx: &mut Tx,
        part: Part,
        mut from: Option<Place>,
        found: &mut Found,
    ) -> Result<ControlFlow<()>> {
        let needed = found.skip.saturating_add(found.wanted);
        let mut limit = i64::try_from(needed).unwrap_or(CHUNK).clamp(16, CHUNK);
        let deadline = tx.deadline();
        loop {
            let (sql, params) = self.statement(part, from.as_ref(), limit);
            let (mut rows, mut last, mut flow) = (0, None, ControlFlow::Continue(()));
            tx.for_each(sql, &borrow(&params), |row| {
                deadline.keep()?;
                rows += 1;
                let seen = Seen::Row(ObjectRow::of(row));
                if self.one.is_exact() || self.one.matches(&self.one.value(&seen, None)?) {
                    flow = found.take(&seen)?;
                }
                if rows == limit {
                    last = Some(seen.object()?);
                }
                Ok(flow.is_continue())
            })?;
            match last {
                Some(last) if flow.is_continue() => from = Some(self.place(&last)?),
                _ => return Ok(flow),
            }
            limit = (limit * 2).min(CHUNK);
        }
    }

    /// The place of an object in the order, as the index holds it.
    fn place(&self, object: &Object) -> Result<Place> {
        let document = serde_json::from_str(&object.document).map_err(|e| Error::Damaged(e.to_string()))?;
        let keys = Keys::of(object.kind, &document);
        let value = match self.column {
            Column::Name => Some(keys.name),
            Column::Display => keys.display,
            Column::Id => None,
        };
        Ok((value, object.id))
    }

    fn statement(&self, part: Part, from: Option<&Place>, limit: i64) -> (&'static str, Vec<Bound>) {
        let mut params = self.one.params.clone();
        // A walk of this module decides the filter row by row: its condition has no place here.
        params.truncate(2);
        let text = |value: &Option<String>| Bound::Text(value.clone().unwrap_or_default());
        let (up, down) = match (self.column, part, from) {
            (Column::Name, _, None) => {
                params.push(Bound::Int(self.one.realm));
                (NAME_FIRST, NAME_FIRST_DOWN)
            }
            (Column::Name, _, Some((value, _))) => {
                params.extend([Bound::Int(self.one.realm), text(value)]);
                (NAME_NEXT, NAME_NEXT_DOWN)
            }
            (Column::Display, Part::Main, None) => (DISPLAY_FIRST, DISPLAY_FIRST_DOWN),
            (Column::Display, Part::Main, Some((value, id))) => {
                params.extend([text(value), text(value), Bound::Uuid(*id)]);
                (DISPLAY_NEXT, DISPLAY_NEXT_DOWN)
            }
            (Column::Display, Part::Unnamed, from) => {
                params.push(Bound::Uuid(from.map_or(Uuid::nil(), |(_, id)| *id)));
                (UNNAMED, UNNAMED)
            }
            (Column::Id, _, from) => {
                let edge = if self.descending { Uuid::max() } else { Uuid::nil() };
                params.push(Bound::Uuid(from.map_or(edge, |(_, id)| *id)));
                (ID, ID_DOWN)
            }
        };
        params.push(Bound::Int(limit));
        (if self.descending { down } else { up }, params)
    }
}

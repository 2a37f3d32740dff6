//! The walks along the indexes.

use super::place::{Part, Place};
use super::{Listing, NamedLine, NamedPage};
use crate::directory::{self, Object, ObjectRow, columns, kind_number};
use crate::{Param, Result, Row, Tx};
use provost_engine::object::Kind;
use std::collections::BTreeMap;

/// The walk along the index by name. The workspace and the kind stand in the comparison, not beside it: of an equality,
/// PostgreSQL may conclude that another index and a sort are as good.
macro_rules! by_name {
    () => {
        "FROM object o WHERE (o.workspace, o.kind, o.name_key, o.owner) > ($1, $2, $3, $4) \
         AND (o.workspace, o.kind, o.name_key) < ($5, $6, $7) ORDER BY o.workspace, o.kind, o.name_key, o.owner"
    };
}

crate::statements! {
    NAMES = concat!("SELECT ", columns!(), ", o.name_key ", by_name!(), " LIMIT $8");
    // These two read the index alone.
    NAMES_OF = concat!("SELECT n.name_key, n.key FROM (SELECT o.name_key, o.key, o.owner ", by_name!(), " LIMIT $8) n \
                WHERE n.owner = $9 ORDER BY n.name_key LIMIT $10");
    NAME_AT = concat!("SELECT o.name_key, o.owner ", by_name!(), " LIMIT 1 OFFSET $8");
    FEW_OF = "SELECT o.name_key, o.key FROM object o WHERE (o.owner, o.kind, o.key) > ($1, $2, 0) AND (o.owner, o.kind) <= ($3, $4) \
              ORDER BY o.owner, o.kind, o.key LIMIT $5";
    DISPLAYS = concat!("SELECT ", columns!(), ", o.display_key, o.name_key FROM object o \
                WHERE (o.workspace, o.display_key, o.key) > ($1, $2, $3) AND (o.workspace, o.display_key) < ($4, $5) \
                AND o.display_key <> o.name_key ORDER BY o.workspace, o.display_key, o.key LIMIT $6");
    EMAILS = concat!("SELECT ", columns!(), ", o.email_key, o.name_key, COALESCE(o.display_key, '') FROM object o \
              WHERE (o.workspace, o.email_key, o.key) > ($1, $2, $3) AND (o.workspace, o.email_key) < ($4, $5) \
              AND o.email_key <> o.name_key ORDER BY o.workspace, o.email_key, o.key LIMIT $6");
}

/// An owner of fewer is sorted in memory: the index by name holds everybody's, and walking past all others costs
/// more.
const FEW: i64 = 2_000;
/// Rows of one statement where some are passed over.
const CHUNK: i64 = 500;
/// Rows that one search looks at; the answer says where to go on.
const LOOKED_AT: i64 = 3_000;
/// The same for entries of an index whose rows are not looked at.
const ENTRIES: [i64; 3] = [500, 5_000, 20_000];

/// A walk along the parts of a list.
pub(super) struct Walk<'a> {
    asked: &'a Listing,
    low: String,
    high: String,
    limit: usize,
    page: NamedPage,
    /// The last entry that was looked at.
    last: Place,
    looked_at: i64,
}

impl<'a> Walk<'a> {
    /// A walk that finds what begins with `low`, for a page of `limit` lines.
    pub fn new(asked: &'a Listing, low: String, limit: usize, from: Place) -> Self {
        Self {
            asked,
            high: format!("{low}\u{10FFFF}"),
            low,
            limit: limit.max(1),
            page: NamedPage::default(),
            last: from,
            looked_at: 0,
        }
    }

    /// What was found.
    pub fn into_page(self) -> NamedPage {
        self.page
    }

    /// Goes along the parts from a place on until the page is full.
    pub fn run(&mut self, tx: &mut Tx, from: Place) -> Result<()> {
        let parts: &[Part] = match (self.asked.kind, self.low.is_empty()) {
            (Kind::Person, false) => &[Part::Name, Part::Display, Part::Email],
            _ => &[Part::Name],
        };
        for part in parts.iter().copied().filter(|part| *part >= from.part) {
            let start = if part == from.part {
                from.clone()
            } else {
                Place::before(part, &self.low)
            };
            let is_full = match (part, self.asked.owner) {
                (Part::Name, None) => self.names(tx, &start)?,
                (Part::Name, Some(owner)) if self.is_few(tx, owner)? => self.few(tx, owner, &start)?,
                (Part::Name, Some(owner)) => self.names_of(tx, owner, start)?,
                _ => self.others(tx, start)?,
            };
            if is_full {
                self.page.next = Some(self.last.to_text());
                return Ok(());
            }
        }
        Ok(())
    }

    fn is_few(&self, tx: &mut Tx, owner: i64) -> Result<bool> {
        let owner = directory::Owner {
            workspace: self.asked.workspace,
            key: owner,
        };
        Ok(directory::count_owned(tx, owner, self.asked.kind)? <= FEW)
    }

    /// Takes a line at a place; `true` when there is one more than the page holds.
    fn take(&mut self, object: Object, place: Place) -> Result<bool> {
        if self.page.lines.len() >= self.limit {
            return Ok(true);
        }
        self.page.lines.push(NamedLine::of(object)?);
        self.last = place;
        Ok(false)
    }

    fn wanted(&self) -> i64 {
        let open = self.limit.saturating_sub(self.page.lines.len());
        i64::try_from(open).unwrap_or(CHUNK).saturating_add(1)
    }

    /// Where the walk by name begins and ends.
    fn by_name<'p>(&'p self, start: &'p Place) -> Vec<Param<'p>> {
        let (workspace, kind) = (self.asked.workspace.into(), kind_number(self.asked.kind).into());
        let (value, high) = (Param::Text(&start.value), Param::Text(&self.high));
        vec![workspace, kind, value, start.tie.into(), workspace, kind, high]
    }

    /// The walk by name: every entry is a line.
    fn names(&mut self, tx: &mut Tx, start: &Place) -> Result<bool> {
        let mut params = self.by_name(start);
        params.push(self.wanted().into());
        let rows = tx.query(NAMES, &params, |row| {
            Ok((directory::read(row)?, row.text(COLUMNS)?))
        })?;
        for (object, value) in rows {
            let place = Place::named(value, object.owner);
            if self.take(object, place)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The same for one owner: the owner stands in the index, so others' rows are passed without looking at them.
    fn names_of(&mut self, tx: &mut Tx, owner: i64, mut start: Place) -> Result<bool> {
        for size in ENTRIES {
            tx.keep_time()?;
            let mut params = self.by_name(&start);
            params.extend([Param::Int(size), owner.into(), self.wanted().into()]);
            let found = tx.query(NAMES_OF, &params, |row| Ok((row.text(0)?, row.int(1)?)))?;
            if self.take_all(tx, owner, found)? {
                return Ok(true);
            }
            let mut params = self.by_name(&start);
            params.push((size - 1).into());
            let edge = tx.first(NAME_AT, &params, |row| {
                Ok(Place::named(row.text(0)?, row.int(1)?))
            })?;
            let Some(edge) = edge else {
                return Ok(false);
            };
            self.last = edge.clone();
            start = edge;
        }
        Ok(true)
    }

    /// The same for an owner of few: sorted here.
    fn few(&mut self, tx: &mut Tx, owner: i64, start: &Place) -> Result<bool> {
        let (whose, kind) = (Param::Int(owner), kind_number(self.asked.kind).into());
        let params = [whose, kind, whose, kind, (FEW + 1).into()];
        let mut names = tx.query(FEW_OF, &params, |row| Ok((row.text(0)?, row.int(1)?)))?;
        names.retain(|(name, _)| {
            let is_later = (name.as_str(), owner) > (start.value.as_str(), start.tie);
            is_later && name.starts_with(&self.low)
        });
        names.sort_unstable();
        names.truncate(usize::try_from(self.wanted()).unwrap_or(usize::MAX));
        self.take_all(tx, owner, names)
    }

    /// Takes the objects with these names and keys.
    fn take_all(&mut self, tx: &mut Tx, owner: i64, names: Vec<(String, i64)>) -> Result<bool> {
        let keys: Vec<i64> = names.iter().map(|(_, key)| *key).collect();
        let mut objects = BTreeMap::new();
        tx.batches(
            &[self.asked.workspace.into()],
            &keys,
            |key| [Param::Int(*key)],
            |list| {
                format!(
                    "SELECT {} FROM object o WHERE +o.workspace = $1 AND o.key IN ({list})",
                    columns!()
                )
            },
            |row| {
                objects.insert(row.int(0)?, directory::read(row)?);
                Ok(())
            },
        )?;
        for (name, key) in names {
            let Some(object) = objects.remove(&key) else {
                continue;
            };
            if self.take(object, Place::named(name, owner))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The walk by display name or e-mail address: who was found by an earlier part is passed over.
    fn others(&mut self, tx: &mut Tx, start: Place) -> Result<bool> {
        let (sql, part) = match start.part {
            Part::Email => (EMAILS, Part::Email),
            _ => (DISPLAYS, Part::Display),
        };
        self.last = start;
        loop {
            tx.keep_time()?;
            let size = if self.looked_at == 0 { self.wanted() } else { CHUNK };
            let workspace = Param::Int(self.asked.workspace);
            let (value, high) = (Param::Text(&self.last.value), Param::Text(&self.high));
            let params = [
                workspace,
                value,
                self.last.tie.into(),
                workspace,
                high,
                size.into(),
            ];
            let entries = tx.query(sql, &params, |row| Entry::of(row, part))?;
            let is_last = (entries.len() as i64) < size;
            for entry in entries {
                self.looked_at += 1;
                let place = Place {
                    part,
                    value: entry.value.clone(),
                    tie: entry.object.key,
                };
                if !self.is_new(&entry) {
                    self.last = place;
                } else if self.take(entry.object, place)? {
                    return Ok(true);
                }
            }
            if is_last {
                return Ok(false);
            }
            if self.looked_at >= LOOKED_AT {
                return Ok(true);
            }
        }
    }

    fn is_new(&self, entry: &Entry) -> bool {
        let is_owned = self.asked.owner.is_none_or(|owner| owner == entry.object.owner);
        is_owned && !entry.earlier.iter().any(|value| value.starts_with(&self.low))
    }
}

/// Columns of `columns!`; the keys follow.
const COLUMNS: usize = 12;

/// An entry of an index that is no person's name.
struct Entry {
    object: Object,
    value: String,
    /// The values by which an earlier part may have found it.
    earlier: Vec<String>,
}

impl Entry {
    fn of(row: &Row, part: Part) -> Result<Self> {
        let mut earlier = vec![row.text(COLUMNS + 1)?];
        if part == Part::Email {
            earlier.push(row.text(COLUMNS + 2)?);
        }
        Ok(Self {
            object: ObjectRow::of(row).to_object()?,
            value: row.text(COLUMNS)?,
            earlier,
        })
    }
}

//! Lists of people and groups: SCIM filters over the indexes, and pages at any position without OFFSET.
//!
//! A filter is compiled to SQL as far as the indexes reach: equality on userName, displayName, externalId, id,
//! e-mail address, members and groups, prefixes of userName, activity. Such SQL selects exactly the filter's
//! objects, or more than those; in the second case the rest of the filter is decided in Rust, by the one
//! evaluator of `provost-scim`, row by row and within the read's time limit. So the two databases cannot
//! disagree on what a filter means, and no scan is silent.

use crate::directory::{Object, Owner, columns, kind_number, read};
use crate::{BUCKET, Error, Param, Result, Tx, member};
use provost_engine::object::Kind;
use provost_scim::filter::{Filter, Literal, Op, Tail, Test};
use provost_scim::path::AttrPath;
use provost_scim::{resource, schema};
use serde_json::Value;
use std::fmt::Write as _;
use uuid::Uuid;

crate::statements! {
    BUCKETS = "SELECT bucket, objects FROM live_count WHERE owner = $1 AND kind = $2 AND objects > 0 ORDER BY bucket";
    PAGE = concat!("SELECT ", columns!(), " FROM object o WHERE o.owner = $1 AND o.kind = $2 AND o.key >= $3 \
            ORDER BY o.key LIMIT $4 OFFSET $5");
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many objects the whole list has.
    pub total: u64,
    /// The objects of this page, in order of creation.
    pub objects: Vec<Object>,
}

/// Which page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// 1 is the first object (RFC 7644 section 3.4.2.4).
    pub start: u64,
    /// Objects at most; 0 asks for the total only.
    pub count: u64,
}

/// The owner's people or groups that satisfy `filter`.
///
/// # Errors
/// [`Error::Timeout`] when an unindexed filter has too many objects to look at.
pub fn list(tx: &mut Tx, owner: Owner, kind: Kind, filter: Option<&Filter>, window: Window) -> Result<Page> {
    let Some(filter) = filter else {
        return plain(tx, owner, kind, window);
    };
    let mut sql = Compiler {
        owner,
        kind,
        params: Vec::new(),
    };
    let head = format!(
        "SELECT {} FROM object o WHERE +o.owner = {}",
        columns!(),
        sql.bind(Bound::Int(owner.key))
    );
    let head = format!("{head} AND +o.kind = {}", sql.bind(Bound::Int(kind_number(kind))));
    match sql.narrow(filter) {
        Narrow::Exact(condition) => exact(tx, &sql, &format!("{head} AND ({condition})"), window),
        Narrow::Superset(condition) => residual(
            tx,
            &sql.params,
            &format!("{head} AND ({condition}) ORDER BY o.key"),
            kind,
            filter,
            window,
        ),
        Narrow::All => {
            // No index helps: walk the owner's objects in order.
            let walk = head.replace('+', "");
            residual(
                tx,
                &sql.params,
                &format!("{walk} ORDER BY o.key"),
                kind,
                filter,
                window,
            )
        }
    }
}

/// Whether the list is answered by indexes alone, so that it is short whatever the size of the directory.
pub fn is_short(owner: Owner, kind: Kind, filter: Option<&Filter>) -> bool {
    let compiled = |filter| {
        Compiler {
            owner,
            kind,
            params: Vec::new(),
        }
        .narrow(filter)
    };
    filter.is_none_or(|filter| matches!(compiled(filter), Narrow::Exact(_)) && !is_prefix(filter))
}

/// A prefix is exact as well, but may select everybody.
fn is_prefix(filter: &Filter) -> bool {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().any(is_prefix),
        Filter::Compare { op, .. } => *op != Op::Eq,
        _ => false,
    }
}

/// A page of the whole list: the bucket counts say where it begins, so its cost does not grow with its position.
fn plain(tx: &mut Tx, owner: Owner, kind: Kind, window: Window) -> Result<Page> {
    let skip = window.start.saturating_sub(1) as i64;
    let (mut total, mut begin) = (0, None);
    tx.for_each(BUCKETS, &[owner.key.into(), kind_number(kind).into()], |row| {
        let (bucket, objects) = (row.int(0)?, row.int(1)?);
        if begin.is_none() && total + objects > skip {
            begin = Some((bucket * BUCKET, skip - total));
        }
        total += objects;
        Ok(true)
    })?;
    let objects = match begin {
        Some((key, offset)) if window.count > 0 => {
            let count = i64::try_from(window.count).unwrap_or(i64::MAX);
            let params = [
                owner.key.into(),
                kind_number(kind).into(),
                key.into(),
                count.into(),
                offset.into(),
            ];
            tx.query(PAGE, &params, read)?
        }
        _ => Vec::new(),
    };
    Ok(Page {
        total: total.max(0) as u64,
        objects,
    })
}

/// The condition is the filter: the database pages and counts.
fn exact(tx: &mut Tx, sql: &Compiler, select: &str, window: Window) -> Result<Page> {
    let mut params = sql.params.clone();
    let (limit, offset) = (window.count as i64, window.start.saturating_sub(1) as i64);
    let n = params.len();
    params.extend([Bound::Int(limit), Bound::Int(offset)]);
    let page = format!("{select} ORDER BY o.key LIMIT ${} OFFSET ${}", n + 1, n + 2);
    let objects = if limit > 0 {
        tx.query(&page, &borrow(&params), read)?
    } else {
        Vec::new()
    };
    let seen = objects.len() as i64;
    let complete = seen < limit && (seen > 0 || offset == 0);
    let total = if complete {
        offset + seen
    } else {
        let count = select.replacen(columns!(), "COUNT(*)", 1);
        tx.first(&count, &borrow(&sql.params), |row| row.int(0))?
            .unwrap_or(0)
    };
    Ok(Page {
        total: total as u64,
        objects,
    })
}

/// The condition selects too much: the filter itself is asked about every row.
fn residual(
    tx: &mut Tx,
    params: &[Bound],
    select: &str,
    kind: Kind,
    filter: &Filter,
    window: Window,
) -> Result<Page> {
    let resource_type = if kind == Kind::Person {
        schema::user()
    } else {
        schema::group()
    };
    let relation = if kind == Kind::Person { "groups" } else { "members" };
    let mut page = Collector {
        window,
        total: 0,
        objects: Vec::new(),
    };
    if filter.asks_about(relation) {
        for object in tx.query(select, &borrow(params), read)? {
            tx.keep_time()?;
            let peers = peers(tx, &object)?;
            let value = full(&object, Some((relation, peers)))?;
            page.offer(filter.matches(resource_type, &value), object);
        }
    } else {
        let deadline = tx.deadline();
        tx.for_each(select, &borrow(params), |row| {
            deadline.keep()?;
            let object = read(row)?;
            let value = full(&object, None)?;
            page.offer(filter.matches(resource_type, &value), object);
            Ok(true)
        })?;
    }
    Ok(Page {
        total: page.total,
        objects: page.objects,
    })
}

/// Counts what matches and keeps the objects of the wanted page.
struct Collector {
    window: Window,
    total: u64,
    objects: Vec<Object>,
}

impl Collector {
    fn offer(&mut self, matches: bool, object: Object) {
        if matches {
            self.total += 1;
            if self.total >= self.window.start && (self.objects.len() as u64) < self.window.count {
                self.objects.push(object);
            }
        }
    }
}

/// The object as the filter sees it: with id, meta and, where it asks for them, members or groups.
fn full(object: &Object, relation: Option<(&str, Value)>) -> Result<Value> {
    let document = serde_json::from_str(&object.document).map_err(|e| Error::Damaged(e.to_string()))?;
    let resource_type = if object.kind == Kind::Person {
        "User"
    } else {
        "Group"
    };
    let meta = resource::Meta {
        resource_type,
        created: object.created,
        modified: object.modified,
        location: "",
        version: object.version,
    };
    let mut buffer = Uuid::encode_buffer();
    let id = object.id.hyphenated().encode_lower(&mut buffer);
    Ok(resource::to_value(&document, id, &meta, relation))
}

fn peers(tx: &mut Tx, object: &Object) -> Result<Value> {
    let peers = match object.kind {
        Kind::Person => member::groups_of(tx, object.key)?,
        Kind::Group => member::of_group(tx, object.key, 0, i64::MAX)?,
    };
    let list = peers.into_iter().map(|p| {
        let kind = if p.kind == Kind::Person { "User" } else { "Group" };
        serde_json::json!({ "value": p.id.to_string(), "display": p.label, "type": kind })
    });
    Ok(Value::Array(list.collect()))
}

/// An owned parameter: filters carry their own values.
#[derive(Clone)]
enum Bound {
    Int(i64),
    Text(String),
    Uuid(Uuid),
    Bool(bool),
}

fn borrow(params: &[Bound]) -> Vec<Param<'_>> {
    params
        .iter()
        .map(|b| match b {
            Bound::Int(i) => Param::Int(*i),
            Bound::Text(s) => Param::Text(s),
            Bound::Uuid(u) => Param::Uuid(*u),
            Bound::Bool(b) => Param::Bool(*b),
        })
        .collect()
}

/// How near SQL comes to a filter.
enum Narrow {
    /// The condition holds for the filter's objects and no other.
    Exact(String),
    /// The condition holds for the filter's objects and perhaps others.
    Superset(String),
    /// Nothing is known.
    All,
}

/// Compiles filters to conditions on `object o`. Parameters are numbered as they are written.
struct Compiler {
    owner: Owner,
    kind: Kind,
    params: Vec<Bound>,
}

impl Compiler {
    fn bind(&mut self, value: Bound) -> String {
        self.params.push(value);
        format!("${}", self.params.len())
    }

    fn narrow(&mut self, filter: &Filter) -> Narrow {
        match filter {
            Filter::And(list) => self.all_of(list),
            Filter::Or(list) => self.any_of(list),
            Filter::Compare { path, op, value } => self.compare(path, *op, value),
            Filter::Element { path, filter, tail } => self.element(path, filter, tail.as_ref()),
            // An attribute that nobody has.
            Filter::Unknown { .. } => Narrow::Exact("1 = 0".into()),
            Filter::Not(_) | Filter::Present(_) => Narrow::All,
        }
    }

    /// Every condition that is known narrows; the result is exact only when all are.
    fn all_of(&mut self, list: &[Filter]) -> Narrow {
        let (mut conditions, mut is_exact) = (Vec::new(), true);
        for part in list {
            match self.narrow(part) {
                Narrow::Exact(c) => conditions.push(c),
                Narrow::Superset(c) => {
                    conditions.push(c);
                    is_exact = false;
                }
                Narrow::All => is_exact = false,
            }
        }
        match (conditions.is_empty(), is_exact) {
            (true, _) => Narrow::All,
            (false, true) => Narrow::Exact(conditions.join(" AND ")),
            (false, false) => Narrow::Superset(conditions.join(" AND ")),
        }
    }

    /// A union of keys, because a plain OR would keep the database from using an index for each side.
    fn any_of(&mut self, list: &[Filter]) -> Narrow {
        let (mut union, mut is_exact) = (String::new(), true);
        let before = self.params.len();
        for part in list {
            let condition = match self.narrow(part) {
                Narrow::Exact(c) => c,
                Narrow::Superset(c) => {
                    is_exact = false;
                    c
                }
                Narrow::All => {
                    self.params.truncate(before);
                    return Narrow::All;
                }
            };
            let joint = if union.is_empty() { "" } else { " UNION " };
            let owner = self.bind(Bound::Int(self.owner.key));
            // Writing to a String cannot fail.
            let _ = write!(
                union,
                "{joint}SELECT o.key FROM object o WHERE ({condition}) AND +o.owner = {owner}"
            );
        }
        let condition = format!("o.key IN ({union})");
        if is_exact {
            Narrow::Exact(condition)
        } else {
            Narrow::Superset(condition)
        }
    }

    fn compare(&mut self, path: &AttrPath, op: Op, value: &Literal) -> Narrow {
        if path.urn.is_some() {
            return Narrow::All;
        }
        match (op, value) {
            (Op::Eq, Literal::String(text)) => self.equals(path, text),
            (Op::Eq, Literal::Bool(wanted)) if path.name == "active" && self.kind == Kind::Person => {
                // An absent `active` counts as active in the column, and as nothing in a filter.
                let value = self.bind(Bound::Bool(*wanted));
                Narrow::Superset(format!("o.active = {value}"))
            }
            (Op::Sw, Literal::String(text)) if self.is_name(path) => self.prefix(text),
            _ => Narrow::All,
        }
    }

    /// Whether the attribute is what `name_key` holds.
    fn is_name(&self, path: &AttrPath) -> bool {
        path.sub.is_none()
            && path.name
                == if self.kind == Kind::Person {
                    "userName"
                } else {
                    "displayName"
                }
    }

    fn prefix(&mut self, text: &str) -> Narrow {
        let low = resource::fold(text);
        let high = format!("{low}\u{10FFFF}");
        let (low, high) = (self.bind(Bound::Text(low)), self.bind(Bound::Text(high)));
        Narrow::Exact(format!("o.name_key >= {low} AND o.name_key < {high}"))
    }

    fn equals(&mut self, path: &AttrPath, text: &str) -> Narrow {
        let folded = || Bound::Text(resource::fold(text));
        match (self.kind, path.name.as_str(), path.sub.as_deref()) {
            (_, "id", None) => self.id(text),
            (_, "externalId", None) => {
                let value = self.bind(Bound::Text(text.to_owned()));
                Narrow::Exact(format!("o.external_id = {value}"))
            }
            (Kind::Person, "userName", None) | (Kind::Group, "displayName", None) => {
                let realm = if self.kind == Kind::Person {
                    self.owner.workspace
                } else {
                    self.owner.key
                };
                let (value, realm) = (self.bind(folded()), self.bind(Bound::Int(realm)));
                let kind = self.bind(Bound::Int(kind_number(self.kind)));
                Narrow::Exact(format!(
                    "o.name_key = {value} AND o.realm = {realm} AND o.kind = {kind}"
                ))
            }
            (Kind::Person, "displayName", None) => {
                let value = self.bind(folded());
                Narrow::Exact(format!("o.display_key = {value}"))
            }
            (Kind::Person, "emails", None | Some("value")) => self.email(text),
            (Kind::Group, "members", None | Some("value")) => self.related(text, "group_key", "member_key"),
            (Kind::Person, "groups", None | Some("value")) => self.related(text, "member_key", "group_key"),
            _ => Narrow::All,
        }
    }

    /// Ids compare exactly, so another spelling of the same UUID is nobody's.
    fn id(&mut self, text: &str) -> Narrow {
        match Uuid::parse_str(text) {
            Ok(id) if id.to_string() == text => {
                let value = self.bind(Bound::Uuid(id));
                Narrow::Exact(format!("o.id = {value}"))
            }
            _ => Narrow::Exact("1 = 0".into()),
        }
    }

    fn email(&mut self, text: &str) -> Narrow {
        let first = self.bind(Bound::Text(resource::fold(text)));
        let further = self.bind(Bound::Text(resource::fold(text)));
        Narrow::Exact(format!(
            "o.key IN (SELECT e.key FROM object e WHERE e.email_key = {first} \
             UNION SELECT f.object FROM further_email f WHERE f.email_key = {further})"
        ))
    }

    /// The other ends of the memberships of the owner's object with this id.
    fn related(&mut self, text: &str, wanted: &str, given: &str) -> Narrow {
        let Ok(id) = Uuid::parse_str(text) else {
            return Narrow::Exact("1 = 0".into());
        };
        if id.to_string() != text {
            return Narrow::Exact("1 = 0".into());
        }
        let (id, owner) = (self.bind(Bound::Uuid(id)), self.bind(Bound::Int(self.owner.key)));
        Narrow::Exact(format!(
            "o.key IN (SELECT m.{wanted} FROM member m JOIN object p ON p.key = m.{given} \
             WHERE p.id = {id} AND p.owner = {owner})"
        ))
    }

    /// `emails[type eq "work"].value eq "x"`: the value narrows, the rest is asked of each row.
    fn element(&mut self, path: &AttrPath, filter: &Filter, tail: Option<&Tail>) -> Narrow {
        let value = match tail {
            Some(Tail {
                sub,
                test: Test::Compare(Op::Eq, Literal::String(text)),
            }) if sub == "value" => Some(text),
            _ => value_in(filter),
        };
        let Some(text) = value else { return Narrow::All };
        let whole = AttrPath {
            urn: path.urn.clone(),
            name: path.name.clone(),
            sub: None,
        };
        match self.compare(&whole, Op::Eq, &Literal::String(text.clone())) {
            Narrow::Exact(c) | Narrow::Superset(c) => Narrow::Superset(c),
            Narrow::All => Narrow::All,
        }
    }
}

/// The text that an element's `value` must equal, when the bracket is a conjunction that says so.
fn value_in(filter: &Filter) -> Option<&String> {
    match filter {
        Filter::Compare {
            path,
            op: Op::Eq,
            value: Literal::String(text),
        } if path.name == "value" => Some(text),
        Filter::And(list) => list.iter().find_map(value_in),
        _ => None,
    }
}

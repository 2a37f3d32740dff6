//! The objects of one kind that a filter selects, walked in the order of creation.

use super::compile::{Bound, Compiler, Narrow, borrow};
use super::{Asked, Filters};
use crate::directory::{Object, ObjectRow, columns, kind_number};
use crate::{Result, Tx, member};
use provost_engine::object::Kind;
use provost_scim::filter::Filter;
use provost_scim::page::Sort;
use provost_scim::resource::{self, Document};
use provost_scim::schema::{Catalogue, ResourceType};
use serde_json::Value;
use uuid::Uuid;

/// Rows of one statement at most while objects are looked at one by one: PostgreSQL's driver holds them all.
const CHUNK: i64 = 16_384;
/// The same, where each object's memberships are read as well.
const CHUNK_RELATED: i64 = 512;

/// The people or the groups of an owner that are asked for.
pub(super) struct One<'a> {
    pub kind: Kind,
    pub rt: &'a ResourceType,
    pub filter: Option<&'a Filter>,
    pub narrow: Narrow,
    /// The values of the condition; the first two are the owner and the kind.
    pub params: Vec<Bound>,
    /// What a name is unique in.
    pub realm: i64,
    pub owner: i64,
}

impl<'a> One<'a> {
    pub fn of(asked: &Asked<'a>, kind: Kind) -> Self {
        let Asked {
            owner,
            catalogue,
            filter,
            ..
        } = asked;
        let rt = resource_type(catalogue, kind);
        let filter = Filters::get(filter, kind);
        let mut compiler = Compiler::new(*owner, kind, rt);
        let narrow = filter.map_or(Narrow::Everybody, |filter| compiler.narrow(filter));
        Self {
            kind,
            rt,
            filter,
            narrow,
            params: compiler.params,
            realm: owner.realm(kind),
            owner: owner.key,
        }
    }

    /// Whether an index says who is meant, and does not mean many.
    pub fn is_short(&self) -> bool {
        match &self.narrow {
            Narrow::Everybody | Narrow::Nobody => true,
            Narrow::Some(part) => part.exact && part.indexed && !self.filter.is_some_and(is_prefix),
            Narrow::Unknown => false,
        }
    }

    /// Whether SQL alone selects exactly who is meant.
    pub fn is_exact(&self) -> bool {
        match &self.narrow {
            Narrow::Everybody | Narrow::Nobody => true,
            Narrow::Some(part) => part.exact,
            Narrow::Unknown => false,
        }
    }

    /// Whether an index narrows the walk.
    pub fn is_indexed(&self) -> bool {
        match &self.narrow {
            Narrow::Nobody => true,
            Narrow::Some(part) => part.indexed,
            Narrow::Everybody | Narrow::Unknown => false,
        }
    }

    /// `FROM … WHERE …` for the condition. Where it has an index of its own, a plus keeps the databases from
    /// taking the owner's or the keys' instead; [`One::key`] does so for the order.
    pub fn from(&self) -> String {
        let plus = self.plus();
        let base = format!("FROM object o WHERE {plus}o.owner = $1 AND {plus}o.kind = $2");
        match &self.narrow {
            Narrow::Nobody => format!("{base} AND 1 = 0"),
            Narrow::Some(part) => format!("{base} AND ({})", part.condition),
            Narrow::Everybody | Narrow::Unknown => base,
        }
    }

    /// The key column, as it is to be written beside [`One::from`].
    pub fn key(&self) -> String {
        format!("{}o.key", self.plus())
    }

    fn plus(&self) -> &'static str {
        if self.is_indexed() { "+" } else { "" }
    }

    /// Whether memberships must be read to decide the filter or to find an object's place in the order.
    pub fn is_related(&self, sort: Option<&Sort>) -> bool {
        let name = relation(self.kind);
        let sorted = sort.is_some_and(|sort| sort.path.urn.is_none() && sort.path.name == name);
        sorted || (!self.is_exact() && self.filter.is_some_and(|filter| filter.asks_about(name)))
    }

    /// What the filter and the order look at: the whole object only where they ask for more than the document
    /// holds.
    pub fn value(&self, seen: &Seen, sort: Option<&Sort>) -> Result<Value> {
        let filter = self.filter.filter(|_| !self.is_exact());
        let beside = ["id", "meta", "schemas"].into_iter().any(|name| {
            filter.is_some_and(|filter| filter.asks_about(name))
                || sort.is_some_and(|sort| sort.path.urn.is_none() && sort.path.name == name)
        });
        if beside {
            seen.full(self.rt, None)
        } else {
            parse(seen.document()?)
        }
    }

    /// Whether the object is meant.
    pub fn matches(&self, value: &Value) -> bool {
        self.is_exact() || self.filter.is_none_or(|filter| filter.matches(self.rt, value))
    }

    /// Hands everybody who is meant and has a key above `after` to `each`, in key order, until it answers
    /// `false`. Few are read at first and more with every statement: most callers stop early.
    pub fn walk(
        &self,
        tx: &mut Tx,
        sort: Option<&Sort>,
        mut after: i64,
        first: u64,
        mut each: impl FnMut(&Seen, &Value) -> Result<bool>,
    ) -> Result<()> {
        let (related, most) = match self.is_related(sort) {
            true => (true, CHUNK_RELATED),
            false => (false, CHUNK),
        };
        let n = self.params.len();
        let sql = format!(
            "SELECT {} {} AND {key} > ${} ORDER BY {key} LIMIT ${}",
            columns!(),
            self.from(),
            n + 1,
            n + 2,
            key = self.key()
        );
        let mut limit = i64::try_from(first).unwrap_or(most).clamp(64, most);
        loop {
            let mut params = self.params.clone();
            params.extend([Bound::Int(after), Bound::Int(limit)]);
            let stretch = if related {
                self.related(tx, &sql, &params, &mut each)?
            } else {
                self.in_place(tx, &sql, &params, sort, &mut each)?
            };
            if stretch.is_over || stretch.rows < limit {
                return Ok(());
            }
            after = stretch.last;
            limit = (limit * 2).min(most);
        }
    }

    fn in_place(
        &self,
        tx: &mut Tx,
        sql: &str,
        params: &[Bound],
        sort: Option<&Sort>,
        each: &mut impl FnMut(&Seen, &Value) -> Result<bool>,
    ) -> Result<Stretch> {
        let deadline = tx.deadline();
        let mut stretch = Stretch::default();
        tx.for_each(sql, &borrow(params), |row| {
            deadline.keep()?;
            let seen = Seen::Row(ObjectRow::of(row));
            stretch.pass(seen.key()?);
            let value = self.value(&seen, sort)?;
            if self.matches(&value) {
                stretch.is_over = !each(&seen, &value)?;
            }
            Ok(!stretch.is_over)
        })?;
        Ok(stretch)
    }

    fn related(
        &self,
        tx: &mut Tx,
        sql: &str,
        params: &[Bound],
        each: &mut impl FnMut(&Seen, &Value) -> Result<bool>,
    ) -> Result<Stretch> {
        let mut stretch = Stretch::default();
        for object in tx.query(sql, &borrow(params), crate::directory::read)? {
            tx.keep_time()?;
            stretch.pass(object.key);
            let peers = peers(tx, &object)?;
            let seen = Seen::Kept(object);
            let value = seen.full(self.rt, Some((relation(self.kind), peers)))?;
            if self.matches(&value) && !each(&seen, &value)? {
                stretch.is_over = true;
                break;
            }
        }
        Ok(stretch)
    }
}

/// How far one statement of a walk has come.
#[derive(Default)]
struct Stretch {
    rows: i64,
    last: i64,
    is_over: bool,
}

impl Stretch {
    fn pass(&mut self, key: i64) {
        self.rows += 1;
        self.last = key;
    }
}

/// An object that a walk has come to.
pub(super) enum Seen<'a> {
    /// In place.
    Row(ObjectRow<'a>),
    /// A copy.
    Kept(Object),
}

impl Seen<'_> {
    pub fn key(&self) -> Result<i64> {
        match self {
            Seen::Row(row) => row.key(),
            Seen::Kept(object) => Ok(object.key),
        }
    }

    pub fn id(&self) -> Result<Uuid> {
        match self {
            Seen::Row(row) => row.id(),
            Seen::Kept(object) => Ok(object.id),
        }
    }

    pub fn object(&self) -> Result<Object> {
        match self {
            Seen::Row(row) => row.to_object(),
            Seen::Kept(object) => Ok(object.clone()),
        }
    }

    fn document(&self) -> Result<&str> {
        match self {
            Seen::Row(row) => row.document(),
            Seen::Kept(object) => Ok(&object.document),
        }
    }

    fn times(&self) -> Result<(i64, i64, i64)> {
        match self {
            Seen::Row(row) => Ok((row.created()?, row.modified()?, row.version()?)),
            Seen::Kept(o) => Ok((o.created, o.modified, o.version)),
        }
    }

    /// The object as a filter sees it: with id, meta and, where it asks for them, members or groups.
    pub fn full(&self, rt: &ResourceType, relation: Option<(&str, Value)>) -> Result<Value> {
        let document: Document = parse(self.document()?)?;
        let (created, modified, version) = self.times()?;
        let meta = resource::Meta {
            rt,
            created,
            modified,
            location: "",
            version: version.into(),
        };
        let mut buffer = Uuid::encode_buffer();
        let id = self.id()?.hyphenated().encode_lower(&mut buffer);
        Ok(resource::to_value(&document, id, &meta, relation))
    }
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| crate::Error::Damaged(e.to_string()))
}

/// A prefix is exact as well, but may select everybody.
fn is_prefix(filter: &Filter) -> bool {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().any(is_prefix),
        Filter::Compare { op, .. } => *op != provost_scim::filter::Op::Eq,
        _ => false,
    }
}

/// SCIM's description of a kind.
pub(super) fn resource_type(catalogue: &Catalogue, kind: Kind) -> &ResourceType {
    match kind {
        Kind::Person => catalogue.user(),
        Kind::Group => catalogue.group(),
    }
}

fn relation(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "groups",
        Kind::Group => "members",
    }
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

/// The first values of every condition: whose, and which kind.
pub(super) fn first_params(owner: i64, kind: Kind) -> Vec<Bound> {
    vec![Bound::Int(owner), Bound::Int(kind_number(kind))]
}

//! SCIM filters to SQL, as far as the indexes reach.

use super::select::first_params;
use crate::Param;
use crate::directory::{Owner, kind_number};
use provost_engine::object::Kind;
use provost_scim::filter::{Filter, Literal, Op, Tail, Test};
use provost_scim::path::AttrPath;
use provost_scim::resource;
use provost_scim::schema::ResourceType;
use std::fmt::Write as _;
use uuid::Uuid;

/// An owned parameter: filters carry their own values.
#[derive(Debug, Clone)]
pub(super) enum Bound {
    Int(i64),
    Text(String),
    Uuid(Uuid),
    Bool(bool),
}

pub(super) fn borrow(params: &[Bound]) -> Vec<Param<'_>> {
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
#[derive(Debug)]
pub(super) enum Narrow {
    /// The filter means everybody.
    Everybody,
    /// The filter means nobody.
    Nobody,
    /// A condition narrows.
    Some(Part),
    /// Nothing is known.
    Unknown,
}

/// A condition on `object o`.
#[derive(Debug)]
pub(super) struct Part {
    pub condition: String,
    /// Whether it holds for the filter's objects and no other; otherwise for more than those.
    pub exact: bool,
    /// Whether an index finds its objects.
    pub indexed: bool,
}

impl Narrow {
    fn exact(condition: String) -> Self {
        Narrow::Some(Part {
            condition,
            exact: true,
            indexed: true,
        })
    }
}

/// Compiles filters to conditions on `object o`. Parameters are numbered as they are written.
pub(super) struct Compiler<'a> {
    owner: Owner,
    kind: Kind,
    rt: &'a ResourceType,
    pub params: Vec<Bound>,
}

impl<'a> Compiler<'a> {
    /// A compiler whose first two parameters are the owner and the kind.
    pub fn new(owner: Owner, kind: Kind, rt: &'a ResourceType) -> Self {
        Self {
            owner,
            kind,
            rt,
            params: first_params(owner.key, kind),
        }
    }

    fn bind(&mut self, value: Bound) -> String {
        self.params.push(value);
        format!("${}", self.params.len())
    }

    /// Compiles a filter. What does not become a condition leaves no parameter behind.
    pub fn narrow(&mut self, filter: &Filter) -> Narrow {
        let before = self.params.len();
        let narrow = match filter {
            Filter::And(list) => self.all_of(list),
            Filter::Or(list) => self.any_of(list),
            Filter::Compare { path, op, value } => self.compare(path, *op, value),
            Filter::Element { path, filter, tail } => self.element(path, filter, tail.as_ref()),
            // An attribute that nobody has.
            Filter::Unknown { .. } => Narrow::Nobody,
            Filter::Not(_) | Filter::Present(_) => Narrow::Unknown,
        };
        if !matches!(narrow, Narrow::Some(_)) {
            self.params.truncate(before);
        }
        narrow
    }

    /// Every condition that is known narrows; the result is exact only when all are.
    fn all_of(&mut self, list: &[Filter]) -> Narrow {
        let (mut conditions, mut exact, mut indexed) = (Vec::new(), true, false);
        for part in list {
            match self.narrow(part) {
                Narrow::Everybody => {}
                Narrow::Nobody => return Narrow::Nobody,
                Narrow::Unknown => exact = false,
                Narrow::Some(part) => {
                    exact &= part.exact;
                    indexed |= part.indexed;
                    conditions.push(part.condition);
                }
            }
        }
        match (conditions.is_empty(), exact) {
            (true, true) => Narrow::Everybody,
            (true, false) => Narrow::Unknown,
            (false, _) => Narrow::Some(Part {
                condition: conditions.join(" AND "),
                exact,
                indexed,
            }),
        }
    }

    /// What every side narrows narrows. Where each has an index it is a union of keys, because a plain OR
    /// would keep the database from using them.
    fn any_of(&mut self, list: &[Filter]) -> Narrow {
        let mut parts = Vec::new();
        for part in list {
            match self.narrow(part) {
                Narrow::Nobody => {}
                Narrow::Some(part) => parts.push(part),
                other => return other,
            }
        }
        let exact = parts.iter().all(|part| part.exact);
        let indexed = parts.iter().all(|part| part.indexed);
        let condition = match parts.as_slice() {
            [] => return Narrow::Nobody,
            [single] => single.condition.clone(),
            several if indexed => union(several),
            several => {
                let sides: Vec<String> = several.iter().map(|p| format!("({})", p.condition)).collect();
                format!("({})", sides.join(" OR "))
            }
        };
        Narrow::Some(Part {
            condition,
            exact,
            indexed,
        })
    }

    fn compare(&mut self, path: &AttrPath, op: Op, value: &Literal) -> Narrow {
        if path.urn.is_some() {
            return Narrow::Unknown;
        }
        match (op, value) {
            (Op::Eq, Literal::String(text)) => self.equals(path, text),
            (Op::Eq, Literal::Bool(wanted)) if path.name == "active" && self.kind == Kind::Person => {
                let value = self.bind(Bound::Bool(*wanted));
                Narrow::Some(Part {
                    condition: format!("o.active = {value}"),
                    // An `active` that is absent or null counts one way or the other in the column, and as nothing
                    // in a filter.
                    exact: false,
                    indexed: false,
                })
            }
            (Op::Sw, Literal::String(text)) if self.is_name(path) => self.prefix(text),
            _ => Narrow::Unknown,
        }
    }

    /// Whether the attribute is what `name_key` holds.
    fn is_name(&self, path: &AttrPath) -> bool {
        let name = match self.kind {
            Kind::Person => "userName",
            Kind::Group => "displayName",
        };
        path.sub.is_none() && path.name == name
    }

    fn prefix(&mut self, text: &str) -> Narrow {
        let low = resource::fold(text);
        let high = format!("{low}\u{10FFFF}");
        let (low, high) = (self.bind(Bound::Text(low)), self.bind(Bound::Text(high)));
        Narrow::exact(format!("o.name_key >= {low} AND o.name_key < {high}"))
    }

    fn equals(&mut self, path: &AttrPath, text: &str) -> Narrow {
        let folded = || Bound::Text(resource::fold(text));
        match (self.kind, path.name.as_str(), path.sub.as_deref()) {
            (_, "id", None) => self.id(text),
            (_, "meta", Some("resourceType")) if text == self.rt.name => Narrow::Everybody,
            (_, "meta", Some("resourceType")) => Narrow::Nobody,
            (_, "externalId", None) => {
                let value = self.bind(Bound::Text(text.to_owned()));
                Narrow::exact(format!("o.external_id = {value}"))
            }
            (Kind::Person, "userName", None) | (Kind::Group, "displayName", None) => {
                let (value, realm) = (
                    self.bind(folded()),
                    self.bind(Bound::Int(self.owner.realm(self.kind))),
                );
                let kind = self.bind(Bound::Int(kind_number(self.kind)));
                Narrow::exact(format!(
                    "o.name_key = {value} AND o.realm = {realm} AND o.kind = {kind}"
                ))
            }
            (Kind::Person, "displayName", None) => {
                let value = self.bind(folded());
                Narrow::exact(format!("o.display_key = {value}"))
            }
            (Kind::Person, "emails", None | Some("value")) => self.email(text),
            (Kind::Group, "members", None | Some("value")) => self.related(text, "group_key", "member_key"),
            (Kind::Person, "groups", None | Some("value")) => self.related(text, "member_key", "group_key"),
            _ => Narrow::Unknown,
        }
    }

    /// Ids compare exactly, so another spelling of the same UUID is nobody's.
    fn id(&mut self, text: &str) -> Narrow {
        match canonical(text) {
            Some(id) => {
                let value = self.bind(Bound::Uuid(id));
                Narrow::exact(format!("o.id = {value}"))
            }
            None => Narrow::Nobody,
        }
    }

    fn email(&mut self, text: &str) -> Narrow {
        let first = self.bind(Bound::Text(resource::fold(text)));
        let further = self.bind(Bound::Text(resource::fold(text)));
        Narrow::exact(format!(
            "o.key IN (SELECT e.key FROM object e WHERE e.email_key = {first} \
             UNION SELECT f.object FROM further_email f WHERE f.email_key = {further})"
        ))
    }

    /// The other ends of the memberships of the owner's object with this id.
    fn related(&mut self, text: &str, wanted: &str, given: &str) -> Narrow {
        let Some(id) = canonical(text) else {
            return Narrow::Nobody;
        };
        let (id, owner) = (self.bind(Bound::Uuid(id)), self.bind(Bound::Int(self.owner.key)));
        Narrow::exact(format!(
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
        let Some(text) = value else {
            return Narrow::Unknown;
        };
        let whole = AttrPath {
            urn: path.urn.clone(),
            name: path.name.clone(),
            sub: None,
        };
        match self.compare(&whole, Op::Eq, &Literal::String(text.clone())) {
            Narrow::Some(part) => Narrow::Some(Part { exact: false, ..part }),
            // Nobody has an element with that value.
            Narrow::Nobody => Narrow::Nobody,
            Narrow::Everybody | Narrow::Unknown => Narrow::Unknown,
        }
    }
}

/// The keys that any of the conditions selects.
fn union(parts: &[Part]) -> String {
    let mut list = String::new();
    for part in parts {
        let joint = if list.is_empty() { "" } else { " UNION " };
        // Writing into a String has no way to fail.
        let _ = write!(
            list,
            "{joint}SELECT o.key FROM object o WHERE ({}) AND +o.owner = $1",
            part.condition
        );
    }
    format!("o.key IN ({list})")
}

fn canonical(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|id| id.to_string() == text)
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

//! Carrying out the operations, in order, on a copy: an error leaves nothing behind.

use serde_json::{Map, Value};

use super::parse::numbered;
use super::{MemberChange, Operation, Outcome, PatchOp, Request, list, members, single};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::leniency::{Habits, Leniency, Tolerance};
use crate::path::AttrPath;
use crate::resource::Document;
use crate::schema::{Attribute, Mutability, ResourceType, Returned};
use crate::validate;
use crate::validate::place::Place;
use crate::validate::{coerce, immutable};

/// Applies a request to a document, all or nothing. Operations on the members of a group come out
/// separately, see [`MemberChange`].
///
/// # Errors
/// 400 `mutability` when a required attribute is removed, or a member is edited; `invalidValue` for a
/// missing or wrong value; `noTarget` for a target that does not exist and cannot be made.
pub fn apply(
    rt: &ResourceType,
    document: &Document,
    request: &Request,
    leniency: &Leniency,
    used: &mut Habits,
) -> Result<Outcome> {
    used.merge(&request.used);
    let mut work = Work {
        rt,
        document: document.clone(),
        members: Vec::new(),
        effort: MAX_EFFORT,
        tolerance: Tolerance::new(leniency, used),
    };
    for operation in &request.operations {
        work.carry_out(operation)
            .map_err(|error| numbered(error, operation.number))?;
    }
    validate::check(rt, &work.document)?;
    let changed = work.document != *document;
    let requested = request.operations.iter().map(|operation| &operation.path.path);
    Ok(Outcome {
        document: work.document,
        members: work.members,
        changed,
        requested: requested
            .filter(|path| is_on_request(rt, path))
            .cloned()
            .collect(),
    })
}

fn is_on_request(rt: &ResourceType, path: &AttrPath) -> bool {
    rt.top(path).is_some_and(|top| top.returned == Returned::Request)
}

/// Carries out one operation on a document that is still being read; what it does to members comes out.
/// `effort` is what is left of [`MAX_EFFORT`].
///
/// # Errors
/// As [`apply`].
pub(crate) fn add_to(
    rt: &ResourceType,
    document: &mut Document,
    operation: &Operation,
    effort: &mut usize,
    tolerance: &mut Tolerance<'_>,
) -> Result<Option<MemberChange>> {
    let mut used = Habits::default();
    let mut work = Work {
        rt,
        document: std::mem::take(document),
        members: Vec::new(),
        effort: *effort,
        tolerance: tolerance.trial(&mut used),
    };
    work.carry_out(operation)?;
    *document = work.document;
    *effort = work.effort;
    let change = work.members.pop();
    tolerance.adopt(&used);
    Ok(change)
}

/// One operation as `single` and `list` see it: the attribute is already found.
pub(super) struct Change<'a> {
    pub(super) op: PatchOp,
    pub(super) attribute: &'a Attribute,
    pub(super) filter: Option<&'a Filter>,
    pub(super) sub: Option<&'a Attribute>,
    pub(super) value: Option<&'a Value>,
    pub(super) place: Place<'a>,
}

impl Change<'_> {
    /// The value that `add` and `replace` need. For `add`, `null` is none, and so is an empty list where one
    /// value belongs (RFC 7643 section 2.5).
    pub(super) fn required_value(&self) -> Result<&Value> {
        let single = !self.sub.unwrap_or(self.attribute).multi_valued;
        match self.value {
            None => Err(self.missing()),
            Some(Value::Null) if self.op == PatchOp::Add => Err(self.missing()),
            Some(Value::Array(list))
                if self.op == PatchOp::Add && single && list.iter().all(Value::is_null) =>
            {
                Err(self.missing())
            }
            Some(value) => Ok(value),
        }
    }

    fn missing(&self) -> Error {
        Error::invalid_value(format!("{}: {} needs a value", self.place, self.op))
    }
}

struct Work<'a> {
    rt: &'a ResourceType,
    document: Document,
    members: Vec<MemberChange>,
    /// Comparisons of elements that this request may still cause.
    effort: usize,
    tolerance: Tolerance<'a>,
}

/// Most comparisons of list elements in one request. Every operation looks at the whole list that it
/// changes, so many operations on a long list are a product; this keeps it far below a second.
pub(crate) const MAX_EFFORT: usize = 4_000_000;

/// The attribute whose removal and whose absence must never be taken for a decision to let somebody in.
pub(super) fn is_active(path: &AttrPath) -> bool {
    path.urn.is_none() && path.name == "active"
}

impl Work<'_> {
    fn carry_out(&mut self, operation: &Operation) -> Result<()> {
        let path = &operation.path.path;
        if let Some(urn) = path.urn.as_ref().filter(|_| path.is_whole_schema()) {
            self.document.remove(urn);
            return Ok(());
        }
        let rt = self.rt;
        let Some(top) = rt.top(path) else {
            return Err(super::parse::not_an_attribute(rt, path));
        };
        let sub = path
            .sub
            .as_ref()
            .or(operation.path.sub.as_ref())
            .and_then(|name| top.sub_attribute(name));
        let place = Place::new(path.urn.as_deref(), &top.name);
        let change = Change {
            op: operation.op,
            attribute: top,
            filter: operation.path.filter.as_ref(),
            sub,
            value: operation.value.as_ref(),
            place: sub.map_or(place, |sub| place.sub(&sub.name)),
        };
        match (path.urn.as_deref(), top.name.as_str()) {
            (None, "members") => {
                self.members
                    .extend(members::change(&change, &mut self.tolerance)?);
                Ok(())
            }
            (None, "schemas") => schemas(&change),
            (None, _) if top.mutability == Mutability::WriteOnly => write_only(&change, &mut self.tolerance),
            (None, "active") => self.switch(&change),
            (None, _) => {
                spend(&mut self.effort, &self.document, &change)?;
                edit(&mut self.document, &change, &mut self.tolerance)
            }
            (Some(urn), _) => self.in_extension(urn, &change),
        }
    }

    /// `active` is true or false. Without it a person would be active, so its removal is kept as `null`,
    /// which is not active; and a value that says nothing is refused.
    fn switch(&mut self, change: &Change<'_>) -> Result<()> {
        let name = &change.attribute.name;
        if change.op == PatchOp::Remove {
            self.document.insert(name.clone(), Value::Null);
            return Ok(());
        }
        let value = single::change(None, change, &mut self.tolerance)?;
        let Some(value) = value else {
            return Err(Error::invalid_value(format!(
                "{}: expected true or false, found no value",
                change.place
            )));
        };
        self.document.insert(name.clone(), value);
        Ok(())
    }

    /// An extension's object comes with its first attribute and goes with its last.
    fn in_extension(&mut self, urn: &str, change: &Change<'_>) -> Result<()> {
        let mut object = match self.document.remove(urn) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        };
        spend(&mut self.effort, &object, change)?;
        edit(&mut object, change, &mut self.tolerance)?;
        if !object.is_empty() {
            self.document.insert(urn.to_owned(), Value::Object(object));
        }
        Ok(())
    }
}

/// Pays for the comparisons that an operation on a list will make.
///
/// # Errors
/// 413 when the request has caused too many.
fn spend(effort: &mut usize, object: &Document, change: &Change<'_>) -> Result<()> {
    let there = object
        .get(&change.attribute.name)
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let asked = change.filter.map_or(1, Filter::terms);
    let sent = change.value.and_then(Value::as_array).map_or(1, Vec::len);
    match effort.checked_sub(there.saturating_mul(asked.max(sent))) {
        Some(left) => {
            *effort = left;
            Ok(())
        }
        None => Err(Error::too_large(format!(
            "{}: too many operations on too long a list: send them in several requests",
            change.place
        ))),
    }
}

fn edit(object: &mut Document, change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<()> {
    let attribute = change.attribute;
    let current = object.remove(&attribute.name);
    // A whole list may be exchanged: its elements go and others come.
    let edited = !attribute.multi_valued || change.filter.is_some() || change.sub.is_some();
    let before = (edited && immutable::is_within(attribute))
        .then(|| current.clone())
        .flatten();
    let next = if attribute.multi_valued {
        let current = match current {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        let next = list::change(current, change, tolerance)?;
        if next.is_empty() {
            None
        } else {
            Some(Value::Array(next))
        }
    } else {
        single::change(current, change, tolerance)?
    };
    immutable::kept(attribute, before.as_ref(), next.as_ref(), change.place)?;
    match next {
        Some(value) => {
            object.insert(attribute.name.clone(), value);
            Ok(())
        }
        None if attribute.required => Err(unassigned(change)),
        None => Ok(()),
    }
}

fn unassigned(change: &Change<'_>) -> Error {
    match change.op {
        PatchOp::Remove => Error::mutability(format!("{} is required and cannot be removed", change.place)),
        _ => Error::invalid_value(format!("{} is required", change.place)),
    }
}

/// `schemas` follows from the attributes that are present: naming one changes nothing.
fn schemas(change: &Change<'_>) -> Result<()> {
    match (change.op, change.value) {
        (PatchOp::Remove, _) => Err(Error::mutability(
            "schemas follows from the attributes and cannot be removed",
        )),
        (_, Some(Value::String(_))) => Ok(()),
        (_, Some(Value::Array(list))) if list.iter().all(Value::is_string) => Ok(()),
        _ => Err(Error::invalid_value("schemas: expected a list of URNs")),
    }
}

/// A password is checked for its type and not kept.
fn write_only(change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<()> {
    if change.op == PatchOp::Remove {
        return Ok(());
    }
    coerce::value(
        change.attribute,
        change.required_value()?.clone(),
        change.place,
        tolerance,
    )?;
    Ok(())
}

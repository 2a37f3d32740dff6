//! Operations on the members of a group. The members are not here: each operation becomes a
//! [`MemberChange`], and whatever cannot be said that way is refused.

use serde_json::Value;

use super::apply::Change;
use super::{Member, MemberChange, PatchOp, member};
use crate::error::{Error, Result};
use crate::filter::{Filter, Literal, Op};
use crate::leniency::{Habit, Tolerance};

/// What the operation does to the members; `None` when it does nothing.
pub(super) fn change(change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<Option<MemberChange>> {
    if change.sub.is_some() {
        return Err(Error::mutability(format!(
            "{}: a member cannot be edited; add it or remove it",
            change.place
        )));
    }
    match (change.op, change.filter) {
        (PatchOp::Add, None) => {
            let members = read(change.required_value()?, change, tolerance)?;
            Ok((!members.is_empty()).then_some(MemberChange::Add(members)))
        }
        (PatchOp::Replace, None) => {
            let members = member::read(change.attribute, change.required_value()?.clone(), tolerance)?;
            Ok(Some(MemberChange::Replace(members)))
        }
        (PatchOp::Remove, None) => remove(change, tolerance),
        (PatchOp::Remove, Some(filter)) => Ok(Some(MemberChange::Remove(ids(filter)?))),
        (PatchOp::Add, Some(filter)) => add_selected(filter, change, tolerance).map(Some),
        (PatchOp::Replace, Some(filter)) if change.required_value()?.is_null() => {
            Ok(Some(MemberChange::Remove(ids(filter)?)))
        }
        (PatchOp::Replace, Some(_)) => Err(Error::mutability(
            "members: a member cannot be replaced by another; remove it and add the other",
        )),
    }
}

/// One member or a list of them.
fn read(value: &Value, change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<Vec<Member>> {
    let list = match value.clone() {
        Value::Array(list) => list,
        one => vec![one],
    };
    member::read(change.attribute, Value::Array(list), tolerance)
}

/// Everybody, or by habit exactly those whom the value names. A value never empties the group.
fn remove(change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<Option<MemberChange>> {
    let value = match change.value {
        None | Some(Value::Null) => return Ok(Some(MemberChange::RemoveAll)),
        Some(value) => value,
    };
    if !tolerance.of(Habit::RemoveByValue) {
        return Err(Error::invalid_value(
            "members: a removal takes no value; name the member in the path, as in members[value eq \"…\"]",
        ));
    }
    let ids: Vec<_> = read(value, change, tolerance)?
        .into_iter()
        .map(|member| member.value)
        .collect();
    Ok((!ids.is_empty()).then_some(MemberChange::Remove(ids)))
}

/// `add` on `members[value eq "id"]`: a member that is not there is made from the filter.
fn add_selected(filter: &Filter, change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<MemberChange> {
    let ids = ids(filter)?;
    let mut value = change.required_value()?.clone();
    let ([id], Value::Object(parts)) = (ids.as_slice(), &mut value) else {
        return Err(Error::invalid_value(
            "members: the path and the value must name one member",
        ));
    };
    if !parts.keys().any(|key| key.eq_ignore_ascii_case("value")) {
        parts.insert("value".to_owned(), Value::from(id.as_str()));
    }
    let members = read(&value, change, tolerance)?;
    match members.as_slice() {
        [member] if member.value == *id => Ok(MemberChange::Add(members)),
        _ => Err(Error::mutability(
            "members: the value names another member than the path",
        )),
    }
}

/// The ids that a filter selects: `value eq "…"`, or several joined by `or`.
fn ids(filter: &Filter) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    collect(filter, &mut ids)?;
    Ok(ids)
}

fn collect(filter: &Filter, ids: &mut Vec<String>) -> Result<()> {
    match filter {
        Filter::Compare {
            path,
            op: Op::Eq,
            value: Literal::String(id),
        } if path.name == "value" => {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
            Ok(())
        }
        Filter::Or(list) => list.iter().try_for_each(|filter| collect(filter, ids)),
        _ => Err(Error::invalid_filter(
            "members are selected by id only, as in members[value eq \"…\"]",
        )),
    }
}

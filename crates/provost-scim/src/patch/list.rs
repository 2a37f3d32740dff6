//! A multi-valued attribute: the whole list, all elements, or those that a filter selects.

use std::collections::BTreeSet;

use serde_json::Value;

use super::PatchOp;
use super::apply::Change;
use super::element;
use super::index::Index;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::leniency::{Habit, Tolerance};
use crate::schema::Attribute;
use crate::validate::coerce;
use crate::validate::simple::wrong;

/// The list afterwards; empty when the attribute is unassigned.
pub(super) fn change(
    list: Vec<Value>,
    change: &Change<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Vec<Value>> {
    match (change.op, change.filter, change.sub) {
        (PatchOp::Add, None, None) => add(list, change, tolerance),
        (PatchOp::Replace, None, None) => {
            let value = change.required_value()?.clone();
            Ok(array(coerce::value(
                change.attribute,
                value,
                change.place,
                tolerance,
            )?))
        }
        (PatchOp::Remove, None, None) => remove_all_or_named(list, change, tolerance),
        (PatchOp::Remove, filter, sub) => Ok(remove(list, change.attribute, filter, sub)),
        (_, filter, Some(sub)) => set_part(list, filter, sub, change, tolerance),
        (_, Some(filter), None) => set_element(list, filter, change, tolerance),
    }
}

fn array(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}

/// The elements that a value names: one or a list, as RFC 7644 section 3.5.2.1 allows.
fn named(value: &Value, change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<Vec<Value>> {
    let mut list = match value.clone() {
        Value::Array(list) => list,
        one => vec![one],
    };
    coerce::elements(change.attribute, &mut list, change.place, tolerance)?;
    Ok(list)
}

/// Appends elements. One that is there already takes the parts that are new to it.
fn add(mut list: Vec<Value>, change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<Vec<Value>> {
    let mut touched = Vec::new();
    let mut index = Index::new(change.attribute, &list);
    for new in named(change.required_value()?, change, tolerance)? {
        match index.named(&list, &new).first() {
            Some(&position) => {
                if let Some(there) = list.get_mut(position) {
                    add_parts(change.attribute, there, new);
                    // An element that was named by its other parts may have a value now.
                    index.insert(there, position);
                }
                touched.push(position);
            }
            None => {
                index.insert(&new, list.len());
                touched.push(list.len());
                list.push(new);
            }
        }
        coerce::bounded(&list, change.place)?;
    }
    touched.sort_unstable();
    touched.dedup();
    element::prefer(&mut list, &touched, change.place)?;
    Ok(list)
}

/// The value that is there is kept as it is written, when the new one is the same under its letter case
/// rule: adding what is there changes nothing.
fn add_parts(attribute: &Attribute, there: &mut Value, mut new: Value) {
    if let (Value::Object(parts), Value::Object(kept)) = (&mut new, &*there) {
        parts.retain(|key, value| {
            let named = key == "value" || key == "type";
            let same = named && attribute.sub_attribute(key).is_some() && kept.contains_key(key);
            !same && kept.get(key) != Some(value)
        });
    }
    element::merge(there, new);
}

/// Without a filter: everything, or by habit the elements that the value names. The list is never emptied
/// because a value was not understood.
fn remove_all_or_named(
    mut list: Vec<Value>,
    change: &Change<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Vec<Value>> {
    let value = match change.value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(value) => value,
    };
    if !tolerance.of(Habit::RemoveByValue) {
        return Err(Error::invalid_value(format!(
            "{}: a removal takes no value; select the elements by a filter in the path",
            change.place
        )));
    }
    let index = Index::new(change.attribute, &list);
    let gone: BTreeSet<usize> = named(value, change, tolerance)?
        .iter()
        .flat_map(|gone| index.named(&list, gone))
        .collect();
    let mut position = 0..;
    list.retain(|_| position.next().is_none_or(|position| !gone.contains(&position)));
    Ok(list)
}

fn selects(filter: Option<&Filter>, attribute: &Attribute, element: &Value) -> bool {
    filter.is_none_or(|filter| filter.matches_element(attribute, element))
}

fn selected(list: &[Value], filter: Option<&Filter>, attribute: &Attribute) -> Vec<usize> {
    let all = list.iter().enumerate();
    all.filter(|(_, element)| selects(filter, attribute, element))
        .map(|(index, _)| index)
        .collect()
}

/// Removes the selected elements, or one part of each; an element left with nothing disappears.
fn remove(
    mut list: Vec<Value>,
    attribute: &Attribute,
    filter: Option<&Filter>,
    sub: Option<&Attribute>,
) -> Vec<Value> {
    list.retain_mut(|element| {
        if !selects(filter, attribute, element) {
            return true;
        }
        match (sub, element.as_object_mut()) {
            (Some(sub), Some(parts)) => parts.remove(&sub.name).is_none() || !element::is_hollow(element),
            _ => false,
        }
    });
    list
}

/// Sets one part of every selected element.
fn set_part(
    mut list: Vec<Value>,
    filter: Option<&Filter>,
    sub: &Attribute,
    change: &Change<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Vec<Value>> {
    let value = coerce::value(sub, change.required_value()?.clone(), change.place, tolerance)?;
    let mut touched = selected(&list, filter, change.attribute);
    let Some(value) = value else {
        if touched.is_empty() && !tolerance.of(Habit::ReplaceCreates) {
            return Err(no_target(change));
        }
        return Ok(remove(list, change.attribute, filter, Some(sub)));
    };
    let created = touched.is_empty();
    if created {
        touched.push(create(&mut list, filter, change, tolerance)?);
    }
    for &index in &touched {
        if let Some(parts) = list.get_mut(index).and_then(Value::as_object_mut) {
            parts.insert(sub.name.clone(), value.clone());
        }
    }
    if created {
        still_selected(&list, filter, change)?;
    }
    element::prefer(&mut list, &touched, change.place)?;
    Ok(list)
}

/// Merges an object into every selected element, or replaces the element's content by it.
fn set_element(
    mut list: Vec<Value>,
    filter: &Filter,
    change: &Change<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Vec<Value>> {
    let attribute = change.attribute;
    let mut touched = selected(&list, Some(filter), attribute);
    let Some(parts) = one_element(change, tolerance)? else {
        if touched.is_empty() && !tolerance.of(Habit::ReplaceCreates) {
            return Err(no_target(change));
        }
        return Ok(remove(list, attribute, Some(filter), None));
    };
    let created = touched.is_empty();
    if created {
        touched.push(create(&mut list, Some(filter), change, tolerance)?);
    }
    for &index in &touched {
        let Some(there) = list.get_mut(index) else {
            continue;
        };
        if change.op == PatchOp::Replace {
            // What the path says about the element stays true of it, unless the value says otherwise.
            *there = Value::Object(element::stated(attribute, filter).unwrap_or_default());
        }
        element::merge(there, parts.clone());
    }
    if created {
        still_selected(&list, Some(filter), change)?;
    }
    element::prefer(&mut list, &touched, change.place)?;
    Ok(list)
}

/// The object for a selected element; `None` when `replace` unassigns it by `null`.
fn one_element(change: &Change<'_>, tolerance: &mut Tolerance<'_>) -> Result<Option<Value>> {
    let value = match change.required_value()? {
        Value::Null => return Ok(None),
        Value::Array(list) => match list.as_slice() {
            [one] if tolerance.of(Habit::ListOfOne) => one.clone(),
            _ => {
                return Err(wrong(change.place, "an object", &Value::Array(Vec::new())));
            }
        },
        one => one.clone(),
    };
    let mut found = vec![value];
    coerce::elements(change.attribute, &mut found, change.place, tolerance)?;
    match found.pop() {
        Some(element) => Ok(Some(element)),
        None => Err(Error::invalid_value(format!(
            "{}: the value has nothing to set",
            change.place
        ))),
    }
}

/// Makes the element that a filter describes (RFC 7644 section 3.5.2.1: what does not exist is added), and
/// says where it stands.
fn create(
    list: &mut Vec<Value>,
    filter: Option<&Filter>,
    change: &Change<'_>,
    tolerance: &mut Tolerance<'_>,
) -> Result<usize> {
    let described = filter.and_then(|filter| element::stated(change.attribute, filter));
    let Some(parts) = described else {
        return Err(no_target(change));
    };
    if change.op == PatchOp::Replace && !tolerance.of(Habit::ReplaceCreates) {
        return Err(no_target(change));
    }
    list.push(Value::Object(parts));
    coerce::bounded(list, change.place)?;
    Ok(list.len() - 1)
}

/// An element that was made for a path and whose value makes it another one was not what the client meant:
/// it renames something that is gone, and every repetition would leave one more behind.
fn still_selected(list: &[Value], filter: Option<&Filter>, change: &Change<'_>) -> Result<()> {
    match list.last() {
        Some(made) if selects(filter, change.attribute, made) => Ok(()),
        _ => Err(no_target(change)),
    }
}

fn no_target(change: &Change<'_>) -> Error {
    Error::no_target(format!("{}: the path selects no element", change.place))
}

//! Working on several values. Positions count from 1.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Answer, Function, MANY};
use crate::expr::eval::Arguments;
use crate::expr::{ExprError, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "Join",
        "Join(separator, source…)",
        "the texts of all sources with the separator between them; empty ones are left out",
        (r#"Join("-", "DE", "", "MUC", "114")"#, "DE-MUC-114"),
        (1, MANY),
        join,
    ),
    Function::new(
        "Split",
        "Split(source, delimiter)",
        "the parts of a text, without blanks around them",
        (r#"Split("red; green", ";")"#, r#"["red","green"]"#),
        (2, 2),
        split,
    ),
    Function::new(
        "Item",
        "Item(list, number)",
        "one value of several, counted from 1",
        (r#"Item(Split("red;green", ";"), 2)"#, "green"),
        (2, 2),
        item,
    ),
    Function::new(
        "Count",
        "Count(list)",
        "how many values there are",
        (r#"Count(Split("red;green", ";"))"#, "2"),
        (1, 1),
        count,
    ),
    Function::new(
        "RemoveDuplicates",
        "RemoveDuplicates(list)",
        "each value once, case-sensitively, in the order of first occurrence",
        (r#"RemoveDuplicates(Split("a,b,a", ","))"#, r#"["a","b"]"#),
        (1, 1),
        remove_duplicates,
    ),
    Function::new(
        "Contains",
        "Contains(list, text)",
        "the position of the first value that contains the text, 0 if none does",
        (r#"Contains(Split("red;green", ";"), "ree")"#, "2"),
        (2, 2),
        contains,
    ),
];

fn texts<'a>(arguments: &mut Arguments<'_, 'a>, index: usize) -> Result<Vec<Cow<'a, str>>, ExprError> {
    let value = arguments.value(index)?;
    let mut texts = Vec::new();
    value.each(&mut |text| texts.push(text));
    Ok(texts)
}

fn join<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let separator = arguments.text_or_empty(0)?;
    let mut joined = arguments.new_text();
    for index in 1..arguments.len() {
        let value = arguments.value(index)?;
        let mut pushed = Ok(());
        value.each(&mut |text| {
            if text.is_empty() || pushed.is_err() {
                return;
            }
            let separator = if joined.out.is_empty() { "" } else { &*separator };
            pushed = joined.push(separator).and_then(|()| joined.push(&text));
        });
        pushed?;
    }
    Ok(Value::from(joined.out))
}

/// An empty delimiter splits nothing.
fn split<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let Some(text) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let delimiter = arguments.text_or_empty(1)?;
    if delimiter.is_empty() {
        return Ok(Value::Text(text));
    }
    let parts = text
        .split(&*delimiter)
        .map(|part| Cow::Owned(part.trim().to_owned()));
    Ok(Value::List(parts.collect()))
}

/// Of no value every item is null; beyond the last value is a failure.
fn item<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let mut texts = texts(arguments, 0)?;
    let number = arguments.required_integer(1)?;
    if texts.is_empty() {
        return Ok(Value::Null);
    }
    let index = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1));
    match index.filter(|index| *index < texts.len()) {
        Some(index) => Ok(Value::Text(texts.swap_remove(index))),
        None => Err(arguments.fail_at(
            1,
            "there is no value with this number",
            "numbers count from 1; ask Count first",
        )),
    }
}

fn count<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let count = texts(arguments, 0)?.len();
    Ok(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)))
}

fn remove_duplicates<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let mut texts = texts(arguments, 0)?;
    let mut seen = HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    Ok(if texts.is_empty() {
        Value::Null
    } else {
        Value::List(texts)
    })
}

fn contains<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let texts = texts(arguments, 0)?;
    let find = arguments.text_or_empty(1)?;
    let found = texts.iter().position(|text| text.contains(&*find));
    Ok(Value::Integer(
        found.and_then(|at| i64::try_from(at + 1).ok()).unwrap_or(0),
    ))
}

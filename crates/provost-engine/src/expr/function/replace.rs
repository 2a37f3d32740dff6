//! `Replace`, whose mode follows from the arguments that are given.

use std::ops::Range;

use super::{Answer, Function};
use crate::expr::eval::{Arguments, Text};
use crate::expr::pattern::{Groups, TOO_HARD, TooHard, expand};
use crate::expr::{Expr, ExprError, Node, Pattern, Value};

const FIND: usize = 1;
const PATTERN: usize = 2;
const GROUP: usize = 3;
const REPLACEMENT: usize = 4;
const REPLACEMENT_ATTRIBUTE: usize = 5;
const TEMPLATE: usize = 6;

pub(super) static FUNCTIONS: &[Function] = &[Function {
    pattern: Some(PATTERN),
    check,
    ..Function::new(
        "Replace",
        "Replace(source, {find}, {regex}, {group}, {replacement}, {replacementAttribute}, {template})",
        "the source with a text or regular expression replaced, or a template with the source put in",
        (
            r#"Replace("0049891234", , "^00(?<cc>\\d{2})(?<n>\\d+)$", , "+${cc} ${n}", , )"#,
            "+49 891234",
        ),
        (2, 7),
        replace,
    )
}];

fn check(arguments: &[Expr]) -> Result<(), String> {
    let has = |index: usize| {
        arguments.get(index).is_some_and(|argument| match &argument.node {
            Node::Omitted => false,
            Node::Text(text) => index == REPLACEMENT || !text.is_empty(),
            _ => true,
        })
    };
    let known = match (has(FIND), has(PATTERN)) {
        (true, false) => has(REPLACEMENT) || has(TEMPLATE),
        (false, true) => has(REPLACEMENT) || (has(GROUP) && has(REPLACEMENT_ATTRIBUTE)),
        _ => false,
    };
    if known {
        return Ok(());
    }
    Err(
        "Replace needs find with a replacement or a template, or a regular expression with a \
         replacement or with a group and a replacement attribute"
            .to_owned(),
    )
}

fn replace<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    match arguments.pattern()?.as_deref() {
        None if arguments.is_given(TEMPLATE) => in_template(arguments),
        None => plain(arguments),
        Some(pattern) if arguments.is_given(REPLACEMENT_ATTRIBUTE) => fallback(arguments, pattern),
        Some(pattern) if arguments.is_given(GROUP) => group(arguments, pattern),
        Some(pattern) => whole(arguments, pattern),
    }
}

/// Every occurrence of `find` in the source.
fn plain<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let Some(source) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let find = arguments.text_or_empty(FIND)?;
    let replacement = arguments.text_or_empty(REPLACEMENT)?;
    if find.is_empty() || !source.contains(&*find) {
        return Ok(Value::Text(source));
    }
    substitute(arguments.new_text(), &source, &find, &replacement)
}

/// Every occurrence of `find` in the template becomes the source; without a source there is no value.
fn in_template<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let Some(source) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let find = arguments.text_or_empty(FIND)?;
    let template = arguments.text_or_empty(TEMPLATE)?;
    if find.is_empty() {
        return Ok(Value::Text(template));
    }
    substitute(arguments.new_text(), &template, &find, &source)
}

fn substitute<'a>(mut text: Text, whole: &str, find: &str, replacement: &str) -> Answer<'a> {
    for (index, part) in whole.split(find).enumerate() {
        if index > 0 {
            text.push(replacement)?;
        }
        text.push(part)?;
    }
    Ok(Value::from(text.out))
}

/// Every match of the pattern, with `${name}` and `$1` in the replacement.
fn whole<'a>(arguments: &mut Arguments<'_, 'a>, pattern: &Pattern) -> Answer<'a> {
    let Some(source) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let replacement = arguments.text_or_empty(REPLACEMENT)?;
    let mut text = arguments.new_text();
    let mut copied = 0;
    each_match(arguments, pattern, &source, &mut |groups| {
        let found = groups.whole();
        text.push(&source[copied..found.start])?;
        copied = found.end;
        expand(pattern, groups, &source, &replacement, &mut |part| {
            text.push(part)
        })
    })?;
    text.push(&source[copied..])?;
    Ok(Value::from(text.out))
}

/// Only what the group captured, in every match.
fn group<'a>(arguments: &mut Arguments<'_, 'a>, pattern: &Pattern) -> Answer<'a> {
    let Some(source) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let name = group_name(arguments, pattern)?;
    let replacement = arguments.text_or_empty(REPLACEMENT)?;
    let mut text = arguments.new_text();
    let mut copied = 0;
    each_match(arguments, pattern, &source, &mut |groups| {
        // Inside a look-behind a group may capture what was copied already.
        let captured = captured(pattern, groups, &name).filter(|range| range.start >= copied);
        let Some(captured) = captured else {
            return Ok(());
        };
        text.push(&source[copied..captured.start])?;
        copied = captured.end;
        text.push(&replacement)
    })?;
    text.push(&source[copied..])?;
    Ok(Value::from(text.out))
}

/// The source if there is one, else what the group captures in the replacement attribute's value.
fn fallback<'a>(arguments: &mut Arguments<'_, 'a>, pattern: &Pattern) -> Answer<'a> {
    if let Some(source) = arguments.text(0)?.filter(|source| !source.is_empty()) {
        return Ok(Value::Text(source));
    }
    let name = group_name(arguments, pattern)?;
    let attribute = arguments.text_or_empty(REPLACEMENT_ATTRIBUTE)?;
    let mut groups = Groups::default();
    search(arguments, pattern, &attribute, 0, &mut groups)?;
    let found = captured(pattern, &groups, &name).map(|range| attribute[range].to_owned());
    Ok(found.map_or(Value::Null, Value::from))
}

fn group_name(arguments: &mut Arguments<'_, '_>, pattern: &Pattern) -> Result<String, ExprError> {
    let name = arguments.text_or_empty(GROUP)?.into_owned();
    if pattern.has_group(&name) {
        return Ok(name);
    }
    Err(arguments.fail_at(
        GROUP,
        "the regular expression has no group of this name",
        "name the group in the pattern: (?<name>…)",
    ))
}

fn captured(pattern: &Pattern, groups: &Groups, name: &str) -> Option<Range<usize>> {
    pattern.group(groups, name).flatten()
}

fn search(
    arguments: &mut Arguments<'_, '_>,
    pattern: &Pattern,
    text: &str,
    at: usize,
    groups: &mut Groups,
) -> Result<bool, ExprError> {
    arguments.charge_search(pattern, text.len() - at)?;
    pattern
        .find_at(text, at, groups)
        .map_err(|TooHard| arguments.fail(TOO_HARD.0, TOO_HARD.1))
}

/// All matches as .NET finds them: an empty match directly after another match counts, which the
/// engines' own iterators leave out.
///
/// One search takes bounded time, but many searches of one text do not; so each is charged for what it
/// may have to read.
fn each_match(
    arguments: &mut Arguments<'_, '_>,
    pattern: &Pattern,
    text: &str,
    take: &mut dyn FnMut(&Groups) -> Result<(), ExprError>,
) -> Result<(), ExprError> {
    let mut at = 0;
    let mut groups = Groups::default();
    while at <= text.len() {
        if !search(arguments, pattern, text, at, &mut groups)? {
            break;
        }
        take(&groups)?;
        let found = groups.whole();
        at = found.end;
        if found.is_empty() {
            // Step over one character; behind the last this ends the loop.
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    Ok(())
}

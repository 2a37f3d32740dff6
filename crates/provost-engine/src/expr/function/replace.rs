//! `Replace`, whose mode follows from the arguments that are given.

use regex::{Captures, Regex};

use super::{Answer, Function};
use crate::expr::eval::{Arguments, Text};
use crate::expr::{Expr, ExprError, Node, Value};

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
    match arguments.pattern() {
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
fn whole<'a>(arguments: &mut Arguments<'_, 'a>, pattern: &Regex) -> Answer<'a> {
    let Some(source) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let replacement = arguments.text_or_empty(REPLACEMENT)?;
    let mut text = arguments.new_text();
    let mut copied = 0;
    let mut expanded = String::new();
    each_match(arguments, pattern, &source, &mut |captures| {
        let whole = captures.get_match();
        text.push(&source[copied..whole.start()])?;
        expanded.clear();
        captures.expand(&replacement, &mut expanded);
        copied = whole.end();
        text.push(&expanded)
    })?;
    text.push(&source[copied..])?;
    Ok(Value::from(text.out))
}

/// Only what the group captured, in every match.
fn group<'a>(arguments: &mut Arguments<'_, 'a>, pattern: &Regex) -> Answer<'a> {
    let Some(source) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let name = group_name(arguments, pattern)?;
    let replacement = arguments.text_or_empty(REPLACEMENT)?;
    let mut text = arguments.new_text();
    let mut copied = 0;
    each_match(arguments, pattern, &source, &mut |captures| {
        let Some(captured) = named(captures, &name) else {
            return Ok(());
        };
        text.push(&source[copied..captured.start()])?;
        copied = captured.end();
        text.push(&replacement)
    })?;
    text.push(&source[copied..])?;
    Ok(Value::from(text.out))
}

/// The source if there is one, else what the group captures in the replacement attribute's value.
fn fallback<'a>(arguments: &mut Arguments<'_, 'a>, pattern: &Regex) -> Answer<'a> {
    if let Some(source) = arguments.text(0)?.filter(|source| !source.is_empty()) {
        return Ok(Value::Text(source));
    }
    let name = group_name(arguments, pattern)?;
    let attribute = arguments.text_or_empty(REPLACEMENT_ATTRIBUTE)?;
    let captured = pattern
        .captures(&attribute)
        .and_then(|c| named(&c, &name).map(|m| m.as_str()));
    Ok(captured.map_or(Value::Null, |text| Value::from(text.to_owned())))
}

fn group_name(arguments: &mut Arguments<'_, '_>, pattern: &Regex) -> Result<String, ExprError> {
    let name = arguments.text_or_empty(GROUP)?.into_owned();
    let is_number = name
        .parse::<usize>()
        .is_ok_and(|index| index < pattern.captures_len());
    if is_number || pattern.capture_names().flatten().any(|known| known == name) {
        return Ok(name);
    }
    Err(arguments.fail_at(
        GROUP,
        "the regular expression has no group of this name",
        "name the group in the pattern: (?<name>…)",
    ))
}

fn named<'t>(captures: &Captures<'t>, name: &str) -> Option<regex::Match<'t>> {
    captures.name(name).or_else(|| captures.get(name.parse().ok()?))
}

/// All matches as .NET finds them: an empty match directly after another match counts, which
/// [`Regex::captures_iter`] leaves out.
///
/// One search takes linear time, but many searches of one text do not; so each is charged for what it
/// may have to read.
fn each_match<'t>(
    arguments: &mut Arguments<'_, '_>,
    pattern: &Regex,
    text: &'t str,
    take: &mut dyn FnMut(&Captures<'t>) -> Result<(), ExprError>,
) -> Result<(), ExprError> {
    let mut at = 0;
    while at <= text.len() {
        arguments.charge_search(text.len() - at)?;
        let Some(captures) = pattern.captures_at(text, at) else {
            break;
        };
        take(&captures)?;
        let found = captures.get_match();
        at = found.end();
        if found.is_empty() {
            // Step over one character; behind the last this ends the loop.
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    Ok(())
}

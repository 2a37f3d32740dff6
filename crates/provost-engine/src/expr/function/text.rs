//! Working on single texts. Positions count characters from 1.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

use super::normalize::{self, Culture};
use super::{Answer, Function};
use crate::expr::eval::Arguments;
use crate::expr::{ExprError, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "Append",
        "Append(source, suffix)",
        "the suffix after the source",
        (r#"Append("ana.ruiz", "-lab")"#, "ana.ruiz-lab"),
        (1, 2),
        append,
    ),
    Function::new(
        "Prepend",
        "Prepend(prefix, source)",
        "the prefix before the source",
        (r#"Prepend("u-", "7781")"#, "u-7781"),
        (1, 2),
        append,
    ),
    Function::new(
        "ToLower",
        "ToLower(text, {culture})",
        "lower case",
        (r#"ToLower("INFO", "tr-TR")"#, "ınfo"),
        (1, 2),
        to_lower,
    ),
    Function::new(
        "ToUpper",
        "ToUpper(text, {culture})",
        "upper case",
        (r#"ToUpper("Straße")"#, "STRAßE"),
        (1, 2),
        to_upper,
    ),
    Function::new(
        "Trim",
        "Trim(text)",
        "without blanks at both ends",
        (r#"Trim("  Ana ")"#, "Ana"),
        (1, 1),
        trim,
    ),
    Function::new(
        "StripSpaces",
        "StripSpaces(source)",
        "without any space",
        (r#"StripSpaces("Van der Berg")"#, "VanderBerg"),
        (1, 1),
        strip_spaces,
    ),
    Function::new(
        "NormalizeDiacritics",
        "NormalizeDiacritics(text)",
        "letters without their accents",
        (r#"NormalizeDiacritics("Łukasz Strauß")"#, "Lukasz Strauss"),
        (1, 1),
        normalize_diacritics,
    ),
    Function::new(
        "Left",
        "Left(text, count)",
        "the first characters",
        (r#"Left("Kowalska", 4)"#, "Kowa"),
        (2, 2),
        left,
    ),
    Function::new(
        "Right",
        "Right(text, count)",
        "the last characters",
        (r#"Right("AB123456", 4)"#, "3456"),
        (2, 2),
        right,
    ),
    Function::new(
        "Mid",
        "Mid(source, start, length)",
        "characters from the middle, counted from 1",
        (r#"Mid("AB123456", 3, 4)"#, "1234"),
        (3, 3),
        mid,
    ),
    Function::new(
        "InStr",
        "InStr(text, find, {start}, {compare})",
        "the position of the first occurrence, 0 if there is none",
        (r#"InStr("a@b@c", "@", 3)"#, "4"),
        (2, 4),
        in_str,
    ),
    Function::new(
        "Word",
        "Word(text, number, delimiters)",
        "a word by its number, counted from 1; every delimiter character separates",
        (r#"Word("x;y|z", 2, ";|")"#, "y"),
        (3, 3),
        word,
    ),
    Function::new(
        "PCase",
        "PCase(text, {separators})",
        "every word with one capital letter in front",
        (r#"PCase("MARIA DEL-RIO")"#, "Maria Del-Rio"),
        (1, 2),
        p_case,
    ),
    Function::new(
        "CStr",
        "CStr(value)",
        "the value as text",
        (r#"CStr("a" = "a")"#, "True"),
        (1, 1),
        c_str,
    ),
];

fn append<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let mut text = arguments.new_text();
    for index in 0..2 {
        text.push(&arguments.text_or_empty(index)?)?;
    }
    Ok(Value::from(text.out))
}

/// Applies a change to the text, or to each text of a list; null stays null.
fn map<'a>(arguments: &mut Arguments<'_, 'a>, change: impl Fn(Cow<'a, str>) -> Cow<'a, str>) -> Answer<'a> {
    Ok(match arguments.value(0)? {
        Value::Text(text) => Value::Text(change(text)),
        other => {
            let mut texts = Vec::new();
            other.each(&mut |text| texts.push(change(text)));
            match texts.len() {
                0 | 1 => Value::from(texts.pop()),
                _ => Value::List(texts),
            }
        }
    })
}

fn culture(arguments: &mut Arguments<'_, '_>) -> Result<Culture, ExprError> {
    let name = arguments.text_or_empty(1)?;
    Ok(Culture::of(&name))
}

fn to_lower<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let culture = culture(arguments)?;
    map(arguments, |text| normalize::lower(text, culture))
}

fn to_upper<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let culture = culture(arguments)?;
    map(arguments, |text| normalize::upper(text, culture))
}

fn trim<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    map(arguments, |text| match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    })
}

fn strip_spaces<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    map(arguments, |text| {
        if !text.contains(' ') {
            return text;
        }
        let mut text = text.into_owned();
        text.retain(|c| c != ' ');
        Cow::Owned(text)
    })
}

fn normalize_diacritics<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    map(arguments, normalize::without_accents)
}

/// The byte offset of a character position; the end when there are fewer characters.
fn offset(text: &str, characters: usize) -> usize {
    text.char_indices()
        .nth(characters)
        .map_or(text.len(), |(at, _)| at)
}

fn slice<'a>(text: Cow<'a, str>, range: std::ops::Range<usize>) -> Value<'a> {
    Value::Text(match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
    })
}

/// A negative count gives the whole text.
fn left<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let text = arguments.text_or_empty(0)?;
    let count = arguments.required_integer(1)?;
    let end = usize::try_from(count).map_or(text.len(), |count| offset(&text, count));
    Ok(slice(text, 0..end))
}

fn right<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let text = arguments.text_or_empty(0)?;
    let count = arguments.required_integer(1)?;
    let start = usize::try_from(count).map_or(0, |count| {
        let skipped = text.chars().count().saturating_sub(count);
        offset(&text, skipped)
    });
    let end = text.len();
    Ok(slice(text, start..end))
}

/// Runs to the end when the length is too large; a start beyond the end gives empty text.
fn mid<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let text = arguments.text_or_empty(0)?;
    let start = arguments.required_integer(1)?;
    let length = arguments.required_integer(2)?;
    let Some(start) = usize::try_from(start).ok().and_then(|start| start.checked_sub(1)) else {
        return Err(arguments.fail_at(1, "positions count from 1", "give 1 or more"));
    };
    let start = offset(&text, start);
    let length = usize::try_from(length).unwrap_or(0);
    let end = start + offset(&text[start..], length);
    Ok(slice(text, start..end))
}

fn in_str<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let text = arguments.text_or_empty(0)?;
    let find = arguments.text_or_empty(1)?;
    let skipped = arguments.integer(2)?.unwrap_or(1).max(1) - 1;
    let compare = arguments.text_or_empty(3)?;
    // Visual Basic's number for vbTextCompare is 1.
    let ignore_case = compare == "1" || compare.eq_ignore_ascii_case("vbTextCompare");
    let (text, find) = if ignore_case {
        (
            normalize::lower(text, Culture::Invariant),
            normalize::lower(find, Culture::Invariant),
        )
    } else {
        (text, find)
    };
    let start = offset(&text, usize::try_from(skipped).unwrap_or(usize::MAX));
    let found = text[start..]
        .find(&*find)
        .map(|at| text[..start + at].chars().count() + 1);
    Ok(Value::Integer(
        found.and_then(|at| i64::try_from(at).ok()).unwrap_or(0),
    ))
}

/// Empty parts between delimiters are no words.
fn word<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let text = arguments.text_or_empty(0)?;
    let number = arguments.required_integer(1)?;
    let delimiters = arguments.text_or_empty(2)?;
    let Some(index) = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
    else {
        return Ok(Value::from(""));
    };
    let word = text
        .split(|c| delimiters.contains(c))
        .filter(|part| !part.is_empty())
        .nth(index);
    let Some(word) = word else {
        return Ok(Value::from(""));
    };
    let start = word.as_ptr() as usize - text.as_ptr() as usize;
    let range = start..start + word.len();
    Ok(slice(text, range))
}

/// Without separators of its own every blank, sign and control character separates.
fn p_case<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let separators = arguments.text(1)?.filter(|text| !text.is_empty());
    let separates = |c: char| match &separators {
        Some(separators) => separators.contains(c),
        None => !c.is_alphanumeric() && !is_combining_mark(c),
    };
    let Some(text) = arguments.text(0)? else {
        return Ok(Value::Null);
    };
    let mut at_start = true;
    let cased = text
        .chars()
        .map(|c| {
            let cased = if at_start {
                normalize::upper_char(c)
            } else {
                normalize::lower_char(c)
            };
            at_start = separates(c);
            cased
        })
        .collect::<String>();
    Ok(Value::from(cased))
}

fn c_str<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    Ok(Value::from(arguments.text(0)?))
}

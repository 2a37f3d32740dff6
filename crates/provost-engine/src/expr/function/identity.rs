//! Names and identifiers of Active Directory.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Answer, Function};
use crate::expr::Value;
use crate::expr::eval::Arguments;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "DNComponent",
        "DNComponent(dn, number)",
        "the value of one part of a distinguished name, counted from 1 at the left",
        (
            r#"DNComponent("CN=Ana,OU=Sales,DC=contoso,DC=example", 1)"#,
            "Ana",
        ),
        (2, 2),
        dn_component,
    ),
    Function::new(
        "StringFromSid",
        "StringFromSid(binary)",
        "a security identifier in Base64 as its text S-1-…",
        (
            r#"StringFromSid("AQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwUQQAAA==")"#,
            "S-1-5-21-2127521184-1604012920-1887927527-1105",
        ),
        (1, 1),
        string_from_sid,
    ),
    Function::new(
        "CRef",
        "CRef(text)",
        "the text as a reference to another object; the mapping says that it is one",
        (r#"CRef("7781")"#, "7781"),
        (1, 1),
        |arguments| Ok(Value::from(arguments.text(0)?)),
    ),
];

/// No name gives null, and so does a number that it has no part for.
fn dn_component<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let name = arguments.text_or_empty(0)?;
    let number = arguments.required_integer(1)?;
    let index = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1));
    let Some(part) = index.and_then(|index| split(&name, &[',', ';']).nth(index)) else {
        return Ok(Value::Null);
    };
    // Of a part with several attributes the first.
    let part = split(part, &['+']).next().unwrap_or_default();
    let value = part.split_once('=').map_or("", |(_, value)| value.trim());
    Ok(if value.is_empty() {
        Value::Null
    } else {
        Value::from(unescape(value))
    })
}

/// Splits at separators that are neither escaped nor quoted (RFC 4514 section 3, RFC 2253 section 4).
fn split<'t>(text: &'t str, separators: &'t [char]) -> impl Iterator<Item = &'t str> {
    let (mut escaped, mut quoted) = (false, false);
    text.split(move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            c => return !quoted && separators.contains(&c),
        }
        false
    })
}

/// `\,` is a comma, `\C3\A9` the bytes of a character; quotes around the value go.
fn unescape(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.as_bytes().iter();
    while let Some(byte) = rest.next() {
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let hex = rest.as_slice().get(..2).and_then(|two| {
            let two = std::str::from_utf8(two).ok()?;
            u8::from_str_radix(two, 16).ok()
        });
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest.nth(1);
            }
            None => bytes.extend(rest.next()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A text that is a SID already stays.
fn string_from_sid<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let Some(text) = arguments.text(0)?.filter(|text| !text.is_empty()) else {
        return Ok(Value::Null);
    };
    if text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("S-1-"))
    {
        return Ok(Value::Text(text));
    }
    let bytes = STANDARD.decode(text.trim()).ok();
    bytes
        .and_then(|bytes| sid(&bytes))
        .map(Value::from)
        .ok_or_else(|| {
            arguments.fail_at(
                0,
                "this is no security identifier",
                "give the bytes of objectSid in Base64",
            )
        })
}

/// Revision, count, six bytes of authority, then four bytes for each part, the smallest first
/// ([MS-DTYP] section 2.4.2).
fn sid(bytes: &[u8]) -> Option<String> {
    let (head, parts) = bytes.split_at_checked(8)?;
    let (parts, rest) = parts.as_chunks::<4>();
    if head[0] != 1 || parts.len() != usize::from(head[1]) || parts.len() > 15 || !rest.is_empty() {
        return None;
    }
    let authority = head[2..]
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut text = if authority < 1 << 32 {
        format!("S-1-{authority}")
    } else {
        format!("S-1-0x{authority:012x}")
    };
    for part in parts {
        // Writing to a text does not fail.
        let _ = write!(text, "-{}", u32::from_le_bytes(*part));
    }
    Some(text)
}

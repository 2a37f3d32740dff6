//! The address of a bulk operation.

use crate::error::{Error, Result};
use crate::schema::{group, user};

/// The path below the base address, in the form `/Users` or `/Users/7c2`, with the endpoint in canonical
/// letter case. Clients write more in front of it (the whole address, or the base's own path), double a
/// slash where a base ends in one, and add parameters, which mean nothing without an answer's body.
pub(super) fn below_base(text: &str) -> String {
    let text = text.trim_ascii();
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            rest.split_once('/').map_or("", |(_, path)| path)
        }
        _ => path,
    };
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let below = segments.get(base_length(&segments)..).unwrap_or_default();
    let mut out = String::with_capacity(path.len() + 1);
    for (index, &segment) in below.iter().enumerate() {
        out.push('/');
        out.push_str(match endpoint(segment) {
            Some(canonical) if index == 0 => canonical,
            _ => segment,
        });
    }
    out
}

/// `/Users` or `/Groups` in canonical letter case, without the slash.
fn endpoint(segment: &str) -> Option<&'static str> {
    [user(), group()]
        .into_iter()
        .filter_map(|rt| rt.endpoint.strip_prefix('/'))
        .find(|name| name.eq_ignore_ascii_case(segment))
}

/// How many segments belong to the base address: those up to the version, where the path does not begin
/// with an endpoint.
fn base_length(segments: &[&str]) -> usize {
    let begins = segments.first().copied().unwrap_or_default();
    if endpoint(begins).is_some() {
        return 0;
    }
    let version = segments
        .iter()
        .position(|segment| segment.eq_ignore_ascii_case("v2"));
    match version {
        Some(at) => at + 1,
        None => usize::from(begins.eq_ignore_ascii_case("scim")),
    }
}

/// Refuses what a bulk request cannot hold. Whether anything is at the address is not decided here.
pub(super) fn check(path: &str) -> Result<()> {
    let first = path.split('/').nth(1).unwrap_or_default();
    if first.eq_ignore_ascii_case("Bulk") {
        return Err(Error::invalid_syntax(
            "path: a bulk request cannot stand inside another",
        ));
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.eq_ignore_ascii_case(".search") {
        return Err(Error::invalid_syntax(
            "path: a bulk request reads nothing; send the search by itself",
        ));
    }
    Ok(())
}

/// The endpoint, and everything behind it: `/Users`, `7c2`.
pub(super) fn split(path: &str) -> (&str, Option<&str>) {
    let end = path.get(1..).and_then(|rest| rest.find('/'));
    match end {
        Some(at) => (path.get(..=at).unwrap_or(path), path.get(at + 2..)),
        None => (path, None),
    }
}

/// A segment with its `%41` read; what is no such escape stays.
pub(super) fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escape = after
            .get(..2)
            .filter(|digits| first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let byte = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = match byte {
            Some(_) => after.get(2..).unwrap_or_default(),
            None => after,
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| segment.to_owned())
}

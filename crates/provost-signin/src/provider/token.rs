//! Whether an ID token says, to us and now, who somebody is: OpenID Connect Core 1.0 section 3.1.3.7.

use super::jwt::Reason;
use serde_json::{Map, Value};

/// Seconds by which clocks may differ.
const SKEW: i64 = 60;
/// Seconds since a token was made, at most: it answers a sign-in that was begun minutes ago.
const OLDEST: i64 = 900;
/// Characters of a subject (section 2: at most 255 ASCII characters) and of what somebody is called.
const SUBJECT: usize = 255;

/// What a token has to say.
pub(crate) struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    /// Now, in milliseconds.
    pub now: i64,
}

/// Who somebody is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub subject: String,
    /// What to call them, for people only.
    pub shown: String,
    /// When they signed in there, in milliseconds, where the provider says so.
    pub signed_in: Option<i64>,
}

/// Reads the claims of a token whose signature was verified.
pub(crate) fn read(claims: &Map<String, Value>, expected: &Expected) -> Result<Person, Reason> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err("the ID token is of another issuer");
    }
    check_audience(claims, expected.client_id)?;
    check_times(claims, expected.now / 1_000)?;
    if text("nonce") != Some(expected.nonce) {
        return Err("the ID token answers another sign-in");
    }
    let subject = text("sub").filter(|subject| !subject.is_empty() && subject.len() <= SUBJECT);
    let subject = subject.ok_or("the ID token does not say who it is about")?;
    if subject.chars().any(char::is_control) {
        return Err("the ID token does not say who it is about");
    }
    let names = ["email", "preferred_username", "name"];
    let shown = names.into_iter().find_map(text).unwrap_or(subject);
    let shown = shown.chars().filter(|c| !c.is_control()).take(SUBJECT);
    Ok(Person {
        subject: subject.to_owned(),
        shown: shown.collect(),
        signed_in: seconds(claims, "auth_time").map(|at| at.saturating_mul(1_000)),
    })
}

/// The token is for us, and it is we who may use it.
fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), Reason> {
    const OTHER: Reason = "the ID token is for another application";
    let us = Value::String(client_id.to_owned());
    let (is_ours, are_several) = match claims.get("aud") {
        Some(Value::Array(list)) => (list.contains(&us), list.len() > 1),
        Some(one) => (*one == us, false),
        None => (false, false),
    };
    if !is_ours {
        return Err(OTHER);
    }
    match claims.get("azp") {
        Some(party) if *party == us => Ok(()),
        None if !are_several => Ok(()),
        _ => Err(OTHER),
    }
}

fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), Reason> {
    let expires = seconds(claims, "exp").ok_or("the ID token does not say when it ends")?;
    if now >= expires.saturating_add(SKEW) {
        return Err("the ID token has expired; check the clocks");
    }
    let made = seconds(claims, "iat").ok_or("the ID token does not say when it was made")?;
    let begins = seconds(claims, "nbf").unwrap_or(made).max(made);
    let signed_in = seconds(claims, "auth_time").unwrap_or(made);
    if begins.max(signed_in) > now.saturating_add(SKEW) {
        return Err("the ID token is from the future; check the clocks");
    }
    if made < now.saturating_sub(OLDEST) {
        return Err("the ID token is too old; check the clocks");
    }
    Ok(())
}

/// A time in seconds since 1970 (RFC 7519 section 2, NumericDate), which may have a fraction.
fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let number = claims.get(name)?;
    let whole = number.as_i64();
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a float that does not fit becomes the nearest that does"
    )]
    whole.or_else(|| number.as_f64().map(|fraction| fraction as i64))
}

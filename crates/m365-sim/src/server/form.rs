//! Pages of the sign-in service, and forms that a browser posts by itself.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use serde_json::{Map, Value, json};

use super::wire::{page, plain, text};

/// Nothing from another host, script of our own only. Where forms lead is left open: browsers hold a form to it along the
/// whole way.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "post.html")]
struct Post<'a> {
    action: &'a str,
    fields: &'a [(String, String)],
}

/// Whether a program asks, which wants JSON.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    text(headers, "accept").is_some_and(|kinds| kinds.contains("application/json"))
}

/// A form that is on its way: a page that posts it, or for a program where it goes and what it says.
pub(super) fn send(headers: &HeaderMap, action: &str, fields: &[(String, String)]) -> Response<Body> {
    if wants_json(headers) {
        return json(200, &described(action, fields));
    }
    html(200, Post { action, fields }.render())
}

/// A form for a program.
pub(crate) fn described(action: &str, fields: &[(String, String)]) -> Value {
    let named: Map<String, Value> = fields
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let method = if fields.is_empty() { "GET" } else { "POST" };
    // A list too: a form can name a field twice.
    json!({"method": method, "url": action, "fields": named, "form": fields})
}

pub(super) fn json(status: u16, body: &Value) -> Response<Body> {
    let mut response = plain(status, "application/json", Body::from(body.to_string()));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn html(status: u16, rendered: askama::Result<String>) -> Response<Body> {
    page(status, POLICY, rendered)
}

/// Sends the browser elsewhere.
pub(super) fn redirect(address: &str) -> Response<Body> {
    let mut response = plain(302, "", Body::empty());
    if let Ok(value) = HeaderValue::try_from(address) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// A cookie of the browser.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = text(headers, "cookie").unwrap_or_default();
    let mut pairs = all.split(';').filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.find(|(known, _)| *known == name);
    found.map(|(_, value)| value.to_owned())
}

/// Keeps a cookie in the browser; an empty one is taken away.
pub(super) fn keep(mut response: Response<Body>, name: &str, value: &str) -> Response<Body> {
    let end = if value.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{end}");
    if let Ok(value) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// The script that posts a form by itself.
pub(super) async fn script() -> Response<Body> {
    let text = include_str!("../../assets/submit.js");
    plain(200, "text/javascript; charset=utf-8", Body::from(text))
}

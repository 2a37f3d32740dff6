//! The page that carries an answer to Microsoft 365: a form that our own small script sends, or a button.

use crate::console::asset::CARRY_PATH;
use crate::console::page::{self, Frame, reachable};
use crate::texts::{Language, text};
use askama::Template;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use provost_signin::federation::Answer;
use url::Url;

#[derive(Template)]
#[template(path = "idp/answer.html")]
struct Page<'a> {
    frame: Frame,
    to: &'a str,
    fields: &'a [(&'static str, String)],
}

/// The page.
pub(super) fn page(language: Language, answer: &Answer) -> Response {
    let mut frame = Frame::bare(language, text("Signing in to Microsoft 365"));
    frame.script = CARRY_PATH.as_str();
    let page = Page {
        frame,
        to: &answer.to,
        fields: &answer.fields,
    };
    let mut response = page::html(StatusCode::OK, &page);
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy(&answer.to)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    // Microsoft is told which host sends, and not under which address it stood.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("origin"));
    reachable(response)
}

/// Nothing but our style, our script, and a form to the pinned host. Browsers hold `form-action` also against the
/// redirects that follow a form (Chromium does), and Microsoft 365 goes on at the address of the application, which may
/// be any one with https, or this machine for a program that waits there: without those, nobody would arrive.
fn policy(to: &str) -> String {
    let host = Url::parse(to).map_or_else(|_| "'none'".to_owned(), |url| url.origin().ascii_serialization());
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action {host} \
         https: http://localhost:* http://127.0.0.1:*; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::policy;

    #[test]
    fn the_form_goes_to_the_pinned_host() {
        let made = policy("https://login.microsoftonline.com/login.srf");
        assert!(
            made.contains("form-action https://login.microsoftonline.com "),
            "{made}"
        );
        assert!(!made.contains("unsafe"), "{made}");
        assert!(policy("no address").contains("form-action 'none'"));
    }
}

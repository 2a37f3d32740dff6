//! `/microsoft-365/{name}/sign-ins`: what became of sign-ins at Microsoft 365, and what its errors mean.

use super::place::{self as places, Head, Named};
use crate::console::address::escaped;
use crate::console::connections::Tab;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::idp::said;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::federation::Why;
use provost_store::federated_signin::{self, Outcome, Protocol};
use serde::Deserialize;

/// Lines of one page.
const PAGE: i64 = 50;

/// What Microsoft's errors mean here: the code, what happened, what to do.
///
/// Source: Microsoft, "Microsoft Entra authentication and authorization error codes".
const ERRORS: [(&str, &str, &str); 7] = [
    (
        "AADSTS51004",
        text("No account of the tenant has the immutable id that was sent."),
        text("Compare the immutable id of the account with the one on the page Identifiers, and write it."),
    ),
    (
        "AADSTS50107",
        text("No domain of the tenant has this issuer."),
        text("Compare the issuer of the domain's federation with the one of the section Authentication."),
    ),
    (
        "AADSTS50008",
        text("The assertion is not valid: its times, its recipient or its shape."),
        text(
            "Compare the clock of this machine with UTC first; then look whether the protocol of the domain is the one that was sent.",
        ),
    ),
    (
        "AADSTS5000819",
        text("The name that was sent is missing, or in another domain."),
        text("The userPrincipalName of the account has to be in the federated domain."),
    ),
    (
        "AADSTS50006",
        text("The signature cannot be verified."),
        text("The domain knows another certificate: give it the one of the section Authentication."),
    ),
    (
        "AADSTS50012",
        text("The certificate is not the one that the domain knows."),
        text("Give the domain the certificate that signs, and the next one beside it."),
    ),
    (
        "AADSTS20012",
        text("The message of WS-Federation is not valid."),
        text(
            "Look whether the domain was federated for SAML: then its protocol has to be changed, or its address.",
        ),
    ),
];

#[derive(Template)]
#[template(path = "microsoft_365/signins.html")]
struct Page {
    frame: Frame,
    head: Head,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    errors: &'static [(&'static str, &'static str, &'static str)],
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A sign-in as the list shows it.
struct Line {
    at: Moment,
    who: String,
    address: Option<String>,
    name: String,
    is_issued: bool,
    /// Why it was refused: a key of the catalogue, and the word.
    why: &'static str,
    word: String,
    protocol: &'static str,
    assertion: String,
    from: String,
}

/// What the page is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    outcome: String,
    after: Option<i64>,
}

/// The list.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let is_refused = asked.outcome == Outcome::Refused.as_str();
    let (provider, outcome, after) = (
        place.provider.key,
        is_refused.then_some(Outcome::Refused),
        asked.after,
    );
    let found = state
        .db()
        .read_short(move |tx| federated_signin::page(tx, provider, outcome, after, PAGE + 1))
        .await?;
    let clock = Clock::of(&visitor, now());
    let here = |outcome: &str, after: Option<i64>| {
        let path = format!("/microsoft-365/{}/sign-ins", escaped(&place.provider.name));
        let mut parameters = Vec::new();
        if !outcome.is_empty() {
            parameters.push(("outcome", outcome.to_owned()));
        }
        parameters.extend(after.map(|after| ("after", after.to_string())));
        place.space.page(path, &parameters)
    };
    let chosen = if is_refused { Outcome::Refused.as_str() } else { "" };
    let shown = found.len().min(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let last = found.get(shown.saturating_sub(1)).filter(|_| found.len() > shown);
    let page = Page {
        frame: place.frame(&visitor, text("Sign-ins")).below(
            place.at("authentication"),
            visitor.language.t(text("Authentication")),
        ),
        head: place.head("authentication"),
        tabs: vec![
            Tab {
                label: text("All"),
                address: here("", None),
                is_here: !is_refused,
            },
            Tab {
                label: text("Refused"),
                address: here(Outcome::Refused.as_str(), None),
                is_here: is_refused,
            },
        ],
        errors: &ERRORS,
        is_later: asked.after.is_some(),
        first: here(chosen, None),
        next: last.map(|last| here(chosen, Some(last.key))),
        lines: found
            .iter()
            .take(shown)
            .map(|one| line(one, &clock, &place.space))
            .collect(),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn line(one: &federated_signin::Line, clock: &Clock, space: &crate::console::address::Space) -> Line {
    Line {
        at: clock.moment(one.at),
        who: one.label.clone(),
        address: one.person.map(|id| space.to(&["people", &id.to_string()])),
        name: one.name.clone(),
        is_issued: one.outcome == Outcome::Issued,
        why: Why::of(&one.reason).map_or("", |why| said(why).0),
        word: one.reason.clone(),
        protocol: match one.protocol {
            Protocol::Saml => "SAML 2.0",
            Protocol::WsFederation => "WS-Federation",
        },
        assertion: one.assertion.clone(),
        from: one.address.clone(),
    }
}

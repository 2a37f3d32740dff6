//! `/account/details`: what somebody is called, and how pages look to them.

use super::refused;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::{done, faults::Faults};
use crate::form::Form;
use crate::signin::{signin, told};
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;
use provost_signin::{Details, Error};

#[derive(Template)]
#[template(path = "signin/details.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    name: String,
    email: String,
    language: String,
    languages: Vec<(&'static str, String)>,
    zone: String,
    zones: Vec<String>,
}

/// The form, with what is kept.
pub(super) async fn form(visitor: Visitor) -> Response {
    let own = &visitor.signed.administrator;
    let kept = [&own.name, &own.email, &own.language, &own.zone].map(String::as_str);
    render(&visitor, kept, (StatusCode::OK, Faults::none()))
}

fn render(
    visitor: &Visitor,
    [name, email, language, zone]: [&str; 4],
    (status, faults): (StatusCode, Faults),
) -> Response {
    let page = Page {
        frame: Frame::new(visitor, text("Your details"))
            .below("/account".to_owned(), visitor.language.t("Your account")),
        faults,
        name: name.to_owned(),
        email: email.to_owned(),
        language: language.to_owned(),
        languages: languages(visitor.language),
        zone: zone.to_owned(),
        zones: zones(),
    };
    page::html(status, &page)
}

/// The languages to choose from, for a reader.
pub(in crate::signin) fn languages(reader: Language) -> Vec<(&'static str, String)> {
    let by_browser = reader.t(text("as the browser says")).to_owned();
    let named = Language::ALL
        .into_iter()
        .map(|one| (one.tag(), one.name().to_owned()));
    std::iter::once(("", by_browser)).chain(named).collect()
}

/// The time zones to choose from.
pub(in crate::signin) fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|zone| zone.to_string()).collect()
}

/// What was sent.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let typed = ["name", "email", "language", "zone"].map(|name| form.get(name).trim());
    let [name, email, language, zone] = typed;
    if let Some(faults) = wrong(visitor.language, language, zone) {
        return Ok(render(
            &visitor,
            typed,
            (StatusCode::UNPROCESSABLE_ENTITY, faults),
        ));
    }
    let details = Details {
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
        language: Some(language.to_owned()),
        zone: Some(zone.to_owned()),
    };
    match signin(&state)?.edit_self(&visitor.signed, details, now()).await {
        Ok(_) => Ok(page::elsewhere(&done::after("/account", "saved"))),
        Err(error @ Error::Stale) => Err(refused(error, "/account/details")),
        Err(error) => Ok(render(&visitor, typed, told::faults(visitor.language, error)?)),
    }
}

/// A language or a zone that there is not.
pub(in crate::signin) fn wrong(reader: Language, language: &str, zone: &str) -> Option<Faults> {
    let is_language = language.is_empty() || Language::ALL.into_iter().any(|one| one.tag() == language);
    if !is_language {
        return Some(Faults::one("language", reader.t("Choose one of the languages.")));
    }
    let is_zone = zone.is_empty() || TimeZone::get(zone).is_ok();
    (!is_zone).then(|| {
        Faults::one(
            "zone",
            reader.t("There is no such time zone. It is named as Europe/Berlin."),
        )
    })
}

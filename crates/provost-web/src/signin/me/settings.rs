//! `/me/{workspace}/settings`: how pages look to a person. What they are called comes from the directory.

use super::who::{Me, people};
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::{done, faults::Faults};
use crate::form::Form;
use crate::signin::account::{languages, wrong, zones};
use crate::state::{State, now};
use crate::texts::text;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "me/settings.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    home: String,
    language: String,
    languages: Vec<(&'static str, String)>,
    zone: String,
    zones: Vec<String>,
}

/// The form, with what is kept.
pub(super) async fn form(me: Me) -> Response {
    let kept = &me.signed.account;
    let kept = [kept.language.clone(), kept.zone.clone()];
    render(&me, kept, (StatusCode::OK, Faults::none()))
}

fn render(me: &Me, [language, zone]: [String; 2], (status, faults): (StatusCode, Faults)) -> Response {
    let page = Page {
        frame: Frame::of_person(me, text("Language and time zone"))
            .below(me.home(), me.language.t("Your sign-in")),
        faults,
        home: me.home(),
        language,
        languages: languages(me.language),
        zone,
        zones: zones(),
    };
    page::html(status, &page)
}

/// What was sent.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    me: Me,
    form: Form,
) -> Result<Response> {
    let [language, zone] = ["language", "zone"].map(|name| form.get(name).trim().to_owned());
    if let Some(faults) = wrong(me.language, &language, &zone) {
        let refused = (StatusCode::UNPROCESSABLE_ENTITY, faults);
        return Ok(render(&me, [language, zone], refused));
    }
    people(&state)?
        .choose(&me.signed, &language, &zone, now())
        .await?;
    Ok(page::elsewhere(&done::after(&me.home(), "saved")))
}

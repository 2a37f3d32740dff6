//! `GET` and `POST /providers/new`: an inbound provider as a draft, with its first token, which is shown this once. Its
//! requests are refused until it is put in use.

use super::place::{self, Place};
use super::setting::{self, Choice};
use super::tokens::{self, Shown};
use crate::console::address::Space;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::entered;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::DAY;
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_scim::leniency::Dialect;
use provost_scim::sheet::Sheet;
use provost_store::provider::{self, New, Settings, State as Standing};
use provost_store::{Error as Store, Tx, team, token};
use serde::Deserialize;
use uuid::Uuid;

/// Days for which the first token is valid.
const VALID: i64 = 365;

#[derive(Template)]
#[template(path = "providers/new.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    called: String,
    system: String,
    systems: Vec<Choice>,
    role: String,
    roles: Vec<Choice>,
    team: String,
    teams: Vec<(String, String)>,
    sheet: String,
    sheets: Vec<(String, String)>,
    back: String,
}

/// The template that was chosen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    template: String,
}

/// The form.
pub(crate) async fn form(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let name = match asked.template.as_str() {
        "entra" => "Entra",
        "okta" => "Okta",
        _ => "",
    };
    let typed = format!(
        "name={name}&system={}&role=user",
        super::super::address::escaped(&asked.template)
    );
    let page = view(&state, &visitor, &Form::read(typed.as_bytes()), Faults::none()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Makes it.
pub(crate) async fn create(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let inside = visitor.workspace()?;
    let (workspace, space) = (inside.key, Space::of(inside));
    let (actor, sent, id, now) = (visitor.actor(), form.clone(), Uuid::now_v7(), now());
    let ends = now.saturating_add(VALID * DAY);
    let write = move |tx: &mut Tx| {
        let settings = settings(&sent);
        let new = New {
            id,
            workspace,
            name: sent.get("name").trim(),
            role: sent.get("role"),
            team: sent.text("team"),
            state: Standing::Draft,
            settings: &settings,
        };
        let made = provider::create(tx, &actor, now, &new)?;
        let minted = token::mint(tx, &actor, now, &made, "first", Some(ends))?;
        Ok::<_, Store>((made, minted.text))
    };
    let faults = match state.db().write(write).await {
        Ok((provider, text)) => {
            let place = Place { provider, space };
            let shown = Shown::token(&visitor, text, place::tenant_url(&state, &headers));
            return tokens::page_with(&state, &visitor, &place, &headers, Faults::none(), Some(shown)).await;
        }
        Err(Store::Conflict) => {
            let sentence = text("There is an inbound provider of this name already.");
            Faults::one("name", visitor.language.t(sentence))
        }
        Err(error) => {
            let field = if error.code() == Some("PRV-NAME") {
                "name"
            } else {
                ""
            };
            entered::fault(error, field)?
        }
    };
    let page = view(&state, &visitor, &form, faults).await?;
    Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

fn settings(form: &Form) -> Settings {
    Settings {
        dialect: match form.get("system") {
            "entra" => Some(Dialect::Entra),
            "okta" => Some(Dialect::Okta),
            _ => None,
        },
        sheet: form.text("sheet").and_then(Sheet::template),
        ..Settings::default()
    }
}

async fn view(state: &State, visitor: &Visitor, form: &Form, faults: Faults) -> Result<Page> {
    let inside = visitor.workspace()?;
    let (workspace, space, language) = (inside.key, Space::of(inside), visitor.language);
    let teams = state.db().read_short(move |tx| team::all(tx, workspace)).await?;
    let none = (String::new(), language.t(text("none")).to_owned());
    let told = |value: &str, label: &str, about: &'static str| {
        (value.to_owned(), label.to_owned(), language.t(about).to_owned())
    };
    let sheets = Sheet::TEMPLATES
        .iter()
        .map(|name| ((*name).to_owned(), (*name).to_owned()));
    Ok(Page {
        frame: Frame::new(visitor, text("New inbound provider"))
            .below(space.at("/providers"), language.t(text("Inbound providers"))),
        faults,
        called: form.get("name").to_owned(),
        system: match form.get("system") {
            known @ ("entra" | "okta") => known.to_owned(),
            _ => "other".to_owned(),
        },
        systems: vec![
            told(
                "entra",
                "Microsoft Entra ID",
                text("Its habits are understood, and the steps are shown with pictures."),
            ),
            told(
                "okta",
                "Okta",
                text("Its habits are understood, and the steps are shown with pictures."),
            ),
            told(
                "other",
                language.t(text("Another one")),
                text("Anything that speaks SCIM 2.0. What it sends is detected."),
            ),
        ],
        role: form.text("role").unwrap_or("user").to_owned(),
        roles: setting::roles(language),
        team: form.get("team").to_owned(),
        teams: std::iter::once(none.clone())
            .chain(teams.into_iter().map(|one| (one.name.clone(), one.name)))
            .collect(),
        sheet: form.get("sheet").to_owned(),
        sheets: std::iter::once(none).chain(sheets).collect(),
        back: space.at("/providers"),
    })
}

//! `GET` and `POST /providers/{name}/sheet`: which attributes a provider must send of people, and which it may look for
//! them by.

use super::place::{self, Head, Named, Place};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::{acts, entered};
use crate::console::refusal::Result;
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_scim::schema::Catalogue;
use provost_scim::sheet::Sheet;
use provost_store::provider::{self, Edit};
use provost_store::{Error as Store, Tx, extension};
use serde_json::Value;

#[derive(Template)]
#[template(path = "providers/sheet.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    why: String,
    action: String,
    lines: Vec<Line>,
    /// The sheet as JSON; empty for none.
    text: String,
    begin: String,
    begins: Vec<(String, String)>,
}

/// A line of the sheet.
struct Line {
    name: String,
    kind: String,
    is_required: bool,
    is_filterable: bool,
}

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let page = view(&visitor, &place, Faults::none(), None);
    Ok(page::html(StatusCode::OK, &page))
}

/// Changes it.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let workspace = place.provider.workspace;
    let catalogue = state
        .db()
        .read_short(move |tx| extension::catalogue(tx, workspace))
        .await?;
    let sheet = match read(&catalogue, &form, visitor.language) {
        Ok(sheet) => sheet,
        Err(faults) => {
            let page = view(&visitor, &place, faults, Some(&form));
            return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let (key, actor) = (place.provider.key, visitor.actor());
    let write = move |tx: &mut Tx| {
        let before = provider::by_key(tx, key)?.ok_or(Store::Closed)?;
        let mut settings = before.settings.clone();
        settings.sheet = sheet.clone();
        let edit = Edit {
            settings: Some(&settings),
            ..Edit::default()
        };
        provider::edit(tx, &actor, now(), &before, &edit)
    };
    match state.db().write(write).await {
        Ok(_) => Ok(page::elsewhere(&done::after(&place.at("sheet"), "saved"))),
        Err(error) => {
            let page = view(&visitor, &place, entered::fault(error, "sheet")?, Some(&form));
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// The sheet of an application that was chosen, else the one that was typed; none for an empty text.
fn read(
    catalogue: &Catalogue,
    form: &Form,
    language: Language,
) -> std::result::Result<Option<Sheet>, Faults> {
    if let Some(name) = form.text("begin") {
        return match Sheet::template(name) {
            Some(sheet) => Ok(Some(sheet)),
            None => Err(Faults::one("begin", language.t("Choose one of these."))),
        };
    }
    let Some(typed) = form.text("sheet") else {
        return Ok(None);
    };
    let wrong = |sentence: String| Faults::one("sheet", sentence);
    let value: Value = serde_json::from_str(typed).map_err(|error| {
        let sentence =
            text("This is no JSON: {}. Correct it at that place, or begin with an application's sheet.");
        wrong(language.f(sentence, &[&error.to_string()]))
    })?;
    let sheet = Sheet::parse(&value, catalogue).map_err(|error| wrong(error.detail))?;
    Ok(Some(sheet))
}

fn view(visitor: &Visitor, place: &Place, faults: Faults, typed: Option<&Form>) -> Page {
    let kept = place.provider.settings.sheet.as_ref();
    let shown = kept.and_then(|sheet| serde_json::to_string_pretty(sheet).ok());
    let none = (
        String::new(),
        visitor.language.t(text("What stands below")).to_owned(),
    );
    let named = Sheet::TEMPLATES
        .iter()
        .map(|name| ((*name).to_owned(), (*name).to_owned()));
    let lines = kept.map_or(&[][..], |sheet| &sheet.attributes);
    Page {
        frame: place.frame(visitor),
        head: place.head("sheet"),
        faults,
        why: acts::role(visitor, Act::Configure),
        action: place.at("sheet"),
        lines: lines
            .iter()
            .map(|line| Line {
                name: line.name.clone(),
                kind: kind(line),
                is_required: line.required,
                is_filterable: line.filterable,
            })
            .collect(),
        text: typed.map_or_else(|| shown.unwrap_or_default(), |form| form.get("sheet").to_owned()),
        begin: typed.map_or("", |form| form.get("begin")).to_owned(),
        begins: std::iter::once(none).chain(named).collect(),
    }
}

/// The type's own word, as the sheet has it.
fn kind(line: &provost_scim::sheet::SheetAttribute) -> String {
    let value = serde_json::to_value(line.kind).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

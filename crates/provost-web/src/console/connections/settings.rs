//! `/connections/{name}/settings`: how a connection reaches its target. A change is tested before it is saved; the
//! secrets are never shown, and go when the connection leads to another host.

use super::aside;
use super::base::{Base, OfConnection, at, frame};
use super::draft::{self, View};
use super::origin;
use super::save::{self, How};
use super::trouble;
use crate::console::confirm::Question;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::microsoft_365::of_connection;
use crate::console::page::{self, Frame};
use crate::console::place::{self, Place};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::Clock;
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::{connection, rule, secret};
use provost_sync::Error as Sync;
use provost_sync::setup::ConnectionChange;
use serde_json::Value;

#[derive(Template)]
#[template(path = "connections/settings.html")]
struct Page {
    frame: Frame,
    base: Base,
    here: String,
    remove: String,
    name: String,
    description: String,
    fields: Vec<View>,
    /// When the credential ends, as it was typed.
    expires: String,
    /// When the one that is kept ends, for people; empty where nobody knows.
    ends: String,
    /// Whether "save as invalid" is offered.
    may_accept: bool,
    /// Why the connection cannot be removed, in the reader's language; empty where it can.
    kept: String,
}

type Named = std::result::Result<Path<OfConnection>, PathRejection>;

/// The page.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let page = page(&state, &visitor, &place, None, Faults::none()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

async fn page(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    form: Option<&Form>,
    faults: Faults,
) -> Result<Page> {
    let connection = &place.connection;
    let key = connection.key;
    let read = move |tx: &mut provost_store::Tx| {
        let secrets = secret::fields(tx, "connection", key)?;
        Ok::<_, provost_store::Error>((secrets, rule::of_connection(tx, key)?))
    };
    let (secrets, rules) = state.db().read(read).await?;
    let secrets: Vec<String> = secrets.into_iter().map(|(name, _)| name).collect();
    let ends = place::engine(state)?.credential_expiry(key).await?;
    let used: Vec<&str> = rules
        .iter()
        .filter(|one| one.rule.enabled)
        .map(|one| one.name.as_str())
        .collect();
    let language = visitor.language;
    let owner = of_connection(state, key, &place.space, language).await?;
    let typed = |name: &str, saved: &str| match form {
        Some(form) => form.get(name).to_owned(),
        None => saved.to_owned(),
    };
    Ok(Page {
        frame: frame(visitor, place, text("Settings")),
        base: Base::new(visitor, place, "settings", Act::Configure).with(faults),
        here: at(place, &["settings"]),
        remove: at(place, &["remove"]),
        name: typed("name", &connection.name),
        description: typed("description", &connection.preferences.description),
        fields: draft::views(
            state,
            visitor,
            &connection.connector,
            &connection.settings,
            form,
            &secrets,
        ),
        expires: typed("expires", ""),
        ends: ends
            .map(|at| Clock::of(visitor, now()).day_typed(at))
            .unwrap_or_default(),
        may_accept: false,
        kept: match used.is_empty() {
            _ if owner.is_some() => language
                .t(text(
                    "It belongs to a provider, and goes with it: remove the provider.",
                ))
                .to_owned(),
            true => String::new(),
            false => language.f(
                text("Rules that are switched on use it: {}. Switch them off or remove them first."),
                &[&used.join(", ")],
            ),
        },
    })
}

/// Saves what was entered, after a test where it reaches the target otherwise than before.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let found = &place.connection;
    let (entered, mut faults) = draft::read(&state, &visitor, &found.connector, &form);
    draft::require(&found.connector, &entered, visitor.language, &mut faults);
    if !faults.is_empty() {
        let page = page(&state, &visitor, &place, Some(&form), faults).await?;
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    // Settings that the form does not know stay as they are.
    let mut settings = found.settings.as_object().cloned().unwrap_or_default();
    settings.retain(|name, _| !entered.emptied.contains(&name.as_str()));
    settings.extend(entered.settings);
    let settings = Value::Object(settings);
    let description = form.get("description").trim().to_owned();
    let change = ConnectionChange {
        name: form.text("name").map(str::to_owned),
        description: (description != found.preferences.description).then_some(description),
        settings: (settings != found.settings).then_some(settings),
        secrets: entered.secrets,
        secret_expires: entered.expires,
    };
    let (engine, actor, key) = (place::engine(&state)?.clone(), visitor.actor(), found.key);
    let (name, accept) = (change.name.clone(), form.is_on("accept"));
    let deed = async move { engine.change_connection(key, &change, &actor, accept).await };
    match aside::finish(deed).await? {
        Ok(_) => {
            let name = name.unwrap_or_else(|| found.name.clone());
            let address = place.space.to(&["connections", &name, "settings"]);
            Ok(page::elsewhere(&done::after(&address, "saved")))
        }
        Err(error @ (Sync::Refused { .. } | Sync::Store(provost_store::Error::Refused { .. }))) => {
            let page = page(&state, &visitor, &place, Some(&form), trouble::all(&error)).await?;
            let may_accept = error.code() == Some("PRV-CONNECTION-TEST");
            Ok(page::html(StatusCode::CONFLICT, &Page { may_accept, ..page }))
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes the connection away, once its name was typed.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let found = &place.connection;
    let given = crate::console::confirm::given(&form);
    if given.digest.is_none() || given.typed.as_deref() != Some(&found.name) {
        return Ok(ask(&visitor, &place, &form));
    }
    let (engine, actor, key) = (place::engine(&state)?.clone(), visitor.actor(), found.key);
    let deed = async move { engine.drop_connection(key, &actor).await };
    let action = at(&place, &["remove"]);
    match aside::finish(deed).await? {
        Ok(()) => {
            let actor = visitor.actor();
            origin::forget(&state, found, &actor, now()).await?;
            Ok(page::elsewhere(&done::after(
                &place.space.at("/connections"),
                "removed",
            )))
        }
        Err(error) => {
            let how = How {
                verb: "",
                action: &action,
                back: &action,
                note: "",
            };
            match save::refused(&visitor, error, &form, &how)? {
                Ok(question) => Ok(question),
                Err(error) => {
                    let page = page(&state, &visitor, &place, None, trouble::all(&error)).await?;
                    Ok(page::html(aside::status(&error), &page))
                }
            }
        }
    }
}

fn ask(visitor: &Visitor, place: &Place, form: &Form) -> Response {
    let connection: &connection::Connection = &place.connection;
    let error = Sync::Confirm {
        code: "PRV-CONNECTION-REMOVE",
        sentence: format!(
            "The connection \"{}\" goes with its rules, links, plans and log.\nThe accounts in the target stay as they \
             are, and so does the audit log.",
            connection.name
        ),
        hint: "This cannot be undone. A new connection finds the accounts again by its matching attributes.",
        digest: "remove".to_owned(),
        list: Vec::new(),
    };
    let question = Question {
        verb: visitor.language.t(text("Remove the connection")).to_owned(),
        action: &at(place, &["remove"]),
        back: at(place, &["settings"]),
        typed: Some(&connection.name),
        ..Question::default()
    };
    question.ask(visitor, &error, form)
}

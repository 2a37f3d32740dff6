//! `/new-connection/{template}`: what is entered, tried step by step, and saved: also although its test fails, by an
//! explicit choice; then it is invalid and no cycle runs.

use super::aside;
use super::base::needs;
use super::catalogue;
use super::draft::{self, Entered, View};
use super::gallery::PLAIN;
use super::trouble;
use crate::api::templates::Template as Preset;
use crate::console::address::Space;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::console::tested::{self, Tested};
use crate::form::Form;
use crate::policy::Act;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::Assignment;
use provost_sync::Error as Sync;
use provost_sync::setup::{ConnectionDraft, Tried};
use serde::Deserialize;
use serde_json::Value;

/// The code of a test that failed, which can be accepted.
const TEST: &str = "PRV-CONNECTION-TEST";

/// The template of an address.
#[derive(Debug, Deserialize)]
pub(super) struct OfTemplate {
    template: String,
}

#[derive(Template)]
#[template(path = "connections/new.html")]
struct Page {
    frame: Frame,
    needs: String,
    faults: Faults,
    here: String,
    /// What people call the template.
    title: String,
    summary: String,
    name: String,
    description: String,
    fields: Vec<View>,
    expires: String,
    /// What the test found; none before one.
    tested: Option<Tested>,
    is_good: bool,
    /// Whether "save as invalid" is offered.
    may_accept: bool,
    rules: Vec<String>,
    /// What connections from the template can do; empty without one.
    abilities: Vec<&'static str>,
}

type OfPath = std::result::Result<Path<OfTemplate>, PathRejection>;

/// What is being set up.
struct SetUp<'a> {
    state: &'a State,
    visitor: &'a Visitor,
    space: Space,
    name: String,
    connector: String,
    preset: Option<&'a Preset>,
}

/// The form.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
) -> Result<Response> {
    let set_up = SetUp::of(&state, &visitor, path)?;
    let page = set_up.page(None, Faults::none(), None);
    Ok(page::html(StatusCode::OK, &page))
}

/// Tries what was entered, or saves it.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    form: Form,
) -> Result<Response> {
    let set_up = SetUp::of(&state, &visitor, path)?;
    let (entered, mut faults) = draft::read(&state, &visitor, &set_up.connector, &form);
    draft::require(&set_up.connector, &entered, visitor.language, &mut faults);
    let is_test = form.get("do") == "test";
    if !is_test && form.text("name").is_none() {
        faults.add("name", visitor.language.t(text("Give the connection a name.")));
    }
    if !faults.is_empty() {
        let page = set_up.page(Some(&form), faults, None);
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let draft = set_up.draft(entered, &form);
    if is_test {
        let tried = set_up.attempt(&draft).await?;
        let page = set_up.page(Some(&form), Faults::none(), Some(&tried));
        return Ok(page::html(StatusCode::OK, &page));
    }
    set_up.save(draft, &form).await
}

impl<'a> SetUp<'a> {
    fn of(state: &'a State, visitor: &'a Visitor, path: OfPath) -> Result<Self> {
        let Path(path) = path.map_err(Refusal::address)?;
        let space = Space::of(visitor.workspace()?);
        let preset = state.templates().iter().find(|one| one.name == path.template);
        if preset.is_none() && path.template != PLAIN {
            let sentence =
                "There is no such template. The page \"New connection\" shows those that there are.";
            return Err(Refusal::Absent(sentence.to_owned()));
        }
        Ok(Self {
            state,
            visitor,
            space,
            name: path.template,
            connector: preset
                .map_or("scim", |preset| preset.connector.as_str())
                .to_owned(),
            preset,
        })
    }

    /// What is entered stands over what the template says.
    fn draft(&self, entered: Entered, form: &Form) -> ConnectionDraft {
        let mut settings = self
            .preset
            .map(|preset| preset.settings.clone())
            .unwrap_or_default();
        settings.extend(entered.settings);
        ConnectionDraft {
            name: form.text("name").unwrap_or_default().to_owned(),
            description: form.get("description").trim().to_owned(),
            connector: self.connector.clone(),
            settings: Value::Object(settings),
            secrets: entered.secrets,
            secret_expires: entered.expires,
            preferences: self
                .preset
                .map(|preset| preset.preferences.clone())
                .unwrap_or_default(),
            rules: self.preset.map(resting).unwrap_or_default(),
            template: self.preset.map(Preset::noted),
            understood: false,
        }
    }

    async fn attempt(&self, draft: &ConnectionDraft) -> Result<Tried> {
        let (engine, draft) = (place::engine(self.state)?.clone(), draft.clone());
        let deed = async move { engine.try_connection(&draft).await };
        Ok(aside::finish(deed).await??)
    }

    async fn save(&self, draft: ConnectionDraft, form: &Form) -> Result<Response> {
        let (engine, actor) = (place::engine(self.state)?.clone(), self.visitor.actor());
        let (workspace, accept) = (self.visitor.workspace()?.key, form.is_on("accept"));
        let (entered, by) = (draft.clone(), actor.clone());
        let deed = async move { engine.add_connection(workspace, &entered, &by, accept).await };
        let error = match aside::finish(deed).await? {
            Ok(added) => {
                let address = self.space.connection(&added.connection.name);
                return Ok(page::elsewhere(&done::after(&address, "added")));
            }
            Err(error @ (Sync::Refused { .. } | Sync::Rules(_) | Sync::Faults(_))) => error,
            Err(error @ Sync::Store(provost_store::Error::Refused { .. })) => error,
            Err(other) => return Err(other.into()),
        };
        let tried = match error.code() {
            Some(TEST) => Some(self.attempt(&draft).await?),
            _ => None,
        };
        let mut faults = trouble::all(&error);
        if error.code() == Some("PRV-CONNECTION-NAME-TAKEN") {
            let told: Vec<String> = faults.each().map(|(_, sentence)| sentence.to_owned()).collect();
            faults = Faults::one("name", told.join(" "));
        }
        let page = self.page(Some(form), faults, tried.as_ref());
        Ok(page::html(aside::status(&error), &page))
    }

    fn page(&self, form: Option<&Form>, faults: Faults, tried: Option<&Tried>) -> Page {
        let typed = |name: &str| form.map(|form| form.get(name).to_owned()).unwrap_or_default();
        let settings = self
            .preset
            .map(|preset| Value::Object(preset.settings.clone()))
            .unwrap_or_default();
        let language = self.visitor.language;
        Page {
            frame: Frame::new(self.visitor, text("New connection"))
                .below(self.space.at("/connections"), language.t("Connections"))
                .below(self.space.at("/new-connection"), language.t("New connection")),
            needs: needs(self.visitor, Act::Configure),
            here: self.space.to(&["new-connection", &self.name]),
            title: self
                .preset
                .map_or_else(|| "SCIM".to_owned(), |preset| preset.title.clone()),
            summary: self
                .preset
                .map(|preset| preset.summary.clone())
                .unwrap_or_default(),
            name: typed("name"),
            description: typed("description"),
            fields: draft::views(self.state, self.visitor, &self.connector, &settings, form, &[]),
            expires: typed("expires"),
            is_good: tried.is_some_and(Tried::ok),
            may_accept: tried.is_some_and(|tried| !tried.ok()),
            tested: tried.map(|tried| tested::of(tried, &self.connector, &self.space)),
            rules: self
                .preset
                .map(|preset| preset.rules.iter().map(|rule| rule.name.clone()).collect())
                .unwrap_or_default(),
            abilities: self.preset.map(abilities).unwrap_or_default(),
            faults,
        }
    }
}

/// A template's rules, switched off: nothing is written before somebody has looked at one and switched it on.
fn resting(preset: &Preset) -> Vec<Rule> {
    let off = |rule: &Rule| Rule {
        enabled: false,
        ..rule.clone()
    };
    preset.rules.iter().map(off).collect()
}

/// What connections from a template can do, before one is set up.
fn abilities(preset: &Preset) -> Vec<&'static str> {
    let mut all = vec![text(
        "Makes accounts, keeps them in sync, and disables those of people who leave. Nothing is deleted unless you say so.",
    )];
    all.push(match catalogue::takes(preset, Kind::Group) {
        true => text("Takes people and groups, with the groups' members."),
        false => text("Takes people only: groups decide who is meant, and no mapping of groups is offered."),
    });
    if preset.preferences.assignment == Assignment::Assigned {
        all.push(text(
            "Means only who is assigned: as long as nobody is, nobody is written.",
        ));
    }
    if preset.connector != "graph" {
        all.push(text(
            "Signs nobody in: set up single sign-on at the application too, so that a disabled person is out at once.",
        ));
    }
    all.push(text(
        "To try it first, add a second connection of its own to a test tenant of the application.",
    ));
    all
}

//! `/connections/{name}/preferences`: how a connection runs, whom it means, and what it may do whatever its rules say.

use super::aside;
use super::base::{Base, OfConnection, at, frame};
use super::save::{self, How};
use super::trouble;
use crate::console::confirm;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::microsoft_365::of_connection;
use crate::console::page::{self, Frame};
use crate::console::place::{self, Place};
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::policy::Act;
use crate::state::State;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::policy::Allowed;
use provost_store::connection::{Assignment, LeaverPolicy, Mode, Preferences};
use provost_sync::setup::PreferencesSaved;

#[derive(Template)]
#[template(path = "connections/preferences.html")]
struct Page {
    frame: Frame,
    base: Base,
    here: String,
    resync: String,
    mode: String,
    modes: Vec<(&'static str, String, String)>,
    assignment: String,
    assignments: Vec<(&'static str, String, String)>,
    /// Why not everybody can be meant; empty where they can.
    locked: String,
    actions: Vec<(&'static str, String, String, bool)>,
    switches: Vec<(&'static str, String, String, bool)>,
    remove: String,
    removes: Vec<(&'static str, String)>,
    numbers: Vec<Number>,
    protected: String,
    /// What an action that is allowed from now on has left behind; in English.
    left: Option<String>,
}

/// A number with its range.
struct Number {
    name: &'static str,
    label: String,
    help: String,
    value: String,
}

type Named = std::result::Result<Path<OfConnection>, PathRejection>;

const MODES: [(&str, &str, &str); 2] = [
    (
        "automatic",
        text("By itself"),
        text("Changes go out as they come."),
    ),
    (
        "manual",
        text("By hand"),
        text("Changes wait until somebody runs a cycle."),
    ),
];

const ASSIGNMENTS: [(&str, &str, &str); 2] = [
    (
        "assigned",
        text("Who is assigned"),
        text("People, and groups for their members. Nobody assigned means nobody."),
    ),
    (
        "all",
        text("Everybody"),
        text("Everybody in the directory whom a rule's filters let in."),
    ),
];

const ACTIONS: [(&str, &str, &str); 5] = [
    (
        "create",
        text("Create"),
        text("Accounts and groups that no match was found for. Off: they are counted as unsynced."),
    ),
    (
        "update",
        text("Update"),
        text("Change attributes, enable accounts again. Off: they are counted as partially synced."),
    ),
    (
        "disable",
        text("Disable"),
        text("Close accounts; it is done even where updating is off."),
    ),
    (
        "deprovision",
        text("Deprovision"),
        text("Let happen to whoever leaves what is chosen below, and delete."),
    ),
    (
        "deprovision_on_rule_deletion",
        text("Deprovision with a deleted rule"),
        text(
            "The accounts of a rule that is removed go with it; its removal shows how many, and asks for its name.",
        ),
    ),
];

const REMOVES: [(&str, &str); 4] = [
    ("", text("as each rule says")),
    ("disable", text("the account is disabled")),
    ("delete", text("the account is deleted")),
    ("leave", text("the account stays as it is")),
];

const SWITCHES: [(&str, &str, &str); 6] = [
    (
        "nested",
        text("Groups inside groups count"),
        text(
            "Members of groups inside assigned groups are meant too. Off: they are not, and are counted as such.",
        ),
    ),
    (
        "skip_out_of_scope",
        text("Leave whoever is out of scope alone"),
        text("Accounts of people who leave the scope stay as they are."),
    ),
    (
        "discover",
        text("List accounts that nobody owns"),
        text("A full comparison notes what is in the target and was not written from here."),
    ),
    (
        "leaver_groups",
        text("Whoever is disabled loses groups"),
        text("The memberships that Provost wrote."),
    ),
    (
        "leaver_licences",
        text("Whoever is disabled loses licences"),
        text("The licences that Provost gave."),
    ),
    (
        "remove_licences_when_empty",
        text("Take licences back where the rule gives none"),
        text(
            "Not mapped and off: no licence is touched. Not mapped and on: linked accounts lose theirs. Mapped and without a value: on takes back all that are directly on the account, off only what Provost gave.",
        ),
    ),
];

/// Name, label, help.
const NUMBERS: [(&str, &str, &str); 4] = [
    (
        "interval_seconds",
        text("Seconds between two cycles"),
        text("0: a change goes out at once. At most 86400. Disables do not wait."),
    ),
    (
        "reconcile_hours",
        text("Hours between two full comparisons"),
        text("0: never by itself. At most 672."),
    ),
    (
        "clock_minutes",
        text("Minutes between two looks at rules that depend on the time"),
        text("From 1 to 1440."),
    ),
    (
        "read_changes_minutes",
        text("Minutes between two readings of what changed in the target"),
        text("0: never. At most 1440."),
    ),
];

/// The page.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let owner = of_connection(&state, place.connection.key, &place.space, visitor.language).await?;
    let page = Page {
        locked: owner.map(|one| one.dead).unwrap_or_default(),
        ..page(&visitor, &place, &place.connection.preferences, Faults::none())
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn page(visitor: &Visitor, place: &Place, shown: &Preferences, faults: Faults) -> Page {
    let language = visitor.language;
    let three = |all: &[(&'static str, &str, &str)]| {
        let one = |(word, label, about): &(&'static str, &str, &str)| {
            (*word, language.t(label).to_owned(), language.t(about).to_owned())
        };
        all.iter().map(one).collect::<Vec<_>>()
    };
    let is_graph = place.connection.connector == "graph";
    let four = |all: &[(&'static str, &str, &str)]| {
        let with =
            |(word, label, about): (&'static str, String, String)| (word, label, about, is_on(shown, word));
        three(all).into_iter().map(with).collect::<Vec<_>>()
    };
    let licences = if is_graph {
        SWITCHES.len()
    } else {
        SWITCHES.len() - 2
    };
    Page {
        frame: frame(visitor, place, text("Preferences")),
        base: Base::new(visitor, place, "preferences", Act::Configure).with(faults),
        here: at(place, &["preferences"]),
        resync: at(place, &["resync"]),
        mode: shown.mode.to_string(),
        modes: three(&MODES),
        assignment: shown.assignment.to_string(),
        assignments: three(&ASSIGNMENTS),
        locked: String::new(),
        actions: four(&ACTIONS),
        switches: four(&SWITCHES[..licences]),
        remove: remove_word(shown),
        removes: REMOVES
            .iter()
            .map(|(word, label)| (*word, language.t(label).to_owned()))
            .collect(),
        numbers: NUMBERS
            .iter()
            .map(|(name, label, help)| Number {
                name,
                label: language.t(label).to_owned(),
                help: language.t(help).to_owned(),
                value: number(shown, name).to_string(),
            })
            .collect(),
        protected: shown.protected_accounts.join("\n"),
        left: None,
    }
}

fn is_on(preferences: &Preferences, word: &str) -> bool {
    let allowed = &preferences.allowed;
    match word {
        "create" => allowed.create,
        "update" => allowed.update,
        "disable" => allowed.disable,
        "deprovision" => allowed.deprovision,
        "deprovision_on_rule_deletion" => allowed.deprovision_on_rule_deletion,
        "nested" => preferences.nested,
        "skip_out_of_scope" => preferences.skip_out_of_scope,
        "discover" => preferences.discover,
        "leaver_groups" => preferences.leaver.groups,
        "leaver_licences" => preferences.leaver.licences,
        _ => preferences.remove_licences_when_empty,
    }
}

fn remove_word(preferences: &Preferences) -> String {
    let word = preferences
        .allowed
        .remove_action
        .and_then(|action| serde_json::to_value(action).ok());
    word.and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn number(preferences: &Preferences, name: &str) -> u32 {
    match name {
        "interval_seconds" => preferences.interval_seconds,
        "reconcile_hours" => preferences.reconcile_hours,
        "clock_minutes" => preferences.clock_minutes,
        _ => preferences.read_changes_minutes,
    }
}

/// What was typed; what the form does not show stays.
fn typed(before: &Preferences, form: &Form, is_graph: bool, language: Language) -> (Preferences, Faults) {
    let mut faults = Faults::none();
    let mut read = |name: &str, was: u32| {
        let typed = form.text(name).unwrap_or_default();
        typed.parse().unwrap_or_else(|_| {
            faults.add(name, language.t(text("Type a whole number.")));
            was
        })
    };
    let preferences = Preferences {
        interval_seconds: read("interval_seconds", before.interval_seconds),
        reconcile_hours: read("reconcile_hours", before.reconcile_hours),
        clock_minutes: read("clock_minutes", before.clock_minutes),
        read_changes_minutes: read("read_changes_minutes", before.read_changes_minutes),
        mode: if form.get("mode") == "manual" {
            Mode::Manual
        } else {
            Mode::Automatic
        },
        assignment: if form.get("assignment") == "all" {
            Assignment::All
        } else {
            Assignment::Assigned
        },
        nested: form.is_on("nested"),
        skip_out_of_scope: form.is_on("skip_out_of_scope"),
        discover: form.is_on("discover"),
        allowed: Allowed {
            create: form.is_on("create"),
            update: form.is_on("update"),
            disable: form.is_on("disable"),
            deprovision: form.is_on("deprovision"),
            remove_action: serde_json::from_value(form.get("remove").into()).ok(),
            deprovision_on_rule_deletion: form.is_on("deprovision_on_rule_deletion"),
        },
        remove_licences_when_empty: match is_graph {
            true => form.is_on("remove_licences_when_empty"),
            false => before.remove_licences_when_empty,
        },
        leaver: LeaverPolicy {
            groups: form.is_on("leaver_groups"),
            licences: if is_graph {
                form.is_on("leaver_licences")
            } else {
                before.leaver.licences
            },
        },
        protected_accounts: form
            .get("protected")
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
        description: before.description.clone(),
    };
    (preferences, faults)
}

/// Saves them.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let is_graph = place.connection.connector == "graph";
    let (typed, faults) = typed(&place.connection.preferences, &form, is_graph, visitor.language);
    if !faults.is_empty() {
        let page = page(&visitor, &place, &typed, faults);
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let (engine, actor, key) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        place.connection.key,
    );
    let (wanted, given) = (typed.clone(), confirm::given(&form));
    let deed = async move { engine.save_preferences(key, wanted, &actor, &given).await };
    let here = at(&place, &["preferences"]);
    let error = match aside::finish(deed).await? {
        Ok(PreferencesSaved { resync: None, .. }) => {
            return Ok(page::elsewhere(&done::after(&here, "saved")));
        }
        Ok(saved) => {
            let page = page(&visitor, &place, &typed, Faults::none());
            return Ok(page::html(
                StatusCode::OK,
                &Page {
                    left: saved.resync,
                    ..page
                },
            ));
        }
        Err(error) => error,
    };
    let how = How {
        verb: visitor.language.t(text("Save the preferences")),
        action: &here,
        back: &here,
        note: "",
    };
    match save::refused(&visitor, error, &form, &how)? {
        Ok(question) => Ok(question),
        Err(error) => {
            let page = page(&visitor, &place, &typed, trouble::all(&error));
            Ok(page::html(aside::status(&error), &page))
        }
    }
}

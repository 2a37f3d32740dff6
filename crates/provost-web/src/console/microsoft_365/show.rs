//! `/microsoft-365/{name}`: how far a provider is, section by section, the checklist that opens the next step, and
//! what can be done with it.

use super::place::{self as places, Head, Named, Place};
use super::saved::Saved;
use super::words::{self, LOCKED};
use crate::console::connections::aside;
use crate::console::done;
use crate::console::guides;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::Tx;
use provost_store::microsoft_365::{self, Mode, State as Standing};
use provost_sync::microsoft_365::ChecklistLine;

#[derive(Template)]
#[template(path = "microsoft_365/show.html")]
struct Page {
    frame: Frame,
    head: Head,
    /// What to do next: a key of the catalogue, where, and what the way is called.
    next: &'static str,
    way: (String, &'static str),
    since: Moment,
    sections: Vec<Section>,
    checks: Vec<Check>,
    /// Where step 4 of the guide is, and why it is closed; empty where it is open.
    step_4: String,
    closed: String,
    mode: &'static str,
    mode_address: String,
    /// Why nobody can be assigned; empty where they can.
    locked: String,
    assignments: Option<String>,
    kept: i64,
    kept_address: String,
    remove: String,
    why: String,
}

/// A section with its state.
struct Section {
    label: &'static str,
    address: String,
    /// The state's word, a key of the catalogue, and its colour.
    word: &'static str,
    class: &'static str,
    told: String,
    at: Option<Moment>,
}

/// A line of the checklist.
struct Check {
    /// A key of the catalogue.
    sentence: &'static str,
    is_done: bool,
    /// What shows it, or what is missing, in English.
    told: String,
    at: Option<Moment>,
}

/// The provider's page.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let provider = &place.provider;
    let (workspace, domain) = (provider.workspace, provider.domain.clone());
    let read = move |tx: &mut Tx| microsoft_365::detached_count(tx, workspace, &domain);
    let kept = state.db().read_short(read).await?;
    let saved = Saved::read(&state, provider).await?;
    let lines = place::engine(&state)?
        .provider_checklist(workspace, &provider.name)
        .await?;
    let (clock, language) = (Clock::of(&visitor, now()), visitor.language);
    let is_whole = lines.iter().all(|line| line.done);
    let (next, way) = next(&place, saved.is_some(), is_whole);
    let page = Page {
        frame: place.frame(&visitor, ""),
        head: place.head(""),
        next,
        way,
        since: clock.moment(provider.since),
        sections: sections(&place, saved.as_ref(), is_whole, (&clock, language)),
        closed: match is_whole {
            true => String::new(),
            false => language
                .t(text("Step 4 opens once all four lines are true."))
                .to_owned(),
        },
        checks: lines.into_iter().map(|line| check(line, &clock)).collect(),
        step_4: guides::moving(&place.space, "people"),
        mode: words::mode(provider.mode),
        mode_address: place.at("mode"),
        locked: match provider.is_assignable() {
            true => String::new(),
            false => language.t(LOCKED).to_owned(),
        },
        assignments: saved
            .as_ref()
            .map(|one| format!("{}/assignments", place.space.connection(&one.connection.name))),
        kept,
        kept_address: place.at("reattach"),
        remove: place.at("remove"),
        why: page::lack(&visitor, Act::Configure),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Asks the tenant again.
pub(super) async fn recheck(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let deed = async move { engine.recheck_provider(workspace, &name, &actor).await };
    aside::finish(deed).await??;
    Ok(page::elsewhere(&done::after(&place.at("general"), "asked")))
}

/// The first thing that is open.
fn next(place: &Place, is_connected: bool, is_whole: bool) -> (&'static str, (String, &'static str)) {
    let provider = &place.provider;
    if provider.state == Standing::Draft {
        let sentence = text(
            "It is a draft: the domain is not proved to be the tenant's. Correct it, or verify it at Microsoft and ask again.",
        );
        return (sentence, (place.at("general"), text("General")));
    }
    if provider.authentication == 0 {
        let sentence = text("Save the section Authentication: nothing has to be entered.");
        return (sentence, (place.at("authentication"), text("Authentication")));
    }
    if !is_connected {
        let sentence = text("Enter the application's ids and its secret.");
        return (sentence, (place.at("provisioning"), text("Provisioning")));
    }
    if provider.mode == Mode::ProvisioningOnly {
        let sentence =
            text("Give the connection a rule, assign people or groups, make a plan, and switch the rule on.");
        return (sentence, (place.at("provisioning"), text("Provisioning")));
    }
    let sentence = match is_whole {
        true => text("All four lines of the checklist are true: go on with step 4 of the guide."),
        false => text("Look at the checklist: it says what is missing before step 4."),
    };
    (sentence, (guides::moving(&place.space, ""), text("Guide")))
}

fn sections(
    place: &Place,
    saved: Option<&Saved>,
    is_whole: bool,
    (clock, language): (&Clock, Language),
) -> Vec<Section> {
    let provider = &place.provider;
    let section =
        |path: &str, label, (word, class): (&'static str, &'static str), told: String, at| Section {
            label,
            address: place.at(path),
            word,
            class,
            told,
            at: clock.moment_if(at),
        };
    let told = |text: &'static str| language.t(text).to_owned();
    let general = format!("{} · {}", provider.domain, words::initial_domain(provider));
    let authentication = match provider.authentication {
        0 => (
            (text("not configured"), "partial"),
            text("No parameters are needed."),
        ),
        _ => ((text("configured"), "done"), text("No parameters are needed.")),
    };
    let (provisioning, name, at) = match saved {
        None => ((text("not configured"), "partial"), String::new(), 0),
        Some(one) => {
            let state = one.connection.state.name();
            ((state, state), one.connection.name.clone(), one.connection.tested)
        }
    };
    let locked = (text("locked"), "paused");
    let migration = match is_whole {
        true => text("People sign in at both sides once, in a window."),
        false => text("It opens once the four lines of the checklist are true."),
    };
    vec![
        section(
            "general",
            text("General"),
            words::domain(provider.domain_state),
            general,
            provider.domain_checked,
        ),
        section(
            "authentication",
            text("Authentication"),
            authentication.0,
            told(authentication.1),
            provider.authentication,
        ),
        section("provisioning", text("Provisioning"), provisioning, name, at),
        section(
            "migration",
            text("Migration"),
            if is_whole {
                (text("open"), "active")
            } else {
                locked
            },
            told(migration),
            0,
        ),
        section(
            "federation",
            text("Federation"),
            match provider.state {
                Standing::Federated => (text("federated"), "success"),
                _ => (text("managed by Microsoft"), "partial"),
            },
            told(text(
                "The checks before the switch, the switch, and the roll-back.",
            )),
            0,
        ),
    ]
}

fn check(line: ChecklistLine, clock: &Clock) -> Check {
    Check {
        sentence: guides::checklist_word(line.key),
        is_done: line.done,
        told: match line.done {
            true => line.evidence,
            false => line.missing,
        },
        at: line.at.filter(|_| line.done).map(|at| clock.moment(at)),
    }
}

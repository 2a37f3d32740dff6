//! `/microsoft-365/{name}/provisioning`: the application's ids and its secret, tried before anything is saved. A secret
//! is never shown, not even in the form that it was typed into; one that works stays until another one does.

use super::place::{self as places, Head, Named, Place};
use super::saved::Saved;
use super::words::LOCKED;
use crate::console::connections::{aside, expiry, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::Result;
use crate::console::tested::{self, Tested};
use crate::console::time::{Clock, DAY};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_connect::graph::permission::Function;
use provost_connect::{Permissions, Secret};
use provost_store::microsoft_365::Mode;
use provost_sync::microsoft_365::{Credentials, FUNCTIONS, ProviderTried, functions, rights};
use provost_sync::notify::ALARMS;
use serde_json::Value;

/// The code of a test that failed.
const TEST: &str = "PRV-CONNECTION-TEST";
/// How the codes of refused credentials go on behind this, and the field that each is about.
const CAUSE: &str = "PRV-M365-";
const REFUSED: [(&str, &str); 4] = [
    ("SECRET", "secret"),
    ("CERTIFICATE", "certificate"),
    ("APP", "client_id"),
    ("TENANT", "tenant"),
];

#[derive(Template)]
#[template(path = "microsoft_365/provisioning.html")]
struct Page {
    frame: Frame,
    head: Head,
    why: String,
    faults: Faults,
    here: String,
    client_id: String,
    tenant: String,
    expires: String,
    functions: Vec<FunctionView>,
    /// Whether there is a secret, or a certificate, already.
    is_secret_kept: bool,
    is_certificate_kept: bool,
    /// Whether the cursor goes into the field of the secret.
    is_secret_next: bool,
    /// What was found just now; else what is kept of the last test.
    tested: Tested,
    /// Whether that was just now, and whether every step worked.
    is_fresh: bool,
    is_good: bool,
    /// Whether it was saved, without a function that lacks a right.
    is_saved: bool,
    /// What was understood of what was pasted, in English.
    notes: Vec<String>,
    /// Rights that are missing, or more than needed, each in a sentence.
    missing: String,
    excess: String,
    /// Rights that the switch of the domain will need, in a sentence; empty where they are granted.
    later: String,
    tenant_name: String,
    domains: Vec<String>,
    /// The connection's page and name; none before it is configured.
    connection: Option<(String, String)>,
    state: &'static str,
    ends: String,
    alarms: String,
    /// Why nobody can be assigned; empty where they can.
    locked: String,
}

/// A function that can be chosen.
struct FunctionView {
    word: &'static str,
    label: &'static str,
    about: &'static str,
    /// The rights that it needs.
    rights: String,
    is_chosen: bool,
    /// Whether it cannot be left out.
    is_always: bool,
    /// The rights for want of which it stays off; empty where none is missing.
    lacks: String,
}

/// What a page shows of a try.
#[derive(Default)]
struct Outcome<'a> {
    form: Option<&'a Form>,
    tried: Option<&'a ProviderTried>,
    faults: Faults,
    is_saved: bool,
}

/// The section.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let page = view(&state, &visitor, &place, Outcome::default()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Tries what was entered, or saves it.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let credentials = match entered(&form) {
        Ok(credentials) => credentials,
        Err(sentence) => {
            let faults = Faults::one("expires", visitor.language.t(sentence));
            return again(&state, &visitor, &place, (&form, faults), None).await;
        }
    };
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let is_test = form.get("do") == "test";
    let (asked, by) = (credentials.clone(), actor);
    let deed = async move {
        match is_test {
            true => engine.try_provider_credentials(workspace, &name, &asked).await,
            false => {
                engine
                    .configure_provider_provisioning(workspace, &name, &asked, &by)
                    .await
            }
        }
    };
    let error = match aside::finish(deed).await? {
        Ok(tried) if is_good(&tried) && !is_test && tried.off.is_empty() => {
            return Ok(page::elsewhere(&done::after(&place.at("provisioning"), "saved")));
        }
        Ok(tried) if is_good(&tried) && !is_test => {
            // Its own page, and no other address: what stays off is known only now.
            let named = Path((String::new(), place.provider.name.clone()));
            let place = places::find(&state, &visitor, Ok(named)).await?;
            let outcome = Outcome {
                form: Some(&form),
                tried: Some(&tried),
                is_saved: true,
                ..Outcome::default()
            };
            let page = view(&state, &visitor, &place, outcome).await?;
            return Ok(page::html(StatusCode::OK, &page));
        }
        Ok(tried) => {
            let faults = of_lines(&tried);
            return again(&state, &visitor, &place, (&form, faults), Some(&tried)).await;
        }
        Err(error) if error.code().is_some() => error,
        Err(error) => return Err(error.into()),
    };
    // What was refused is tried once more only to say at which step: nothing is saved by that.
    let engine = place::engine(&state)?;
    let asked = engine.try_provider_credentials(place.provider.workspace, &place.provider.name, &credentials);
    let tried = asked.await.ok();
    // The step that failed says more than that one did.
    let faults = match error.code() {
        Some(TEST) => Faults::none(),
        _ => trouble::all(&error),
    };
    again(&state, &visitor, &place, (&form, faults), tried.as_ref()).await
}

/// What was entered, with the last moment of the secret's last day.
///
/// # Errors
/// A text about the day.
fn entered(form: &Form) -> std::result::Result<Credentials, &'static str> {
    let secret = |name: &str| form.text(name).map(Secret::new);
    Ok(Credentials {
        client_id: form.get("client_id").trim().to_owned(),
        tenant: form.get("tenant").trim().to_owned(),
        secret: secret("secret"),
        certificate: secret("certificate"),
        expires: expiry(form.get("expires")).map_err(|()| text("Type a day, such as 2027-01-31."))?,
        functions: Some(chosen(form)),
    })
}

/// The functions that were ticked.
fn chosen(form: &Form) -> Vec<Function> {
    let is_ticked = |one: &Function| form.all("functions").any(|word| word == one.name());
    FUNCTIONS.into_iter().filter(is_ticked).collect()
}

/// The functions with their rights: as they were typed, else as they are saved. Federation is not chosen: the provider's
/// mode decides on it.
fn function_views(mode: Mode, saved: Option<&Saved>, outcome: &Outcome<'_>) -> Vec<FunctionView> {
    let settings = saved.map(|one| &one.connection.settings);
    let known = match (outcome.form, settings) {
        (Some(form), _) => chosen(form),
        (None, settings) => functions(settings.unwrap_or(&Value::Null)),
    };
    let off = outcome
        .tried
        .map(|tried| tried.off.as_slice())
        .unwrap_or_default();
    let view = |one: Function| {
        let (label, about) = words(one);
        let lacks = off.iter().filter(|need| need.function == one);
        let lacks: Vec<&str> = lacks.map(|need| need.permission.as_str()).collect();
        FunctionView {
            word: one.name(),
            label,
            about,
            rights: rights(one).join(", "),
            is_always: matches!(one, Function::People | Function::Federation),
            is_chosen: known.contains(&one) && lacks.is_empty(),
            lacks: lacks.join(", "),
        }
    };
    let later = (mode == Mode::Federation).then_some(Function::Federation);
    FUNCTIONS.into_iter().chain(later).map(view).collect()
}

/// What a function is called, and what it does.
fn words(function: Function) -> (&'static str, &'static str) {
    match function {
        Function::People => (
            text("People"),
            text("Make, change, disable, enable and delete accounts. Everything else is about them."),
        ),
        Function::Groups => (
            text("Groups"),
            text("Make, change and delete groups, and keep their members."),
        ),
        Function::Licences => (
            text("Licences"),
            text("Give licences, and take back what Provost gave."),
        ),
        Function::Passwords => (
            text("Passwords"),
            text("Set passwords of accounts that exist. A first password needs nothing more."),
        ),
        Function::Sessions => (
            text("Sessions"),
            text("End the sessions of who is disabled, so that nobody works on."),
        ),
        Function::Restore => (
            text("Restoring"),
            text("Bring deleted people back from the bin, or remove them for good."),
        ),
        Function::Federation => (
            text("Federation"),
            text(
                "Switch the domain to federation and back. It is on by itself, unless the provider is for provisioning only; its rights are needed when the domain is switched, not before.",
            ),
        ),
    }
}

/// Whether everything that was tried works, and everything that was typed fits.
fn is_good(tried: &ProviderTried) -> bool {
    tried.tried.ok() && tried.lines.iter().all(|line| line.ok)
}

/// What is wrong with the fields, as a try found it.
fn of_lines(tried: &ProviderTried) -> Faults {
    let mut faults = Faults::none();
    for line in tried.lines.iter().filter(|line| !line.ok) {
        faults.add(
            line.field,
            trouble::sentence(&line.sentence, &line.hint, &line.code),
        );
    }
    faults
}

/// The page with what was typed, but for the secret.
async fn again(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    (form, mut faults): (&Form, Faults),
    tried: Option<&ProviderTried>,
) -> Result<Response> {
    if let Some(failed) = tried.and_then(|tried| tried.tried.failed())
        && faults.is_empty()
    {
        let told = trouble::sentence(&failed.sentence, &failed.hint, &failed.code);
        let cause = failed.code.strip_prefix(CAUSE).unwrap_or_default();
        let about = REFUSED.iter().find(|(start, _)| cause.starts_with(start));
        faults.add(about.map_or("", |(_, field)| field), told);
    }
    let status = match faults.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let outcome = Outcome {
        form: Some(form),
        tried,
        faults,
        is_saved: false,
    };
    let page = view(state, visitor, place, outcome).await?;
    Ok(page::html(status, &page))
}

async fn view(state: &State, visitor: &Visitor, place: &Place, outcome: Outcome<'_>) -> Result<Page> {
    let saved = Saved::read(state, &place.provider).await?;
    let (clock, language) = (Clock::of(visitor, now()), visitor.language);
    let kept = |name: &str| saved.as_ref().map(|one| one.setting(name)).unwrap_or_default();
    let value = |name: &str| outcome.form.map_or(kept(name), |form| form.get(name)).to_owned();
    let has = |name: &str| {
        saved
            .as_ref()
            .is_some_and(|one| one.secrets.iter().any(|secret| secret == name))
    };
    let tested = match (outcome.tried, &saved) {
        (Some(tried), _) => tested::of(&tried.tried, "graph", &place.space),
        (None, Some(saved)) => tested::read(&saved.connection, &place.space, &clock),
        (None, None) => Tested::default(),
    };
    let rights = outcome.tried.and_then(|tried| tried.tried.permissions.as_ref());
    let later = rights.map(|found| later_of(found, language)).unwrap_or_default();
    let (missing, excess) = rights.map(|found| rights_of(found, language)).unwrap_or_default();
    let ends = saved.as_ref().and_then(|one| one.ends);
    Ok(Page {
        frame: place.frame(visitor, text("Provisioning")),
        head: place.head("provisioning"),
        why: page::lack(visitor, Act::Configure),
        here: place.at("provisioning"),
        client_id: value("client_id"),
        functions: function_views(place.provider.mode, saved.as_ref(), &outcome),
        tenant: value("tenant"),
        expires: outcome
            .form
            .map(|form| form.get("expires").to_owned())
            .unwrap_or_default(),
        is_secret_kept: has("client_secret"),
        is_certificate_kept: has("certificate"),
        is_secret_next: !outcome.faults.of("secret").is_empty(),
        is_fresh: outcome.tried.is_some(),
        is_good: outcome.tried.is_some_and(is_good),
        is_saved: outcome.is_saved,
        notes: notes(outcome.tried),
        missing,
        excess,
        later,
        tenant_name: outcome
            .tried
            .map(|tried| tried.tenant.clone())
            .unwrap_or_default(),
        domains: outcome
            .tried
            .map(|tried| tried.domains.clone())
            .unwrap_or_default(),
        state: saved.as_ref().map_or("", |one| one.connection.state.name()),
        connection: saved.as_ref().map(|one| {
            let name = &one.connection.name;
            (place.space.connection(name), name.clone())
        }),
        ends: ends.map(|at| clock.day_typed(at)).unwrap_or_default(),
        alarms: ends.map(|at| alarms(at, &clock)).unwrap_or_default(),
        locked: match place.provider.is_assignable() {
            true => String::new(),
            false => language.t(LOCKED).to_owned(),
        },
        tested,
        faults: outcome.faults,
    })
}

/// What was understood of what was pasted.
fn notes(tried: Option<&ProviderTried>) -> Vec<String> {
    let lines = tried.map(|tried| tried.lines.as_slice()).unwrap_or_default();
    // What stays off is told with the functions.
    let notes = lines
        .iter()
        .filter(|line| line.ok && line.code.is_empty() && !line.sentence.is_empty());
    notes
        .map(|line| trouble::sentence(&line.sentence, &line.hint, ""))
        .collect()
}

/// What is missing, and what is more than needed, each in a sentence; empty where nothing is.
fn rights_of(found: &Permissions, language: Language) -> (String, String) {
    let missing: Vec<&str> = found
        .missing
        .iter()
        .map(|need| need.permission.as_str())
        .collect();
    let told = |sentence: &'static str, names: &[&str]| match names.is_empty() {
        true => String::new(),
        false => language.f(sentence, &[&names.join(", ")]),
    };
    let excess: Vec<&str> = found.excess.iter().map(String::as_str).collect();
    (
        told(
            text("These rights are missing: {}. Without them the function that needs them stays off."),
            &missing,
        ),
        told(
            text("These are more than needed: {}. Take them away: what is not granted cannot be misused."),
            &excess,
        ),
    )
}

/// What the switch of the domain will need and is not granted yet; empty where nothing is.
fn later_of(found: &Permissions, language: Language) -> String {
    let names: Vec<&str> = found.later.iter().map(|need| need.permission.as_str()).collect();
    match names.is_empty() {
        true => String::new(),
        false => language.f(
            text("Before the domain is switched these rights are needed: {}. Until then nothing lacks them."),
            &[&names.join(", ")],
        ),
    }
}

/// The days on which somebody is warned before a credential ends.
fn alarms(ends: i64, clock: &Clock) -> String {
    let days = ALARMS
        .iter()
        .map(|days| clock.day_typed(ends.saturating_sub(days * DAY)));
    days.collect::<Vec<_>>().join(", ")
}

//! `/connections/{name}/sign-in`: how people sign in to the application behind a connection, what the application has to
//! know, its secrets, and who has signed in.

use super::base::{Base, OfConnection, at, frame};
use super::trouble::sentence;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place::{self, Asked, Place};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::signin::openid::provider;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::Error;
use provost_signin::openid::{Change, Settings};
use provost_store::Error as Store;
use serde::Deserialize;
use serde_json::Value;

/// Lines of the list of people.
const LINES: i64 = 25;

const WAYS: [(&str, &str, &str); 3] = [
    (
        "secret",
        text("By a secret"),
        text("For applications on a server: client_secret_basic or client_secret_post."),
    ),
    (
        "private_key_jwt",
        text("By a key of its own"),
        text("It signs its requests; its public keys are entered below."),
    ),
    (
        "public",
        text("Not at all"),
        text("For applications on people's own machines, which can keep no secret."),
    ),
];

const SUBJECTS: [(&str, &str, &str); 2] = [
    (
        "public",
        text("By the same id everywhere"),
        text("Applications can tell that two people of theirs are one."),
    ),
    (
        "pairwise",
        text("By an id of their own in each application"),
        text("Changing this makes everybody somebody new to the application."),
    ),
];

const ALGORITHMS: [&str; 2] = ["RS256", "ES256"];

#[derive(Template)]
#[template(path = "connections/sign_in.html")]
struct Page {
    frame: Frame,
    base: Base,
    here: String,
    is_set_up: bool,
    client_id: String,
    issuer: String,
    discovery: String,
    enabled: bool,
    redirects: String,
    after: String,
    told: String,
    home: String,
    require_par: bool,
    way: String,
    ways: Vec<(&'static str, String, String)>,
    jwks: String,
    subject: String,
    subjects: Vec<(&'static str, String, String)>,
    algorithm: String,
    algorithms: Vec<(&'static str, String)>,
    secrets: Vec<SecretLine>,
    /// Where the button that makes one leads; empty where there are as many as there may be.
    add: String,
    people: Vec<Line>,
    is_later: bool,
    next: Option<String>,
}

struct SecretLine {
    key: i64,
    actor: String,
    created: Moment,
    used: Option<Moment>,
    remove: String,
}

struct Line {
    label: String,
    address: Option<String>,
    since: Moment,
    used: Moment,
    /// Why it has ended; empty while it goes on.
    why: String,
}

#[derive(Template)]
#[template(path = "connections/sign_in_secret.html")]
struct Made {
    frame: Frame,
    secret: String,
    back: String,
}

/// A secret of an address.
#[derive(Debug, Deserialize)]
pub(super) struct OfSecret {
    name: String,
    key: i64,
}

type Named = std::result::Result<Path<OfConnection>, PathRejection>;

/// The page.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let Query(asked) = asked.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let after = asked.after_key()?;
    let page = page(&state, &visitor, &place, after, None, Faults::none()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

async fn page(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    after: Option<i64>,
    form: Option<&Form>,
    faults: Faults,
) -> Result<Page> {
    let provider = provider(state)?;
    let shown = provider.shown(&place.connection).await?;
    let sighted = provider.entries(&place.connection, after, LINES).await?;
    let (language, clock) = (visitor.language, Clock::of(visitor, now()));
    let application = shown.application;
    let settings = application
        .as_ref()
        .map(|one| one.settings.clone())
        .unwrap_or_default();
    let typed = |name: &str, saved: String| form.map_or(saved, |form| form.get(name).to_owned());
    let is_on = |name: &str, saved: bool| form.map_or(saved, |form| form.is_on(name));
    let enabled = application.as_ref().is_some_and(|one| one.enabled);
    let here = at(place, &["sign-in"]);
    let secrets = shown.secrets.iter().map(|one| SecretLine {
        key: one.key,
        actor: one.actor.clone(),
        created: clock.moment(one.created),
        used: one.last_used.map(|at| clock.moment(at)),
        remove: at(place, &["sign-in", "secrets", &one.key.to_string(), "remove"]),
    });
    let people = sighted.lines.iter().map(|one| Line {
        label: match one.label.is_empty() {
            true => language.t(text("somebody who is gone")).to_owned(),
            false => one.label.clone(),
        },
        address: one.id.map(|id| place.space.to(&["people", &id.to_string()])),
        since: clock.moment(one.entry.created),
        used: clock.moment(one.entry.last_used),
        why: language.t(why(&one.entry.why)).to_owned(),
    });
    let next = sighted.next.map(|key| {
        place
            .space
            .page(format!("{}/sign-in", below(place)), &[("after", key.to_string())])
    });
    Ok(Page {
        frame: frame(visitor, place, text("Sign-in")),
        base: Base::new(visitor, place, "sign-in", Act::Configure).with(faults),
        is_set_up: application.is_some(),
        client_id: application
            .as_ref()
            .map(|one| one.client_id.clone())
            .unwrap_or_default(),
        discovery: format!("{}/.well-known/openid-configuration", shown.issuer),
        issuer: shown.issuer,
        enabled: is_on("enabled", enabled),
        redirects: typed("redirects", settings.redirect_uris.join("\n")),
        after: typed("after", settings.post_logout_redirect_uris.join("\n")),
        told: typed(
            "told",
            settings.back_channel_logout_uri.clone().unwrap_or_default(),
        ),
        home: typed("home", settings.home.clone().unwrap_or_default()),
        require_par: is_on("require_par", settings.require_par),
        way: typed("way", settings.authentication.as_str().to_owned()),
        ways: triples(language, &WAYS),
        jwks: typed("jwks", keys(&settings)),
        subject: typed("subject", settings.subject.as_str().to_owned()),
        subjects: triples(language, &SUBJECTS),
        algorithm: typed("algorithm", settings.algorithm.as_str().to_owned()),
        algorithms: ALGORITHMS.iter().map(|one| (*one, (*one).to_owned())).collect(),
        secrets: secrets.collect(),
        add: match application.is_some() && shown.secrets.len() < provost_store::application::secret::MOST {
            true => at(place, &["sign-in", "secrets"]),
            false => String::new(),
        },
        people: people.collect(),
        is_later: after.is_some(),
        next,
        here,
    })
}

fn below(place: &Place) -> String {
    let name = crate::console::address::escaped(&place.connection.name);
    format!("/connections/{name}")
}

fn triples(
    language: Language,
    all: &[(&'static str, &'static str, &'static str)],
) -> Vec<(&'static str, String, String)> {
    let one = |(value, label, about): &(&'static str, &'static str, &'static str)| {
        (*value, language.t(label).to_owned(), language.t(about).to_owned())
    };
    all.iter().map(one).collect()
}

fn keys(settings: &Settings) -> String {
    match &settings.jwks {
        Value::Null => String::new(),
        keys => serde_json::to_string_pretty(keys).unwrap_or_default(),
    }
}

fn why(word: &str) -> &'static str {
    match word {
        "" => "",
        "signed_out" => text("they signed out"),
        "closed" => text("they were closed"),
        "off" => text("the sign-in was switched off or changed"),
        "revoked" => text("the application gave it back"),
        _ => text("one of its tokens came twice"),
    }
}

/// Sets the sign-in up, or changes it.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let change = match entered(visitor.language, &form) {
        Ok(change) => change,
        Err(faults) => {
            let page = page(&state, &visitor, &place, None, Some(&form), faults).await?;
            return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let changed = provider(&state)?
        .change(&visitor.actor(), &place.connection, change, now())
        .await;
    match changed {
        Ok(_) => Ok(page::elsewhere(&done::after(&at(&place, &["sign-in"]), "saved"))),
        Err(error @ (Error::Store(Store::Refused { .. }) | Error::Refused { .. } | Error::Provider(_))) => {
            let faults = Faults::one(
                field(error.code()),
                sentence(&error.sentence(), &error.hint(), error.code()),
            );
            let page = page(&state, &visitor, &place, None, Some(&form), faults).await?;
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// The field that a refusal is about.
fn field(code: &str) -> &'static str {
    match code {
        "PRV-APPLICATION-REDIRECT" => "redirects",
        "PRV-APPLICATION-KEYS" => "jwks",
        _ => "",
    }
}

fn entered(language: Language, form: &Form) -> std::result::Result<Change, Faults> {
    let jwks = match form.text("jwks") {
        None => Value::Null,
        Some(pasted) => serde_json::from_str(pasted).map_err(|_| {
            let sentence = language.t(text("This is no JSON. Paste the whole of the key set."));
            Faults::one("jwks", sentence)
        })?,
    };
    let words = |field: &str| Faults::one(field, language.t(text("Choose one of those that there are.")));
    let lines = |name: &str| -> Vec<String> {
        let lines = form.get(name).lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    Ok(Change {
        enabled: Some(form.is_on("enabled")),
        authentication: Some(form.get("way").parse().map_err(|_: Store| words("way"))?),
        jwks: Some(jwks),
        redirect_uris: Some(lines("redirects")),
        post_logout_redirect_uris: Some(lines("after")),
        back_channel_logout_uri: Some(form.get("told").to_owned()),
        require_par: Some(form.is_on("require_par")),
        algorithm: Some(
            form.get("algorithm")
                .parse()
                .map_err(|_: Store| words("algorithm"))?,
        ),
        subject: Some(form.get("subject").parse().map_err(|_: Store| words("subject"))?),
        home: Some(form.get("home").to_owned()),
    })
}

/// Makes a secret, and shows it this once.
pub(super) async fn add_secret(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let (_, secret) = provider(&state)?
        .add_secret(&visitor.actor(), &place.connection, now())
        .await?;
    let page = Made {
        frame: frame(&visitor, &place, text("The secret was made")),
        secret,
        back: at(&place, &["sign-in"]),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Withdraws a secret.
pub(super) async fn remove_secret(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: std::result::Result<Path<OfSecret>, PathRejection>,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    provider(&state)?
        .remove_secret(&visitor.actor(), &place.connection, path.key, now())
        .await?;
    Ok(page::elsewhere(&done::after(
        &at(&place, &["sign-in"]),
        "removed",
    )))
}

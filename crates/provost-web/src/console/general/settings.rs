//! `GET /settings`: mail, how long logs are kept, and the limits that hold.

use crate::console::address::Space;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::form::Form;
use crate::policy::Act;
use crate::state::State;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_connect::mail::Security;
use provost_engine::policy::Guard;
use provost_store::retention::Retention;
use provost_sync::notify::Settings;
use std::collections::BTreeMap;

/// The fields of the mail form by name: what is kept, or what was typed.
type Typed = BTreeMap<&'static str, String>;

/// Ticked boxes have this value.
const ON: &str = "on";

#[derive(Template)]
#[template(path = "general/settings.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    /// None where this process runs no connections.
    mail: Option<Typed>,
    securities: Vec<(&'static str, String)>,
    /// The languages of letters, with their own names.
    languages: Vec<(&'static str, &'static str)>,
    days: String,
    guard: Vec<(&'static str, String)>,
    limits: Vec<(&'static str, String)>,
    save_mail: String,
    test_mail: String,
    save_days: String,
    connections: String,
    /// The backup's page and the sign-in providers, for owners of the installation.
    has_backup: bool,
    /// Who signs in, and the tokens, for owners.
    is_owner: bool,
    administrators: String,
    tokens: String,
    is_enabled: bool,
    lacks_configure: String,
    lacks_own: String,
}

impl Page {
    fn value(&self, name: &str) -> &str {
        let typed = self.mail.as_ref().and_then(|mail| mail.get(name));
        typed.map_or("", String::as_str)
    }

    fn is_on(&self, name: &str) -> bool {
        !self.value(name).is_empty()
    }
}

/// The page.
pub(crate) async fn show(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    again(&state, &visitor, &Form::default(), Faults::none(), StatusCode::OK).await
}

/// The page with what was typed and what is wrong with it.
pub(super) async fn again(
    state: &State,
    visitor: &Visitor,
    form: &Form,
    faults: Faults,
    status: StatusCode,
) -> Result<Response> {
    let (inside, language) = (visitor.workspace()?, visitor.language);
    let workspace = inside.key;
    let kept = state.db().read(move |tx| Retention::of(tx, workspace)).await?;
    let saved = match state.engine() {
        Some(engine) => Some(engine.notification(workspace).await?),
        None => None,
    };
    let is_enabled = saved.as_ref().is_some_and(|settings| settings.enabled);
    // The two forms of the page are told apart by a field that only one has.
    let is_mail = form.is_on("digest_hour");
    let mail = saved.map(|settings| if is_mail { typed(form) } else { of(&settings) });
    let space = Space::of(inside);
    let page = Page {
        frame: Frame::new(visitor, text("Settings")),
        faults,
        mail,
        securities: securities(language),
        languages: Language::ALL.map(|one| (one.tag(), one.name())).into(),
        days: form
            .text("days")
            .map_or_else(|| kept.provisioning_log_days.to_string(), str::to_owned),
        guard: guard(language),
        limits: limits(state, language),
        save_mail: space.at("/settings/mail"),
        test_mail: space.at("/settings/mail/test"),
        save_days: space.at("/settings/retention"),
        connections: space.at("/connections"),
        has_backup: visitor.signed.is_owner(),
        is_owner: visitor.may(Act::Own),
        administrators: space.at("/administrators"),
        tokens: space.at("/api-tokens"),
        is_enabled,
        lacks_configure: page::lack(visitor, Act::Configure),
        lacks_own: page::lack(visitor, Act::Own),
    };
    Ok(page::html(status, &page))
}

/// What is kept; the password never is among it.
fn of(settings: &Settings) -> Typed {
    let tick = |is_on: bool| if is_on { ON.to_owned() } else { String::new() };
    let mut typed = Typed::from([
        ("enabled", tick(settings.enabled)),
        ("recipient", settings.recipient.clone()),
        ("digest", tick(settings.digest)),
        ("digest_hour", settings.digest_hour.to_string()),
        ("expiry_days", settings.expiry_days.to_string()),
        ("console", settings.console.clone()),
        ("language", settings.language.tag().to_owned()),
    ]);
    if let Some(smtp) = &settings.smtp {
        typed.extend([
            ("host", smtp.host.clone()),
            ("port", smtp.port.map(|port| port.to_string()).unwrap_or_default()),
            ("security", word(smtp.security).to_owned()),
            ("user", smtp.user.clone().unwrap_or_default()),
            ("from", smtp.from.clone()),
            ("allow_plain", tick(smtp.allow_plain)),
            ("trusted", smtp.trusted.clone().unwrap_or_default()),
        ]);
    }
    typed
}

/// What was typed, so that nothing is lost by a fault; but never a password.
fn typed(form: &Form) -> Typed {
    const FIELDS: [&str; 14] = [
        "enabled",
        "recipient",
        "digest",
        "digest_hour",
        "expiry_days",
        "console",
        "language",
        "host",
        "port",
        "security",
        "user",
        "from",
        "allow_plain",
        "trusted",
    ];
    FIELDS
        .iter()
        .map(|name| (*name, form.get(name).to_owned()))
        .collect()
}

fn word(security: Security) -> &'static str {
    match security {
        Security::StartTls => "starttls",
        Security::Tls => "tls",
        Security::None => "none",
    }
}

fn securities(language: Language) -> Vec<(&'static str, String)> {
    [
        ("starttls", text("STARTTLS, port 587")),
        ("tls", text("TLS from the beginning, port 465")),
        (
            "none",
            text("none, port 25: only to this machine and private networks"),
        ),
    ]
    .map(|(value, label)| (value, language.t(label).to_owned()))
    .into()
}

/// What the deletion guard starts with; each connection may have its own.
fn guard(language: Language) -> Vec<(&'static str, String)> {
    let guard = Guard::default();
    let percent = |share: f64| format!("{share} %");
    let some = |limit: Option<u32>| {
        limit.map_or_else(
            || language.t("none").to_owned(),
            |limit| language.number(limit.into()),
        )
    };
    vec![
        (
            text("Accounts that one cycle may disable or delete"),
            percent(guard.percent),
        ),
        (text("the same in 24 hours"), percent(guard.per_day_percent)),
        (
            text("of which always pass"),
            language.number(guard.minimum.into()),
        ),
        (
            text("held from this number on, whatever their share"),
            some(guard.limit),
        ),
        (
            text("Memberships that one cycle may take away"),
            percent(guard.members_percent),
        ),
        (
            text("Licences that one cycle may take back"),
            percent(guard.licences_percent),
        ),
        (
            text("People who may be missing at once before every removal is held"),
            percent(guard.shrink_percent),
        ),
    ]
}

/// What the configuration file sets; shown, so that a refused client can be explained.
fn limits(state: &State, language: Language) -> Vec<(&'static str, String)> {
    let settings = state.settings();
    let (limits, rate) = (&settings.limits, &settings.api_rate);
    let number = |number: u64| language.number(i64::try_from(number).unwrap_or(i64::MAX));
    let count = |count: usize| number(count as u64);
    vec![
        (
            text("Requests a second of one API token"),
            number(rate.per_second.into()),
        ),
        (text("of which at once"), number(rate.burst.into())),
        (text("Bytes of a SCIM request"), count(limits.body_bytes)),
        (text("Bytes of a SCIM bulk request"), count(limits.bulk_bytes)),
        (
            text("Operations of a SCIM bulk request"),
            count(limits.bulk_operations),
        ),
        (text("Resources on a page at most"), number(limits.max_page)),
        (
            text("Requests of one provider at the same time"),
            count(limits.in_flight),
        ),
        (
            text("Records of one bulk upload"),
            count(settings.import_operations.0),
        ),
    ]
}

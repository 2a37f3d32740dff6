//! `POST /settings/mail` and `/settings/mail/test`: who is written to when something is wrong, and whether it arrives.

use super::settings;
use crate::console::address::Space;
use crate::console::faults::Faults;
use crate::console::refusal::Result;
use crate::console::{done, page, place};
use crate::form::Form;
use crate::state::State;
use crate::texts::Language;
use crate::visitor::Visitor;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_connect::Secret;
use provost_connect::mail::{self, Security};
use provost_sync::Error as Sync;
use provost_sync::notify::Settings;

/// Saves the mail settings, or says what is wrong with them.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let engine = place::engine(&state)?;
    let workspace = visitor.workspace()?.key;
    let faults = match read(&form, visitor.language) {
        Ok(settings) => {
            let password = password(&form);
            let saved = engine
                .set_notification(workspace, &visitor.actor(), &settings, password.as_ref())
                .await;
            match saved {
                Ok(()) => return leave(&visitor, "saved"),
                Err(error) => fault(error)?,
            }
        }
        Err(faults) => faults,
    };
    settings::again(&state, &visitor, &form, faults, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Sends a letter now.
pub(crate) async fn test(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let engine = place::engine(&state)?;
    match engine.test_notification(visitor.workspace()?.key).await {
        Ok(_) => leave(&visitor, "sent"),
        Err(error) => {
            let faults = fault(error)?;
            settings::again(&state, &visitor, &Form::default(), faults, StatusCode::CONFLICT).await
        }
    }
}

fn leave(visitor: &Visitor, word: &str) -> Result<Response> {
    let address = Space::of(visitor.workspace()?).at("/settings");
    Ok(page::elsewhere(&done::after(&address, word)))
}

/// What the engine refuses, as a fault of the form as a whole; an error of the machine stays one.
fn fault(error: Sync) -> Result<Faults> {
    match &error {
        Sync::Refused { .. } => Ok(Faults::one("", format!("{error}. {}", error.hint()))),
        _ => Err(error.into()),
    }
}

/// The password, where one was typed or is to go; none keeps the one that is there.
fn password(form: &Form) -> Option<Secret> {
    if form.is_on("no_password") {
        return Some(Secret::new(String::new()));
    }
    Some(form.get("password"))
        .filter(|text| !text.is_empty())
        .map(|text| Secret::new(text.to_owned()))
}

/// What was typed, as settings; or what is wrong with it, all at once.
fn read(form: &Form, language: Language) -> std::result::Result<Settings, Faults> {
    let mut faults = Faults::none();
    let settings = Settings {
        enabled: form.is_on("enabled"),
        recipient: form.text("recipient").unwrap_or_default().to_owned(),
        digest: form.is_on("digest"),
        digest_hour: number(form, "digest_hour", 0..=23, language, &mut faults),
        expiry_days: number(form, "expiry_days", 0..=365, language, &mut faults),
        console: form.text("console").unwrap_or_default().to_owned(),
        language: provost_sync::notify::Language::of(form.get("language")),
        smtp: server(form, language, &mut faults),
    };
    let wanted = [
        ("recipient", settings.recipient.is_empty()),
        ("host", form.text("host").is_none()),
        ("from", form.text("from").is_none()),
    ];
    for (field, is_missing) in wanted {
        if settings.enabled && is_missing {
            faults.add(
                field,
                language.t("This is needed before mail can be switched on."),
            );
        }
    }
    if faults.is_empty() {
        Ok(settings)
    } else {
        Err(faults)
    }
}

/// The mail server; none where no field of it was filled in.
fn server(form: &Form, language: Language, faults: &mut Faults) -> Option<mail::Settings> {
    let text = |name: &str| form.text(name).map(str::to_owned);
    if text("host").is_none() && text("from").is_none() {
        return None;
    }
    let port = form
        .text("port")
        .map(|_| number(form, "port", 1..=65_535, language, faults));
    Some(mail::Settings {
        host: text("host").unwrap_or_default(),
        port,
        security: match form.get("security") {
            "tls" => Security::Tls,
            "none" => Security::None,
            _ => Security::StartTls,
        },
        user: text("user"),
        from: text("from").unwrap_or_default(),
        allow_plain: form.is_on("allow_plain"),
        trusted: text("trusted"),
    })
}

/// A number in these bounds; 0 beside a fault where it is none.
fn number<N>(
    form: &Form,
    field: &str,
    bounds: std::ops::RangeInclusive<u32>,
    language: Language,
    faults: &mut Faults,
) -> N
where
    N: TryFrom<u32> + Default,
{
    let typed = form
        .get(field)
        .trim()
        .parse()
        .ok()
        .filter(|number| bounds.contains(number));
    let found = typed.and_then(|number| N::try_from(number).ok());
    found.unwrap_or_else(|| {
        let (least, most) = (bounds.start().to_string(), bounds.end().to_string());
        faults.add(
            field,
            language.f("Give a number from {} to {}.", &[&least, &most]),
        );
        N::default()
    })
}

//! The keys with which a provider signs: their certificates, a file with one of them, and changing over.

use super::place::{self as places, Named};
use crate::console::connections::aside;
use crate::console::done;
use crate::console::page;
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::body::Body;
use axum::extract::{self, Query};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use provost_store::signing_key::{self, Kept, Slot};
use serde::Deserialize;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// A key as the page shows it.
pub(super) struct KeyCard {
    /// Its slot, which stands in addresses and ids of the page.
    pub slot: &'static str,
    /// What the two thumbprints are called on the page.
    pub ids: [String; 2],
    /// What it does, a key of the catalogue, and its colour.
    pub does: &'static str,
    pub class: &'static str,
    pub subject: String,
    pub sha1: String,
    pub sha256: String,
    pub ends: Moment,
    pub since: Moment,
    /// How near its end is, a key of the catalogue; empty while it is far.
    pub alarm: &'static str,
}

/// A key as the page shows it.
pub(super) fn card(kept: &Kept, clock: &Clock, now: i64) -> KeyCard {
    let (does, class) = match kept.slot {
        Slot::Current => (text("it signs"), "done"),
        Slot::Next => (text("published beside it"), "partial"),
        Slot::Retired => (text("retired"), "unsynced"),
    };
    KeyCard {
        slot: kept.slot.as_str(),
        ids: ["sha1", "sha256"].map(|sort| format!("key-{}-{sort}", kept.slot)),
        does,
        class,
        subject: kept.certificate.subject().to_owned(),
        sha1: kept.certificate.sha1(),
        sha256: kept.certificate.sha256(),
        ends: clock.moment(kept.expires()),
        since: clock.moment(kept.since),
        alarm: alarm(kept.expires(), now),
    }
}

/// How near the end of a certificate is, in the steps in which Entra itself warns (Microsoft, "Manage certificates for
/// federated single sign-on").
fn alarm(ends: i64, now: i64) -> &'static str {
    match (ends - now) / DAY {
        _ if ends < now => text("It is over: nothing is signed with it. Prepare a new one, and change over."),
        0..7 => text("It ends within 7 days: change over to a new one now."),
        7..30 => text("It ends within 30 days: prepare a new one, and tell Microsoft."),
        30..60 => text("It ends within 60 days: plan the change."),
        _ => "",
    }
}

/// Which certificate.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    slot: String,
}

/// The certificate as a file (PEM).
pub(super) async fn certificate(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let slot = if asked.slot == Slot::Next.as_str() {
        Slot::Next
    } else {
        Slot::Current
    };
    let provider = place.provider.key;
    let kept = state
        .db()
        .read_short(move |tx| signing_key::in_slot(tx, provider, slot))
        .await?;
    let missing =
        || Refusal::Absent("This provider has no such certificate. Its page shows what there is.".to_owned());
    let kept = kept.ok_or_else(missing)?;
    let mut response = page::plain(StatusCode::OK);
    *response.body_mut() = Body::from(kept.certificate.pem());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-pem-file"));
    let name = format!(
        "attachment; filename=\"provost-{}-{slot}.pem\"",
        place.provider.domain
    );
    if let Ok(value) = HeaderValue::try_from(name) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Prepares a second key, changes over, or retires the second one.
pub(super) async fn act(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let wanted = form.get("do").to_owned();
    let deed = async move {
        match wanted.as_str() {
            "prepare" => {
                let made = engine.prepare_provider_signing_key(workspace, &name, &actor);
                made.await.map(|_| "made")
            }
            "swap" => {
                let both = engine.swap_provider_signing_keys(workspace, &name, &actor);
                both.await.map(|_| "edited")
            }
            "retire" => {
                let retired = engine.retire_provider_signing_key(workspace, &name, &actor);
                retired.await.map(|_| "removed")
            }
            _ => Ok(""),
        }
    };
    let done = aside::finish(deed).await??;
    if done.is_empty() {
        return Err(Refusal::nothing());
    }
    Ok(page::elsewhere(&done::after(&place.at("authentication"), done)))
}

#[cfg(test)]
mod tests {
    use super::{DAY, alarm};

    #[test]
    fn the_end_of_a_certificate_is_said_in_three_steps_and_after_it() {
        let at = |days: i64| alarm(days * DAY + 1, 0);
        assert!(at(-2).starts_with("It is over"), "{}", at(-2));
        assert!(at(0).contains("7 days") && at(6).contains("7 days"));
        assert!(at(7).contains("30 days") && at(29).contains("30 days"));
        assert!(at(30).contains("60 days") && at(59).contains("60 days"));
        assert_eq!(at(60), "");
    }
}

//! The test sign-in: an administrator goes to the tenant and back, and the section shows what its answer said. What was
//! typed and not saved yet stands in the form while they go.

use super::super::place::{self as places, Named, Place};
use super::show::{Sent, Typed, render};
use crate::console::connections::trouble;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page;
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::signin::signin;
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_signin::Error;
use provost_signin::person::Tester;
use provost_store::migration::{Outcome, Tested};
use serde::Deserialize;

/// The last test, for people.
pub(super) struct Last {
    pub at: Moment,
    pub actor: String,
    pub outcome: Outcome,
    pub found: String,
    pub missing: String,
    /// By how much our clock is ahead; none where the tenant has not said its time.
    pub ahead: Option<String>,
}

impl Last {
    pub fn of(tested: Tested, clock: &Clock) -> Self {
        Self {
            at: clock.moment(tested.at),
            actor: tested.actor,
            found: tested.outcome.found.join(", "),
            missing: tested.outcome.missing.join(", "),
            ahead: tested.outcome.ahead.map(seconds),
            outcome: tested.outcome,
        }
    }
}

/// Milliseconds as seconds with one digit.
fn seconds(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "\u{2212}" } else { "" };
    let size = milliseconds.unsigned_abs();
    format!("{sign}{}.{} s", size / 1000, size % 1000 / 100)
}

fn tester(visitor: &Visitor) -> Tester {
    Tester {
        session: visitor.signed.session.key,
        actor: visitor.actor(),
    }
}

/// Begins one, and shows the way to the tenant below what was typed.
pub(super) async fn begin(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Response> {
    let people = signin(state)?.people();
    let begun = people
        .begin_onboarding_test(&place.provider, &tester(visitor), now())
        .await;
    let typed = form.is_on("application").then(|| Typed::of(form));
    let sent = Sent {
        typed,
        compared: form.get("compared").to_owned(),
        ..Sent::default()
    };
    match begun {
        Ok(address) => {
            let sent = Sent { way: address, ..sent };
            render(state, visitor, place, headers, sent, StatusCode::OK).await
        }
        Err(error) => told(state, visitor, place, headers, sent, error).await,
    }
}

/// Where the answer leads: the session that has begun the test fetches its result, and sees it in the section.
pub(in crate::console) async fn fetch(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let people = signin(&state)?.people();
    let section = format!("{}#test", place.at("migration"));
    let fetched = people
        .finish_onboarding_test(&place.provider, &asked.key, &tester(&visitor), now())
        .await;
    match fetched {
        Ok(outcome) if outcome.is_good() => Ok(page::elsewhere(&done::after(&section, "tested"))),
        Ok(_) => Ok(page::elsewhere(&section)),
        Err(error) => told(&state, &visitor, &place, &headers, Sent::default(), error).await,
    }
}

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Asked {
    /// The handle of an answer.
    key: String,
}

async fn told(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    headers: &HeaderMap,
    sent: Sent,
    error: Error,
) -> Result<Response> {
    let status = match error.code() {
        "PRV-MIGRATION-CLOSED" => StatusCode::GONE,
        "PRV-MIGRATION-TEST-OVER" => StatusCode::FORBIDDEN,
        _ => StatusCode::CONFLICT,
    };
    match error {
        Error::Refused { .. } | Error::Machine(_) | Error::Provider(_) => {
            let sentence = trouble::sentence(&error.sentence(), &error.hint(), error.code());
            let sent = Sent {
                faults: Faults::one("", sentence),
                ..sent
            };
            render(state, visitor, place, headers, sent, status).await
        }
        error => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_difference_of_clocks_is_said_in_seconds() {
        assert_eq!(seconds(0), "0.0 s");
        assert_eq!(seconds(1_260), "1.2 s");
        assert_eq!(seconds(-61_999), "\u{2212}61.9 s");
    }
}

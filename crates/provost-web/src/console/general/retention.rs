//! `POST /settings/retention`: how long the provisioning log is kept.

use super::settings;
use crate::console::address::Space;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::retention::{Retention, SETTING};
use provost_store::setting;
use serde_json::json;

/// Days that can be set; the deletion guard counts the last 24 hours in the log.
const DAYS: std::ops::RangeInclusive<u32> = 2..=3_650;

/// Saves it.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let days = form
        .get("days")
        .trim()
        .parse()
        .ok()
        .filter(|days| DAYS.contains(days));
    let Some(days) = days else {
        let sentence = visitor.language.t("Give a number of days from 2 to 3650.");
        let faults = Faults::one("days", sentence);
        return settings::again(&state, &visitor, &form, faults, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let (actor, workspace) = (visitor.actor(), visitor.workspace()?.key);
    let retention = Retention {
        provisioning_log_days: days,
    };
    state
        .db()
        .write(move |tx| setting::put(tx, &actor, now(), workspace, SETTING, &json!(retention)))
        .await?;
    let address = Space::of(visitor.workspace()?).at("/settings");
    Ok(page::elsewhere(&done::after(&address, "saved")))
}

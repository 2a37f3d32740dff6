//! An account is to be changed, disabled, or given a manager, and the change is refused or its answer is lost.

use super::case::{Case, Change, Place, WHOLE};
use m365_sim::Effect;

const BOSS: &str = "ann Boss SPE_E3 under bob, bob; Sales: ann bob";
const PATCH: &str = "PATCH /users/*";

/// Ann's new title is refused until the cause is gone.
fn refused(name: &str, error: &str, code: &'static str) -> Case {
    Case::new(name)
        .then(Change::Title)
        .always(PATCH, error)
        .holds(WHOLE)
        .told(Place::Failed, "ann", code)
        .mended(BOSS)
}

/// Ann's new title comes in spite of all.
fn heals(name: &str) -> Case {
    Case::new(name).then(Change::Title).holds(BOSS)
}

pub fn cases() -> Vec<Case> {
    vec![
        refused(
            "the account is mastered on premises since yesterday",
            "foreign_owned",
            "PRV-CONNECT-FORBIDDEN",
        ),
        refused(
            "the account has an administrator's role",
            "denied",
            "PRV-CONNECT-FORBIDDEN",
        ),
        refused(
            "a proxy address is taken, although none was changed",
            "address_taken",
            "PRV-CONNECT-CONFLICT",
        ),
        refused(
            "a value is not accepted any more",
            "bad_value",
            "PRV-CONNECT-REJECTED",
        ),
        refused(
            "the property is in another store",
            "not_implemented",
            "PRV-CONNECT-UNSUPPORTED",
        ),
        refused(
            "the format is not offered",
            "not_acceptable",
            "PRV-CONNECT-UNSUPPORTED",
        ),
        refused(
            "somebody else changes it again and again",
            "concurrency",
            "PRV-CONNECT-CONCURRENT",
        ),
        refused(
            "Graph fails at every change",
            "internal_error",
            "PRV-CONNECT-UNAVAILABLE",
        ),
        heals("somebody else changes it at the same time").answer(PATCH, 1, "service_conflict"),
        heals("409 Conflict once").answer(PATCH, 1, "conflict"),
        heals("another version than the one that was meant").answer(PATCH, 1, "precondition_failed"),
        heals("changed, and then 500").answer_after(PATCH, 1, "internal_error"),
        heals("changed, but the answer is lost").strike(PATCH, 1, Effect::Drop { after: true }),
        heals("the account is not there, says an old copy")
            .answer(PATCH, 1, "not_found")
            .told(Place::Log, "ann", "PRV-LINK-VANISHED"),
        Case::new("the manager may not be set")
            .always("PUT /users/*/manager/$ref", "denied")
            .holds("ann Clerk SPE_E3, bob; Sales: ann bob")
            .told(Place::Partial, "ann", "PRV-CONNECT-FORBIDDEN"),
        Case::new("the manager is not there yet").answer("PUT /users/*/manager/$ref", 2, "not_found"),
        Case::new("the manager is set, and then 503").answer_after(
            "PUT /users/*/manager/$ref",
            1,
            "unavailable",
        ),
        Case::new("the manager was taken away already")
            .then(Change::NoManager)
            .answer_after("DELETE /users/*/manager/$ref", 1, "not_found")
            .holds(WHOLE.replace(" under bob", "").as_str()),
    ]
}

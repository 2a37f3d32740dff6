//! The target is asked for its changes, and has lost the place: everything is compared anew, and nothing is concluded
//! from what is missing.

use super::case::{Case, Change, Place};
use m365_sim::OutlivedDelta;

const DELTA: &str = "GET /users/delta";

/// Changes are read, and read again under what follows.
fn again(name: &str) -> Case {
    Case::new(name).then(Change::ReadChanges)
}

/// The place is a week old.
fn outlived(name: &str, answer: fn(&mut m365_sim::Settings)) -> Case {
    Case::new(name)
        .settings(answer)
        .then(Change::ReadChanges)
        .then(Change::WeekPasses)
        .then(Change::ReadChanges)
}

pub fn cases() -> Vec<Case> {
    all().into_iter().map(Case::by_chance).collect()
}

fn all() -> Vec<Case> {
    vec![
        outlived("a place that is a week old: syncStateNotFound", |settings| {
            settings.unproved.outlived_delta = OutlivedDelta::SyncStateNotFound;
        }),
        outlived("a place that is a week old: resyncRequired", |settings| {
            settings.unproved.outlived_delta = OutlivedDelta::ResyncRequired;
        }),
        outlived("a place that is a week old: 410", |settings| {
            settings.unproved.outlived_delta = OutlivedDelta::Gone;
        }),
        Case::new("places are void after maintenance")
            .then(Change::ReadChanges)
            .then(Change::ResetDelta)
            .then(Change::ReadChanges),
        again("410 in the first round").answer(DELTA, 1, "delta_reset"),
        again("syncStateNotFound in the first round").answer(DELTA, 1, "sync_state_not_found"),
        again("resyncRequired in the first round").answer(DELTA, 1, "resync_required"),
        again("the reading of changes is throttled").answer(DELTA, 1, "throttled"),
        again("the reading of changes fails for a moment").answer(DELTA, 1, "unavailable"),
        again("the reading of changes is refused")
            .always(DELTA, "denied")
            .told(Place::Reading, "", "PRV-RECONCILE-INCOMPLETE"),
        again("changes come twice, in small pages").settings(|settings| {
            settings.awkward_pages = true;
            settings.delta_page = 1;
        }),
    ]
}

//! A copy of the directory that has not heard of it yet: "not there" about something new means "not yet".

use super::case::{Case, Change};

pub fn cases() -> Vec<Case> {
    all().into_iter().map(Case::by_chance).collect()
}

fn all() -> Vec<Case> {
    vec![
        Case::new("what was made is not to be seen for a moment")
            .settings(|settings| settings.read_delay_ms = 200),
        Case::new("some copies see it, others do not").settings(|settings| {
            settings.read_delay_ms = 250;
            settings.read_delay_percent = 50;
        }),
        Case::new("a read meets the values of before")
            .then(Change::Title)
            .then(Change::Reconcile)
            .settings(|settings| {
                settings.read_delay_ms = 200;
                settings.stale_reads = true;
            })
            .holds("ann Boss SPE_E3 under bob, bob; Sales: ann bob"),
        Case::new("the usage location reaches the licence service later")
            .settings(|settings| settings.location_lag_ms = 300),
        Case::new("a new member is not known to the group's copy").strike_after(
            "PATCH /groups/*",
            1,
            2,
            m365_sim::Effect::answer("not_found"),
        ),
        Case::new("a new account is not known to the licence service").answer(
            "POST /users/*/assignLicense",
            2,
            "not_found",
        ),
    ]
}

//! An application that takes users only, such as Connecter.

use super::application as shared;
use super::checks;
use super::facts::Facts;
use super::inbound;
use super::step::{Check, Step};
use crate::texts::text;
use provost_engine::object::Kind;

/// The steps: first the application's half, then the connection's.
pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let mut steps = vec![team(facts), permission(facts), inbound::consent(facts)];
    steps.extend(shared::incoming(facts));
    steps.extend([
        shared::gallery(
            facts,
            text("It creates, removes and keeps in sync; sign-on by single sign-on is recommended. It takes users only, so no mapping of groups is offered."),
        ),
        shared::assign(
            facts,
            text("Assign two users"),
            text("Scope is who is assigned. Start small: two first, then a ring of ten, then all."),
        ),
        roles(facts),
        shared::test(facts),
        shared::mail(facts),
        mappings(facts),
        scope(facts),
        shared::start(
            facts,
            text("The initial cycle starts, with progress by object. Stop works in the middle of it."),
        ),
        shared::wait(facts),
        shared::leave(
            facts,
            text("Unassign one user"),
            text("The application gets active = false, not a deletion, and the log says why."),
        ),
        shared::monitor(facts),
    ]);
    steps
}

/// What the directory sync card says: off, waiting or live.
fn team(facts: &Facts) -> Step {
    Step::new(
        "team",
        text("Choose the team and switch directory sync on"),
        text("The inbound provider is the application's half: it is off, waiting for the first request, or live. Its people belong to it alone, and an owner is never made by it."),
    )
    .way(text("Inbound providers"), facts.space.at("/providers"))
    .check(inbound::exists(facts))
}

fn permission(facts: &Facts) -> Step {
    let language = facts.language;
    let found = facts.provider.as_ref().map(|one| {
        let team = one
            .provider
            .team
            .as_deref()
            .unwrap_or_else(|| language.t(text("no team")));
        let permission = one
            .provider
            .settings
            .permission
            .map_or("", |permission| permission.as_str());
        (
            language.f("{}, role {} {}", &[team, &one.provider.role, permission]),
            None,
        )
    });
    Step::new(
        "permission",
        text("Default workspace and permission"),
        text("They apply to new people only. A permission cannot exceed what you hold."),
    )
    .way(text("The provider"), facts.provider_page())
    .check(Check::of(
        text("New people get a team and a permission"),
        found,
        text("Add the inbound provider first."),
    ))
}

fn roles(facts: &Facts) -> Step {
    Step::new(
        "roles",
        text("Who may change what"),
        text("Somebody with too small a role sees these pages without their buttons, with the role that is needed. The server refuses them, not the page."),
    )
    .doing(&[
        text("Owner and configuration admin set up. Provisioning operator runs, stops, approves and decides. Access admin assigns. Auditor reads."),
    ])
    .way(text("Administrators"), facts.space.at("/administrators"))
    .sign(text("Each person who works here has the smallest role that is enough."))
}

fn mappings(facts: &Facts) -> Step {
    Step::new(
        "mappings",
        text("Mappings of users"),
        text("userName is required, can be filtered by and recognises accounts; displayName is required; active and externalId follow. Required ones cannot be deleted. Where two users of the application match one person, nobody is updated: it is decided by you."),
    )
    .way(text("Mappings"), facts.rule_page(Kind::Person, "/mappings"))
    .way(text("Matching"), facts.rule_page(Kind::Person, "/matching"))
    .way(text("To decide"), facts.connection_page("/doubts"))
    .check(checks::rule(facts, Kind::Person))
    .check(checks::mapped(
        facts,
        Kind::Person,
        &["userName", "active", "displayName", "externalId"],
        text("The four attributes are mapped"),
        text("Map userName, active, displayName and externalId."),
    ))
    .check(checks::matching(facts, Kind::Person))
}

fn scope(facts: &Facts) -> Step {
    Step::new(
        "scope",
        text("Scoping filter"),
        text("For example department is Sales. The editor counts who enters and who leaves; leaving means disabled, needs a confirmation, and obeys the deletion guard."),
    )
    .way(text("Scope"), facts.rule_page(Kind::Person, "/scope"))
    .sign(text("The scope is as it is meant: the filter was tried, or everybody assigned is meant."))
}

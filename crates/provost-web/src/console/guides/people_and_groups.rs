//! An application that takes users and groups, such as Peripass.

use super::application as shared;
use super::checks;
use super::facts::Facts;
use super::inbound;
use super::step::{Check, Step};
use crate::texts::text;
use provost_engine::object::Kind;

/// The ten attributes of the application's users.
const ATTRIBUTES: [&str; 10] = [
    "userName",
    "active",
    "displayName",
    "externalId",
    "preferredLanguage",
    "name.givenName",
    "name.familyName",
    "name.formatted",
    "phoneNumbers[type eq \"mobile\"].value",
    "emails[type eq \"work\"].value",
];

/// The steps: first the application's half, then the connection's.
pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let mut steps = vec![prerequisites(), provider(facts), role(facts)];
    steps.extend(shared::incoming(facts));
    steps.extend([
        second(facts),
        shared::gallery(facts, text("It takes users and groups, so both are mapped.")),
        shared::assign(
            facts,
            text("Assign one group and one user"),
            text("Members of the group count as assigned. Members of groups inside it do so only when the preferences say it: they are shown, and never dropped silently."),
        ),
        shared::test(facts),
        shared::mail(facts),
        users(facts),
        groups(facts),
        shared::start(
            facts,
            text("People first, then groups, then members. A large group is sent in pages and can be resumed; a member out of scope is added by itself once in scope."),
        ),
        on_demand(facts),
        shared::leave(
            facts,
            text("Remove the group assignment"),
            text("Members without another path are disabled. Above the threshold the steps are staged, and decided row by row."),
        ),
        habits(facts),
        shared::monitor(facts),
    ]);
    steps
}

fn prerequisites() -> Step {
    Step::new(
        "prerequisites",
        text("What you need"),
        text("A tenant of the application, a person with configuration permission in it, and at Entra a role that may create applications."),
    )
    .doing(&[text("Without a tenant, ask the vendor with their request form.")])
    .sign(text("Tenant, role and permission are there."))
}

fn provider(facts: &Facts) -> Step {
    Step::new(
        "provider",
        text("Identity providers & provisioning"),
        text(
            "Sign in at the tenant's own address. In Provost the application's half is an inbound provider.",
        ),
    )
    .way(text("Inbound providers"), facts.space.at("/providers"))
    .check(inbound::exists(facts))
}

fn role(facts: &Facts) -> Step {
    Step::new(
        "role",
        text("Provider name and role, Save changes"),
        text("Owner cannot be the default role, and changing the role grants nothing to those who are there. Until it is saved, the endpoint answers 401."),
    )
    .way(text("The provider"), facts.provider_page())
    .check(inbound::live(facts))
}

fn second(facts: &Facts) -> Step {
    let (language, count) = (facts.language, i64::try_from(facts.providers.len()).unwrap_or(0));
    let found = (count > 0).then(|| (language.n(count, "1 provider", "{} providers"), None));
    Step::new(
        "second",
        text("A second provider in the same tenant"),
        text("Allowed: people whom one provider owns cannot be taken by the other."),
    )
    .way(text("Inbound providers"), facts.space.at("/providers"))
    .check(Check::of(
        text("Each provider owns its people"),
        found,
        text("Add the inbound provider first."),
    ))
}

fn users(facts: &Facts) -> Step {
    Step::new(
        "users",
        text("Mappings of users"),
        text("Only userName can be filtered by. A person without a mobile number gets none, and changing a number touches only that one. Clearing is done only where the mapping says so."),
    )
    .way(text("Mappings"), facts.rule_page(Kind::Person, "/mappings"))
    .way(text("Matching"), facts.rule_page(Kind::Person, "/matching"))
    .check(checks::rule(facts, Kind::Person))
    .check(checks::mapped(
        facts,
        Kind::Person,
        &ATTRIBUTES,
        text("The ten attributes are mapped"),
        text("Map the ten attributes of the application's sheet; the template has them all."),
    ))
    .check(checks::matching(facts, Kind::Person))
}

fn groups(facts: &Facts) -> Step {
    Step::new(
        "groups",
        text("Mappings of groups"),
        text("displayName, externalId and members. Switched off, groups decide scope only. A group of a name that exists there is not merged silently: it waits for you."),
    )
    .way(text("Mappings"), facts.rule_page(Kind::Group, "/mappings"))
    .way(text("To decide"), facts.connection_page("/doubts"))
    .check(checks::rule(facts, Kind::Group))
    .check(checks::mapped(
        facts,
        Kind::Group,
        &["displayName", "externalId"],
        text("displayName and externalId are mapped"),
        text("Map displayName and externalId of groups."),
    ))
}

fn on_demand(facts: &Facts) -> Step {
    let found = facts.connection.as_ref().and_then(|one| {
        let line = one.by_hand.as_ref()?;
        Some((format!("{}: {}", line.label, line.action), Some(line.at)))
    });
    Step::new(
        "on-demand",
        text("Provision on demand"),
        text("One user, and one group with a chosen set of members. Five steps with their details; it works for somebody who was removed an hour ago, too."),
    )
    .doing(&[text("Open a person or a group, and choose Provision now.")])
    .way(text("People"), facts.space.at("/people"))
    .way(text("Groups"), facts.space.at("/groups"))
    .check(Check::of(
        text("Somebody was provisioned by hand"),
        found,
        text("Nobody was yet. Provision one person and look at the five steps."),
    ))
}

fn habits(facts: &Facts) -> Step {
    Step::new(
        "habits",
        text("Habits of the sender"),
        text("Replace in capitals, False as a text, paths with a schema, PATCH without a path: taken, put right, and counted. Strict mode refuses them with a precise sentence."),
    )
    .way(text("Habits of the provider"), format!("{}#habits", facts.provider_page()))
    .check(inbound::healthy(facts))
}

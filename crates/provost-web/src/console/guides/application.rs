//! Steps that both guides to applications by SCIM share: the half of the application, where people come in, and the
//! half of the connection, where they go out.

use super::checks;
use super::facts::Facts;
use super::inbound;
use super::step::{Check, Step};
use crate::texts::text;
use provost_engine::object::Kind;

impl Facts {
    /// A page of the connection, else the list of connections.
    pub fn connection_page(&self, path: &str) -> String {
        match &self.connection {
            Some(one) => format!("{}{path}", self.space.connection(&one.connection.name)),
            None => self.space.at("/connections"),
        }
    }

    /// A page of the first rule about people or groups, else the list of rules.
    pub fn rule_page(&self, kind: Kind, path: &str) -> String {
        let rule = self
            .connection
            .as_ref()
            .and_then(|one| Some((&one.connection.name, one.rule(kind)?)));
        match rule {
            Some((name, rule)) => format!(
                "{}{path}",
                self.space.to(&["connections", name, "rules", &rule.name])
            ),
            None => self.connection_page("/rules"),
        }
    }

    /// A page about all connections, narrowed to this one.
    pub fn narrowed(&self, path: &str) -> String {
        match &self.connection {
            Some(one) => self
                .space
                .page(path.to_owned(), &[("connection", one.connection.name.clone())]),
            None => self.space.at(path),
        }
    }
}

/// The setup link that the customer gets instead of URL and token.
pub(super) fn setup_link(facts: &Facts) -> Step {
    let language = facts.language;
    let opened = facts.provider.as_ref().and_then(|one| {
        let link = one
            .links
            .iter()
            .filter(|link| link.revoked.is_none())
            .max_by_key(|link| link.created)?;
        let told = match link.opened {
            Some(_) => language.f("{} was opened", &[&link.label]),
            None => language.f("{} was not opened yet", &[&link.label]),
        };
        Some((told, link.opened.or(Some(link.created))))
    });
    let by_hand = facts.provider.as_ref().and_then(|one| one.provider.first_request);
    let found = opened.or_else(|| {
        by_hand.map(|at| {
            (
                language.t("not needed: requests come already").to_owned(),
                Some(at),
            )
        })
    });
    Step::new(
        "setup-link",
        text("Send the setup link to the customer instead"),
        text("A page for their identity provider: it expires, can be revoked, is for one customer only, and shows them live whether their first request was seen."),
    )
    .way(text("Setup links"), format!("{}/setup-links", facts.provider_page()))
    .check(Check::of(
        text("A setup link was made, or requests come already"),
        found,
        text("Make a setup link, or enter URL and token yourself."),
    ))
}

/// The application's template.
pub(super) fn gallery(facts: &Facts, about: &'static str) -> Step {
    Step::new("gallery", text("Add the application from the gallery"), about)
        .doing(&[text("Choose its template, or the one for any application with SCIM. For testing, add a second connection of its own.")])
        .way(text("New connection"), facts.space.at("/new-connection"))
        .check(checks::saved(facts))
}

/// Who is meant.
pub(super) fn assign(facts: &Facts, title: &'static str, about: &'static str) -> Step {
    Step::new("assign", title, about)
        .way(text("Assignments"), facts.connection_page("/assignments"))
        .check(checks::assigned(facts))
}

/// Address, token and test.
pub(super) fn test(facts: &Facts) -> Step {
    Step::new(
        "test",
        text("Tenant URL, token, Test connection"),
        text("The test signs in, looks at the content type, lists users, filters by userName and reads the schemas; each has its own line. A 403 means that the token's account lacks admin permission."),
    )
    .doing(&[
        text("Enter the application's tenant URL, which ends in /scim/v2 with most, and its token."),
        text("Press Test connection. Addresses without https, and private ones, are refused unless the operator allows them."),
    ])
    .way(text("Settings of the connection"), facts.connection_page("/settings"))
    .check(checks::secrets(facts))
    .check(checks::tested(facts))
}

/// Mail.
pub(super) fn mail(facts: &Facts) -> Step {
    Step::new(
        "mail",
        text("Notification e-mail"),
        text("One mail for each cause, then a daily digest. The test mail shows that it arrives."),
    )
    .way(text("Mail settings"), facts.space.at("/settings"))
    .check(checks::notified(facts))
}

/// Switching on, and the cycle that follows.
pub(super) fn start(facts: &Facts, about: &'static str) -> Step {
    Step::new("start", text("Status On, Save"), about)
        .doing(&[
            text("Make a plan first: it shows every value before and after, and nothing is written."),
            text("Switch the rule on, and then the connection."),
        ])
        .way(text("Plans"), facts.narrowed("/plans"))
        .way(text("Rules"), facts.connection_page("/rules"))
        .way(text("Cycles"), facts.connection_page("/cycles"))
        .check(checks::planned(facts))
        .check(checks::rule_on(facts))
        .check(checks::on(facts))
        .check(checks::ran(facts))
}

/// What goes on by itself.
pub(super) fn wait(facts: &Facts) -> Step {
    Step::new(
        "wait",
        text("Wait for the next cycles"),
        text("They come in the chosen interval. Who loses access does not wait: changes of active go by the urgent lane."),
    )
    .way(text("Preferences"), facts.connection_page("/preferences"))
    .way(text("Cycles"), facts.connection_page("/cycles"))
    .check(checks::automatic(facts))
}

/// Somebody leaves.
pub(super) fn leave(facts: &Facts, title: &'static str, about: &'static str) -> Step {
    Step::new("leave", title, about)
        .way(text("Assignments"), facts.connection_page("/assignments"))
        .way(text("Provisioning log"), facts.narrowed("/log"))
        .check(checks::did(
            facts,
            "disable",
            text("Somebody was disabled"),
            text("Take one person's assignment away and wait for the next cycle: active becomes false, and nothing is deleted."),
        ))
}

/// What is watched afterwards.
pub(super) fn monitor(facts: &Facts) -> Step {
    Step::new(
        "monitor",
        text("Logs, progress, quarantine"),
        text("Each failed line explains itself, and has Retry, Explain and Provision now. When the target breaks, the connection slows down, goes into quarantine with the reason, and comes back by itself; nothing is deleted meanwhile."),
    )
    .way(text("Provisioning log"), facts.narrowed("/log"))
    .way(text("Problems"), facts.space.at("/problems"))
    .check(checks::settled(facts))
    .sign(text("You have looked at a failed line, or there is none, and you know who watches the problems page."))
}

/// The provider's half, where the team and the right come first.
pub(super) fn incoming(facts: &Facts) -> Vec<Step> {
    let page = facts.provider_page();
    vec![
        Step::new(
            "token",
            text("Get the SCIM endpoint and token, and copy them"),
            text("The token is shown once; its hash, its creator and its end are kept. A second one is possible, so that tokens can be changed without a gap."),
        )
        .value(text("Tenant URL"), facts.tenant_url())
        .way(text("The provider's tokens"), format!("{page}#tokens"))
        .check(inbound::token(facts)),
        setup_link(facts),
        Step::new(
            "first-request",
            text("Wait for the first request"),
            text("The identity provider's test is the first thing that arrives."),
        )
        .way(text("Requests of the provider"), format!("{page}#requests"))
        .check(inbound::live(facts))
        .check(inbound::first_request(facts)),
    ]
}

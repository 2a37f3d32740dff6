//! Checks that several guides share: about a connection, its rules, and what it has done.

use super::facts::{Facts, OfConnection};
use super::step::Check;
use crate::texts::text;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::{Assignment, Mode, State};
use provost_sync::setup::CheckLine;
use serde::Deserialize;

impl Facts {
    /// Evidence about the connection, where there is one.
    fn of<T>(&self, read: impl FnOnce(&OfConnection) -> Option<T>) -> Option<T> {
        self.connection.as_ref().and_then(read)
    }
}

/// It is saved, under a name.
pub(super) fn saved(facts: &Facts) -> Check {
    Check::of(
        text("The connection is saved"),
        facts.of(|one| Some((one.connection.name.clone(), None))),
        text("There is no such connection yet. It is listed once it is saved."),
    )
}

/// It has its secrets.
pub(super) fn secrets(facts: &Facts) -> Check {
    Check::of(
        text("A credential is stored"),
        facts.of(|one| (!one.secrets.is_empty()).then(|| (one.secrets.join(", "), None))),
        text("Enter the credential. It is sealed, and shown to nobody again."),
    )
}

/// Its test succeeds.
pub(super) fn tested(facts: &Facts) -> Check {
    let language = facts.language;
    let tested = facts.of(|one| {
        let checks = one.connection.checks.as_array().map_or(0, Vec::len);
        let told = language.n(
            i64::try_from(checks).unwrap_or(0),
            "1 step works",
            "{} steps work",
        );
        (one.connection.tested > 0 && one.connection.state != State::Invalid)
            .then_some((told, Some(one.connection.tested)))
    });
    Check::of(
        text("Test connection succeeds"),
        tested,
        text("Test the connection. The step that fails names what to correct."),
    )
}

/// A step of its last test works, by the step's name.
pub(super) fn step_works(facts: &Facts, tried: &str, sentence: &'static str, missing: &'static str) -> Check {
    let found = facts.of(|one| {
        let checks: Vec<CheckLine> = Vec::deserialize(&one.connection.checks).ok()?;
        let line = checks.into_iter().find(|line| line.name == tried && line.ok)?;
        Some((line.sentence, Some(one.connection.tested).filter(|at| *at > 0)))
    });
    Check::of(sentence, found, missing)
}

/// It is switched on.
pub(super) fn on(facts: &Facts) -> Check {
    let language = facts.language;
    let on = facts.of(|one| {
        let is_on = !matches!(one.connection.state, State::Paused | State::Invalid);
        is_on.then(|| {
            (
                language.t(one.connection.state.name()).to_owned(),
                Some(one.connection.since).filter(|at| *at > 0),
            )
        })
    });
    Check::of(
        text("The connection is on"),
        on,
        text("Switch the connection on. Off means that nothing at all is written."),
    )
}

/// It has a rule about people, or about groups.
pub(super) fn rule(facts: &Facts, kind: Kind) -> Check {
    let (sentence, missing) = match kind {
        Kind::Person => (
            text("There is a rule about people"),
            text("Make a rule: who is meant, and which attribute gets which value."),
        ),
        Kind::Group => (
            text("There is a rule about groups"),
            text("Make a rule about groups, or use groups for scope only."),
        ),
    };
    let name = facts.of(|one| one.rule(kind).map(|rule| (rule.name.clone(), None)));
    Check::of(sentence, name, missing)
}

/// A rule of it is switched on.
pub(super) fn rule_on(facts: &Facts) -> Check {
    let name = facts.of(|one| {
        let on: Vec<&str> = one
            .rules
            .iter()
            .filter(|rule| rule.rule.enabled)
            .map(|rule| rule.name.as_str())
            .collect();
        (!on.is_empty()).then(|| (on.join(", "), None))
    });
    Check::of(
        text("A rule is switched on"),
        name,
        text("Switch the rule on. It says what is missing when it cannot be."),
    )
}

/// These target attributes are mapped by the rule about people or groups.
pub(super) fn mapped(
    facts: &Facts,
    kind: Kind,
    wanted: &[&str],
    sentence: &'static str,
    missing: &'static str,
) -> Check {
    let found = facts.of(|one| {
        let rule = one.rule(kind)?;
        wanted
            .iter()
            .all(|name| maps(rule, name))
            .then(|| (wanted.join(", "), None))
    });
    Check::of(sentence, found, missing)
}

/// Whether a rule maps a target attribute.
pub(super) fn maps(rule: &Rule, attribute: &str) -> bool {
    rule.mappings.iter().any(|one| one.target == attribute)
}

/// An attribute recognises accounts.
pub(super) fn matching(facts: &Facts, kind: Kind) -> Check {
    let found = facts.of(|one| {
        let names: Vec<&str> = one
            .rule(kind)?
            .matching
            .iter()
            .map(|one| one.target.as_str())
            .collect();
        (!names.is_empty()).then(|| (names.join(", "), None))
    });
    Check::of(
        text("A matching attribute recognises accounts"),
        found,
        text("Choose an attribute that the target can filter by. Who matches several is never guessed at."),
    )
}

/// Somebody is meant at all.
pub(super) fn assigned(facts: &Facts) -> Check {
    let language = facts.language;
    let found = facts.of(|one| match one.connection.preferences.assignment {
        Assignment::All => Some((language.t("everybody counts as assigned").to_owned(), None)),
        Assignment::Assigned => {
            let told = language.n(one.assigned, "1 assignment", "{} assignments");
            (one.assigned > 0).then_some((told, None))
        }
    });
    Check::of(
        text("Somebody is assigned"),
        found,
        text("Assign two people to begin with. Nobody assigned means nobody."),
    )
}

/// A plan was made.
pub(super) fn planned(facts: &Facts) -> Check {
    let language = facts.language;
    let found = facts.of(|one| {
        let plan = one.plans.first()?;
        let steps = plan
            .counts
            .get("steps")
            .and_then(serde_json::Value::as_i64)
            .unwrap_or(0);
        Some((
            language.n(steps, "a plan of 1 step", "a plan of {} steps"),
            Some(plan.created),
        ))
    });
    Check::of(
        text("A preview was made"),
        found,
        text("Make a plan and read it: creates, updates, disables, licences, seats afterwards."),
    )
}

/// A cycle went through.
pub(super) fn ran(facts: &Facts) -> Check {
    let language = facts.language;
    let found = facts.of(|one| {
        let ended = one
            .cycles
            .iter()
            .find(|cycle| matches!(cycle.state.as_str(), "done" | "held"));
        let (people, groups) = (
            language.number(one.linked_people),
            language.number(one.linked_groups),
        );
        let told = language.f("{} people and {} groups are linked", &[&people, &groups]);
        match ended {
            Some(cycle) => Some((told, cycle.finished)),
            None if one.connection.watermark >= 0 => {
                Some((told, Some(one.connection.last_run).filter(|at| *at > 0)))
            }
            None => None,
        }
    });
    Check::of(
        text("The initial cycle went through"),
        found,
        text("It begins by itself once connection and rule are on. Its page shows how far it is."),
    )
}

/// A cycle did something of this name.
pub(super) fn did(facts: &Facts, action: &str, sentence: &'static str, missing: &'static str) -> Check {
    let language = facts.language;
    let found = facts.of(|one| {
        let (count, cycle) = one.applied(action)?;
        Some((
            language.n(count, "1 in the newest such cycle", "{} in the newest such cycle"),
            cycle.finished,
        ))
    });
    Check::of(sentence, found, missing)
}

/// Cycles run by themselves.
pub(super) fn automatic(facts: &Facts) -> Check {
    let language = facts.language;
    let found = facts.of(|one| {
        let preferences = &one.connection.preferences;
        let minutes = i64::from(preferences.interval_seconds / 60);
        let told = match minutes {
            0 => language.t("a change goes out at once").to_owned(),
            minutes => language.n(minutes, "every minute", "every {} minutes"),
        };
        (preferences.mode == Mode::Automatic).then_some((told, None))
    });
    Check::of(
        text("Cycles begin by themselves"),
        found,
        text("Choose the mode automatic in the preferences."),
    )
}

/// Somebody gets mail.
pub(super) fn notified(facts: &Facts) -> Check {
    let mail = &facts.mail;
    let is_ready = mail.enabled && !mail.recipient.is_empty() && mail.smtp.is_some();
    Check::of(
        text("Mail about failures goes to somebody"),
        is_ready.then(|| (mail.recipient.clone(), None)),
        text("Enter an address and a mail server in the settings, and send the test mail."),
    )
}

/// Nothing waits for a person.
pub(super) fn settled(facts: &Facts) -> Check {
    let (language, sentence) = (facts.language, text("Nothing waits for a decision"));
    match &facts.connection {
        Some(one) if one.staged + one.doubts == 0 => {
            Check::done(sentence, language.t("no staged step, nobody in doubt"), None)
        }
        _ => Check::open(
            sentence,
            text("Decide the staged steps and the doubts; each says why it waits."),
        ),
    }
}

/// The address has its certificate, as identity providers and applications want it.
pub(super) fn reachable(facts: &Facts) -> Check {
    Check::of(
        text("The world reaches Provost under an https address"),
        facts
            .url
            .starts_with("https://")
            .then(|| (facts.url.clone(), None)),
        text("Set public_url under [server] in provost.toml to the https address that your proxy answers."),
    )
}

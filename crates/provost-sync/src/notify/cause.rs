//! What somebody has to be told at once: found anew each time from the state of things, so that a cause is over as
//! soon as it no longer holds, whoever ended it.

use super::expiry;
use super::settings::Settings;
use super::text::{Letter, moment};
use super::words::Language;
use crate::Result;
use provost_store::connection::{self, Connection, State};
use provost_store::staged::{self, Decision};
use provost_store::{Tx, import_run, plan, provider, retry};

/// Names that a letter has.
pub(super) const NAMED: usize = 10;
/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;
/// The first words of the names of causes; together with what follows they tell two causes apart.
pub(super) const WORDS: [&str; 7] = [
    "quarantine:",
    "invalid:",
    "held",
    "plan:",
    "given-up",
    "expiry:",
    "import:",
];

/// Something that holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cause {
    /// The connection it is about; 0 for none.
    pub connection: i64,
    /// The stable word for it, with whatever tells two of them apart.
    pub name: String,
    pub letter: Letter,
}

/// Everything that holds now in a workspace.
pub(super) fn active(tx: &mut Tx, workspace: i64, settings: &Settings, now: i64) -> Result<Vec<Cause>> {
    let (mut causes, language) = (Vec::new(), settings.language);
    for connection in connection::all(tx, workspace)? {
        causes.extend(quarantine(&connection, language));
        causes.extend(stopped(&connection, language));
        causes.extend(invalid(&connection, language));
        causes.extend(held(tx, &connection, language)?);
        causes.extend(waiting_plan(tx, &connection, language)?);
        causes.extend(given_up(tx, &connection, language)?);
        causes.extend(expiry::of_connection(tx, &connection, settings, now)?);
    }
    for provider in provider::all(tx, workspace)? {
        causes.extend(expiry::of_provider(tx, &provider, settings, now)?);
        causes.extend(held_import(tx, &provider, language)?);
    }
    causes.extend(expiry::of_api_tokens(tx, workspace, settings, now)?);
    causes.extend(expiry::of_certificates(tx, workspace, settings, now)?);
    Ok(causes)
}

/// A letter on entering quarantine, and another when its reason becomes another: the reason is part of the name.
fn quarantine(connection: &Connection, language: Language) -> Option<Cause> {
    (connection.state == State::Quarantine).then(|| Cause {
        connection: connection.key,
        name: format!("quarantine:{}", connection.code),
        letter: Letter {
            subject: language.say("Provost: {} is in quarantine", &[&connection.name]),
            what: language.say(
                "The connection \"{}\" fails and is slowed down since {}. Provost tries again by itself, next at {}.",
                &[
                    &connection.name,
                    &moment(connection.since),
                    &moment(connection.next_try),
                ],
            ),
            why: connection.reason.clone(),
            next: language.say(
                "Test the connection (provost connection test \"{}\"), mend what it names, and run it again. It \
                 leaves quarantine by itself with the first cycle that succeeds.",
                &[&connection.name],
            ),
            names: Vec::new(),
            concerned: 0,
        },
    })
}

/// A connection that a person paused has no code; one that was in quarantine for too long says which.
fn stopped(connection: &Connection, language: Language) -> Option<Cause> {
    let is_stopped = connection.state == State::Paused && !connection.code.is_empty();
    is_stopped.then(|| Cause {
        connection: connection.key,
        name: format!("quarantine:stopped:{}", connection.code),
        letter: Letter {
            subject: language.say("Provost: {} was switched off", &[&connection.name]),
            what: language.say(
                "The connection \"{}\" was in quarantine for too long and is not tried any more since {}.",
                &[&connection.name, &moment(connection.since)],
            ),
            why: connection.reason.clone(),
            next: language.say(
                "Mend the reason, then switch it on again (provost connection on \"{}\").",
                &[&connection.name],
            ),
            names: Vec::new(),
            concerned: 0,
        },
    })
}

/// A connection whose test failed or whose credential is refused: nothing goes out any more. One that was never
/// good is being set up by somebody who knows that.
fn invalid(connection: &Connection, language: Language) -> Option<Cause> {
    let was_good = connection.tested > 0 || connection.watermark >= 0;
    (connection.state == State::Invalid && was_good).then(|| Cause {
        connection: connection.key,
        name: format!("invalid:{}", connection.code),
        letter: Letter {
            subject: language.say("Provost: {} is invalid", &[&connection.name]),
            what: language.say(
                "The target refuses the connection \"{}\" since {}. No cycle runs, and nobody's account is changed or \
                 removed because of it.",
                &[&connection.name, &moment(connection.since)],
            ),
            why: connection.reason.clone(),
            next: language.say(
                "Make a new credential in the target if it has ended, save it here (provost connection set \"{}\"), \
                 then test the connection (provost connection test \"{}\"). It is active again with the first test \
                 that succeeds.",
                &[&connection.name, &connection.name],
            ),
            names: Vec::new(),
            concerned: 0,
        },
    })
}

/// Removals that the guard holds, and other steps that wait for a decision.
fn held(tx: &mut Tx, connection: &Connection, language: Language) -> Result<Option<Cause>> {
    let waiting = staged::count(tx, connection.key, Decision::Pending)?;
    if waiting == 0 {
        return Ok(None);
    }
    let steps = staged::list(tx, connection.key, NAMED as i64)?;
    let names = steps
        .iter()
        .filter(|s| s.decision == Decision::Pending)
        .map(|s| format!("{}: {}", s.label, language.action(&s.action)));
    Ok(Some(Cause {
        connection: connection.key,
        name: "held".to_owned(),
        letter: Letter {
            subject: match waiting {
                1 => language.say("Provost: 1 step of {} waits for a decision", &[&connection.name]),
                many => language.say(
                    "Provost: {} steps of {} wait for a decision",
                    &[&many.to_string(), &connection.name],
                ),
            },
            what: language.say(
                "Steps of the connection \"{}\" are held and not carried out. Everything else goes on.",
                &[&connection.name],
            ),
            why: connection.reason.clone(),
            next: language.say(
                "Look at them (provost staged list \"{}\"), then approve or reject them, together or one by one.",
                &[&connection.name],
            ),
            names: names.collect(),
            concerned: waiting as u64,
        },
    }))
}

fn waiting_plan(tx: &mut Tx, connection: &Connection, language: Language) -> Result<Option<Cause>> {
    let found = plan::waiting(tx, connection.key)?;
    let wants = |p: &plan::Plan| p.approval && p.state == plan::State::Open && !p.digest.is_empty();
    Ok(found.filter(wants).map(|plan| Cause {
        connection: connection.key,
        name: format!("plan:{}", plan.id),
        letter: Letter {
            subject: language.say("Provost: a plan for {} waits for approval", &[&connection.name]),
            what: language.say(
                "{} made a plan for the connection \"{}\" at {}.",
                &[&plan.created_by, &connection.name, &moment(plan.created)],
            ),
            why: language.say("It holds steps that a second person has to approve.", &[]),
            next: language.say(
                "Read it (provost plan show {}), then approve or reject it. Whoever made it cannot approve it.",
                &[&plan.id.to_string()],
            ),
            names: Vec::new(),
            concerned: 0,
        },
    }))
}

fn given_up(tx: &mut Tx, connection: &Connection, language: Language) -> Result<Option<Cause>> {
    let count = retry::given_up(tx, connection.key)?;
    if count == 0 {
        return Ok(None);
    }
    let asked = retry::Asked {
        connection: connection.key,
        given_up: true,
        ..retry::Asked::default()
    };
    let names = retry::page(tx, &asked, NAMED)?.steps.into_iter().map(|s| s.label);
    Ok(Some(Cause {
        connection: connection.key,
        name: "given-up".to_owned(),
        letter: Letter {
            subject: match count {
                1 => language.say("Provost: 1 step of {} is given up", &[&connection.name]),
                many => language.say(
                    "Provost: {} steps of {} are given up",
                    &[&many.to_string(), &connection.name],
                ),
            },
            what: language.say(
                "Steps of the connection \"{}\" have failed for 28 days and are not tried any more.",
                &[&connection.name],
            ),
            why: language.say("Each has its own reason in the list of retries.", &[]),
            next: language.say(
                "Look at the reasons (provost retry list \"{}\"), mend them, and have the steps tried again.",
                &[&connection.name],
            ),
            names: names.collect(),
            concerned: count as u64,
        },
    }))
}

fn held_import(tx: &mut Tx, provider: &provider::Provider, language: Language) -> Result<Option<Cause>> {
    let newest = import_run::list(tx, provider.key, None, 1)?.pop();
    Ok(newest.filter(|run| run.state == import_run::State::Held).map(|run| Cause {
        connection: 0,
        name: format!("import:{}", run.key),
        letter: Letter {
            subject: language.say("Provost: an import of {} is held", &[&provider.name]),
            what: language.say(
                "A complete import of \"{}\" from {} leaves out more people than may go without a decision. They stay \
                 as they are; everybody it names was taken in.",
                &[&provider.name, &moment(run.started)],
            ),
            why: language.say("The file or the query may be cut short.", &[]),
            next: language.say(
                "Look at the run (provost import runs), then approve or reject the absences.",
                &[],
            ),
            names: Vec::new(),
            concerned: 0,
        },
    }))
}

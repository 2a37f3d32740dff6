//! What somebody has to be told at once: found anew each time from the state of things, so that a cause is over as
//! soon as it no longer holds, whoever ended it.

use super::settings::Settings;
use super::text::{Letter, moment};
use crate::Result;
use provost_store::connection::{self, Connection, State};
use provost_store::staged::{self, Decision};
use provost_store::{Tx, api_token, client, import_run, plan, provider, retry, setting, token};
use serde_json::{Value, json};

/// Names that a letter has.
pub(super) const NAMED: usize = 10;
/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;
/// API tokens that are looked at.
const TOKENS: i64 = 1_000;
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
    let mut causes = Vec::new();
    for connection in connection::all(tx, workspace)? {
        causes.extend(quarantine(&connection));
        causes.extend(stopped(&connection));
        causes.extend(invalid(&connection));
        causes.extend(held(tx, &connection)?);
        causes.extend(waiting_plan(tx, &connection)?);
        causes.extend(given_up(tx, &connection)?);
        causes.extend(expiring_connection(tx, &connection, settings, now)?);
    }
    for provider in provider::all(tx, workspace)? {
        causes.extend(expiring_tokens(tx, &provider, settings, now)?);
        causes.extend(held_import(tx, &provider)?);
    }
    causes.extend(expiring_api_tokens(tx, workspace, settings, now)?);
    Ok(causes)
}

/// A letter on entering quarantine, and another when its reason becomes another: the reason is part of the name.
fn quarantine(connection: &Connection) -> Option<Cause> {
    (connection.state == State::Quarantine).then(|| Cause {
        connection: connection.key,
        name: format!("quarantine:{}", connection.code),
        letter: Letter {
            subject: format!("Provost: {} is in quarantine", connection.name),
            what: format!(
                "The connection \"{}\" fails and is slowed down since {}. Provost tries again by itself, next at {}.",
                connection.name,
                moment(connection.since),
                moment(connection.next_try)
            ),
            why: connection.reason.clone(),
            next: format!(
                "Test the connection (provost connection test \"{}\"), mend what it names, and run it again. It \
                 leaves quarantine by itself with the first cycle that succeeds.",
                connection.name
            ),
            names: Vec::new(),
            concerned: 0,
        },
    })
}

/// A connection that a person paused has no code; one that was in quarantine for too long says which.
fn stopped(connection: &Connection) -> Option<Cause> {
    let is_stopped = connection.state == State::Paused && !connection.code.is_empty();
    is_stopped.then(|| Cause {
        connection: connection.key,
        name: format!("quarantine:stopped:{}", connection.code),
        letter: Letter {
            subject: format!("Provost: {} was switched off", connection.name),
            what: format!(
                "The connection \"{}\" was in quarantine for too long and is not tried any more since {}.",
                connection.name,
                moment(connection.since)
            ),
            why: connection.reason.clone(),
            next: format!(
                "Mend the reason, then switch it on again (provost connection on \"{}\").",
                connection.name
            ),
            names: Vec::new(),
            concerned: 0,
        },
    })
}

/// A connection whose test failed or whose credential is refused: nothing goes out any more. One that was never
/// good is being set up by somebody who knows that.
fn invalid(connection: &Connection) -> Option<Cause> {
    let was_good = connection.tested > 0 || connection.watermark >= 0;
    (connection.state == State::Invalid && was_good).then(|| Cause {
        connection: connection.key,
        name: format!("invalid:{}", connection.code),
        letter: Letter {
            subject: format!("Provost: {} is invalid", connection.name),
            what: format!(
                "The target refuses the connection \"{}\" since {}. No cycle runs, and nobody's account is changed or \
                 removed because of it.",
                connection.name,
                moment(connection.since)
            ),
            why: connection.reason.clone(),
            next: format!(
                "Make a new credential in the target if it has ended, save it here (provost connection set \"{0}\"), \
                 then test the connection (provost connection test \"{0}\"). It is active again with the first test \
                 that succeeds.",
                connection.name
            ),
            names: Vec::new(),
            concerned: 0,
        },
    })
}

/// Removals that the guard holds, and other steps that wait for a decision.
fn held(tx: &mut Tx, connection: &Connection) -> Result<Option<Cause>> {
    let waiting = staged::count(tx, connection.key, Decision::Pending)?;
    if waiting == 0 {
        return Ok(None);
    }
    let steps = staged::list(tx, connection.key, NAMED as i64)?;
    let names = steps
        .iter()
        .filter(|s| s.decision == Decision::Pending)
        .map(|s| format!("{}: {}", s.label, s.action));
    Ok(Some(Cause {
        connection: connection.key,
        name: "held".to_owned(),
        letter: Letter {
            subject: format!(
                "Provost: {waiting} steps of {} wait for a decision",
                connection.name
            ),
            what: format!(
                "Steps of the connection \"{}\" are held and not carried out. Everything else goes on.",
                connection.name
            ),
            why: connection.reason.clone(),
            next: format!(
                "Look at them (provost staged list \"{}\"), then approve or reject them, together or one by one.",
                connection.name
            ),
            names: names.collect(),
            concerned: waiting as u64,
        },
    }))
}

fn waiting_plan(tx: &mut Tx, connection: &Connection) -> Result<Option<Cause>> {
    let found = plan::waiting(tx, connection.key)?;
    let wants = |p: &plan::Plan| p.approval && p.state == plan::State::Open && !p.digest.is_empty();
    Ok(found.filter(wants).map(|plan| Cause {
        connection: connection.key,
        name: format!("plan:{}", plan.id),
        letter: Letter {
            subject: format!("Provost: a plan for {} waits for approval", connection.name),
            what: format!(
                "{} made a plan for the connection \"{}\" at {}.",
                plan.created_by,
                connection.name,
                moment(plan.created)
            ),
            why: "It holds steps that a second person has to approve.".to_owned(),
            next: format!(
                "Read it (provost plan show {}), then approve or reject it. Whoever made it cannot approve it.",
                plan.id
            ),
            names: Vec::new(),
            concerned: 0,
        },
    }))
}

fn given_up(tx: &mut Tx, connection: &Connection) -> Result<Option<Cause>> {
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
                1 => format!("Provost: 1 step of {} is given up", connection.name),
                many => format!("Provost: {many} steps of {} are given up", connection.name),
            },
            what: format!(
                "Steps of the connection \"{}\" have failed for 28 days and are not tried any more.",
                connection.name
            ),
            why: "Each has its own reason in the list of retries.".to_owned(),
            next: format!(
                "Look at the reasons (provost retry list \"{}\"), mend them, and have the steps tried again.",
                connection.name
            ),
            names: names.collect(),
            concerned: count as u64,
        },
    }))
}

/// When a connection's credential ends, as somebody has noted: most targets do not tell.
pub(super) fn expiry_setting(connection: i64) -> String {
    format!("expiry.connection.{connection}")
}

pub(super) fn expiry_value(at: i64) -> Value {
    json!({ "at": at })
}

pub(super) fn noted_expiry(tx: &mut Tx, connection: &Connection) -> Result<Option<i64>> {
    let value = setting::get(tx, connection.workspace, &expiry_setting(connection.key))?;
    Ok(value.and_then(|v| v.get("at").and_then(Value::as_i64)))
}

fn expiring_connection(
    tx: &mut Tx,
    connection: &Connection,
    settings: &Settings,
    now: i64,
) -> Result<Option<Cause>> {
    let Some((at, stage)) =
        noted_expiry(tx, connection)?.and_then(|at| Some((at, stage(settings, at, now)?)))
    else {
        return Ok(None);
    };
    let what = format!("The credential of the connection \"{}\"", connection.name);
    let next =
        "Make a new one in the target, save it here (provost connection set), and note when that one ends.";
    Ok(Some(expiring(
        connection.key,
        &format!("connection:{}:{stage}", connection.key),
        &what,
        at,
        now,
        next,
    )))
}

/// Days before the end at which a connection's credential is written about, each time anew.
const ALARMS: [i64; 3] = [30, 7, 1];

/// The alarm that holds: the days of the last one that has come, 0 once the credential has ended; none while the end
/// is far, long past, or nobody wants to be told.
fn stage(settings: &Settings, at: i64, now: i64) -> Option<i64> {
    let left = at - now;
    if settings.expiry_days == 0 || left < -ALARMS[0] * DAY {
        return None;
    }
    if left <= 0 {
        return Some(0);
    }
    ALARMS.into_iter().filter(|days| left <= days * DAY).min()
}

fn expiring_tokens(
    tx: &mut Tx,
    provider: &provider::Provider,
    settings: &Settings,
    now: i64,
) -> Result<Vec<Cause>> {
    let of = format!("of the inbound provider \"{}\"", provider.name);
    let tokens = token::of_provider(tx, provider.key)?
        .into_iter()
        .map(|token| Ending {
            name: format!("token:{}", token.key),
            what: format!("The token \"{}\" {of}", token.label),
            next: "Make a new token, enter it at the sender, then revoke this one.",
            at: token.expires.filter(|_| token.revoked.is_none()),
        });
    let clients = client::of_provider(tx, provider.key)?
        .into_iter()
        .map(|client| Ending {
            name: format!("client:{}", client.key),
            what: format!("The OAuth client \"{}\" {of}", client.label),
            next: "Make a new client, enter it at the sender, then revoke this one.",
            at: client.expires.filter(|_| client.revoked.is_none()),
        });
    Ok(tokens
        .chain(clients)
        .filter_map(|one| one.cause(settings, now))
        .collect())
}

fn expiring_api_tokens(tx: &mut Tx, workspace: i64, settings: &Settings, now: i64) -> Result<Vec<Cause>> {
    let tokens = api_token::list(tx, workspace, 0, TOKENS)?
        .into_iter()
        .map(|one| Ending {
            name: format!("api-token:{}", one.token.key),
            what: format!("The API token \"{}\"", one.token.label),
            next: "Make a new token, give it to the program that uses this one, then revoke this one.",
            at: one.token.expires.filter(|_| one.token.revoked.is_none()),
        });
    Ok(tokens.filter_map(|one| one.cause(settings, now)).collect())
}

/// A credential of ours that may be near its end.
struct Ending {
    name: String,
    what: String,
    next: &'static str,
    /// When it ends; none when it never does, or was revoked.
    at: Option<i64>,
}

impl Ending {
    fn cause(self, settings: &Settings, now: i64) -> Option<Cause> {
        let at = self.at.filter(|at| is_near(settings, *at, now))?;
        Some(expiring(0, &self.name, &self.what, at, now, self.next))
    }
}

/// Near its end, or past it for no longer than it was near: an old token that nobody misses is no news.
fn is_near(settings: &Settings, at: i64, now: i64) -> bool {
    let days = i64::from(settings.expiry_days) * DAY;
    days > 0 && at - now <= days && now - at <= days
}

fn expiring(connection: i64, name: &str, what: &str, at: i64, now: i64, next: &str) -> Cause {
    let ends = if at > now { "ends" } else { "has ended" };
    Cause {
        connection,
        name: format!("expiry:{name}:{at}"),
        letter: Letter {
            subject: format!(
                "Provost: {} {ends} on {}",
                what.replacen("The ", "the ", 1),
                moment(at)
            ),
            what: format!("{what} {ends} on {}.", moment(at)),
            why: "After that, nothing is taken in or sent out with it.".to_owned(),
            next: next.to_owned(),
            names: Vec::new(),
            concerned: 0,
        },
    }
}

fn held_import(tx: &mut Tx, provider: &provider::Provider) -> Result<Option<Cause>> {
    let newest = import_run::list(tx, provider.key, None, 1)?.pop();
    Ok(newest.filter(|run| run.state == import_run::State::Held).map(|run| Cause {
        connection: 0,
        name: format!("import:{}", run.key),
        letter: Letter {
            subject: format!("Provost: an import of {} is held", provider.name),
            what: format!(
                "A complete import of \"{}\" from {} leaves out more people than may go without a decision. They stay \
                 as they are; everybody it names was taken in.",
                provider.name,
                moment(run.started)
            ),
            why: "The file or the query may be cut short.".to_owned(),
            next: "Look at the run (provost import runs), then approve or reject the absences.".to_owned(),
            names: Vec::new(),
            concerned: 0,
        },
    }))
}

//! `provost connection show`: one connection, with everything that waits in it.

use crate::cli::cycle::summary;
use crate::cli::{Place, field};
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table, count};
use anyhow::Result;
use provost_store::connection::{Connection, Mode, State};
use provost_store::cycle::Cycle;
use provost_store::staged::Decision;
use provost_store::{
    Error, Tx, assignment, cycle, doubt, drift, leaver, link, retry, rule, secret, staged, unowned,
};
use serde_json::{Value, json};

/// Cycles that are shown.
const CYCLES: i64 = 5;
/// Waiting steps that are counted; more are "at least".
const COUNTED: i64 = 10_000;

/// What there is of a connection beside its row.
struct Around {
    secrets: Vec<(String, i64)>,
    rules: Vec<Linked>,
    cycles: Vec<Cycle>,
    assigned: i64,
    queues: Queues,
}

/// A rule with the number of its links.
struct Linked {
    name: String,
    enabled: bool,
    links: i64,
}

/// What waits.
struct Queues {
    held: i64,
    doubtful: i64,
    waiting: i64,
    given_up: i64,
    drift: i64,
    unowned: i64,
    leaving: i64,
}

/// Shows the connection of this name.
pub(super) async fn show(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let connection = hub.connection(name).await?;
    let key = connection.key;
    let around = hub.db.read(move |tx| read(tx, key)).await?;
    let preferences = super::preferences::shown(&connection.preferences)?;
    output::either(place.json, &answer(&connection, &around), || {
        text(&connection, &around, &preferences)
    })
}

fn read(tx: &mut Tx, key: i64) -> Result<Around, Error> {
    let mut rules = Vec::new();
    for stored in rule::of_connection(tx, key)? {
        rules.push(Linked {
            links: link::count(tx, stored.key)?,
            enabled: stored.rule.enabled,
            name: stored.name,
        });
    }
    Ok(Around {
        secrets: secret::fields(tx, "connection", key)?,
        rules,
        cycles: cycle::latest(tx, key, CYCLES)?,
        assigned: assignment::count(tx, key)?,
        queues: Queues {
            held: staged::count(tx, key, Decision::Pending)?,
            doubtful: doubt::counts(tx, key)?.open,
            waiting: retry::list(tx, key, COUNTED)?.len() as i64,
            given_up: retry::given_up(tx, key)?,
            drift: drift::count(tx, key, drift::State::Open)?,
            unowned: unowned::counts(tx, key)?.values().sum(),
            leaving: leaver::count(tx, key)?,
        },
    })
}

fn answer(one: &Connection, around: &Around) -> Value {
    let secrets: Vec<Value> = around
        .secrets
        .iter()
        .map(|(name, saved)| json!({"name": name, "saved": clock::text(*saved)}))
        .collect();
    let rules: Vec<Value> = around
        .rules
        .iter()
        .map(|rule| json!({"name": rule.name, "enabled": rule.enabled, "links": rule.links}))
        .collect();
    let cycles: Vec<Value> = around.cycles.iter().map(crate::cli::cycle::row).collect();
    let queues = &around.queues;
    json!({
        "name": one.name, "id": one.id, "connector": one.connector, "settings": one.settings, "secrets": secrets,
        "state": one.state, "since": clock::text(one.since), "reason": one.reason, "code": one.code,
        "next_step": next_step(one), "failures": one.failures,
        "next_try": (one.state == State::Quarantine).then(|| clock::text(one.next_try)),
        "preferences": one.preferences, "guard": one.guard, "initial_cycle_done": one.watermark >= 0,
        "last_run": at(one.last_run), "reconciled": at(one.reconciled), "rules": rules, "assigned": around.assigned,
        "held": queues.held, "waiting": queues.waiting, "given_up": queues.given_up, "drift": queues.drift,
        "unowned": queues.unowned, "doubtful": queues.doubtful, "leaving": queues.leaving, "cycles": cycles,
        "tested": at(one.tested), "checks": one.checks,
    })
}

fn at(millis: i64) -> Option<String> {
    (millis > 0).then(|| clock::text(millis))
}

/// What a person does next.
fn next_step(one: &Connection) -> String {
    let name = &one.name;
    match one.state {
        State::Paused => format!("Switch it on: provost connection on \"{name}\""),
        State::Held => format!("Decide what is held: provost staged list \"{name}\""),
        State::Quarantine => format!(
            "Find the cause: provost connection test \"{name}\". It is tried again at {}; at once with \
             provost connection on \"{name}\".",
            clock::text(one.next_try)
        ),
        State::Invalid => format!(
            "Mend what the test names, then try it: provost connection test \"{name}\". Nothing runs until it succeeds."
        ),
        State::Active if one.watermark < 0 => {
            format!(
                "The initial cycle is not through: provost plan \"{name}\" shows it, provost cycle run \"{name}\" runs it."
            )
        }
        State::Active if one.preferences.mode == Mode::Manual => {
            format!("Run a cycle when you want one: provost cycle run \"{name}\"")
        }
        State::Active => "Nothing: changes go out by themselves.".to_owned(),
    }
}

fn text(one: &Connection, around: &Around, preferences: &str) -> String {
    let or_none = |text: &str| if text.is_empty() { "–" } else { text }.to_owned();
    let reason = match (one.reason.is_empty(), one.code.is_empty()) {
        (false, false) => format!("{} ({})", one.reason, one.code),
        _ => or_none(&one.reason),
    };
    let head = output::pairs(&[
        (
            "state",
            format!("{}, since {}", one.state.name(), clock::text(one.since)),
        ),
        ("reason", reason),
        ("next step", next_step(one)),
        ("connector", one.connector.clone()),
        ("tested", at(one.tested).unwrap_or_else(|| "never".to_owned())),
        (
            "last cycle",
            at(one.last_run).unwrap_or_else(|| "never".to_owned()),
        ),
        (
            "last reconcile",
            at(one.reconciled).unwrap_or_else(|| "never".to_owned()),
        ),
    ]);
    let mut parts = vec![
        format!("{} ({})\n{head}", one.name, one.id),
        format!("Settings\n{}", settings(one, around)),
        format!("Preferences\n{preferences}"),
        format!("Rules\n{}", output::indent(&rules(around))),
        format!("Waiting\n{}", output::indent(&waiting(one, &around.queues))),
        format!("Last cycles\n{}", output::indent(&cycles(around))),
    ];
    if around.assigned > 0 {
        let assigned = count(around.assigned, "person or group is", "people and groups are");
        parts.insert(
            3,
            format!("{assigned} assigned: provost assignments \"{}\"", one.name),
        );
    }
    parts.join("\n\n")
}

fn settings(one: &Connection, around: &Around) -> String {
    let mut lines: Vec<(&str, String)> = one
        .settings
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), field::shown(value)))
        .collect();
    for (name, saved) in &around.secrets {
        lines.push((name, format!("secret, saved {}", clock::text(*saved))));
    }
    output::pairs(&lines)
}

fn rules(around: &Around) -> String {
    let mut table = Table::new(["rule", "state", "linked"]);
    for rule in &around.rules {
        let state = if rule.enabled { "on" } else { "off" };
        table.row([rule.name.clone(), state.to_owned(), rule.links.to_string()]);
    }
    table.text_or("None yet.")
}

/// Every number with the command that lists what it counts.
fn waiting(one: &Connection, queues: &Queues) -> String {
    let name = &one.name;
    let mut table = Table::new(["what", "number", "shown by"]);
    let all = [
        ("held for a decision", queues.held, "staged list"),
        ("doubtful", queues.doubtful, "doubt list"),
        (
            "to be tried again",
            queues.waiting - queues.given_up,
            "retry list",
        ),
        ("given up", queues.given_up, "retry list --given-up"),
        ("changed in the target", queues.drift, "drift list"),
        ("owned by nobody", queues.unowned, "unowned"),
        ("leaving", queues.leaving, "leaver list"),
    ];
    for (what, number, command) in all {
        if number > 0 {
            table.row([
                what.to_owned(),
                number.to_string(),
                format!("provost {command} \"{name}\""),
            ]);
        }
    }
    table.text_or("Nothing.")
}

fn cycles(around: &Around) -> String {
    let mut table = Table::new(["key", "started", "mode", "state", "done"]);
    for one in &around.cycles {
        table.row([
            one.key.to_string(),
            clock::text(one.started),
            one.mode.clone(),
            one.state.clone(),
            summary(one),
        ]);
    }
    table.text_or("None yet.")
}

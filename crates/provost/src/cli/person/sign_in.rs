//! `provost person sign-in`, `link`, `withdraw-link`, `sign-out` and `remove-passkey`: how a person signs in for
//! themselves.

use super::find;
use crate::address;
use crate::cli::Place;
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_signin::person::{Grant, Kept, Overseen, Passkey, People, Session};
use provost_store::directory::Object;
use provost_web::own_address;
use serde_json::{Value, json};

/// The sign-in of people, and the address under which they reach it.
fn door(hub: &Hub) -> Result<(People, String)> {
    let console = address::of_console(&hub.config.server, hub.config.server.listen);
    Ok((hub.signin(&console)?.people(), console))
}

/// Shows passkeys, links and sessions.
pub(super) async fn show(place: &Place, hub: &Hub, text: &str) -> Result<()> {
    let person = find::person(hub, text).await?;
    let (people, _) = door(hub)?;
    let found = people.overseen(person.workspace, person.key).await?;
    let now = clock::now();
    let answer = json!({
        "person": person.label, "id": person.id, "closed": found.closed.map(|one| one.as_str()),
        "last_signin": clock::text_or_none(found.account.last_signin),
        "passkeys": found.passkeys.iter().map(passkey).collect::<Vec<_>>(),
        "links": found.links.iter().map(|one| link_row(one, now)).collect::<Vec<_>>(),
        "sessions": found.sessions.iter().map(session).collect::<Vec<_>>(),
        "applications": found.applications.iter().map(|one| json!({
            "name": one.name, "last_used": clock::text(one.last_used),
        })).collect::<Vec<_>>(),
    });
    output::either(place.json, &answer, || shown(&person, &found, now))
}

fn passkey(one: &Passkey) -> Value {
    json!({
        "key": one.key, "name": one.name, "kept": Kept::of(one).as_str(), "created": clock::text(one.created),
        "last_used": clock::text_or_none(one.last_used),
    })
}

fn link_row(one: &Grant, now: i64) -> Value {
    json!({
        "key": one.key, "state": one.state(now), "actor": one.actor, "created": clock::text(one.created),
        "expires": clock::text(one.expires), "used": clock::text_or_none(one.used),
        "withdrawn": clock::text_or_none(one.withdrawn),
    })
}

fn session(one: &Session) -> Value {
    json!({
        "key": one.key, "method": one.method.as_str(), "opened": clock::text(one.created),
        "seen": clock::text(one.seen), "expires": clock::text(one.expires), "address": one.address,
        "agent": one.agent,
    })
}

fn shown(person: &Object, found: &Overseen, now: i64) -> String {
    let last = match (found.closed, found.account.last_signin) {
        (Some(closed), _) => {
            let why = closed.as_str().replace('_', " ");
            format!("{} cannot sign in: {why}.", person.label)
        }
        (None, Some(at)) => format!("{} signed in last at {}.", person.label, clock::text(at)),
        (None, None) => format!("{} has never signed in.", person.label),
    };
    let mut keys = Table::new(["passkey", "name", "kept", "added", "last used"]);
    for one in &found.passkeys {
        let used = one.last_used.map_or_else(|| "never".to_owned(), clock::text);
        keys.row([
            one.key.to_string(),
            one.name.clone(),
            Kept::of(one).as_str().to_owned(),
            clock::text(one.created),
            used,
        ]);
    }
    let mut links = Table::new(["link", "state", "made by", "expires"]);
    for one in &found.links {
        links.row([
            one.key.to_string(),
            one.state(now).to_owned(),
            one.actor.clone(),
            clock::text(one.expires),
        ]);
    }
    let mut sessions = Table::new(["session", "opened", "last seen", "address", "browser"]);
    for one in &found.sessions {
        sessions.row([
            one.key.to_string(),
            clock::text(one.created),
            clock::text(one.seen),
            one.address.clone(),
            one.agent.clone(),
        ]);
    }
    let mut applications = Table::new(["application", "last signed in"]);
    for one in &found.applications {
        applications.row([one.name.clone(), clock::text(one.last_used)]);
    }
    let mut parts = vec![
        last,
        keys.text_or("No passkey yet. `provost person link` makes a link for the first one."),
        links.text_or("No link was made."),
        sessions.text_or("Not signed in."),
    ];
    if !found.applications.is_empty() {
        parts.push(applications.text_or(""));
    }
    parts.join("\n\n")
}

/// Makes a link by which the person makes a passkey.
pub(super) async fn link(place: &Place, hub: &Hub, text: &str) -> Result<()> {
    let person = find::person(hub, text).await?;
    let (people, console) = door(hub)?;
    let (key, made) = people
        .make_link(&hub::actor(), person.workspace, person.key, clock::now())
        .await?;
    let link = own_address::link(&console, &hub.workspace.name, &key);
    let answer = json!({
        "person": person.label, "id": person.id, "key": made.key, "link": link,
        "expires": clock::text(made.expires),
    });
    output::either(place.json, &answer, || {
        format!(
            "Link  {link}\nIt is shown this once and works until {}. Whoever opens it makes one passkey of {} and is \
             signed in.",
            clock::text(made.expires),
            person.label
        )
    })
}

/// Withdraws a link.
pub(super) async fn withdraw(place: &Place, hub: &Hub, text: &str, key: i64) -> Result<()> {
    let person = find::person(hub, text).await?;
    let (people, _) = door(hub)?;
    let done = people
        .withdraw_link(&hub::actor(), person.workspace, person.key, key, clock::now())
        .await?;
    if !done {
        return Err(nothing(&person, &format!("link {key} that works")));
    }
    let answer = json!({"id": person.id, "key": key, "state": "withdrawn"});
    output::either(place.json, &answer, || {
        format!("The link {key} is withdrawn: whoever opens it is told so.")
    })
}

/// Ends one session of a person, or all.
pub(super) async fn sign_out(place: &Place, hub: &Hub, text: &str, only: Option<i64>) -> Result<()> {
    let person = find::person(hub, text).await?;
    let (people, _) = door(hub)?;
    let ended = people
        .end_sessions(&hub::actor(), person.workspace, person.key, only, clock::now())
        .await?;
    if let (Some(key), 0) = (only, ended) {
        return Err(nothing(&person, &format!("session {key}")));
    }
    output::either(
        place.json,
        &json!({"id": person.id, "ended": ended}),
        || match ended {
            0 => format!("{} is not signed in.", person.label),
            _ => {
                let sessions = output::count(ended, "session is", "sessions are");
                format!(
                    "{sessions} over. {} may sign in again; `provost person block` refuses that.",
                    person.label
                )
            }
        },
    )
}

/// Takes a passkey from a person.
pub(super) async fn remove_passkey(place: &Place, hub: &Hub, text: &str, key: i64) -> Result<()> {
    let person = find::person(hub, text).await?;
    let (people, _) = door(hub)?;
    let done = people
        .take_passkey(&hub::actor(), person.workspace, person.key, key, clock::now())
        .await?;
    if !done {
        return Err(nothing(&person, &format!("passkey {key}")));
    }
    output::either(place.json, &json!({"id": person.id, "key": key}), || {
        format!(
            "The passkey {key} of {} is removed, and their sessions are over.",
            person.label
        )
    })
}

fn nothing(person: &Object, what: &str) -> anyhow::Error {
    let hint = "`provost person sign-in` shows what there is, with the keys.";
    Failure::new(format!("{} has no {what}", person.label), hint).into()
}

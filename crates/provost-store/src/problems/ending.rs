//! Credentials of both directions that end soon or have ended: what senders use here, what we use at targets, and the
//! certificates of sign-ins.

use super::standing::whole;
use super::{Asked, DAY, Found, NEAR_DAYS, Problem, ProblemKind};
use crate::certificate::{self, Held};
use crate::connection::Connection;
use crate::{Result, Row, Tx, setting};
use serde_json::Value;

crate::statements! {
    TOKENS = "SELECT t.key, t.label, p.name, t.expires FROM inbound_provider p JOIN token t ON t.provider = p.key \
              WHERE p.workspace = $1 AND t.client IS NULL AND t.revoked IS NULL AND t.expires > $2 AND t.expires < $3";
    CLIENTS = "SELECT c.key, c.label, p.name, c.expires FROM inbound_provider p JOIN oauth_client c ON c.provider = p.key \
               WHERE p.workspace = $1 AND c.revoked IS NULL AND c.expires > $2 AND c.expires < $3";
    API_TOKENS = "SELECT key, label, '', expires FROM api_token \
                  WHERE workspace = $1 AND revoked IS NULL AND expires > $2 AND expires < $3";
}

/// What is found, whatever the page: it is little.
pub(super) fn find(
    tx: &mut Tx,
    asked: &Asked,
    connections: &[Connection],
    found: &mut Vec<Found>,
) -> Result<()> {
    if asked.connection.is_none() {
        let sorts = [
            (TOKENS, "the token"),
            (CLIENTS, "the OAuth client"),
            (API_TOKENS, "the API token"),
        ];
        for (sql, noun) in sorts {
            let near = (asked.now - NEAR_DAYS * DAY, asked.now + NEAR_DAYS * DAY);
            let params = [asked.workspace.into(), near.0.into(), near.1.into()];
            found.extend(tx.query(sql, &params, |row| Ok(whole(ours(row, noun, asked.now)?)))?);
        }
        let held = certificate::of_workspace(tx, asked.workspace)?;
        found.extend(held.iter().filter_map(|one| certified(one, asked.now)));
    }
    for connection in connections {
        found.extend(theirs(tx, connection, asked.now)?.map(whole));
    }
    Ok(())
}

fn ours(row: &Row, noun: &str, now: i64) -> Result<Problem> {
    let (key, label, provider, ends) = (row.int(0)?, row.str(1)?, row.str(2)?, row.int(3)?);
    let what = match provider {
        "" => format!("{noun} \"{label}\""),
        _ => format!("{noun} \"{label}\" of the inbound provider \"{provider}\""),
    };
    let subject = if provider.is_empty() { label } else { provider };
    Ok(ending(key, None, subject, &what, ends, now))
}

/// A certificate of sign-ins near its end, with what to do next: nobody signs in with one that is over.
fn certified(held: &Held, now: i64) -> Option<Found> {
    if (held.ends - now).abs() >= NEAR_DAYS * DAY {
        return None;
    }
    let what = format!("{} \"{}\"", held.usage.noun(), held.provider);
    let mut problem = ending(held.key, None, &held.provider, &what, held.ends, now);
    problem.sentence = format!("{} {}", problem.sentence, held.usage.next());
    let mut found = whole(problem);
    // Two of one window may end on the same day.
    found.place.second = held.number;
    Some(found)
}

/// When a connection's credential ends, as somebody noted or its certificate says: `provost-sync` keeps it as a
/// setting, because most targets do not tell.
fn theirs(tx: &mut Tx, connection: &Connection, now: i64) -> Result<Option<Problem>> {
    let name = format!("expiry.connection.{}", connection.key);
    let value = setting::get(tx, connection.workspace, &name)?;
    let ends = value.and_then(|v| v.get("at").and_then(Value::as_i64));
    let near = ends.filter(|at| (at - now).abs() < NEAR_DAYS * DAY);
    Ok(near.map(|ends| {
        let what = format!("the credential of the connection \"{}\"", connection.name);
        let at = Some(connection.name.clone());
        ending(connection.key, at, &connection.name, &what, ends, now)
    }))
}

fn ending(key: i64, connection: Option<String>, subject: &str, what: &str, ends: i64, now: i64) -> Problem {
    let (kind, code, verb) = if ends > now {
        (ProblemKind::CredentialExpiring, "PRV-CREDENTIAL-ENDS", "ends")
    } else {
        (
            ProblemKind::CredentialExpired,
            "PRV-CREDENTIAL-ENDED",
            "has ended",
        )
    };
    let date = provost_scim::resource::rfc3339(ends);
    let day = date.get(..10).unwrap_or(&date);
    let what = what.replacen("the", "The", 1);
    Problem {
        kind,
        connection,
        subject: subject.to_owned(),
        object_id: None,
        code: code.to_owned(),
        sentence: format!("{what} {verb} on {day}."),
        since: ends - NEAR_DAYS * DAY,
        next_try: None,
        attempts: 0,
        key,
    }
}

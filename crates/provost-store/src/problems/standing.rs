//! Connections that are not active, imports that wait for a decision, domains and letters in trouble.

use super::{Asked, DAY, Found, NEAR_DAYS, Place, Problem, ProblemKind, Told};
use crate::connection::{Connection, State};
use crate::federation::{self, State as Federated};
use crate::{Result, Tx, microsoft_365, migration};

crate::statements! {
    HELD = "SELECT p.name, i.key, i.started FROM inbound_provider p JOIN import_run i ON i.provider = p.key AND i.state = 'held' \
            WHERE p.workspace = $1";
}

/// What is found, whatever the page: it is little.
pub(super) fn find(
    tx: &mut Tx,
    asked: &Asked,
    connections: &[Connection],
    found: &mut Vec<Found>,
) -> Result<()> {
    let stopped = connections.iter().filter(|c| c.state != State::Active);
    found.extend(stopped.map(|connection| whole(of(connection))));
    if asked.connection.is_none() {
        found.extend(tx.query(HELD, &[asked.workspace.into()], |r| {
            Ok(whole(Problem {
                kind: ProblemKind::ImportHeld,
                connection: None,
                subject: r.text(0)?,
                object_id: None,
                code: "PRV-IMPORT-HELD".to_owned(),
                sentence: "An import found people missing, and removes nobody until somebody decides."
                    .to_owned(),
                since: r.int(2)?,
                next_try: None,
                attempts: 0,
                key: r.int(1)?,
            }))
        })?);
        federations(tx, asked, found)?;
        letters(tx, asked, found)?;
    }
    Ok(())
}

/// Days before the end of a certificate from which on it is a problem: the sooner it is renewed, the calmer.
const CERTIFICATE: i64 = 60 * DAY;
/// And up to when: from then on it stands among the credentials that end soon.
const CREDENTIAL: i64 = NEAR_DAYS * DAY;

/// Domains that stand otherwise at Microsoft than they should, and those whose certificate ends soon.
fn federations(tx: &mut Tx, asked: &Asked, found: &mut Vec<Found>) -> Result<()> {
    for one in federation::of_workspace(tx, asked.workspace)? {
        let Some(provider) = microsoft_365::by_key(tx, one.provider)? else {
            continue;
        };
        let problem = |code: &str, sentence: String, since| Problem {
            kind: ProblemKind::Federation,
            connection: None,
            subject: provider.name.clone(),
            object_id: None,
            code: code.to_owned(),
            sentence,
            since,
            next_try: None,
            attempts: 0,
            key: one.provider,
        };
        if !one.trouble.is_empty() {
            let told = problem("PRV-FEDERATION-OTHERWISE", one.trouble.clone(), one.trouble_since);
            found.push(whole(told));
        } else if one.state == Federated::Federated && is_near(one.ends, asked.now) {
            let sentence = format!(
                "The certificate that the sign-ins of {} are signed with ends soon.",
                provider.domain
            );
            let since = one.ends - CERTIFICATE;
            found.push(whole(problem("PRV-FEDERATION-CERTIFICATE", sentence, since)));
        }
    }
    Ok(())
}

/// Whether a certificate ends soon, and not so soon that it is told otherwise. 0: its end is not known.
fn is_near(ends: i64, now: i64) -> bool {
    ends > 0 && now > ends - CERTIFICATE && now <= ends - CREDENTIAL
}

/// Letters of open migrations that were given up.
fn letters(tx: &mut Tx, asked: &Asked, found: &mut Vec<Found>) -> Result<()> {
    for (key, number, at) in migration::failed_letters(tx, asked.workspace)? {
        let Some(provider) = microsoft_365::by_key(tx, key)? else {
            continue;
        };
        if migration::is_closed(tx, key)? {
            continue;
        }
        found.push(whole(Problem {
            kind: ProblemKind::Letters,
            connection: None,
            subject: provider.name.clone(),
            object_id: None,
            code: "PRV-LETTERS-FAILED".to_owned(),
            sentence: format!("Letters of the migration that could not be sent and were given up: {number}."),
            since: at,
            next_try: None,
            attempts: 0,
            key,
        }));
    }
    Ok(())
}

/// A problem that is known as a whole, at its place.
pub(super) fn whole(problem: Problem) -> Found {
    Found {
        place: Place {
            since: problem.since,
            kind: problem.kind,
            source: 0,
            first: problem.key,
            second: 0,
        },
        problem: Told::Whole(Box::new(problem)),
    }
}

fn of(connection: &Connection) -> Problem {
    let is_tried = connection.state == State::Quarantine;
    let sentence = match (connection.reason.is_empty(), connection.state) {
        (false, _) => connection.reason.clone(),
        (true, State::Paused) => "The connection was paused.".to_owned(),
        (true, state) => format!("The connection is {}.", state.name()),
    };
    Problem {
        kind: ProblemKind::Connection,
        connection: Some(connection.name.clone()),
        subject: connection.name.clone(),
        object_id: None,
        code: connection.code.clone(),
        sentence,
        since: connection.since,
        next_try: Some(connection.next_try).filter(|at| is_tried && *at > 0),
        attempts: connection.failures,
        key: connection.key,
    }
}

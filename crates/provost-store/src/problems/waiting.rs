//! Steps that failed, wait for a decision or are in doubt: many, so each walk reads the index alone, and a row is
//! looked at when a page shows it.

use super::{Asked, Found, Place, Problem, ProblemKind, Told, after};
use crate::connection::Connection;
use crate::{Result, Tx, retry};

crate::statements! {
    RULES = "SELECT key FROM rule WHERE connection = $1 ORDER BY key";
    RETRIES = "SELECT first, object, member FROM retry WHERE rule = $1 AND (first, object, member) > ($2, $3, $4) \
               ORDER BY first, object, member LIMIT $5";
    STAGED = "SELECT created, key FROM staged_step WHERE connection = $1 AND decision = 'pending' AND (created, key) > ($2, $3) \
              ORDER BY created, key LIMIT $4";
    DOUBTS = "SELECT created, key FROM doubt WHERE connection = $1 AND decision = '' AND (created, key) > ($2, $3) \
              ORDER BY created, key LIMIT $4";
    RETRY = "SELECT COALESCE(o.label, l.label, ''), COALESCE(o.id, l.object_id), y.code, y.reason, y.next_try, y.attempts, r.connection \
             FROM retry y JOIN rule r ON r.key = y.rule LEFT JOIN object o ON o.key = y.object \
             LEFT JOIN link l ON l.rule = y.rule AND l.object = y.object WHERE y.rule = $1 AND y.object = $2 AND y.member = $3";
    STEP = "SELECT s.label, COALESCE(o.id, l.object_id), s.action FROM staged_step s LEFT JOIN object o ON o.key = s.object \
            LEFT JOIN link l ON l.rule = s.rule AND l.object = s.object WHERE s.key = $1 AND s.decision = 'pending'";
    DOUBT = "SELECT d.label, o.id, d.code, d.reason FROM doubt d LEFT JOIN object o ON o.key = d.object \
             WHERE d.key = $1 AND d.decision = ''";
}

/// Looks for what comes after a place, at most `limit` of each source.
pub(super) fn find(
    tx: &mut Tx,
    asked: &Asked,
    connections: &[Connection],
    from: Option<Place>,
    limit: usize,
    found: &mut Vec<Found>,
) -> Result<()> {
    let is_wanted = |kind| asked.kind.is_none_or(|wanted| wanted == kind);
    for connection in connections {
        if is_wanted(ProblemKind::Retry) {
            for rule in tx.query(RULES, &[connection.key.into()], |r| r.int(0))? {
                retries(tx, rule, from, limit, found)?;
            }
        }
        for (kind, sql) in [(ProblemKind::Staged, STAGED), (ProblemKind::Doubt, DOUBTS)] {
            if is_wanted(kind) {
                by_key(tx, sql, kind, connection.key, from, limit, found)?;
            }
        }
    }
    Ok(())
}

fn retries(tx: &mut Tx, rule: i64, from: Option<Place>, limit: usize, found: &mut Vec<Found>) -> Result<()> {
    let kind = ProblemKind::Retry;
    let (since, first, second) = after(from, kind, rule);
    let params = [
        rule.into(),
        since.into(),
        first.into(),
        second.into(),
        (limit as i64).into(),
    ];
    found.extend(tx.query(RETRIES, &params, |r| {
        let place = Place {
            since: r.int(0)?,
            kind,
            source: rule,
            first: r.int(1)?,
            second: r.int(2)?,
        };
        Ok(later(place))
    })?);
    Ok(())
}

fn later(place: Place) -> Found {
    Found {
        place,
        problem: Told::Later,
    }
}

fn by_key(
    tx: &mut Tx,
    sql: &str,
    kind: ProblemKind,
    connection: i64,
    from: Option<Place>,
    limit: usize,
    found: &mut Vec<Found>,
) -> Result<()> {
    let (since, first, _) = after(from, kind, connection);
    let params = [
        connection.into(),
        since.into(),
        first.into(),
        (limit as i64).into(),
    ];
    found.extend(tx.query(sql, &params, |r| {
        let place = Place {
            since: r.int(0)?,
            kind,
            source: connection,
            first: r.int(1)?,
            second: 0,
        };
        Ok(later(place))
    })?);
    Ok(())
}

/// What there is to say about one of them; none when it is over meanwhile.
pub(super) fn tell(tx: &mut Tx, connections: &[Connection], place: Place) -> Result<Option<Problem>> {
    match place.kind {
        ProblemKind::Retry => tell_retry(tx, connections, place),
        ProblemKind::Staged => tx.first(STEP, &[place.first.into()], |r| {
            let sentence = format!("The step \"{}\" waits for a decision.", r.str(2)?);
            let told = Problem {
                code: "PRV-STAGED".to_owned(),
                subject: r.text(0)?,
                object_id: r.uuid_or_null(1)?,
                sentence,
                ..plain(place, name(connections, place.source))
            };
            Ok(told)
        }),
        _ => tx.first(DOUBT, &[place.first.into()], |r| {
            Ok(Problem {
                subject: r.text(0)?,
                object_id: r.uuid_or_null(1)?,
                code: r.text(2)?,
                sentence: r.text(3)?,
                ..plain(place, name(connections, place.source))
            })
        }),
    }
}

fn tell_retry(tx: &mut Tx, connections: &[Connection], place: Place) -> Result<Option<Problem>> {
    let params = [place.source.into(), place.first.into(), place.second.into()];
    tx.first(RETRY, &params, |r| {
        Ok(Problem {
            subject: r.text(0)?,
            object_id: r.uuid_or_null(1)?,
            code: r.text(2)?,
            sentence: r.text(3)?,
            next_try: Some(r.int(4)?).filter(|at| *at != retry::NEVER),
            attempts: r.int(5)?,
            ..plain(place, name(connections, r.int(6)?))
        })
    })
}

fn name(connections: &[Connection], key: i64) -> Option<String> {
    let found = connections.iter().find(|c| c.key == key);
    found.map(|c| c.name.clone())
}

/// A problem of which nothing more is known yet.
fn plain(place: Place, connection: Option<String>) -> Problem {
    Problem {
        kind: place.kind,
        connection,
        subject: String::new(),
        object_id: None,
        code: String::new(),
        sentence: String::new(),
        since: place.since,
        next_try: None,
        attempts: 0,
        key: place.first,
    }
}

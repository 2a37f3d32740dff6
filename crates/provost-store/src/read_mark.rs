//! Where the reading of a target's changes goes on.

use crate::directory::kind_number;
use crate::{Result, Tx};
use provost_engine::object::Kind;

crate::statements! {
    GET = "SELECT mark, taken FROM read_mark WHERE connection = $1 AND kind = $2 AND attributes = $3";
    PUT = "INSERT INTO read_mark (connection, kind, attributes, mark, taken) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (connection, kind) DO UPDATE SET attributes = excluded.attributes, mark = excluded.mark, \
           taken = excluded.taken";
    TAKEN = "SELECT MIN(taken) FROM read_mark WHERE connection = $1";
    REMOVE = "DELETE FROM read_mark WHERE connection = $1 AND kind = $2";
    REMOVE_ALL = "DELETE FROM read_mark WHERE connection = $1";
}

/// A place in a target's changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The target's word for the place.
    pub mark: String,
    /// When it was taken.
    pub taken: i64,
}

/// What is asked for, as one text: the order of the attributes does not matter.
fn asked(attributes: &[String]) -> String {
    let mut sorted: Vec<&str> = attributes.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.join(",")
}

/// The place that was kept for people or groups. None when nothing was read yet, or with other attributes: what
/// is asked for now was not read there, so the reading begins anew.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, connection: i64, kind: Kind, attributes: &[String]) -> Result<Option<Mark>> {
    let asked = asked(attributes);
    let params = [connection.into(), kind_number(kind).into(), (&asked).into()];
    tx.first(GET, &params, |r| {
        Ok(Mark {
            mark: r.text(0)?,
            taken: r.int(1)?,
        })
    })
}

/// Keeps a place. To be called in the commit that deals with what was read before it, never sooner.
///
/// # Errors
/// Any error of the database.
pub fn put(
    tx: &mut Tx,
    now: i64,
    connection: i64,
    kind: Kind,
    attributes: &[String],
    mark: &str,
) -> Result<()> {
    let asked = asked(attributes);
    let params = [
        connection.into(),
        kind_number(kind).into(),
        (&asked).into(),
        mark.into(),
        now.into(),
    ];
    tx.execute(PUT, &params)?;
    Ok(())
}

/// When the oldest of a connection's places was taken; none when nothing was read yet.
///
/// # Errors
/// Any error of the database.
pub fn taken(tx: &mut Tx, connection: i64) -> Result<Option<i64>> {
    Ok(tx
        .first(TAKEN, &[connection.into()], |r| r.int_or_null(0))?
        .flatten())
}

/// Forgets the place of people or groups, or (none) of both: the next reading begins anew.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, connection: i64, kind: Option<Kind>) -> Result<()> {
    match kind {
        Some(kind) => tx.execute(REMOVE, &[connection.into(), kind_number(kind).into()])?,
        None => tx.execute(REMOVE_ALL, &[connection.into()])?,
    };
    Ok(())
}

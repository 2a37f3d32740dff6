//! Whether a connection means somebody, asked about one person outside of any cycle: sign-in to an application has the same
//! scope as its accounts, and is decided by the same assignment and the same filters.

use crate::assigned::Assigned;
use provost_engine::object::{Kind, Source};
use provost_store::connection::Connection;
use provost_store::directory::Object;
use provost_store::{Tx, rule};

/// Whether this person is in the connection's scope at this moment: assigned, and let in by the filters of a rule for people
/// that is switched on. Whether they are active is for the caller to ask. A rule that cannot be applied lets nobody in.
///
/// # Errors
/// Any error of the database.
pub fn is_meant(tx: &mut Tx, connection: &Connection, person: &Object) -> provost_store::Result<bool> {
    if person.kind != Kind::Person || person.workspace != connection.workspace {
        return Ok(false);
    }
    let assigned = Assigned::of(&connection.preferences, connection.key);
    if !assigned.contains(tx, person.kind, person.key)? {
        return Ok(false);
    }
    let (id, document) = (person.id.to_string(), person.value()?);
    let source = Source {
        kind: person.kind,
        id: &id,
        document: &document,
        assigned: true,
    };
    let rules = rule::of_connection(tx, connection.key)?;
    let on = rules
        .iter()
        .filter(|one| one.kind == Kind::Person && one.rule.enabled && !one.rule.removing);
    for one in on {
        // What cannot be compiled or applied stops a cycle, and lets nobody in here.
        let admits = one.rule.compile().ok().map(|compiled| compiled.admits(&source));
        if let Some(Ok(true)) = admits {
            return Ok(true);
        }
    }
    Ok(false)
}

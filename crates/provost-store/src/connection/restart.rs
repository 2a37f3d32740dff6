//! Starting a connection over, wholly or in part (Microsoft Graph `synchronizationJob: restart`, whose
//! `resetScope` has these values).

use super::Connection;
use crate::{Result, Tx, audit, identifier, staged};

crate::statements! {
    WATERMARK = "UPDATE connection SET watermark = -1 WHERE key = $1";
    LOOK_AGAIN = "INSERT INTO revisit (connection, object, member, due, reason) \
                  SELECT DISTINCT r.connection, y.object, y.member, CAST($1 AS BIGINT), 'restart' FROM retry y \
                  JOIN rule r ON r.key = y.rule WHERE r.connection = $2 ON CONFLICT (connection, object, member) \
                  DO UPDATE SET due = excluded.due, reason = excluded.reason";
    ESCROWS = "DELETE FROM retry WHERE rule IN (SELECT key FROM rule WHERE connection = $1)";
    QUARANTINE = "UPDATE connection SET since = $1, state = 'active', reason = '', code = '', failures = 0, next_try = 0 \
                  WHERE key = $2 AND state = 'quarantine'";
    LINKS = "DELETE FROM link WHERE rule IN (SELECT key FROM rule WHERE connection = $1)";
    MEMBERS = "DELETE FROM link_member WHERE rule IN (SELECT key FROM rule WHERE connection = $1)";
    REFERENCES = "DELETE FROM pending_reference WHERE rule IN (SELECT key FROM rule WHERE connection = $1)";
    DRIFT = "DELETE FROM drift WHERE rule IN (SELECT key FROM rule WHERE connection = $1)";
    LICENCES = "DELETE FROM link_licence WHERE rule IN (SELECT key FROM rule WHERE connection = $1)";
    STATUS = "DELETE FROM sync_status WHERE rule IN (SELECT key FROM rule WHERE connection = $1)";
    DOUBTS = "DELETE FROM doubt WHERE connection = $1";
    READ_MARKS = "DELETE FROM read_mark WHERE connection = $1";
    GROUP_LICENCES = "UPDATE group_licence SET written = FALSE WHERE connection = $1 AND way = 'group'";
    ENDED = "DELETE FROM group_licence WHERE connection = $1 AND way = 'ending'";
}

crate::word::words! {
    /// What a restart resets.
    Reset, "reset":
    /// The next cycle is an initial one: it looks at everybody.
    Watermark = "watermark",
    /// Waiting retries are forgotten with their counts; their objects are looked at anew in the next cycle.
    Escrows = "escrows",
    /// A quarantine is lifted. A connection that a person paused, or that was switched off after 28 days, stays
    /// so until it is resumed; an invalid one until its test succeeds.
    Quarantine = "quarantine",
    /// Every link is broken: everybody is matched again. The accounts in the target stay, with their licences.
    /// What somebody was asked about a match is asked anew, and the target's changes are read from the start.
    Links = "links",
    /// Everything that the guard holds is approved.
    ForceDeletes = "force_deletes",
    /// All of them but [`Reset::ForceDeletes`].
    Full = "full",
}

/// What an empty list of resets means, as in Microsoft Graph.
const USUAL: &[Reset] = &[Reset::Quarantine, Reset::Watermark, Reset::Escrows];
const FULL: &[Reset] = &[Reset::Quarantine, Reset::Watermark, Reset::Escrows, Reset::Links];

/// Resets what is named; nothing named means quarantine, watermark and escrows. A cycle that runs is not
/// interrupted: it ends under what it began with, and the next one starts over.
///
/// # Errors
/// Any error of the database.
pub fn restart(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, resets: &[Reset]) -> Result<()> {
    let asked = if resets.is_empty() { USUAL } else { resets };
    let names: Vec<&str> = asked.iter().map(|one| one.as_str()).collect();
    let (workspace, detail) = (connection.workspace, names.join(" "));
    audit::append_named(
        tx,
        workspace,
        now,
        actor,
        "connection.restart",
        &connection.name,
        &detail,
    )?;
    let all = asked.iter().flat_map(|one| match one {
        Reset::Full => FULL,
        one => std::slice::from_ref(one),
    });
    for reset in all {
        apply(tx, actor, now, connection, *reset)?;
    }
    Ok(())
}

/// What is known only through links: with them goes what was written through them, what somebody was asked about
/// them, and how far the target's changes were read.
const OF_LINKS: &[&str] = &[
    LINKS,
    MEMBERS,
    REFERENCES,
    DRIFT,
    LICENCES,
    STATUS,
    DOUBTS,
    READ_MARKS,
    GROUP_LICENCES,
    ENDED,
];

fn apply(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, reset: Reset) -> Result<()> {
    let key = connection.key;
    match reset {
        Reset::Watermark => reset_watermark(tx, key)?,
        Reset::Escrows => {
            tx.execute(LOOK_AGAIN, &[now.into(), key.into()])?;
            tx.execute(ESCROWS, &[key.into()])?;
        }
        Reset::Quarantine => {
            tx.execute(QUARANTINE, &[now.into(), key.into()])?;
        }
        Reset::Links => {
            identifier::drop_connection(tx, key)?;
            for sql in OF_LINKS {
                tx.execute(sql, &[key.into()])?;
            }
        }
        Reset::ForceDeletes => {
            staged::decide_all(tx, actor, now, connection, staged::Decision::Approved)?;
        }
        Reset::Full => {}
    }
    Ok(())
}

/// The next cycle is an initial one.
pub(crate) fn reset_watermark(tx: &mut Tx, connection: i64) -> Result<()> {
    tx.execute(WATERMARK, &[connection.into()])?;
    Ok(())
}

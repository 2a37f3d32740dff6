//! Removing a connection with everything that belongs to it, a stretch at a time.

use super::{Connection, State};
use crate::{Error, Result, Tx, audit, microsoft_365, secret};

/// The rows of a table that belong to the connection `$1`, at most `$2`.
macro_rules! of_connection {
    ($table:literal, $keys:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE (",
            $keys,
            ") IN (SELECT ",
            $keys,
            " FROM ",
            $table,
            " WHERE connection = $1 LIMIT $2)"
        )
    };
}

/// The same for a table whose rows belong to a rule.
macro_rules! of_rules {
    ($table:literal, $keys:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE (",
            $keys,
            ") IN (SELECT ",
            $keys,
            " FROM ",
            $table,
            " WHERE rule IN (SELECT key FROM rule WHERE connection = $1) LIMIT $2)"
        )
    };
}

crate::statements! {
    RUNS = "SELECT 1 FROM lease WHERE connection = $1 AND expires > $2";
    STOP = "UPDATE connection SET state = 'paused', reason = 'The connection is being removed.', \
            code = 'PRV-CONNECTION-REMOVED' WHERE key = $1";
    // Before the links: who is linked elsewhere too keeps what they hold.
    IDENTIFIERS = "DELETE FROM identifier WHERE (workspace, sort, value) IN (SELECT i.workspace, i.sort, i.value FROM link l \
                   JOIN rule r ON r.key = l.rule JOIN identifier i ON i.object = l.object WHERE r.connection = $1 \
                   AND NOT EXISTS (SELECT 1 FROM link x JOIN rule y ON y.key = x.rule WHERE x.object = l.object \
                   AND y.connection <> r.connection) LIMIT $2)";
    TIES = "DELETE FROM identifier WHERE (workspace, sort, value) IN (SELECT i.workspace, i.sort, i.value FROM tenant_account t \
            JOIN identifier i ON i.object = t.person WHERE t.connection = $1 AND t.state = 4 AND NOT EXISTS (SELECT 1 \
            FROM tenant_account x WHERE x.person = t.person AND x.person > 0 AND x.connection <> t.connection) LIMIT $2)";
    ACCOUNTS = of_connection!("tenant_account", "connection, id");
    PEOPLE = of_connection!("tenant_person", "connection, object");
    READINGS = of_connection!("tenant_read", "connection");
    LINKS = of_rules!("link", "rule, object");
    MEMBERS = of_rules!("link_member", "rule, group_key, member_key");
    REFERENCES = of_rules!("pending_reference", "rule, object, attribute");
    RETRIES = of_rules!("retry", "rule, object, member");
    DRIFT = of_rules!("drift", "rule, object, attribute");
    LICENCES = of_rules!("link_licence", "rule, object, product");
    STATUS = of_rules!("sync_status", "rule, object");
    STEPS = "DELETE FROM plan_step WHERE (plan, position) IN (SELECT s.plan, s.position FROM plan_step s \
             JOIN plan p ON p.key = s.plan WHERE p.connection = $1 LIMIT $2)";
    PLANS = of_connection!("plan", "key");
    LOG = of_connection!("provisioning_log", "key");
    CYCLES = of_connection!("cycle", "key");
    STAGED = of_connection!("staged_step", "key");
    ASSIGNMENTS = of_connection!("assignment", "connection, object");
    REVISITS = of_connection!("revisit", "connection, object, member");
    PROTECTIONS = of_connection!("protection", "key");
    UNOWNED = of_connection!("unowned", "connection, kind, target_id");
    PRODUCTS = of_connection!("product", "key");
    GROUP_LICENCES = of_connection!("group_licence", "key");
    DOUBTS = of_connection!("doubt", "key");
    LEAVERS = of_connection!("leaver", "connection, object");
    READ_MARKS = of_connection!("read_mark", "connection, kind");
    VERSIONS = of_connection!("config_version", "key");
    NOTICES = of_connection!("notice", "key");
    SCHEMA = of_connection!("foreign_schema", "connection");
    DAYS = of_connection!("connection_day", "connection, day");
    APPLICATION_TOKENS = "DELETE FROM application_token WHERE hash IN (SELECT t.hash FROM application_entry e \
                          JOIN application_token t ON t.entry = e.key WHERE e.connection = $1 LIMIT $2)";
    APPLICATION_ENTRIES = of_connection!("application_entry", "key");
    APPLICATION_REQUESTS = of_connection!("application_request", "hash");
    APPLICATION_ASSERTIONS = of_connection!("application_assertion", "hash");
    APPLICATION_SECRETS = of_connection!("application_secret", "key");
    APPLICATION = of_connection!("application", "connection");
    RULES = of_connection!("rule", "key");
    LEASE = of_connection!("lease", "connection");
    CONNECTION = "DELETE FROM connection WHERE key = $1";
}

/// In this order: what belongs to a rule is found by the rule, steps by their plan.
const PARTS: &[&str] = &[
    IDENTIFIERS,
    TIES,
    ACCOUNTS,
    PEOPLE,
    READINGS,
    LINKS,
    MEMBERS,
    REFERENCES,
    RETRIES,
    DRIFT,
    LICENCES,
    STATUS,
    STEPS,
    PLANS,
    LOG,
    CYCLES,
    STAGED,
    ASSIGNMENTS,
    REVISITS,
    PROTECTIONS,
    UNOWNED,
    GROUP_LICENCES,
    PRODUCTS,
    DOUBTS,
    LEAVERS,
    READ_MARKS,
    VERSIONS,
    NOTICES,
    SCHEMA,
    DAYS,
    APPLICATION_TOKENS,
    APPLICATION_ENTRIES,
    APPLICATION_REQUESTS,
    APPLICATION_ASSERTIONS,
    APPLICATION_SECRETS,
    APPLICATION,
    RULES,
    LEASE,
];

/// Removes a connection with its rules, links, secrets, plans and log, at most `limit` rows at a time, so that
/// other writes wait no longer than that takes. Answers whether it is gone: until then it is paused, and the
/// caller calls again. The accounts in the target stay as they are, and so does the audit log.
///
/// # Errors
/// [`Error::Refused`]: `PRV-CONNECTION-RUNS` while a cycle runs; `PRV-PROVIDER-OWNS` for a provider's connection, which goes
/// with its provider.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, limit: i64) -> Result<bool> {
    microsoft_365::refuse_alone(tx, connection)?;
    remove_owned(tx, actor, now, connection, limit)
}

/// [`remove`] by the provider that the connection belongs to.
pub(crate) fn remove_owned(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    limit: i64,
) -> Result<bool> {
    let key = connection.key;
    if tx.first(RUNS, &[key.into(), now.into()], |_| Ok(()))?.is_some() {
        let sentence = format!(
            "the connection \"{}\" cannot be removed while a cycle runs",
            connection.name
        );
        let hint = "Pause it, wait until the cycle has ended, and remove it then.";
        return Err(Error::refused("PRV-CONNECTION-RUNS", sentence, hint));
    }
    let mut left = limit.max(1);
    for sql in PARTS {
        let rows = tx.execute(sql, &[key.into(), left.into()])?;
        left -= i64::try_from(rows).unwrap_or(left);
        if left <= 0 {
            tx.execute(STOP, &[key.into()])?;
            return Ok(false);
        }
    }
    secret::wipe(tx, "connection", key)?;
    tx.execute(CONNECTION, &[key.into()])?;
    let (workspace, name) = (connection.workspace, &connection.name);
    let detail = format!(
        "{}, it was {}",
        connection.connector,
        State::name(connection.state)
    );
    audit::append_named(tx, workspace, now, actor, "connection.remove", name, &detail)?;
    Ok(true)
}

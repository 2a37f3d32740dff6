//! What administrators change of a connection: each change keeps a version of the configuration.

use super::{Assignment, Condition, Connection, Preferences, State, by_key, set_state};
use crate::config_version::{self, Definition};
use crate::{Error, Result, Tx, audit, group_licence, microsoft_365, read_mark, rule, secret, word};
use provost_engine::policy::Guard;
use serde_json::Value;
use std::collections::BTreeMap;

crate::statements! {
    SET_PREFERENCES = "UPDATE connection SET preferences = $1 WHERE key = $2";
    SET_SETTINGS = "UPDATE connection SET settings = $1 WHERE key = $2";
    SET_GUARD = "UPDATE connection SET guard = $1 WHERE key = $2";
    UNTESTED = "UPDATE connection SET tested = 0, checks = '' WHERE key = $1";
    RENAME = "UPDATE connection SET name = $1 WHERE key = $2";
    LINKED = "SELECT 1 FROM link WHERE rule IN (SELECT key FROM rule WHERE connection = $1) LIMIT 1";
}

/// The code of a connection that leads to another address or tenant than the one its links were made in.
const MOVED: &str = "PRV-TARGET-MOVED";
const MOVED_REASON: &str = "The connection leads to another address or tenant now, where the accounts it is linked to may \
                            be nobody's or somebody else's. If it is the same system under another name, resume it. \
                            If it is another system, restart it with a full reset, which looks for everybody anew, \
                            and then resume it.";

/// Changes how a connection runs. Switching between everybody and who is assigned asks for no new initial
/// cycle by itself; `restart` does.
///
/// # Errors
/// [`Error::Refused`]: `PRV-PREFERENCES` for a number out of its range; `PRV-PROVIDER-NOT-ASSIGNABLE` for everybody while
/// nobody can be assigned to the connection's provider.
pub fn set_preferences(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    preferences: &Preferences,
) -> Result<()> {
    write_preferences(tx, actor, now, connection, preferences)?;
    config_version::append(tx, actor, now, connection, "preferences").map(drop)
}

fn write_preferences(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    preferences: &Preferences,
) -> Result<()> {
    preferences.check()?;
    if preferences.assignment == Assignment::All {
        microsoft_365::refuse_locked(tx, connection.key, "it cannot be set to everybody")?;
    }
    let text = preferences.to_text()?;
    tx.execute(SET_PREFERENCES, &[(&text).into(), connection.key.into()])?;
    let (workspace, name) = (connection.workspace, &connection.name);
    audit::append_named(tx, workspace, now, actor, "connection.preferences", name, &text)
}

/// Changes a connector's settings. When they lead to another host, every secret of the connection is
/// forgotten: it was entered for the old one. Answers whether that happened. A connection with links is paused
/// (`PRV-TARGET-MOVED`) when any of its addresses, or its tenant, is another one: on another system the ids they
/// name are nobody's, or somebody else's.
///
/// # Errors
/// Any error of the database.
pub fn set_settings(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    settings: &Value,
) -> Result<bool> {
    let wiped = write_settings(tx, actor, now, connection, settings)?;
    config_version::append(tx, actor, now, connection, "settings")?;
    Ok(wiped)
}

fn write_settings(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    settings: &Value,
) -> Result<bool> {
    microsoft_365::refuse_moved(tx, connection, settings)?;
    // What is stored counts, not what the caller read some time ago.
    let before = by_key(tx, connection.key)?.map_or(Value::Null, |c| c.settings);
    let text = settings.to_string();
    tx.execute(SET_SETTINGS, &[(&text).into(), connection.key.into()])?;
    let (workspace, name) = (connection.workspace, &connection.name);
    audit::append_named(tx, workspace, now, actor, "connection.settings", name, &text)?;
    let moved = leads_elsewhere(&before, settings);
    if moved {
        secret::wipe(tx, "connection", connection.key)?;
        let detail = "the host changed";
        audit::append_named(
            tx,
            workspace,
            now,
            actor,
            "connection.secrets_wiped",
            name,
            detail,
        )?;
    }
    if before != *settings {
        tx.execute(UNTESTED, &[connection.key.into()])?;
    }
    if addresses(&before) != addresses(settings) {
        read_mark::remove(tx, connection.key, None)?;
        pause_linked(tx, actor, now, connection)?;
    }
    Ok(moved)
}

/// Whether settings lead to another host than before: a secret that was entered for one is not sent to the other.
pub fn leads_elsewhere(before: &Value, after: &Value) -> bool {
    origins(before) != origins(after)
}

/// A connection with links waits for a person once it leads somewhere else.
fn pause_linked(tx: &mut Tx, actor: &str, now: i64, connection: &Connection) -> Result<()> {
    if tx.first(LINKED, &[connection.key.into()], |_| Ok(()))?.is_none() {
        return Ok(());
    }
    let to = Condition {
        state: State::Paused,
        reason: MOVED_REASON.to_owned(),
        code: MOVED.to_owned(),
        ..Condition::default()
    };
    set_state(tx, actor, now, connection, &to)
}

/// Scheme, host and port of every address in the settings, by the place where it stands.
fn origins(settings: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(settings, &mut String::new(), &mut found, origin);
    found
}

/// Where the settings lead: every whole address, and the tenant.
fn addresses(settings: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(settings, &mut String::new(), &mut found, |text| {
        let rest = text.trim().trim_end_matches('/');
        origin(text).map(|origin| format!("{origin} {}", rest.splitn(4, '/').nth(3).unwrap_or_default()))
    });
    let tenant = settings.get("tenant").and_then(Value::as_str);
    found.extend(tenant.map(|tenant| ("tenant".to_owned(), tenant.trim().to_lowercase())));
    found
}

fn collect(
    value: &Value,
    path: &mut String,
    found: &mut BTreeMap<String, String>,
    read: fn(&str) -> Option<String>,
) {
    let length = path.len();
    let mut enter = |name: &str, inner: &Value, path: &mut String| {
        path.push('/');
        path.push_str(name);
        collect(inner, path, found, read);
        path.truncate(length);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| enter(name, inner, path)),
        Value::Array(items) => (0..)
            .zip(items)
            .for_each(|(i, inner): (usize, _)| enter(&i.to_string(), inner, path)),
        Value::String(text) => {
            if let Some(place) = read(text) {
                found.insert(path.clone(), place);
            }
        }
        _ => {}
    }
}

/// `https://App.contoso.example:8443/scim` leads to `https://app.contoso.example:8443`. Who signs in by the
/// address itself (`user@`) is no part of the host.
fn origin(text: &str) -> Option<String> {
    let (scheme, rest) = text.trim().split_once("://")?;
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some(format!("{scheme}://{host}").to_lowercase())
}

/// Changes the deletion guard.
///
/// # Errors
/// Any error of the database.
pub fn set_guard(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, guard: &Guard) -> Result<()> {
    write_guard(tx, actor, now, connection, guard)?;
    config_version::append(tx, actor, now, connection, "guard").map(drop)
}

fn write_guard(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, guard: &Guard) -> Result<()> {
    let text = serde_json::to_string(guard).map_err(|e| Error::Damaged(e.to_string()))?;
    tx.execute(SET_GUARD, &[(&text).into(), connection.key.into()])?;
    let (workspace, name) = (connection.workspace, &connection.name);
    audit::append_named(tx, workspace, now, actor, "connection.guard", name, &text)
}

/// Gives a connection another name.
///
/// # Errors
/// [`Error::Refused`]: `PRV-NAME` for a name that cannot be printed, `PRV-PROVIDER-OWNS` for a provider's connection;
/// [`Error::Conflict`] when it is taken in the workspace.
pub fn rename(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, name: &str) -> Result<()> {
    word::check_name("connection", name)?;
    let hint = "Change the provider's label: its display name is for good.";
    microsoft_365::refuse_owned(tx, connection, "renamed", hint)?;
    tx.execute(RENAME, &[name.into(), connection.key.into()])?;
    let detail = format!("to {name}");
    let (workspace, before) = (connection.workspace, &connection.name);
    audit::append_named(tx, workspace, now, actor, "connection.rename", before, &detail)
}

/// Makes a connection's configuration exactly `to`, in one version with this note: what a file of the
/// configuration, or an older version, is applied by. Parts that are the same are not written. Answers
/// whether the secrets were forgotten, because the host changed.
///
/// # Errors
/// As those of [`set_preferences`], [`set_settings`] and [`rule::replace_all`].
pub fn configure(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    to: &Definition,
    note: &str,
) -> Result<bool> {
    let before = config_version::current(tx, connection.key)?;
    let mut wiped = false;
    if before.settings != to.settings {
        wiped = write_settings(tx, actor, now, connection, &to.settings)?;
    }
    if before.preferences != to.preferences {
        write_preferences(tx, actor, now, connection, &to.preferences)?;
    }
    if before.guard != to.guard {
        write_guard(tx, actor, now, connection, &to.guard)?;
    }
    rule::write_all(tx, actor, now, connection, &to.rules)?;
    if let Some(wanted) = to
        .group_licences
        .as_deref()
        .filter(|_| before.group_licences != to.group_licences)
    {
        group_licence::configure(tx, actor, now, connection, wanted)?;
    }
    config_version::append(tx, actor, now, connection, note)?;
    Ok(wiped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_is_known_by_where_it_leads() {
        let same = |one: &str, other: &str| origins(&json!({"url": one})) == origins(&json!({"url": other}));
        assert!(same(
            "https://app.contoso.example/scim",
            "HTTPS://App.Contoso.Example/v2?x=1"
        ));
        assert!(!same("https://app.contoso.example", "http://app.contoso.example"));
        assert!(!same(
            "https://app.contoso.example",
            "https://app.contoso.example:8443"
        ));
        assert!(!same(
            "https://app.contoso.example/",
            "https://app.contoso.example@elsewhere.contoso.example/"
        ));
        assert!(!same(
            "https://app.contoso.example/",
            "https://app.contoso.example.elsewhere.example/"
        ));
    }

    #[test]
    fn another_path_or_tenant_is_another_place_and_another_spelling_is_not() {
        let same = |one: Value, other: Value| addresses(&one) == addresses(&other);
        let at = |url: &str| json!({"url": url, "page": 10});
        assert!(same(
            at("https://App.contoso.example/scim/"),
            at("https://app.contoso.example/scim")
        ));
        assert!(same(
            at("https://app.contoso.example"),
            at("https://app.contoso.example/")
        ));
        assert!(!same(
            at("https://app.contoso.example/scim/a"),
            at("https://app.contoso.example/scim/b")
        ));
        let tenant = |name: &str| json!({"tenant": name, "client_id": "c"});
        assert!(same(
            tenant("Contoso.onmicrosoft.com"),
            tenant("contoso.onmicrosoft.com")
        ));
        assert!(!same(
            tenant("contoso.onmicrosoft.com"),
            tenant("contoso.example")
        ));
    }

    #[test]
    fn what_is_no_address_does_not_matter_and_an_address_anywhere_does() {
        let before = json!({"url": "https://a.contoso.example", "page": 10, "name": "a"});
        let after = json!({"url": "https://a.contoso.example/x", "page": 20, "name": "b"});
        assert_eq!(origins(&before), origins(&after));
        let deeper =
            json!({"url": "https://a.contoso.example", "more": [{"login": "https://b.contoso.example"}]});
        assert_ne!(origins(&before), origins(&deeper));
    }
}

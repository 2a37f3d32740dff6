//! Extensions of the SCIM schema that a workspace defined.

use crate::{Error, Result, Tx, audit, change_log, provider};
use provost_scim::schema::{Attribute, Catalogue, Extension};
use std::sync::Arc;

crate::statements! {
    PUT = "INSERT INTO extension (key, workspace, urn, definition, created) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (workspace, urn) DO UPDATE SET key = excluded.key, definition = excluded.definition";
    ALL = "SELECT definition FROM extension WHERE workspace = $1 ORDER BY urn";
    VERSION = "SELECT COUNT(*), COALESCE(MAX(key), 0) FROM extension WHERE workspace = $1";
    REMOVE = "DELETE FROM extension WHERE workspace = $1 AND urn = $2";
    USED = "SELECT o.label FROM object o WHERE o.workspace = $1 AND o.document LIKE $2 ESCAPE '\\' LIMIT 1";
    USED_DELETED = "SELECT d.label FROM deleted_object d WHERE d.workspace = $1 AND d.document LIKE $2 ESCAPE '\\' LIMIT 1";
    USED_SINCE = "SELECT o.label FROM change_log c JOIN object o ON o.key = c.object \
                  WHERE c.position > $1 AND c.workspace = $2 AND o.document LIKE $3 ESCAPE '\\' LIMIT 1";
    USED_DELETED_SINCE = "SELECT d.label FROM change_log c JOIN deleted_object d ON d.key = c.object \
                          WHERE c.position > $1 AND c.workspace = $2 AND d.document LIKE $3 ESCAPE '\\' LIMIT 1";
}

/// What tells one state of a workspace's extensions from every other: equal versions, equal extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    count: i64,
    newest: i64,
}

/// Defines an extension, or adds to one that is there. An attribute that is there keeps its type, because
/// people may have values of it. Nothing is written when the definition is there as it is.
///
/// # Errors
/// [`Error::Refused`]: `PRV-SCHEMA` when it does not go together with the other extensions or there are too
/// many, `PRV-SCHEMA-CHANGE` when an attribute that is there would go or get another type.
pub fn put(tx: &mut Tx, actor: &str, now: i64, workspace: i64, extension: &Extension) -> Result<()> {
    let urn = key_of(&extension.schema.id);
    let mut others = all(tx, workspace)?;
    if let Some(at) = others.iter().position(|old| key_of(&old.schema.id) == urn) {
        let old = others.remove(at);
        if old == *extension {
            return Ok(());
        }
        keeps(&old, extension)?;
    }
    others.push(extension.clone());
    Catalogue::with(&others).map_err(|e| {
        let sentence = format!("the extension {} cannot be added: {e}", extension.schema.id);
        Error::refused(
            "PRV-SCHEMA",
            sentence,
            "Correct its definition, or remove another extension.",
        )
    })?;
    // A new key each time: it is what the version goes by.
    let key = tx.key();
    let definition = extension.to_json().to_string();
    let params = [
        key.into(),
        workspace.into(),
        (&urn).into(),
        (&definition).into(),
        now.into(),
    ];
    tx.execute(PUT, &params)?;
    audit::append_named(tx, workspace, now, actor, "schema.put", &extension.schema.id, "")
}

/// Refuses a definition that takes from the old one what people may have values of.
fn keeps(old: &Extension, new: &Extension) -> Result<()> {
    let fault = if old.resource == new.resource {
        missing(&old.schema.attributes, &new.schema.attributes)
    } else {
        Some(format!(
            "it is for {} and would be for {}",
            old.resource, new.resource
        ))
    };
    fault.map_or(Ok(()), |fault| {
        Err(Error::refused(
            "PRV-SCHEMA-CHANGE",
            format!("the extension {} cannot be changed so: {fault}", old.schema.id),
            "Add attributes only, or remove the extension first, once nobody has a value of it.",
        ))
    })
}

fn missing(old: &[Attribute], new: &[Attribute]) -> Option<String> {
    old.iter().find_map(|had| {
        let Some(has) = new.iter().find(|one| one.name.eq_ignore_ascii_case(&had.name)) else {
            return Some(format!("the attribute {} would go", had.name));
        };
        if (has.kind, has.multi_valued) != (had.kind, had.multi_valued) {
            return Some(format!("the attribute {} would get another type", had.name));
        }
        missing(&had.sub_attributes, &has.sub_attributes)
    })
}

/// The workspace's extensions by URN.
///
/// # Errors
/// [`Error::Damaged`] when a stored definition cannot be read; any error of the database.
pub fn all(tx: &mut Tx, workspace: i64) -> Result<Vec<Extension>> {
    tx.query(ALL, &[workspace.into()], |r| {
        let damaged = |e: &dyn std::fmt::Display| Error::Damaged(format!("an extension of the schema: {e}"));
        let value = serde_json::from_str(r.str(0)?).map_err(|e| damaged(&e))?;
        Extension::parse(&value).map_err(|e| damaged(&e))
    })
}

/// What the workspace knows of people and groups: the standard, and its extensions.
///
/// # Errors
/// [`Error::Damaged`] when a stored definition cannot be read; any error of the database.
pub fn catalogue(tx: &mut Tx, workspace: i64) -> Result<Arc<Catalogue>> {
    let extensions = all(tx, workspace)?;
    if extensions.is_empty() {
        return Ok(Catalogue::standard());
    }
    Catalogue::with(&extensions)
        .map(Arc::new)
        .map_err(|e| Error::Damaged(format!("the extensions of the schema: {e}")))
}

/// The version of the workspace's extensions, for who keeps a catalogue: as long as it stays, so does the
/// catalogue.
///
/// # Errors
/// Any error of the database.
pub fn version(tx: &mut Tx, workspace: i64) -> Result<Version> {
    let found = tx.first(VERSION, &[workspace.into()], |r| {
        Ok(Version {
            count: r.int(0)?,
            newest: r.int(1)?,
        })
    })?;
    Ok(found.unwrap_or(Version { count: 0, newest: 0 }))
}

/// Proof that at a moment nobody had a value of an extension; see [`unused`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unused {
    /// The change log's position of that moment.
    position: i64,
}

/// Looks through every person and group, also those in the recycle bin, for a value of the extension. It
/// takes seconds with a million people, so it is a read of its own: run it with
/// [`Db::read_within`](crate::Db::read_within), then hand its answer to [`remove`].
///
/// # Errors
/// [`Error::Refused`] (`PRV-SCHEMA-IN-USE`) with somebody who has one.
pub fn unused(tx: &mut Tx, workspace: i64, urn: &str) -> Result<Unused> {
    let position = change_log::last_position(tx)?;
    let pattern = pattern(urn);
    for sql in [USED, USED_DELETED] {
        let who = tx.first(sql, &[workspace.into(), (&pattern).into()], |r| r.text(0))?;
        refuse_used(urn, who)?;
    }
    Ok(Unused { position })
}

/// Removes an extension. Who changed since [`unused`] looked is looked at again. `false`: the workspace has no
/// such extension.
///
/// # Errors
/// [`Error::Refused`]: `PRV-SCHEMA-IN-USE` while a person or group, or one in the recycle bin, has a value of
/// it; `PRV-SCHEMA-SHEET` while a provider's attribute sheet names one of its attributes.
pub fn remove(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    workspace: i64,
    urn: &str,
    unused: &Unused,
) -> Result<bool> {
    let pattern = pattern(urn);
    for sql in [USED_SINCE, USED_DELETED_SINCE] {
        let params = [unused.position.into(), workspace.into(), (&pattern).into()];
        let who = tx.first(sql, &params, |r| r.text(0))?;
        refuse_used(urn, who)?;
    }
    refuse_in_sheet(tx, workspace, urn)?;
    let done = tx.execute(REMOVE, &[workspace.into(), (&key_of(urn)).into()])? > 0;
    if done {
        audit::append_named(tx, workspace, now, actor, "schema.remove", urn, "")?;
    }
    Ok(done)
}

fn refuse_used(urn: &str, who: Option<String>) -> Result<()> {
    who.map_or(Ok(()), |label| {
        Err(Error::refused(
            "PRV-SCHEMA-IN-USE",
            format!("the extension {urn} is in use: \"{label}\" has a value of it"),
            "Clear its attributes at everybody, purge who is in the recycle bin, then remove it.",
        ))
    })
}

fn refuse_in_sheet(tx: &mut Tx, workspace: i64, urn: &str) -> Result<()> {
    let prefix = format!("{}:", key_of(urn));
    let names = |one: &provider::Provider| {
        let sheet = one.settings.sheet.as_ref();
        sheet.is_some_and(|s| s.attributes.iter().any(|a| key_of(&a.name).starts_with(&prefix)))
    };
    match provider::all(tx, workspace)?.iter().find(|one| names(one)) {
        Some(one) => Err(Error::refused(
            "PRV-SCHEMA-SHEET",
            format!(
                "the attribute sheet of the inbound provider \"{}\" names attributes of {urn}",
                one.name
            ),
            "Take them out of the sheet first.",
        )),
        None => Ok(()),
    }
}

/// URNs are the same in any letter case (RFC 8141 section 3).
fn key_of(urn: &str) -> String {
    urn.to_ascii_lowercase()
}

/// What a document that has the extension looks like: its URN as a key. A value cannot look so, because
/// quotation marks in values are escaped.
fn pattern(urn: &str) -> String {
    let mut text = String::from("%\"");
    for c in urn.chars() {
        if matches!(c, '%' | '_' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text + "\":%"
}

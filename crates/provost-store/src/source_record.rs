//! Records of a source that feeds the directory, by the source's own key.

use crate::{Param, Result, Row, Tx};
use std::collections::HashMap;

macro_rules! columns {
    () => {
        "provider, anchor, document, object, state, run, due, error, modified"
    };
}

crate::statements! {
    GET = concat!("SELECT ", columns!(), " FROM source_record WHERE provider = $1 AND anchor = $2");
    BY_OBJECT = concat!("SELECT ", columns!(), " FROM source_record WHERE object = $1 ORDER BY provider LIMIT 20");
    DUE = concat!("SELECT ", columns!(), " FROM source_record WHERE due > 0 AND due <= $1 ORDER BY due LIMIT $2");
    NEXT_DUE = "SELECT due FROM source_record WHERE due > 0 ORDER BY due LIMIT 1";
    AFTER = concat!("SELECT ", columns!(), " FROM source_record WHERE provider = $1 AND anchor > $2 ORDER BY anchor LIMIT $3");
    ABSENT = concat!("SELECT ", columns!(), " FROM source_record WHERE provider = $1 AND run < $2 AND state <> 'absent' \
              AND anchor > $3 ORDER BY anchor LIMIT $4");
    RECEIVE = "INSERT INTO source_record (provider, anchor, document, object, state, run, due, error, modified) \
               VALUES ($1, $2, $3, 0, 'present', $4, $5, '', $6) ON CONFLICT (provider, anchor) DO UPDATE SET \
               document = excluded.document, state = excluded.state, run = excluded.run, due = excluded.due, \
               error = excluded.error, modified = excluded.modified";
    WAITING_IN = "SELECT COUNT(*) FROM source_record WHERE due > 0 AND due <= $1 AND provider = $2 AND run = $3";
    WAKE = "UPDATE source_record SET due = $1 WHERE provider = $2 AND state <> 'absent'";
    COUNT = "SELECT COUNT(*) FROM source_record WHERE provider = $1 AND state <> 'absent'";
    COUNTS = "SELECT state, COUNT(*) FROM source_record WHERE provider = $1 GROUP BY state";
    REMOVE = "DELETE FROM source_record WHERE provider = $1 AND anchor = $2";
}

crate::word::words! {
    /// How a record stands.
    State, "record state":
    /// The source has it.
    Present = "present",
    /// The source had it once.
    Absent = "absent",
    /// It could not be made into a person.
    Failed = "failed",
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    /// The provider.
    pub provider: i64,
    /// The source's own key.
    pub anchor: String,
    /// What the source said last, as the text of a JSON object.
    pub document: String,
    /// The person it made; 0 for none yet.
    pub object: i64,
    /// How it stands.
    pub state: State,
    /// The import run that saw it last.
    pub run: i64,
    /// When it is to be looked at again; 0 for never.
    pub due: i64,
    /// Why it failed; empty where it did not.
    pub error: String,
    /// When the record last changed.
    pub modified: i64,
}

fn read(row: &Row) -> Result<SourceRecord> {
    Ok(SourceRecord {
        provider: row.int(0)?,
        anchor: row.text(1)?,
        document: row.text(2)?,
        object: row.int(3)?,
        state: row.str(4)?.parse()?,
        run: row.int(5)?,
        due: row.int(6)?,
        error: row.text(7)?,
        modified: row.int(8)?,
    })
}

/// The record with this key of the source.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, provider: i64, anchor: &str) -> Result<Option<SourceRecord>> {
    tx.first(GET, &[provider.into(), anchor.into()], read)
}

/// The records with these keys of the source, by key.
///
/// # Errors
/// Any error of the database.
pub fn get_all(tx: &mut Tx, provider: i64, anchors: &[&str]) -> Result<HashMap<String, SourceRecord>> {
    let mut found = HashMap::with_capacity(anchors.len());
    tx.batches(
        &[provider.into()],
        anchors,
        |anchor| [Param::Text(anchor)],
        |list| {
            format!(
                "SELECT {} FROM source_record WHERE provider = $1 AND anchor IN ({list})",
                columns!()
            )
        },
        |row| {
            let record = read(row)?;
            found.insert(record.anchor.clone(), record);
            Ok(())
        },
    )?;
    Ok(found)
}

/// The records that made a person; more than one when several sources know the person.
///
/// # Errors
/// Any error of the database.
pub fn by_object(tx: &mut Tx, object: i64) -> Result<Vec<SourceRecord>> {
    tx.query(BY_OBJECT, &[object.into()], read)
}

/// Keeps a record in the place of the older one with its key.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, record: &SourceRecord) -> Result<()> {
    put_all(tx, std::slice::from_ref(record))
}

/// Keeps many records by few statements; no key twice.
///
/// # Errors
/// Any error of the database.
pub fn put_all(tx: &mut Tx, records: &[SourceRecord]) -> Result<()> {
    tx.batches(
        &[],
        records,
        |one| {
            [
                Param::Int(one.provider),
                one.anchor.as_str().into(),
                one.document.as_str().into(),
                one.object.into(),
                one.state.as_str().into(),
                one.run.into(),
                one.due.into(),
                one.error.as_str().into(),
                one.modified.into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO source_record ({}) VALUES {list} ON CONFLICT (provider, anchor) DO UPDATE SET \
                 document = excluded.document, object = excluded.object, state = excluded.state, run = excluded.run, \
                 due = excluded.due, error = excluded.error, modified = excluded.modified",
                columns!()
            )
        },
        |_| Ok(()),
    )
}

/// Notes that a run has seen these keys with nothing new about them.
///
/// # Errors
/// Any error of the database.
pub fn touch_all(tx: &mut Tx, provider: i64, run: i64, anchors: &[&str]) -> Result<()> {
    tx.batches(
        &[run.into(), provider.into()],
        anchors,
        |anchor| [Param::Text(anchor)],
        |list| format!("UPDATE source_record SET run = $1 WHERE provider = $2 AND anchor IN ({list})"),
        |_| Ok(()),
    )
}

/// Records of every provider that are to be looked at by `now`, the longest waiting first.
///
/// # Errors
/// Any error of the database.
pub fn due(tx: &mut Tx, now: i64, limit: i64) -> Result<Vec<SourceRecord>> {
    tx.query(DUE, &[now.into(), limit.into()], read)
}

/// When the next record is to be looked at again.
///
/// # Errors
/// Any error of the database.
pub fn next_due(tx: &mut Tx) -> Result<Option<i64>> {
    tx.first(NEXT_DUE, &[], |r| r.int(0))
}

/// A provider's records with keys above `after` (by bytes; empty: from the first).
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, provider: i64, after: &str, limit: i64) -> Result<Vec<SourceRecord>> {
    tx.query(AFTER, &[provider.into(), after.into(), limit.into()], read)
}

/// The records that no run since `run` has seen and that are not noted as absent yet, with keys above `after`.
/// They have left the source, if that run was complete.
///
/// # Errors
/// Any error of the database.
pub fn absent_since(
    tx: &mut Tx,
    provider: i64,
    run: i64,
    after: &str,
    limit: i64,
) -> Result<Vec<SourceRecord>> {
    let params = [provider.into(), run.into(), after.into(), limit.into()];
    tx.query(ABSENT, &params, read)
}

/// Keeps a record as it was received, to be looked at from `now` on. The person that it made stays its own.
///
/// # Errors
/// Any error of the database.
pub fn receive(tx: &mut Tx, provider: i64, anchor: &str, document: &str, run: i64, now: i64) -> Result<()> {
    let params = [
        provider.into(),
        anchor.into(),
        document.into(),
        run.into(),
        now.max(1).into(),
        now.into(),
    ];
    tx.execute(RECEIVE, &params)?;
    Ok(())
}

/// How many records that a run saw last are to be looked at by `now`.
///
/// # Errors
/// Any error of the database.
pub fn waiting_in(tx: &mut Tx, provider: i64, run: i64, now: i64) -> Result<i64> {
    let params = [now.into(), provider.into(), run.into()];
    Ok(tx.first(WAITING_IN, &params, |r| r.int(0))?.unwrap_or(0))
}

/// Has every record that the source still has looked at from `now` on: its rule changed.
///
/// # Errors
/// Any error of the database.
pub fn wake(tx: &mut Tx, provider: i64, now: i64) -> Result<()> {
    tx.execute(WAKE, &[now.max(1).into(), provider.into()])?;
    Ok(())
}

/// How many records the source has, as far as is known: all that are not absent.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, provider: i64) -> Result<i64> {
    Ok(tx.first(COUNT, &[provider.into()], |r| r.int(0))?.unwrap_or(0))
}

/// How many records of a provider stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// The source has them.
    pub present: i64,
    /// The source had them once.
    pub absent: i64,
    /// They could not be made into people.
    pub failed: i64,
}

/// Counts a provider's records.
///
/// # Errors
/// Any error of the database.
pub fn counts(tx: &mut Tx, provider: i64) -> Result<Counts> {
    let mut counts = Counts::default();
    tx.for_each(COUNTS, &[provider.into()], |r| {
        let rows = r.int(1)?;
        match r.str(0)?.parse()? {
            State::Present => counts.present = rows,
            State::Absent => counts.absent = rows,
            State::Failed => counts.failed = rows,
        }
        Ok(true)
    })?;
    Ok(counts)
}

/// Forgets a record. `false`: there is none with this key.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, provider: i64, anchor: &str) -> Result<bool> {
    Ok(tx.execute(REMOVE, &[provider.into(), anchor.into()])? > 0)
}

//! Objects that are not written before a person has decided: several candidates in the target, a weak match, a
//! deleted twin, a group of the same name.

use crate::connection::Connection;
use crate::{Error, Param, Result, Row, Tx, audit, revisit};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

macro_rules! columns {
    () => {
        "key, connection, rule, object, label, code, reason, candidates, decision, target_id, created, decided, actor"
    };
}

crate::statements! {
    GET = concat!("SELECT ", columns!(), " FROM doubt WHERE connection = $1 AND key = $2");
    OF = concat!("SELECT ", columns!(), " FROM doubt WHERE rule = $1 AND object = $2");
    OF_OBJECT = concat!("SELECT ", columns!(), " FROM doubt WHERE object = $1 ORDER BY rule");
    OPEN = concat!("SELECT ", columns!(), " FROM doubt WHERE connection = $1 AND decision = '' AND key > $2 ORDER BY key LIMIT $3");
    AFTER = concat!("SELECT ", columns!(), " FROM doubt WHERE connection = $1 AND key > $2 ORDER BY key LIMIT $3");
    OPEN_OF = concat!("SELECT ", columns!(), " FROM doubt WHERE connection = $1 AND decision = '' AND code = $2 ORDER BY key");
    REASONS = "SELECT code, COUNT(*) FROM doubt WHERE connection = $1 AND decision = '' GROUP BY code ORDER BY code";
    DECIDE = "UPDATE doubt SET decision = $1, target_id = $2, decided = $3, actor = $4 WHERE key = $5";
    CLEAR = "DELETE FROM doubt WHERE rule = $1 AND object = $2";
    FORGET = "DELETE FROM doubt WHERE object = $1";
    COUNT_OPEN = "SELECT COUNT(*) FROM doubt WHERE connection = $1 AND decision = ''";
    COUNT_ALL = "SELECT COUNT(*) FROM doubt WHERE connection = $1";
}

/// Candidates that one doubt keeps.
const CANDIDATES: usize = 20;

crate::word::words! {
    /// What a person decided about an object.
    Decision, "decision":
    /// It is the chosen object of the target: link it.
    Link = "link",
    /// It is none of them: make a new one.
    Create = "create",
    /// Bring the chosen deleted object back, and link it.
    Restore = "restore",
    /// Leave the deleted object in the bin, and make a new one under another name.
    Rename = "rename",
    /// Remove the deleted object that stands in the way for good, and make a new one.
    Purge = "purge",
    /// Join the group of the same name: its own members stay beside ours.
    Merge = "merge",
    /// Take the group of the same name: it gets exactly our members.
    Overwrite = "overwrite",
    /// Give the group the name that another one has: both have it then.
    Beside = "beside",
    /// Leave the object alone until somebody decides otherwise.
    Skip = "skip",
}

impl Decision {
    /// Whether it needs one of the candidates.
    pub fn needs_target(self) -> bool {
        !matches!(self, Decision::Create | Decision::Beside | Decision::Skip)
    }
}

/// An object of the target that may be meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Candidate {
    /// Its id in the target.
    pub target_id: String,
    /// What it is called there.
    pub label: String,
    /// The attribute by which it was found.
    pub matched_by: String,
    /// More for who decides: whether it is disabled, whose it is.
    pub detail: String,
    /// Whether it is in the target's bin.
    pub deleted: bool,
    /// Public id of the directory object that it is linked to; empty for nobody.
    pub linked_to: String,
}

/// An object that waits for a decision, or has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The inside key; 0 before it is stored.
    pub key: i64,
    /// The connection.
    pub connection: i64,
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// What it is called.
    pub label: String,
    /// The stable word for the reason, `PRV-…`.
    pub code: String,
    /// Why it is doubtful, for people.
    pub reason: String,
    /// Who may be meant, at most 20.
    pub candidates: Vec<Candidate>,
    /// What was decided; none while nobody decided.
    pub decision: Option<Decision>,
    /// The candidate that was chosen; empty where none is needed.
    pub target_id: String,
    /// When it was first found.
    pub created: i64,
    /// When it was decided; 0 while it is not.
    pub decided: i64,
    /// Who decided; empty while nobody did.
    pub actor: String,
}

fn read(row: &Row) -> Result<Doubt> {
    let candidates = serde_json::from_str(row.str(7)?);
    let decision = row.str(8)?;
    Ok(Doubt {
        key: row.int(0)?,
        connection: row.int(1)?,
        rule: row.int(2)?,
        object: row.int(3)?,
        label: row.text(4)?,
        code: row.text(5)?,
        reason: row.text(6)?,
        candidates: candidates.map_err(|e| Error::Damaged(format!("the candidates of an object: {e}")))?,
        decision: if decision.is_empty() {
            None
        } else {
            Some(decision.parse()?)
        },
        target_id: row.text(9)?,
        created: row.int(10)?,
        decided: row.int(11)?,
        actor: row.text(12)?,
    })
}

/// What was found about an object.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// What it is called.
    pub label: &'a str,
    /// The stable word for the reason, `PRV-…`.
    pub code: &'a str,
    /// Why it is doubtful, for people.
    pub reason: &'a str,
    /// Who may be meant; those after the 20th are not kept.
    pub candidates: &'a [Candidate],
}

/// Keeps doubts by few statements; no two of the same rule and object. What was decided stays while the reason's
/// code and the candidates are the same; another reason or other candidates need another decision.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, now: i64, connection: i64, found: &[Found]) -> Result<()> {
    let mut rows = Vec::with_capacity(found.len());
    for one in found {
        let kept = one.candidates.get(..CANDIDATES).unwrap_or(one.candidates);
        let candidates = serde_json::to_string(kept).map_err(|e| Error::Damaged(e.to_string()))?;
        rows.push((tx.key(), one, candidates));
    }
    tx.batches(
        &[],
        &rows,
        |(key, one, candidates)| params(now, connection, *key, one, candidates),
        |list| {
            format!(
                "INSERT INTO doubt ({}) VALUES {list} ON CONFLICT (rule, object) DO UPDATE SET {}, \
                 label = excluded.label, code = excluded.code, reason = excluded.reason, candidates = excluded.candidates",
                columns!(),
                ["decision", "target_id", "created", "decided", "actor"].map(kept).join(", ")
            )
        },
        |_| Ok(()),
    )
}

/// A column that stays while the doubt is the same.
fn kept(column: &str) -> String {
    format!(
        "{column} = CASE WHEN doubt.code = excluded.code AND doubt.candidates = excluded.candidates \
         THEN doubt.{column} ELSE excluded.{column} END"
    )
}

fn params<'a>(now: i64, connection: i64, key: i64, one: &Found<'a>, candidates: &'a str) -> [Param<'a>; 13] {
    [
        key.into(),
        connection.into(),
        one.rule.into(),
        one.object.into(),
        one.label.into(),
        one.code.into(),
        one.reason.into(),
        candidates.into(),
        "".into(),
        "".into(),
        now.into(),
        0.into(),
        "".into(),
    ]
}

/// A connection's doubts with keys above `after`, oldest first; with `open` only those that nobody decided.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, open: bool, after: i64, limit: i64) -> Result<Vec<Doubt>> {
    let sql = if open { OPEN } else { AFTER };
    tx.query(sql, &[connection.into(), after.into(), limit.into()], read)
}

/// A connection's doubts of one reason that nobody decided, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn open_of(tx: &mut Tx, connection: i64, code: &str) -> Result<Vec<Doubt>> {
    tx.query(OPEN_OF, &[connection.into(), code.into()], read)
}

/// The reasons for which objects of a connection wait, with how many of them.
///
/// # Errors
/// Any error of the database.
pub fn reasons(tx: &mut Tx, connection: i64) -> Result<Vec<(String, i64)>> {
    tx.query(REASONS, &[connection.into()], |row| {
        Ok((row.text(0)?, row.int(1)?))
    })
}

/// One doubt of a connection.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, connection: i64, key: i64) -> Result<Option<Doubt>> {
    tx.first(GET, &[connection.into(), key.into()], read)
}

/// The doubt about an object under a rule.
///
/// # Errors
/// Any error of the database.
pub fn of(tx: &mut Tx, rule: i64, object: i64) -> Result<Option<Doubt>> {
    tx.first(OF, &[rule.into(), object.into()], read)
}

/// The doubts about many objects under a rule, by object.
///
/// # Errors
/// Any error of the database.
pub fn of_many(tx: &mut Tx, rule: i64, objects: &[i64]) -> Result<HashMap<i64, Doubt>> {
    let mut found = HashMap::new();
    tx.batches(
        &[rule.into()],
        objects,
        |object| [Param::Int(*object)],
        |list| {
            format!(
                "SELECT {} FROM doubt WHERE rule = $1 AND object IN ({list})",
                columns!()
            )
        },
        |row| {
            let doubt = read(row)?;
            found.insert(doubt.object, doubt);
            Ok(())
        },
    )?;
    Ok(found)
}

/// The doubts about an object under every rule.
///
/// # Errors
/// Any error of the database.
pub fn of_object(tx: &mut Tx, object: i64) -> Result<Vec<Doubt>> {
    tx.query(OF_OBJECT, &[object.into()], read)
}

/// Decides, and has the object looked at in the next cycle, which carries the decision out. A decision can be
/// changed until then. `false`: the connection has no such doubt.
///
/// # Errors
/// [`Error::Refused`]: `PRV-DOUBT-CANDIDATE` when the decision needs a candidate and `target_id` is none of them,
/// `PRV-DOUBT-TAKEN` when the candidate is linked to somebody else.
pub fn decide(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    key: i64,
    decision: Decision,
    target_id: &str,
) -> Result<bool> {
    let Some(doubt) = get(tx, connection.key, key)? else {
        return Ok(false);
    };
    let chosen = if decision.needs_target() { target_id } else { "" };
    if decision.needs_target() {
        refuse_wrong(&doubt, decision, target_id)?;
    }
    let params = [
        decision.as_str().into(),
        chosen.into(),
        now.into(),
        actor.into(),
        key.into(),
    ];
    tx.execute(DECIDE, &params)?;
    revisit::ask(tx, connection.key, doubt.object, 0, now, "decided")?;
    let action = format!("doubt.{decision}");
    let target = if chosen.is_empty() {
        String::new()
    } else {
        format!(", target {chosen}")
    };
    let detail = format!(
        "{} (object {}): {}{target}",
        doubt.label, doubt.object, doubt.code
    );
    let (workspace, name) = (connection.workspace, &connection.name);
    audit::append_named(tx, workspace, now, actor, &action, name, &detail)?;
    Ok(true)
}

fn refuse_wrong(doubt: &Doubt, decision: Decision, target_id: &str) -> Result<()> {
    let Some(candidate) = doubt.candidates.iter().find(|one| one.target_id == target_id) else {
        let sentence = format!("\"{decision}\" needs one of the candidates of {}", doubt.label);
        let hint = "Name the id of a candidate that the doubt lists.";
        return Err(Error::refused("PRV-DOUBT-CANDIDATE", sentence, hint));
    };
    if candidate.linked_to.is_empty() {
        return Ok(());
    }
    let sentence = format!(
        "{} of the target belongs to another object of the directory ({})",
        candidate.label, candidate.linked_to
    );
    let hint = "Unlink that one first, or choose another candidate.";
    Err(Error::refused("PRV-DOUBT-TAKEN", sentence, hint))
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// The chosen candidate; empty where none is needed.
    pub target_id: String,
    /// Who decided.
    pub actor: String,
}

/// What was decided about an object under a rule; none when it is not doubtful or nobody decided yet.
///
/// # Errors
/// Any error of the database.
pub fn decision_of(tx: &mut Tx, rule: i64, object: i64) -> Result<Option<Decided>> {
    Ok(of(tx, rule, object)?.and_then(|doubt| {
        doubt.decision.map(|decision| Decided {
            decision,
            target_id: doubt.target_id,
            actor: doubt.actor,
        })
    }))
}

/// The object is doubtful no more: the decision was carried out, or there is nothing to decide.
///
/// # Errors
/// Any error of the database.
pub fn clear(tx: &mut Tx, rule: i64, object: i64) -> Result<()> {
    tx.execute(CLEAR, &[rule.into(), object.into()])?;
    Ok(())
}

/// How many doubts a connection has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Those that nobody decided.
    pub open: i64,
    /// Those that are decided and wait for a cycle, or are to be skipped.
    pub decided: i64,
}

/// Counts a connection's doubts, in an index.
///
/// # Errors
/// Any error of the database.
pub fn counts(tx: &mut Tx, connection: i64) -> Result<Counts> {
    let mut rows = |sql| Ok::<_, Error>(tx.first(sql, &[connection.into()], |r| r.int(0))?.unwrap_or(0));
    let (open, all) = (rows(COUNT_OPEN)?, rows(COUNT_ALL)?);
    Ok(Counts {
        open,
        decided: all - open,
    })
}

/// Forgets an object that is gone for good.
pub(crate) fn forget(tx: &mut Tx, object: i64) -> Result<()> {
    tx.execute(FORGET, &[object.into()])?;
    Ok(())
}

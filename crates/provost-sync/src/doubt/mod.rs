//! Objects that are not written before a person has decided: several candidates in the target, one that was found by
//! a weak attribute or belongs to somebody else, a deleted twin, a group of the same name.
//!
//! A doubt is found while a cycle carries its steps out (`apply/doubtful.rs`, `apply/twin.rs`), a person decides
//! here, and the next cycle does what was decided (`apply/decided.rs`), once.

mod many;

pub use many::Many;

use crate::setup::{Attempt, Confirm};
use crate::{Engine, Error, Result};
use provost_store::connection::{self, Connection};
use provost_store::doubt::{self, Candidate, Counts, Decision, Doubt};

/// Several accounts in the target match.
pub(crate) const SEVERAL: &str = "PRV-MATCH-SEVERAL";
/// The account was found by its mail address only, although the rule has better attributes to match by.
pub(crate) const WEAK: &str = "PRV-MATCH-WEAK";
/// The account carries the immutable id of somebody else.
pub(crate) const FOREIGN: &str = "PRV-MATCH-IMMUTABLE-ID";
/// The same person or group lies in the target's bin.
pub(crate) const TWIN: &str = "PRV-TWIN-DELETED";
/// A group of the same name is there, which was not made for this one.
pub(crate) const NAME: &str = "PRV-GROUP-NAME";
/// A group that is linked got a name in the directory that another group of the target has.
pub(crate) const RENAMED: &str = "PRV-GROUP-RENAMED";

/// The code of what has to be understood first.
pub(crate) const UNDERSTAND: &str = "PRV-DOUBT-UNDERSTAND";

/// Doubts in one page at most.
const MOST: i64 = 500;

/// What can be decided about a doubt with this code.
pub fn choices(code: &str) -> &'static [Decision] {
    match code {
        SEVERAL | WEAK => &[Decision::Link, Decision::Create, Decision::Skip],
        FOREIGN => &[Decision::Link, Decision::Skip],
        TWIN => &[
            Decision::Restore,
            Decision::Rename,
            Decision::Purge,
            Decision::Skip,
        ],
        NAME => &[
            Decision::Merge,
            Decision::Overwrite,
            Decision::Create,
            Decision::Skip,
        ],
        RENAMED => &[Decision::Beside, Decision::Skip],
        _ => &[Decision::Skip],
    }
}

/// What has to be understood before it is decided so; none where nothing is lost by it.
fn warning(code: &str, decision: Decision) -> Option<&'static str> {
    match (decision, code) {
        (Decision::Link, FOREIGN) => Some(
            "The account carries the immutable id of somebody else: it gets this person's, and the other one can no \
             longer sign in to it.",
        ),
        (Decision::Link, WEAK) => Some(
            "The account was found by its mail address only: from now on it gets this person's name and attributes.",
        ),
        (Decision::Purge, _) => Some(
            "What lies in the bin is removed for good, with its mailbox and its files; nobody can bring it back.",
        ),
        (Decision::Merge, _) => Some(
            "The group gets this group's attributes and members beside its own, and whatever its members may do in \
             the target, these may do then.",
        ),
        (Decision::Overwrite, _) => Some(
            "The group gets this group's attributes, and every member that is not in this group is taken out of it.",
        ),
        _ => None,
    }
}

impl Engine {
    /// A page of a connection's doubts, oldest first, at most 500; with `open` only those that nobody decided.
    /// `after` is the key of the last one of the page before.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn doubts(&self, connection: i64, open: bool, after: i64, limit: i64) -> Result<Vec<Doubt>> {
        let limit = limit.clamp(1, MOST);
        Ok(self
            .db
            .read(move |tx| doubt::list(tx, connection, open, after, limit))
            .await?)
    }

    /// How many doubts a connection has.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn doubt_counts(&self, connection: i64) -> Result<Counts> {
        let count = move |tx: &mut provost_store::Tx| doubt::counts(tx, connection);
        Ok(self.db.remembered("doubts", connection, count).await?)
    }

    /// Decides a doubt; the next cycle carries it out. `target_id` names the candidate, where there are several.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-DOUBT-UNKNOWN`, or `PRV-DOUBT-DECISION` for one that is not possible here;
    /// [`Error::Confirm`] with `PRV-DOUBT-UNDERSTAND` while `understood` is not ticked for what cannot be taken back;
    /// the store's `PRV-DOUBT-CANDIDATE` and `PRV-DOUBT-TAKEN`.
    pub async fn decide_doubt(
        &self,
        connection: i64,
        key: i64,
        decision: Decision,
        target_id: Option<&str>,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<()> {
        let found = self.connection_by_key(connection).await?;
        let attempt = Attempt {
            workspace: found.workspace,
            actor,
            action: "doubt.decide",
            subject: &found.name,
        };
        let result = self
            .decided(&found, key, decision, target_id, actor, confirm)
            .await;
        self.audited(attempt, result).await
    }

    async fn decided(
        &self,
        connection: &Connection,
        key: i64,
        decision: Decision,
        target_id: Option<&str>,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<()> {
        let owner = connection.key;
        let doubt = self.db.read(move |tx| doubt::get(tx, owner, key)).await?;
        let doubt = doubt.ok_or_else(unknown)?;
        refuse_impossible(&doubt, decision)?;
        let target = target_id.map_or_else(|| only(&doubt.candidates), str::to_owned);
        if let Some(sentence) = warning(&doubt.code, decision).filter(|_| !confirm.understood) {
            return Err(Error::Confirm {
                code: UNDERSTAND,
                sentence: format!("{}: {sentence}", doubt.label),
                hint: "Say that you understand, and decide again.",
                digest: String::new(),
                list: doubt.candidates.iter().map(|one| one.label.clone()).collect(),
            });
        }
        let (actor, now, connection) = (actor.to_owned(), self.now(), connection.clone());
        let is_done = self
            .db
            .write(move |tx| doubt::decide(tx, &actor, now, &connection, key, decision, &target))
            .await?;
        if is_done { Ok(()) } else { Err(unknown()) }
    }

    /// The connection with this key.
    ///
    /// # Errors
    /// [`Error::NoConnection`]; any error of the store.
    pub(crate) async fn connection_by_key(&self, key: i64) -> Result<Connection> {
        let found = self.db.read(move |tx| connection::by_key(tx, key)).await?;
        found.ok_or(Error::NoConnection(key))
    }
}

fn unknown() -> Error {
    Error::refused(
        "PRV-DOUBT-UNKNOWN",
        "the connection has no such doubt; perhaps it is settled",
        "List the connection's doubts and choose one of them.",
    )
}

fn refuse_impossible(doubt: &Doubt, decision: Decision) -> Result<()> {
    let possible = choices(&doubt.code);
    if possible.contains(&decision) {
        return Ok(());
    }
    let words: Vec<&str> = possible.iter().map(|one| one.as_str()).collect();
    Err(Error::refused(
        "PRV-DOUBT-DECISION",
        format!(
            "\"{decision}\" is no answer to {} ({}): {} are",
            doubt.label,
            doubt.code,
            words.join(", ")
        ),
        "Choose one of these.",
    ))
}

/// The id of the only candidate; empty where there are several.
fn only(candidates: &[Candidate]) -> String {
    match candidates {
        [one] => one.target_id.clone(),
        _ => String::new(),
    }
}

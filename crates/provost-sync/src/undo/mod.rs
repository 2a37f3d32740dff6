//! Taking back what a cycle took away: accounts it disabled are enabled again, memberships it removed are added
//! again, licences it took back are given again. The reason for which they went may still hold, so each person concerned is protected: the next cycle asks
//! instead of repeating itself.

mod licence;
mod restore;

use crate::open::Open;
use crate::{Engine, Error, Options, Result};
use provost_engine::plan::Action;
use provost_store::lease::{self, Lease};
use provost_store::provisioning_log::{self, Entry};
use provost_store::{audit, cycle};
use serde::Serialize;

/// Lines of the log that are read at once.
const PAGE: i64 = 500;
/// The detail of a membership's line that holds the member's id in the target.
pub(crate) const MEMBER_TARGET: &str = "memberTargetId";

/// What an undo did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Undone {
    /// The connection's name.
    pub connection: String,
    /// The cycle whose removals were taken back.
    pub undone: i64,
    /// The cycle under which that stands in the log.
    pub cycle: i64,
    /// Accounts that were enabled again.
    pub enabled: u64,
    /// Memberships that were added again.
    pub members: u64,
    /// Licences that were given again.
    pub licences: u64,
    /// What could not be done.
    pub failed: u64,
    /// What was left as it is, such as deleted accounts.
    pub left: u64,
    /// Each object, in the order of the cycle.
    pub lines: Vec<UndoLine>,
}

/// What became of one removal.
#[derive(Debug, Clone, Serialize)]
pub struct UndoLine {
    /// The person or group.
    pub label: String,
    /// What the cycle had done: `disable`, `delete`, `remove member`, `remove licence`.
    pub action: String,
    /// `done`, `left` or `failed`.
    pub outcome: &'static str,
    /// What was done, or why not.
    pub message: String,
}

/// What one removal became: done, or left, or failed, with a sentence.
enum Outcome {
    Done(String),
    Left(String),
    Failed(String),
}

impl Engine {
    /// Takes back what a cycle took away, as far as that can be done and is still as the cycle left it. Works while
    /// the connection is paused. Accounts that were deleted are named and left: they cannot be brought back through
    /// a connection.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-UNDO-NOTHING` when the cycle took nothing away, or is not known;
    /// [`Error::Running`]; any error of the store. Failures of objects stand in the answer.
    pub async fn undo(&self, cycle: i64, actor: &str) -> Result<Undone> {
        let entries = self.removals(cycle).await?;
        let Some(first) = entries.first() else {
            return Err(Error::refused(
                "PRV-UNDO-NOTHING",
                format!(
                    "cycle {cycle} disabled nobody, removed nobody from a group and took no licence back"
                ),
                "List the cycles and choose one that did.",
            ));
        };
        let options = Options::default();
        self.with_lease(first.connection, &options, |lease| {
            run(self, lease, cycle, actor, &entries)
        })
        .await
    }

    /// The removals of a cycle that succeeded, accounts before memberships and licences.
    async fn removals(&self, cycle: i64) -> Result<Vec<Entry>> {
        let (mut removals, mut after) = (Vec::new(), 0);
        loop {
            let page = self
                .db
                .read(move |tx| provisioning_log::of_cycle(tx, cycle, after, PAGE))
                .await?;
            let Some(last) = page.last() else { break };
            after = last.key;
            removals.extend(page.into_iter().filter(is_removal));
        }
        let follows = [
            Action::RemoveMember.to_string(),
            Action::RemoveLicence.to_string(),
        ];
        removals.sort_by_key(|entry| (follows.contains(&entry.action), entry.key));
        Ok(removals)
    }
}

async fn run(engine: &Engine, lease: Lease, cycle: i64, actor: &str, entries: &[Entry]) -> Result<Undone> {
    let open = engine.open(lease.connection).await?;
    let undo = Undo::begin(engine, open, lease, cycle, actor).await?;
    undo.run(entries).await
}

fn is_removal(entry: &Entry) -> bool {
    let removals = [
        Action::Disable,
        Action::Delete,
        Action::RemoveMember,
        Action::RemoveLicence,
    ];
    matches!(entry.status.as_str(), "success" | "warning")
        && removals.iter().any(|a| a.to_string() == entry.action)
}

/// An undo under way.
struct Undo<'a> {
    engine: &'a Engine,
    open: Open,
    lease: Lease,
    actor: String,
    undone: i64,
    /// The undo's own cycle, under which it stands in the log.
    cycle: i64,
}

impl<'a> Undo<'a> {
    async fn begin(engine: &'a Engine, open: Open, lease: Lease, undone: i64, actor: &str) -> Result<Self> {
        let (connection, now, by) = (open.connection.clone(), open.now(), actor.to_owned());
        let cycle = engine
            .db
            .write(move |tx| {
                lease::prove(tx, lease)?;
                let detail = format!("cycle {undone}");
                let (workspace, name) = (connection.workspace, &connection.name);
                audit::append_named(tx, workspace, now, &by, "cycle.undo", name, &detail)?;
                cycle::start(tx, lease, "undo", now, connection.watermark)
            })
            .await?;
        Ok(Self {
            engine,
            open,
            lease,
            actor: actor.to_owned(),
            undone,
            cycle,
        })
    }

    async fn run(self, entries: &[Entry]) -> Result<Undone> {
        let mut done = Undone {
            connection: self.open.connection.name.clone(),
            undone: self.undone,
            cycle: self.cycle,
            ..Undone::default()
        };
        for entry in entries {
            let is_membership = entry.action == Action::RemoveMember.to_string();
            let is_licence = entry.action == Action::RemoveLicence.to_string();
            let outcome = if is_membership {
                self.add_again(entry).await?
            } else if is_licence {
                self.give_again(entry).await?
            } else if entry.action == Action::Disable.to_string() {
                self.enable_again(entry).await?
            } else {
                Outcome::Left(
                    "It was deleted in the target. The next cycle makes a new one when it is meant again."
                        .to_owned(),
                )
            };
            let (word, message) = match outcome {
                Outcome::Done(message) => {
                    let count = match (is_membership, is_licence) {
                        (true, _) => &mut done.members,
                        (_, true) => &mut done.licences,
                        _ => &mut done.enabled,
                    };
                    *count += 1;
                    ("done", message)
                }
                Outcome::Left(message) => {
                    done.left += 1;
                    ("left", message)
                }
                Outcome::Failed(message) => {
                    done.failed += 1;
                    ("failed", message)
                }
            };
            done.lines.push(UndoLine {
                label: name(entry),
                action: entry.action.clone(),
                outcome: word,
                message,
            });
        }
        self.finish(&done).await?;
        Ok(done)
    }

    async fn finish(&self, done: &Undone) -> Result<()> {
        let counts = serde_json::to_string(&Undone {
            lines: Vec::new(),
            ..done.clone()
        })
        .unwrap_or_default();
        let state = if done.failed == 0 { "done" } else { "failed" };
        let (lease, cycle, now, watermark) = (
            self.lease,
            self.cycle,
            self.open.now(),
            self.open.connection.watermark,
        );
        self.engine
            .db
            .write(move |tx| {
                lease::prove(tx, lease)?;
                cycle::finish(tx, cycle, now, state, watermark, &counts)
            })
            .await?;
        Ok(())
    }
}

/// Of a membership and of a licence, both ends.
fn name(entry: &Entry) -> String {
    let pairs = [
        Action::RemoveMember.to_string(),
        Action::RemoveLicence.to_string(),
    ];
    if pairs.contains(&entry.action) {
        format!("{}, {}", entry.label, entry.detail)
    } else {
        entry.label.clone()
    }
}

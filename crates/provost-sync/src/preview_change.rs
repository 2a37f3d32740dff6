//! What a change of a connection would do, before it is saved: who enters the scope, who leaves it, what would be
//! written, and what the guard says to that.

use crate::draft;
use crate::licence::{self, Seats};
use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::report::{self, Held, RulePreview};
use crate::work::{self, Mode, Scope};
use crate::{Engine, Error, Result};
use provost_engine::object::{Kind, Source};
use provost_engine::plan::Action;
use provost_store::directory::{self, Range};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Keys in one stretch of the directory.
const STRETCH: i64 = 16_384;
/// How long one stretch may take.
const LIMIT: Duration = Duration::from_secs(60);

/// What a change would do.
#[derive(Debug, Clone, Serialize)]
pub struct ChangePreview {
    /// People and groups that enter the scope: no rule meant them before, and one does then.
    pub enter: u64,
    /// The first of their names.
    pub enter_names: Vec<String>,
    /// People and groups that leave it.
    pub leave: u64,
    /// The first of their names.
    pub leave_names: Vec<String>,
    /// Steps that would be carried out, by action; those with none are left out.
    pub counts: BTreeMap<Action, u64>,
    /// Steps that the guard, a protection or an approval would hold.
    pub held: Vec<Held>,
    /// Each rule's part.
    pub rules: Vec<RulePreview>,
    /// The seats that it needs of each product that it gives, by what was last read of them.
    pub seats: Vec<Seats>,
    /// What should be known before it is saved, a sentence each, with its stable word in front.
    pub warnings: Vec<String>,
    /// Milliseconds it took.
    pub millis: u64,
}

impl Engine {
    /// What would follow if this change of rules, preferences, guard or assignment were saved, with at most `names`
    /// names of each side. Nothing is saved, and no request is made.
    ///
    /// # Errors
    /// [`Error::Rules`] when the changed rules do not compile; [`Error::Faults`] when the target would refuse them;
    /// [`Error::NoConnection`]; any error of the store.
    pub async fn preview_change(
        &self,
        connection: i64,
        proposal: &Proposal,
        names: usize,
    ) -> Result<ChangePreview> {
        let started = Instant::now();
        self.refuse_faults(connection, proposal).await?;
        let after = open::open_with(self, connection, proposal).await?;
        let after = after.with_everybody_listed(&self.db).await?;
        let before = match self.open(connection).await {
            Ok(open) => Some(open.with_everybody_listed(&self.db).await?),
            // Rules that do not compile mean nobody; the change may be what mends them.
            Err(Error::Rules(_)) => None,
            Err(e) => return Err(e),
        };
        let moves = moves(self, before.as_ref(), &after, names).await?;
        let mut work = work::read(&self.db, &after, None).await?;
        (work.mode, work.scope) = (Mode::Initial, Scope::Everything);
        let drafts = draft::make(&self.db, &after, &work, None).await?;
        let mut counts = BTreeMap::new();
        for draft in &drafts {
            for action in Action::ALL {
                let steps = draft.plan.counts.of(action);
                if steps > 0 {
                    *counts.entry(action).or_default() += steps;
                }
            }
        }
        let seats = licence::of_drafts(&self.db, &after, &drafts).await?;
        Ok(ChangePreview {
            warnings: licence::short(&seats),
            seats,
            enter: moves.enter,
            enter_names: moves.enter_names,
            leave: moves.leave,
            leave_names: moves.leave_names,
            counts,
            held: drafts.iter().flat_map(report::held).collect(),
            rules: drafts
                .iter()
                .map(|d| report::rule_preview(d, Vec::new(), names))
                .collect(),
            millis: started.elapsed().as_millis() as u64,
        })
    }
}

/// Who enters and who leaves.
#[derive(Default)]
struct Moves {
    enter: u64,
    enter_names: Vec<String>,
    leave: u64,
    leave_names: Vec<String>,
}

impl Moves {
    fn note(&mut self, enters: bool, label: &str, names: usize) {
        let (count, list) = match enters {
            true => (&mut self.enter, &mut self.enter_names),
            false => (&mut self.leave, &mut self.leave_names),
        };
        *count += 1;
        if list.len() < names {
            list.push(label.to_owned());
        }
    }
}

/// Walks the whole directory and asks the scopes, not the mappings.
async fn moves(engine: &Engine, before: Option<&Open>, after: &Open, names: usize) -> Result<Moves> {
    let highest = engine.db.read(directory::highest_key).await?;
    let mut moves = Moves::default();
    for kind in [Kind::Person, Kind::Group] {
        for part in 0..=highest / STRETCH {
            let range = Range {
                after: part * STRETCH,
                upto: (part + 1) * STRETCH,
            };
            let (before, after) = (before.cloned(), after.clone());
            let found = engine
                .db
                .read_within(LIMIT, move |tx| {
                    let mut found = Vec::new();
                    directory::for_each(tx, after.connection.workspace, kind, range, |row| {
                        let (key, id, document) = (row.key()?, row.id()?, row.value()?);
                        let was = before
                            .as_ref()
                            .is_some_and(|b| means(b, kind, key, id, &document) == Some(true));
                        // Where a filter cannot be applied there is no verdict, and nothing follows from it.
                        let will = means(&after, kind, key, id, &document).unwrap_or(was);
                        if was != will {
                            found.push((will, row.label()?.to_owned()));
                        }
                        Ok(())
                    })?;
                    Ok::<_, provost_store::Error>(found)
                })
                .await?;
            for (enters, label) in found {
                moves.note(enters, &label, names);
            }
        }
    }
    Ok(moves)
}

/// Whether any rule of the connection means the object; `None` when that cannot be said.
fn means(open: &Open, kind: Kind, key: i64, id: Uuid, document: &serde_json::Value) -> Option<bool> {
    let id = id.to_string();
    let source = Source {
        kind,
        id: &id,
        document,
        assigned: open.assigned.has_listed(key),
    };
    let mut verdict = Some(false);
    for rule in open.rules_for(kind) {
        match rule.compiled.admits(&source) {
            Ok(true) => return Some(true),
            Ok(false) => {}
            Err(_) => verdict = None,
        }
    }
    verdict
}

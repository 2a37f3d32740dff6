//! What has changed between a stored plan and what would be done now.

use super::fingerprint::{self, Place, RuleNames};
use super::pages::Walk;
use crate::Result;
use provost_store::plan::{self, Change, PlanStep};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;

/// Differences that are named.
const NAMED: usize = 20;
/// Stored steps that are read at once.
const PAGE: i64 = 1_000;

/// One difference between what was planned and what would be done now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// The rule's name.
    pub rule: String,
    /// The person or group.
    pub label: String,
    /// What was planned; none when the step is new.
    pub planned: Option<Side>,
    /// What would be done now; none when nothing is to be done any more.
    pub now: Option<Side>,
}

/// A step on one side of the comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// What is done.
    pub action: String,
    /// Whether the guard or an approval holds it.
    pub held: bool,
    /// The values it changes.
    pub changes: Vec<Change>,
}

impl From<PlanStep> for Side {
    fn from(step: PlanStep) -> Self {
        Self {
            action: step.action,
            held: step.held,
            changes: step.changes,
        }
    }
}

/// Names attributes, never values: it becomes part of an error.
impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.action)?;
        if !self.changes.is_empty() {
            let names: Vec<&str> = self.changes.iter().map(|c| c.attribute.as_str()).collect();
            write!(f, " ({})", names.join(", "))?;
        }
        if self.held {
            f.write_str(", held")?;
        }
        Ok(())
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, label, .. } = self;
        match (&self.planned, &self.now) {
            (Some(planned), Some(now)) if planned.to_string() == now.to_string() => {
                write!(f, "{label} ({rule}): {planned} would write other values now.")
            }
            (Some(planned), Some(now)) => {
                write!(f, "{label} ({rule}): planned was {planned}, now it is {now}.")
            }
            (Some(planned), None) => write!(
                f,
                "{label} ({rule}): planned was {planned}, now nothing is to be done."
            ),
            (None, Some(now)) => write!(f, "{label} ({rule}): nothing was planned, now it is {now}."),
            (None, None) => write!(f, "{label} ({rule}): nothing."),
        }
    }
}

/// The first differences, in the order of what would be done now; then what is not to be done any more.
///
/// Only the identities of the stored steps are kept in memory, and only here: a plan that still fits is known by
/// its digest.
pub(super) async fn differences(walk: &Walk<'_>, plan: i64, stored_names: &RuleNames) -> Result<Vec<Moved>> {
    let mut stored = identities(walk, plan, stored_names).await?;
    let names = walk.names();
    let mut found: Vec<(Option<i64>, Option<PlanStep>)> = Vec::new();
    for page in walk.pages() {
        for (step, _) in walk.read(page).await? {
            match stored.remove(&fingerprint::place(&names, &step)) {
                Some((known, _)) if known == fingerprint::of_step(&names, &step) => {}
                before if found.len() < NAMED => {
                    found.push((before.map(|(_, position)| position), Some(step)))
                }
                _ => {}
            }
        }
    }
    let mut gone: Vec<i64> = stored.into_values().map(|(_, position)| position).collect();
    gone.sort_unstable();
    let room = NAMED.saturating_sub(found.len());
    found.extend(gone.into_iter().take(room).map(|position| (Some(position), None)));
    name(walk, plan, stored_names, found).await
}

/// Place of each stored step, with its identity and its position.
async fn identities(walk: &Walk<'_>, plan: i64, names: &RuleNames) -> Result<HashMap<Place, (u64, i64)>> {
    let mut known = HashMap::new();
    let mut after = -1;
    loop {
        let page = walk.db.read(move |tx| plan::steps(tx, plan, after, PAGE)).await?;
        for (position, step) in &page {
            known.insert(
                fingerprint::place(names, step),
                (fingerprint::of_step(names, step), *position),
            );
        }
        match page.last() {
            Some((position, _)) => after = *position,
            None => return Ok(known),
        }
    }
}

async fn name(
    walk: &Walk<'_>,
    plan: i64,
    names: &RuleNames,
    found: Vec<(Option<i64>, Option<PlanStep>)>,
) -> Result<Vec<Moved>> {
    let mut names = names.clone();
    names.extend(walk.names());
    let moved = walk
        .db
        .read(move |tx| {
            let mut moved = Vec::with_capacity(found.len());
            for (position, now) in &found {
                let planned = match position {
                    Some(position) => plan::steps(tx, plan, position - 1, 1)?
                        .pop()
                        .map(|(_, step)| step),
                    None => None,
                };
                if let Some(step) = now.as_ref().or(planned.as_ref()) {
                    moved.push(Moved {
                        rule: names.get(&step.rule).map(ToString::to_string).unwrap_or_default(),
                        label: step.label.clone(),
                        planned: planned.map(Side::from),
                        now: now.clone().map(Side::from),
                    });
                }
            }
            Ok::<_, provost_store::Error>(moved)
        })
        .await?;
    Ok(moved)
}

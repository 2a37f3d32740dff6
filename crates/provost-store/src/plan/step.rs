//! The steps of a kept plan, each with the values before and after.

use crate::directory::{kind_number, kind_of};
use crate::{Error, Param, Result, Tx};
use provost_engine::object::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

crate::statements! {
    STEPS = "SELECT position, rule, kind, object, member, action, label, held, changes FROM plan_step \
             WHERE plan = $1 AND position > $2 ORDER BY position LIMIT $3";
}

/// One attribute as it is and as it will be. Never holds a secret: whoever makes it has redacted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The target attribute.
    pub attribute: String,
    /// Its value before; null where there is none.
    pub before: Value,
    /// Its value afterwards; null where it is cleared.
    pub after: Value,
}

/// One step of a kept plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStep {
    /// The rule.
    pub rule: i64,
    /// Person or group.
    pub kind: Kind,
    /// The object.
    pub object: i64,
    /// The member, or 0.
    pub member: i64,
    /// What is done.
    pub action: String,
    /// To whom.
    pub label: String,
    /// Whether the guard holds it: it is carried out only when a person approves.
    pub held: bool,
    /// The attributes that change.
    pub changes: Vec<Change>,
}

/// Appends steps to a plan, from this position on, by few statements.
///
/// # Errors
/// Any error of the database.
pub fn append_steps(tx: &mut Tx, plan: i64, first: i64, steps: &[PlanStep]) -> Result<()> {
    let mut rows = Vec::with_capacity(steps.len());
    for (position, step) in (first..).zip(steps) {
        let changes = serde_json::to_string(&step.changes).map_err(|e| Error::Damaged(e.to_string()))?;
        rows.push((position, step, changes));
    }
    tx.batches(
        &[],
        &rows,
        |(position, step, changes)| {
            [
                plan.into(),
                Param::Int(*position),
                step.rule.into(),
                kind_number(step.kind).into(),
                step.object.into(),
                step.member.into(),
                step.action.as_str().into(),
                step.label.as_str().into(),
                step.held.into(),
                changes.as_str().into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO plan_step (plan, position, rule, kind, object, member, action, label, held, changes) \
                 VALUES {list}"
            )
        },
        |_| Ok(()),
    )
}

/// A plan's steps with positions above `after`, each with its position. The first position is whatever
/// [`append_steps`] was given; −1 is before all.
///
/// # Errors
/// Any error of the database.
pub fn steps(tx: &mut Tx, plan: i64, after: i64, limit: i64) -> Result<Vec<(i64, PlanStep)>> {
    tx.query(STEPS, &[plan.into(), after.into(), limit.into()], |r| {
        let changes = serde_json::from_str(r.str(8)?)
            .map_err(|e| Error::Damaged(format!("a step of a kept plan: {e}")))?;
        let step = PlanStep {
            rule: r.int(1)?,
            kind: kind_of(r.int(2)?),
            object: r.int(3)?,
            member: r.int(4)?,
            action: r.text(5)?,
            label: r.text(6)?,
            held: r.bool(7)?,
            changes,
        };
        Ok((r.int(0)?, step))
    })
}

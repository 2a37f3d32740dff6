//! What somebody signed off in a guide, where no fact of ours can show that it was done.

use crate::{Result, Tx, audit, word};

crate::statements! {
    PUT = "INSERT INTO guide_note (workspace, guide, step, note, at, actor) VALUES ($1, $2, $3, $4, $5, $6) \
           ON CONFLICT (workspace, guide, step) DO UPDATE SET note = excluded.note, at = excluded.at, actor = excluded.actor";
    LIST = "SELECT step, note, at, actor FROM guide_note WHERE workspace = $1 AND guide = $2 ORDER BY step";
    REMOVE = "DELETE FROM guide_note WHERE workspace = $1 AND guide = $2 AND step = $3";
}

/// What was signed off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuideNote {
    /// The step of the guide.
    pub step: String,
    /// What they wrote about it; may be empty.
    pub note: String,
    /// When.
    pub at: i64,
    /// Who.
    pub actor: String,
}

/// Signs a step off, or changes what is written about it.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-NAME`) for a guide or a step that cannot be one, or a note of more than 100
/// characters or with a line break.
pub fn put(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    workspace: i64,
    guide: &str,
    step: &str,
    note: &str,
) -> Result<()> {
    word::check_name("guide", guide)?;
    word::check_name("step", step)?;
    if !note.is_empty() {
        word::check_name("note", note)?;
    }
    let params = [
        workspace.into(),
        guide.into(),
        step.into(),
        note.into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(PUT, &params)?;
    let subject = format!("{guide}/{step}");
    audit::append_named(tx, workspace, now, actor, "guide.sign", &subject, note)
}

/// What was signed off in a guide, by step. There are as many as the guide has steps.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, workspace: i64, guide: &str) -> Result<Vec<GuideNote>> {
    tx.query(LIST, &[workspace.into(), guide.into()], |r| {
        Ok(GuideNote {
            step: r.text(0)?,
            note: r.text(1)?,
            at: r.int(2)?,
            actor: r.text(3)?,
        })
    })
}

/// Takes a sign-off back. `false`: the step was not signed off.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, workspace: i64, guide: &str, step: &str) -> Result<bool> {
    let done = tx.execute(REMOVE, &[workspace.into(), guide.into(), step.into()])? > 0;
    if done {
        let subject = format!("{guide}/{step}");
        audit::append_named(tx, workspace, now, actor, "guide.unsign", &subject, "")?;
    }
    Ok(done)
}

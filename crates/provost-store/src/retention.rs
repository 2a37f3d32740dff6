//! Removes what is past its time: logs, the recycle bin, tokens of OAuth clients, old plans, drift and notices, and
//! what sign-ins leave behind.

use crate::provider::Settings;
use crate::{
    Error, Result, Tx, application, attempt, ceremony, drift, federated_signin, idempotency, migration,
    notice, one_time_link, plan,
};
use crate::{person_signin, provisioning_log, recycle, request, session, setting, token};
use serde::{Deserialize, Serialize};

crate::statements! {
    WORKSPACES = "SELECT key FROM workspace ORDER BY key";
    PROVIDERS = "SELECT key, settings FROM inbound_provider ORDER BY key";
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// The name of the [`setting`] that holds a workspace's [`Retention`].
pub const SETTING: &str = "retention";
/// Days after which a plan that waits for nothing goes.
const PLAN_DAYS: i64 = 30;
/// Days after which repaired drift goes.
const DRIFT_DAYS: i64 = 30;
/// Days after which a notice whose cause is over goes.
const NOTICE_DAYS: i64 = 90;

/// Days after which an attempt to sign in is forgotten: every bucket is full again by then.
const ATTEMPT_DAYS: i64 = 1;
/// Days for which it is known what became of a link that a person got, counted from when it expired.
const LINK_DAYS: i64 = 30;
/// Days for which it is known what became of a sign-in at a relying party; the audit log keeps it longer.
const FEDERATED_DAYS: i64 = 90;
/// Days for which it is shown who signed in to an application, counted from when the sign-in expired.
const ENTRY_DAYS: i64 = 30;
/// Days that answers are kept for requests that are sent again.
const IDEMPOTENCY_DAYS: i64 = 1;

/// How long a workspace keeps what it keeps for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Days that the provisioning log is kept, at least 2: the deletion guard counts the last 24 hours in it.
    pub provisioning_log_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            provisioning_log_days: 90,
        }
    }
}

impl Retention {
    /// What a workspace has set, or the default.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the setting cannot be read.
    pub fn of(tx: &mut Tx, workspace: i64) -> Result<Self> {
        let Some(value) = setting::get(tx, workspace, SETTING)? else {
            return Ok(Self::default());
        };
        let read: Self = serde_json::from_value(value)
            .map_err(|e| Error::Damaged(format!("the setting {SETTING}: {e}")))?;
        Ok(Self {
            provisioning_log_days: read.provisioning_log_days.max(2),
        })
    }
}

/// How much was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows of the request log.
    pub requests: i64,
    /// People and groups of the recycle bin.
    pub recycled: i64,
    /// Tokens of OAuth clients that ended more than a day ago.
    pub tokens: i64,
    /// Lines of the provisioning log.
    pub log_lines: i64,
    /// Steps of plans, and plans.
    pub plans: i64,
    /// Differences that were repaired.
    pub drift: i64,
    /// Notices whose cause is over.
    pub notices: i64,
    /// Sessions, links and sign-ins that ended, and attempts that are long past.
    pub signins: i64,
    /// Answers that were kept for requests sent again.
    pub answers: i64,
}

impl Swept {
    /// Whether any kind reached `limit`: then there may be more.
    pub fn is_cut(&self, limit: i64) -> bool {
        let all = [
            self.requests,
            self.recycled,
            self.tokens,
            self.log_lines,
            self.plans,
            self.drift,
            self.notices,
            self.signins,
            self.answers,
        ];
        all.iter().any(|rows| *rows >= limit)
    }
}

/// Removes what is past its time, at most `limit` of each kind, so that other writes wait no longer than
/// that takes. Whoever gets `limit` of a kind calls again. Each provider's settings say how many days its
/// requests are kept, the workspace's [`Retention`] how many its provisioning log; a deleted person or group
/// carries its own time.
///
/// # Errors
/// Any error of the database.
pub fn sweep(tx: &mut Tx, now: i64, limit: i64) -> Result<Swept> {
    let days_ago = |days: i64| now.saturating_sub(days.saturating_mul(DAY));
    Ok(Swept {
        requests: forget_requests(tx, now, limit)?,
        recycled: recycle::sweep(tx, now, limit)?,
        tokens: token::forget(tx, days_ago(1), limit)?,
        log_lines: forget_log(tx, now, limit)?,
        plans: plan::forget(tx, days_ago(PLAN_DAYS), limit)?,
        drift: drift::sweep(tx, days_ago(DRIFT_DAYS), limit)?,
        notices: notice::sweep(tx, days_ago(NOTICE_DAYS), limit)?,
        signins: forget_signins(tx, now, limit)?,
        answers: idempotency::forget_old(tx, days_ago(IDEMPOTENCY_DAYS), limit)?,
    })
}

/// At most `limit` of all of them together.
fn forget_signins(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let mut gone = session::forget_expired(tx, now, limit)?;
    gone += one_time_link::forget_expired(tx, now, limit - gone)?;
    gone += ceremony::forget_expired(tx, now, limit - gone)?;
    gone += person_signin::session::forget_expired(tx, now, limit - gone)?;
    gone += person_signin::ceremony::forget_expired(tx, now, limit - gone)?;
    let before = now.saturating_sub(LINK_DAYS * DAY);
    gone += person_signin::grant::forget_expired(tx, before, limit - gone)?;
    let before = now.saturating_sub(FEDERATED_DAYS * DAY);
    gone += federated_signin::forget_old(tx, before, limit - gone)?;
    gone += migration::forget_expired(tx, now, limit - gone)?;
    gone += application::asked::forget_expired(tx, now, limit - gone)?;
    gone += application::token::forget_expired(tx, now, limit - gone)?;
    let before = now.saturating_sub(ENTRY_DAYS * DAY);
    gone += application::entry::forget_expired(tx, before, limit - gone)?;
    gone += attempt::forget_old(tx, now.saturating_sub(ATTEMPT_DAYS * DAY), limit - gone)?;
    Ok(gone)
}

/// Deletes the oldest rows of `owner` that came before `before`, at most `limit`, and answers how many. The first
/// statement gives keys and times from the oldest on; the second deletes up to a key, so that no row is named.
pub(crate) fn forget_oldest(
    tx: &mut Tx,
    (oldest, delete): (&str, &str),
    owner: i64,
    before: i64,
    limit: i64,
) -> Result<i64> {
    let (mut last, mut rows) = (0, 0);
    tx.for_each(oldest, &[owner.into(), limit.into()], |r| {
        let is_old = r.int(1)? < before;
        if is_old {
            last = r.int(0)?;
            rows += 1;
        }
        Ok(is_old)
    })?;
    if rows > 0 {
        tx.execute(delete, &[owner.into(), last.into()])?;
    }
    Ok(rows)
}

fn forget_requests(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let providers = tx.query(PROVIDERS, &[], |r| {
        Ok((r.int(0)?, Settings::of_text(r.str(1)?)?.log_days))
    })?;
    let mut left = limit;
    for (provider, days) in providers {
        let before = now.saturating_sub(i64::from(days).saturating_mul(DAY));
        if left > 0 {
            left -= request::forget(tx, provider, before, left)?;
        }
    }
    Ok(limit - left)
}

fn forget_log(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let mut left = limit;
    for workspace in tx.query(WORKSPACES, &[], |r| r.int(0))? {
        let days = Retention::of(tx, workspace)?.provisioning_log_days;
        let before = now.saturating_sub(i64::from(days).saturating_mul(DAY));
        if left > 0 {
            left -= provisioning_log::forget(tx, workspace, before, left)?;
        }
    }
    Ok(limit - left)
}

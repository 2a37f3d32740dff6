//! How far each person and group is synchronised, in PingOne's words: impacted is everybody a rule is meant for, and
//! each of them is a success, unsynced, partially synced or failed. So the numbers add up.
//!
//! What a step came to is noted with its outcome (`note.rs`); what was planned and not allowed, or waits, at the end
//! of the cycle (`settle.rs`). A row says what is the matter; who has none and is linked is a success.

mod note;
mod settle;

pub(crate) use note::{Notes, failed, partial};
pub(crate) use settle::settle;

use crate::{Engine, Error, Result};
use provost_engine::object::Kind;
use provost_store::sync_status::{self, Asked, Counts, Page};
use provost_store::{connection, link, rule};
use serde::Serialize;

/// Objects in one page of a list at most.
const MOST: usize = 500;

/// The numbers of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleStatus {
    /// The rule's name.
    pub rule: String,
    /// People or groups.
    pub kind: Kind,
    /// Whether the rule is switched on.
    pub enabled: bool,
    /// The numbers; `impacted` is the sum of the others.
    pub counts: Counts,
}

/// How one person or group stands under one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectStatus {
    /// The connection's name.
    pub connection: String,
    /// The rule's name.
    pub rule: String,
    /// `success`, `unsynced`, `partially_synced` or `failed`.
    pub status: Asked,
    /// The account's id in the target; empty without one.
    pub target_id: String,
    /// The stable word for the reason; empty for a success.
    pub code: String,
    /// Why, for people; empty for a success.
    pub reason: String,
    /// Since when; 0 for a success.
    pub since: i64,
}

impl Engine {
    /// The numbers of each rule of a connection: people before groups.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn sync_status(&self, connection: i64) -> Result<Vec<RuleStatus>> {
        let rules = self
            .db
            .read(move |tx| rule::of_connection(tx, connection))
            .await?;
        let mut numbers = Vec::with_capacity(rules.len());
        for stored in rules {
            let key = stored.key;
            let count = move |tx: &mut provost_store::Tx| sync_status::counts(tx, key);
            numbers.push(RuleStatus {
                counts: self.db.remembered("sync status", key, count).await?,
                rule: stored.name,
                kind: stored.kind,
                enabled: stored.rule.enabled,
            });
        }
        Ok(numbers)
    }

    /// The list behind one of a rule's numbers, in pages of at most 500; `after` is the `next` of the page before.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-RULE-UNKNOWN`; any error of the store.
    pub async fn sync_status_list(
        &self,
        connection: i64,
        rule: &str,
        asked: Asked,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page> {
        let (name, limit) = (rule.to_owned(), limit.clamp(1, MOST));
        let page = self
            .db
            .read(move |tx| {
                let stored = rule::of_connection(tx, connection)?;
                match stored.iter().find(|stored| stored.name == name) {
                    Some(stored) => sync_status::list(tx, stored.key, asked, after, limit).map(Some),
                    None => Ok(None),
                }
            })
            .await?;
        page.ok_or_else(|| {
            Error::refused(
                "PRV-RULE-UNKNOWN",
                format!("the connection has no rule \"{rule}\""),
                "List the connection's rules and choose one of them.",
            )
        })
    }

    /// How one person or group stands under every rule that is meant for it, as far as cycles have come.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn sync_status_of(&self, workspace: i64, object: i64) -> Result<Vec<ObjectStatus>> {
        let found = self
            .db
            .read(move |tx| {
                let entries = sync_status::of_object(tx, object)?;
                let links = link::of_object(tx, object)?;
                let mut found = Vec::new();
                for connection in connection::all(tx, workspace)? {
                    for stored in rule::of_connection(tx, connection.key)? {
                        let entry = entries.iter().find(|entry| entry.rule == stored.key);
                        let link = links.iter().find(|link| link.rule == stored.key);
                        if entry.is_none() && link.is_none() {
                            continue;
                        }
                        found.push(ObjectStatus {
                            connection: connection.name.clone(),
                            rule: stored.name,
                            status: entry.map(|entry| entry.state).into(),
                            target_id: link.map(|link| link.target_id.clone()).unwrap_or_default(),
                            code: entry.map(|entry| entry.code.clone()).unwrap_or_default(),
                            reason: entry.map(|entry| entry.reason.clone()).unwrap_or_default(),
                            since: entry.map_or(0, |entry| entry.since),
                        });
                    }
                }
                Ok::<_, provost_store::Error>(found)
            })
            .await?;
        Ok(found)
    }
}

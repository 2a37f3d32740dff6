//! How many people or groups a rule means, while it is being written and before it is switched on.

use super::confirm::{NAMED, Question};
use crate::assigned::Assigned;
use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::{Engine, Result};
use provost_engine::object::{Kind, Source};
use provost_engine::rule::Compiled;
use provost_store::Db;
use provost_store::directory::{self, Range};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// Keys in one stretch of the directory.
const STRETCH: i64 = 16_384;
/// How long one stretch may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Whom a rule means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HeadCount {
    /// How many it means.
    pub meant: u64,
    /// How many there are in the directory.
    pub total: u64,
    /// Those of whom it cannot be said, because a filter cannot be applied to them.
    pub unknown: u64,
    /// The names of the first that it means.
    pub names: Vec<String>,
}

impl Engine {
    /// How many a rule means, saved or not, on a connection as it is saved.
    ///
    /// # Errors
    /// [`crate::Error::Rules`] when it does not compile; [`crate::Error::NoConnection`]; any error of the store.
    pub async fn head_count(&self, connection: i64, rule: &provost_engine::rule::Rule) -> Result<HeadCount> {
        let mut rule = rule.clone();
        rule.enabled = true;
        let proposal = Proposal {
            rules: Some(vec![rule]),
            ..Proposal::default()
        };
        let open = open::open_with(self, connection, &proposal).await?;
        let open = open.with_everybody_listed(&self.db).await?;
        match open.rules.first() {
            Some(active) => self.count_of(&open, &active.compiled).await,
            None => Ok(HeadCount::default()),
        }
    }

    /// `open` has everybody listed who is assigned.
    pub(super) async fn count_of(&self, open: &Open, compiled: &Compiled) -> Result<HeadCount> {
        count(&self.db, open.connection.workspace, &open.assigned, compiled).await
    }
}

/// Walks the whole directory and asks the scope, not the mappings.
pub(super) async fn count(
    db: &Db,
    workspace: i64,
    assigned: &Arc<Assigned>,
    compiled: &Compiled,
) -> Result<HeadCount> {
    let kind = compiled.object();
    let highest = db.read(directory::highest_key).await?;
    let mut sum = HeadCount::default();
    for part in 0..=highest / STRETCH {
        let range = Range {
            after: part * STRETCH,
            upto: (part + 1) * STRETCH,
        };
        let (assigned, compiled) = (assigned.clone(), compiled.clone());
        let found = db
            .read_within(LIMIT, move |tx| {
                let mut found = HeadCount::default();
                directory::for_each(tx, workspace, kind, range, |row| {
                    let (key, id, document) = (row.key()?, row.id()?.to_string(), row.value()?);
                    let source = Source {
                        kind,
                        id: &id,
                        document: &document,
                        assigned: assigned.has_listed(key),
                    };
                    found.total += 1;
                    match compiled.admits(&source) {
                        Ok(true) => {
                            found.meant += 1;
                            if found.names.len() < NAMED {
                                found.names.push(row.label()?.to_owned());
                            }
                        }
                        Ok(false) => {}
                        Err(_) => found.unknown += 1,
                    }
                    Ok(())
                })?;
                Ok::<_, provost_store::Error>(found)
            })
            .await?;
        sum.meant += found.meant;
        sum.total += found.total;
        sum.unknown += found.unknown;
        sum.names.extend(found.names);
        sum.names.truncate(NAMED);
    }
    Ok(sum)
}

/// A rule that means everybody, or nobody, is rarely what somebody wanted: they have to say so. Groups are not asked
/// about: all of them is what most rules mean.
pub(super) fn question(rule: &str, kind: Kind, count: &HeadCount) -> Option<Question> {
    if kind != Kind::Person || count.unknown > 0 {
        return None;
    }
    let (code, sentence) = match (count.meant, count.total) {
        (0, total) => (
            "PRV-RULE-NOBODY",
            format!("The rule \"{rule}\" means nobody of {total} people in the directory."),
        ),
        (meant, total) if meant == total => (
            "PRV-RULE-EVERYONE",
            format!("The rule \"{rule}\" means everybody in the directory: {total} people."),
        ),
        _ => return None,
    };
    Some(Question {
        code,
        sentence,
        hint: "Narrow the rule's filters, or confirm that this is what you mean.",
        list: count.names.clone(),
    })
}

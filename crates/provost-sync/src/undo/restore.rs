//! Bringing one thing back: an account or a membership, with its link, its protection, its line in the log, and the
//! question for the next cycle.

use super::{MEMBER_TARGET, Outcome, Undo};
use crate::open::{ActiveRule, Open};
use crate::{Result, detail};
use provost_connect::MemberChange;
use provost_engine::object::{Kind, Record};
use provost_engine::plan::Action;
use provost_engine::rule::ENABLED_ATTRIBUTES;
use provost_store::directory::{self, Object};
use provost_store::lease::{self, Lease};
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry, Modified};
use provost_store::{Tx, protection, revisit};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// Milliseconds between a disable and its line in the log, at most.
const SLACK: i64 = 60_000;

impl Undo<'_> {
    /// Enables an account, and restores the values that went with its disable.
    pub(super) async fn enable_again(&self, entry: &Entry) -> Result<Outcome> {
        let Some((rule, object, link)) = self.linked(entry.kind, entry.object).await? else {
            return Ok(left_alone());
        };
        if link.enabled {
            return Ok(Outcome::Left("The account is enabled again already.".to_owned()));
        }
        if link.disabled > entry.at + SLACK {
            return Ok(Outcome::Left(
                "The account came back and was disabled again by a later cycle: undo that one.".to_owned(),
            ));
        }
        let target = &self.open.target;
        if let Err(e) = target.enable(rule.kind, &link.target_id).await {
            return Ok(Outcome::Failed(format!("{e}. {}", e.hint())));
        }
        let before = values_before(&entry.trace.modified);
        let restored = match before.is_empty() {
            true => Ok(()),
            false => target.update(rule.kind, &link.target_id, &before).await,
        };
        let kept = restored.is_ok();
        self.note_enabled(entry, &object, link, kept.then_some(before))
            .await?;
        Ok(match restored {
            Ok(()) => Outcome::Done("The account is enabled again, and protected.".to_owned()),
            Err(e) => Outcome::Done(format!(
                "The account is enabled again, and protected; the values that went with it could not be restored: {e}."
            )),
        })
    }

    /// The link, the protection, the log and the question for the next cycle, in one commit.
    async fn note_enabled(
        &self,
        entry: &Entry,
        object: &Object,
        mut link: Link,
        before: Option<Record>,
    ) -> Result<()> {
        link.enabled = true;
        link.disabled = 0;
        for attribute in ENABLED_ATTRIBUTES {
            if let Some(written) = link.written.get_mut(attribute) {
                *written = was(&entry.trace.modified, attribute).unwrap_or(Value::Bool(true));
            }
        }
        for (attribute, value) in before.into_iter().flatten() {
            match value {
                Value::Null => drop(link.written.remove(&attribute)),
                value => drop(link.written.insert(attribute, value)),
            }
        }
        let line = self.line(entry, Action::Restore, &link.target_id);
        let (object, note) = (object.clone(), self.note());
        self.engine
            .db
            .write(move |tx| {
                lease::prove(tx, note.lease)?;
                link::put(tx, note.now, &link)?;
                provisioning_log::append(tx, object.workspace, &line)?;
                revisit::ask(tx, note.lease.connection, object.key, 0, note.now, "undo")?;
                note.protect(tx, &object)
            })
            .await?;
        Ok(())
    }

    /// Makes a person a member again.
    pub(super) async fn add_again(&self, entry: &Entry) -> Result<Outcome> {
        let Some((rule, _, group)) = self.linked(Kind::Group, entry.object).await? else {
            return Ok(Outcome::Left("The group is not linked any more.".to_owned()));
        };
        let details = entry
            .trace
            .steps
            .iter()
            .find_map(|s| s.details.get(MEMBER_TARGET));
        let Some((person, target_id)) = self.member(details.map_or("", String::as_str)).await? else {
            return Ok(left_alone());
        };
        let (group_key, member_key) = (entry.object, person.key);
        let rule_key = rule.key;
        let is_member = self
            .engine
            .db
            .read(move |tx| link::has_member(tx, rule_key, group_key, member_key))
            .await?;
        if is_member {
            return Ok(Outcome::Left("The membership is there again already.".to_owned()));
        }
        let change = MemberChange {
            member_id: target_id,
            kind: Kind::Person,
            add: true,
        };
        let answer = self
            .open
            .target
            .change_members(&group.target_id, &[change])
            .await
            .pop();
        if let Some(Err(e)) = answer {
            return Ok(Outcome::Failed(format!("{e}. {}", e.hint())));
        }
        let line = self.line(entry, Action::AddMember, &group.target_id);
        let note = self.note();
        self.engine
            .db
            .write(move |tx| {
                lease::prove(tx, note.lease)?;
                link::add_member(tx, rule_key, group_key, member_key)?;
                provisioning_log::append(tx, person.workspace, &line)?;
                revisit::ask(tx, note.lease.connection, group_key, member_key, note.now, "undo")?;
                note.protect(tx, &person)
            })
            .await?;
        Ok(Outcome::Done(
            "The person is a member again, and protected.".to_owned(),
        ))
    }

    /// An object that is in the directory, with the link that the connection has of it.
    pub(super) async fn linked(
        &self,
        kind: Kind,
        object: i64,
    ) -> Result<Option<(Arc<ActiveRule>, Object, Link)>> {
        let open = self.open.clone();
        self.engine
            .db
            .read(move |tx| {
                let Some(found) = directory::by_key(tx, object)? else {
                    return Ok(None);
                };
                for rule in open.rules.iter().filter(|r| r.kind == kind) {
                    if let Some(link) = link::get(tx, rule.key, object)? {
                        return Ok(Some((rule.clone(), found, link)));
                    }
                }
                Ok(None)
            })
            .await
    }

    /// The person behind an account, when both are there.
    async fn member(&self, target_id: &str) -> Result<Option<(Object, String)>> {
        let (connection, target_id) = (self.open.connection.key, target_id.to_owned());
        self.engine
            .db
            .read(move |tx| {
                for link in link::by_target_id(tx, connection, &target_id)? {
                    if let Some(object) = directory::by_key(tx, link.object)? {
                        return Ok(Some((object, link.target_id)));
                    }
                }
                Ok(None)
            })
            .await
    }

    pub(super) fn line(&self, entry: &Entry, action: Action, target_id: &str) -> Entry {
        let modified = entry.trace.modified.iter().map(|m| Modified {
            name: m.name.clone(),
            old: m.new.clone(),
            new: m.old.clone(),
        });
        let mut trace = provisioning_log::Trace::default();
        trace.modified.extend(modified);
        Entry {
            at: self.open.now(),
            cycle: self.cycle,
            action: action.to_string(),
            status: "success".to_owned(),
            reason: format!("Undo of cycle {}.", self.undone),
            target_id: target_id.to_owned(),
            change_id: Some(Uuid::now_v7()),
            initiator: self.actor.clone(),
            key: 0,
            code: String::new(),
            trace,
            ..entry.clone()
        }
    }

    pub(super) fn note(&self) -> Note {
        Note {
            lease: self.lease,
            now: self.open.now(),
            actor: self.actor.clone(),
            reason: format!("An undo of cycle {} brought it back.", self.undone),
            open: self.open.clone(),
        }
    }
}

/// What a commit of an undo needs.
#[derive(Clone)]
pub(super) struct Note {
    pub lease: Lease,
    pub now: i64,
    actor: String,
    reason: String,
    open: Open,
}

impl Note {
    /// The next removal waits for a person.
    pub(super) fn protect(&self, tx: &mut Tx, object: &Object) -> provost_store::Result<()> {
        let connection = &self.open.connection;
        if protection::is_protected(tx, object.workspace, connection.key, object.key)? {
            return Ok(());
        }
        protection::add(tx, &self.actor, self.now, Some(connection), object, &self.reason)
    }
}

pub(super) fn left_alone() -> Outcome {
    Outcome::Left(
        "The person is not in the directory any more, or not linked. Restore the person first; the next cycle does \
         the rest."
            .to_owned(),
    )
}

/// The value that a line of the log says was there before.
fn was(modified: &[Modified], attribute: &str) -> Option<Value> {
    let found = modified.iter().find(|m| m.name == attribute)?;
    (!found.old.is_null()).then(|| found.old.clone())
}

/// What was written together with the disable, as it was before. What is not shown cannot be restored.
fn values_before(modified: &[Modified]) -> Record {
    let hidden = |value: &Value| value.as_str() == Some(detail::REDACTED);
    modified
        .iter()
        .filter(|m| !ENABLED_ATTRIBUTES.contains(&m.name.as_str()) && m.name != detail::ENABLED)
        .filter(|m| m.old != m.new && !hidden(&m.old) && !hidden(&m.new))
        .map(|m| (m.name.clone(), m.old.clone()))
        .collect()
}

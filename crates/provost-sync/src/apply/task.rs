//! An object with everything its step needs, looked at again at the last moment.

use super::run::Run;
use crate::open::{ActiveRule, Open};
use crate::survey::{Look, Seen, env, look, with_resent};
use crate::{Result, random};
use provost_engine::object::Record;
use provost_engine::plan::{Action, Decision, Step};
use provost_engine::rule::{Env, Need};
use provost_store::directory::{self, Object};
use provost_store::doubt::{self, Doubt};
use provost_store::link::{self, Link};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// An object with everything its step needs.
pub(crate) struct Task {
    pub key: i64,
    pub id: Uuid,
    pub label: String,
    pub link: Option<Link>,
    pub look: Look,
    /// The directory's document; none when the object is gone.
    pub document: Option<Value>,
    pub assigned: bool,
    /// Target attributes and values of which the rule asked whether somebody has them.
    pub asked: BTreeSet<(String, String)>,
    /// What is doubtful about it, and what a person decided.
    pub doubt: Option<Doubt>,
}

impl Task {
    /// The stable key by which the target can recognise a repeated create.
    pub fn link_key(&self) -> String {
        self.id.to_string()
    }

    /// Looks at the object again, with what is known to be taken in the target.
    pub fn look_again(&mut self, open: &Open, rule: &ActiveRule, taken: &BTreeSet<(String, String)>) {
        let text = self.id.to_string();
        let seen = self.document.as_ref().map(|document| Seen {
            id: &text,
            document,
            assigned: self.assigned,
            leaves: open.leavers.contains(&self.key),
        });
        if let Ok((look, asked)) = look_now(open, rule, seen, self.link.as_ref(), taken) {
            self.look = look;
            self.asked = asked;
        }
    }
}

/// Reads a group's objects and links and decides again: what no longer wants a step is dropped.
pub(super) async fn load(
    run: &Run,
    rule: &Arc<ActiveRule>,
    steps: &[Step],
    actions: &[Action],
) -> Result<Vec<Task>> {
    let (open, rule, keys) = (
        run.open.clone(),
        rule.clone(),
        steps.iter().map(|s| s.object).collect::<Vec<_>>(),
    );
    let (actions, pinned) = (actions.to_vec(), run.pinned.clone());
    let tasks = run
        .db
        .read(move |tx| {
            let mut tasks = Vec::with_capacity(keys.len());
            let mut links = link::get_all(tx, rule.key, &keys)?;
            let mut doubts = doubt::of_many(tx, rule.key, &keys)?;
            for key in &keys {
                let object = directory::by_key(tx, *key)?;
                if pinned
                    .as_ref()
                    .is_some_and(|p| p.get(key) != Some(&version(object.as_ref())))
                {
                    continue;
                }
                let assigned = open.assigned.contains(tx, rule.kind, *key)?;
                let found = task(&open, &rule, *key, object, links.remove(key), assigned, &actions)?;
                tasks.extend(found.map(|task| Task {
                    doubt: doubts.remove(key),
                    ..task
                }));
            }
            Ok::<_, provost_store::Error>(tasks)
        })
        .await?;
    Ok(tasks)
}

/// A linked person as they are now, for a step about their licences. `None`: the mapping fails, as the survey has
/// reported.
pub(crate) fn look_again(
    tx: &mut provost_store::Tx,
    open: &Open,
    rule: &ActiveRule,
    key: i64,
    object: Option<&Object>,
    link: &Link,
) -> Result<Option<Look>> {
    let document = object.map(Object::value).transpose()?;
    let id = object.map(|o| o.id.to_string());
    let assigned = open.assigned.contains(tx, rule.kind, key)?;
    let seen = id.as_deref().zip(document.as_ref()).map(|(id, document)| Seen {
        id,
        document,
        assigned,
        leaves: open.leavers.contains(&key),
    });
    Ok(look(open, rule, seen, Some(link), Need::Update, &env(open.now())).ok())
}

/// By which an object is known to be the one that a person has looked at; 0 for one that is gone.
pub(crate) fn version(object: Option<&Object>) -> i64 {
    object.map_or(0, |o| o.version)
}

fn task(
    open: &Open,
    rule: &ActiveRule,
    key: i64,
    object: Option<Object>,
    link: Option<Link>,
    assigned: bool,
    actions: &[Action],
) -> provost_store::Result<Option<Task>> {
    let document = object.as_ref().map(Object::value).transpose()?;
    let id = object
        .as_ref()
        .map(|o| o.id)
        .or(link.as_ref().map(|l| l.object_id));
    let label = object
        .map(|o| o.label)
        .or_else(|| link.as_ref().map(|l| l.label.clone()));
    let (Some(id), Some(label)) = (id, label) else {
        return Ok(None);
    };
    let text = id.to_string();
    let seen = document.as_ref().map(|document| Seen {
        id: &text,
        document,
        assigned,
        leaves: open.leavers.contains(&key),
    });
    let Ok((mut look, asked)) = look_now(open, rule, seen, link.as_ref(), &BTreeSet::new()) else {
        // The survey has reported the failing mapping.
        return Ok(None);
    };
    look.decision = with_resent(rule, &look, link.as_ref());
    if look.decision == Decision::Nothing && !look.references.is_empty() {
        look.decision = Decision::Update(Record::new());
    }
    if look.fault.is_some() {
        // As above.
        return Ok(None);
    }
    let wanted = look
        .decision
        .action()
        .is_some_and(|action| actions.contains(&action));
    Ok(wanted.then_some(Task {
        key,
        id,
        label,
        link,
        look,
        document,
        assigned,
        asked,
        doubt: None,
    }))
}

/// A look for real: with randomness, and with the questions that the rule asks about the target.
fn look_now(
    open: &Open,
    rule: &ActiveRule,
    seen: Option<Seen<'_>>,
    link: Option<&Link>,
    taken: &BTreeSet<(String, String)>,
) -> std::result::Result<(Look, BTreeSet<(String, String)>), provost_engine::rule::MapError> {
    let asked = Mutex::new(BTreeSet::new());
    let is_taken = |attribute: &str, value: &str| {
        let pair = (attribute.to_owned(), value.to_owned());
        let is_taken = taken.contains(&pair);
        if let Ok(mut asked) = asked.lock() {
            asked.insert(pair);
        }
        is_taken
    };
    // What is sealed is opened only for an account that is about to be made.
    let secret = |name: &str| open.secrets.get(name).map(|secret| secret.expose().to_owned());
    let env = Env {
        now: open.now(),
        random: Some(&random::fill),
        secrets: Some(&secret),
        taken: rule.seeks_unique.then_some(&is_taken),
        ..Env::default()
    };
    let look = look(open, rule, seen, link, Need::Both, &env)?;
    Ok((look, asked.into_inner().unwrap_or_default()))
}

//! Looking at objects: what the rule says, what was written, and what follows. Nothing is written here.

use crate::known;
use crate::open::{ActiveRule, Open};
use crate::progress::Counter;
use crate::work::{Scope, Work};
use crate::{Error, Result};
use futures::{StreamExt as _, TryStreamExt as _};
use provost_engine::object::{Record, Source};
use provost_engine::plan::{self, Decision, Plan, Reason, Step};
use provost_engine::rule::{Env, Evaluation, MapError, Need};
use provost_store::directory::{self, Object, Range};
use provost_store::link::{self, Link};
use provost_store::{Db, Tx, reference};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Keys in one stretch of the directory; at most half of them are objects.
const STRETCH: i64 = 16_384;
/// Stretches that are read at the same time: as many as the embedded database has readers.
const PARALLEL: usize = 2;
/// How long one stretch may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Objects looked at by key in one read.
const KEYS: usize = 500;

/// What is seen of one object.
pub(crate) struct Look {
    pub decision: Decision,
    /// `None`: the object is gone from the directory.
    pub evaluation: Option<Evaluation>,
    /// References that differ from what was written: attribute and directory id, or none.
    pub references: Vec<(String, Option<Uuid>)>,
    /// When the object has to be looked at again although nothing changes: the end of its grace period.
    pub again: Option<i64>,
}

/// A directory object as it is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub id: &'a str,
    pub document: &'a Value,
    /// Whether the connection's assignment means it.
    pub assigned: bool,
}

/// An object whose mapping failed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub object: i64,
    pub id: Uuid,
    pub label: String,
    pub error: MapError,
}

/// What a survey of one rule found.
#[derive(Default)]
pub(crate) struct Survey {
    pub plan: Plan,
    pub looked: u64,
    pub skipped: BTreeMap<Reason, u64>,
    pub failures: Vec<Failure>,
    /// Objects to look at again, and when.
    pub again: Vec<(i64, i64)>,
    /// References that wait, as object and attribute, although the directory has changed its mind.
    pub stale: Vec<(i64, String)>,
}

impl Survey {
    fn merge(&mut self, other: Survey) {
        for step in other.plan.steps {
            self.plan.push(step);
        }
        self.looked += other.looked;
        self.failures.extend(other.failures);
        self.again.extend(other.again);
        self.stale.extend(other.stale);
        for (reason, count) in other.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
    }

    /// Takes note of waiting references that nobody wants written any more. One that the directory wants otherwise
    /// than it was written is not among them: it waits for somebody else from now on.
    fn note_stale(&mut self, key: i64, look: &Look, waiting: &BTreeMap<(i64, String), Uuid>) {
        let of_object = waiting.range((key, String::new())..(key + 1, String::new()));
        for ((_, attribute), waits) in of_object {
            let in_scope = look.evaluation.as_ref().filter(|e| e.in_scope);
            let wanted = in_scope.and_then(|e| {
                let found = e.references.iter().find(|(name, _)| *name == attribute);
                found
                    .and_then(|(_, wanted)| wanted.as_deref())
                    .and_then(|id| Uuid::parse_str(id).ok())
            });
            let changes = look.references.iter().any(|(name, _)| name == attribute);
            if in_scope.is_none() || (!changes && wanted != Some(*waits)) {
                self.stale.push((key, attribute.clone()));
            }
        }
    }

    fn enter(&mut self, rule: &ActiveRule, key: i64, decision: &Decision, again: Option<i64>) {
        self.looked += 1;
        self.again.extend(again.map(|due| (key, due)));
        if let Some(action) = decision.action() {
            self.plan.push(Step::object(rule.kind, key, action));
        } else if let Decision::Skip(reason) = decision {
            *self.skipped.entry(*reason).or_default() += 1;
        }
    }
}

/// Looks at one object: pure but for the target's spelling of values. `seen` is `None` when the object is gone
/// from the directory. `need` says which records to build: a survey of a million people builds only the one it
/// decides by.
pub(crate) fn look(
    open: &Open,
    rule: &ActiveRule,
    seen: Option<Seen<'_>>,
    link: Option<&Link>,
    need: Need,
    env: &Env<'_>,
) -> std::result::Result<Look, MapError> {
    let mut evaluation = match seen {
        Some(seen) => {
            let source = Source {
                kind: rule.kind,
                id: seen.id,
                document: seen.document,
                assigned: seen.assigned,
            };
            Some(rule.compiled.evaluate_for(&source, env, need)?)
        }
        None => None,
    };
    if let Some(evaluation) = &mut evaluation {
        open.target.normalize(rule.kind, &mut evaluation.create);
        open.target.normalize(rule.kind, &mut evaluation.update);
    }
    let known = link.map(known::of);
    let decision = plan::decide(&rule.compiled, evaluation.as_ref(), known.as_ref(), env.now);
    let again = known
        .filter(|_| decision == Decision::Skip(Reason::Waiting))
        .and_then(|known| rule.compiled.due_again(&known, env.now));
    let references = evaluation
        .as_ref()
        .map(|e| changed_references(e, link))
        .unwrap_or_default();
    Ok(Look {
        decision,
        evaluation,
        references,
        again,
    })
}

/// An object that a cycle names gets the values that are to be sent every time, although nothing differs.
pub(crate) fn with_resent(rule: &ActiveRule, look: &Look, link: Option<&Link>) -> Decision {
    let evaluation = look.evaluation.as_ref().filter(|_| link.is_some());
    match (&look.decision, evaluation) {
        (Decision::Nothing, Some(evaluation)) if evaluation.in_scope => {
            let resent = rule.compiled.resent(evaluation);
            if resent.is_empty() {
                Decision::Nothing
            } else {
                Decision::Update(resent)
            }
        }
        (decision, _) => decision.clone(),
    }
}

/// What an evaluation in a survey may know: the time, and nothing that differs from run to run.
pub(crate) fn env(now: i64) -> Env<'static> {
    Env {
        now,
        ..Env::default()
    }
}

/// The record by which an object is decided.
fn need(link: Option<&Link>) -> Need {
    if link.is_some() {
        Need::Update
    } else {
        Need::Create
    }
}

/// References whose wanted object differs from the one last written. They are kept in the link by directory
/// id, so that no lookup is needed to see that nothing changed.
fn changed_references(evaluation: &Evaluation, link: Option<&Link>) -> Vec<(String, Option<Uuid>)> {
    let written = |attribute: &str| {
        link.and_then(|l| l.written.get(attribute))
            .and_then(Value::as_str)
    };
    evaluation
        .references
        .iter()
        .filter(|(attribute, wanted)| wanted.as_deref() != written(attribute))
        .map(|(attribute, wanted)| {
            (
                attribute.clone(),
                wanted.as_deref().and_then(|id| Uuid::parse_str(id).ok()),
            )
        })
        .collect()
}

/// A linked object whose attributes are right but whose references are not is an update as well, unless all
/// of them are known to wait for their other end.
fn with_references(tx: &mut Tx, rule: &ActiveRule, key: i64, look: &Look) -> provost_store::Result<Decision> {
    if look.decision != Decision::Nothing {
        return Ok(look.decision.clone());
    }
    for (attribute, wanted) in &look.references {
        let waits = reference::waits_for(tx, rule.key, key, attribute)?;
        if waits.is_none() || waits != *wanted {
            return Ok(Decision::Update(Record::new()));
        }
    }
    Ok(Decision::Nothing)
}

/// Surveys a rule over what the cycle looks at.
pub(crate) async fn survey(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    work: &Work,
    now: i64,
    counter: &Counter,
) -> Result<Survey> {
    match work.scope_of(rule.key) {
        Scope::Everything => everything(db, open, rule, now, counter).await,
        Scope::Some(touched) => {
            let keys: Vec<i64> = touched.objects(rule.kind).iter().copied().collect();
            by_keys(db, open, rule, keys, now, counter).await
        }
    }
}

/// Walks the whole directory in stretches of keys, then the links whose object is gone.
async fn everything(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    now: i64,
    counter: &Counter,
) -> Result<Survey> {
    let highest = db.read(directory::highest_key).await?;
    let stretches = (0..=highest / STRETCH).map(|i| Range {
        after: i * STRETCH,
        upto: (i + 1) * STRETCH,
    });
    let mut parts =
        futures::stream::iter(stretches.map(|range| stretch(db, open, rule, range, now))).buffered(PARALLEL);
    let mut survey = Survey::default();
    while let Some(part) = parts.try_next().await? {
        counter.add(part.looked);
        survey.merge(part);
    }
    let rule_key = rule.key;
    let orphans = db
        .read_within(LIMIT, move |tx| link::orphans(tx, rule_key))
        .await?;
    survey.merge(by_keys(db, open, rule, orphans, now, counter).await?);
    Ok(survey)
}

async fn stretch(db: &Db, open: &Open, rule: &Arc<ActiveRule>, range: Range, now: i64) -> Result<Survey> {
    let (open, rule) = (open.clone(), rule.clone());
    db.read_within(LIMIT, move |tx| {
        let links = link::in_range(tx, rule.key, range)?;
        let mut links = links.iter().peekable();
        let mut survey = Survey::default();
        let mut unsure = Vec::new();
        let waiting = reference::in_range(tx, rule.key, range)?;
        directory::for_each(tx, open.connection.workspace, rule.kind, range, |row| {
            let key = row.key()?;
            while links.peek().is_some_and(|l| l.object < key) {
                links.next();
            }
            let link = links.peek().filter(|l| l.object == key).copied();
            let document = row.value()?;
            let mut buffer = Uuid::encode_buffer();
            let id = row.id()?;
            let id_text = id.hyphenated().encode_lower(&mut buffer);
            let seen = Seen {
                id: id_text,
                document: &document,
                assigned: open.assigned.has_listed(key),
            };
            let looked = look(&open, &rule, Some(seen), link, need(link), &env(now));
            if let Ok(look) = &looked {
                survey.note_stale(key, look, &waiting);
            }
            match looked {
                Ok(look) if look.decision == Decision::Nothing && !look.references.is_empty() => {
                    unsure.push((key, look))
                }
                Ok(look) => survey.enter(&rule, key, &look.decision, look.again),
                Err(error) => {
                    survey.looked += 1;
                    survey.failures.push(Failure {
                        object: key,
                        id,
                        label: row.label()?.to_owned(),
                        error,
                    });
                }
            }
            Ok(())
        })?;
        for (key, look) in unsure {
            let decision = with_references(tx, &rule, key, &look)?;
            survey.enter(&rule, key, &decision, None);
        }
        Ok::<_, Error>(survey)
    })
    .await
}

/// Looks at single objects; one that is not there any more is looked at through its link.
async fn by_keys(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    keys: Vec<i64>,
    now: i64,
    counter: &Counter,
) -> Result<Survey> {
    let mut survey = Survey::default();
    for chunk in keys.chunks(KEYS) {
        let (open, rule, chunk) = (open.clone(), rule.clone(), chunk.to_vec());
        let part = db
            .read_within(LIMIT, move |tx| {
                let mut part = Survey::default();
                for key in &chunk {
                    look_at(tx, &open, &rule, *key, now, &mut part)?;
                }
                Ok::<_, Error>(part)
            })
            .await?;
        counter.add(part.looked);
        survey.merge(part);
    }
    Ok(survey)
}

fn look_at(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    key: i64,
    now: i64,
    survey: &mut Survey,
) -> Result<()> {
    let object = directory::by_key(tx, key)?;
    let link = link::get(tx, rule.key, key)?;
    let document = object.as_ref().map(Object::value).transpose()?;
    let id = object.as_ref().map(|o| o.id.to_string());
    let assigned = open.assigned.contains(tx, rule.kind, key)?;
    let seen = id.as_deref().zip(document.as_ref()).map(|(id, document)| Seen {
        id,
        document,
        assigned,
    });
    match look(open, rule, seen, link.as_ref(), need(link.as_ref()), &env(now)) {
        Ok(mut look) => {
            let itself = Range {
                after: key - 1,
                upto: key,
            };
            survey.note_stale(key, &look, &reference::in_range(tx, rule.key, itself)?);
            look.decision = with_resent(rule, &look, link.as_ref());
            let decision = with_references(tx, rule, key, &look)?;
            survey.enter(rule, key, &decision, look.again);
        }
        Err(error) => {
            survey.looked += 1;
            if let Some(object) = object {
                survey.failures.push(Failure {
                    object: key,
                    id: object.id,
                    label: object.label,
                    error,
                });
            }
        }
    }
    Ok(())
}

//! Looking at objects: what the rule says, what was written, and what follows. Nothing is written here.

use crate::draft::Stale;
use crate::known;
use crate::licence;
use crate::open::{ActiveRule, Open};
use crate::progress::Counter;
use crate::work::{Scope, Work};
use crate::{Error, Result};
use futures::{StreamExt as _, TryStreamExt as _};
use provost_connect::Fault;
use provost_engine::object::{Kind, Record, Source};
use provost_engine::plan::{self, Decision, Plan, Reason, Step};
use provost_engine::rule::{Env, Evaluation, MapError, Need};
use provost_store::directory::{self, Object, Range};
use provost_store::link::{self, Link};
use provost_store::link_licence::{self, Given};
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
    /// Why the target would refuse what is to be written.
    pub fault: Option<Fault>,
}

/// A directory object as it is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub id: &'a str,
    pub document: &'a Value,
    /// Whether the connection's assignment means it.
    pub assigned: bool,
    /// Whether somebody said that the person leaves: what was closed stays closed.
    pub leaves: bool,
}

/// An object that fails before the target is asked.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub object: i64,
    pub id: Uuid,
    pub label: String,
    /// The stable word.
    pub code: String,
    /// Why.
    pub sentence: String,
    /// What to do next; empty where the sentence says it.
    pub hint: String,
}

impl Failure {
    fn of(object: i64, id: Uuid, label: String, why: Why) -> Self {
        let (code, sentence, hint) = match why {
            Why::Mapping(error) => (MAPPING.to_owned(), error.to_string(), error.hint.clone()),
            Why::Fault(fault) => {
                let sentence = format!("{}.", fault.reason.trim_end_matches('.'));
                (fault.code, sentence, fault.hint)
            }
            Why::Licence(code, sentence) => (code, sentence, String::new()),
        };
        Self {
            object,
            id,
            label,
            code,
            sentence,
            hint,
        }
    }
}

/// Why an object fails.
enum Why {
    Mapping(MapError),
    Fault(Fault),
    Licence(String, String),
}

/// The stable word for a mapping that fails.
const MAPPING: &str = "PRV-MAPPING";

/// What a survey of one rule found.
#[derive(Default)]
pub(crate) struct Survey {
    pub plan: Plan,
    /// Steps about licences, which the guard weighs by themselves.
    pub licences: Plan,
    pub looked: u64,
    pub skipped: BTreeMap<Reason, u64>,
    pub failures: Vec<Failure>,
    /// Objects to look at again, and when.
    pub again: Vec<(i64, i64)>,
    /// References that wait, as object and attribute, although the directory has changed its mind.
    pub stale: Vec<Stale>,
}

impl Survey {
    fn merge(&mut self, other: Survey) {
        for step in other.plan.steps {
            self.plan.push(step);
        }
        for step in other.licences.steps {
            self.licences.push(step);
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
            // The nil id is a removal that is on its way already.
            let is_unwanted = !changes && !waits.is_nil() && wanted != Some(*waits);
            if in_scope.is_none() || is_unwanted {
                self.stale.push(Stale {
                    object: key,
                    attribute: attribute.clone(),
                    is_in_scope: in_scope.is_some(),
                });
            }
        }
    }

    /// Enters an object about which the store has to be asked something.
    fn settle(
        &mut self,
        tx: &mut Tx,
        open: &Open,
        rule: &ActiveRule,
        one: &Left<'_>,
        given: &[Given],
    ) -> provost_store::Result<()> {
        let mut fail = |why| {
            let (label, failures) = (one.label.clone(), &mut self.failures);
            failures.push(Failure::of(one.key, one.id, label, why));
            self.looked += 1;
        };
        if let Some(fault) = &one.look.fault {
            fail(Why::Fault(fault.clone()));
            return Ok(());
        }
        if deals(open, rule) {
            match licence::steps_of(tx, open, rule, one.key, &one.look, one.link, given)? {
                Ok(steps) => steps.into_iter().for_each(|step| self.licences.push(step)),
                Err((code, sentence)) => {
                    fail(Why::Licence(code, sentence));
                    return Ok(());
                }
            }
        }
        let decision = with_references(tx, rule, one.key, &one.look)?;
        self.enter(rule, one.key, &decision, one.look.again);
        Ok(())
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

/// An object that was looked at and about which the store has to be asked.
struct Left<'a> {
    key: i64,
    id: Uuid,
    label: String,
    link: Option<&'a Link>,
    look: Look,
}

/// Whether licences belong to what the rule looks at.
fn deals(open: &Open, rule: &ActiveRule) -> bool {
    open.licences.is_used && rule.kind == Kind::Person
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
    let decision = match decision {
        // Whoever leaves gets nothing back before somebody says that they stay.
        Decision::Create | Decision::Restore(_) if seen.is_some_and(|s| s.leaves) => Decision::Nothing,
        decision => decision,
    };
    let fault = fault(open, rule, &decision, evaluation.as_ref());
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
        fault,
    })
}

/// What the target would refuse of a write that makes or changes something. Whoever loses access is not kept from
/// it by a bad value.
fn fault(
    open: &Open,
    rule: &ActiveRule,
    decision: &Decision,
    evaluation: Option<&Evaluation>,
) -> Option<Fault> {
    let faults = match decision {
        Decision::Create => open.target.faults(rule.kind, &evaluation?.create, true),
        Decision::Update(changes) | Decision::Restore(changes) => {
            open.target.faults(rule.kind, changes, false)
        }
        _ => return None,
    };
    faults.into_iter().find(|fault| fault.stops)
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
        let mut left = Vec::new();
        let deals = deals(&open, &rule);
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
                leaves: open.leavers.contains(&key),
            };
            let looked = look(&open, &rule, Some(seen), link, need(link), &env(now));
            if let Ok(look) = &looked {
                survey.note_stale(key, look, &waiting);
            }
            let is_sure = |look: &Look| look.decision != Decision::Nothing || look.references.is_empty();
            match looked {
                Ok(look) if look.fault.is_none() && !deals && is_sure(&look) => {
                    survey.enter(&rule, key, &look.decision, look.again);
                }
                Ok(look) => left.push(Left {
                    key,
                    id,
                    label: row.label()?.to_owned(),
                    link,
                    look,
                }),
                Err(error) => {
                    survey.looked += 1;
                    let label = row.label()?.to_owned();
                    survey
                        .failures
                        .push(Failure::of(key, id, label, Why::Mapping(error)));
                }
            }
            Ok(())
        })?;
        let keys: Vec<i64> = left.iter().filter(|_| deals).map(|one| one.key).collect();
        let given = link_licence::of_many(tx, rule.key, &keys)?;
        for one in &left {
            let given = given.get(&one.key).map_or(&[][..], Vec::as_slice);
            survey.settle(tx, &open, &rule, one, given)?;
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
        leaves: open.leavers.contains(&key),
    });
    match look(open, rule, seen, link.as_ref(), need(link.as_ref()), &env(now)) {
        Ok(mut look) => {
            let itself = Range {
                after: key - 1,
                upto: key,
            };
            survey.note_stale(key, &look, &reference::in_range(tx, rule.key, itself)?);
            look.decision = with_resent(rule, &look, link.as_ref());
            let given = match deals(open, rule) {
                true => link_licence::of(tx, rule.key, key)?,
                false => Vec::new(),
            };
            let known = object.as_ref().map(|o| (o.id, o.label.clone()));
            let (id, label) = known.unwrap_or_default();
            let one = Left {
                key,
                id,
                label,
                link: link.as_ref(),
                look,
            };
            survey.settle(tx, open, rule, &one, &given)?;
        }
        Err(error) => {
            survey.looked += 1;
            if let Some(object) = object {
                let why = Why::Mapping(error);
                survey
                    .failures
                    .push(Failure::of(key, object.id, object.label, why));
            }
        }
    }
    Ok(())
}

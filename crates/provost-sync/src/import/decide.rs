//! What is to be done about one record. Nothing is written here.

use super::matching::{self, Index, Match};
use super::person;
use super::record::Incoming;
use super::source::Prepared;
use provost_engine::mapping::NullPolicy;
use provost_engine::object::{Kind, Record, Source};
use provost_engine::rule::{Env, Evaluation, Need, RemoveAction};
use provost_scim::resource::Document;
use provost_store::directory::{self, Object};
use provost_store::provider::{self, State, Takeover};
use provost_store::source_record::{self, SourceRecord, State as Known};
use provost_store::{Error as Store, Tx, recycle};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// A record with what is to be done about it.
pub(super) struct Draft {
    /// The record.
    pub incoming: Incoming,
    /// What was known of it before.
    pub known: Option<SourceRecord>,
    /// What is to be done, or why nothing can be.
    pub deed: Result<Deed, Fault>,
    /// A person whom the record refers to is not there yet.
    pub waits: bool,
}

/// What is to be done.
pub(super) enum Deed {
    /// Nothing, and nobody is meant: why.
    Skip(String),
    /// Nothing: the person is as the record says.
    Keep(i64),
    /// Make somebody.
    Create(Document),
    /// Put another document in the place of somebody's, who may first have to be taken over from another owner.
    Change(Box<Object>, Document),
    /// Bring somebody back from the recycle bin.
    Restore(i64),
    /// Delete somebody.
    Delete(Box<Object>),
    /// Ask an administrator for somebody of another owner.
    Ask(Box<Object>),
}

/// Why nothing can be done about a record.
pub(super) struct Fault {
    /// In words without the record's values.
    pub reason: String,
    /// Whether something else than the record may change that.
    pub heals: bool,
}

impl Fault {
    fn lasting(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            heals: false,
        }
    }

    fn passing(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            heals: true,
        }
    }
}

type Decided = Result<Result<Deed, Fault>, Store>;

/// Works out what is to be done about a record at `now`.
///
/// # Errors
/// Any error of the store; whatever is wrong with the record itself is the draft's.
pub(super) fn decide(
    tx: &mut Tx,
    prepared: &Prepared,
    index: &Index,
    incoming: Incoming,
    now: i64,
) -> Result<Draft, Store> {
    let known = source_record::get(tx, prepared.provider.key, &incoming.anchor)?;
    let linked = known.as_ref().map_or(0, |known| known.object);
    let mut sitting = Sitting {
        tx,
        prepared,
        index,
        now,
        waits: false,
    };
    let deed = sitting.deed(&incoming, linked)?;
    let waits = sitting.waits;
    Ok(Draft {
        incoming,
        known,
        deed,
        waits,
    })
}

/// Whoever the record may be about.
enum Who {
    Nobody,
    Here(Box<Object>),
    Deleted(Box<recycle::Deleted>),
}

struct Sitting<'a, 'c> {
    tx: &'a mut Tx<'c>,
    prepared: &'a Prepared,
    index: &'a Index,
    now: i64,
    waits: bool,
}

impl Sitting<'_, '_> {
    fn deed(&mut self, incoming: &Incoming, linked: i64) -> Decided {
        let linked = self.linked(linked)?;
        let evaluation = match self.evaluate(incoming, &linked) {
            Ok(evaluation) if evaluation.ignored => {
                return Ok(Ok(match linked {
                    Who::Here(person) => Deed::Keep(person.key),
                    Who::Nobody | Who::Deleted(_) => Deed::Skip("the rule leaves this record alone".into()),
                }));
            }
            Ok(evaluation) => evaluation,
            Err(reason) => return Ok(Err(Fault::lasting(reason))),
        };
        match linked {
            Who::Here(person) => match self.refusal(&person)? {
                Some(refusal) => Ok(refusal),
                None => self.change(*person, &evaluation),
            },
            Who::Deleted(deleted) => Ok(Ok(self.restore(&deleted, &evaluation))),
            Who::Nobody => self.unlinked(incoming, &evaluation),
        }
    }

    fn linked(&mut self, key: i64) -> Result<Who, Store> {
        if key == 0 {
            return Ok(Who::Nobody);
        }
        if let Some(person) = directory::by_key(self.tx, key)? {
            return Ok(Who::Here(Box::new(person)));
        }
        Ok(recycle::get(self.tx, key)?.map_or(Who::Nobody, |deleted| Who::Deleted(Box::new(deleted))))
    }

    fn evaluate(&mut self, incoming: &Incoming, who: &Who) -> Result<Evaluation, String> {
        let (prepared, index) = (self.prepared, self.index);
        let own = match who {
            Who::Here(person) => person.key,
            Who::Nobody | Who::Deleted(_) => 0,
        };
        let source = Source {
            kind: Kind::Person,
            id: &incoming.anchor,
            document: &incoming.document,
            assigned: true,
        };
        let need = if own == 0 { Need::Both } else { Need::Update };
        let shared = Mutex::new(&mut *self.tx);
        let taken = |attribute: &str, value: &str| {
            let mut tx = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = [(attribute.to_owned(), Value::from(value))];
            match matching::find(&mut tx, prepared, index, &asked) {
                Ok(Match::Nobody) => false,
                Ok(Match::One(person)) => person.key != own,
                // What could not be asked may be taken.
                Ok(Match::Several(_)) | Err(_) => true,
            }
        };
        let env = Env {
            now: self.now,
            default_domain: None,
            random: Some(&crate::random::fill),
            taken: Some(&taken),
            secrets: None,
        };
        let evaluated = prepared.rule.evaluate_for(&source, &env, need);
        evaluated.map_err(|error| format!("{error}. {}", error.hint))
    }

    /// A record that is about nobody yet: somebody is recognised, or made.
    fn unlinked(&mut self, incoming: &Incoming, evaluation: &Evaluation) -> Decided {
        if !evaluation.in_scope {
            return Ok(Ok(Deed::Skip(evaluation.scope_reason.clone())));
        }
        match matching::find(self.tx, self.prepared, self.index, &evaluation.matching)? {
            Match::Several(attribute) => Ok(Err(Fault::passing(format!(
                "several people have the record's {attribute}, so it cannot be told who is meant; \
                 correct them, or match by another attribute"
            )))),
            Match::One(person) => self.recognised(incoming, *person),
            Match::Nobody => self.create(evaluation),
        }
    }

    /// Somebody who is there and was never linked to this record.
    fn recognised(&mut self, incoming: &Incoming, person: Object) -> Decided {
        let provider = self.prepared.provider.key;
        // Whose earlier record is gone was hired again under another key.
        let is_other = |one: &SourceRecord| {
            one.provider == provider && one.anchor != incoming.anchor && one.state != Known::Absent
        };
        let others = source_record::by_object(self.tx, person.key)?;
        if others.iter().any(is_other) {
            return Ok(Err(Fault::passing(
                "the person whom the record means belongs to another record of the same source; correct the attribute \
                 by which they match, or take the other record out of the source",
            )));
        }
        if let Some(refusal) = self.refusal(&person)? {
            return Ok(refusal);
        }
        // Evaluated once more, now for somebody who is there.
        let evaluation = match self.evaluate(incoming, &Who::Here(Box::new(person.clone()))) {
            Ok(evaluation) => evaluation,
            Err(reason) => return Ok(Err(Fault::lasting(reason))),
        };
        self.change(person, &evaluation)
    }

    /// What is done instead about somebody of another owner, whom the provider's rule does not give over.
    fn refusal(&mut self, person: &Object) -> Result<Option<Result<Deed, Fault>>, Store> {
        if person.owner == self.prepared.provider.key || self.is_given(person)? {
            return Ok(None);
        }
        Ok(Some(match self.prepared.provider.settings.takeover {
            Takeover::Ask | Takeover::Unowned => Ok(Deed::Ask(Box::new(person.clone()))),
            Takeover::Never | Takeover::Always => Err(Fault::passing(
                "the person whom the record means belongs to another owner, and this provider may not take anybody \
                 over",
            )),
        }))
    }

    /// Whether the provider's rule gives somebody of another owner over without asking.
    fn is_given(&mut self, person: &Object) -> Result<bool, Store> {
        Ok(match self.prepared.provider.settings.takeover {
            Takeover::Always => true,
            Takeover::Unowned => {
                provider::by_key(self.tx, person.owner)?.is_none_or(|owner| owner.state == State::Off)
            }
            Takeover::Never | Takeover::Ask => false,
        })
    }

    fn create(&mut self, evaluation: &Evaluation) -> Decided {
        if !self.prepared.source.rule.actions.create {
            return Ok(Ok(Deed::Skip("creating is switched off".into())));
        }
        let mut values = evaluation.create.clone();
        values.extend(self.references(evaluation)?);
        values.insert("active".to_owned(), Value::Bool(evaluation.enabled));
        let written = person::written(self.prepared, &Document::new(), values);
        let reason = |reason| match evaluation.problems.first() {
            Some(problem) => Fault::lasting(format!("{problem}. {}", problem.hint)),
            None => Fault::lasting(reason),
        };
        Ok(written.map(Deed::Create).map_err(reason))
    }

    fn restore(&self, deleted: &recycle::Deleted, evaluation: &Evaluation) -> Deed {
        if !evaluation.in_scope || !evaluation.enabled {
            return Deed::Skip("the person was deleted, and the record does not ask for them".into());
        }
        if !self.prepared.source.rule.actions.create {
            return Deed::Skip("the person was deleted, and creating is switched off".into());
        }
        Deed::Restore(deleted.key)
    }

    /// Somebody who is there.
    fn change(&mut self, person: Object, evaluation: &Evaluation) -> Decided {
        let rule = &self.prepared.source.rule;
        if !evaluation.in_scope {
            match rule.remove {
                RemoveAction::Leave => return Ok(Ok(Deed::Keep(person.key))),
                RemoveAction::Delete if rule.actions.delete => {
                    return Ok(Ok(Deed::Delete(Box::new(person))));
                }
                RemoveAction::Delete | RemoveAction::Disable => {}
            }
        }
        let document = person.value()?;
        let (found, _) = person::found(self.prepared, &person.id.to_string(), &document);
        let wanted = self.prepared.rule.changes(evaluation, &found);
        let mut values = self.prepared.rule.against_target(evaluation, &wanted, &found);
        values.extend(self.references(evaluation)?);
        self.allow(&mut values, evaluation, person.active);
        let current: Document = serde_json::from_str(&person.document)
            .map_err(|e| Store::Damaged(format!("the document of {} cannot be read: {e}", person.id)))?;
        Ok(match person::written(self.prepared, &current, values) {
            Err(reason) => Err(Fault::lasting(reason)),
            Ok(document) if document == current && person.owner == self.prepared.provider.key => {
                Ok(Deed::Keep(person.key))
            }
            Ok(document) => Ok(Deed::Change(Box::new(person), document)),
        })
    }

    /// Keeps of the values what the rule's actions allow, and adds whether the person is active where that
    /// changes. `active` is the provider's own word for it: a block is an administrator's, and stays.
    fn allow(&self, values: &mut Record, evaluation: &Evaluation, active: bool) {
        let rule = &self.prepared.source.rule;
        values.retain(|name, _| !name.eq_ignore_ascii_case("active"));
        if !evaluation.in_scope {
            // Somebody who leaves keeps their attributes, but for what the rule has for leavers.
            values.retain(|name, _| rule.leaver.iter().any(|mapping| mapping.target == *name));
        }
        if !rule.actions.update {
            values.clear();
        }
        let changes = match (active, evaluation.enabled) {
            (true, false) => rule.actions.disable,
            (false, true) => rule.actions.update,
            _ => false,
        };
        if changes {
            values.insert("active".to_owned(), Value::Bool(evaluation.enabled));
        }
    }

    /// The people whom the record refers to, by their ids here. Who is not there yet is waited for.
    fn references(&mut self, evaluation: &Evaluation) -> Result<Record, Store> {
        let mut values = Record::new();
        for (target, anchor) in &evaluation.references {
            match anchor {
                Some(anchor) => match self.person_of(anchor.trim())? {
                    Some(id) => {
                        values.insert(target.clone(), reference(target, id));
                    }
                    None => self.waits = true,
                },
                None if self.clears(target) => {
                    values.insert(target.clone(), Value::Null);
                }
                None => {}
            }
        }
        Ok(values)
    }

    /// Whether an omitted reference is cleared: as its mapping says.
    fn clears(&self, target: &str) -> bool {
        let mut mappings = self.prepared.source.rule.mappings.iter();
        mappings.any(|mapping| mapping.target == target && mapping.null == NullPolicy::Clear)
    }

    fn person_of(&mut self, anchor: &str) -> Result<Option<Uuid>, Store> {
        let known = source_record::get(self.tx, self.prepared.provider.key, anchor)?;
        let key = known.map_or(0, |known| known.object);
        if key == 0 {
            return Ok(None);
        }
        Ok(directory::by_key(self.tx, key)?.map(|person| person.id))
    }
}

/// A reference as it stands in a document, whether the target names the attribute or its `value`.
fn reference(target: &str, id: Uuid) -> Value {
    let id = id.to_string();
    if target.to_ascii_lowercase().ends_with(".value") {
        Value::String(id)
    } else {
        json!({ "value": id })
    }
}

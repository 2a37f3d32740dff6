//! Carrying out what was decided about a record, in one transaction with what is kept of the record. Every change
//! goes through the directory, which writes the change log and the audit log.

use super::decide::{self, Deed, Draft, Fault};
use super::log;
use super::matching::Index;
use super::record::Incoming;
use super::source::Prepared;
use provost_engine::object::Kind;
use provost_scim::resource::Document;
use provost_store::directory::{self, Change, Object, Placement};
use provost_store::provider::Permission;
use provost_store::source_record::{self, SourceRecord, State};
use provost_store::{Error as Store, Tx, recycle, takeover};
use uuid::Uuid;

/// Milliseconds after which a record is tried again that waits for something else.
const AGAIN: i64 = 60_000;
/// The same for one that an administrator or another record stands in the way of.
const LATER: i64 = 3_600_000;

/// In whose name records are carried out.
#[derive(Clone)]
pub(super) struct Hand {
    /// The import run's key.
    pub run: i64,
    /// For the audit log.
    pub actor: String,
    /// Milliseconds since 1970.
    pub now: i64,
    /// The records were kept before, so that a newer one may have come in meanwhile, which is not overwritten.
    pub is_kept: bool,
}

/// What became of a record.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Nobody is meant.
    Skipped,
    /// The person was as the record says.
    Unchanged,
    /// Somebody was made.
    Created(Object),
    /// Somebody was changed: before and after.
    Changed(Box<(Object, Object)>),
    /// Somebody is back from the recycle bin, as the record says.
    Restored(Object),
    /// Somebody was deleted.
    Deleted(Object),
    /// Nothing could be made of the record: why.
    Failed(String),
    /// The person changed in between: it has to be decided once more.
    Moved,
}

/// Carries the draft out, with a line in the provisioning log when something changed or failed.
///
/// # Errors
/// [`Store::Conflict`] when a name was taken in between; any error of the store. Nothing is changed then.
pub(super) fn carry_out(
    tx: &mut Tx,
    prepared: &Prepared,
    index: &Index,
    draft: &Draft,
    hand: &Hand,
) -> Result<Outcome, Store> {
    if hand.is_kept && is_superseded(tx, prepared, &draft.incoming)? {
        return Ok(Outcome::Unchanged);
    }
    let outcome = match &draft.deed {
        Err(fault) => fail(tx, prepared, draft, fault, hand)?,
        Ok(Deed::Ask(person)) => ask(tx, prepared, draft, person, hand)?,
        Ok(Deed::Restore(key)) => restore(tx, prepared, index, draft, *key, hand)?,
        Ok(deed) => settle(tx, prepared, draft, deed, hand)?,
    };
    log::write(
        tx,
        prepared,
        &draft.incoming.anchor,
        draft.known.as_ref(),
        &outcome,
        hand,
    )?;
    Ok(outcome)
}

/// Whether another record with the same key came in: it is looked at for itself.
fn is_superseded(tx: &mut Tx, prepared: &Prepared, incoming: &Incoming) -> Result<bool, Store> {
    let looked_at = incoming.document.to_string();
    let kept = source_record::get(tx, prepared.provider.key, &incoming.anchor)?;
    Ok(kept.is_none_or(|kept| kept.document != looked_at))
}

/// Somebody of another owner: an administrator decides.
fn ask(
    tx: &mut Tx,
    prepared: &Prepared,
    draft: &Draft,
    person: &Object,
    hand: &Hand,
) -> Result<Outcome, Store> {
    takeover::ask(tx, &prepared.provider, person, hand.now)?;
    let fault = Fault {
        reason:
            "the person whom the record means belongs to another owner; an administrator was asked to decide \
                 (`provost takeover list`)"
                .to_owned(),
        heals: true,
    };
    fail(tx, prepared, draft, &fault, hand)
}

/// Brings somebody back from the recycle bin, and does at once what the record says of them.
fn restore(
    tx: &mut Tx,
    prepared: &Prepared,
    index: &Index,
    draft: &Draft,
    key: i64,
    hand: &Hand,
) -> Result<Outcome, Store> {
    let back = recycle::restore(tx, &hand.actor, hand.now, key)?;
    let again = decide::decide(tx, prepared, index, draft.incoming.clone(), hand.now)?;
    Ok(match &again.deed {
        Err(fault) => fail(tx, prepared, &again, fault, hand)?,
        Ok(deed @ (Deed::Keep(_) | Deed::Change(..))) => {
            settle(tx, prepared, &again, deed, hand)?;
            Outcome::Restored(directory::by_key(tx, key)?.unwrap_or(back))
        }
        Ok(_) => Outcome::Moved,
    })
}

/// What needs no second look.
fn settle(
    tx: &mut Tx,
    prepared: &Prepared,
    draft: &Draft,
    deed: &Deed,
    hand: &Hand,
) -> Result<Outcome, Store> {
    let before = draft.known.as_ref().map_or(0, |known| known.object);
    let change = Change {
        owner: prepared.provider.owner(),
        actor: &hand.actor,
        now: hand.now,
    };
    let (outcome, object) = match deed {
        Deed::Skip(_) => (Outcome::Skipped, before),
        Deed::Keep(key) => (Outcome::Unchanged, *key),
        Deed::Create(document) => {
            let person = create(tx, prepared, &change, document)?;
            let key = person.key;
            (Outcome::Created(person), key)
        }
        Deed::Change(person, document) => match replace(tx, &change, person, document)? {
            Some(outcome) => (outcome, person.key),
            None => return Ok(Outcome::Moved),
        },
        Deed::Delete(person) => match directory::by_key(tx, person.key)? {
            Some(current) if current.owner == change.owner.key => {
                directory::delete(tx, &change, &current)?;
                let key = current.key;
                (Outcome::Deleted(current), key)
            }
            _ => return Ok(Outcome::Moved),
        },
        // These are carried out elsewhere.
        Deed::Restore(_) | Deed::Ask(_) => return Ok(Outcome::Moved),
    };
    if object != before && !matches!(outcome, Outcome::Created(_)) {
        unlink_others(tx, &draft.incoming, prepared, object)?;
    }
    remember(tx, prepared, draft, deed, object, hand)?;
    Ok(outcome)
}

/// Keeps the record, and what it waits for.
fn remember(
    tx: &mut Tx,
    prepared: &Prepared,
    draft: &Draft,
    deed: &Deed,
    object: i64,
    hand: &Hand,
) -> Result<(), Store> {
    let error = match deed {
        Deed::Skip(reason) => reason.clone(),
        _ if draft.waits => "the person whom the record refers to is not there yet".to_owned(),
        _ => String::new(),
    };
    let record = SourceRecord {
        due: due(prepared, draft, hand.now),
        error,
        ..kept(prepared, &draft.incoming, object, hand)
    };
    source_record::put(tx, &record)
}

/// Whoever this record is about from now on is not about an earlier record of the source any more.
fn unlink_others(tx: &mut Tx, incoming: &Incoming, prepared: &Prepared, object: i64) -> Result<(), Store> {
    for record in source_record::by_object(tx, object)? {
        if record.provider == prepared.provider.key && record.anchor != incoming.anchor {
            source_record::put(tx, &SourceRecord { object: 0, ..record })?;
        }
    }
    Ok(())
}

fn create(tx: &mut Tx, prepared: &Prepared, change: &Change, document: &Document) -> Result<Object, Store> {
    let provider = &prepared.provider;
    let placement = Placement {
        role: &provider.role,
        team: provider.team.as_deref(),
        permission: provider.settings.permission.map(Permission::as_str),
    };
    directory::create(tx, change, Kind::Person, Uuid::now_v7(), document, &placement)
}

/// Puts the document in the place of the person's; `None` when it is not the person that was looked at any more.
fn replace(
    tx: &mut Tx,
    change: &Change,
    looked_at: &Object,
    document: &Document,
) -> Result<Option<Outcome>, Store> {
    let Some(before) = directory::by_key(tx, looked_at.key)? else {
        return Ok(None);
    };
    if before.version != looked_at.version || before.owner != looked_at.owner {
        return Ok(None);
    }
    let ours = takeover::apply(tx, change, &before)?;
    let after = directory::replace(tx, change, &ours, document)?;
    Ok(Some(match after {
        Some(after) => Outcome::Changed(Box::new((before, after))),
        None if ours.owner != before.owner => Outcome::Changed(Box::new((before, ours))),
        None => Outcome::Unchanged,
    }))
}

/// Keeps a record of which nothing could be made. Whoever it was about stays as they are.
pub(super) fn fail(
    tx: &mut Tx,
    prepared: &Prepared,
    draft: &Draft,
    fault: &Fault,
    hand: &Hand,
) -> Result<Outcome, Store> {
    let object = draft.known.as_ref().map_or(0, |known| known.object);
    let record = kept(prepared, &draft.incoming, object, hand);
    let record = SourceRecord {
        state: State::Failed,
        error: fault.reason.clone(),
        due: if fault.heals {
            hand.now + LATER
        } else {
            clock(prepared, hand.now)
        },
        ..record
    };
    source_record::put(tx, &record)?;
    Ok(Outcome::Failed(fault.reason.clone()))
}

fn kept(prepared: &Prepared, incoming: &Incoming, object: i64, hand: &Hand) -> SourceRecord {
    SourceRecord {
        provider: prepared.provider.key,
        anchor: incoming.anchor.clone(),
        document: incoming.document.to_string(),
        object,
        state: State::Present,
        run: hand.run,
        due: 0,
        error: String::new(),
        modified: hand.now,
    }
}

/// When a record is to be looked at again although it does not come in again.
fn due(prepared: &Prepared, draft: &Draft, now: i64) -> i64 {
    if draft.waits {
        now + AGAIN
    } else {
        clock(prepared, now)
    }
}

fn clock(prepared: &Prepared, now: i64) -> i64 {
    if prepared.rule.uses_clock() {
        now + prepared.source.interval()
    } else {
        0
    }
}

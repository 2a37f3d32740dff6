//! Who is missing in a complete input: weighed by the source's guard, then disabled, deleted or left.

use super::batch::GROUP;
use super::log;
use super::report::{HeldAbsences, ImportReport};
use super::source::{Absent, Guard, Prepared};
use super::write::{Hand, Outcome};
use crate::Result;
use futures::future::join_all;
use provost_scim::resource::Document;
use provost_store::directory::{self, Change, Object};
use provost_store::source_record::{self, SourceRecord, State};
use provost_store::{Db, Error as Store, Tx, hex};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Records that one read looks at.
const PAGE: i64 = 1_000;
/// How long such a read may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A record that is missing.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    anchor: String,
    object: i64,
    /// The run that saw it last.
    run: i64,
}

/// Everybody who is missing since a run.
pub(super) struct Absences {
    /// The records, in order of their keys.
    pub records: Vec<Missing>,
    /// How many of their people would be touched.
    pub effects: u64,
    /// What stands for exactly these.
    pub digest: String,
}

/// Reads who is missing since the run.
///
/// # Errors
/// Any error of the store.
pub(super) async fn read(db: &Db, prepared: &Arc<Prepared>, run: i64) -> Result<Absences> {
    let (mut records, mut effects, mut after) = (Vec::new(), 0, String::new());
    loop {
        let (prepared, from) = (prepared.clone(), after.clone());
        let page = move |tx: &mut Tx| {
            let page = source_record::absent_since(tx, prepared.provider.key, run, &from, PAGE)?;
            let mut touched = 0;
            for record in &page {
                let person = directory::by_key(tx, record.object)?;
                touched += u64::from(person.is_some_and(|person| is_touched(&prepared, &person)));
            }
            let missing = page.into_iter().map(|record| Missing {
                anchor: record.anchor,
                object: record.object,
                run: record.run,
            });
            Ok::<_, Store>((missing.collect::<Vec<_>>(), touched))
        };
        let (page, touched) = db.read_within(PATIENCE, page).await?;
        effects += touched;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.anchor);
        records.extend(page);
    }
    let digest = digest(prepared, run, &records);
    Ok(Absences {
        records,
        effects,
        digest,
    })
}

/// Whether anything happens to this person when their record is missing.
fn is_touched(prepared: &Prepared, person: &Object) -> bool {
    let actions = prepared.source.rule.actions;
    person.owner == prepared.provider.key
        && match prepared.source.absent {
            Absent::Leave => false,
            Absent::Delete => actions.delete,
            Absent::Disable => actions.disable && person.active,
        }
}

fn digest(prepared: &Prepared, run: i64, records: &[Missing]) -> String {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    context.update(format!("{run} {:?}", prepared.source.absent).as_bytes());
    for record in records {
        context.update(&record.anchor.len().to_be_bytes());
        context.update(record.anchor.as_bytes());
        context.update(&record.object.to_be_bytes());
    }
    let mut digits = hex(context.finish().as_ref());
    digits.truncate(32);
    digits
}

/// Judges absences: why they are held, or nothing when they may be carried out. `before` is how many records the
/// source had.
pub(super) fn judge(guard: &Guard, absences: &Absences, before: u64) -> Option<HeldAbsences> {
    let missing = absences.records.len() as u64;
    if !guard.enabled || absences.effects == 0 {
        return None;
    }
    let share = |count: u64| 100.0 * count as f64 / before.max(1) as f64;
    let minimum = u64::from(guard.minimum);
    let people = absences.effects;
    let sentence = if missing > minimum && share(missing) > guard.shrink_percent {
        format!(
            "the input has {missing} of {before} records less than before ({:.1} %), and more than {} % is not believed",
            share(missing),
            guard.shrink_percent
        )
    } else if guard.limit.is_some_and(|limit| people >= u64::from(limit)) {
        format!(
            "{people} people are missing, and the limit is {}",
            guard.limit.unwrap_or_default()
        )
    } else if people > minimum && share(people) > guard.percent {
        format!(
            "{people} of {before} people are missing ({:.1} %), and {} % or {minimum} may be",
            share(people),
            guard.percent
        )
    } else {
        return None;
    };
    Some(HeldAbsences {
        people,
        sentence,
        digest: absences.digest.clone(),
    })
}

/// Carries the absences out.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn carry_out(
    db: &Db,
    prepared: &Arc<Prepared>,
    absences: Absences,
    hand: &Hand,
    report: &mut ImportReport,
) -> Result<()> {
    let mut rest = absences.records.into_iter().peekable();
    while rest.peek().is_some() {
        let group: Vec<Missing> = rest.by_ref().take(GROUP).collect();
        let writes = group.into_iter().map(|record| leave(db, prepared, record, hand));
        for outcome in join_all(writes).await {
            match outcome? {
                Outcome::Deleted(_) => report.deleted += 1,
                Outcome::Changed(_) => report.disabled += 1,
                _ => {}
            }
            report.absent += 1;
        }
    }
    Ok(())
}

async fn leave(db: &Db, prepared: &Arc<Prepared>, missing: Missing, hand: &Hand) -> Result<Outcome> {
    let (prepared, hand) = (prepared.clone(), hand.clone());
    Ok(db.write(move |tx| gone(tx, &prepared, &missing, &hand)).await?)
}

/// What becomes of one person whose record is missing.
fn gone(
    tx: &mut Tx,
    prepared: &Prepared,
    missing: &Missing,
    hand: &Hand,
) -> std::result::Result<Outcome, Store> {
    let change = Change {
        owner: prepared.provider.owner(),
        actor: &hand.actor,
        now: hand.now,
    };
    let known = source_record::get(tx, prepared.provider.key, &missing.anchor)?;
    // A record that came in again in the meantime is not missing.
    let Some(known) = known.filter(|known| known.run == missing.run) else {
        return Ok(Outcome::Unchanged);
    };
    let person = directory::by_key(tx, known.object)?.filter(|person| is_touched(prepared, person));
    let outcome = match person {
        None => Outcome::Unchanged,
        Some(person) if prepared.source.absent == Absent::Delete => {
            directory::delete(tx, &change, &person)?;
            Outcome::Deleted(person)
        }
        Some(person) => {
            let mut document: Document = serde_json::from_str(&person.document)
                .map_err(|e| Store::Damaged(format!("the document of {} cannot be read: {e}", person.id)))?;
            document.insert("active".to_owned(), Value::Bool(false));
            match directory::replace(tx, &change, &person, &document)? {
                Some(after) => Outcome::Changed(Box::new((person, after))),
                None => Outcome::Unchanged,
            }
        }
    };
    let absent = SourceRecord {
        state: State::Absent,
        due: 0,
        error: String::new(),
        modified: hand.now,
        ..known
    };
    source_record::put(tx, &absent)?;
    log::write(tx, prepared, &missing.anchor, None, &outcome, hand)?;
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(guard: Guard, missing: usize, effects: u64, before: u64) -> bool {
        let record = Missing {
            anchor: "a".into(),
            object: 1,
            run: 1,
        };
        let absences = Absences {
            records: vec![record; missing],
            effects,
            digest: "d".into(),
        };
        judge(&guard, &absences, before).is_some()
    }

    #[test]
    fn a_few_pass_and_a_share_is_held() {
        let guard = Guard::default();
        assert!(!judged(guard, 5, 5, 20), "up to the minimum passes");
        assert!(judged(guard, 6, 6, 20), "30 %");
        assert!(!judged(guard, 20, 20, 1_000), "2 % exactly passes");
        assert!(judged(guard, 21, 21, 1_000));
        assert!(!judged(guard, 900, 0, 1_000), "nobody would be touched");
        let off = Guard {
            enabled: false,
            ..guard
        };
        assert!(!judged(off, 1_000, 1_000, 1_000));
    }

    #[test]
    fn a_number_is_never_reached_and_a_shrunken_input_is_not_believed() {
        let loose = Guard {
            percent: 100.0,
            ..Guard::default()
        };
        let limited = Guard {
            limit: Some(3),
            ..loose
        };
        assert!(!judged(limited, 2, 2, 1_000));
        assert!(judged(limited, 3, 3, 1_000));
        assert!(
            judged(loose, 250, 1, 1_000),
            "a quarter is gone, though one person would be touched"
        );
        assert!(!judged(loose, 150, 150, 1_000));
    }
}

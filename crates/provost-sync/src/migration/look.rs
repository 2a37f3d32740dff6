//! How a migration stands, and the checklist at its end.

use super::draft::CertificateShown;
use crate::microsoft_365::ChecklistLine;
use crate::{Engine, Result};
use provost_store::migration::{self, Counts, Migration, State, Tested, Tick};
use provost_store::{Tx, identifier};

/// How a migration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrating {
    /// What is saved; none before.
    pub migration: Option<Migration>,
    /// How far it is.
    pub state: State,
    /// Its certificates.
    pub certificates: Vec<CertificateShown>,
    /// The numbers.
    pub counts: Counts,
    /// When the accounts of the tenant were read to their end; 0 for never.
    pub read: i64,
    /// How many were onboarded on each of the last 30 days with somebody: the number of the day since 1970, and how many.
    pub days: Vec<(i64, i64)>,
    /// What was ticked of the list of what is done in Entra.
    pub ticks: Vec<Tick>,
    /// The last test sign-in.
    pub tested: Option<Tested>,
    /// Whether a test sign-in can be begun: something is saved, or was found good within a day.
    pub is_testable: bool,
    /// The four lines that have to be true before the domain is federated.
    pub checklist: Vec<ChecklistLine>,
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

impl Engine {
    /// How the migration of a provider stands.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn migration(&self, workspace: i64, name: &str) -> Result<Migrating> {
        let provider = self.provider_named(workspace, name).await?;
        let (now, key) = (self.now(), provider.key);
        let connection = provider.connection.unwrap_or(0);
        let found = self
            .db
            .read(move |tx: &mut Tx| {
                let migration = migration::get(tx, key)?;
                let reading = identifier::reading(tx, connection)?;
                let to_test = migration::certificates_for_test(tx, now, key, migration.as_ref())?;
                Ok::<_, provost_store::Error>(Migrating {
                    state: migration.as_ref().map_or(State::Draft, |one| one.state(now)),
                    certificates: CertificateShown::of_kept(
                        migration.as_ref().map_or(&[], |one| one.certificates.as_slice()),
                    ),
                    migration,
                    counts: migration::counts(tx, key, connection)?,
                    read: reading.map_or(0, |one| one.ended),
                    days: migration::days(tx, key, now.saturating_sub(30 * DAY))?,
                    ticks: migration::ticks(tx, key)?,
                    tested: migration::tested(tx, key)?,
                    is_testable: to_test.is_some(),
                    checklist: Vec::new(),
                })
            })
            .await?;
        Ok(Migrating {
            checklist: checklist(&found, now),
            ..found
        })
    }
}

fn line(
    key: &'static str,
    done: bool,
    evidence: String,
    at: Option<i64>,
    missing: &'static str,
) -> ChecklistLine {
    ChecklistLine {
        key,
        done,
        evidence,
        at: at.filter(|at| *at > 0),
        missing: if done { String::new() } else { missing.to_owned() },
    }
}

/// The four lines. Each is computed from what is stored.
fn checklist(found: &Migrating, now: i64) -> Vec<ChecklistLine> {
    let counts = &found.counts;
    let is_read = found.read > 0;
    let waiting = counts.not_onboarded + counts.pending + counts.mismatched;
    let closed = found.migration.as_ref().and_then(|one| one.closed);
    vec![
        line(
            "onboarded",
            is_read && waiting == 0,
            format!(
                "{} onboarded, {} not, {} wait for a decision, {} do not fit",
                counts.onboarded, counts.not_onboarded, counts.pending, counts.mismatched
            ),
            Some(now),
            "Remind those who are left, and decide about those who wait.",
        ),
        line(
            "linked",
            is_read && counts.unlinked == 0,
            format!(
                "{} people, of whom {} are linked to no account",
                counts.people, counts.unlinked
            ),
            Some(found.read),
            "Read the accounts, and link, create or exempt who is left on the page Identifiers.",
        ),
        line(
            "phase_two",
            is_read && counts.open() == 0,
            match (is_read, counts.unlinked) {
                (false, _) => "the accounts were not read".to_owned(),
                (true, 0) => "done or not needed: nobody is left".to_owned(),
                (true, left) => format!("{left} people are left"),
            },
            Some(found.read),
            "Finish the page Identifiers: nobody may be left.",
        ),
        line(
            "closed",
            closed.is_some(),
            match closed {
                Some(_) => "closed; the application and its certificates are deleted here".to_owned(),
                None => format!("it is {}", found.state),
            },
            closed,
            "Close the migration.",
        ),
    ]
}

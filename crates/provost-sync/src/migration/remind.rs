//! Reminders: seven days, three and one before the deadline, one letter to each person who is left and one to who answers
//! for the window. The row of the mailing is written together with its letters, so that each reminder comes once, however
//! many nodes look.

use super::announce::LIMIT;
use crate::notify::{Settings, is_address};
use crate::{Engine, Error, Result};
use provost_store::microsoft_365::{self, Provider};
use provost_store::migration::{self, About, Audience, LetterCounts, Mailing, Migration, Recipient, State};
use provost_store::{Tx, audit};

/// Days before the deadline on which people are reminded.
pub const REMINDERS: [i64; 3] = [7, 3, 1];
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Who writes, for the audit log.
const ACTOR: &str = "provost";
/// Providers of a workspace that are looked at.
const PROVIDERS: i64 = 100;

/// A reminder of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// Days before the deadline.
    pub days: i64,
    /// When it is due, in milliseconds since 1970.
    pub due: i64,
    /// What was sent, and what became of it; none before.
    pub sent: Option<(Mailing, LetterCounts)>,
}

/// The letters of a migration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lettering {
    /// Every mailing, the announcement first, then by the days before the deadline.
    pub mailings: Vec<(Mailing, LetterCounts)>,
    /// The reminders of the present deadline.
    pub reminders: Vec<Reminder>,
    /// Who gets the list of those who are left; empty for nobody.
    pub owner: String,
}

impl Engine {
    /// What was written to the people of a migration, and what is going to be.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; any error of the store.
    pub async fn migration_letters(&self, workspace: i64, name: &str) -> Result<Lettering> {
        let provider = self.provider_named(workspace, name).await?;
        let settings = self.notification(workspace).await?;
        self.db
            .read(move |tx| {
                let mailings = migration::mailings(tx, provider.key)?;
                let Some(found) = migration::get(tx, provider.key)? else {
                    return Ok(Lettering::default());
                };
                let of = |days: i64| {
                    let mut sent = mailings.iter().filter(|(one, _)| one.days == days);
                    sent.find(|(one, _)| one.deadline >= found.deadline).cloned()
                };
                let reminders = REMINDERS.iter().map(|days| Reminder {
                    days: *days,
                    due: found.deadline - days * DAY,
                    sent: of(*days),
                });
                Ok::<_, Error>(Lettering {
                    reminders: reminders.filter(|one| one.due >= found.starts).collect(),
                    owner: owner_address(&found, &settings).unwrap_or_default(),
                    mailings,
                })
            })
            .await
    }
}

/// Writes the reminders that are due.
pub(super) async fn remind(engine: &Engine) -> Result<()> {
    for workspace in engine.workspaces().await? {
        let settings = engine.notification(workspace).await?;
        if !settings.enabled || engine.public_url.is_none() {
            continue;
        }
        let now = engine.now();
        let due = engine.db.read(move |tx| due(tx, workspace, now)).await?;
        for (provider, found, days) in due {
            write(engine, &settings, provider, found, days).await?;
        }
    }
    Ok(())
}

/// The windows of a workspace in which a reminder is due: only the latest, also when nobody looked for days.
fn due(tx: &mut Tx, workspace: i64, now: i64) -> Result<Vec<(Provider, Migration, i64)>> {
    let mut due = Vec::new();
    for provider in microsoft_365::list(tx, workspace, "", PROVIDERS)? {
        let Some(found) = migration::get(tx, provider.key)? else {
            continue;
        };
        let Some(days) = stage(&found, now) else { continue };
        if !migration::is_reminded(tx, provider.key, days, found.deadline)? {
            due.push((provider, found, days));
        }
    }
    Ok(due)
}

/// The reminder whose time has come last; none in a window that is not open, or that began later than that.
fn stage(found: &Migration, now: i64) -> Option<i64> {
    let at = |days: i64| found.deadline - days * DAY;
    let has_come = |days: &i64| at(*days) <= now && at(*days) >= found.starts;
    let is_open = found.state(now) == State::Open;
    REMINDERS.into_iter().filter(has_come).min().filter(|_| is_open)
}

async fn write(
    engine: &Engine,
    settings: &Settings,
    provider: Provider,
    found: Migration,
    days: i64,
) -> Result<()> {
    let (key, connection) = (provider.key, provider.connection.unwrap_or(0));
    let audience = engine
        .db
        .read_within(LIMIT, move |tx| {
            migration::audience(tx, key, connection, 0).map_err(Error::from)
        })
        .await?;
    let owner = owner_address(&found, settings).map(|address| Recipient {
        person: 0,
        label: found.owner.clone(),
        address,
        language: settings.language.tag().to_owned(),
    });
    let now = engine.now();
    engine
        .db
        .write(move |tx| {
            // The deadline may have been moved, or another node was quicker.
            let is_same = migration::get(tx, provider.key)?
                .is_some_and(|one| one.state(now) == State::Open && one.deadline == found.deadline);
            if !is_same || migration::is_reminded(tx, provider.key, days, found.deadline)? {
                return Ok(());
            }
            put(tx, now, &provider, &found, days, (&audience, owner.as_ref()))
        })
        .await
}

fn put(
    tx: &mut Tx,
    now: i64,
    provider: &Provider,
    found: &Migration,
    days: i64,
    (audience, owner): (&Audience, Option<&Recipient>),
) -> Result<()> {
    let about = About {
        provider: provider.key,
        workspace: provider.workspace,
        days,
        deadline: found.deadline,
    };
    let (mailing, is_new) = migration::open_mailing(tx, ACTOR, now, &about)?;
    if !is_new {
        return Ok(());
    }
    for one in audience.recipients.iter().chain(owner) {
        migration::put_letter(tx, now, now, (&about, mailing), one)?;
    }
    let detail = format!(
        "{days} days before the deadline: {} people, {} without an address",
        audience.recipients.len(),
        audience.unreachable.len()
    );
    let name = provider.name.as_str();
    audit::append_named(
        tx,
        provider.workspace,
        now,
        ACTOR,
        "migration.remind",
        name,
        &detail,
    )?;
    Ok(())
}

/// Who gets the list: the owner, else the contact, whichever is a mail address; else who reads the mail of the workspace.
fn owner_address(found: &Migration, settings: &Settings) -> Option<String> {
    let all = [&found.owner, &found.contact, &settings.recipient];
    all.into_iter()
        .map(|one| one.trim())
        .find(|one| is_address(one))
        .map(str::to_owned)
}

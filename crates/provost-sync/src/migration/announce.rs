//! The announcement: a preview of the letter, whom it goes to and who gets none; and sending it, once to each.

use super::attempt;
use crate::notify::{Joining, Language, Settings};
use crate::setup::Confirm;
use crate::setup::confirm::{Question, settle};
use crate::{Engine, Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use provost_store::microsoft_365::Provider;
use provost_store::migration::{self, About, Audience, Migration, Recipient, State};
use provost_store::{Tx, audit, workspace};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is encoded in a part of an address: all but what RFC 3986 section 2.3 leaves as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// How long looking through all people may take.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// The letter in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterShown {
    /// The tag of the language.
    pub language: &'static str,
    /// How many get it in this language.
    pub recipients: usize,
    /// The subject.
    pub subject: String,
    /// The text, as the first of them gets it.
    pub text: String,
}

/// An announcement as it would be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The letter in each language in which somebody gets it.
    pub letters: Vec<LetterShown>,
    /// Whom it goes to, who has no address, and how many are left out and why.
    pub audience: Audience,
    /// The digest by which sending it is confirmed; empty where it cannot be sent.
    pub digest: String,
    /// Why it cannot be sent: a sentence with its code and the next step; empty where it can.
    pub lack: String,
}

/// Everything that a letter follows from.
pub(super) struct Ground {
    pub provider: Provider,
    pub migration: Option<Migration>,
    pub joining: Option<Joining>,
    pub settings: Settings,
    pub audience: Audience,
}

impl Engine {
    /// The announcement as it would be sent now: the letter in the languages of its readers, and whom it goes to.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; any error of the store.
    pub async fn migration_announcement(&self, workspace: i64, name: &str) -> Result<Announcement> {
        let ground = self.letter_ground(workspace, name).await?;
        let mut shown = Announcement {
            letters: ground
                .joining
                .as_ref()
                .map_or_else(Vec::new, |joining| letters(joining, &ground.audience.recipients)),
            digest: String::new(),
            lack: String::new(),
            audience: Audience::default(),
        };
        match ground.sendable(self.now()) {
            Ok((_, joining)) => {
                let asked = settle(vec![question(joining, &ground.audience)], &Confirm::default());
                if let Err(Error::Confirm { digest, .. }) = asked {
                    shown.digest = digest;
                }
            }
            Err(error) => shown.lack = format!("{error}. {}", error.hint()),
        }
        shown.audience = ground.audience;
        Ok(shown)
    }

    /// Sends the announcement to everybody who did not get it: it is put into the queue, and goes out from there. Answers
    /// how many letters were written.
    ///
    /// # Errors
    /// [`Error::Confirm`] with `PRV-LETTERS-SEND`; [`Error::Refused`]: `PRV-LETTERS-WINDOW` without an open window,
    /// `PRV-LETTERS-ADDRESS` without the hub's public address, `PRV-LETTERS-NOBODY`, `PRV-NOTIFY-OFF`,
    /// `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn announce_migration(
        &self,
        workspace: i64,
        name: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<u64> {
        let result = self.announced(workspace, name, confirm, actor).await;
        self.audited(attempt(workspace, actor, "migration.announce", name), result)
            .await
    }

    async fn announced(&self, workspace: i64, name: &str, confirm: &Confirm, actor: &str) -> Result<u64> {
        let ground = self.letter_ground(workspace, name).await?;
        let (_, joining) = ground.sendable(self.now())?;
        settle(vec![question(joining, &ground.audience)], confirm)?;
        let (actor, now, provider) = (actor.to_owned(), self.now(), ground.provider);
        let (people, without) = (ground.audience.recipients, ground.audience.unreachable.len());
        self.db
            .write(move |tx| {
                let about = About {
                    provider: provider.key,
                    workspace: provider.workspace,
                    days: 0,
                    deadline: 0,
                };
                let (mailing, _) = migration::open_mailing(tx, &actor, now, &about)?;
                let mut written = 0;
                for one in &people {
                    written += u64::from(migration::put_letter(tx, now, now, (&about, mailing), one)?);
                }
                let detail = format!("{written} letters, {without} people without an address");
                let (action, name) = ("migration.announce", provider.name.as_str());
                audit::append_named(tx, provider.workspace, now, &actor, action, name, &detail)?;
                Ok::<_, Error>(written)
            })
            .await
    }

    async fn letter_ground(&self, workspace: i64, name: &str) -> Result<Ground> {
        let provider = self.provider_named(workspace, name).await?;
        let settings = self.notification(workspace).await?;
        let public_url = self.public_url.clone();
        self.db
            .read_within(LIMIT, move |tx| {
                let migration = migration::get(tx, provider.key)?;
                let joining = joining(tx, migration.as_ref(), public_url.as_deref())?;
                let mailing = migration::mailing(tx, provider.key, 0, 0)?.map_or(0, |one| one.key);
                let connection = provider.connection.unwrap_or(0);
                let audience = migration::audience(tx, provider.key, connection, mailing)?;
                Ok::<_, Error>(Ground {
                    provider: provider.clone(),
                    migration,
                    joining,
                    settings: settings.clone(),
                    audience,
                })
            })
            .await
    }
}

impl Ground {
    fn sendable(&self, now: i64) -> Result<(&Migration, &Joining)> {
        let name = &self.provider.name;
        let open = self
            .migration
            .as_ref()
            .filter(|one| one.state(now) == State::Open);
        let Some(migration) = open else {
            return Err(Error::refused(
                "PRV-LETTERS-WINDOW",
                format!(
                    "the window of the migration of \"{name}\" is not open, and without one nobody is invited"
                ),
                "Save a window with a start and a deadline; the announcement is sent once it is open.",
            ));
        };
        let Some(joining) = &self.joining else {
            return Err(Error::refused(
                "PRV-LETTERS-ADDRESS",
                "the letter would lead nowhere: this hub has no `public_url`",
                "Set `public_url` to the https address by which everybody reaches this hub.",
            ));
        };
        if !self.settings.enabled {
            return Err(Error::refused(
                "PRV-NOTIFY-OFF",
                "mail is switched off",
                "Save the mail settings with `enabled` first.",
            ));
        }
        if self.audience.recipients.is_empty() {
            return Err(Error::refused(
                "PRV-LETTERS-NOBODY",
                format!("nobody of \"{name}\" is left to be written to"),
                "Read the accounts of the tenant first, if that was not done; who has a letter gets no second one.",
            ));
        }
        Ok((migration, joining))
    }
}

/// What letters say; none before a window is saved, and without an address to lead to.
pub(super) fn joining(
    tx: &mut Tx,
    migration: Option<&Migration>,
    public_url: Option<&str>,
) -> Result<Option<Joining>> {
    let (Some(migration), Some(hub)) = (migration, public_url) else {
        return Ok(None);
    };
    let found = workspace::by_key(tx, migration.workspace)?;
    let name = found.map_or_else(String::new, |one| one.name);
    Ok(Some(Joining {
        link: format!("{}/join/{}", hub.trim_end_matches('/'), escaped(&name)),
        workspace: name,
        deadline: migration.deadline,
        contact: migration.contact.clone(),
    }))
}

/// A name as a part of an address.
fn escaped(name: &str) -> String {
    utf8_percent_encode(name, SEGMENT).to_string()
}

fn letters(joining: &Joining, recipients: &[Recipient]) -> Vec<LetterShown> {
    let mut by_language: BTreeMap<&'static str, (usize, &str)> = BTreeMap::new();
    for one in recipients {
        let tag = Language::preferred(&one.language).tag();
        by_language.entry(tag).or_insert((0, &one.label)).0 += 1;
    }
    let shown = by_language.into_iter().map(|(tag, (recipients, label))| {
        let written = joining.announcement(Language::of(tag), label);
        LetterShown {
            language: tag,
            recipients,
            subject: written.subject,
            text: written.text,
        }
    });
    shown.collect()
}

fn question(joining: &Joining, audience: &Audience) -> Question {
    Question {
        code: "PRV-LETTERS-SEND",
        sentence: format!(
            "{} people are written to about {}: they join at {} until {}, and ask {}. {} have no mail address.",
            audience.recipients.len(),
            joining.workspace,
            joining.link,
            super::moment_text(joining.deadline),
            joining.contact,
            audience.unreachable.len()
        ),
        hint: "Look at the letter and at who gets it, then send it.",
        list: audience
            .recipients
            .iter()
            .map(|one| format!("{} <{}>", one.label, one.address))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_in_an_address() {
        assert_eq!(escaped("Contoso"), "Contoso");
        assert_eq!(escaped("A & B/ä"), "A%20%26%20B%2F%C3%A4");
    }
}

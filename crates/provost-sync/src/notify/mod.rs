//! Mail to an administrator: one for each cause until it is over, and a digest once a day of everything else.
//!
//! Causes are found from the state of things and kept in a queue before they are sent, so that a mail server that
//! is down delays a letter but never loses or doubles one. Only one node writes at a time; the letters of a migration to
//! its people are sent beside them.

mod cause;
mod digest;
mod expiry;
mod german;
mod joining;
mod queue;
mod settings;
mod text;
mod words;

pub use expiry::ALARMS;
pub use settings::Settings;
pub use words::Language;

pub(crate) use joining::{Joining, Standing, Written};
pub(crate) use settings::is_address;

use crate::engine::Options;
use crate::{Engine, Error, Result};
use provost_connect::mail::Message;
use provost_store::{connection, setting, workspace};
use queue::Memory;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The lease of the one who writes letters: no connection has this key.
const LEASE: i64 = -1;
/// How often causes are looked for.
const TICK: Duration = Duration::from_secs(20);

/// Looks for causes and writes letters, in a task of its own: a mail server that is slow delays no cycle.
pub(crate) fn start(engine: &Engine, stop: &watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(serve(engine.clone(), stop.clone()))
}

async fn serve(engine: Engine, mut stop: watch::Receiver<bool>) {
    let mut memory = Memory::default();
    while !*stop.borrow() {
        if let Err(e) = tick(&engine, &mut memory).await {
            tracing::warn!(error = %e, "notices could not be written; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn tick(engine: &Engine, memory: &mut Memory) -> Result<u64> {
    let sent = engine
        .with_lease(LEASE, &Options::default(), async |_| {
            let sent = queue::run(engine, memory).await?;
            Ok(sent + crate::migration::write_letters(engine).await?)
        })
        .await;
    match sent {
        // Another node is at it.
        Err(Error::Running) => Ok(0),
        sent => sent,
    }
}

impl Engine {
    /// Raises a notice for each cause that has come up, ends those that are over, and sends what is due. Answers how
    /// many letters were sent. [`Engine::serve`] does this all the time.
    ///
    /// # Errors
    /// Any error of the store. A letter that cannot be sent is tried again later.
    pub async fn notify_tick(&self) -> Result<u64> {
        tick(self, &mut Memory::default()).await
    }

    /// Sends a letter now, to see that the settings work. Answers what the mail server said.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-NOTIFY-OFF` when mail is switched off, `PRV-NOTIFY-FAILED` when it was not sent.
    pub async fn test_notification(&self, workspace: i64) -> Result<String> {
        let Some((settings, mailer)) = self.mailer(workspace).await? else {
            return Err(Error::refused(
                "PRV-NOTIFY-OFF",
                "mail is switched off",
                "Save the mail settings with `enabled` first.",
            ));
        };
        let failed = |failure: provost_connect::mail::Failure| {
            Error::refused("PRV-NOTIFY-FAILED", failure.to_string(), failure.hint())
        };
        let message = Message {
            to: settings.recipient.clone(),
            subject: settings.language.say("Provost: a test of the mail settings", &[]),
            text: format!(
                "{}\n{}",
                settings
                    .language
                    .say("This letter was asked for. Mail works.", &[]),
                text::footer(&settings)
            ),
            id: format!("provost-test-{}", self.now()),
        };
        mailer.send(&message).await.map_err(failed)?;
        Ok(format!(
            "a letter to {} was handed to the mail server",
            settings.recipient
        ))
    }

    /// When the credential of a connection ends, as somebody has noted.
    ///
    /// # Errors
    /// [`Error::NoConnection`]; any error of the store.
    pub async fn credential_expiry(&self, connection: i64) -> Result<Option<i64>> {
        self.db
            .read(move |tx| {
                let found = connection::by_key(tx, connection)?.ok_or(Error::NoConnection(connection))?;
                expiry::noted(tx, &found)
            })
            .await
    }

    /// Notes when the credential of a connection ends (milliseconds since 1970), so that somebody is told in time;
    /// `None`: it does not, or nobody knows.
    ///
    /// # Errors
    /// [`Error::NoConnection`]; any error of the store.
    pub async fn set_credential_expiry(&self, connection: i64, at: Option<i64>, actor: &str) -> Result<()> {
        let (actor, now) = (actor.to_owned(), self.now());
        self.db
            .write(move |tx| {
                let found = connection::by_key(tx, connection)?.ok_or(Error::NoConnection(connection))?;
                let name = expiry::setting_name(connection);
                match at {
                    Some(at) => setting::put(tx, &actor, now, found.workspace, &name, &expiry::value(at))?,
                    None => drop(setting::remove(tx, &actor, now, found.workspace, &name)?),
                }
                Ok(())
            })
            .await
    }

    pub(crate) async fn workspaces(&self) -> Result<Vec<i64>> {
        let all = self.db.read(workspace::all).await?;
        Ok(all.into_iter().map(|w| w.key).collect())
    }
}

//! The queue of letters: raised once for each cause, sent with patience, and over when the cause is.

use super::cause::{self, Cause, DAY};
use super::digest;
use super::settings::Settings;
use super::text::one_line;
use crate::{Engine, Error, Result};
use provost_connect::mail::{Mailer, Message};
use provost_store::Tx;
use provost_store::notice::{self, New, Notice};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Letters that are sent in one go.
const BATCH: i64 = 50;
/// Standing notices that are compared with what holds, in one read.
const PAGE: i64 = 500;
/// Minutes before the next try, by the number of tries so far; the last one goes on.
const WAITS: [i64; 5] = [1, 5, 15, 60, 240];
/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;
/// A letter that could not be sent for this long is not sent any more.
const PATIENCE: i64 = 7 * DAY;
/// How long looking through the log for a digest may take.
const LIMIT: Duration = Duration::from_secs(60);

/// What one process remembers from tick to tick, to spare itself work.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// By workspace: the digest that was looked at last, whether or not there was anything to tell.
    digests: BTreeMap<i64, i64>,
}

/// One tick for all workspaces; answers how many letters were sent.
pub(super) async fn run(engine: &Engine, memory: &mut Memory) -> Result<u64> {
    for workspace in engine.workspaces().await? {
        let settings = engine.notification(workspace).await?;
        compare(engine, workspace, &settings).await?;
        if settings.enabled && settings.digest {
            write_digest(engine, workspace, &settings, memory).await?;
        }
    }
    send(engine).await
}

/// Raises what has come up and ends what is over. Without mail nothing stands.
async fn compare(engine: &Engine, workspace: i64, settings: &Settings) -> Result<()> {
    let (asked, now) = (settings.clone(), engine.now());
    let (causes, standing) = engine
        .db
        .read_within(LIMIT, move |tx| {
            let causes = match asked.enabled {
                true => cause::active(tx, workspace, &asked, now)?,
                false => Vec::new(),
            };
            Ok::<_, Error>((causes, standing(tx, workspace)?))
        })
        .await?;
    let holds: BTreeSet<(i64, &str)> = causes.iter().map(|c| (c.connection, c.name.as_str())).collect();
    let is_cause = |name: &str| cause::WORDS.iter().any(|word| name.starts_with(word));
    let over: Vec<(i64, String)> = standing
        .iter()
        .filter(|n| is_cause(&n.cause) && !holds.contains(&(n.connection, n.cause.as_str())))
        .map(|n| (n.connection, n.cause.clone()))
        .collect();
    let stands: BTreeSet<(i64, &str)> = standing
        .iter()
        .map(|n| (n.connection, n.cause.as_str()))
        .collect();
    let fresh: Vec<Cause> = causes
        .iter()
        .filter(|c| !stands.contains(&(c.connection, c.name.as_str())))
        .cloned()
        .collect();
    if over.is_empty() && fresh.is_empty() {
        return Ok(());
    }
    let settings = settings.clone();
    engine
        .db
        .write(move |tx| {
            for (connection, name) in &over {
                notice::over(tx, workspace, *connection, name)?;
            }
            for cause in &fresh {
                raise(tx, workspace, now, &settings, cause)?;
            }
            Ok::<_, Error>(())
        })
        .await
}

fn standing(tx: &mut Tx, workspace: i64) -> Result<Vec<Notice>> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let page = notice::standing(tx, workspace, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.key;
        all.extend(page);
    }
}

fn raise(tx: &mut Tx, workspace: i64, now: i64, settings: &Settings, cause: &Cause) -> Result<()> {
    let (subject, body) = (one_line(&cause.letter.subject), cause.letter.body(settings));
    let new = New {
        workspace,
        connection: cause.connection,
        cause: &cause.name,
        subject: &subject,
        body: &body,
    };
    notice::raise(tx, now, now, &new)?;
    Ok(())
}

/// Writes today's digest unless it was written; those of other days are over.
async fn write_digest(
    engine: &Engine,
    workspace: i64,
    settings: &Settings,
    memory: &mut Memory,
) -> Result<()> {
    let now = engine.now();
    let due = digest::last_due(settings, now);
    if memory.digests.get(&workspace) == Some(&due) {
        return Ok(());
    }
    let settings = settings.clone();
    let (digest, standing) = engine
        .db
        .read_within(LIMIT, move |tx| {
            let digest = digest::make(tx, workspace, &settings, due)?;
            Ok::<_, Error>((digest, standing(tx, workspace)?))
        })
        .await?;
    let earlier: Vec<String> = standing
        .into_iter()
        .filter(|n| n.cause.starts_with("digest:") && n.cause != digest.name)
        .map(|n| n.cause)
        .collect();
    engine
        .db
        .write(move |tx| {
            for name in &earlier {
                notice::over(tx, workspace, 0, name)?;
            }
            if let Some(body) = &digest.body {
                let new = New {
                    workspace,
                    connection: 0,
                    cause: &digest.name,
                    subject: &digest.subject,
                    body,
                };
                notice::raise(tx, now, now, &new)?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    memory.digests.insert(workspace, due);
    Ok(())
}

/// Sends what is due, one after another: there are few, and each has its own outcome.
async fn send(engine: &Engine) -> Result<u64> {
    let now = engine.now();
    let due = engine.db.read(move |tx| notice::due(tx, now, BATCH)).await?;
    let mut mailers: BTreeMap<i64, Post> = BTreeMap::new();
    let mut sent = 0;
    for letter in due {
        let post = match mailers.get(&letter.workspace) {
            Some(post) => post.clone(),
            None => {
                let post = Post::open(engine, letter.workspace).await?;
                mailers.insert(letter.workspace, post.clone());
                post
            }
        };
        match post.send(&letter).await {
            None => {}
            Some(Ok(())) => {
                sent += 1;
                let key = letter.key;
                engine.db.write(move |tx| notice::sent(tx, now, key)).await?;
            }
            Some(Err(reason)) => fail(engine, &letter, &reason, now).await?,
        }
    }
    Ok(sent)
}

/// The way out of a workspace.
#[derive(Clone)]
enum Post {
    Off,
    Broken(String),
    Ready(Box<(Settings, Mailer)>),
}

impl Post {
    async fn open(engine: &Engine, workspace: i64) -> Result<Self> {
        Ok(match engine.mailer(workspace).await {
            Ok(None) => Post::Off,
            Ok(Some(ready)) => Post::Ready(Box::new(ready)),
            Err(e @ Error::Refused { .. }) => Post::Broken(format!("{e}. {}", e.hint())),
            Err(e) => return Err(e),
        })
    }

    /// `None`: mail is switched off, and the letter waits.
    async fn send(&self, letter: &Notice) -> Option<std::result::Result<(), String>> {
        let (settings, mailer) = match self {
            Post::Off => return None,
            Post::Broken(reason) => return Some(Err(reason.clone())),
            Post::Ready(ready) => (&ready.0, &ready.1),
        };
        let message = Message {
            to: settings.recipient.clone(),
            subject: letter.subject.clone(),
            text: letter.body.clone(),
            id: format!("provost-{}-{}", letter.key, letter.created),
        };
        let sent = mailer.send(&message).await;
        Some(sent.map_err(|failure| format!("{}: {failure}. {}", failure.code(), failure.hint())))
    }
}

/// Later and later, also for what only a person can mend: once it is mended, the letter goes out by itself.
async fn fail(engine: &Engine, letter: &Notice, reason: &str, now: i64) -> Result<()> {
    let tries = usize::try_from(letter.attempts).unwrap_or(usize::MAX);
    let minutes = WAITS.get(tries).or(WAITS.last()).copied().unwrap_or(1);
    let next = (now - letter.created < PATIENCE).then_some(now + minutes * MINUTE);
    tracing::warn!(subject = %letter.subject, reason, "a letter could not be sent");
    let (key, reason) = (letter.key, reason.to_owned());
    engine
        .db
        .write(move |tx| notice::failed(tx, key, &reason, next))
        .await?;
    Ok(())
}

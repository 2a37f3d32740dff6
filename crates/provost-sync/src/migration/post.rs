//! Sending what is written: a few letters at a time, each taken in hand before it goes out, tried again with patience, and
//! given up after a time. What a letter says is worked out when it is sent, so that its deadline is the one that holds.

use super::announce::joining;
use super::remind::remind;
use crate::notify::{Language, Settings, Standing, Written};
use crate::{Engine, Error, Result};
use provost_connect::mail::{Cause, Failure, Mailer, Message};
use provost_store::migration::{self, Letter, LetterState, State};
use provost_store::{Tx, microsoft_365};
use std::collections::BTreeMap;

/// Letters that are sent in one go: with a look every 20 seconds, at most 90 in a minute.
const BATCH: i64 = 30;
/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;
/// Minutes before the next try, by the number of tries so far; the last one goes on.
const WAITS: [i64; 5] = [1, 5, 15, 60, 240];
/// How long a letter is in the hand of who sends it: longer than a try takes.
const IN_HAND: i64 = 10 * MINUTE;
/// A letter that could not be sent for this long is given up.
const PATIENCE: i64 = 2 * 24 * 60 * MINUTE;
/// Tries after which one is given up that the mail server refuses for good.
const REFUSALS: i64 = 4;
/// Names in the list of who is left.
const NAMED: usize = 50;

/// Writes the reminders that are due, and sends letters that wait. Answers how many were sent.
pub(crate) async fn write_letters(engine: &Engine) -> Result<u64> {
    remind(engine).await?;
    let now = engine.now();
    let due = engine
        .db
        .read(move |tx| migration::letters_due(tx, now, BATCH))
        .await?;
    let mut ways: BTreeMap<i64, Way> = BTreeMap::new();
    let mut sent = 0;
    for letter in due {
        let way = match ways.get(&letter.workspace) {
            Some(way) => way.clone(),
            None => Way::open(engine, letter.workspace).await?,
        };
        ways.insert(letter.workspace, way.clone());
        let (settings, mailer) = match way {
            Way::Ready(ready) => *ready,
            // The same for all of them: only the next look asks the server again.
            Way::Shut(reason) => {
                put_off(engine, &letter, &reason, false).await?;
                continue;
            }
        };
        match hand_over(engine, &letter, &settings, &mailer).await? {
            None => {}
            Some(Ok(())) => sent += 1,
            Some(Err(failure)) => {
                let reason = told(&failure);
                put_off(engine, &letter, &reason, failure.cause == Cause::Refused).await?;
                if !matches!(failure.cause, Cause::Refused | Cause::Busy | Cause::Message) {
                    ways.insert(letter.workspace, Way::Shut(reason));
                }
            }
        }
    }
    Ok(sent)
}

/// The way out of a workspace.
#[derive(Clone)]
enum Way {
    Shut(String),
    Ready(Box<(Settings, Mailer)>),
}

impl Way {
    async fn open(engine: &Engine, workspace: i64) -> Result<Self> {
        Ok(match engine.mailer(workspace).await {
            Ok(None) => Self::Shut("PRV-NOTIFY-OFF: mail is switched off".to_owned()),
            Ok(Some(ready)) => Self::Ready(Box::new(ready)),
            Err(e @ Error::Refused { .. }) => Self::Shut(format!("{e}. {}", e.hint())),
            Err(e) => return Err(e),
        })
    }
}

fn told(failure: &Failure) -> String {
    format!("{}: {failure}. {}", failure.code(), failure.hint())
}

/// Sends one letter that is still needed; none where it is not, or somebody else has it in hand.
async fn hand_over(
    engine: &Engine,
    letter: &Letter,
    settings: &Settings,
    mailer: &Mailer,
) -> Result<Option<std::result::Result<(), Failure>>> {
    let (now, one, asked) = (engine.now(), letter.clone(), settings.clone());
    let public_url = engine.public_url.clone();
    let found = engine
        .db
        .read(move |tx| written(tx, now, &one, &asked, public_url.as_deref()))
        .await?;
    let written = match found {
        Ok(written) => written,
        Err(reason) => {
            settle(engine, letter, LetterState::Dropped, reason.to_owned()).await?;
            return Ok(None);
        }
    };
    let one = letter.clone();
    let has_it = engine
        .db
        .write(move |tx| migration::claim_letter(tx, &one, now + IN_HAND))
        .await?;
    if !has_it {
        return Ok(None);
    }
    let message = Message {
        to: letter.address.clone(),
        subject: written.subject,
        text: written.text,
        // The same with every try, so that a mail server that has it can tell.
        id: format!("provost-letter-{}-{}", letter.key, letter.created),
    };
    let sent = mailer.send(&message).await;
    if sent.is_ok() {
        settle(engine, letter, LetterState::Sent, String::new()).await?;
    }
    Ok(Some(sent))
}

/// What a letter says now; else why it is not needed any more.
fn written(
    tx: &mut Tx,
    now: i64,
    letter: &Letter,
    settings: &Settings,
    public_url: Option<&str>,
) -> Result<std::result::Result<Written, &'static str>> {
    let provider = microsoft_365::by_key(tx, letter.provider)?;
    let found = migration::get(tx, letter.provider)?;
    let mailing = migration::mailing_by_key(tx, letter.mailing)?;
    let (Some(provider), Some(found), Some(mailing)) = (provider, found, mailing) else {
        return Ok(Err("the migration is gone"));
    };
    if found.state(now) != State::Open {
        return Ok(Err("the window is not open any more"));
    }
    if mailing.days > 0 && found.deadline > mailing.deadline {
        return Ok(Err("the deadline was moved"));
    }
    let connection = provider.connection.unwrap_or(0);
    let language = Language::preferred(&letter.language);
    if letter.person == 0 {
        let page = migration::left(tx, provider.key, connection, None, NAMED)?;
        let names: Vec<String> = page.people.into_iter().map(|one| one.label).collect();
        let audience = migration::audience(tx, provider.key, connection, 0)?;
        let standing = Standing {
            provider: &provider.name,
            deadline: found.deadline,
            counts: migration::counts(tx, provider.key, connection)?,
            names: &names,
            unreachable: audience.unreachable.len(),
            console: match settings.console.as_str() {
                "" => public_url.unwrap_or_default(),
                console => console,
            },
        };
        return Ok(Ok(standing.written(language)));
    }
    if !migration::is_left(tx, provider.key, connection, letter.person)? {
        return Ok(Err("they are onboarded, exempt or inactive by now"));
    }
    let Some(joining) = joining(tx, Some(&found), public_url)? else {
        return Ok(Err("this hub has no public address any more"));
    };
    Ok(Ok(match mailing.days {
        0 => joining.announcement(language, &letter.label),
        _ => joining.reminder(language, &letter.label),
    }))
}

async fn settle(engine: &Engine, letter: &Letter, state: LetterState, reason: String) -> Result<()> {
    let (now, key) = (engine.now(), letter.key);
    engine
        .db
        .write(move |tx| migration::settle_letter(tx, now, key, state, &reason))
        .await?;
    Ok(())
}

/// Later and later, and given up in the end: a page of problems says so then.
async fn put_off(engine: &Engine, letter: &Letter, reason: &str, is_refused: bool) -> Result<()> {
    let now = engine.now();
    let tries = usize::try_from(letter.attempts).unwrap_or(usize::MAX);
    let is_over = now - letter.created >= PATIENCE || (is_refused && letter.attempts + 1 >= REFUSALS);
    tracing::warn!(
        letter = letter.key,
        reason,
        is_over,
        "a letter of a migration could not be sent"
    );
    if is_over {
        return settle(engine, letter, LetterState::Failed, reason.to_owned()).await;
    }
    let minutes = WAITS.get(tries).or(WAITS.last()).copied().unwrap_or(1);
    let (key, reason) = (letter.key, reason.to_owned());
    engine
        .db
        .write(move |tx| migration::try_letter_again(tx, key, &reason, now + minutes * MINUTE))
        .await?;
    Ok(())
}

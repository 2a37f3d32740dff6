//! The letters to the people who move.

use crate::cli::Place;
use crate::cli::question::{self, Names};
use crate::clock;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::{Result, bail};
use provost_store::Tx;
use provost_store::migration::{self, Letter, LetterCounts, LetterState, LettersPage, Mailing};
use provost_sync::migration::{Announcement, Lettering};
use serde_json::{Value, json};

/// Which letters.
#[derive(Debug, clap::Args)]
pub(crate) struct Letters {
    /// The Microsoft 365 provider
    provider: String,
    /// The letters of this mailing, by its id
    #[arg(long, value_name = "ID")]
    mailing: Option<String>,
    /// Only those that are dropped, failed, sent or waiting
    #[arg(long, requires = "mailing")]
    state: Option<String>,
    /// Go on after this place
    #[arg(long, value_name = "PLACE", requires = "mailing")]
    after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

pub(super) async fn announce(
    place: &Place,
    hub: &Hub,
    provider: &str,
    preview: bool,
    yes: bool,
) -> Result<()> {
    let (engine, actor, workspace) = (hub.engine()?, hub::actor(), hub.workspace.key);
    if preview {
        let found = engine.migration_announcement(workspace, provider).await?;
        return output::either(place.json, &described(&found), || told(&found));
    }
    let written = question::confirmed(yes, Names::Shown, async |confirm| {
        engine
            .announce_migration(workspace, provider, confirm, &actor)
            .await
    })
    .await?;
    output::either(place.json, &json!({"written": written}), || {
        format!(
            "{written} letters are written. The running service sends them: provost migration letters \"{provider}\""
        )
    })
}

fn described(found: &Announcement) -> Value {
    let letters: Vec<Value> = found
        .letters
        .iter()
        .map(|one| {
            json!({"language": one.language, "recipients": one.recipients, "subject": one.subject, "text": one.text})
        })
        .collect();
    let without: Vec<Value> = found
        .audience
        .unreachable
        .iter()
        .map(|one| json!({"id": one.id, "label": one.label}))
        .collect();
    json!({
        "letters": letters, "recipients": found.audience.recipients.len(), "unreachable": without,
        "left_out": found.audience.left_out, "digest": found.digest, "lack": found.lack,
    })
}

fn told(found: &Announcement) -> String {
    let mut parts = Vec::new();
    for one in &found.letters {
        parts.push(format!(
            "{} ({}): {}\n\n{}",
            one.language, one.recipients, one.subject, one.text
        ));
    }
    let mut pairs = vec![("letters", found.audience.recipients.len().to_string())];
    pairs.extend(
        found
            .audience
            .left_out
            .iter()
            .map(|(reason, number)| (*reason, number.to_string())),
    );
    let without: Vec<&str> = found
        .audience
        .unreachable
        .iter()
        .map(|one| one.label.as_str())
        .collect();
    if !without.is_empty() {
        pairs.push(("without an address", without.join(", ")));
    }
    if !found.lack.is_empty() {
        pairs.push(("cannot be sent", found.lack.clone()));
    }
    parts.push(output::pairs(&pairs));
    parts.join("\n")
}

impl Letters {
    /// Shows them.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let engine = hub.engine()?;
        let found = engine
            .migration_letters(hub.workspace.key, &self.provider)
            .await?;
        let page = match &self.mailing {
            None => None,
            Some(id) => Some(self.page(hub, &found, id).await?),
        };
        let next = page.as_ref().and_then(|page| page.next);
        let next = next.map(|(state, key)| format!("{state}~{key}"));
        let letters = page.as_ref().map_or(&[][..], |page| page.letters.as_slice());
        let shown = json!({
            "mailings": found.mailings.iter().map(mailing).collect::<Vec<_>>(),
            "reminders": found.reminders.iter().map(|one| json!({
                "days": one.days, "due": clock::text(one.due),
                "mailing": one.sent.as_ref().map(|(sent, _)| sent.key.to_string()),
            })).collect::<Vec<_>>(),
            "owner": found.owner, "letters": letters.iter().map(row).collect::<Vec<_>>(), "next": next,
        });
        output::either(place.json, &shown, || match &page {
            None => overview(&found),
            Some(page) => {
                let mut table = Table::new(["state", "who", "address", "at", "reason"]);
                for one in &page.letters {
                    let at = if one.settled > 0 { one.settled } else { one.created };
                    table.row([
                        one.state.to_string(),
                        one.label.clone(),
                        one.address.clone(),
                        clock::text(at),
                        one.reason.clone(),
                    ]);
                }
                let shown = table.text_or("No letter is like that.");
                match &next {
                    Some(next) => format!("{shown}\n\nMore: --after '{next}'"),
                    None => shown,
                }
            }
        })
    }

    async fn page(&self, hub: &Hub, found: &Lettering, id: &str) -> Result<LettersPage> {
        let mut keys = found.mailings.iter().map(|(one, _)| one.key);
        let Some(key) = keys.find(|key| key.to_string() == id) else {
            bail!(
                "This migration has no such mailing. Take its id from provost migration letters \"{}\".",
                self.provider
            );
        };
        let state = self.state.as_deref().map(str::parse::<LetterState>).transpose()?;
        let after = self.after.as_deref().map(place_of).transpose()?;
        let limit = i64::from(self.limit);
        let read = move |tx: &mut Tx| migration::letters(tx, key, state, after, limit);
        Ok(hub.db.read(read).await?)
    }
}

fn place_of(text: &str) -> Result<(LetterState, i64)> {
    let parts = text
        .split_once('~')
        .map(|(state, key)| (state.parse::<LetterState>(), key.parse::<i64>()));
    match parts {
        Some((Ok(state), Ok(key))) => Ok((state, key)),
        _ => bail!("The list does not go on there. Take the place from the end of the page before."),
    }
}

fn mailing((one, counts): &(Mailing, LetterCounts)) -> Value {
    json!({
        "id": one.key.to_string(), "days": one.days,
        "deadline": (one.deadline > 0).then(|| clock::text(one.deadline)), "first": clock::text(one.created),
        "last": clock::text(one.changed), "actor": one.actor, "sent": counts.sent, "waiting": counts.waiting,
        "failed": counts.failed, "dropped": counts.dropped,
    })
}

fn row(one: &Letter) -> Value {
    json!({
        "who": one.label, "address": one.address, "language": one.language, "state": one.state,
        "written": clock::text(one.created), "attempts": one.attempts,
        "settled": (one.settled > 0).then(|| clock::text(one.settled)), "reason": one.reason,
    })
}

fn what(days: i64) -> String {
    match days {
        0 => "announcement".to_owned(),
        days => format!("reminder, {days} days before"),
    }
}

fn overview(found: &Lettering) -> String {
    let mut sent = Table::new(["mailing", "id", "last", "sent", "waiting", "failed", "dropped"]);
    for (one, counts) in &found.mailings {
        sent.row([
            what(one.days),
            one.key.to_string(),
            clock::text(one.changed),
            counts.sent.to_string(),
            counts.waiting.to_string(),
            counts.failed.to_string(),
            counts.dropped.to_string(),
        ]);
    }
    let mut due = Table::new(["reminder", "due", "sent"]);
    for one in &found.reminders {
        due.row([
            what(one.days),
            clock::text(one.due),
            one.sent
                .as_ref()
                .map_or_else(|| "not yet".to_owned(), |(sent, _)| clock::text(sent.created)),
        ]);
    }
    format!(
        "{}\n\n{}",
        sent.text_or("Nothing was sent yet."),
        due.text_or("No reminder is due in this window.")
    )
}

//! `provost connection restart`: begin again, with as much of the memory as is chosen.

use crate::cli::Place;
use crate::hub::{self, Hub};
use crate::{ask, clock, output};
use anyhow::Result;
use provost_store::connection::{self, Reset};
use serde_json::json;

/// Said below the options.
const WHAT: &str = "\
Without an option: --watermark --escrows --quarantine, after which everything is looked at again and nothing is \
matched again. A cycle that is running ends as it began.";

/// What is reset.
#[derive(Debug, clap::Args)]
#[command(after_help = WHAT)]
pub(crate) struct Restart {
    /// The connection
    name: String,
    /// The watermark: the next cycle is an initial one and looks at everybody
    #[arg(long)]
    watermark: bool,
    /// What waits for another try: all of it is tried again with the next cycle
    #[arg(long)]
    escrows: bool,
    /// The quarantine and its count of failures
    #[arg(long)]
    quarantine: bool,
    /// The links: everybody is matched again by the rules' matching attributes
    #[arg(long)]
    links: bool,
    /// The steps that the deletion guard holds: all of them are approved and carried out
    #[arg(long)]
    force_deletes: bool,
    /// Everything but --force-deletes
    #[arg(long)]
    full: bool,
    /// Do not ask, where something is lost or let through
    #[arg(long, short = 'y')]
    yes: bool,
}

impl Restart {
    /// Resets what is chosen; asks first where links are lost or removals let through.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let resets = self.resets();
        if let Some(question) = self.question() {
            ask::agree(&question, self.yes)?;
        }
        let chosen = resets.clone();
        hub.db
            .write(move |tx| connection::restart(tx, &hub::actor(), clock::now(), &connection, &chosen))
            .await?;
        let done: Vec<&str> = resets.iter().map(|one| said(*one)).collect();
        let answer = json!({"connection": self.name, "reset": resets});
        output::either(place.json, &answer, || {
            let lines: Vec<String> = done.iter().map(|line| format!("  {line}")).collect();
            format!("\"{}\" begins again:\n{}", self.name, lines.join("\n"))
        })
    }

    fn resets(&self) -> Vec<Reset> {
        let chosen = [
            (self.full, Reset::Full),
            (self.watermark, Reset::Watermark),
            (self.escrows, Reset::Escrows),
            (self.quarantine, Reset::Quarantine),
            (self.links, Reset::Links),
            (self.force_deletes, Reset::ForceDeletes),
        ];
        let all: Vec<Reset> = chosen
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, reset)| reset)
            .collect();
        if all.is_empty() {
            return vec![Reset::Watermark, Reset::Escrows, Reset::Quarantine];
        }
        all
    }

    /// What has to be agreed to.
    fn question(&self) -> Option<String> {
        if self.force_deletes {
            return Some(format!(
                "Carry out everything that the deletion guard holds in \"{}\"?",
                self.name
            ));
        }
        (self.full || self.links).then(|| {
            format!(
                "Forget which account belongs to whom in \"{}\", and match everybody again?",
                self.name
            )
        })
    }
}

fn said(reset: Reset) -> &'static str {
    match reset {
        Reset::Watermark => "the next cycle is an initial one and looks at everybody",
        Reset::Escrows => "what waited for another try is tried with the next cycle",
        Reset::Quarantine => "the quarantine is lifted",
        Reset::Links => "everybody is matched again by the matching attributes",
        Reset::ForceDeletes => "what the deletion guard held is approved",
        Reset::Full => "watermark, retries, quarantine and links are reset: everybody is matched again",
    }
}

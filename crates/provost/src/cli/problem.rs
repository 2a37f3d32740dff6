//! `provost problem`: everything that is wrong, oldest first.

use super::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use clap::builder::PossibleValuesParser;
use provost_store::problems::{self, Asked, ProblemKind};
use serde_json::{Value, json};

/// What is wrong: connections that are not active, steps that failed or wait for a decision, doubts, credentials that
/// end, imports that are held.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Problem {
    /// List what is wrong, oldest first
    List(List),
}

/// Which problems are listed.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only of this connection
    connection: Option<String>,
    /// Only of this sort
    #[arg(long, value_parser = PossibleValuesParser::new(ProblemKind::ALL.iter().map(|kind| kind.as_str())))]
    kind: Option<String>,
    /// Only those after this place, from the page before
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

impl Problem {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let Self::List(list) = self;
        let done = list.run(place, &hub).await;
        hub.close();
        done
    }
}

impl List {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = match &self.connection {
            Some(name) => Some(hub.connection(name).await?.key),
            None => None,
        };
        let kind: Option<ProblemKind> = self.kind.as_deref().map(str::parse).transpose()?;
        let asked = Asked {
            workspace: hub.workspace.key,
            now: clock::now(),
            after: self.after,
            kind,
            connection,
        };
        let limit = self.limit as usize;
        let page = hub.db.read(move |tx| problems::list(tx, &asked, limit)).await?;
        let rows: Vec<Value> = page.problems.iter().map(row).collect();
        output::either(place.json, &json!({"problems": rows, "next": page.next}), || {
            let mut table = Table::new([
                "since",
                "kind",
                "connection",
                "subject",
                "next step",
                "what is wrong",
            ]);
            for one in &page.problems {
                table.row([
                    clock::text(one.since),
                    one.kind.as_str().replace('_', " "),
                    one.connection.clone().unwrap_or_default(),
                    one.subject.clone(),
                    next_step(one),
                    sentence(one),
                ]);
            }
            let shown = table.text_or("Nothing is wrong.");
            match &page.next {
                Some(next) => format!("{shown}\n\nMore: --after {next}"),
                None => shown,
            }
        })
    }
}

/// The command that shows more of it, or mends it; a retry mends itself as long as it has a next try.
fn next_step(one: &problems::Problem) -> String {
    let command = match one.kind {
        ProblemKind::Connection => "connection show",
        ProblemKind::Retry if one.next_try.is_some() => return "is tried again".to_owned(),
        ProblemKind::Retry => "retry list",
        ProblemKind::Staged => "staged list",
        ProblemKind::Doubt => "doubt list",
        ProblemKind::CredentialExpiring | ProblemKind::CredentialExpired => "credential list",
        ProblemKind::ImportHeld => "import runs",
        ProblemKind::Federation => "federation show",
        ProblemKind::Letters => "migration letters",
    };
    format!("provost {command}")
}

fn sentence(one: &problems::Problem) -> String {
    if one.code.is_empty() || one.sentence.contains(&one.code) {
        one.sentence.clone()
    } else {
        format!("{} ({})", one.sentence, one.code)
    }
}

fn row(one: &problems::Problem) -> Value {
    json!({
        "kind": one.kind.as_str(), "connection": one.connection, "subject": one.subject, "object_id": one.object_id,
        "code": one.code, "sentence": one.sentence, "since": clock::text(one.since),
        "next_try": clock::text_or_none(one.next_try), "attempts": one.attempts, "key": one.key,
    })
}

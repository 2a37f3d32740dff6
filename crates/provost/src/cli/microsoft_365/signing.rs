//! `provost microsoft-365 signing-key` and `sign-ins`.

use crate::cli::Place;
use crate::clock;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::federated_signin::{Line, Outcome};
use provost_store::signing_key::{Kept, Slot};
use serde_json::{Value, json};

/// The keys with which a provider signs: their certificates are what Microsoft is told, their private halves are never
/// shown.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum SigningKey {
    /// Show the keys of a provider, newest first, with their certificates
    Show {
        /// The provider
        name: String,
    },
    /// Make a second key, which is published beside the one that signs
    Prepare {
        /// The provider
        name: String,
    },
    /// Sign with the second key from now on and keep the first beside it; once more goes back
    Swap {
        /// The provider
        name: String,
    },
    /// Retire the second key: its private half is gone for good
    Retire {
        /// The provider
        name: String,
    },
}

impl SigningKey {
    /// Runs the command.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        match self {
            Self::Show { name } => show(place, hub, &name).await,
            Self::Prepare { name } => prepare(place, hub, &name).await,
            Self::Swap { name } => swap(place, hub, &name).await,
            Self::Retire { name } => retire(place, hub, &name).await,
        }
    }
}

async fn show(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let engine = hub.engine()?;
    let all = engine
        .provider_signing_keys(hub.workspace.key, &found.name)
        .await?;
    let answer = json!({"signing_keys": all.iter().map(of).collect::<Vec<_>>()});
    output::either(place.json, &answer, || match all.is_empty() {
        true => format!(
            "No key yet: provost microsoft-365 authentication \"{}\" makes one.",
            found.name
        ),
        false => all.iter().map(text).collect::<Vec<_>>().join("\n"),
    })
}

async fn prepare(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let engine = hub.engine()?;
    let made = engine
        .prepare_provider_signing_key(hub.workspace.key, &found.name, &hub::actor())
        .await?;
    output::either(place.json, &of(&made), || {
        format!(
            "A second key was made, and its certificate is published.\n\n{}\n\
             Tell Microsoft the certificate, then: provost microsoft-365 signing-key swap \"{}\"",
            text(&made),
            found.name
        )
    })
}

async fn swap(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let engine = hub.engine()?;
    let both = engine
        .swap_provider_signing_keys(hub.workspace.key, &found.name, &hub::actor())
        .await?;
    let answer = json!({"signing_keys": both.iter().map(of).collect::<Vec<_>>()});
    output::either(place.json, &answer, || {
        let shown: Vec<String> = both.iter().map(text).collect();
        format!(
            "The keys have changed places. The same command goes back.\n\n{}",
            shown.join("\n")
        )
    })
}

async fn retire(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let engine = hub.engine()?;
    let retired = engine
        .retire_provider_signing_key(hub.workspace.key, &found.name, &hub::actor())
        .await?;
    output::either(place.json, &of(&retired), || {
        format!("The second key is retired, for good.\n\n{}", text(&retired))
    })
}

fn of(kept: &Kept) -> Value {
    json!({
        "slot": kept.slot.as_str(),
        "subject": kept.certificate.subject(),
        "sha1": kept.certificate.sha1(),
        "sha256": kept.certificate.sha256(),
        "certificate": kept.certificate.base64(),
        "expires": clock::text(kept.expires()),
        "created": clock::text(kept.created),
        "actor": kept.actor,
        "since": clock::text(kept.since),
    })
}

fn text(kept: &Kept) -> String {
    let does = match kept.slot {
        Slot::Current => "it signs",
        Slot::Next => "it is published beside the one that signs",
        Slot::Retired => "retired",
    };
    let lines = output::pairs(&[
        ("subject", kept.certificate.subject().to_owned()),
        ("thumbprint (SHA-1)", kept.certificate.sha1()),
        ("thumbprint (SHA-256)", kept.certificate.sha256()),
        ("ends", clock::text(kept.expires())),
        ("made", format!("{} by {}", clock::text(kept.created), kept.actor)),
    ]);
    let head = format!("{}, {does} since {}", kept.slot, clock::text(kept.since));
    match kept.slot {
        Slot::Retired => format!("{head}\n{lines}\n"),
        Slot::Current | Slot::Next => format!("{head}\n{lines}\n{}", kept.certificate.pem()),
    }
}

/// Which sign-ins.
#[derive(Debug, clap::Args)]
pub(crate) struct SignIns {
    /// The provider
    name: String,
    /// Only those that were refused
    #[arg(long)]
    refused: bool,
    /// Go on after this place, which the page before named
    #[arg(long, value_name = "PLACE")]
    after: Option<i64>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

impl SignIns {
    /// Lists what became of them, newest first.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let found = hub.microsoft_365(&self.name).await?;
        let outcome = self.refused.then_some(Outcome::Refused);
        let engine = hub.engine()?;
        let limit = i64::from(self.limit);
        let lines = engine
            .provider_sign_ins(hub.workspace.key, &found.name, outcome, self.after, limit)
            .await?;
        let next = lines.last().filter(|_| lines.len() == self.limit as usize);
        let next = next.map(|last| last.key);
        let rows: Vec<Value> = lines.iter().map(row).collect();
        let answer = json!({"sign_ins": rows, "next": next});
        output::either(place.json, &answer, || {
            let shown =
                table(&lines).text_or("Nobody has signed in to Microsoft 365 through this provider yet.");
            match next {
                Some(next) => format!("{shown}\n\nMore: --after {next}"),
                None => shown,
            }
        })
    }
}

fn row(line: &Line) -> Value {
    json!({
        "at": clock::text(line.at), "protocol": line.protocol.as_str(), "outcome": line.outcome.as_str(),
        "reason": line.reason, "person": line.person, "label": line.label, "name": line.name,
        "assertion": line.assertion, "method": line.method, "address": line.address,
    })
}

fn table(lines: &[Line]) -> Table {
    let mut table = Table::new(["when", "who", "outcome", "why", "protocol", "assertion", "from"]);
    for line in lines {
        table.row([
            clock::text(line.at),
            line.label.clone(),
            line.outcome.to_string(),
            line.reason.clone(),
            line.protocol.to_string(),
            line.assertion.clone(),
            line.address.clone(),
        ]);
    }
    table
}

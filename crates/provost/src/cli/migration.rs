//! `provost migration`: the window in which people of a Microsoft 365 tenant sign in at both sides.

mod act;
mod letters;
mod list;
mod test;

use super::Place;
use crate::clock;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::{Context as _, Result};
use provost_store::microsoft_365::Provider;
use provost_sync::microsoft_365::provider_values;
use provost_sync::migration::{Migrating, MigrationDraft};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Migration of a Microsoft 365 tenant's people: in a window, each signs in once at both sides, and is tied to their
/// account by its object id. Nothing is written to Microsoft.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Migration {
    /// Show how far it is: its window, its numbers, its checklist, the values for Entra
    Show {
        /// The Microsoft 365 provider
        provider: String,
    },
    /// Compare what is entered with what the tenant publishes about the application; saves nothing
    Validate(Entered),
    /// Save exactly what was just found good by validate
    Save(Entered),
    /// Tick a line of what is done in Entra
    Tick {
        /// The Microsoft 365 provider
        provider: String,
        /// application, single_sign_on, assignment or certificate
        line: String,
    },
    /// Take the tick of a line back
    Untick {
        /// The Microsoft 365 provider
        provider: String,
        /// application, single_sign_on, assignment or certificate
        line: String,
    },
    /// Show where the test sign-in is begun, which needs a browser, and what the last one said
    Test {
        /// The Microsoft 365 provider
        provider: String,
    },
    /// Move the deadline, with a reason; the certificates have to last until then
    Deadline {
        /// The Microsoft 365 provider
        provider: String,
        /// A day, or a time in UTC
        deadline: String,
        /// Why, for the audit log
        #[arg(long)]
        reason: String,
    },
    /// Send the announcement to everybody who is left and did not get it; --preview shows it and sends nothing
    Announce {
        /// The Microsoft 365 provider
        provider: String,
        /// Show the letter and whom it goes to, and send nothing
        #[arg(long, conflicts_with = "yes")]
        preview: bool,
        /// Send it without being asked
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Show what was written to people and what is going to be; with --mailing, what became of each letter
    Letters(letters::Letters),
    /// List who signed in, those that do not fit first
    List(list::List),
    /// List the people who are not onboarded and not exempt
    Left(list::Left),
    /// Approve a sign-in that waits: its person is linked by the object id, and signs in once more
    Approve {
        /// The Microsoft 365 provider
        provider: String,
        /// The account's object id
        account: String,
    },
    /// Deny a sign-in, with a reason
    Deny {
        /// The Microsoft 365 provider
        provider: String,
        /// The account's object id
        account: String,
        /// Why, for the audit log
        #[arg(long)]
        reason: String,
    },
    /// Tie a sign-in to the person who is meant, once both sides were seen
    Merge {
        /// The Microsoft 365 provider
        provider: String,
        /// The account's object id
        account: String,
        /// The person, by id or user name
        person: String,
        /// Merge them without being asked
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Close the migration for good, once nobody is left: it cannot be undone
    Close {
        /// The Microsoft 365 provider
        provider: String,
        /// The provider's name once more
        #[arg(long, value_name = "NAME")]
        typed: String,
        /// Close it without being asked
        #[arg(long, short = 'y')]
        yes: bool,
    },
    /// Show configuration and results of a closed migration, which are kept for 30 days
    Archive {
        /// The Microsoft 365 provider
        provider: String,
    },
}

/// What is entered.
#[derive(Debug, clap::Args)]
pub(crate) struct Entered {
    /// The Microsoft 365 provider
    provider: String,
    /// The Application (client) ID of the migration's own application, or an address of its page
    #[arg(long)]
    application: String,
    /// A certificate of the application, as a file: PEM, Base64 or DER; a second one while Entra changes it
    #[arg(long, value_name = "FILE", required = true)]
    certificate: Vec<PathBuf>,
    /// When the window begins: a day, or a time in UTC
    #[arg(long)]
    starts: String,
    /// When it ends
    #[arg(long)]
    deadline: String,
    /// Who answers for it
    #[arg(long)]
    owner: String,
    /// Whom people ask; it is shown to them
    #[arg(long)]
    contact: String,
}

impl Entered {
    fn draft(&self) -> Result<MigrationDraft> {
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("The certificate {} cannot be read", path.display()))
        };
        Ok(MigrationDraft {
            application: self.application.clone(),
            certificates: self.certificate.iter().map(read).collect::<Result<_>>()?,
            starts: self.starts.clone(),
            deadline: self.deadline.clone(),
            owner: self.owner.clone(),
            contact: self.contact.clone(),
        })
    }
}

impl Migration {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::Show { provider } => show(place, &hub, &provider).await,
            Self::Validate(entered) => validate(place, &hub, &entered).await,
            Self::Save(entered) => save(place, &hub, &entered).await,
            Self::Tick { provider, line } => list::tick(place, &hub, (&provider, &line), true).await,
            Self::Untick { provider, line } => list::tick(place, &hub, (&provider, &line), false).await,
            Self::Test { provider } => test::run(place, &hub, &provider).await,
            Self::Deadline {
                provider,
                deadline,
                reason,
            } => act::deadline(place, &hub, &provider, &deadline, &reason).await,
            Self::Announce {
                provider,
                preview,
                yes,
            } => letters::announce(place, &hub, &provider, preview, yes).await,
            Self::Letters(letters) => letters.run(place, &hub).await,
            Self::List(list) => list.run(place, &hub).await,
            Self::Left(left) => left.run(place, &hub).await,
            Self::Approve { provider, account } => act::approve(place, &hub, &provider, &account).await,
            Self::Deny {
                provider,
                account,
                reason,
            } => act::deny(place, &hub, &provider, &account, &reason).await,
            Self::Merge {
                provider,
                account,
                person,
                yes,
            } => act::merge(place, &hub, &provider, (&account, &person), yes).await,
            Self::Close { provider, typed, yes } => act::close(place, &hub, &provider, &typed, yes).await,
            Self::Archive { provider } => act::archive(place, &hub, &provider).await,
        };
        hub.close();
        done
    }
}

async fn show(place: &Place, hub: &Hub, provider: &str) -> Result<()> {
    let of = hub.microsoft_365(provider).await?;
    let found = hub.engine()?.migration(hub.workspace.key, provider).await?;
    output::either(place.json, &described(hub, &of, &found), || {
        told(hub, &of, &found)
    })
}

fn described(hub: &Hub, of: &Provider, found: &Migrating) -> Value {
    let values = provider_values(&hub.public_url(), of);
    let saved = found.migration.as_ref();
    json!({
        "provider": of.name, "state": found.state, "application": saved.map(|one| &one.application),
        "certificates": found.certificates, "starts": saved.map(|one| clock::text(one.starts)),
        "deadline": saved.map(|one| clock::text(one.deadline)), "owner": saved.map(|one| &one.owner),
        "contact": saved.map(|one| &one.contact), "compared": saved.map(|one| &one.compared),
        "closed": saved.and_then(|one| one.closed).map(clock::text), "counts": found.counts, "checklist": found.checklist,
        "entity_id": values.sp_entity_id, "acs": values.sp_acs, "entra_list": list::ticked(&found.ticks),
        "test": found.tested.as_ref().map(test::described),
    })
}

fn told(hub: &Hub, of: &Provider, found: &Migrating) -> String {
    let values = provider_values(&hub.public_url(), of);
    let counts = &found.counts;
    let mut pairs = vec![("state", found.state.to_string())];
    if let Some(saved) = &found.migration {
        pairs.push(("application", saved.application.clone()));
        pairs.push(("start", clock::text(saved.starts)));
        pairs.push(("deadline", clock::text(saved.deadline)));
        pairs.push(("owner", saved.owner.clone()));
        pairs.push(("contact", saved.contact.clone()));
        pairs.push(("compared", saved.compared.clone()));
    }
    for one in &found.certificates {
        pairs.push((
            "certificate",
            format!("{} until {}", one.sha1, clock::text(one.ends)),
        ));
    }
    pairs.push((
        "people",
        format!(
            "{} onboarded, {} not onboarded, {} unlinked, {} exempt: {} in all",
            counts.onboarded, counts.not_onboarded, counts.unlinked, counts.exempt, counts.people
        ),
    ));
    pairs.push((
        "sign-ins",
        format!(
            "{} mismatched, {} pending, {} approved, {} denied",
            counts.mismatched, counts.pending, counts.approved, counts.denied
        ),
    ));
    let last = found
        .tested
        .as_ref()
        .map_or_else(|| "never".to_owned(), test::told);
    pairs.push(("test sign-in", last));
    pairs.push(("done in entra", list::ticked_words(&found.ticks)));
    pairs.push(("identifier", values.sp_entity_id));
    pairs.push(("reply url", values.sp_acs));
    let lines: Vec<String> = found
        .checklist
        .iter()
        .map(|line| match line.done {
            true => format!("done  {}: {}", line.key, line.evidence),
            false => format!("open  {}: {}. {}", line.key, line.evidence, line.missing),
        })
        .collect();
    format!("{}\n\n{}", output::pairs(&pairs), lines.join("\n"))
}

async fn validate(place: &Place, hub: &Hub, entered: &Entered) -> Result<()> {
    let (engine, actor, draft) = (hub.engine()?, hub::actor(), entered.draft()?);
    let found = engine
        .check_migration(hub.workspace.key, &entered.provider, &draft, &actor)
        .await?;
    output::either(place.json, &json!(found), || {
        let mut lines: Vec<String> = found
            .lines
            .iter()
            .map(|line| match (line.ok, line.sentence.as_str()) {
                (true, "") => format!("good  {}", line.field),
                (true, note) => format!("good  {}: {note}", line.field),
                (false, _) => format!("bad   {line}"),
            })
            .collect();
        for one in &found.certificates {
            lines.push(format!(
                "certificate {}, issuer {}, SHA-1 {}, SHA-256 {}, until {}",
                one.subject,
                one.issuer,
                one.sha1,
                one.sha256,
                clock::text(one.ends)
            ));
        }
        lines.push(match found.green {
            true => format!(
                "Compared: {}. Exactly this can be saved within 24 hours.",
                found.compared
            ),
            false => "This cannot be saved.".to_owned(),
        });
        lines.join("\n")
    })?;
    if found.green {
        return Ok(());
    }
    let wrong: Vec<_> = found.lines.into_iter().filter(|line| !line.ok).collect();
    Err(provost_sync::Error::Fields(wrong).into())
}

async fn save(place: &Place, hub: &Hub, entered: &Entered) -> Result<()> {
    let (engine, actor, draft) = (hub.engine()?, hub::actor(), entered.draft()?);
    engine
        .save_migration(hub.workspace.key, &entered.provider, &draft, &actor)
        .await?;
    show(place, hub, &entered.provider).await
}

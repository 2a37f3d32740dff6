//! Validate and Save: what is entered is compared with what the tenant publishes, and saved only as it was compared.

use super::attempt;
use super::draft::{CertificateShown, MigrationChecked, MigrationDraft, Read, lasting, moment};
use crate::microsoft_365::FieldLine;
use crate::{Engine, Error, Result};
use provost_connect::graph::whose::SignIn;
use provost_saml::certificate::Certificate;
use provost_saml::entra::{self, Guid};
use provost_saml::metadata::Peer;
use provost_saml::xml::Document;
use provost_store::microsoft_365::{Provider, State};
use provost_store::migration::{self, Migration, New};
use provost_store::{Tx, connection};
use serde_json::Value;
use uuid::Uuid;

impl Engine {
    /// Validates what is entered: each field by itself, then the certificates against the federation metadata that the
    /// tenant publishes for the application. Only what was green is saved, within a day and exactly as it was.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-MICROSOFT-365-UNKNOWN`, `PRV-PROVIDER-ORDER`, `PRV-MIGRATION-CLOSED`. What is wrong with
    /// the values stands in the lines.
    pub async fn check_migration(
        &self,
        workspace: i64,
        name: &str,
        draft: &MigrationDraft,
        actor: &str,
    ) -> Result<MigrationChecked> {
        let result = self.checked_migration(workspace, name, draft, actor).await;
        let (checked, private) = self
            .audited(attempt(workspace, actor, "migration.validate", name), result)
            .await?;
        if let Some(error) = private {
            // The key itself is written nowhere; that it was pasted is told.
            let refused: Result<()> = Err(error);
            let attempted = attempt(workspace, actor, "migration.validate", name);
            let _ = self.audited(attempted, refused).await;
        }
        Ok(checked)
    }

    async fn checked_migration(
        &self,
        workspace: i64,
        name: &str,
        draft: &MigrationDraft,
        actor: &str,
    ) -> Result<(MigrationChecked, Option<Error>)> {
        let (provider, read) = self.read_migration(workspace, name, draft).await?;
        let mut checked = MigrationChecked {
            lines: read.lines.clone(),
            certificates: read.certificates.iter().map(CertificateShown::of).collect(),
            compared: String::new(),
            green: false,
        };
        if !checked.faults().is_empty() {
            let faults = checked.faults();
            return Ok((checked, Some(Error::Fields(faults))));
        }
        match self.compare(&provider, &read).await {
            Ok(compared) => checked.compared = compared,
            Err(line) => {
                checked.lines.push(line);
                let faults = checked.faults();
                return Ok((checked, Some(Error::Fields(faults))));
            }
        }
        let (digest, compared) = (read.digest(&provider), checked.compared.clone());
        let certificates = read.kept();
        let (actor, now) = (actor.to_owned(), self.now());
        self.db
            .write(move |tx| {
                migration::note_check(tx, &actor, now, &provider, &digest, &compared)?;
                migration::keep_checked(tx, provider.key, &digest, &certificates)
            })
            .await?;
        checked.green = true;
        Ok((checked, None))
    }

    /// Saves what was found green.
    ///
    /// # Errors
    /// [`Error::Fields`]; [`Error::Refused`]: the store's `PRV-MIGRATION-UNCHECKED`, `PRV-MIGRATION-OPEN`,
    /// `PRV-MIGRATION-CLOSED`; `PRV-PROVIDER-ORDER`, `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn save_migration(
        &self,
        workspace: i64,
        name: &str,
        draft: &MigrationDraft,
        actor: &str,
    ) -> Result<Migration> {
        let result = self.saved_migration(workspace, name, draft, actor).await;
        self.audited(attempt(workspace, actor, "migration.save", name), result)
            .await
    }

    async fn saved_migration(
        &self,
        workspace: i64,
        name: &str,
        draft: &MigrationDraft,
        actor: &str,
    ) -> Result<Migration> {
        let (provider, read) = self.read_migration(workspace, name, draft).await?;
        let faults: Vec<FieldLine> = read.lines.iter().filter(|line| !line.ok).cloned().collect();
        if !faults.is_empty() {
            return Err(Error::Fields(faults));
        }
        let (actor, now) = (actor.to_owned(), self.now());
        let saved = self
            .db
            .write(move |tx| {
                let new = New {
                    application: &read.application,
                    certificates: &read.kept(),
                    starts: read.starts,
                    deadline: read.deadline,
                    owner: &read.owner,
                    contact: &read.contact,
                    digest: &read.digest(&provider),
                };
                migration::save(tx, &actor, now, &provider, &new)
            })
            .await?;
        Ok(saved)
    }

    /// Moves the deadline, with a reason. The certificates have to be valid until the new one.
    ///
    /// # Errors
    /// [`Error::Fields`]; [`Error::Refused`]: `PRV-MIGRATION-NONE`, `PRV-MIGRATION-CLOSED`, `PRV-MIGRATION-REASON`,
    /// `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn move_migration_deadline(
        &self,
        workspace: i64,
        name: &str,
        deadline: &str,
        reason: &str,
        actor: &str,
    ) -> Result<Migration> {
        let result = self
            .moved_deadline(workspace, name, deadline, reason, actor)
            .await;
        self.audited(attempt(workspace, actor, "migration.deadline", name), result)
            .await
    }

    async fn moved_deadline(
        &self,
        workspace: i64,
        name: &str,
        entered: &str,
        reason: &str,
        actor: &str,
    ) -> Result<Migration> {
        let provider = self.provider_named(workspace, name).await?;
        let (key, now) = (provider.key, self.now());
        let found = self.db.read(move |tx| migration::get(tx, key)).await?;
        let wrong = |sentence: &str| {
            let hint = "Enter a day, or a day and a time in UTC, that lies after the start and after today.";
            Error::Fields(vec![FieldLine::wrong(
                "deadline",
                "PRV-MIGRATION-WINDOW",
                sentence,
                hint,
            )])
        };
        let Some(deadline) = moment(entered) else {
            return Err(wrong("this is no day and no time"));
        };
        if let Some(found) = found.filter(|one| one.closed.is_none()) {
            if deadline <= now || deadline <= found.starts {
                return Err(wrong("the deadline is over already, or lies before the start"));
            }
            let mut lines = found
                .certificates
                .iter()
                .filter_map(|one| Certificate::parse(one.as_bytes()).ok())
                .filter_map(|one| lasting(&one, now, deadline));
            if let Some(line) = lines.next() {
                return Err(Error::Fields(vec![line]));
            }
        }
        let (actor, reason) = (actor.to_owned(), reason.to_owned());
        let moved = self
            .db
            .write(move |tx| migration::move_deadline(tx, &actor, now, &provider, deadline, &reason))
            .await?;
        Ok(moved)
    }

    async fn read_migration(
        &self,
        workspace: i64,
        name: &str,
        draft: &MigrationDraft,
    ) -> Result<(Provider, Read)> {
        let provider = self.provider_named(workspace, name).await?;
        let connected = provider.connection.filter(|_| provider.state != State::Draft);
        let (Some(key), Some(_)) = (connected, provider.tenant_id.as_deref()) else {
            return Err(Error::refused(
                "PRV-PROVIDER-ORDER",
                format!(
                    "the provider \"{name}\" is not ready: its domain is not proved, or it has no credentials"
                ),
                "Finish the checklist of the provider first.",
            ));
        };
        let read = move |tx: &mut Tx| connection::by_key(tx, key);
        let found = self.db.read(read).await?;
        let settings = found.map(|one| one.settings).unwrap_or_default();
        let client = settings
            .get("client_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let read = Read::of(draft, client, self.now());
        Ok((provider, read))
    }

    /// What was compared, as a sentence; else the line that says what does not fit.
    async fn compare(&self, provider: &Provider, read: &Read) -> std::result::Result<String, FieldLine> {
        let wrong = |field, sentence: String, hint: &str| {
            FieldLine::wrong(field, "PRV-MIGRATION-METADATA", sentence, hint)
        };
        let again = "Nothing was saved. Try again when the sign-in service can be reached.";
        let tenant = provider.tenant_id.as_deref().unwrap_or_default();
        let ids = (Uuid::parse_str(tenant), Uuid::parse_str(&read.application));
        let (Ok(id), Ok(application)) = ids else {
            return Err(wrong("application", "the tenant is not known".to_owned(), again));
        };
        let service = SignIn::of(&provider.settings, &self.http);
        let fetched = match service {
            Ok(service) => service.application_metadata(id, application).await,
            Err(error) => Err(error),
        };
        let bytes = fetched.map_err(|error| match error {
            provost_connect::Error::Settings { reason, .. } => wrong(
                "application",
                format!("the tenant publishes nothing about this application: {reason}"),
                "Compare the id with the Overview of the enterprise application, and see that it is one of this tenant.",
            ),
            other => wrong(
                "application",
                format!("the tenant's metadata could not be read: {other}"),
                again,
            ),
        })?;
        let published = Guid::parse(tenant)
            .and_then(|tenant| entra::issuer(&tenant))
            .and_then(|issuer| Peer::read(&Document::parse(&bytes)?, &issuer))
            .map_err(|error| {
                wrong(
                    "certificate",
                    format!("the application's metadata cannot be used: {error}"),
                    "Set up single sign-on by SAML for the application in Entra, with the two values of this page.",
                )
            })?;
        let known: Vec<String> = published.certificates.iter().map(Certificate::sha1).collect();
        let foreign = read
            .certificates
            .iter()
            .find(|one| !published.certificates.contains(one));
        if let Some(foreign) = foreign {
            return Err(wrong(
                "certificate",
                format!(
                    "the certificate with the thumbprint {} is not among those that the tenant publishes for this \
                     application: {}",
                    foreign.sha1(),
                    known.join(", ")
                ),
                "Download the certificate (Base64) of this very application again, and paste it.",
            ));
        }
        let own: Vec<String> = read.certificates.iter().map(Certificate::sha1).collect();
        Ok(format!(
            "issuer {} and thumbprints {} are those that the tenant publishes for the application {}",
            published.entity_id,
            own.join(", "),
            read.application
        ))
    }
}

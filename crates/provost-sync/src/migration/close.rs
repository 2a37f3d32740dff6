//! The end of a migration: nobody is left, the name is typed, and it is over for good.

use super::attempt;
use super::draft::CertificateShown;
use crate::setup::Confirm;
use crate::setup::confirm::{NAMED, Question, settle};
use crate::{Engine, Error, Result};
use provost_store::microsoft_365::Provider;
use provost_store::migration::{self, Archive, Counts, Migration, Request, Standing};
use provost_store::{Tx, audit, identifier};
use serde_json::{Value, json};

/// Sign-ins that are read at once.
const PAGE: i64 = 500;

impl Engine {
    /// Closes the migration for good: nobody signs in by it any more, and its application and certificates are deleted
    /// here. What it was is kept sealed for 30 days. `confirm` has the provider's name typed; that somebody has just
    /// proved who they are, the caller has asked.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-MIGRATION-LEFT` with those who are left, `PRV-MIGRATION-TYPED` for another name,
    /// `PRV-MIGRATION-NONE`, `PRV-MIGRATION-CLOSED`, `PRV-MICROSOFT-365-UNKNOWN`; [`Error::Confirm`] with
    /// `PRV-MIGRATION-CLOSE`.
    pub async fn close_migration(
        &self,
        workspace: i64,
        name: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Migration> {
        let result = self.closed_migration(workspace, name, confirm, actor).await;
        self.audited(attempt(workspace, actor, "migration.close", name), result)
            .await
    }

    async fn closed_migration(
        &self,
        workspace: i64,
        name: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Migration> {
        let provider = self.provider_named(workspace, name).await?;
        let of = provider.clone();
        let (left, names, counts) = self.db.read(move |tx| gate(tx, &of)).await?;
        if left {
            return Err(refused(&provider, &counts, &names));
        }
        settle(vec![question(&provider, &counts)], confirm)?;
        if confirm.typed.as_deref().map(str::trim) != Some(provider.name.as_str()) {
            return Err(Error::refused(
                "PRV-MIGRATION-TYPED",
                format!(
                    "what was typed is not the name of the provider, \"{}\"",
                    provider.name
                ),
                "Type the name as it stands there; nothing was closed.",
            ));
        }
        let (actor, now, key) = (actor.to_owned(), self.now(), self.key.clone());
        self.db
            .write(move |tx| {
                // Somebody may have come since it was asked.
                let (left, names, counts) = gate(tx, &provider)?;
                if left {
                    return Err(refused(&provider, &counts, &names));
                }
                let before = migration::get(tx, provider.key)?;
                let document = document(tx, &provider, before.as_ref(), &counts, &actor, now)?;
                let detail = format!(
                    "{} onboarded, {} exempt, {} denied",
                    counts.onboarded, counts.exempt, counts.denied
                );
                let closed = migration::close(tx, &actor, now, &provider, &detail)?;
                migration::keep_archive(tx, &key, now, &provider, &document.to_string())?;
                Ok::<_, Error>(closed)
            })
            .await
    }

    /// What a closed migration was: configuration and results, while they are kept. That it was read is told to the
    /// audit log.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-MIGRATION-ARCHIVE` when there is none (any more), `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn migration_archive(&self, workspace: i64, name: &str, actor: &str) -> Result<Archive> {
        let provider = self.provider_named(workspace, name).await?;
        let (key, now, actor) = (self.key.clone(), self.now(), actor.to_owned());
        let found = self
            .db
            .write(move |tx| {
                let found = migration::archive(tx, &key, now, &provider)?;
                if found.is_some() {
                    let (name, action) = (provider.name.as_str(), "migration.export");
                    audit::append_named(tx, provider.workspace, now, &actor, action, name, "")?;
                }
                Ok::<_, provost_store::Error>(found)
            })
            .await?;
        found.ok_or_else(|| {
            Error::refused(
                "PRV-MIGRATION-ARCHIVE",
                format!("nothing is kept of the migration of \"{name}\""),
                "It is kept from its closing on, for 30 days.",
            )
        })
    }
}

/// Whether somebody is left, the first of them by name, and the numbers.
fn gate(tx: &mut Tx, provider: &Provider) -> provost_store::Result<(bool, Vec<String>, Counts)> {
    let connection = provider.connection.unwrap_or(0);
    let counts = migration::counts(tx, provider.key, connection)?;
    let is_read = identifier::reading(tx, connection)?.is_some_and(|one| one.ended > 0);
    let mut names = Vec::new();
    if !is_read {
        names.push("the accounts of the tenant were not read".to_owned());
    }
    for standing in [Standing::Mismatched, Standing::Pending] {
        let page = migration::requests(tx, provider.key, Some(standing), None, NAMED as i64)?;
        let named = |one: &Request| format!("{} ({standing}, {})", one.name, one.conflict);
        names.extend(page.requests.iter().map(named));
    }
    if counts.not_onboarded + counts.unlinked > 0 {
        let page = migration::left(tx, provider.key, connection, None, NAMED)?;
        names.extend(page.people.into_iter().map(|one| match one.link {
            identifier::LinkState::Linked => format!("{} (not onboarded)", one.label),
            link => format!("{} ({link})", one.label),
        }));
    }
    Ok((!is_read || counts.open() > 0, names, counts))
}

fn refused(provider: &Provider, counts: &Counts, names: &[String]) -> Error {
    let shown: Vec<&str> = names.iter().take(20).map(String::as_str).collect();
    let more = match names.len().saturating_sub(20) {
        0 => "",
        _ => ", and others",
    };
    Error::refused(
        "PRV-MIGRATION-LEFT",
        format!(
            "the migration of \"{}\" cannot be closed: {} not onboarded, {} linked to no account, {} wait, {} do not fit: {}{more}",
            provider.name,
            counts.not_onboarded,
            counts.unlinked,
            counts.pending,
            counts.mismatched,
            shown.join(", ")
        ),
        "Decide about those who wait, and onboard, link or exempt each of the others by name on the page Identifiers.",
    )
}

fn question(provider: &Provider, counts: &Counts) -> Question {
    Question {
        code: "PRV-MIGRATION-CLOSE",
        sentence: format!(
            "The migration of \"{}\" is closed for good, which cannot be undone: its addresses answer 410 from then on, and \
             its application and certificates are deleted here. {} people are onboarded, {} exempt.",
            provider.name, counts.onboarded, counts.exempt
        ),
        hint: "Type the name of the provider, then close it.",
        list: Vec::new(),
    }
}

/// Configuration and results.
fn document(
    tx: &mut Tx,
    provider: &Provider,
    migration: Option<&Migration>,
    counts: &Counts,
    actor: &str,
    now: i64,
) -> provost_store::Result<Value> {
    let mut requests = Vec::new();
    let mut after = None;
    loop {
        let page = migration::requests(tx, provider.key, None, after, PAGE)?;
        requests.extend(page.requests.iter().map(row));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let configuration = migration.map(|one| {
        let certificates = CertificateShown::of_kept(&one.certificates);
        json!({
            "application": one.application, "certificates": certificates, "starts": one.starts, "deadline": one.deadline,
            "owner": one.owner, "contact": one.contact, "compared": one.compared,
        })
    });
    Ok(json!({
        "provider": provider.name, "id": provider.id, "domain": provider.domain, "tenant": provider.tenant_id,
        "closed": now, "closed_by": actor, "configuration": configuration, "counts": counts, "sign_ins": requests,
    }))
}

fn row(one: &Request) -> Value {
    json!({
        "account": one.account, "user_principal_name": one.name, "display_name": one.label, "typed": one.typed,
        "person": one.person_id, "person_label": one.person_label, "state": one.standing, "conflict": one.conflict,
        "first": one.first, "last": one.last, "onboarded": one.onboarded, "decided": one.decided, "by": one.actor,
        "reason": one.reason,
    })
}

//! Taking a provider away with its connection; who was assigned is kept for the next one.

use super::look::initial_domain;
use crate::setup::Attempt;
use crate::setup::confirm::{self, Confirm, Question};
use crate::{Engine, Error, Result};
use provost_store::connection::{self, Connection};
use provost_store::microsoft_365::{self, Provider, State};
use provost_store::{Tx, assignment, link, rule};

/// Rows that go in one commit: other writes wait no longer than that takes.
const ROWS: i64 = 2_000;

/// What goes and what is kept.
struct Preview {
    connection: Option<Connection>,
    assigned: i64,
    /// The first of those who are assigned, by name.
    names: Vec<String>,
    rules: Vec<String>,
    links: i64,
}

impl Engine {
    /// Takes a provider away with its connection, rules and links, once the preview of that was confirmed. Who is
    /// assigned directly is kept and offered to the next provider of the domain. The accounts in the tenant stay as
    /// they are, and so does the audit log.
    ///
    /// # Errors
    /// [`Error::Confirm`] with `PRV-PROVIDER-REMOVE`; [`Error::Refused`] with `PRV-CONNECTION-IN-USE` while rules are on,
    /// `PRV-PROVIDER-FEDERATED`, the store's `PRV-CONNECTION-RUNS`, `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn remove_provider(
        &self,
        workspace: i64,
        name: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<()> {
        let found = self.provider_named(workspace, name).await?;
        let attempt = Attempt {
            workspace,
            actor,
            action: "microsoft_365.remove",
            subject: name,
        };
        let result = self.removed_provider(&found, confirm, actor).await;
        self.audited(attempt, result).await
    }

    async fn removed_provider(&self, found: &Provider, confirm: &Confirm, actor: &str) -> Result<()> {
        refuse_federated(found)?;
        let provider = found.clone();
        let preview = self.db.read(move |tx| preview(tx, &provider)).await?;
        if let Some(connection) = &preview.connection {
            self.refuse_used(connection).await?;
        }
        confirm::settle(vec![question(found, &preview)], confirm)?;
        if let Some(connection) = &preview.connection {
            self.set_credential_expiry(connection.key, None, actor).await?;
        }
        loop {
            let (provider, actor, now) = (found.clone(), actor.to_owned(), self.now());
            let is_gone = self
                .db
                .write(move |tx| microsoft_365::remove(tx, &actor, now, &provider, ROWS))
                .await?;
            if is_gone {
                return Ok(());
            }
        }
    }
}

/// People of a federated domain could not sign in anywhere.
fn refuse_federated(found: &Provider) -> Result<()> {
    if found.state != State::Federated {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-PROVIDER-FEDERATED",
        format!(
            "the domain {} is federated with the provider \"{}\", and without it nobody of the domain could sign in",
            found.domain, found.name
        ),
        "Take the federation back first, then remove the provider.",
    ))
}

fn preview(tx: &mut Tx, provider: &Provider) -> provost_store::Result<Preview> {
    let mut preview = Preview {
        connection: None,
        assigned: 0,
        names: Vec::new(),
        rules: Vec::new(),
        links: 0,
    };
    let Some(connection) = provider.connection else {
        return Ok(preview);
    };
    preview.connection = connection::by_key(tx, connection)?;
    preview.assigned = assignment::count(tx, connection)?;
    let first = assignment::list(tx, connection, 0, confirm::NAMED as i64)?;
    preview.names = first.into_iter().map(|one| one.label).collect();
    for stored in rule::of_connection(tx, connection)? {
        preview.links += link::count(tx, stored.key)?;
        preview.rules.push(format!("\"{}\"", stored.name));
    }
    Ok(preview)
}

/// What would be lost, and what is kept.
fn question(found: &Provider, preview: &Preview) -> Question {
    let goes = match &preview.connection {
        None => "It has no connection yet.".to_owned(),
        Some(connection) => format!(
            "Its connection \"{}\" goes with {} links and {}; the accounts in {} stay as they are.",
            connection.name,
            preview.links,
            match preview.rules.as_slice() {
                [] => "no rules".to_owned(),
                rules => format!("the rules {}", rules.join(", ")),
            },
            initial_domain(&found.settings, &found.tenant_name),
        ),
    };
    let kept = match preview.assigned {
        0 => "Nobody is assigned.".to_owned(),
        count => format!(
            "{count} direct assignments are kept, and offered again when a provider of {} is added.",
            found.domain
        ),
    };
    Question {
        code: "PRV-PROVIDER-REMOVE",
        sentence: format!("The provider \"{}\" goes. {goes} {kept}", found.name),
        hint: "Read what goes, then confirm it.",
        list: preview.names.clone(),
    }
}

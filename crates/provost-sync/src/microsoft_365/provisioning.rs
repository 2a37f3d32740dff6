//! The section Provisioning: credentials, tried before anything is saved, so that a failed test never replaces what
//! works.

use super::Credentials;
use super::credentials::Understood;
use super::draft::FieldLine;
use super::function;
use super::look::{Wanted, judge_organisation};
use crate::setup::{Attempt, ConnectionDraft, Tie, Tried};
use crate::{Engine, Error, Result};
use provost_connect::Organisation;
use provost_connect::graph::permission::{Function, Need};
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::microsoft_365::{self, DomainState, Look, Provider};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The code of credentials whose test fails.
const TEST: &str = "PRV-CONNECTION-TEST";

/// What trying credentials found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProviderTried {
    /// The test, step by step; empty when the credentials could not be understood.
    #[serde(flatten)]
    pub tried: Tried,
    /// What was understood of the credentials, and what of them does not belong to the provider. One that is not `ok`
    /// keeps them from being saved.
    pub lines: Vec<FieldLine>,
    /// The tenant's verified domains, the default one first; empty when they could not be read.
    pub domains: Vec<String>,
    /// The tenant's display name; empty when it could not be read.
    pub tenant: String,
    /// The tenant's id.
    pub tenant_id: Option<String>,
    /// What the connection does with these credentials.
    pub functions: Vec<Function>,
    /// What was chosen and stays off, because the application lacks these rights.
    pub off: Vec<Need>,
}

impl ProviderTried {
    /// Whether these credentials can be saved.
    pub fn ok(&self) -> bool {
        self.tried.ok() && self.lines.iter().all(|line| line.ok) && !self.tried.checks.is_empty()
    }
}

/// Credentials that were tried.
struct Trial {
    shown: ProviderTried,
    connection: Option<Connection>,
    draft: ConnectionDraft,
}

impl Engine {
    /// Tries credentials without changing anything.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; any error of the store. What the tenant answers, and what
    /// cannot be used, stands in the answer.
    pub async fn try_provider_credentials(
        &self,
        workspace: i64,
        name: &str,
        credentials: &Credentials,
    ) -> Result<ProviderTried> {
        let found = self.provider_named(workspace, name).await?;
        Ok(self.trial(&found, credentials).await?.shown)
    }

    /// Saves credentials once their test succeeds: the first time this makes the provider's connection, to which
    /// nobody is assigned and which has no rule; later it changes how that reaches the tenant.
    ///
    /// # Errors
    /// [`Error::Fields`] for what cannot be used or belongs to another tenant; [`Error::Refused`] with
    /// `PRV-CONNECTION-TEST`, `PRV-CONNECTION-NAME-TAKEN`, `PRV-DOMAIN-TAKEN`, `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn configure_provider_provisioning(
        &self,
        workspace: i64,
        name: &str,
        credentials: &Credentials,
        actor: &str,
    ) -> Result<ProviderTried> {
        let found = self.provider_named(workspace, name).await?;
        let attempt = Attempt {
            workspace,
            actor,
            action: "microsoft_365.provisioning",
            subject: name,
        };
        let result = self.provisioned(&found, credentials, actor).await;
        self.audited(attempt, result.map_err(kept_in_force)).await
    }

    async fn provisioned(
        &self,
        found: &Provider,
        credentials: &Credentials,
        actor: &str,
    ) -> Result<ProviderTried> {
        let trial = self.trial(found, credentials).await?;
        let (shown, draft) = (trial.shown, trial.draft);
        let faults: Vec<FieldLine> = shown.lines.iter().filter(|line| !line.ok).cloned().collect();
        let is_understood = !shown.tried.checks.is_empty();
        if !faults.is_empty() && (shown.tried.ok() || !is_understood) {
            return Err(Error::Fields(faults));
        }
        let tie = tie(found, &shown, actor, self.now());
        match &trial.connection {
            None => {
                self.add_owned(found.workspace, &draft, &shown.tried, tie, actor)
                    .await?;
            }
            Some(before) => {
                self.change_owned(before, &draft, &shown.tried, tie, actor)
                    .await?;
            }
        }
        Ok(shown)
    }

    async fn trial(&self, found: &Provider, credentials: &Credentials) -> Result<Trial> {
        let understood = credentials.understand(found);
        let connection = self.stored_connection(found).await?;
        let mut draft = draft(found, connection.as_ref(), credentials, &understood);
        let mut shown = ProviderTried {
            tried: Tried::default(),
            lines: understood.lines,
            domains: Vec::new(),
            tenant: String::new(),
            tenant_id: None,
            functions: Vec::new(),
            off: Vec::new(),
        };
        if shown.lines.iter().all(|line| line.ok) {
            let mut attempted = self.attempt_owned(found, connection.as_ref(), &draft).await?;
            shown.off = function::take_off(&mut draft.settings, &attempted.tried);
            if !shown.off.is_empty() {
                attempted = self.attempt_owned(found, connection.as_ref(), &draft).await?;
            }
            shown.tried = attempted.tried;
            let organisation = match attempted.target.filter(|_| shown.tried.ok()) {
                Some(target) => target.organisation().await?,
                None => None,
            };
            if let Some(organisation) = organisation {
                // A domain may move to another tenant; the id is the tenant.
                draft.settings["tenant"] = Value::from(organisation.id.to_ascii_lowercase());
                tell(found, &organisation, &mut shown);
            }
        }
        shown.functions = function::functions(&draft.settings);
        shown.lines.extend(function::lines(&shown.off));
        Ok(Trial {
            shown,
            connection,
            draft,
        })
    }

    async fn stored_connection(&self, found: &Provider) -> Result<Option<Connection>> {
        let Some(key) = found.connection else {
            return Ok(None);
        };
        Ok(self.db.read(move |tx| connection::by_key(tx, key)).await?)
    }
}

/// A provider keeps no credentials that do not work, so that is no way out.
fn kept_in_force(error: Error) -> Error {
    match error {
        Error::Refused { code, sentence, .. } if code == TEST => Error::refused(
            TEST,
            sentence,
            "Correct it and try again. What was saved before stays in force.",
        ),
        other => other,
    }
}

/// The connection as it would be. One that is there keeps its other settings.
fn draft(
    found: &Provider,
    before: Option<&Connection>,
    credentials: &Credentials,
    understood: &Understood,
) -> ConnectionDraft {
    let mut settings = before.map_or_else(|| found.settings.clone(), |before| before.settings.clone());
    if !settings.is_object() {
        settings = json!({});
    }
    settings["tenant"] = Value::from(understood.tenant.clone());
    settings["client_id"] = Value::from(understood.client_id.clone());
    if let Some(chosen) = &credentials.functions {
        function::choose(&mut settings, chosen);
    }
    ConnectionDraft {
        name: found.name.clone(),
        connector: "graph".to_owned(),
        settings,
        secrets: credentials.secrets(),
        secret_expires: credentials.expires,
        preferences: Preferences {
            assignment: Assignment::Assigned,
            ..Preferences::default()
        },
        ..ConnectionDraft::default()
    }
}

/// Puts who the tenant is into what is shown, and whether the provider's domain is its own.
fn tell(found: &Provider, organisation: &Organisation, shown: &mut ProviderTried) {
    let id = organisation.id.to_ascii_lowercase();
    shown.tenant.clone_from(&organisation.name);
    shown.tenant_id = Some(id.clone());
    shown.domains = organisation
        .domains
        .iter()
        .map(|domain| domain.name.clone())
        .collect();
    if let Some(line) = of_another(found, organisation, &id) {
        shown.lines.retain(|known| known.field != line.field);
        shown.lines.push(line);
        return;
    }
    let wanted = Wanted {
        domain: &found.domain,
        tenant_name: &found.tenant_name,
        settings: &found.settings,
    };
    shown
        .lines
        .extend(judge_organisation(&wanted, organisation).lines);
}

/// The domain was proved in one tenant, and the credentials open another.
fn of_another(found: &Provider, organisation: &Organisation, id: &str) -> Option<FieldLine> {
    let known = found.tenant_id.as_deref()?;
    let is_other = found.domain_state == DomainState::Verified
        && known != id
        && organisation.domain(&found.domain).is_none();
    is_other.then(|| {
        FieldLine::wrong(
            "tenant",
            "PRV-TENANT-MISMATCH",
            format!(
                "the credentials open the tenant {} ({id}), but {} belongs to the tenant {known}",
                organisation.name, found.domain
            ),
            "Register the application in the tenant of the domain, and enter its ids.",
        )
    })
}

/// What the provider writes together with its connection: the tenant's own word about the domain.
fn tie(found: &Provider, shown: &ProviderTried, actor: &str, now: i64) -> Tie {
    let (provider, actor) = (found.clone(), actor.to_owned());
    let look = Look {
        domain: DomainState::Verified,
        tenant_id: shown.tenant_id.clone(),
    };
    Arc::new(move |tx, connection| {
        microsoft_365::note_look(tx, &actor, now, &provider, &look)?;
        microsoft_365::set_connection(tx, &actor, now, &provider, connection.key).map(drop)
    })
}

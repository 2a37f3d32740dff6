//! The checklist of the guide's third step, computed from what is stored: the next step opens when it is whole.

use super::LINK_KEY;
use crate::{Engine, Result};
use provost_store::connection::{self, Connection, State as Condition};
use provost_store::microsoft_365::{self, DomainState, Provider, State};
use provost_store::{Tx, assignment};
use serde::Serialize;

/// A line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChecklistLine {
    /// `active`, `general`, `credentials`, `unassigned`.
    pub key: &'static str,
    /// Whether it is so.
    pub done: bool,
    /// What shows it.
    pub evidence: String,
    /// Since when, in milliseconds since 1970; none where nothing says.
    pub at: Option<i64>,
    /// What is missing, and what to do; empty when it is done.
    pub missing: String,
}

/// What the lines are computed from.
struct Facts {
    provider: Provider,
    connection: Option<Connection>,
    assigned: i64,
    serves: bool,
    now: i64,
}

impl Engine {
    /// The four lines: an active provider, its general settings saved, its credentials set, nobody assigned.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; any error of the store.
    pub async fn provider_checklist(&self, workspace: i64, name: &str) -> Result<Vec<ChecklistLine>> {
        let (provider, now) = (self.provider_named(workspace, name).await?, self.now());
        let facts = self.db.read(move |tx| facts(tx, &provider, now)).await?;
        Ok(vec![
            active(&facts),
            general(&facts),
            credentials(&facts),
            unassigned(&facts),
        ])
    }
}

fn facts(tx: &mut Tx, provider: &Provider, now: i64) -> provost_store::Result<Facts> {
    let provider = microsoft_365::by_key(tx, provider.key)?.unwrap_or_else(|| provider.clone());
    let mut facts = Facts {
        connection: None,
        assigned: 0,
        serves: false,
        now,
        provider,
    };
    if let Some(key) = facts.provider.connection {
        facts.connection = connection::by_key(tx, key)?;
        facts.assigned = assignment::count(tx, key)?;
        facts.serves = microsoft_365::serves(tx, key)?;
    }
    Ok(facts)
}

fn line(
    key: &'static str,
    done: bool,
    evidence: impl Into<String>,
    at: Option<i64>,
    missing: impl Into<String>,
) -> ChecklistLine {
    ChecklistLine {
        key,
        done,
        evidence: evidence.into(),
        at: at.filter(|at| *at > 0),
        missing: if done { String::new() } else { missing.into() },
    }
}

fn active(facts: &Facts) -> ChecklistLine {
    let provider = &facts.provider;
    let done = provider.state != State::Draft && provider.domain_state == DomainState::Verified;
    line(
        "active",
        done,
        format!(
            "the state is {}, the domain is {}",
            provider.state, provider.domain_state
        ),
        Some(provider.since),
        "Have the domain verified in the tenant, then check the provider again.",
    )
}

fn general(facts: &Facts) -> ChecklistLine {
    let provider = &facts.provider;
    let fields = [
        &provider.name,
        &provider.link_key,
        &provider.domain,
        &provider.tenant_name,
    ];
    let done = fields.iter().all(|field| !field.is_empty()) && provider.link_key == LINK_KEY;
    line(
        "general",
        done,
        format!(
            "{}, {}, {}, {}",
            provider.name, provider.link_key, provider.domain, provider.tenant_name
        ),
        Some(provider.created),
        "Save display name, link key, domain and tenant name.",
    )
}

fn credentials(facts: &Facts) -> ChecklistLine {
    let Some(connection) = &facts.connection else {
        let missing = "Save client id, tenant id and secret in the section Provisioning.";
        return line("credentials", false, "there are none", None, missing);
    };
    let text = |name: &str| connection.settings[name].as_str().unwrap_or_default().to_owned();
    let works = connection.tested > 0 && connection.state != Condition::Invalid;
    let evidence = format!(
        "client {}, tenant {}, and a secret that {}",
        text("client_id"),
        text("tenant"),
        if works { "works" } else { "does not work" }
    );
    let missing = "Correct the credentials in the section Provisioning: their test fails.";
    line("credentials", works, evidence, Some(connection.tested), missing)
}

/// Where somebody declared the provider for provisioning only, people are meant to be assigned, and the line says so.
fn unassigned(facts: &Facts) -> ChecklistLine {
    let done = facts.assigned == 0 && !facts.serves;
    let evidence = match (facts.assigned, facts.serves) {
        (0, false) => "nobody is assigned, and no rule is on".to_owned(),
        (0, true) => "nobody is assigned directly, but a rule is on or everybody is meant".to_owned(),
        (count, _) => format!("{count} people and groups are assigned"),
    };
    let missing = "End the assignments and switch the rules off: people move first, then they are assigned.";
    line("unassigned", done, evidence, Some(facts.now), missing)
}

//! What there is to see: the state, the checks as they were computed last, and what was done.

use super::check::{self, FederationCheck};
use super::facts::Facts;
use super::trial::{FederationTrial, Present, TRIALS};
use super::{REST, attempt};
use crate::{Engine, Result};
use provost_store::Tx;
use provost_store::federation::{self, Act, Federation, State, free_at};
use provost_store::microsoft_365::Provider;
use provost_store::signing_key;
use serde_json::{Value, json};

/// Acts that are shown.
const ACTS: i64 = 20;

/// The federation of a provider's domain, as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Cockpit {
    /// The provider.
    pub provider: Provider,
    /// How far it is.
    pub record: Federation,
    /// The checks as they were computed last; empty before the first time, and without meaning once the domain is
    /// switched.
    pub checks: Vec<FederationCheck>,
    /// Of the checks and of what would be sent: a switch is bound to it.
    pub digest: String,
    /// What would be sent, or stands; null where nothing can be sent.
    pub sent: Value,
    /// When the domain may be switched again, in milliseconds since 1970; 0 for now.
    pub free_at: i64,
    /// What was done, newest first.
    pub acts: Vec<Act>,
    /// Who tried their sign-in, newest first; one trial for each person.
    pub trials: Vec<FederationTrial>,
    /// By this hub's clock, in milliseconds since 1970.
    pub now: i64,
}

impl Cockpit {
    /// Checks that keep the switch closed.
    #[must_use]
    pub fn open(&self) -> usize {
        self.checks.iter().filter(|check| check.is_open()).count()
    }

    /// Whether the switch would be taken: computed, and each check green or signed off.
    #[must_use]
    pub fn may_switch(&self) -> bool {
        self.record.state == State::Managed
            && !self.checks.is_empty()
            && self.open() == 0
            && self.free_at == 0
    }
}

impl Engine {
    /// The federation of a provider's domain, as it was seen last. No request is made.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn federation(&self, workspace: i64, name: &str) -> Result<Cockpit> {
        let provider = self.provider_named(workspace, name).await?;
        let now = self.now();
        let read = move |tx: &mut Tx| cockpit(tx, &provider, now);
        Ok(self.db.read(read).await?)
    }

    /// Computes every check anew, and keeps what they say.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`. What cannot be asked is red, not an error.
    pub async fn check_federation(
        &self,
        workspace: i64,
        name: &str,
        public_url: &str,
        actor: &str,
    ) -> Result<Cockpit> {
        let provider = self.provider_named(workspace, name).await?;
        let result = self.checked_federation(&provider, public_url).await;
        let result = result.map(|(_, cockpit)| cockpit);
        self.audited(
            attempt(workspace, actor, "microsoft_365.federation.check", name),
            result,
        )
        .await
    }

    pub(super) async fn checked_federation(
        &self,
        provider: &Provider,
        public_url: &str,
    ) -> Result<(Facts, Cockpit)> {
        let facts = self.federation_facts(provider, public_url).await?;
        let checks = check::all(&facts);
        let sent = facts
            .ours
            .wanted(&facts.record)
            .map_or(Value::Null, |wanted| wanted.body());
        let kept = json!({"checks": checks, "sent": sent, "issuer": facts.ours.values.issuer});
        let ends = facts.ours.certificate.as_ref().map_or(0, |one| one.ends);
        let (found, now) = (provider.clone(), self.now());
        let write = move |tx: &mut Tx| {
            federation::put_checks(tx, now, &found, &kept, ends)?;
            cockpit(tx, &found, now)
        };
        let cockpit = self.db.write(write).await?;
        Ok((facts, cockpit))
    }
}

fn cockpit(tx: &mut Tx, provider: &Provider, now: i64) -> provost_store::Result<Cockpit> {
    let record = federation::of(tx, provider.key)?;
    let sign_offs = federation::sign_offs(tx, provider.key)?;
    let acts = federation::acts(tx, provider.key, i64::MAX, ACTS)?;
    let read = serde_json::from_value(record.checks["checks"].clone());
    let mut checks: Vec<FederationCheck> = read.unwrap_or_default();
    for check in &mut checks {
        check.answered(&sign_offs);
    }
    let sent = match record.state {
        State::Managed => record.checks["sent"].clone(),
        _ => record.sent.clone(),
    };
    Ok(Cockpit {
        provider: provider.clone(),
        digest: check::digest(&checks, &sent),
        free_at: free_at(record.switched, REST, now),
        trials: trials(tx, provider, &record, now)?,
        checks,
        sent,
        acts,
        now,
        record,
    })
}

/// The trials, held against the key that signs now and the issuer of the last computing.
fn trials(
    tx: &mut Tx,
    provider: &Provider,
    record: &Federation,
    now: i64,
) -> provost_store::Result<Vec<FederationTrial>> {
    let pilots = federation::pilots(tx, provider, TRIALS)?;
    let keys = signing_key::certificates(tx, provider.key)?;
    let signs = keys.iter().find(|kept| kept.slot == signing_key::Slot::Current);
    let certificate = signs.map(|kept| kept.certificate.sha256());
    let present = Present {
        certificate: certificate.as_deref(),
        issuer: record.checks["issuer"].as_str(),
        mfa: record.mfa,
        now,
    };
    Ok(pilots.into_iter().map(|one| present.judged(one)).collect())
}

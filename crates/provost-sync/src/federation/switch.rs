//! The switch: every check anew, what was seen compared, the intention on the disk, then the one request, and what came
//! of it read.

use super::cockpit::Cockpit;
use super::stands::{self, Stands, is_certain};
use super::{REST, SETTLES, attempt};
use crate::{Engine, Error, Result};
use provost_connect::Error as TargetError;
use provost_store::Tx;
use provost_store::federation::{self, Act, ActKind, Order, State};
use provost_store::microsoft_365::Provider;
use serde_json::{Value, json};

/// Checks that a refusal names.
const SHOWN: usize = 6;

impl Engine {
    /// Switches the domain: from then on its people sign in at this hub, and people can be assigned to the provider.
    /// `typed`: the domain, once more; `digest`: of what was seen ([`Cockpit::digest`]).
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-FEDERATION-TYPED`, `PRV-FEDERATION-CHECKS` while a check is open, `PRV-FEDERATION-MOVED`
    /// when what was seen is not what is; [`Error::Store`] with `PRV-FEDERATION-STATE` and `PRV-FEDERATION-LOCKED`;
    /// `PRV-FEDERATION-FAILED` when the domain is as it was, `PRV-FEDERATION-UNKNOWN-YET` when that has to be looked at
    /// again; `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn switch_federation(
        &self,
        workspace: i64,
        name: &str,
        public_url: &str,
        (typed, digest): (&str, &str),
        actor: &str,
    ) -> Result<Cockpit> {
        let found = self.provider_named(workspace, name).await?;
        let result = self
            .federated_now(&found, public_url, (typed, digest), actor)
            .await;
        self.audited(
            attempt(workspace, actor, "microsoft_365.federation.switch", name),
            result,
        )
        .await
    }

    async fn federated_now(
        &self,
        provider: &Provider,
        public_url: &str,
        (typed, digest): (&str, &str),
        actor: &str,
    ) -> Result<Cockpit> {
        refuse_typed(provider, typed)?;
        let (facts, cockpit) = self.checked_federation(provider, public_url).await?;
        refuse_open(&cockpit)?;
        if cockpit.digest != digest {
            return Err(Error::refused(
                "PRV-FEDERATION-MOVED",
                "what the checks say has changed since they were looked at",
                "Read the checks once more; they were computed anew just now.",
            ));
        }
        let Some(wanted) = facts.ours.wanted(&facts.record) else {
            return Err(Error::refused(
                "PRV-FEDERATION-CHECKS",
                "there is no signing key",
                "Save the section Authentication, which makes one.",
            ));
        };
        let open = self.tenant_of(provider).await?;
        let graph = stands::graph(&open)?;
        let before = match graph.federation(&provider.domain).await? {
            None => Value::Null,
            Some(found) => json!({"id": found.id, "issuerUri": found.issuer_uri}),
        };
        let sent = wanted.body();
        let act = self
            .begin_act(provider, ActKind::Switch, before, sent, actor)
            .await?;
        let answer = graph.federate(&provider.domain, &wanted).await.map(drop);
        self.settle_act(provider, &act, answer.err(), actor).await?;
        self.probe_quietly(provider, actor).await?;
        self.federation(provider.workspace, &provider.name).await
    }

    /// Puts the intention on the disk. Whoever comes second is refused.
    pub(super) async fn begin_act(
        &self,
        provider: &Provider,
        act: ActKind,
        before: Value,
        sent: Value,
        actor: &str,
    ) -> Result<Act> {
        let (found, who, now) = (provider.clone(), actor.to_owned(), self.now());
        let write = move |tx: &mut Tx| {
            let order = Order {
                act,
                before: &before,
                sent: &sent,
                rest: REST,
            };
            federation::begin(tx, &who, now, &found, order)?;
            federation::open(tx, found.key)
        };
        let begun = self.db.write(write).await?;
        begun.ok_or_else(|| provost_store::Error::Damaged("an act is gone after it was begun".into()).into())
    }

    /// Reads what stands and ends the act by it. `error`: what the request was answered with; none for a success.
    pub(super) async fn settle_act(
        &self,
        provider: &Provider,
        act: &Act,
        error: Option<TargetError>,
        actor: &str,
    ) -> Result<()> {
        let open = self.tenant_of(provider).await?;
        let stands = stands::look(
            stands::graph(&open)?,
            &provider.domain,
            &self.sent_of(provider, act).await?,
        )
        .await;
        // A success that is not to be seen yet may be seen in a moment, as may the effect of a lost answer.
        let is_certain = error.as_ref().is_some_and(is_certain) || self.now() - act.began >= SETTLES;
        let said = error
            .as_ref()
            .map(|error| error.to_string().trim_end_matches('.').to_owned());
        let (state, told) = match &stands {
            Err(error) => (None, format!("What stands could not be read: {error}")),
            Ok(stands) => judged(provider, act, stands, is_certain, said.as_deref()),
        };
        let (found, who, now, act) = (provider.clone(), actor.to_owned(), self.now(), act.clone());
        let (ended, what) = (state, told.clone());
        self.db
            .write(move |tx| federation::end(tx, &who, now, &found, &act, ended, &what))
            .await?;
        refuse_unfinished(provider, &stands, state, &told)
    }

    /// What should stand: for a roll-back, what was sent before.
    async fn sent_of(&self, provider: &Provider, act: &Act) -> Result<Value> {
        if act.act != ActKind::RollBack {
            return Ok(act.sent.clone());
        }
        let key = provider.key;
        Ok(self.db.read(move |tx| federation::of(tx, key)).await?.sent)
    }
}

/// What follows from what stands: the state, or none while it is not known, and what there is to say.
fn judged(
    provider: &Provider,
    act: &Act,
    stands: &Stands,
    is_certain: bool,
    said: Option<&str>,
) -> (Option<State>, String) {
    let because = said.map_or_else(String::new, |said| format!(" Microsoft answered: {said}."));
    match (act.act, stands) {
        (ActKind::Switch, Stands::Ours(id)) => (Some(State::Federated), id.clone()),
        (ActKind::Switch, Stands::Managed | Stands::Other(_)) if is_certain => (
            Some(State::Managed),
            format!("The domain was not switched.{because}"),
        ),
        (ActKind::RollBack, Stands::Managed) => (Some(State::Managed), String::new()),
        (ActKind::RollBack, Stands::Ours(_)) if is_certain => (
            Some(State::Federated),
            format!("The domain was not switched back.{because}"),
        ),
        (_, Stands::Managed) => (
            None,
            format!("Microsoft still shows the domain as managed.{because}"),
        ),
        (_, Stands::Ours(_)) => (
            None,
            format!("Microsoft still shows the domain as federated.{because}"),
        ),
        (_, other) => (None, other.trouble(&provider.domain)),
    }
}

/// Says what did not come to its end, or to another than it was meant to.
fn refuse_unfinished(
    provider: &Provider,
    stands: &Result<Stands>,
    state: Option<State>,
    told: &str,
) -> Result<()> {
    let (domain, sentence) = (&provider.domain, told.trim_end_matches('.'));
    match (state, stands) {
        (Some(State::Federated), Ok(Stands::Ours(id))) if id == told => Ok(()),
        (Some(State::Managed), Ok(Stands::Managed)) if told.is_empty() => Ok(()),
        (None, _) => Err(Error::refused(
            "PRV-FEDERATION-UNKNOWN-YET",
            format!("it is not known yet what came of it for {domain}. {sentence}"),
            "Wait a minute and look again; nothing is sent a second time by itself. If people cannot sign in, roll back.",
        )),
        (Some(_), _) => Err(Error::refused(
            "PRV-FEDERATION-FAILED",
            format!("{domain} is as it was. {sentence}"),
            "Correct what Microsoft names, then try again.",
        )),
    }
}

/// The domain has to be typed once more.
pub(super) fn refuse_typed(provider: &Provider, typed: &str) -> Result<()> {
    if typed.trim().eq_ignore_ascii_case(&provider.domain) {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-FEDERATION-TYPED",
        format!("the domain {} has to be typed once more", provider.domain),
        "Type the domain that is to be switched, so that no other one is meant.",
    ))
}

fn refuse_open(cockpit: &Cockpit) -> Result<()> {
    let open: Vec<&str> = cockpit
        .checks
        .iter()
        .filter(|check| check.is_open())
        .map(|check| check.key.as_str())
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let more = match open.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let names: Vec<&str> = open.iter().take(SHOWN).copied().collect();
    Err(Error::refused(
        "PRV-FEDERATION-CHECKS",
        format!(
            "{} checks of {} are neither green nor signed off: {}{more}",
            open.len(),
            cockpit.provider.domain,
            names.join(", ")
        ),
        "Do what each of them asks for, or sign off those that may be.",
    ))
}

//! Everything that the checks are computed from, read anew each time.

use super::ours::Ours;
use super::people::{People, Wanted};
use super::stands;
use super::trial::TRIALS;
use crate::microsoft_365::initial_domain;
use crate::open::Open;
use crate::{Engine, Result};
use provost_connect::Error::Forbidden;
use provost_connect::graph::federation::{DomainState, Federation as There, TokenValidation};
use provost_connect::graph::permission::{Function, Permissions};
use provost_connect::graph::whose::{Realm, SignIn};
use provost_connect::{Kind, http};
use provost_store::federation::{self, Federation, Gate, Pilot};
use provost_store::microsoft_365::{self, Provider};
use provost_store::{Tx, connection, identifier, lease};
use serde_json::Value;

/// Microsoft's name of the role that may do everything.
const GLOBAL: &str = "Global Administrator";

/// What the tenant says.
#[derive(Debug, Clone)]
pub(super) struct Tenant {
    pub domain: DomainState,
    /// Its federation, whoever set it up.
    pub federation: Option<There>,
    /// The tenant's id.
    pub id: String,
    /// Permissions that the switch lacks; none where that cannot be told.
    pub lacks: Option<Vec<String>>,
    /// Whether the roles of accounts can be seen.
    pub sees_roles: bool,
    /// For which domains it checks whom a federated domain vouches for; none where it does not say. Why it could not be
    /// read: the others are computed without it.
    pub validation: std::result::Result<Option<TokenValidation>, String>,
    /// Global administrators whom the switch does not touch.
    pub outside: Vec<Administrator>,
}

/// A global administrator outside of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Administrator {
    pub name: String,
    /// Whether the connection names the account as one that is never written.
    pub is_named: bool,
    /// When they last signed in, in milliseconds since 1970; none where Microsoft does not tell.
    pub last_signin: Option<i64>,
}

/// What our own public address serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Served {
    /// It could not be read from here; why.
    Unread(String),
    /// It holds what would be sent.
    Same,
    /// These of it are missing.
    Otherwise(Vec<&'static str>),
}

/// Everything.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub now: i64,
    pub provider: Provider,
    pub record: Federation,
    /// Whether the provider may lead to a private network: a simulator.
    pub is_private: bool,
    pub public_url: String,
    /// Whether a cycle of its connection runs.
    pub is_running: bool,
    /// When the accounts were read to their end; 0 for never.
    pub read: i64,
    pub gate: Gate,
    /// Other providers that have the domain, or a part of it, federated.
    pub others: Vec<String>,
    pub people: People,
    /// Who tried their sign-in, newest first.
    pub pilots: Vec<Pilot>,
    pub ours: Ours,
    pub tenant: std::result::Result<Tenant, String>,
    pub realm: std::result::Result<Realm, String>,
    pub served: Served,
}

/// What is read of the store.
struct Kept {
    record: Federation,
    gate: Gate,
    others: Vec<String>,
    is_running: bool,
    read: i64,
    named: Vec<String>,
    pilots: Vec<Pilot>,
}

impl Engine {
    /// Reads everything. What cannot be read of Microsoft is said in its place; an error is one of the store.
    pub(super) async fn federation_facts(&self, provider: &Provider, public_url: &str) -> Result<Facts> {
        let (found, now) = (provider.clone(), self.now());
        let kept = self.db.read(move |tx| kept(tx, &found, now)).await?;
        let initial = initial_domain(&provider.settings, &provider.tenant_name);
        let wanted = Wanted {
            domain: &provider.domain,
            initial: &initial,
            since: match kept.record.state {
                federation::State::Managed => 0,
                _ => kept.record.since,
            },
        };
        let people = match provider.connection {
            Some(connection) => self.people_of(provider.workspace, connection, &wanted).await?,
            None => People::default(),
        };
        let ours = self.ours(provider, public_url).await?;
        let is_private = provider.settings["allow_private_network"] == Value::Bool(true);
        let (tenant, realm, served) = futures::join!(
            self.tenant_facts(provider, &people, &kept.named),
            self.realm_of(provider),
            self.served(&ours, is_private),
        );
        Ok(Facts {
            now,
            provider: provider.clone(),
            record: kept.record,
            is_private,
            public_url: public_url.to_owned(),
            is_running: kept.is_running,
            read: kept.read,
            gate: kept.gate,
            others: kept.others,
            people,
            pilots: kept.pilots,
            ours,
            tenant,
            realm,
            served,
        })
    }

    async fn tenant_facts(
        &self,
        provider: &Provider,
        people: &People,
        named: &[String],
    ) -> std::result::Result<Tenant, String> {
        let told =
            |error: &crate::Error| format!("{}. {}", error.to_string().trim_end_matches('.'), error.hint());
        let open = self.tenant_of(provider).await.map_err(|error| told(&error))?;
        tenant(&open, provider, people, named)
            .await
            .map_err(|error| told(&error))
    }

    /// Who signs the domain's people in, as everybody is told.
    pub(super) async fn realm_of(&self, provider: &Provider) -> std::result::Result<Realm, String> {
        let service = SignIn::of(&provider.settings, &self.http).map_err(|error| error.to_string())?;
        service
            .realm(&provider.domain)
            .await
            .map_err(|error| error.to_string())
    }

    /// Reads our own metadata over the public address.
    async fn served(&self, ours: &Ours, is_private: bool) -> Served {
        let text = match http::document(&self.http, &ours.values.metadata, is_private).await {
            Ok(text) => text,
            Err(error) => return Served::Unread(error.to_string()),
        };
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let certificate = ours.certificate.as_ref();
        let lacks = [
            (
                "issuerUri",
                !text.contains(&format!("\"{}\"", ours.values.issuer)),
            ),
            (
                "passiveSignInUri",
                !text.contains(&format!("\"{}\"", ours.values.sign_in)),
            ),
            (
                "signingCertificate",
                certificate.is_none_or(|one| !text.contains(&one.base64)),
            ),
        ];
        let missing: Vec<&str> = lacks
            .into_iter()
            .filter(|(_, lacks)| *lacks)
            .map(|(name, _)| name)
            .collect();
        match missing.is_empty() {
            true => Served::Same,
            false => Served::Otherwise(missing),
        }
    }
}

fn kept(tx: &mut Tx, provider: &Provider, now: i64) -> provost_store::Result<Kept> {
    let mut kept = Kept {
        record: federation::of(tx, provider.key)?,
        gate: federation::migration_finished(tx, provider)?,
        others: Vec::new(),
        is_running: false,
        read: 0,
        named: Vec::new(),
        pilots: federation::pilots(tx, provider, TRIALS)?,
    };
    let same = microsoft_365::by_domain(tx, &provider.domain)?;
    let other = same
        .into_iter()
        .filter(|one| one.key != provider.key && one.state == microsoft_365::State::Federated);
    kept.others = other.map(|one| one.name).collect();
    if let Some(key) = provider.connection {
        kept.is_running = lease::is_held(tx, key, now)?;
        kept.read = identifier::reading(tx, key)?.map_or(0, |one| one.ended);
        let found = connection::by_key(tx, key)?;
        kept.named = found
            .map(|one| one.preferences.protected_accounts)
            .unwrap_or_default();
    }
    Ok(kept)
}

async fn tenant(open: &Open, provider: &Provider, people: &People, named: &[String]) -> Result<Tenant> {
    let graph = stands::graph(open)?;
    let domain = graph.domain_state(&provider.domain).await?;
    let organisation = open.target.organisation().await?;
    let permissions = open.target.permissions().await?;
    let known = permissions.filter(|found| !found.unknown);
    let sees_roles = known.as_ref().is_some_and(|found| found.advised.is_empty());
    let lacks: Option<Vec<String>> = known.map(|found| {
        let needed = Permissions::of(&[Function::Federation], &found.granted);
        needed.missing.into_iter().map(|need| need.permission).collect()
    });
    let federation = match graph.federation(&provider.domain).await {
        // What may not be read is a check of its own, which names the permission; the domain itself says whether it is
        // federated.
        Err(Forbidden { .. }) if lacks.as_ref().is_some_and(|all| !all.is_empty()) => None,
        found => found?,
    };
    Ok(Tenant {
        domain,
        federation,
        validation: graph
            .token_validation()
            .await
            .map_err(|error| error.to_string().trim_end_matches('.').to_owned()),
        id: organisation
            .map(|one| one.id.to_ascii_lowercase())
            .unwrap_or_default(),
        lacks,
        outside: match sees_roles {
            true => administrators(open, people, named).await?,
            false => Vec::new(),
        },
        sees_roles,
    })
}

/// The global administrators among the accounts that the switch does not touch.
async fn administrators(open: &Open, people: &People, named: &[String]) -> Result<Vec<Administrator>> {
    let ids: Vec<String> = people.outside.iter().map(|(id, _)| id.clone()).collect();
    let standings = open.target.standing(Kind::Person, &ids).await?;
    let mut found = Vec::new();
    for ((id, name), standing) in people.outside.iter().zip(standings) {
        if !standing.roles.iter().any(|role| role == GLOBAL) {
            continue;
        }
        let is_it = |one: &String| {
            let one = one.trim();
            one.eq_ignore_ascii_case(id) || one.eq_ignore_ascii_case(name)
        };
        found.push(Administrator {
            name: name.clone(),
            is_named: named.iter().any(is_it),
            last_signin: last_signin(open, id).await,
        });
    }
    Ok(found)
}

/// Microsoft tells this only with a permission and a licence that the switch does not need: not told is no error.
async fn last_signin(open: &Open, id: &str) -> Option<i64> {
    let asked = ["signInActivity".to_owned()];
    let found = open.target.get(Kind::Person, id, &asked).await.ok()??;
    let activity = found.record.get("signInActivity")?;
    let times = ["lastSuccessfulSignInDateTime", "lastSignInDateTime"];
    let text = times.iter().find_map(|name| activity.get(name)?.as_str())?;
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.as_millisecond())
}

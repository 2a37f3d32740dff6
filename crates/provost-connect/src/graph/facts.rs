//! What a connection knows of its organisation: who it is, its domains, its products.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::read::success;
use super::{Graph, permission};
use crate::{Error, Organisation, OrganisationDomain, Product, Result, Target};

/// How long facts are good for. Domains change seldom; seats are counted anew by who needs them exactly.
const GOOD_FOR: Duration = Duration::from_secs(300);

/// A domain of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Domain {
    /// Lower case.
    pub name: String,
    /// Only verified domains may stand in user principal names.
    pub verified: bool,
    /// People of it sign in at another identity provider.
    pub federated: bool,
    pub default: bool,
    /// The one that came with the organisation (`contoso.onmicrosoft.com`): it can never be federated.
    pub initial: bool,
}

/// What is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// Empty when the organisation cannot be read, as the name.
    pub id: String,
    pub name: String,
    /// Empty when they cannot be read; every organisation has one.
    pub domains: Vec<Domain>,
    /// `None` when the products cannot be read.
    pub products: Option<Vec<Product>>,
}

impl Facts {
    /// The verified domains, the default one first.
    pub(crate) fn verified(&self) -> Vec<&str> {
        let mut verified: Vec<&Domain> = self.domains.iter().filter(|d| d.verified).collect();
        verified.sort_by_key(|domain| (!domain.default, domain.name.clone()));
        verified.iter().map(|domain| domain.name.as_str()).collect()
    }

    /// Whether people of any verified domain sign in elsewhere.
    pub(crate) fn federated(&self) -> bool {
        self.domains
            .iter()
            .any(|domain| domain.verified && domain.federated)
    }

    pub(crate) fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains
            .iter()
            .find(|domain| domain.name.eq_ignore_ascii_case(name))
    }
}

/// Facts and when they were read.
#[derive(Default)]
pub(crate) struct Kept {
    facts: Mutex<Option<(Instant, Arc<Facts>)>>,
    shows_bin: AtomicBool,
}

impl Kept {
    /// The facts, however old.
    pub(crate) fn any(&self) -> Option<Arc<Facts>> {
        self.lock().as_ref().map(|(_, facts)| Arc::clone(facts))
    }

    /// Whether the token is known to allow reading the bin.
    pub(crate) fn shows_bin(&self) -> bool {
        self.shows_bin.load(Ordering::Relaxed)
    }

    fn fresh(&self) -> bool {
        self.lock()
            .as_ref()
            .is_some_and(|(read, _)| read.elapsed() < GOOD_FOR)
    }

    pub(crate) fn put(&self, facts: Facts) {
        *self.lock() = Some((Instant::now(), Arc::new(facts)));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Arc<Facts>)>> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Graph {
    /// Reads the facts unless they are known well enough.
    pub(crate) async fn learn(&self) -> Result<()> {
        if self.facts.fresh() {
            return Ok(());
        }
        let (id, name, verified) = permitted(self.organisation().await)?.unwrap_or_default();
        let domains = permitted(self.domains().await)?.unwrap_or(verified);
        let products = permitted(self.products().await)?;
        let granted = self.shown_by_token().await?.unwrap_or_default();
        let shows_bin = permission::shows_bin(&granted);
        self.facts.shows_bin.store(shows_bin, Ordering::Relaxed);
        self.facts.put(Facts {
            id,
            name,
            domains,
            products,
        });
        Ok(())
    }

    /// Who the organisation is, anew: what was known five minutes ago may be over.
    pub(super) async fn described(&self) -> Result<Option<Organisation>> {
        let (id, name, verified) = self.organisation().await?;
        let all = permitted(self.domains().await)?.unwrap_or(verified);
        let mut verified: Vec<Domain> = all.into_iter().filter(|domain| domain.verified).collect();
        verified.sort_by_key(|domain| (!domain.default, domain.name.clone()));
        let domains = verified.into_iter().map(|domain| OrganisationDomain {
            name: domain.name,
            is_initial: domain.initial,
            is_federated: domain.federated,
        });
        Ok(Some(Organisation {
            id,
            name,
            domains: domains.collect(),
        }))
    }

    /// Id, name and verified domains.
    pub(crate) async fn organisation(&self) -> Result<(String, String, Vec<Domain>)> {
        let path = "/organization?$select=id,displayName,verifiedDomains";
        let body = self.read_json(path, "reading the tenant").await?;
        let tenant = &body["value"][0];
        let text = |name: &str| crate::error::quote(tenant[name].as_str().unwrap_or_default());
        let domains = tenant["verifiedDomains"].as_array().into_iter().flatten();
        let domains = domains.filter_map(|domain| {
            Some(Domain {
                name: domain["name"].as_str()?.to_ascii_lowercase(),
                verified: true,
                federated: is_federated(&domain["type"]),
                default: domain["isDefault"] == true,
                initial: domain["isInitial"] == true,
            })
        });
        Ok((text("id"), text("displayName"), domains.collect()))
    }

    /// The domains with how people of each sign in. The organisation tells the verified ones as well, so that no
    /// permission is needed just for this.
    pub(crate) async fn domains(&self) -> Result<Vec<Domain>> {
        let path = "/domains?$select=id,isVerified,isDefault,isInitial,authenticationType";
        let body = self.read_json(path, "reading the domains").await?;
        let domains = body["value"].as_array().into_iter().flatten();
        let domains = domains.filter_map(|domain| {
            Some(Domain {
                name: domain["id"].as_str()?.to_ascii_lowercase(),
                verified: domain["isVerified"] == true,
                federated: is_federated(&domain["authenticationType"]),
                default: domain["isDefault"] == true,
                initial: domain["isInitial"] == true,
            })
        });
        Ok(domains.collect())
    }

    pub(crate) async fn read_json(&self, path: &str, operation: &str) -> Result<Value> {
        let exchange = self.wire.read(&self.wire.url(path)?, operation, false).await?;
        success(&exchange, operation).cloned()
    }
}

/// What may not be read is not known, and that is no failure.
fn permitted<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Err(Error::Forbidden { .. }) => Ok(None),
        other => other.map(Some),
    }
}

fn is_federated(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|word| word.eq_ignore_ascii_case("Federated"))
}

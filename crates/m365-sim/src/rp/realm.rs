//! Home realm discovery: who signs somebody in, by the domain of their name.

use serde_json::{Map, Value};

use crate::directory::Records;
use crate::directory::record::Domain;

/// How somebody signs in.
#[derive(Debug)]
pub(crate) enum Realm {
    /// No domain of this tenant.
    Unknown,
    /// With Microsoft. `since`: the domain was federated before; of passwords that are older than this moment (milliseconds
    /// since the epoch) nobody knows anything.
    Managed { domain: String, since: Option<i64> },
    /// At the identity provider of this root domain.
    Federated(Box<Federated>),
}

/// A domain's federation as the sign-in service knows it.
#[derive(Debug, Clone)]
pub(crate) struct Federated {
    pub domain: String,
    properties: Map<String, Value>,
}

impl Federated {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name).and_then(Value::as_str)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.properties
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    pub(crate) fn is_saml(&self) -> bool {
        self.text("preferredAuthenticationProtocol") == Some("saml")
    }

    fn of(domain: &Domain, now: i64, delay: i64) -> Option<Federated> {
        Some(Federated {
            domain: domain.name.clone(),
            properties: domain.known_federation(now, delay)?.clone(),
        })
    }

    /// The domain that has this issuer.
    pub(crate) fn by_issuer(records: &Records, issuer: &str, now: i64, delay: i64) -> Option<Federated> {
        let mut all = records
            .domains
            .iter()
            .filter_map(|domain| Federated::of(domain, now, delay));
        all.find(|one| one.text("issuerUri") == Some(issuer))
    }

    /// The domain of that name.
    pub(crate) fn by_name(records: &Records, name: &str, now: i64, delay: i64) -> Option<Federated> {
        Federated::of(records.root_of(records.domain(name)?), now, delay)
    }
}

/// Who signs this person in, `delay` being how long the sign-in service takes to learn of a change.
pub(crate) fn realm(records: &Records, login: &str, now: i64, delay: i64) -> Realm {
    let name = login.rsplit_once('@').map_or("", |(_, domain)| domain.trim());
    let Some(domain) = records.domain(name).filter(|domain| domain.verified) else {
        return Realm::Unknown;
    };
    let root = records.root_of(domain);
    match Federated::of(root, now, delay) {
        Some(federated) => Realm::Federated(Box::new(federated)),
        None => Realm::Managed {
            domain: domain.name.clone(),
            since: root.switched.filter(|_| !root.federated),
        },
    }
}

//! What a tenant holds besides users and groups: domains, rollout policies, subscriptions, the audit log.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Serial;
use crate::settings;

/// The newest entries of the audit log that are kept, whatever their age.
const MAX_AUDITS: usize = 50_000;

/// A domain as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "Graph's own properties")]
pub(crate) struct Domain {
    pub name: String,
    pub verified: bool,
    pub default: bool,
    pub initial: bool,
    pub federated: bool,
    /// Not below another domain of the tenant, or made independent of it.
    pub root: bool,
    pub services: Vec<String>,
    pub password_validity_days: i64,
    pub password_notification_days: i64,
    /// The federation's properties, `id` among them.
    pub federation: Option<Map<String, Value>>,
    /// What the federation was before its latest change: what the sign-in service may still go by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federation_before: Option<Map<String, Value>>,
    /// When the federation changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federation_changed: Option<i64>,
    /// When the domain was federated or made managed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switched: Option<i64>,
}

impl Domain {
    pub(crate) fn new(name: &str) -> Domain {
        Domain {
            name: name.to_owned(),
            verified: false,
            default: false,
            initial: false,
            federated: false,
            root: true,
            services: Vec::new(),
            password_validity_days: 2_147_483_647,
            password_notification_days: 14,
            federation: None,
            federation_before: None,
            federation_changed: None,
            switched: None,
        }
    }

    /// The same with another federation, or with none, from a moment on.
    pub(crate) fn with_federation(&self, federation: Option<Map<String, Value>>, now: i64) -> Domain {
        let federated = federation.is_some();
        Domain {
            switched: if federated == self.federated {
                self.switched
            } else {
                Some(now)
            },
            federated,
            federation_before: self.federation.clone(),
            federation_changed: Some(now),
            federation,
            ..self.clone()
        }
    }

    /// The federation that the sign-in service goes by, which takes so long to learn of changes.
    pub(crate) fn known_federation(&self, now: i64, delay: i64) -> Option<&Map<String, Value>> {
        let learns = self.federation_changed.map(|at| at.saturating_add(delay));
        if learns.is_some_and(|at| now < at) {
            self.federation_before.as_ref()
        } else {
            self.federation.as_ref()
        }
    }

    /// Whether this lies below `other`.
    pub(crate) fn is_below(&self, other: &str) -> bool {
        self.name
            .strip_suffix(other)
            .is_some_and(|rest| rest.ends_with('.'))
    }
}

/// A policy that lets groups sign in to the cloud although their domain is federated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub properties: Map<String, Value>,
    pub applies_to: BTreeSet<Serial>,
}

/// A wish to be told about changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub application: String,
    /// What was asked for, as answers show it, the client's secret word among it.
    pub properties: Map<String, Value>,
    /// Milliseconds since the epoch.
    pub expires: i64,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Audit {
    pub id: String,
    pub at: i64,
    pub activity: String,
    pub category: String,
    pub correlation: String,
    /// The application's id and name; the id is missing when the service itself acted.
    pub application: (Option<String>, String),
    pub targets: Vec<Target>,
}

/// An object that an entry of the audit log is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub id: String,
    pub kind: String,
    pub name: Option<String>,
    pub upn: Option<String>,
    /// Name, old value and new value as JSON text.
    pub modified: Vec<(String, Option<String>, Option<String>)>,
}

/// Everything but users and groups.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Records {
    pub domains: Vec<Domain>,
    pub policies: BTreeMap<String, Policy>,
    pub subscriptions: BTreeMap<String, Subscription>,
    pub audits: VecDeque<Audit>,
}

impl Records {
    /// The domains that a tenant starts with. One that differs from the domain above it in its way of signing in has
    /// been promoted before.
    pub(crate) fn starting_with(given: &[settings::Domain]) -> Records {
        let mut domains: Vec<Domain> = given.iter().map(from_settings).collect();
        for index in 0..domains.len() {
            let Some(domain) = domains.get(index) else {
                continue;
            };
            let above = domains
                .iter()
                .any(|other| domain.is_below(&other.name) && other.federated == domain.federated);
            if let Some(domain) = domains.get_mut(index).filter(|_| above) {
                domain.root = false;
                domain.federation = None;
            }
        }
        Records {
            domains,
            ..Records::default()
        }
    }

    pub(crate) fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains
            .iter()
            .find(|domain| domain.name.eq_ignore_ascii_case(name))
    }

    /// The root that a domain lies below; itself when it is one.
    pub(crate) fn root_of<'a>(&'a self, domain: &'a Domain) -> &'a Domain {
        if domain.root {
            return domain;
        }
        let above = self
            .domains
            .iter()
            .filter(|other| other.root && domain.is_below(&other.name));
        above.max_by_key(|other| other.name.len()).unwrap_or(domain)
    }

    /// How people sign in: subdomains inherit.
    pub(crate) fn is_federated(&self, domain: &Domain) -> bool {
        self.root_of(domain).federated
    }

    pub(crate) fn default_domain(&self) -> &str {
        let found = self.domains.iter().find(|domain| domain.default);
        found
            .or_else(|| self.domains.first())
            .map_or("", |domain| &domain.name)
    }

    pub(crate) fn initial_domain(&self) -> Option<&Domain> {
        self.domains.iter().find(|domain| domain.initial)
    }

    pub(super) fn put_domain(&mut self, name: &str, domain: Option<Domain>) {
        let known = self.domains.iter().position(|known| known.name == name);
        match (known, domain) {
            (Some(index), Some(domain)) => {
                if let Some(slot) = self.domains.get_mut(index) {
                    *slot = domain;
                }
            }
            (Some(index), None) => {
                self.domains.remove(index);
            }
            (None, Some(domain)) => self.domains.push(domain),
            (None, None) => {}
        }
    }

    pub(super) fn push_audit(&mut self, audit: Audit) {
        if self.audits.len() == MAX_AUDITS {
            self.audits.pop_front();
        }
        self.audits.push_back(audit);
    }
}

/// A domain that is federated from the start has a federation that leads to an address of its own.
fn from_settings(given: &settings::Domain) -> Domain {
    let services = ["Email", "OfficeCommunicationsOnline"].map(str::to_owned);
    let federation = || {
        let text = |value: String| Value::String(value);
        Map::from_iter([
            ("id".to_owned(), text(format!("federation-of-{}", given.name))),
            ("displayName".to_owned(), text(given.name.clone())),
            ("issuerUri".to_owned(), text(format!("urn:idp:{}", given.name))),
            (
                "passiveSignInUri".to_owned(),
                text(format!("https://idp.{}/saml", given.name)),
            ),
            (
                "preferredAuthenticationProtocol".to_owned(),
                text("saml".to_owned()),
            ),
        ])
    };
    Domain {
        verified: given.verified,
        default: given.default,
        initial: given.initial,
        federated: given.federated,
        services: if given.verified {
            services.to_vec()
        } else {
            Vec::new()
        },
        federation: given.federated.then(federation),
        ..Domain::new(&given.name)
    }
}

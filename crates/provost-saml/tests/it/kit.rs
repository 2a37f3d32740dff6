//! Two sides that know each other, and a memory for replays.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use jiff::{SignedDuration, Timestamp};
use provost_saml::certificate::Certificate;
use provost_saml::entra::Guid;
use provost_saml::key::SigningKey;
use provost_saml::response::{IdentityProvider, Ids, Pending, Replay, Seen, ServiceProvider};
use provost_saml::{Endpoint, EntityId, MessageId};

pub const TENANT: &str = "11111111-2222-4333-8444-555555555555";
pub const ISSUER: &str = "https://sts.windows.net/11111111-2222-4333-8444-555555555555/";
pub const SP: &str = "https://hub.contoso.example/saml/m365/metadata";
pub const ACS: &str = "https://hub.contoso.example/saml/m365/acs";
pub const OBJECT: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
pub const REQUEST: &str = "_7c0e5d0000000000000000000000000000000001";

/// A key pair, with what only the generator needs of it.
pub struct Keys {
    pub pkcs8: Vec<u8>,
    pub certificate: Certificate,
}

impl Keys {
    fn new(size: KeySize, name: &str, starts: &str, ends: &str) -> Self {
        let pair = KeyPair::generate(size).unwrap();
        let pkcs8 = pair.as_der().unwrap().as_ref().to_vec();
        let key = SigningKey::from_pkcs8(&pkcs8).unwrap();
        let (starts, ends) = (starts.parse().unwrap(), ends.parse().unwrap());
        let certificate = Certificate::self_signed(&key, name, starts, ends).unwrap();
        Self { pkcs8, certificate }
    }

    pub fn signing(&self) -> SigningKey {
        SigningKey::from_pkcs8(&self.pkcs8).unwrap()
    }
}

/// The key that is trusted.
pub static TRUSTED: LazyLock<Keys> = LazyLock::new(|| {
    Keys::new(
        KeySize::Rsa2048,
        "trusted",
        "2026-01-01T00:00:00Z",
        "2029-01-01T00:00:00Z",
    )
});
/// The attacker's.
pub static FOREIGN: LazyLock<Keys> = LazyLock::new(|| {
    Keys::new(
        KeySize::Rsa2048,
        "foreign",
        "2026-01-01T00:00:00Z",
        "2029-01-01T00:00:00Z",
    )
});
/// One that was trusted until it ended.
pub static ENDED: LazyLock<Keys> = LazyLock::new(|| {
    Keys::new(
        KeySize::Rsa2048,
        "ended",
        "2023-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
    )
});

pub fn now() -> Timestamp {
    "2026-11-22T10:00:00.250Z".parse().unwrap()
}

pub fn seconds(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

pub fn tenant() -> Guid {
    Guid::parse(TENANT).unwrap()
}

pub fn provider_with(certificates: Vec<Certificate>) -> ServiceProvider {
    ServiceProvider::new(entity(SP), endpoint(ACS), entity(ISSUER), certificates).unwrap()
}

pub fn provider() -> ServiceProvider {
    provider_with(vec![TRUSTED.certificate.clone()])
}

pub fn pending() -> Pending {
    Pending {
        request_id: REQUEST.to_owned(),
        asked_at: seconds(-30),
        force_authn: true,
    }
}

pub fn entity(name: &str) -> EntityId {
    EntityId::parse(name).unwrap()
}

pub fn endpoint(address: &str) -> Endpoint {
    Endpoint::parse(address).unwrap()
}

pub fn id(number: u8) -> MessageId {
    MessageId::from_random([number; 20])
}

pub fn ids() -> Ids {
    Ids {
        response: id(1),
        assertion: id(2),
        session: id(3),
    }
}

pub fn identity_provider(name: &str) -> IdentityProvider {
    IdentityProvider::new(entity(name), TRUSTED.signing(), TRUSTED.certificate.clone()).unwrap()
}

/// Remembers in memory. Counts how often it was asked.
#[derive(Default)]
pub struct Memory {
    pub seen: BTreeSet<(String, String)>,
    pub asked: usize,
    pub until: Option<Timestamp>,
    pub broken: bool,
}

impl Replay for Memory {
    fn keep(&mut self, issuer: &str, assertion_id: &str, until: Timestamp) -> Seen {
        self.asked += 1;
        self.until = Some(until);
        if self.broken {
            Seen::Unknown
        } else if self.seen.insert((issuer.to_owned(), assertion_id.to_owned())) {
            Seen::First
        } else {
            Seen::Again
        }
    }
}

//! Entra as a SAML identity provider: an application's people sign in here, and the answer has the shape of Entra's
//! (Entra documentation, "Single sign-on SAML protocol", "SAML token claims reference").

pub(crate) mod ask;
pub(crate) mod entry;
pub(crate) mod metadata;
pub(crate) mod plan;
pub(crate) mod wrong;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use uuid::Uuid;

use crate::directory::{Directory, Kind, Object};
use crate::{SigningKey, moment};

/// What the sign-in service keeps about SAML.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// A key that is nobody's: for messages that are wrong on purpose.
    stranger: OnceLock<Option<SigningKey>>,
    /// The key of the tenant, which signs for no application that has its own.
    general: OnceLock<Option<SigningKey>>,
    /// The last answer to each application, by its id.
    pub last: BTreeMap<String, String>,
    /// Who is signed in in which browser: session, and the user's id and moment.
    pub sessions: BTreeMap<String, (String, i64)>,
}

impl Kept {
    /// A key that nobody trusts.
    pub(crate) fn stranger(&self, now: i64) -> Option<SigningKey> {
        let made = self
            .stranger
            .get_or_init(|| SigningKey::generate("Somebody else", now, now + 1_000_000_000));
        made.clone()
    }

    /// The tenant's own key.
    pub(crate) fn general(&self, now: i64) -> Option<SigningKey> {
        let life = 5 * 365 * 24 * 60 * 60 * 1_000;
        let made = self
            .general
            .get_or_init(|| SigningKey::generate("accounts.accesscontrol.windows.net", now, now + life));
        made.clone()
    }

    /// Begins a session.
    pub(crate) fn begin(&mut self, user: &str, now: i64) -> String {
        let id = Uuid::new_v4().simple().to_string();
        self.sessions.insert(id.clone(), (user.to_owned(), now));
        id
    }
}

/// Somebody as claims tell of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub id: String,
    pub upn: String,
    pub mail: Option<String>,
    pub name: String,
    pub given: Option<String>,
    pub surname: Option<String>,
    pub enabled: bool,
    pub guest: bool,
    pub immutable_id: Option<String>,
    /// When their password was set, in milliseconds since the epoch.
    pub password_set: Option<i64>,
}

impl Person {
    pub(crate) fn of(object: &Object) -> Person {
        let text = |name: &str| object.text(name).map(str::to_owned);
        Person {
            id: object.id.clone(),
            upn: text("userPrincipalName").unwrap_or_default(),
            mail: text("mail"),
            name: text("displayName").unwrap_or_default(),
            given: text("givenName"),
            surname: text("surname"),
            enabled: object.flag("accountEnabled"),
            guest: object.text("userType") == Some("Guest"),
            immutable_id: text("onPremisesImmutableId"),
            password_set: object.text("lastPasswordChangeDateTime").and_then(moment::parse),
        }
    }

    /// The live user with this id or user principal name.
    pub(crate) fn named(directory: &Directory, name: &str) -> Option<Person> {
        let by_id = directory
            .by_id(name)
            .filter(|object| object.kind == Kind::User && object.deleted.is_none());
        let found = by_id.or_else(|| directory.by_property(Kind::User, "userPrincipalName", name));
        found.map(Person::of)
    }

    /// Somebody who is not in any directory.
    pub(crate) fn nobody() -> Person {
        Person {
            id: "00000000-0000-4000-8000-000000000666".to_owned(),
            upn: "victim@contoso.example".to_owned(),
            mail: Some("victim@contoso.example".to_owned()),
            name: "Somebody else".to_owned(),
            given: None,
            surname: None,
            enabled: true,
            guest: false,
            immutable_id: None,
            password_set: None,
        }
    }
}

/// The tenant as the issuer of assertions.
pub(crate) fn issuer(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

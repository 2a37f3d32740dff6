//! Who can sign in here: one of each kind, and the administrator of each neighbour.

use crate::settings::Settings;

/// Template ids of directory roles ("Microsoft Entra built-in roles").
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
/// Every member of a tenant has it.
const USER: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";
/// Where personal accounts are kept.
const PERSONAL: &str = "9188040d-6c67-4b5b-b112-36a304b66dad";

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Administrator,
    User,
    Guest,
    Personal,
}

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// By what a form names them.
    pub key: String,
    pub name: String,
    pub address: String,
    pub kind: Kind,
    pub tenant: String,
}

impl Account {
    /// Everybody.
    pub(crate) fn all(settings: &Settings) -> Vec<Account> {
        let domain = settings
            .domains
            .iter()
            .find(|domain| domain.default)
            .or_else(|| settings.domains.first())
            .map_or("contoso.example", |domain| domain.name.as_str());
        let own = |key: &str, name: &str, address: String, kind| Account {
            key: key.to_owned(),
            name: name.to_owned(),
            address,
            kind,
            tenant: settings.tenant_id.clone(),
        };
        let mut all = vec![
            own(
                "admin",
                "Administrator",
                format!("admin@{domain}"),
                Kind::Administrator,
            ),
            own("user", "Ordinary user", format!("user@{domain}"), Kind::User),
            own(
                "guest",
                "Guest",
                format!("guest_elsewhere.example#EXT#@{domain}"),
                Kind::Guest,
            ),
            Account {
                tenant: PERSONAL.to_owned(),
                ..own(
                    "personal",
                    "Personal account",
                    "somebody@personal.example".to_owned(),
                    Kind::Personal,
                )
            },
        ];
        all.extend(settings.neighbours.iter().enumerate().map(|(index, neighbour)| {
            let domain = neighbour
                .domains
                .first()
                .map_or("neighbour.example", String::as_str);
            Account {
                key: format!("neighbour-{index}"),
                name: "Administrator of a neighbour".to_owned(),
                address: format!("admin@{domain}"),
                kind: Kind::Administrator,
                tenant: neighbour.tenant_id.to_lowercase(),
            }
        }));
        all
    }

    /// The one that a form or a cookie names.
    pub(crate) fn named(settings: &Settings, key: &str) -> Option<Account> {
        Self::all(settings).into_iter().find(|one| one.key == key)
    }

    /// What it is, for people.
    pub(crate) fn about(&self) -> &'static str {
        match self.kind {
            Kind::Administrator => "Global Administrator",
            Kind::User => "no directory role",
            Kind::Guest => "invited from elsewhere",
            Kind::Personal => "a Microsoft account, no organisation",
        }
    }

    /// The directory roles that a token names.
    pub(crate) fn roles(&self) -> Vec<&'static str> {
        match self.kind {
            Kind::Administrator => vec![GLOBAL_ADMINISTRATOR, USER],
            Kind::User => vec![USER],
            Kind::Guest | Kind::Personal => Vec::new(),
        }
    }

    /// Whether it belongs to the tenant that an address names: by its id, or any organisation's.
    pub(crate) fn may_enter(&self, settings: &Settings, tenant: &str) -> bool {
        let is_own = self.tenant == settings.tenant_id.to_lowercase();
        match tenant {
            "common" => true,
            "organizations" => self.kind != Kind::Personal,
            id if id.eq_ignore_ascii_case(&self.tenant) => true,
            name => is_own && settings.domain(name).is_some_and(|domain| domain.verified),
        }
    }
}

//! The people and groups of a run: recognisable, and different in every run.

use serde_json::{Value, json};

use crate::Kind;
use crate::scim::{CORE_GROUP, CORE_USER, ENTERPRISE};

/// What every name of ours begins with.
pub(super) const MARK: &str = "provost-self-test-";
/// The second schema that Entra names when it creates a group.
pub(super) const ADSCIM_GROUP: &str =
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// Gives names that nobody else has.
pub(super) struct Samples {
    run: String,
    domain: String,
    next: u32,
}

/// The names of one person or group to be.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub kind: Kind,
    /// `userName` or `displayName`.
    pub name: String,
    pub external_id: String,
}

impl Samples {
    pub(super) fn new(domain: &str) -> Self {
        // The end of a version 7 UUID is random.
        let random = uuid::Uuid::now_v7().as_u128() & 0xffff_ffff;
        Self {
            run: format!("{random:08x}"),
            domain: domain.to_owned(),
            next: 0,
        }
    }

    pub(super) fn person(&mut self) -> Sample {
        self.next += 1;
        Sample {
            kind: Kind::Person,
            name: format!("{MARK}{}-{}@{}", self.run, self.next, self.domain),
            external_id: format!("{MARK}{}-x{}", self.run, self.next),
        }
    }

    pub(super) fn group(&mut self) -> Sample {
        self.next += 1;
        Sample {
            kind: Kind::Group,
            name: format!("{MARK}{}-group-{}", self.run, self.next),
            external_id: format!("{MARK}{}-x{}", self.run, self.next),
        }
    }

    /// What all names of this run begin with.
    pub(super) fn prefix(&self) -> String {
        format!("{MARK}{}-", self.run)
    }
}

impl Sample {
    /// The body that most clients create with.
    pub(super) fn body(&self) -> Value {
        match self.kind {
            Kind::Person => json!({
                "schemas": [CORE_USER],
                "userName": self.name,
                "externalId": self.external_id,
                "displayName": format!("{MARK}person"),
                "active": true,
                "name": {"givenName": "Lotte", "familyName": "Maes", "formatted": "Lotte Maes"},
                "emails": [{"type": "work", "value": self.name, "primary": true}],
            }),
            Kind::Group => json!({
                "schemas": [CORE_GROUP],
                "displayName": self.name,
                "externalId": self.external_id,
            }),
        }
    }

    /// The body as Entra sends it.
    pub(super) fn entra_body(&self) -> Value {
        let mut body = self.body();
        match self.kind {
            Kind::Person => {
                body["schemas"] = json!([CORE_USER, ENTERPRISE]);
                body["meta"] = json!({"resourceType": "User"});
                body["roles"] = json!([]);
                body["preferredLanguage"] = json!("nl-BE");
                body["title"] = json!("Sales Engineer");
                body["phoneNumbers"] = json!([{"type": "work", "value": "+32 2 123 45 67"}]);
                body["addresses"] =
                    json!([{"type": "work", "formatted": "Grote Markt 1, Brussel", "locality": "Brussel"}]);
                body[ENTERPRISE] = json!({"department": "Field", "employeeNumber": "0042"});
            }
            Kind::Group => {
                body["schemas"] = json!([CORE_GROUP, ADSCIM_GROUP]);
                body["meta"] = json!({"resourceType": "Group"});
            }
        }
        body
    }
}

/// The attribute that names an object of this kind.
pub(super) fn name_attribute(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "userName",
        Kind::Group => "displayName",
    }
}

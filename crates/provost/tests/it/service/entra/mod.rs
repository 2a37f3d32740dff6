//! What Microsoft Entra's provisioning client sends.

mod flag;
mod groups;
mod people;
mod setup;
mod shapes;

use super::http::{Client, ENTERPRISE, USER};
use serde_json::{Value, json};

/// A person as Entra creates one with its default mappings.
fn lotte() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "externalId": "a91f", "userName": "Lotte.Maes@contoso.example", "active": true,
        "displayName": "Lotte Maes", "title": "Specialist", "preferredLanguage": "nl-BE",
        "emails": [{"primary": true, "type": "work", "value": "lotte@contoso.example"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Lotte Maes", "familyName": "Maes", "givenName": "Lotte", "middleName": null},
        "phoneNumbers": null, "addresses": [], "roles": [],
        ENTERPRISE: {"employeeNumber": "17", "department": "Field", "costCenter": null},
    })
}

/// Creates her and answers her path.
fn created(client: &Client) -> String {
    format!("/Users/{}", client.make("/Users", &lotte()))
}

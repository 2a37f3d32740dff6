//! The token is refused, or Graph does not take it: nothing can be written, and nothing is removed.

use super::case::{Case, Change, EMPTY, Place, WHOLE};
use m365_sim::Effect;
use provost_store::connection::State;

/// The sign-in service refuses with this number, which has this code of ours.
fn refused(name: &str, number: &str, code: &'static str) -> Case {
    Case::new(name)
        .always("POST /token", number)
        .holds(EMPTY)
        .stops(code)
}

/// Graph refuses every request with this.
fn not_taken(name: &str, error: &str, code: &'static str) -> Case {
    Case::new(name).always("", error).holds(EMPTY).stops(code)
}

pub fn cases() -> Vec<Case> {
    vec![
        refused("the secret is wrong", "AADSTS7000215", "PRV-M365-SECRET-WRONG"),
        Case::new("the secret expires while somebody leaves")
            .then(Change::Leave)
            .always("POST /token", "AADSTS7000222")
            .stops("PRV-M365-SECRET-EXPIRED")
            .mended("bob; Sales: bob"),
        refused("no secret arrives", "AADSTS7000218", "PRV-M365-SECRET-MISSING"),
        refused(
            "the certificate is not registered",
            "AADSTS700027",
            "PRV-M365-CERTIFICATE-UNKNOWN",
        ),
        refused(
            "the signature is not accepted",
            "AADSTS50012",
            "PRV-M365-CERTIFICATE-UNKNOWN",
        ),
        refused("the clock is wrong", "AADSTS700024", "PRV-M365-CLOCK"),
        refused(
            "the application is of another tenant",
            "AADSTS700016",
            "PRV-M365-APP-UNKNOWN",
        ),
        refused(
            "the application is disabled",
            "AADSTS7000112",
            "PRV-M365-APP-DISABLED",
        ),
        refused("the tenant is unknown", "AADSTS90002", "PRV-M365-TENANT-UNKNOWN"),
        refused(
            "the address names no tenant",
            "AADSTS9001023",
            "PRV-M365-TENANT-ANY",
        ),
        refused(
            "a part of the request is missing",
            "AADSTS900144",
            "PRV-M365-REQUEST",
        ),
        refused(
            "the scope is of another cloud",
            "AADSTS70011",
            "PRV-M365-RESOURCE",
        ),
        refused("Graph is not in the tenant", "AADSTS500011", "PRV-M365-RESOURCE"),
        Case::new("the sign-in service fails for a moment").answer("POST /token", 1, "AADSTS90033"),
        Case::new("the tenant signs in too often").answer("POST /token", 1, "AADSTS90055"),
        Case::new("the sign-in service is down")
            .always("POST /token", "AADSTS90006")
            .holds(EMPTY)
            .told(Place::Failed, "bob", "PRV-CONNECT-UNREACHABLE"),
        Case::new("a proxy answers in place of the sign-in service").strike(
            "POST /token",
            1,
            Effect::Html { status: 200 },
        ),
        Case::new("the token expires in the middle").answer("POST /users", 1, "token_expired"),
        not_taken(
            "the token is of another cloud",
            "token_audience",
            "PRV-M365-CLOUD",
        ),
        not_taken("the token is torn", "token_malformed", "PRV-M365-TOKEN"),
        not_taken("the session was revoked", "claims_challenge", "PRV-M365-TOKEN"),
        not_taken(
            "the application was disabled a moment ago",
            "identity_disabled",
            "PRV-M365-APP-DISABLED",
        ),
        not_taken(
            "the application was deleted a moment ago",
            "identity_not_found",
            "PRV-M365-APP-UNKNOWN",
        ),
        Case::new("a refused token in the middle of the run keeps what was done")
            .then(Change::Title)
            .always("PATCH /users/*", "claims_challenge")
            .holds(WHOLE)
            .state(State::Invalid)
            .told(Place::Connection, "", "PRV-M365-TOKEN")
            .mended("ann Boss SPE_E3 under bob, bob; Sales: ann bob"),
    ]
}

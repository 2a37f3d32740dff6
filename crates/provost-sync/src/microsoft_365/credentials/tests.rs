use super::*;
use provost_store::microsoft_365::{DomainState, Mode, State};
use serde_json::Value;
use uuid::Uuid;

const APPLICATION: &str = "2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f";
const TENANT: &str = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";

fn provider(tenant_id: Option<&str>) -> Provider {
    Provider {
        key: 1,
        id: Uuid::nil(),
        workspace: 1,
        name: "Microsoft 365".to_owned(),
        label: String::new(),
        link_key: super::super::LINK_KEY.to_owned(),
        domain: "contoso.example".to_owned(),
        tenant_name: "contoso".to_owned(),
        tenant_id: tenant_id.map(str::to_owned),
        domain_state: DomainState::Verified,
        domain_checked: 1,
        state: State::Active,
        since: 1,
        mode: Mode::Federation,
        mode_changed: 0,
        mode_reason: String::new(),
        authentication: 0,
        connection: None,
        settings: Value::Null,
        created: 1,
        actor: "test".to_owned(),
        version: 1,
    }
}

fn of(client_id: &str, tenant: &str, secret: &str) -> Credentials {
    Credentials {
        client_id: client_id.to_owned(),
        tenant: tenant.to_owned(),
        secret: Some(Secret::new(secret)),
        ..Credentials::default()
    }
}

/// The fields at fault with their codes.
fn faults(credentials: &Credentials, tenant_id: Option<&str>) -> Vec<(&'static str, String)> {
    let lines = credentials.understand(&provider(tenant_id)).lines;
    let faults = lines.into_iter().filter(|line| !line.ok);
    faults.map(|line| (line.field, line.code)).collect()
}

#[test]
fn what_the_portal_shows_is_understood() {
    let portal =
        format!("https://portal.azure.com/#view/AppBlade/~/Overview/appId/{APPLICATION}/isMSAApp~/false");
    let login = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    let understood = of(&portal, &login, "value~1").understand(&provider(None));
    assert_eq!(
        (understood.client_id.as_str(), understood.tenant.as_str()),
        (APPLICATION, TENANT)
    );
    assert!(
        understood
            .lines
            .iter()
            .all(|line| line.ok && line.sentence.starts_with("understood as"))
    );
    let understood = of(APPLICATION, TENANT, "value~1").understand(&provider(None));
    assert!(
        understood
            .lines
            .iter()
            .all(|line| line.ok && line.sentence.is_empty()),
        "{understood:?}"
    );
}

#[test]
fn ids_in_the_wrong_place_are_known_before_anything_is_sent() {
    let settings = |field| vec![(field, SETTINGS.to_owned())];
    assert_eq!(faults(&of("", TENANT, "v"), None), settings("client_id"));
    assert_eq!(faults(&of("Provost", TENANT, "v"), None), settings("client_id"));
    assert_eq!(faults(&of(APPLICATION, "common", "v"), None), settings("tenant"));
    // The other way round: the provider's domain told the tenant.
    assert_eq!(
        faults(&of(TENANT, APPLICATION, "v"), Some(TENANT)),
        settings("client_id")
    );
    assert_eq!(faults(&of(TENANT, TENANT, "v"), None), settings("client_id"));
    let wrong = vec![("secret", SECRET_WRONG.to_owned())];
    assert_eq!(
        faults(
            &of(APPLICATION, TENANT, " 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d\n"),
            None
        ),
        wrong
    );
    assert_eq!(faults(&of(APPLICATION, TENANT, "value~1"), Some(TENANT)), []);
}

#[test]
fn an_empty_secret_keeps_the_one_that_is_saved() {
    assert_eq!(of(APPLICATION, TENANT, "  ").secrets(), []);
    let names: Vec<String> = of(APPLICATION, TENANT, "v")
        .secrets()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["client_secret"]);
}

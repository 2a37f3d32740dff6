//! Setting up a connection to Microsoft 365: credential, test, permissions, and what is judged before it is sent.

mod certificate;
mod judged;
mod office;

use std::sync::Arc;

use m365_sim::{Domain, Settings};
use provost_connect::graph::permission::Function;
use provost_connect::http::Factory;
use provost_connect::{Check, Kind, Secrets, Target, open};
use serde_json::{Value, json};

use self::office::Office;
use crate::graph::{Microsoft, person};

const TENANT: &str = Settings::CONTOSO_TENANT;

fn connect(url: &str, more: Value, secrets: &Secrets) -> Arc<dyn Target> {
    let mut settings = json!({
        "tenant": TENANT, "client_id": Settings::CONTOSO_CLIENT_ID,
        "graph_url": url, "login_url": url, "allow_private_network": true,
    });
    settings
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    open("graph", &settings, secrets, &Factory::new()).unwrap()
}

fn canary() -> Secrets {
    Secrets::new().with("client_secret", "canary-secret")
}

/// The last step, which is the one that failed.
fn failed(mut checks: Vec<Check>) -> (&'static str, provost_connect::Error) {
    let check = checks.pop().unwrap();
    assert!(checks.iter().all(|before| before.outcome.is_ok()), "{checks:?}");
    (check.name, check.outcome.unwrap_err())
}

fn said<'a>(checks: &'a [Check], name: &str) -> &'a str {
    let check = checks.iter().find(|check| check.name == name).unwrap();
    check.outcome.as_ref().unwrap()
}

fn granted(roles: &[&str]) -> Settings {
    let mut settings = Settings::contoso();
    settings.applications[0].roles = roles.iter().map(|role| (*role).to_owned()).collect();
    settings
}

#[tokio::test]
async fn a_good_test_names_tenant_seats_and_domains() {
    let mut settings = Settings::contoso();
    settings.domains.push(Domain::federated("sign.contoso.example"));
    let microsoft = Microsoft::start(settings).await;
    let checks = microsoft.connect(&Factory::new()).test().await;
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        [
            "name resolution",
            "TLS",
            "sign-in",
            "tenant",
            "permissions",
            "read people",
            "read groups",
            "licences",
            "domains"
        ],
        "{checks:?}"
    );
    assert!(said(&checks, "tenant").contains("Contoso with the domains contoso.onmicrosoft.com"));
    assert!(said(&checks, "licences").contains("SPE_E3: 250 of 250 seats free"));
    assert!(said(&checks, "domains").contains("sign.contoso.example (people sign in elsewhere)"));
    assert!(said(&checks, "permissions").starts_with("all that people, groups, licences, sessions need"));
}

#[tokio::test]
async fn only_what_is_switched_on_is_asked_for() {
    let microsoft = Microsoft::start(granted(&["User.ReadWrite.All", "Organization.Read.All"])).await;
    let factory = Factory::new();
    let (name, error) = failed(microsoft.connect(&factory).test().await);
    assert_eq!(
        (name, error.code()),
        ("permissions", "PRV-M365-PERMISSION-MISSING")
    );
    assert!(
        error.to_string().contains("groups need Group.ReadWrite.All"),
        "{error}"
    );
    assert!(!error.to_string().contains("people need"), "{error}");
    assert!(
        !error.to_string().contains("Application.ReadWrite.All"),
        "{error}"
    );
    let people = microsoft.connect_with(json!({"functions": ["people", "licences"]}), &factory);
    let checks = people.test().await;
    assert!(checks.iter().all(|check| check.outcome.is_ok()), "{checks:?}");
    assert!(checks.iter().all(|check| check.name != "read groups"));
}

#[tokio::test]
async fn permissions_are_listed_by_name_with_what_is_too_much() {
    let roles = [
        "User.ReadWrite.All",
        "Group.ReadWrite.All",
        "Organization.Read.All",
        "Application.ReadWrite.All",
        "AuditLog.Read.All",
    ];
    let microsoft = Microsoft::start(granted(&roles)).await;
    let target = microsoft.connect_with(
        json!({"functions": ["people", "groups", "restore"]}),
        &Factory::new(),
    );
    let permissions = target.permissions().await.unwrap().unwrap();
    assert_eq!(permissions.granted.len(), 5);
    assert!(!permissions.unknown);
    let missing: Vec<_> = permissions
        .missing
        .iter()
        .map(|n| (n.function, n.permission.as_str()))
        .collect();
    assert_eq!(missing, [(Function::Restore, "User.DeleteRestore.All")]);
    assert!(
        permissions
            .excess
            .contains(&"Application.ReadWrite.All".to_owned()),
        "{permissions:?}"
    );
    assert!(
        permissions.excess.contains(&"AuditLog.Read.All".to_owned()),
        "{permissions:?}"
    );
}

#[tokio::test]
async fn a_token_that_shows_nothing_is_asked_about_or_said_to_show_nothing() {
    let office = Office::start().await;
    let target = connect(&office.url, json!({}), &canary());
    office.grants(&[
        "741f803b-c850-494e-b5df-cde7c675a1ca",
        "62a82d76-70ea-41e2-9197-370581804d09",
        "498476ce-e0fe-48b0-b801-37ba7e2685c6",
    ]);
    let permissions = target.permissions().await.unwrap().unwrap();
    assert_eq!(
        permissions.granted,
        [
            "Group.ReadWrite.All",
            "Organization.Read.All",
            "User.ReadWrite.All"
        ]
    );
    assert!(permissions.missing.is_empty() && !permissions.unknown);
    // An id that no table knows, but Graph itself does; then one that nobody knows.
    office.grants(&[
        "741f803b-c850-494e-b5df-cde7c675a1ca",
        "11111111-0000-0000-0000-000000000001",
    ]);
    let permissions = target.permissions().await.unwrap().unwrap();
    assert_eq!(
        permissions.granted,
        ["LicenseAssignment.Read.All", "User.ReadWrite.All"]
    );
    office.grants(&["11111111-0000-0000-0000-000000000002"]);
    assert!(target.permissions().await.unwrap().unwrap().unknown);
    office.forbids("/servicePrincipals");
    let checks = target.test().await;
    assert!(
        said(&checks, "permissions").contains("cannot be told"),
        "{checks:?}"
    );
    assert!(checks.iter().all(|check| check.outcome.is_ok()), "{checks:?}");
}

#[tokio::test]
async fn each_refusal_of_the_sign_in_service_has_its_code_and_next_step() {
    for (number, error, code) in [
        (7_000_215, "invalid_client", "PRV-M365-SECRET-WRONG"),
        (7_000_222, "invalid_client", "PRV-M365-SECRET-EXPIRED"),
        (7_000_218, "invalid_client", "PRV-M365-SECRET-MISSING"),
        (50_012, "invalid_client", "PRV-M365-CERTIFICATE-UNKNOWN"),
        (700_027, "invalid_client", "PRV-M365-CERTIFICATE-UNKNOWN"),
        (700_024, "invalid_client", "PRV-M365-CLOCK"),
        (700_016, "unauthorized_client", "PRV-M365-APP-UNKNOWN"),
        (7_000_112, "unauthorized_client", "PRV-M365-APP-DISABLED"),
        (90_002, "invalid_request", "PRV-M365-TENANT-UNKNOWN"),
        (9_001_023, "invalid_request", "PRV-M365-TENANT-ANY"),
        (900_144, "invalid_request", "PRV-M365-REQUEST"),
        (90_014, "invalid_request", "PRV-M365-REQUEST"),
        (70_011, "invalid_scope", "PRV-M365-RESOURCE"),
        (28_002, "invalid_scope", "PRV-M365-RESOURCE"),
        (700_022, "invalid_scope", "PRV-M365-RESOURCE"),
        (500_011, "invalid_resource", "PRV-M365-RESOURCE"),
        (50_001, "invalid_resource", "PRV-M365-RESOURCE"),
        (90_033, "temporarily_unavailable", "PRV-CONNECT-UNAVAILABLE"),
        (90_006, "server_error", "PRV-CONNECT-UNAVAILABLE"),
        (90_024, "server_error", "PRV-CONNECT-UNAVAILABLE"),
        (90_055, "invalid_request", "PRV-CONNECT-THROTTLED"),
        (123, "invalid_client", "PRV-M365-SIGN-IN"),
    ] {
        let office = Office::start().await;
        office.refuses(number, error);
        let target = connect(&office.url, json!({}), &canary());
        let (name, error) = failed(target.test().await);
        assert_eq!((name, error.code()), ("sign-in", code), "{number}: {error}");
        assert!(error.hint().ends_with('.') && !error.help().is_empty());
        if code.starts_with("PRV-M365") {
            let text = error.to_string();
            assert!(
                text.contains(&format!("AADSTS{number}")) && text.contains("0f1e"),
                "{text}"
            );
            assert!(error.help().starts_with("guides/microsoft-365.md#"));
        }
        assert!(!format!("{error:?} {error}").contains("canary"));
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_by_how_much() {
    let office = Office::start().await;
    office.refuses(700_024, "invalid_client");
    office.clock(jiff_text(3_600 + 20));
    let (_, error) = failed(connect(&office.url, json!({}), &canary()).test().await);
    assert!(error.to_string().contains("(60 minutes behind)"), "{error}");
}

/// A moment so many seconds from now, as HTTP writes it.
fn jiff_text(seconds: u64) -> String {
    let at = std::time::SystemTime::now() + std::time::Duration::from_secs(seconds);
    office::http_date(at)
}

#[tokio::test]
async fn another_tenant_and_another_cloud_are_recognised() {
    let office = Office::start().await;
    let target = connect(
        &office.url,
        json!({"tenant": "11111111-2222-3333-4444-555555555555"}),
        &canary(),
    );
    let (name, error) = failed(target.test().await);
    assert_eq!(
        (name, error.code()),
        ("tenant", "PRV-M365-TENANT-OTHER"),
        "{error}"
    );
    let office = Office::start().await;
    office.distrusts();
    let (name, error) = failed(connect(&office.url, json!({}), &canary()).test().await);
    assert_eq!((name, error.code()), ("tenant", "PRV-M365-CLOUD"), "{error}");
}

#[tokio::test]
async fn each_read_that_is_refused_has_its_code() {
    for (path, functions, name, code) in [
        (
            "/organization",
            json!(["people"]),
            "tenant",
            "PRV-M365-READ-TENANT",
        ),
        ("/users", json!(["people"]), "read people", "PRV-M365-READ-PEOPLE"),
        (
            "/groups",
            json!(["people", "groups"]),
            "read groups",
            "PRV-M365-READ-GROUPS",
        ),
        (
            "/subscribedSkus",
            json!(["people", "licences"]),
            "licences",
            "PRV-M365-READ-LICENCES",
        ),
        (
            "/domains",
            json!(["people", "federation"]),
            "domains",
            "PRV-M365-READ-DOMAINS",
        ),
    ] {
        let office = Office::start().await;
        office.forbids("/servicePrincipals");
        office.forbids(path);
        let target = connect(&office.url, json!({"functions": functions}), &canary());
        let (at, error) = failed(target.test().await);
        assert_eq!((at, error.code()), (name, code), "{error}");
        assert!(error.to_string().contains("Insufficient privileges"), "{error}");
    }
    let office = Office::start().await;
    office.has_no_domain();
    let (at, error) = failed(
        connect(&office.url, json!({"functions": ["people"]}), &canary())
            .test()
            .await,
    );
    assert_eq!(
        (at, error.code()),
        ("permissions", "PRV-M365-PERMISSION-MISSING"),
        "nothing was granted"
    );
    office.forbids("/servicePrincipals");
    let (at, error) = failed(
        connect(&office.url, json!({"functions": ["people"]}), &canary())
            .test()
            .await,
    );
    assert_eq!((at, error.code()), ("domains", "PRV-M365-DOMAINS"), "{error}");
}

#[tokio::test]
async fn a_certificate_signs_in() {
    let pair = certificate::make("260101000000Z", "20990101000000Z");
    let mut settings = Settings::contoso();
    settings.applications[0].certificates = vec![pair.public.clone()];
    let microsoft = Microsoft::start(settings).await;
    let secrets =
        |pair: &certificate::Pair| Secrets::new().with("certificate", pair.public.clone() + &pair.private);
    let checks = connect(&microsoft.url, json!({}), &secrets(&pair)).test().await;
    assert!(checks.iter().all(|check| check.outcome.is_ok()), "{checks:?}");
    let stranger = certificate::make("260101000000Z", "20990101000000Z");
    let (name, error) = failed(
        connect(&microsoft.url, json!({}), &secrets(&stranger))
            .test()
            .await,
    );
    assert_eq!(
        (name, error.code()),
        ("sign-in", "PRV-M365-CERTIFICATE-UNKNOWN"),
        "{error}"
    );
    let old = certificate::make("200101000000Z", "20210101000000Z");
    let (name, error) = failed(connect(&microsoft.url, json!({}), &secrets(&old)).test().await);
    assert_eq!(
        (name, error.code()),
        ("sign-in", "PRV-M365-CERTIFICATE-EXPIRED"),
        "{error}"
    );
    assert!(error.to_string().contains("2021-01-01"), "{error}");
}

#[tokio::test]
async fn an_expired_secret_stops_the_connection_with_its_code() {
    let mut settings = Settings::contoso();
    settings.applications[0].secret_expires = Some(1);
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&Factory::new());
    let error = target.create(Kind::Person, "k", &person(1)).await.unwrap_err();
    assert_eq!(error.code(), "PRV-M365-SECRET-EXPIRED");
    assert_eq!(error.retry(), provost_connect::Retry::StopConnection);
}

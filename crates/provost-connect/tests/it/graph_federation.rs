//! Switching a domain to us and back, and renewing its certificates.

use m365_sim::{Effect, RootDomains, Rule, Settings, SigningKey, TokenValidation};
use provost_connect::graph::Graph;
use provost_connect::graph::federation::{Mfa, Protocol, Wanted};
use provost_connect::http::Factory;
use provost_connect::{Error, Secrets};
use serde_json::json;

use crate::graph::Microsoft;

const DOMAIN: &str = "contoso.example";
const RIGHTS: [&str; 2] = ["Domain.Read.All", "Domain-InternalFederation.ReadWrite.All"];
/// The lock between two switches.
const LOCK: i64 = 10 * 60_000;

async fn world(roles: &[&str]) -> (Microsoft, Graph) {
    let mut settings = Settings::contoso();
    settings.applications[0].roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let microsoft = Microsoft::start(settings).await;
    let connection = json!({
        "tenant": Settings::CONTOSO_TENANT, "client_id": Settings::CONTOSO_CLIENT_ID, "functions": ["people", "federation"],
        "graph_url": microsoft.url, "login_url": microsoft.url, "allow_private_network": true,
    });
    let secrets = Secrets::new().with("client_secret", Settings::CONTOSO_CLIENT_SECRET);
    let graph = Graph::open(&connection, &secrets, &Factory::new()).unwrap();
    (microsoft, graph)
}

fn certificate(name: &str) -> String {
    let key = SigningKey::generate(name, 1_767_603_600_000, 1_867_603_600_000).unwrap();
    key.certificate_base64()
}

fn wanted(certificate: &str) -> Wanted {
    let at = |path: &str| format!("https://hub.contoso.example/idp/contoso{path}");
    Wanted {
        name: "Provost".to_owned(),
        issuer: at(""),
        sign_in: at("/saml"),
        sign_out: at("/logout"),
        active: None,
        protocol: Protocol::Saml,
        certificate: certificate.to_owned(),
        next_certificate: None,
        mfa: Mfa::Accept,
    }
}

#[tokio::test]
async fn a_domain_is_switched_renewed_and_switched_back() {
    let (microsoft, graph) = world(&RIGHTS).await;
    let before = graph.domain_state(DOMAIN).await.unwrap();
    assert!(
        !before.is_federated() && before.obstacle().is_none(),
        "{before:?}"
    );
    assert_eq!(graph.federation(DOMAIN).await.unwrap(), None);
    let (first, second) = (certificate("One"), certificate("Two"));
    let made = graph.federate(DOMAIN, &wanted(&first)).await.unwrap();
    assert_eq!(made.signing_certificate.as_deref(), Some(first.as_str()));
    assert!(graph.domain_state(DOMAIN).await.unwrap().is_federated());
    assert_eq!(graph.federation(DOMAIN).await.unwrap(), Some(made));

    let empty = graph.swap_certificates(DOMAIN).await.unwrap_err();
    assert!(empty.to_string().contains("no next certificate"), "{empty}");
    let next = graph.set_next_certificate(DOMAIN, Some(&second)).await.unwrap();
    assert_eq!(next.signing_certificate.as_deref(), Some(first.as_str()));
    assert_eq!(next.next_signing_certificate.as_deref(), Some(second.as_str()));
    let swapped = graph.swap_certificates(DOMAIN).await.unwrap();
    assert_eq!(swapped.signing_certificate.as_deref(), Some(second.as_str()));
    assert_eq!(swapped.next_signing_certificate.as_deref(), Some(first.as_str()));
    let emptied = graph.set_next_certificate(DOMAIN, None).await.unwrap();
    assert_eq!(emptied.next_signing_certificate, None);

    let soon = graph.make_managed(DOMAIN).await.unwrap_err();
    assert!(soon.to_string().contains("a short while ago"), "{soon}");
    microsoft.simulator.advance(LOCK);
    graph.make_managed(DOMAIN).await.unwrap();
    assert!(!graph.domain_state(DOMAIN).await.unwrap().is_federated());
    graph.make_managed(DOMAIN).await.unwrap();
    let late = graph
        .set_next_certificate(DOMAIN, Some(&second))
        .await
        .unwrap_err();
    assert!(late.to_string().contains("is not federated"), "{late}");
}

#[tokio::test]
async fn the_policy_about_tokens_is_read_with_a_permission_of_its_own() {
    let (_microsoft, graph) = world(&RIGHTS).await;
    let refused = graph.token_validation().await.unwrap_err();
    assert!(matches!(refused, Error::Forbidden { .. }), "{refused:?}");
    assert!(
        refused.to_string().contains("needs `Policy.Read.All`"),
        "{refused}"
    );

    let (microsoft, graph) = world(&["Policy.Read.All"]).await;
    let all = graph.token_validation().await.unwrap().unwrap();
    assert_eq!((all.root_domains.as_str(), all.covers(DOMAIN)), ("all", true));
    let set = |root_domains, names: &[&str]| {
        let domain_names = names.iter().map(|name| (*name).to_owned()).collect();
        microsoft.simulator.change(|settings| {
            settings.token_validation = TokenValidation {
                root_domains,
                domain_names,
            };
        });
    };
    let cases: [(RootDomains, &[&str], bool); 6] = [
        (RootDomains::None, &[], false),
        (RootDomains::AllFederated, &[], true),
        (RootDomains::AllManaged, &[], false),
        (RootDomains::Enumerated, &["CONTOSO.example"], true),
        (RootDomains::Enumerated, &["fabrikam.example"], false),
        (RootDomains::AllManagedAndEnumeratedFederated, &[DOMAIN], true),
    ];
    for (root_domains, names, covers) in cases {
        set(root_domains, names);
        let found = graph.token_validation().await.unwrap().unwrap();
        assert_eq!(found.covers(DOMAIN), covers, "{found:?}");
    }
}

#[tokio::test]
async fn a_managed_domain_may_answer_that_there_is_nothing() {
    let (microsoft, graph) = world(&RIGHTS).await;
    microsoft
        .simulator
        .change(|settings| settings.unproved_directory.managed_federation_missing = true);
    assert_eq!(graph.federation(DOMAIN).await.unwrap(), None);
}

#[tokio::test]
async fn what_cannot_work_is_refused_before_anything_is_sent() {
    let (microsoft, graph) = world(&RIGHTS).await;
    let good = wanted(&certificate("One"));
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----",
        good.certificate
    );
    for (domain, wrong, why) in [
        ("contoso.onmicrosoft.com", good.clone(), "initial domain"),
        (
            DOMAIN,
            Wanted {
                certificate: String::new(),
                ..good.clone()
            },
            "not Base64",
        ),
        (
            DOMAIN,
            Wanted {
                certificate: pem,
                ..good.clone()
            },
            "without the lines",
        ),
        (
            DOMAIN,
            Wanted {
                sign_in: "http://hub.contoso.example/".to_owned(),
                ..good.clone()
            },
            "https://",
        ),
        (
            DOMAIN,
            Wanted {
                issuer: "hub".to_owned(),
                ..good.clone()
            },
            "issuer",
        ),
        (
            DOMAIN,
            Wanted {
                next_certificate: Some("AAAA".to_owned()),
                ..good.clone()
            },
            "not Base64",
        ),
    ] {
        let error = graph.federate(domain, &wrong).await.unwrap_err();
        assert!(
            matches!(error, Error::Rejected { .. }) && error.to_string().contains(why),
            "{error}"
        );
    }
    assert_eq!(microsoft.simulator.counters().requests, 0, "Graph was not asked");
}

#[tokio::test]
async fn refusals_come_with_their_causes() {
    let (microsoft, graph) = world(&RIGHTS).await;
    let good = wanted(&certificate("One"));
    let missing = graph.domain_state("nowhere.example").await.unwrap_err();
    assert!(
        missing.to_string().contains("no domain nowhere.example"),
        "{missing}"
    );
    let initial = graph.domain_state("contoso.onmicrosoft.com").await.unwrap();
    assert!(initial.obstacle().unwrap().contains("initial"));
    microsoft
        .simulator
        .change(|settings| settings.foreign_issuers = vec![good.issuer.clone()]);
    let taken = graph.federate(DOMAIN, &good).await.unwrap_err();
    assert!(taken.to_string().contains("belongs to another domain"), "{taken}");

    let (_, reader) = world(&["Domain.Read.All", "Domain-InternalFederation.Read.All"]).await;
    let denied = reader.federate(DOMAIN, &good).await.unwrap_err();
    assert!(
        matches!(denied, Error::Forbidden { .. })
            && denied
                .to_string()
                .contains("needs `Domain-InternalFederation.ReadWrite.All`"),
        "{denied}"
    );
    let (_, nobody) = world(&["User.Read.All"]).await;
    let denied = nobody.domain_state(DOMAIN).await.unwrap_err();
    assert!(denied.to_string().contains("needs `Domain.Read.All`"), "{denied}");
    let denied = nobody.federation(DOMAIN).await.unwrap_err();
    assert!(
        denied
            .to_string()
            .contains("needs `Domain-InternalFederation.Read.All`"),
        "{denied}"
    );
}

#[tokio::test]
async fn a_failing_service_leaves_the_domain_as_it_was() {
    let (microsoft, graph) = world(&RIGHTS).await;
    let fault = Rule::next(
        "POST /domains/*/federationConfiguration",
        1,
        Effect::Status { status: 503 },
    );
    microsoft.simulator.inject(fault).unwrap();
    let error = graph
        .federate(DOMAIN, &wanted(&certificate("One")))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    assert_eq!(graph.federation(DOMAIN).await.unwrap(), None);
}

//! G0-1 to G0-9: the general settings.

use super::{NAME, Stage, code, faults, line};
use m365_sim::{Domain, Settings};
use provost_store::microsoft_365::{DomainState, State};
use provost_sync::microsoft_365::{ProviderDraft, ProviderEdit, provider_values};

#[tokio::test(flavor = "multi_thread")]
async fn g0_1_a_provider_comes_after_the_application_was_registered() {
    let stage = Stage::early(Settings::contoso()).await;
    let draft = stage.draft();
    let result = stage
        .hub
        .engine
        .add_provider(stage.workspace(), &draft, "owner")
        .await;
    let error = result.unwrap_err();
    assert!(
        error.code() == Some("PRV-GUIDE-ORDER") && error.to_string().contains("step 2"),
        "{error}"
    );
    assert_eq!(stage.providers().await, 0);
    stage.assert_told("add", "PRV-GUIDE-ORDER").await;
    // Looking changes nothing and is free.
    let checked = stage
        .hub
        .engine
        .check_provider(stage.workspace(), &draft)
        .await
        .unwrap();
    assert!(checked.ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proved_domain_makes_the_provider_active_at_once() {
    let stage = Stage::new().await;
    let draft = ProviderDraft {
        domain: " Contoso.example".to_owned(),
        tenant_name: "contoso.onmicrosoft.com".to_owned(),
        ..stage.draft()
    };
    let (made, checked) = stage
        .hub
        .engine
        .add_provider(stage.workspace(), &draft, "owner")
        .await
        .unwrap();
    assert_eq!(
        (made.state, made.domain_state),
        (State::Active, DomainState::Verified)
    );
    assert_eq!(
        (made.domain.as_str(), made.tenant_name.as_str()),
        ("contoso.example", "contoso")
    );
    assert_eq!(made.tenant_id.as_deref(), Some(Settings::CONTOSO_TENANT));
    assert!(!made.is_assignable() && made.connection.is_none());
    assert!(
        line(&checked.lines, "tenant_name")
            .sentence
            .ends_with("kept as contoso")
    );
    let fields: Vec<&str> = checked.lines.iter().map(|line| line.field).collect();
    assert_eq!(fields, ["name", "label", "link_key", "domain", "tenant_name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_2_and_g0_4_display_name_and_link_key_never_change() {
    let stage = Stage::new().await;
    stage.add().await;
    let engine = &stage.hub.engine;
    for edit in [
        ProviderEdit {
            name: Some("Other".to_owned()),
            ..ProviderEdit::default()
        },
        ProviderEdit {
            link_key: Some("User: E-mail".to_owned()),
            label: Some("x".to_owned()),
            ..ProviderEdit::default()
        },
    ] {
        let result = engine
            .edit_provider(stage.workspace(), NAME, &edit, "owner")
            .await;
        assert_eq!(code(result), "PRV-FIELD-IMMUTABLE");
        stage.assert_told("edit", "PRV-FIELD-IMMUTABLE").await;
    }
    assert_eq!(stage.provider().await.label, "", "nothing of it was saved");
    let edit = ProviderEdit {
        name: Some(NAME.to_owned()),
        label: Some("Head office".to_owned()),
        ..ProviderEdit::default()
    };
    let saved = engine
        .edit_provider(stage.workspace(), NAME, &edit, "owner")
        .await
        .unwrap();
    assert_eq!(
        (saved.name.as_str(), saved.label.as_str(), saved.state),
        (NAME, "Head office", State::Active)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_3_g0_5_g0_7_and_g0_9_every_bad_field_is_named_and_nothing_is_saved() {
    let stage = Stage::new().await;
    let draft = ProviderDraft {
        name: " x".to_owned(),
        label: "one\ntwo".to_owned(),
        link_key: "User: E-mail".to_owned(),
        domain: "contoso.onmicrosoft.com".to_owned(),
        tenant_name: "https://contoso".to_owned(),
        cloud: "moon".to_owned(),
        ..stage.draft()
    };
    let engine = &stage.hub.engine;
    let expected = [
        ("name", "PRV-NAME"),
        ("label", "PRV-NAME"),
        ("link_key", "PRV-LINK-KEY"),
        ("domain", "PRV-DOMAIN-INITIAL"),
        ("tenant_name", "PRV-TENANT-NAME"),
        ("cloud", "PRV-WORD"),
    ]
    .map(|(field, code)| (field, code.to_owned()));
    let result = engine.add_provider(stage.workspace(), &draft, "owner").await;
    assert_eq!(faults(result), expected);
    stage.assert_told("add", "PRV-NAME").await;
    assert_eq!(stage.providers().await, 0);
    assert_eq!(
        stage.hub.simulator.counters().requests,
        0,
        "nobody is asked about what cannot be meant"
    );
    // One bad field is enough.
    let draft = ProviderDraft {
        link_key: String::new(),
        ..stage.draft()
    };
    let result = engine.add_provider(stage.workspace(), &draft, "owner").await;
    assert_eq!(faults(result), [("link_key", "PRV-LINK-KEY".to_owned())]);
    assert_eq!(stage.providers().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_6_a_domain_is_proved_before_the_provider_is_active() {
    let stage = Stage::with(Settings {
        domains: vec![
            Domain {
                initial: true,
                default: true,
                ..Domain::managed("contoso.onmicrosoft.com")
            },
            Domain {
                verified: false,
                ..Domain::managed("contoso.example")
            },
            Domain::managed("second.contoso.example"),
        ],
        ..Settings::contoso()
    })
    .await;
    let made = stage.add().await;
    assert_eq!(
        (made.state, made.domain_state),
        (State::Draft, DomainState::Unverified)
    );
    assert_eq!(
        made.tenant_id.as_deref(),
        Some(Settings::CONTOSO_TENANT),
        "the tenant name is known"
    );
    let engine = &stage.hub.engine;
    let checked = engine
        .recheck_provider(stage.workspace(), NAME, "owner")
        .await
        .unwrap();
    let domain = line(&checked.lines, "domain");
    assert!(
        domain.ok && domain.sentence.contains("stays a draft"),
        "{domain:?}"
    );
    assert_eq!(stage.provider().await.state, State::Draft);
    let edit = ProviderEdit {
        domain: Some("second.contoso.example".to_owned()),
        ..ProviderEdit::default()
    };
    let saved = engine
        .edit_provider(stage.workspace(), NAME, &edit, "owner")
        .await
        .unwrap();
    assert_eq!(
        (saved.state, saved.domain_state),
        (State::Active, DomainState::Verified)
    );
    let edit = ProviderEdit {
        domain: Some("contoso.example".to_owned()),
        ..ProviderEdit::default()
    };
    let saved = engine
        .edit_provider(stage.workspace(), NAME, &edit, "owner")
        .await
        .unwrap();
    assert_eq!(saved.state, State::Draft, "another domain has to be proved anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_becomes_active_when_its_domain_is_proved_and_silence_proves_nothing() {
    let stage = Stage::new().await;
    stage.fault("GET /openid-configuration", "AADSTS90033", 2);
    let made = stage.add().await;
    assert_eq!(made.state, State::Draft);
    let engine = &stage.hub.engine;
    let checked = engine
        .recheck_provider(stage.workspace(), NAME, "owner")
        .await
        .unwrap();
    assert_eq!(
        (checked.domain, stage.provider().await.state),
        (DomainState::Verified, State::Active)
    );
    // Who cannot be asked does not say no.
    let before = stage.provider().await;
    stage.fault("GET /openid-configuration", "AADSTS90033", 2);
    let checked = engine
        .recheck_provider(stage.workspace(), NAME, "owner")
        .await
        .unwrap();
    let domain = line(&checked.lines, "domain");
    assert!(
        domain.ok && domain.sentence.contains("could not be asked"),
        "{domain:?}"
    );
    assert_eq!(stage.provider().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_8_a_domain_has_one_active_provider() {
    let stage = Stage::new().await;
    stage.add().await;
    let draft = ProviderDraft {
        name: "Second".to_owned(),
        ..stage.draft()
    };
    let engine = &stage.hub.engine;
    let checked = engine.check_provider(stage.workspace(), &draft).await.unwrap();
    let domain = line(&checked.lines, "domain");
    assert!(
        !domain.ok && domain.sentence.contains("\"Contoso 365\""),
        "{domain:?}"
    );
    let result = engine.add_provider(stage.workspace(), &draft, "owner").await;
    assert_eq!(faults(result), [("domain", "PRV-DOMAIN-TAKEN".to_owned())]);
    stage.assert_told("add", "PRV-DOMAIN-TAKEN").await;
    assert_eq!(stage.providers().await, 1);
    // The workspace next door hears that it is taken, and not by whom.
    let elsewhere = stage.elsewhere().await;
    let checked = engine.check_provider(elsewhere, &draft).await.unwrap();
    let domain = line(&checked.lines, "domain");
    assert!(
        !domain.ok && domain.sentence.contains("in another workspace"),
        "{domain:?}"
    );
    assert!(!domain.sentence.contains("Contoso 365"), "{domain:?}");
    // The same by a change.
    let draft = ProviderDraft {
        domain: "unknown.example".to_owned(),
        ..draft
    };
    engine
        .add_provider(stage.workspace(), &draft, "owner")
        .await
        .unwrap();
    let edit = ProviderEdit {
        domain: Some("contoso.example".to_owned()),
        ..ProviderEdit::default()
    };
    let result = engine
        .edit_provider(stage.workspace(), "Second", &edit, "owner")
        .await;
    assert_eq!(faults(result), [("domain", "PRV-DOMAIN-TAKEN".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_provider_or_a_connection_has_is_taken() {
    let stage = Stage::new().await;
    let engine = &stage.hub.engine;
    let draft = ProviderDraft {
        name: stage.hub.connection.name.clone(),
        ..stage.draft()
    };
    let result = engine.add_provider(stage.workspace(), &draft, "owner").await;
    assert_eq!(faults(result), [("name", "PRV-PROVIDER-NAME-TAKEN".to_owned())]);
    stage.add().await;
    let draft = ProviderDraft {
        domain: "unknown.example".to_owned(),
        ..stage.draft()
    };
    let result = engine.add_provider(stage.workspace(), &draft, "owner").await;
    assert_eq!(faults(result), [("name", "PRV-PROVIDER-NAME-TAKEN".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_13_domain_and_tenant_name_of_two_tenants_are_refused_without_credentials() {
    let stage = Stage::new().await;
    let engine = &stage.hub.engine;
    for (domain, tenant_name) in [
        ("contoso.example", "contosolab"),
        ("lab.contoso.example", "contoso"),
        ("contoso.example", "nobody"),
    ] {
        let draft = ProviderDraft {
            domain: domain.to_owned(),
            tenant_name: tenant_name.to_owned(),
            ..stage.draft()
        };
        let result = engine.add_provider(stage.workspace(), &draft, "owner").await;
        assert_eq!(
            faults(result),
            [("tenant_name", "PRV-TENANT-MISMATCH".to_owned())],
            "{domain}"
        );
    }
    assert_eq!(stage.providers().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn authentication_needs_no_parameters_and_its_addresses_hang_on_the_id() {
    let stage = Stage::new().await;
    let made = stage.add().await;
    let engine = &stage.hub.engine;
    let saved = engine
        .configure_provider_authentication(stage.workspace(), NAME, "owner")
        .await
        .unwrap();
    assert!(made.authentication == 0 && saved.authentication > 0);
    let values = provider_values("https://hub.contoso.example/", &saved);
    let id = saved.id;
    assert_eq!(
        values.sp_entity_id,
        format!("https://hub.contoso.example/saml/{id}/metadata")
    );
    assert_eq!(
        values.sp_acs,
        format!("https://hub.contoso.example/saml/{id}/acs")
    );
    assert_eq!(values.issuer, format!("https://hub.contoso.example/idp/{id}"));
    assert_eq!(
        values.sign_in,
        format!("https://hub.contoso.example/idp/{id}/saml")
    );
    assert_eq!(
        values.sign_out,
        format!("https://hub.contoso.example/idp/{id}/logout")
    );
    assert_eq!(
        values.metadata,
        format!("https://hub.contoso.example/idp/{id}/metadata")
    );
    let result = engine
        .configure_provider_authentication(stage.workspace(), "Nobody", "owner")
        .await;
    assert_eq!(code(result), "PRV-MICROSOFT-365-UNKNOWN");
}

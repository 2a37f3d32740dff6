//! G0-10 to G0-13: the credentials.

use super::{NAME, Stage, code, credentials, faults, line};
use m365_sim::{Application, Settings};
use provost_connect::Secret;
use provost_connect::graph::permission::Function;
use provost_store::connection::{Assignment, State as Condition};
use provost_store::microsoft_365::{DomainState, State};
use provost_store::rule;
use provost_sync::Error;
use provost_sync::microsoft_365::{Credentials, ProviderDraft};
use serde_json::json;

fn with_secret(secret: &str) -> Credentials {
    Credentials {
        secret: Some(Secret::new(secret)),
        ..credentials()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_work_make_a_connection_that_reaches_nobody() {
    let stage = Stage::new().await;
    let made = stage.add().await;
    let engine = &stage.hub.engine;
    let tried = engine
        .try_provider_credentials(stage.workspace(), NAME, &credentials())
        .await
        .unwrap();
    assert!(tried.ok(), "{tried:?}");
    assert_eq!(
        (tried.tenant.as_str(), tried.tenant_id.as_deref()),
        ("Contoso", Some(Settings::CONTOSO_TENANT))
    );
    assert_eq!(tried.domains, ["contoso.onmicrosoft.com", "contoso.example"]);
    let seats = tried
        .tried
        .checks
        .iter()
        .find(|check| check.name == "licences")
        .unwrap();
    assert!(seats.ok && !seats.sentence.is_empty(), "{seats:?}");
    assert_eq!(stage.provider().await, made, "a test changes nothing");
    let connection = stage.provision().await;
    assert_eq!(
        (connection.name.as_str(), connection.connector.as_str()),
        (NAME, "graph")
    );
    assert_eq!(
        (connection.state, connection.preferences.assignment),
        (Condition::Active, Assignment::Assigned)
    );
    assert_eq!(connection.settings["tenant"], Settings::CONTOSO_TENANT);
    let key = connection.key;
    let rules = stage
        .hub
        .db
        .read(move |tx| rule::of_connection(tx, key))
        .await
        .unwrap();
    assert!(rules.is_empty());
    assert_eq!(
        engine.credential_expiry(key).await.unwrap(),
        Some(1_900_000_000_000)
    );
    assert_eq!(stage.hub.simulator.users().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_portal_shows_is_understood_and_kept_as_ids() {
    let stage = Stage::new().await;
    stage.add().await;
    let pasted = Credentials {
        client_id: format!(
            "https://portal.azure.com/#view/App/~/Overview/appId/{}/isMSAApp~/false",
            Settings::CONTOSO_CLIENT_ID
        ),
        tenant: "contoso.example".to_owned(),
        ..credentials()
    };
    let engine = &stage.hub.engine;
    let tried = engine
        .configure_provider_provisioning(stage.workspace(), NAME, &pasted, "owner")
        .await
        .unwrap();
    assert!(
        line(&tried.lines, "client_id")
            .sentence
            .starts_with("understood as")
    );
    let settings = stage.connection().await.settings;
    assert_eq!(settings["client_id"], Settings::CONTOSO_CLIENT_ID);
    assert_eq!(
        settings["tenant"],
        Settings::CONTOSO_TENANT,
        "a domain may move, the id is the tenant"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_ids_and_a_secrets_id_are_known_before_anything_is_sent() {
    let stage = Stage::new().await;
    stage.add().await;
    let engine = &stage.hub.engine;
    let swapped = Credentials {
        client_id: Settings::CONTOSO_TENANT.to_owned(),
        tenant: Settings::CONTOSO_CLIENT_ID.to_owned(),
        ..with_secret("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d")
    };
    let before = stage.hub.simulator.counters();
    let tried = engine
        .try_provider_credentials(stage.workspace(), NAME, &swapped)
        .await
        .unwrap();
    assert!(!tried.ok() && tried.tried.checks.is_empty());
    assert!(
        line(&tried.lines, "client_id")
            .sentence
            .contains("the tenant's id")
    );
    assert!(
        line(&tried.lines, "secret")
            .sentence
            .contains("the secret's id, not its value")
    );
    let result = engine
        .configure_provider_provisioning(stage.workspace(), NAME, &swapped, "owner")
        .await;
    let expected = [
        ("client_id", "PRV-CONNECT-SETTINGS"),
        ("secret", "PRV-M365-SECRET-WRONG"),
    ];
    assert_eq!(
        faults(result),
        expected.map(|(field, code)| (field, code.to_owned()))
    );
    stage.assert_told("provisioning", "PRV-CONNECT-SETTINGS").await;
    let after = stage.hub.simulator.counters();
    assert_eq!(
        (after.tokens, after.requests),
        (before.tokens, before.requests),
        "nothing was sent"
    );
    assert_eq!(stage.provider().await.connection, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_10_the_secret_never_comes_back() {
    let stage = Stage::new().await;
    stage.add().await;
    let secret = Settings::CONTOSO_CLIENT_SECRET;
    let engine = &stage.hub.engine;
    let tried = engine
        .configure_provider_provisioning(stage.workspace(), NAME, &credentials(), "owner")
        .await
        .unwrap();
    let wrong = "canary~7f-not-the-secret";
    let error = engine
        .configure_provider_provisioning(stage.workspace(), NAME, &with_secret(wrong), "owner")
        .await
        .unwrap_err();
    let connection = stage.connection().await;
    let workspace = stage.workspace();
    let log = stage
        .hub
        .db
        .read(move |tx| provost_store::audit::latest(tx, workspace, 500))
        .await
        .unwrap();
    let definition = stage
        .hub
        .db
        .read(move |tx| provost_store::config_version::current(tx, connection.key))
        .await
        .unwrap();
    let everything = format!(
        "{tried:?} {} {error} {error:?} {:?} {log:?} {definition:?} {:?} {:?}",
        json!(tried),
        stage.connection().await,
        stage.provider().await,
        with_secret(wrong),
    );
    assert!(!everything.contains(secret) && !everything.contains(wrong));
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_11_a_failed_test_never_replaces_a_secret_that_works() {
    let stage = Stage::new().await;
    stage.add().await;
    let engine = &stage.hub.engine;
    let refused = engine
        .configure_provider_provisioning(stage.workspace(), NAME, &with_secret("wrong~secret"), "owner")
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("PRV-CONNECTION-TEST"));
    assert!(refused.to_string().contains("PRV-M365-SECRET-WRONG"), "{refused}");
    assert_eq!(stage.provider().await.connection, None, "nothing is made of it");
    stage.assert_told("provisioning", "PRV-CONNECTION-TEST").await;
    let before = stage.provision().await;
    for wrong in [
        with_secret("wrong~secret"),
        Credentials {
            client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
            ..credentials()
        },
        Credentials {
            tenant: "unknown.example".to_owned(),
            ..credentials()
        },
    ] {
        let result = engine
            .configure_provider_provisioning(stage.workspace(), NAME, &wrong, "owner")
            .await;
        assert_eq!(code(result), "PRV-CONNECTION-TEST");
        assert_eq!(stage.connection().await, before, "nothing was replaced");
    }
    let checked = engine.check_connection(before.key).await.unwrap();
    assert!(checked.tried.ok(), "the old one is in force: {checked:?}");
    // Without a secret the one that is saved is used.
    let kept = Credentials {
        secret: None,
        ..credentials()
    };
    let tried = engine
        .configure_provider_provisioning(stage.workspace(), NAME, &kept, "owner")
        .await
        .unwrap();
    assert!(tried.ok());
}

/// A tenant whose application has these rights only.
async fn with_rights(rights: &[&str]) -> Stage {
    let (id, secret) = (Settings::CONTOSO_CLIENT_ID, Settings::CONTOSO_CLIENT_SECRET);
    Stage::with(Settings {
        applications: vec![Application::new(id, secret, rights)],
        ..Settings::contoso()
    })
    .await
}

fn doing(functions: &[Function]) -> Credentials {
    Credentials {
        functions: Some(functions.to_vec()),
        ..credentials()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_12_a_missing_right_is_named_and_takes_off_the_function_that_needs_it() {
    let stage = with_rights(&[
        "User.ReadWrite.All",
        "Organization.Read.All",
        "Application.ReadWrite.All",
    ])
    .await;
    stage.add().await;
    let (engine, workspace) = (&stage.hub.engine, stage.workspace());
    let chosen = doing(&[Function::People, Function::Groups, Function::Sessions]);
    let tried = engine
        .try_provider_credentials(workspace, NAME, &chosen)
        .await
        .unwrap();
    assert!(tried.ok(), "the rest can be saved: {tried:?}");
    assert!(tried.off.iter().all(|need| need.function == Function::Groups) && !tried.off.is_empty());
    let told = line(&tried.lines, "functions");
    assert_eq!((told.ok, told.code.as_str()), (true, "PRV-FUNCTION-RIGHT"));
    assert!(
        told.sentence.contains("groups") && told.sentence.contains("Group.ReadWrite.All"),
        "{told:?}"
    );
    let permissions = json!(tried.tried.permissions.as_ref().unwrap()).to_string();
    assert!(permissions.contains("Application.ReadWrite.All"), "{permissions}");
    assert_eq!(stage.provider().await.connection, None, "trying saves nothing");

    let saved = engine
        .configure_provider_provisioning(workspace, NAME, &chosen, "owner")
        .await
        .unwrap();
    assert_eq!(saved.functions, [Function::People, Function::Sessions]);
    let connection = stage.connection().await;
    assert_eq!(connection.settings["functions"], json!(["people", "sessions"]));
    assert_eq!(connection.state, Condition::Active);
    // Whoever saves again without a word about functions leaves them as they are.
    let again = engine
        .configure_provider_provisioning(workspace, NAME, &credentials(), "owner")
        .await
        .unwrap();
    assert_eq!((again.functions, again.off), (saved.functions, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_12_without_the_right_that_everything_needs_nothing_is_saved() {
    let stage = with_rights(&["Group.ReadWrite.All", "Organization.Read.All"]).await;
    stage.add().await;
    let (engine, workspace) = (&stage.hub.engine, stage.workspace());
    let tried = engine
        .try_provider_credentials(workspace, NAME, &doing(&[Function::Groups]))
        .await
        .unwrap();
    let failed = tried.tried.failed().unwrap();
    assert_eq!(failed.code, "PRV-M365-PERMISSION-MISSING");
    assert!(failed.sentence.contains("User."), "{failed:?}");
    let result = engine
        .configure_provider_provisioning(workspace, NAME, &credentials(), "owner")
        .await;
    assert_eq!(code(result), "PRV-CONNECTION-TEST");
    assert_eq!(stage.provider().await.connection, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_12_only_what_is_chosen_asks_for_its_rights() {
    let stage = with_rights(&["User.ReadWrite.All", "Organization.Read.All"]).await;
    stage.add().await;
    let (engine, workspace) = (&stage.hub.engine, stage.workspace());
    let saved = engine
        .configure_provider_provisioning(workspace, NAME, &doing(&[]), "owner")
        .await
        .unwrap();
    assert_eq!((saved.functions, saved.off), (vec![Function::People], Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_13_and_g0_6_credentials_of_another_tenant_are_refused() {
    // The domain is proved, but in the tenant next door.
    let stage = Stage::new().await;
    let draft = ProviderDraft {
        domain: "lab.contoso.example".to_owned(),
        tenant_name: "contosolab".to_owned(),
        ..stage.draft()
    };
    let engine = &stage.hub.engine;
    let (made, _) = engine
        .add_provider(stage.workspace(), &draft, "owner")
        .await
        .unwrap();
    assert_eq!(made.tenant_id.as_deref(), Some(Settings::LAB_TENANT));
    let result = engine
        .configure_provider_provisioning(stage.workspace(), NAME, &credentials(), "owner")
        .await;
    assert_eq!(faults(result), [("tenant", "PRV-TENANT-MISMATCH".to_owned())]);
    stage.assert_told("provisioning", "PRV-TENANT-MISMATCH").await;
    assert_eq!(stage.provider().await, made);
    // The domain is nobody's.
    let stage = Stage::new().await;
    let draft = ProviderDraft {
        domain: "unknown.example".to_owned(),
        ..stage.draft()
    };
    let engine = &stage.hub.engine;
    let (made, _) = engine
        .add_provider(stage.workspace(), &draft, "owner")
        .await
        .unwrap();
    assert_eq!(made.state, State::Draft);
    let result = engine
        .configure_provider_provisioning(stage.workspace(), NAME, &credentials(), "owner")
        .await;
    let error = result.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("contoso.onmicrosoft.com, contoso.example"),
        "{error}"
    );
    assert_eq!(
        faults::<()>(Err(error)),
        [("domain", "PRV-DOMAIN-NOT-IN-TENANT".to_owned())]
    );
    assert_eq!(stage.provider().await, made);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenants_own_word_makes_a_draft_active() {
    let stage = Stage::new().await;
    stage.fault("GET /openid-configuration", "AADSTS90033", 2);
    assert_eq!(stage.add().await.state, State::Draft);
    stage.provision().await;
    let now = stage.provider().await;
    assert_eq!(
        (now.state, now.domain_state),
        (State::Active, DomainState::Verified)
    );
    assert_eq!(now.tenant_id.as_deref(), Some(Settings::CONTOSO_TENANT));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_left_the_tenant_is_told_and_the_provider_is_a_draft_again() {
    let stage = Stage::with(Settings {
        applications: vec![Application::new(
            Settings::CONTOSO_CLIENT_ID,
            Settings::CONTOSO_CLIENT_SECRET,
            &[
                "User.ReadWrite.All",
                "Group.ReadWrite.All",
                "Organization.Read.All",
                "Domain.ReadWrite.All",
            ],
        )],
        ..Settings::contoso()
    })
    .await;
    stage.add().await;
    stage.provision().await;
    let engine = &stage.hub.engine;
    assert_eq!(stage.drop_domain("contoso.example").await, 204);
    let checked = engine
        .recheck_provider(stage.workspace(), NAME, "owner")
        .await
        .unwrap();
    assert_eq!(line(&checked.lines, "domain").code, "PRV-DOMAIN-NOT-IN-TENANT");
    let now = stage.provider().await;
    assert_eq!(
        (now.state, now.domain_state),
        (State::Draft, DomainState::Unverified)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_of_a_provider_is_not_led_to_another_tenant_by_its_own_door() {
    let stage = Stage::new().await;
    stage.add().await;
    let connection = stage.provision().await;
    let mut settings = connection.settings.clone();
    settings["tenant"] = json!("lab.contoso.example");
    let change = provost_sync::setup::ConnectionChange {
        settings: Some(settings),
        ..provost_sync::setup::ConnectionChange::default()
    };
    let engine = &stage.hub.engine;
    let result = engine
        .change_connection(connection.key, &change, "owner", true)
        .await;
    assert_eq!(code(result), "PRV-TENANT-MISMATCH");
    let change = provost_sync::setup::ConnectionChange {
        name: Some("Other".to_owned()),
        ..provost_sync::setup::ConnectionChange::default()
    };
    let result = engine
        .change_connection(connection.key, &change, "owner", true)
        .await;
    assert_eq!(code(result), "PRV-PROVIDER-OWNS");
    let found = stage.connection().await;
    assert_eq!(
        (found.settings, found.name),
        (connection.settings, connection.name)
    );
    assert!(matches!(
        engine.drop_connection(connection.key, "owner").await,
        Err(Error::Store(_))
    ));
}

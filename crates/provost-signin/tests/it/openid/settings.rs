//! What administrators set.

use super::world::World;
use crate::bench::{START, code};
use provost_signin::openid::{Authentication, Change};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_not_saved() {
    let world = World::new().await;
    let set = async |change| {
        code(
            world
                .openid
                .change("olga", &world.connection, change, START)
                .await,
        )
    };
    let wrong = |address: &str| Some(vec![address.to_owned()]);
    for address in [
        "http://app.contoso.example/",
        "app",
        "https://app.contoso.example/#x",
        "javascript:x",
    ] {
        let change = Change {
            redirect_uris: wrong(address),
            ..Change::default()
        };
        assert_eq!(set(change).await, "PRV-APPLICATION-ADDRESS", "{address}");
    }
    let nowhere = Change {
        redirect_uris: Some(Vec::new()),
        ..Change::default()
    };
    assert_eq!(set(nowhere).await, "PRV-APPLICATION-REDIRECT");
    let keyless = Change {
        authentication: Some(Authentication::PrivateKey),
        ..Change::default()
    };
    assert_eq!(set(keyless).await, "PRV-APPLICATION-KEYS");
    let private = Change {
        jwks: Some(json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "", "y": "", "d": "x"}]})),
        ..Change::default()
    };
    assert_eq!(set(private).await, "PRV-APPLICATION-KEYS");
    let mut tenant = world.connection.clone();
    tenant.connector = "graph".to_owned();
    let refused = world
        .openid
        .change("olga", &tenant, Change::default(), START)
        .await;
    assert_eq!(code(refused), "PRV-APPLICATION-CONNECTOR");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_two_secrets_at_most_and_every_change_is_audited() {
    let world = World::new().await;
    world
        .openid
        .add_secret("olga", &world.connection, START)
        .await
        .unwrap();
    let third = world.openid.add_secret("olga", &world.connection, START).await;
    assert_eq!(code(third), "PRV-APPLICATION-SECRETS");
    let unknown = world
        .openid
        .remove_secret("olga", &world.connection, 1, START)
        .await;
    assert_eq!(code(unknown), "PRV-APPLICATION-SECRET-UNKNOWN");
    world
        .openid
        .remove_secret("olga", &world.connection, world.secret_key, START)
        .await
        .unwrap();
    let shown = world.openid.shown(&world.connection).await.unwrap();
    assert_eq!(shown.secrets.len(), 1);
    assert!(!format!("{shown:?}").contains("pva_"));
    for (action, times) in [
        ("application_signin.add", 1),
        ("application_secret.add", 2),
        ("application_secret.remove", 1),
    ] {
        assert_eq!(world.audited(action).await, times, "{action}");
    }
    let before = world.audited("application_signin.set").await;
    world
        .openid
        .change("olga", &world.connection, Change::default(), START)
        .await
        .unwrap();
    assert_eq!(
        world.audited("application_signin.set").await,
        before,
        "nothing differs, nothing is written"
    );
}

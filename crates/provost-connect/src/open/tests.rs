#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::*;
use crate::Retry;

fn refused(connector: &str, settings: &Value, secrets: &Secrets) -> (String, String) {
    match open(connector, settings, secrets, &http::Factory::new()) {
        Err(error @ Error::Settings { .. }) => {
            assert_eq!(error.retry(), Retry::StopConnection);
            assert_eq!(error.code(), "PRV-CONNECT-SETTINGS");
            let Error::Settings { field, reason } = error else {
                unreachable!()
            };
            (field, reason)
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("opened {settings}"),
    }
}

#[test]
fn wrong_settings_are_named() {
    let token = Secrets::new().with("token", "t").with("client_secret", "s");
    let cases = [
        ("csv", json!({}), "connector", "`csv` is not known"),
        ("scim", json!({}), "url", "missing field `url`"),
        (
            "scim",
            json!({"url": "https://a.example", "ulr": 1}),
            "ulr",
            "unknown field `ulr`",
        ),
        ("scim", json!({"url": 7}), "settings", "invalid type"),
        ("scim", json!("x"), "settings", "invalid type"),
        ("scim", json!({"url": "contoso"}), "url", "not a URL"),
        ("scim", json!({"url": "ftp://contoso.example"}), "url", "https://"),
        (
            "scim",
            json!({"url": "http://contoso.example"}),
            "url",
            "https://",
        ),
        (
            "scim",
            json!({"url": "https://u:p@contoso.example"}),
            "url",
            "secret",
        ),
        (
            "scim",
            json!({"url": "https://contoso.example", "dialect": "x"}),
            "settings",
            "unknown variant",
        ),
        (
            "scim",
            json!({"url": "https://contoso.example", "allowed_networks": ["10/99"]}),
            "allowed_networks",
            "10/99",
        ),
        (
            "graph",
            json!({"client_id": "c"}),
            "tenant",
            "missing field `tenant`",
        ),
        (
            "graph",
            json!({"tenant": "common", "client_id": "c"}),
            "tenant",
            "one tenant",
        ),
        (
            "graph",
            json!({"tenant": "a/b", "client_id": "c"}),
            "tenant",
            "id or one of its domains",
        ),
        (
            "graph",
            json!({"tenant": "contoso.example", "client_id": ""}),
            "client_id",
            "application's id",
        ),
        (
            "graph",
            json!({"tenant": "contoso.example", "client_id": "c", "writes_per_second": 0}),
            "writes_per_second",
            "above 0",
        ),
        (
            "graph",
            json!({"tenant": "contoso.example", "client_id": "c", "graph_url": "nowhere", "login_url": "http://127.0.0.1"}),
            "graph_url",
            "not a URL",
        ),
    ];
    for (connector, settings, field, reason) in cases {
        let (found, why) = refused(connector, &settings, &token);
        assert_eq!(found, field, "{settings}: {why}");
        assert!(why.contains(reason), "{settings}: {why}");
    }
}

#[test]
fn a_missing_secret_is_named() {
    let settings = json!({"url": "https://contoso.example/scim/v2"});
    let (field, _) = refused("scim", &settings, &Secrets::new());
    assert_eq!(field, "token");
    let (field, _) = refused("scim", &settings, &Secrets::new().with("token", " "));
    assert_eq!(field, "token");
    let settings = json!({"tenant": "contoso.onmicrosoft.com", "client_id": "c"});
    let (field, _) = refused("graph", &settings, &Secrets::new());
    assert_eq!(field, "client_secret");
}

//! A dialect that an administrator sets takes habits away; one that is only seen takes none.

use crate::harness::{Answer, Server, both, make_provider_with, patch_body};
use provost_scim::leniency::Dialect;
use provost_store::provider::{Settings, State};
use serde_json::{Value, json};

const TYPE: &str = "application/scim+json";

async fn provider(server: &Server, dialect: Dialect) -> String {
    let settings = Settings {
        dialect: Some(dialect),
        ..Settings::default()
    };
    make_provider_with(&server.db, "Set", State::Saved, settings)
        .await
        .1
}

async fn send(server: &Server, token: &str, method: &str, path: &str, body: Value) -> Answer {
    let request = server.as_other(token, method, path).header("content-type", TYPE);
    Answer::of(request.body(body.to_string())).await
}

fn person() -> Value {
    json!({"schemas": [crate::harness::USER], "userName": "ann@contoso.example"})
}

both! {
    async fn strict_is_the_standard_and_nothing_else(server) {
        let token = provider(server, Dialect::Strict).await;
        let made = send(server, &token, "POST", "/Users", person()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        for operation in [
            json!({"op": "Replace", "path": "title", "value": "Boss"}),
            json!({"op": "replace", "path": "active", "value": "False"}),
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@contoso.example"}),
            json!({"op": "replace", "value": {"name.givenName": "Ann"}}),
            json!({"op": "replace", "path": "manager", "value": "7c2"}),
        ] {
            let answer = send(server, &token, "PATCH", &path, patch_body(json!([operation]))).await;
            answer.error(400);
        }
        for body in [json!({"userName": "bob@contoso.example"}), json!({"schemas": [crate::harness::USER], "userName": "bob@contoso.example", "shoeSize": 44})] {
            send(server, &token, "POST", "/Users", body).await.error(400);
        }
        let untyped = server.as_other(&token, "POST", "/Users").body(person().to_string());
        Answer::of(untyped).await.error(415);
        let filter = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "emails[type eq \"work\"].value eq \"a\""});
        assert_eq!(send(server, &token, "POST", "/Users/.search", filter).await.error(400).0, "invalidFilter");
        let plain = send(server, &token, "PATCH", &path, patch_body(json!([{"op": "replace", "path": "title", "value": "Boss"}]))).await;
        assert_eq!((plain.status, &plain.json()["title"]), (200, &json!("Boss")));
        for place in ["/users", "/Users/", "//Users"] {
            Answer::of(server.as_other(&token, "GET", place)).await.error(404);
            assert_eq!(Answer::of(server.scim("GET", place)).await.status, 200, "{place}");
        }
        let root = Answer::of(server.as_other(&token, "GET", "/?filter=userName%20pr%20or%20displayName%20pr")).await;
        assert_eq!((root.status, &root.json()["totalResults"]), (200, &json!(1)), "{}", root.text);
    }

    async fn a_dialect_tolerates_what_its_vendor_is_known_for(server) {
        let token = provider(server, Dialect::Okta).await;
        let made = send(server, &token, "POST", "/Users", person()).await;
        let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        let renamed = patch_body(json!([{"op": "replace", "value": {"id": "other", "displayName": "Ann"}}]));
        assert_eq!(send(server, &token, "PATCH", &path, renamed).await.status, 200);
        let capital = patch_body(json!([{"op": "Replace", "path": "title", "value": "Boss"}]));
        send(server, &token, "PATCH", &path, capital).await.error(400);
    }
}

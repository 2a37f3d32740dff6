//! Who sees what: tokens, providers, and what belongs to others.

use crate::harness::{Answer, answers, both, make_provider, make_provider_with, patch_body};
use provost_store::provider::{self, Edit, Settings, State};
use provost_store::token;
use serde_json::json;
use std::time::{Duration, Instant};

both! {
    async fn without_a_valid_token_nothing_is_answered(server) {
        let missing = Answer::of(server.request("GET", "/scim/v2/Users")).await;
        answers!(missing, @r#"
        401
        content-type: application/scim+json
        www-authenticate: Bearer realm="provost"
        detail: "no token was sent; send the header `Authorization: Bearer <token>` with a token of this provider"
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"]
        status: "401"
        "#);
        let mistyped = format!("{}x", server.token);
        let stranger = format!("prv_{}", "A".repeat(49));
        for text in ["secret", &mistyped, &stranger] {
            let answer = Answer::of(server.request("POST", "/scim/v2/Users").bearer_auth(text).body("{}")).await;
            answer.error(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"provost\"");
            assert!(!answer.text.contains(text));
        }
        let basic = Answer::of(server.request("GET", "/scim/v2/ServiceProviderConfig").basic_auth("a", Some("b"))).await;
        basic.error(401);
        Answer::of(server.request("GET", "/scim/v2/Nowhere")).await.error(401);
    }

    async fn another_providers_objects_are_absent(server) {
        let person = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let group = server.make("/Groups", json!({"displayName": "Sales", "members": [{"value": person}]})).await;
        let (_, token) = make_provider(&server.db, "Okta").await;
        let other = |method: &str, path: &str, body: String| Answer::of(server.request(method, &format!("/scim/v2{path}")).bearer_auth(&token).body(body));
        let unknown = "018f0000-0000-7000-8000-000000000000";
        let put = json!({"userName": "b@contoso.example", "displayName": "B"}).to_string();
        let patch = patch_body(json!([{"op": "replace", "path": "displayName", "value": "B"}])).to_string();
        for (endpoint, id) in [("Users", &person), ("Groups", &group)] {
            for (method, body) in [("GET", ""), ("PUT", &put), ("PATCH", &patch), ("DELETE", "")] {
                let theirs = other(method, &format!("/{endpoint}/{id}"), body.to_owned()).await;
                let nobodys = other(method, &format!("/{endpoint}/{unknown}"), body.to_owned()).await;
                theirs.error(404);
                assert_eq!(theirs.text.replace(id.as_str(), "id"), nobodys.text.replace(unknown, "id"), "{method} {endpoint}");
            }
            assert_eq!(other("GET", &format!("/{endpoint}"), String::new()).await.json()["totalResults"], 0);
            let by_id = json!({"filter": format!("id eq \"{id}\"")}).to_string();
            assert_eq!(other("POST", &format!("/{endpoint}/.search"), by_id).await.json()["totalResults"], 0);
        }
        let stolen = json!({"displayName": "Theirs", "members": [{"value": person}]}).to_string();
        other("POST", "/Groups", stolen).await.error(400);
        assert_eq!(server.read(&format!("/Users/{person}")).await["userName"], "ann@contoso.example");
    }

    async fn a_revoked_token_stops_working_within_five_seconds(server) {
        assert_eq!(server.get("/Users").await.status, 200);
        let owner = server.provider.clone();
        let revoked = server.db.write(move |tx| {
            let key = token::of_provider(tx, owner.key)?[0].key;
            token::revoke(tx, "test", 2, &owner, key)
        });
        assert!(revoked.await.unwrap());
        let since = Instant::now();
        while server.get("/Users").await.status != 401 {
            assert!(since.elapsed() < Duration::from_millis(5_500), "the token still works");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn the_token_of_a_provider_that_is_not_saved_opens_nothing(server) {
        let (draft, token) = make_provider_with(&server.db, "Draft", State::Draft, Settings::default()).await;
        let get = || Answer::of(server.as_other(&token, "GET", "/Users"));
        let refused = get().await;
        assert!(refused.error(401).1.contains("save it"));
        assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"provost\"");
        let to = |state| {
            let draft = draft.clone();
            server.db.write(move |tx| provider::edit(tx, "test", 2, &draft, &Edit { state: Some(state), ..Edit::default() }))
        };
        to(State::Saved).await.unwrap();
        assert_eq!(get().await.status, 200, "saved: at once");
        to(State::Off).await.unwrap();
        let since = Instant::now();
        while get().await.status != 401 {
            assert!(since.elapsed() < Duration::from_millis(5_500), "the token still works");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(get().await.error(401).1.contains("switched off"));
    }

    async fn people_get_the_role_and_the_team_of_their_provider(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example", "roles": [{"value": "owner"}], "userType": "owner"})).await;
        let owner = server.provider.owner();
        let placed = server.db.read(move |tx| {
            let object = provost_store::directory::get(tx, owner, provost_engine::object::Kind::Person, id.parse().unwrap())?.unwrap();
            provost_store::directory::placement(tx, object.key)
        }).await.unwrap().unwrap();
        assert_eq!(placed.role.as_deref(), Some("user"), "what a client sends gives nobody a role");
    }

    async fn a_tokens_use_is_noted(server) {
        server.get("/Users").await;
        let owner = server.provider.key;
        for _ in 0..100 {
            let tokens = server.db.read(move |tx| token::of_provider(tx, owner)).await.unwrap();
            if tokens[0].last_used.is_some() { return; }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the use was not noted");
    }
}

//! Access tokens by OAuth client credentials.

use crate::harness::{Answer, Server, both};
use provost_store::client::{self, Minted};
use provost_store::provider::{self, Edit, State};
use serde_json::json;

async fn minted(server: &Server) -> Minted {
    let owner = server.provider.clone();
    server
        .db
        .write(move |tx| client::create(tx, "test", 1, &owner, "test", None))
        .await
        .unwrap()
}

async fn ask(server: &Server, form: &[(&str, &str)]) -> Answer {
    let text: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let request = server
        .request("POST", "/oauth/token")
        .header("content-type", "application/x-www-form-urlencoded");
    Answer::of(request.body(text.join("&"))).await
}

fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (status, "no-store"),
        "{}",
        answer.text
    );
    let body = answer.json();
    assert!(!body["error_description"].as_str().unwrap().is_empty());
    body["error"].as_str().unwrap().to_owned()
}

both! {
    async fn an_id_and_a_secret_are_traded_for_a_token_that_works(server) {
        let client = minted(server).await;
        let form = [("grant_type", "client_credentials"), ("client_id", client.id.as_str()), ("client_secret", client.secret.as_str())];
        let answer = ask(server, &form).await;
        assert_eq!((answer.status, answer.header("content-type"), answer.header("cache-control"), answer.header("pragma")), (200, "application/json", "no-store", "no-cache"), "{}", answer.text);
        let body = answer.json();
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(Answer::of(server.as_other(token, "GET", "/Users")).await.status, 200);
        let basic = server.request("POST", "/oauth/token").basic_auth(&client.id, Some(&client.secret))
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8").body("grant_type=client_credentials&scope=scim");
        assert_eq!(Answer::of(basic).await.status, 200);
        let config = server.read("/ServiceProviderConfig").await;
        assert!(config["authenticationSchemes"].as_array().unwrap().iter().any(|scheme| scheme["type"] == "oauth2"), "{config}");
    }

    async fn wrong_requests_are_refused_as_the_standard_says(server) {
        let client = minted(server).await;
        let (id, secret) = (client.id.as_str(), client.secret.as_str());
        let grant = ("grant_type", "client_credentials");
        let wrong = ask(server, &[grant, ("client_id", id), ("client_secret", "wrong")]).await;
        assert_eq!(error(&wrong, 401), "invalid_client");
        assert!(wrong.header("www-authenticate").starts_with("Basic "));
        let unknown = ask(server, &[grant, ("client_id", "nobody"), ("client_secret", secret)]).await;
        assert_eq!((error(&unknown, 401), &unknown.text), ("invalid_client".to_owned(), &wrong.text));
        for (form, status, code) in [
            (vec![("client_id", id), ("client_secret", secret)], 400, "invalid_request"),
            (vec![grant, ("client_id", id)], 400, "invalid_request"),
            (vec![grant, grant, ("client_id", id), ("client_secret", secret)], 400, "invalid_request"),
            (vec![("grant_type", "password"), ("client_id", id), ("client_secret", secret)], 400, "unsupported_grant_type"),
        ] {
            assert_eq!(error(&ask(server, &form).await, status), code, "{form:?}");
        }
        let json = server.request("POST", "/oauth/token").header("content-type", "application/json").body("{}");
        assert_eq!(error(&Answer::of(json).await, 400), "invalid_request");
        let twice = server.request("POST", "/oauth/token").basic_auth(id, Some(secret)).header("content-type", "application/x-www-form-urlencoded")
            .body(format!("grant_type=client_credentials&client_secret={secret}"));
        assert_eq!(error(&Answer::of(twice).await, 400), "invalid_request");
        let get = Answer::of(server.request("GET", "/oauth/token")).await;
        assert_eq!((error(&get, 405), get.header("allow")), ("invalid_request".to_owned(), "POST"));
    }

    async fn a_revoked_client_and_one_of_a_provider_that_is_off_get_nothing(server) {
        let (first, other) = (minted(server).await, minted(server).await);
        let owner = server.provider.clone();
        assert!(server.db.write(move |tx| client::revoke(tx, "test", 2, &owner, first.key)).await.unwrap());
        let form = |client: &Minted| [("grant_type", "client_credentials".to_owned()), ("client_id", client.id.clone()), ("client_secret", client.secret.clone())];
        let owned = form(&first);
        let pairs: Vec<(&str, &str)> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(error(&ask(server, &pairs).await, 401), "invalid_client");
        let owner = server.provider.clone();
        server.db.write(move |tx| provider::edit(tx, "test", 3, &owner, &Edit { state: Some(State::Off), ..Edit::default() })).await.unwrap();
        let owned = form(&other);
        let pairs: Vec<(&str, &str)> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(error(&ask(server, &pairs).await, 401), "invalid_client");
    }
}

//! `Idempotency-Key`, `If-Match` and what stands around every request of the interface.

use crate::harness::{Answer, Server, both};
use provost_store::administrator::{self, Role};
use provost_store::api_token::{self, New, Scope};
use provost_store::idempotency;
use serde_json::{Value, json};
use uuid::Uuid;

/// A request with a body, and these headers.
pub async fn send(
    server: &Server,
    token: &str,
    method: &str,
    path: &str,
    body: Value,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = server
        .api(token, method, path)
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request.body(body.to_string())).await
}

async fn teams(server: &Server, token: &str) -> usize {
    let all = Answer::of(server.api(token, "GET", "/teams")).await.json();
    all["teams"].as_array().unwrap().len()
}

both! {
    async fn a_request_that_is_sent_twice_is_carried_out_once(server) {
        let token = server.api_token(Scope::Configure).await;
        let (key, sales) = ([("idempotency-key", "\"7f3a\"")], json!({"name": "Sales"}));
        let first = send(server, &token, "POST", "/teams", sales.clone(), &key).await;
        let again = send(server, &token, "POST", "/teams", sales.clone(), &key).await;
        assert_eq!((first.status, again.status), (201, 201), "{}", again.text);
        assert_eq!(first.json(), again.json(), "the same team");
        assert_eq!(teams(server, &token).await, 1);
        let other = send(server, &token, "POST", "/teams", json!({"name": "Support"}), &key).await;
        assert_eq!(other.problem(422).0, "PRV-API-KEY-OTHER");
        let elsewhere = send(server, &token, "POST", "/teams?x=1", sales.clone(), &key).await;
        assert_eq!(elsewhere.problem(422).0, "PRV-API-KEY-OTHER");
        assert_eq!(teams(server, &token).await, 1);
        // Without a key it is another request, and keys are each token's own.
        let without = send(server, &token, "POST", "/teams", sales.clone(), &[]).await;
        assert_eq!(without.problem(409).0, "PRV-CONFLICT");
        let theirs = send(server, &server.api_token(Scope::Configure).await, "POST", "/teams", json!({"name": "Support"}), &key).await;
        assert_eq!(theirs.status, 201, "{}", theirs.text);
    }

    async fn a_refusal_is_repeated_too_and_a_bad_key_is_refused(server) {
        let token = server.api_token(Scope::Configure).await;
        let wrong = json!({"name": ""});
        let first = send(server, &token, "POST", "/teams", wrong.clone(), &[("idempotency-key", "a")]).await;
        let again = send(server, &token, "POST", "/teams", wrong, &[("idempotency-key", "a")]).await;
        assert_eq!((first.problem(409), first.text.clone()), (again.problem(409), again.text.clone()));
        let long = "k".repeat(256);
        for key in ["", "two words", long.as_str()] {
            let answer = send(server, &token, "POST", "/teams", json!({"name": "Sales"}), &[("idempotency-key", key)]).await;
            answer.problem(400);
        }
        assert_eq!(teams(server, &token).await, 0);
    }

    async fn a_request_that_still_runs_is_not_begun_again(server) {
        let workspace = server.provider.workspace;
        let (text, key) = server.db
            .write(move |tx| {
                let made = api_token::create(tx, "test", 1, workspace, "running", Scope::Configure, None)?;
                Ok::<_, provost_store::Error>((made.text, made.key))
            })
            .await
            .unwrap();
        // Another process has begun the very same request, and answers later.
        let body = json!({"name": "Sales"}).to_string();
        let digest = xxhash_rust::xxh3::xxh3_128(format!("/api/v1/teams\0{body}").as_bytes()).to_be_bytes();
        let begin = move |tx: &mut provost_store::Tx| {
            idempotency::begin(tx, key, "k", &digest, jiff::Timestamp::now().as_millisecond())
        };
        server.db.write(begin).await.unwrap();
        let answer = send(server, &text, "POST", "/teams", json!({"name": "Sales"}), &[("idempotency-key", "k")]).await;
        assert_eq!(answer.problem(409).0, "PRV-API-KEY-RUNNING");
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(teams(server, &text).await, 0);
    }

    async fn a_token_that_is_shown_once_does_not_lie_open_in_the_database(server) {
        let token = server.api_token(Scope::Configure).await;
        let path = format!("/providers/{}/tokens", server.provider.name);
        let key = [("idempotency-key", "once")];
        let first = send(server, &token, "POST", &path, json!({"label": "second"}), &key).await;
        assert_eq!(first.status, 201, "{}", first.text);
        let again = send(server, &token, "POST", &path, json!({"label": "second"}), &key).await;
        let text = first.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(again.json()["token"], text, "the lost answer can be asked for again");
        let caller = server.db.read(move |tx| api_token::accept(tx, &token, 2)).await.unwrap().unwrap();
        let digest = xxhash_rust::xxh3::xxh3_128(format!("/api/v1{path}\0{}", json!({"label": "second"})).as_bytes()).to_be_bytes();
        let kept = server.db.write(move |tx| idempotency::begin(tx, caller.key, "once", &digest, 3)).await.unwrap();
        let idempotency::Begun::Done { status, body } = kept else { panic!("{kept:?}") };
        assert!(status == 201 && !body.contains(&text) && !body.contains("token"), "{body}");
    }

    async fn a_token_may_no_more_than_who_made_it_may_now(server) {
        let workspace = server.provider.workspace;
        let made = server.db
            .write(move |tx| {
                let who = administrator::create(tx, "test", 1, Uuid::now_v7(), "Ann", "ann@contoso.example")?;
                administrator::grant(tx, "test", 1, who.key, Some(workspace), Role::ConfigurationAdmin)?;
                let new = New { workspace, label: "hers", scope: Scope::Configure, expires: None, administrator: Some(who.key) };
                Ok::<_, provost_store::Error>((who.key, api_token::make(tx, "test", 1, &new)?.text))
            })
            .await
            .unwrap();
        let (who, token) = made;
        assert_eq!(send(server, &token, "POST", "/teams", json!({"name": "Sales"}), &[]).await.status, 201);
        // People are not a configuration admin's to change, whatever the scope of the token.
        let person = json!({"attributes": {"userName": "bo@contoso.example"}});
        assert_eq!(send(server, &token, "POST", "/people", person.clone(), &[]).await.problem(403).0, "PRV-API-ROLE");
        server.db
            .write(move |tx| administrator::grant(tx, "test", 2, who, Some(workspace), Role::Auditor))
            .await
            .unwrap();
        assert_eq!(teams(server, &token).await, 1);
        assert_eq!(send(server, &token, "POST", "/teams", json!({"name": "Support"}), &[]).await.problem(403).0, "PRV-API-ROLE");
        server.db.write(move |tx| administrator::block(tx, "test", 3, who)).await.unwrap();
        Answer::of(server.api(&token, "GET", "/teams")).await.problem(401);
    }
}

//! Records that an HR system sends (`POST /import/{provider}/bulkUpload`).

use crate::harness::{Answer, Server, both, make_provider, make_provider_with, settings};
use provost_store::api_token::Scope;
use provost_store::provider::{self, State};
use provost_web::{Limits, Operations, Settings};
use serde_json::{Value, json};

fn upload(operations: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations, "failOnErrors": null})
}

fn post(number: usize, data: Value) -> Value {
    json!({"method": "POST", "bulkId": format!("b{number}"), "path": "/Users", "data": data})
}

fn worker(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": format!("e{number}"), "userName": format!("user{number}@contoso.example"),
        "displayName": format!("User {number}"), "active": true
    })
}

fn address(server: &Server) -> String {
    format!("/import/{}/bulkUpload", server.provider.id)
}

async fn send(server: &Server, token: &str, path: &str, body: &Value) -> Answer {
    let request = server.request("POST", path).bearer_auth(token);
    Answer::of(
        request
            .header("content-type", "application/scim+json")
            .body(body.to_string()),
    )
    .await
}

both! {
    async fn records_are_kept_before_the_answer_and_looked_at_afterwards(server) {
        let body = upload(json!([post(1, worker(1)), post(2, json!({"externalId": "e2", "displayName": "No name"}))]));
        let answer = send(server, &server.token, &address(server), &body).await;
        assert_eq!((answer.status, answer.text.as_str()), (202, ""));
        let location = answer.header("location").to_owned();
        assert_eq!(server.read("/Users").await["totalResults"], 0, "nothing is decided before the answer");
        // Whoever is asked to look afterwards finds them: they are on the disk.
        assert_eq!(server.engine().import_tick().await.unwrap(), 2);
        let found = server.read("/Users?filter=externalId%20eq%20%22e1%22").await;
        assert_eq!(found["Resources"][0]["userName"], "user1@contoso.example");
        let token = server.api_token(Scope::Read).await;
        let log = Answer::of(server.request("GET", &location).bearer_auth(&token)).await.json();
        let entries = log["entries"].as_array().unwrap();
        let told: Vec<(&str, &str, &str)> = entries
            .iter()
            .map(|one| (one["target_id"].as_str().unwrap(), one["action"].as_str().unwrap(), one["status"].as_str().unwrap()))
            .collect();
        assert!(told.contains(&("e1", "create", "success")) && told.contains(&("e2", "import", "failure")), "{told:?}");
        assert_eq!(entries[0]["provider"], "Entra");
    }

    async fn what_is_sent_is_a_state_and_no_command(server) {
        for operations in [
            json!([{"method": "DELETE", "path": "/Users/1"}]),
            json!([{"method": "PATCH", "path": "/Users/1", "data": {}}]),
            json!([{"method": "POST", "bulkId": "g", "path": "/Groups", "data": {"displayName": "Crew"}}]),
            json!([post(1, worker(1)), post(2, json!({"userName": "keyless@contoso.example"}))]),
            json!([post(1, worker(1)), post(2, worker(1))]),
            json!([]),
        ] {
            send(server, &server.token, &address(server), &upload(operations)).await.error(400);
        }
        assert_eq!(server.engine().import_tick().await.unwrap(), 0, "nothing of a refused request is kept");
        let answer = Answer::of(server.request("GET", &address(server)).bearer_auth(&server.token)).await;
        answer.error(405);
        assert_eq!(answer.header("allow"), "POST");
        let words = server.request("POST", &address(server)).bearer_auth(&server.token);
        Answer::of(words.header("content-type", "text/csv").body("a,b")).await.error(415);
    }

    async fn a_token_reaches_its_own_provider_only(server) {
        let body = upload(json!([post(1, worker(1))]));
        let (other, token) = make_provider(&server.db, "Okta").await;
        send(server, &token, &address(server), &body).await.error(403);
        send(server, &server.token, &format!("/import/{}/bulkUpload", other.id), &body).await.error(403);
        send(server, &server.token, "/import/nobody/bulkUpload", &body).await.error(403);
        send(server, "prv_wrong", &address(server), &body).await.error(401);
        let (draft, token) = make_provider_with(&server.db, "Draft", State::Draft, provider::Settings::default()).await;
        send(server, &token, &format!("/import/{}/bulkUpload", draft.id), &body).await.error(401);
        assert_eq!(server.engine().import_tick().await.unwrap(), 0);
    }

    async fn too_much_is_refused_with_the_limit_s_name(server) {
        let fifty = (0..50).map(|number| post(number, worker(number))).collect::<Vec<_>>();
        let mut more = fifty.clone();
        more.push(post(50, worker(50)));
        let (_, detail) = send(server, &server.token, &address(server), &upload(json!(more))).await.error(413);
        assert!(detail.contains("51") && detail.contains("50"), "{detail}");
        let answer = send(server, &server.token, &address(server), &upload(json!(fifty))).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let small = Settings {
            import_operations: Operations(1),
            ..settings(Limits { bulk_bytes: 2_048, ..Limits::default() })
        };
        let other = server.beside_with(small).await;
        let send = |body: Value| {
            let request = server.to(&other, "POST", &address(server)).bearer_auth(&server.token);
            Answer::of(request.body(body.to_string()))
        };
        send(upload(json!([post(1, worker(1)), post(2, worker(2))]))).await.error(413);
        let mut long = worker(1);
        long["title"] = json!("x".repeat(3_000));
        send(upload(json!([post(1, long)]))).await.error(413);
        other.stop().await;
        // Each record counts against the provider's rate.
        let slow = provider::Settings { requests_per_second: 1, burst: 10, ..provider::Settings::default() };
        let (limited, token) = make_provider_with(&server.db, "Slow", State::Saved, slow).await;
        let path = format!("/import/{}/bulkUpload", limited.id);
        let twenty = (0..20).map(|number| post(number, worker(number))).collect::<Vec<_>>();
        assert_eq!(self::send(server, &token, &path, &upload(json!(twenty))).await.status, 202);
        let answer = self::send(server, &token, &path, &upload(json!([post(1, worker(1))]))).await;
        answer.error(429);
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
}

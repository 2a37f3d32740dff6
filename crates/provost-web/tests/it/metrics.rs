//! Numbers for whoever watches (`GET /metrics`).

use crate::harness::{Answer, Server, both, settings};
use provost_store::api_token::Scope;
use provost_store::connection;
use provost_web::{Limits, Settings};
use serde_json::json;
use uuid::Uuid;

async fn add_connection(server: &Server) {
    let workspace = server.provider.workspace;
    server
        .db
        .write(move |tx| {
            let new = connection::New {
                id: Uuid::now_v7(),
                workspace,
                name: "Time \"clock\"",
                connector: "scim",
                settings: &json!({"url": "http://127.0.0.1:9/scim/v2", "allow_private_network": true}),
                guard: &json!({}),
            };
            connection::create(tx, "test", 1, &new)
        })
        .await
        .unwrap();
}

/// The value of a sample, by its whole name with labels.
fn value(text: &str, sample: &str) -> Option<f64> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')?.parse().ok())
}

both! {
    async fn the_page_shows_queues_states_and_requests(server) {
        add_connection(server).await;
        server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = server.api_token(Scope::Read).await;
        let answer = Answer::of(server.request("GET", "/metrics").bearer_auth(&token)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
        let text = &answer.text;
        let labels = r#"workspace="Contoso",connection="Time \"clock\"""#;
        for (sample, expected) in [
            (r#"provost_people{workspace="Contoso"}"#.to_owned(), 1.0),
            (format!("provost_connection_state{{{labels},state=\"active\"}}"), 1.0),
            (format!("provost_connection_state{{{labels},state=\"held\"}}"), 0.0),
            (format!("provost_retry_queue{{{labels}}}"), 0.0),
            (format!("provost_staged_steps{{{labels}}}"), 0.0),
            (format!("provost_plans_waiting{{{labels}}}"), 0.0),
            (r#"provost_http_requests_total{area="scim",status="2xx"}"#.to_owned(), 1.0),
        ] {
            assert_eq!(value(text, &sample), Some(expected), "{sample}\n{text}");
        }
        let age = value(text, &format!("provost_oldest_unsent_change_seconds{{{labels}}}"));
        assert!(age.is_some_and(|age| age >= 0.0), "{text}");
        // Every sample belongs to a family that was announced.
        let mut families = Vec::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                families.push(rest.split(' ').next().unwrap());
            } else if !line.starts_with('#') {
                let name = line.split(['{', ' ']).next().unwrap();
                assert!(families.iter().any(|family| name.starts_with(family)), "{line}");
            }
        }
    }

    async fn steps_are_counted_from_the_first_look_on(server) {
        let token = server.api_token(Scope::Read).await;
        let look = async || Answer::of(server.request("GET", "/metrics").bearer_auth(&token)).await.text;
        let sample = r#"provost_steps_total{workspace="Contoso",connection="Entra",action="create",status="success"}"#;
        assert_eq!(value(&look().await, sample), None);
        let records = ["1", "2"].map(|id| {
            let record = json!({"externalId": id, "userName": format!("user{id}@contoso.example")});
            record.as_object().unwrap().clone()
        });
        server.engine().receive(&server.provider, records.to_vec(), "test").await.unwrap();
        server.engine().import_tick().await.unwrap();
        assert_eq!(value(&look().await, sample), Some(2.0));
        assert_eq!(value(&look().await, sample), Some(2.0), "nothing is counted twice");
    }

    async fn only_who_may_look_sees_them(server) {
        Answer::of(server.request("GET", "/metrics")).await.problem(401);
        Answer::of(server.request("GET", "/metrics").bearer_auth(&server.token)).await.problem(401);
        let open = server.beside_with(Settings { metrics_on_loopback: true, ..settings(Limits::default()) }).await;
        let answer = Answer::of(server.to(&open, "GET", "/metrics")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("provost_source_records_due"), "{}", answer.text);
        let forwarded = server.to(&open, "GET", "/metrics").header("x-forwarded-for", "198.51.100.7");
        Answer::of(forwarded).await.problem(401);
        open.stop().await;
    }
}

//! How much and how fast: rates, networks, what is answered at the same time, and clients that dawdle.

use crate::harness::{Answer, answers, both, make_provider_with};
use provost_store::provider::{Settings, State};
use provost_web::Limits;
use serde_json::json;

fn slow(requests_per_second: u32, burst: u32) -> Settings {
    Settings {
        requests_per_second,
        burst,
        ..Settings::default()
    }
}

both! {
    async fn who_sends_too_fast_is_told_for_how_long_to_wait(server) {
        let (_, token) = make_provider_with(&server.db, "Okta", State::Saved, slow(1, 3)).await;
        for _ in 0..3 {
            assert_eq!(Answer::of(server.as_other(&token, "GET", "/Users")).await.status, 200);
        }
        let refused = Answer::of(server.as_other(&token, "GET", "/Users")).await;
        answers!(refused, @r#"
        429
        content-type: application/scim+json
        retry-after: 1
        detail: "this token sends more requests than its provider is set to; wait 1 s and go on"
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"]
        status: "429"
        "#);
        assert_eq!(server.get("/Users").await.status, 200, "another token has a rate of its own");
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        assert_eq!(Answer::of(server.as_other(&token, "GET", "/Users")).await.status, 200);
    }

    async fn a_bulk_request_counts_as_many(server) {
        let (_, token) = make_provider_with(&server.db, "Okta", State::Saved, slow(1, 5)).await;
        let operations: Vec<_> = (0..20).map(|i| json!({"method": "DELETE", "path": format!("/Users/{i}")})).collect();
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
        let first = Answer::of(server.as_other(&token, "POST", "/Bulk").body(body.to_string())).await;
        assert_eq!(first.status, 200, "{}", first.text);
        let refused = Answer::of(server.as_other(&token, "GET", "/Users")).await;
        refused.error(429);
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!((14..=16).contains(&seconds), "{seconds}");
    }

    async fn no_rate_is_no_limit(server) {
        let (_, token) = make_provider_with(&server.db, "Okta", State::Saved, slow(0, 1)).await;
        for _ in 0..20 {
            assert_eq!(Answer::of(server.as_other(&token, "GET", "/Users")).await.status, 200);
        }
    }

    async fn requests_come_from_the_networks_that_are_allowed(server) {
        let networks = vec!["198.51.100.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
        let settings = Settings { networks, ..Settings::default() };
        let (_, token) = make_provider_with(&server.db, "Okta", State::Saved, settings).await;
        for from in ["198.51.100.7", "198.51.100.7:4711", "2001:db8::7", "192.0.2.9, 198.51.100.7"] {
            let answer = Answer::of(server.as_other(&token, "GET", "/Users").header("x-forwarded-for", from)).await;
            assert_eq!(answer.status, 200, "{from}: {}", answer.text);
        }
        for from in ["192.0.2.9", "198.51.100.7, 192.0.2.9", "nonsense"] {
            let answer = Answer::of(server.as_other(&token, "GET", "/Users").header("x-forwarded-for", from)).await;
            assert!(answer.error(403).1.contains("does not accept requests from"), "{from}");
        }
        let direct = Answer::of(server.as_other(&token, "GET", "/Users")).await;
        assert!(direct.error(403).1.contains("127.0.0.1"));
    }

    async fn only_so_many_requests_of_a_provider_are_answered_at_a_time(server) {
        let other = server.beside(Limits { in_flight: 1, ..Limits::default() }).await;
        let head = format!("POST /scim/v2/Users HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-length: 30\r\n\r\n{{", server.token);
        let mut waiting = crate::slow::Connection::open(&other.address).await;
        waiting.send(&head).await;
        // The two may come in either order: who comes second is turned away.
        while Answer::of(server.at(&other, "GET", "/Users")).await.status != 429 {
            waiting = crate::slow::Connection::open(&other.address).await;
            waiting.send(&head).await;
        }
        let refused = Answer::of(server.at(&other, "GET", "/Users")).await;
        refused.error(429);
        assert_eq!(refused.header("retry-after"), "1");
        drop(waiting);
        crate::harness::until("the place", || async {
            (Answer::of(server.at(&other, "GET", "/Users")).await.status == 200).then_some(())
        }).await;
        other.stop().await;
    }

    async fn a_page_has_the_size_that_is_set(server) {
        let other = server.beside(Limits { page: 2, max_page: 3, ..Limits::default() }).await;
        crate::groups::people(server, 5).await;
        for (query, expected) in [("", 2), ("?count=1", 1), ("?count=50", 3)] {
            let list = Answer::of(server.at(&other, "GET", &format!("/Users{query}"))).await.json();
            assert_eq!((&list["itemsPerPage"], &list["totalResults"]), (&json!(expected), &json!(5)), "{query}");
        }
        other.stop().await;
    }
}

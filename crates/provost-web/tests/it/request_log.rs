//! The request log: what a provider sent, masked, and what it meant; which habits it relied on; what it seems to be.

use crate::groups::people;
use crate::harness::{Answer, Server, both, make_provider_with, patch_body, until};
use provost_scim::leniency::{Dialect, Habit};
use provost_store::provider::{RequestLog, Settings, State, UnknownMembers};
use provost_store::request::{self, Entry, Search};
use provost_store::{habit, provider};
use provost_web::Limits;
use serde_json::json;

/// The provider's rows, newest first, once there are `count`.
async fn rows_of(server: &Server, owner: i64, count: usize) -> Vec<Entry> {
    let workspace = server.provider.workspace;
    let search = Search {
        workspace,
        provider: Some(owner),
        ..Search::default()
    };
    until("the rows", || {
        let search = search.clone();
        async move {
            let rows = server
                .db
                .read(move |tx| request::search(tx, &search, 100))
                .await
                .unwrap();
            let rows: Vec<Entry> = rows.entries;
            (rows.len() >= count).then_some(rows)
        }
    })
    .await
}

async fn rows(server: &Server, count: usize) -> Vec<Entry> {
    rows_of(server, server.provider.key, count).await
}

both! {
    async fn a_row_says_what_was_sent_and_what_it_meant(server) {
        let sent = json!({"userName": "ada@contoso.example", "externalId": "x1", "title": "Very Secret Title", "password": "hush-hush", "name": {"familyName": "Lovelace"}});
        let id = server.make("/Users", sent).await;
        server.patch(&format!("/Users/{id}"), json!([{"op": "Replace", "path": "active", "value": "False"}])).await;
        server.get("/Users?filter=userName%20eq%20%22ada@contoso.example%22&count=1").await;
        server.get("/Users/018f0000-0000-7000-8000-000000000000").await.error(404);
        server.delete(&format!("/Users/{id}")).await;
        let rows = rows(server, 5).await;
        let shown: Vec<_> = rows.iter().rev().map(|row| format!("{} {} | {} | {}", row.method, row.status, row.meaning, row.subject)).collect();
        assert_eq!(shown, [
            "POST 201 | create ada@contoso.example | ada@contoso.example", "PATCH 200 | deactivate | ada@contoso.example",
            "GET 200 | find userName eq \"ada@contoso.example\" | ", "GET 404 | read | ", "DELETE 204 | delete | ada@contoso.example",
        ]);
        let (created, patched, found, missing) = (&rows[4], &rows[3], &rows[2], &rows[1]);
        for secret in ["Very Secret", "hush", "Lovelace"] {
            assert!(!created.request.contains(secret), "{}", created.request);
        }
        assert!(created.request.contains("ada@contoso.example") && created.request.contains("x1"), "{}", created.request);
        assert_eq!(created.object.unwrap().to_string(), id);
        assert_eq!(patched.object, created.object);
        for habit in [Habit::BooleanText, Habit::OpLetterCase] {
            assert!(patched.habits.iter().any(|met| met == habit.name()), "{:?}", patched.habits);
        }
        assert!(found.path.starts_with("/scim/v2/Users?") && found.path.contains("count=1"), "{}", found.path);
        assert!(missing.error.contains("there is no User"), "{}", missing.error);
        assert!(rows.iter().all(|row| row.micros > 0 && row.provider == server.provider.key));
    }

    async fn parts_of_a_bulk_request_have_rows_of_their_own(server) {
        let operations = json!([
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ada@contoso.example"}},
            {"method": "DELETE", "path": "/Users/nobody"},
        ]);
        server.send("POST", "/Bulk", json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations})).await;
        let rows = rows(server, 3).await;
        assert_eq!(rows.iter().rev().map(|row| (row.path.as_str(), row.status)).collect::<Vec<_>>(), [("/scim/v2/Users", 201), ("/scim/v2/Users/nobody", 404), ("/scim/v2/Bulk", 200)]);
        assert!(rows[0].meaning.starts_with("bulk: 1 create, 1 delete") && rows[0].meaning.ends_with("1 failed"), "{}", rows[0].meaning);
    }

    async fn a_rule_says_what_is_kept(server) {
        for (name, rule, expected) in [
            ("All", RequestLog::All, &["POST 201", "GET 200", "GET 404", "POST 409"][..]),
            ("Changes", RequestLog::Changes, &["POST 201", "GET 404", "POST 409"]),
            ("Failures", RequestLog::Failures, &["GET 404", "POST 409"]),
            ("Off", RequestLog::Off, &[]),
        ] {
            let settings = Settings { request_log: rule, ..Settings::default() };
            let (owner, token) = make_provider_with(&server.db, name, State::Saved, settings).await;
            let body = json!({"userName": format!("{name}@contoso.example")}).to_string();
            Answer::of(server.as_other(&token, "POST", "/Users").body(body.clone())).await;
            Answer::of(server.as_other(&token, "GET", "/Users")).await;
            Answer::of(server.as_other(&token, "GET", "/Users/nobody")).await;
            Answer::of(server.as_other(&token, "POST", "/Users").body(body)).await.error(409);
            let rows = rows_of(server, owner.key, expected.len()).await;
            assert_eq!(rows.iter().rev().map(|row| format!("{} {}", row.method, row.status)).collect::<Vec<_>>(), expected, "{name}");
        }
    }

    async fn habits_are_counted_whatever_the_rule(server) {
        let settings = Settings { request_log: RequestLog::Off, ..Settings::default() };
        let (owner, token) = make_provider_with(&server.db, "Quiet", State::Saved, settings).await;
        let made = Answer::of(server.as_other(&token, "POST", "/Users").body("{\"userName\":\"ada\"}")).await.json();
        let path = format!("/Users/{}", made["id"].as_str().unwrap());
        for value in ["False", "True"] {
            let body = patch_body(json!([{"op": "Replace", "path": "active", "value": value}])).to_string();
            assert_eq!(Answer::of(server.as_other(&token, "PATCH", &path).body(body)).await.status, 200);
        }
        let counts = until("the counts", || async {
            let counts = server.db.read(move |tx| habit::of_provider(tx, owner.key)).await.unwrap();
            counts.iter().any(|count| count.habit() == Some(Habit::OpLetterCase) && count.uses == 2).then_some(counts)
        }).await;
        assert!(counts.iter().any(|count| count.habit() == Some(Habit::BooleanText) && count.uses == 2), "{counts:?}");
    }

    async fn a_provider_is_recognised_by_what_it_sends(server) {
        let Answer { status, .. } = Answer::of(server.scim("GET", "/Users").header("user-agent", "Okta SCIM Client 1.0.0")).await;
        assert_eq!(status, 200);
        let owner = server.provider.key;
        let seen = until("the dialect", || async {
            let found = server.db.read(move |tx| provider::by_key(tx, owner)).await.unwrap().unwrap();
            found.first_request.map(|_| found)
        }).await;
        assert_eq!(seen.seen, Some(Dialect::Okta));
        assert_eq!(seen.first_request, seen.last_request);
    }

    async fn who_was_turned_away_is_in_the_log(server) {
        let networks = vec!["198.51.100.0/24".parse().unwrap()];
        let (owner, token) = make_provider_with(&server.db, "Far", State::Saved, Settings { networks, ..Settings::default() }).await;
        for _ in 0..5 {
            Answer::of(server.as_other(&token, "GET", "/Users")).await.error(403);
        }
        let rows = rows_of(server, owner.key, 1).await;
        assert!(rows.len() < 5, "not one for each");
        assert_eq!((rows[0].status, rows[0].meaning.as_str()), (403, "turned away"));
        assert!(rows[0].error.contains("127.0.0.1"), "{}", rows[0].error);
    }

    async fn members_that_were_left_out_are_named(server) {
        let settings = Settings { unknown_members: UnknownMembers::Skip, ..Settings::default() };
        let (owner, token) = make_provider_with(&server.db, "Lax", State::Saved, settings).await;
        let person = Answer::of(server.as_other(&token, "POST", "/Users").body("{\"userName\":\"ada\"}")).await.json()["id"].clone();
        let body = json!({"displayName": "Sales", "members": [{"value": person}, {"value": "stranger"}]});
        let made = Answer::of(server.as_other(&token, "POST", "/Groups").body(body.to_string())).await;
        assert_eq!((made.status, made.json()["members"].as_array().unwrap().len()), (201, 1), "{}", made.text);
        let path = format!("/Groups/{}", made.json()["id"].as_str().unwrap());
        let add = patch_body(json!([{"op": "add", "path": "members", "value": [{"value": "another"}]}])).to_string();
        assert_eq!(Answer::of(server.as_other(&token, "PATCH", &path).body(add)).await.status, 204);
        let rows = rows_of(server, owner.key, 3).await;
        assert!(rows[1].meaning.contains("stranger") && rows[0].meaning.contains("another"), "{} / {}", rows[1].meaning, rows[0].meaning);
    }

    async fn the_last_rows_are_written_when_the_server_stops(server) {
        let other = server.beside(Limits::default()).await;
        people(server, 1).await;
        for _ in 0..30 {
            Answer::of(server.at(&other, "GET", "/Users?count=0")).await;
        }
        other.stop().await;
        let workspace = server.provider.workspace;
        let search = Search { workspace, provider: Some(server.provider.key), ..Search::default() };
        let rows = server.db.read(move |tx| request::search(tx, &search, 100)).await.unwrap();
        assert_eq!(rows.entries.iter().filter(|row| row.path.ends_with("count=0")).count(), 30);
    }
}

//! Versions: conditional reads and writes.

use crate::harness::{Answer, Server, both, patch_body};
use serde_json::json;

async fn with(server: &Server, method: &str, path: &str, header: &'static str, tag: &str) -> Answer {
    let body = match method {
        "PUT" => json!({"userName": "ann@contoso.example", "title": "Boss"}).to_string(),
        "PATCH" => patch_body(json!([{"op": "add", "path": "title", "value": "Clerk"}])).to_string(),
        _ => String::new(),
    };
    Answer::of(server.scim(method, path).header(header, tag).body(body)).await
}

both! {
    async fn a_client_that_has_the_version_is_not_sent_it_again(server) {
        let path = format!("/Users/{}", server.make("/Users", json!({"userName": "ann@contoso.example"})).await);
        for tag in ["W/\"1\"", "\"1\"", "W/\"7\", W/\"1\"", "*"] {
            let answer = with(server, "GET", &path, "if-none-match", tag).await;
            assert_eq!((answer.status, answer.text.as_str(), answer.header("etag")), (304, "", "W/\"1\""), "{tag}");
        }
        for tag in ["W/\"2\"", "nonsense"] {
            assert_eq!(with(server, "GET", &path, "if-none-match", tag).await.status, 200, "{tag}");
        }
    }

    async fn a_persons_groups_have_a_part_in_the_version(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let path = format!("/Users/{id}");
        let tag_of = async || {
            let answer = server.get(&path).await;
            assert_eq!(answer.json()["meta"]["version"], answer.header("etag"));
            answer.header("etag").to_owned()
        };
        let alone = tag_of().await;
        let group = server.make("/Groups", json!({"displayName": "Crew", "members": [{"value": id}]})).await;
        let joined = tag_of().await;
        assert_ne!(alone, joined);
        assert_eq!(with(server, "GET", &path, "if-none-match", &alone).await.status, 200);
        let same = with(server, "GET", &path, "if-none-match", &joined).await;
        assert_eq!((same.status, same.header("etag")), (304, joined.as_str()));
        // Where the groups are not shown they have no part.
        let slim = server.get(&format!("{path}?excludedAttributes=groups")).await;
        assert_eq!(slim.header("etag"), alone);
        server.patch(&format!("/Groups/{group}"), json!([{"op": "replace", "path": "displayName", "value": "Team"}])).await;
        assert_ne!(tag_of().await, joined);
        // A write is about the person alone: either tag names the version.
        let patched = with(server, "PATCH", &path, "if-match", &joined).await;
        assert_eq!((patched.status, patched.header("etag")), (200, tag_of().await.as_str()));
        with(server, "PATCH", &path, "if-match", &joined).await.error(412);
        assert_eq!(server.delete(&format!("/Groups/{group}")).await.status, 204);
        assert_eq!(tag_of().await, "W/\"2\"");
    }

    async fn a_write_to_a_version_that_has_passed_is_refused(server) {
        let path = format!("/Users/{}", server.make("/Users", json!({"userName": "ann@contoso.example"})).await);
        for method in ["PUT", "PATCH", "DELETE"] {
            with(server, method, &path, "if-match", "W/\"9\"").await.error(412);
            assert_eq!(with(server, method, &path, "if-match", "9").await.error(400).0, "invalidValue");
        }
        assert_eq!(server.read(&path).await.get("title"), None);
        let put = with(server, "PUT", &path, "if-match", "W/\"1\"").await;
        assert_eq!((put.status, put.header("etag")), (200, "W/\"2\""));
        assert_eq!(with(server, "PATCH", &path, "if-match", "\"2\"").await.header("etag"), "W/\"3\"");
        assert_eq!(with(server, "DELETE", &path, "if-match", "*").await.status, 204);
    }

    async fn what_changes_nothing_keeps_the_version(server) {
        let path = format!("/Users/{}", server.make("/Users", json!({"userName": "ann@contoso.example", "title": "Boss"})).await);
        let before = server.read(&path).await;
        let answer = server.patch(&path, json!([{"op": "replace", "path": "title", "value": "Boss"}, {"op": "remove", "path": "emails[type eq \"fax\"]"}])).await;
        assert_eq!((answer.header("etag"), server.read(&path).await), ("W/\"1\"", before));
    }
}

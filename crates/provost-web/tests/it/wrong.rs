//! Input that is wrong: each gets the precise error, and nothing is half-written.

use crate::harness::{Answer, Server, answers, both, patch_body};
use serde_json::json;

async fn nobody_was_created(server: &Server) {
    assert_eq!(server.read("/Users").await["totalResults"], 0);
}

both! {
    async fn a_body_that_is_not_json_is_told_where(server) {
        let answer = server.send_text("POST", "/Users", "{\"userName\": \"ann\",\n \"title\" \"Boss\"}".into()).await;
        answers!(answer, @r#"
        400
        content-type: application/scim+json
        detail: "the body is not acceptable JSON: expected `:` at line 2 column 10"
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"]
        scimType: "invalidSyntax"
        status: "400"
        "#);
        for text in ["", "{", "[]", "\"text\"", "{\"userName\":\"a\"} x", "{\"userName\":\"a\u{feff}\"", "\u{feff}{\"userName\":\"a\"}"] {
            assert_eq!(server.send_text("POST", "/Users", text.into()).await.error(400).0, "invalidSyntax", "{text}");
        }
        nobody_was_created(server).await;
    }

    async fn keys_that_stand_twice_are_refused(server) {
        for text in ["{\"userName\":\"a\",\"userName\":\"b\"}", "{\"userName\":\"a\",\"USERNAME\":\"b\"}", "{\"userName\":\"a\",\"name\":{\"givenName\":\"x\",\"GivenName\":\"y\"}}"] {
            assert_eq!(server.send_text("POST", "/Users", text.into()).await.error(400).0, "invalidSyntax", "{text}");
        }
        nobody_was_created(server).await;
    }

    async fn wrong_types_and_missing_values_are_named(server) {
        for (body, attribute) in [
            (json!({"userName": 5}), "userName"), (json!({"userName": "a", "name": "Ann"}), "name"), (json!({"userName": "a", "active": "perhaps"}), "active"),
            (json!({"userName": "a", "emails": [{"value": {"a": 1}}]}), "emails"), (json!({"displayName": "Ann"}), "userName"), (json!({"userName": ""}), "userName"),
        ] {
            let (kind, detail) = server.send("POST", "/Users", body.clone()).await.error(400);
            assert_eq!(kind, "invalidValue", "{body}: {detail}");
            assert!(detail.contains(attribute), "{body}: {detail}");
        }
        nobody_was_created(server).await;
    }

    async fn unknown_attributes_are_passed_over(server) {
        let id = server.make("/Users", json!({"userName": "a", "shoeSize": 44, "urn:contoso:1.0:Badge": {"number": 7}})).await;
        let read = server.read(&format!("/Users/{id}")).await;
        assert_eq!((read.get("shoeSize"), &read["userName"]), (None, &json!("a")));
        let unknown = patch_body(json!([{"op": "replace", "path": "shoeSize", "value": 45}]));
        assert_eq!(server.send("PATCH", &format!("/Users/{id}"), unknown).await.error(400).0, "invalidPath");
    }

    async fn filters_that_cannot_be_understood_find_nobody_by_mistake(server) {
        server.make("/Users", json!({"userName": "a"})).await;
        let nested = format!("{}userName pr{}", "(".repeat(15_000), ")".repeat(15_000));
        let long = format!("userName eq \"{}\"", "x".repeat(9_000));
        let many = vec!["userName pr"; 80].join(" or ");
        for filter in [nested.as_str(), &long, &many, "active gt true", "userName regex \"a\"", "userName eq ann", "userName eq 'ann'", "userName eq", "not userName pr", "emails[type eq \"work\"", "title eq 5", "password eq \"x\"", "("] {
            let answer = server.send("POST", "/Users/.search", json!({"filter": filter})).await;
            assert_eq!(answer.error(400).0, "invalidFilter", "{}", &filter[..filter.len().min(60)]);
        }
        server.get("/Users?filter=userName%20eq").await.error(400);
        assert_eq!(server.read("/Users").await["totalResults"], 1, "the server is still there");
    }

    async fn deeply_nested_bodies_are_refused(server) {
        let deep = format!("{{\"userName\":\"a\",\"x\":{}{}}}", "[".repeat(15_000), "]".repeat(15_000));
        assert_eq!(server.send_text("POST", "/Users", deep).await.error(400).0, "invalidSyntax");
        nobody_was_created(server).await;
    }

    async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not(server) {
        let of_length = |length: usize| {
            let frame = json!({"userName": "a", "title": ""}).to_string().len();
            json!({"userName": "a", "title": "x".repeat(length - frame)}).to_string()
        };
        let (_, detail) = server.send_text("POST", "/Users", of_length(1024 * 1024 + 1)).await.error(413);
        assert!(detail.contains("1048576"), "{detail}");
        server.send_text("POST", "/Users", of_length(4 * 1024 * 1024)).await.error(413);
        nobody_was_created(server).await;
        assert_eq!(server.send_text("POST", "/Users", of_length(1024 * 1024)).await.status, 201);
    }

    async fn names_too_long_to_be_found_again_are_refused(server) {
        let id = server.make("/Users", json!({"userName": "a"})).await;
        for attribute in ["userName", "displayName", "externalId", "emails"] {
            let long = "\u{390}".repeat(401);
            let value = if attribute == "emails" { json!([{"value": "a@contoso.example"}, {"value": long}]) } else { json!(long) };
            let mut body = json!({"userName": "b"});
            body[attribute] = value.clone();
            for answer in [
                server.send("POST", "/Users", body.clone()).await,
                server.send("PUT", &format!("/Users/{id}"), body).await,
                server.send("PATCH", &format!("/Users/{id}"), patch_body(json!([{"op": "replace", "path": attribute, "value": value}]))).await,
            ] {
                let (kind, detail) = answer.error(400);
                assert!(kind == "invalidValue" && detail.contains(attribute), "{detail}");
            }
        }
        let longest = "\u{390}".repeat(400);
        let body = json!({"userName": longest, "displayName": longest, "externalId": longest, "emails": [{"value": longest}]});
        server.make("/Users", body).await;
    }

    async fn other_media_types_are_refused(server) {
        for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            let request = server.scim("POST", "/Users").header("content-type", kind).body("{\"userName\":\"a\"}");
            Answer::of(request).await.error(415);
        }
        nobody_was_created(server).await;
    }

    async fn a_second_user_name_is_refused_and_named(server) {
        let first = server.make("/Users", json!({"userName": "zoë@contoso.example"})).await;
        let answer = server.send("POST", "/Users", json!({"userName": "ZOE\u{308}@contoso.example"})).await;
        answers!(answer, @r#"
        409
        content-type: application/scim+json
        detail: "userName ZOË@contoso.example is already in use by another person"
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"]
        scimType: "uniqueness"
        status: "409"
        "#);
        let second = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let rename = patch_body(json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "replace", "path": "userName", "value": "zoë@contoso.example"}]));
        assert_eq!(server.send("PATCH", &format!("/Users/{second}"), rename).await.error(409).0, "uniqueness");
        let put = json!({"userName": "zoë@contoso.example"});
        assert_eq!(server.send("PUT", &format!("/Users/{second}"), put).await.error(409).0, "uniqueness");
        let read = server.read(&format!("/Users/{second}")).await;
        assert_eq!((&read["userName"], read.get("title"), &read["meta"]["version"]), (&json!("ann@contoso.example"), None, &json!("W/\"1\"")));
        assert_ne!(first, second);
    }

    async fn a_patch_that_fails_at_its_end_changes_nothing(server) {
        let id = server.make("/Users", json!({"userName": "bob", "active": false})).await;
        let path = format!("/Users/{id}");
        let before = server.read(&path).await;
        for (operations, kind) in [
            (json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "replace", "path": "id", "value": "x"}]), "mutability"),
            (json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "remove"}]), "noTarget"),
            (json!([{"op": "remove", "path": "userName"}]), "mutability"),
            (json!([{"op": "move", "path": "title", "value": "T"}]), "invalidSyntax"),
            (json!([]), "invalidSyntax"),
            (json!([{"op": "add", "path": "emails..value", "value": "T"}]), "invalidPath"),
        ] {
            assert_eq!(server.send("PATCH", &path, patch_body(operations.clone())).await.error(400).0, kind, "{operations}");
            assert_eq!(server.read(&path).await, before);
        }
    }

    async fn many_clients_that_want_the_same_name_leave_one_person(server) {
        let mut statuses = Vec::new();
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let request = server.scim("POST", "/Users").body("{\"userName\":\"ann@contoso.example\"}");
            running.spawn(async move { request.send().await.unwrap().status().as_u16() });
        }
        while let Some(status) = running.join_next().await {
            statuses.push(status.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 19][..]));
        assert_eq!(server.read("/Users").await["totalResults"], 1);
    }
}

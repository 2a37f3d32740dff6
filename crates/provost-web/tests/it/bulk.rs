//! Bulk requests (RFC 7644 section 3.7).

use crate::groups::members;
use crate::harness::{Answer, Server, answers, both, make_provider, patch_body};
use provost_web::Limits;
use serde_json::{Value, json};

fn body(operations: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations})
}

async fn run(server: &Server, operations: Value) -> Vec<Value> {
    let answer = server.send("POST", "/Bulk", body(operations)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["Operations"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results
        .iter()
        .map(|each| each["status"].as_str().unwrap())
        .collect()
}

fn id(result: &Value) -> String {
    result["location"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

both! {
    async fn operations_are_answered_one_by_one_in_the_order_of_the_request(server) {
        let old = server.make("/Users", json!({"userName": "old@contoso.example"})).await;
        let gone = server.make("/Users", json!({"userName": "gone@contoso.example"})).await;
        let answer = server.send("POST", "/bulk", body(json!([
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "Crew", "members": [{"value": "bulkId:u"}]}},
            {"method": "post", "path": "/Users", "bulkId": "u", "data": {"userName": "nils@contoso.example"}},
            {"method": "PATCH", "path": format!("/Users/{old}"), "version": "W/\"4\"", "data": patch_body(json!([{"op": "replace", "path": "active", "value": false}]))},
            {"method": "PATCH", "path": format!("/Users/{old}"), "version": "W/\"1\"", "data": patch_body(json!([{"op": "replace", "path": "active", "value": false}]))},
            {"method": "PUT", "path": format!("/Users/{old}"), "data": {"userName": "old@contoso.example", "title": "Boss"}},
            {"method": "DELETE", "path": format!("/Users/{gone}")},
        ]))).await;
        answers!(answer, @r#"
        200
        content-type: application/scim+json
        Operations: [{"bulkId":"g","location":"http://host/scim/v2/Groups/<id 1>","method":"POST","status":"201","version":"W/\"2\""},{"bulkId":"u","location":"http://host/scim/v2/Users/<id 2>","method":"POST","status":"201","version":"W/\"1\""},{"location":"http://host/scim/v2/Users/<id 3>","method":"PATCH","response":{"detail":"the resource has changed: it is at version W/\"1\"; read it again and repeat the change","schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"412"},"status":"412"},{"location":"http://host/scim/v2/Users/<id 3>","method":"PATCH","status":"200","version":"W/\"2\""},{"location":"http://host/scim/v2/Users/<id 3>","method":"PUT","status":"200","version":"W/\"3\""},{"location":"http://host/scim/v2/Users/<id 4>","method":"DELETE","status":"204"}]
        schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]
        "#);
        let results = answer.json()["Operations"].as_array().unwrap().clone();
        assert_eq!(members(server, &id(&results[0])).await, [id(&results[1])]);
        let read = server.read(&format!("/Users/{old}")).await;
        assert_eq!((&read["title"], &read["active"]), (&json!("Boss"), &json!(false)));
        server.get(&format!("/Users/{gone}")).await.error(404);
    }

    async fn people_who_name_each_other_are_made_all_the_same(server) {
        let urn = crate::harness::ENTERPRISE;
        let person = |own: &str, boss: &str| json!({"method": "POST", "path": "/Users", "bulkId": own,
            "data": {"userName": format!("{own}@contoso.example"), urn: {"manager": {"value": format!("bulkId:{boss}")}}}});
        let results = run(server, json!([person("a", "b"), person("b", "a")])).await;
        assert_eq!(statuses(&results), ["201", "201"]);
        for (own, boss) in [(0, 1), (1, 0)] {
            let read = server.read(&format!("/Users/{}", id(&results[own]))).await;
            assert_eq!(read[urn]["manager"]["value"], json!(id(&results[boss])));
        }
    }

    async fn what_depends_on_a_failure_fails_and_the_rest_is_done(server) {
        server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let results = run(server, json!([
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ann@contoso.example"}},
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "Crew", "members": [{"value": "bulkId:a"}]}},
            {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "bob@contoso.example"}},
            {"method": "GET", "path": "/Users"},
            {"method": "POST", "path": "/Bulk", "bulkId": "c", "data": {}},
            {"method": "DELETE", "path": "/Users/nobody"},
        ])).await;
        assert_eq!(statuses(&results)[..3], ["409", "400", "201"]);
        assert!(statuses(&results)[3..5].iter().all(|status| status.starts_with('4')), "{results:?}");
        assert_eq!(results[5]["status"], "404");
        assert_eq!(results[0]["response"]["scimType"], "uniqueness");
        assert_eq!((results[0].get("location"), &results[0]["bulkId"]), (None, &json!("a")));
        assert_eq!(server.read("/Groups").await["totalResults"], 0);
    }

    async fn it_stops_after_as_many_errors_as_are_allowed(server) {
        let bad = json!({"method": "DELETE", "path": "/Users/nobody"});
        let good = |name: &str| json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {"userName": name}});
        let mut request = body(json!([good("a"), bad, good("b"), bad, good("c")]));
        request["failOnErrors"] = json!(2);
        let answer = server.send("POST", "/Bulk", request).await.json();
        let results = answer["Operations"].as_array().unwrap();
        assert_eq!(statuses(results), ["201", "404", "201", "404"]);
        assert_eq!(server.read("/Users").await["totalResults"], 2, "what was done stays done");
    }

    async fn too_much_is_refused_with_the_limits_name(server) {
        let other = server.beside(Limits { bulk_operations: 2, bulk_bytes: 4_096, ..Limits::default() }).await;
        let send = |operations: Value| Answer::of(server.at(&other, "POST", "/Bulk").body(body(operations).to_string()));
        let one = json!({"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "a"}});
        let (_, many) = send(json!([one, one, one])).await.error(413);
        assert!(many.contains('2'), "{many}");
        let mut long = one.clone();
        long["data"]["title"] = json!("x".repeat(5_000));
        let (_, large) = send(json!([long])).await.error(413);
        assert!(large.contains("4096"), "{large}");
        assert_eq!(server.read("/Users").await["totalResults"], 0);
        let config = Answer::of(server.at(&other, "GET", "/ServiceProviderConfig")).await.json();
        assert_eq!(config["bulk"], json!({"supported": true, "maxOperations": 2, "maxPayloadSize": 4096}));
        other.stop().await;
    }

    async fn a_bulk_request_reaches_no_further_than_its_token(server) {
        let theirs = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let (_, token) = make_provider(&server.db, "Okta").await;
        let operations = json!([
            {"method": "DELETE", "path": format!("/Users/{theirs}")},
            {"method": "PUT", "path": format!("/Users/{theirs}"), "data": {"userName": "taken@contoso.example"}},
            {"method": "PATCH", "path": format!("/Users/{theirs}"), "data": patch_body(json!([{"op": "replace", "path": "title", "value": "x"}]))},
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "Theirs", "members": [{"value": theirs}]}},
        ]);
        let answer = Answer::of(server.as_other(&token, "POST", "/Bulk").body(body(operations).to_string())).await.json();
        assert_eq!(statuses(answer["Operations"].as_array().unwrap()), ["404", "404", "404", "400"]);
        assert_eq!(server.read(&format!("/Users/{theirs}")).await["meta"]["version"], "W/\"1\"");
    }

    async fn a_frame_that_is_none_is_refused_as_a_whole(server) {
        for text in ["[]", "{}", "{\"Operations\": 5}"] {
            assert_eq!(server.send_text("POST", "/Bulk", text.into()).await.error(400).0, "invalidSyntax", "{text}");
        }
        server.get("/Bulk").await.error(405);
    }
}

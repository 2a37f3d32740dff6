//! What the service says of itself, and what it does not offer.

use crate::harness::{Answer, answers, both};
use serde_json::json;

both! {
    async fn the_configuration_advertises_what_works(server) {
        let answer = server.get("/serviceProviderConfig").await;
        answers!(answer, @r#"
        200
        content-type: application/scim+json
        authenticationSchemes: [{"description":"A token made in Provost for one provider, sent as Authorization: Bearer","name":"Bearer token","primary":true,"specUri":"https://www.rfc-editor.org/info/rfc6750","type":"oauthbearertoken"},{"description":"An access token for a client of one provider, asked for at /oauth/token","name":"OAuth 2.0 client credentials","primary":false,"specUri":"https://www.rfc-editor.org/info/rfc6749","type":"oauth2"}]
        bulk: {"maxOperations":1000,"maxPayloadSize":10485760,"supported":true}
        changePassword: {"supported":false}
        etag: {"supported":true}
        filter: {"maxResults":500,"supported":true}
        meta: {"location":"http://host/scim/v2/ServiceProviderConfig","resourceType":"ServiceProviderConfig"}
        pagination: {"cursor":true,"cursorTimeout":3600,"defaultPageSize":100,"defaultPaginationMethod":"index","index":true,"maxPageSize":500}
        patch: {"supported":true}
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]
        sort: {"supported":true}
        "#);
    }

    async fn resource_types_and_schemas_are_listed_and_found_one_by_one(server) {
        let types = server.read("/ResourceTypes").await;
        let names: Vec<_> = types["Resources"].as_array().unwrap().iter().map(|each| each["name"].clone()).collect();
        assert_eq!((names, &types["totalResults"]), (vec![json!("User"), json!("Group")], &json!(2)));
        let group = server.get("/ResourceTypes/Group").await;
        answers!(group, @r#"
        200
        content-type: application/scim+json
        description: "A group of people and groups"
        endpoint: "/Groups"
        id: "Group"
        meta: {"location":"http://host/scim/v2/ResourceTypes/Group","resourceType":"ResourceType"}
        name: "Group"
        schema: "urn:ietf:params:scim:schemas:core:2.0:Group"
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"]
        "#);
        let schemas = server.read("/Schemas?count=1").await;
        assert_eq!((&schemas["totalResults"], schemas["Resources"].as_array().unwrap().len()), (&json!(3), 3));
        let user = server.read("/Schemas/URN:ietf:params:scim:schemas:core:2.0:user").await;
        assert_eq!(user["name"], "User");
        assert!(user["meta"]["location"].as_str().unwrap().starts_with(&server.address));
        for path in ["/ResourceTypes/Device", "/Schemas/urn:nobody:knows"] {
            server.get(path).await.error(404);
        }
    }

    async fn discovery_cannot_be_filtered(server) {
        for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
            server.get(&format!("{path}?filter=name%20eq%20%22User%22")).await.error(403);
        }
    }

    async fn what_is_not_offered_says_so(server) {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            server.send_text(method, "/Me", "{}".into()).await.error(501);
        }
    }

    async fn a_method_that_does_not_exist_is_answered_with_those_that_do(server) {
        for (method, path, allow) in [
            ("PUT", "/Users", "GET, HEAD, POST"), ("DELETE", "/Groups", "GET, HEAD, POST"), ("GET", "/Users/.search", "POST"), ("GET", "/.search", "POST"), ("GET", "/Bulk", "POST"), ("PUT", "/", "GET, HEAD"),
            ("POST", "/Users/1", "GET, HEAD, PUT, PATCH, DELETE"), ("POST", "/Schemas", "GET, HEAD"), ("DELETE", "/ServiceProviderConfig", "GET, HEAD"),
        ] {
            let answer = server.send_text(method, path, "{}".into()).await;
            answer.error(405);
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
        let head = Answer::of(server.scim("HEAD", "/Users")).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
    }

    async fn unknown_addresses_and_versions_are_scim_errors(server) {
        for path in ["/People", "/Users/1/groups", "/Bulk/1"] {
            server.get(path).await.error(404);
        }
        let old = Answer::of(server.request("GET", "/scim/v1/Users").bearer_auth(&server.token)).await;
        assert_eq!(old.error(400).0, "invalidVers");
    }
}

//! What OneLogin sends: it documents plain JSON as the type of answers that it takes.

use super::harness::both;
use serde_json::json;

both! {
    fn answers_are_plain_json_when_that_is_asked_for(hub) {
        let client = hub.entra.with_headers(&[("Content-Type", "application/json"), ("Accept", "application/json")]);
        let probe = client.get("/Users?filter=userName%20eq%20%22nobody%40contoso.example%22");
        assert_eq!((probe.status, probe.header("content-type"), &probe.json()["totalResults"]), (200, "application/json", &json!(0)));
        let created = client.post("/Users", &json!({"userName": "one@contoso.example", "name": {"givenName": "One", "familyName": "Login"}}));
        assert_eq!((created.status, created.header("content-type")), (201, "application/json"));
        let path = format!("/Users/{}", created.json()["id"].as_str().unwrap());
        assert_eq!(client.get(&path).header("content-type"), "application/json");
        assert_eq!(client.put(&path, &json!({"userName": "one@contoso.example", "active": false})).json()["active"], false);
        assert_eq!(client.read("/Users")["totalResults"], 1);
        let group = client.make("/Groups", &json!({"displayName": "Crew"}));
        let id = created.json()["id"].clone();
        client.patch(&format!("/Groups/{group}"), json!([{"op": "add", "path": "members", "value": [{"value": id}]}]));
        assert_eq!(client.read("/Groups")["Resources"][0]["members"][0]["value"], id);
        assert_eq!(client.delete(&path).status, 204);
        assert!(client.members(&group).is_empty());
    }

    fn other_types_that_are_asked_for_are_answered_all_the_same(hub) {
        for accept in ["*/*", "text/html", "application/xml, */*;q=0.1", "application/scim+json, application/json", "", "nonsense"] {
            let answer = hub.entra.call("GET", "/Users", &[("Accept", accept)], "");
            assert_eq!((answer.status, answer.header("content-type")), (200, "application/scim+json"), "{accept}");
        }
    }

    fn bodies_are_taken_as_scim_as_json_and_without_a_type(hub) {
        for (i, kind) in ["application/scim+json", "application/json", "application/json; charset=utf-8", "APPLICATION/SCIM+JSON;charset=UTF-8"].into_iter().enumerate() {
            let body = json!({"userName": format!("u{i}@contoso.example")}).to_string();
            assert_eq!(hub.entra.call("POST", "/Users", &[("Content-Type", kind)], &body).status, 201, "{kind}");
        }
        let bare = hub.entra.with_headers(&[]);
        assert_eq!(bare.post("/Users", &json!({"userName": "bare@contoso.example"})).status, 201);
        for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            hub.entra.call("POST", "/Users", &[("Content-Type", kind)], "{\"userName\":\"x\"}").error(415);
        }
    }
}

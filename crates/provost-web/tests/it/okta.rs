//! What Okta's client sends, end to end.

use crate::groups::{members, people};
use crate::harness::both;
use serde_json::json;

both! {
    async fn a_person_is_looked_for_created_disabled_and_enabled(server) {
        let none = server.read("/Users?filter=userName%20eq%20%22test.user%40contoso.example%22&startIndex=1&count=100").await;
        assert_eq!((&none["totalResults"], &none["startIndex"], &none["itemsPerPage"]), (&json!(0), &json!(1), &json!(0)));
        let sent = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "test.user@contoso.example",
            "name": {"givenName": "Test", "familyName": "User"}, "emails": [{"primary": true, "value": "test.user@contoso.example", "type": "work"}],
            "displayName": "Test User", "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7", "groups": [], "password": "1mz050nq", "active": true,
        });
        let id = server.make("/Users", sent.clone()).await;
        assert_eq!(server.send("POST", "/Users", sent.clone()).await.error(409).0, "uniqueness");
        let path = format!("/Users/{id}");
        server.patch(&path, json!([{"op": "replace", "value": {"active": false}}])).await;
        assert_eq!(server.read(&path).await["active"], false);
        let mut whole = server.read(&path).await;
        assert!(whole.get("password").is_none());
        whole["active"] = json!(true);
        whole["name"]["familyName"] = json!("Changed");
        let put = server.send("PUT", &path, whole).await.json();
        assert_eq!((&put["active"], &put["name"]["familyName"], &put["locale"]), (&json!(true), &json!("Changed"), &json!("en-US")));
    }

    async fn a_group_is_renamed_with_its_id_and_members_change_in_one_request(server) {
        let ids = people(server, 2).await;
        let group = server.make("/Groups", json!({"displayName": "Pushed", "members": []})).await;
        let path = format!("/Groups/{group}");
        server.patch(&path, json!([{"op": "replace", "value": {"id": group, "displayName": "Renamed"}}])).await;
        assert_eq!(server.read(&path).await["displayName"], "Renamed");
        server.patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": ids[0], "display": "u0@contoso.example"}]}])).await;
        server.patch(&path, json!([
            {"op": "remove", "path": format!("members[value eq \"{}\"]", ids[0])},
            {"op": "add", "path": "members", "value": [{"value": ids[1], "display": "u1@contoso.example"}]},
        ])).await;
        assert_eq!(members(server, &group).await, [ids[1].clone()]);
        server.patch(&path, json!([{"op": "replace", "path": "members", "value": [{"value": ids[0]}, {"value": ids[1]}]}])).await;
        assert_eq!(members(server, &group).await, ids);
    }

    async fn people_are_imported_page_by_page_in_a_stable_order(server) {
        let ids = people(server, 7).await;
        let mut seen = Vec::new();
        while seen.len() < 7 {
            let page = server.read(&format!("/Users?startIndex={}&count=3", seen.len() + 1)).await;
            assert_eq!(page["totalResults"], 7);
            seen.extend(page["Resources"].as_array().unwrap().iter().map(|each| each["id"].as_str().unwrap().to_owned()));
        }
        assert_eq!(seen, ids);
    }
}

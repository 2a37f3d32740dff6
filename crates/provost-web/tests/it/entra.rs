//! What Microsoft Entra's provisioning client sends, end to end.

use crate::groups::{members, people};
use crate::harness::{ENTERPRISE, Server, USER, answers, both};
use serde_json::{Value, json};

async fn created(server: &Server) -> (String, Value) {
    let body = json!({
        "schemas": [USER, ENTERPRISE], "externalId": "a91f", "userName": "Lotte@contoso.example", "active": true,
        "displayName": "Lotte Maes", "emails": [{"primary": true, "type": "work", "value": "lotte@contoso.example"}],
        "meta": {"resourceType": "User"}, "name": {"formatted": "Lotte Maes", "familyName": "Maes", "givenName": "Lotte"},
        "roles": [], "title": null,
    });
    let id = server.make("/Users", body).await;
    let path = format!("/Users/{id}");
    let read = server.read(&path).await;
    (path, read)
}

both! {
    async fn the_connection_test_finds_nobody(server) {
        let list = server.read("/Users?filter=userName+eq+%22b5a3b8f0-5f5b-4f6e-9d7c-1f0d2f3a4b5c%22").await;
        assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
    }

    async fn updates_come_as_capitalised_operations_with_booleans_in_strings(server) {
        let (path, before) = created(server).await;
        assert_eq!((before.get("roles"), before.get("title"), &before["userName"]), (None, None, &json!("Lotte@contoso.example")));
        let answer = server.patch(&path, json!([
            {"op": "Replace", "path": "displayName", "value": "Lotte M."},
            {"op": "Replace", "path": "name.familyName", "value": "Claes"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "lc@contoso.example"},
            {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+32470112244"},
            {"op": "Add", "path": "preferredLanguage", "value": "fr-BE"},
            {"op": "Replace", "path": format!("{ENTERPRISE}:department"), "value": "Ops"},
            {"op": "Replace", "path": "active", "value": "False"},
        ])).await;
        answers!(answer, @r#"
        200
        content-type: application/scim+json
        etag: W/"2"
        active: false
        displayName: "Lotte M."
        emails: [{"primary":true,"type":"work","value":"lc@contoso.example"}]
        externalId: "a91f"
        id: "<id 1>"
        meta: {"created":"<time>","lastModified":"<time>","location":"http://host/scim/v2/Users/<id 1>","resourceType":"User","version":"W/\"2\""}
        name: {"familyName":"Claes","formatted":"Lotte Maes","givenName":"Lotte"}
        phoneNumbers: [{"type":"mobile","value":"+32470112244"}]
        preferredLanguage: "fr-BE"
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User: {"department":"Ops"}
        userName: "Lotte@contoso.example"
        "#);
        for filter in ["userName eq \"lotte@CONTOSO.example\"", "externalId eq \"a91f\"", "emails[type eq \"work\"].value eq \"LC@contoso.example\""] {
            let list = server.send("POST", "/Users/.search", json!({"filter": filter})).await.json();
            assert_eq!(list["totalResults"], 1, "disabled people are found too: {filter}");
        }
    }

    async fn one_new_entry_is_built_from_several_operations(server) {
        let (path, _) = created(server).await;
        server.patch(&path, json!([
            {"op": "Add", "path": "emails[type eq \"home\"].type", "value": "home"},
            {"op": "Add", "path": "emails[type eq \"home\"].primary", "value": "true"},
            {"op": "Add", "path": "emails[type eq \"home\"].value", "value": "l@home.contoso.example"},
        ])).await;
        let emails = server.read(&path).await["emails"].clone();
        assert_eq!(emails.as_array().unwrap().len(), 2);
        assert_eq!(emails[1], json!({"type": "home", "primary": true, "value": "l@home.contoso.example"}));
        assert_ne!(emails[0]["primary"], json!(true));
    }

    async fn a_manager_is_set_in_every_shape_and_taken_away(server) {
        let (path, _) = created(server).await;
        let boss = people(server, 1).await.remove(0);
        for operation in [
            json!({"op": "Add", "path": "manager", "value": boss}),
            json!({"op": "Replace", "path": format!("{ENTERPRISE}:manager"), "value": [{"$ref": null, "value": boss}]}),
            json!({"op": "Replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": boss}}),
        ] {
            server.patch(&path, json!([operation])).await;
            assert_eq!(server.read(&path).await[ENTERPRISE]["manager"]["value"], json!(boss));
            let id = path.rsplit('/').next().unwrap();
            let probe = json!({"filter": format!("id eq \"{id}\" and manager eq \"{boss}\""), "attributes": ["id"]});
            assert_eq!(server.send("POST", "/Users/.search", probe).await.json()["totalResults"], 1);
            server.patch(&path, json!([{"op": "Replace", "path": "manager", "value": ""}])).await;
            let read = server.read(&path).await;
            assert_eq!((read.get(ENTERPRISE), &read["schemas"]), (None, &json!([USER])));
        }
    }

    async fn with_its_flag_one_operation_carries_many_attributes(server) {
        let (path, _) = created(server).await;
        server.patch(&format!("{path}?aadOptscim062020"), json!([
            {"op": "replace", "value": {"displayName": "L. Maes", "name.givenName": "Lo", format!("{ENTERPRISE}:employeeNumber"): "7", "active": false}},
        ])).await;
        let read = server.read(&path).await;
        assert_eq!((&read["displayName"], &read["name"]["givenName"], &read["name"]["familyName"]), (&json!("L. Maes"), &json!("Lo"), &json!("Maes")));
        assert_eq!((&read[ENTERPRISE]["employeeNumber"], &read["active"]), (&json!("7"), &json!(false)));
    }

    async fn a_group_is_matched_renamed_filled_and_emptied_one_by_one(server) {
        let ids = people(server, 3).await;
        let group = server.make("/Groups", json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": "8aa1", "displayName": "Crew", "meta": {"resourceType": "Group"},
        })).await;
        let path = format!("/Groups/{group}");
        let found = server.read("/Groups?excludedAttributes=members&filter=displayName%20eq%20%22Crew%22").await;
        assert_eq!((&found["Resources"][0]["id"], found["Resources"][0].get("members")), (&json!(group), None));
        let add: Vec<_> = ids.iter().map(|id| json!({"$ref": null, "value": id})).collect();
        let answer = server.patch(&path, json!([{"op": "Add", "path": "members", "value": add}])).await;
        assert_eq!((answer.status, answer.text.as_str(), answer.header("etag")), (204, "", "W/\"2\""));
        server.patch(&path, json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": ids[0]}]}])).await;
        assert_eq!(members(server, &group).await, [ids[1].clone(), ids[2].clone()], "one leaves, not everybody");
        server.patch(&path, json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[1])}])).await;
        assert_eq!(members(server, &group).await, [ids[2].clone()]);
        server.patch(&path, json!([{"op": "Replace", "path": "displayName", "value": "Team"}])).await;
        let read = server.read(&path).await;
        assert_eq!((&read["displayName"], read["members"].as_array().unwrap().len()), (&json!("Team"), 1));
        for (member, expected) in [(&ids[2], 1), (&ids[0], 0)] {
            let probe = json!({"filter": format!("id eq \"{group}\" and members eq \"{member}\""), "attributes": ["id"]});
            assert_eq!(server.send("POST", "/Groups/.search", probe).await.json()["totalResults"], expected);
        }
        assert_eq!(server.delete(&path).await.status, 204);
    }
}

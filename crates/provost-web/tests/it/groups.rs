//! Groups and their members.

use crate::harness::{Server, answers, both, patch_body};
use provost_engine::object::Kind;
use provost_store::directory::{self, Change, Placement};
use serde_json::{Value, json};
use uuid::Uuid;

pub async fn people(server: &Server, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for i in 0..count {
        ids.push(
            server
                .make(
                    "/Users",
                    json!({"userName": format!("u{i}@contoso.example"), "displayName": format!("U {i}")}),
                )
                .await,
        );
    }
    ids
}

/// The ids of a group's members, in order of creation.
pub async fn members(server: &Server, group: &str) -> Vec<String> {
    let body = server.read(&format!("/Groups/{group}")).await;
    body["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["value"].as_str().unwrap().to_owned())
        .collect()
}

both! {
    async fn a_group_shows_its_members_and_a_person_their_groups(server) {
        let ids = people(server, 1).await;
        let created = server.send("POST", "/Groups", json!({"displayName": "Sales", "members": [{"value": ids[0]}]})).await;
        answers!(created, @r#"
        201
        content-type: application/scim+json
        location: http://host/scim/v2/Groups/<id 1>
        etag: W/"2"
        displayName: "Sales"
        id: "<id 1>"
        members: [{"$ref":"http://host/scim/v2/Users/<id 2>","display":"U 0","type":"User","value":"<id 2>"}]
        meta: {"created":"<time>","lastModified":"<time>","location":"http://host/scim/v2/Groups/<id 1>","resourceType":"Group","version":"W/\"2\""}
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"]
        "#);
        let id = created.json()["id"].as_str().unwrap().to_owned();
        let person = server.read(&format!("/Users/{}", ids[0])).await;
        assert_eq!(person["groups"], json!([{"value": id, "$ref": format!("{}/scim/v2/Groups/{id}", server.address), "display": "Sales", "type": "direct"}]));
        assert!(server.read(&format!("/Users/{}?excludedAttributes=groups", ids[0])).await.get("groups").is_none());
    }

    async fn members_are_left_out_when_they_are_excluded_and_empty_when_there_are_none(server) {
        let id = server.make("/Groups", json!({"displayName": "Sales"})).await;
        assert_eq!(server.read(&format!("/Groups/{id}")).await["members"], json!([]));
        assert!(server.read(&format!("/Groups/{id}?excludedAttributes=members")).await.get("members").is_none());
        let list = server.read("/Groups?excludedAttributes=members&filter=displayName%20eq%20%22sales%22").await;
        assert_eq!((&list["totalResults"], list["Resources"][0].get("members")), (&json!(1), None));
    }

    async fn a_member_that_does_not_exist_is_named_and_nothing_changes(server) {
        let ids = people(server, 2).await;
        let group = server.make("/Groups", json!({"displayName": "Sales", "members": [{"value": ids[0]}]})).await;
        let path = format!("/Groups/{group}");
        let before = server.read(&path).await;
        let stranger = "018f0000-0000-7000-8000-000000000000";
        for op in ["add", "replace"] {
            let operations = json!([
                {"op": "replace", "path": "displayName", "value": "Renamed"},
                {"op": "remove", "path": format!("members[value eq \"{}\"]", ids[0])},
                {"op": op, "path": "members", "value": [{"value": ids[1]}, {"value": stranger}, {"value": "not-an-id"}]},
            ]);
            let (kind, detail) = server.send("PATCH", &path, patch_body(operations)).await.error(400);
            assert_eq!(kind, "invalidValue");
            assert!(detail.contains(stranger) && detail.contains("not-an-id"), "{detail}");
            assert_eq!(server.read(&path).await, before);
        }
        server.send("PUT", &path, json!({"displayName": "Sales", "members": [{"value": stranger}]})).await.error(400);
        server.send("POST", "/Groups", json!({"displayName": "Other", "members": [{"value": stranger}]})).await.error(400);
        assert_eq!(server.read("/Groups").await["totalResults"], 1);
        assert_eq!(server.read(&path).await, before);
        server.patch(&path, json!([{"op": "remove", "path": "members", "value": [{"value": stranger}, {"value": ids[0]}]}])).await;
        assert_eq!(members(server, &group).await, Vec::<String>::new(), "who is nobody is passed over on removal");
    }

    async fn replacing_sets_the_members_and_without_any_empties_the_group(server) {
        let ids = people(server, 3).await;
        let group = server.make("/Groups", json!({"displayName": "Sales", "members": [{"value": ids[0]}, {"value": ids[1]}]})).await;
        let path = format!("/Groups/{group}");
        let put = |members: Value| json!({"displayName": "Sales", "members": members});
        let answer = server.send("PUT", &path, put(json!([{"value": ids[1]}, {"value": ids[2]}]))).await;
        assert_eq!((answer.status, answer.json()["members"].as_array().unwrap().len()), (200, 2));
        assert_eq!(members(server, &group).await, [ids[1].clone(), ids[2].clone()]);
        server.send("PUT", &path, json!({"displayName": "Sales"})).await;
        assert_eq!(members(server, &group).await, Vec::<String>::new());
    }

    async fn groups_nest_but_not_in_themselves(server) {
        let inner = server.make("/Groups", json!({"displayName": "Inner"})).await;
        let outer = server.make("/Groups", json!({"displayName": "Outer", "members": [{"value": inner, "type": "Group"}]})).await;
        assert_eq!(server.read(&format!("/Groups/{outer}")).await["members"][0]["type"], "Group");
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": outer}]}]);
        server.send("PATCH", &format!("/Groups/{outer}"), patch_body(operations)).await.error(400);
        assert_eq!(members(server, &outer).await, [inner]);
    }

    async fn a_deleted_person_leaves_every_group(server) {
        let ids = people(server, 2).await;
        let group = server.make("/Groups", json!({"displayName": "Sales", "members": [{"value": ids[0]}, {"value": ids[1]}]})).await;
        let before = server.read(&format!("/Groups/{group}")).await["meta"]["version"].clone();
        server.delete(&format!("/Users/{}", ids[0])).await;
        assert_eq!(members(server, &group).await, [ids[1].clone()]);
        assert_ne!(server.read(&format!("/Groups/{group}")).await["meta"]["version"], before);
    }

    async fn a_second_group_of_the_same_name_is_refused(server) {
        server.make("/Groups", json!({"displayName": "Sales"})).await;
        let (kind, detail) = server.send("POST", "/Groups", json!({"displayName": "SALES"})).await.error(409);
        assert_eq!(kind, "uniqueness");
        assert!(detail.contains("displayName"), "{detail}");
    }

    async fn a_large_group_is_made_in_one_request_and_answered_whole(server) {
        let owner = server.provider.owner();
        let made = server.db.write(move |tx| {
            let change = Change { owner, actor: "test", now: 1 };
            let placement = Placement { role: "user", team: None, permission: None };
            let mut ids = Vec::new();
            for i in 0..3_000 {
                let Value::Object(document) = json!({"userName": format!("u{i}@contoso.example"), "active": true}) else { panic!() };
                ids.push(directory::create(tx, &change, Kind::Person, Uuid::now_v7(), &document, &placement)?.id.to_string());
            }
            Ok::<_, provost_store::Error>(ids)
        });
        let ids = made.await.unwrap();
        let list: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
        let created = server.send("POST", "/Groups", json!({"displayName": "All", "members": list})).await;
        assert_eq!((created.status, created.json()["members"].as_array().unwrap().len()), (201, 3_000));
        let group = created.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(members(server, &group).await, ids);
        let path = format!("/Groups/{group}");
        let whole = server.read(&path).await;
        assert_eq!(server.send("PUT", &path, whole.clone()).await.json(), whole);
        server.patch(&path, json!([{"op": "remove", "path": "members", "value": list[..2_999]}])).await;
        assert_eq!(members(server, &group).await, ids[2_999..]);
    }
}

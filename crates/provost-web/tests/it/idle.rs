//! What changes nothing writes nothing: no row, no version, no time.

use crate::groups::people;
use crate::harness::{ENTERPRISE, Server, both};
use provost_store::{audit, change_log};
use serde_json::{Value, json};

/// Where the change log ends, and how many audit rows there are.
async fn written(server: &Server) -> (i64, usize) {
    let workspace = server.provider.workspace;
    let read = move |tx: &mut provost_store::Tx| {
        Ok::<_, provost_store::Error>((
            change_log::last_position(tx)?,
            audit::latest(tx, workspace, 1_000)?.len(),
        ))
    };
    server.db.read(read).await.unwrap()
}

async fn person(server: &Server) -> String {
    let boss = people(server, 1).await.remove(0);
    let id = server.make("/Users", json!({
        "userName": "Lotte@contoso.example", "externalId": "a91f", "active": false, "name": {"givenName": "Lotte", "familyName": "Maes"}, "title": "Boss",
        "emails": [{"type": "work", "value": "lotte@contoso.example", "primary": true}, {"type": "home", "value": "l@home.contoso.example"}],
        "phoneNumbers": [{"type": "mobile", "value": "+32 470 11 22 44"}], "roles": [{"value": "{\"id\":\"1\"}", "primary": true}],
        ENTERPRISE: {"department": "Field", "manager": {"value": boss}},
    })).await;
    format!("/Users/{id}")
}

both! {
    async fn putting_back_what_was_read_changes_nothing(server) {
        let path = person(server).await;
        let ids = people_of(server).await;
        let group = format!("/Groups/{}", server.make("/Groups", json!({"displayName": "Sales", "externalId": "g", "members": ids})).await);
        for path in [path, group] {
            let (before, rows) = (server.read(&path).await, written(server).await);
            let answer = server.send("PUT", &path, before.clone()).await;
            assert_eq!((answer.status, answer.json()), (200, before.clone()));
            assert_eq!((server.read(&path).await, written(server).await), (before, rows), "{path}");
        }
    }

    async fn a_patch_that_says_what_is_there_already_changes_nothing(server) {
        let path = person(server).await;
        let before = server.read(&path).await;
        let rows = written(server).await;
        for operations in [
            json!([{"op": "replace", "path": "title", "value": "Boss"}]),
            json!([{"op": "Replace", "path": "active", "value": "False"}]),
            json!([{"op": "replace", "value": {"active": false, "name": {"givenName": "Lotte"}}}]),
            json!([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "lotte@contoso.example"}]),
            json!([{"op": "remove", "path": "emails[type eq \"fax\"]"}]),
        ] {
            let answer = server.patch(&path, operations.clone()).await;
            assert_eq!((answer.json(), written(server).await), (before.clone(), rows), "{operations}");
        }
    }

    async fn who_is_in_a_group_is_not_added_and_who_is_not_is_not_removed(server) {
        let ids = people(server, 3).await;
        let path = format!("/Groups/{}", server.make("/Groups", json!({"displayName": "Sales", "members": [{"value": ids[0]}, {"value": ids[1]}]})).await);
        let rows = written(server).await;
        let etag = server.get(&path).await.header("etag").to_owned();
        for operations in [
            json!([{"op": "add", "path": "members", "value": [{"value": ids[0]}]}]),
            json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[2])}, {"op": "add", "path": "members", "value": [{"value": ids[1]}]}]),
            json!([{"op": "replace", "path": "members", "value": [{"value": ids[1]}, {"value": ids[0]}]}]),
            json!([{"op": "remove", "path": "members", "value": [{"value": "018f0000-0000-7000-8000-000000000000"}]}]),
        ] {
            let answer = server.patch(&path, operations.clone()).await;
            assert_eq!((answer.status, answer.header("etag"), written(server).await), (204, etag.as_str(), rows), "{operations}");
        }
        let answer = server.patch(&path, json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[0])}, {"op": "add", "path": "members", "value": [{"value": ids[0]}]}])).await;
        assert_ne!(answer.header("etag"), etag, "leaving and coming back is a change");
    }

    async fn a_change_that_meets_another_one_is_worked_out_again(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let path = format!("/Users/{id}");
        let mut running = tokio::task::JoinSet::new();
        for i in 0..20 {
            let body = crate::harness::patch_body(json!([{"op": "add", "path": "emails", "value": [{"type": format!("t{i}"), "value": format!("a{i}@contoso.example")}]}]));
            let request = server.scim("PATCH", &path).body(body.to_string());
            running.spawn(async move { request.send().await.unwrap().status().as_u16() });
        }
        while let Some(status) = running.join_next().await {
            assert_eq!(status.unwrap(), 200);
        }
        let read = server.read(&path).await;
        assert_eq!((read["emails"].as_array().unwrap().len(), &read["meta"]["version"]), (20, &json!("W/\"21\"")));
    }
}

/// The people that there are, as members.
async fn people_of(server: &Server) -> Vec<Value> {
    let list = server.read("/Users").await;
    list["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| json!({"value": each["id"]}))
        .collect()
}

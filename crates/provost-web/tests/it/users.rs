//! People: create, read, replace, delete.

use crate::harness::{Answer, ENTERPRISE, USER, answers, both};
use provost_engine::object::Kind;
use provost_store::directory;
use serde_json::json;

both! {
    async fn a_person_is_created_and_answered_whole(server) {
        let created = server.send("POST", "/Users", json!({
            "schemas": [USER, ENTERPRISE], "userName": "Lotte@contoso.example", "externalId": "a91f",
            "name": {"givenName": "Lotte", "familyName": "Maes"}, "password": "never shown",
            "emails": [{"type": "work", "value": "lotte@contoso.example", "primary": true}],
            ENTERPRISE: {"department": "Field"},
        })).await;
        answers!(created, @r#"
        201
        content-type: application/scim+json
        location: http://host/scim/v2/Users/<id 1>
        etag: W/"1"
        active: true
        emails: [{"primary":true,"type":"work","value":"lotte@contoso.example"}]
        externalId: "a91f"
        id: "<id 1>"
        meta: {"created":"<time>","lastModified":"<time>","location":"http://host/scim/v2/Users/<id 1>","resourceType":"User","version":"W/\"1\""}
        name: {"familyName":"Maes","givenName":"Lotte"}
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User: {"department":"Field"}
        userName: "Lotte@contoso.example"
        "#);
        let id = created.json()["id"].as_str().unwrap().to_owned();
        let read = server.get(&format!("/Users/{id}")).await;
        assert_eq!((read.status, read.json()), (200, created.json()));
        assert_eq!(read.header("etag"), "W/\"1\"");
    }

    async fn endpoint_names_have_no_letter_case_and_slashes_may_be_too_many(server) {
        let id = server.make("//users/", json!({"userName": "ann@contoso.example"})).await;
        for path in [format!("/users/{id}/"), format!("//USERS//{id}"), format!("/Users/{id}?aadOptscim062020")] {
            assert_eq!(server.get(&path).await.status, 200, "{path}");
        }
    }

    async fn plain_json_is_spoken_with_whoever_asks_for_it(server) {
        let body = json!({"userName": "ann@contoso.example"}).to_string();
        let request = server.scim("POST", "/Users").header("accept", "application/json").header("content-type", "application/json; charset=utf-8");
        let created = Answer::of(request.body(body)).await;
        assert_eq!((created.status, created.header("content-type")), (201, "application/json"));
        for accept in ["*/*", "text/html", "application/json, application/scim+json"] {
            let list = Answer::of(server.scim("GET", "/Users").header("accept", accept)).await;
            assert_eq!((list.status, list.header("content-type")), (200, "application/scim+json"), "{accept}");
        }
    }

    async fn replacing_clears_what_is_left_out_but_enables_nobody(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example", "title": "Boss", "active": false})).await;
        let path = format!("/Users/{id}");
        let answer = server.send("PUT", &path, json!({"schemas": [USER], "id": "other", "userName": "ann@contoso.example", "nickName": "A"})).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["id"], &body["active"]), (200, &json!(id), &json!(false)));
        assert_eq!((body.get("title"), &body["nickName"]), (None, &json!("A")));
        assert_eq!((answer.header("etag"), &body["meta"]["version"]), ("W/\"2\"", &json!("W/\"2\"")));
        let again = server.send("PUT", &path, body.clone()).await;
        assert_eq!(again.json(), body, "what changes nothing leaves version and times alone");
        assert_eq!(server.send("PUT", "/Users/nobody", json!({"userName": "x"})).await.status, 404);
    }

    async fn a_deleted_person_is_gone_and_the_name_is_free(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let path = format!("/Users/{id}");
        let gone = server.delete(&path).await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
        for answer in [server.get(&path).await, server.delete(&path).await, server.send("PUT", &path, json!({"userName": "ann@contoso.example"})).await] {
            answer.error(404);
        }
        server.make("/Users", json!({"userName": "ANN@contoso.example"})).await;
    }

    async fn projection_applies_to_every_answer(server) {
        let sent = json!({"userName": "ann@contoso.example", "title": "Boss", "emails": [{"type": "work", "value": "ann@contoso.example"}]});
        let created = server.send("POST", "/Users?attributes=userName,emails.value", sent).await.json();
        let id = created["id"].as_str().unwrap();
        let expected = json!({"schemas": [USER], "id": id, "userName": "ann@contoso.example", "emails": [{"value": "ann@contoso.example"}]});
        assert_eq!(created, expected);
        assert_eq!(server.read(&format!("/Users/{id}?attributes=USERNAME,emails.value")).await, expected);
        let slim = server.read(&format!("/Users/{id}?excludedAttributes=emails,meta,title,active")).await;
        assert_eq!(slim, json!({"schemas": [USER], "id": id, "userName": "ann@contoso.example"}));
        server.get(&format!("/Users/{id}?attributes=title&excludedAttributes=active")).await.error(400);
    }

    async fn an_administrators_block_is_not_lifted_by_a_provider(server) {
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let path = format!("/Users/{id}");
        let (owner, uuid) = (server.provider.owner(), id.parse().unwrap());
        let block = move |tx: &mut provost_store::Tx| {
            let object = directory::get(tx, owner, Kind::Person, uuid)?.unwrap();
            directory::block(tx, "test", 2, &object, "left the company")
        };
        server.db.write(block).await.unwrap();
        for value in [json!(false), json!(true)] {
            server.patch(&path, json!([{"op": "replace", "path": "active", "value": value}])).await;
            assert_eq!(server.read(&path).await["active"], value, "the provider sees what it said itself");
        }
        server.send("PUT", &path, json!({"userName": "ann@contoso.example", "active": true})).await;
        let object = server.db.read(move |tx| directory::get(tx, owner, Kind::Person, uuid)).await.unwrap().unwrap();
        assert!(object.active && !directory::is_enabled(&object));
    }
}

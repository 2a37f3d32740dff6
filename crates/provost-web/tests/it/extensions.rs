//! Extensions that a workspace defined: advertised, kept, filtered, shown.

use crate::harness::{Server, USER, both};
use provost_scim::schema::Extension;
use provost_store::extension;
use serde_json::{Value, json};

const BADGE: &str = "urn:contoso:scim:badge:1.0:User";

async fn define(server: &Server, required: bool) {
    let definition = json!({
        "resource": "User", "required": required, "id": BADGE, "name": "Badge", "description": "What opens doors",
        "attributes": [
            {"name": "number", "type": "integer", "multiValued": false, "description": "The number on it", "required": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none"},
            {"name": "floors", "type": "string", "multiValued": true, "description": "Where it opens", "required": false, "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none"},
            {"name": "photo", "type": "string", "multiValued": false, "description": "Shown to who asks", "required": false, "caseExact": true, "mutability": "readWrite", "returned": "request", "uniqueness": "none"},
        ],
    });
    let extension = Extension::parse(&definition).unwrap();
    let workspace = server.provider.workspace;
    server
        .db
        .write(move |tx| extension::put(tx, "test", 1, workspace, &extension))
        .await
        .unwrap();
}

fn names(list: &Value) -> Vec<&str> {
    list["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["id"].as_str().unwrap())
        .collect()
}

both! {
    async fn a_workspaces_extension_is_advertised_and_used(server) {
        define(server, false).await;
        assert!(names(&server.read("/Schemas").await).contains(&BADGE));
        assert_eq!(server.read(&format!("/Schemas/{BADGE}")).await["attributes"][0]["type"], "integer");
        let user = server.read("/ResourceTypes/User").await;
        assert!(user["schemaExtensions"].as_array().unwrap().contains(&json!({"schema": BADGE, "required": false})), "{user}");
        let sent = json!({"schemas": [USER, BADGE], "userName": "ann@contoso.example", BADGE: {"number": 7, "floors": ["1", "2"]}});
        let made = server.send("POST", "/Users", sent).await;
        assert_eq!((made.status, &made.json()[BADGE]["number"], &made.json()["schemas"]), (201, &json!(7), &json!([USER, BADGE])), "{}", made.text);
        let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        server.patch(&path, json!([{"op": "replace", "path": format!("{BADGE}:number"), "value": 8}, {"op": "add", "path": format!("{BADGE}:floors"), "value": ["3"]}])).await;
        assert_eq!(server.read(&path).await[BADGE], json!({"number": 8, "floors": ["1", "2", "3"]}));
        for (filter, expected) in [(format!("{BADGE}:number gt 7"), 1), (format!("{BADGE}:number gt 8"), 0), (format!("{BADGE}:floors eq \"2\""), 1), (format!("schemas eq \"{BADGE}\""), 1)] {
            let list = server.send("POST", "/Users/.search", json!({"filter": filter})).await.json();
            assert_eq!(list["totalResults"], expected, "{filter}");
        }
        let slim = server.read(&format!("{path}?attributes={BADGE}:number")).await;
        assert_eq!((&slim[BADGE], slim.get("displayName")), (&json!({"number": 8}), None));
        let wrong = json!({"userName": "bob@contoso.example", BADGE: {"number": "seven"}});
        let (kind, detail) = server.send("POST", "/Users", wrong).await.error(400);
        assert!(kind == "invalidValue" && detail.contains("number"), "{detail}");
    }

    async fn what_is_returned_on_request_is_shown_to_who_wrote_it(server) {
        define(server, false).await;
        let sent = json!({"schemas": [USER, BADGE], "userName": "ann@contoso.example", BADGE: {"number": 7, "photo": "p1"}});
        let made = server.send("POST", "/Users", sent.clone()).await;
        assert_eq!(made.json()[BADGE], json!({"number": 7, "photo": "p1"}));
        let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        assert_eq!(server.read(&path).await[BADGE], json!({"number": 7}));
        assert_eq!(server.read(&format!("{path}?attributes={BADGE}:photo")).await[BADGE], json!({"photo": "p1"}));
        let put = server.send("PUT", &path, sent).await;
        assert_eq!(put.json()[BADGE], json!({"number": 7, "photo": "p1"}));
        let patched = server.patch(&path, json!([{"op": "replace", "path": format!("{BADGE}:photo"), "value": "p2"}])).await;
        assert_eq!(patched.json()[BADGE], json!({"number": 7, "photo": "p2"}));
        let other = server.patch(&path, json!([{"op": "replace", "path": format!("{BADGE}:number"), "value": 8}])).await;
        assert_eq!(other.json()[BADGE], json!({"number": 8}));
    }

    async fn a_required_extension_must_be_there(server) {
        define(server, true).await;
        let (kind, detail) = server.send("POST", "/Users", json!({"userName": "ann@contoso.example"})).await.error(400);
        assert!(kind == "invalidValue" && detail.contains(BADGE), "{detail}");
    }
}

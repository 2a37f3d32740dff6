//! A provider's attribute sheet: what must be there, and what can be filtered on.

use crate::harness::{Answer, Server, both, make_provider_with, patch_body};
use provost_scim::sheet::Sheet;
use provost_store::provider::{Settings, State};
use serde_json::{Value, json};

async fn provider(server: &Server, template: &str) -> String {
    let sheet = Sheet::template(template);
    assert!(sheet.is_some());
    make_provider_with(
        &server.db,
        "Sheet",
        State::Saved,
        Settings {
            sheet,
            ..Settings::default()
        },
    )
    .await
    .1
}

async fn send(server: &Server, token: &str, method: &str, path: &str, body: Value) -> Answer {
    Answer::of(server.as_other(token, method, path).body(body.to_string())).await
}

both! {
    async fn what_is_required_and_missing_is_named(server) {
        let token = provider(server, "connecter").await;
        let (kind, detail) = send(server, &token, "POST", "/Users", json!({"userName": "ann@contoso.example"})).await.error(400);
        assert_eq!(kind, "invalidValue");
        assert!(detail.contains("displayName") && detail.contains("attribute sheet"), "{detail}");
        let whole = json!({"userName": "ann@contoso.example", "displayName": "Ann", "title": "Boss"});
        let made = send(server, &token, "POST", "/Users", whole.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_eq!(made.json()["title"], "Boss", "what the sheet does not name is kept");
        let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        for (method, body) in [
            ("PUT", json!({"userName": "ann@contoso.example"})),
            ("PATCH", patch_body(json!([{"op": "remove", "path": "displayName"}]))),
        ] {
            let (_, detail) = send(server, &token, method, &path, body).await.error(400);
            assert!(detail.contains("displayName"), "{method}: {detail}");
        }
        assert_eq!(send(server, &token, "PUT", &path, whole).await.header("etag"), "W/\"1\"");
        let group = send(server, &token, "POST", "/Groups", json!({"displayName": "Sales"})).await;
        assert_eq!(group.status, 201, "a sheet is about people: {}", group.text);
    }

    async fn what_is_not_filterable_is_refused_in_a_filter(server) {
        let sheet: Sheet = serde_json::from_value(json!({"attributes": [
            {"name": "userName", "type": "string", "filterable": true, "required": true},
            {"name": "displayName", "type": "string", "filterable": false, "required": false},
        ]})).unwrap();
        let settings = Settings { sheet: Some(sheet), ..Settings::default() };
        let (_, token) = make_provider_with(&server.db, "Sheet", State::Saved, settings).await;
        for (filter, status) in [("userName eq \"a\"", 200), ("id eq \"a\"", 200), ("displayName eq \"a\"", 400), ("userName eq \"a\" or displayName sw \"b\"", 400)] {
            let answer = send(server, &token, "POST", "/Users/.search", json!({"filter": filter})).await;
            assert_eq!(answer.status, status, "{filter}: {}", answer.text);
            if status == 400 {
                let (kind, detail) = answer.error(400);
                assert!(kind == "invalidFilter" && detail.contains("displayName"), "{detail}");
            }
        }
        let groups = send(server, &token, "POST", "/Groups/.search", json!({"filter": "displayName eq \"a\""})).await;
        assert_eq!(groups.status, 200);
    }
}

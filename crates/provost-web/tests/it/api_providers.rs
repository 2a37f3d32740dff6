//! `/api/v1/providers` and what belongs to inbound providers.

use crate::api_once::send;
use crate::harness::{Answer, Server, both};
use provost_store::api_token::Scope;
use provost_store::setup_link;
use serde_json::{Value, json};

async fn get(server: &Server, token: &str, path: &str) -> Answer {
    Answer::of(server.api(token, "GET", path)).await
}

both! {
    async fn a_provider_is_made_used_changed_and_switched_off(server) {
        let token = server.api_token(Scope::Configure).await;
        let body = json!({"name": "Okta", "settings": {"networks": ["127.0.0.0/8"], "sheet": "template:connecter"}});
        let made = send(server, &token, "POST", "/providers", body, &[]).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let text = made.json()["token"]["token"].as_str().unwrap().to_owned();
        assert_eq!(Answer::of(server.as_other(&text, "GET", "/Users")).await.status, 200, "its token works");
        let shown = get(server, &token, "/providers/Okta").await;
        assert!(!shown.text.contains(&text) && shown.json()["settings"]["sheet"].is_object(), "{}", shown.text);
        let tag = shown.header("etag").to_owned();
        let change = json!({"role": "auditor", "settings": {"log_days": 7, "sheet": null}});
        let changed = send(server, &token, "PATCH", "/providers/Okta", change.clone(), &[("if-match", &tag)]).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let after = changed.json();
        assert_eq!((&after["role"], &after["settings"]["log_days"], &after["settings"]["sheet"]), (&json!("auditor"), &json!(7), &Value::Null));
        assert_eq!(after["settings"]["networks"], json!(["127.0.0.0/8"]), "what was left out stays");
        let stale = send(server, &token, "PATCH", "/providers/Okta", change, &[("if-match", &tag)]).await;
        assert_eq!(stale.problem(412).0, "PRV-API-CHANGED");
        let wrong = send(server, &token, "PATCH", "/providers/Okta", json!({"settings": {"log_day": 7}}), &[]).await;
        assert!(wrong.problem(400).1.contains("log_day"), "{}", wrong.text);
        assert_eq!(send(server, &token, "POST", "/providers/Okta/off", json!({}), &[]).await.json()["state"], "off");
        let id = after["id"].as_str().unwrap();
        assert_eq!(get(server, &token, &format!("/providers/{id}")).await.json()["state"], "off", "by id too");
        assert_eq!(send(server, &token, "POST", "/providers/Okta/save", json!({}), &[]).await.json()["state"], "saved");
        let twice = send(server, &token, "POST", "/providers", json!({"name": "Okta"}), &[]).await;
        assert_eq!(twice.problem(409).0, "PRV-CONFLICT");
        let owner = send(server, &token, "POST", "/providers", json!({"name": "X", "role": "owner"}), &[]).await;
        assert_eq!(owner.problem(409).0, "PRV-ROLE-OWNER");
    }

    async fn tokens_and_clients_are_made_listed_and_revoked(server) {
        let token = server.api_token(Scope::Configure).await;
        for (noun, name) in [("tokens", "tokens"), ("clients", "clients")] {
            let path = format!("/providers/Entra/{noun}");
            let made = send(server, &token, "POST", &path, json!({"label": "next", "expires": "2099-01-01T00:00:00Z"}), &[]).await;
            assert_eq!(made.status, 201, "{}", made.text);
            let key = made.json()["key"].as_i64().unwrap();
            let all = get(server, &token, &path).await.json();
            let mine = all[name].as_array().unwrap().iter().find(|one| one["key"] == key).unwrap().clone();
            assert_eq!((&mine["state"], &mine["expires"]), (&json!("valid"), &json!("2099-01-01T00:00:00.000Z")));
            let one = format!("{path}/{key}");
            assert_eq!(send(server, &token, "DELETE", &one, json!({}), &[]).await.status, 204);
            send(server, &token, "DELETE", &one, json!({}), &[]).await.problem(404);
            send(server, &token, "POST", &path, json!({"expires": "2001-01-01T00:00:00Z"}), &[]).await.problem(400);
            send(server, &token, "POST", &path, json!({"labels": "x"}), &[]).await.problem(400);
        }
        let all = get(server, &token, "/credentials").await.json();
        let kinds: Vec<&str> = all["credentials"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"token") && kinds.contains(&"api_token") && !kinds.contains(&"client"), "{kinds:?}");
        let own = get(server, &token, "/api-tokens").await.json();
        assert_eq!((own["api_tokens"].as_array().unwrap().len(), &own["api_tokens"][0]["scope"]), (1, &json!("configure")));
        assert!(!own.to_string().contains(&token));
    }

    async fn requests_are_found_and_shown(server) {
        let token = server.api_token(Scope::Read).await;
        server.make("/Users", json!({"userName": "ann@contoso.example", "name": {"familyName": "Secretive"}})).await;
        let listed = crate::harness::until("the request", || async {
            let all = get(server, &token, "/requests?changes=true").await.json();
            all["requests"].as_array().unwrap().first().cloned()
        })
        .await;
        assert_eq!((&listed["method"], &listed["provider"], &listed["status"]), (&json!("POST"), &json!("Entra"), &json!(201)));
        let whole = get(server, &token, &format!("/requests/{}", listed["key"])).await.json();
        assert!(whole["body"].as_str().unwrap().contains("familyName"), "{whole}");
        get(server, &token, "/requests/999999999").await.problem(404);
        get(server, &token, "/requests?since=yesterday").await.problem(400);
    }

    async fn a_source_is_read_and_set_and_runs_are_listed(server) {
        let token = server.api_token(Scope::Configure).await;
        let shown = get(server, &token, "/providers/Entra/source").await;
        let mut source = shown.json();
        source["absent"] = json!("leave");
        let tag = shown.header("etag").to_owned();
        let saved = send(server, &token, "PUT", "/providers/Entra/source", source.clone(), &[("if-match", &tag)]).await;
        assert_eq!((saved.status, &saved.json()["absent"]), (200, &json!("leave")), "{}", saved.text);
        let stale = send(server, &token, "PUT", "/providers/Entra/source", source, &[("if-match", &tag)]).await;
        assert_eq!(stale.problem(412).0, "PRV-API-CHANGED");
        let record = json!({"externalId": "e1", "userName": "ann@contoso.example"}).as_object().unwrap().clone();
        let run = server.engine().receive(&server.provider, vec![record], "test").await.unwrap();
        let runs = get(server, &token, "/providers/Entra/imports").await.json();
        assert_eq!(runs["imports"][0]["run"], run, "{runs}");
        let other = send(server, &token, "POST", "/imports/999999999/reject", json!({}), &[]).await;
        assert_eq!(other.problem(404).0, "PRV-IMPORT-UNKNOWN");
    }

    async fn setup_links_are_listed_and_revoked(server) {
        let token = server.api_token(Scope::Configure).await;
        let provider = server.provider.clone();
        server.db
            .write(move |tx| {
                let new = setup_link::New { workspace: provider.workspace, provider: provider.key, label: "For Contoso", expires: i64::MAX / 2 };
                setup_link::make(tx, "test", 1, &[7; 32], &new)
            })
            .await
            .unwrap();
        let all = get(server, &token, "/providers/Entra/setup-links").await.json();
        assert_eq!((&all["setup_links"][0]["label"], &all["setup_links"][0]["state"]), (&json!("For Contoso"), &json!("valid")));
        let path = format!("/providers/Entra/setup-links/{}", all["setup_links"][0]["key"]);
        assert_eq!(send(server, &token, "DELETE", &path, json!({}), &[]).await.status, 204);
        assert_eq!(get(server, &token, "/providers/Entra/setup-links").await.json()["setup_links"][0]["state"], "revoked");
    }
}

//! `/api/v1/microsoft-365-providers`: every operation is answered as it is described. Nobody stands behind the sign-in
//! address of these tests: what a tenant answers is tried with the simulated one, in the tests of the program.

use crate::api_once::send;
use crate::harness::{Answer, Server, both};
use provost_store::administrator::{self, Role};
use provost_store::api_token::{self, New, Scope};
use serde_json::{Value, json};

const PATH: &str = "/microsoft-365-providers";

async fn get(server: &Server, token: &str, path: &str) -> Answer {
    Answer::of(server.api(token, "GET", path)).await
}

async fn post(server: &Server, token: &str, path: &str, body: Value) -> Answer {
    send(server, token, "POST", path, body, &[]).await
}

fn entered(name: &str) -> Value {
    json!({
        "name": name, "domain": "contoso.example", "tenant_name": "contoso",
        "settings": {"login_url": "http://127.0.0.1:9", "graph_url": "http://127.0.0.1:9", "allow_private_network": true},
    })
}

/// A token with the scope `configure`, and a provider of which nobody could say whose domain it is.
async fn added(server: &Server) -> (String, Answer) {
    let token = server.api_token(Scope::Configure).await;
    let note = "/guides/move-microsoft-365/notes/register";
    assert_eq!(
        send(server, &token, "PUT", note, json!({}), &[]).await.status,
        204
    );
    let made = send(
        server,
        &token,
        "POST",
        PATH,
        entered("Contoso"),
        &[("idempotency-key", "one")],
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text);
    (token, made)
}

both! {
    async fn a_provider_is_checked_added_and_shown(server) {
        let (token, made) = added(server).await;
        let made = made.json();
        assert_eq!((&made["state"], &made["domain_state"]), (&json!("draft"), &json!("unverified")), "{made}");
        // Sent again with its key, it is the same one; without, its name is taken.
        let again = send(server, &token, "POST", PATH, entered("Contoso"), &[("idempotency-key", "one")]).await;
        assert_eq!((again.status, again.json()["id"].clone()), (201, made["id"].clone()), "{}", again.text);
        let taken = post(server, &token, PATH, entered("Contoso")).await;
        assert_eq!(taken.problem(409).0, "PRV-PROVIDER-NAME-TAKEN", "{}", taken.text);
        let checked = post(server, &token, "/microsoft-365-provider-checks", entered("Other")).await.json();
        assert_eq!((&checked["is_ok"], &checked["tenant_id"]), (&json!(true), &Value::Null), "{checked}");
        let found = post(server, &token, &format!("{PATH}/Contoso/check"), json!({})).await.json();
        assert_eq!(found["domain_state"], "unverified", "{found}");
        let list = get(server, &token, PATH).await.json();
        assert_eq!((list["microsoft_365_providers"].as_array().unwrap().len(), &list["next"]), (1, &Value::Null));
        let first = get(server, &token, &format!("{PATH}?limit=1")).await.json();
        assert_eq!(first["next"], "Contoso", "{first}");
        let rest = get(server, &token, &format!("{PATH}?limit=1&after=Contoso")).await.json();
        assert_eq!(rest["microsoft_365_providers"], json!([]), "{rest}");
        for path in ["Contoso/checklist", "Contoso/detached"] {
            let shown = get(server, &token, &format!("{PATH}/{path}")).await;
            assert_eq!(shown.status, 200, "{path}: {}", shown.text);
        }
        for path in ["Nobody", "Nobody/checklist", "Nobody/detached"] {
            let gone = get(server, &token, &format!("{PATH}/{path}")).await;
            assert_eq!(gone.problem(404).0, "PRV-MICROSOFT-365-UNKNOWN", "{path}");
        }
    }

    async fn who_sends_the_tag_that_was_read_changes_only_what_was_read(server) {
        let (token, _) = added(server).await;
        let path = format!("{PATH}/Contoso");
        let tag = get(server, &token, &path).await.header("etag").to_owned();
        let labelled = send(server, &token, "PATCH", &path, json!({"label": "One"}), &[("if-match", &tag)]).await;
        assert_eq!((labelled.status, labelled.json()["label"].clone()), (200, json!("One")), "{}", labelled.text);
        assert_ne!(labelled.header("etag"), tag);
        let provisioning = json!({"client_id": "1", "tenant": "contoso.example", "client_secret": "x"});
        let mode = json!({"mode": "provisioning_only", "reason": "Wanted"});
        for (method, part, body) in [
            ("PATCH", "", json!({"label": "Two"})),
            ("PUT", "/authentication", json!({})),
            ("PUT", "/provisioning", provisioning),
            ("PUT", "/mode", mode),
            ("DELETE", "", Value::Null),
        ] {
            let stale = send(server, &token, method, &format!("{path}{part}"), body, &[("if-match", &tag)]).await;
            assert_eq!(stale.problem(412).0, "PRV-API-CHANGED", "{method} {part}");
        }
        let now = get(server, &token, &path).await;
        assert_eq!(now.json()["label"], "One");
        let tag = now.header("etag").to_owned();
        let saved = send(server, &token, "PUT", &format!("{path}/authentication"), json!({}), &[("if-match", &tag)]).await;
        assert!(saved.status == 200 && saved.json()["authentication"].is_string(), "{}", saved.text);
    }

    async fn credentials_that_nobody_answers_are_not_saved(server) {
        let (token, _) = added(server).await;
        let path = format!("{PATH}/Contoso/provisioning");
        let credential = json!({
            "client_id": "2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f", "tenant": "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365",
            "client_secret": "the~secret.of-contoso",
        });
        let tried = post(server, &token, &format!("{path}/test"), credential.clone()).await;
        let checks = tried.json()["checks"].as_array().unwrap().clone();
        assert!(checks.iter().any(|check| check["ok"] == false), "{}", tried.text);
        let refused = send(server, &token, "PUT", &path, credential, &[]).await;
        assert_eq!(refused.problem(409).0, "PRV-CONNECTION-TEST", "{}", refused.text);
        let misread = json!({"client_id": "no id", "tenant": "no tenant", "client_secret": "the~secret.of-contoso"});
        let unread = send(server, &token, "PUT", &path, misread, &[]).await;
        assert_eq!(unread.json()["errors"].as_array().map(Vec::len), Some(2), "{}", unread.text);
        for answer in [&tried, &refused, &unread] {
            assert!(!answer.text.contains("the~secret"), "{}", answer.text);
        }
        let early = post(server, &token, &format!("{PATH}/Contoso/reattach"), json!({})).await;
        assert_eq!(early.problem(409).0, "PRV-PROVIDER-ORDER", "{}", early.text);
    }

    async fn the_mode_is_decided_by_an_owner_and_confirmed(server) {
        let (token, _) = added(server).await;
        let path = format!("{PATH}/Contoso/mode");
        let mut chosen = json!({"mode": "provisioning_only", "reason": "Wanted"});
        let workspace = server.provider.workspace;
        let id = server.administrator(Some(workspace), Role::ConfigurationAdmin).await;
        let mint = move |tx: &mut provost_store::Tx| {
            let maker = administrator::by_id(tx, id)?.unwrap();
            let new = New { workspace, label: "theirs", scope: Scope::Configure, expires: None, administrator: Some(maker.key) };
            api_token::make(tx, &maker.actor(), 1, &new)
        };
        let theirs = server.db.write(mint).await.unwrap().text;
        let refused = send(server, &theirs, "PUT", &path, chosen.clone(), &[]).await;
        assert_eq!(refused.problem(403).0, "PRV-API-ROLE", "{}", refused.text);
        let asked = send(server, &token, "PUT", &path, chosen.clone(), &[]).await;
        assert_eq!(asked.problem(409).0, "PRV-PROVIDER-MODE-CONFIRM", "{}", asked.text);
        chosen["confirm"] = json!({"digest": asked.json()["confirm"]["digest"]});
        assert_eq!(send(server, &theirs, "PUT", &path, chosen.clone(), &[]).await.problem(403).0, "PRV-API-ROLE");
        let decided = send(server, &token, "PUT", &path, chosen, &[]).await;
        assert_eq!((decided.status, decided.json()["is_assignable"].clone()), (200, json!(true)), "{}", decided.text);
    }

    async fn a_removal_is_seen_before_it_is_done(server) {
        let (token, _) = added(server).await;
        let path = format!("{PATH}/Contoso");
        let asked = Answer::of(server.api(&token, "DELETE", &path)).await;
        assert_eq!(asked.problem(409).0, "PRV-PROVIDER-REMOVE", "{}", asked.text);
        let digest = asked.json()["confirm"]["digest"].as_str().unwrap().to_owned();
        let other = Answer::of(server.api(&token, "DELETE", &format!("{path}?digest=0000000000000000"))).await;
        assert_eq!(other.problem(409).0, "PRV-PROVIDER-REMOVE");
        let strange = Answer::of(server.api(&token, "DELETE", &format!("{path}?force=true"))).await;
        assert_eq!(strange.problem(400).0, "PRV-API-REQUEST");
        let gone = Answer::of(server.api(&token, "DELETE", &format!("{path}?digest={digest}"))).await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
        assert_eq!(get(server, &token, &path).await.status, 404);
    }
}

//! `/api/v1/people` and `/api/v1/groups`.

use crate::api_once::send;
use crate::harness::{Answer, Server, both};
use provost_store::api_token::Scope;
use provost_store::audit;
use provost_store::provider::{self, Edit};
use serde_json::{Value, json};

async fn get(server: &Server, token: &str, path: &str) -> Answer {
    Answer::of(server.api(token, "GET", path)).await
}

async fn person(server: &Server, token: &str, name: &str) -> Answer {
    let body = json!({"attributes": {"userName": format!("{name}@contoso.example"), "displayName": name}});
    let answer = send(server, token, "POST", "/people", body, &[]).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer
}

async fn actions(server: &Server) -> Vec<String> {
    let workspace = server.provider.workspace;
    let rows = server
        .db
        .read(move |tx| audit::latest(tx, workspace, 50))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.action).collect()
}

both! {
    async fn a_person_is_added_changed_deleted_and_brought_back(server) {
        let token = server.api_token(Scope::Operate).await;
        let made = person(server, &token, "ann").await;
        let (tag, id) = (made.header("etag").to_owned(), made.json()["id"].as_str().unwrap().to_owned());
        assert_eq!((&made.json()["state"], &made.json()["role"], &made.json()["provider"]), (&json!("active"), &json!("user"), &Value::Null));
        assert_eq!(get(server, &token, "/people/ann@contoso.example").await.header("etag"), tag, "the same by userName");
        let title = json!({"attributes": {"title": "Cook", "displayName": null}});
        let changed = send(server, &token, "PATCH", &format!("/people/{id}"), title.clone(), &[("if-match", &tag)]).await;
        assert_eq!((changed.status, &changed.json()["attributes"]["title"]), (200, &json!("Cook")), "{}", changed.text);
        assert_eq!(changed.json()["attributes"]["displayName"], Value::Null);
        let new = changed.header("etag").to_owned();
        assert_ne!(new, tag);
        // Somebody else has changed them: nothing is changed, also by a weak tag.
        for old in [tag.clone(), format!("W/{new}")] {
            let stale = send(server, &token, "PATCH", &format!("/people/{id}"), json!({"attributes": {"title": "Chef"}}), &[("if-match", &old)]).await;
            assert_eq!(stale.problem(412).0, "PRV-API-CHANGED", "{old}");
        }
        let stale = send(server, &token, "DELETE", &format!("/people/{id}"), json!({}), &[("if-match", &tag)]).await;
        assert_eq!(stale.problem(412).0, "PRV-API-CHANGED");
        let gone = send(server, &token, "DELETE", &format!("/people/{id}"), json!({}), &[("if-match", &new)]).await;
        assert_eq!(gone.status, 204, "{}", gone.text);
        get(server, &token, &format!("/people/{id}")).await.problem(404);
        let bin = get(server, &token, "/deleted?kind=person").await.json();
        let key = bin["deleted"][0]["key"].as_i64().unwrap();
        let back = send(server, &token, "POST", &format!("/deleted/{key}/restore"), json!({}), &[]).await;
        assert_eq!((back.status, &back.json()["id"]), (200, &json!(id)), "{}", back.text);
        let actions = actions(server).await;
        for action in ["person.create", "person.update", "person.delete", "person.restore"] {
            assert_eq!(actions.iter().filter(|one| *one == action).count(), 1, "{action} in {actions:?}");
        }
    }

    async fn purging_asks_for_the_name(server) {
        let token = server.api_token(Scope::Operate).await;
        person(server, &token, "ann").await;
        send(server, &token, "DELETE", "/people/ann@contoso.example", json!({}), &[]).await;
        let key = get(server, &token, "/deleted").await.json()["deleted"][0]["key"].as_i64().unwrap();
        let path = format!("/deleted/{key}/purge");
        assert_eq!(send(server, &token, "POST", &path, json!({}), &[]).await.problem(409).0, "PRV-PURGE-UNCONFIRMED");
        let typed = json!({"confirm": {"typed": "ann"}});
        assert_eq!(send(server, &token, "POST", &path, typed.clone(), &[]).await.status, 204);
        assert_eq!(send(server, &token, "POST", &path, typed, &[]).await.problem(404).0, "PRV-DELETED-UNKNOWN");
    }

    async fn what_a_provider_keeps_is_only_blocked_here(server) {
        let token = server.api_token(Scope::Operate).await;
        let id = server.make("/Users", json!({"userName": "bo@contoso.example"})).await;
        let path = format!("/people/{id}");
        let change = json!({"attributes": {"title": "Cook"}});
        assert_eq!(send(server, &token, "PATCH", &path, change.clone(), &[]).await.problem(409).0, "PRV-OBJECT-OWNED");
        assert_eq!(send(server, &token, "DELETE", &path, json!({}), &[]).await.problem(409).0, "PRV-OBJECT-OWNED");
        let blocked = send(server, &token, "POST", &format!("{path}/block"), json!({"reason": "lost laptop"}), &[]).await;
        assert_eq!((&blocked.json()["state"], &blocked.json()["active"]), (&json!("blocked"), &json!(true)));
        assert_eq!(get(server, &token, "/people").await.json()["people"][0]["state"], "blocked");
        let free = send(server, &token, "POST", &format!("{path}/unblock"), json!({}), &[]).await;
        assert_eq!(free.json()["state"], "active");
        // A provider that is off speaks no more.
        let provider = server.provider.clone();
        server.db
            .write(move |tx| {
                let off = Edit { state: Some(provider::State::Off), ..Edit::default() };
                provider::edit(tx, "test", 2, &provider, &off)
            })
            .await
            .unwrap();
        assert_eq!(send(server, &token, "PATCH", &path, change, &[]).await.status, 200);
    }

    async fn people_are_listed_by_name_and_paged(server) {
        let token = server.api_token(Scope::Operate).await;
        for name in ["cy", "ann", "bo", "andy"] {
            person(server, &token, name).await;
        }
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = get(server, &token, &format!("/people?limit=3{after}")).await.json();
            seen.extend(page["people"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            let next = next.replace('@', "%40");
            after = format!("&after={next}");
        }
        assert_eq!(seen, ["andy", "ann", "bo", "cy"]);
        let found = get(server, &token, "/people?search=AN").await.json();
        assert_eq!(found["people"].as_array().unwrap().len(), 2, "{found}");
        assert_eq!(get(server, &token, "/people?provider=Entra").await.json()["people"], json!([]));
        assert_eq!(get(server, &token, "/people?provider=Okta").await.problem(404).0, "PRV-PROVIDER-UNKNOWN");
        get(server, &token, "/people?colour=red").await.problem(400);
        get(server, &token, "/people?after=x").await.problem(409);
    }

    async fn a_group_has_members_from_everywhere_in_the_workspace(server) {
        let token = server.api_token(Scope::Operate).await;
        person(server, &token, "ann").await;
        let pushed = server.make("/Users", json!({"userName": "bo@contoso.example"})).await;
        let body = json!({"attributes": {"displayName": "Cooks"}, "members": ["ann@contoso.example"]});
        let group = send(server, &token, "POST", "/groups", body, &[]).await;
        assert_eq!(group.status, 201, "{}", group.text);
        let id = group.json()["id"].as_str().unwrap().to_owned();
        let path = format!("/groups/{id}/members");
        let changed = send(server, &token, "POST", &path, json!({"add": [pushed], "remove": ["ann@contoso.example"]}), &[]).await;
        assert_eq!(changed.json()["changed"], 2, "{}", changed.text);
        let members = get(server, &token, &path).await.json();
        assert_eq!((members["members"].as_array().unwrap().len(), &members["members"][0]["id"]), (1, &json!(pushed)));
        let groups = get(server, &token, "/people/bo@contoso.example/groups").await.json();
        assert_eq!(groups["groups"][0]["name"], "Cooks");
        assert_eq!(get(server, &token, "/groups?search=coo").await.json()["groups"][0]["id"], json!(id));
        let itself = send(server, &token, "POST", &path, json!({"add": [id]}), &[]).await;
        assert_eq!(itself.problem(422).0, "PRV-GROUP-IN-ITSELF");
        let nobody = send(server, &token, "POST", &path, json!({"add": ["dee@contoso.example"]}), &[]).await;
        assert_eq!(nobody.problem(404).0, "PRV-OBJECT-UNKNOWN");
        assert_eq!(send(server, &token, "DELETE", &format!("/groups/{id}"), json!({}), &[]).await.status, 204);
        get(server, &token, &format!("/groups/{id}")).await.problem(404);
    }

    async fn a_wrong_person_is_refused_with_the_reason(server) {
        let token = server.api_token(Scope::Operate).await;
        for (body, status) in [
            (json!({"attributes": {}}), 400),
            (json!({"attributes": {"userName": 5}}), 400),
            (json!({"attributes": {"userName": "x", "favouriteColour": "red"}}), 400),
            (json!({"attributes": {"userName": "x"}, "role": "owner"}), 409),
            (json!({"attributes": {"userName": "x"}, "team": "Nowhere"}), 404),
            (json!({"attributes": {"userName": "x"}, "permission": "read"}), 400),
            (json!({"userName": "x"}), 400),
        ] {
            let answer = send(server, &token, "POST", "/people", body.clone(), &[]).await;
            assert_eq!(answer.status, status, "{body}: {}", answer.text);
            answer.problem(status);
        }
        assert_eq!(get(server, &token, "/people").await.json()["people"], json!([]));
        person(server, &token, "ann").await;
        let twice = send(server, &token, "POST", "/people", json!({"attributes": {"userName": "ANN@contoso.example"}}), &[]).await;
        assert_eq!(twice.problem(409).0, "PRV-CONFLICT");
    }
}

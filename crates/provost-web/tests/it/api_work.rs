//! The rest of the interface: what belongs to connections and to the workspace.

use crate::api::add_connection;
use crate::api_once::send;
use crate::harness::{Answer, Server, both};
use provost_engine::object::Kind;
use provost_store::api_token::{self, Scope};
use provost_store::connection_template::{self, Template};
use provost_store::{connection, cycle, lease, workspace};
use serde_json::{Value, json};
use uuid::Uuid;

async fn get(server: &Server, token: &str, path: &str) -> Answer {
    Answer::of(server.api(token, "GET", path)).await
}

async fn post(server: &Server, token: &str, path: &str, body: Value) -> Answer {
    send(server, token, "POST", path, body, &[]).await
}

/// What a `GET` of a connection or of the workspace can be about.
const LISTS: [&str; 36] = [
    "/connections",
    "/connections/App",
    "/connections/App/plan",
    "/connections/App/days",
    "/connections/App/preferences",
    "/connections/App/guard",
    "/connections/App/definition",
    "/connections/App/versions",
    "/connections/App/rules",
    "/connections/App/entra-schema",
    "/connections/App/assignments",
    "/connections/App/plans",
    "/connections/App/cycles",
    "/connections/App/staged",
    "/connections/App/retries",
    "/connections/App/drift",
    "/connections/App/links",
    "/connections/App/unowned",
    "/connections/App/doubts",
    "/connections/App/leavers",
    "/connections/App/licences",
    "/connections/App/group-licences",
    "/connections/App/status",
    "/protections",
    "/providers",
    "/takeovers",
    "/requests",
    "/teams",
    "/schemas",
    "/problems",
    "/audit",
    "/audit/verify",
    "/credentials",
    "/settings",
    "/notification",
    "/attributes",
];

both! {
    async fn a_running_cycle_is_stopped_once(server) {
        add_connection(server, "App").await;
        let workspace = server.provider.workspace;
        let key = server.db.write(move |tx| {
            let one = connection::by_name(tx, workspace, "App")?.unwrap();
            let lease = lease::take(tx, one.key, "test", 2, i64::MAX / 2, &|_| false)?.unwrap();
            cycle::start(tx, lease, "initial", 2, -1)
        });
        let path = format!("/cycles/{}", key.await.unwrap());
        let reader = server.api_token(Scope::Read).await;
        let refused = post(server, &reader, &format!("{path}/stop"), json!({})).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        let token = server.api_token(Scope::Operate).await;
        assert_eq!(post(server, &token, &format!("{path}/stop"), json!({})).await.status, 204);
        assert_eq!(get(server, &reader, &path).await.json()["state"], "stopping");
        let again = post(server, &token, &format!("{path}/stop"), json!({})).await;
        assert_eq!(again.problem(409).0, "PRV-CYCLE-ENDED");
        let unknown = post(server, &token, "/cycles/987654/stop", json!({})).await;
        assert_eq!(unknown.problem(404).0, "PRV-CYCLE-UNKNOWN");
    }

    async fn a_rule_about_what_the_application_does_not_have_is_refused(server) {
        add_connection(server, "App").await;
        let workspace = server.provider.workspace;
        let note = move |tx: &mut provost_store::Tx| {
            let one = connection::by_name(tx, workspace, "App")?.unwrap();
            let people_only = Template { template: "connecter".to_owned(), objects: vec![Kind::Person] };
            connection_template::note(tx, "test", 5, &one, Some(&people_only))
        };
        server.db.write(note).await.unwrap();
        let token = server.api_token(Scope::Configure).await;
        let rule = |object: &str, target: &str| json!({
            "name": object, "object": object, "enabled": false,
            "matching": [{"target": target, "precedence": 1}], "mappings": [{"target": target, "direct": target}],
        });
        let all = json!({"rules": [rule("person", "userName"), rule("group", "displayName")]});
        let refused = send(server, &token, "PUT", "/connections/App/rules", all, &[]).await;
        let (code, ..) = refused.problem(409);
        assert_eq!(code, "PRV-RULE-KIND", "{}", refused.text);
        assert!(refused.text.contains("takes people only"), "{}", refused.text);
        let people = json!({"rules": [rule("person", "userName")]});
        let saved = send(server, &token, "PUT", "/connections/App/rules", people, &[]).await;
        assert_eq!(saved.status, 200, "{}", saved.text);
    }

    async fn every_list_answers_as_it_is_described(server) {
        add_connection(server, "App").await;
        server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = server.api_token(Scope::Read).await;
        post(server, &server.api_token(Scope::Operate).await, "/connections/App/provision", json!({"object": "ann@contoso.example"})).await;
        for path in LISTS {
            // What is answered is held to the description in there.
            let answer = get(server, &token, path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
        for path in ["/objects/ann@contoso.example/trace", "/objects/ann@contoso.example/status", "/guides/microsoft-365/notes", "/logs", "/templates"] {
            let answer = get(server, &token, path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
        for path in ["/connections/App/retries?after=x", "/connections/App/links?after=1", "/connections/App/drift?after=1/2", "/audit?after=x", "/teams/"] {
            let answer = get(server, &token, path).await;
            assert!((400..410).contains(&answer.status), "{path}: {}", answer.text);
        }
    }

    async fn nothing_of_another_workspace_is_seen_or_changed(server) {
        add_connection(server, "App").await;
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let own = server.api_token(Scope::Configure).await;
        post(server, &own, "/protections", json!({"object": id})).await;
        let key = get(server, &own, "/protections").await.json()["protections"][0]["key"].clone();
        let token = server.db
            .write(|tx| {
                let space = workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso Labs")?;
                api_token::create(tx, "test", 1, space.key, "theirs", Scope::Configure, None)
            })
            .await
            .unwrap()
            .text;
        for path in LISTS.iter().filter(|path| path.contains("/App")) {
            assert_eq!(get(server, &token, path).await.problem(404).0, "PRV-CONNECTION-UNKNOWN", "{path}");
        }
        for (method, path) in [
            ("GET", format!("/people/{id}")), ("PATCH", format!("/people/{id}")), ("DELETE", format!("/people/{id}")),
            ("POST", format!("/people/{id}/block")), ("GET", "/providers/Entra".to_owned()),
            ("PATCH", "/providers/Entra".to_owned()), ("POST", "/providers/Entra/tokens".to_owned()),
            ("GET", format!("/objects/{id}/trace")), ("DELETE", format!("/protections/{key}")),
        ] {
            let answer = send(server, &token, method, &path, json!({"attributes": {}}), &[]).await;
            assert!(matches!(answer.status, 400 | 404), "{method} {path}: {}", answer.text);
        }
        for path in ["/people", "/requests", "/credentials", "/audit", "/problems"] {
            assert!(!get(server, &token, path).await.text.contains("ann@contoso.example"), "{path}");
        }
        assert_eq!(get(server, &own, "/protections").await.json()["protections"][0]["key"], key);
        assert_eq!(get(server, &own, &format!("/people/{id}")).await.json()["state"], "active");
    }

    async fn who_leaves_by_an_assignment_has_to_be_confirmed(server) {
        add_connection(server, "App").await;
        server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = server.api_token(Scope::Configure).await;
        let shown = get(server, &token, "/connections/App/preferences").await;
        let mut preferences = shown.json();
        let tag = shown.header("etag").to_owned();
        let assigned = post(server, &token, "/connections/App/assignments", json!({"assign": ["ann@contoso.example"]})).await;
        assert_eq!(assigned.json()["assigned"], 1, "{}", assigned.text);
        preferences["assignment"] = json!("assigned");
        let saved = send(server, &token, "PUT", "/connections/App/preferences", json!({"preferences": preferences}), &[("if-match", &tag)]).await;
        assert_eq!(saved.status, 200, "{}", saved.text);
        let stale = send(server, &token, "PUT", "/connections/App/preferences", json!({"preferences": preferences}), &[("if-match", &tag)]).await;
        assert_eq!(stale.problem(412).0, "PRV-API-CHANGED");
        let unassign = json!({"unassign": ["ann@contoso.example"]});
        let preview = post(server, &token, "/connections/App/preview", unassign.clone()).await.json();
        assert_eq!((&preview["leave"], &preview["enter"]), (&json!(1), &json!(0)), "{preview}");
        let asked = post(server, &token, "/connections/App/assignments", unassign).await;
        assert_eq!(asked.problem(409).0, "PRV-SCOPE-LEAVES");
        let digest = asked.json()["confirm"]["digest"].clone();
        assert_eq!(asked.json()["confirm"]["list"], json!(["ann@contoso.example"]));
        assert_eq!(get(server, &token, "/connections/App/assignments").await.json()["count"], 1, "nothing was changed");
        let confirmed = json!({"unassign": ["ann@contoso.example"], "confirm": {"digest": digest}});
        let done = post(server, &token, "/connections/App/assignments", confirmed).await;
        assert_eq!((&done.json()["unassigned"], &done.json()["leave"]), (&json!(1), &json!(1)), "{}", done.text);
        assert_eq!(get(server, &token, "/connections/App/assignments").await.json()["count"], 0);
    }

    async fn guard_rules_and_versions_are_held_to_what_was_read(server) {
        add_connection(server, "App").await;
        let token = server.api_token(Scope::Configure).await;
        let shown = get(server, &token, "/connections/App/guard").await;
        let (mut guard, tag) = (shown.json(), shown.header("etag").to_owned());
        guard["percent"] = json!(7.5);
        let saved = send(server, &token, "PUT", "/connections/App/guard", guard.clone(), &[("if-match", &tag)]).await;
        assert_eq!((saved.status, &saved.json()["percent"]), (200, &json!(7.5)), "{}", saved.text);
        let stale = send(server, &token, "PUT", "/connections/App/guard", guard, &[("if-match", &tag)]).await;
        assert_eq!(stale.problem(412).0, "PRV-API-CHANGED");
        let rules = get(server, &token, "/connections/App/rules").await;
        let stale = send(server, &token, "PUT", "/connections/App/rules", rules.json(), &[("if-match", "\"old\"")]).await;
        assert_eq!(stale.problem(412).0, "PRV-API-CHANGED");
        let stale = send(server, &token, "DELETE", "/connections/App", json!({}), &[("if-match", "\"old\"")]).await;
        assert_eq!(stale.problem(412).0, "PRV-API-CHANGED");
        let versions = get(server, &token, "/connections/App/versions").await.json();
        let number = versions["versions"][0]["version"].as_i64().unwrap();
        let one = get(server, &token, &format!("/connections/App/versions/{number}")).await.json();
        assert_eq!(one["guard"]["percent"], 7.5, "{one}");
        let back = post(server, &token, &format!("/connections/App/versions/{number}/restore"), json!({"note": "again"})).await;
        assert_eq!(back.json()["wiped_secrets"], false, "{}", back.text);
        let none = post(server, &token, "/connections/App/versions/999/restore", json!({})).await;
        assert_eq!(none.problem(404).0, "PRV-VERSION-UNKNOWN");
    }

    async fn beginning_again_asks_where_something_is_lost(server) {
        add_connection(server, "App").await;
        let token = server.api_token(Scope::Operate).await;
        let path = "/connections/App/restart";
        assert_eq!(post(server, &token, path, json!({})).await.json()["reset"], json!([]));
        for (reset, code) in [("links", "PRV-RESTART-LINKS"), ("full", "PRV-RESTART-LINKS"), ("force_deletes", "PRV-RESTART-DELETES")] {
            let asked = post(server, &token, path, json!({"reset": [reset]})).await;
            assert_eq!(asked.problem(409).0, code);
            let confirm = json!({"reset": [reset], "confirm": {"digest": asked.json()["confirm"]["digest"]}});
            assert_eq!(post(server, &token, path, confirm).await.json()["reset"], json!([reset]));
        }
        post(server, &token, path, json!({"reset": ["everything"]})).await.problem(400);
    }

    async fn what_waits_is_decided_and_what_is_not_there_is_said(server) {
        add_connection(server, "App").await;
        server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = server.api_token(Scope::Operate).await;
        post(server, &token, "/connections/App/provision", json!({"object": "ann@contoso.example"})).await;
        let wrong = [json!({}), json!({"all": true, "steps": [1]}), json!({"plan": "x", "all": true})];
        for body in wrong {
            post(server, &token, "/connections/App/staged/approve", body).await.problem(400);
        }
        assert_eq!(post(server, &token, "/connections/App/staged/reject", json!({"all": true})).await.json()["steps"], 0);
        for (path, body, code) in [
            ("/connections/App/staged/approve", json!({"steps": [5]}), "PRV-STAGED-UNKNOWN"),
            ("/connections/App/staged/approve", json!({"plan": "abc"}), "PRV-STAGED-UNKNOWN"),
            ("/connections/App/drift/accept", json!({"object": "ann@contoso.example"}), "PRV-DRIFT-UNKNOWN"),
            ("/connections/App/drift/repair", json!({"object": "ann@contoso.example"}), "PRV-DRIFT-UNKNOWN"),
            ("/cycles/999999/undo", json!({}), "PRV-CYCLE-UNKNOWN"),
            ("/takeovers/999999/approve", json!({}), "PRV-TAKEOVER-UNKNOWN"),
        ] {
            assert_eq!(post(server, &token, path, body).await.problem(404).0, code, "{path}");
        }
        let woken = post(server, &token, "/connections/App/retries", json!({"object": "ann@contoso.example"})).await;
        assert!(woken.json()["steps"].is_u64(), "{}", woken.text);
        let none = send(server, &token, "DELETE", "/connections/App/links/ann@contoso.example", json!({}), &[]).await;
        assert_eq!(none.problem(404).0, "PRV-LINK-UNKNOWN");
    }

    async fn extensions_mail_and_notes_are_kept(server) {
        let token = server.api_token(Scope::Configure).await;
        let urn = "urn:contoso:scim:badge:1.0:User";
        let definition = json!({
            "id": urn, "name": "Badge", "description": "The badge of a person", "resource": "User", "required": false,
            "attributes": [{"name": "number", "type": "string", "multiValued": false, "description": "Its number"}]
        });
        let path = format!("/schemas/{urn}");
        let put = send(server, &token, "PUT", &path, definition.clone(), &[]).await;
        assert_eq!(put.status, 200, "{}", put.text);
        let tag = get(server, &token, &path).await.header("etag").to_owned();
        assert_eq!(tag, put.header("etag"));
        let stale = send(server, &token, "PUT", &path, definition, &[("if-match", "\"old\"")]).await;
        assert_eq!(stale.problem(412).0, "PRV-API-CHANGED");
        let badge = json!({"attributes": {"userName": "ann@contoso.example", urn: {"number": "7"}}});
        assert_eq!(send(server, &token, "POST", "/people", badge, &[]).await.status, 201);
        send(server, &token, "DELETE", &path, json!({}), &[]).await.problem(409);
        let mut mail = get(server, &token, "/notification").await.json();
        mail["digest_hour"] = json!(7);
        let saved = send(server, &token, "PUT", "/notification", json!({"settings": mail}), &[]).await;
        assert_eq!((saved.status, &saved.json()["digest_hour"]), (200, &json!(7)), "{}", saved.text);
        let note = send(server, &token, "PUT", "/guides/microsoft-365/notes/consent", json!({"note": "done"}), &[]).await;
        assert_eq!(note.status, 204, "{}", note.text);
        assert_eq!(get(server, &token, "/guides/microsoft-365/notes").await.json()["notes"][0]["note"], "done");
        let path = "/guides/microsoft-365/notes/consent";
        assert_eq!(send(server, &token, "DELETE", path, json!({}), &[]).await.status, 204);
        assert_eq!(send(server, &token, "DELETE", path, json!({}), &[]).await.problem(404).0, "PRV-GUIDE-NOTE-UNKNOWN");
    }

    async fn the_audit_log_is_searched_and_verified(server) {
        let token = server.api_token(Scope::Configure).await;
        post(server, &token, "/teams", json!({"name": "Sales"})).await;
        let rows = get(server, &token, "/audit?action=team.").await.json();
        assert_eq!(rows["entries"].as_array().unwrap().len(), 1, "{rows}");
        assert_eq!((&rows["entries"][0]["action"], &rows["entries"][0]["actor"]), (&json!("team.create"), &json!("token configure")));
        let first = get(server, &token, "/audit?limit=1").await.json();
        let next = first["next"].as_str().unwrap();
        let second = get(server, &token, &format!("/audit?limit=1&after={next}")).await.json();
        assert_ne!(first["entries"][0]["position"], second["entries"][0]["position"]);
        let verdict = get(server, &token, "/audit/verify").await.json();
        assert!(verdict["intact"] == true && verdict["rows"].as_i64().unwrap() > 1, "{verdict}");
    }
}

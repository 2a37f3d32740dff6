//! The administrators' interface (`/api/v1`).

use crate::harness::{Answer, Server, both, settings};
use provost_engine::rule::Rule;
use provost_store::api_token::{self, Scope};
use provost_store::secret::{self, Place};
use provost_store::{connection, rule, workspace};
use provost_web::{Limits, Rate, Settings};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// A connection to an application that nobody answers for, with a rule about people.
pub async fn add_connection(server: &Server, name: &'static str) {
    let (workspace, key) = (server.provider.workspace, Arc::clone(&server.key));
    let people: Rule = serde_json::from_value(json!({
        "name": "People", "object": "person",
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [{"target": "userName", "direct": "userName"}, {"target": "active", "direct": "active"}]
    }))
    .unwrap();
    server
        .db
        .write(move |tx| {
            let new = connection::New {
                id: Uuid::now_v7(),
                workspace,
                name,
                connector: "scim",
                settings: &json!({"url": "http://127.0.0.1:9/scim/v2", "allow_private_network": true}),
                guard: &json!({}),
            };
            let made = connection::create(tx, "test", 1, &new)?;
            let place = Place {
                table: "connection",
                owner: made.key,
                field: "token",
            };
            secret::put(tx, &key, 1, &place, "opens-the-target")?;
            rule::put(tx, "test", 1, &made, 1, &people)
        })
        .await
        .unwrap();
}

async fn get(server: &Server, token: &str, path: &str) -> Answer {
    Answer::of(server.api(token, "GET", path)).await
}

async fn post(server: &Server, token: &str, path: &str, body: Value) -> Answer {
    let request = server
        .api(token, "POST", path)
        .header("content-type", "application/json");
    Answer::of(request.body(body.to_string())).await
}

both! {
    async fn without_a_token_that_works_there_is_nothing(server) {
        for path in ["/connections", "/logs", "/expressions/functions", "/connections/App/plan"] {
            let answer = Answer::of(server.request("GET", &format!("/api/v1{path}"))).await;
            assert_eq!(answer.problem(401).0, "PRV-API-TOKEN", "{path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"provost\"");
            // The token of a provider opens other doors.
            get(server, &server.token, path).await.problem(401);
            get(server, "prv_api_wrong", path).await.problem(401);
        }
        let workspace = server.provider.workspace;
        let ended = server.db
            .write(move |tx| api_token::create(tx, "test", 1, workspace, "ended", Scope::Read, Some(2)))
            .await
            .unwrap();
        get(server, &ended.text, "/connections").await.problem(401);
        let revoked = server.db
            .write(move |tx| {
                let made = api_token::create(tx, "test", 1, workspace, "revoked", Scope::Read, None)?;
                api_token::revoke(tx, "test", 2, workspace, made.key)?;
                Ok::<_, provost_store::Error>(made)
            })
            .await
            .unwrap();
        get(server, &revoked.text, "/connections").await.problem(401);
    }

    async fn a_scope_allows_what_it_names_and_no_more(server) {
        add_connection(server, "App").await;
        server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let read = server.api_token(Scope::Read).await;
        assert_eq!(get(server, &read, "/connections/App/plan").await.status, 200);
        let body = json!({"object": "ann@contoso.example"});
        let (code, detail) = post(server, &read, "/connections/App/provision", body.clone()).await.problem(403);
        assert!(code == "PRV-API-SCOPE" && detail.contains("operate"), "{code} {detail}");
        let configure = server.api_token(Scope::Configure).await;
        let done = post(server, &configure, "/connections/App/provision", body).await;
        assert_eq!(done.status, 200, "the target does not answer, and that is what it says: {}", done.text);
        let done = done.json();
        assert_eq!((&done["connection"], &done["outcome"]), (&json!("App"), &json!("failure")), "{done}");
        assert!(!done["steps"].as_array().unwrap().is_empty());
    }

    async fn connections_are_listed_shown_and_planned(server) {
        for name in ["A", "B", "C"] {
            add_connection(server, name).await;
        }
        server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = server.api_token(Scope::Read).await;
        let first = get(server, &token, "/connections?limit=2").await.json();
        let names = |page: &Value| -> Vec<String> {
            let list = page["connections"].as_array().unwrap();
            list.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!((names(&first), &first["next"]), (vec!["A".to_owned(), "B".to_owned()], &json!("B")));
        let rest = get(server, &token, "/connections?limit=2&after=B").await.json();
        assert_eq!((names(&rest), &rest["next"]), (vec!["C".to_owned()], &Value::Null));
        let one = get(server, &token, "/connections/A").await.json();
        assert_eq!((&one["state"], &one["is_initial_through"], &one["queues"]["retries"]), (&json!("active"), &json!(false), &json!(0)));
        assert!(!one.to_string().contains("opens-the-target"));
        let plan = get(server, &token, "/connections/A/plan?limit=5").await.json();
        assert_eq!((&plan["mode"], &plan["rules"][0]["counts"]["people"]["create"]), (&json!("initial"), &json!(1)), "{plan}");
        let (code, _) = get(server, &token, "/connections/Nobody").await.problem(404);
        assert_eq!(code, "PRV-CONNECTION-UNKNOWN");
        get(server, &token, "/connections?size=2").await.problem(400);
    }

    async fn another_workspace_is_not_there(server) {
        add_connection(server, "App").await;
        let id = server.make("/Users", json!({"userName": "ann@contoso.example"})).await;
        let token = server.db
            .write(|tx| {
                let space = workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso Labs")?;
                api_token::create(tx, "test", 1, space.key, "theirs", Scope::Configure, None)
            })
            .await
            .unwrap()
            .text;
        assert_eq!(get(server, &token, "/connections").await.json()["connections"], json!([]));
        get(server, &token, "/connections/App").await.problem(404);
        get(server, &token, "/connections/App/plan").await.problem(404);
        get(server, &token, &format!("/logs?object={id}")).await.problem(404);
        get(server, &token, &format!("/logs?provider={}", server.provider.id)).await.problem(404);
        let asked = json!({"expression": "[userName]", "person": id});
        post(server, &token, "/expressions/evaluate", asked).await.problem(404);
        assert_eq!(get(server, &token, "/logs").await.json()["entries"], json!([]));
    }

    async fn an_expression_is_tried_for_a_person_or_a_sample(server) {
        let id = server.make("/Users", json!({"userName": "Ann@contoso.example", "title": "Engineer"})).await;
        let token = server.api_token(Scope::Read).await;
        let evaluate = async |body: Value| post(server, &token, "/expressions/evaluate", body).await;
        for person in [id.as_str(), "ann@contoso.example"] {
            let answer = evaluate(json!({"expression": "ToUpper([title])", "person": person})).await.json();
            assert_eq!(answer["result"]["value"], "ENGINEER", "{answer}");
        }
        let sample = json!({"expression": "Join(\" \", [title], [userName])", "sample": {"title": "a", "userName": "b"}});
        assert_eq!(evaluate(sample).await.json()["result"]["value"], "a b");
        let wrong = evaluate(json!({"expression": "ToUper([title])"})).await;
        assert_eq!(wrong.status, 200, "a mistake in the expression is the answer");
        let wrong = wrong.json();
        assert_eq!((&wrong["result"], &wrong["errors"][0]["start"]), (&Value::Null, &json!(0)), "{wrong}");
        for body in [json!({}), json!({"expression": 5}), json!({"expression": "1", "persn": "x"}), json!({"expression": "1", "sample": []})] {
            assert_eq!(evaluate(body.clone()).await.problem(400).0, "PRV-API-REQUEST", "{body}");
        }
        let both = json!({"expression": "1", "person": id, "sample": {}});
        evaluate(both).await.problem(400);
        let functions = get(server, &token, "/expressions/functions").await.json();
        let names: Vec<&str> = functions["functions"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"SelectUniqueValue") && names.contains(&"IIF"), "{names:?}");
    }

    async fn the_log_is_searched_and_paged(server) {
        let token = server.api_token(Scope::Read).await;
        let records = (0..7).map(|number| {
            let name = if number == 3 { json!("") } else { json!(format!("user{number}@contoso.example")) };
            json!({"externalId": format!("e{number}"), "userName": name}).as_object().unwrap().clone()
        });
        server.engine().receive(&server.provider, records.collect(), "test").await.unwrap();
        server.engine().import_tick().await.unwrap();
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = get(server, &token, &format!("/logs?limit=3{cursor}")).await.json();
            let entries = page["entries"].as_array().unwrap();
            seen.extend(entries.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 7);
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 7, "no line twice");
        let failed = get(server, &token, "/logs?status=failure&code=PRV-IMPORT-RECORD").await.json();
        assert_eq!(failed["entries"].as_array().unwrap().len(), 1, "{failed}");
        assert_eq!(failed["entries"][0]["target_id"], "e3");
        let of_person = get(server, &token, "/logs?object=user5@contoso.example").await.json();
        assert_eq!(of_person["entries"].as_array().unwrap().len(), 1);
        assert_eq!(get(server, &token, "/logs?until=1999-01-01T00:00:00Z").await.json()["entries"], json!([]));
        for wrong in ["/logs?since=yesterday", "/logs?cursor=x", "/logs?limit=many", "/logs?colour=red"] {
            get(server, &token, wrong).await.problem(400);
        }
    }

    async fn every_route_asks_for_its_scope_and_shows_nothing_of_another_workspace(server) {
        add_connection(server, "App").await;
        let (read, operate) = (server.api_token(Scope::Read).await, server.api_token(Scope::Operate).await);
        let operating = [
            ("POST", "/connections/App/cycles"), ("POST", "/connections/App/plans"), ("POST", "/connections/App/test"),
            ("POST", "/connections/App/on"), ("POST", "/connections/App/off"), ("POST", "/connections/App/resync"),
            ("POST", "/connections/App/provision"), ("POST", "/connections/App/leavers"),
            ("DELETE", "/connections/App/leavers/ada"), ("POST", "/connections/App/doubts/1/decide"),
            ("POST", "/plans/0198c2a4-0000-7000-8000-000000000001/approve"),
            ("POST", "/plans/0198c2a4-0000-7000-8000-000000000001/reject"),
            ("POST", "/plans/0198c2a4-0000-7000-8000-000000000001/apply"),
        ];
        let configuring = [
            ("POST", "/connections"), ("POST", "/connection-tests"), ("PATCH", "/connections/App"),
            ("DELETE", "/connections/App"), ("PUT", "/connections/App/preferences"), ("PUT", "/connections/App/rules"),
            ("POST", "/connections/App/rules/People/on"), ("POST", "/connections/App/rules/People/off"),
            ("POST", "/connections/App/rules/People/remove"), ("POST", "/connections/App/group-licences"),
            ("DELETE", "/connections/App/group-licences/1"),
        ];
        let call = async |token: &str, method: &str, path: &str| {
            let request = server.api(token, method, path).header("content-type", "application/json");
            Answer::of(request.body("{}")).await
        };
        for (method, path) in operating.into_iter().chain(configuring) {
            assert_eq!(call(&read, method, path).await.problem(403).0, "PRV-API-SCOPE", "{method} {path}");
        }
        for (method, path) in configuring {
            assert_eq!(call(&operate, method, path).await.problem(403).0, "PRV-API-SCOPE", "{method} {path}");
        }
        // A connection that is another workspace's is answered like one that nobody has.
        for path in ["", "/rules", "/status", "/licences", "/group-licences", "/doubts", "/leavers", "/cycles", "/plans"] {
            let answer = get(server, &read, &format!("/connections/Elsewhere{path}")).await;
            assert_eq!(answer.problem(404).0, "PRV-CONNECTION-UNKNOWN", "{path}");
        }
        let answer = call(&operate, "POST", "/connections/Elsewhere/cycles").await;
        assert_eq!(answer.problem(404).0, "PRV-CONNECTION-UNKNOWN");
    }

    async fn addresses_methods_bodies_and_rates_are_held_to(server) {
        let token = server.api_token(Scope::Configure).await;
        assert_eq!(get(server, &token, "/nothing").await.problem(404).0, "PRV-API-PATH");
        let answer = post(server, &token, "/logs", json!({})).await;
        answer.problem(405);
        assert_eq!(answer.header("allow"), "GET");
        let words = server.api(&token, "POST", "/expressions/evaluate").header("content-type", "text/plain");
        Answer::of(words.body("{}")).await.problem(415);
        let other = server
            .beside_with(Settings {
                api_rate: Rate { per_second: 1, burst: 2 },
                ..settings(Limits { body_bytes: 100, ..Limits::default() })
            })
            .await;
        let path = "/api/v1/expressions/evaluate";
        let long = json!({"expression": "x".repeat(200)}).to_string();
        let request = server.to(&other, "POST", path).bearer_auth(&token).header("content-type", "application/json");
        Answer::of(request.body(long)).await.problem(413);
        let list = || Answer::of(server.to(&other, "GET", "/api/v1/connections").bearer_auth(&token));
        assert_eq!(list().await.status, 200);
        let answer = list().await;
        assert_eq!(answer.problem(429).0, "PRV-API-RATE");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        other.stop().await;
    }
}

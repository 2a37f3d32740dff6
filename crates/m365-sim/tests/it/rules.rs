//! Rules of fault injection at work.

use std::time::{Duration, Instant};

use m365_sim::{Effect, RetryAfter, Rule, Shape, When};
use serde_json::{Value, json};

use crate::world::{Answer, World, user};

fn order(world: &World, operation: &str, times: u32, effect: Effect) -> u64 {
    world
        .simulator
        .inject(Rule::next(operation, times, effect))
        .unwrap()
}

fn answer(error: &str, retry_after: Option<RetryAfter>, shape: Shape) -> Effect {
    Effect::Answer {
        error: error.to_owned(),
        after: false,
        retry_after,
        wait_s: 2.5,
        shape,
    }
}

async fn raw(world: &World, path: &str) -> (u16, String, String) {
    let response = world.request("GET", path, &[], None).send().await.unwrap();
    let kind = response
        .headers()
        .get("content-type")
        .map(|kind| kind.to_str().unwrap().to_owned());
    (
        response.status().as_u16(),
        kind.unwrap_or_default(),
        response.text().await.unwrap(),
    )
}

#[tokio::test]
async fn every_refusal_of_the_catalogue_is_answered_with_its_body() {
    let world = World::start(|settings| settings.control = true).await;
    let catalogue = world.control("GET", "/control/catalogue", None).await.body;
    let rows = catalogue["graph"].as_array().unwrap();
    assert!(rows.len() >= 50, "{}", rows.len());
    for row in rows {
        let name = row["name"].as_str().unwrap();
        order(&world, "GET /groups", 1, Effect::answer(name));
        let answer = world.outside("GET", "/groups", &[], None).await;
        assert_eq!(answer.status, row["status"], "{name}");
        assert_eq!(answer.body["error"]["code"], row["code"], "{name}");
        assert_eq!(answer.body["error"]["message"], row["message"], "{name}");
    }
    let tokens = catalogue["token"].as_array().unwrap();
    assert!(tokens.len() >= 20);
    for row in tokens {
        let name = row["name"].as_str().unwrap();
        order(&world, "POST /token", 1, Effect::answer(name));
        let answer = world.form("/contoso.example/oauth2/v2.0/token", "", None).await;
        assert_eq!(
            (json!(answer.status), &answer.body["error"]),
            (row["status"].clone(), &row["code"]),
            "{name}"
        );
        let text = answer.body["error_description"].as_str().unwrap();
        assert!(
            text.starts_with(&format!("{name}: {}", row["message"].as_str().unwrap())),
            "{text}"
        );
        assert!(answer.body["trace_id"].is_string() && answer.body["correlation_id"].is_string());
    }
    assert!(world.simulator.faults().is_empty());
}

#[tokio::test]
async fn retry_after_has_every_form() {
    let world = World::contoso().await;
    for (form, text) in [
        (None, Some("1")),
        (Some(RetryAfter::Whole), Some("3")),
        (Some(RetryAfter::Fractional), Some("2.500")),
        (Some(RetryAfter::Missing), None),
        (Some(RetryAfter::Date), Some("Mon, 05 Jan 2026 09:00:03 GMT")),
        (Some(RetryAfter::Huge), Some("86400")),
    ] {
        order(&world, "GET /groups", 1, answer("throttled", form, Shape::Usual));
        let answer = world.get("/groups").await;
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (429, text),
            "{form:?}"
        );
    }
}

#[tokio::test]
async fn bodies_come_in_the_shapes_of_the_documentation() {
    let world = World::contoso().await;
    order(&world, "GET /groups", 1, answer("denied", None, Shape::Nested));
    let nested = world.outside("GET", "/groups", &[], None).await;
    assert_eq!(nested.code(), "UnknownError");
    assert_eq!(
        nested.body["error"]["innerError"]["innerError"]["code"],
        "Authorization_RequestDenied"
    );
    order(&world, "GET /groups", 1, Effect::answer("upn_taken"));
    let taken = world.outside("GET", "/groups", &[], None).await;
    assert_eq!(taken.body["error"]["details"][0]["code"], "ObjectConflict");
    assert_eq!(taken.body["error"]["details"][0]["target"], "userPrincipalName");
}

#[tokio::test]
async fn an_answer_may_be_wrong_although_the_work_was_done() {
    let world = World::contoso().await;
    order(&world, "POST /users", 1, Effect::answer_after("gateway_timeout"));
    assert_eq!(world.post("/users", user("ada")).await.status, 504);
    assert_eq!(world.simulator.creations(), ["ada@contoso.example"]);
    order(&world, "POST /users", 1, Effect::answer("gateway_timeout"));
    assert_eq!(world.post("/users", user("bob")).await.status, 504);
    assert_eq!(world.simulator.creations().len(), 1);
    order(&world, "POST /users", 1, Effect::EmptyBody);
    let response = world
        .request("POST", "/users", &[], Some(user("cleo")))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.text().await.unwrap().as_str()
        ),
        (201, "")
    );
    order(&world, "POST /users", 1, Effect::Drop { after: true });
    assert!(
        world
            .request("POST", "/users", &[], Some(user("dora")))
            .send()
            .await
            .is_err()
    );
    order(&world, "POST /users", 1, Effect::Drop { after: false });
    assert!(
        world
            .request("POST", "/users", &[], Some(user("emil")))
            .send()
            .await
            .is_err()
    );
    assert_eq!(world.simulator.creations().len(), 3);
}

#[tokio::test]
async fn contents_are_spoilt_in_many_ways() {
    let world = World::contoso().await;
    order(&world, "GET /users", 1, Effect::Garbage);
    let (status, kind, text) = raw(&world, "/users").await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    assert!(serde_json::from_str::<Value>(&text).is_err());
    order(&world, "GET /users", 1, Effect::Html { status: 502 });
    let (status, kind, text) = raw(&world, "/users").await;
    assert_eq!((status, kind.as_str()), (502, "text/html"));
    assert!(text.starts_with("<!DOCTYPE html>"));
    let value = "text/plain".to_owned();
    order(&world, "GET /users", 1, Effect::ContentType { value });
    let (status, kind, text) = raw(&world, "/users").await;
    assert_eq!((status, kind.as_str()), (200, "text/plain"));
    assert!(serde_json::from_str::<Value>(&text).is_ok());
    order(&world, "GET /users", 1, Effect::Cut { bytes: 300 });
    let cut = world.request("GET", "/users", &[], None).send().await;
    let failed = match cut {
        Ok(response) => response.text().await.is_err(),
        Err(_) => true,
    };
    assert!(failed);
    order(&world, "GET /users", 1, Effect::Delay { ms: 120 });
    let started = Instant::now();
    assert_eq!(raw(&world, "/users").await.0, 200);
    assert!(started.elapsed() >= Duration::from_millis(120));
}

async fn batch(world: &World, names: &[&str]) -> Answer {
    let entry = |name: &&str| json!({"id": name, "method": "POST", "url": "/users", "headers": {"Content-Type": "application/json"}, "body": user(name)});
    let body = json!({"requests": names.iter().map(entry).collect::<Vec<_>>()});
    world.outside("POST", "/$batch", &[], Some(body)).await
}

fn ids(answer: &Answer) -> Vec<String> {
    let entries = answer.body["responses"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn batches_lose_entries_and_mix_them() {
    let world = World::contoso().await;
    order(&world, "POST /$batch", 1, Effect::MissingEntry { count: 2 });
    let answer = batch(&world, &["a1", "a2", "a3", "a4"]).await;
    assert_eq!((answer.status, ids(&answer).len()), (200, 2));
    assert_eq!(world.simulator.creations().len(), 4, "all were carried out");
    order(&world, "POST /$batch", 1, Effect::ShuffledEntries);
    let names = ["b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8"];
    let mixed = ids(&batch(&world, &names).await);
    let mut sorted = mixed.clone();
    sorted.sort();
    assert_eq!(sorted, names);
    assert_ne!(mixed, names);
    world
        .simulator
        .inject(Rule {
            operation: "POST /users".to_owned(),
            when: When {
                every: 2,
                times: Some(2),
                ..When::default()
            },
            effect: answer_of("throttled", Some(RetryAfter::Fractional)),
        })
        .unwrap();
    let answer = batch(&world, &["c1", "c2", "c3", "c4", "c5"]).await;
    let refused: Vec<&Value> = answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["status"] == 429)
        .collect();
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0]["headers"]["Retry-After"], "2.500");
    assert_eq!(world.simulator.creations().len(), 4 + 8 + 3);
}

fn answer_of(error: &str, retry_after: Option<RetryAfter>) -> Effect {
    answer(error, retry_after, Shape::Usual)
}

#[tokio::test]
async fn pages_are_empty_and_their_tokens_get_lost() {
    let world = World::contoso().await;
    for name in ["a", "b", "c"] {
        world.user(name).await;
    }
    let path = "/users?$top=1&$select=id";
    order(&world, "GET /users", 1, Effect::EmptyPage);
    let empty = world.get(path).await;
    assert!(empty.values().is_empty());
    let first = world.get(&empty.link("next").unwrap()).await;
    assert_eq!(first.values().len(), 1, "the same page again");
    order(&world, "GET /users", 1, Effect::LostPageToken);
    let lost = world.get(path).await.link("next").unwrap();
    assert_eq!(
        world.get(&lost).await.refusal(),
        (400, "DirectoryPageTokenNotFoundException")
    );

    let next = first.link("next").unwrap();
    let times = When::default();
    let rule = Rule {
        operation: "GET /users".to_owned(),
        when: times,
        effect: Effect::LostTokenAfterRetry,
    };
    world.simulator.inject(rule).unwrap();
    assert_eq!(world.get(&next).await.status, 503);
    let retried = world.get(&next).await;
    assert_eq!(retried.status, 200);
    let lost = retried.link("next").unwrap();
    assert_eq!(world.get(&lost).await.status, 503, "a new address");
    assert_eq!(
        world.get(&lost).await.refusal(),
        (400, "DirectoryPageTokenNotFoundException")
    );
    let good = world.get(&next).await.link("next").unwrap();
    world.simulator.clear_faults();
    assert_eq!(
        world.get(&good).await.values().len(),
        1,
        "from the last link that worked at once"
    );
}

#[tokio::test]
async fn delta_is_reset_with_an_address_to_start_over() {
    let world = World::contoso().await;
    world.user("ada").await;
    let link = world
        .get("/users/delta?$select=displayName")
        .await
        .link("delta")
        .unwrap();
    order(&world, "GET /users/delta", 1, Effect::answer("delta_reset"));
    let gone = world.get(&link).await;
    assert_eq!(gone.status, 410);
    let location = gone.header("location").unwrap();
    assert_eq!(world.get(location).await.values().len(), 1);
    assert_eq!(world.get(&link).await.status, 200, "and then all is well");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let world = World::start(|settings| settings.control = true).await;
    for (wrong, part) in [
        (
            json!({"effect": {"do": "answer", "error": "no such"}}),
            "catalogue",
        ),
        (json!({"operation": "users", "effect": {"do": "hang"}}), "method"),
        (
            json!({"when": {"percent": -1.0}, "effect": {"do": "hang"}}),
            "percent",
        ),
        (json!({"effect": {"do": "status", "status": 99}}), "status"),
        (json!({"effect": {"do": "dance"}}), "dance"),
        (json!({"whenever": 1, "effect": {"do": "hang"}}), "whenever"),
    ] {
        let answer = world.control("POST", "/control/faults", Some(wrong)).await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.body["error"].as_str().unwrap().contains(part),
            "{answer:?}"
        );
    }
    let id = world
        .order(
            "POST",
            "/faults",
            json!({"effect": {"do": "status", "status": 500}}),
        )
        .await;
    assert_eq!(world.get("/users").await.status, 500);
    let path = format!("/control/faults/{}", id["id"]);
    let in_force = world.control("GET", "/control/faults", None).await.body;
    assert_eq!(in_force["faults"][0]["struck"], 1);
    assert_eq!(world.control("DELETE", &path, None).await.status, 200);
    assert_eq!(world.control("DELETE", &path, None).await.status, 404);
    assert_eq!(world.get("/users").await.status, 200);
}

#[tokio::test]
async fn the_token_endpoint_has_bad_days_too() {
    let world = World::contoso().await;
    let path = "/contoso.example/oauth2/v2.0/token";
    let ask = || async {
        let request = world
            .http
            .post(format!("{}{path}", world.url))
            .body("grant_type=client_credentials");
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.text().await.ok()?))
    };
    order(&world, "POST /token", 1, Effect::Html { status: 503 });
    assert_eq!(
        ask()
            .await
            .map(|(status, text)| (status, text.starts_with("<!DOCTYPE"))),
        Some((503, true))
    );
    order(&world, "POST /token", 1, Effect::Drop { after: false });
    assert_eq!(ask().await, None);
    order(&world, "POST /token", 1, Effect::Drop { after: true });
    assert_eq!(ask().await, None);
    order(&world, "POST /token", 1, Effect::Garbage);
    let (status, text) = ask().await.unwrap();
    assert_eq!(
        (status, serde_json::from_str::<Value>(&text).is_err()),
        (200, true)
    );
    order(&world, "POST /token", 1, Effect::EmptyBody);
    assert_eq!(ask().await, Some((400, String::new())));
    assert_eq!(ask().await.unwrap().0, 400, "the scope is missing");
}

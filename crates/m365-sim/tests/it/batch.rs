use serde_json::{Value, json};

use crate::world::{Answer, World, contract, user};

fn entry(id: &str, method: &str, url: &str, body: Option<Value>) -> Value {
    let mut entry = json!({"id": id, "method": method, "url": url});
    if let Some(body) = body {
        entry["body"] = body;
        entry["headers"] = json!({"Content-Type": "application/json"});
    }
    entry
}

async fn send(world: &World, requests: Vec<Value>) -> Answer {
    let batch = json!({ "requests": requests });
    contract().check_request("POST", "/$batch", Some(&batch)).unwrap();
    let answer = world.outside("POST", "/$batch", &[], Some(batch.clone())).await;
    if answer.status == 200 {
        contract()
            .check_batch(&batch, &answer.body)
            .unwrap_or_else(|error| panic!("{error}\n{:#}", answer.body));
    }
    answer
}

fn response<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["id"] == id)
        .unwrap()
}

#[tokio::test]
async fn every_entry_has_its_own_outcome() {
    let world = World::contoso().await;
    let answer = send(
        &world,
        vec![
            entry("a", "POST", "/users", Some(user("ada"))),
            entry("b", "POST", "/users", Some(user("bob"))),
            entry("c", "POST", "/users", Some(user("ada"))),
            entry("d", "GET", "/users/nobody@contoso.example", None),
            entry("e", "GET", "users?$select=id", None),
        ],
    )
    .await;
    let status = |id: &str| response(&answer, id)["status"].as_u64().unwrap();
    assert_eq!(["a", "b", "c", "d", "e"].map(status), [201, 201, 400, 404, 200]);
    assert_eq!(
        response(&answer, "c")["body"]["error"]["details"][0]["code"],
        "ObjectConflict"
    );
    assert_eq!(
        response(&answer, "a")["headers"]["Content-Type"],
        "application/json"
    );
    assert_ne!(answer.body["responses"][0]["id"], "a", "in any order");
    assert_eq!(
        world.simulator.creations(),
        ["ada@contoso.example", "bob@contoso.example"]
    );
    assert_eq!(world.simulator.counters().batches, 1);
}

#[tokio::test]
async fn dependent_entries_wait_and_fail_together() {
    let world = World::contoso().await;
    let after = |mut entry: Value, id: &str| {
        entry["dependsOn"] = json!([id]);
        entry
    };
    let answer = send(
        &world,
        vec![
            after(
                entry(
                    "2",
                    "PATCH",
                    "/users/ada@contoso.example",
                    Some(json!({"city": "Oslo"})),
                ),
                "1",
            ),
            entry("1", "POST", "/users", Some(user("ada"))),
            entry("3", "GET", "/users/nobody@contoso.example", None),
            after(entry("4", "DELETE", "/users/ada@contoso.example", None), "3"),
            after(entry("5", "DELETE", "/users/ada@contoso.example", None), "4"),
        ],
    )
    .await;
    let status = |id: &str| response(&answer, id)["status"].as_u64().unwrap();
    assert_eq!(["1", "2", "3", "4", "5"].map(status), [201, 204, 404, 424, 424]);
    assert_eq!(response(&answer, "2").get("body"), None);
    assert_eq!(world.simulator.users()[0]["city"], "Oslo");
}

#[tokio::test]
async fn batches_that_make_no_sense_are_refused_as_a_whole() {
    let world = World::contoso().await;
    let get = |id: &str| entry(id, "GET", "/users", None);
    let mut circle = vec![get("1"), get("2")];
    circle[0]["dependsOn"] = json!(["2"]);
    circle[1]["dependsOn"] = json!(["1"]);
    let mut stray = get("1");
    stray["dependsOn"] = json!(["9"]);
    let wrong = [
        (0..21).map(|n| get(&n.to_string())).collect(),
        vec![],
        vec![get("a"), get("A")],
        circle,
        vec![stray],
    ];
    for requests in wrong {
        let answer = send(&world, requests).await;
        assert_eq!(answer.refusal(), (400, "BadRequest"));
    }
    for body in [
        json!({}),
        json!({"requests": 1}),
        json!({"requests": [{"id": "1", "url": "/users"}]}),
        json!({"requests": [{"method": "GET", "url": "/users"}]}),
    ] {
        assert_eq!(
            world.outside("POST", "/$batch", &[], Some(body)).await.status,
            400
        );
    }
    assert_eq!(world.outside("GET", "/$batch", &[], None).await.status, 405);
    let twenty = send(&world, (0..20).map(|n| get(&n.to_string())).collect()).await;
    assert_eq!(twenty.status, 200);
}

#[tokio::test]
async fn entries_that_make_no_sense_fail_alone() {
    let world = World::contoso().await;
    let mut untyped = entry("1", "POST", "/users", Some(user("ada")));
    untyped.as_object_mut().unwrap().remove("headers");
    let batch = json!({"requests": [
        untyped,
        entry("2", "GET", &format!("{}/v1.0/users", world.url), None),
        entry("3", "GET", "/v1.0/users", None),
        entry("4", "POST", "/$batch", Some(json!({"requests": []}))),
        entry("5", "BREW", "/users", None),
        entry("6", "GET", "/users", None),
    ]});
    let answer = world.outside("POST", "/$batch", &[], Some(batch)).await;
    assert_eq!(answer.status, 200);
    let status = |id: &str| response(&answer, id)["status"].as_u64().unwrap();
    assert_eq!(
        ["1", "2", "3", "4", "5", "6"].map(status),
        [400, 400, 400, 400, 400, 200]
    );
    assert!(world.simulator.users().is_empty());
}

#[tokio::test]
async fn headers_of_an_entry_count() {
    let world = World::contoso().await;
    let mut upsert = entry(
        "1",
        "PATCH",
        "/groups(uniqueName='provost-1')",
        Some(crate::world::group("team")),
    );
    upsert["headers"]["Prefer"] = json!("create-if-missing");
    let mut count = entry("2", "GET", "/users/$count", None);
    count["headers"] = json!({"ConsistencyLevel": "eventual"});
    let batch = json!({"requests": [upsert, count]});
    let answer = world.outside("POST", "/$batch", &[], Some(batch)).await;
    assert_eq!(response(&answer, "1")["status"], 201);
    assert_eq!(response(&answer, "2")["body"], "0");
}

use std::time::Duration;

use m365_sim::{Fault, FaultKind};

use crate::world::{World, user};

fn fault(kind: FaultKind, skip: u32, times: u32) -> Fault {
    Fault {
        method: Some("POST".to_owned()),
        path: "/users".to_owned(),
        skip,
        times,
        kind,
    }
}

#[tokio::test]
async fn a_lost_answer_was_carried_out() {
    let world = World::contoso().await;
    world.simulator.fail(fault(FaultKind::LoseAnswer, 1, 1));
    assert_eq!(world.post("/users", user("first")).await.status, 201, "skipped");
    assert!(
        world
            .request("POST", "/users", &[], Some(user("ada")))
            .send()
            .await
            .is_err()
    );
    assert_eq!(
        world.simulator.creations(),
        ["first@contoso.example", "ada@contoso.example"]
    );
    assert_eq!(
        world.post("/users", user("bob")).await.status,
        201,
        "and then all is well"
    );
}

#[tokio::test]
async fn a_dropped_request_was_not_carried_out() {
    let world = World::contoso().await;
    world.simulator.fail(fault(FaultKind::Drop, 0, 2));
    for _ in 0..2 {
        assert!(
            world
                .request("POST", "/users", &[], Some(user("ada")))
                .send()
                .await
                .is_err()
        );
    }
    assert!(world.simulator.creations().is_empty());
    assert_eq!(world.get("/users").await.status, 200);
}

#[tokio::test]
async fn a_truncated_answer_ends_in_the_middle() {
    let world = World::contoso().await;
    world.simulator.fail(fault(FaultKind::Truncate(600), 0, 1));
    let outcome = world
        .request("POST", "/users", &[], Some(user("ada")))
        .send()
        .await;
    let failed = match outcome {
        Ok(response) => response.text().await.is_err(),
        Err(_) => true,
    };
    assert!(failed);
    assert_eq!(world.simulator.creations().len(), 1);
}

#[tokio::test]
async fn strange_answers_come_on_order() {
    let world = World::contoso().await;
    world.simulator.fail(fault(FaultKind::Status(503), 0, 1));
    let busy = world.post("/users", user("ada")).await;
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("1")));
    world.simulator.fail(fault(FaultKind::Html, 0, 1));
    let html = world
        .request("POST", "/users", &[], Some(user("ada")))
        .send()
        .await
        .unwrap();
    assert!(html.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    world.simulator.fail(fault(FaultKind::Hang, 0, 1));
    let hung = world
        .request("POST", "/users", &[], Some(user("ada")))
        .timeout(Duration::from_millis(200))
        .send()
        .await;
    assert!(hung.unwrap_err().is_timeout());
    assert!(world.simulator.creations().is_empty());
    assert_eq!(world.post("/users", user("ada")).await.status, 201);
}

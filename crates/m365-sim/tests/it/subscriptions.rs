//! Change notifications: the handshake, the subscriptions, the deliveries.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::world::{START, World, merged, user_with, without};

/// 6 January 2026, a day after the start.
const TOMORROW: &str = "2026-01-06T09:00:00Z";

/// What a client of notifications looks like.
struct Receiver {
    url: String,
    heard: Arc<Mutex<Vec<Value>>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(serde::Deserialize)]
struct Validation {
    #[serde(rename = "validationToken")]
    token: Option<String>,
}

async fn hear(
    State(heard): State<Arc<Mutex<Vec<Value>>>>,
    Query(validation): Query<Validation>,
    body: String,
) -> Response {
    match validation.token {
        Some(token) => ([(header::CONTENT_TYPE, "text/plain")], token).into_response(),
        None => {
            heard.lock().unwrap().push(serde_json::from_str(&body).unwrap());
            StatusCode::ACCEPTED.into_response()
        }
    }
}

/// Answers, but not with the token.
async fn deaf() -> &'static str {
    "hello"
}

impl Receiver {
    async fn start() -> Receiver {
        let heard: Arc<Mutex<Vec<Value>>> = Arc::default();
        let router = Router::new()
            .route("/hear", post(hear))
            .route("/deaf", post(deaf))
            .with_state(Arc::clone(&heard));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Receiver { url, heard, task }
    }

    /// Everything heard, once there is this much of it.
    async fn wait(&self, count: usize) -> Vec<Value> {
        for _ in 0..500 {
            let heard = self.heard.lock().unwrap().clone();
            if heard.len() >= count {
                return heard;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("heard only {:?}", self.heard.lock().unwrap());
    }

    fn subscription(&self, resource: &str) -> Value {
        json!({
            "changeType": "updated,deleted",
            "notificationUrl": format!("{}/hear", self.url),
            "resource": resource,
            "expirationDateTime": TOMORROW,
            "clientState": "between us",
        })
    }
}

#[tokio::test]
async fn a_subscription_lives_as_long_as_it_is_renewed() {
    let (world, receiver) = (World::contoso().await, Receiver::start().await);
    let made = world
        .post("/subscriptions", receiver.subscription("/users"))
        .await;
    assert_eq!(
        (made.status, &made.body["clientState"]),
        (201, &json!("between us"))
    );
    let path = format!("/subscriptions/{}", made.id());
    let read = world.get(&path).await.body;
    assert_eq!(
        (&read["clientState"], &read["expirationDateTime"]),
        (&Value::Null, &json!(TOMORROW))
    );
    assert_eq!(world.get("/subscriptions").await.column("id"), [made.id()]);
    let later = json!({"expirationDateTime": "2026-02-01T09:00:00Z"});
    let renewed = world.patch(&path, later.clone()).await;
    assert_eq!(
        (renewed.status, &renewed.body["expirationDateTime"]),
        (200, &later["expirationDateTime"])
    );
    for wrong in [
        json!({"expirationDateTime": "2026-02-04T09:00:00Z"}),
        json!({"expirationDateTime": "2026-01-05T09:00:00Z"}),
        json!({"lifecycleNotificationUrl": format!("{}/hear", receiver.url)}),
        json!({"resource": "/groups"}),
        json!({"notificationUrl": format!("{}/deaf", receiver.url)}),
    ] {
        assert_eq!(world.patch(&path, wrong.clone()).await.status, 400, "{wrong}");
    }
    let again = world
        .call("POST", &format!("{path}/reauthorize"), &[], None)
        .await;
    assert_eq!(again.status, 200);
    world.advance(27 * 24 * 60 * 60 * 1_000);
    assert_eq!(world.get(&path).await.status, 401, "the token is older than that");
    let mut world = world;
    world.renew_token().await;
    assert_eq!(world.get(&path).await.refusal(), (404, "ResourceNotFound"));
    assert!(world.get("/subscriptions").await.values().is_empty());
    assert!(world.now.load(std::sync::atomic::Ordering::SeqCst) > START);
}

#[tokio::test]
async fn what_cannot_be_subscribed_to_is_refused() {
    let (world, receiver) = (World::contoso().await, Receiver::start().await);
    let good = receiver.subscription("/users");
    for wrong in [
        json!({"changeType": "created"}),
        json!({"resource": "/me/messages"}),
        json!({"expirationDateTime": "2026-02-04T09:00:00Z"}),
        json!({"clientState": "x".repeat(129)}),
        json!({"notificationUrl": format!("{}/deaf", receiver.url)}),
        json!({"notificationUrl": "https://contoso.example/hear"}),
        json!({"notificationUrl": "http://contoso.example/hear"}),
        json!({"lifecycleNotificationUrl": format!("{}/deaf", receiver.url)}),
        json!({"includeResourceData": true}),
    ] {
        let answer = world
            .post("/subscriptions", merged(good.clone(), wrong.clone()))
            .await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    let missing = without(good.clone(), "changeType");
    assert_eq!(
        world.wrong("POST", "/subscriptions", missing).await.refusal(),
        (400, "InvalidRequest")
    );
    let nobody = "/users/00000000-0000-4000-8000-000000000000";
    assert_eq!(
        world
            .post("/subscriptions", receiver.subscription(nobody))
            .await
            .status,
        404
    );
    assert!(world.get("/subscriptions").await.values().is_empty());
    let reader = World::with_roles(&["User.Read.All"]).await;
    assert_eq!(
        reader
            .post("/subscriptions", receiver.subscription("/groups"))
            .await
            .status,
        403,
        "the permission to read it is needed"
    );
    assert_eq!(reader.post("/subscriptions", good).await.status, 201);
}

#[tokio::test]
async fn an_application_has_a_hundred_of_them() {
    let (world, receiver) = (World::contoso().await, Receiver::start().await);
    for _ in 0..100 {
        let answer = world
            .post("/subscriptions", receiver.subscription("/users"))
            .await;
        assert_eq!(answer.status, 201);
    }
    let more = world
        .post("/subscriptions", receiver.subscription("/users"))
        .await;
    assert_eq!(more.status, 403);
    let id = world.get("/subscriptions").await.column("id")[0].to_owned();
    assert_eq!(world.delete(&format!("/subscriptions/{id}")).await.status, 204);
    let more = world
        .post("/subscriptions", receiver.subscription("/users"))
        .await;
    assert_eq!(more.status, 201);
}

#[tokio::test]
async fn changes_are_told_to_who_asked_for_them() {
    let receiver = Receiver::start().await;
    let world = World::start(|settings| {
        settings.applications[0]
            .roles
            .push("User.DeleteRestore.All".to_owned());
    })
    .await;
    let team = world.group("team").await;
    let batch = json!({"requests": [
        {"id": "1", "method": "POST", "url": "/subscriptions", "headers": {"Content-Type": "application/json"},
         "body": receiver.subscription("users")},
        {"id": "2", "method": "POST", "url": "/subscriptions", "headers": {"Content-Type": "application/json"},
         "body": merged(receiver.subscription(&format!("/groups/{team}/members")), json!({"clientState": null}))},
    ]});
    let answer = world.outside("POST", "/$batch", &[], Some(batch)).await;
    let made = answer.body["responses"].as_array().unwrap();
    assert!(made.iter().all(|one| one["status"] == 201), "{made:?}");
    let ada = world.post("/users", user_with("ada", json!({}))).await.id();
    let first = receiver.wait(1).await[0]["value"][0].clone();
    assert_eq!(
        (&first["changeType"], &first["clientState"]),
        (&json!("updated"), &json!("between us"))
    );
    assert_eq!(first["resourceData"]["id"], json!(ada));
    assert_eq!(first["resource"], format!("Users/{ada}"));
    world
        .patch(&format!("/groups/{team}"), json!({"description": "x"}))
        .await;
    world.add(&team, &ada).await;
    let second = receiver.wait(2).await[1]["value"][0].clone();
    assert_eq!(second["resource"], format!("Groups/{team}"), "its members only");
    world.delete(&format!("/users/{ada}")).await;
    let third = receiver.wait(3).await[2]["value"][0].clone();
    assert_eq!(third["changeType"], "updated", "the bin is an update");
    world.delete(&format!("/directory/deletedItems/{ada}")).await;
    let last = receiver.wait(4).await[3]["value"][0].clone();
    assert_eq!(last["changeType"], "deleted");
}

#[tokio::test]
async fn the_end_of_a_subscription_is_told_to_who_wants_to_know() {
    let (world, receiver) = (World::contoso().await, Receiver::start().await);
    let lifecycle = json!({"lifecycleNotificationUrl": format!("{}/hear", receiver.url)});
    let made = world
        .post(
            "/subscriptions",
            merged(receiver.subscription("/users"), lifecycle),
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    world.advance(24 * 60 * 60 * 1_000);
    let mut world = world;
    world.renew_token().await;
    world.user("ada").await;
    let heard = receiver.wait(1).await;
    let told = &heard[0]["value"][0];
    assert_eq!(
        (&told["lifecycleEvent"], &told["subscriptionId"]),
        (&json!("subscriptionRemoved"), &json!(made.id()))
    );
    assert_eq!(heard.len(), 1, "and nothing about the user");
}

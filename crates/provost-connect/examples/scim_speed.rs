//! How many accounts a second the SCIM connector makes in an application on this machine that does
//! nothing but answer: `cargo run --release -p provost-connect --example scim_speed -- 50000`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement, not the product"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use provost_connect::{Kind, Record, Secrets, Write, http, open};
use serde_json::json;

/// Writes in one call of `apply`, as a cycle groups them.
const GROUP: usize = 16;
/// Groups at the same time.
const GROUPS: usize = 8;

async fn answer(State(made): State<Arc<AtomicUsize>>, method: Method, uri: Uri) -> Response {
    let (status, body) = if method == Method::POST {
        let id = made.fetch_add(1, Ordering::Relaxed);
        (StatusCode::CREATED, format!("{{\"id\":\"{id}\"}}"))
    } else if uri.path().ends_with("ServiceProviderConfig") {
        (StatusCode::OK, r#"{"patch":{"supported":true}}"#.to_owned())
    } else {
        (StatusCode::OK, r#"{"totalResults":0,"Resources":[]}"#.to_owned())
    };
    (status, [(header::CONTENT_TYPE, "application/scim+json")], body).into_response()
}

fn record(number: usize) -> Record {
    serde_json::from_value(json!({
        "userName": format!("person{number}@contoso.example"), "displayName": format!("Person {number}"),
        "name.givenName": "Person", "name.familyName": number.to_string(), "title": "Engineer",
        "emails[type eq \"work\"].value": format!("person{number}@contoso.example"), "active": true,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Operations",
    }))
    .unwrap()
}

#[tokio::main]
async fn main() {
    let people: usize = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(20_000);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    let made = Arc::new(AtomicUsize::new(0));
    let router = Router::new().fallback(answer).with_state(Arc::clone(&made));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = json!({"url": url, "allow_private_network": true});
    let secrets = Secrets::new().with("token", "t");
    let target = open("scim", &settings, &secrets, &http::Factory::new()).unwrap();

    let start = Instant::now();
    let groups: Vec<Vec<usize>> = (0..people)
        .collect::<Vec<_>>()
        .chunks(GROUP)
        .map(<[usize]>::to_vec)
        .collect();
    let one = async |numbers: Vec<usize>| {
        // As a cycle does: everybody is looked for before anybody is made.
        for number in &numbers {
            let name = json!(format!("person{number}@contoso.example"));
            let key = json!(format!("key-{number}"));
            target.find(Kind::Person, "externalId", &key).await.unwrap();
            target.find(Kind::Person, "userName", &name).await.unwrap();
        }
        let writes: Vec<Write> = numbers
            .iter()
            .map(|number| Write::Create {
                kind: Kind::Person,
                key: format!("key-{number}"),
                record: record(*number),
            })
            .collect();
        let outcomes = target.apply(&writes).await;
        assert!(outcomes.iter().all(Result::is_ok));
    };
    let all: Vec<_> = groups.into_iter().map(one).collect();
    futures::stream::iter(all)
        .buffer_unordered(GROUPS)
        .collect::<Vec<()>>()
        .await;
    let took = start.elapsed();
    assert_eq!(made.load(Ordering::Relaxed), people);
    println!(
        "{people} accounts in {took:.2?}: {:.0} a second",
        people as f64 / took.as_secs_f64()
    );
}

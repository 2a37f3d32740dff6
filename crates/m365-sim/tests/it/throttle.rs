use std::time::Duration;

use m365_sim::{Model, RetryAfter};
use serde_json::json;

use crate::world::{Answer, World, group};

async fn limited(model: Model, retry_after: RetryAfter) -> World {
    World::start(|settings| {
        settings.throttle.model = model;
        settings.throttle.writes = 10;
        settings.throttle.window = Duration::from_secs(10);
        settings.throttle.retry_after = retry_after;
    })
    .await
}

async fn write(world: &World, n: usize) -> Answer {
    world.post("/groups", group(&format!("g{n}"))).await
}

#[tokio::test]
async fn a_bucket_runs_dry_and_refills() {
    let world = limited(Model::TokenBucket, RetryAfter::Whole).await;
    for n in 0..10 {
        let answer = write(&world, n).await;
        assert_eq!(answer.status, 201);
        assert_eq!(answer.header("x-ms-resource-unit"), Some("1"));
        assert_eq!(
            answer.header("x-ms-throttle-limit-percentage").is_some(),
            n >= 7,
            "from 0.8 on: {n}"
        );
    }
    let refused = write(&world, 10).await;
    assert_eq!(refused.refusal(), (429, "TooManyRequests"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        refused.header("x-ms-throttle-information"),
        Some("WriteLimitExceeded")
    );
    let scope = refused.header("x-ms-throttle-scope").unwrap();
    assert!(
        scope.starts_with("Tenant_Application/ReadWrite/2b7f1a90-"),
        "{scope}"
    );
    assert_eq!(world.get("/groups").await.status, 200, "reads go on");
    world.advance(1_000);
    assert_eq!(write(&world, 11).await.status, 201);
    assert_eq!(write(&world, 12).await.status, 429);
    assert_eq!(world.simulator.counters().throttled, 2);
    assert_eq!(world.simulator.groups().len(), 11);
}

#[tokio::test]
async fn a_window_counts_refusals_too() {
    let world = limited(Model::SlidingWindow, RetryAfter::Fractional).await;
    for n in 0..10 {
        assert_eq!(write(&world, n).await.status, 201);
    }
    world.advance(2_500);
    let refused = write(&world, 10).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("7.500"));
    assert_eq!(refused.header("x-ms-throttle-limit-percentage"), Some("1.10"));
    world.advance(7_500);
    for n in 11..20 {
        assert_eq!(write(&world, n).await.status, 201, "{n}");
    }
    assert_eq!(
        write(&world, 20).await.status,
        429,
        "the refused one took a place"
    );
}

#[tokio::test]
async fn the_header_may_be_missing() {
    let world = limited(Model::TokenBucket, RetryAfter::Missing).await;
    for n in 0..10 {
        write(&world, n).await;
    }
    let refused = write(&world, 10).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, None));
}

#[tokio::test]
async fn a_batch_saves_no_writes_and_is_refused_entry_by_entry() {
    let world = limited(Model::SlidingWindow, RetryAfter::Whole).await;
    let entry = |n: usize| json!({"id": format!("{n}"), "method": "POST", "url": "/groups", "headers": {"Content-Type": "application/json"}, "body": group(&format!("g{n}"))});
    let batch = json!({"requests": (0..15).map(entry).collect::<Vec<_>>()});
    let answer = world.outside("POST", "/$batch", &[], Some(batch.clone())).await;
    crate::world::contract()
        .check_batch(&batch, &answer.body)
        .unwrap();
    assert_eq!(answer.status, 200);
    let responses = answer.body["responses"].as_array().unwrap();
    let of = |status: u64| {
        responses
            .iter()
            .filter(|response| response["status"] == status)
            .count()
    };
    assert_eq!((of(201), of(429)), (10, 5));
    let refused = responses
        .iter()
        .find(|response| response["status"] == 429)
        .unwrap();
    assert_eq!(refused["headers"]["Retry-After"], "10");
    assert_eq!(refused["body"]["error"]["code"], "TooManyRequests");
}

#[tokio::test]
async fn units_follow_the_table_and_the_size_of_the_tenant() {
    let world = World::start(|settings| {
        settings.throttle.model = Model::TokenBucket;
        settings.throttle.units = Some(20);
    })
    .await;
    let team = world.group("team").await;
    let prices = [
        ("/users".to_owned(), "2"),
        ("/users?$select=id".to_owned(), "1"),
        ("/users?$select=id&$top=5".to_owned(), "1"),
        ("/users?$expand=manager".to_owned(), "3"),
        ("/subscribedSkus".to_owned(), "3"),
        (format!("/groups/{team}/members"), "3"),
        (format!("/groups/{team}/members?$top=5"), "2"),
        ("/groups".to_owned(), "1"),
    ];
    for (path, units) in prices {
        assert_eq!(
            world.get(&path).await.header("x-ms-resource-unit"),
            Some(units),
            "{path}"
        );
    }
    // 1 + 16 of 20 are spent; two more reads of users do not fit.
    assert_eq!(world.get("/users").await.status, 200);
    let refused = world.get("/users").await;
    assert_eq!(
        (refused.status, refused.header("x-ms-throttle-information")),
        (429, Some("ResourceUnitLimitExceeded"))
    );
    world.advance(10_000);
    assert_eq!(world.get("/users").await.status, 200);
}

#[tokio::test]
async fn a_refused_write_changes_nothing() {
    let world = limited(Model::TokenBucket, RetryAfter::Whole).await;
    let ada = world.user("ada").await;
    for n in 0..9 {
        write(&world, n).await;
    }
    assert_eq!(world.delete(&format!("/users/{ada}")).await.status, 429);
    assert_eq!(world.simulator.users().len(), 1);
}

//! The keys that sign tokens.

use super::world::{World, part, text};
use crate::bench::START;
use provost_signin::openid::Roll;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn kid(world: &World, now: i64) -> String {
    let tokens = world.tokens(now).await;
    part(text(&tokens, "id_token"), 0)["kid"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn published(world: &World, now: i64) -> usize {
    let set = world.openid.published(world.workspace.key, now).await.unwrap();
    set["keys"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_published_a_day_before_it_signs_and_the_old_one_a_week_longer() {
    let world = World::new().await;
    let old = kid(&world, START).await;
    assert_eq!(published(&world, START).await, 2);
    let made = world
        .openid
        .roll(world.workspace.key, Roll::Orderly, "olga", START + HOUR)
        .await
        .unwrap();
    assert_eq!(made.len(), 2);
    assert_eq!(published(&world, START + HOUR).await, 4);
    assert_eq!(kid(&world, START + HOUR).await, old);
    assert_eq!(kid(&world, START + HOUR + DAY - 1).await, old);
    let new = kid(&world, START + HOUR + DAY).await;
    assert_eq!(new, made[0].kid);
    assert_eq!(published(&world, START + HOUR + 8 * DAY - 1).await, 4);
    assert_eq!(published(&world, START + HOUR + 8 * DAY).await, 2);
    world.openid.tend_keys(START + HOUR + 8 * DAY).await.unwrap();
    assert_eq!(world.openid.keys(world.workspace.key).await.unwrap().len(), 2);
    assert_eq!(world.staff.bench.rows("application_key"), 2);
    assert_eq!(
        world.staff.bench.rows("secret"),
        2,
        "the private half went with the key"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_somebody_else_has_is_replaced_at_once() {
    let world = World::new().await;
    let old = kid(&world, START).await;
    world
        .openid
        .roll(world.workspace.key, Roll::Now, "olga", START + HOUR)
        .await
        .unwrap();
    assert_ne!(kid(&world, START + HOUR).await, old);
    assert_eq!(published(&world, START + HOUR).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_replaced_by_themselves() {
    let world = World::new().await;
    kid(&world, START).await;
    world.openid.tend_keys(START + 89 * DAY).await.unwrap();
    let before = world.openid.keys(world.workspace.key).await.unwrap().len();
    world.openid.tend_keys(START + 90 * DAY).await.unwrap();
    world.openid.tend_keys(START + 90 * DAY + HOUR).await.unwrap();
    let after = world.openid.keys(world.workspace.key).await.unwrap().len();
    assert_eq!(
        (before, after),
        (1, 2),
        "one algorithm was in use, and it is replaced once"
    );
}

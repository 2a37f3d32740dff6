//! A target that fails at any one step, in any way: the next cycles converge, and nobody is made twice.

use crate::model::{Fault, World as Held};
use crate::world::{HOUR, World};
use provost_store::link;
use serde_json::json;
use std::collections::BTreeSet;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Writes of the whole story when nothing fails, and a few more.
const STEPS: usize = 18;

/// Joiners, a manager, a group; then a mover, a leaver and somebody who is deleted.
async fn story(fault: Fault, step: usize) {
    let world = World::new().await;
    world.held().faults.insert(step, fault);
    let boss = world.person("boss", json!({})).await;
    let manager = json!({"manager": {"value": boss.id.to_string()}});
    let ann = world.person("ann", json!({ENTERPRISE: manager})).await;
    let bob = world.person("bob", json!({})).await;
    let eve = world.person("eve", json!({})).await;
    let sales = world.group("Sales", &[&ann, &bob, &eve]).await;
    settle(&world).await;
    world.set(&ann, "title", json!("Chief")).await;
    world.set(&bob, "active", json!(false)).await;
    world.leave(&sales, &[&bob]).await;
    world.delete(&eve).await;
    settle(&world).await;
    let case = format!("{fault:?} at {step}");
    check(&world.held(), &case);
    let key = eve.key;
    assert!(
        world.read(move |tx| link::of_object(tx, key)).await.is_empty(),
        "{case}"
    );
    let writes = world.held().writes.len();
    let last = world.reconcile().await;
    assert_eq!(
        (last.drift, last.writes(), world.held().writes.len()),
        (0, 0, writes),
        "{case}: {last:?}"
    );
}

/// Everybody has arrived as they are to be.
fn check(held: &Held, case: &str) {
    assert_eq!(held.people.len(), 3, "{case}");
    assert_eq!(held.groups.len(), 1, "{case}");
    assert_eq!(
        held.members_of("Sales"),
        BTreeSet::from(["ann".to_owned()]),
        "{case}"
    );
    assert_eq!(held.get("ann", "manager"), json!(held.id("boss")), "{case}");
    assert_eq!(held.get("ann", "title"), json!("Chief"), "{case}");
    assert_eq!(held.get("bob", "active"), json!(false), "{case}");
    assert_eq!(held.named("eve"), None, "{case}");
}

/// Runs until nothing more is written, with time for every retry.
async fn settle(world: &World) {
    for _ in 0..6 {
        world.run().await;
        world.pass(7 * HOUR);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_target_converges_wherever_it_fails() {
    for fault in [Fault::Refused, Fault::Lost, Fault::Down, Fault::Locked] {
        for step in 1..=STEPS {
            story(fault, step).await;
        }
    }
}

//! The target's lists break: off half way, or with a number that does not fit.

use super::{Having, assert_healed, town, writes};
use crate::world::HOUR;
use provost_store::connection::State;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_half_way_says_nothing_about_who_is_missing() {
    let (world, ..) = town(60).await;
    let (before, count) = (Having::of(&world), writes(&world));
    {
        let mut held = world.held();
        (held.page, held.broken_list) = (10, Some(3));
        held.lose("user59");
    }
    let report = world.reconcile().await;
    assert_eq!(
        (report.state, report.drift, writes(&world)),
        ("done", 0, count),
        "{report:?}"
    );
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Active, "PRV-RECONCILE-INCOMPLETE")
    );
    assert!(connection.reason.contains("tried again"), "{}", connection.reason);
    // An hour later it comes to its end, and the one who was lost is made again.
    assert!(
        connection.reconciled + 24 * HOUR <= world.now() + HOUR,
        "it is tried again within the hour"
    );
    world.held().broken_list = None;
    world.pass(HOUR);
    assert_eq!(world.reconcile().await.drift, 1);
    assert_eq!(world.held().people.len(), before.accounts.len());
    let now = Having::of(&world);
    assert_healed(&world, &now).await;
}

/// A cycle that makes many people looks at the target's list first; a list that breaks off makes no twins.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_while_many_are_made_makes_no_twins() {
    let (world, ..) = town(5).await;
    let mut theirs = Vec::new();
    for i in 0..150 {
        let name = format!("local{i}");
        theirs.push(world.held().plant(
            provost_connect::Kind::Person,
            serde_json::json!({"userName": name}),
        ));
    }
    {
        let mut held = world.held();
        (held.page, held.broken_list) = (20, Some(1));
    }
    for i in 0..150 {
        world.person(&format!("local{i}"), serde_json::json!({})).await;
    }
    let report = world.run().await;
    assert_eq!((report.adopted, report.failed), (150, 0), "{report:?}");
    assert_eq!(world.held().people.len(), 155);
}

/// The list comes to its end without an error and shows only a part: nobody is believed to be gone who answers by id.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_claims_to_be_complete_and_is_half_removes_and_makes_nobody() {
    for hidden in [10, 30] {
        let (world, ..) = town(60).await;
        let (before, count) = (Having::of(&world), writes(&world));
        {
            let mut held = world.held();
            let some: Vec<String> = held.people.keys().take(hidden).cloned().collect();
            held.hidden.extend(some);
        }
        let report = world.reconcile().await;
        assert_eq!(
            (report.state, report.drift, report.writes()),
            ("done", 0, 0),
            "{report:?}"
        );
        assert_eq!((Having::of(&world), writes(&world)), (before.clone(), count));
        let connection = world.connection().await;
        assert_eq!(connection.state, State::Active, "{}", connection.reason);
        // So many are asked for one by one that the list itself is in doubt.
        assert_eq!(
            connection.code,
            if hidden > 20 {
                "PRV-RECONCILE-INCOMPLETE"
            } else {
                ""
            }
        );
        world.held().hidden.clear();
        world.reconcile().await;
        assert_healed(&world, &before).await;
    }
}

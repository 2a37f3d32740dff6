//! What is not written before a person has decided: found, shown, decided, carried out once.

use crate::world::{GUARD_OFF, HOUR, World, group_rule, people_rule};
use provost_connect::Kind;
use provost_store::doubt::{Decision, Doubt};
use provost_store::{audit, drift};
use provost_sync::Error;
use provost_sync::doubt::choices;
use provost_sync::setup::Confirm;
use serde_json::{Value, json};

fn understood() -> Confirm {
    Confirm {
        understood: true,
        ..Confirm::default()
    }
}

/// The only doubt there is.
async fn only(world: &World) -> Doubt {
    let mut doubts = world.engine.doubts(world.connection, true, 0, 10).await.unwrap();
    assert_eq!(doubts.len(), 1, "{doubts:?}");
    doubts.pop().unwrap()
}

async fn decide(world: &World, doubt: &Doubt, decision: Decision, target: Option<&str>) -> Result<(), Error> {
    world
        .engine
        .decide_doubt(
            world.connection,
            doubt.key,
            decision,
            target,
            "owner",
            &understood(),
        )
        .await
}

async fn assert_settled(world: &World) {
    let left = world.engine.doubts(world.connection, false, 0, 10).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    let writes = world.held().writes.len();
    world.pass(HOUR);
    world.run().await;
    world.reconcile().await;
    let held = world.held();
    assert_eq!(held.writes.len(), writes, "once is enough: {:?}", held.writes);
}

/// People who are recognised by user name, then by immutable id and mail.
fn careful() -> Value {
    let mut rule = people_rule();
    rule["matching"] = json!([
        {"target": "userName", "precedence": 1}, {"target": "mail", "precedence": 2}]);
    let mappings = rule["mappings"].as_array_mut().unwrap();
    mappings.push(json!({"target": "mail", "direct": "nickName"}));
    mappings.push(json!({"target": "onPremisesImmutableId", "direct": "userType"}));
    rule
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_is_chosen() {
    let mut rule = people_rule();
    rule["matching"] = json!([{"target": "title", "precedence": 1}]);
    let world = World::with(&[rule], json!({}), GUARD_OFF).await;
    world.person("ann", json!({"title": "Boss"})).await;
    let first = world
        .held()
        .plant(Kind::Person, json!({"userName": "a", "title": "Boss"}));
    let second = world
        .held()
        .plant(Kind::Person, json!({"userName": "b", "title": "Boss"}));
    let report = world.run().await;
    assert_eq!((report.failed, report.writes()), (1, 0), "{report:?}");
    let doubt = only(&world).await;
    assert_eq!(doubt.code, "PRV-MATCH-SEVERAL");
    let shown: Vec<(&str, &str)> = doubt
        .candidates
        .iter()
        .map(|c| (c.target_id.as_str(), c.label.as_str()))
        .collect();
    assert_eq!(shown, [(first.as_str(), "a"), (second.as_str(), "b")]);
    let error = decide(&world, &doubt, Decision::Link, None).await.unwrap_err();
    assert_eq!(error.code(), Some("PRV-DOUBT-CANDIDATE"));
    let error = decide(&world, &doubt, Decision::Purge, Some(&first))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("PRV-DOUBT-DECISION"));
    decide(&world, &doubt, Decision::Link, Some(&second))
        .await
        .unwrap();
    world.run().await;
    assert_eq!(world.held().people[&second]["userName"], json!("ann"));
    assert_eq!(world.held().people[&first]["userName"], json!("a"));
    assert_settled(&world).await;
    let workspace = world.owner.workspace;
    let told = world.read(move |tx| audit::latest(tx, workspace, 100)).await;
    assert!(
        told.iter()
            .any(|row| row.action == "doubt.link" && row.actor == "owner")
    );
    assert!(told.iter().any(|row| row.action == "doubt.decide.refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_by_mail_alone_is_no_match_before_somebody_says_so() {
    let world = World::with(&[careful()], json!({}), GUARD_OFF).await;
    world
        .person("ann", json!({"nickName": "ann@contoso.example"}))
        .await;
    let there = world.held().plant(
        Kind::Person,
        json!({"userName": "anna", "mail": "ann@contoso.example"}),
    );
    world.run().await;
    let doubt = only(&world).await;
    assert_eq!(
        (doubt.code.as_str(), doubt.candidates[0].matched_by.as_str()),
        ("PRV-MATCH-WEAK", "mail")
    );
    assert_eq!(
        world.held().people[&there]["userName"],
        json!("anna"),
        "it is left alone"
    );
    let error = world
        .engine
        .decide_doubt(
            world.connection,
            doubt.key,
            Decision::Link,
            None,
            "owner",
            &Confirm::default(),
        )
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("PRV-DOUBT-UNDERSTAND"));
    decide(&world, &doubt, Decision::Create, None).await.unwrap();
    world.run().await;
    assert_eq!(world.held().people.len(), 2);
    assert_eq!(world.held().people[&there]["userName"], json!("anna"));
    assert_settled(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_somebody_elses_immutable_id_is_not_taken() {
    let world = World::with(&[careful()], json!({}), GUARD_OFF).await;
    world.person("ann", json!({"userType": "id-of-ann"})).await;
    world.person("bob", json!({"userType": "id-of-bob"})).await;
    let ann = world.held().plant(
        Kind::Person,
        json!({"userName": "ann", "onPremisesImmutableId": "other"}),
    );
    let bob = world.held().plant(
        Kind::Person,
        json!({"userName": "bob", "onPremisesImmutableId": "id-of-bob"}),
    );
    world.run().await;
    assert_eq!(
        world.held().people[&bob]["displayName"],
        json!("bob"),
        "the same id is beyond doubt"
    );
    let doubt = only(&world).await;
    assert_eq!(
        (doubt.code.as_str(), doubt.label.as_str()),
        ("PRV-MATCH-IMMUTABLE-ID", "ann")
    );
    assert_eq!(doubt.candidates[0].detail, "immutable id other");
    decide(&world, &doubt, Decision::Link, None).await.unwrap();
    world.run().await;
    assert_eq!(
        world.held().people[&ann]["onPremisesImmutableId"],
        json!("id-of-ann")
    );
    assert_settled(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_to_be_skipped_is_left_alone_until_somebody_decides_otherwise() {
    let world = World::with(&[careful()], json!({}), GUARD_OFF).await;
    world
        .person("ann", json!({"nickName": "ann@contoso.example"}))
        .await;
    let there = world.held().plant(
        Kind::Person,
        json!({"userName": "anna", "mail": "ann@contoso.example"}),
    );
    world.run().await;
    let doubt = only(&world).await;
    decide(&world, &doubt, Decision::Skip, None).await.unwrap();
    for _ in 0..2 {
        world.run().await;
        world.restart().await;
        world.pass(HOUR);
    }
    assert!(world.held().writes.is_empty());
    let status = world.engine.sync_status(world.connection).await.unwrap();
    assert_eq!(status[0].counts.unsynced, 1, "{status:?}");
    decide(&world, &doubt, Decision::Link, None).await.unwrap();
    world.run().await;
    assert_eq!(world.held().people[&there]["userName"], json!("ann"));
    assert_settled(&world).await;
}

/// Ann was made, deleted with the person, and is made again: her account lies in the bin.
async fn with_twin() -> (World, String) {
    let world = World::new().await;
    world.held().keeps_deleted = true;
    let ann = world.person("ann", json!({})).await;
    world.run().await;
    let id = world.held().id("ann");
    world.delete(&ann).await;
    world.run().await;
    assert!(world.held().bin.contains_key(&id));
    // The same user name, but another person of the directory.
    world.person("ann", json!({"title": "Boss"})).await;
    world.run().await;
    assert!(
        world.held().named("ann").is_none(),
        "nobody is made beside the one in the bin"
    );
    (world, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_twin_is_restored_with_everything() {
    let (world, id) = with_twin().await;
    let doubt = only(&world).await;
    assert_eq!(
        (doubt.code.as_str(), doubt.candidates[0].deleted),
        ("PRV-TWIN-DELETED", true)
    );
    assert_eq!(choices(&doubt.code).len(), 4);
    decide(&world, &doubt, Decision::Restore, None).await.unwrap();
    world.run().await;
    {
        let held = world.held();
        assert_eq!((held.id("ann"), held.get("ann", "title")), (id, json!("Boss")));
        assert!(held.bin.is_empty());
    }
    assert_settled(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_twin_is_purged_or_stays_beside_one_with_another_name() {
    let (world, id) = with_twin().await;
    let doubt = only(&world).await;
    decide(&world, &doubt, Decision::Purge, None).await.unwrap();
    world.run().await;
    {
        let held = world.held();
        assert!(held.bin.is_empty() && held.id("ann") != id);
    }
    assert_settled(&world).await;

    let (world, _) = with_twin().await;
    let doubt = only(&world).await;
    decide(&world, &doubt, Decision::Rename, None).await.unwrap();
    world.run().await;
    assert_eq!(world.held().bin.len(), 1);
    assert_eq!(world.held().get("ann.2", "title"), json!("Boss"));
    assert_settled(&world).await;
    let asked = drift::Asked {
        connection: world.connection,
        ..drift::Asked::default()
    };
    let kept = world.read(move |tx| drift::list(tx, &asked, 10)).await;
    assert_eq!(kept[0].state, drift::State::Accepted, "the other name stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_carried_out_once_whatever_is_lost_on_the_way() {
    for decision in [Decision::Restore, Decision::Purge, Decision::Rename] {
        for step in 1..4 {
            let (world, _) = with_twin().await;
            let doubt = only(&world).await;
            decide(&world, &doubt, decision, None).await.unwrap();
            let next = world.held().writes.len() + step;
            world.held().faults.insert(next, crate::model::Fault::Lost);
            for _ in 0..4 {
                world.run().await;
                world.pass(2 * HOUR);
            }
            let case = format!("{decision}, answer {step} lost");
            let people = world.held().people.clone();
            assert_eq!(people.len(), 1, "{case}: {people:?}");
            assert!(
                world
                    .engine
                    .doubts(world.connection, false, 0, 10)
                    .await
                    .unwrap()
                    .is_empty(),
                "{case}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_the_same_name_is_neither_merged_nor_overwritten_silently() {
    for decision in [Decision::Merge, Decision::Overwrite, Decision::Create] {
        let world = World::with(&[people_rule(), group_rule()], json!({}), GUARD_OFF).await;
        let people = world.people(2).await;
        world.group("Sales", &[&people[0]]).await;
        let group = {
            let mut held = world.held();
            let group = held.plant(Kind::Group, json!({"displayName": "Sales"}));
            let stranger = held.plant(Kind::Person, json!({"userName": "stranger"}));
            held.members.entry(group.clone()).or_default().insert(stranger);
            group
        };
        world.run().await;
        let doubt = only(&world).await;
        assert_eq!(doubt.code, "PRV-GROUP-NAME");
        assert_eq!(world.held().members[&group].len(), 1, "it is left alone");
        if decision != Decision::Create {
            let error = world
                .engine
                .decide_doubt(
                    world.connection,
                    doubt.key,
                    decision,
                    None,
                    "owner",
                    &Confirm::default(),
                )
                .await
                .unwrap_err();
            assert_eq!(error.code(), Some("PRV-DOUBT-UNDERSTAND"), "{decision}");
        }
        decide(&world, &doubt, decision, None).await.unwrap();
        world.run().await;
        let held_members = |world: &World, id: &str| {
            let held = world.held();
            let name = |id: &String| held.people[id]["userName"].as_str().unwrap().to_owned();
            let mut names: Vec<String> = held.members[id].iter().map(name).collect();
            names.sort();
            names
        };
        let members = held_members(&world, &group);
        match decision {
            Decision::Merge => assert_eq!(members, ["stranger", "user0"]),
            Decision::Overwrite => assert_eq!(members, ["user0"]),
            _ => assert_eq!(
                (members, world.held().groups.len()),
                (vec!["stranger".to_owned()], 2)
            ),
        }
        assert_settled(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_decide_about_somebody_who_is_gone() {
    let world = World::with(&[careful()], json!({}), GUARD_OFF).await;
    let ann = world
        .person("ann", json!({"nickName": "ann@contoso.example"}))
        .await;
    world.held().plant(
        Kind::Person,
        json!({"userName": "anna", "mail": "ann@contoso.example"}),
    );
    world.run().await;
    only(&world).await;
    world.delete(&ann).await;
    world.pass(2 * HOUR);
    world.run().await;
    assert!(
        world
            .engine
            .doubts(world.connection, false, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

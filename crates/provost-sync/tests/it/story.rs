//! What the provisioning log tells, and mappings that depend on what the target holds.

use crate::model::Fault;
use crate::world::{GUARD_OFF, World, people_rule};
use provost_connect::Kind;
use provost_engine::plan::Action;
use provost_sync::Options;
use serde_json::{Value, json};

fn with_mapping(mapping: Value) -> Value {
    let mut rule = people_rule();
    rule["mappings"].as_array_mut().unwrap().push(mapping);
    rule
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_tells_its_steps_and_each_old_and_new_value() {
    let secret = json!({"target": "pin", "expression": "Redact([title])", "apply": "on_create"});
    let world = World::with(&[with_mapping(secret)], json!({}), GUARD_OFF).await;
    let ann = world.person("ann", json!({"title": "Boss"})).await;
    let options = Options {
        initiator: Some("kari@contoso.example".into()),
        ..Options::default()
    };
    world.engine.run_cycle(world.connection, &options).await.unwrap();
    world.set(&ann, "title", json!("Chief")).await;
    world.run().await;
    let log = world.log(&ann).await;
    let (update, create) = (&log[0], &log[1]);
    assert_eq!(
        (create.action.as_str(), create.status.as_str()),
        ("create", "success")
    );
    assert_eq!(create.initiator, "kari@contoso.example");
    assert_eq!(create.target_id, world.held().id("ann"));
    assert!(create.change_id.is_some() && create.micros > 0);
    let names: Vec<&str> = create.trace.steps.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["import", "scope", "match", "create"]);
    assert_eq!(create.trace.steps[2].details["userName"], "ann");
    let pin = create.trace.modified.iter().find(|m| m.name == "pin").unwrap();
    assert_eq!((&pin.old, &pin.new), (&Value::Null, &json!("[Redact]")));
    assert_eq!(update.initiator, "provost");
    let title = &update.trace.modified[0];
    assert_eq!(
        (
            title.name.as_str(),
            &title.old,
            &title.new,
            update.trace.modified.len()
        ),
        ("title", &json!("Boss"), &json!("Chief"), 1)
    );
    let raw =
        serde_json::to_string(&world.engine.explain(world.owner.workspace, "ann").await.unwrap()).unwrap();
    assert!(!raw.contains("\"pin\":\"Boss\""), "{raw}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_has_its_code_and_the_word_that_entra_uses() {
    let world = World::new().await;
    world.held().faults.insert(1, Fault::Refused);
    let ann = world.person("ann", json!({})).await;
    let report = world.run().await;
    assert_eq!(report.failed, 1);
    let line = &world.log(&ann).await[0];
    assert_eq!(
        (line.status.as_str(), line.code.as_str()),
        ("failure", "PRV-CONNECT-REJECTED")
    );
    let step = line.trace.steps.last().unwrap();
    assert_eq!(step.details["errorCode"], "UnprocessableEntity");
    // Several accounts with the same name are never guessed among.
    let bob = world.person("bob", json!({})).await;
    for _ in 0..2 {
        world.held().plant(Kind::Person, json!({"userName": "bob"}));
    }
    world.run().await;
    let line = &world.log(&bob).await[0];
    assert_eq!(line.code, "PRV-MATCH-SEVERAL");
    assert_eq!(
        line.trace.steps.last().unwrap().details["errorCode"],
        "DuplicateTargetEntries"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_meant_for_an_empty_attribute_asks_the_target_first() {
    let desk = json!({"target": "desk", "direct": "nickName", "apply": "if_empty"});
    let world = World::with(&[with_mapping(desk)], json!({}), GUARD_OFF).await;
    let ann = world.person("ann", json!({})).await;
    let bob = world.person("bob", json!({})).await;
    world.run().await;
    world.held().tamper("ann", "desk", json!("by hand"));
    for person in [&ann, &bob] {
        world.set(person, "nickName", json!("12 B")).await;
    }
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Update), Some(&1), "{report:?}");
    assert_eq!(world.held().get("ann", "desk"), json!("by hand"));
    assert_eq!(world.held().get("bob", "desk"), json!("12 B"));
    world.restart().await;
    assert_eq!(world.run().await.writes(), 0, "what was found counts as written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_value_is_looked_for_in_the_target() {
    let nick = json!({"target": "nick", "apply": "on_create",
        "expression": "SelectUniqueValue([title], Join(\".\", [title], \"2\"), Join(\".\", [title], \"3\"))"});
    let world = World::with(&[with_mapping(nick)], json!({}), GUARD_OFF).await;
    world
        .held()
        .plant(Kind::Person, json!({"userName": "x", "nick": "boss"}));
    world.person("ann", json!({"title": "boss"})).await;
    world.run().await;
    assert_eq!(world.held().get("ann", "nick"), json!("boss.2"));
    world.person("bob", json!({"title": "boss"})).await;
    world.run().await;
    assert_eq!(world.held().get("bob", "nick"), json!("boss.3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_vanished_loses_its_memberships_in_what_is_known() {
    let world = World::new().await;
    let people = world.people(2).await;
    world.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    world.run().await;
    world.held().lose("user0");
    world.set(&people[0], "title", json!("Boss")).await;
    world.run().await;
    world.run().await;
    assert_eq!(world.held().get("user0", "title"), json!("Boss"));
    assert_eq!(world.held().members_of("Sales").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_every_time_never_makes_a_cycle_over_everybody_write() {
    let mut rule = people_rule();
    rule["mappings"][1]["resend"] = json!(true);
    let world = World::with(&[rule], json!({}), GUARD_OFF).await;
    let ann = world.person("ann", json!({})).await;
    world.person("bob", json!({})).await;
    world.run().await;
    world.restart().await;
    assert_eq!(world.run().await.writes(), 0);
    // A cycle that names the person sends it, although no mapping of theirs changed.
    world.held().tamper("ann", "displayName", json!("by hand"));
    world.set(&ann, "nickName", json!("Annie")).await;
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Update), Some(&1), "{report:?}");
    assert_eq!(world.held().get("ann", "displayName"), json!("ann"));
    assert_eq!(world.run().await.writes(), 0);
}

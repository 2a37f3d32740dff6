//! Taking a rule away together with its accounts.

use crate::world::{GUARD_OFF, World, group_rule, people_rule};
use provost_sync::setup::Confirm;
use provost_sync::{Error, RuleRemoval};
use serde_json::{Value, json};

fn scoped(name: &str, scope: Value) -> Value {
    let mut rule = people_rule();
    rule["name"] = json!(name);
    rule["scope"] = scope;
    rule
}

fn title_is(title: &str) -> Value {
    json!({"filters": [{"name": "titled", "clauses": [
        {"attribute": "title", "operator": "EQUALS", "value": title}
    ]}]})
}

async fn remove(world: &World, name: &str, confirm: &Confirm) -> Result<RuleRemoval, Error> {
    world
        .engine
        .remove_rule(world.connection, name, confirm, "owner")
        .await
}

fn confirmed(told: &RuleRemoval) -> Confirm {
    Confirm {
        digest: Some(told.digest.clone()),
        typed: Some(told.rule.clone()),
        understood: true,
    }
}

const DEPROVISIONS: &str = r#"{"allowed": {"deprovision_on_rule_deletion": true}}"#;

fn deprovisions() -> Value {
    serde_json::from_str(DEPROVISIONS).unwrap()
}

async fn rules(world: &World) -> Vec<String> {
    let connection = world.connection;
    let rules = world
        .read(move |tx| provost_store::rule::of_connection(tx, connection))
        .await;
    rules.into_iter().map(|r| r.name).collect()
}

#[tokio::test]
async fn a_rule_goes_with_its_accounts_after_they_were_counted_and_its_name_was_typed() {
    let world = World::with(&[people_rule(), group_rule()], deprovisions(), GUARD_OFF).await;
    world.people(3).await;
    world.run().await;
    let writes = world.held().writes.len();
    let told = remove(&world, "People", &Confirm::default()).await.unwrap();
    assert_eq!((told.people, told.labels.len(), told.done), (3, 3, false));
    let wrong = [
        Confirm {
            typed: Some("people".into()),
            ..confirmed(&told)
        },
        Confirm {
            digest: Some("0".into()),
            ..confirmed(&told)
        },
        Confirm {
            typed: None,
            ..confirmed(&told)
        },
    ];
    for confirm in &wrong {
        let refused = remove(&world, "People", confirm).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-RULE-DEPROVISION"));
    }
    assert_eq!(world.held().writes.len(), writes, "nothing was done");
    let done = remove(&world, "People", &confirmed(&told)).await.unwrap();
    assert!(done.done, "{done:?}");
    assert_eq!(rules(&world).await, ["Groups"]);
    let held = world.held();
    assert!(
        held.people.values().all(|r| r["active"] == json!(false)),
        "{:?}",
        held.people
    );
}

#[tokio::test]
async fn whoever_another_rule_means_too_keeps_the_account() {
    let all = scoped("All", json!({}));
    let bosses = scoped("Bosses", title_is("Boss"));
    let world = World::with(&[all, bosses], deprovisions(), GUARD_OFF).await;
    world.person("ann", json!({"title": "Boss"})).await;
    world.person("bob", json!({})).await;
    world.run().await;
    let told = remove(&world, "All", &Confirm::default()).await.unwrap();
    assert_eq!((told.people, told.kept_by_other_rules), (1, 1), "{told:?}");
    let done = remove(&world, "All", &confirmed(&told)).await.unwrap();
    assert!(done.done, "{done:?}");
    {
        let held = world.held();
        assert_eq!(
            (held.get("ann", "active"), held.get("bob", "active")),
            (json!(true), json!(false))
        );
        assert_eq!(held.people.len(), 2, "nobody was made again");
    }
    assert_eq!(world.run().await.writes(), 0);
}

#[tokio::test]
async fn the_guard_holds_a_rule_that_takes_too_many_and_an_approval_ends_it() {
    let world = World::with(
        &[people_rule(), group_rule()],
        deprovisions(),
        r#"{"minimum": 2}"#,
    )
    .await;
    world.people(5).await;
    world.run().await;
    let told = remove(&world, "People", &Confirm::default()).await.unwrap();
    let held = remove(&world, "People", &confirmed(&told)).await.unwrap();
    assert_eq!((held.done, held.held[0].steps), (false, 5), "{held:?}");
    assert!(world.held().people.values().all(|r| r["active"] == json!(true)));
    assert_eq!(rules(&world).await.len(), 2);
    let (connection, now) = (world.connection().await, world.now());
    world
        .write(move |tx| {
            let decision = provost_store::staged::Decision::Approved;
            provost_store::staged::decide_all(tx, "owner", now, &connection, decision)
        })
        .await;
    let report = world.run().await;
    assert_eq!(report.failed, 0, "{report:?}");
    assert!(world.held().people.values().all(|r| r["active"] == json!(false)));
    assert_eq!(rules(&world).await, ["Groups"]);
}

#[tokio::test]
async fn without_the_preference_the_rule_goes_and_the_accounts_stay() {
    let world = World::new().await;
    world.people(2).await;
    world.run().await;
    let writes = world.held().writes.len();
    let done = remove(&world, "People", &Confirm::default()).await.unwrap();
    assert_eq!((done.done, done.people), (true, 0));
    assert_eq!(world.held().writes.len(), writes);
    assert_eq!(rules(&world).await, ["Groups"]);
    let unknown = remove(&world, "People", &Confirm::default()).await.unwrap_err();
    assert_eq!(unknown.code(), Some("PRV-RULE-UNKNOWN"));
}

use crate::world::{World, group_rule, people_rule};
use provost_engine::plan::Action;
use provost_sync::{ChangePreview, Error, Proposal};
use serde_json::{Value, json};

async fn preview(world: &World, proposal: Proposal) -> ChangePreview {
    let engine = world.engine.clone();
    let connection = world.connection;
    tokio::spawn(async move { engine.preview_change(connection, &proposal, 2).await })
        .await
        .unwrap()
        .unwrap()
}

fn rules(scope: Value) -> Proposal {
    let mut rule = people_rule();
    rule["scope"] = scope;
    Proposal {
        rules: Some(vec![
            serde_json::from_value(rule).unwrap(),
            serde_json::from_value(group_rule()).unwrap(),
        ]),
        ..Proposal::default()
    }
}

fn titled(title: &str) -> Value {
    json!({"filters": [{"clauses": [{"attribute": "title", "operator": "EQUALS", "value": title}]}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_filter_says_who_leaves_and_what_the_guard_says() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
    for i in 0..12 {
        let title = if i < 4 { "Sales" } else { "Cook" };
        world.person(&format!("user{i}"), json!({"title": title})).await;
    }
    world.run().await;
    let writes = world.held().writes.len();
    let found = preview(&world, rules(titled("Sales"))).await;
    assert_eq!((found.enter, found.leave), (0, 8));
    assert_eq!(found.leave_names, ["user4", "user5"]);
    assert_eq!((found.held.len(), found.held[0].steps), (1, 8), "{found:?}");
    assert!(
        found.counts.is_empty(),
        "what is held is not carried out: {:?}",
        found.counts
    );
    assert_eq!(world.held().writes.len(), writes);
    let none = preview(&world, rules(json!({"filters": []}))).await;
    assert_eq!((none.enter, none.leave, none.counts.len()), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_says_who_enters() {
    let world = World::with(
        &[people_rule(), group_rule()],
        json!({"assignment": "assigned"}),
        "{}",
    )
    .await;
    let people = world.people(5).await;
    let sales = world.group("Sales", &[&people[0], &people[1]]).await;
    let found = preview(
        &world,
        Proposal {
            assign: vec![sales.key, people[4].key],
            ..Proposal::default()
        },
    )
    .await;
    assert_eq!(
        (found.enter, found.leave),
        (4, 0),
        "three people and the group: {found:?}"
    );
    assert_eq!(found.counts[&Action::Create], 4);
    let everybody = Proposal {
        preferences: Some(serde_json::from_value(json!({"assignment": "all"})).unwrap()),
        ..Proposal::default()
    };
    assert_eq!(preview(&world, everybody).await.enter, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_without_a_verdict_moves_nobody() {
    let world = World::new().await;
    world.person("ada", json!({"title": "neither"})).await;
    world.run().await;
    let odd = json!({"filters": [{"clauses": [{"attribute": "title", "operator": "IS TRUE"}]}]});
    let found = preview(&world, rules(odd)).await;
    assert_eq!((found.leave, found.counts.len()), (0, 0), "{found:?}");
    assert_eq!(
        found.rules[0].failed, 1,
        "and the preview says that it cannot be applied"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_do_not_compile_are_refused() {
    let world = World::new().await;
    let mut rule = people_rule();
    rule["mappings"][0] = json!({"target": "userName", "expression": "Nonsense("});
    let proposal = Proposal {
        rules: Some(vec![serde_json::from_value(rule).unwrap()]),
        ..Proposal::default()
    };
    let refused = world.engine.preview_change(world.connection, &proposal, 5).await;
    assert!(matches!(refused, Err(Error::Rules(_))));
}

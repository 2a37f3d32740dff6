use crate::world::{World, group_rule, people_rule};
use futures::TryStreamExt as _;
use provost_store::directory::Object;
use provost_store::plan::{self, Plan, PlanStep, State};
use provost_store::{config_version, connection, rule};
use provost_sync::{Error, Format, Mode, Options, PlanSummary, Proposal, Report, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

async fn make(world: &World, proposal: &Proposal) -> PlanSummary {
    world
        .engine
        .make_plan(world.connection, None, proposal, "Ada", true, None)
        .await
        .unwrap()
}

async fn apply(world: &World, id: Uuid) -> Result<Report> {
    let engine = world.engine.clone();
    let workspace = world.owner.workspace;
    // As a request would do it: on another thread.
    tokio::spawn(async move { engine.apply_plan(workspace, id, "Ada", &Options::default()).await })
        .await
        .unwrap()
}

async fn kept(world: &World, id: Uuid) -> Plan {
    let workspace = world.owner.workspace;
    world.read(move |tx| plan::get(tx, workspace, id)).await.unwrap()
}

async fn steps(world: &World, id: Uuid) -> Vec<PlanStep> {
    let key = kept(world, id).await.key;
    let steps = world.read(move |tx| plan::steps(tx, key, -1, 1_000)).await;
    steps.into_iter().map(|(_, step)| step).collect()
}

async fn export(world: &World, id: Uuid, format: Format) -> String {
    let stream = world
        .engine
        .export_plan(world.owner.workspace, id, format)
        .await
        .unwrap();
    let pieces: Vec<String> = stream.try_collect().await.unwrap();
    pieces.concat()
}

fn values<'a>(step: &'a PlanStep, attribute: &str) -> (&'a Value, &'a Value) {
    let change = step.changes.iter().find(|c| c.attribute == attribute).unwrap();
    (&change.before, &change.after)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_is_what_is_applied() {
    let world = World::new().await;
    let people = world.people(3).await;
    world.group("Sales", &[&people[0], &people[1]]).await;
    let first = make(&world, &Proposal::default()).await;
    assert_eq!(
        (first.mode, first.steps, first.held, first.approval),
        ("initial", 6, 0, false)
    );
    let report = apply(&world, first.id.unwrap()).await.unwrap();
    assert_eq!((report.state, report.writes()), ("done", 6), "{report:?}");
    assert_eq!(world.held().members_of("Sales").len(), 2);

    world.set(&people[0], "title", json!("Boss")).await;
    world.set(&people[1], "active", json!(false)).await;
    let second = make(&world, &Proposal::default()).await;
    let id = second.id.unwrap();
    assert_eq!((second.mode, second.steps), ("incremental", 2));
    let listed = steps(&world, id).await;
    assert_eq!(
        listed
            .iter()
            .map(|s| (s.label.as_str(), s.action.as_str()))
            .collect::<Vec<_>>(),
        [("user0", "update"), ("user1", "disable")]
    );
    assert_eq!(values(&listed[0], "title"), (&Value::Null, &json!("Boss")));
    assert_eq!(values(&listed[1], "active"), (&json!(true), &json!(false)));
    let lines = export(&world, id, Format::Json).await;
    let line: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(
        (lines.lines().count(), &line["name"], &line["rule"], &line["id"]),
        (2, &json!("user0"), &json!("People"), &json!(people[0].id))
    );
    let table = export(&world, id, Format::Csv).await;
    assert!(
        table.starts_with("action,held,rule,") && table.contains("\"title\",\"\",\"Boss\"\r\n"),
        "{table}"
    );
    apply(&world, id).await.unwrap();
    assert_eq!(world.held().get("user0", "title"), "Boss");
    let plan = kept(&world, id).await;
    assert!(
        plan.state == State::Applied && plan.cycle.is_some_and(|c| c > 0),
        "{plan:?}"
    );
    let again = apply(&world, id).await.unwrap_err();
    assert!(
        matches!(again, Error::PlanState { ref state, .. } if state == "applied"),
        "{again}"
    );
    assert_eq!(
        make(&world, &Proposal::default()).await.steps,
        0,
        "nothing is left to do"
    );
}

/// Whatever moves what was planned, the plan is refused, names who moved, and nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_moved_is_refused_whatever_moved() {
    for change in ["value", "back", "gone", "left", "scope", "run", "member"] {
        let world = World::new().await;
        let people = world.people(4).await;
        let sales = world.group("Sales", &[&people[0]]).await;
        world.run().await;
        world.set(&people[0], "title", json!("Boss")).await;
        world.join(&sales, &[&people[1]]).await;
        let made = make(&world, &Proposal::default()).await;
        assert_eq!(made.steps, 2);
        let (id, mut writes) = (made.id.unwrap(), world.held().writes.len());
        match change {
            "value" => world.set(&people[0], "title", json!("Chief")).await,
            "back" => world.set(&people[0], "title", Value::Null).await,
            "gone" => world.delete(&people[0]).await,
            "left" => world.set(&people[0], "active", json!(false)).await,
            "scope" => {
                let mut rule = people_rule();
                rule["scope"] = json!({"filters": [{"clauses": [
                    {"attribute": "title", "operator": "NOT EQUALS", "value": "Boss"}]}]});
                world.set_rule(1, rule).await;
            }
            "member" => world.leave(&sales, &[&people[1]]).await,
            _ => {
                world.run().await;
                writes = world.held().writes.len();
            }
        }
        let refused = apply(&world, id).await.unwrap_err();
        let Error::PlanMoved { moved, .. } = &refused else {
            panic!("{change}: {refused}");
        };
        let expected = if change == "member" { "Sales" } else { "user0" };
        assert!(moved.iter().any(|m| m.label == expected), "{change}: {refused}");
        assert!(
            !refused.to_string().contains("Chief"),
            "values are no part of an error: {refused}"
        );
        assert_eq!(world.held().writes.len(), writes, "{change}");
        let plan = kept(&world, id).await;
        assert!(
            plan.state == State::Moved && !plan.reason.is_empty(),
            "{change}: {plan:?}"
        );
        assert!(
            matches!(apply(&world, id).await, Err(Error::PlanState { .. })),
            "{change}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_moves_a_plan_over_everything_but_not_one_over_a_few() {
    let world = World::new().await;
    let people = world.people(3).await;
    let everything = make(&world, &Proposal::default()).await;
    world.person("Joiner", json!({})).await;
    let refused = apply(&world, everything.id.unwrap()).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("Joiner (People): nothing was planned, now it is create"),
        "{refused}"
    );
    world.run().await;
    world.set(&people[0], "title", json!("Boss")).await;
    let few = make(&world, &Proposal::default()).await;
    world.set(&people[2], "title", json!("Cook")).await;
    apply(&world, few.id.unwrap()).await.unwrap();
    assert_eq!(world.held().get("user0", "title"), "Boss");
    assert_eq!(
        world.held().get("user2", "title"),
        Value::Null,
        "exactly what was planned"
    );
    world.run().await;
    assert_eq!(
        world.held().get("user2", "title"),
        "Cook",
        "the next cycle does the rest"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_while_the_plan_is_carried_out_is_left_to_the_next_cycle() {
    let world = World::new().await;
    let people = world.people(150).await;
    let made = make(&world, &Proposal::default()).await;
    let (db, owner, last, clock) = (world.db.clone(), world.owner, people[149].clone(), world.now());
    let runtime = tokio::runtime::Handle::current();
    world.model.on_write(Arc::new(move |number| {
        if number == 1 {
            let (db, last) = (db.clone(), last.clone());
            let change = edit(db, owner, last, clock);
            tokio::task::block_in_place(|| runtime.block_on(change));
        }
    }));
    apply(&world, made.id.unwrap()).await.unwrap();
    let names: Vec<Value> = world
        .held()
        .people
        .values()
        .map(|r| r["userName"].clone())
        .collect();
    assert!(
        names.len() == 149 && !names.contains(&json!("user149")),
        "{names:?}"
    );
    world.run().await;
    assert_eq!(world.held().get("user149", "title"), "Boss");
}

async fn edit(db: provost_store::Db, owner: provost_store::directory::Owner, person: Object, now: i64) {
    db.write(move |tx| {
        let change = provost_store::directory::Change {
            owner,
            actor: "test",
            now,
        };
        let document =
            json!({"userName": "user149", "displayName": "user149", "active": true, "title": "Boss"});
        provost_store::directory::replace(tx, &change, &person, document.as_object().unwrap())
    })
    .await
    .unwrap();
}

async fn refused_code(result: Result<()>) -> String {
    match result.unwrap_err() {
        Error::Store(e) => e.code().unwrap_or_default().to_owned(),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn held_steps_need_a_second_person_and_are_then_carried_out() {
    let guard = r#"{"minimum": 1, "percent": 1.0, "per_day_percent": 1.0}"#;
    let world = World::with(&[people_rule(), group_rule()], json!({}), guard).await;
    let people = world.people(10).await;
    world.run().await;
    for person in &people[..3] {
        world.delete(person).await;
    }
    world.set(&people[5], "title", json!("Boss")).await;
    let made = make(&world, &Proposal::default()).await;
    let (id, workspace, engine) = (made.id.unwrap(), world.owner.workspace, &world.engine);
    assert_eq!((made.steps, made.held, made.approval), (4, 3, true));
    assert!(
        steps(&world, id)
            .await
            .iter()
            .filter(|s| s.held)
            .all(|s| s.action == "delete")
    );
    assert!(matches!(apply(&world, id).await, Err(Error::NeedsApproval(_))));
    let same = engine.approve_plan(workspace, id, "Ada").await;
    assert_eq!(refused_code(same).await, "PRV-PLAN-SAME-PERSON");
    engine.approve_plan(workspace, id, "Bo").await.unwrap();
    let report = apply(&world, id).await.unwrap();
    assert_eq!(
        (report.state, world.held().people.len()),
        ("done", 7),
        "{report:?}"
    );
    assert_eq!(world.connection().await.state, connection::State::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_ask_for_approval_of_everything() {
    let mut rule = people_rule();
    rule["approval"] = json!("always");
    let world = World::with(&[rule], json!({}), "{}").await;
    world.people(2).await;
    let made = make(&world, &Proposal::default()).await;
    assert!(made.approval);
    let id = made.id.unwrap();
    assert!(matches!(apply(&world, id).await, Err(Error::NeedsApproval(_))));
    assert!(world.held().people.is_empty());
    world
        .engine
        .approve_plan(world.owner.workspace, id, "Bo")
        .await
        .unwrap();
    apply(&world, id).await.unwrap();
    assert_eq!(world.held().people.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_over_cannot_be_used() {
    let world = World::new().await;
    world.people(2).await;
    let (engine, workspace) = (&world.engine, world.owner.workspace);
    let older = make(&world, &Proposal::default()).await.id.unwrap();
    let newer = make(&world, &Proposal::default()).await.id.unwrap();
    let replaced = apply(&world, older).await.unwrap_err();
    assert!(
        matches!(replaced, Error::PlanState { ref state, .. } if state == "superseded"),
        "{replaced}"
    );
    engine
        .reject_plan(workspace, newer, "Bo", "not today")
        .await
        .unwrap();
    let rejected = apply(&world, newer).await.unwrap_err();
    assert!(
        rejected.to_string().contains("rejected (not today)"),
        "{rejected}"
    );
    assert_eq!(
        refused_code(engine.approve_plan(workspace, newer, "Bo").await).await,
        "PRV-PLAN-DECIDED"
    );
    assert!(matches!(apply(&world, Uuid::nil()).await, Err(Error::NoPlan(_))));
    let foreign = engine
        .apply_plan(workspace + 1, newer, "Ada", &Options::default())
        .await;
    assert!(
        matches!(foreign, Err(Error::NoPlan(_))),
        "another workspace's plan is absent"
    );
    assert!(world.held().writes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_whose_making_was_cut_short_cannot_be_used() {
    let world = World::new().await;
    let connection = world.connection().await;
    let (id, now) = (Uuid::now_v7(), world.now());
    world
        .write(move |tx| {
            let new = plan::NewPlan {
                id,
                mode: "initial",
                approval: false,
                digest: "",
                watermark: 0,
                scope: &json!({}),
                counts: &json!({}),
            };
            plan::create(tx, "Ada", now, &connection, &new)
        })
        .await;
    let refused = apply(&world, id).await.unwrap_err();
    assert!(
        matches!(refused, Error::PlanState { ref state, .. } if state == "unfinished"),
        "{refused}"
    );
    assert!(
        world
            .engine
            .approve_plan(world.owner.workspace, id, "Bo")
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_connection_is_left_alone() {
    let world = World::new().await;
    world.people(1).await;
    let made = make(&world, &Proposal::default()).await;
    let (connection, now) = (world.connection().await, world.now());
    let paused = connection::Condition {
        state: connection::State::Paused,
        ..connection::Condition::default()
    };
    world
        .write(move |tx| connection::set_state(tx, "owner", now, &connection, &paused))
        .await;
    assert!(matches!(
        apply(&world, made.id.unwrap()).await,
        Err(Error::Paused(_))
    ));
}

fn only_sales() -> Proposal {
    let mut rule = people_rule();
    rule["scope"] =
        json!({"filters": [{"clauses": [{"attribute": "title", "operator": "EQUALS", "value": "Sales"}]}]});
    let mut added = group_rule();
    added["name"] = json!("Teams");
    Proposal {
        rules: Some(vec![
            serde_json::from_value(rule).unwrap(),
            serde_json::from_value(added).unwrap(),
        ]),
        ..Proposal::default()
    }
}

async fn rules_of(world: &World) -> Vec<String> {
    let key = world.connection;
    let rules = world.read(move |tx| rule::of_connection(tx, key)).await;
    rules.into_iter().map(|r| r.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_a_change_saves_the_change_and_carries_it_out() {
    let world = World::with(&[people_rule()], json!({}), crate::world::GUARD_OFF).await;
    let seller = world.person("seller", json!({"title": "Sales"})).await;
    world.person("cook", json!({"title": "Cook"})).await;
    world.run().await;
    world.group("Sales", &[&seller]).await;
    let made = make(&world, &only_sales()).await;
    assert_eq!((made.mode, made.steps), ("initial", 3), "{made:?}");
    assert_eq!(rules_of(&world).await, ["People"], "nothing is saved by planning");
    let report = apply(&world, made.id.unwrap()).await.unwrap();
    assert_eq!(report.state, "done", "{report:?}");
    assert_eq!(rules_of(&world).await, ["People", "Teams"]);
    assert_eq!(world.held().get("cook", "active"), json!(false));
    assert_eq!(world.held().members_of("Sales").len(), 1);
    let key = world.connection;
    let (version, _) = world
        .read(move |tx| config_version::latest(tx, key))
        .await
        .unwrap();
    assert!(version.note.contains(&made.id.unwrap().to_string()) && version.actor == "Ada");
    let next = world.run().await;
    assert_eq!(next.writes(), 0, "{next:?}");
    let exported = export(&world, made.id.unwrap(), Format::Json).await;
    assert!(exported.contains("\"rule\":\"Teams\""), "{exported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_plan_moved_is_not_saved() {
    let world = World::with(&[people_rule()], json!({}), crate::world::GUARD_OFF).await;
    let cook = world.person("cook", json!({"title": "Cook"})).await;
    world.run().await;
    let made = make(&world, &only_sales()).await;
    world.set(&cook, "title", json!("Sales")).await;
    let before = world.connection().await;
    let refused = apply(&world, made.id.unwrap()).await.unwrap_err();
    assert!(matches!(refused, Error::PlanMoved { .. }), "{refused}");
    assert_eq!(rules_of(&world).await, ["People"]);
    assert_eq!(world.connection().await.watermark, before.watermark);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_nobody_should_read_are_not_kept() {
    let mut rule = people_rule();
    rule["mappings"].as_array_mut().unwrap().push(json!(
        {"target": "password", "expression": "Redact(Append(\"Pass-\", [userName]))", "apply": "on_create"}
    ));
    let world = World::with(&[rule], json!({}), "{}").await;
    world.people(1).await;
    let made = make(&world, &Proposal::default()).await;
    let id = made.id.unwrap();
    let listed = steps(&world, id).await;
    assert_eq!(values(&listed[0], "password").1, "[Redact]");
    assert!(!export(&world, id, Format::Json).await.contains("Pass-"));
    apply(&world, id).await.unwrap();
    assert_eq!(world.held().get("user0", "password"), "Pass-user0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconcile_can_be_planned_and_applied() {
    let world = World::new().await;
    world.people(3).await;
    world.run().await;
    world.held().tamper("user1", "displayName", json!("Mallory"));
    let made = world
        .engine
        .make_plan(
            world.connection,
            Some(Mode::Reconcile),
            &Proposal::default(),
            "Ada",
            true,
            None,
        )
        .await
        .unwrap();
    assert_eq!((made.mode, made.steps), ("reconcile", 1), "{made:?}");
    assert_eq!(
        world.held().get("user1", "displayName"),
        "Mallory",
        "planning writes nothing"
    );
    apply(&world, made.id.unwrap()).await.unwrap();
    assert_eq!(world.held().get("user1", "displayName"), "user1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_for_a_looser_guard_and_an_assignment_saves_both() {
    let world = World::with(
        &[people_rule()],
        json!({"assignment": "assigned"}),
        r#"{"minimum": 0, "percent": 0.0, "per_day_percent": 0.0}"#,
    )
    .await;
    let people = world.people(4).await;
    let connection = world.connection().await;
    let (now, all) = (world.now(), people[..3].to_vec());
    world
        .write(move |tx| {
            all.iter()
                .try_for_each(|p| provost_store::assignment::add(tx, "owner", now, &connection, p).map(drop))
        })
        .await;
    world.run().await;
    assert_eq!(world.held().people.len(), 3);
    let proposal = Proposal {
        guard: Some(serde_json::from_str(r#"{"enabled": false}"#).unwrap()),
        assign: vec![people[3].key],
        unassign: vec![people[0].key],
        ..Proposal::default()
    };
    let made = make(&world, &proposal).await;
    assert_eq!((made.steps, made.held), (2, 0), "{made:?}");
    apply(&world, made.id.unwrap()).await.unwrap();
    assert_eq!(world.held().get("user0", "active"), json!(false));
    assert_eq!(world.held().get("user3", "active"), json!(true));
    assert_eq!(world.connection().await.guard["enabled"], json!(false));
    let key = world.connection;
    let assigned = world
        .read(move |tx| provost_store::assignment::set(tx, key))
        .await;
    assert_eq!(assigned, [people[1].key, people[2].key, people[3].key]);
    assert_eq!(world.run().await.writes(), 0);
    let log = world
        .read(move |tx| provost_store::provisioning_log::of_connection(tx, key, 1))
        .await;
    assert_eq!(log[0].initiator, "Ada", "whoever applied it");
}

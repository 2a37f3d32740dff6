//! G0-14, G0-15 and G0-17: nobody is assigned before federation, by any door.

use super::{NAME, Stage, code, confirmed, credentials, people_rule};
use crate::harness::group_rule;
use provost_engine::rule::Rule;
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::directory::Object;
use provost_store::microsoft_365::Mode;
use provost_store::{assignment, config_version, rule};
use provost_sync::setup::Confirm;
use provost_sync::{Options, Proposal};
use serde_json::json;

const LOCKED: &str = "PRV-PROVIDER-NOT-ASSIGNABLE";

fn off(rule: Rule) -> Rule {
    Rule {
        enabled: false,
        ..rule
    }
}

async fn assign(stage: &Stage, connection: &Connection, object: &Object) -> provost_sync::Result<bool> {
    let (c, object) = (connection.clone(), object.clone());
    let done = stage
        .hub
        .db
        .write(move |tx| assignment::add(tx, "sam", 7, &c, &object))
        .await;
    stage.hub.engine.told_assignment(connection, "sam", done).await
}

/// Makes the rules of the connection those of the sample, switched off.
async fn rules(stage: &Stage, connection: &Connection) {
    let all = vec![off(people_rule()), off(group_rule())];
    let engine = &stage.hub.engine;
    engine
        .save_rules(connection.key, all, "owner", &Confirm::default())
        .await
        .unwrap();
}

/// What anybody could be reached by.
async fn reach(stage: &Stage, connection: &Connection) -> (i64, Assignment, usize) {
    let key = connection.key;
    let read = move |tx: &mut provost_store::Tx| {
        let found = connection::by_key(tx, key)?.unwrap();
        let on = rule::of_connection(tx, key)?
            .iter()
            .filter(|r| r.rule.enabled)
            .count();
        Ok::<_, provost_store::Error>((assignment::count(tx, key)?, found.preferences.assignment, on))
    };
    stage.hub.db.read(read).await.unwrap()
}

const NOBODY: (i64, Assignment, usize) = (0, Assignment::Assigned, 0);

#[tokio::test(flavor = "multi_thread")]
async fn g0_14_nobody_is_assigned_and_the_attempt_is_told() {
    let stage = Stage::new().await;
    stage.add().await;
    let connection = stage.provision().await;
    let ann = stage.hub.person("ann", json!({})).await;
    let sales = stage.hub.group("Sales", &[&ann]).await;
    for object in [&ann, &sales] {
        assert_eq!(code(assign(&stage, &connection, object).await), LOCKED);
        let (action, detail) = stage.refused().await;
        assert!(
            detail.contains("not before federation is finished (step 5)"),
            "{detail}"
        );
        assert_eq!(action, "microsoft_365.assign.refused");
    }
    assert_eq!(reach(&stage, &connection).await, NOBODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_14_no_rule_is_switched_on_and_not_everybody_is_meant() {
    let stage = Stage::new().await;
    stage.add().await;
    let c = stage.provision().await;
    rules(&stage, &c).await;
    let engine = &stage.hub.engine;
    let (key, name) = (c.key, people_rule().name);
    let on = |confirm: Confirm| {
        let name = name.clone();
        async move { engine.switch_rule(key, &name, true, "owner", &confirm).await }
    };
    assert_eq!(code(confirmed(on).await), LOCKED);
    let all = vec![people_rule(), off(group_rule())];
    let save = |confirm: Confirm| {
        let all = all.clone();
        async move { engine.save_rules(key, all, "owner", &confirm).await }
    };
    assert_eq!(code(confirmed(save).await), LOCKED);
    let everybody = Preferences {
        assignment: Assignment::All,
        ..c.preferences.clone()
    };
    let result = engine
        .save_preferences(c.key, everybody, "owner", &Confirm::default())
        .await;
    assert_eq!(code(result), LOCKED);
    assert_eq!(reach(&stage, &c).await, NOBODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_14_neither_a_file_nor_an_older_version_nor_a_stored_plan_opens_the_lock() {
    let stage = Stage::new().await;
    stage.add().await;
    stage
        .set_mode(Mode::ProvisioningOnly, "a while without federation")
        .await
        .unwrap();
    let c = stage.provision().await;
    rules(&stage, &c).await;
    let ann = stage.hub.person("ann", json!({})).await;
    let engine = &stage.hub.engine;
    // A version with a rule that is on, and a plan that would assign somebody, from when that was allowed.
    let key = c.key;
    let mut on = stage
        .hub
        .db
        .read(move |tx| config_version::current(tx, key))
        .await
        .unwrap();
    on.rules[0].enabled = true;
    let proposal = Proposal {
        assign: vec![ann.key],
        ..Proposal::default()
    };
    let plan = engine
        .make_plan(key, None, &proposal, "owner", true, None)
        .await
        .unwrap();
    stage
        .set_mode(Mode::Federation, "the domain is to be federated after all")
        .await
        .unwrap();
    let (one, to) = (c.clone(), on.clone());
    let applied = stage
        .hub
        .db
        .write(move |tx| connection::configure(tx, "owner", 9, &one, &to, "version 2"))
        .await;
    assert_eq!(
        code(engine.told_configuration(&c, "owner", applied).await),
        LOCKED
    );
    stage.assert_told("configure", LOCKED).await;
    let result = engine
        .apply_plan(stage.workspace(), plan.id.unwrap(), "sam", &Options::default())
        .await;
    assert_eq!(code(result), LOCKED);
    stage.assert_told("plan", LOCKED).await;
    let (one, rules) = (c.clone(), on.rules.clone());
    let imported = stage
        .hub
        .db
        .write(move |tx| rule::replace_all(tx, "owner", 9, &one, &rules, "from Entra"))
        .await;
    assert_eq!(imported.unwrap_err().code(), Some(LOCKED));
    assert_eq!(reach(&stage, &c).await, NOBODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_14_nothing_is_written_to_the_tenant_for_anybody() {
    let stage = Stage::new().await;
    stage.add().await;
    let c = stage.provision().await;
    rules(&stage, &c).await;
    let ann = stage.hub.person("ann", json!({})).await;
    let bob = stage.hub.person("bob", json!({})).await;
    let engine = &stage.hub.engine;
    engine.run_cycle(c.key, &Options::default()).await.unwrap();
    engine.provision(c.key, ann.key, &[], "sam").await.unwrap();
    // Who leaves has an account to lose, and there is none.
    drop(engine.leave(c.key, ann.key, Some(bob.key), "sam", true).await);
    assert_eq!(reach(&stage, &c).await, NOBODY);
    assert_eq!(stage.hub.simulator.counters().users_created, 0);
    assert_eq!(stage.hub.simulator.counters().writes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_14_the_lock_opens_with_federation() {
    let stage = Stage::new().await;
    stage.add().await;
    let c = stage.provision().await;
    rules(&stage, &c).await;
    stage.federate().await;
    let ann = stage.hub.person("ann", json!({})).await;
    assert!(assign(&stage, &c, &ann).await.unwrap());
    let engine = &stage.hub.engine;
    let (key, name) = (c.key, people_rule().name);
    let on = |confirm: Confirm| {
        let name = name.clone();
        async move { engine.switch_rule(key, &name, true, "owner", &confirm).await }
    };
    confirmed(on).await.unwrap();
    let report = engine.run_cycle(c.key, &Options::default()).await.unwrap();
    assert_eq!(report.writes(), 1, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_15_provisioning_only_is_decided_before_the_first_assignment_and_recorded() {
    let stage = Stage::new().await;
    stage.add().await;
    let c = stage.provision().await;
    let engine = &stage.hub.engine;
    let asked = engine
        .set_provider_mode(
            stage.workspace(),
            NAME,
            Mode::ProvisioningOnly,
            "why",
            &Confirm::default(),
            "owner",
        )
        .await;
    let error = asked.unwrap_err();
    assert_eq!(error.code(), Some("PRV-PROVIDER-MODE-CONFIRM"));
    assert_eq!(
        stage.provider().await.mode,
        Mode::Federation,
        "a question changes nothing"
    );
    assert_eq!(
        code(stage.set_mode(Mode::ProvisioningOnly, " ").await),
        "PRV-PROVIDER-MODE"
    );
    stage.assert_told("mode", "PRV-PROVIDER-MODE").await;
    let now = stage
        .set_mode(Mode::ProvisioningOnly, "Contoso keeps its own sign-in")
        .await
        .unwrap();
    assert_eq!(
        (now.mode, now.mode_reason.as_str()),
        (Mode::ProvisioningOnly, "Contoso keeps its own sign-in")
    );
    let workspace = stage.workspace();
    let newest = stage
        .hub
        .db
        .read(move |tx| provost_store::audit::latest(tx, workspace, 1))
        .await
        .unwrap();
    assert_eq!(
        (newest[0].action.as_str(), newest[0].actor.as_str()),
        ("microsoft_365.mode", "owner")
    );
    let ann = stage.hub.person("ann", json!({})).await;
    assert!(assign(&stage, &c, &ann).await.unwrap());
    assert_eq!(
        code(stage.set_mode(Mode::Federation, "back").await),
        "PRV-PROVIDER-MODE"
    );
    stage.federate().await;
    let (one, key) = (c.clone(), ann.key);
    stage
        .hub
        .db
        .write(move |tx| assignment::remove(tx, "owner", 9, &one, key))
        .await
        .unwrap();
    assert_eq!(
        code(stage.set_mode(Mode::Federation, "back").await),
        "PRV-PROVIDER-MODE",
        "it is federated"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn g0_17_the_checklist_is_whole_only_when_all_four_lines_are_true() {
    let stage = Stage::new().await;
    stage.fault("GET /openid-configuration", "AADSTS90033", 2);
    stage.add().await;
    assert_eq!(undone(&stage).await, ["active", "credentials"]);
    let c = stage.provision().await;
    assert_eq!(undone(&stage).await, [] as [&str; 0]);
    let lines = stage
        .hub
        .engine
        .provider_checklist(stage.workspace(), NAME)
        .await
        .unwrap();
    let keys: Vec<&str> = lines.iter().map(|line| line.key).collect();
    assert_eq!(keys, ["active", "general", "credentials", "unassigned"]);
    assert!(
        lines
            .iter()
            .all(|line| line.at.is_some() && !line.evidence.is_empty() && line.missing.is_empty())
    );
    assert!(
        lines[2].evidence.contains(&credentials().client_id),
        "{:?}",
        lines[2]
    );
    stage.set_mode(Mode::ProvisioningOnly, "why").await.unwrap();
    let ann = stage.hub.person("ann", json!({})).await;
    assign(&stage, &c, &ann).await.unwrap();
    assert_eq!(undone(&stage).await, ["unassigned"]);
}

async fn undone(stage: &Stage) -> Vec<&'static str> {
    let lines = stage
        .hub
        .engine
        .provider_checklist(stage.workspace(), NAME)
        .await
        .unwrap();
    let open = lines.iter().filter(|line| !line.done);
    open.map(|line| {
        assert!(!line.missing.is_empty(), "{line:?}");
        line.key
    })
    .collect()
}

//! Setting a connection up: every guard is tried to be broken, at the only door there is.

use crate::model::Fault;
use crate::sink::Sink;
use crate::world::{DAY, GUARD_OFF, HOUR, World, group_rule, people_rule};
use provost_connect::{Error as TargetError, Secret, Target, mail};
use provost_engine::rule::Rule;
use provost_store::connection::{self, State};
use provost_store::{audit, notice, rule};
use provost_sync::notify::Settings;
use provost_sync::setup::{Confirm, ConnectionChange, ConnectionDraft};
use provost_sync::{Error, Opener, Options, Proposal};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

fn rules(rules: &[Value]) -> Vec<Rule> {
    rules
        .iter()
        .map(|r| serde_json::from_value(r.clone()).unwrap())
        .collect()
}

/// Only who has the title "Sales" is meant.
fn sales() -> Value {
    let mut rule = people_rule();
    rule["scope"] = json!({"filters": [{"name": "Sales", "clauses": [
        {"attribute": "title", "operator": "EQUALS", "value": "Sales"}]}]});
    rule
}

fn off(mut rule: Value) -> Value {
    rule["enabled"] = json!(false);
    rule
}

fn draft(name: &str) -> ConnectionDraft {
    ConnectionDraft {
        name: name.to_owned(),
        description: "Where Contoso works".to_owned(),
        connector: "scim".to_owned(),
        settings: json!({"url": "https://app.contoso.example/scim"}),
        secrets: vec![("token".to_owned(), Secret::new("s3cret"))],
        rules: rules(&[sales()]),
        ..ConnectionDraft::default()
    }
}

fn refused() -> TargetError {
    TargetError::Credential {
        host: "app.contoso.example".into(),
        reason: "the secret has expired".into(),
        cause: None,
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().code().unwrap_or_default().to_owned()
}

/// The digest of what has to be confirmed.
fn digest<T: std::fmt::Debug>(result: Result<T, Error>) -> Confirm {
    match result.unwrap_err() {
        Error::Confirm { digest, .. } => Confirm {
            digest: Some(digest),
            ..Confirm::default()
        },
        other => panic!("{other}"),
    }
}

/// The refused attempts in the audit log, newest first.
async fn attempts(world: &World) -> Vec<(String, String)> {
    let workspace = world.owner.workspace;
    let all = world.read(move |tx| audit::latest(tx, workspace, 200)).await;
    all.into_iter()
        .filter(|entry| entry.action.ends_with(".refused"))
        .map(|entry| (entry.action, entry.detail))
        .collect()
}

/// The newest refused attempt was this one, with this code.
async fn assert_told(world: &World, action: &str, code: &str) {
    let attempts = attempts(world).await;
    let (found, detail) = attempts.first().expect("nothing was told");
    assert_eq!(found, &format!("{action}.refused"));
    assert!(detail.starts_with(&format!("{code}: ")), "{detail}");
}

async fn stored(world: &World, connection: i64) -> Vec<Rule> {
    let stored = world.read(move |tx| rule::of_connection(tx, connection)).await;
    stored.into_iter().map(|s| s.rule).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_works_is_added_with_everything() {
    let world = World::new().await;
    world.person("ann", json!({"title": "Sales"})).await;
    world.person("bob", json!({})).await;
    let workspace = world.owner.workspace;
    let expires = world.now() + 90 * DAY;
    let mut draft = draft("Second");
    draft.secret_expires = Some(expires);
    let added = world
        .engine
        .add_connection(workspace, &draft, "owner", false)
        .await
        .unwrap();
    assert!(added.tried.ok() && added.switched_off.is_empty(), "{added:?}");
    let made = added.connection;
    assert_eq!((made.state, made.tested), (State::Active, world.now()));
    assert_eq!(made.preferences.description, "Where Contoso works");
    assert_eq!(
        world.engine.credential_expiry(made.key).await.unwrap(),
        Some(expires)
    );
    assert_eq!(made.checks[0]["sentence"], json!("it answers"));
    let report = world
        .engine
        .run_cycle(made.key, &Options::default())
        .await
        .unwrap();
    assert_eq!(report.writes(), 1, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_is_refused() {
    let world = World::new().await;
    let workspace = world.owner.workspace;
    let result = world
        .engine
        .add_connection(workspace, &draft("Model"), "owner", false)
        .await;
    assert_eq!(code(result), "PRV-CONNECTION-NAME-TAKEN");
    assert_told(&world, "connection.create", "PRV-CONNECTION-NAME-TAKEN").await;
    world
        .engine
        .add_connection(workspace, &draft("Second"), "owner", false)
        .await
        .unwrap();
    let change = ConnectionChange {
        name: Some("Second".to_owned()),
        ..ConnectionChange::default()
    };
    let result = world
        .engine
        .change_connection(world.connection, &change, "owner", false)
        .await;
    assert_eq!(code(result), "PRV-CONNECTION-NAME-TAKEN");
    assert_eq!(world.connection().await.name, "Model");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_connection_does_nothing_until_a_test_succeeds() {
    let world = World::new().await;
    world.person("ann", json!({"title": "Sales"})).await;
    world.person("bob", json!({})).await;
    let (engine, workspace) = (&world.engine, world.owner.workspace);
    world.held().refusal = Some(refused());
    let tried = engine.try_connection(&draft("Second")).await.unwrap();
    let failed = tried.failed().unwrap();
    assert_eq!(
        (failed.name.as_str(), failed.code.as_str()),
        ("sign-in", "PRV-CONNECT-CREDENTIAL")
    );
    assert!(failed.sentence.contains("has expired") && !failed.hint.is_empty() && failed.link.is_some());
    let result = engine
        .add_connection(workspace, &draft("Second"), "owner", false)
        .await;
    assert_eq!(code(result), "PRV-CONNECTION-TEST");
    assert!(
        world
            .read(move |tx| connection::by_name(tx, workspace, "Second"))
            .await
            .is_none()
    );

    let added = engine
        .add_connection(workspace, &draft("Second"), "owner", true)
        .await
        .unwrap();
    let key = added.connection.key;
    assert_eq!(added.connection.state, State::Invalid);
    assert_eq!(added.connection.code, "PRV-CONNECT-CREDENTIAL");
    assert_eq!(
        added.switched_off,
        [("People".to_owned(), "the connection is invalid".to_owned())]
    );
    let result = engine.run_cycle(key, &Options::default()).await;
    assert_eq!(code(result), "PRV-CONNECTION-INVALID");
    let result = engine
        .switch_rule(key, "People", true, "owner", &Confirm::default())
        .await;
    assert_eq!(code(result), "PRV-CONNECTION-INVALID");
    assert_told(&world, "rule.on", "PRV-CONNECTION-INVALID").await;
    let result = engine
        .save_rules(key, rules(&[sales()]), "owner", &Confirm::default())
        .await;
    assert_eq!(code(result), "PRV-CONNECTION-INVALID");
    let result = engine.switch_connection(key, true, "", "owner").await;
    assert_eq!(code(result), "PRV-CONNECTION-INVALID");
    assert!(!engine.check_connection(key).await.unwrap().tried.ok());

    world.held().refusal = None;
    let checked = engine.check_connection(key).await.unwrap();
    assert_eq!((checked.was, checked.state), (State::Invalid, State::Active));
    engine
        .switch_rule(key, "People", true, "owner", &Confirm::default())
        .await
        .unwrap();
    assert_eq!(
        engine.run_cycle(key, &Options::default()).await.unwrap().writes(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_tested_before_it_is_saved_and_no_secret_goes_to_another_host() {
    let world = World::new().await;
    let seen: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let (model, heard) = (world.model.clone(), seen.clone());
    let opener: Opener = Arc::new(move |_, secrets| {
        heard
            .lock()
            .unwrap()
            .push(secrets.get("token").map(|s| s.expose().to_owned()));
        Ok(model.clone() as Arc<dyn Target>)
    });
    let engine = world.engine.clone().with_opener(opener);
    let workspace = world.owner.workspace;
    let key = engine
        .add_connection(workspace, &draft("Second"), "owner", false)
        .await
        .unwrap()
        .connection
        .key;
    let elsewhere = ConnectionChange {
        settings: Some(json!({"url": "https://other.contoso.example/scim"})),
        ..ConnectionChange::default()
    };
    seen.lock().unwrap().clear();
    world.held().refusal = Some(refused());
    let result = engine.change_connection(key, &elsewhere, "owner", false).await;
    assert_eq!(code(result), "PRV-CONNECTION-TEST");
    assert_told(&world, "connection.change", "PRV-CONNECTION-TEST").await;
    assert_eq!(
        *seen.lock().unwrap(),
        [None],
        "the old host's secret is not sent to the new one"
    );
    let state = || world.read(move |tx| Ok(connection::by_key(tx, key)?.unwrap()));
    assert_eq!(
        state().await.settings["url"],
        json!("https://app.contoso.example/scim")
    );
    engine
        .change_connection(key, &elsewhere, "owner", true)
        .await
        .unwrap();
    assert_eq!(state().await.state, State::Invalid);
    world.held().refusal = None;
    let secret = ConnectionChange {
        secrets: vec![("token".to_owned(), Secret::new("another"))],
        ..ConnectionChange::default()
    };
    engine
        .change_connection(key, &secret, "owner", false)
        .await
        .unwrap();
    assert_eq!(
        state().await.state,
        State::Active,
        "the test that was good makes it active"
    );
    assert_eq!(seen.lock().unwrap().last().unwrap().as_deref(), Some("another"));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_and_nobody_have_to_be_confirmed() {
    let world = World::with(&[off(people_rule())], json!({}), GUARD_OFF).await;
    world.people(3).await;
    let (engine, key) = (&world.engine, world.connection);
    let switch =
        |confirm: Confirm| async move { engine.switch_rule(key, "People", true, "owner", &confirm).await };
    let result = switch(Confirm::default()).await;
    assert_eq!(code(switch(Confirm::default()).await), "PRV-RULE-EVERYONE");
    assert_told(&world, "rule.on", "PRV-RULE-EVERYONE").await;
    let confirm = digest(result);
    world.person("late", json!({})).await;
    assert_eq!(
        code(switch(confirm).await),
        "PRV-RULE-EVERYONE",
        "one more is another question"
    );
    let ticked = Confirm {
        understood: true,
        ..Confirm::default()
    };
    assert_eq!(
        code(switch(ticked).await),
        "PRV-RULE-EVERYONE",
        "a tick says nothing about whom"
    );
    let confirm = digest(switch(Confirm::default()).await);
    switch(confirm).await.unwrap();
    assert!(stored(&world, key).await[0].enabled);

    let count = engine.head_count(key, &rules(&[sales()])[0]).await.unwrap();
    assert_eq!((count.meant, count.total), (0, 4));
    let result = engine
        .save_rules(key, rules(&[sales()]), "owner", &Confirm::default())
        .await;
    assert_eq!(code(result), "PRV-RULE-NOBODY");
    let workspace = world.owner.workspace;
    let added = engine
        .add_connection(workspace, &draft("Second"), "owner", false)
        .await
        .unwrap();
    assert!(
        added.switched_off[0].1.starts_with("PRV-RULE-NOBODY"),
        "{added:?}"
    );
    assert!(!stored(&world, added.connection.key).await[0].enabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_target_would_refuse_is_not_saved() {
    let world = World::with(&[off(sales())], json!({}), GUARD_OFF).await;
    world.person("ann", json!({"title": "Sales"})).await;
    world.person("bob", json!({})).await;
    let (engine, key, none) = (&world.engine, world.connection, Confirm::default());
    let mut bad = sales();
    bad["mappings"]
        .as_array_mut()
        .unwrap()
        .push(json!({"target": "nonsense", "constant": "x"}));
    let result = engine.save_rules(key, rules(&[bad]), "owner", &none).await;
    assert_eq!(code(result), "PRV-MAPPING-UNKNOWN");
    assert_told(&world, "rule.save", "PRV-MAPPING-UNKNOWN").await;

    world.held().wants_password = true;
    let result = engine.switch_rule(key, "People", true, "owner", &none).await;
    assert_eq!(code(result), "PRV-RULE-PASSWORD");
    let mut good = sales();
    good["mappings"]
        .as_array_mut()
        .unwrap()
        .push(json!({"target": "password", "generated": true, "apply": "on_create"}));
    engine
        .save_rules(key, rules(&[good]), "owner", &none)
        .await
        .unwrap();
    let result = engine.save_rules(key, rules(&[sales()]), "owner", &none).await;
    assert_eq!(
        code(result),
        "PRV-RULE-PASSWORD",
        "while the rule is on, the mapping stays"
    );
    engine
        .save_rules(key, rules(&[off(sales())]), "owner", &none)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_strong_sealed_and_sent_to_new_accounts_only() {
    const STRONG: &str = "vK7#qTz9!mLw2xRb";
    let world = World::with(&[off(sales())], json!({}), GUARD_OFF).await;
    world.person("ann", json!({"title": "Sales"})).await;
    world.person("bob", json!({})).await;
    let (engine, key, none) = (&world.engine, world.connection, Confirm::default());
    let with = |password: &str| {
        let mut rule = sales();
        let mapping = json!({"target": "password", "constant": password, "apply": "on_create"});
        rule["mappings"].as_array_mut().unwrap().push(mapping);
        rules(&[rule])
    };
    let result = engine.save_rules(key, with("Summer2026"), "owner", &none).await;
    assert_eq!(code(result), "PRV-PASSWORD-WEAK");
    assert!(
        attempts(&world)
            .await
            .iter()
            .all(|(_, detail)| !detail.contains("Summer2026"))
    );
    engine
        .save_rules(key, with(STRONG), "owner", &none)
        .await
        .unwrap();
    let kept = serde_json::to_string(&stored(&world, key).await).unwrap();
    assert!(
        kept.contains("password.People") && !kept.contains(STRONG),
        "{kept}"
    );
    let plan = engine
        .make_plan(key, None, &Proposal::default(), "owner", true, None)
        .await
        .unwrap();
    assert!(!format!("{plan:?}").contains(STRONG));
    world.run().await;
    assert_eq!(world.held().get("ann", "password"), json!(STRONG));
    engine
        .save_rules(key, with("Zq8!wNf3@pYk6uHd"), "owner", &none)
        .await
        .unwrap();
    world.run().await;
    assert_eq!(
        world.held().get("ann", "password"),
        json!(STRONG),
        "it is for new accounts only"
    );
    let (workspace, log) = (
        world.owner.workspace,
        world.read(provost_store::directory::highest_key).await,
    );
    for object in 0..=log {
        let lines = world
            .read(move |tx| provost_store::provisioning_log::of_object(tx, object, 50))
            .await;
        assert!(!format!("{lines:?}").contains(STRONG));
    }
    let rows = world.read(move |tx| audit::latest(tx, workspace, 500)).await;
    assert!(!format!("{rows:?}").contains(STRONG));
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_that_contradict_each_other_are_refused() {
    let world = World::new().await;
    let mut preferences = world.connection().await.preferences;
    preferences.allowed =
        serde_json::from_value(json!({"deprovision": false, "remove_action": "delete"})).unwrap();
    let (engine, none) = (&world.engine, Confirm::default());
    let result = engine
        .save_preferences(world.connection, preferences, "owner", &none)
        .await;
    assert_eq!(code(result), "PRV-ACTIONS-CONTRADICT");
    assert_told(&world, "connection.preferences", "PRV-ACTIONS-CONTRADICT").await;
    assert!(world.connection().await.preferences.allowed.deprovision);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_in_use_is_not_removed() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), GUARD_OFF).await;
    let (engine, key, none) = (&world.engine, world.connection, Confirm::default());
    engine
        .switch_rule(key, "Groups", false, "owner", &none)
        .await
        .unwrap();
    let error = engine.drop_connection(key, "owner").await.unwrap_err();
    assert_eq!(error.code(), Some("PRV-CONNECTION-IN-USE"));
    assert!(
        error.to_string().contains("\"People\"") && !error.to_string().contains("\"Groups\""),
        "{error}"
    );
    assert_told(&world, "connection.remove", "PRV-CONNECTION-IN-USE").await;
    engine
        .switch_rule(key, "People", false, "owner", &none)
        .await
        .unwrap();
    engine.drop_connection(key, "owner").await.unwrap();
    assert!(world.read(move |tx| connection::by_key(tx, key)).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_removes_nothing_and_is_good_again_after_a_good_test() {
    let world = World::new().await;
    let people = world.people(4).await;
    world.run().await;
    world.delete(&people[0]).await;
    world.set(&people[1], "title", json!("Boss")).await;
    let next = world.held().writes.len() + 1;
    world.held().faults.insert(next, Fault::Locked);
    world.held().refusal = Some(refused());
    let report = world.run().await;
    assert_eq!(report.state, "failed", "{report:?}");
    let now = world.connection().await;
    assert_eq!(
        (now.state, now.code.as_str()),
        (State::Invalid, "PRV-CONNECT-CREDENTIAL")
    );
    assert_eq!(world.held().people.len(), 4, "nobody lost an account");
    let again = world
        .engine
        .run_cycle(world.connection, &Options::default())
        .await;
    assert_eq!(code(again), "PRV-CONNECTION-INVALID");
    world.pass(2 * HOUR);
    assert_eq!(
        world
            .engine
            .check_connection(world.connection)
            .await
            .unwrap()
            .state,
        State::Invalid
    );
    world.held().refusal = None;
    assert_eq!(
        world
            .engine
            .check_connection(world.connection)
            .await
            .unwrap()
            .state,
        State::Active
    );
    world.pass(DAY);
    let report = world.run().await;
    assert_eq!(
        (report.state, world.held().people.len()),
        ("done", 3),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_down_is_no_invalid_connection() {
    let world = World::new().await;
    world.people(1).await;
    world.held().refusal = Some(TargetError::Unreachable {
        host: "app.contoso.example".into(),
        reason: "connection refused".into(),
    });
    let checked = world.engine.check_connection(world.connection).await.unwrap();
    assert_eq!((checked.tried.ok(), checked.state), (false, State::Active));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_credential_is_told_30_7_and_1_days_before_and_then_that_it_is_invalid() {
    let world = World::new().await;
    world.run().await;
    let sink = Sink::open().await;
    let settings = Settings {
        enabled: true,
        recipient: "it@contoso.example".into(),
        smtp: Some(mail::Settings {
            host: "127.0.0.1".into(),
            port: Some(sink.port),
            security: mail::Security::None,
            user: None,
            from: "provost@contoso.example".into(),
            allow_plain: false,
            trusted: None,
        }),
        digest: false,
        ..Settings::default()
    };
    let (workspace, key) = (world.owner.workspace, world.connection);
    world
        .engine
        .set_notification(workspace, "owner", &settings, None)
        .await
        .unwrap();
    let end = world.now() + 40 * DAY;
    world
        .engine
        .set_credential_expiry(key, Some(end), "owner")
        .await
        .unwrap();
    let mut told = Vec::new();
    while world.now() < end {
        if world.engine.notify_tick().await.unwrap() > 0 {
            told.push((end - world.now()) / DAY);
        }
        world.pass(DAY / 2);
    }
    assert_eq!(told, [30, 7, 1]);
    world.engine.notify_tick().await.unwrap();
    sink.take();
    world.held().refusal = Some(refused());
    world.engine.check_connection(key).await.unwrap();
    world.engine.notify_tick().await.unwrap();
    let subjects: Vec<String> = sink.take().into_iter().map(|letter| letter.subject).collect();
    assert_eq!(subjects, ["Provost: Model is invalid"]);
    let standing = world.read(move |tx| notice::standing(tx, workspace, 0, 50)).await;
    assert!(
        standing.iter().any(|one| one.cause.starts_with("invalid:")),
        "{standing:?}"
    );
}

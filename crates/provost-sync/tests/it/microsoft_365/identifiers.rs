//! Identifiers, before the simulator: steps 1.16 to 1.19 of script S1 and the guards G1-9 and G1-10.

use super::{NAME, Stage, code, confirmed};
use provost_engine::object::Kind;
use provost_store::directory::{self, Object};
use provost_store::identifier::{self, LinkState};
use provost_store::microsoft_365::Mode;
use provost_store::rule;
use provost_sync::identifier::{Chosen, Summary};
use provost_sync::setup::Confirm;
use provost_sync::{Error, Options};
use serde_json::{Value, json};
use uuid::Uuid;

/// A provider that may provision, and nobody in the tenant yet.
async fn ready() -> Stage {
    let stage = Stage::new().await;
    stage.add().await;
    stage.provision().await;
    stage
}

fn plant(stage: &Stage, name: &str, more: Value) -> String {
    let mut user = json!({
        "userPrincipalName": format!("{name}@contoso.example"), "displayName": name, "mailNickname": name,
        "accountEnabled": true, "userType": "Member",
    });
    let fields = user.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    stage.hub.simulator.plant_user(user).unwrap()
}

async fn read(stage: &Stage) -> provost_sync::identifier::Read {
    let engine = &stage.hub.engine;
    engine
        .read_identifiers(stage.workspace(), NAME, "owner")
        .await
        .unwrap()
}

async fn summary(stage: &Stage) -> Summary {
    let found = stage
        .hub
        .engine
        .identifiers(stage.workspace(), NAME)
        .await
        .unwrap();
    assert_eq!(found.people.total(), everybody(stage).await, "the numbers add up");
    found
}

async fn everybody(stage: &Stage) -> i64 {
    let workspace = stage.workspace();
    let count = move |tx: &mut provost_store::Tx| directory::count(tx, workspace, Kind::Person);
    stage.hub.db.read(count).await.unwrap()
}

async fn at(stage: &Stage, id: &str) -> identifier::Account {
    let (key, id) = (stage.connection().await.key, id.to_owned());
    let found = stage
        .hub
        .db
        .read(move |tx| identifier::account(tx, key, &id))
        .await;
    found.unwrap().expect("an account")
}

async fn link(stage: &Stage, who: &Object, id: &str) -> Result<(), Error> {
    let engine = &stage.hub.engine;
    engine
        .link_identifier(stage.workspace(), NAME, who.id, id, "owner")
        .await
}

/// What the tenant holds of an account.
fn user(stage: &Stage, id: &str) -> Value {
    let all = stage.hub.simulator.users();
    all.into_iter().find(|one| one["id"] == id).expect("a user")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_account_is_shown_with_its_marks_and_nothing_is_written() {
    let stage = ready().await;
    let engine = stage.hub.engine.clone();
    let unread = engine
        .link_identifier(stage.workspace(), NAME, Uuid::now_v7(), "x", "owner")
        .await;
    assert_eq!(code(unread), "PRV-IDENTIFIER-UNREAD");
    let ann = stage.hub.person("ann", json!({})).await;
    let plain = plant(&stage, "bob", json!({}));
    let guest = plant(&stage, "guest", json!({"userType": "Guest"}));
    let shared = plant(
        &stage,
        "info",
        json!({"accountEnabled": false, "mail": "info@contoso.example"}),
    );
    let synced = plant(
        &stage,
        "synced",
        json!({"onPremisesSyncEnabled": true, "onPremisesImmutableId": "QUJD"}),
    );
    let writes = stage.hub.simulator.counters().writes;
    let before = stage.hub.simulator.users().len() as u64;
    assert_eq!(read(&stage).await.accounts, before);
    let found = summary(&stage).await;
    assert!(found.read > 0 && !found.not_needed);
    assert_eq!(found.accounts.total() as u64, before);
    let marks = async |id: &str| {
        let facts = at(&stage, id).await.facts;
        (facts.guest, facts.shared, facts.enabled, facts.synchronised)
    };
    assert_eq!(marks(&plain).await, (false, false, true, false));
    assert_eq!(marks(&guest).await, (true, false, true, false));
    assert_eq!(marks(&shared).await, (false, true, false, false));
    assert_eq!(marks(&synced).await, (false, false, true, true));
    link(&stage, &ann, &plain.to_uppercase()).await.unwrap();
    assert_eq!(
        at(&stage, &plain).await.person,
        ann.key,
        "a GUID is the same however it is spelled"
    );
    let bob = stage.hub.person("other", json!({})).await;
    let error = link(&stage, &bob, &plain).await.unwrap_err();
    assert!(
        error.code() == Some("PRV-IDENTIFIER-TAKEN") && error.to_string().contains("ann"),
        "{error}"
    );
    assert_eq!(
        code(link(&stage, &bob, &Uuid::now_v7().to_string()).await),
        "PRV-LINK-ABSENT"
    );
    assert_eq!(stage.refused().await.0, "identifier.link.refused");
    engine
        .unlink_identifier(stage.workspace(), NAME, &plain, "owner")
        .await
        .unwrap();
    assert_eq!(at(&stage, &plain).await.state, LinkState::Unlinked);
    assert_eq!(
        stage.hub.simulator.counters().writes,
        writes,
        "nothing was written to Microsoft"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggestion_says_why_and_only_sure_ones_are_linked_together() {
    let stage = ready().await;
    let (engine, workspace) = (stage.hub.engine.clone(), stage.workspace());
    let ann = stage.hub.person("ann", json!({})).await;
    let mail = json!({"emails": [{"value": "b.mail@contoso.example", "primary": true}]});
    let bob = stage.hub.person("bob", mail).await;
    let same = plant(&stage, "ann", json!({"displayName": "Somebody"}));
    let weak = plant(&stage, "robert", json!({"mail": "b.mail@contoso.example"}));
    let look_alike = plant(&stage, "аnn", json!({"displayName": "x"}));
    assert_eq!(read(&stage).await.suggested, 2);
    let shown = at(&stage, &same).await;
    assert_eq!(
        (shown.state, shown.person, shown.score),
        (LinkState::Suggested, ann.key, 90)
    );
    assert_eq!(shown.why, "same userPrincipalName");
    assert_eq!(at(&stage, &weak).await.why, "same verified mail address");
    assert_eq!(at(&stage, &look_alike).await.state, LinkState::Unlinked);
    let all = Chosen::All;
    let accept = |confirm: Confirm| {
        let (engine, all) = (engine.clone(), all.clone());
        async move {
            engine
                .accept_suggestions(workspace, NAME, &all, &confirm, "owner")
                .await
        }
    };
    let Err(Error::Confirm { list, .. }) = accept(Confirm::default()).await else {
        panic!("it is asked first");
    };
    assert_eq!(list, ["ann = ann@contoso.example (90: same userPrincipalName)"]);
    let done = confirmed(accept).await.unwrap();
    assert_eq!(
        (done.linked, done.left),
        (1, 1),
        "a mail address alone links nobody"
    );
    assert_eq!(at(&stage, &weak).await.state, LinkState::Suggested);
    assert_eq!(code(accept(Confirm::default()).await), "PRV-IDENTIFIER-NOTHING");
    link(&stage, &bob, &weak).await.unwrap();
    read(&stage).await;
    assert_eq!(
        at(&stage, &weak).await.state,
        LinkState::Linked,
        "a link outlives the next reading"
    );
    assert_eq!(summary(&stage).await.people.linked, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_made_from_accounts_and_the_immutable_id_is_written_once_it_was_seen() {
    let stage = ready().await;
    let (engine, workspace) = (stage.hub.engine.clone(), stage.workspace());
    stage.hub.person("taken", json!({})).await;
    let one = plant(
        &stage,
        "one",
        json!({"mail": "one@contoso.example", "employeeId": "17"}),
    );
    let taken = plant(&stage, "taken", json!({}));
    let synced = plant(
        &stage,
        "synced",
        json!({"onPremisesSyncEnabled": true, "onPremisesImmutableId": "QUJD"}),
    );
    let guest = plant(&stage, "guest", json!({"userType": "Guest"}));
    read(&stage).await;
    let writes = stage.hub.simulator.counters().writes;
    let chosen = Chosen::These(vec![one.clone(), taken.clone(), synced.clone()]);
    let made = confirmed(|confirm| {
        let (engine, chosen) = (engine.clone(), chosen.clone());
        async move {
            engine
                .create_people(workspace, NAME, &chosen, &confirm, "owner")
                .await
        }
    })
    .await
    .unwrap();
    assert_eq!((made.made, made.left.len()), (2, 1), "{made:?}");
    assert!(made.left[0].1.contains("link the two"), "{made:?}");
    assert_eq!(
        stage.hub.simulator.counters().writes,
        writes,
        "nothing was written to Microsoft"
    );
    let shown = at(&stage, &one).await;
    let key = shown.person;
    let person = stage
        .hub
        .db
        .read(move |tx| directory::by_key(tx, key))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(person.value().unwrap()["userName"], "one@contoso.example");
    assert_eq!(at(&stage, &guest).await.state, LinkState::Unlinked);
    assert_eq!(summary(&stage).await.to_write, 1);
    let write = |confirm: Confirm| {
        let engine = engine.clone();
        async move {
            engine
                .write_immutable_ids(workspace, NAME, &confirm, "owner")
                .await
        }
    };
    let Err(Error::Confirm { list, .. }) = write(Confirm::default()).await else {
        panic!("it is shown first");
    };
    assert_eq!(list, [format!("one (one@contoso.example): none → {}", person.id)]);
    assert_eq!(stage.hub.simulator.counters().writes, writes);
    let done = confirmed(write).await.unwrap();
    assert_eq!((done.written, done.failed.len()), (1, 0), "{done:?}");
    assert_eq!(user(&stage, &one)["onPremisesImmutableId"], person.id.to_string());
    assert_eq!(
        user(&stage, &synced)["onPremisesImmutableId"],
        "QUJD",
        "what a directory on premises writes stays"
    );
    assert_eq!(code(write(Confirm::default()).await), "PRV-IDENTIFIER-NOTHING");
    read(&stage).await;
    assert_eq!(summary(&stage).await.to_write, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nobody_left_it_is_not_needed() {
    let stage = ready().await;
    let (engine, workspace) = (stage.hub.engine.clone(), stage.workspace());
    let ann = stage.hub.person("ann", json!({})).await;
    let robot = plant(&stage, "robot", json!({}));
    read(&stage).await;
    let ids: Vec<String> = stage
        .hub
        .simulator
        .users()
        .iter()
        .map(|u| u["id"].as_str().unwrap().to_owned())
        .collect();
    for why in [("", "Bob"), ("a robot", "")] {
        let bare = engine
            .exempt_identifiers(workspace, NAME, (&ids, &[]), why, "owner")
            .await;
        assert_eq!(code(bare), "PRV-EXEMPTION-INCOMPLETE");
    }
    assert_eq!(stage.refused().await.0, "identifier.exempt.refused");
    assert!(!summary(&stage).await.not_needed);
    let why = ("no person", "Bob");
    engine
        .exempt_identifiers(workspace, NAME, (&ids, &[ann.id]), why, "owner")
        .await
        .unwrap();
    assert!(summary(&stage).await.not_needed);
    engine
        .withdraw_exemptions(workspace, NAME, (&[robot], &[]), "owner")
        .await
        .unwrap();
    assert!(!summary(&stage).await.not_needed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_takes_the_account_that_somebody_linked() {
    let stage = ready().await;
    let (engine, workspace) = (stage.hub.engine.clone(), stage.workspace());
    let ann = stage.hub.person("ann", json!({})).await;
    let bob = stage.hub.person("bob", json!({})).await;
    let hers = plant(&stage, "quite.another", json!({}));
    read(&stage).await;
    link(&stage, &ann, &hers).await.unwrap();
    let locked = engine
        .plan_accounts(workspace, NAME, &Chosen::These(vec![bob.id]), "owner")
        .await;
    assert_eq!(code(locked), "PRV-PROVIDER-NOT-ASSIGNABLE");
    stage
        .set_mode(Mode::ProvisioningOnly, "accounts are all we want")
        .await
        .unwrap();
    let (connection, on) = (stage.connection().await, super::people_rule());
    let key = connection.key;
    stage
        .hub
        .db
        .write(move |tx| rule::put(tx, "owner", 9, &connection, 0, &on))
        .await
        .unwrap();
    let none = engine
        .plan_accounts(workspace, NAME, &Chosen::These(vec![ann.id]), "owner")
        .await;
    assert_eq!(code(none), "PRV-IDENTIFIER-NOTHING", "she has one");
    let before = stage.hub.simulator.users().len();
    let plan = engine
        .plan_accounts(workspace, NAME, &Chosen::These(vec![ann.id, bob.id]), "owner")
        .await
        .unwrap();
    assert_eq!(stage.hub.simulator.users().len(), before, "a plan writes nothing");
    let report = engine
        .apply_plan(workspace, plan.id.unwrap(), "owner", &Options::default())
        .await
        .unwrap();
    assert_eq!(report.failed, 0, "{report:?}");
    assert_eq!(
        stage.hub.simulator.users().len(),
        before + 1,
        "bob has an account now"
    );
    let (connection, who) = (stage.connection().await, ann.clone());
    let assign =
        move |tx: &mut provost_store::Tx| provost_store::assignment::add(tx, "owner", 9, &connection, &who);
    stage.hub.db.write(assign).await.unwrap();
    engine.run_cycle(key, &Options::default()).await.unwrap();
    assert_eq!(
        stage.hub.simulator.users().len(),
        before + 1,
        "ann got no second one"
    );
    let object = ann.key;
    let links = stage
        .hub
        .db
        .read(move |tx| provost_store::link::of_object(tx, object))
        .await
        .unwrap();
    assert_eq!(
        links.iter().map(|l| l.target_id.as_str()).collect::<Vec<_>>(),
        [hers.as_str()]
    );
    assert_eq!(summary(&stage).await.people.linked, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_are_merged_once_both_sides_were_seen() {
    let stage = ready().await;
    let (engine, workspace) = (stage.hub.engine.clone(), stage.workspace());
    let ann = stage.hub.person("ann", json!({})).await;
    let account = plant(&stage, "ann.byron", json!({}));
    read(&stage).await;
    let chosen = Chosen::These(vec![account.clone()]);
    confirmed(|confirm| {
        let (engine, chosen) = (engine.clone(), chosen.clone());
        async move {
            engine
                .create_people(workspace, NAME, &chosen, &confirm, "owner")
                .await
        }
    })
    .await
    .unwrap();
    let placeholder = at(&stage, &account).await.person_id.unwrap();
    let merge = |confirm: Confirm| {
        let (engine, stays) = (engine.clone(), ann.id);
        async move {
            engine
                .merge_people(workspace, stays, placeholder, &confirm, "owner")
                .await
        }
    };
    let Err(Error::Confirm { list, digest, .. }) = merge(Confirm::default()).await else {
        panic!("it is asked first");
    };
    for side in [
        "stays: ",
        "goes: ",
        "goes over: accounts: ann.byron@contoso.example",
    ] {
        assert!(list.iter().any(|line| line.starts_with(side)), "{list:?}");
    }
    stage
        .hub
        .edit(&ann, |document| document["nickName"] = json!("A"))
        .await;
    assert_eq!(
        code(merge(super::of(digest)).await),
        "PRV-MERGE-CONFIRM",
        "another question by now"
    );
    let done = confirmed(merge).await.unwrap();
    assert_eq!(done.accounts, ["ann.byron@contoso.example"]);
    assert_eq!(at(&stage, &account).await.person, ann.key);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_id_somebody_holds_keeps_nobody_else_from_being_made() {
    let stage = ready().await;
    let (engine, workspace) = (stage.hub.engine.clone(), stage.workspace());
    let ann = stage.hub.person("ann", json!({})).await;
    let hers = plant(&stage, "ann", json!({}));
    let free = plant(&stage, "free", json!({}));
    read(&stage).await;
    link(&stage, &ann, &hers).await.unwrap();
    let ghost = plant(
        &stage,
        "ghost",
        json!({"onPremisesImmutableId": ann.id.to_string()}),
    );
    read(&stage).await;
    let made = confirmed(|confirm| {
        let (engine, chosen) = (engine.clone(), Chosen::These(vec![ghost.clone(), free.clone()]));
        async move {
            engine
                .create_people(workspace, NAME, &chosen, &confirm, "owner")
                .await
        }
    })
    .await
    .unwrap();
    assert_eq!(made.made, 1, "{made:?}");
    assert!(
        made.left.len() == 1 && made.left[0].0.starts_with("ghost@") && made.left[0].1.contains("ann"),
        "{made:?}"
    );
    assert_eq!(at(&stage, &free).await.state, LinkState::Linked);
    assert_ne!(at(&stage, &ghost).await.state, LinkState::Linked);
}

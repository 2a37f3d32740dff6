//! Who is closed in the directory is outside: every way of closing somebody, tried on every credential of theirs and on
//! everything that was under way.

use crate::authenticator::Authenticator;
use crate::bench::{BROWSER, ORIGIN, START, code, visit};
use crate::staff::{Staff, change};
use provost_signin::person::{Opened, Return};
use provost_store::directory::{self, is_enabled};
use provost_store::provider::{self, Edit, State};
use provost_store::{Error, Tx, person_signin, recycle};
use serde_json::{Value, json};

/// Ada with everything that lets her in, and everything begun.
struct Scene {
    staff: Staff,
    opened: Opened,
    device: Authenticator,
    link: String,
    signing_in: (String, Value),
    enrolling: (String, Value),
    adding: (String, Value),
}

impl Scene {
    async fn new() -> Self {
        let staff = Staff::new().await;
        let (opened, device) = staff.with_passkey().await;
        let link = staff.link(&staff.ada, START).await.unwrap();
        let here = staff.bench.workspace;
        let people = &staff.people;
        Self {
            signing_in: people
                .begin_signin(Some(here), BROWSER, &visit(), START)
                .await
                .unwrap(),
            enrolling: people
                .begin_enrolment(here, &link, BROWSER, &visit(), START)
                .await
                .unwrap(),
            adding: people.begin_passkey(&opened.signed, START).await.unwrap(),
            staff,
            opened,
            device,
            link,
        }
    }

    /// What comes in, by name. Everything is tried.
    async fn who_comes_in(&mut self) -> Vec<&'static str> {
        let mut came = Vec::new();
        let staff = &self.staff;
        let (people, here) = (&staff.people, staff.bench.workspace);
        let mut note = |name, is_in: bool| {
            if is_in {
                came.push(name);
            }
        };
        note("session", staff.check(&self.opened, START).await.is_some());
        let signed = &self.opened.signed;
        note(
            "session, changing",
            people.choose(signed, "de", "", START).await.is_ok(),
        );
        note(
            "session, ending others",
            people.end_others(signed, START).await.is_ok(),
        );
        let made = Authenticator::new(ORIGIN).create(&self.adding.1);
        let added = people
            .finish_passkey(signed, &self.adding.0, made, "x", START)
            .await;
        note("passkey under way", added.is_ok());
        let answer = self.device.get(&self.signing_in.1);
        let tried = people
            .finish_signin(Some(here), &self.signing_in.0, BROWSER, answer, &visit(), START)
            .await;
        note("sign-in under way", tried.is_ok());
        note("passkey", staff.enter(&mut self.device, START).await.is_ok());
        let answer = Authenticator::new(ORIGIN).create(&self.enrolling.1);
        let tried = staff
            .finish_enrolment(&self.link, &self.enrolling.0, answer, START)
            .await;
        note("enrolment under way", tried.is_ok());
        let tried = staff
            .enrol(&self.link, &mut Authenticator::new(ORIGIN), START)
            .await;
        note("link", tried.is_ok());
        note("new link", staff.link(&staff.ada, START).await.is_ok());
        came
    }
}

type Close = fn(&mut Tx, &provider::Provider, &directory::Object) -> Result<(), Error>;

fn deactivate(tx: &mut Tx, provider: &provider::Provider, ada: &directory::Object) -> Result<(), Error> {
    let mut document: Value = serde_json::from_str(&ada.document).unwrap();
    document["active"] = json!(false);
    let Value::Object(document) = document else {
        panic!("no object");
    };
    directory::replace(tx, &change(provider.owner()), ada, &document).map(drop)
}

fn block(tx: &mut Tx, _: &provider::Provider, ada: &directory::Object) -> Result<(), Error> {
    directory::block(tx, "administrator olga", START, ada, "left").map(drop)
}

fn delete(tx: &mut Tx, provider: &provider::Provider, ada: &directory::Object) -> Result<(), Error> {
    directory::delete(tx, &change(provider.owner()), ada)
}

fn purge(tx: &mut Tx, provider: &provider::Provider, ada: &directory::Object) -> Result<(), Error> {
    delete(tx, provider, ada)?;
    recycle::purge(tx, "administrator olga", START, ada.key)
}

fn switch_off(tx: &mut Tx, provider: &provider::Provider, _: &directory::Object) -> Result<(), Error> {
    let edit = Edit {
        state: Some(State::Off),
        ..Edit::default()
    };
    provider::edit(tx, "administrator olga", START, provider, &edit).map(drop)
}

const WAYS: [(&str, Close); 5] = [
    ("deactivated by SCIM", deactivate),
    ("blocked", block),
    ("deleted", delete),
    ("purged", purge),
    ("provider off", switch_off),
];

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_while_nobody_is_closed() {
    let mut scene = Scene::new().await;
    let came = scene.who_comes_in().await;
    // The enrolment that was under way used the link up.
    assert_eq!(
        came,
        [
            "session",
            "session, changing",
            "session, ending others",
            "passkey under way",
            "sign-in under way",
            "passkey",
            "enrolment under way",
            "new link"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_closed_is_outside_on_every_way_at_once() {
    for (name, close) in WAYS {
        let mut scene = Scene::new().await;
        let (provider, ada) = (scene.staff.provider.clone(), scene.staff.ada.clone());
        scene.staff.change(move |tx| close(tx, &provider, &ada)).await;
        assert_eq!(
            scene.staff.bench.rows("person_session"),
            0,
            "{name}: sessions are left"
        );
        assert_eq!(scene.who_comes_in().await, Vec::<&str>::new(), "{name}");
        let kept = scene.staff.bench.rows("person_passkey");
        assert_eq!(kept, i64::from(name != "purged"), "{name}: passkeys");
    }
}

/// The rows of the sessions are one guard, the look at the person another: each holds alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_left_behind_is_worth_nothing() {
    for (sql, is_back) in [
        (
            "UPDATE object SET blocked = 1",
            "UPDATE object SET blocked = NULL",
        ),
        ("UPDATE object SET active = 0", "UPDATE object SET active = 1"),
        (
            "UPDATE inbound_provider SET state = 'off'",
            "UPDATE inbound_provider SET state = 'saved'",
        ),
    ] {
        let mut scene = Scene::new().await;
        scene.staff.bench.run_sql(sql);
        assert_eq!(scene.staff.bench.rows("person_session"), 1);
        assert_eq!(scene.who_comes_in().await, Vec::<&str>::new(), "{sql}");
        scene.staff.bench.run_sql(is_back);
        assert!(
            scene.staff.check(&scene.opened, START).await.is_some(),
            "{is_back}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_has_their_passkeys_and_signs_in_anew() {
    let mut scene = Scene::new().await;
    let (provider, ada) = (scene.staff.provider.clone(), scene.staff.ada.clone());
    scene
        .staff
        .change(move |tx| {
            delete(tx, &provider, &ada)?;
            let back = recycle::restore(tx, "administrator olga", START, ada.key)?;
            assert!(is_enabled(&back));
            Ok(())
        })
        .await;
    assert!(scene.staff.check(&scene.opened, START).await.is_none());
    assert!(scene.staff.enter(&mut scene.device, START).await.is_ok());
    let ada = scene.staff.ada.clone();
    scene
        .staff
        .change(move |tx| {
            let blocked = directory::block(tx, "x", START, &ada, "")?;
            directory::unblock(tx, "x", START, &blocked).map(drop)
        })
        .await;
    assert!(scene.staff.check(&scene.opened, START).await.is_none());
    assert!(scene.staff.enter(&mut scene.device, START).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_told_why_there_is_no_link() {
    for (name, close, reason) in [
        ("deactivated", deactivate as Close, "is not active"),
        ("blocked", block, "is blocked"),
        ("provider off", switch_off, "switched off"),
    ] {
        let staff = Staff::new().await;
        let (provider, ada) = (staff.provider.clone(), staff.ada.clone());
        staff.change(move |tx| close(tx, &provider, &ada)).await;
        let refused = staff.link(&staff.ada, START).await;
        let sentence = refused.as_ref().unwrap_err().sentence();
        assert!(sentence.contains(reason), "{name}: {sentence}");
        assert_eq!(code(refused), "PRV-PERSON-CLOSED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_in_as_a_group_and_a_way_back_brings_nobody_in() {
    let staff = Staff::new().await;
    let (here, people) = (staff.bench.workspace, &staff.people);
    let back = Return {
        to: "/me/Contoso".to_owned(),
        again: false,
    };
    let handle = people
        .keep_return(here, BROWSER, back, &visit(), START)
        .await
        .unwrap();
    assert!(people.check(&handle, here, START).await.unwrap().is_none());
    let owner = staff.provider.owner();
    let group = staff
        .change(move |tx| {
            let Value::Object(document) = json!({"displayName": "Sales"}) else {
                panic!("no object");
            };
            let placement = directory::Placement {
                role: "user",
                team: None,
                permission: None,
            };
            let kind = provost_engine::object::Kind::Group;
            let id = uuid::Uuid::now_v7();
            directory::create(tx, &change(owner), kind, id, &document, &placement)
        })
        .await;
    let found = staff
        .change(move |tx| person_signin::standing(tx, group.key))
        .await;
    assert_eq!(found, None);
    assert_eq!(
        code(people.make_link("x", here, group.key, START).await),
        "PRV-PERSON-GONE"
    );
}

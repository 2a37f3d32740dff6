//! Who is closed is outside: every way of closing somebody, an application or a session, tried on a code, an access token and
//! a refresh token that were good until then.

use super::world::{World, back, refused, text};
use crate::bench::{MINUTE, START};
use crate::staff::change;
use provost_signin::openid::{Authorized, Change};
use provost_store::provider::{self, Edit, State};
use provost_store::{Tx, application, assignment, connection, directory};
use serde_json::json;

/// What still works, by name.
async fn works(world: &World, code: &str, tokens: &serde_json::Value, now: i64) -> Vec<&'static str> {
    let (access, refresh) = (text(tokens, "access_token"), text(tokens, "refresh_token"));
    let mut working = Vec::new();
    if world.redeem(code, now).await.is_ok() {
        working.push("code");
    }
    if world.userinfo(access, now).await.is_ok() {
        working.push("userinfo");
    }
    let parameters = provost_signin::openid::Parameters::from(super::world::pairs(&[("token", access)]));
    let told = world
        .openid
        .introspect(&world.workspace, &world.credentials(), &parameters, now)
        .await;
    if told.is_ok_and(|told| told["active"] == true) {
        working.push("introspection");
    }
    if world.refresh(refresh, now).await.is_ok() {
        working.push("refresh");
    }
    let to = world
        .authorize(&world.request_with(&[("prompt", "none")]), Some(&world.ada), now)
        .await;
    if let Authorized::Back(_) = &to
        && !back(&to).get("code").is_empty()
    {
        working.push("authorize");
    }
    working
}

async fn scene() -> (World, String, serde_json::Value) {
    let world = World::new().await;
    let tokens = world.tokens(START).await;
    let code = world.code(START).await;
    (world, code, tokens)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_while_nobody_is_closed() {
    let (world, code, tokens) = scene().await;
    let all = ["code", "userinfo", "introspection", "refresh", "authorize"];
    assert_eq!(works(&world, &code, &tokens, START + 1).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_closed_gets_no_further() {
    type Close = fn(&World) -> Box<dyn FnMut(&mut Tx) -> provost_store::Result<()> + Send>;
    let ways: [(&str, Close); 6] = [
        ("blocked", |world| {
            let ada = world.staff.ada.clone();
            Box::new(move |tx| directory::block(tx, "olga", START, &ada, "left").map(drop))
        }),
        ("inactive", |world| {
            let (ada, owner) = (world.staff.ada.clone(), world.staff.provider.owner());
            Box::new(move |tx| {
                let mut document = ada.value()?;
                document["active"] = json!(false);
                let document = document.as_object().cloned().unwrap_or_default();
                directory::replace(tx, &change(owner), &ada, &document).map(drop)
            })
        }),
        ("deleted", |world| {
            let (ada, owner) = (world.staff.ada.clone(), world.staff.provider.owner());
            Box::new(move |tx| directory::delete(tx, &change(owner), &ada))
        }),
        ("provider off", |world| {
            let provider = world.staff.provider.clone();
            Box::new(move |tx| {
                let edit = Edit {
                    state: Some(State::Off),
                    ..Edit::default()
                };
                provider::edit(tx, "olga", START, &provider, &edit).map(drop)
            })
        }),
        ("out of scope", |world| {
            let (connection, ada) = (world.connection.clone(), world.staff.ada.key);
            Box::new(move |tx| assignment::remove(tx, "olga", START, &connection, ada).map(drop))
        }),
        ("connection removed", |world| {
            let connection = world.connection.clone();
            Box::new(move |tx| {
                assert!(connection::remove(tx, "olga", START, &connection, 10_000)?);
                Ok(())
            })
        }),
    ];
    for (name, close) in ways {
        let (world, code, tokens) = scene().await;
        let mut write = close(&world);
        world.staff.change(move |tx| write(tx)).await;
        assert_eq!(works(&world, &code, &tokens, START + 1).await, [""; 0], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_switched_off_ends_what_was_issued_for_good() {
    let (world, code, tokens) = scene().await;
    let set = |enabled| Change {
        enabled: Some(enabled),
        ..Change::default()
    };
    world
        .openid
        .change("olga", &world.connection, set(false), START)
        .await
        .unwrap();
    assert_eq!(works(&world, &code, &tokens, START + 1).await, [""; 0]);
    world
        .openid
        .change("olga", &world.connection, set(true), START)
        .await
        .unwrap();
    assert_eq!(works(&world, &code, &tokens, START + 1).await, ["authorize"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_is_out_everywhere() {
    let (world, code, tokens) = scene().await;
    let signed = &world.ada.signed;
    assert!(
        world
            .staff
            .people
            .end(signed, signed.session.key, START)
            .await
            .unwrap()
    );
    assert_eq!(works(&world, &code, &tokens, START + 1).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_once_more_keeps_what_was_opened_before() {
    let (mut world, code, tokens) = scene().await;
    let before = world.ada.signed.clone();
    let after = world
        .staff
        .enter(&mut world.device, START + MINUTE / 2)
        .await
        .unwrap();
    world
        .staff
        .people
        .supersede(&before, &after.signed, START + MINUTE / 2)
        .await
        .unwrap();
    world.ada = after;
    let all = ["code", "userinfo", "introspection", "refresh", "authorize"];
    assert_eq!(works(&world, &code, &tokens, START + MINUTE / 2).await, all);
    let signed = world.ada.signed.clone();
    assert!(
        world
            .staff
            .people
            .end(&signed, signed.session.key, START + MINUTE)
            .await
            .unwrap()
    );
    assert!(
        !world
            .introspect(text(&tokens, "access_token"), START + MINUTE)
            .await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_withdrawn_redeems_nothing() {
    let (world, code, tokens) = scene().await;
    world
        .openid
        .remove_secret("olga", &world.connection, world.secret_key, START)
        .await
        .unwrap();
    assert_eq!(refused(world.redeem(&code, START).await), "invalid_client");
    assert_eq!(
        refused(world.refresh(text(&tokens, "refresh_token"), START).await),
        "invalid_client"
    );
    assert_eq!(
        works(&world, &code, &tokens, START + 1).await,
        ["userinfo", "authorize"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_its_time_is_forgotten() {
    let (world, _, _) = scene().await;
    let later = START + 70 * 24 * 60 * MINUTE;
    world
        .staff
        .change(move |tx| provost_store::retention::sweep(tx, later, 500).map(drop))
        .await;
    for table in ["application_entry", "application_token", "application_request"] {
        assert_eq!(world.staff.bench.rows(table), 0, "{table}");
    }
    let connection = world.connection.key;
    let kept = world
        .staff
        .change(move |tx| application::of_connection(tx, connection))
        .await;
    assert!(kept.is_some());
}

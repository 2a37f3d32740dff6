//! Signing out: by an application, and told to applications.

use super::world::{World, back, pairs, part, text};
use crate::bench::START;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use provost_signin::openid::{Change, Leaving, Parameters};
use provost_signin::person::Opened;
use serde_json::Value;
use std::sync::{Arc, Mutex};

const AFTER: &str = "https://app.contoso.example/bye";

fn with_after() -> Change {
    Change {
        post_logout_redirect_uris: Some(vec![AFTER.to_owned()]),
        ..Change::default()
    }
}

async fn leave(world: &World, asked: &[(&str, &str)], confirmed: bool) -> Leaving {
    let asked = Parameters::from(pairs(asked));
    let who = world.staff.check(&world.ada, START + 1).await;
    world
        .openid
        .leave(&world.workspace, &asked, who.as_ref(), confirmed, START + 1)
        .await
        .unwrap()
}

async fn is_in(world: &World) -> bool {
    world.staff.check(&world.ada, START + 2).await.is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_signs_its_person_out_and_leads_back() {
    let world = World::with(with_after()).await;
    let tokens = world.tokens(START).await;
    let hint = text(&tokens, "id_token");
    let asked = [
        ("id_token_hint", hint),
        ("post_logout_redirect_uri", AFTER),
        ("state", "x y"),
    ];
    let to = format!("{AFTER}?state=x+y");
    assert_eq!(leave(&world, &asked, false).await, Leaving::Gone { to: Some(to) });
    assert!(!is_in(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_proof_the_person_is_asked() {
    let world = World::with(with_after()).await;
    assert_eq!(
        leave(&world, &[], false).await,
        Leaving::Ask { application: None }
    );
    let named = [
        ("client_id", world.client.as_str()),
        ("post_logout_redirect_uri", AFTER),
    ];
    let asked = leave(&world, &named, false).await;
    assert_eq!(
        asked,
        Leaving::Ask {
            application: Some("Wiki".to_owned())
        }
    );
    assert!(is_in(&world).await);
    assert_eq!(
        leave(&world, &named, true).await,
        Leaving::Gone {
            to: Some(AFTER.to_owned())
        }
    );
    assert!(!is_in(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_leads_nowhere() {
    let world = World::with(with_after()).await;
    let tokens = world.tokens(START).await;
    let hint = text(&tokens, "id_token").to_owned();
    let broken = format!("{}x", &hint[..hint.len() - 2]);
    for asked in [
        vec![("id_token_hint", broken.as_str())],
        vec![("id_token_hint", "nonsense")],
        vec![("id_token_hint", hint.as_str()), ("client_id", "another")],
        vec![
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", "https://evil.example/"),
        ],
        vec![
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", "https://app.contoso.example/bye?x=1"),
        ],
        vec![("post_logout_redirect_uri", AFTER)],
    ] {
        let left = leave(&world, &asked, false).await;
        assert!(matches!(left, Leaving::Wrong(_)), "{asked:?}: {left:?}");
    }
    assert!(is_in(&world).await);
}

/// An application that is told of sign-outs.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<(Vec<String>, u16)>>);

async fn hear(State(told): State<Told>, body: String) -> StatusCode {
    let (name, token) = url::form_urlencoded::parse(body.as_bytes()).next().unwrap();
    assert_eq!(name, "logout_token");
    let mut kept = told.0.lock().unwrap();
    kept.0.push(token.into_owned());
    StatusCode::from_u16(kept.1).unwrap_or(StatusCode::OK)
}

async fn listening() -> (Told, String) {
    let told = Told::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/out", listener.local_addr().unwrap());
    let router = axum::Router::new()
        .route("/out", post(hear))
        .with_state(told.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (told, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_are_told_that_somebody_has_signed_out() {
    let (told, address) = listening().await;
    let world = World::with(Change {
        back_channel_logout_uri: Some(address),
        ..Change::default()
    })
    .await;
    let tokens = world.tokens(START).await;
    world.tokens(START).await;
    assert_eq!(world.openid.tell(START).await.unwrap(), 0);
    let signed = &world.ada.signed;
    world
        .staff
        .people
        .end(signed, signed.session.key, START + 1)
        .await
        .unwrap();
    assert_eq!(
        world.openid.tell(START + 1).await.unwrap(),
        1,
        "one session is one thing to tell"
    );
    assert_eq!(world.openid.tell(START + 1).await.unwrap(), 0);
    let heard = told.0.lock().unwrap().0.clone();
    assert_eq!(heard.len(), 1);
    let (header, claims): (Value, Value) = (part(&heard[0], 0), part(&heard[0], 1));
    let id = part(text(&tokens, "id_token"), 1);
    assert_eq!(text(&header, "typ"), "logout+jwt");
    assert_eq!(
        (&claims["sub"], &claims["sid"], &claims["aud"]),
        (&id["sub"], &id["sid"], &id["aud"])
    );
    assert!(
        claims["events"]
            .get("http://schemas.openid.net/event/backchannel-logout")
            .is_some()
    );
    assert!(claims.get("nonce").is_none() && !text(&claims, "jti").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_took_over_another_is_told_under_both_names() {
    let (told, address) = listening().await;
    let mut world = World::with(Change {
        back_channel_logout_uri: Some(address),
        ..Change::default()
    })
    .await;
    let before = world.tokens(START).await;
    let fresh: Opened = world.staff.enter(&mut world.device, START + 1).await.unwrap();
    let people = &world.staff.people;
    people
        .supersede(&world.ada.signed, &fresh.signed, START + 1)
        .await
        .unwrap();
    let there = world
        .authorize(&world.request_with(&[]), Some(&fresh), START + 2)
        .await;
    let after = world.redeem(&back(&there).get("code"), START + 2).await.unwrap();
    let key = fresh.signed.session.key;
    people.end(&fresh.signed, key, START + 3).await.unwrap();
    assert_eq!(world.openid.tell(START + 3).await.unwrap(), 2);
    let heard = told.0.lock().unwrap().0.clone();
    let mut names: Vec<Value> = heard.iter().map(|one| part(one, 1)["sid"].clone()).collect();
    let mut wanted: Vec<Value> = [&before, &after]
        .map(|tokens| part(text(tokens, "id_token"), 1)["sid"].clone())
        .to_vec();
    names.sort_by_key(ToString::to_string);
    wanted.sort_by_key(ToString::to_string);
    assert_eq!(names, wanted);
    assert_ne!(wanted[0], wanted[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_does_not_answer_is_told_again_and_then_given_up() {
    let (told, address) = listening().await;
    told.0.lock().unwrap().1 = 500;
    let world = World::with(Change {
        back_channel_logout_uri: Some(address),
        ..Change::default()
    })
    .await;
    world.tokens(START).await;
    let ada = world.staff.ada.clone();
    world
        .staff
        .change(move |tx| provost_store::directory::block(tx, "olga", START, &ada, "left").map(drop))
        .await;
    let mut now = START;
    for wait in [10_000, 60_000, 300_000, 1_800_000] {
        assert_eq!(world.openid.tell(now).await.unwrap(), 1);
        assert_eq!(world.openid.tell(now + wait - 1).await.unwrap(), 0);
        now += wait;
    }
    assert_eq!(world.openid.tell(now).await.unwrap(), 1);
    assert_eq!(world.openid.tell(now + 86_400_000).await.unwrap(), 0);
    assert_eq!(told.0.lock().unwrap().0.len(), 5);
    assert_eq!(world.audited("application_logout.refused").await, 1);
}

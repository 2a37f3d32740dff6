//! People sign in to applications.

mod closed;
mod keys;
mod leave;
mod prove;
mod settings;
mod world;

use crate::bench::{MINUTE, ORIGIN, START};
use crate::staff::hire;
use provost_signin::openid::{Authorized, Change, Parameters, Subject};
use provost_signin::person::Opened;
use world::{BACK, VERIFIER, World, back, part, refused, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_becomes_tokens_that_say_who_it_is() {
    let world = World::new().await;
    let tokens = world.tokens(START).await;
    let issuer = format!("{ORIGIN}/oidc/{}", world.workspace.id);
    let id = text(&tokens, "id_token");
    let (header, claims) = (part(id, 0), part(id, 1));
    assert_eq!((text(&header, "alg"), text(&header, "typ")), ("RS256", "JWT"));
    assert_eq!(text(&claims, "iss"), issuer);
    assert_eq!(text(&claims, "aud"), world.client);
    assert_eq!(text(&claims, "nonce"), "a nonce");
    assert_eq!(text(&claims, "sub"), world.staff.ada.id.to_string());
    assert_eq!(text(&claims, "name"), "Ada Lovelace");
    assert_eq!(text(&claims, "preferred_username"), "ada@contoso.example");
    assert_eq!(text(&claims, "acr"), "phr");
    assert_eq!(claims["auth_time"], START / 1_000);
    assert_eq!(claims["iat"], START / 1_000);
    assert_eq!(claims["exp"], START / 1_000 + 600);
    assert!(!text(&claims, "sid").is_empty() && !text(&claims, "at_hash").is_empty());
    let published = world.openid.published(world.workspace.key, START).await.unwrap();
    let kids: Vec<&str> = published["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(one, "kid"))
        .collect();
    assert!(kids.contains(&text(&header, "kid")));
    let info = world
        .userinfo(text(&tokens, "access_token"), START + MINUTE)
        .await
        .unwrap();
    assert_eq!(info["sub"], claims["sub"]);
    assert_eq!(text(&info, "name"), "Ada Lovelace");
    assert!(
        world
            .introspect(text(&tokens, "access_token"), START + MINUTE)
            .await
    );
    assert!(
        !world
            .introspect(text(&tokens, "access_token"), START + 10 * MINUTE)
            .await
    );
    assert_eq!(
        refused(
            world
                .userinfo(text(&tokens, "access_token"), START + 10 * MINUTE)
                .await
        ),
        "invalid_token"
    );
    assert_eq!(refused(world.userinfo(id, START).await), "invalid_token");
    for secret in [
        &world.secret,
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    ] {
        assert!(!world.staff.bench.find_everywhere(secret), "it is kept as it is");
    }
    assert_eq!(world.audited("application_signin.open").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_for_a_minute_to_whoever_asked_for_it() {
    let world = World::new().await;
    let code = world.code(START).await;
    let wrong = |redirect, verifier, now| {
        let asked = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        let asked = Parameters::from(world::pairs(&asked));
        let world = &world;
        async move {
            let answer = world
                .openid
                .token(&world.workspace, &world.credentials(), &asked, now)
                .await;
            refused(answer)
        }
    };
    assert_eq!(
        wrong("https://app.contoso.example/other", VERIFIER, START).await,
        "invalid_grant"
    );
    assert_eq!(
        wrong(BACK, "another-verifier-that-is-long-enough-0123456789", START).await,
        "invalid_grant"
    );
    assert_eq!(wrong(BACK, VERIFIER, START + MINUTE).await, "invalid_grant");
    let tokens = world.redeem(&code, START + MINUTE - 1).await.unwrap();
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    assert!(world.introspect(access, START + MINUTE).await);
    assert_eq!(
        refused(world.redeem(&code, START + MINUTE - 1).await),
        "invalid_grant"
    );
    // One of the two who brought it has stolen it: what the first one got is gone as well.
    assert_eq!(
        refused(world.userinfo(access, START + MINUTE).await),
        "invalid_token"
    );
    assert_eq!(
        refused(world.refresh(refresh, START + MINUTE).await),
        "invalid_grant"
    );
    assert_eq!(world.audited("application_signin.refused").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_take_turns_and_end_when_one_comes_twice() {
    let world = World::new().await;
    let first = world.tokens(START).await;
    let second = world
        .refresh(text(&first, "refresh_token"), START + MINUTE)
        .await
        .unwrap();
    let claims = part(text(&second, "id_token"), 1);
    assert_eq!(claims["auth_time"], START / 1_000);
    assert!(claims.get("nonce").is_none());
    assert_eq!(claims["sid"], part(text(&first, "id_token"), 1)["sid"]);
    let narrow = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&second, "refresh_token")),
        ("scope", "openid"),
    ];
    let third = world.token(&narrow, START + 2 * MINUTE).await.unwrap();
    assert_eq!(text(&third, "scope"), "openid");
    let info = world
        .userinfo(text(&third, "access_token"), START + 2 * MINUTE)
        .await
        .unwrap();
    assert!(info.get("name").is_none());
    // The whole of what was granted is there for the next one.
    let fourth = world
        .refresh(text(&third, "refresh_token"), START + 3 * MINUTE)
        .await
        .unwrap();
    assert!(text(&fourth, "scope").contains("groups"));
    assert_eq!(
        refused(
            world
                .refresh(text(&first, "refresh_token"), START + 4 * MINUTE)
                .await
        ),
        "invalid_grant"
    );
    assert_eq!(
        refused(
            world
                .refresh(text(&fourth, "refresh_token"), START + 4 * MINUTE)
                .await
        ),
        "invalid_grant"
    );
    assert!(
        !world
            .introspect(text(&fourth, "access_token"), START + 4 * MINUTE)
            .await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_access_ends_after_thirty_days_however_much_it_is_used() {
    let world = World::new().await;
    let day = 24 * 60 * MINUTE;
    let mut tokens = world.tokens(START).await;
    for days in [10, 20, 29] {
        tokens = world
            .refresh(text(&tokens, "refresh_token"), START + days * day)
            .await
            .unwrap();
    }
    assert_eq!(
        refused(
            world
                .refresh(text(&tokens, "refresh_token"), START + 30 * day)
                .await
        ),
        "invalid_grant"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_anywhere_before_application_and_address_are_proven() {
    let world = World::new().await;
    let ada = Some(&world.ada);
    for (name, value) in [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", "https://evil.example/back"),
        ("redirect_uri", "https://app.contoso.example/back/../evil"),
        ("redirect_uri", ""),
        ("request_uri", "urn:ietf:params:oauth:request_uri:guess"),
    ] {
        let to = world
            .authorize(&world.request_with(&[(name, value)]), ada, START)
            .await;
        assert!(matches!(to, Authorized::Wrong(_)), "{name} {value}: {to:?}");
    }
    for (name, value, error) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("scope", "profile", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("request", "a.b.c", "request_not_supported"),
        (
            "request_uri",
            "https://app.contoso.example/request",
            "request_uri_not_supported",
        ),
        ("prompt", "none login", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
    ] {
        let to = world
            .authorize(&world.request_with(&[(name, value)]), ada, START)
            .await;
        let back = back(&to);
        assert_eq!(
            (back.get("error").as_str(), back.get("state").as_str()),
            (error, "a state"),
            "{name} {value}"
        );
        assert_eq!(back.get("code"), "");
    }
    // What is not known is passed over.
    let odd = world.request_with(&[
        ("display", "popup"),
        ("ui_locales", "de"),
        ("claims_locales", "de"),
        ("acr_values", "1"),
        ("login_hint", "ada"),
        ("claims", "{}"),
        ("x", "y"),
        ("nonce", ""),
    ]);
    assert!(
        !back(&world.authorize(&odd, ada, START).await)
            .get("code")
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_does_so_and_comes_back() {
    let mut world = World::new().await;
    let silent = world
        .authorize(&world.request_with(&[("prompt", "none")]), None, START)
        .await;
    assert_eq!(back(&silent).get("error"), "login_required");
    let to = world.authorize(&world.request_with(&[]), None, START).await;
    let Authorized::SignIn { to, again: false } = to else {
        panic!("{to:?}");
    };
    assert!(
        to.starts_with(&format!("/oidc/{}/authorize?", world.workspace.id)),
        "{to}"
    );
    let query = Parameters::read(to.split_once('?').unwrap().1.as_bytes());
    let ada = world
        .staff
        .enter(&mut world.device, START + MINUTE)
        .await
        .unwrap();
    let there = world.authorize(&query, Some(&ada), START + MINUTE).await;
    let code = back(&there).get("code");
    assert_eq!(back(&there).get("state"), "a state");
    world.redeem(&code, START + MINUTE).await.unwrap();
    let twice = world.authorize(&query, Some(&ada), START + MINUTE).await;
    assert!(matches!(twice, Authorized::Wrong(_)), "{twice:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_proof_is_asked_for_where_the_application_wants_one() {
    let mut world = World::new().await;
    for wish in [("prompt", "login"), ("max_age", "0"), ("max_age", "60")] {
        let now = START + 5 * MINUTE;
        let to = world
            .authorize(&world.request_with(&[wish]), Some(&world.ada), now)
            .await;
        let Authorized::SignIn { to, again: true } = to else {
            panic!("{wish:?}: {to:?}");
        };
        let query = Parameters::read(to.split_once('?').unwrap().1.as_bytes());
        let stale = world.authorize(&query, Some(&world.ada), now + 1).await;
        assert!(
            matches!(stale, Authorized::SignIn { again: true, .. }),
            "{wish:?}: {stale:?}"
        );
        let fresh: Opened = world.staff.enter(&mut world.device, now + 1_000).await.unwrap();
        let there = world.authorize(&query, Some(&fresh), now + 90_000).await;
        let tokens = world
            .redeem(&back(&there).get("code"), now + 90_000)
            .await
            .unwrap();
        assert_eq!(
            part(text(&tokens, "id_token"), 1)["auth_time"],
            (now + 1_000) / 1_000
        );
    }
    let enough = world.request_with(&[("max_age", "10000")]);
    assert!(
        !back(
            &world
                .authorize(&enough, Some(&world.ada), START + 5 * MINUTE)
                .await
        )
        .get("code")
        .is_empty()
    );
    let silent = world.request_with(&[("prompt", "none"), ("max_age", "60")]);
    let to = world
        .authorize(&silent, Some(&world.ada), START + 5 * MINUTE)
        .await;
    assert_eq!(back(&to).get("error"), "login_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_assigned_is_told_so_and_the_application_too() {
    let world = World::new().await;
    hire(
        &world.staff.bench,
        &world.staff.provider,
        "bob@contoso.example",
        "Bob",
    )
    .await;
    let (connection, ada) = (world.connection.clone(), world.staff.ada.key);
    world
        .staff
        .change(move |tx| provost_store::assignment::remove(tx, "test", START, &connection, ada))
        .await;
    let to = world
        .authorize(&world.request_with(&[]), Some(&world.ada), START)
        .await;
    let Authorized::Denied {
        application,
        back: link,
    } = to
    else {
        panic!("{to:?}");
    };
    assert_eq!(application, "Wiki");
    assert!(
        link.starts_with(BACK) && link.contains("error=access_denied"),
        "{link}"
    );
    let silent = world
        .authorize(
            &world.request_with(&[("prompt", "none")]),
            Some(&world.ada),
            START,
        )
        .await;
    assert_eq!(back(&silent).get("error"), "access_denied");
    assert_eq!(world.audited("application_signin.refused").await, 2);
    assert!(world.openid.mine(&world.ada.signed).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_another_name_in_each_application_where_that_is_wanted() {
    let pairwise = World::with(Change {
        subject: Some(Subject::Pairwise),
        ..Change::default()
    })
    .await;
    let tokens = pairwise.tokens(START).await;
    let first = part(text(&tokens, "id_token"), 1)["sub"].clone();
    assert_ne!(first, pairwise.staff.ada.id.to_string());
    let again = pairwise.tokens(START + 1).await;
    assert_eq!(part(text(&again, "id_token"), 1)["sub"], first);
    let info = pairwise
        .userinfo(text(&again, "access_token"), START + 1)
        .await
        .unwrap();
    assert_eq!(info["sub"], first);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_their_applications() {
    let world = World::with(Change {
        home: Some("https://app.contoso.example/".to_owned()),
        ..Change::default()
    })
    .await;
    let mine = world.openid.mine(&world.ada.signed).await.unwrap();
    assert_eq!(
        (mine.len(), mine[0].name.as_str(), mine[0].last_used),
        (1, "Wiki", None)
    );
    world.tokens(START + MINUTE).await;
    let mine = world.openid.mine(&world.ada.signed).await.unwrap();
    assert_eq!(mine[0].last_used, Some(START + MINUTE));
    assert_eq!(mine[0].home.as_deref(), Some("https://app.contoso.example/"));
}

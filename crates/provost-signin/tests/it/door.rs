//! Keys that are tried at the wrong door: every text that opens one thing, at everything else.

use crate::authenticator::Authenticator;
use crate::bench::{BROWSER, Bench, LONG, ORIGIN, START, visit};
use crate::code::set_up;
use provost_signin::Purpose;

#[tokio::test(flavor = "multi_thread")]
async fn no_key_opens_another_door() {
    let bench = Bench::new().await;
    let signin = &bench.signin;
    let owners_link = signin.owner_link(START).await.unwrap().unwrap();
    let opened = bench.owner().await;
    let owner = opened.signed;
    let mut device = Authenticator::new(ORIGIN);
    bench.add_passkey(&owner, &mut device, START).await.unwrap();
    let owner = bench.again(&owner, START).await;
    set_up(&bench, &owner, START).await;
    let owner = bench.again(&owner, START).await;
    signin.password_set(&owner, LONG, START).await.unwrap();
    let owner = bench.again(&owner, START).await;
    let id = owner.administrator.id;
    let cookie = signin
        .open(owner.administrator.key, owner.session.method, &visit(), START)
        .await
        .unwrap()
        .cookie;
    let link = signin.link(&owner, id, Purpose::Signin, START).await.unwrap();
    let (new_passkey, creation) = signin.passkey_begin_registration(&owner, START).await.unwrap();
    let (entering, request) = signin
        .passkey_begin_signin(BROWSER, &visit(), START)
        .await
        .unwrap();
    let (confirming, _) = signin.passkey_begin_confirm(&owner, START).await.unwrap();
    let half = crate::code::first_half(&bench, LONG, START).await;
    let keys = [
        ("session", cookie.clone()),
        ("form", owner.session.csrf.clone()),
        ("link", link.clone()),
        ("owner's link", owners_link),
        ("new passkey", new_passkey.clone()),
        ("passkey", entering.clone()),
        ("confirm", confirming.clone()),
        ("code", half.clone()),
    ];
    let made = Authenticator::new(ORIGIN).create(&creation);
    let got = device.get(&request);
    for (name, key) in &keys {
        let key = key.as_str();
        let is = |own: &str| *name == own;
        assert_eq!(
            signin.check(key, START).await.unwrap().is_some(),
            is("session"),
            "{name} as a cookie"
        );
        let seen = signin.look_at_link(key, START).await.unwrap().is_some();
        assert_eq!(
            seen,
            is("link") || is("owner's link"),
            "{name} as a link to look at"
        );
        if !is("link") {
            assert!(
                signin.follow(key, &visit(), START).await.is_err(),
                "{name} as a link"
            );
        }
        let owned = signin
            .become_owner(key, "Mallory", "mallory@contoso.example", &visit(), START)
            .await;
        assert!(owned.is_err(), "{name} as the owner's link");
        if !is("new passkey") {
            let done = signin
                .passkey_finish_registration(&owner, key, made.clone(), "x", START)
                .await;
            assert!(done.is_err(), "{name} as a registration");
        }
        if !is("passkey") {
            let done = signin
                .passkey_finish_signin(key, BROWSER, got.clone(), &visit(), START)
                .await;
            assert!(done.is_err(), "{name} as a sign-in by passkey");
        }
        if !is("confirm") {
            let done = signin
                .passkey_finish_confirm(&owner, key, got.clone(), &visit(), START)
                .await;
            assert!(done.is_err(), "{name} as a confirmation");
        }
        if !is("code") {
            let done = signin.code_signin(key, BROWSER, "123456", &visit(), START).await;
            assert!(done.is_err(), "{name} as a second half");
        }
        let back = format!("code=x&state={key}");
        let done = signin
            .provider_finish(&back, BROWSER, Some(&owner), &visit(), START)
            .await;
        assert!(done.is_err(), "{name} as a provider's state");
    }
    // After all that, each still opens its own.
    assert!(signin.check(&cookie, START).await.unwrap().is_some());
    assert!(signin.follow(&link, &visit(), START).await.is_ok());
    assert!(
        signin
            .passkey_finish_signin(&entering, BROWSER, got, &visit(), START)
            .await
            .is_ok()
    );
    assert!(
        signin
            .passkey_finish_registration(&owner, &new_passkey, made, "Good", START)
            .await
            .is_ok()
    );
}

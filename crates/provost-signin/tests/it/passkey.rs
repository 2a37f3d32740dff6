//! Passkeys, and what passes itself off as one.

use crate::authenticator::Authenticator;
use crate::bench::{BROWSER, Bench, MINUTE, ORIGIN, START, VISIT, code, is_denied, visit};
use provost_signin::{Error, Method};
use provost_store::administrator::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_added_and_signs_in_without_a_name() {
    let bench = Bench::new().await;
    let (owner, mut device) = bench.owner_with_passkey().await;
    let opened = bench.enter_by_passkey(&mut device, START + MINUTE).await.unwrap();
    assert_eq!(opened.signed.administrator.id, owner.administrator.id);
    assert_eq!(opened.signed.session.method, Method::Passkey);
    assert!(opened.signed.is_fresh(START + MINUTE));
    let kept = &bench.signin.ways(&owner).await.unwrap().passkeys[0];
    assert_eq!(kept.last_used, Some(START + MINUTE));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_is_asked_for_a_key_that_is_found_and_verified() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let (_, options) = bench
        .signin
        .passkey_begin_registration(&owner, START)
        .await
        .unwrap();
    let asked = &options["publicKey"];
    assert_eq!(asked["rp"]["id"], "hub.contoso.example");
    assert_eq!(asked["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(asked["authenticatorSelection"]["userVerification"], "required");
    let (_, options) = bench
        .signin
        .passkey_begin_signin(BROWSER, &visit(), START)
        .await
        .unwrap();
    assert_eq!(options["publicKey"]["userVerification"], "required");
    assert_eq!(options["publicKey"]["allowCredentials"], json!([]));
    assert_eq!(options.get("mediation"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_authenticator_must_not_do_is_refused_when_it_is_added() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let mut elsewhere = Authenticator::new("https://hub.contoso.example.evil.example");
    let mut port = Authenticator::new("https://hub.contoso.example:8443");
    let mut plain = Authenticator::new("http://hub.contoso.example");
    let mut subdomain = Authenticator::new("https://login.hub.contoso.example");
    let mut host = Authenticator::new(ORIGIN);
    host.host = Some("contoso.example".to_owned());
    let mut silent = Authenticator::new(ORIGIN);
    silent.verifies = false;
    for device in [
        &mut elsewhere,
        &mut port,
        &mut plain,
        &mut subdomain,
        &mut host,
        &mut silent,
    ] {
        let added = bench.add_passkey(&owner, device, START).await;
        assert_eq!(code(added), "PRV-PASSKEY-ANSWER", "{}", device.origin);
    }
    assert_eq!(bench.rows("passkey"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_authenticator_must_not_do_is_refused_when_it_signs_in() {
    let bench = Bench::new().await;
    let (_, mut device) = bench.owner_with_passkey().await;
    let good = device.handle.clone();
    type Change = fn(&mut Authenticator);
    let changes: [(&str, Change, Change); 5] = [
        (
            "origin",
            |d| d.origin = "https://hub.contoso.example.evil.example".to_owned(),
            |d| d.origin = ORIGIN.to_owned(),
        ),
        (
            "host",
            |d| d.host = Some("evil.example".to_owned()),
            |d| d.host = None,
        ),
        ("user not verified", |d| d.verifies = false, |d| d.verifies = true),
        ("somebody else's handle", |d| d.handle = vec![7; 16], |_| {}),
        ("no handle", |d| d.handle = Vec::new(), |_| {}),
    ];
    for (what, spoil, mend) in changes {
        spoil(&mut device);
        assert!(
            is_denied(&bench.enter_by_passkey(&mut device, START).await),
            "{what}"
        );
        mend(&mut device);
        device.handle.clone_from(&good);
        assert!(
            bench.enter_by_passkey(&mut device, START).await.is_ok(),
            "{what}, mended"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_has_added_is_refused() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let mut stranger = Authenticator::new(ORIGIN);
    stranger.handle = owner.administrator.id.as_bytes().to_vec();
    assert!(is_denied(&bench.enter_by_passkey(&mut stranger, START).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_good_once_in_its_browser_and_for_its_ceremony() {
    let bench = Bench::new().await;
    let (_, mut device) = bench.owner_with_passkey().await;
    let signin = &bench.signin;
    let (one, options) = signin
        .passkey_begin_signin(BROWSER, &visit(), START)
        .await
        .unwrap();
    let (other, _) = signin
        .passkey_begin_signin(BROWSER, &visit(), START)
        .await
        .unwrap();
    let answer = device.get(&options);
    let finish = |ceremony: String, browser: &'static str, now| {
        let answer = answer.clone();
        async move {
            signin
                .passkey_finish_signin(&ceremony, browser, answer, &visit(), now)
                .await
        }
    };
    // In another browser it is as if it had never been begun; the ceremony stays for its own.
    assert_eq!(
        code(finish(one.clone(), "another browser", START).await),
        "PRV-SIGNIN-EXPIRED"
    );
    assert!(
        is_denied(&finish(other.clone(), BROWSER, START).await),
        "another challenge"
    );
    assert_eq!(code(finish(other, BROWSER, START).await), "PRV-SIGNIN-EXPIRED");
    assert!(finish(one.clone(), BROWSER, START).await.is_ok());
    assert_eq!(code(finish(one, BROWSER, START).await), "PRV-SIGNIN-EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceremony_is_over_after_ten_minutes() {
    let bench = Bench::new().await;
    let (_, mut device) = bench.owner_with_passkey().await;
    let (ceremony, options) = bench
        .signin
        .passkey_begin_signin(BROWSER, &visit(), START)
        .await
        .unwrap();
    let answer = device.get(&options);
    let late = START + 10 * MINUTE;
    let done = bench
        .signin
        .passkey_finish_signin(&ceremony, BROWSER, answer, &visit(), late)
        .await;
    assert_eq!(code(done), "PRV-SIGNIN-EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_with_one_answer_one_comes_in() {
    let bench = Bench::new().await;
    let (_, mut device) = bench.owner_with_passkey().await;
    let (ceremony, options) = bench
        .signin
        .passkey_begin_signin(BROWSER, &visit(), START)
        .await
        .unwrap();
    let answer = device.get(&options);
    let mut races = Vec::new();
    for _ in 0..8 {
        let (signin, ceremony, answer) = (bench.signin.clone(), ceremony.clone(), answer.clone());
        races.push(tokio::spawn(async move {
            let done = signin.passkey_finish_signin(&ceremony, BROWSER, answer, &VISIT, START);
            done.await.is_ok()
        }));
    }
    let mut winners = 0;
    for race in races {
        winners += usize::from(race.await.unwrap());
    }
    assert_eq!(winners, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_counts_behind_is_refused() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let mut device = Authenticator::new(ORIGIN);
    device.counter = Some(5);
    bench.add_passkey(&owner, &mut device, START).await.unwrap();
    assert!(bench.enter_by_passkey(&mut device, START).await.is_ok());
    for behind in [0, 3, 5] {
        device.counter = Some(behind);
        assert!(
            is_denied(&bench.enter_by_passkey(&mut device, START).await),
            "{behind}"
        );
    }
    device.counter = Some(6);
    assert!(bench.enter_by_passkey(&mut device, START).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_counts_as_far_in_another_ceremony_is_refused() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let mut device = Authenticator::new(ORIGIN);
    device.counter = Some(5);
    bench.add_passkey(&owner, &mut device, START).await.unwrap();
    let owner = bench.again(&owner, START).await;
    // Begun before the other one was used: its ceremony remembers the old counter.
    let (ceremony, options) = bench.signin.passkey_begin_confirm(&owner, START).await.unwrap();
    bench.enter_by_passkey(&mut device, START).await.unwrap();
    device.counter = Some(5);
    let answer = device.get(&options);
    let done = bench
        .signin
        .passkey_finish_confirm(&owner, &ceremony, answer, &visit(), START)
        .await;
    assert!(is_denied(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_adds_a_key_to_somebody_else() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let eve = bench.invited(&owner, "Eve", Role::Auditor).await.signed;
    let mut device = Authenticator::new(ORIGIN);
    let (ceremony, options) = bench
        .signin
        .passkey_begin_registration(&owner, START)
        .await
        .unwrap();
    let answer = device.create(&options);
    let swapped = bench
        .signin
        .passkey_finish_registration(&eve, &ceremony, answer, "Mine", START)
        .await;
    assert_eq!(code(swapped), "PRV-SIGNIN-EXPIRED");
    // Another session of the same person is another place, too.
    let other = bench.again(&owner, START).await;
    let (ceremony, options) = bench
        .signin
        .passkey_begin_registration(&owner, START)
        .await
        .unwrap();
    let answer = device.create(&options);
    let swapped = bench
        .signin
        .passkey_finish_registration(&other, &ceremony, answer, "Mine", START)
        .await;
    assert_eq!(code(swapped), "PRV-SIGNIN-EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_belongs_to_one_person() {
    let bench = Bench::new().await;
    let (owner, mut device) = bench.owner_with_passkey().await;
    let eve = bench.invited(&owner, "Eve", Role::Auditor).await.signed;
    let added = bench.add_passkey(&eve, &mut device, START).await;
    assert_eq!(code(added), "PRV-PASSKEY-KNOWN");
}

#[tokio::test(flavor = "multi_thread")]
async fn confirming_puts_a_fresh_session_in_the_place_of_the_old_one() {
    let bench = Bench::new().await;
    let (_, mut device) = bench.owner_with_passkey().await;
    let before = bench.enter_by_passkey(&mut device, START).await.unwrap();
    let late = START + 30 * MINUTE;
    let (ceremony, options) = bench
        .signin
        .passkey_begin_confirm(&before.signed, late)
        .await
        .unwrap();
    assert_eq!(options["publicKey"]["allowCredentials"][0]["id"], device.id());
    let answer = device.get(&options);
    let after = bench
        .signin
        .passkey_finish_confirm(&before.signed, &ceremony, answer, &visit(), late)
        .await
        .unwrap();
    assert!(after.signed.is_fresh(late) && !before.signed.is_fresh(late));
    assert_ne!(after.cookie, before.cookie);
    assert_eq!(after.signed.session.csrf, before.signed.session.csrf);
    assert!(bench.signin.check(&before.cookie, late).await.unwrap().is_none());
    assert!(bench.signin.check(&after.cookie, late).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_persons_key_confirms_nothing() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let eve = bench.invited(&owner, "Eve", Role::Auditor).await.signed;
    let mut hers = Authenticator::new(ORIGIN);
    bench.add_passkey(&eve, &mut hers, START).await.unwrap();
    let (ceremony, options) = bench.signin.passkey_begin_confirm(&owner, START).await.unwrap();
    let answer = hers.get(&options);
    let done = bench
        .signin
        .passkey_finish_confirm(&owner, &ceremony, answer, &visit(), START)
        .await;
    assert!(is_denied(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_and_a_removed_one_end_the_other_sessions() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let key = owner.administrator.key;
    let stolen = bench
        .signin
        .open(key, Method::Passkey, &visit(), START)
        .await
        .unwrap();
    let mut second = Authenticator::new(ORIGIN);
    bench.add_passkey(&owner, &mut second, START).await.unwrap();
    assert!(bench.signin.check(&stolen.cookie, START).await.unwrap().is_none());

    let owner = bench.again(&owner, START).await;
    let stolen = bench
        .signin
        .open(key, Method::Passkey, &visit(), START)
        .await
        .unwrap();
    let first = bench.signin.ways(&owner).await.unwrap().passkeys[0].key;
    assert!(
        bench
            .signin
            .passkey_rename(&owner, first, "Old phone", START)
            .await
            .unwrap()
    );
    assert!(bench.signin.passkey_remove(&owner, first, START).await.unwrap());
    assert!(bench.signin.check(&stolen.cookie, START).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_way_in_is_not_removed() {
    let bench = Bench::new().await;
    let (owner, mut device) = bench.owner_with_passkey().await;
    let only = bench.signin.ways(&owner).await.unwrap().passkeys[0].key;
    let refused = bench.signin.passkey_remove(&owner, only, START).await;
    assert!(["PRV-SIGNIN-LAST-WAY", "PRV-OWNER-LAST"].contains(&code(refused)));
    assert!(bench.enter_by_passkey(&mut device, START).await.is_ok());
    let eve = bench.invited(&owner, "Eve", Role::Auditor).await.signed;
    let mut hers = Authenticator::new(ORIGIN);
    bench.add_passkey(&eve, &mut hers, START).await.unwrap();
    let eve = bench.again(&eve, START).await;
    let only = bench.signin.ways(&eve).await.unwrap().passkeys[0].key;
    assert_eq!(
        code(bench.signin.passkey_remove(&eve, only, START).await),
        "PRV-SIGNIN-LAST-WAY"
    );
    // Somebody else's is none of theirs.
    let owners = bench.signin.ways(&owner).await.unwrap().passkeys[0].key;
    assert!(!bench.signin.passkey_remove(&eve, owners, START).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_without_a_name_has_no_passkeys_and_says_so() {
    let bench = Bench::at("http://127.0.0.1:8443").await;
    assert!(!bench.signin.has_passkeys());
    let owner = bench.owner().await.signed;
    let begun = bench.signin.passkey_begin_registration(&owner, START).await;
    assert_eq!(code(begun), "PRV-PASSKEY-ADDRESS");
    assert!(Bench::at("http://localhost:8443").await.signin.has_passkeys());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_none_are_refused() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    for answer in [
        json!(null),
        json!({}),
        json!([1, 2]),
        json!({"id": "x", "response": {}}),
    ] {
        let (ceremony, _) = bench
            .signin
            .passkey_begin_registration(&owner, START)
            .await
            .unwrap();
        let added = bench
            .signin
            .passkey_finish_registration(&owner, &ceremony, answer.clone(), "A key", START)
            .await;
        assert_eq!(code(added), "PRV-PASSKEY-ANSWER");
        let (ceremony, _) = bench
            .signin
            .passkey_begin_signin(BROWSER, &visit(), START)
            .await
            .unwrap();
        let entered = bench
            .signin
            .passkey_finish_signin(&ceremony, BROWSER, answer, &visit(), START)
            .await;
        assert!(matches!(entered, Err(Error::Denied)));
    }
}

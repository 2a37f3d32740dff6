//! Sessions: how long they last, who sees them, what ends them.

use crate::bench::{Bench, MINUTE, START, code, visit};
use provost_signin::{FRESH, IDLE, LIFE, Method};
use provost_store::administrator::Role;
use std::time::Duration;

const HOUR: i64 = 60 * MINUTE;

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_finds_its_session_until_it_is_idle_or_old() {
    let bench = Bench::new().await;
    let cookie = bench.owner().await.cookie;
    assert!(
        bench
            .signin
            .check(&cookie, START + IDLE - 1)
            .await
            .unwrap()
            .is_some()
    );
    let idle = Bench::new().await;
    let cookie = idle.owner().await.cookie;
    assert!(idle.signin.check(&cookie, START + IDLE).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn use_keeps_a_session_open_but_not_for_ever() {
    let bench = Bench::new().await;
    let cookie = bench.owner().await.cookie;
    let mut now = START;
    while now + HOUR < START + LIFE {
        now += HOUR;
        assert!(bench.signin.check(&cookie, now).await.unwrap().is_some());
        bench.seen_at(now).await;
    }
    assert!(
        bench
            .signin
            .check(&cookie, START + LIFE - 1)
            .await
            .unwrap()
            .is_some()
    );
    assert!(bench.signin.check(&cookie, START + LIFE).await.unwrap().is_none());
}

impl Bench {
    /// Waits until the use of the only session was noted beside the request.
    async fn seen_at(&self, now: i64) {
        for _ in 0..500 {
            let sessions = self
                .db
                .read(|tx| {
                    let whose = owner(tx)?;
                    provost_store::session::list(tx, whose)
                })
                .await
                .unwrap();
            if sessions[0].seen == now {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the use of the session was not noted");
    }
}

fn owner(tx: &mut provost_store::Tx) -> provost_store::Result<i64> {
    Ok(provost_store::administrator::list(tx, 0, 1)?[0].key)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_hash_of_a_cookie_is_kept() {
    let bench = Bench::new().await;
    let opened = bench.owner().await;
    for wrong in [
        "",
        "x",
        &opened.cookie[1..],
        &"A".repeat(43),
        &opened.signed.session.csrf,
    ] {
        assert!(
            bench.signin.check(wrong, START).await.unwrap().is_none(),
            "{wrong}"
        );
    }
    assert!(!format!("{opened:?}").contains(&opened.cookie));
    let found = bench.find_everywhere(&opened.cookie);
    assert!(!found, "the cookie itself is in the database");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_by_their_owner_only() {
    let bench = Bench::new().await;
    let owner = bench.owner().await;
    let eve = bench.invited(&owner.signed, "Eve", Role::Auditor).await;
    let second = bench
        .signin
        .open(owner.signed.administrator.key, Method::Link, &visit(), START)
        .await
        .unwrap();
    assert_eq!(bench.signin.sessions(&owner.signed).await.unwrap().len(), 2);
    let stranger = bench
        .signin
        .end(&eve.signed, second.signed.session.key, START)
        .await;
    assert!(!stranger.unwrap());
    assert!(bench.signin.check(&second.cookie, START).await.unwrap().is_some());
    let ended = bench
        .signin
        .end(&owner.signed, second.signed.session.key, START)
        .await;
    assert!(ended.unwrap());
    assert!(bench.signin.check(&second.cookie, START).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_others_leaves_the_present_one() {
    let bench = Bench::new().await;
    let owner = bench.owner().await;
    let key = owner.signed.administrator.key;
    let mut others = Vec::new();
    for _ in 0..3 {
        let opened = bench
            .signin
            .open(key, Method::Link, &visit(), START)
            .await
            .unwrap();
        others.push(opened.cookie);
    }
    assert_eq!(bench.signin.end_others(&owner.signed, START).await.unwrap(), 3);
    for cookie in &others {
        assert!(bench.signin.check(cookie, START).await.unwrap().is_none());
    }
    assert!(bench.signin.check(&owner.cookie, START).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_back_needs_a_fresh_sign_in() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let late = START + FRESH;
    assert!(owner.is_fresh(late - 1) && !owner.is_fresh(late));
    let grants = owner.grants.clone();
    let invited = bench
        .signin
        .invite(&owner, "Ann", "ann@contoso.example", &grants, late)
        .await;
    assert_eq!(code(invited), "PRV-SIGNIN-STALE");
    let key = bench.signin.ways(&owner).await.unwrap().passkeys[0].key;
    assert_eq!(
        code(bench.signin.passkey_remove(&owner, key, late).await),
        "PRV-SIGNIN-STALE"
    );
    assert_eq!(
        code(bench.signin.passkey_begin_registration(&owner, late).await),
        "PRV-SIGNIN-STALE"
    );
    assert_eq!(
        code(bench.signin.code_begin(&owner, late).await),
        "PRV-SIGNIN-STALE"
    );
    assert_eq!(
        code(bench.signin.recovery_codes_new(&owner, late).await),
        "PRV-SIGNIN-STALE"
    );
}

//! Links that work once.

use crate::authenticator::Authenticator;
use crate::bench::{Bench, ORIGIN, START, code, visit};
use provost_signin::{Actor, Method, Purpose};
use provost_store::administrator::Role;

const HOUR: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_one_session() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let whose = owner.administrator.id;
    let key = bench
        .signin
        .link(&owner, whose, Purpose::Signin, START)
        .await
        .unwrap();
    for _ in 0..2 {
        let seen = bench.signin.look_at_link(&key, START).await.unwrap().unwrap();
        assert_eq!(
            (seen.purpose, seen.name.as_str()),
            (Purpose::Signin, "Olga Owner")
        );
    }
    let opened = bench.signin.follow(&key, &visit(), START).await.unwrap();
    assert_eq!(opened.signed.session.method, Method::Link);
    assert_eq!(
        code(bench.signin.follow(&key, &visit(), START).await),
        "PRV-SIGNIN-LINK"
    );
    assert!(bench.signin.look_at_link(&key, START).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_follow_at_once_one_comes_in() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let key = bench
        .signin
        .link(Actor::Command, owner.administrator.id, Purpose::Signin, START)
        .await
        .unwrap();
    let mut races = Vec::new();
    for _ in 0..8 {
        let (signin, key) = (bench.signin.clone(), key.clone());
        races.push(tokio::spawn(async move {
            signin.follow(&key, &visit(), START).await.is_ok()
        }));
    }
    let mut winners = 0;
    for race in races {
        winners += usize::from(race.await.unwrap());
    }
    assert_eq!(winners, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_expire() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let whose = owner.administrator.id;
    for (purpose, life) in [(Purpose::Signin, HOUR), (Purpose::Enrol, 7 * 24 * HOUR)] {
        let key = bench.signin.link(&owner, whose, purpose, START).await.unwrap();
        let late = bench.signin.follow(&key, &visit(), START + life).await;
        assert_eq!(code(late), "PRV-SIGNIN-LINK");
        assert!(
            bench
                .signin
                .follow(&key, &visit(), START + life - 1)
                .await
                .is_ok()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_owner_makes_links_and_none_that_makes_owners() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let admin = bench
        .invited(&owner, "Carl", Role::ConfigurationAdmin)
        .await
        .signed;
    let whose = owner.administrator.id;
    let made = bench.signin.link(&admin, whose, Purpose::Signin, START).await;
    assert_eq!(code(made), "PRV-SIGNIN-ROLE");
    let made = bench.signin.link(&owner, whose, Purpose::Owner, START).await;
    assert_eq!(code(made), "PRV-SIGNIN-OWNER-LINK");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_by_a_link_may_add_a_first_way_in_also_later() {
    let bench = Bench::new().await;
    let opened = bench.owner().await;
    let late = START + HOUR;
    assert!(!opened.signed.is_fresh(late));
    let mut device = Authenticator::new(ORIGIN);
    bench
        .add_passkey(&opened.signed, &mut device, late)
        .await
        .unwrap();
    // The second one needs the first.
    let present = bench.signin.check(&opened.cookie, late).await.unwrap().unwrap();
    let mut second = Authenticator::new(ORIGIN);
    let added = bench.add_passkey(&present, &mut second, late).await;
    assert_eq!(code(added), "PRV-SIGNIN-STALE");
}

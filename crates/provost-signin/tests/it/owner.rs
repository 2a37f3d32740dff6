//! The first owner: one, once.

use crate::bench::{Bench, START, VISIT, code, visit};
use provost_signin::Purpose;
use provost_store::administrator::Role;

#[tokio::test(flavor = "multi_thread")]
async fn the_link_makes_one_owner_and_no_other_ever() {
    let bench = Bench::new().await;
    let (one, other) = (
        bench.signin.owner_link(START).await.unwrap().unwrap(),
        bench.signin.owner_link(START).await.unwrap().unwrap(),
    );
    let seen = bench.signin.look_at_link(&one, START).await.unwrap().unwrap();
    assert_eq!(seen.purpose, Purpose::Owner);
    let opened = bench
        .signin
        .become_owner(&one, " Olga Owner ", "olga@contoso.example", &visit(), START)
        .await
        .unwrap();
    assert_eq!(opened.signed.administrator.name, "Olga Owner");
    assert_eq!(opened.signed.role_everywhere(), Some(Role::Owner));
    for key in [&one, &other] {
        let again = bench
            .signin
            .become_owner(key, "Mallory", "mallory@contoso.example", &visit(), START)
            .await;
        assert_eq!(code(again), "PRV-SIGNIN-LINK");
    }
    assert_eq!(bench.signin.owner_link(START).await.unwrap(), None);
    assert_eq!(bench.rows("administrator"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_race_one_becomes_the_owner() {
    let bench = Bench::new().await;
    let mut keys = Vec::new();
    for _ in 0..8 {
        keys.push(bench.signin.owner_link(START).await.unwrap().unwrap());
    }
    let mut races = Vec::new();
    for (at, key) in keys.into_iter().enumerate() {
        let signin = bench.signin.clone();
        races.push(tokio::spawn(async move {
            let email = format!("person{at}@contoso.example");
            let become_one = signin.become_owner(&key, "Somebody", &email, &VISIT, START);
            become_one.await.is_ok()
        }));
    }
    let mut winners = 0;
    for race in races {
        winners += usize::from(race.await.unwrap());
    }
    assert_eq!(winners, 1);
    assert_eq!(bench.rows("administrator"), 1);
    assert_eq!(bench.rows("session"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_stays_closed_when_every_administrator_is_gone() {
    let bench = Bench::new().await;
    bench.owner().await;
    bench
        .db
        .write(|tx| provost_store::installation::get(tx, "owner_made"))
        .await
        .unwrap()
        .unwrap();
    // As a person with the database in their hands would do it.
    bench.run_sql("DELETE FROM administrator; DELETE FROM administrator_role; DELETE FROM session");
    assert_eq!(bench.rows("administrator"), 0);
    assert_eq!(bench.started_again().owner_link(START).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_possible_does_not_use_the_link_up() {
    let bench = Bench::new().await;
    let key = bench.signin.owner_link(START).await.unwrap().unwrap();
    for (name, email, refusal) in [
        ("", "olga@contoso.example", "PRV-NAME"),
        ("Olga", "no address", "PRV-EMAIL"),
    ] {
        let tried = bench
            .signin
            .become_owner(&key, name, email, &visit(), START)
            .await;
        assert_eq!(code(tried), refusal);
    }
    let done = bench
        .signin
        .become_owner(&key, "Olga", "olga@contoso.example", &visit(), START)
        .await;
    assert!(done.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owners_link_opens_nothing_else_and_expires() {
    let bench = Bench::new().await;
    let key = bench.signin.owner_link(START).await.unwrap().unwrap();
    assert_eq!(
        code(bench.signin.follow(&key, &visit(), START).await),
        "PRV-SIGNIN-LINK"
    );
    let late = START + 24 * 3_600_000;
    let tried = bench
        .signin
        .become_owner(&key, "Olga", "olga@contoso.example", &visit(), late)
        .await;
    assert_eq!(code(tried), "PRV-SIGNIN-LINK");
    assert_eq!(bench.rows("administrator"), 0);
}

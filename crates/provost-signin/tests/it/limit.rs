//! Limits against guessing.

use crate::bench::{BROWSER, Bench, LONG, ORIGIN, START, is_denied, visit};
use crate::password::done;
use crate::staff::Staff;
use provost_signin::{Error, Result, Step};

const OLGA: &str = "olga@contoso.example";
const WRONG: &str = "seven grey herons by the sea";
const HOUR: i64 = 3_600_000;

fn waits(tried: &Result<Step>) -> bool {
    matches!(tried, Err(Error::Wait { seconds }) if (1..=3_600).contains(seconds))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_guessed_at_five_times_then_ten_times_an_hour() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    // Every guess comes from a network of its own, and in another spelling.
    for at in 0..5 {
        let tried = bench
            .enter_by_password("OLGA@contoso.example", WRONG, &format!("10.0.{at}.1"), START)
            .await;
        assert!(is_denied(&tried), "{at}");
    }
    for from in ["10.1.0.1", "2001:db8::1"] {
        assert!(
            waits(&bench.enter_by_password(OLGA, LONG, from, START).await),
            "also the right one"
        );
    }
    let mut let_pass = 0;
    for minute in 1..=60 {
        let now = START + minute * 60_000;
        let tried = bench
            .enter_by_password(OLGA, WRONG, &format!("10.2.{minute}.1"), now)
            .await;
        let_pass += i32::from(is_denied(&tried));
    }
    assert_eq!(let_pass, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_there_is_limited_alike() {
    let bench = Bench::new().await;
    for at in 0..5 {
        let tried = bench
            .enter_by_password("nobody@contoso.example", WRONG, &format!("10.0.{at}.1"), START)
            .await;
        assert!(is_denied(&tried), "{at}");
    }
    assert!(waits(
        &bench
            .enter_by_password("nobody@contoso.example", WRONG, "10.1.0.1", START)
            .await
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn coming_in_forgives_the_account() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    for round in 0..3 {
        for _ in 0..4 {
            let from = format!("10.{round}.0.1");
            assert!(is_denied(
                &bench.enter_by_password(OLGA, WRONG, &from, START).await
            ));
        }
        done(bench.enter_by_password(OLGA, LONG, "10.9.0.1", START).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_limited_over_all_accounts_and_takes_nobodys_attempts_after() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    for at in 0..30 {
        let email = format!("person{at}@contoso.example");
        let from = format!("198.51.100.{at}");
        assert!(
            is_denied(&bench.enter_by_password(&email, WRONG, &from, START).await),
            "{at}"
        );
    }
    for _ in 0..10 {
        assert!(waits(
            &bench
                .enter_by_password(OLGA, WRONG, "198.51.100.200", START)
                .await
        ));
    }
    done(bench.enter_by_password(OLGA, LONG, "203.0.113.1", START).await);
    assert!(is_denied(
        &bench
            .enter_by_password(OLGA, WRONG, "198.51.100.200", START + HOUR)
            .await
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn beginning_without_end_is_limited_too() {
    let bench = Bench::new().await;
    let mut begun = 0;
    for _ in 0..100 {
        let asked = bench.signin.passkey_begin_signin("any", &visit(), START).await;
        begun += i64::from(asked.is_ok());
    }
    assert_eq!(begun, 60);
    assert_eq!(bench.rows("ceremony"), begun);
}

/// Leaves every network with one attempt.
fn leave_one(bench: &Bench) {
    bench.run_sql(&format!("UPDATE attempt SET tokens = 1000, at = {START}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_comes_to_its_end_counts_no_more() {
    let bench = Bench::new().await;
    let (_, mut device) = bench.owner_with_passkey().await;
    bench.enter_by_passkey(&mut device, START).await.unwrap();
    leave_one(&bench);
    for at in 0..5 {
        let entered = bench.enter_by_passkey(&mut device, START).await;
        assert!(entered.is_ok(), "{at}: {entered:?}");
    }
    device.origin = "https://hub.contoso.example.evil.example".to_owned();
    assert!(is_denied(&bench.enter_by_passkey(&mut device, START).await));
    device.origin = ORIGIN.to_owned();
    let after = bench.enter_by_passkey(&mut device, START).await;
    assert!(
        matches!(after, Err(Error::Wait { .. })),
        "one that failed counts: {after:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_company_comes_from_one_address_in_the_morning() {
    let staff = Staff::new().await;
    let (_, mut device) = staff.with_passkey().await;
    let (here, people) = (staff.bench.workspace, &staff.people);
    // More than administrators may begin, and nobody has come to an end yet.
    for at in 0..100 {
        let begun = people.begin_signin(Some(here), BROWSER, &visit(), START).await;
        assert!(begun.is_ok(), "{at}: {begun:?}");
    }
    leave_one(&staff.bench);
    for at in 0..5 {
        let entered = staff.enter(&mut device, START).await;
        assert!(entered.is_ok(), "{at}: {entered:?}");
    }
    // What is begun and left stays counted, so that nobody fills the database with it.
    assert!(
        people
            .begin_signin(Some(here), BROWSER, &visit(), START)
            .await
            .is_ok()
    );
    let over = people.begin_signin(Some(here), BROWSER, &visit(), START).await;
    assert!(matches!(over, Err(Error::Wait { .. })), "{over:?}");
    // Administrators have an allowance of their own.
    let asked = staff
        .bench
        .signin
        .passkey_begin_signin("any", &visit(), START)
        .await;
    assert!(asked.is_ok(), "{asked:?}");
}

//! Passwords that stand alone.

use crate::bench::{Bench, LONG, MINUTE, START, code, is_denied, visit};
use provost_signin::{Method, Opened, Result, Step};

const OLGA: &str = "olga@contoso.example";

/// A sign-in that a password alone finished.
pub fn done(step: Result<Step>) -> Opened {
    match step.unwrap() {
        Step::Done(opened) => opened,
        Step::Code { .. } => panic!("a code is asked for"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_signs_in_and_a_wrong_one_does_not() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    let opened = done(
        bench
            .enter_by_password(" Olga@CONTOSO.example ", LONG, "192.0.2.1", START)
            .await,
    );
    assert_eq!(opened.signed.session.method, Method::Password);
    for wrong in [
        "",
        "seven grey herons by the Weir",
        "seven grey herons by the weir ",
        &"x".repeat(100_000),
    ] {
        let tried = bench.enter_by_password(OLGA, wrong, "192.0.2.1", START).await;
        assert!(is_denied(&tried), "{}", wrong.len());
    }
    assert!(
        !bench.find_everywhere(LONG),
        "the password itself is in the database"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_reads_the_same() {
    let bench = Bench::new().await;
    let (owner, _device) = bench.owner_with_passkey().await;
    let nobody = bench
        .enter_by_password("nobody@contoso.example", LONG, "192.0.2.1", START)
        .await;
    let none_set = bench.enter_by_password(OLGA, LONG, "192.0.2.1", START).await;
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    let wrong = bench
        .enter_by_password(OLGA, "seven grey herons by the sea", "192.0.2.1", START)
        .await;
    let said: Vec<_> = [nobody, none_set, wrong]
        .into_iter()
        .map(|tried| tried.unwrap_err())
        .map(|error| (error.code(), error.sentence(), error.hint()))
        .collect();
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0], said[2]);
    assert_eq!(said[0].0, "PRV-SIGNIN-REFUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_stands_alone_is_long_and_not_guessed() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    for (password, refusal) in [
        ("fourteen chars", "PRV-PASSWORD-SHORT"),
        ("olga.owner.contoso", "PRV-PASSWORD-GUESSED"),
        ("Passw0rd!Passw0rd!", "PRV-PASSWORD-GUESSED"),
    ] {
        assert_eq!(
            code(bench.signin.password_set(&owner, password, START).await),
            refusal,
            "{password}"
        );
    }
    assert_eq!(bench.rows("password"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_old_one_and_the_other_sessions() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    let owner = bench.again(&owner, START).await;
    let stolen = done(bench.enter_by_password(OLGA, LONG, "192.0.2.1", START).await);
    let other = "nine black geese on the field";
    bench.signin.password_set(&owner, other, START).await.unwrap();
    assert!(bench.signin.check(&stolen.cookie, START).await.unwrap().is_none());
    assert!(is_denied(
        &bench.enter_by_password(OLGA, LONG, "192.0.2.1", START).await
    ));
    done(bench.enter_by_password(OLGA, other, "192.0.2.1", START).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn composed_and_decomposed_letters_are_one_password() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    bench
        .signin
        .password_set(&owner, "sieben Störche über dem Wehr", START)
        .await
        .unwrap();
    let decomposed = "sieben Sto\u{308}rche u\u{308}ber dem Wehr";
    done(
        bench
            .enter_by_password(OLGA, decomposed, "192.0.2.1", START)
            .await,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_confirms_and_rotates_the_session() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    let before = done(bench.enter_by_password(OLGA, LONG, "192.0.2.1", START).await);
    let late = START + 30 * MINUTE;
    let wrong = bench
        .signin
        .password_confirm(&before.signed, "wrong", "", &visit(), late)
        .await;
    assert!(is_denied(&wrong));
    let after = bench
        .signin
        .password_confirm(&before.signed, LONG, "", &visit(), late)
        .await
        .unwrap();
    assert!(after.signed.is_fresh(late));
    assert!(bench.signin.check(&before.cookie, late).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_password_is_not_removed() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    let owner = bench.again(&owner, START).await;
    let refused = code(bench.signin.password_remove(&owner, START).await);
    assert!(["PRV-SIGNIN-LAST-WAY", "PRV-OWNER-LAST"].contains(&refused));
    let mut device = crate::authenticator::Authenticator::new(crate::bench::ORIGIN);
    bench.add_passkey(&owner, &mut device, START).await.unwrap();
    let owner = bench.again(&owner, START).await;
    assert!(bench.signin.password_remove(&owner, START).await.unwrap());
    assert!(is_denied(
        &bench.enter_by_password(OLGA, LONG, "192.0.2.1", START).await
    ));
}

//! One-time codes and recovery codes beside a password.

use crate::bench::{BROWSER, Bench, LONG, START, code, is_denied, visit};
use aws_lc_rs::hmac;
use provost_signin::{Method, Signed, Step};

const OLGA: &str = "olga@contoso.example";
const STEP: i64 = 30_000;
/// Good beside a code, too short to stand alone.
const SHORT: &str = "kw7 plum";

/// An authenticator app: RFC 6238 over the secret in base32, written independently of what is tested.
pub fn app(secret: &str, now: i64) -> String {
    let mut bits = String::new();
    for letter in secret.bytes() {
        let value = if letter.is_ascii_uppercase() {
            letter - b'A'
        } else {
            letter - b'2' + 26
        };
        bits.push_str(&format!("{value:05b}"));
    }
    let bytes: Vec<u8> = (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap())
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &(now / STEP).to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// Sets codes up, one step before `now`, and answers the secret.
pub async fn set_up(bench: &Bench, signed: &Signed, now: i64) -> String {
    let setup = bench.signin.code_begin(signed, now).await.unwrap();
    let first = app(&setup.secret, now - STEP);
    let codes = bench.signin.code_confirm(signed, &first, now).await.unwrap();
    assert_eq!(codes.len(), 10, "nobody depends on an app alone");
    setup.secret
}

/// Gives the password and answers the key of what follows.
pub async fn first_half(bench: &Bench, password: &str, now: i64) -> String {
    match bench
        .enter_by_password(OLGA, password, "192.0.2.10", now)
        .await
        .unwrap()
    {
        Step::Code { ceremony } => ceremony,
        Step::Done(_) => panic!("no code is asked for"),
    }
}

/// The owner with codes and a short password.
async fn owner(bench: &Bench) -> (Signed, String) {
    let owner = bench.owner().await.signed;
    let secret = set_up(bench, &owner, START).await;
    let owner = bench.again(&owner, START).await;
    bench.signin.password_set(&owner, SHORT, START).await.unwrap();
    (bench.again(&owner, START).await, secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_asks_for_a_code_that_works_once() {
    let bench = Bench::new().await;
    let (_, secret) = owner(&bench).await;
    let ceremony = first_half(&bench, SHORT, START).await;
    let now_shown = app(&secret, START);
    let opened = bench
        .signin
        .code_signin(&ceremony, BROWSER, &now_shown, &visit(), START)
        .await
        .unwrap();
    assert_eq!(opened.signed.session.method, Method::Code);
    let ceremony = first_half(&bench, SHORT, START).await;
    let replayed = bench
        .signin
        .code_signin(&ceremony, BROWSER, &now_shown, &visit(), START)
        .await;
    assert!(is_denied(&replayed));
    let earlier = app(&secret, START - STEP);
    let older = bench
        .signin
        .code_signin(&ceremony, BROWSER, &earlier, &visit(), START)
        .await;
    assert!(is_denied(&older), "a code before one that was used");
    let next = app(&secret, START + STEP);
    assert!(
        bench
            .signin
            .code_signin(&ceremony, BROWSER, &next, &visit(), START)
            .await
            .is_ok()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_with_one_code_one_comes_in() {
    let bench = Bench::new().await;
    let (_, secret) = owner(&bench).await;
    let mut ceremonies = Vec::new();
    for _ in 0..3 {
        ceremonies.push(first_half(&bench, SHORT, START).await);
    }
    let given = app(&secret, START);
    let mut races = Vec::new();
    for ceremony in ceremonies {
        let (signin, given) = (bench.signin.clone(), given.clone());
        races.push(tokio::spawn(async move {
            signin
                .code_signin(&ceremony, BROWSER, &given, &visit(), START)
                .await
                .is_ok()
        }));
    }
    let mut winners = 0;
    for race in races {
        winners += usize::from(race.await.unwrap());
    }
    assert_eq!(winners, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_half_belongs_to_the_browser_of_the_first() {
    let bench = Bench::new().await;
    let (_, secret) = owner(&bench).await;
    let ceremony = first_half(&bench, SHORT, START).await;
    let given = app(&secret, START);
    let other = bench
        .signin
        .code_signin(&ceremony, "another browser", &given, &visit(), START)
        .await;
    assert_eq!(code(other), "PRV-SIGNIN-EXPIRED");
    assert!(
        bench
            .signin
            .code_signin(&ceremony, BROWSER, &given, &visit(), START)
            .await
            .is_ok()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_changed_ends_the_sign_in_between() {
    let bench = Bench::new().await;
    let (owner, secret) = owner(&bench).await;
    let ceremony = first_half(&bench, SHORT, START).await;
    bench
        .signin
        .password_set(&owner, "ox7 lime", START + 1)
        .await
        .unwrap();
    let given = app(&secret, START);
    let done = bench
        .signin
        .code_signin(&ceremony, BROWSER, &given, &visit(), START + 2)
        .await;
    assert!(is_denied(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_not_asked_for_before_they_are_confirmed() {
    let bench = Bench::new().await;
    let owner = bench.owner().await.signed;
    let setup = bench.signin.code_begin(&owner, START).await.unwrap();
    assert!(
        setup
            .uri
            .starts_with("otpauth://totp/Provost%20hub%2Econtoso%2Eexample:olga%40contoso%2Eexample?")
    );
    assert!(setup.uri.contains(&format!("secret={}&", setup.secret)));
    assert!(!format!("{setup:?}").contains(&setup.secret));
    let wrong = bench.signin.code_confirm(&owner, "000000x", START).await;
    assert_eq!(code(wrong), "PRV-CODE-WRONG");
    // Unconfirmed codes make no short password good.
    assert_eq!(
        code(bench.signin.password_set(&owner, SHORT, START).await),
        "PRV-PASSWORD-SHORT"
    );
    assert_eq!(
        code(bench.signin.recovery_codes_new(&owner, START).await),
        "PRV-CODE-NONE"
    );
    bench.signin.password_set(&owner, LONG, START).await.unwrap();
    let step = bench.enter_by_password(OLGA, LONG, "192.0.2.10", START).await;
    crate::password::done(step);
    assert!(
        !bench.find_everywhere(&setup.secret),
        "the secret itself is in the database"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmed_codes_are_not_set_up_over() {
    let bench = Bench::new().await;
    let (owner, _) = owner(&bench).await;
    assert_eq!(
        code(bench.signin.code_begin(&owner, START).await),
        "PRV-CODE-ALREADY"
    );
    assert_eq!(
        code(bench.signin.code_confirm(&owner, "123456", START).await),
        "PRV-CODE-NONE"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_works_once_in_the_place_of_a_code() {
    let bench = Bench::new().await;
    let (owner, _) = owner(&bench).await;
    let codes = bench.signin.recovery_codes_new(&owner, START).await.unwrap();
    assert_eq!(codes.len(), 10);
    for given in [codes[0].to_lowercase(), codes[1].replace('-', " ")] {
        let ceremony = first_half(&bench, SHORT, START).await;
        assert!(
            bench
                .signin
                .code_signin(&ceremony, BROWSER, &given, &visit(), START)
                .await
                .is_ok()
        );
        let ceremony = first_half(&bench, SHORT, START).await;
        let again = bench
            .signin
            .code_signin(&ceremony, BROWSER, &given, &visit(), START)
            .await;
        assert!(is_denied(&again));
        let ceremony = first_half(&bench, SHORT, START).await;
        let last = codes.last().unwrap();
        let _ = bench
            .signin
            .code_signin(&ceremony, BROWSER, last, &visit(), START)
            .await;
    }
    assert_eq!(bench.signin.ways(&owner).await.unwrap().recovery_codes, 7);
    let fresh = bench.signin.recovery_codes_new(&owner, START).await.unwrap();
    assert!(!fresh.contains(&codes[5]));
    let later = START + 3_600_000;
    let ceremony = first_half(&bench, SHORT, later).await;
    let old = bench
        .signin
        .code_signin(&ceremony, BROWSER, &codes[5], &visit(), later)
        .await;
    assert!(is_denied(&old), "a code of the list before");
    assert!(fresh.iter().all(|one| !bench.find_everywhere(one)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_code_costs_no_new_password_but_not_for_ever() {
    let bench = Bench::new().await;
    let (_, secret) = owner(&bench).await;
    let ceremony = first_half(&bench, SHORT, START).await;
    let wrong = bench
        .signin
        .code_signin(&ceremony, BROWSER, "000 00", &visit(), START)
        .await;
    assert!(is_denied(&wrong));
    let given = app(&secret, START);
    assert!(
        bench
            .signin
            .code_signin(&ceremony, BROWSER, &given, &visit(), START)
            .await
            .is_ok()
    );
    // Each time the account's own limit has room again: it is the ceremony that is at its end.
    let mut now = START + 3_600_000;
    let ceremony = first_half(&bench, SHORT, now).await;
    for _ in 0..4 {
        let wrong = bench
            .signin
            .code_signin(&ceremony, BROWSER, "nonsense", &visit(), now)
            .await;
        assert!(is_denied(&wrong));
    }
    now += 360_000;
    let fifth = bench
        .signin
        .code_signin(&ceremony, BROWSER, "nonsense", &visit(), now)
        .await;
    assert!(is_denied(&fifth));
    now += 360_000;
    let sixth = bench
        .signin
        .code_signin(&ceremony, BROWSER, &app(&secret, now), &visit(), now)
        .await;
    assert_eq!(code(sixth), "PRV-SIGNIN-EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_go_only_when_the_password_can_stand_alone() {
    let bench = Bench::new().await;
    let (owner, secret) = owner(&bench).await;
    let signin = &bench.signin;
    assert_eq!(
        code(signin.code_remove(&owner, "wrong", START).await),
        "PRV-PASSWORD-WRONG"
    );
    assert_eq!(
        code(signin.code_remove(&owner, SHORT, START).await),
        "PRV-PASSWORD-SHORT"
    );
    signin.password_set(&owner, LONG, START).await.unwrap();
    let owner = bench.again(&owner, START).await;
    signin.recovery_codes_new(&owner, START).await.unwrap();
    assert!(signin.code_remove(&owner, LONG, START).await.unwrap());
    let owner = bench.again(&owner, START).await;
    let ways = signin.ways(&owner).await.unwrap();
    assert!(!ways.code && ways.recovery_codes == 0);
    crate::password::done(bench.enter_by_password(OLGA, LONG, "192.0.2.10", START).await);
    assert!(!bench.find_everywhere(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn confirming_by_password_asks_for_the_code_too() {
    let bench = Bench::new().await;
    let (owner, secret) = owner(&bench).await;
    for wrong in ["", "000000x"] {
        let tried = bench
            .signin
            .password_confirm(&owner, SHORT, wrong, &visit(), START)
            .await;
        assert!(is_denied(&tried));
    }
    let given = app(&secret, START);
    let done = bench
        .signin
        .password_confirm(&owner, SHORT, &given, &visit(), START)
        .await
        .unwrap();
    assert_eq!(done.signed.session.method, Method::Code);
}

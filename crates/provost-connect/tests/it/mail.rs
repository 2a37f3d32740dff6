//! Mail against a server on this machine, in every kind of protection and failure.

mod sink;

use std::time::{Duration, Instant};

use provost_connect::Secrets;
use provost_connect::mail::{Cause, Failure, Mailer, Message, Security, Settings};

use self::sink::{Habits, Sink};

const AUTHORITY: &str = include_str!("mail/authority.pem");
/// `provost` with the password `canary-mail`, as AUTH PLAIN has it.
const CREDENTIAL: &str = "AHByb3Zvc3QAY2FuYXJ5LW1haWw=";

fn settings(port: u16, security: Security) -> Settings {
    Settings {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        security,
        user: None,
        from: "provost@contoso.example".to_owned(),
        allow_plain: false,
        trusted: Some(AUTHORITY.to_owned()),
    }
}

fn message() -> Message {
    Message {
        to: "it@contoso.example".to_owned(),
        subject: "Quarantine of Zoë's connection".to_owned(),
        text: "The connection waits.\n.\nSee the console.\n".to_owned(),
        id: "quarantine-7".to_owned(),
    }
}

async fn send(habits: Habits, change: impl FnOnce(&mut Settings)) -> (Sink, Result<(), Failure>) {
    let sink = Sink::start(habits).await;
    let security = if habits.tls {
        Security::Tls
    } else {
        Security::StartTls
    };
    let mut settings = settings(sink.port, security);
    change(&mut settings);
    let secrets = Secrets::new().with("password", "canary-mail");
    let mailer = Mailer::open(&settings, &secrets)
        .unwrap()
        .with_deadline(Duration::from_secs(2));
    let outcome = mailer.send(&message()).await;
    if let Err(failure) = &outcome {
        let shown = format!("{failure} {failure:?} {mailer:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!failure.hint().is_empty());
    }
    (sink, outcome)
}

#[tokio::test]
async fn a_mail_arrives_in_every_kind_of_protection() {
    let signed_in = |settings: &mut Settings| settings.user = Some("provost".to_owned());
    for habits in [
        Habits {
            starttls: true,
            wants: Some(CREDENTIAL),
            ..Habits::default()
        },
        Habits {
            tls: true,
            wants: Some(CREDENTIAL),
            ..Habits::default()
        },
    ] {
        let (sink, outcome) = send(habits, signed_in).await;
        outcome.unwrap();
        assert!(sink.has("EHLO contoso.example"));
        assert!(sink.has("MAIL FROM:<provost@contoso.example>") && sink.has("RCPT TO:<it@contoso.example>"));
        assert!(sink.has("Message-ID: <quarantine-7@contoso.example>"));
        assert!(sink.has("The connection waits.") && sink.has("See the console."));
        assert_eq!(sink.count("MAIL"), 1);
        assert_eq!(sink.count("AUTH"), 1);
    }
    let (sink, outcome) = send(Habits::default(), |settings| settings.security = Security::None).await;
    outcome.unwrap();
    assert!(sink.has("The connection waits."));
}

#[tokio::test]
async fn protection_is_never_given_up() {
    // The server offers no STARTTLS.
    let (sink, outcome) = send(Habits::default(), |_| {}).await;
    assert_eq!(outcome.unwrap_err().cause, Cause::Tls);
    assert_eq!(sink.count("MAIL"), 0);
    // A certificate of nobody who is trusted.
    for habits in [
        Habits {
            starttls: true,
            ..Habits::default()
        },
        Habits {
            tls: true,
            ..Habits::default()
        },
    ] {
        let (sink, outcome) = send(habits, |settings| settings.trusted = None).await;
        let failure = outcome.unwrap_err();
        assert_eq!(
            (failure.cause, failure.code()),
            (Cause::Tls, "PRV-MAIL-TLS"),
            "{failure}"
        );
        assert!(!failure.may_pass());
        assert_eq!(sink.count("MAIL"), 0);
    }
    // TLS where the server speaks plainly.
    let (_sink, outcome) = send(Habits::default(), |settings| settings.security = Security::Tls).await;
    assert!(outcome.is_err());
}

#[tokio::test]
async fn each_refusal_has_its_cause() {
    let plain = |settings: &mut Settings| settings.security = Security::None;
    let refused = |command, answer| Habits {
        refuses: Some((command, answer)),
        ..Habits::default()
    };
    for (habits, cause, again) in [
        (refused("RCPT", "550 5.1.1 nobody here"), Cause::Refused, false),
        (refused("MAIL", "553 not from you"), Cause::Refused, false),
        (refused("RCPT", "451 later"), Cause::Busy, true),
        (refused("MAIL", "530 sign in first"), Cause::SignIn, false),
        (
            Habits {
                hangs_at: Some("DATA"),
                ..Habits::default()
            },
            Cause::Interrupted,
            true,
        ),
    ] {
        let (_sink, outcome) = send(habits, plain).await;
        let failure = outcome.unwrap_err();
        assert_eq!(
            (failure.cause, failure.may_pass()),
            (cause, again),
            "{habits:?}: {failure}"
        );
    }
    let (sink, outcome) = send(
        Habits {
            wants: Some("other"),
            ..Habits::default()
        },
        |settings| {
            settings.security = Security::None;
            settings.user = Some("provost".to_owned());
        },
    )
    .await;
    assert_eq!(outcome.unwrap_err().cause, Cause::SignIn);
    assert_eq!(sink.count("MAIL"), 0);
}

#[tokio::test]
async fn who_is_not_there_is_told_apart_from_who_does_not_answer() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mailer = Mailer::open(&settings(closed, Security::StartTls), &Secrets::new()).unwrap();
    let failure = mailer.send(&message()).await.unwrap_err();
    assert_eq!(
        (failure.cause, failure.code()),
        (Cause::Unreachable, "PRV-MAIL-UNREACHABLE"),
        "{failure}"
    );
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let mailer = Mailer::open(&settings(port, Security::StartTls), &Secrets::new()).unwrap();
    let start = Instant::now();
    let mailer = mailer.with_deadline(Duration::from_millis(300));
    assert_eq!(
        mailer.send(&message()).await.unwrap_err().cause,
        Cause::Interrupted
    );
    assert!(start.elapsed() < Duration::from_secs(10), "the deadline holds");
}

#[tokio::test]
async fn a_test_signs_in_and_sends_nothing() {
    let sink = Sink::start(Habits {
        starttls: true,
        wants: Some(CREDENTIAL),
        ..Habits::default()
    })
    .await;
    let mut settings = settings(sink.port, Security::StartTls);
    settings.user = Some("provost".to_owned());
    let secrets = Secrets::new().with("password", "canary-mail");
    let said = Mailer::open(&settings, &secrets).unwrap().test().await.unwrap();
    assert!(said.contains("over TLS and takes the sign-in"), "{said}");
    assert_eq!((sink.count("AUTH"), sink.count("MAIL")), (1, 0));
}

#[test]
fn wrong_settings_are_named() {
    let good = settings(25, Security::None);
    type Change = fn(&mut Settings);
    let cases: [(Change, &str); 6] = [
        (|s| s.host = String::new(), "`host`"),
        (|s| s.host = "smtp://mail".to_owned(), "`host`"),
        (|s| s.port = Some(0), "`port`"),
        (|s| s.from = "provost".to_owned(), "`from`"),
        (|s| s.user = Some("provost".to_owned()), "`password`"),
        (
            |s| {
                s.security = Security::Tls;
                s.trusted = Some("-----BEGIN CERTIFICATE-----\nx".to_owned());
            },
            "`trusted`",
        ),
    ];
    for (change, wanted) in cases {
        let mut settings = good.clone();
        change(&mut settings);
        let failure = Mailer::open(&settings, &Secrets::new()).unwrap_err();
        assert_eq!(
            (failure.cause, failure.code()),
            (Cause::Settings, "PRV-MAIL-SETTINGS")
        );
        assert!(failure.to_string().contains(wanted), "{failure}");
    }
    let text = r#"{"host": "mail.contoso.example", "security": "starttls", "from": "p@contoso.example", "pasword": 1}"#;
    assert!(
        serde_json::from_str::<Settings>(text)
            .unwrap_err()
            .to_string()
            .contains("pasword")
    );
}

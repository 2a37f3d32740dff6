use crate::sink::Sink;
use crate::world::{DAY, HOUR, World, group_rule, people_rule};
use provost_connect::{Secret, mail};
use provost_store::connection::{self, Condition, State};
use provost_store::microsoft_365::{self, DomainState, Look, New};
use provost_store::{
    Tx, certificate, migration, notice, provider, provisioning_log, retry, secret, signing_key, token,
};
use provost_sync::notify::{Language, Settings};
use provost_sync::{Error, Proposal};
use serde_json::json;
use uuid::Uuid;

const MINUTE: i64 = 60_000;

fn settings(sink: &Sink) -> Settings {
    Settings {
        enabled: true,
        recipient: "it@contoso.example".into(),
        smtp: Some(mail::Settings {
            host: "127.0.0.1".into(),
            port: Some(sink.port),
            security: mail::Security::None,
            user: None,
            from: "provost@contoso.example".into(),
            allow_plain: false,
            trusted: None,
        }),
        digest: false,
        ..Settings::default()
    }
}

async fn start(guard: &str) -> (World, Sink) {
    let world = World::with(&[people_rule(), group_rule()], json!({}), guard).await;
    let sink = Sink::open().await;
    save(&world, &settings(&sink)).await;
    (world, sink)
}

async fn save(world: &World, settings: &Settings) {
    world
        .engine
        .set_notification(world.owner.workspace, "owner", settings, None)
        .await
        .unwrap();
}

/// One tick, and the subjects of the letters that came.
async fn tick(world: &World, sink: &Sink) -> Vec<String> {
    let engine = world.engine.clone();
    let sent = tokio::spawn(async move { engine.notify_tick().await })
        .await
        .unwrap()
        .unwrap();
    let letters = sink.take();
    assert_eq!(letters.len() as u64, sent);
    letters.into_iter().map(|l| l.subject).collect()
}

async fn set_state(world: &World, state: State, code: &str) {
    let (connection, now) = (world.connection().await, world.now());
    let to = Condition {
        state,
        reason: format!("The target refuses the credential ({code})."),
        code: code.to_owned(),
        failures: 1,
        next_try: now + HOUR,
    };
    world
        .write(move |tx| connection::set_state(tx, "provost", now, &connection, &to))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cause_has_one_letter_until_it_is_over() {
    let (world, sink) = start("{}").await;
    assert!(tick(&world, &sink).await.is_empty());
    set_state(&world, State::Quarantine, "PRV-QUARANTINE-CREDENTIAL").await;
    assert_eq!(tick(&world, &sink).await, ["Provost: Model is in quarantine"]);
    for _ in 0..5 {
        world.pass(DAY);
        set_state(&world, State::Quarantine, "PRV-QUARANTINE-CREDENTIAL").await;
        assert!(tick(&world, &sink).await.is_empty());
    }
    // Another reason is another cause.
    set_state(&world, State::Quarantine, "PRV-QUARANTINE-ESCROWS").await;
    assert_eq!(tick(&world, &sink).await.len(), 1);
    // So is its end, when nobody mended it.
    set_state(&world, State::Paused, "PRV-QUARANTINE-ESCROWS").await;
    assert_eq!(tick(&world, &sink).await, ["Provost: Model was switched off"]);
    // It is over, and comes back.
    set_state(&world, State::Active, "").await;
    assert!(tick(&world, &sink).await.is_empty());
    set_state(&world, State::Quarantine, "PRV-QUARANTINE-CREDENTIAL").await;
    assert_eq!(tick(&world, &sink).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_says_what_why_and_what_next_to_the_one_address() {
    let (world, sink) = start("{}").await;
    let console = Settings {
        console: "https://provost.contoso.example".into(),
        ..settings(&sink)
    };
    save(&world, &console).await;
    set_state(&world, State::Quarantine, "PRV-QUARANTINE-CREDENTIAL").await;
    world.engine.notify_tick().await.unwrap();
    let letter = sink.take().pop().unwrap();
    assert_eq!(letter.to, "it@contoso.example");
    for part in [
        "What happened",
        "\"Model\"",
        "refuses the credential",
        "What to do next",
        "https://provost.",
    ] {
        assert!(
            letter.text.replace("=\n", "").contains(part),
            "{part}: {}",
            letter.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_and_a_plan_that_waits_are_written_about() {
    let (world, sink) = start(r#"{"minimum": 0, "percent": 0.0}"#).await;
    let people = world.people(12).await;
    world.run().await;
    for person in &people {
        world.set(person, "active", json!(false)).await;
    }
    let made = world
        .engine
        .make_plan(world.connection, None, &Proposal::default(), "Ada", true, None)
        .await
        .unwrap();
    assert_eq!(
        tick(&world, &sink).await,
        ["Provost: a plan for Model waits for approval"]
    );
    world.run().await;
    world.engine.notify_tick().await.unwrap();
    let letter = sink.take().pop().unwrap();
    assert_eq!(letter.subject, "Provost: 12 steps of Model wait for a decision");
    assert!(
        letter.text.contains("- user0: disable") && letter.text.contains("- and 2 more"),
        "{}",
        letter.text
    );
    let workspace = world.owner.workspace;
    world
        .engine
        .reject_plan(workspace, made.id.unwrap(), "Bo", "")
        .await
        .unwrap();
    tick(&world, &sink).await;
    let standing = world.read(move |tx| notice::standing(tx, workspace, 0, 10)).await;
    assert_eq!(
        standing.iter().map(|n| n.cause.as_str()).collect::<Vec<_>>(),
        ["held"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_ends_soon_and_steps_that_are_given_up_are_written_about() {
    let (world, sink) = start("{}").await;
    let (owner, now) = (world.owner, world.now());
    world
        .write(move |tx| {
            let provider = provider::by_key(tx, owner.key)?.unwrap();
            token::mint(tx, "owner", now, &provider, "soon", Some(now + 10 * DAY))?;
            token::mint(tx, "owner", now, &provider, "later", Some(now + 90 * DAY)).map(drop)
        })
        .await;
    world
        .engine
        .set_credential_expiry(world.connection, Some(now + 13 * DAY), "owner")
        .await
        .unwrap();
    assert_eq!(
        world.engine.credential_expiry(world.connection).await.unwrap(),
        Some(now + 13 * DAY)
    );
    let subjects = tick(&world, &sink).await;
    assert!(
        subjects
            .iter()
            .any(|s| s.starts_with("Provost: the token \"soon\"")),
        "{subjects:?}"
    );
    assert!(
        subjects
            .iter()
            .any(|s| s.starts_with("Provost: the credential of the connection")),
        "{subjects:?}"
    );
    assert_eq!(subjects.len(), 2);
    world
        .engine
        .set_credential_expiry(world.connection, None, "owner")
        .await
        .unwrap();
    assert!(tick(&world, &sink).await.is_empty());

    world.people(1).await;
    world
        .held()
        .faults
        .extend((1..200).map(|n| (n, crate::model::Fault::Refused)));
    while retries(&world).await == 0 {
        world.run().await;
        world.pass(DAY);
        assert!(world.now() < now + 60 * DAY, "never given up");
    }
    let subjects = tick(&world, &sink).await;
    assert!(
        subjects
            .iter()
            .any(|s| s == "Provost: 1 step of Model is given up"),
        "{subjects:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_written_about_at_30_7_and_1_days_and_when_it_has_ended() {
    let (world, sink) = start("{}").await;
    let ends = world.now() + 100 * DAY;
    let engine = &world.engine;
    engine
        .set_credential_expiry(world.connection, Some(ends), "owner")
        .await
        .unwrap();
    let mut days = Vec::new();
    // Four looks a day, from 40 days before the end to 40 days after it.
    world.pass(60 * DAY);
    while world.now() < ends + 40 * DAY {
        for subject in tick(&world, &sink).await {
            assert!(
                subject.starts_with("Provost: the credential of the connection \"Model\" "),
                "{subject}"
            );
            days.push(((ends - world.now()) / DAY, subject.contains("has ended")));
        }
        world.pass(6 * HOUR);
    }
    assert_eq!(days, [(30, false), (7, false), (1, false), (0, true)]);
    // A new credential has alarms of its own; one that is renewed in time has none.
    let renewed = world.now() + 20 * DAY;
    engine
        .set_credential_expiry(world.connection, Some(renewed), "owner")
        .await
        .unwrap();
    assert_eq!(tick(&world, &sink).await.len(), 1);
    engine
        .set_credential_expiry(world.connection, Some(renewed + 365 * DAY), "owner")
        .await
        .unwrap();
    world.pass(30 * DAY);
    assert!(tick(&world, &sink).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_written_in_the_language_of_the_settings() {
    let (world, sink) = start(r#"{"minimum": 0, "percent": 0.0}"#).await;
    let german = Settings {
        language: Language::German,
        digest: true,
        ..settings(&sink)
    };
    save(&world, &german).await;
    let people = world.people(12).await;
    world.run().await;
    for person in &people {
        world.set(person, "active", json!(false)).await;
    }
    world.run().await;
    world
        .engine
        .set_credential_expiry(world.connection, Some(world.now() + 5 * DAY), "owner")
        .await
        .unwrap();
    world.engine.notify_tick().await.unwrap();
    world.pass(DAY);
    world.engine.notify_tick().await.unwrap();
    world
        .engine
        .test_notification(world.owner.workspace)
        .await
        .unwrap();
    let letters = sink.take();
    let subjects: Vec<String> = letters.iter().map(|l| decoded(&l.subject)).collect();
    for part in [
        "12 Schritte von Model warten auf eine Entscheidung",
        "die Gültigkeit der Zugangsdaten der Verbindung „Model“ endet am",
        "Fehlschläge am",
        "ein Test der Mail-Einstellungen",
    ] {
        assert!(subjects.iter().any(|s| s.contains(part)), "{part}: {subjects:?}");
    }
    for letter in &letters {
        let text = decoded(&letter.text.replace("=\n", "").replace("=\r\n", ""));
        assert!(
            text.contains("Provost schreibt einmal über jede Ursache"),
            "{text}"
        );
        for english in ["What happened", "What to do next", "wait for", "Nothing."] {
            assert!(!text.contains(english), "{english}: {text}");
        }
    }
    let held = letters
        .iter()
        .find(|l| decoded(&l.subject).contains("Schritte von Model"));
    assert!(held.unwrap().text.contains("- user0: deaktivieren"), "{held:?}");
}

/// What a mail program shows of quoted-printable text, also in a header (RFC 2045 section 6.7, RFC 2047 section 4.2).
fn decoded(text: &str) -> String {
    let is_word = text.contains("=?utf-8?");
    let text = if is_word { words(text) } else { text.to_owned() };
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'=').then(|| after.get(..2)).flatten();
        let byte = code.and_then(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The encoded words of a header, in base64.
fn words(text: &str) -> String {
    use base64::Engine as _;
    let (mut said, mut was_word) = (Vec::new(), true);
    for part in text.split_whitespace() {
        let word = part.strip_prefix("=?utf-8?b?").and_then(|p| p.strip_suffix("?="));
        // What stands between two encoded words is dropped; between a word and plain text it is a blank.
        if !(was_word && word.is_some()) {
            said.push(b' ');
        }
        was_word = word.is_some();
        match word {
            Some(word) => said.extend(base64::engine::general_purpose::STANDARD.decode(word).unwrap()),
            None => said.extend(part.as_bytes()),
        }
    }
    String::from_utf8_lossy(&said).trim_start().to_owned()
}

async fn retries(world: &World) -> i64 {
    let key = world.connection;
    world.read(move |tx| retry::given_up(tx, key)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_busy_delays_a_letter_but_loses_none() {
    let (world, sink) = start("{}").await;
    sink.set_busy(true);
    set_state(&world, State::Quarantine, "PRV-QUARANTINE-CREDENTIAL").await;
    assert!(tick(&world, &sink).await.is_empty());
    let workspace = world.owner.workspace;
    let waiting = world.read(move |tx| notice::list(tx, workspace, None, 10)).await;
    assert_eq!(
        (waiting[0].state, waiting[0].attempts),
        (notice::State::Waiting, 1)
    );
    assert!(waiting[0].error.contains("PRV-MAIL-BUSY"), "{}", waiting[0].error);
    sink.set_busy(false);
    assert!(tick(&world, &sink).await.is_empty(), "not before its time");
    world.pass(MINUTE);
    assert_eq!(tick(&world, &sink).await.len(), 1);
    world.pass(DAY);
    assert!(tick(&world, &sink).await.is_empty());
    // A cause that was over before its letter went out needs none.
    set_state(&world, State::Active, "").await;
    tick(&world, &sink).await;
    sink.set_busy(true);
    set_state(&world, State::Quarantine, "PRV-QUARANTINE-CREDENTIAL").await;
    tick(&world, &sink).await;
    set_state(&world, State::Active, "").await;
    sink.set_busy(false);
    world.pass(HOUR);
    assert!(tick(&world, &sink).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_counts_failures_by_reason_once_a_day() {
    let (world, sink) = start("{}").await;
    save(
        &world,
        &Settings {
            digest: true,
            digest_hour: 6,
            ..settings(&sink)
        },
    )
    .await;
    // To the next morning at five, so that yesterday's digest is none of this test.
    let morning = (world.now() / DAY + 1) * DAY + 5 * HOUR;
    world.pass(morning - world.now());
    tick(&world, &sink).await;
    let (connection, workspace, now) = (world.connection, world.owner.workspace, world.now());
    world
        .write(move |tx| {
            for i in 0..15 {
                let entry = provisioning_log::Entry {
                    at: now,
                    connection,
                    object: i + 1,
                    label: format!("user{i:02}"),
                    action: "create".into(),
                    status: "failure".into(),
                    code: "PRV-CONNECT-REJECTED".into(),
                    reason: "a value of somebody's".into(),
                    ..provisioning_log::Entry::default()
                };
                provisioning_log::append(tx, workspace, &entry)?;
            }
            Ok(())
        })
        .await;
    assert!(tick(&world, &sink).await.is_empty(), "before its hour");
    world.pass(HOUR);
    world.engine.notify_tick().await.unwrap();
    let letter = sink.take().pop().unwrap();
    assert!(
        letter.subject.starts_with("Provost: 15 failures on "),
        "{}",
        letter.subject
    );
    for part in [
        "Model: create, 15 times (PRV-CONNECT-REJECTED)",
        "- user14",
        "- and 5 more",
    ] {
        assert!(letter.text.contains(part), "{part}: {}", letter.text);
    }
    assert!(!letter.text.contains("user04") && !letter.text.contains("a value of somebody's"));
    for _ in 0..3 {
        world.pass(HOUR);
        assert!(tick(&world, &sink).await.is_empty());
    }
    world.pass(DAY);
    assert!(
        tick(&world, &sink).await.is_empty(),
        "a day without failures has nothing to tell"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_nothing_is_sent_and_a_test_says_so() {
    let (world, sink) = start("{}").await;
    let workspace = world.owner.workspace;
    let engine = &world.engine;
    engine.test_notification(workspace).await.unwrap();
    assert_eq!(sink.take().len(), 1);
    save(
        &world,
        &Settings {
            enabled: false,
            ..settings(&sink)
        },
    )
    .await;
    set_state(&world, State::Quarantine, "PRV-QUARANTINE-CREDENTIAL").await;
    assert!(tick(&world, &sink).await.is_empty());
    let refused = engine.test_notification(workspace).await.unwrap_err();
    assert!(
        matches!(
            refused,
            Error::Refused {
                code: "PRV-NOTIFY-OFF",
                ..
            }
        ),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_stays_with_the_server_it_was_saved_for() {
    let (world, sink) = start("{}").await;
    let (engine, workspace) = (&world.engine, world.owner.workspace);
    let mut with_user = settings(&sink);
    with_user.smtp.as_mut().unwrap().user = Some("provost".into());
    let without = engine
        .set_notification(workspace, "owner", &with_user, None)
        .await
        .unwrap_err();
    assert!(
        matches!(
            without,
            Error::Refused {
                code: "PRV-NOTIFY-SETTINGS",
                ..
            }
        ),
        "{without}"
    );
    let password = Secret::new("correct horse");
    engine
        .set_notification(workspace, "owner", &with_user, Some(&password))
        .await
        .unwrap();
    engine
        .set_notification(workspace, "owner", &with_user, None)
        .await
        .unwrap();
    assert_eq!(engine.notification(workspace).await.unwrap(), with_user);
    let fields = move |tx: &mut Tx| secret::fields(tx, "notification", workspace);
    assert_eq!(world.read(fields).await.len(), 1);
    let mut elsewhere = settings(&sink);
    elsewhere.smtp.as_mut().unwrap().host = "mail.contoso.example".into();
    engine
        .set_notification(workspace, "owner", &elsewhere, None)
        .await
        .unwrap();
    assert!(
        world.read(fields).await.is_empty(),
        "the new server never gets the old one's password"
    );
}

/// A provider of Microsoft 365 whose domain is verified.
fn office_365(tx: &mut Tx, workspace: i64, now: i64) -> provost_store::Result<microsoft_365::Provider> {
    let (look, settings) = (
        Look {
            domain: DomainState::Verified,
            tenant_id: None,
        },
        json!({}),
    );
    let new = New {
        id: Uuid::now_v7(),
        workspace,
        name: "Office 365",
        label: "",
        link_key: "User: UDI",
        domain: "contoso.example",
        tenant_name: "contoso",
        look: &look,
        settings: &settings,
    };
    microsoft_365::create(tx, "owner", now, &new)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_that_signs_is_written_about_at_30_7_and_1_days_and_when_it_has_ended() {
    let (world, sink) = start("{}").await;
    let workspace = world.owner.workspace;
    world.write(move |tx| office_365(tx, workspace, 5)).await;
    let engine = &world.engine;
    engine
        .configure_provider_authentication(workspace, "Office 365", "owner")
        .await
        .unwrap();
    let held = world
        .read(move |tx| certificate::of_workspace(tx, workspace))
        .await;
    let ends = held[0].ends;
    world.pass(ends - 40 * DAY - world.now());
    let mut days = Vec::new();
    while world.now() < ends + 40 * DAY {
        for subject in tick(&world, &sink).await {
            let about = "Provost: the certificate that signs the sign-ins of \"Office 365\" ";
            assert!(subject.starts_with(about), "{subject}");
            days.push(((ends - world.now()) / DAY, subject.contains("has ended")));
        }
        world.pass(6 * HOUR);
    }
    assert_eq!(days, [(30, false), (7, false), (1, false), (0, true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letter_about_a_certificate_says_what_to_do() {
    let (world, sink) = start("{}").await;
    let workspace = world.owner.workspace;
    let made = signing_key::Made::new("contoso.example", world.now()).unwrap();
    let pasted = [made.certificate().base64()];
    let ends = made.certificate().ends().as_millisecond();
    let now = world.now();
    world
        .write(move |tx| {
            let provider = office_365(tx, workspace, now)?;
            migration::note_check(tx, "owner", now, &provider, "d", "compared")?;
            let window = migration::New {
                application: "a",
                certificates: &pasted,
                starts: now,
                deadline: now + DAY,
                owner: "Olga",
                contact: "it@contoso.example",
                digest: "d",
            };
            migration::save(tx, "owner", now, &provider, &window)
        })
        .await;
    world.pass(ends - 5 * DAY - world.now());
    world.engine.notify_tick().await.unwrap();
    let letters = sink.take();
    assert_eq!(letters.len(), 1, "{letters:?}");
    let text = decoded(&letters[0].text.replace("=\n", "").replace("=\r\n", ""));
    for part in [
        "The tenant's certificate in the onboarding window of \"Office 365\" ends on",
        "nobody is let through the window",
        "provost migration validate \"Office 365\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

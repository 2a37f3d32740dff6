//! The letters of a migration over a real mail server: the announcement (steps 1.10 and guard G1-1), the reminders (1.14),
//! and what becomes of them when mail is away or the window moves.

use super::migration::{DAY, ready, save, validate};
use super::{NAME, Stage, code};
use crate::sink::{Letter, Sink};
use provost_connect::mail;
use provost_store::migration::LetterState;
use provost_store::problems::{self, ProblemKind};
use provost_store::{Tx, audit, migration as stored};
use provost_sync::migration::MigrationDraft;
use provost_sync::notify::Settings;
use provost_sync::setup::Confirm;
use provost_sync::{Engine, Error, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

struct Window {
    stage: Stage,
    draft: MigrationDraft,
    engine: Engine,
    ahead: Arc<AtomicI64>,
    sink: Sink,
}

impl Window {
    /// A window that is open for 30 days, and a mail server.
    async fn open() -> Self {
        let one = Self::unsaved().await;
        validate(&one.stage, &one.draft).await;
        save(&one.stage, &one.draft).await.unwrap();
        one.switch_mail(true).await;
        one
    }

    async fn unsaved() -> Self {
        let (stage, draft) = ready().await;
        let ahead = Arc::new(AtomicI64::new(0));
        let moved = Arc::clone(&ahead);
        let clock = move || jiff::Timestamp::now().as_millisecond() + moved.load(Ordering::SeqCst);
        let engine = stage
            .hub
            .engine
            .clone()
            .with_clock(Arc::new(clock))
            .with_public_url(Some("https://hub.contoso.example/".to_owned()));
        let sink = Sink::open().await;
        Self {
            stage,
            draft,
            engine,
            ahead,
            sink,
        }
    }

    fn workspace(&self) -> i64 {
        self.stage.workspace()
    }

    fn pass(&self, time: i64) {
        self.ahead.fetch_add(time, Ordering::SeqCst);
    }

    async fn switch_mail(&self, enabled: bool) {
        let settings = Settings {
            enabled,
            recipient: "alerts@contoso.example".into(),
            smtp: Some(mail::Settings {
                host: "127.0.0.1".into(),
                port: Some(self.sink.port),
                security: mail::Security::None,
                user: None,
                from: "provost@contoso.example".into(),
                allow_plain: false,
                trusted: None,
            }),
            digest: false,
            expiry_days: 0,
            ..Settings::default()
        };
        self.engine
            .set_notification(self.workspace(), "owner", &settings, None)
            .await
            .unwrap();
    }

    async fn read(&self) {
        self.engine
            .read_identifiers(self.workspace(), NAME, "owner")
            .await
            .unwrap();
    }

    async fn person(&self, name: &str, more: Value) {
        self.stage.hub.person(name, more).await;
    }

    async fn reachable(&self, name: &str, language: Value) {
        let mail = format!("{name}@contoso.example");
        self.person(
            name,
            json!({"emails": [{"value": mail, "type": "work"}], "preferredLanguage": language}),
        )
        .await;
    }

    async fn announce(&self, confirm: &Confirm) -> Result<u64> {
        self.engine
            .announce_migration(self.workspace(), NAME, confirm, "owner")
            .await
    }

    /// Sends what a preview shows now.
    async fn announced(&self) -> Result<u64> {
        let shown = self
            .engine
            .migration_announcement(self.workspace(), NAME)
            .await
            .unwrap();
        self.announce(&super::of(shown.digest)).await
    }

    /// One look of the node, and who got a letter about the migration, sorted.
    async fn tick(&self) -> Vec<Letter> {
        let engine = self.engine.clone();
        let sent = tokio::spawn(async move { engine.notify_tick().await })
            .await
            .unwrap()
            .unwrap();
        let mut letters = self.sink.take();
        assert_eq!(letters.len() as u64, sent);
        letters.sort_by(|one, other| one.to.cmp(&other.to));
        letters.retain(|one| !one.subject.contains("is invalid"));
        letters
    }

    async fn told(&self) -> Vec<String> {
        self.tick().await.into_iter().map(|one| one.to).collect()
    }

    async fn counts(&self, days: i64) -> stored::LetterCounts {
        let found = self
            .engine
            .migration_letters(self.workspace(), NAME)
            .await
            .unwrap();
        let mut all = found.mailings.into_iter().filter(|(one, _)| one.days == days);
        all.next().expect("a mailing").1
    }

    async fn letters_problems(&self) -> usize {
        let asked = problems::Asked {
            workspace: self.workspace(),
            now: self.engine.now(),
            kind: Some(ProblemKind::Letters),
            ..problems::Asked::default()
        };
        let read = move |tx: &mut Tx| problems::list(tx, &asked, 10);
        self.stage.hub.db.read(read).await.unwrap().problems.len()
    }

    async fn audited(&self, action: &str) -> usize {
        let workspace = self.workspace();
        let read = move |tx: &mut Tx| audit::latest(tx, workspace, 500);
        let all = self.stage.hub.db.read(read).await.unwrap();
        all.iter().filter(|one| one.action == action).count()
    }
}

/// A letter's text without the soft ends of lines of its transport.
fn plain(letter: &Letter) -> String {
    letter.text.replace("=\n", "").replace("=3D", "=")
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_1_an_announcement_needs_an_open_window_an_address_mail_and_somebody() {
    let one = Window::unsaved().await;
    let none = Confirm::default();
    assert_eq!(code(one.announce(&none).await), "PRV-LETTERS-WINDOW", "G1-1");
    assert_eq!(one.audited("migration.announce.refused").await, 1);
    validate(&one.stage, &one.draft).await;
    save(&one.stage, &one.draft).await.unwrap();
    let homeless = one.engine.clone().with_public_url(None);
    let refused = homeless
        .announce_migration(one.workspace(), NAME, &none, "owner")
        .await;
    assert_eq!(code(refused), "PRV-LETTERS-ADDRESS");
    assert_eq!(code(one.announce(&none).await), "PRV-NOTIFY-OFF");
    one.switch_mail(true).await;
    assert_eq!(code(one.announce(&none).await), "PRV-LETTERS-NOBODY");
    one.pass(31 * DAY);
    assert_eq!(
        code(one.announce(&none).await),
        "PRV-LETTERS-WINDOW",
        "it is over"
    );
    assert!(one.tick().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_announcement_is_previewed_and_goes_to_each_once_in_their_language() {
    let one = Window::open().await;
    one.reachable("ada", json!("de-AT")).await;
    one.reachable("bob", json!("fr")).await;
    one.person("cyd", json!({})).await;
    one.person(
        "dan",
        json!({"active": false, "emails": [{"value": "dan@contoso.example"}]}),
    )
    .await;
    one.read().await;
    let preview = one
        .engine
        .migration_announcement(one.workspace(), NAME)
        .await
        .unwrap();
    let languages: Vec<_> = preview
        .letters
        .iter()
        .map(|one| (one.language, one.recipients))
        .collect();
    assert_eq!(languages, [("de", 1), ("en", 1)], "{preview:?}");
    let german = &preview.letters[0];
    assert!(german.text.starts_with("Guten Tag ada,"), "{}", german.text);
    for part in [
        "https://hub.contoso.example/join/Contoso",
        "it@contoso.example",
        "UTC",
    ] {
        assert!(
            preview.letters.iter().all(|one| one.text.contains(part)),
            "{part}"
        );
    }
    let without: Vec<_> = preview
        .audience
        .unreachable
        .iter()
        .map(|one| one.label.as_str())
        .collect();
    assert!(without.contains(&"cyd"), "{without:?}");
    assert_eq!(preview.audience.left_out.get("inactive"), Some(&1));
    assert!(
        preview.lack.is_empty() && one.tick().await.is_empty(),
        "a preview sends nothing"
    );

    // Who joined since the preview was not confirmed.
    one.reachable("eve", json!("en-GB")).await;
    let stale = one.announce(&super::of(preview.digest)).await;
    let Err(Error::Confirm { code, list, .. }) = stale else {
        panic!("{stale:?}")
    };
    assert_eq!(code, "PRV-LETTERS-SEND");
    assert_eq!(list.len(), 3, "{list:?}");
    assert_eq!(one.announced().await.unwrap(), 3);
    assert_eq!(
        code_of(one.announced().await),
        "PRV-LETTERS-NOBODY",
        "they are on their way"
    );

    // The mail server is away for now.
    one.sink.set_busy(true);
    assert!(one.tick().await.is_empty());
    one.sink.set_busy(false);
    assert!(one.tick().await.is_empty(), "not before the next try is due");
    one.pass(2 * MINUTE);
    let letters = one.tick().await;
    let to: Vec<_> = letters.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(
        to,
        [
            "ada@contoso.example",
            "bob@contoso.example",
            "eve@contoso.example"
        ]
    );
    assert!(
        plain(&letters[0]).contains("Hier treten Sie bei:"),
        "{}",
        letters[0].text
    );
    assert!(plain(&letters[1]).contains("Join here:"), "{}", letters[1].text);
    one.pass(DAY);
    assert!(one.tick().await.is_empty(), "nobody twice");

    // Sent again, it goes to who joined later.
    one.reachable("fay", json!("en")).await;
    assert_eq!(one.announced().await.unwrap(), 1);
    assert_eq!(one.told().await, ["fay@contoso.example"]);
    assert_eq!(one.counts(0).await.sent, 4);
    assert_eq!(one.audited("migration.announce").await, 2);
}

fn code_of(result: Result<u64>) -> String {
    code(result)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_given_up_after_two_days_and_is_a_problem_until_it_is_sent_again() {
    let one = Window::open().await;
    one.reachable("ada", json!("en")).await;
    one.read().await;
    one.announced().await.unwrap();
    one.sink.set_busy(true);
    for _ in 0..12 {
        assert!(one.tick().await.is_empty());
        assert_eq!(one.letters_problems().await, 0);
        one.pass(4 * HOUR);
    }
    assert!(one.tick().await.is_empty());
    assert_eq!(one.counts(0).await.failed, 1);
    assert_eq!(one.letters_problems().await, 1);
    one.sink.set_busy(false);
    assert_eq!(one.announced().await.unwrap(), 1, "who did not get it");
    assert_eq!(one.told().await, ["ada@contoso.example"]);
    assert_eq!(one.letters_problems().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_needs_any_more_is_not_sent() {
    let one = Window::open().await;
    one.reachable("ada", json!("en")).await;
    one.read().await;
    one.announced().await.unwrap();
    one.pass(31 * DAY);
    assert!(one.tick().await.is_empty(), "the window is over");
    let found = one.engine.migration_letters(one.workspace(), NAME).await.unwrap();
    let key = found.mailings[0].0.key;
    let read = move |tx: &mut Tx| stored::letters(tx, key, None, None, 10);
    let page = one.stage.hub.db.read(read).await.unwrap();
    assert_eq!(page.letters[0].state, LetterState::Dropped);
    assert_eq!(page.letters[0].reason, "the window is not open any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_come_seven_three_and_one_day_before_the_deadline_each_once() {
    let one = Window::open().await;
    one.reachable("ada", json!("de")).await;
    one.reachable("bob", json!("en")).await;
    one.read().await;
    // The owner is a name: the list goes to the contact.
    let everybody = ["ada@contoso.example", "bob@contoso.example", "it@contoso.example"];
    one.pass(22 * DAY);
    assert!(one.tick().await.is_empty(), "eight days before");
    one.pass(DAY + HOUR);
    let other = one.engine.clone();
    let letters = one.tick().await;
    let to: Vec<_> = letters.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(to, everybody);
    assert!(
        letters[1].subject.starts_with("Reminder: "),
        "{}",
        letters[1].subject
    );
    let list = plain(&letters[2]);
    assert!(
        list.contains("Who is left") && list.contains("- ada") && list.contains("- bob"),
        "{list}"
    );
    assert_eq!(other.notify_tick().await.unwrap(), 0, "another node");
    assert!(one.tick().await.is_empty());

    // Earlier by hours is the same reminder; days later it is another.
    let workspace = one.workspace();
    let saved = one
        .engine
        .migration(workspace, NAME)
        .await
        .unwrap()
        .migration
        .unwrap();
    let to = |deadline: i64| {
        let (engine, text) = (one.engine.clone(), provost_sync::migration::moment_text(deadline));
        async move {
            engine
                .move_migration_deadline(workspace, NAME, &text, "Holidays", "owner")
                .await
                .unwrap()
        }
    };
    to(saved.deadline - 2 * HOUR).await;
    assert!(one.tick().await.is_empty(), "the same distance, sooner");
    let moved = to(saved.deadline + 10 * DAY).await;
    assert!(one.tick().await.is_empty(), "it is far away again");
    one.pass(10 * DAY);
    assert_eq!(one.told().await, everybody, "seven days before the new one");

    // Nobody looked for days: only the last that is due is sent.
    one.pass(5 * DAY);
    assert_eq!(one.told().await, everybody, "three days before");
    let found = one.engine.migration_letters(workspace, NAME).await.unwrap();
    let sent: Vec<_> = found
        .reminders
        .iter()
        .map(|one| (one.days, one.sent.is_some()))
        .collect();
    assert_eq!(sent, [(7, true), (3, true), (1, false)]);
    assert_eq!(found.owner, "it@contoso.example");
    one.pass(DAY);
    assert_eq!(one.told().await, everybody, "one day before");
    assert!(one.tick().await.is_empty());
    one.pass(moved.deadline - one.engine.now() + MINUTE);
    assert!(one.tick().await.is_empty(), "it is over");
    assert_eq!(one.audited("migration.remind").await, 4);
}

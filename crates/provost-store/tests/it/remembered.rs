//! What the console and the interface remember: attempts, answers, days, notes, setup links.

use crate::administrators::refused;
use crate::harness::{app, audited, both, entra, provider_named, read, write};
use provost_store::attempt;
use provost_store::connection_day::{self, Figures};
use provost_store::idempotency::{self, Begun};
use provost_store::one_time_link::Purpose;
use provost_store::setup_link::{self, New};
use provost_store::{ceremony, guide_note, one_time_link, retention};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

both! {
    async fn attempts_run_out_and_come_back_with_time(fresh) {
        let db = &fresh.db;
        let take = |now| write(db, move |tx| attempt::take(tx, "account:ann", now, 10, 5));
        for _ in 0..5 { assert_eq!(take(0).await, None); }
        assert_eq!(take(0).await, Some(361), "ten an hour is one in six minutes");
        // Asking again and again while waiting neither helps nor hurts.
        for i in 1..60 { assert!(take(i * 6 * SECOND).await.is_some()); }
        assert_eq!(take(5 * MINUTE + 59 * SECOND).await, Some(2));
        assert_eq!(take(6 * MINUTE).await, None);
        assert!(take(6 * MINUTE).await.is_some());
        assert_eq!(write(db, |tx| attempt::take(tx, "account:bob", 0, 10, 5)).await, None, "another subject");
        write(db, |tx| attempt::forgive(tx, "account:ann")).await;
        for _ in 0..5 { assert_eq!(take(7 * MINUTE).await, None); }
        assert!(take(7 * MINUTE).await.is_some());
        // A clock that was turned back takes nothing away for good.
        assert!(take(0).await.is_some());
        for _ in 0..5 { assert_eq!(take(120 * MINUTE).await, None, "full, and not fuller"); }
        assert!(take(120 * MINUTE).await.is_some());
        assert_eq!(write(db, |tx| attempt::forget_old(tx, MINUTE, 9)).await, 1);
    }

    async fn an_attempt_that_came_to_its_end_is_given_back_and_no_more(fresh) {
        let db = &fresh.db;
        let take = |now| write(db, move |tx| attempt::take(tx, "people:ann", now, 10, 2));
        let back = |now| write(db, move |tx| attempt::give_back(tx, "people:ann", now, 10, 2));
        for _ in 0..20 {
            assert_eq!(take(0).await, None);
            back(0).await;
        }
        for _ in 0..2 { assert_eq!(take(0).await, None); }
        assert_eq!(take(0).await, Some(361));
        back(0).await;
        assert_eq!(take(0).await, None);
        assert!(take(0).await.is_some());
        for _ in 0..9 { back(0).await; }
        for _ in 0..2 { assert_eq!(take(0).await, None); }
        assert!(take(0).await.is_some(), "full, and not fuller");
    }

    async fn a_request_is_carried_out_once(fresh) {
        let db = &fresh.db;
        let begin = |caller, digest: &'static [u8], now| write(db, move |tx| idempotency::begin(tx, caller, "key", digest, now));
        assert_eq!(begin(1, b"d", 0).await, Begun::New);
        assert_eq!(begin(1, b"d", 5).await, Begun::Running);
        assert_eq!(begin(1, b"other", 5).await, Begun::Other);
        assert_eq!(begin(2, b"other", 5).await, Begun::New, "another caller's key is another key");
        write(db, |tx| idempotency::abandon(tx, 1, "key")).await;
        assert_eq!(begin(1, b"d", 6).await, Begun::New, "given back");
        write(db, |tx| idempotency::finish(tx, 1, "key", 201, "{}")).await;
        write(db, |tx| idempotency::abandon(tx, 1, "key")).await;
        let done = Begun::Done { status: 201, body: "{}".into() };
        assert_eq!(begin(1, b"d", 60 * MINUTE).await, done);
        assert_eq!(begin(1, b"other", 60 * MINUTE).await, Begun::Other);
        assert_eq!(begin(2, b"other", 5 + 10 * MINUTE).await, Begun::New, "its node was killed");
        assert_eq!(begin(2, b"other", 6 + 10 * MINUTE).await, Begun::Running);
        assert_eq!(write(db, |tx| idempotency::forget_old(tx, 7, 9)).await, 1);
        assert_eq!(begin(1, b"d", 7).await, Begun::New);
    }

    async fn days_add_up(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let key = app(db, owner.workspace).await.0.key;
        let one = Figures { cycles: 1, written: 5, removed: 2, failed: 1 };
        write(db, move |tx| {
            connection_day::add(tx, key, 20_001, one)?;
            connection_day::add(tx, key, 20_001, one)?;
            connection_day::add(tx, key, 19_000, one)?;
            connection_day::add(tx, key + 1, 20_002, one)
        }).await;
        let twice = Figures { cycles: 2, written: 10, removed: 4, failed: 2 };
        assert_eq!(read(db, move |tx| connection_day::since(tx, key, 19_001)).await, [(20_001, twice)]);
        assert_eq!(read(db, move |tx| connection_day::since(tx, key, 0)).await, [(19_000, one), (20_001, twice)]);
        assert_eq!([connection_day::day_of(86_400_000 - 1), connection_day::day_of(86_400_000)], [0, 1]);
    }

    async fn a_setup_link_shows_one_provider_until_it_ends(fresh) {
        let db = &fresh.db;
        let provider = provider_named(db, "Contoso", "Entra").await;
        let (space, key) = (provider.workspace, provider.key);
        let made = write(db, move |tx| {
            setup_link::make(tx, "ann", 5, b"one", &New { workspace: space, provider: key, label: "For IT", expires: 100 })
        }).await;
        let link = made.key;
        assert_eq!(read(db, |tx| setup_link::find(tx, b"one", 99)).await, Some(made.clone()));
        assert_eq!(read(db, |tx| setup_link::find(tx, b"one", 100)).await, None);
        assert_eq!(read(db, |tx| setup_link::find(tx, b"two", 5)).await, None);
        for now in [7, 8] {
            let made = made.clone();
            write(db, move |tx| setup_link::note_opened(tx, &made, now)).await;
        }
        write(db, move |tx| setup_link::note_token(tx, link, 77)).await;
        let listed = read(db, move |tx| setup_link::list(tx, space, key, 0, 9)).await;
        assert_eq!((listed.len(), listed[0].opened, listed[0].token), (1, Some(7), Some(77)));
        assert_eq!(read(db, move |tx| setup_link::list(tx, space + 1, key, 0, 9)).await, [], "another workspace's");
        assert_eq!(read(db, move |tx| setup_link::list(tx, space, key, link, 9)).await, []);
        assert!(!write(db, move |tx| setup_link::revoke(tx, "ann", 9, space + 1, link)).await);
        assert!(write(db, move |tx| setup_link::revoke(tx, "ann", 9, space, link)).await);
        assert!(!write(db, move |tx| setup_link::revoke(tx, "ann", 9, space, link)).await);
        assert_eq!(read(db, |tx| setup_link::find(tx, b"one", 10)).await, None);
        assert_eq!(audited(db, space, 3).await, ["setup_link.revoke", "setup_link.open", "setup_link.make"]);
    }

    async fn a_step_is_signed_off_and_taken_back(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        for (note, at) in [("", 5), ("asked Bob", 6)] {
            write(db, move |tx| guide_note::put(tx, "ann", at, space, "s2", "consent", note)).await;
        }
        let list = read(db, move |tx| guide_note::list(tx, space, "s2")).await;
        assert_eq!((list.len(), list[0].note.as_str(), list[0].at, list[0].actor.as_str()), (1, "asked Bob", 6, "ann"));
        assert_eq!(read(db, move |tx| guide_note::list(tx, space, "s3")).await, []);
        assert_eq!(refused(db, move |tx| guide_note::put(tx, "ann", 6, space, "s2", "consent", "two\nlines")).await, "PRV-NAME");
        assert!(write(db, move |tx| guide_note::remove(tx, "ann", 7, space, "s2", "consent")).await);
        assert!(!write(db, move |tx| guide_note::remove(tx, "ann", 7, space, "s2", "consent")).await);
        assert_eq!(audited(db, space, 2).await, ["guide.unsign", "guide.sign"]);
    }

    async fn what_sign_ins_leave_behind_is_swept_a_little_at_a_time(fresh) {
        let db = &fresh.db;
        let day = 24 * 60 * MINUTE;
        write(db, move |tx| {
            for i in 0..10_u8 {
                one_time_link::make(tx, "x", 1, &[i], Purpose::Owner, None, 100)?;
                ceremony::begin(tx, 1, &[i], &ceremony::New { kind: "k", administrator: None, browser: b"b", state: "", expires: 100 })?;
                attempt::take(tx, &format!("network:{i}"), 1, 10, 5)?;
                idempotency::begin(tx, 1, &i.to_string(), b"d", 1)?;
            }
            attempt::take(tx, "network:new", day, 10, 5).map(drop)
        }).await;
        let first = write(db, move |tx| retention::sweep(tx, 1 + day, 15)).await;
        assert_eq!((first.signins, first.answers), (15, 0));
        assert!(first.is_cut(15));
        let rest = write(db, move |tx| retention::sweep(tx, 2 + day, 100)).await;
        assert_eq!((rest.signins, rest.answers), (15, 10));
        let none = write(db, move |tx| retention::sweep(tx, 3 + day, 100)).await;
        assert_eq!((none.signins, none.answers), (0, 0), "the new one stays");
    }
}

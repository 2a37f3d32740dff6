//! What works once: links, ceremonies, what is said once for ever. Raced from two nodes.

use crate::administrators::{hire, refused, visit};
use crate::harness::{audited, both, read, write};
use provost_store::one_time_link::{self, Purpose};
use provost_store::session::{self, Method};
use provost_store::{Db, Error, Tx, administrator, audit, ceremony, installation};

/// Runs the same on two nodes, many times at once, and answers how often it was won.
async fn race(db: &Db, location: &provost_store::Location, f: fn(&mut Tx) -> Result<bool, Error>) -> usize {
    let location = location.clone();
    let other = tokio::task::spawn_blocking(move || Db::open(&location, 1).unwrap())
        .await
        .unwrap();
    let tasks: Vec<_> = (0..24)
        .map(|i| {
            let node = if i % 2 == 0 { db.clone() } else { other.clone() };
            tokio::spawn(async move { node.write(f).await.unwrap() })
        })
        .collect();
    let mut wins = 0;
    for task in tasks {
        wins += usize::from(task.await.unwrap());
    }
    tokio::task::spawn_blocking(move || other.close()).await.unwrap();
    wins
}

both! {
    async fn one_of_many_at_once_becomes_the_first_owner(fresh) {
        let db = &fresh.db;
        write(db, |tx| one_time_link::make(tx, "provost", 1, b"key", Purpose::Owner, None, 100)).await;
        let won = race(db, &fresh.location, |tx| {
            if one_time_link::use_up(tx, b"key", 5)?.is_none() {
                return Ok(false);
            }
            installation::set_once(tx, "owner", "made", 5)
        }).await;
        assert_eq!(won, 1);
        assert_eq!(read(db, |tx| one_time_link::look(tx, b"key", 5)).await, None);
        assert_eq!(audited(db, audit::INSTALLATION, 3).await, ["installation.set", "link.use", "link.make"]);
    }

    async fn what_is_said_once_stays_said(fresh) {
        let db = &fresh.db;
        assert_eq!(read(db, |tx| installation::get(tx, "owner")).await, None);
        assert_eq!(race(db, &fresh.location, |tx| installation::set_once(tx, "owner", "made", 5)).await, 1);
        assert!(!write(db, |tx| installation::set_once(tx, "owner", "again", 9)).await);
        assert_eq!(read(db, |tx| installation::get(tx, "owner")).await.as_deref(), Some("made"));
    }

    async fn a_ceremony_is_taken_once_by_its_own_browser_for_its_own_kind(fresh) {
        let db = &fresh.db;
        let begin = |name: &'static [u8]| write(db, move |tx| {
            ceremony::begin(tx, 1, name, &ceremony::New { kind: "passkey", administrator: None, browser: b"mine", state: "{}", expires: 100 })
        });
        begin(b"one").await;
        let take = |kind: &'static str, browser: &'static [u8], now| write(db, move |tx| ceremony::take(tx, b"one", kind, browser, now));
        assert_eq!(take("code", b"mine", 5).await, None);
        assert_eq!(take("passkey", b"yours", 5).await, None);
        assert_eq!(take("passkey", b"mine", 100).await, None, "over");
        let taken = take("passkey", b"mine", 99).await.expect("who may not take it does not spoil it");
        assert_eq!((taken.administrator, taken.state.as_str()), (None, "{}"));
        assert_eq!(take("passkey", b"mine", 99).await, None);
        begin(b"two").await;
        assert_eq!(race(db, &fresh.location, |tx| Ok(ceremony::take(tx, b"two", "passkey", b"mine", 5)?.is_some())).await, 1);
        begin(b"three").await;
        assert_eq!(write(db, |tx| ceremony::forget_expired(tx, 99, 9)).await, 0);
        assert_eq!(write(db, |tx| ceremony::forget_expired(tx, 100, 9)).await, 1);
    }

    async fn links_end_by_time_by_use_and_by_hand(fresh) {
        let db = &fresh.db;
        let ann = hire(db, "Ann").await.key;
        let make = |hash: &'static [u8], purpose, whose| write(db, move |tx| one_time_link::make(tx, "x", 1, hash, purpose, whose, 100));
        make(b"a", Purpose::Enrol, Some(ann)).await;
        make(b"b", Purpose::Signin, Some(ann)).await;
        make(b"c", Purpose::Owner, None).await;
        let seen = read(db, |tx| one_time_link::look(tx, b"a", 99)).await.unwrap();
        assert_eq!((seen.purpose, seen.administrator, seen.expires), (Purpose::Enrol, Some(ann), 100));
        assert_eq!(read(db, |tx| one_time_link::look(tx, b"a", 100)).await, None);
        assert_eq!(write(db, |tx| one_time_link::use_up(tx, b"a", 100)).await, None);
        assert_eq!(read(db, move |tx| one_time_link::open_of(tx, ann, 5)).await.len(), 2);
        assert!(write(db, |tx| one_time_link::use_up(tx, b"b", 5)).await.is_some());
        assert_eq!(write(db, move |tx| one_time_link::end_of(tx, ann)).await, 1);
        assert_eq!(read(db, |tx| one_time_link::look(tx, b"a", 5)).await, None);
        assert_eq!(write(db, |tx| one_time_link::end_all(tx, Purpose::Owner)).await, 1);
        assert_eq!(refused(db, |tx| one_time_link::make(tx, "x", 1, b"d", Purpose::Enrol, Some(5), 9)).await, "PRV-ADMINISTRATOR-GONE");
        assert_eq!(write(db, |tx| one_time_link::forget_expired(tx, 100, 9)).await, 1, "the used one is kept until it would have expired");
    }

    async fn a_session_comes_with_its_administrator_and_roles(fresh) {
        let db = &fresh.db;
        let (ann, bob) = (hire(db, "Ann").await.key, hire(db, "Bob").await.key);
        let (first, second, bobs) = write(db, move |tx| {
            administrator::grant(tx, "x", 1, ann, None, administrator::Role::Auditor)?;
            Ok::<_, Error>((
                session::open(tx, 10, b"1", &visit(ann))?, session::open(tx, 11, b"2", &visit(ann))?, session::open(tx, 12, b"3", &visit(bob))?,
            ))
        }).await;
        let find = |hash: &'static [u8]| read(db, move |tx| session::find(tx, hash));
        let (found, whose, grants) = find(b"1").await.unwrap();
        assert_eq!((found.key, found.administrator, found.fresh, found.method), (first, ann, 10, Method::Password));
        assert_eq!((whose.key, whose.last_signin, whose.stamp, grants.len()), (ann, Some(11), found.stamp, 1));
        assert!(find(b"4").await.is_none());
        write(db, move |tx| session::touch(tx, first, 50)).await;
        write(db, move |tx| session::touch(tx, first, 40)).await;
        assert!(write(db, move |tx| session::freshen(tx, first, 60, Method::Passkey)).await);
        let found = find(b"1").await.unwrap().0;
        assert_eq!((found.seen, found.fresh, found.method), (50, 60, Method::Passkey), "an older note does not turn the time back");
        assert_eq!(read(db, move |tx| session::list(tx, ann)).await.iter().map(|s| s.key).collect::<Vec<_>>(), [second, first]);
        assert_eq!(write(db, move |tx| session::end_all_of(tx, "ann", 70, ann, Some(first))).await, 1);
        let (kept, whose, _) = find(b"1").await.unwrap();
        assert!(kept.stamp == whose.stamp && whose.stamp > found.stamp, "the kept one goes along with the stamp");
        assert!(find(b"2").await.is_none() && find(b"3").await.is_some());
        // Bob's session named as the one to keep gets no stamp of Ann's.
        write(db, move |tx| session::end_all_of(tx, "ann", 70, ann, Some(bobs))).await;
        assert_eq!(find(b"3").await.unwrap().0.stamp, 0);
        assert!(write(db, move |tx| session::end(tx, "bob", 80, bobs)).await);
        assert!(!write(db, move |tx| session::end(tx, "bob", 80, bobs)).await);
        write(db, move |tx| session::open(tx, 90, b"5", &visit(bob))).await;
        assert_eq!(write(db, |tx| session::forget_expired(tx, 999_999, 9)).await, 0);
        assert_eq!(write(db, |tx| session::forget_expired(tx, 1_000_000, 9)).await, 1);
    }
}

use crate::harness::{both, create, entra, person};
use provost_engine::object::Kind;
use provost_store::{Db, Error, Location, change_log, workspace};
use std::time::Duration;
use uuid::Uuid;

both! {
    async fn data_outlives_the_process_that_wrote_it(fresh) {
        let owner = entra(&fresh.db).await;
        create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let location = fresh.location.clone();
        let second = tokio::task::spawn_blocking(move || Db::open(&location, 1).unwrap()).await.unwrap();
        assert_eq!(create(&second, owner, Kind::Person, person("ann@contoso.example")).await, Err(Error::Conflict));
        // Two processes on one database: numbers stay unique and in order.
        create(&second, owner, Kind::Person, person("bob@contoso.example")).await.unwrap();
        create(&fresh.db, owner, Kind::Person, person("eve@contoso.example")).await.unwrap();
        let log = fresh.db.read(move |tx| change_log::since(tx, owner.workspace, 0, 10)).await.unwrap();
        assert_eq!(log.iter().map(|e| e.position).collect::<Vec<_>>(), [1, 2, 3]);
        tokio::task::spawn_blocking(move || second.close()).await.unwrap();
    }

    async fn a_failing_closure_keeps_nothing(fresh) {
        let failed = fresh.db.write(|tx| {
            workspace::create(tx, "test", 1, Uuid::now_v7(), "Gone")?;
            Err::<(), _>(Error::Damaged("on purpose".into()))
        }).await;
        assert!(failed.is_err());
        assert_eq!(fresh.db.read(|tx| workspace::by_name(tx, "Gone")).await, Ok(None));
    }

    async fn a_reader_cannot_write(fresh) {
        let refused = fresh.db.read(|tx| workspace::create(tx, "test", 1, Uuid::now_v7(), "Sneaked")).await;
        assert!(refused.is_err());
        assert_eq!(fresh.db.read(|tx| workspace::by_name(tx, "Sneaked")).await, Ok(None));
    }

    async fn the_signal_tells_of_changes(fresh) {
        let owner = entra(&fresh.db).await;
        let mut signal = fresh.db.signal();
        signal.mark_unchanged();
        create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        tokio::time::timeout(Duration::from_secs(5), signal.changed()).await.unwrap().unwrap();
        assert_eq!(*signal.borrow(), 1);
    }

    async fn a_full_queue_answers_busy_at_once(fresh) {
        let (started, running) = std::sync::mpsc::channel();
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let db = fresh.db.clone();
        let blocker = tokio::spawn(async move {
            db.write(move |_| { let _ = started.send(()); let _ = wait.recv(); Ok::<_, Error>(()) }).await
        });
        tokio::task::spawn_blocking(move || running.recv().unwrap()).await.unwrap();
        let mut waiting = Vec::new();
        let mut busy = 0;
        for _ in 0..5_000 {
            let db = fresh.db.clone();
            let mut write = Box::pin(async move { db.write(|_| Ok::<_, Error>(())).await });
            // One poll puts the closure into the queue, or answers.
            match futures_poll(&mut write) {
                Some(Err(Error::Busy { limit: 4_096 })) => busy += 1,
                Some(other) => panic!("{other:?}"),
                None => waiting.push(write),
            }
        }
        assert_eq!((waiting.len(), busy), (4_096, 904));
        release.send(()).unwrap();
        blocker.await.unwrap().unwrap();
        for write in waiting { write.await.unwrap(); }
    }
}

/// The number in the header of SQLite's write-ahead log that rises whenever the log begins again.
fn beginnings(wal: &std::path::Path) -> Option<u32> {
    let bytes = std::fs::read(wal).ok()?;
    Some(u32::from_be_bytes(bytes.get(12..16)?.try_into().ok()?))
}

/// Without checkpoints the log would hold every change for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_sqlite_begins_again_while_the_writer_goes_on() {
    let fresh = provost_testkit::sqlite().unwrap();
    let Location::Sqlite(path) = fresh.location.clone() else {
        panic!("an SQLite file")
    };
    let wal = path.with_extension("db-wal");
    let owner = entra(&fresh.db).await;
    let before = beginnings(&wal).unwrap();
    let mut written = 0;
    // A megabyte each; the checkpoint is due after 32 megabytes of pages.
    while beginnings(&wal) == Some(before) {
        written += 1;
        assert!(written < 1_000, "a thousand megabytes in one log");
        let mut big = person(&format!("user{written}"));
        big.insert("title".into(), "x".repeat(1 << 20).into());
        create(&fresh.db, owner, Kind::Person, big).await.unwrap();
    }
    // The file keeps the length that the log had when it began again.
    let length = std::fs::metadata(&wal).unwrap().len();
    assert!(length >= 32 << 20, "not more often than needed: {length} bytes");
    let people = fresh
        .db
        .read(move |tx| provost_store::directory::count(tx, owner.workspace, Kind::Person))
        .await;
    assert_eq!(people, Ok(written));
    tokio::task::spawn_blocking(move || fresh.db.close())
        .await
        .unwrap();
}

fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(out) => Some(out),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("provost.db");
    let location = Location::Sqlite(path.clone());
    Db::open(&location, 1).unwrap().close();
    let raw = rusqlite::Connection::open(&path).unwrap();
    let known: i64 = raw
        .query_row("SELECT COUNT(*) FROM migration", [], |r| r.get(0))
        .unwrap();
    raw.execute("INSERT INTO migration VALUES ($1, 'tomorrow', 'x')", [known + 1])
        .unwrap();
    let error = Db::open(&location, 1).err().unwrap().to_string();
    assert!(
        error.contains(&format!(
            "newer version ({} migrations, this version knows {known})",
            known + 1
        )),
        "{error}"
    );
    raw.execute_batch("DELETE FROM migration WHERE version = 6; UPDATE migration SET checksum = 'x'")
        .unwrap();
    assert!(
        Db::open(&location, 1)
            .err()
            .unwrap()
            .to_string()
            .contains("differs from this version's")
    );
}

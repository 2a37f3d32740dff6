//! Fresh databases for Provost's own tests: the same test runs on SQLite and on PostgreSQL.
//!
//! SQLite needs nothing. `PROVOST_TEST_POSTGRES` names a PostgreSQL server (`scripts/test` starts one); every
//! test gets a schema of its own on it. Without the variable those tests say that they were skipped; with
//! `CI` set that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot begin must fail"
)]

use provost_store::{Db, Location};
use std::pin::Pin;
use uuid::Uuid;

/// A database that lives as long as this value.
pub struct Fresh {
    /// The open database.
    pub db: Db,
    /// Where it is.
    pub location: Location,
    /// A folder for what a test keeps beside it.
    pub folder: tempfile::TempDir,
}

/// The body of a test.
pub type Body = for<'a> fn(&'a Fresh) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// An SQLite file in a temporary folder.
pub fn sqlite() -> Option<Fresh> {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(folder.path().join("provost.db"));
    Some(Fresh {
        db: Db::open(&location, 2).unwrap(),
        location,
        folder,
    })
}

/// A database in a schema of its own on the server that `PROVOST_TEST_POSTGRES` names.
pub fn postgres() -> Option<Fresh> {
    let location = Location::Postgres(postgres_schema()?);
    Some(Fresh {
        db: Db::open(&location, 2).unwrap(),
        location,
        folder: tempfile::tempdir().unwrap(),
    })
}

/// The address of a new schema on the server that `PROVOST_TEST_POSTGRES` names, for whoever opens it
/// themselves.
pub fn postgres_schema() -> Option<String> {
    let Ok(url) = std::env::var("PROVOST_TEST_POSTGRES") else {
        assert!(
            std::env::var("CI").is_err(),
            "PROVOST_TEST_POSTGRES must name a PostgreSQL server when CI is set"
        );
        eprintln!("skipped: PROVOST_TEST_POSTGRES is not set; scripts/test starts a server and sets it");
        return None;
    };
    let schema = format!("t{}", Uuid::now_v7().simple());
    let mut client = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
    client.batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{joint}options=-csearch_path%3D{schema}"))
}

/// Opens the database off the runtime's threads (the PostgreSQL driver brings a runtime of its own), runs the
/// test, and closes it again.
pub async fn run(open: fn() -> Option<Fresh>, body: Body) {
    if let Some(fresh) = tokio::task::spawn_blocking(open).await.unwrap() {
        body(&fresh).await;
        let Fresh { db, folder, .. } = fresh;
        tokio::task::spawn_blocking(move || db.close()).await.unwrap();
        drop(folder);
    }
}

/// Declares tests that run on both databases: `both! { async fn name(fresh) { … } }`.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($fresh:ident) $body:block)*) => {
        $($(#[$meta])* async fn $name($fresh: &$crate::Fresh) $body)*
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $crate::run($crate::sqlite, |f| Box::pin(super::$name(f))).await })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $crate::run($crate::postgres, |f| Box::pin(super::$name(f))).await })*
        }
    };
}

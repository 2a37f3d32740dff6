//! Fresh databases for Provost's own tests: the same test runs on SQLite and on PostgreSQL.
//!
//! SQLite needs nothing. `PROVOST_TEST_POSTGRES` names a database of a PostgreSQL server (`scripts/test` starts one); every
//! test gets a database of its own beside it, and drops it again: hundreds of schemas in one database made each next one
//! slower to make, in the end by two seconds. Without the variable those tests say that they were skipped; with `CI` set
//! that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot begin must fail"
)]

use provost_store::{Db, Location};
use std::path::Path;
use std::pin::Pin;
use std::sync::OnceLock;
use uuid::Uuid;

/// A database that lives as long as this value.
pub struct Fresh {
    /// The open database.
    pub db: Db,
    /// Where it is.
    pub location: Location,
    /// A folder for what a test keeps beside it.
    pub folder: Folder,
}

/// A folder that is gone with this value, and with it the database on a server.
pub struct Folder {
    folder: tempfile::TempDir,
    /// The address of a database that a test has made.
    made: Option<String>,
}

impl Folder {
    fn new(made: Option<String>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            made,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(address) = self.made.take() {
            // The driver brings a runtime of its own, and a test that ends is on one.
            let named = std::thread::Builder::new().name("drop-database".to_owned());
            let dropped = named.spawn(move || forget(&address)).unwrap().join();
            assert!(
                dropped.is_ok() || std::thread::panicking(),
                "the database could not be dropped"
            );
        }
    }
}

/// The body of a test.
pub type Body = for<'a> fn(&'a Fresh) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// An SQLite file in a temporary folder.
pub fn sqlite() -> Option<Fresh> {
    let folder = Folder::new(None);
    let location = Location::Sqlite(folder.path().join("provost.db"));
    Some(Fresh {
        db: Db::open(&location, 2).unwrap(),
        location,
        folder,
    })
}

/// A database of its own on the server that `PROVOST_TEST_POSTGRES` names.
pub fn postgres() -> Option<Fresh> {
    // Copying a database whose tables are there takes a quarter of the time that making them takes.
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    let server = server()?;
    let template = TEMPLATE.get_or_init(|| {
        let name = create(&server, "template1");
        Db::open(&Location::Postgres(beside(&server, &name)), 1)
            .unwrap()
            .close();
        name
    });
    let address = beside(&server, &create(&server, template));
    let folder = Folder::new(Some(address.clone()));
    let location = Location::Postgres(address);
    Some(Fresh {
        db: Db::open(&location, 2).unwrap(),
        location,
        folder,
    })
}

/// Runs a test with the address of a new, empty database on the server that `PROVOST_TEST_POSTGRES` names.
pub fn with_empty_postgres(test: impl FnOnce(&str)) {
    if let Some(server) = server() {
        let address = beside(&server, &create(&server, "template1"));
        let _folder = Folder::new(Some(address.clone()));
        test(&address);
    }
}

/// The server's own database; none where there is no server.
fn server() -> Option<String> {
    let server = std::env::var("PROVOST_TEST_POSTGRES").ok();
    if server.is_none() {
        assert!(
            std::env::var("CI").is_err(),
            "PROVOST_TEST_POSTGRES must name a database of a PostgreSQL server when CI is set"
        );
        eprintln!("skipped: PROVOST_TEST_POSTGRES is not set; scripts/test starts a server and sets it");
    }
    server
}

/// Makes a database as a copy of another one; its name.
fn create(server: &str, template: &str) -> String {
    let name = format!("t{}", Uuid::now_v7().simple());
    let mut client = ::postgres::Client::connect(server, ::postgres::NoTls).unwrap();
    client
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .unwrap();
    name
}

/// The address of a database of the same server.
fn beside(server: &str, name: &str) -> String {
    let (address, options) = server
        .split_once('?')
        .map_or((server, String::new()), |(address, options)| {
            (address, format!("?{options}"))
        });
    let (host, _) = address.rsplit_once('/').unwrap();
    format!("{host}/{name}{options}")
}

/// Drops a database that [`create`] has made.
fn forget(address: &str) {
    let (Some(server), Some((_, rest))) = (server(), address.rsplit_once('/')) else {
        return;
    };
    let name = rest.split('?').next().unwrap_or_default();
    let mut client = ::postgres::Client::connect(&server, ::postgres::NoTls).unwrap();
    client
        .batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .unwrap();
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

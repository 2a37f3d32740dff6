//! Fresh databases for the tests, and the few people who live in them.

use provost_engine::object::Kind;
use provost_scim::resource::Document;
use provost_store::directory::{self, Change, Object, Owner};
use provost_store::{Db, Error, Location, Tx, provider, workspace};
use serde_json::Value;
use uuid::Uuid;

/// A database that lives as long as this value.
pub struct Fresh {
    pub db: Db,
    pub location: Location,
    pub folder: tempfile::TempDir,
}

pub fn sqlite() -> Option<Fresh> {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(folder.path().join("provost.db"));
    Some(Fresh { db: Db::open(&location, 2).unwrap(), location, folder })
}

/// A schema of its own on the server that `PROVOST_TEST_POSTGRES` names.
pub fn postgres() -> Option<Fresh> {
    let Ok(url) = std::env::var("PROVOST_TEST_POSTGRES") else {
        assert!(std::env::var("CI").is_err(), "PROVOST_TEST_POSTGRES must name a PostgreSQL server when CI is set");
        eprintln!("skipped: PROVOST_TEST_POSTGRES is not set; scripts/test starts a server and sets it");
        return None;
    };
    let schema = format!("t{}", Uuid::now_v7().simple());
    let mut client = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
    client.batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    let location = Location::Postgres(format!("{url}{joint}options=-csearch_path%3D{schema}"));
    Some(Fresh { db: Db::open(&location, 2).unwrap(), location, folder: tempfile::tempdir().unwrap() })
}

/// Declares a test for both databases.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($fresh:ident) $body:block)*) => {
        $($(#[$meta])* async fn $name($fresh: &crate::harness::Fresh) $body)*
        mod on_sqlite { $(#[tokio::test] async fn $name() { crate::harness::run(crate::harness::sqlite, |f| Box::pin(super::$name(f))).await })* }
        mod on_postgres { $(#[tokio::test] async fn $name() { crate::harness::run(crate::harness::postgres, |f| Box::pin(super::$name(f))).await })* }
    };
}
pub(crate) use both;

type Body = for<'a> fn(&'a Fresh) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Opens the database off the runtime's thread (the PostgreSQL driver brings its own) and runs the test.
pub async fn run(open: fn() -> Option<Fresh>, body: Body) {
    if let Some(fresh) = tokio::task::spawn_blocking(open).await.unwrap() {
        body(&fresh).await;
        let Fresh { db, folder, .. } = fresh;
        tokio::task::spawn_blocking(move || db.close()).await.unwrap();
        drop(folder);
    }
}

pub fn document(value: Value) -> Document {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

pub fn person(user_name: &str) -> Document {
    document(serde_json::json!({ "userName": user_name, "active": true }))
}

/// A workspace with one inbound provider.
pub async fn entra(db: &Db) -> Owner {
    provider_named(db, "Contoso", "Entra").await.owner()
}

pub async fn provider_named(db: &Db, space: &'static str, name: &'static str) -> provider::Provider {
    db.write(move |tx| {
        let found = workspace::by_name(tx, space)?;
        let space = match found {
            Some(found) => found,
            None => workspace::create(tx, "test", 1, Uuid::now_v7(), space)?,
        };
        let new = provider::New { id: Uuid::now_v7(), workspace: space.key, name, role: "user", team: None };
        provider::create(tx, "test", 1, &new)
    })
    .await
    .unwrap()
}

pub fn change(owner: Owner, now: i64) -> Change<'static> {
    Change { owner, actor: "provider Entra", now }
}

pub async fn create(db: &Db, owner: Owner, kind: Kind, document: Document) -> Result<Object, Error> {
    db.write(move |tx| directory::create(tx, &change(owner, 1_000), kind, Uuid::now_v7(), &document)).await
}

pub async fn read<T: Send + 'static>(
    db: &Db,
    f: impl FnMut(&mut Tx) -> Result<T, Error> + Send + 'static,
) -> T {
    db.read(f).await.unwrap()
}

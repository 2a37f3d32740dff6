//! The few people who live in the tests' databases.

use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_scim::resource::Document;
use provost_store::connection::{self, Connection};
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::{Db, Error, Tx, audit, provider, rule, workspace};
use serde_json::{Value, json};
use uuid::Uuid;

pub use provost_testkit::both;

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
        let new = provider::New {
            id: Uuid::now_v7(),
            workspace: space.key,
            name,
            role: "user",
            team: None,
            state: provider::State::Saved,
            settings: &provider::Settings::default(),
        };
        provider::create(tx, "test", 1, &new)
    })
    .await
    .unwrap()
}

pub fn change(owner: Owner, now: i64) -> Change<'static> {
    Change {
        owner,
        actor: "provider Entra",
        now,
    }
}

/// What the tests' people may do.
pub const USER: Placement<'static> = Placement {
    role: "user",
    team: None,
    permission: None,
};

/// Makes a person or a group inside a transaction.
pub fn put(tx: &mut Tx, change: &Change, kind: Kind, document: &Document) -> Result<Object, Error> {
    directory::create(tx, change, kind, Uuid::now_v7(), document, &USER)
}

pub async fn create(db: &Db, owner: Owner, kind: Kind, document: Document) -> Result<Object, Error> {
    db.write(move |tx| put(tx, &change(owner, 1_000), kind, &document))
        .await
}

pub async fn read<T: Send + 'static>(
    db: &Db,
    f: impl FnMut(&mut Tx) -> Result<T, Error> + Send + 'static,
) -> T {
    db.read(f).await.unwrap()
}

/// Runs a closure that writes.
pub async fn write<T: Send + 'static>(
    db: &Db,
    f: impl FnMut(&mut Tx) -> Result<T, Error> + Send + 'static,
) -> T {
    db.write(f).await.unwrap()
}

/// A rule for people or groups.
pub fn a_rule(name: &str, kind: Kind) -> Rule {
    let source = if kind == Kind::Person {
        "userName"
    } else {
        "displayName"
    };
    serde_json::from_value(json!({
        "name": name, "object": kind,
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [{"target": "userName", "direct": source}],
    }))
    .unwrap()
}

/// A connection "App" with a rule for people and one for groups, and their keys.
pub async fn app(db: &Db, workspace: i64) -> (Connection, i64, i64) {
    write(db, move |tx| {
        let (settings, guard) = (json!({"url": "https://app.contoso.example/scim"}), json!({}));
        let new = connection::New {
            id: Uuid::now_v7(),
            workspace,
            name: "App",
            connector: "scim",
            settings: &settings,
            guard: &guard,
        };
        let made = connection::create(tx, "test", 1, &new)?;
        rule::put(tx, "test", 1, &made, 0, &a_rule("People", Kind::Person))?;
        rule::put(tx, "test", 1, &made, 1, &a_rule("Groups", Kind::Group))?;
        let rules = rule::of_connection(tx, made.key)?;
        let found = connection::by_key(tx, made.key)?.unwrap();
        Ok((found, rules[0].key, rules[1].key))
    })
    .await
}

/// The newest actions in a workspace's audit log, newest first.
pub async fn audited(db: &Db, workspace: i64, rows: i64) -> Vec<String> {
    let latest = read(db, move |tx| audit::latest(tx, workspace, rows)).await;
    latest.into_iter().map(|entry| entry.action).collect()
}

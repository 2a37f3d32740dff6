//! A directory in a real database before the model target, by a clock that only the test moves.

use crate::model::{Model, World as Held};
use provost_connect::{Target, http};
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::{self, Connection, Preferences};
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::provisioning_log::{self, Entry};
use provost_store::secret::Key;
use provost_store::{Db, Location, Tx, member, provider, rule, workspace};
use provost_sync::{Engine, Mode, Node, Opener, Options, Report};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, MutexGuard};
use uuid::Uuid;

/// Milliseconds of an hour and a day.
pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;

pub struct World {
    pub db: Db,
    pub engine: Engine,
    pub owner: Owner,
    pub connection: i64,
    pub model: Arc<Model>,
    pub clock: Arc<AtomicI64>,
    pub folder: tempfile::TempDir,
}

const USER: Placement<'static> = Placement {
    role: "user",
    team: None,
    permission: None,
};

/// People by user name, with a manager.
pub fn people_rule() -> Value {
    json!({
        "name": "People", "object": "person",
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [
            {"target": "userName", "direct": "userName"},
            {"target": "displayName", "direct": "displayName"},
            {"target": "active", "expression": "Not([IsSoftDeleted])", "kind": "boolean"},
            {"target": "title", "direct": "title", "null": "clear"},
            {"target": "manager", "reference": true, "null": "clear",
             "direct": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"}
        ]
    })
}

pub fn group_rule() -> Value {
    json!({
        "name": "Groups", "object": "group",
        "matching": [{"target": "displayName", "precedence": 1}],
        "mappings": [{"target": "displayName", "direct": "displayName"}]
    })
}

/// The guard lets everything through.
pub const GUARD_OFF: &str = r#"{"enabled": false}"#;

impl World {
    pub async fn new() -> Self {
        Self::with(&[people_rule(), group_rule()], json!({}), GUARD_OFF).await
    }

    pub async fn with(rules: &[Value], preferences: Value, guard: &str) -> Self {
        Self::within(tempfile::tempdir().unwrap(), rules, preferences, guard).await
    }

    /// The same in a folder of the test's choice.
    pub async fn within(folder: tempfile::TempDir, rules: &[Value], preferences: Value, guard: &str) -> Self {
        let db = Db::open(&Location::Sqlite(folder.path().join("provost.db")), 2).unwrap();
        let key = Arc::new(Key::open(&folder.path().join("provost.key")).unwrap());
        let rules: Vec<Rule> = rules
            .iter()
            .map(|r| serde_json::from_value(r.clone()).unwrap())
            .collect();
        let preferences: Preferences = serde_json::from_value(preferences).unwrap();
        let guard: Value = serde_json::from_str(guard).unwrap();
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        let now = clock.load(Ordering::Relaxed);
        let (owner, connection) = db
            .write(move |tx| seed(tx, now, &rules, &preferences, &guard))
            .await
            .unwrap();
        let model = Arc::new(Model::default());
        let engine = Engine::new(db.clone(), key, http::Factory::new(), Node::alone());
        let (target, time) = (model.clone(), clock.clone());
        let opener: Opener = Arc::new(move |_, _| Ok(target.clone() as Arc<dyn Target>));
        Self {
            engine: engine
                .with_opener(opener)
                .with_clock(Arc::new(move || time.load(Ordering::Relaxed))),
            db,
            owner,
            connection,
            model,
            clock,
            folder,
        }
    }

    pub fn held(&self) -> MutexGuard<'_, Held> {
        self.model.world()
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub fn pass(&self, millis: i64) {
        self.clock.fetch_add(millis, Ordering::Relaxed);
    }

    /// What the schedule does for a connection whose credential was refused: it is tested.
    pub async fn check_if_invalid(&self) {
        if self.connection().await.state == connection::State::Invalid {
            self.engine.check_connection(self.connection).await.unwrap();
        }
    }

    pub async fn run(&self) -> Report {
        self.check_if_invalid().await;
        self.engine
            .run_cycle(self.connection, &Options::default())
            .await
            .unwrap()
    }

    pub async fn reconcile(&self) -> Report {
        self.check_if_invalid().await;
        let options = Options {
            mode: Some(Mode::Reconcile),
            ..Options::default()
        };
        self.engine.run_cycle(self.connection, &options).await.unwrap()
    }

    pub async fn read<T: Send + 'static>(
        &self,
        read: impl Fn(&mut Tx) -> provost_store::Result<T> + Send + 'static,
    ) -> T {
        self.db.read(read).await.unwrap()
    }

    pub async fn write<T: Send + 'static>(
        &self,
        write: impl Fn(&mut Tx) -> provost_store::Result<T> + Send + 'static,
    ) -> T {
        self.db.write(write).await.unwrap()
    }

    pub async fn connection(&self) -> Connection {
        let key = self.connection;
        self.read(move |tx| connection::by_key(tx, key)).await.unwrap()
    }

    pub async fn set_preferences(&self, preferences: Value) {
        let (connection, now) = (self.connection().await, self.now());
        let preferences: Preferences = serde_json::from_value(preferences).unwrap();
        self.write(move |tx| connection::set_preferences(tx, "owner", now, &connection, &preferences))
            .await;
    }

    pub async fn restart(&self) {
        let (connection, now) = (self.connection().await, self.now());
        self.write(move |tx| connection::restart(tx, "owner", now, &connection, &[]))
            .await;
    }

    /// The newest lines of an object's provisioning log, newest first.
    pub async fn log(&self, object: &Object) -> Vec<Entry> {
        let key = object.key;
        self.read(move |tx| provisioning_log::of_object(tx, key, 50))
            .await
    }

    pub async fn set_rule(&self, position: i64, rule: Value) {
        let (connection, now) = (self.connection().await, self.now());
        let rule: Rule = serde_json::from_value(rule).unwrap();
        self.write(move |tx| rule::put(tx, "owner", now, &connection, position, &rule).map(drop))
            .await;
    }

    /// A person whose user name and display name are `name`.
    pub async fn person(&self, name: &str, more: Value) -> Object {
        let mut document = json!({"userName": name, "displayName": name, "active": true});
        let more = more.as_object().unwrap().clone();
        document.as_object_mut().unwrap().extend(more);
        self.create(Kind::Person, document).await
    }

    pub async fn people(&self, count: usize) -> Vec<Object> {
        let mut people = Vec::new();
        for i in 0..count {
            people.push(self.person(&format!("user{i}"), json!({})).await);
        }
        people
    }

    pub async fn group(&self, name: &str, members: &[&Object]) -> Object {
        let group = self.create(Kind::Group, json!({"displayName": name})).await;
        self.join(&group, members).await;
        group
    }

    async fn create(&self, kind: Kind, document: Value) -> Object {
        let (owner, now) = (self.owner, self.now());
        let document = document.as_object().unwrap().clone();
        self.write(move |tx| {
            directory::create(tx, &change(owner, now), kind, Uuid::now_v7(), &document, &USER)
        })
        .await
    }

    /// Changes one attribute of an object in the directory; null removes it.
    pub async fn set(&self, object: &Object, attribute: &str, value: Value) {
        let (owner, now, key, attribute) = (self.owner, self.now(), object.key, attribute.to_owned());
        self.write(move |tx| {
            let found = directory::by_key(tx, key)?.unwrap();
            let mut document: Value = serde_json::from_str(&found.document).unwrap();
            let map = document.as_object_mut().unwrap();
            if value.is_null() {
                map.remove(&attribute);
            } else {
                map.insert(attribute.clone(), value.clone());
            }
            directory::replace(tx, &change(owner, now), &found, map).map(drop)
        })
        .await;
    }

    pub async fn delete(&self, object: &Object) {
        let (owner, now, key) = (self.owner, self.now(), object.key);
        self.write(move |tx| {
            let found = directory::by_key(tx, key)?.unwrap();
            directory::delete(tx, &change(owner, now), &found).map(drop)
        })
        .await;
    }

    pub async fn join(&self, group: &Object, members: &[&Object]) {
        let (owner, now, group) = (self.owner, self.now(), group.clone());
        let joining: Vec<_> = members.iter().copied().map(member::Joining::from).collect();
        self.write(move |tx| member::add(tx, &change(owner, now), &group, &joining).map(drop))
            .await;
    }

    pub async fn leave(&self, group: &Object, members: &[&Object]) {
        let (owner, now, group) = (self.owner, self.now(), group.clone());
        let leaving: Vec<_> = members.iter().map(|m| (m.key, m.id)).collect();
        self.write(move |tx| member::remove(tx, &change(owner, now), &group, &leaving).map(drop))
            .await;
    }
}

fn change(owner: Owner, now: i64) -> Change<'static> {
    Change {
        owner,
        actor: "test",
        now,
    }
}

fn seed(
    tx: &mut Tx,
    now: i64,
    rules: &[Rule],
    preferences: &Preferences,
    guard: &Value,
) -> provost_store::Result<(Owner, i64)> {
    let space = workspace::create(tx, "test", now, Uuid::now_v7(), "Contoso")?;
    let new = provider::New {
        id: Uuid::now_v7(),
        workspace: space.key,
        name: "Entra",
        role: "user",
        team: None,
        state: provider::State::Saved,
        settings: &provider::Settings::default(),
    };
    let owner = provider::create(tx, "test", now, &new)?.owner();
    let new = connection::New {
        id: Uuid::now_v7(),
        workspace: space.key,
        name: "Model",
        connector: "scim",
        settings: &json!({}),
        guard,
    };
    let connection = connection::create(tx, "test", now, &new)?;
    connection::set_preferences(tx, "test", now, &connection, preferences)?;
    for (position, rule) in (1..).zip(rules) {
        rule::put(tx, "test", now, &connection, position, rule)?;
    }
    Ok((owner, connection.key))
}

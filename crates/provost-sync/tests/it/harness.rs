//! A hub with people and a simulated Microsoft 365, and the comparison of the two.

use m365_sim::{Settings, Simulator};
use provost_connect::http;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::{self, Connection};
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::doubt::Decision;
use provost_store::secret::{self, Key, Place};
use provost_store::{Db, Location, member, provider, recycle, rule, workspace};
use provost_sync::setup::Confirm;
use provost_sync::{Engine, Node, Options, Report};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

pub struct Hub {
    pub db: Db,
    pub engine: Engine,
    pub owner: Owner,
    pub connection: Connection,
    pub simulator: Simulator,
    pub folder: tempfile::TempDir,
    pub key: Arc<Key>,
}

pub const GUARD_OFF: &str = r#"{"enabled": false}"#;

pub fn deadlines() -> http::Deadlines {
    http::Deadlines {
        connect: Duration::from_secs(2),
        call: Duration::from_secs(5),
        patience: Duration::from_secs(120),
    }
}

impl Hub {
    pub async fn new() -> Self {
        Self::with(Settings::contoso(), "{}").await
    }

    pub async fn with(settings: Settings, guard: &str) -> Self {
        Self::aimed(settings, guard, &json!({})).await
    }

    /// A hub whose connection has more settings than it needs.
    pub async fn aimed(settings: Settings, guard: &str, more: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&Location::Sqlite(folder.path().join("provost.db")), 2).unwrap();
        let key = Arc::new(Key::open(&folder.path().join("provost.key")).unwrap());
        let node = Node::open(&folder.path().join("nodes")).unwrap();
        let simulator = Simulator::new(settings.clone()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(simulator.clone().serve(listener));
        let application = &settings.applications[0];
        let mut target = json!({
            "tenant": settings.tenant_id, "client_id": application.client_id, "graph_url": url, "login_url": url,
            "allow_private_network": true
        });
        target
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let guard: Value = serde_json::from_str(guard).unwrap();
        let (owner, connection) = seed(&db, &key, target, guard, application.client_secret.clone()).await;
        let engine = Engine::new(
            db.clone(),
            key.clone(),
            http::Factory::new().with_deadlines(deadlines()),
            node,
        );
        Self {
            db,
            engine,
            owner,
            connection,
            simulator,
            folder,
            key,
        }
    }

    pub async fn run(&self) -> Report {
        self.engine
            .run_cycle(self.connection.key, &Options::default())
            .await
            .unwrap()
    }

    pub async fn person(&self, name: &str, more: Value) -> Object {
        let mut document =
            json!({"userName": format!("{name}@contoso.example"), "displayName": name, "active": true});
        document
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.create(Kind::Person, document).await
    }

    pub async fn people(&self, count: usize) -> Vec<Object> {
        let mut people = Vec::new();
        for i in 0..count {
            people.push(self.person(&format!("user{i}"), json!({})).await);
        }
        people
    }

    /// A group that is made together with its members, in one transaction.
    pub async fn founded(&self, name: &str, members: &[&Object]) -> Object {
        let owner = self.owner;
        let document = json!({"displayName": name}).as_object().unwrap().clone();
        let pairs: Vec<_> = members.iter().copied().map(member::Joining::from).collect();
        self.db
            .write(move |tx| {
                let change = change(owner);
                let id = Uuid::now_v7();
                let group = directory::create(tx, &change, Kind::Group, id, &document, &USER)?;
                member::add(tx, &change, &group, &pairs)?;
                Ok::<_, provost_store::Error>(group)
            })
            .await
            .unwrap()
    }

    /// Brings a deleted person or group back.
    pub async fn restore(&self, object: &Object) -> Object {
        let key = object.key;
        self.db
            .write(move |tx| recycle::restore(tx, "owner", 2_000, key))
            .await
            .unwrap()
    }

    pub async fn group(&self, name: &str, members: &[&Object]) -> Object {
        let group = self.create(Kind::Group, json!({"displayName": name})).await;
        self.join(&group, members).await;
        group
    }

    async fn create(&self, kind: Kind, document: Value) -> Object {
        let owner = self.owner;
        let document = document.as_object().unwrap().clone();
        self.db
            .write(move |tx| directory::create(tx, &change(owner), kind, Uuid::now_v7(), &document, &USER))
            .await
            .unwrap()
    }

    pub async fn edit(&self, object: &Object, edit: impl Fn(&mut Value) + Send + 'static) -> Object {
        let (owner, key) = (self.owner, object.key);
        self.db
            .write(move |tx| {
                let now = directory::by_key(tx, key)?.unwrap();
                let mut value: Value = serde_json::from_str(&now.document).unwrap();
                edit(&mut value);
                Ok::<_, provost_store::Error>(
                    directory::replace(tx, &change(owner), &now, value.as_object().unwrap())?.unwrap_or(now),
                )
            })
            .await
            .unwrap()
    }

    pub async fn delete(&self, object: &Object) {
        let (owner, object) = (self.owner, object.clone());
        self.db
            .write(move |tx| directory::delete(tx, &change(owner), &object))
            .await
            .unwrap();
    }

    pub async fn join(&self, group: &Object, members: &[&Object]) {
        let (owner, group) = (self.owner, group.clone());
        let pairs: Vec<_> = members.iter().copied().map(member::Joining::from).collect();
        self.db
            .write(move |tx| member::add(tx, &change(owner), &group, &pairs))
            .await
            .unwrap();
    }

    pub async fn leave(&self, group: &Object, members: &[&Object]) {
        let (owner, group) = (self.owner, group.clone());
        let pairs: Vec<_> = members.iter().map(|m| (m.key, m.id)).collect();
        self.db
            .write(move |tx| member::remove(tx, &change(owner), &group, &pairs))
            .await
            .unwrap();
    }

    /// Asserts that the tenant holds exactly the directory: people, groups, memberships.
    pub async fn assert_equal(&self) {
        let workspace = self.owner.workspace;
        let (people, groups) = self
            .db
            .read(move |tx| {
                let (mut people, mut groups) = (BTreeMap::new(), BTreeMap::new());
                let all = directory::Range {
                    after: 0,
                    upto: i64::MAX,
                };
                directory::for_each(tx, workspace, Kind::Person, all, |row| {
                    let value: Value = row.value()?;
                    people.insert(value["userName"].as_str().unwrap().to_owned(), value);
                    Ok(())
                })?;
                let mut list = Vec::new();
                directory::for_each(tx, workspace, Kind::Group, all, |row| {
                    list.push((row.key()?, row.label()?.to_owned()));
                    Ok(())
                })?;
                for (key, label) in list {
                    let names: BTreeSet<String> = member::of_group(tx, key, 0, 10_000)?
                        .into_iter()
                        .map(|p| format!("{}@contoso.example", p.label))
                        .collect();
                    groups.insert(label, names);
                }
                Ok::<_, provost_store::Error>((people, groups))
            })
            .await
            .unwrap();
        let users = self.users();
        assert_eq!(
            people.keys().collect::<Vec<_>>(),
            users.keys().collect::<Vec<_>>()
        );
        for (name, person) in &people {
            assert_eq!(person["displayName"], users[name]["displayName"], "{name}");
            assert_eq!(person["active"], users[name]["accountEnabled"], "{name}");
            assert_eq!(person.get("title"), users[name].get("jobTitle"), "{name}");
        }
        assert_eq!(groups, self.groups());
    }

    /// Answers the one doubt there is, which is about this person's account in the bin.
    pub async fn decide_twin(&self, label: &str, target_id: &str, decision: Decision) {
        let connection = self.connection.key;
        let doubts = self.engine.doubts(connection, true, 0, 10).await.unwrap();
        let about: Vec<_> = doubts
            .iter()
            .map(|doubt| {
                (
                    doubt.code.as_str(),
                    doubt.label.as_str(),
                    &*doubt.candidates[0].target_id,
                )
            })
            .collect();
        assert_eq!(about, [("PRV-TWIN-DELETED", label, target_id)]);
        let confirm = Confirm {
            understood: true,
            ..Confirm::default()
        };
        self.engine
            .decide_doubt(connection, doubts[0].key, decision, None, "owner", &confirm)
            .await
            .unwrap();
    }

    /// The tenant's users by user principal name.
    pub fn users(&self) -> BTreeMap<String, Value> {
        let name = |u: &Value| u["userPrincipalName"].as_str().unwrap().to_owned();
        self.simulator
            .users()
            .into_iter()
            .map(|u| (name(&u), u))
            .collect()
    }

    /// The tenant's groups by name, with their members' user principal names.
    pub fn groups(&self) -> BTreeMap<String, BTreeSet<String>> {
        let by_id: BTreeMap<String, String> = self
            .users()
            .into_iter()
            .map(|(n, u)| (u["id"].as_str().unwrap().to_owned(), n))
            .collect();
        let members = |g: &Value| {
            let ids = self.simulator.members(g["id"].as_str().unwrap());
            ids.iter().filter_map(|id| by_id.get(id)).cloned().collect()
        };
        self.simulator
            .groups()
            .iter()
            .map(|g| (g["displayName"].as_str().unwrap().to_owned(), members(g)))
            .collect()
    }

    /// Nobody was created twice.
    pub fn assert_no_twins(&self) {
        let made = self.simulator.creations();
        let distinct: BTreeSet<_> = made.iter().collect();
        assert_eq!(made.len(), distinct.len(), "{made:?}");
    }
}

const USER: Placement<'static> = Placement {
    role: "user",
    team: None,
    permission: None,
};

fn change(owner: Owner) -> Change<'static> {
    Change {
        owner,
        actor: "test",
        now: 1_000,
    }
}

pub fn people_rule() -> Rule {
    serde_json::from_value(json!({
        "name": "People", "object": "person",
        "matching": [{"target": "userPrincipalName", "precedence": 1}],
        "mappings": [
            {"target": "userPrincipalName", "direct": "userName"},
            {"target": "displayName", "direct": "displayName"},
            {"target": "mailNickname", "expression": "Item(Split([userName], \"@\"), 1)", "apply": "on_create"},
            {"target": "accountEnabled", "expression": "Not([IsSoftDeleted])", "kind": "boolean"},
            {"target": "jobTitle", "direct": "title", "null": "clear"},
            {"target": "manager", "reference": true, "null": "clear",
             "direct": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"}
        ]
    }))
    .unwrap()
}

pub fn group_rule() -> Rule {
    serde_json::from_value(json!({
        "name": "Groups", "object": "group",
        "matching": [{"target": "displayName", "precedence": 1}],
        "mappings": [
            {"target": "displayName", "direct": "displayName"},
            {"target": "mailNickname", "expression": "Replace([displayName], \" \", , , \"\", , )", "apply": "on_create"},
            {"target": "mailEnabled", "constant": false, "apply": "on_create"},
            {"target": "securityEnabled", "constant": true, "apply": "on_create"}
        ]
    }))
    .unwrap()
}

async fn seed(db: &Db, key: &Arc<Key>, target: Value, guard: Value, secret: String) -> (Owner, Connection) {
    let key = key.clone();
    db.write(move |tx| {
        let space = workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso")?;
        let new = provider::New {
            id: Uuid::now_v7(),
            workspace: space.key,
            name: "Entra",
            role: "user",
            team: None,
            state: provider::State::Saved,
            settings: &provider::Settings::default(),
        };
        let owner = provider::create(tx, "test", 1, &new)?.owner();
        let new = connection::New {
            id: Uuid::now_v7(),
            workspace: space.key,
            name: "Microsoft 365",
            connector: "graph",
            settings: &target,
            guard: &guard,
        };
        let connection = connection::create(tx, "test", 1, &new)?;
        let place = Place {
            table: "connection",
            owner: connection.key,
            field: "client_secret",
        };
        secret::put(tx, &key, 1, &place, &secret)?;
        rule::put(tx, "test", 1, &connection, 1, &people_rule())?;
        rule::put(tx, "test", 1, &connection, 2, &group_rule())?;
        Ok::<_, provost_store::Error>((owner, connection))
    })
    .await
    .unwrap()
}

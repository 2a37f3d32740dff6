//! A small world before the simulated Microsoft 365: ann, bob, and a group of both.

use super::case::{Case, Change};
use crate::harness::{GUARD_OFF, Hub};
use m365_sim::Settings;
use provost_connect::http;
use provost_engine::rule::Rule;
use provost_store::connection::{self, Connection, State};
use provost_store::directory::Object;
use provost_store::doubt::Doubt;
use provost_store::provisioning_log::{self, Entry};
use provost_store::retry::Waiting;
use provost_store::staged::StagedStep;
use provost_store::{doubt, retry, rule, staged, sync_status};
use provost_sync::{Engine, Mode, Node, Options};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// More than the longest time between two tries.
const PASSES: i64 = 26 * 3_600_000;
/// Cycles after which it has to have come to rest.
const CYCLES: usize = 8;

pub struct Scene {
    pub hub: Hub,
    engine: Engine,
    clock: Arc<AtomicI64>,
    pub ann: Object,
    bob: Object,
    sales: Object,
    /// What the reports of cycles and readings said.
    pub said: Vec<String>,
}

fn people() -> Value {
    json!({
        "name": "People", "object": "person",
        "matching": [{"target": "userPrincipalName", "precedence": 1}],
        "mappings": [
            {"target": "userPrincipalName", "direct": "userName"},
            {"target": "displayName", "direct": "displayName"},
            {"target": "mailNickname", "expression": "Item(Split([userName], \"@\"), 1)", "apply": "on_create"},
            {"target": "accountEnabled", "expression": "Not([IsSoftDeleted])", "kind": "boolean"},
            {"target": "jobTitle", "direct": "title", "null": "clear"},
            {"target": "usageLocation", "direct": "locale"},
            {"target": "assignedLicenses", "expression": "Split([nickName], \",\")"},
            {"target": "manager", "reference": true, "null": "clear", "direct": format!("{USER}:manager.value")}
        ]
    })
}

fn groups() -> Value {
    json!({
        "name": "Groups", "object": "group",
        "matching": [{"target": "displayName", "precedence": 1}],
        "mappings": [
            {"target": "displayName", "direct": "displayName"},
            {"target": "mailNickname", "expression": "Replace([displayName], \" \", , , \"\", , )", "apply": "on_create"},
            {"target": "mailEnabled", "constant": false, "apply": "on_create"},
            {"target": "securityEnabled", "constant": true, "apply": "on_create"}
        ]
    })
}

/// What happens right after a write: pauses that a test can wait for.
fn quick() -> Value {
    json!({"fresh_retry_ms": [20, 40, 80, 160, 320]})
}

fn deadlines() -> http::Deadlines {
    http::Deadlines {
        connect: Duration::from_secs(2),
        call: Duration::from_secs(4),
        patience: Duration::from_secs(5),
    }
}

impl Scene {
    pub async fn new(case: &Case) -> Self {
        let mut settings = Settings::contoso();
        case.settings.iter().for_each(|change| change(&mut settings));
        let hub = Hub::aimed(settings, GUARD_OFF, &quick()).await;
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        let time = Arc::clone(&clock);
        let node = Node::open(&hub.folder.path().join("scene")).unwrap();
        let factory = http::Factory::new().with_deadlines(deadlines());
        let engine = Engine::new(hub.db.clone(), hub.key.clone(), factory, node)
            .with_clock(Arc::new(move || time.load(Ordering::Relaxed)));
        put_rules(&hub, case).await;
        let bob = hub.person("bob", json!({"locale": "NO"})).await;
        let mut more = json!({"nickName": "SPE_E3", "locale": "NO", "title": "Clerk", USER: {"manager": {"value": bob.id}}});
        more.as_object_mut()
            .unwrap()
            .extend(case.ann.as_object().unwrap().clone());
        let ann = hub.person("ann", more).await;
        let sales = hub.group("Sales", &[&ann, &bob]).await;
        case.plant.iter().for_each(|plant| plant(&hub.simulator));
        Self {
            hub,
            engine,
            clock,
            ann,
            bob,
            sales,
            said: Vec::new(),
        }
    }

    pub async fn change(&mut self, change: Change) {
        let ann = self.ann.clone();
        let set =
            |name: &'static str, value: Value| move |document: &mut Value| document[name] = value.clone();
        match change {
            Change::Title => drop(self.hub.edit(&ann, set("title", json!("Boss"))).await),
            Change::Disable => drop(self.hub.edit(&ann, set("active", json!(false))).await),
            Change::OtherLicence => drop(self.hub.edit(&ann, set("nickName", json!("SPE_F1"))).await),
            Change::NoLicence => drop(self.hub.edit(&ann, without("nickName")).await),
            Change::NoManager => drop(self.hub.edit(&ann, without(USER)).await),
            Change::Leave => self.hub.delete(&ann).await,
            Change::LeaveAndCome => {
                self.hub.delete(&ann).await;
                self.settle().await;
                self.ann = self.hub.person("ann", json!({"locale": "NO"})).await;
            }
            Change::OutOfGroup => self.hub.leave(&self.sales, &[&self.bob]).await,
            Change::Join => {
                let cid = self.hub.person("cid", json!({"locale": "NO"})).await;
                self.hub.join(&self.sales, &[&cid]).await;
            }
            Change::NoGroup => self.hub.delete(&self.sales).await,
            Change::RenameGroup => drop(
                self.hub
                    .edit(&self.sales, set("displayName", json!("Selling")))
                    .await,
            ),
            Change::Promote => {
                let simulator = &self.hub.simulator;
                simulator
                    .set_directory_roles("ann@contoso.example", &["User Administrator"])
                    .unwrap();
            }
            Change::Reconcile => drop(self.cycle(Some(Mode::Reconcile)).await),
            Change::ReadChanges => self.read_changes().await,
            Change::ResetDelta => self.hub.simulator.reset_delta().unwrap(),
            Change::WeekPasses => self.hub.simulator.advance(8 * 24 * 3_600_000),
        }
    }

    async fn read_changes(&mut self) {
        let key = self.hub.connection.key;
        match self.engine.read_changes(key, &Options::default()).await {
            Ok(found) => self.said.push(found.trouble),
            Err(error) => self.said.push(error.to_string()),
        }
    }

    async fn cycle(&mut self, mode: Option<Mode>) -> u64 {
        let options = Options {
            mode,
            ..Options::default()
        };
        let report = self
            .engine
            .run_cycle(self.hub.connection.key, &options)
            .await
            .unwrap();
        self.said.push(report.reason.clone());
        report.writes()
    }

    /// Runs cycles until nothing changes any more. Returns whether it came to rest.
    pub async fn settle(&mut self) -> bool {
        let mut before = None;
        for _ in 0..CYCLES {
            if self.connection().await.state == State::Invalid {
                return true;
            }
            let writes = self.cycle(None).await;
            let now = self.picture().await;
            self.clock.fetch_add(PASSES, Ordering::Relaxed);
            let is_struck = self
                .hub
                .simulator
                .faults()
                .iter()
                .all(|fault| fault.rule.when.times.is_none());
            if writes == 0 && is_struck && before.as_ref() == Some(&now) {
                return true;
            }
            // All is well, and nothing waits: a further cycle would show the same.
            if writes == 0 && now.2.is_empty() && now.0 == State::Active {
                return true;
            }
            before = is_struck.then_some(now);
        }
        false
    }

    /// The cause is gone: what an administrator does then.
    pub async fn mend(&mut self) {
        let key = self.hub.connection.key;
        if self.connection().await.state == State::Invalid {
            let checked = self.engine.check_connection(key).await.unwrap();
            assert!(checked.tried.ok(), "{:?}", checked.tried);
        }
    }

    async fn picture(&self) -> (State, String, Vec<(i64, i64, String)>) {
        let waiting = self.retries().await;
        let steps = waiting
            .into_iter()
            .map(|one| (one.object, one.member, one.code))
            .collect();
        (self.connection().await.state, self.tenant(), steps)
    }

    pub async fn connection(&self) -> Connection {
        let key = self.hub.connection.key;
        self.hub
            .db
            .read(move |tx| connection::by_key(tx, key))
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn retries(&self) -> Vec<Waiting> {
        let key = self.hub.connection.key;
        self.hub
            .db
            .read(move |tx| retry::list(tx, key, 50))
            .await
            .unwrap()
    }

    pub async fn staged(&self) -> Vec<StagedStep> {
        let key = self.hub.connection.key;
        self.hub
            .db
            .read(move |tx| staged::list(tx, key, 50))
            .await
            .unwrap()
    }

    pub async fn doubts(&self) -> Vec<Doubt> {
        let key = self.hub.connection.key;
        self.hub
            .db
            .read(move |tx| doubt::list(tx, key, true, 0, 50))
            .await
            .unwrap()
    }

    /// What is not as it should be, with the object's name.
    pub async fn statuses(&self) -> Vec<(String, sync_status::Entry)> {
        let key = self.hub.connection.key;
        self.hub
            .db
            .read(move |tx| {
                let mut found = Vec::new();
                for stored in rule::of_connection(tx, key)? {
                    for object in sync_status::objects(tx, stored.key, 0, 50)? {
                        if let Some(entry) = sync_status::get(tx, stored.key, object)? {
                            let object = provost_store::directory::by_key(tx, object)?;
                            found.push((object.map(|o| o.label).unwrap_or_default(), entry));
                        }
                    }
                }
                Ok::<_, provost_store::Error>(found)
            })
            .await
            .unwrap()
    }

    /// The log, the newest line first.
    pub async fn log(&self) -> Vec<Entry> {
        let key = self.hub.connection.key;
        let lines = self
            .hub
            .db
            .read(move |tx| provisioning_log::of_connection(tx, key, 500))
            .await;
        lines.unwrap()
    }

    /// All that counts in the tenant, in one line: people with title, licences and manager; groups with members.
    pub fn tenant(&self) -> String {
        let simulator = &self.hub.simulator;
        let (users, skus) = (self.hub.users(), simulator.settings().skus);
        let name = |id: &Value| {
            let found = users.iter().find(|(_, user)| user["id"] == *id);
            found
                .map_or("?", |(name, _)| name.split('@').next().unwrap())
                .to_owned()
        };
        let person = |(upn, user): (&String, &Value)| {
            let mut words = vec![upn.split('@').next().unwrap().to_owned()];
            words.extend((user["accountEnabled"] == false).then(|| "off".to_owned()));
            words.extend(user["jobTitle"].as_str().map(str::to_owned));
            let mut held: Vec<String> = user["assignedLicenses"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|one| skus.iter().find(|sku| one["skuId"] == sku.sku_id.as_str()))
                .map(|sku| sku.part_number.clone())
                .collect();
            held.sort();
            words.extend(held);
            words.extend((!user["manager"].is_null()).then(|| format!("under {}", name(&user["manager"]))));
            words.join(" ")
        };
        let people: Vec<String> = users.iter().map(person).collect();
        let mut groups: Vec<String> = simulator
            .groups()
            .iter()
            .map(|group| {
                let ids = simulator.members(group["id"].as_str().unwrap());
                let mut members: Vec<String> = ids.iter().map(|id| name(&json!(id))).collect();
                members.sort();
                format!(
                    "{}: {}",
                    group["displayName"].as_str().unwrap(),
                    members.join(" ")
                )
            })
            .collect();
        groups.sort();
        format!("{}; {}", people.join(", "), groups.join(", "))
    }
}

fn without(name: &'static str) -> impl Fn(&mut Value) + Send + 'static {
    move |document| {
        document.as_object_mut().unwrap().remove(name);
    }
}

async fn put_rules(hub: &Hub, case: &Case) {
    let (mut people, mut groups) = (people(), groups());
    case.rules
        .iter()
        .for_each(|change| change(&mut people, &mut groups));
    let people: Rule = serde_json::from_value(people).unwrap();
    let groups: Rule = serde_json::from_value(groups).unwrap();
    let connection = hub.connection.clone();
    hub.db
        .write(move |tx| {
            rule::put(tx, "test", 2, &connection, 1, &people)?;
            rule::put(tx, "test", 2, &connection, 2, &groups)
        })
        .await
        .unwrap();
}

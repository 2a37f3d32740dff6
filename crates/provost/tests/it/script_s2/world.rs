//! A hub, a tenant, and the doors to both.

use crate::run::Place;
use crate::service::harness::Running;
use crate::service::http::{Client, exchange};
use m365_sim::contract::{Contract, Watch};
use m365_sim::{Settings, Simulator};
use serde_json::{Value, json};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Microsoft's own description of Graph, closed: unknown properties are refused.
const CONTRACT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../m365-sim/tests/contract/graph-v1.0-closed.openapi.json"
);
/// Office 365 E3 of the simulated tenant, and a product with few seats.
pub const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
pub const E5: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
/// What the connection of the script is called.
pub const NAME: &str = "Microsoft-365";

/// A simulated tenant whose calls are watched.
pub struct Tenant {
    pub simulator: Simulator,
    pub watch: Watch,
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Tenant {
    pub fn start(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::contoso();
        change(&mut settings);
        let simulator = Simulator::new(settings).unwrap();
        let watch = Watch::new(Contract::load(CONTRACT).unwrap());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let (served, seen) = (simulator.clone(), watch.clone());
        let builder = std::thread::Builder::new().name("tenant".to_owned());
        let serving = builder.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    ended = seen.serve(&served, listener) => ended.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            simulator,
            watch,
            url,
            stop: Some(stop),
            thread: Some(serving.unwrap()),
        }
    }

    /// What a connection to it is set up with.
    pub fn settings(&self) -> Value {
        json!({
            "tenant": Settings::CONTOSO_TENANT,
            "client_id": Settings::CONTOSO_CLIENT_ID,
            "graph_url": self.url,
            "login_url": self.url,
            "allow_private_network": true,
            "fresh_retry_ms": [10, 20, 40],
        })
    }

    /// The user of this name, if there is one.
    pub fn user(&self, upn: &str) -> Option<Value> {
        let users = self.simulator.users();
        users
            .into_iter()
            .find(|user| user["userPrincipalName"].as_str() == Some(upn))
    }

    /// The group of this name, if there is one.
    pub fn group(&self, name: &str) -> Option<Value> {
        let groups = self.simulator.groups();
        groups
            .into_iter()
            .find(|group| group["displayName"].as_str() == Some(name))
    }

    /// The products that a user has.
    pub fn licences(&self, upn: &str) -> Vec<String> {
        let user = self.user(upn).unwrap_or_else(|| panic!("no user {upn}"));
        let assigned = user["assignedLicenses"].as_array().cloned().unwrap_or_default();
        assigned
            .iter()
            .map(|one| one["skuId"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An answer of the administrators' interface.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// Status and stable code of a refusal.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// What a person would confirm.
    #[track_caller]
    pub fn digest(&self) -> Value {
        assert_eq!(self.status, 409, "{}", self.body);
        let digest = self.body["confirm"]["digest"].clone();
        assert!(digest.is_string(), "{}", self.body);
        digest
    }
}

/// A hub with a tenant beside it.
pub struct World {
    pub tenant: Tenant,
    pub place: Place,
    running: Running,
    token: String,
    /// The directory's door for identity providers.
    pub entra: Client,
}

impl World {
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let tenant = Tenant::start(change);
        let place = Place::installed();
        let scim = place.json("provider add Entra")["token"]
            .as_str()
            .unwrap()
            .to_owned();
        let made = place.json("api-token add script --scope configure");
        let token = made["token"].as_str().unwrap().to_owned();
        let running = Running::start(&place);
        let entra = Client::new(&running.host, &scim);
        Self {
            tenant,
            place,
            running,
            token,
            entra,
        }
    }

    /// A world whose connection works, with the template's rules switched on, run by hand.
    pub fn ready() -> Self {
        let world = Self::start();
        world.connect(json!({}));
        world
    }

    /// Adds the connection; `more` is laid over what is entered.
    #[track_caller]
    pub fn connect(&self, more: Value) -> Value {
        let answer = self.post("/connections", &self.entered(more));
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body
    }

    /// What is entered for the connection, with `more` over it.
    pub fn entered(&self, more: Value) -> Value {
        let template = self.get("/templates/microsoft-365").body;
        let mut preferences = template["preferences"].clone();
        preferences["mode"] = json!("manual");
        let mut entered = json!({
            "name": NAME, "template": "microsoft-365", "settings": self.tenant.settings(),
            "secrets": {"client_secret": Settings::CONTOSO_CLIENT_SECRET}, "preferences": preferences,
        });
        lay_over(&mut entered, more);
        entered
    }

    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("Authorization", bearer.as_str())];
        let text = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            headers.push(("Content-Type", "application/json"));
        }
        let path = format!("/api/v1{path}");
        let answer = exchange(&self.running.host, method, &path, &headers, &text);
        let body = serde_json::from_str(&answer.text).unwrap_or(Value::Null);
        Answer {
            status: answer.status,
            body,
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, Some(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call("PATCH", path, Some(body))
    }

    /// A path below the connection.
    pub fn at(path: &str) -> String {
        format!("/connections/{NAME}{path}")
    }

    /// Runs a cycle and answers its report.
    #[track_caller]
    pub fn cycle(&self) -> Value {
        let answer = self.post(&Self::at("/cycles"), &json!({}));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Adds a person, and answers the id.
    #[track_caller]
    pub fn person(&self, name: &str, more: Value) -> String {
        let mut person = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("{name}@contoso.example"), "active": true,
            "displayName": format!("{name} of Contoso"), "name": {"givenName": name, "familyName": "Contoso"},
            "addresses": [{"type": "work", "country": "NO"}],
        });
        lay_over(&mut person, more);
        self.entra.make("/Users", &person)
    }

    /// A security group that is in the tenant already; its id.
    pub fn tenant_group(&self, name: &str) -> String {
        let group = json!({
            "displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true, "groupTypes": [],
        });
        self.tenant.simulator.plant_group(group).unwrap()
    }

    /// The rules as they are saved, changed.
    pub fn rules(&self, change: impl FnOnce(&mut Vec<Value>)) -> Value {
        let mut rules = self.get(&Self::at("/rules")).body["rules"]
            .as_array()
            .unwrap()
            .clone();
        change(&mut rules);
        rules.into()
    }

    /// Saves rules and confirms what has to be confirmed.
    #[track_caller]
    pub fn save_rules(&self, rules: &Value) -> Value {
        let answer = self.confirmed("PUT", &Self::at("/rules"), json!({ "rules": rules }));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Switches a rule on and confirms what has to be confirmed.
    #[track_caller]
    pub fn switch_on(&self, rule: &str) {
        let answer = self.confirmed("POST", &Self::at(&format!("/rules/{rule}/on")), json!({}));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Sends a body; when it has to be confirmed, once more with the digest.
    pub fn confirmed(&self, method: &str, path: &str, body: Value) -> Answer {
        let answer = self.call(method, path, Some(&body));
        if answer.status != 409 || answer.body["confirm"]["digest"].is_null() {
            return answer;
        }
        let mut body = body;
        body["confirm"] = json!({"digest": answer.body["confirm"]["digest"], "understood": true});
        self.call(method, path, Some(&body))
    }

    /// Saves preferences, changed; confirms what has to be confirmed.
    #[track_caller]
    pub fn prefer(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut preferences = self.get(&Self::at("")).body["preferences"].clone();
        change(&mut preferences);
        let body = json!({ "preferences": preferences });
        let answer = self.confirmed("PUT", &Self::at("/preferences"), body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// A rule's numbers: impacted, success, unsynced, partially synced, failed.
    pub fn numbers(&self, rule: &str) -> [u64; 5] {
        let body = self.get(&Self::at("/status")).body;
        let rules = body["rules"].as_array().unwrap();
        let found = rules.iter().find(|one| one["rule"] == rule);
        let counts = &found.unwrap_or_else(|| panic!("{body}"))["counts"];
        ["impacted", "success", "unsynced", "partially_synced", "failed"]
            .map(|name| counts[name].as_u64().unwrap_or_else(|| panic!("{counts}")))
    }

    /// That everything that passed between hub and tenant is as Microsoft describes it.
    #[track_caller]
    pub fn agrees_with_the_contract(&self) {
        let violations = self.tenant.watch.violations();
        assert!(self.tenant.watch.calls() > 0);
        assert!(violations.is_empty(), "{violations:#?}");
    }

    /// The words of the audit log that name a refused attempt with this code.
    pub fn refused_attempts(&self, code: &str) -> usize {
        let listed = self.place.json("audit list");
        let rows = listed.as_array().unwrap();
        rows.iter()
            .filter(|row| {
                row["action"]
                    .as_str()
                    .is_some_and(|action| action.ends_with(".refused"))
                    && row["detail"].to_string().contains(code)
            })
            .count()
    }
}

/// Puts the fields of one object over those of another, at every depth.
pub fn lay_over(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                lay_over(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

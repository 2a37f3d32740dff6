//! A hub whose cycles run only when a test asks for one, and a tenant that can be looked into.

use crate::run::Place;
use crate::service::harness::Running;
use crate::service::http::{Client, GROUP, USER};
use m365_sim::{Settings, Simulator};
use serde_json::{Value, json};
use std::process::Command;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The hub, the tenant, and who pushes into the directory.
pub struct World {
    pub place: Place,
    pub tenant: Simulator,
    source: Client,
    host: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _running: Running,
}

impl World {
    /// Nothing is connected, and nobody is in the directory.
    pub fn new() -> Self {
        let tenant = Simulator::new(Settings::contoso()).unwrap();
        let (host, stop, thread) = serve(tenant.clone());
        let place = Place::empty();
        std::fs::create_dir(place.data()).unwrap();
        std::fs::write(place.data().join("provost.toml"), "[sync]\nenabled = false\n").unwrap();
        assert!(place.run("init").ends_with("exit 0"));
        let token = place.json("provider add Source --rate 0")["token"]
            .as_str()
            .unwrap()
            .to_owned();
        let running = Running::start(&place);
        Self {
            source: Client::new(&running.host, &token),
            place,
            tenant,
            host,
            stop: Some(stop),
            thread: Some(thread),
            _running: running,
        }
    }

    /// With a connection `m365` whose rules are switched on, and these people in the directory.
    pub fn ready(people: &[&str]) -> Self {
        let world = Self::new();
        for name in people {
            world.person(name, json!({}));
        }
        world.run(&world.add("m365 --mode manual --yes"));
        world
    }

    /// The words that add a connection to the tenant, its name and more first.
    pub fn add(&self, words: &str) -> String {
        let (tenant, client) = (Settings::CONTOSO_TENANT, Settings::CONTOSO_CLIENT_ID);
        let url = format!("http://{}", self.host);
        format!(
            "connection add {words} --template microsoft-365 --setting tenant={tenant} --setting client_id={client} \
             --setting graph_url={url} --setting login_url={url} --setting allow_private_network=true \
             --setting fresh_retry_ms=[10,20,40] --secret-env client_secret=SECRET"
        )
    }

    fn command(&self, words: &str) -> Command {
        let mut command = self.place.command(words);
        command.env("SECRET", Settings::CONTOSO_CLIENT_SECRET);
        command
    }

    /// Runs a command, whether it succeeds or not.
    pub fn say(&self, words: &str) -> String {
        self.shown(&mut self.command(words))
    }

    /// The same with another client secret, or another variable of the environment.
    pub fn say_with(&self, words: &str, variable: &str, value: &str) -> String {
        self.shown(self.command(words).env(variable, value))
    }

    fn shown(&self, command: &mut Command) -> String {
        self.place.shown(command).replace(&self.host, "TENANT")
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub fn run(&self, words: &str) -> String {
        let said = self.say(words);
        assert!(said.ends_with("exit 0"), "{words}: {said}");
        said
    }

    /// Puts a person into the directory; answers the id.
    pub fn person(&self, name: &str, more: Value) -> String {
        let mut body = json!({
            "schemas": [USER], "userName": format!("{name}@contoso.example"), "externalId": name, "active": true,
            "displayName": name, "name": {"givenName": name, "familyName": "Contoso"},
            "addresses": [{"type": "work", "country": "NO"}],
        });
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        id(&self.source.post("/Users", &body).json())
    }

    /// Puts a group into the directory.
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": [GROUP], "displayName": name, "members": members});
        id(&self.source.post("/Groups", &body).json())
    }

    /// The tenant's account of this person.
    pub fn account(&self, name: &str) -> Option<Value> {
        let upn = format!("{name}@contoso.example");
        self.tenant
            .users()
            .into_iter()
            .find(|user| user["userPrincipalName"] == upn.as_str())
    }

    /// Saves a rule from a file in JSON that was changed; answers what was said.
    pub fn save_rule(&self, rule: &str, words: &str, change: impl FnOnce(&mut Value)) -> String {
        let mut saved = self.place.json(&format!("rule show m365 {rule}"));
        change(&mut saved);
        self.place.write("rule.json", &saved.to_string());
        self.say(&format!("rule set m365 --file rule.json {words}"))
    }
}

/// Serves a tenant on a free port until it is stopped.
fn serve(tenant: Simulator) -> (String, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = oneshot::channel();
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            tokio::select! {
                ended = tenant.serve(listener) => ended.unwrap(),
                _ = stopped => {}
            }
        });
    };
    let thread = std::thread::Builder::new().name("tenant".to_owned()).spawn(serve);
    (host, stop, thread.unwrap())
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[track_caller]
fn id(answer: &Value) -> String {
    answer["id"]
        .as_str()
        .unwrap_or_else(|| panic!("not made: {answer}"))
        .to_owned()
}

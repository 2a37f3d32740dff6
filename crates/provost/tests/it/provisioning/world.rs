//! A hub with people and groups, and an application that speaks SCIM: two installations of the real program.
//! Cycles run only when a test asks for one.

use crate::run::Place;
use crate::service::harness::Running;
use crate::service::http::{Client, GROUP, USER};
use serde_json::{Value, json};

/// The hub, the application, and who is in the directory.
pub struct World {
    /// The hub, where the commands run.
    pub hub: Place,
    /// Somebody who pushes into the hub.
    pub source: Client,
    /// The application, looked at from outside.
    pub target: Client,
    /// The application itself.
    pub application: Place,
    _serving: [Running; 2],
}

/// An installation that serves without cycles, with a provider.
fn installation() -> (Place, Running, Client, String) {
    let place = Place::empty();
    std::fs::create_dir(place.data()).unwrap();
    std::fs::write(place.data().join("provost.toml"), "[sync]\nenabled = false\n").unwrap();
    let made = place.run("init");
    assert!(made.ends_with("exit 0"), "{made}");
    let provider = place.json("provider add Source --rate 0");
    let running = Running::start(&place);
    let token = provider["token"].as_str().unwrap().to_owned();
    let client = Client::new(&running.host, &token);
    (place, running, client, token)
}

impl World {
    /// The connection `app`, without a cycle so far. Nobody is in the directory.
    pub fn new(words: &str) -> Self {
        let (hub, serving, source, _) = installation();
        let (application, receiving, target, token) = installation();
        let world = Self {
            hub,
            source,
            target,
            application,
            _serving: [serving, receiving],
        };
        let url = format!("http://{}/scim/v2", world.target.host());
        let words = format!(
            "connection add app --template scim --setting url={url} --setting allow_private_network=true \
             --secret-env token=TOKEN --untested {words}"
        );
        let made = world.hub.shown(world.hub.command(&words).env("TOKEN", &token));
        assert!(made.ends_with("exit 0"), "{made}");
        world
    }

    /// Puts a person into the directory; answers the id.
    pub fn person(&self, name: &str) -> String {
        let body = json!({
            "schemas": [USER], "userName": format!("{name}@contoso.example"), "externalId": name, "active": true,
            "displayName": name, "name": {"givenName": name, "familyName": "Contoso"},
        });
        created(&self.source.post("/Users", &body).json())
    }

    /// Puts a group into the directory.
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": [GROUP], "displayName": name, "members": members});
        created(&self.source.post("/Groups", &body).json())
    }

    /// Runs a command in the hub that must succeed, and answers what it said.
    #[track_caller]
    pub fn run(&self, words: &str) -> String {
        let said = self.hub.run(words);
        assert!(said.ends_with("exit 0"), "{words}: {said}");
        said
    }

    /// The application's account of this person.
    pub fn account(&self, name: &str) -> Option<Value> {
        let filter = format!("/Users?filter=userName+eq+%22{name}@contoso.example%22");
        self.target.read(&filter)["Resources"].get(0).cloned()
    }

    /// Whether the account is there and enabled.
    pub fn is_active(&self, name: &str) -> bool {
        self.account(name)
            .is_some_and(|account| account["active"] == true)
    }

    /// Switches a person off at the source.
    pub fn deactivate(&self, id: &str) {
        self.source.patch(
            &format!("/Users/{id}"),
            json!([{"op": "replace", "path": "active", "value": false}]),
        );
    }
}

fn created(answer: &Value) -> String {
    answer["id"]
        .as_str()
        .unwrap_or_else(|| panic!("not made: {answer}"))
        .to_owned()
}

//! A workspace as the script begins: an owner, a configuration admin, three people, a group; and a tenant beside it.
//! Everything that the hub says is kept, so that a secret can be looked for in all of it.

use super::serving::Serving;
use crate::run::{Place, show};
use crate::script_s2::world::{Answer, Tenant, lay_over};
use crate::service::http::{Client, exchange};
use m365_sim::{Application, Settings};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::process::Command;

/// What the provider of the script is called, and so its connection.
pub const NAME: &str = "Microsoft-365";
/// The guide, as its notes have it.
pub const GUIDE: &str = "move-microsoft-365";
/// The application by which the tenant's own administrator works, and its secret.
const ADMIN: &str = "7d1e5c30-2a4b-4c8d-9e6f-0b1a2c3d4e5f";
/// A secret that no application has.
pub const WRONG: &str = "not~the.secret-of-contoso";

/// A hub with a tenant beside it.
pub struct World {
    pub tenant: Tenant,
    pub place: Place,
    serving: Serving,
    token: String,
    /// The directory's door for identity providers.
    pub entra: Client,
    /// The group of the script.
    pub group: String,
    said: RefCell<Vec<String>>,
}

impl World {
    /// The start of the script: nothing is registered, no provider is there.
    pub fn start() -> Self {
        let tenant = Tenant::start(|settings| {
            settings
                .applications
                .push(Application::new(ADMIN, ADMIN, &["Domain.ReadWrite.All"]));
        });
        let place = Place::empty();
        std::fs::create_dir(place.data()).unwrap();
        // Cycles run only when a test asks for one.
        std::fs::write(place.data().join("provost.toml"), "[sync]\nenabled = false\n").unwrap();
        assert!(place.run("init").ends_with("exit 0"));
        for words in [
            "administrator add Olga owner@contoso.example --role owner --everywhere",
            "administrator add Sam setup@contoso.example --role configuration-admin",
        ] {
            assert!(place.run(words).ends_with("exit 0"), "{words}");
        }
        let text = |value: Value| value["token"].as_str().unwrap().to_owned();
        let scim = text(place.json("provider add Entra --rate 0"));
        let token = text(place.json("api-token add script --scope configure"));
        let serving = Serving::start(&place);
        let entra = Client::new(&serving.host, &scim);
        let people: Vec<String> = ["ada", "ben", "cleo"]
            .iter()
            .map(|name| person(&entra, name))
            .collect();
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Pilot",
            "members": [{"value": people[0]}, {"value": people[1]}],
        });
        let group = entra.make("/Groups", &group);
        Self {
            tenant,
            place,
            serving,
            token,
            entra,
            group,
            said: RefCell::default(),
        }
    }

    /// Step 2 of the guide is recorded, and the provider is added.
    pub fn added() -> Self {
        let world = Self::start();
        world.register();
        world.add(json!({}));
        world
    }

    /// The same with working credentials.
    pub fn connected() -> Self {
        let world = Self::added();
        world.connect();
        world
    }

    /// Records step 2 of the guide.
    #[track_caller]
    pub fn register(&self) {
        let path = format!("/guides/{GUIDE}/notes/register");
        let signed = self.put(&path, &json!({"note": "Registered by the set-up team"}));
        assert_eq!(signed.status, 204, "{}", signed.body);
    }

    /// What is entered for the provider, with `more` over it.
    pub fn entered(&self, more: Value) -> Value {
        let mut entered = json!({
            "name": NAME, "domain": "contoso.example", "tenant_name": "contoso",
            "settings": {
                "login_url": self.tenant.url, "graph_url": self.tenant.url, "allow_private_network": true,
            },
        });
        lay_over(&mut entered, more);
        entered
    }

    /// Adds the provider, with `more` over what is entered.
    #[track_caller]
    pub fn add(&self, more: Value) -> Value {
        let answer = self.post("/microsoft-365-providers", &self.entered(more));
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body
    }

    /// The application's credentials, with `more` over them.
    pub fn credentials(more: Value) -> Value {
        let mut entered = json!({
            "client_id": Settings::CONTOSO_CLIENT_ID, "tenant": Settings::CONTOSO_TENANT,
            "client_secret": Settings::CONTOSO_CLIENT_SECRET,
        });
        lay_over(&mut entered, more);
        entered
    }

    /// Saves the credentials that work.
    #[track_caller]
    pub fn connect(&self) -> Value {
        let answer = self.put(&Self::at("/provisioning"), &Self::credentials(json!({})));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Saves credentials with `more` over those that work; answers what was said.
    pub fn try_to_connect(&self, more: Value) -> Answer {
        self.put(&Self::at("/provisioning"), &Self::credentials(more))
    }

    /// A path below the provider.
    pub fn at(path: &str) -> String {
        format!("/microsoft-365-providers/{NAME}{path}")
    }

    /// A path below its connection.
    pub fn connection(path: &str) -> String {
        format!("/connections/{NAME}{path}")
    }

    /// The provider as it is now.
    #[track_caller]
    pub fn provider(&self) -> Value {
        let found = self.get(&Self::at(""));
        assert_eq!(found.status, 200, "{}", found.body);
        found.body
    }

    /// The lines of the checklist that are true.
    #[track_caller]
    pub fn done(&self) -> Vec<String> {
        let list = self.get(&Self::at("/checklist")).body;
        let lines = list["lines"].as_array().unwrap_or_else(|| panic!("{list}"));
        let done: Vec<String> = lines
            .iter()
            .filter(|line| line["done"] == true)
            .map(|line| line["key"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(list["is_complete"], done.len() == lines.len(), "{list}");
        done
    }

    /// Decides for provisioning only.
    #[track_caller]
    pub fn provisioning_only(&self) -> Value {
        let chosen = json!({"mode": "provisioning_only", "reason": "People keep their sign-in at Microsoft"});
        let decided = self.confirmed("PUT", &Self::at("/mode"), chosen);
        assert_eq!(decided.status, 200, "{}", decided.body);
        decided.body
    }

    /// Sends a body; when it has to be confirmed, once more with the digest.
    pub fn confirmed(&self, method: &str, path: &str, body: Value) -> Answer {
        let answer = self.call(method, path, Some(&body));
        let digest = &answer.body["confirm"]["digest"];
        if answer.status != 409 || digest.is_null() {
            return answer;
        }
        let mut body = body;
        body["confirm"] = json!({"digest": digest, "understood": true});
        self.call(method, path, Some(&body))
    }

    /// Somebody at Microsoft has this domain verified.
    #[track_caller]
    pub fn verify(&self, domain: &str) {
        let host = self.tenant.url.trim_start_matches("http://").to_owned();
        let form = format!(
            "grant_type=client_credentials&client_id={ADMIN}&client_secret={ADMIN}\
             &scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
        );
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let path = format!("/{}/oauth2/v2.0/token", Settings::CONTOSO_TENANT);
        let token = exchange(&host, "POST", &path, &kind, &form).json();
        let bearer = format!(
            "Bearer {}",
            token["access_token"]
                .as_str()
                .unwrap_or_else(|| panic!("{token}"))
        );
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        let body = json!({"id": domain}).to_string();
        let made = exchange(&host, "POST", "/v1.0/domains", &headers, &body);
        assert_eq!(made.status, 201, "{}", made.text);
        let verified = exchange(
            &host,
            "POST",
            &format!("/v1.0/domains/{domain}/verify"),
            &headers,
            "",
        );
        assert_eq!(verified.status, 200, "{}", verified.text);
    }

    /// Removes the provider, confirmed as a person would.
    #[track_caller]
    pub fn remove(&self) {
        let asked = self.delete(&Self::at(""));
        let digest = asked.digest();
        let digest = digest.as_str().unwrap();
        let removed = self.delete(&Self::at(&format!("?digest={digest}")));
        assert_eq!(removed.status, 204, "{}", removed.body);
    }

    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.call_with(&self.token, method, path, body)
    }

    /// A request with another token.
    pub fn call_with(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("Authorization", bearer.as_str())];
        let text = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            headers.push(("Content-Type", "application/json"));
        }
        let address = format!("/api/v1{path}");
        let answer = exchange(&self.serving.host, method, &address, &headers, &text);
        self.keep(&format!("{method} {path}: {:?} {}", answer.headers, answer.text));
        let body = serde_json::from_str(&answer.text).unwrap_or(Value::Null);
        Answer {
            status: answer.status,
            body,
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None)
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None)
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

    /// Runs a command, whether it succeeds or not; `SECRET` has the application's secret, `WRONG` another.
    pub fn say(&self, words: &str) -> String {
        self.shown(&mut self.command(words))
    }

    /// A command with these words, and what it finds in its environment.
    pub fn command(&self, words: &str) -> Command {
        let mut command = self.place.command(words);
        command
            .env("SECRET", Settings::CONTOSO_CLIENT_SECRET)
            .env("WRONG", WRONG);
        command
    }

    /// Runs a command that was prepared.
    pub fn shown(&self, command: &mut Command) -> String {
        let said = show(&command.output().unwrap());
        self.keep(&said);
        said
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub fn run(&self, words: &str) -> String {
        let said = self.say(words);
        assert!(said.ends_with("exit 0"), "{words}: {said}");
        said
    }

    /// Runs a command that must be refused with this code.
    #[track_caller]
    pub fn refuses(&self, words: &str, code: &str) {
        let said = self.say(words);
        assert!(said.contains(code) && said.ends_with("exit 1"), "{words}: {said}");
        // A refusal says what to do next.
        assert!(said.contains("hint: "), "{words}: {said}");
    }

    /// The words that add the provider by command, more at their end.
    pub fn adding(&self, name: &str, domain: &str, tenant_name: &str) -> String {
        let url = &self.tenant.url;
        format!(
            "microsoft-365 add {name} --domain {domain} --tenant-name {tenant_name} --setting login_url={url} \
             --setting graph_url={url} --setting allow_private_network=true"
        )
    }

    fn keep(&self, said: &str) {
        self.said.borrow_mut().push(said.to_owned());
    }

    /// Everything that the hub has said so far: answers, commands, and the server's log.
    pub fn everything_said(&self) -> String {
        let log = self.serving.log();
        let said = self.said.borrow().join("\n");
        format!("{said}\n{log}")
    }

    /// The rows of the audit log of an action.
    pub fn audited(&self, action: &str) -> Vec<Value> {
        let listed = self.place.json("audit list --limit 1000");
        let rows = listed.as_array().unwrap().iter();
        rows.filter(|row| row["action"] == action).cloned().collect()
    }

    /// The rows of the audit log that name a refused attempt with this code.
    pub fn refused_attempts(&self, code: &str) -> usize {
        let listed = self.place.json("audit list --limit 1000");
        let rows = listed.as_array().unwrap().iter();
        rows.filter(|row| {
            row["action"]
                .as_str()
                .is_some_and(|action| action.ends_with(".refused"))
                && row["detail"].to_string().contains(code)
        })
        .count()
    }

    /// That nobody has been touched at Microsoft, and nobody is in reach.
    #[track_caller]
    pub fn nobody_is_touched(&self) {
        assert_eq!(self.tenant.simulator.users(), Vec::<Value>::new());
        let assigned = self.get(&Self::connection("/assignments")).body;
        assert_eq!(assigned["count"], 0, "{assigned}");
        assert_eq!(assigned["assignment"], "assigned", "{assigned}");
        let rules = self.get(&Self::connection("/rules")).body;
        let on = rules["rules"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|rule| rule["enabled"] == true);
        assert_eq!(on.count(), 0, "{rules}");
    }
}

/// Puts a person into the directory.
fn person(entra: &Client, name: &str) -> String {
    let person = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@contoso.example"), "active": true, "displayName": format!("{name} of Contoso"),
        "name": {"givenName": name, "familyName": "Contoso"}, "addresses": [{"type": "work", "country": "NO"}],
    });
    entra.make("/Users", &person)
}

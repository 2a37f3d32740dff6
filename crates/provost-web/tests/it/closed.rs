//! The matrix of closing: every way of closing somebody, or a part of the hub, tried on every way in that was open until
//! then, over HTTP. What a way does not close goes on: a table with too many refusals is wrong as well.

use crate::browser::{Browser, Sends as _};
use crate::federation::request;
use crate::harness::{Answer, Server, fresh};
use crate::onboarding::{World, named};
use crate::openid::Application;
use crate::own_signin::Visitor;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_store::api_token::Scope;
use provost_store::connection::{Assignment, Preferences};
use provost_store::directory::{self, Change};
use provost_store::federation::{self, ActKind, Order};
use provost_store::identifier::{self, Facts, Place};
use provost_store::microsoft_365::{self as m365, Mode};
use provost_store::provider::{self, Edit, State};
use provost_store::{Error, Tx, connection, migration, recycle};
use provost_testkit::Fresh;
use serde_json::{Value, json};
use url::Url;

const NAME: &str = "Contoso 365";
const DAY: i64 = 86_400_000;

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn value(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{} {}", answer.status, answer.text))
}

/// Ada with everything that lets her in, and everything begun; Bob and Cyd, who come by the window and have no passkey.
struct Scene {
    server: Server,
    world: World,
    application: Application,
    ada: Visitor,
    /// The inside keys of Ada, Bob and Cyd.
    people: [i64; 3],
    link: String,
    code: String,
    tokens: Value,
    /// A browser in which a sign-in was begun, and what it was asked.
    entering: (Browser, Value),
    saml: String,
    passive: String,
    /// The browser that the tenant's answer has led on, and where to.
    joining: (Browser, String),
}

impl Scene {
    async fn new(server: Server) -> Self {
        let (world, application) = (World::new(&server).await, Application::new(&server).await);
        let workspace = server.provider.workspace;
        let engine = server.engine();
        engine
            .configure_provider_authentication(workspace, NAME, "owner")
            .await
            .unwrap();
        let ada = Visitor::enrolled(&server, "ada").await;
        let key = tie(&server, &world, &ada.id).await;
        let mut people = [key, 0, 0];
        for (at, name) in [(1, "bob"), (2, "cyd")] {
            let account = world.plant(name);
            people[at] = world.person(&server, name, Some(&account)).await;
        }
        let first = code(&ada.browser, &application).await.unwrap();
        let tokens = value(&application.redeem(&server, &first).await);
        let device = Browser::new(ada.browser.address());
        let begun = device
            .post_json("/me/Contoso/sign-in/options", &json!({"return": ""}))
            .await;
        let joining = named(&server);
        let form = world.sign_in(&joining, "cyd", "").await;
        let posted = world.post(&server, &form).await;
        assert_eq!(posted.status, 303, "{}", posted.text);
        Self {
            link: ada.link(&server).await,
            code: code(&ada.browser, &application).await.unwrap(),
            tokens,
            entering: (device, value(&begun)),
            saml: asked(&ada.browser, &world, false).await.unwrap(),
            passive: asked(&ada.browser, &world, true).await.unwrap(),
            joining: (joining, posted.header("location").to_owned()),
            server,
            world,
            application,
            ada,
            people,
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        write: impl FnMut(&mut Tx) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.server.db.write(write).await.unwrap()
    }

    /// Changes each of the three.
    async fn each(
        &self,
        mut change: impl FnMut(&mut Tx, &directory::Object) -> Result<(), Error> + Send + 'static,
    ) {
        let people = self.people;
        self.write(move |tx| {
            for key in people {
                let person = directory::by_key(tx, key)?.unwrap();
                change(tx, &person)?;
            }
            Ok(())
        })
        .await;
    }

    /// A request to the interface about Ada's own sign-in.
    async fn about_ada(&self, method: &str, rest: &str) -> Answer {
        let token = self.server.api_token(Scope::Operate).await;
        let path = format!("/people/{}/sign-in{rest}", self.ada.id);
        let answer = Answer::of(self.server.api(&token, method, &path)).await;
        assert!(answer.status < 300, "{} {}", answer.status, answer.text);
        answer
    }

    /// What lets somebody in, by the names of [`FLOWS`]. Everything is tried, the link at the end: it closes sessions.
    async fn open(&mut self) -> Vec<&'static str> {
        let mut open = Vec::new();
        let mut note = |name: &'static str, is_open: bool| {
            if is_open {
                open.push(name);
            }
        };
        let (server, world, browser) = (&self.server, &self.world, &self.ada.browser);
        note("session", self.ada.home().await.status == 200);
        let fresh = asked(browser, world, false).await;
        note("SAML", issues(browser, fresh.as_deref()).await);
        note("SAML begun", issues(browser, Some(&self.saml)).await);
        let fresh = asked(browser, world, true).await;
        note("WS-Fed", issues(browser, fresh.as_deref()).await);
        note("WS-Fed begun", issues(browser, Some(&self.passive)).await);
        note("WS-Trust", trusts(server, world).await);
        note("authorize", code(browser, &self.application).await.is_some());
        let access = self.tokens["access_token"].as_str().unwrap();
        note(
            "userinfo",
            self.application.info(server, access).await.status == 200,
        );
        let secret = self.application.secret.clone();
        let form = [("token", access)];
        let told = self.application.post(server, "introspect", &secret, &form).await;
        note(
            "introspect",
            told.status == 200 && value(&told)["active"] == json!(true),
        );
        note(
            "code",
            self.application.redeem(server, &self.code).await.status == 200,
        );
        let refresh = self.tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let renewed = self.application.post(server, "token", &secret, &form).await;
        note("refresh", renewed.status == 200);
        note("window", joins(server, world).await);
        let (joining, to) = &self.joining;
        note("window begun", is_let_in(&joining.get(to).await));
        let (device, begun) = &self.entering;
        let answer = self.ada.device.get(&begun["options"]);
        let brought = json!({"ceremony": begun["ceremony"], "answer": answer, "return": ""});
        let entered = device.post_json("/me/Contoso/sign-in", &brought).await;
        note("passkey begun", entered.status == 200);
        self.ada.browser = Browser::new(device.address());
        note("passkey", self.ada.enter("").await.status == 200);
        let link = self.link.clone();
        let key = link.split_once("key=").unwrap().1;
        let page = self
            .ada
            .browser
            .get(&format!("/me/Contoso/enrol?key={key}"))
            .await;
        note(
            "link",
            page.status == 200 && self.ada.enrol(&link).await.status == 200,
        );
        open
    }
}

/// Links Ada to an account that has her own immutable id; her inside key.
async fn tie(server: &Server, world: &World, id: &str) -> i64 {
    let account = world.plant("ada");
    let (workspace, c, id) = (server.provider.workspace, world.connection.clone(), id.to_owned());
    let write = move |tx: &mut Tx| {
        let (key, _) = directory::key_by_id(tx, workspace, id.parse().unwrap())?.unwrap();
        identifier::add_people(tx, c.key, &[(key, "ada@contoso.example".to_owned())])?;
        let facts = Facts {
            id: account.clone(),
            name: "ada@contoso.example".to_owned(),
            label: "ada".to_owned(),
            immutable_id: id.clone(),
            enabled: true,
            ..Facts::default()
        };
        let place = Place {
            connection: &c,
            began: 5,
        };
        identifier::put_accounts(tx, 5, &place, &[facts])?;
        let object = directory::by_key(tx, key)?.unwrap();
        identifier::tie(tx, "test", 6, &c, &object, &account)?;
        Ok::<_, Error>(key)
    };
    server.db.write(write).await.unwrap()
}

/// The code that an application gets for whoever is signed in in this browser.
async fn code(browser: &Browser, application: &Application) -> Option<String> {
    let to = format!("{}?{}", application.at("authorize"), application.asks());
    let answer = browser.get(&to).await;
    let led = Url::parse(answer.header("location")).ok()?;
    let is_back = answer.status == 303 && led.as_str().starts_with("http://127.0.0.1:50123/back");
    let found = led.query_pairs().find(|(name, _)| name == "code");
    found
        .filter(|_| is_back)
        .map(|(_, code)| code.into_owned())
        .filter(|code| !code.is_empty())
}

/// Has Microsoft 365 ask in this browser, and answers where it is led.
async fn asked(browser: &Browser, world: &World, passive: bool) -> Option<String> {
    let at = |rest: &str| format!("/idp/{}/{rest}", world.provider.id);
    let answer = if passive {
        let path = at("wsfed?wa=wsignin1.0&wtrealm=urn:federation:MicrosoftOnline&wctx=c");
        browser.get(&path).await
    } else {
        let message = STANDARD.encode(request(""));
        let form = browser
            .bare("POST", &at("saml"))
            .header("origin", "https://login.microsoftonline.com")
            .form(&[("SAMLRequest", message.as_str())]);
        browser.send(form).await
    };
    (answer.status == 303).then(|| answer.header("location").to_owned())
}

/// Whether an assertion is issued there.
async fn issues(browser: &Browser, to: Option<&str>) -> bool {
    let Some(to) = to else {
        return false;
    };
    let answer = browser.get(to).await;
    let carries = |name: &str| answer.text.contains(&format!("name=\"{name}\""));
    answer.status == 200 && (carries("SAMLResponse") || carries("wresult"))
}

/// Whether anything answers where clients of WS-Trust send names and passwords.
async fn trusts(server: &Server, world: &World) -> bool {
    let mut any = false;
    for rest in ["trust/2005/usernamemixed", "trust/13/usernamemixed", "trust/mex"] {
        let path = format!("/idp/{}/{rest}", world.provider.id);
        let answer = Answer::of(server.request("POST", &path).body("<Envelope/>")).await;
        any = any || !matches!(answer.status, 404 | 405);
    }
    any
}

fn is_let_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location").starts_with("/me/Contoso/enrol?key=")
}

/// Whether Bob comes through the window.
async fn joins(server: &Server, world: &World) -> bool {
    let browser = named(server);
    let begun = browser.get(&world.at("start")).await;
    if begun.status != 303 || !begun.header("location").starts_with(&world.base) {
        return false;
    }
    let form = world.sign_in(&browser, "bob", "").await;
    let posted = world.post(server, &form).await;
    posted.status == 303 && is_let_in(&browser.get(posted.header("location")).await)
}

/// The ways in.
const FLOWS: [&str; 16] = [
    "session",
    "passkey",
    "passkey begun",
    "link",
    "SAML",
    "SAML begun",
    "WS-Fed",
    "WS-Fed begun",
    "WS-Trust",
    "authorize",
    "code",
    "refresh",
    "userinfo",
    "introspect",
    "window",
    "window begun",
];

/// The ways of closing.
const WAYS: [&str; 19] = [
    "nothing",
    "person not active any more",
    "person blocked",
    "person deleted",
    "person removed for good",
    "provider of the person off",
    "sessions ended",
    "passkey removed",
    "not assigned to the application",
    "application: sign-in off",
    "application: secret withdrawn",
    "application: connection removed",
    "account not linked any more",
    "Microsoft 365: accounts only",
    "Microsoft 365: domain switched",
    "Microsoft 365: rolled back",
    "Microsoft 365: provider removed",
    "window: deadline over",
    "window: closed",
];

async fn close(scene: &mut Scene, way: &str) {
    let owner = scene.server.provider.owner();
    let (provider, connection) = (scene.world.provider.clone(), scene.world.connection.clone());
    let wiki = scene.application.connection.clone();
    let change = move || Change {
        owner,
        actor: "scim",
        now: now(),
    };
    match way {
        "nothing" => {}
        "person not active any more" => {
            scene
                .each(move |tx, person| {
                    let mut document = person.value()?;
                    document["active"] = json!(false);
                    let document = document.as_object().cloned().unwrap();
                    directory::replace(tx, &change(), person, &document).map(drop)
                })
                .await;
        }
        "person blocked" => {
            scene
                .each(|tx, person| directory::block(tx, "olga", now(), person, "left").map(drop))
                .await;
        }
        "person deleted" => {
            scene
                .each(move |tx, person| directory::delete(tx, &change(), person))
                .await;
        }
        "person removed for good" => {
            scene
                .each(move |tx, person| {
                    directory::delete(tx, &change(), person)?;
                    recycle::purge(tx, "olga", now(), person.key)
                })
                .await;
        }
        "provider of the person off" => {
            let inbound = scene.server.provider.clone();
            let off = move |tx: &mut Tx| {
                let edit = Edit {
                    state: Some(State::Off),
                    ..Edit::default()
                };
                provider::edit(tx, "olga", now(), &inbound, &edit).map(drop)
            };
            scene.write(off).await;
        }
        "sessions ended" => drop(scene.about_ada("DELETE", "/sessions").await),
        "passkey removed" => {
            let shown = value(&scene.about_ada("GET", "").await);
            let key = &shown["passkeys"][0]["key"];
            scene.about_ada("DELETE", &format!("/passkeys/{key}")).await;
        }
        "not assigned to the application" => {
            let nobody = Preferences {
                assignment: Assignment::Assigned,
                ..Preferences::default()
            };
            let assigned = move |tx: &mut Tx| connection::set_preferences(tx, "olga", now(), &wiki, &nobody);
            scene.write(assigned).await;
        }
        "application: sign-in off" => {
            let token = scene.server.api_token(Scope::Configure).await;
            let off = scene.server.api(&token, "PATCH", "/connections/Wiki/sign-in");
            assert_eq!(Answer::of(off.json(&json!({"enabled": false}))).await.status, 200);
        }
        "application: secret withdrawn" => {
            let token = scene.server.api_token(Scope::Configure).await;
            let path = "/connections/Wiki/sign-in";
            let shown = value(&Answer::of(scene.server.api(&token, "GET", path)).await);
            let key = &shown["secrets"][0]["key"];
            let gone = scene
                .server
                .api(&token, "DELETE", &format!("{path}/secrets/{key}"));
            assert!(Answer::of(gone).await.status < 300);
        }
        "application: connection removed" => {
            let gone = move |tx: &mut Tx| connection::remove(tx, "olga", now(), &wiki, 10_000);
            assert!(scene.write(gone).await);
        }
        "account not linked any more" => {
            let (people, here) = (scene.people, connection.clone());
            let untie = move |tx: &mut Tx| {
                let stands = identifier::person(tx, here.key, people[0])?.unwrap();
                identifier::untie(tx, "olga", now(), &here, &stands.account)
            };
            assert!(scene.write(untie).await);
        }
        "Microsoft 365: accounts only" => {
            let only = move |tx: &mut Tx| {
                let mode = Mode::ProvisioningOnly;
                m365::set_mode(tx, "olga", now(), &provider, mode, "no federation").map(drop)
            };
            scene.write(only).await;
        }
        "Microsoft 365: domain switched" => switch(scene, ActKind::Switch, now() - DAY).await,
        "Microsoft 365: rolled back" => {
            switch(scene, ActKind::Switch, now() - DAY).await;
            switch(scene, ActKind::RollBack, now()).await;
        }
        "Microsoft 365: provider removed" => {
            let gone = move |tx: &mut Tx| m365::remove(tx, "olga", now(), &provider, 10_000);
            assert!(scene.write(gone).await);
        }
        "window: deadline over" => {
            let over = move |tx: &mut Tx| {
                migration::move_deadline(tx, "olga", now(), &provider, now() - 1, "over").map(drop)
            };
            scene.write(over).await;
        }
        "window: closed" => {
            let over = move |tx: &mut Tx| migration::close(tx, "olga", now(), &provider, "done").map(drop);
            scene.write(over).await;
        }
        other => panic!("no such way: {other}"),
    }
}

/// Carries a switch of the domain, or the way back, to its end.
async fn switch(scene: &Scene, act: ActKind, at: i64) {
    let provider = scene.world.provider.clone();
    let state = match act {
        ActKind::RollBack => federation::State::Managed,
        _ => federation::State::Federated,
    };
    let done = move |tx: &mut Tx| {
        let sent = json!({"issuerUri": "https://hub.contoso.example/idp/1"});
        let order = Order {
            act,
            before: &Value::Null,
            sent: &sent,
            rest: 600_000,
        };
        federation::begin(tx, "olga", at, &provider, order)?;
        let act = federation::open(tx, provider.key)?.unwrap();
        federation::end(tx, "olga", at, &provider, &act, Some(state), "told")
    };
    scene.write(done).await;
}

/// A line for each way of closing, with a mark for each way in that is open after it.
async fn table(open: fn() -> Option<Fresh>) -> Option<String> {
    let width = WAYS.iter().map(|way| way.len()).max().unwrap_or_default();
    let mut table = format!("{:width$} | {}\n", "closed", FLOWS.join(" | "));
    for way in WAYS {
        let mut scene = Scene::new(fresh(open).await?).await;
        close(&mut scene, way).await;
        let open = scene.open().await;
        let marks: Vec<String> = FLOWS
            .iter()
            .map(|flow| {
                let mark = if open.contains(flow) { "in" } else { "·" };
                format!("{mark:width$}", width = flow.len())
            })
            .collect();
        table.push_str(format!("{way:width$} | {}", marks.join(" | ")).trim_end());
        table.push('\n');
        scene.server.stop().await;
    }
    Some(table)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_closed_lets_nobody_in_on_sqlite() {
    insta::assert_snapshot!("closed", table(provost_testkit::sqlite).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_closed_lets_nobody_in_on_postgres() {
    if let Some(table) = table(provost_testkit::postgres).await {
        insta::assert_snapshot!("closed", table);
    }
}

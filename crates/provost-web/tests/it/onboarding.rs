//! Onboarding over HTTP, with the simulated Microsoft Entra as the identity provider: steps 1.11 and 1.12 of script S1,
//! the guards G1-6 and G1-7, and the end of the window.

use crate::authenticator::Authenticator;
use crate::browser::{Browser, Sends as _};
use crate::console_world::check;
use crate::harness::{Answer, Server, both};
use m365_sim::{Application, Effect, Rule, Saml, Settings, Simulator};
use provost_store::administrator::Role;
use provost_store::api_token::Scope;
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::identifier::{self, Facts, Place};
use provost_store::microsoft_365::{self, DomainState, Look, New, Provider};
use provost_store::migration::{self, Conflict, Request, Standing};
use provost_store::person_signin::{grant, passkey};
use provost_store::{Tx, audit, directory, setting};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

const APPLICATION: &str = "5c1d2e3f-0a1b-4c2d-8e3f-4a5b6c7d8e9f";
const HOUR: i64 = 3_600_000;

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A tenant, and a provider whose window is open.
pub struct World {
    pub simulator: Simulator,
    pub base: String,
    pub provider: Provider,
    pub connection: Connection,
    task: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The fields of a form that the tenant's page sends.
pub type Form = Vec<(String, String)>;

impl World {
    pub async fn new(server: &Server) -> Self {
        Self::made(server, true).await
    }

    /// The same before it is saved: Validate has found it good.
    pub async fn unsaved(server: &Server) -> Self {
        Self::made(server, false).await
    }

    async fn made(server: &Server, is_saved: bool) -> Self {
        let id = Uuid::now_v7();
        let hub = server.address.replace("127.0.0.1", "localhost");
        let (entity, acs) = (
            format!("{hub}/saml/{id}/metadata"),
            format!("{hub}/saml/{id}/acs"),
        );
        let mut settings = Settings::contoso();
        let mut application = Application::new(APPLICATION, "none", &[]);
        application.saml = Some(Saml::new(&entity, &acs, now() - HOUR));
        settings.applications.push(application);
        let certificate =
            settings.applications.last().unwrap().saml.as_ref().unwrap().keys[0].certificate_base64();
        let simulator = Simulator::new(settings).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let serving = simulator.clone();
        let task = tokio::spawn(async move { serving.serve(listener).await.unwrap() });
        let (workspace, login) = (server.provider.workspace, base.clone());
        let made = server.db.write(move |tx| {
            let look = Look {
                domain: DomainState::Verified,
                tenant_id: Some(Settings::CONTOSO_TENANT.to_owned()),
            };
            let new = New {
                id,
                workspace,
                name: "Contoso 365",
                label: "",
                link_key: "User: UDI",
                domain: "contoso.example",
                tenant_name: "contoso",
                look: &look,
                settings: &json!({"login_url": login, "graph_url": login, "allow_private_network": true}),
            };
            let provider = microsoft_365::create(tx, "test", 1, &new)?;
            let made = connection::New {
                id: Uuid::now_v7(),
                workspace,
                name: "Contoso 365",
                connector: "graph",
                settings: &json!({
                    "tenant": Settings::CONTOSO_TENANT, "client_id": Uuid::now_v7(), "login_url": login, "graph_url": login,
                    "allow_private_network": true,
                }),
                guard: &json!({}),
            };
            let connection = connection::create(tx, "test", 1, &made)?;
            let nobody = Preferences {
                assignment: Assignment::Assigned,
                ..Preferences::default()
            };
            connection::set_preferences(tx, "test", 1, &connection, &nobody)?;
            let provider = microsoft_365::set_connection(tx, "test", 2, &provider, connection.key)?;
            identifier::begin(tx, 5, &connection, &[])?;
            identifier::end(tx, 6, connection.key, 0, "")?;
            migration::note_check(tx, "test", now(), &provider, "d", "compared")?;
            let certificates = vec![certificate.clone()];
            migration::keep_checked(tx, provider.key, "d", &certificates)?;
            let saved = migration::New {
                application: APPLICATION,
                certificates: &certificates,
                starts: now() - HOUR,
                deadline: now() + HOUR,
                owner: "Olga",
                contact: "it@contoso.example",
                digest: "d",
            };
            if is_saved {
                migration::save(tx, "test", now(), &provider, &saved)?;
            }
            Ok::<_, provost_store::Error>((provider, connection))
        });
        let (provider, connection) = made.await.unwrap();
        Self {
            simulator,
            base,
            provider,
            connection,
            task,
        }
    }

    pub fn at(&self, path: &str) -> String {
        format!("/saml/{}/{path}", self.provider.id)
    }

    /// An account of the tenant; its object id.
    pub fn plant(&self, name: &str) -> String {
        let user = json!({
            "userPrincipalName": format!("{name}@contoso.example"), "displayName": name, "mailNickname": name,
            "mail": format!("{name}@contoso.example"), "accountEnabled": true, "userType": "Member",
        });
        self.simulator.plant_user(user).unwrap()
    }

    /// Somebody of the directory, linked to the account or to none.
    pub async fn person(&self, server: &Server, name: &str, account: Option<&str>) -> i64 {
        let user = json!({"userName": format!("{name}@contoso.example"), "displayName": name,
            "emails": [{"type": "work", "value": format!("{name}@contoso.example"), "primary": true}]});
        let id: Uuid = server.make("/Users", user).await.parse().unwrap();
        let (workspace, c) = (server.provider.workspace, self.connection.clone());
        let (account, name) = (account.map(str::to_owned), name.to_owned());
        let write = move |tx: &mut Tx| {
            let (key, _) = directory::key_by_id(tx, workspace, id)?.unwrap();
            identifier::add_people(tx, c.key, &[(key, format!("{name}@contoso.example"))])?;
            if let Some(account) = &account {
                let facts = Facts {
                    id: account.clone(),
                    name: format!("{name}@contoso.example"),
                    label: name.clone(),
                    enabled: true,
                    ..Facts::default()
                };
                let place = Place {
                    connection: &c,
                    began: 5,
                };
                identifier::put_accounts(tx, 5, &place, &[facts])?;
                let object = directory::by_key(tx, key)?.unwrap();
                identifier::tie(tx, "test", 6, &c, &object, account)?;
            }
            Ok::<_, provost_store::Error>(key)
        };
        server.db.write(write).await.unwrap()
    }

    /// Begins in a browser, and signs in at the tenant: what the browser is to post.
    pub async fn sign_in(&self, browser: &Browser, name: &str, typed: &str) -> Form {
        let begun = browser
            .send(
                browser
                    .bare("GET", &self.at(&format!("start?mail={typed}")))
                    .header("x-forwarded-for", address()),
            )
            .await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let asked = begun.header("location").to_owned();
        assert!(asked.starts_with(&self.base), "{asked}");
        self.answer(&asked, name).await
    }

    /// Signs in at the tenant, at the address where a browser was sent: what it is to post.
    pub async fn answer(&self, asked: &str, name: &str) -> Form {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client
            .get(format!("{asked}&account={name}%40contoso.example&answer=accept"))
            .header("accept", "application/json")
            .send()
            .await
            .unwrap();
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        // The list, not the object beside it: a form can name a field twice.
        serde_json::from_value(body["form"].clone()).unwrap_or_else(|_| panic!("no form: {body}"))
    }

    /// Posts the form as the tenant's page does: without our cookies.
    pub async fn post(&self, server: &Server, form: &Form) -> Answer {
        let fields: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let request = server
            .request("POST", &self.at("acs"))
            .header("x-forwarded-for", address())
            .form(&fields);
        Answer::of(request).await
    }

    /// The whole way, up to what the browser is shown at its end.
    pub async fn come(&self, server: &Server, browser: &Browser, name: &str, typed: &str) -> Answer {
        let form = self.sign_in(browser, name, typed).await;
        let posted = self.post(server, &form).await;
        assert_eq!(posted.status, 303, "{}", posted.text);
        let to = posted.header("location").to_owned();
        assert!(to.starts_with(&self.at("done?key=")), "{to}");
        browser.get(&to).await
    }

    async fn request(&self, server: &Server, account: &str) -> Option<Request> {
        let (key, account) = (self.provider.key, account.to_owned());
        let read = move |tx: &mut Tx| migration::request(tx, key, &account);
        server.db.read(read).await.unwrap()
    }

    pub async fn requests(&self, server: &Server) -> usize {
        let key = self.provider.key;
        let read = move |tx: &mut Tx| migration::requests(tx, key, None, None, 100);
        server.db.read(read).await.unwrap().requests.len()
    }
}

/// An address of its own for each request: what is begun from one network is limited.
fn address() -> String {
    let random = Uuid::new_v4();
    let [a, b, c, ..] = *random.as_bytes();
    format!("10.{a}.{b}.{c}")
}

pub fn named(server: &Server) -> Browser {
    Browser::new(&server.address.replace("127.0.0.1", "localhost"))
}

/// What the audit log keeps of the newest refused sign-in.
async fn refusal(server: &Server) -> String {
    let workspace = server.provider.workspace;
    let read = move |tx: &mut Tx| audit::latest(tx, workspace, 20);
    let rows = server.db.read(read).await.unwrap();
    let row = rows.into_iter().find(|row| row.action == "onboarding.refused");
    row.map(|row| row.detail).unwrap_or_default()
}

pub async fn passkeys(server: &Server, person: i64) -> (usize, usize) {
    let read = move |tx: &mut Tx| {
        Ok::<_, provost_store::Error>((passkey::list(tx, person)?.len(), grant::list(tx, person)?.len()))
    };
    server.db.read(read).await.unwrap()
}

both! {
    async fn a_linked_person_makes_their_first_passkey_in_this_browser_alone(server) {
        let world = World::new(server).await;
        let account = world.plant("ada");
        let person = world.person(server, "ada", Some(&account)).await;
        let browser = named(server);
        let page = browser.get("/join/Contoso").await;
        assert_eq!(page.status, 200);
        check("/join/Contoso", &page);
        let led = browser.send(browser.bare("POST", "/join/Contoso").header("origin", browser.address())
            .form(&[("mail", "ada@contoso.example")])).await;
        assert!(led.text.contains(&world.at("start?mail=ada%40contoso.example")), "{}", led.text);
        let done = world.come(server, &browser, "ada", "ada%40contoso.example").await;
        assert_eq!(done.status, 303, "{}", done.text);
        let enrol = done.header("location").to_owned();
        let key = enrol.strip_prefix("/me/Contoso/enrol?key=").unwrap_or_else(|| panic!("{enrol}")).to_owned();
        let found = world.request(server, &account).await.unwrap();
        assert_eq!((found.standing, found.conflict, found.person), (Standing::Onboarded, Conflict::None, person));

        // Whoever has the link, but not the browser, makes nothing with it.
        let asked = json!({"key": key, "name": "This device"});
        let elsewhere = named(server);
        let told = elsewhere.get(&enrol).await;
        assert_eq!(told.status, 410, "{}", told.text);
        assert!(told.text.contains("only in the browser in which you signed in") && !told.text.contains("ann@"), "{}", told.text);
        let refused = elsewhere.post_json("/me/Contoso/enrol/options", &asked).await;
        assert!(refused.status >= 400, "{}", refused.text);
        assert_eq!(passkeys(server, person).await, (0, 1));

        let mut device = Authenticator::new(browser.address());
        let begun = browser.post_json("/me/Contoso/enrol/options", &asked).await;
        let begun: Value = serde_json::from_str(&begun.text).unwrap();
        let answer = device.create(&begun["options"]);
        let brought = json!({"key": key, "name": "This device", "ceremony": begun["ceremony"], "answer": answer});
        let entered = browser.post_json("/me/Contoso/enrol", &brought).await;
        assert_eq!(entered.status, 200, "{}", entered.text);
        assert_eq!(browser.get("/me/Contoso").await.status, 200);

        // Who has a passkey uses it: no second way to one follows from the tenant's word.
        let again = world.come(server, &named(server), "ada", "").await;
        assert_eq!((again.status, again.header("location")), (303, "/me/Contoso/sign-in"));
        assert_eq!(passkeys(server, person).await, (1, 1));
    }

    async fn a_second_device_closes_the_way_of_the_first(server) {
        let world = World::new(server).await;
        let account = world.plant("ada");
        world.person(server, "ada", Some(&account)).await;
        let (one, other) = (named(server), named(server));
        let first = world.come(server, &one, "ada", "").await.header("location").to_owned();
        let second = world.come(server, &other, "ada", "").await.header("location").to_owned();
        assert_eq!(one.get(&first).await.status, 410);
        assert_eq!(other.get(&second).await.status, 200);
        assert_eq!(world.request(server, &account).await.unwrap().conflict, Conflict::Device);
    }

    async fn an_announcement_is_previewed_confirmed_and_listed_at_both_doors(server) {
        let world = World::new(server).await;
        world.person(server, "ada", None).await;
        let token = server.api_token(Scope::Configure).await;
        let at = "/microsoft-365-providers/Contoso%20365/migration";
        let announce = |confirm: Value| {
            let body = json!({ "confirm": confirm });
            server.api(&token, "POST", &format!("{at}/announcement")).json(&body)
        };
        let off = Answer::of(announce(json!({}))).await;
        assert_eq!(off.status, 409);
        assert!(off.text.contains("PRV-NOTIFY-OFF"), "{}", off.text);
        let workspace = server.provider.workspace;
        server.db.write(move |tx| {
            let smtp = json!({"host": "127.0.0.1", "port": 9, "security": "none", "from": "hub@contoso.example"});
            let mail = json!({"enabled": true, "recipient": "it@contoso.example", "smtp": smtp});
            setting::put(tx, "test", 2, workspace, "notification", &mail)
        }).await.unwrap();

        let shown = Answer::of(server.api(&token, "GET", &format!("{at}/announcement"))).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        let shown: Value = serde_json::from_str(&shown.text).unwrap();
        assert_eq!((&shown["recipients"], &shown["lack"]), (&json!(1), &json!("")), "{shown}");
        assert!(shown["letters"][0]["text"].as_str().unwrap().contains("https://hub.contoso.example/join/Contoso"), "{shown}");

        // A role that only looks sees it and cannot send it.
        let page = "/w/Contoso/microsoft-365/Contoso%20365/migration/letters";
        let auditor = server.signed_in(Role::Auditor).await;
        let seen = auditor.get(page).await;
        check(page, &seen);
        assert!(seen.text.contains("Hello ada,") && seen.text.contains("disabled"), "{}", seen.text);
        assert!(auditor.post(page, &[]).await.status >= 400);

        let asked = Answer::of(announce(json!({}))).await;
        assert_eq!(asked.status, 409);
        assert!(asked.text.contains("PRV-LETTERS-SEND"), "{}", asked.text);
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        admin.get(page).await;
        let question = admin.post(page, &[("confirm", "stale")]).await;
        assert_eq!(question.status, 409);
        assert!(question.text.contains("ada &#60;ada@contoso.example&#62;"), "{}", question.text);
        let digest = shown["digest"].as_str().unwrap();
        let sent = admin.post(page, &[("confirm", digest)]).await;
        assert_eq!((sent.status, sent.header("location")), (303, format!("{page}?done=written").as_str()), "{}", sent.text);
        let again = Answer::of(announce(json!({ "digest": digest }))).await;
        assert!(again.text.contains("PRV-LETTERS-NOBODY"), "{}", again.text);

        let listed = Answer::of(server.api(&token, "GET", &format!("{at}/letters"))).await;
        let listed: Value = serde_json::from_str(&listed.text).unwrap();
        let mailing = &listed["mailings"][0];
        assert_eq!((&mailing["days"], &mailing["waiting"], &mailing["sent"]), (&json!(0), &json!(1), &json!(0)), "{listed}");
        let id = mailing["id"].as_str().unwrap();
        let listed = Answer::of(server.api(&token, "GET", &format!("{at}/letters?mailing={id}&state=waiting"))).await;
        let listed: Value = serde_json::from_str(&listed.text).unwrap();
        assert_eq!(listed["letters"][0]["address"], "ada@contoso.example", "{listed}");
        let none = Answer::of(server.api(&token, "GET", &format!("{at}/letters?mailing=1"))).await;
        assert_eq!(none.status, 400, "{}", none.text);
        let seen = admin.get(&format!("{page}?mailing={id}")).await;
        check(page, &seen);
        assert!(seen.text.contains("ada@contoso.example"), "{}", seen.text);
    }

    async fn g1_6_an_answer_counts_once_and_in_the_browser_that_asked(server) {
        let world = World::new(server).await;
        let account = world.plant("ada");
        let person = world.person(server, "ada", Some(&account)).await;
        let (browser, attacker) = (named(server), named(server));
        let form = world.sign_in(&browser, "ada", "").await;
        let posted = world.post(server, &form).await;
        let to = posted.header("location").to_owned();
        let stolen = attacker.get(&to).await;
        assert_eq!(stolen.status, 403, "{}", stolen.text);
        check("/saml/done", &stolen);
        assert_eq!(passkeys(server, person).await, (0, 0));
        assert_eq!(browser.get(&to).await.status, 303, "it was not used up by the attempt");
        assert_eq!(browser.get(&to).await.status, 403, "it works once");
        let again = world.post(server, &form).await;
        assert_eq!(again.status, 403);
        assert!(refusal(server).await.starts_with("PRV-SAML-"), "{}", refusal(server).await);
        assert!(!again.text.contains("PRV-SAML"), "nobody is told why: {}", again.text);
        let nothing = world.post(server, &vec![("RelayState".to_owned(), "x".to_owned())]).await;
        assert_eq!(nothing.status, 403);
    }

    async fn g1_6_every_wrong_answer_is_refused_and_nothing_follows(server) {
        let world = World::new(server).await;
        let (account, victim) = (world.plant("ada"), world.plant("eve"));
        world.person(server, "ada", Some(&account)).await;
        let person = world.person(server, "eve", Some(&victim)).await;
        let names = Simulator::wrong_responses();
        assert!(names.len() > 100, "{}", names.len());
        // One good answer, so that there is something to bring again.
        world.come(server, &named(server), "ada", "").await;
        let (mut in_order, mut too_long) = (Vec::new(), Vec::new());
        for (name, about) in names {
            world.simulator.inject(Rule::next("* /saml2", 1, Effect::wrong_response(name))).unwrap();
            let browser = named(server);
            let form = world.sign_in(&browser, "ada", "").await;
            let posted = world.post(server, &form).await;
            world.simulator.clear_faults();
            if posted.status == 303 {
                // In order as an answer: who is meant follows from the object id alone, a stranger or Ada herself.
                let told = browser.get(posted.header("location")).await;
                assert!([200, 303].contains(&told.status), "{name}: {} {}", told.status, told.text);
                in_order.push(name);
                continue;
            }
            if posted.status == 413 {
                too_long.push(name);
                continue;
            }
            assert_eq!(posted.status, 403, "{name} ({about}): {}", posted.text);
            let why = refusal(server).await;
            assert!(why.starts_with("PRV-SAML-"), "{name}: {why}");
        }
        assert_eq!(too_long, ["too_long"], "it is not even read");
        assert_eq!(in_order, ["unknown_object_id", "email_of_another", "look_alike_name"]);
        assert_eq!(world.requests(server).await, 3, "Ada's, and those of two strangers");
        assert!(world.request(server, &victim).await.is_none());
        assert_eq!(passkeys(server, person).await, (0, 0));
    }

    async fn g1_7_a_mail_address_ties_nobody_and_a_name_waits(server) {
        let world = World::new(server).await;
        let (ada, bob, cyd) = (world.plant("ada"), world.plant("bob"), world.plant("cyd"));
        let one = world.person(server, "ada", Some(&ada)).await;
        let two = world.person(server, "bob", None).await;
        // Another's mail address is typed in.
        let page = world.come(server, &named(server), "ada", "bob%40contoso.example").await;
        assert!(page.text.contains("it@contoso.example"), "{}", page.text);
        check("/saml/done", &page);
        let found = world.request(server, &ada).await.unwrap();
        assert_eq!((found.standing, found.conflict, found.person), (Standing::Mismatched, Conflict::Typed, one));
        // The name alone waits for an approval.
        world.come(server, &named(server), "bob", "").await;
        let found = world.request(server, &bob).await.unwrap();
        assert_eq!((found.standing, found.conflict, found.person), (Standing::Pending, Conflict::None, two));
        // Nobody is known.
        world.come(server, &named(server), "cyd", "").await;
        let found = world.request(server, &cyd).await.unwrap();
        assert_eq!((found.standing, found.conflict, found.person), (Standing::Mismatched, Conflict::Stranger, 0));
        for person in [one, two] {
            assert_eq!(passkeys(server, person).await, (0, 0));
        }
        let workspace = server.provider.workspace;
        let held = server.db.read(move |tx| identifier::holder(tx, workspace, identifier::Sort::Account, &bob)).await;
        assert_eq!(held.unwrap(), None, "nobody was linked");
    }

    async fn the_window_opens_ends_and_closes(server) {
        let world = World::new(server).await;
        let browser = named(server);
        let metadata = browser.get(&world.at("metadata")).await;
        assert_eq!(metadata.status, 200);
        assert!(metadata.text.contains(&world.at("acs")), "{}", metadata.text);
        let nowhere = browser.get(&format!("/saml/{}/metadata", Uuid::now_v7())).await;
        assert_eq!(nowhere.status, 404);
        let known = browser.get("/join/Contoso").await.text;
        let unknown = browser.get("/join/Nowhere").await;
        assert_eq!((unknown.status, unknown.text.replace("Nowhere", "Contoso")), (200, known));

        let provider = world.provider.clone();
        let over = server.db.write(move |tx| migration::move_deadline(tx, "test", now(), &provider, now() - 1, "over"));
        over.await.unwrap();
        let late = browser.get(&world.at("start")).await;
        assert_eq!(late.status, 403);
        assert!(late.text.contains("it@contoso.example"), "{}", late.text);
        check("/saml/start", &late);

        let provider = world.provider.clone();
        server.db.write(move |tx| migration::close(tx, "test", now(), &provider, "")).await.unwrap();
        for path in ["metadata", "start"] {
            assert_eq!(browser.get(&world.at(path)).await.status, 410, "{path}");
        }
        let form = vec![("SAMLResponse".to_owned(), "x".to_owned())];
        assert_eq!(world.post(server, &form).await.status, 410);
    }
}

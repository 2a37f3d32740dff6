//! People at their own sign-in, over HTTP: from an administrator's link to a passkey and in, what they keep themselves,
//! who may see and do what about it, and that neither side's session opens the other.

use crate::authenticator::Authenticator;
use crate::browser::Browser;
use crate::console_world::check;
use crate::harness::{Answer, Server, both};
use crate::matrix::{address, is_unsafe, method, routes};
use crate::run_world::person;
use provost_signin::Visit;
use provost_signin::person::{LINK_LIFE, Method, Return};
use provost_store::administrator::Role;
use provost_store::api_token::Scope;
use provost_store::person_signin::session;
use provost_store::{audit, directory, workspace};
use provost_web::policy::Policy;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

const HOUR: i64 = 3_600_000;

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The server by its name: passkeys belong to one.
fn named(server: &Server) -> String {
    server.address.replace("127.0.0.1", "localhost")
}

/// A person with a browser and a device.
pub struct Visitor {
    pub browser: Browser,
    pub device: Authenticator,
    pub id: String,
}

/// The key in the address of a link.
fn key_of(link: &str) -> &str {
    link.split_once("key=").unwrap().1
}

fn value(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{} {}", answer.status, answer.text))
}

impl Visitor {
    /// Somebody whom the provider has sent.
    async fn new(server: &Server, name: &str) -> Self {
        let origin = named(server);
        Self {
            id: person(server, name).await,
            browser: Browser::new(&origin),
            device: Authenticator::new(&origin),
        }
    }

    /// A link of the interface.
    pub async fn link(&self, server: &Server) -> String {
        let token = server.api_token(Scope::Operate).await;
        let path = format!("/people/{}/sign-in/links", self.id);
        let made = Answer::of(server.api(&token, "POST", &path)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        value(&made)["link"].as_str().unwrap().to_owned()
    }

    /// Follows a link, and makes a passkey.
    pub async fn enrol(&mut self, link: &str) -> Answer {
        let key = key_of(link);
        let page = self.browser.get(&format!("/me/Contoso/enrol?key={key}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let asked = json!({"key": key, "name": "This device"});
        let begun = self.browser.post_json("/me/Contoso/enrol/options", &asked).await;
        let begun = value(&begun);
        let answer = self.device.create(&begun["options"]);
        let brought =
            json!({"key": key, "name": "This device", "ceremony": begun["ceremony"], "answer": answer});
        self.browser.post_json("/me/Contoso/enrol", &brought).await
    }

    /// Signs in with the device.
    pub async fn enter(&mut self, handle: &str) -> Answer {
        self.enter_at("Contoso", handle).await
    }

    async fn enter_at(&mut self, workspace: &str, handle: &str) -> Answer {
        let path = format!("/me/{workspace}/sign-in");
        let begun = self
            .browser
            .post_json(&format!("{path}/options"), &json!({"return": handle}))
            .await;
        let begun = value(&begun);
        let answer = self.device.get(&begun["options"]);
        let brought = json!({"ceremony": begun["ceremony"], "answer": answer, "return": handle});
        self.browser.post_json(&path, &brought).await
    }

    /// Somebody with a passkey, signed in.
    pub async fn enrolled(server: &Server, name: &str) -> Self {
        let mut visitor = Self::new(server, name).await;
        let link = visitor.link(server).await;
        let entered = visitor.enrol(&link).await;
        assert_eq!(value(&entered), json!({"to": "/me/Contoso"}), "{}", entered.text);
        assert_eq!(visitor.home().await.status, 200);
        visitor
    }

    pub async fn home(&self) -> Answer {
        self.browser.get("/me/Contoso").await
    }

    /// Their inside key, and that of the workspace.
    async fn keys(&self, server: &Server) -> (i64, i64) {
        let (workspace, id) = (server.provider.workspace, self.id.parse::<Uuid>().unwrap());
        let read = move |tx: &mut provost_store::Tx| directory::key_by_id(tx, workspace, id);
        (server.db.read(read).await.unwrap().unwrap().0, workspace)
    }

    /// Puts a session into the browser in which they signed in half an hour ago.
    async fn make_stale(&self, server: &Server) {
        let (person, _) = self.keys(server).await;
        let cookie = "S".repeat(43);
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, cookie.as_bytes());
        let open = move |tx: &mut provost_store::Tx| {
            let new = session::New {
                person,
                method: Method::Passkey,
                csrf: "a secret of forms",
                expires: now() + HOUR,
                address: "127.0.0.1",
                agent: "test",
            };
            session::open(tx, now() - HOUR / 2, hash.as_ref(), &new)
        };
        server.db.write(open).await.unwrap();
        self.browser.set_cookie("provost_me", &cookie);
    }
}

fn server_workspace(tx: &mut provost_store::Tx) -> provost_store::Result<i64> {
    Ok(workspace::by_name(tx, "Contoso")?.unwrap().key)
}

/// Leads to the sign-in of the workspace's people, and shows nothing.
fn is_outside(answer: &Answer) -> bool {
    let to = answer.header("location");
    answer.status == 303 && to.starts_with("/me/") && to.ends_with("/sign-in") && answer.text.is_empty()
}

async fn audited(server: &Server) -> Vec<String> {
    let read = |tx: &mut provost_store::Tx| {
        let workspace = server_workspace(tx)?;
        audit::latest(tx, workspace, 100)
    };
    let rows = server.db.read(read).await.unwrap();
    rows.into_iter()
        .map(|one| format!("{} {}", one.action, one.actor))
        .collect()
}

both! {
    async fn a_link_leads_to_a_passkey_and_the_passkey_in(server) {
        let mut ada = Visitor::new(server, "Ada").await;
        let link = ada.link(server).await;
        let key = key_of(&link).to_owned();
        let page = ada.browser.get(&format!("/me/Contoso/enrol?key={key}")).await;
        check("/me/Contoso/enrol", &page);
        for text in ["Ada", "ada@contoso.example", "Contoso", "Make a passkey and sign in"] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
        let entered = ada.enrol(&link).await;
        assert_eq!(value(&entered), json!({"to": "/me/Contoso"}), "{}", entered.text);
        let set = entered.headers.get("set-cookie").unwrap().to_str().unwrap();
        assert!(set.starts_with("provost_me=") && set.contains("HttpOnly; SameSite=Lax") && set.contains("Path=/"), "{set}");
        let home = ada.home().await;
        check("/me/Contoso", &home);
        for text in ["Your sign-in", "Ada", "ada@contoso.example", "This device", "on one device", "Where you are signed in"] {
            assert!(home.text.contains(text), "{text}: {}", home.text);
        }
        let used = ada.browser.get(&format!("/me/Contoso/enrol?key={key}")).await;
        assert_eq!(used.status, 410);
        assert!(used.text.contains("A passkey was made with this link already."), "{}", used.text);
        let out = ada.browser.post("/me/Contoso/sign-out", &[]).await;
        assert_eq!((out.status, out.header("location")), (303, "/me/Contoso/sign-in"));
        assert!(is_outside(&ada.home().await));
        let page = ada.browser.get("/me/Contoso/sign-in").await;
        check("/me/Contoso/sign-in", &page);
        assert!(page.text.contains("autocomplete=\"username webauthn\""), "{}", page.text);
        assert_eq!(value(&ada.enter("").await), json!({"to": "/me/Contoso"}));
        assert_eq!(ada.home().await.status, 200);
        let again = ada.browser.get("/me/Contoso/sign-in").await;
        assert_eq!((again.status, again.header("location")), (303, "/me/Contoso"), "who is signed in goes on");
        let log = audited(server).await;
        for line in ["person_passkey.add person ada@contoso.example", "person_link.use person ada@contoso.example",
            "person_session.open person ada@contoso.example", "person_session.end person ada@contoso.example"] {
            assert!(log.iter().any(|one| one == line), "{line}: {log:?}");
        }
    }

    async fn a_link_says_what_became_of_it(server) {
        let ada = Visitor::new(server, "Ada").await;
        let old = ada.link(server).await;
        ada.link(server).await;
        let open = async |key: &str| ada.browser.get(&format!("/me/Contoso/enrol?key={key}")).await;
        let withdrawn = open(key_of(&old)).await;
        assert_eq!(withdrawn.status, 410);
        assert!(withdrawn.text.contains("This link was withdrawn, or a newer one has taken its place."), "{}", withdrawn.text);
        for guess in ["", "guess", &"A".repeat(43)] {
            let unknown = open(guess).await;
            assert!(unknown.status == 410 && unknown.text.contains("There is no such link."), "{}", unknown.text);
            assert!(!unknown.text.contains(">Contoso<"), "{}", unknown.text);
        }
        let (person, workspace) = ada.keys(server).await;
        let people = server.signin.people();
        let (late, _) = people.make_link("test", workspace, person, now() - LINK_LIFE - HOUR).await.unwrap();
        let expired = open(&late).await;
        assert!(expired.status == 410 && expired.text.contains("This link has expired."), "{}", expired.text);
        let begun = ada.browser.post_json("/me/Contoso/enrol/options", &json!({"key": late})).await;
        assert_eq!((begun.status, value(&begun)["code"].as_str()), (410, Some("PRV-SIGNIN-LINK")));
        let plain = ada.browser.post("/me/Contoso/enrol", &[("key", late.as_str())]).await;
        assert!(plain.status == 422 && plain.text.contains("Browsers offer passkeys to scripts only"), "{}", plain.text);
    }

    async fn every_refusal_of_a_sign_in_is_the_same(server) {
        let mut ada = Visitor::enrolled(server, "Ada").await;
        server.db.write(|tx| workspace::create(tx, "test", 1, Uuid::now_v7(), "Fabrikam")).await.unwrap();
        let fresh = Browser::new(&named(server));
        ada.browser = fresh;
        let mut stranger = Visitor::new(server, "Bo").await;
        stranger.device.handle = Uuid::parse_str(&stranger.id).unwrap().as_bytes().to_vec();
        let pages = [ada.browser.get("/me/Contoso/sign-in").await, ada.browser.get("/me/Nowhere/sign-in").await];
        let shown: Vec<String> = ["Contoso", "Nowhere"].iter().zip(&pages).map(|(name, page)| page.text.replace(name, "X")).collect();
        assert_eq!(shown[0], shown[1], "a workspace that there is not looks like any other");
        let answers = [
            ada.enter_at("Fabrikam", "").await,
            ada.enter_at("Nowhere", "").await,
            stranger.enter("").await,
        ];
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (422, &answers[0].text));
            assert!(answer.text.contains("PRV-SIGNIN-REFUSED"), "{}", answer.text);
            assert!(answer.headers.get("set-cookie").is_none());
        }
        assert_eq!(ada.enter("").await.status, 200);
    }

    async fn a_person_keeps_names_sessions_language_and_time_zone(server) {
        let mut ada = Visitor::enrolled(server, "Ada").await;
        let page = ada.browser.get("/me/Contoso/settings").await;
        check("/me/Contoso/settings", &page);
        let wrong = ada.browser.post("/me/Contoso/settings", &[("language", "de"), ("zone", "Mars/Base")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        let saved = ada.browser.post("/me/Contoso/settings", &[("language", "de"), ("zone", "Europe/Berlin")]).await;
        assert_eq!((saved.status, saved.header("location")), (303, "/me/Contoso?done=saved"));
        let home = ada.browser.get("/me/Contoso?done=saved").await;
        for text in ["Ihre Anmeldung", "Deutsch", "Europe/Berlin", "auf einem Gerät", "Gespeichert", "Abmelden"] {
            assert!(home.text.contains(text), "{text}: {}", home.text);
        }
        ada.browser.post("/me/Contoso/settings", &[("language", "en"), ("zone", "")]).await;
        let first = passkey_address(&ada.home().await.text);
        let page = ada.browser.get(&first).await;
        check(&first, &page);
        assert!(page.text.contains("It is your last way to sign in."), "{}", page.text);
        let last = ada.browser.post(&format!("{first}/remove"), &[]).await;
        assert!(last.status == 409 && last.text.contains("PRV-SIGNIN-LAST-WAY") && last.text.contains("Your sign-in"), "{}", last.text);
        let renamed = ada.browser.post(&first, &[("name", "Laptop")]).await;
        assert_eq!(renamed.header("location"), "/me/Contoso?done=saved", "{}", renamed.text);
        assert_eq!(ada.browser.post(&first, &[("name", " \n")]).await.status, 422);
        assert_eq!(ada.browser.get("/me/Contoso/passkeys/1").await.status, 404);
        let device = std::mem::replace(&mut ada.device, Authenticator::new(&named(server)));
        let mut elsewhere = Visitor { browser: Browser::new(&named(server)), device, id: ada.id.clone() };
        assert_eq!(elsewhere.enter("").await.status, 200);
        let home = ada.home().await;
        assert!(home.text.contains("Laptop") && home.text.contains("End all others"), "{}", home.text);
        let ended = ada.browser.post("/me/Contoso/sessions/end-others", &[]).await;
        assert_eq!(ended.header("location"), "/me/Contoso?done=ended");
        assert!(is_outside(&elsewhere.home().await));
        assert_eq!(ada.browser.post("/me/Contoso/sessions/1/end", &[]).await.status, 404);
    }

    async fn a_second_passkey_needs_a_fresh_sign_in_and_the_first_may_go_then(server) {
        let mut ada = Visitor::enrolled(server, "Ada").await;
        let page = ada.browser.get("/me/Contoso/passkeys/new").await;
        check("/me/Contoso/passkeys/new", &page);
        ada.make_stale(server).await;
        let first = passkey_address(&ada.home().await.text);
        let stale = ada.browser.post_json("/me/Contoso/passkeys/options", &json!({})).await;
        assert_eq!(value(&stale)["code"], "PRV-SIGNIN-STALE", "{}", stale.text);
        let sent = ada.browser.post(&format!("{first}/remove"), &[]).await;
        assert!(sent.status == 303 && sent.header("location").starts_with("/me/Contoso/sign-in?return="), "{}", sent.text);
        let led = ada.browser.get("/me/Contoso/passkeys/new").await;
        let to = led.header("location").to_owned();
        assert!(led.status == 303 && to.starts_with("/me/Contoso/sign-in?return="), "{to}");
        assert_eq!(ada.browser.get(&to).await.status, 200, "it is to be proved again");
        let handle = to.split_once("return=").unwrap().1;
        let before = ada.browser.cookie("provost_me");
        assert_eq!(value(&ada.enter(handle).await), json!({"to": "/me/Contoso/passkeys/new"}));
        assert_ne!(ada.browser.cookie("provost_me"), before, "another session takes the place of the stale one");
        assert_eq!(value(&ada.enter(handle).await), json!({"to": "/me/Contoso"}), "a handle works once");
        assert_eq!(ada.browser.get("/me/Contoso/passkeys/new").await.status, 200);
        let begun = value(&ada.browser.post_json("/me/Contoso/passkeys/options", &json!({"name": "Key"})).await);
        let answer = Authenticator::new(&named(server)).create(&begun["options"]);
        let brought = json!({"name": "Key", "ceremony": begun["ceremony"], "answer": answer});
        let added = ada.browser.post_json("/me/Contoso/passkeys/new", &brought).await;
        assert_eq!(value(&added), json!({"to": "/me/Contoso?done=added"}));
        let removed = ada.browser.post(&format!("{first}/remove"), &[]).await;
        assert_eq!(removed.header("location"), "/me/Contoso?done=removed", "{}", removed.text);
        assert_eq!(ada.enter("").await.status, 422, "the removed one lets nobody in");
    }

    async fn a_way_back_leads_where_the_server_said(server) {
        let mut ada = Visitor::enrolled(server, "Ada").await;
        ada.browser.get("/me/Contoso/sign-in").await;
        let (people, workspace) = (server.signin.people(), server.provider.workspace);
        let visit = Visit { address: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: "test".to_owned() };
        // A browser that is known by its cookie, as the part that sends it here sees it.
        let browser = ada.browser.cookie("provost_browser").unwrap();
        let keep = async |again| {
            let back = Return { to: "/idp/Contoso/continue?request=7".to_owned(), again };
            people.keep_return(workspace, &browser, back, &visit, now()).await.unwrap()
        };
        let handle = keep(false).await;
        let passed = ada.browser.get(&format!("/me/Contoso/sign-in?return={handle}")).await;
        assert_eq!((passed.status, passed.header("location")), (303, "/idp/Contoso/continue?request=7"));
        let handle = keep(true).await;
        let asked = ada.browser.get(&format!("/me/Contoso/sign-in?return={handle}")).await;
        assert!(asked.status == 200 && asked.text.contains(&handle), "{}", asked.text);
        assert_eq!(value(&ada.enter(&handle).await), json!({"to": "/idp/Contoso/continue?request=7"}));
        for foreign in ["https://host.example/", "//host.example", "/account"] {
            assert_eq!(value(&ada.enter(foreign).await), json!({"to": "/me/Contoso"}), "{foreign} is no handle");
        }
    }

    async fn neither_session_opens_the_other_side(server) {
        let ada = Visitor::enrolled(server, "Ada").await;
        let owner = server.signed_in(Role::Owner).await;
        let (cookie, csrf) = (ada.browser.cookie("provost_me").unwrap(), ada.browser.csrf());
        for route in routes(server) {
            let is_own = matches!(route.policy, Policy::Person | Policy::FreshPerson);
            let is_console = crate::matrix::asked(route.policy).is_some();
            let path = address(&route, "Contoso");
            let send = async |browser: &Browser, csrf: &str| {
                let request = browser.bare(method(&route), &path);
                if is_unsafe(&route) {
                    use crate::browser::Sends as _;
                    let request = request.header("origin", browser.address());
                    return browser.send(request.form(&[("csrf", csrf)])).await;
                }
                browser.send(request).await
            };
            if is_own {
                let answer = send(&owner, &owner.csrf()).await;
                assert!(is_outside(&answer), "{path}: {} {}", answer.status, answer.text);
                let planted = server.browser();
                planted.set_cookie("provost_me", &owner.cookie("provost_session").unwrap());
                assert!(is_outside(&send(&planted, &owner.csrf()).await), "{path}");
                assert!(is_outside(&send(&server.browser(), "").await), "{path}");
            }
            if is_console {
                for name in ["provost_me", "provost_session"] {
                    let planted = server.browser();
                    planted.set_cookie(name, &cookie);
                    let answer = send(&planted, &csrf).await;
                    assert!(answer.status == 303 && answer.header("location").starts_with("/signin"), "{path}: {}", answer.text);
                }
            }
        }
    }

    async fn what_a_person_sends_comes_from_their_own_pages(server) {
        use crate::browser::Sends as _;
        let ada = Visitor::enrolled(server, "Ada").await;
        for route in routes(server).iter().filter(|one| matches!(one.policy, Policy::Person | Policy::FreshPerson) && is_unsafe(one)) {
            let path = address(route, "Contoso");
            for (origin, csrf) in [("http://host.example", ada.browser.csrf()), (ada.browser.address(), "x".repeat(43))] {
                let request = ada.browser.bare("POST", &path).header("origin", origin);
                let answer = ada.browser.send(request.form(&[("csrf", csrf.as_str())])).await;
                assert_eq!(answer.status, 403, "{path}: {}", answer.text);
                assert!(answer.text.contains("Ada"), "in their own frame: {}", answer.text);
            }
        }
        assert_eq!(ada.home().await.status, 200);
    }

    async fn another_workspace_and_a_closed_person_are_outside(server) {
        let ada = Visitor::enrolled(server, "Ada").await;
        server.db.write(|tx| workspace::create(tx, "test", 1, Uuid::now_v7(), "Fabrikam")).await.unwrap();
        for workspace in ["Fabrikam", "Nowhere"] {
            let answer = ada.browser.get(&format!("/me/{workspace}")).await;
            assert!(is_outside(&answer) && answer.header("location").contains(workspace), "{}", answer.text);
        }
        assert_eq!(ada.home().await.status, 200);
        let operations = json!([{"op": "replace", "path": "active", "value": false}]);
        server.patch(&format!("/Users/{}", ada.id), operations).await;
        assert!(is_outside(&ada.home().await));
    }

    async fn administrators_see_and_act_as_their_role_says(server) {
        let mut ada = Visitor::enrolled(server, "Ada").await;
        let page = format!("/w/Contoso/people/{}", ada.id);
        let (auditor, admin) = (server.signed_in(Role::Auditor).await, server.signed_in(Role::AccessAdmin).await);
        let seen = auditor.get(&page).await;
        check(&page, &seen);
        for text in ["id=\"sign-in\"", "This device", "used", "This takes the role owner or access admin."] {
            assert!(seen.text.contains(text), "{text}: {}", seen.text);
        }
        for act in ["link", "withdraw", "end", "remove"] {
            let refused = auditor.post(&format!("{page}/sign-in/{act}"), &[("key", "1")]).await;
            assert_eq!(refused.status, 403, "{act}: {}", refused.text);
        }
        assert_eq!(ada.home().await.status, 200);
        let ended = admin.post(&format!("{page}/sign-in/end"), &[]).await;
        assert_eq!(ended.status, 303, "{}", ended.text);
        assert!(is_outside(&ada.home().await));
        assert_eq!(ada.enter("").await.status, 200);
        let shown = admin.get(&page).await.text;
        let key = shown.split_once("aria-label=\"Remove the passkey This device\"").unwrap().0;
        let key = key.rsplit_once("value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        let removed = admin.post(&format!("{page}/sign-in/remove"), &[("key", &key)]).await;
        assert_eq!(removed.status, 303, "{}", removed.text);
        assert!(is_outside(&ada.home().await));
        assert_eq!(ada.enter("").await.status, 422);
        let made = admin.post(&format!("{page}/sign-in/link"), &[]).await;
        assert_eq!(made.status, 200, "{}", made.text);
        check(&page, &made);
        let link = made.text.split_once("/me/Contoso/enrol?key=").unwrap().1.split_once('<').unwrap().0;
        assert_eq!(link.len(), 43);
        assert!(!admin.get(&page).await.text.contains(link), "it is shown once");
        let shown = admin.get(&page).await.text;
        let live = shown.split_once("/sign-in/withdraw").unwrap().1;
        let key = live.split_once("name=\"key\" value=\"").unwrap().1.split_once('"').unwrap().0;
        assert_eq!(admin.post(&format!("{page}/sign-in/withdraw"), &[("key", key)]).await.status, 303);
        let gone = ada.browser.get(&format!("/me/Contoso/enrol?key={link}")).await;
        assert!(gone.status == 410 && gone.text.contains("withdrawn"), "{}", gone.text);
        let log = audited(server).await;
        for action in ["person_session.end_all", "person_passkey.remove", "person_link.make", "person_link.withdraw"] {
            assert!(log.iter().any(|one| one.starts_with(&format!("{action} administrator "))), "{action}: {log:?}");
        }
    }

    async fn the_interface_does_what_the_page_does(server) {
        let mut ada = Visitor::enrolled(server, "Ada").await;
        let (reads, acts) = (server.api_token(Scope::Read).await, server.api_token(Scope::Operate).await);
        let path = format!("/people/{}/sign-in", ada.id);
        let ask = async |token: &str, method: &str, path: &str| Answer::of(server.api(token, method, path)).await;
        let seen = value(&ask(&reads, "GET", &path).await);
        assert_eq!((&seen["person"], &seen["closed"], &seen["passkeys"][0]["kept"]), (&json!(ada.id), &Value::Null, &json!("device")));
        assert_eq!((seen["sessions"].as_array().unwrap().len(), &seen["links"][0]["state"]), (1, &json!("used")));
        for (method, below) in [("POST", "/links"), ("DELETE", "/sessions"), ("DELETE", "/passkeys/1"), ("DELETE", "/links/1"), ("DELETE", "/sessions/1")] {
            let refused = ask(&reads, method, &format!("{path}{below}")).await;
            assert_eq!(refused.status, 403, "{method} {below}: {}", refused.text);
        }
        for below in ["/links/1", "/sessions/1", "/passkeys/1"] {
            let unknown = ask(&acts, "DELETE", &format!("{path}{below}")).await;
            assert_eq!((unknown.status, &value(&unknown)["code"]), (404, &json!("PRV-PERSON-SIGNIN-UNKNOWN")), "{below}");
        }
        let session = seen["sessions"][0]["key"].as_i64().unwrap();
        assert_eq!(ask(&acts, "DELETE", &format!("{path}/sessions/{session}")).await.status, 204);
        assert!(is_outside(&ada.home().await));
        let link = ada.link(server).await;
        let seen = value(&ask(&reads, "GET", &path).await);
        assert!(!seen.to_string().contains(key_of(&link)), "{seen}");
        let key = seen["links"][0]["key"].as_i64().unwrap();
        assert_eq!(seen["links"][0]["state"], "valid");
        assert_eq!(ask(&acts, "DELETE", &format!("{path}/links/{key}")).await.status, 204);
        let passkey = seen["passkeys"][0]["key"].as_i64().unwrap();
        assert_eq!(ask(&acts, "DELETE", &format!("{path}/passkeys/{passkey}")).await.status, 204);
        assert_eq!(ada.enter("").await.status, 422);
        let blocked = server.api(&acts, "POST", &format!("/people/{}/block", ada.id));
        assert_eq!(Answer::of(blocked.header("content-type", "application/json").body("{}")).await.status, 200);
        let refused = ask(&acts, "POST", &format!("{path}/links")).await;
        assert_eq!((refused.status, &value(&refused)["code"]), (409, &json!("PRV-PERSON-CLOSED")), "{}", refused.text);
        assert_eq!(value(&ask(&reads, "GET", &path).await)["closed"], "blocked");
    }
}

/// The address of the first passkey on a person's page.
fn passkey_address(page: &str) -> String {
    let (_, rest) = page.split_once("href=\"/me/Contoso/passkeys/").unwrap();
    format!("/me/Contoso/passkeys/{}", rest.split_once('"').unwrap().0)
}

//! Provost as the identity provider of Microsoft 365: what it publishes, what it answers, whom it refuses, and that the
//! simulated Microsoft 365 takes its answers.

use crate::api_once::send;
use crate::browser::{Browser, Sends as _};
use crate::console_world::check;
use crate::harness::{Answer, Server, both};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use m365_sim::{Settings, Simulator};
use provost_engine::object::Kind;
use provost_signin::person::Method;
use provost_store::administrator::Role;
use provost_store::api_token::Scope;
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::federated_signin::{self, Line};
use provost_store::identifier::{self, Facts, Place};
use provost_store::microsoft_365::{self as m365, DomainState, Look, Mode, Provider};
use provost_store::person_signin::session;
use provost_store::{Error, Tx, audit, signing_key};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

const NAME: &str = "Office 365";
const PATH: &str = "/microsoft-365-providers/Office%20365";
/// Microsoft takes addresses with https only; the way there is the test's.
const PUBLIC: &str = "https://hub.contoso.example";
const HOUR: i64 = 3_600_000;

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

async fn write<T: Send + 'static>(
    server: &Server,
    f: impl FnMut(&mut Tx) -> Result<T, Error> + Send + 'static,
) -> T {
    server.db.write(f).await.unwrap()
}

/// A provider whose one person can sign in.
struct World {
    provider: Provider,
    connection: Connection,
    ada: Object,
    browser: Browser,
}

fn person(tx: &mut Tx, workspace: i64, name: &str) -> Result<Object, Error> {
    let owner = Owner {
        workspace,
        key: workspace,
    };
    let change = Change {
        owner,
        actor: "test",
        now: 1,
    };
    let document = json!({"userName": name, "displayName": "Ada <b>&\" Lovelace", "active": true});
    let document = document.as_object().cloned().unwrap_or_default();
    let placement = Placement {
        role: "user",
        team: None,
        permission: None,
    };
    directory::create(tx, &change, Kind::Person, Uuid::now_v7(), &document, &placement)
}

impl World {
    /// Ada is linked to `name`, which has her own immutable id.
    async fn new(server: &Server, name: &'static str, login: &str) -> Self {
        let workspace = server.provider.workspace;
        let settings = json!({"login_url": login});
        let (provider, connection, ada) = write(server, move |tx| {
            let look = Look {
                domain: DomainState::Verified,
                tenant_id: Some(Settings::CONTOSO_TENANT.to_owned()),
            };
            let new = m365::New {
                id: Uuid::now_v7(),
                workspace,
                name: NAME,
                label: "",
                link_key: "User: UDI",
                domain: "contoso.example",
                tenant_name: "contoso",
                look: &look,
                settings: &settings,
            };
            let provider = m365::create(tx, "owner", 5, &new)?;
            let (tenant, guard) = (
                json!({"tenant": Settings::CONTOSO_TENANT, "client_id": "c"}),
                json!({}),
            );
            let made = connection::New {
                id: Uuid::now_v7(),
                workspace,
                name: NAME,
                connector: "graph",
                settings: &tenant,
                guard: &guard,
            };
            let made = connection::create(tx, "owner", 6, &made)?;
            let nobody = Preferences {
                assignment: Assignment::Assigned,
                ..Preferences::default()
            };
            connection::set_preferences(tx, "owner", 6, &made, &nobody)?;
            let provider = m365::set_connection(tx, "owner", 7, &provider, made.key)?;
            let ada = person(tx, workspace, "ada@contoso.example")?;
            Ok((provider, made, ada))
        })
        .await;
        server
            .engine()
            .configure_provider_authentication(workspace, NAME, "owner")
            .await
            .unwrap();
        let world = Self {
            browser: Browser::new(&server.address),
            provider,
            connection,
            ada,
        };
        world.link(server, name, &world.ada.id.to_string()).await;
        world.sign_in(server, now()).await;
        world
    }

    /// Links Ada to an account of this name and immutable id.
    async fn link(&self, server: &Server, name: &str, immutable: &str) {
        let (c, ada) = (self.connection.clone(), self.ada.clone());
        let facts = Facts {
            id: "a-1".to_owned(),
            name: name.to_owned(),
            label: name.to_owned(),
            immutable_id: immutable.to_owned(),
            enabled: true,
            ..Facts::default()
        };
        write(server, move |tx| {
            identifier::begin(tx, 5, &c, &[])?;
            let place = Place {
                connection: &c,
                began: 5,
            };
            identifier::put_accounts(tx, 5, &place, std::slice::from_ref(&facts))?;
            identifier::add_people(tx, c.key, &[(ada.key, "ada".to_owned())])?;
            identifier::end(tx, 6, c.key, 1, "")?;
            identifier::tie(tx, "test", 7, &c, &ada, "a-1")
        })
        .await;
    }

    async fn unlink(&self, server: &Server) {
        let c = self.connection.clone();
        let was_linked = write(server, move |tx| identifier::untie(tx, "test", 8, &c, "a-1")).await;
        assert!(was_linked);
    }

    /// A session of Ada's in her browser, which began then.
    async fn sign_in(&self, server: &Server, at: i64) {
        let cookie: String = Uuid::new_v4().simple().to_string() + "ABCDEFGHIJK";
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, cookie.as_bytes());
        let person = self.ada.key;
        let open = move |tx: &mut Tx| {
            let new = session::New {
                person,
                method: Method::Passkey,
                csrf: "a secret of forms",
                expires: now() + HOUR,
                address: "127.0.0.1",
                agent: "test",
            };
            session::open(tx, at, hash.as_ref(), &new)
        };
        server.db.write(open).await.unwrap();
        self.browser.set_cookie("provost_me", &cookie);
    }

    fn at(&self, rest: &str) -> String {
        format!("/idp/{}/{rest}", self.provider.id)
    }

    /// Sends a request as Microsoft 365 has a browser send it: a form of another site, without the session.
    async fn ask(&self, request: &str, relay: &str) -> Answer {
        let foreign = Browser::new(self.browser.address());
        if let Some(known) = self.browser.cookie("provost_federation") {
            foreign.set_cookie("provost_federation", &known);
        }
        let message = STANDARD.encode(request);
        let form = foreign
            .bare("POST", &self.at("saml"))
            .header("origin", "https://login.microsoftonline.com")
            .form(&[("SAMLRequest", message.as_str()), ("RelayState", relay)]);
        let answer = foreign.send(form).await;
        if let Some(given) = foreign.cookie("provost_federation") {
            self.browser.set_cookie("provost_federation", &given);
        }
        answer
    }

    /// The page to which a request leads.
    async fn go_on(&self, request: &str, relay: &str) -> Answer {
        let asked = self.ask(request, relay).await;
        assert_eq!(asked.status, 303, "{}", asked.text);
        self.browser.get(asked.header("location")).await
    }

    async fn sign_ins(&self, server: &Server) -> Vec<Line> {
        let key = self.provider.key;
        let read = move |tx: &mut Tx| federated_signin::page(tx, key, None, None, 100);
        server.db.read(read).await.unwrap()
    }

    /// Nobody gets an assertion, for this reason.
    async fn refuses(&self, server: &Server, reason: &str) {
        let page = self.go_on(&request(""), "state").await;
        assert_eq!(page.status, 403, "{reason}: {}", page.text);
        assert!(
            !page.text.contains("SAMLResponse") && page.text.contains(reason),
            "{reason}: {}",
            page.text
        );
        check("/idp/refused", &page);
        let last = self.sign_ins(server).await.remove(0);
        assert_eq!((last.outcome.as_str(), last.reason.as_str()), ("refused", reason));
        assert!(last.assertion.is_empty());
    }
}

/// A request of Microsoft 365 with these attributes besides.
pub fn request(more: &str) -> String {
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r1\" Version=\"2.0\" \
         IssueInstant=\"2026-01-05T09:00:00Z\"{more}><saml:Issuer \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">urn:federation:MicrosoftOnline</saml:Issuer>\
         <samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"/></samlp:AuthnRequest>"
    )
}

/// The value of a hidden field of a page, as a browser sends it.
fn field(page: &str, name: &str) -> Option<String> {
    let rest = page.split_once(&format!("name=\"{name}\" value=\""))?.1;
    let value = rest.split_once('"')?.0;
    let plain = value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    Some(plain)
}

/// The response in a page.
fn response(page: &Answer) -> String {
    let field = field(&page.text, "SAMLResponse").unwrap_or_else(|| panic!("{} {}", page.status, page.text));
    String::from_utf8(STANDARD.decode(field).unwrap()).unwrap()
}

async fn audited(server: &Server, workspace: i64) -> Vec<audit::Entry> {
    let read = move |tx: &mut Tx| audit::latest(tx, workspace, 50);
    server.db.read(read).await.unwrap()
}

both! {
    async fn what_it_publishes_is_public_signed_and_the_same_until_a_key_changes(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        let anybody = Browser::new(&server.address);
        let get = async |rest: &str| anybody.get(&world.at(rest)).await;
        let metadata = get("metadata").await;
        assert_eq!((metadata.status, metadata.header("content-type")), (200, "application/samlmetadata+xml"));
        assert_eq!(metadata.header("cache-control"), "public, max-age=3600");
        assert!(metadata.headers.get("set-cookie").is_none());
        let issuer = format!("{}/idp/{}", server.address, world.provider.id);
        for text in [format!("entityID=\"{issuer}\""), format!("Location=\"{issuer}/saml\""), format!("Location=\"{issuer}/logout\"")] {
            assert!(metadata.text.contains(&text), "{text}: {}", metadata.text);
        }
        assert!(metadata.text.contains("SignatureValue"));
        assert_eq!(metadata.text, get("metadata").await.text, "the same document twice");
        let passive = get("FederationMetadata/2007-06/FederationMetadata.xml").await;
        assert!(passive.status == 200 && passive.text.contains(&format!("{issuer}/wsfed")), "{}", passive.text);
        let mex = get("mex").await;
        assert!(mex.status == 200 && mex.text.contains("WS-Trust is not offered") && !mex.text.contains("usernamemixed"), "{}", mex.text);
        // A second key stands in both; only its certificate.
        let made = server.engine().prepare_provider_signing_key(world.provider.workspace, NAME, "owner").await.unwrap();
        let certificate = made.certificate.base64();
        for rest in ["metadata", "FederationMetadata/2007-06/FederationMetadata.xml"] {
            let text = get(rest).await.text;
            assert!(text.contains(&certificate) && text.matches("<md:KeyDescriptor").count() == 2, "{text}");
        }
        for nothing in ["/idp/none/metadata", &format!("/idp/{}/metadata", Uuid::nil()), &format!("/idp/{}/saml", Uuid::nil())] {
            assert_eq!(anybody.get(nothing).await.status, 404, "{nothing}");
        }
    }

    async fn who_is_signed_in_gets_an_assertion_once(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        let relay = "estsredirect=2&a=\"><script>alert(1)</script>&b=%20".repeat(8);
        let asked = world.ask(&request(""), &relay).await;
        let go_on = asked.header("location").to_owned();
        assert!(asked.status == 303 && go_on.starts_with(&world.at("go-on?request=")), "{go_on}");
        assert_eq!(asked.header("cross-origin-opener-policy"), "unsafe-none");
        let page = world.browser.get(&go_on).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action https://login.microsoftonline.com ") && policy.contains("script-src 'self'"), "{policy}");
        assert!(page.text.contains("action=\"https://login.microsoftonline.com/login.srf\""), "{}", page.text);
        assert_eq!(field(&page.text, "RelayState").as_deref(), Some(relay.as_str()));
        assert!(!page.text.contains("<script>alert"), "{}", page.text);
        assert_eq!(page.header("cache-control"), "no-store");
        let text = response(&page);
        for wanted in [
            format!(">{}</saml:NameID>", world.ada.id),
            "InResponseTo=\"_r1\"".to_owned(),
            "Recipient=\"https://login.microsoftonline.com/login.srf\"".to_owned(),
            "<saml:Audience>urn:federation:MicrosoftOnline</saml:Audience>".to_owned(),
            "http://schemas.microsoft.com/claims/multipleauthn".to_owned(),
            ">ada@contoso.example</saml:AttributeValue>".to_owned(),
        ] {
            assert!(text.contains(&wanted), "{wanted}: {text}");
        }
        let again = world.browser.get(&go_on).await;
        assert!(again.status == 410 && !again.text.contains("SAMLResponse"), "{} {}", again.status, again.text);
        let lines = world.sign_ins(server).await;
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line = &lines[0];
        assert_eq!((line.outcome.as_str(), line.person, line.name.as_str(), line.method.as_str()),
            ("issued", Some(world.ada.id), "ada@contoso.example", "passkey"));
        assert!(text.contains(&format!("ID=\"{}\"", line.assertion)));
        let log = audited(server, world.provider.workspace).await;
        let row = log.iter().find(|row| row.action == "federation.issue").unwrap();
        assert_eq!((row.actor.as_str(), row.subject.as_str()), ("person ada@contoso.example", world.ada.id.to_string().as_str()));
        for wanted in [line.assertion.as_str(), "urn:federation:MicrosoftOnline", "passkey"] {
            assert!(row.detail.contains(wanted), "{}", row.detail);
        }
    }

    async fn its_certificates_stand_among_the_credentials(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        server.engine().prepare_provider_signing_key(world.provider.workspace, NAME, "owner").await.unwrap();
        let token = server.api_token(Scope::Read).await;
        let told = Answer::of(server.api(&token, "GET", "/credentials")).await.json();
        let lines = told["credentials"].as_array().unwrap();
        for kind in ["signing_certificate", "next_signing_certificate"] {
            let line = lines.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("{kind}: {told}"));
            assert_eq!((&line["of"], &line["is_expired"]), (&json!(NAME), &json!(false)));
            assert!(line["expires"].is_string() && line["label"].as_str().unwrap().contains("contoso.example"), "{line}");
        }
        let page = server.signed_in(Role::Auditor).await.get("/w/Contoso/credentials").await;
        check("/w/Contoso/credentials", &page);
        for text in ["certificate that signs", "next signing certificate", "/w/Contoso/microsoft-365/Office%20365/authentication"] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
    }

    async fn a_request_belongs_to_one_browser_one_provider_and_ten_minutes(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        let asked = world.ask(&request(""), "").await;
        let go_on = asked.header("location").to_owned();
        let mine = world.browser.cookie("provost_me").unwrap();
        // Another browser, though the same person is signed in in it.
        let other = Browser::new(&server.address);
        other.set_cookie("provost_me", &mine);
        let refused = other.get(&go_on).await;
        assert!(refused.status == 410 && !refused.text.contains("SAMLResponse"), "{}", refused.text);
        for wrong in ["", "x", &"A".repeat(43)] {
            let refused = world.browser.get(&world.at(&format!("go-on?request={wrong}"))).await;
            assert_eq!(refused.status, 410, "{wrong}");
        }
        // It is not used up by any of that.
        assert_eq!(world.browser.get(&go_on).await.status, 200);
    }

    async fn without_a_session_the_way_leads_over_the_sign_in_and_back(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        world.browser.set_cookie("provost_me", "none");
        let asked = world.ask(&request(""), "state").await;
        let led = world.browser.get(asked.header("location")).await;
        let to = led.header("location").to_owned();
        assert!(led.status == 303 && to.starts_with("/me/Contoso/sign-in?return="), "{} {to}", led.status);
        let page = world.browser.get(&to).await;
        assert_eq!((page.status, page.header("cross-origin-opener-policy")), (200, "unsafe-none"));
        world.sign_in(server, now()).await;
        // Who is signed in meanwhile goes on at once, with the same request.
        let back = world.browser.get(&to).await;
        assert_eq!((back.status, back.header("location")), (303, asked.header("location")));
        let answered = world.browser.get(back.header("location")).await;
        assert!(response(&answered).contains("multipleauthn"));
        // Nobody may be asked: Microsoft is told so.
        world.browser.set_cookie("provost_me", "none");
        let passive = world.go_on(&request(" IsPassive=\"true\""), "state").await;
        let text = response(&passive);
        assert!(text.contains("status:NoPassive") && !text.contains("<saml:Assertion"), "{text}");
        assert_eq!(world.sign_ins(server).await[0].reason, "no_passive");
    }

    async fn a_fresh_proof_is_asked_for_when_the_request_says_so(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        world.sign_in(server, now() - HOUR).await;
        let is_led = |answer: &Answer| answer.status == 303 && answer.header("location").contains("/sign-in?return=");
        assert!(is_led(&world.go_on(&request(" ForceAuthn=\"true\""), "").await));
        assert_eq!(world.go_on(&request(""), "").await.status, 200, "else the session is enough");
        let passive = async |more: &str| {
            let path = world.at(&format!("wsfed?wa=wsignin1.0&wtrealm=urn:federation:MicrosoftOnline&wctx=c{more}"));
            let asked = world.browser.get(&path).await;
            assert_eq!(asked.status, 303, "{}", asked.text);
            world.browser.get(asked.header("location")).await
        };
        assert!(is_led(&passive("&wfresh=0").await));
        assert!(is_led(&passive("&wfresh=30").await));
        assert_eq!(passive("&wfresh=90").await.status, 200);
        // The one that asked for a new proof goes on with it, and says when that was.
        let asked = world.ask(&request(" ForceAuthn=\"true\""), "").await;
        world.sign_in(server, now() + 1).await;
        assert!(response(&world.browser.get(asked.header("location")).await).contains("AuthnInstant"));
    }

    async fn what_cannot_be_answered_is_refused_without_a_word_why(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        let foreign = " AssertionConsumerServiceURL=\"https://elsewhere.example/acs\"";
        let wrong = request("").replace("urn:federation:MicrosoftOnline", "urn:somebody");
        let bomb = format!("<!DOCTYPE a [<!ENTITY b \"{}\">]>{}", "b".repeat(100), request(""));
        for bad in [request(foreign), wrong, bomb, "no xml".to_owned(), request(" Destination=\"https://elsewhere.example/\"")] {
            let refused = world.ask(&bad, "").await;
            assert_eq!(refused.status, 400, "{bad}: {}", refused.text);
            assert!(!refused.text.contains("PRV-SAML") && !refused.text.contains("elsewhere"), "{}", refused.text);
        }
        let lines = world.sign_ins(server).await;
        assert_eq!(lines.len(), 5);
        assert!(lines.iter().all(|line| line.reason.starts_with("request:PRV-SAML-")), "{lines:?}");
        // Twice the same field, a wrong realm, a form that is too large.
        let twice = "SAMLRequest=a&SAMLRequest=b";
        let request = world.browser.bare("POST", &world.at("saml")).header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(world.browser.send(request.body(twice)).await.status, 400);
        let realm = world.at("wsfed?wa=wsignin1.0&wtrealm=urn:other");
        assert_eq!(world.browser.get(&realm).await.status, 400);
        let large = world.browser.bare("POST", &world.at("saml")).header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(world.browser.send(large.body("a".repeat(70_000))).await.status, 413);
        // A redirect whose message does not end.
        let bad = world.at("saml?SAMLRequest=7cEBDQAAAMKg909tDjegAAAAAAAAAAAAAADg");
        assert_eq!(world.browser.get(&bad).await.status, 400);
        // More of them are not even noted.
        let mut last = 0;
        for _ in 0..30 {
            last = world.ask("no xml", "").await.status;
        }
        assert_eq!(last, 429);
        assert!(world.sign_ins(server).await.len() <= 25);
    }

    async fn nobody_gets_an_assertion_whom_the_directory_or_the_provider_closes(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        let key = world.provider.key;
        world.unlink(server).await;
        world.refuses(server, "not_linked").await;
        // Another immutable id than hers is still to be written.
        world.link(server, "ada@contoso.example", "somebody-elses").await;
        world.refuses(server, "immutable_id").await;
        world.unlink(server).await;
        world.link(server, "ada@contoso.example", "").await;
        world.refuses(server, "no_immutable_id").await;
        world.unlink(server).await;
        // A name of another domain.
        world.link(server, "ada@contoso.onmicrosoft.com", &world.ada.id.to_string()).await;
        world.refuses(server, "domain").await;
        world.unlink(server).await;
        world.link(server, "ada@corp.contoso.example", &world.ada.id.to_string()).await;
        assert!(response(&world.go_on(&request(""), "").await).contains("ada@corp.contoso.example"));
        // Blocked: the session is over, so the way leads to the sign-in, and nowhere from there.
        let asked = world.ask(&request(""), "").await;
        let ada = world.ada.clone();
        write(server, move |tx| directory::block(tx, "test", 9, &ada, "gone").map(|_| ())).await;
        let led = world.browser.get(asked.header("location")).await;
        assert!(led.status == 303 && led.header("location").contains("/sign-in"), "{} {}", led.status, led.text);
        // The provider without federation, and the one that is gone.
        let found = server.db.read(move |tx| m365::by_key(tx, key)).await.unwrap().unwrap();
        write(server, move |tx| m365::set_mode(tx, "owner", 9, &found, Mode::ProvisioningOnly, "trial")).await;
        assert_eq!(world.browser.get(&world.at("metadata")).await.status, 404);
        assert_eq!(world.ask(&request(""), "").await.status, 404);
        let found = server.db.read(move |tx| m365::by_key(tx, key)).await.unwrap().unwrap();
        write(server, move |tx| m365::remove(tx, "owner", 10, &found, 1_000)).await;
        assert_eq!(world.browser.get(&world.at("metadata")).await.status, 404);
        assert_eq!(world.browser.get(asked.header("location")).await.status, 404);
    }

    async fn after_a_change_of_keys_the_new_one_signs(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        let (workspace, engine) = (world.provider.workspace, server.engine());
        let made = engine.prepare_provider_signing_key(workspace, NAME, "owner").await.unwrap();
        let old = response(&world.go_on(&request(""), "").await);
        assert!(!old.contains(&made.certificate.base64()));
        engine.swap_provider_signing_keys(workspace, NAME, "owner").await.unwrap();
        engine.retire_provider_signing_key(workspace, NAME, "owner").await.unwrap();
        let new = response(&world.go_on(&request(""), "").await);
        assert!(new.contains(&made.certificate.base64()));
        let key = world.provider.key;
        let left = server.db.read(move |tx| signing_key::certificates(tx, key)).await.unwrap();
        assert_eq!(left.len(), 1);
        let published = world.browser.get(&world.at("metadata")).await.text;
        assert_eq!(published.matches("<md:KeyDescriptor").count(), 1);
        let refused = engine.retire_provider_signing_key(workspace, NAME, "owner").await;
        assert_eq!(refused.unwrap_err().code(), Some("PRV-SIGNING-KEY-NO-NEXT"));
        let log = audited(server, workspace).await;
        assert!(log.iter().any(|row| row.action == "signing_key.retire.refused"));
    }

    async fn signing_out_ends_the_session_of_this_browser_and_answers_the_pinned_host(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        let cleaned = world.browser.get(&world.at("logout?wa=wsignoutcleanup1.0")).await;
        assert!(cleaned.status == 200 && cleaned.text.is_empty());
        assert_eq!(world.browser.get("/me/Contoso").await.status, 200, "a picture of another site ends nothing");
        let left = world.browser.get(&world.at("logout?wa=wsignout1.0&wreply=https://elsewhere.example/")).await;
        assert!(left.status == 200 && left.text.contains("You are signed out") && !left.text.contains("elsewhere"), "{}", left.text);
        assert_eq!(world.browser.get("/me/Contoso").await.status, 303);
        let bad = world.browser.get(&world.at("logout?SAMLRequest=AAAA")).await;
        assert_eq!(bad.status, 400);
    }

    async fn keys_and_sign_ins_are_shown_to_administrators(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        assert_eq!(world.go_on(&request(""), "").await.status, 200);
        let owner = server.signed_in(Role::Owner).await;
        let base = "/w/Contoso/microsoft-365/Office%20365";
        let section = owner.get(&format!("{base}/authentication")).await;
        check("authentication", &section);
        for text in ["Provost contoso.example", "Thumbprint (SHA-1)", "/wsfed", "/mex", "Prepare a second key", "Sign-ins"] {
            assert!(section.text.contains(text), "{text}: {}", section.text);
        }
        let file = owner.get(&format!("{base}/authentication/certificate?slot=current")).await;
        assert!(file.text.starts_with("-----BEGIN CERTIFICATE-----") && !file.text.contains("PRIVATE"), "{}", file.text);
        assert!(file.header("content-disposition").contains("provost-contoso.example-current.pem"));
        let done = owner.post(&format!("{base}/authentication/key"), &[("do", "prepare")]).await;
        assert!(done.status == 303 && done.header("location").ends_with("done=made"), "{} {}", done.status, done.text);
        let changed = owner.post(&format!("{base}/authentication/key"), &[("do", "swap")]).await;
        assert_eq!(changed.status, 303, "{}", changed.text);
        let signins = owner.get(&format!("{base}/sign-ins")).await;
        check("sign-ins", &signins);
        for text in ["ada@contoso.example", "issued", "AADSTS51004", "AADSTS5000819"] {
            assert!(signins.text.contains(text), "{text}: {}", signins.text);
        }
        assert!(!signins.text.contains("Ada <b>"), "{}", signins.text);
        let refused = owner.get(&format!("{base}/sign-ins?outcome=refused")).await;
        assert!(refused.status == 200 && !refused.text.contains("ada@contoso.example"));
        // The same by the interface.
        let token = server.api_token(Scope::Configure).await;
        let keys = Answer::of(server.api(&token, "GET", &format!("{PATH}/signing-keys"))).await.json();
        let slots: Vec<&str> = keys["signing_keys"].as_array().unwrap().iter().map(|key| key["slot"].as_str().unwrap()).collect();
        assert_eq!(slots, ["current", "next"]);
        assert!(!keys.to_string().contains("private"));
        let retired = send(server, &token, "POST", &format!("{PATH}/signing-keys/retire"), json!({}), &[]).await;
        assert_eq!((retired.status, retired.json()["slot"].as_str()), (200, Some("retired")));
        let again = send(server, &token, "POST", &format!("{PATH}/signing-keys/swap"), json!({}), &[]).await;
        assert_eq!(again.json()["code"], "PRV-SIGNING-KEY-NO-NEXT", "{}", again.text);
        let lines = Answer::of(server.api(&token, "GET", &format!("{PATH}/sign-ins?limit=1"))).await.json();
        assert_eq!(lines["sign_ins"][0]["outcome"], "issued", "{lines}");
        let wrong = Answer::of(server.api(&token, "GET", &format!("{PATH}/sign-ins?outcome=x"))).await;
        assert_eq!(wrong.status, 400, "{}", wrong.text);
    }

    async fn the_simulated_microsoft_365_takes_what_saml_answers(server) {
        signs_in(server, "saml").await;
    }

    async fn the_simulated_microsoft_365_takes_what_ws_federation_answers(server) {
        signs_in(server, "wsFed").await;
    }

    async fn a_pilot_tries_the_sign_in_by_a_link_and_nothing_is_sent(server) {
        let world = World::new(server, "ada@contoso.example", "").await;
        let stranger = Browser::new(&server.address);
        let sent = stranger.get(&world.at("try")).await;
        assert!(sent.status == 303 && sent.header("location").contains("/sign-in?"), "{}", sent.text);

        let page = world.browser.get(&world.at("try")).await;
        assert!(page.status == 200 && page.text.contains("Try your sign-in to Microsoft 365"), "{}", page.text);
        check("/idp/try", &page);
        assert!(world.browser.get("/me/Contoso").await.text.contains(&world.at("try")), "their own page leads there");
        let post = async |origin: &str| {
            let form = world.browser.bare("POST", &world.at("try")).header("origin", origin).form(&[("do", "try")]);
            world.browser.send(form).await
        };
        let foreign = post("https://elsewhere.example").await;
        assert_eq!(foreign.status, 403, "{}", foreign.text);
        let key = world.provider.key;
        let trials = async || {
            let read = move |tx: &mut Tx| {
                let provider = m365::by_key(tx, key)?.unwrap();
                provost_store::federation::pilots(tx, &provider, 10)
            };
            server.db.read(read).await.unwrap()
        };
        assert!(trials().await.is_empty());

        let done = post(&server.address).await;
        assert_eq!(done.status, 200, "{}", done.text);
        for wanted in [world.ada.id.to_string().as_str(), "urn:federation:MicrosoftOnline", "ada@contoso.example"] {
            assert!(done.text.contains(wanted), "{wanted}: {}", done.text);
        }
        assert!(!done.text.contains("SAMLResponse"));
        assert!(done.text.contains("It was made by SAML 2.0.") && !done.text.contains("is to talk WS-Federation"), "{}", done.text);
        check("/idp/tried", &done);
        let provider = world.provider.clone();
        let choose = move |tx: &mut Tx| {
            use provost_store::federation::{Mfa, Protocol, choose};
            choose(tx, "owner", 1, &provider, Protocol::WsFederation, Mfa::Accept)
        };
        server.db.write(choose).await.unwrap();
        let other = post(&server.address).await;
        assert!(other.text.contains("It was made by SAML 2.0.") && other.text.contains("is to talk WS-Federation"), "{}", other.text);
        let kept = trials().await;
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].trial.issuer, format!("{}/idp/{}", server.address, world.provider.id));
        assert!(world.sign_ins(server).await.is_empty(), "it is no sign-in");

        world.unlink(server).await;
        let refused = post(&server.address).await;
        assert!(refused.status == 403 && refused.text.contains("not_linked"), "{}", refused.text);
    }
}

/// Ada signs in at the simulated Microsoft 365, from its page over ours to its own again.
async fn signs_in(server: &Server, protocol: &str) {
    let cloud = Cloud::start().await;
    let world = World::new(server, "ada@contoso.example", &cloud.url).await;
    cloud.federate(server, &world, protocol).await;
    let address = format!("{}/login.srf?login=ada@contoso.example", cloud.url);
    let start = fetch(client().get(address)).await;
    let url = start["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(PUBLIC).unwrap().to_owned();
    let page = if protocol == "saml" {
        assert!(path.starts_with(&world.at("saml")), "{path}");
        let message = start["fields"]["SAMLRequest"].as_str().unwrap();
        let xml = String::from_utf8(STANDARD.decode(message).unwrap()).unwrap();
        world
            .go_on(&xml, start["fields"]["RelayState"].as_str().unwrap())
            .await
    } else {
        assert!(path.starts_with(&world.at("wsfed")), "{path}");
        let asked = world.browser.get(&path).await;
        world.browser.get(asked.header("location")).await
    };
    assert_eq!(page.status, 200, "{protocol}: {}", page.text);
    let action = format!("action=\"{}/login.srf\"", cloud.url);
    assert!(page.text.contains(&action), "{}", page.text);
    let names = ["SAMLResponse", "RelayState", "wa", "wresult", "wctx"];
    let fields: Vec<(&str, String)> = names
        .iter()
        .filter_map(|name| Some((*name, field(&page.text, name)?)))
        .collect();
    let pairs: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let entered = fetch(client().post(format!("{}/login.srf", cloud.url)).form(&pairs)).await;
    let who = &entered["signed_in"];
    assert_eq!(
        who["user_principal_name"], "ada@contoso.example",
        "{protocol}: {entered}"
    );
    assert_eq!(who["mfa"], "federated", "{protocol}: {entered}");
    // Brought a second time, it is worth nothing.
    let again = fetch(client().post(format!("{}/login.srf", cloud.url)).form(&pairs)).await;
    assert!(again["signed_in"].is_null(), "{again}");
}

/// A simulated Microsoft 365.
struct Cloud {
    url: String,
    task: JoinHandle<()>,
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.no_proxy().build().unwrap()
}

async fn fetch(request: reqwest::RequestBuilder) -> Value {
    let text = request
        .header("accept", "application/json")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
}

impl Cloud {
    async fn start() -> Self {
        let mut settings = Settings::contoso();
        settings.applications[0]
            .directory_roles
            .push("User Administrator".to_owned());
        for role in ["Domain.ReadWrite.All", "Domain-InternalFederation.ReadWrite.All"] {
            settings.applications[0].roles.push(role.to_owned());
        }
        let simulator = Simulator::new(settings).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { simulator.serve(listener).await.unwrap() });
        Self { url, task }
    }

    async fn token(&self) -> String {
        let address = format!("{}/{}/oauth2/v2.0/token", self.url, Settings::CONTOSO_TENANT);
        let asked = client().post(address).form(&[
            ("grant_type", "client_credentials"),
            ("client_id", Settings::CONTOSO_CLIENT_ID),
            ("client_secret", Settings::CONTOSO_CLIENT_SECRET),
            ("scope", "https://graph.microsoft.com/.default"),
        ]);
        fetch(asked).await["access_token"].as_str().unwrap().to_owned()
    }

    /// Ada is there, and her domain signs in at the server.
    async fn federate(&self, server: &Server, world: &World, protocol: &str) {
        let token = self.token().await;
        let send = async |path: &str, body: Value| {
            let request = client()
                .post(format!("{}/v1.0{path}", self.url))
                .bearer_auth(&token)
                .json(&body);
            let made = fetch(request).await;
            assert!(made["error"].is_null(), "{made}");
        };
        let ada = json!({
            "accountEnabled": true, "displayName": "Ada", "mailNickname": "ada", "usageLocation": "DE",
            "userPrincipalName": "ada@contoso.example", "onPremisesImmutableId": world.ada.id.to_string(),
            "passwordProfile": {"password": "a-Long-Pass-1 word", "forceChangePasswordNextSignIn": false},
        });
        send("/users", ada).await;
        let key = world.provider.key;
        let kept = server
            .db
            .read(move |tx| signing_key::certificates(tx, key))
            .await
            .unwrap();
        let issuer = format!("{}/idp/{}", server.address, world.provider.id);
        let way = if protocol == "saml" { "saml" } else { "wsfed" };
        let federation = json!({
            "@odata.type": "#microsoft.graph.internalDomainFederation", "displayName": "Provost", "issuerUri": issuer,
            "passiveSignInUri": format!("{PUBLIC}{}", world.at(way)), "signOutUri": format!("{PUBLIC}{}", world.at("logout")),
            "preferredAuthenticationProtocol": protocol, "signingCertificate": kept[0].certificate.base64(),
        });
        send("/domains/contoso.example/federationConfiguration", federation).await;
    }
}

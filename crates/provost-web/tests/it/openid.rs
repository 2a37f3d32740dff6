//! People sign in to an application over HTTP: set up by the interface and at the console, asked by the application, closed by
//! the scope of the connection.

use crate::browser::Sends;
use crate::console_world::check;
use crate::harness::{Answer, Server, both};
use crate::own_signin::Visitor;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_engine::rule::Rule;
use provost_store::administrator::Role;
use provost_store::api_token::Scope;
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::{assignment, directory, rule, workspace};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

const BACK: &str = "http://127.0.0.1/back";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn value(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{} {}", answer.status, answer.text))
}

fn filtered(title: Option<&str>) -> Rule {
    let mut rule = json!({
        "name": "people", "object": "person", "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [{"target": "userName", "direct": "userName"}],
    });
    if let Some(title) = title {
        let only = format!("title eq \"{title}\"");
        rule["scope"] = json!({"filters": [{"name": "Only", "scim": only}]});
    }
    serde_json::from_value(rule).unwrap()
}

/// An application whose connection means everybody.
pub struct Application {
    pub connection: Connection,
    issuer: String,
    client: String,
    pub secret: String,
}

impl Application {
    pub async fn new(server: &Server) -> Self {
        let within = server.provider.workspace;
        let make = move |tx: &mut provost_store::Tx| {
            let new = connection::New {
                id: Uuid::now_v7(),
                workspace: within,
                name: "Wiki",
                connector: "scim",
                settings: &json!({"url": "http://127.0.0.1:9", "allow_private_network": true}),
                guard: &json!({}),
            };
            let made = connection::create(tx, "test", 1, &new)?;
            rule::put(tx, "test", 1, &made, 0, &filtered(None))?;
            Ok::<_, provost_store::Error>(made)
        };
        let connection = server.db.write(make).await.unwrap();
        let token = server.api_token(Scope::Configure).await;
        let set = json!({"enabled": true, "redirect_uris": [BACK], "home": "https://wiki.contoso.example/"});
        let path = "/connections/Wiki/sign-in";
        let set = Answer::of(server.api(&token, "PATCH", path).json(&set)).await;
        assert_eq!(set.status, 200, "{}", set.text);
        let made = Answer::of(server.api(&token, "POST", &format!("{path}/secrets"))).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            connection,
            issuer: text(&value(&set)["issuer"]),
            client: text(&value(&set)["client_id"]),
            secret: text(&value(&made)["secret"]),
        }
    }

    /// The path of an address of the provider.
    pub fn at(&self, path: &str) -> String {
        format!("{}/{path}", Url::parse(&self.issuer).unwrap().path())
    }

    pub fn asks(&self) -> String {
        let pairs = [
            ("client_id", self.client.as_str()),
            ("redirect_uri", "http://127.0.0.1:50123/back"),
            ("response_type", "code"),
            ("scope", "openid profile offline_access"),
            ("state", "a state"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    }

    pub async fn post(&self, server: &Server, path: &str, secret: &str, form: &[(&str, &str)]) -> Answer {
        let request = server
            .request("POST", &self.at(path))
            .basic_auth(&self.client, Some(secret));
        Answer::of(request.form(form)).await
    }

    pub async fn redeem(&self, server: &Server, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "http://127.0.0.1:50123/back"),
            ("code_verifier", VERIFIER),
        ];
        self.post(server, "token", &self.secret, &form).await
    }

    pub async fn info(&self, server: &Server, token: &str) -> Answer {
        Answer::of(server.request("GET", &self.at("userinfo")).bearer_auth(token)).await
    }

    /// Changes the connection.
    async fn change(
        &self,
        server: &Server,
        mut write: impl FnMut(&mut provost_store::Tx, &Connection) -> provost_store::Result<()> + Send + 'static,
    ) {
        let connection = self.connection.clone();
        server.db.write(move |tx| write(tx, &connection)).await.unwrap();
    }
}

fn sent_back(answer: &Answer, name: &str) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let to = Url::parse(answer.header("location")).unwrap();
    assert!(to.as_str().starts_with("http://127.0.0.1:50123/back"), "{to}");
    let found = to.query_pairs().find(|(known, _)| known == name);
    found.map_or_else(String::new, |(_, value)| value.into_owned())
}

both! {
    async fn a_person_signs_in_to_an_application(server) {
        let application = Application::new(server).await;
        let described = value(&Answer::of(server.request("GET", &application.at(".well-known/openid-configuration"))).await);
        assert_eq!(described["issuer"], application.issuer);
        let other = format!("/.well-known/oauth-authorization-server{}", Url::parse(&application.issuer).unwrap().path());
        assert_eq!(value(&Answer::of(server.request("GET", &other)).await), described);
        let keys = value(&Answer::of(server.request("GET", &application.at("jwks"))).await);
        assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
        let mut ada = Visitor::enrolled(server, "ada").await;
        let there = ada.browser.get(&format!("{}?{}", application.at("authorize"), application.asks())).await;
        assert_eq!(sent_back(&there, "iss"), application.issuer);
        let tokens = application.redeem(server, &sent_back(&there, "code")).await;
        assert_eq!((tokens.status, tokens.header("cache-control")), (200, "no-store"), "{}", tokens.text);
        let tokens = value(&tokens);
        let claims = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!((&claims["sub"], &claims["iss"]), (&json!(ada.id), &json!(application.issuer)));
        let info = application.info(server, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(value(&info)["preferred_username"], "ada@contoso.example");
        // A form of another site carries no session: the browser is sent to the same address once more.
        let posted = Answer::of(server.request("POST", &application.at("authorize")).body(application.asks())).await;
        assert_eq!(posted.status, 303);
        assert!(posted.header("location").starts_with(&application.at("authorize?client_id=")), "{}", posted.header("location"));
        let home = ada.home().await;
        assert!(home.text.contains("Your applications") && home.text.contains("https://wiki.contoso.example/"), "{}", home.text);
        let administrator = server.signed_in(Role::Auditor).await;
        let seen = administrator.get(&format!("/w/Contoso/people/{}", ada.id)).await;
        assert!(seen.text.contains("Applications they have signed in to") && seen.text.contains("Wiki"), "{}", seen.text);
        let token = server.api_token(Scope::Read).await;
        let told = server.api(&token, "GET", &format!("/people/{}/sign-in", ada.id));
        let told = value(&Answer::of(told).await);
        assert_eq!(told["applications"][0]["name"], "Wiki", "{told}");
        assert!(told["applications"][0]["last_used"].is_string(), "{told}");
        let out = ada.browser.get(&format!("{}?id_token_hint={}", application.at("logout"), tokens["id_token"].as_str().unwrap())).await;
        assert!(out.text.contains("You are not signed in any more."), "{}", out.text);
        let over = application.info(server, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!((over.status, over.header("www-authenticate")), (401, "Bearer error=\"invalid_token\""));
        // Signed out, they are led to the sign-in, and from there back.
        let led = ada.browser.get(&format!("{}?{}", application.at("authorize"), application.asks())).await;
        let to = led.header("location").to_owned();
        let handle = to.strip_prefix("/me/Contoso/sign-in?return=").unwrap_or_else(|| panic!("{to}")).to_owned();
        let entered = value(&ada.enter(&handle).await);
        let there = ada.browser.get(entered["to"].as_str().unwrap()).await;
        assert_eq!(sent_back(&there, "state"), "a state");
    }

    async fn the_scope_of_the_connection_is_who_may_sign_in(server) {
        let application = Application::new(server).await;
        let ada = Visitor::enrolled(server, "ada").await;
        let asks = format!("{}?{}", application.at("authorize"), application.asks());
        let code = sent_back(&ada.browser.get(&asks).await, "code");
        let tokens = value(&application.redeem(server, &code).await);
        let access = tokens["access_token"].as_str().unwrap();
        let is_in = async || application.info(server, access).await.status == 200;
        assert!(is_in().await);
        application.change(server, |tx, connection| rule::put(tx, "test", 2, connection, 0, &filtered(Some("Cook"))).map(drop)).await;
        assert!(!is_in().await, "a filter that does not let them in");
        let denied = ada.browser.get(&asks).await;
        assert_eq!(denied.status, 403, "{}", denied.text);
        check("denied", &denied);
        assert!(denied.text.contains("You may not use Wiki") && denied.text.contains("error=access_denied"), "{}", denied.text);
        application.change(server, |tx, connection| rule::put(tx, "test", 3, connection, 0, &filtered(None)).map(drop)).await;
        assert!(is_in().await);
        application.change(server, |tx, connection| {
            let preferences = Preferences { assignment: Assignment::Assigned, ..Preferences::default() };
            connection::set_preferences(tx, "test", 4, connection, &preferences)
        }).await;
        assert!(!is_in().await, "nobody is assigned");
        let id = Uuid::parse_str(&ada.id).unwrap();
        application.change(server, move |tx, connection| {
            let (key, _) = directory::key_by_id(tx, connection.workspace, id)?.unwrap();
            let person = directory::by_key(tx, key)?.unwrap();
            assignment::add(tx, "test", 5, connection, &person).map(drop)
        }).await;
        assert!(is_in().await, "who is assigned goes on");
        application.change(server, |tx, connection| {
            let off = Rule { enabled: false, ..filtered(None) };
            rule::put(tx, "test", 6, connection, 0, &off).map(drop)
        }).await;
        assert!(!is_in().await, "a rule that is switched off means nobody");
    }

    async fn what_is_wrong_is_said_in_the_words_of_the_protocol(server) {
        let application = Application::new(server).await;
        let form = [("grant_type", "refresh_token"), ("refresh_token", "guess")];
        let wrong = application.post(server, "token", "guess", &form).await;
        assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, "Basic realm=\"provost\""));
        assert_eq!(value(&wrong)["error"], "invalid_client");
        let over = application.post(server, "token", &application.secret, &form).await;
        assert_eq!((over.status, &value(&over)["error"]), (400, &json!("invalid_grant")));
        let plain = Answer::of(server.request("POST", &application.at("token")).body("{}")).await;
        assert_eq!((plain.status, &value(&plain)["error"]), (400, &json!("invalid_request")));
        let nobody = Answer::of(server.request("GET", &application.at("userinfo"))).await;
        assert_eq!((nobody.status, nobody.header("www-authenticate")), (401, "Bearer"));
        let foreign = application.asks().replace("50123%2Fback", "50123%2Felsewhere");
        let page = server.browser().get(&format!("{}?{foreign}", application.at("authorize"))).await;
        assert_eq!(page.status, 400, "{}", page.text);
        check("wrong", &page);
        let made = server.db.write(|tx| workspace::create(tx, "test", 1, Uuid::now_v7(), "Fabrikam")).await.unwrap();
        let there = format!("/oidc/{}/authorize?{}", made.id, application.asks());
        assert_eq!(server.browser().get(&there).await.status, 400, "the application is another workspace's");
        for nowhere in [Uuid::nil().to_string(), "Contoso".to_owned(), made.id.simple().to_string()] {
            let answer = Answer::of(server.request("GET", &format!("/oidc/{nowhere}/jwks"))).await;
            assert_eq!(answer.status, 404, "{nowhere}");
        }
    }

    async fn administrators_set_it_up_at_the_console(server) {
        let application = Application::new(server).await;
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let path = "/w/Contoso/connections/Wiki/sign-in";
        let page = browser.get(path).await;
        check(path, &page);
        assert!(page.text.contains(&application.client) && !page.text.contains(&application.secret), "{}", page.text);
        let fields = [
            ("enabled", "on"), ("redirects", "http://wiki.contoso.example/"), ("way", "secret"), ("algorithm", "ES256"),
            ("subject", "public"), ("after", ""), ("told", ""), ("home", ""), ("jwks", ""),
        ];
        let refused = browser.post(path, &fields).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("PRV-APPLICATION-ADDRESS"), "{}", refused.text);
        let mut fields = fields;
        fields[1] = ("redirects", "https://wiki.contoso.example/back\r\nhttp://127.0.0.1/back\r\n");
        let saved = browser.post(path, &fields).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let token = server.api_token(Scope::Read).await;
        let shown = value(&Answer::of(server.api(&token, "GET", "/connections/Wiki/sign-in")).await);
        assert_eq!(shown["redirect_uris"], json!(["https://wiki.contoso.example/back", "http://127.0.0.1/back"]));
        assert_eq!(shown["algorithm"], "ES256");
        let made = browser.post(&format!("{path}/secrets"), &[]).await;
        assert!(made.text.contains("pva_"), "{}", made.text);
        let full = browser.post(&format!("{path}/secrets"), &[]).await;
        assert!(full.text.contains("has 2 secrets already"), "{}", full.text);
        let key = shown["secrets"][0]["key"].as_i64().unwrap();
        let removed = browser.post(&format!("{path}/secrets/{key}/remove"), &[]).await;
        assert_eq!(removed.status, 303, "{}", removed.text);
        let form = [("grant_type", "refresh_token"), ("refresh_token", "guess")];
        let gone = application.post(server, "token", &application.secret, &form).await;
        assert_eq!(value(&gone)["error"], "invalid_client");
        let auditor = server.signed_in(Role::Auditor).await;
        let looked = auditor.get(path).await;
        assert!(looked.status == 200 && !looked.text.contains("Make a secret"), "{}", looked.text);
    }
}

//! A server on a free port with a fresh database behind it, and a client that speaks to it.

use crate::described::{self, Came};
use provost_signin::SignIn;
use provost_store::api_token::{self, Scope};
use provost_store::provider::{self, Provider};
use provost_store::secret::Key;
use provost_store::{Db, token, workspace};
use provost_sync::{Engine, Node};
use provost_testkit::Fresh;
use provost_web::{Limits, Settings, State};
use regex::Regex;
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub struct Server {
    pub db: Db,
    pub address: String,
    pub token: String,
    pub provider: Provider,
    pub signin: SignIn,
    pub state: State,
    pub key: Arc<Key>,
    client: reqwest::Client,
    folder: provost_testkit::Folder,
    listening: Listening,
}

/// A server that runs.
pub struct Listening {
    pub address: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

impl Listening {
    async fn start((listener, address): (TcpListener, String), state: State) -> Self {
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(provost_web::serve(listener, state, async move {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop,
            running,
        }
    }

    /// A listener on a free port, and its address.
    async fn bind() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        (listener, address)
    }

    /// Stops it gracefully.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap().unwrap();
    }
}

/// Declares a test for both databases.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($server:ident) $body:block)*) => {
        $($(#[$meta])* async fn $name($server: &crate::harness::Server) $body)*
        mod on_sqlite { $(#[tokio::test] async fn $name() { crate::harness::run(provost_testkit::sqlite, |s| Box::pin(super::$name(s))).await })* }
        mod on_postgres { $(#[tokio::test] async fn $name() { crate::harness::run(provost_testkit::postgres, |s| Box::pin(super::$name(s))).await })* }
    };
}
pub(crate) use both;

/// Compares an answer with what is written beside it; the same for both databases.
macro_rules! answers {
    ($answer:expr, @$expected:literal) => {
        insta::allow_duplicates! { insta::assert_snapshot!($answer.shown(), @$expected) }
    };
}
pub(crate) use answers;

type Body = for<'a> fn(&'a Server) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Starts a server, runs the test, and stops the server again, gracefully.
pub async fn run(open: fn() -> Option<Fresh>, body: Body) {
    if let Some(server) = fresh(open).await {
        body(&server).await;
        server.stop().await;
    }
}

/// A server over a database of its own; none where there is no such database. The caller stops it.
pub async fn fresh(open: fn() -> Option<Fresh>) -> Option<Server> {
    // The PostgreSQL driver brings a runtime of its own, so the database is opened off this one's threads.
    let Fresh { db, folder, .. } = tokio::task::spawn_blocking(open).await.unwrap()?;
    Some(start(db, folder).await)
}

async fn start(db: Db, folder: provost_testkit::Folder) -> Server {
    let (provider, token) = make_provider(&db, "Entra").await;
    let key = Arc::new(Key::open(&folder.path().join("key")).unwrap());
    let bound = Listening::bind().await;
    let signin = signin(&db, &key, &bound.1);
    let state = State::new(db.clone(), settings(Limits::default()), Arc::clone(&key))
        .with_signin(signin.clone())
        .with_engine(engine(&db, &key, &folder));
    let listening = Listening::start(bound, state.clone()).await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    Server {
        db,
        address: listening.address.clone(),
        token,
        provider,
        signin,
        state,
        key,
        client,
        folder,
        listening,
    }
}

fn engine(db: &Db, key: &Arc<Key>, folder: &provost_testkit::Folder) -> Engine {
    let node = Node::open(&folder.path().join("nodes")).unwrap();
    Engine::new(
        db.clone(),
        Arc::clone(key),
        provost_connect::http::Factory::new(),
        node,
    )
    .with_public_url(Some("https://hub.contoso.example".to_owned()))
}

/// The sign-in of a server at `address`; passkeys need a name.
fn signin(db: &Db, key: &Arc<Key>, address: &str) -> SignIn {
    let public_url = address.replace("127.0.0.1", "localhost").parse().unwrap();
    SignIn::new(
        db.clone(),
        Arc::clone(key),
        provost_signin::Settings {
            public_url,
            // The simulated Microsoft Entra is on this machine.
            allow_private_network: true,
        },
        provost_connect::http::Factory::new(),
    )
}

/// Settings under which the test speaks for a proxy: what it says in `X-Forwarded-For` is believed.
pub fn settings(limits: Limits) -> Settings {
    Settings {
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        limits,
        ..Settings::default()
    }
}

/// A saved provider of the workspace Contoso, with a token.
pub async fn make_provider(db: &Db, name: &'static str) -> (Provider, String) {
    make_provider_with(db, name, provider::State::Saved, provider::Settings::default()).await
}

/// A provider of the workspace Contoso with these settings, and a token.
pub async fn make_provider_with(
    db: &Db,
    name: &'static str,
    state: provider::State,
    settings: provider::Settings,
) -> (Provider, String) {
    db.write(move |tx| {
        let space = match workspace::by_name(tx, "Contoso")? {
            Some(space) => space,
            None => workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso")?,
        };
        let new = provider::New {
            id: Uuid::now_v7(),
            workspace: space.key,
            name,
            role: "user",
            team: None,
            state,
            settings: &settings,
        };
        let provider = provider::create(tx, "test", 1, &new)?;
        let minted = token::mint(tx, "test", 1, &provider, "test", None)?;
        Ok::<_, provost_store::Error>((provider, minted.text))
    })
    .await
    .unwrap()
}

/// Asks again until there is an answer; for what is written beside a request.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Server {
    /// Stops it, gracefully.
    pub async fn stop(self) {
        let Self {
            db,
            client,
            folder,
            listening,
            ..
        } = self;
        drop(client);
        listening.stop().await;
        tokio::task::spawn_blocking(move || db.close()).await.unwrap();
        drop(folder);
    }

    /// Another server over the same database, with limits of its own.
    pub async fn beside(&self, limits: Limits) -> Listening {
        self.beside_with(settings(limits)).await
    }

    /// Another server over the same database, with settings of its own.
    pub async fn beside_with(&self, settings: Settings) -> Listening {
        let engine = engine(&self.db, &self.key, &self.folder);
        let bound = Listening::bind().await;
        let signin = signin(
            &self.db,
            &self.key,
            settings.public_url.as_ref().unwrap_or(&bound.1),
        );
        let state = State::new(self.db.clone(), settings, Arc::clone(&self.key))
            .with_signin(signin)
            .with_engine(engine);
        Listening::start(bound, state).await
    }

    /// An engine over the server's database.
    pub fn engine(&self) -> Engine {
        engine(&self.db, &self.key, &self.folder)
    }

    /// A new token of the administrators' interface.
    pub async fn api_token(&self, scope: Scope) -> String {
        let workspace = self.provider.workspace;
        let make = move |tx: &mut provost_store::Tx| {
            api_token::create(tx, "test", 1, workspace, scope.as_str(), scope, None)
        };
        self.db.write(make).await.unwrap().text
    }

    /// A request to the administrators' interface; `path` begins after `/api/v1`.
    pub fn api(&self, token: &str, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.request(method, &format!("/api/v1{path}")).bearer_auth(token)
    }

    /// A request of any kind to another server, without a token.
    pub fn to(&self, other: &Listening, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", other.address))
    }

    /// A SCIM request with another token; `path` begins after `/scim/v2`.
    pub fn as_other(&self, token: &str, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.request(method, &format!("/scim/v2{path}"))
            .bearer_auth(token)
    }

    /// A SCIM request to another server, with the provider's token.
    pub fn at(&self, other: &Listening, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        self.client
            .request(method, format!("{}/scim/v2{path}", other.address))
            .bearer_auth(&self.token)
    }

    /// A request to any address, without a token.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("{}{path}", self.address))
    }

    /// A SCIM request with the provider's token; `path` begins after `/scim/v2`.
    pub fn scim(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.request(method, &format!("/scim/v2{path}"))
            .bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.scim("GET", path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.scim("DELETE", path)).await
    }

    /// A request with a JSON body.
    pub async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send_text(method, path, body.to_string()).await
    }

    pub async fn send_text(&self, method: &str, path: &str, body: String) -> Answer {
        Answer::of(
            self.scim(method, path)
                .header("content-type", "application/scim+json")
                .body(body),
        )
        .await
    }

    /// Creates a resource that must not fail, and answers its id.
    pub async fn make(&self, path: &str, body: Value) -> String {
        let answer = self.send("POST", path, body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The resource at `path`.
    pub async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// A PATCH with these operations that must succeed.
    pub async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = patch_body(operations);
        let answer = self.send("PATCH", path, body).await;
        assert!(matches!(answer.status, 200 | 204), "{}", answer.text);
        answer
    }
}

pub fn patch_body(operations: Value) -> Value {
    serde_json::json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// An answer that was read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// Sends a request. What the administrators' interface answers is held to its description.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, url) = (request.method().to_string(), request.url().clone());
        let response = client.execute(request).await.unwrap();
        let answer = Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        };
        if url.path().starts_with("/api/v1/") && method != "HEAD" {
            let document = described::document(&url.origin().ascii_serialization()).await;
            let came = Came {
                method: &method,
                path: url.path(),
                status: answer.status,
                kind: answer.header("content-type"),
                text: &answer.text,
            };
            described::check(document, &came);
        }
        answer
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, the headers that matter, and the body, with what differs between runs replaced.
    pub fn shown(&self) -> String {
        let mut out = format!("{}\n", self.status);
        for name in [
            "content-type",
            "location",
            "etag",
            "allow",
            "www-authenticate",
            "retry-after",
        ] {
            if let Some(value) = self.headers.get(name) {
                out.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
            }
        }
        if !self.text.is_empty() {
            let Value::Object(body) = self.json() else {
                panic!("not an object: {}", self.text)
            };
            // A line for each attribute.
            out.extend(body.iter().map(|(name, value)| format!("{name}: {value}\n")));
        }
        redact(&out)
    }

    /// A problem of the administrators' interface, whose body must have the standard's form: its code and its
    /// sentence.
    pub fn problem(&self, status: u16) -> (String, String) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        assert_eq!(
            (&body["status"], &body["type"]),
            (&Value::from(status), &Value::from("about:blank"))
        );
        for part in ["title", "detail", "hint"] {
            assert!(
                body[part].as_str().is_some_and(|text| !text.is_empty()),
                "{part}: {body}"
            );
        }
        (
            body["code"].as_str().unwrap().to_owned(),
            body["detail"].as_str().unwrap().to_owned(),
        )
    }

    /// A SCIM error, whose body must have the standard's form: its type (or nothing) and its sentence.
    pub fn error(&self, status: u16) -> (String, String) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/scim+json");
        let body = self.json();
        assert_eq!(
            body["schemas"],
            serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        );
        assert_eq!(body["status"], status.to_string());
        let detail = body["detail"].as_str().unwrap().to_owned();
        assert!(!detail.is_empty());
        (body["scimType"].as_str().unwrap_or_default().to_owned(), detail)
    }
}

/// Ids become `<id 1>`, `<id 2>` in order, times `<time>`, the address `http://host`.
fn redact(text: &str) -> String {
    let address = Regex::new(r"http://127\.0\.0\.1:\d+")
        .unwrap()
        .replace_all(text, "http://host");
    let time = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
        .unwrap()
        .replace_all(&address, "<time>");
    let mut seen: Vec<String> = Vec::new();
    let id = Regex::new("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    id.replace_all(&time, |found: &regex::Captures| {
        let at = seen.iter().position(|each| each == &found[0]).unwrap_or_else(|| {
            seen.push(found[0].to_owned());
            seen.len() - 1
        });
        format!("<id {}>", at + 1)
    })
    .into_owned()
}

//! A running simulator and a client that checks everything.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use m365_sim::contract::Contract;
use m365_sim::{Settings, Simulator};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// 5 January 2026, 09:00 UTC.
pub const START: i64 = 1_767_603_600_000;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::load(contract_file()).unwrap());

pub fn contract_file() -> &'static str {
    concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/contract/graph-v1.0-closed.openapi.json"
    )
}

pub fn contract() -> &'static Contract {
    &CONTRACT
}

pub struct World {
    pub simulator: Simulator,
    pub url: String,
    pub http: reqwest::Client,
    pub now: Arc<AtomicI64>,
    token: String,
    task: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }

    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// Status and error code in one go.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.code())
    }

    pub fn values(&self) -> &[Value] {
        self.body["value"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_else(|| panic!("no list: {self:?}"))
    }

    /// One text property of every entry.
    pub fn column(&self, name: &str) -> Vec<&str> {
        self.values()
            .iter()
            .map(|entry| entry[name].as_str().unwrap_or_default())
            .collect()
    }

    pub fn link(&self, name: &str) -> Option<String> {
        self.body[format!("@odata.{name}Link")]
            .as_str()
            .map(str::to_owned)
    }
}

impl World {
    /// The sample tenant, after `change`.
    pub async fn start(change: impl FnOnce(&mut Settings)) -> World {
        let now = Arc::new(AtomicI64::new(START));
        let clock = Arc::clone(&now);
        let mut settings = Settings::contoso();
        settings.clock = Arc::new(move || clock.load(Ordering::SeqCst));
        change(&mut settings);
        let simulator = Simulator::new(settings.clone()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = simulator.clone();
        let task = tokio::spawn(async move { served.serve(listener).await.unwrap() });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut world = World {
            simulator,
            url,
            http,
            now,
            token: String::new(),
            task,
        };
        if let Some(app) = settings.applications.first() {
            world.token = world
                .token_for(&settings.tenant_id, &app.client_id, &app.client_secret)
                .await;
        }
        world
    }

    pub async fn contoso() -> World {
        World::start(|_| {}).await
    }

    /// With these permissions instead of the usual ones.
    pub async fn with_roles(roles: &[&str]) -> World {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        World::start(|settings| settings.applications[0].roles = roles).await
    }

    pub async fn renew_token(&mut self) {
        self.token = self
            .token_for(
                Settings::CONTOSO_TENANT,
                Settings::CONTOSO_CLIENT_ID,
                Settings::CONTOSO_CLIENT_SECRET,
            )
            .await;
    }

    async fn token_for(&self, tenant: &str, id: &str, secret: &str) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={secret}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
        );
        let answer = self
            .form(&format!("/{tenant}/oauth2/v2.0/token"), &form, None)
            .await;
        answer.body["access_token"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub async fn form(&self, path: &str, form: &str, authorization: Option<&str>) -> Answer {
        let mut request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        read(request.send().await.unwrap()).await
    }

    /// What anybody may ask, without a token.
    pub async fn open(&self, path: &str) -> Answer {
        let response = self.http.get(format!("{}{path}", self.url)).send().await;
        read(response.unwrap()).await
    }

    pub fn advance(&self, milliseconds: i64) {
        self.now.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// A request and answer that both agree with the contract. `path` may be a link.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        contract()
            .check_request(method, path, body.as_ref())
            .unwrap_or_else(|error| panic!("request: {error}"));
        self.wrong_with(method, path, headers, body).await
    }

    /// A request that the contract may forbid; the answer is checked all the same.
    pub async fn wrong_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let answer = self.outside(method, path, headers, body).await;
        let body = (!answer.body.is_null()).then_some(&answer.body);
        let checked = contract().check_response(method, path, answer.status, body);
        checked.unwrap_or_else(|error| panic!("answer: {error}\n{answer:?}"));
        answer
    }

    pub async fn wrong(&self, method: &str, path: &str, body: Value) -> Answer {
        self.wrong_with(method, path, &[], Some(body)).await
    }

    /// A request about which the contract says nothing.
    pub async fn outside(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let request = self.request(method, path, headers, body);
        let answer = read(request.send().await.unwrap()).await;
        assert!(answer.header("request-id").is_some(), "{answer:?}");
        assert!(answer.header("client-request-id").is_some(), "{answer:?}");
        if answer.status >= 400 {
            let inner = &answer.body["error"]["innerError"];
            assert_eq!(
                inner["request-id"].as_str(),
                answer.header("request-id"),
                "{answer:?}"
            );
            assert_eq!(
                inner["client-request-id"].as_str(),
                answer.header("client-request-id")
            );
            assert!(inner["date"].is_string());
        }
        answer
    }

    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}/v1.0{path}", self.url)
        };
        let mut request = self
            .http
            .request(method.parse().unwrap(), url)
            .bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], None).await
    }

    /// An advanced query.
    pub async fn advanced(&self, path: &str) -> Answer {
        self.call("GET", path, &[("ConsistencyLevel", "eventual")], None)
            .await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, &[], Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, &[], Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, &[], None).await
    }

    /// Creates a user and answers its id.
    pub async fn user(&self, name: &str) -> String {
        let answer = self.post("/users", user(name)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.id()
    }

    /// Creates a security group and answers its id.
    pub async fn group(&self, name: &str) -> String {
        let answer = self.post("/groups", group(name)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.id()
    }

    pub async fn add(&self, group: &str, member: &str) -> Answer {
        self.post(&format!("/groups/{group}/members/$ref"), self.reference(member))
            .await
    }

    pub fn reference(&self, id: &str) -> Value {
        json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")})
    }

    pub fn references(&self, ids: &[String]) -> Value {
        ids.iter()
            .map(|id| self.reference(id)["@odata.id"].clone())
            .collect()
    }
}

pub async fn read(response: reqwest::Response) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    };
    Answer {
        status,
        headers,
        body,
    }
}

/// The least that a user needs.
pub fn user(name: &str) -> Value {
    json!({
        "accountEnabled": true,
        "displayName": format!("User {name}"),
        "mailNickname": name,
        "userPrincipalName": format!("{name}@contoso.example"),
        "passwordProfile": {"password": "a-Long-Passw0rd", "forceChangePasswordNextSignIn": false},
    })
}

/// A user with more properties.
pub fn user_with(name: &str, more: Value) -> Value {
    merged(user(name), more)
}

/// The least that a security group needs.
pub fn group(name: &str) -> Value {
    json!({"displayName": name, "mailEnabled": false, "mailNickname": name, "securityEnabled": true})
}

/// A Microsoft 365 group.
pub fn unified(name: &str) -> Value {
    merged(
        group(name),
        json!({"groupTypes": ["Unified"], "mailEnabled": true}),
    )
}

pub fn merged(mut base: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

pub fn without(mut base: Value, name: &str) -> Value {
    base.as_object_mut().unwrap().remove(name);
    base
}

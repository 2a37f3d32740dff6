//! A small browser: it keeps cookies, follows nothing by itself, and sends forms as a page of the server would.

use crate::harness::{Answer, Server};
use provost_signin::{Method, Visit};
use provost_store::administrator::{self, Role};
use std::collections::BTreeMap;
use std::sync::Mutex;
use uuid::Uuid;

/// A browser, with the cookies that it was given.
pub struct Browser {
    client: reqwest::Client,
    address: String,
    cookies: Mutex<BTreeMap<String, String>>,
    csrf: Mutex<String>,
}

impl Browser {
    /// A browser that was nowhere yet, for the server at `address`.
    pub fn new(address: &str) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            address: address.to_owned(),
            cookies: Mutex::default(),
            csrf: Mutex::default(),
        }
    }

    /// A request with the cookies alone: neither `Origin` nor the secret of forms.
    pub fn bare(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("{}{path}", self.address));
        let cookies = self.cookies.lock().unwrap();
        if cookies.is_empty() {
            return request;
        }
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        request.header("cookie", pairs.join("; "))
    }

    /// Opens a page, and remembers the secret of its forms.
    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.send(self.bare("GET", path)).await;
        if let Some(csrf) = csrf_of(&answer.text) {
            *self.csrf.lock().unwrap() = csrf;
        }
        answer
    }

    /// Opens the page at `path`, also where others lead to it.
    pub async fn follow(&self, path: &str) -> Answer {
        let mut answer = self.get(path).await;
        for _ in 0..5 {
            if answer.status != 303 {
                break;
            }
            let next = answer.header("location").to_owned();
            answer = self.get(&next).await;
        }
        answer
    }

    /// Sends a form as one of the server's pages does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        let request = self.bare("POST", path).header("origin", &self.address);
        self.send(request.form(&all)).await
    }

    /// Sends JSON as the script of the server's pages does.
    pub async fn post_json(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = self.bare("POST", path).header("origin", &self.address);
        let request = request.header("x-provost-csrf", self.csrf()).json(body);
        self.send(request).await
    }

    /// Sends a request that was made by [`Browser::bare`], and keeps the cookies of its answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = Answer::of(request).await;
        let mut cookies = self.cookies.lock().unwrap();
        for set in answer.headers.get_all("set-cookie") {
            let (pair, attributes) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(cookies);
        answer
    }

    /// The server that it speaks to.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The secret that forms carry.
    pub fn csrf(&self) -> String {
        self.csrf.lock().unwrap().clone()
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Puts a cookie into the browser, as an attacker or another tab may.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies
            .lock()
            .unwrap()
            .insert(name.to_owned(), value.to_owned());
    }
}

/// What pages send. The client is built without these, which the product does not need.
pub trait Sends {
    /// A form.
    fn form(self, fields: &[(&str, &str)]) -> Self;
    /// JSON.
    fn json(self, body: &serde_json::Value) -> Self;
}

impl Sends for reqwest::RequestBuilder {
    fn form(self, fields: &[(&str, &str)]) -> Self {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish())
    }

    fn json(self, body: &serde_json::Value) -> Self {
        self.header("content-type", "application/json")
            .body(body.to_string())
    }
}

/// The secret in the forms of a page.
pub fn csrf_of(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"")?;
    Some(rest.split_once('"')?.0.to_owned())
}

impl Server {
    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.address)
    }

    /// A browser in which somebody new with this role in the whole installation is signed in.
    pub async fn signed_in(&self, role: Role) -> Browser {
        self.signed_in_at(None, role).await.0
    }

    /// A browser in which somebody new with this role in one workspace, or (none) in all, is signed in; and who it is.
    pub async fn signed_in_at(&self, workspace: Option<i64>, role: Role) -> (Browser, Uuid) {
        let id = self.administrator(workspace, role).await;
        (self.signed_in_as(id).await, id)
    }

    /// Somebody new with this role.
    pub async fn administrator(&self, workspace: Option<i64>, role: Role) -> Uuid {
        let id = Uuid::now_v7();
        let made = self.db.write(move |tx| {
            let (name, email) = (format!("The {role}"), format!("{id}@contoso.example"));
            let made = administrator::create(tx, "test", 1, id, &name, &email)?;
            administrator::grant(tx, "test", 1, made.key, workspace, role)
        });
        made.await.unwrap();
        id
    }

    /// A browser in which this administrator is signed in.
    pub async fn signed_in_as(&self, id: Uuid) -> Browser {
        self.signed_in_since(id, jiff::Timestamp::now().as_millisecond())
            .await
    }

    /// A browser in which this administrator has signed in then, and was not seen since.
    pub async fn signed_in_since(&self, id: Uuid, now: i64) -> Browser {
        let found = self
            .db
            .read(move |tx| administrator::by_id(tx, id))
            .await
            .unwrap();
        let visit = Visit {
            address: "127.0.0.1".parse().unwrap(),
            agent: "test".to_owned(),
        };
        let opened = self.signin.open(found.unwrap().key, Method::Link, &visit, now);
        let opened = opened.await.unwrap();
        let browser = self.browser();
        browser.set_cookie("provost_session", &opened.cookie);
        *browser.csrf.lock().unwrap() = opened.signed.session.csrf;
        browser
    }
}

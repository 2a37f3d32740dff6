//! A simulated Microsoft Entra at which the administrators of tests consent, and what their browsers do there.

use crate::browser::{Browser, Sends as _};
use crate::harness::{Answer, Server};
use m365_sim::{Neighbour, Settings, Simulator};
use provost_connect::Secret;
use provost_signin::ApplicationChange;
use provost_store::entra_application::PERMISSIONS;
use tokio::task::JoinHandle;
use url::Url;

pub const TENANT: &str = Settings::CONTOSO_TENANT;
/// Another tenant.
pub const OTHER: &str = "1e6b2c58-0f2b-4c58-9a35-3c9f8d6a1b77";

/// The tenant and its neighbour.
pub struct Entra {
    pub simulator: Simulator,
    base: String,
    task: JoinHandle<()>,
}

impl Drop for Entra {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Entra {
    /// Starts it, with the server's application registered; `change` comes last.
    pub async fn start(server: &Server, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            neighbours: vec![Neighbour {
                tenant_id: OTHER.to_owned(),
                domains: vec!["labs.contoso.example".to_owned()],
            }],
            ..Settings::contoso()
        };
        settings.applications[0].redirect_uris = vec![server.signin.consent_url()];
        change(&mut settings);
        let simulator = Simulator::new(settings).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let serving = simulator.clone();
        let task = tokio::spawn(async move { serving.serve(listener).await.unwrap() });
        let entra = Self {
            simulator,
            base,
            task,
        };
        entra.set(server, Settings::CONTOSO_CLIENT_SECRET).await;
        entra
    }

    /// Makes it the workspace's application, with this secret.
    pub async fn set(&self, server: &Server, secret: &str) {
        let change = ApplicationChange {
            client_id: Settings::CONTOSO_CLIENT_ID.to_owned(),
            login: self.base.clone(),
            permissions: PERMISSIONS.to_owned(),
            client_secret: Some(Secret::new(secret)),
        };
        let workspace = server.provider.workspace;
        let set = server
            .signin
            .entra_application_set(workspace, "test", None, change, 1);
        set.await.unwrap();
    }

    /// The address of the sign-in service.
    pub fn login(&self) -> &str {
        &self.base
    }

    /// What the browser is sent back with after somebody has answered on the page of the consent.
    pub async fn answer(&self, asked: &Url, account: &str, answer: &str) -> String {
        let client = client();
        let page = client.get(asked.clone()).send().await.unwrap();
        assert_eq!(page.status(), 200, "{}", page.text().await.unwrap());
        let mut fields: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
        fields.extend([
            ("account".to_owned(), account.to_owned()),
            ("answer".to_owned(), answer.to_owned()),
        ]);
        let mut at = asked.clone();
        at.set_query(None);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        path(&client.post(at).form(&fields).send().await.unwrap())
    }

    /// What the browser is sent back with after somebody has signed in.
    pub async fn sign_in(&self, asked: &str, account: &str) -> String {
        let cookie = format!("sim_account={account}");
        path(&client().get(asked).header("cookie", cookie).send().await.unwrap())
    }

    /// The whole way of somebody, up to the last answer of the server.
    pub async fn consent(&self, browser: &Browser, asked: &Url, account: &str) -> Answer {
        let back = self.answer(asked, account, "accept").await;
        let next = browser.get(&back).await;
        if next.status != 303 {
            return next;
        }
        let back = self.sign_in(next.header("location"), account).await;
        browser.get(&back).await
    }
}

/// A client that follows no redirect.
pub fn client() -> reqwest::Client {
    let none = reqwest::redirect::Policy::none();
    reqwest::Client::builder()
        .redirect(none)
        .no_proxy()
        .build()
        .unwrap()
}

/// The path and the query to which a browser is sent back.
fn path(answer: &reqwest::Response) -> String {
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    let url = Url::parse(location).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}

/// Begins at a page's button, and answers where the browser is sent.
pub async fn begin(browser: &Browser, action: &str) -> Url {
    let left = browser.post(action, &[]).await;
    assert_eq!(left.status, 200, "{}", left.text);
    let refresh = left.header("refresh").strip_prefix("0; url=").unwrap().to_owned();
    assert!(left.text.contains("Go on to Microsoft"), "{}", left.text);
    Url::parse(&refresh).unwrap()
}

/// The same query with one value in the place of another.
pub fn forged(back: &str, name: &str, value: &str) -> String {
    let (path, query) = back.split_once('?').unwrap();
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let pairs = pairs.map(|(known, kept)| match known == name {
        true => (known.into_owned(), value.to_owned()),
        false => (known.into_owned(), kept.into_owned()),
    });
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    format!("{path}?{}", query.finish())
}

//! Microsoft 365 as a provider, before the simulator: every guard of script S0 is tried to be broken.

mod adding;
mod federation;
mod identifiers;
mod letters;
mod lock;
mod migration;
mod provisioning;
mod removal;

use crate::harness::Hub;
use m365_sim::{Effect, Rule, Settings};
use provost_connect::Secret;
use provost_store::connection::Connection;
use provost_store::microsoft_365::{self as m365, Mode, Provider, State};
use provost_store::{audit, connection, guide_note, workspace};
use provost_sync::microsoft_365::{Credentials, FieldLine, GUIDE, LINK_KEY, ProviderDraft, REGISTER};
use provost_sync::setup::Confirm;
use provost_sync::{Error, Result};
use serde_json::json;

pub const NAME: &str = "Contoso 365";

/// A hub, and the guide's second step recorded.
pub struct Stage {
    pub hub: Hub,
    pub url: String,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(Settings::contoso()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let stage = Self::early(settings).await;
        let workspace = stage.workspace();
        let noted = move |tx: &mut provost_store::Tx| {
            guide_note::put(tx, "owner", 1, workspace, GUIDE, REGISTER, "done elsewhere")
        };
        stage.hub.db.write(noted).await.unwrap();
        stage
    }

    /// Before the application was registered.
    pub async fn early(settings: Settings) -> Self {
        let hub = Hub::with(settings, "{}").await;
        let url = hub.connection.settings["login_url"].as_str().unwrap().to_owned();
        Self { hub, url }
    }

    pub fn workspace(&self) -> i64 {
        self.hub.owner.workspace
    }

    /// Another workspace.
    pub async fn elsewhere(&self) -> i64 {
        let make = |tx: &mut provost_store::Tx| {
            let id = uuid::Uuid::now_v7();
            let made = workspace::create(tx, "owner", 1, id, "Contoso Lab")?;
            guide_note::put(tx, "owner", 1, made.key, GUIDE, REGISTER, "")?;
            Ok::<_, provost_store::Error>(made.key)
        };
        self.hub.db.write(make).await.unwrap()
    }

    pub fn draft(&self) -> ProviderDraft {
        ProviderDraft {
            name: NAME.to_owned(),
            label: String::new(),
            link_key: LINK_KEY.to_owned(),
            domain: "contoso.example".to_owned(),
            tenant_name: "contoso".to_owned(),
            cloud: String::new(),
            settings: json!({"login_url": self.url, "graph_url": self.url, "allow_private_network": true}),
        }
    }

    /// Adds the provider of contoso.example.
    pub async fn add(&self) -> Provider {
        let draft = self.draft();
        self.hub
            .engine
            .add_provider(self.workspace(), &draft, "owner")
            .await
            .unwrap()
            .0
    }

    /// The provider as it is stored now.
    pub async fn provider(&self) -> Provider {
        let workspace = self.workspace();
        let found = self
            .hub
            .db
            .read(move |tx| m365::by_name(tx, workspace, NAME))
            .await;
        found.unwrap().expect("a provider")
    }

    pub async fn providers(&self) -> usize {
        let workspace = self.workspace();
        let all = self
            .hub
            .db
            .read(move |tx| m365::list(tx, workspace, "", 100))
            .await;
        all.unwrap().len()
    }

    /// Saves credentials that work.
    pub async fn provision(&self) -> Connection {
        let engine = &self.hub.engine;
        engine
            .configure_provider_provisioning(self.workspace(), NAME, &credentials(), "owner")
            .await
            .unwrap();
        self.connection().await
    }

    /// The provider's connection.
    pub async fn connection(&self) -> Connection {
        let key = self.provider().await.connection.expect("a connection");
        let found = self.hub.db.read(move |tx| connection::by_key(tx, key)).await;
        found.unwrap().expect("a connection")
    }

    pub async fn set_mode(&self, mode: Mode, reason: &str) -> Result<Provider> {
        let engine = &self.hub.engine;
        let (workspace, none) = (self.workspace(), Confirm::default());
        let asked = engine
            .set_provider_mode(workspace, NAME, mode, reason, &none, "owner")
            .await;
        let confirm = match asked {
            Err(Error::Confirm { digest, .. }) => of(digest),
            other => return other,
        };
        engine
            .set_provider_mode(workspace, NAME, mode, reason, &confirm, "owner")
            .await
    }

    /// As the switch of step 5 will.
    pub async fn federate(&self) {
        let found = self.provider().await;
        let done = self
            .hub
            .db
            .write(move |tx| m365::set_state(tx, "owner", 9, &found, State::Federated));
        done.await.unwrap();
    }

    pub fn fault(&self, operation: &str, error: &str, times: u32) {
        let effect: Effect = serde_json::from_value(json!({"do": "answer", "error": error})).unwrap();
        self.hub
            .simulator
            .inject(Rule::next(operation, times, effect))
            .unwrap();
    }

    /// Takes a domain out of the tenant; the status of the answer.
    pub async fn drop_domain(&self, name: &str) -> u16 {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (id, secret) = (Settings::CONTOSO_CLIENT_ID, Settings::CONTOSO_CLIENT_SECRET);
        let scope = "https%3A%2F%2Fgraph.microsoft.com%2F.default";
        let form =
            format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={scope}");
        let asked = http
            .post(format!(
                "{}/{}/oauth2/v2.0/token",
                self.url,
                Settings::CONTOSO_TENANT
            ))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let body = asked.send().await.unwrap().bytes().await.unwrap();
        let token: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let dropped = http
            .delete(format!("{}/v1.0/domains/{name}", self.url))
            .bearer_auth(token["access_token"].as_str().unwrap());
        dropped.send().await.unwrap().status().as_u16()
    }

    /// The newest attempt that was refused: its action and its sentence.
    pub async fn refused(&self) -> (String, String) {
        let workspace = self.workspace();
        let all = self
            .hub
            .db
            .read(move |tx| audit::latest(tx, workspace, 200))
            .await
            .unwrap();
        let mut refused = all.into_iter().filter(|entry| entry.action.ends_with(".refused"));
        refused
            .next()
            .map(|entry| (entry.action, entry.detail))
            .expect("nothing was told")
    }

    /// That the newest refused attempt was this one, with this code.
    pub async fn assert_told(&self, action: &str, code: &str) {
        let (found, detail) = self.refused().await;
        assert_eq!(found, format!("microsoft_365.{action}.refused"));
        assert!(detail.starts_with(&format!("{code}: ")), "{detail}");
    }
}

pub fn credentials() -> Credentials {
    Credentials {
        client_id: Settings::CONTOSO_CLIENT_ID.to_owned(),
        tenant: Settings::CONTOSO_TENANT.to_owned(),
        secret: Some(Secret::new(Settings::CONTOSO_CLIENT_SECRET)),
        certificate: None,
        functions: None,
        expires: Some(1_900_000_000_000),
    }
}

/// Does something, with yes to what is asked.
pub async fn confirmed<T, F: Future<Output = Result<T>>>(change: impl Fn(Confirm) -> F) -> Result<T> {
    match change(Confirm::default()).await {
        Err(Error::Confirm { digest, .. }) => change(of(digest)).await,
        other => other,
    }
}

/// The sample rule for people, with what a new account of the tenant needs.
pub fn people_rule() -> provost_engine::rule::Rule {
    let mut rule = crate::harness::people_rule();
    let password = json!({"target": "passwordProfile.password", "generated": true, "apply": "on_create"});
    rule.mappings.push(serde_json::from_value(password).unwrap());
    rule
}

pub fn of(digest: String) -> Confirm {
    Confirm {
        digest: Some(digest),
        ..Confirm::default()
    }
}

pub fn code<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().code().unwrap_or_default().to_owned()
}

/// The fields at fault with their codes.
pub fn faults<T: std::fmt::Debug>(result: Result<T>) -> Vec<(&'static str, String)> {
    match result.unwrap_err() {
        Error::Fields(lines) => lines.into_iter().map(|line| (line.field, line.code)).collect(),
        other => panic!("{other}"),
    }
}

/// The line of one field.
pub fn line<'a>(lines: &'a [FieldLine], field: &str) -> &'a FieldLine {
    lines
        .iter()
        .find(|line| line.field == field)
        .expect("a line for each field")
}

//! An application of Contoso's that Ada may sign in to.

use crate::authenticator::Authenticator;
use crate::bench::{START, visit};
use crate::staff::Staff;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_signin::openid::{Answer, Authorized, Change, Credentials, Fault, Openid, Parameters, Refused};
use provost_signin::person::Opened;
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::directory::Object;
use provost_store::workspace::{self, Workspace};
use provost_store::{Error, Tx, assignment};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

pub const BACK: &str = "https://app.contoso.example/back";
pub const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-taken-0123456789";

/// What the engine decides, as far as these tests need it: who is assigned.
fn meant(tx: &mut Tx, connection: &Connection, person: &Object) -> provost_store::Result<bool> {
    assignment::covers(tx, connection.key, person.key, false)
}

pub struct World {
    pub staff: Staff,
    pub openid: Openid,
    pub connection: Connection,
    pub workspace: Workspace,
    pub client: String,
    pub secret: String,
    pub secret_key: i64,
    pub ada: Opened,
    pub device: Authenticator,
}

impl World {
    pub async fn new() -> Self {
        Self::with(Change::default()).await
    }

    /// The application with these settings besides its redirect address.
    pub async fn with(change: Change) -> Self {
        let staff = Staff::new().await;
        let (ada, device) = staff.with_passkey().await;
        let (within, person) = (staff.bench.workspace, staff.ada.clone());
        let (connection, workspace) = staff
            .change(move |tx| {
                let new = connection::New {
                    id: Uuid::now_v7(),
                    workspace: within,
                    name: "Wiki",
                    connector: "scim",
                    settings: &json!({}),
                    guard: &json!({}),
                };
                let made = connection::create(tx, "test", START, &new)?;
                let preferences = Preferences {
                    assignment: Assignment::Assigned,
                    ..Preferences::default()
                };
                connection::set_preferences(tx, "test", START, &made, &preferences)?;
                assignment::add(tx, "test", START, &made, &person)?;
                let workspace = workspace::by_key(tx, within)?.ok_or(Error::Conflict)?;
                Ok((made, workspace))
            })
            .await;
        let openid = staff.bench.signin.openid(meant);
        let change = Change {
            enabled: Some(true),
            redirect_uris: Some(vec![BACK.to_owned()]),
            ..change
        };
        let application = openid.change("olga", &connection, change, START).await.unwrap();
        let (made, secret) = openid.add_secret("olga", &connection, START).await.unwrap();
        Self {
            client: application.client_id,
            secret,
            secret_key: made.key,
            openid,
            connection,
            workspace,
            ada,
            device,
            staff,
        }
    }

    /// What every request to sign in carries.
    pub fn request(&self) -> Vec<(String, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        pairs(&[
            ("client_id", &self.client),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid profile email groups offline_access"),
            ("state", "a state"),
            ("nonce", "a nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
    }

    /// The same with some parameters replaced, added, or (with an empty value) left out.
    pub fn request_with(&self, changes: &[(&str, &str)]) -> Parameters {
        let mut all = self.request();
        for (name, value) in changes {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        Parameters::from(all)
    }

    pub async fn authorize(&self, asked: &Parameters, who: Option<&Opened>, now: i64) -> Authorized {
        let who = who.map(|opened| &opened.signed);
        self.openid
            .authorize(&self.workspace, asked, who, &visit(), now)
            .await
            .unwrap()
    }

    /// A code for Ada.
    pub async fn code(&self, now: i64) -> String {
        let to = self
            .authorize(&self.request_with(&[]), Some(&self.ada), now)
            .await;
        let back = back(&to);
        assert_eq!(back.get("state"), "a state");
        assert_eq!(back.get("iss"), self.openid.issuer(self.workspace.id));
        back.get("code")
    }

    pub fn credentials(&self) -> Credentials {
        Credentials {
            basic: Some((self.client.clone(), self.secret.clone())),
        }
    }

    pub async fn token(&self, asked: &[(&str, &str)], now: i64) -> Answer<Value> {
        let parameters = Parameters::from(pairs(asked));
        self.openid
            .token(&self.workspace, &self.credentials(), &parameters, now)
            .await
    }

    pub async fn redeem(&self, code: &str, now: i64) -> Answer<Value> {
        self.token(
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", BACK),
                ("code_verifier", VERIFIER),
            ],
            now,
        )
        .await
    }

    pub async fn refresh(&self, token: &str, now: i64) -> Answer<Value> {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)], now)
            .await
    }

    pub async fn introspect(&self, token: &str, now: i64) -> bool {
        let parameters = Parameters::from(pairs(&[("token", token)]));
        let answer = self
            .openid
            .introspect(&self.workspace, &self.credentials(), &parameters, now)
            .await;
        answer.unwrap()["active"] == true
    }

    pub async fn userinfo(&self, token: &str, now: i64) -> Answer<Value> {
        self.openid.userinfo(&self.workspace, token, now).await
    }

    /// Ada's tokens.
    pub async fn tokens(&self, now: i64) -> Value {
        self.redeem(&self.code(now).await, now).await.unwrap()
    }

    /// The actions of the audit log, oldest first.
    pub async fn audited(&self, action: &'static str) -> usize {
        let within = self.staff.bench.workspace;
        let all = self
            .staff
            .change(move |tx| provost_store::audit::latest(tx, within, 200))
            .await;
        all.iter().filter(|one| one.action == action).count()
    }
}

pub fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// An answer that went to the application.
pub struct Back(Url);

impl Back {
    pub fn get(&self, name: &str) -> String {
        let found = self.0.query_pairs().find(|(known, _)| known == name);
        found.map_or_else(String::new, |(_, value)| value.into_owned())
    }
}

pub fn back(to: &Authorized) -> Back {
    let Authorized::Back(to) = to else {
        panic!("the browser was not sent back: {to:?}");
    };
    assert!(to.starts_with(BACK), "{to}");
    Back(Url::parse(to).unwrap())
}

/// The code of a refusal.
pub fn refused<T: std::fmt::Debug>(answer: Answer<T>) -> &'static str {
    match answer {
        Err(Fault::Refused(Refused { error, .. })) => error,
        other => panic!("not refused: {other:?}"),
    }
}

pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
}

/// The part of a token at this place.
pub fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

//! People of the directory, whom a provider sends, at their own sign-in.

use crate::authenticator::Authenticator;
use crate::bench::{BROWSER, Bench, ORIGIN, START, visit};
use provost_engine::object::Kind;
use provost_signin::person::{Enrolling, Opened, People, SignedIn};
use provost_signin::{Error, Result};
use provost_store::directory::{self, Change, Object, Placement};
use provost_store::provider::{self, Provider};
use provost_store::{Tx, workspace};
use serde_json::{Value, json};
use uuid::Uuid;

/// A hub with a provider, and Ada, whom it sends.
pub struct Staff {
    pub bench: Bench,
    pub people: People,
    pub provider: Provider,
    pub ada: Object,
}

impl Staff {
    pub async fn new() -> Self {
        let bench = Bench::new().await;
        let provider = provider_of(&bench, bench.workspace).await;
        let ada = hire(&bench, &provider, "ada@contoso.example", "Ada Lovelace").await;
        Self {
            people: bench.signin.people(),
            provider,
            ada,
            bench,
        }
    }

    /// A link for a person, as an administrator makes it.
    pub async fn link(&self, person: &Object, now: i64) -> Result<String> {
        let made = self
            .people
            .make_link("administrator olga", person.workspace, person.key, now)
            .await?;
        Ok(made.0)
    }

    /// Follows a link with a device.
    pub async fn enrol(&self, link: &str, device: &mut Authenticator, now: i64) -> Result<Opened> {
        let workspace = self.bench.workspace;
        let (ceremony, options) = self
            .people
            .begin_enrolment(workspace, link, BROWSER, &visit(), now)
            .await?;
        let answer = device.create(&options);
        self.finish_enrolment(link, &ceremony, answer, now).await
    }

    pub async fn finish_enrolment(
        &self,
        link: &str,
        ceremony: &str,
        answer: Value,
        now: i64,
    ) -> Result<Opened> {
        let came = Enrolling {
            ceremony,
            browser: BROWSER,
            answer,
            name: "A key",
        };
        self.people
            .finish_enrolment(self.bench.workspace, link, came, &visit(), now)
            .await
    }

    /// Ada, who has made a passkey by a link.
    pub async fn with_passkey(&self) -> (Opened, Authenticator) {
        let link = self.link(&self.ada, START).await.unwrap();
        let mut device = Authenticator::new(ORIGIN);
        let opened = self.enrol(&link, &mut device, START).await.unwrap();
        (opened, device)
    }

    /// Signs in with a device, in a workspace.
    pub async fn enter_at(
        &self,
        workspace: Option<i64>,
        device: &mut Authenticator,
        now: i64,
    ) -> Result<Opened> {
        let (ceremony, options) = self
            .people
            .begin_signin(workspace, BROWSER, &visit(), now)
            .await?;
        let answer = device.get(&options);
        self.people
            .finish_signin(workspace, &ceremony, BROWSER, answer, &visit(), now)
            .await
    }

    /// Signs in with a device.
    pub async fn enter(&self, device: &mut Authenticator, now: i64) -> Result<Opened> {
        self.enter_at(Some(self.bench.workspace), device, now).await
    }

    /// Adds what another device makes.
    pub async fn add(&self, signed: &SignedIn, device: &mut Authenticator, now: i64) -> Result<i64> {
        let (ceremony, options) = self.people.begin_passkey(signed, now).await?;
        let answer = device.create(&options);
        let added = self
            .people
            .finish_passkey(signed, &ceremony, answer, "Another key", now)
            .await?;
        Ok(added.key)
    }

    /// Who a cookie belongs to.
    pub async fn check(&self, opened: &Opened, now: i64) -> Option<SignedIn> {
        let workspace = self.bench.workspace;
        self.people.check(&opened.cookie, workspace, now).await.unwrap()
    }

    /// Changes the directory.
    pub async fn change<T: Send + 'static>(
        &self,
        write: impl FnMut(&mut Tx) -> std::result::Result<T, provost_store::Error> + Send + 'static,
    ) -> T {
        self.bench.db.write(write).await.unwrap()
    }
}

/// A workspace beside Contoso's.
pub async fn another_workspace(bench: &Bench) -> i64 {
    let make = |tx: &mut Tx| workspace::create(tx, "test", START, Uuid::now_v7(), "Fabrikam");
    bench.db.write(make).await.unwrap().key
}

pub async fn provider_of(bench: &Bench, workspace: i64) -> Provider {
    let make = move |tx: &mut Tx| {
        let new = provider::New {
            id: Uuid::now_v7(),
            workspace,
            name: "Entra",
            role: "user",
            team: None,
            state: provider::State::Saved,
            settings: &provider::Settings::default(),
        };
        provider::create(tx, "test", START, &new)
    };
    bench.db.write(make).await.unwrap()
}

pub async fn hire(bench: &Bench, provider: &Provider, user_name: &'static str, name: &'static str) -> Object {
    let owner = provider.owner();
    let make = move |tx: &mut Tx| {
        let Value::Object(document) = json!({"userName": user_name, "displayName": name, "active": true})
        else {
            return Err(provost_store::Error::Damaged("the document".to_owned()));
        };
        let placement = Placement {
            role: "user",
            team: None,
            permission: None,
        };
        directory::create(
            tx,
            &change(owner),
            Kind::Person,
            Uuid::now_v7(),
            &document,
            &placement,
        )
    };
    bench.db.write(make).await.unwrap()
}

pub fn change(owner: directory::Owner) -> Change<'static> {
    Change {
        owner,
        actor: "provider Entra",
        now: START,
    }
}

/// Whether a step was over, or was never begun here.
pub fn is_over<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Expired))
}

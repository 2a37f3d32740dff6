//! Microsoft 365 through Microsoft Graph v1.0.

mod exchange;
mod job;
mod member;
mod odata;
mod password;
mod read;
mod record;
mod settings;
mod step;
mod test;
mod wire;

use std::borrow::Cow;
use std::time::Duration;

use futures::FutureExt;
use serde_json::Value;

use self::job::Job;
use self::settings::Settings;
use self::step::Step;
use self::wire::{BATCH, Wire};
use crate::account::matching_check;
use crate::fresh::Fresh;
use crate::oauth::Tokens;
use crate::open::{policy, secret};
use crate::{
    Account, AccountPage, BoxFuture, Check, Description, DisableBy, Error, Kind, MemberChange, MemberPage,
    Record, Result, Secrets, Target, Write, http,
};

/// A connection to one tenant.
///
/// Settings: `tenant`, `client_id`, and optionally `graph_url`, `login_url`,
/// `allow_private_network`, `allowed_networks`, `writes_per_second` (19.6), `write_burst` (3000),
/// `fresh_retry_ms`. Secret: `client_secret`.
pub struct Graph {
    wire: Wire,
    fresh: Fresh,
    fresh_retry: Vec<Duration>,
}

impl Graph {
    /// Opens a connection; no request is made.
    ///
    /// # Errors
    /// As [`crate::open`].
    pub fn open(settings: &Value, secrets: &Secrets, factory: &http::Factory) -> Result<Self> {
        let settings = Settings::parse(settings)?;
        let client_secret = secret(secrets, "client_secret")?;
        let (graph, login) = (settings.graph()?, settings.login()?);
        let client = |field: &str, url: &url::Url| {
            let networks = &settings.allowed_networks;
            factory.client(policy(field, url, settings.allow_private_network, networks)?)
        };
        let root = graph.as_str().trim_end_matches('/').to_owned();
        let tokens = Tokens::new(
            client("login_url", &login)?,
            token_url(&login, &settings.tenant),
            &settings.client_id,
            client_secret,
            format!("{root}/.default"),
        );
        let key = (
            http::Origin::of(&login)
                .map(|o| o.to_string())
                .unwrap_or_default(),
            settings.tenant.to_ascii_lowercase(),
            settings.client_id.to_ascii_lowercase(),
        );
        Ok(Self {
            wire: Wire {
                client: client("graph_url", &graph)?,
                tokens,
                pacer: factory.pacer(key, settings.pace()),
                root: format!("{root}/v1.0"),
            },
            fresh: Fresh::default(),
            fresh_retry: settings.fresh_retry(),
        })
    }

    /// The steps of one write.
    fn steps(write: &Write) -> Result<Vec<Step>> {
        match write {
            Write::Create { kind, key, record } => Ok(vec![step::create(*kind, key, record)?]),
            Write::Update { kind, id, changes } => Ok(step::update(*kind, id, changes)),
            Write::Disable { kind, id } => enabling(*kind, id, false),
            Write::Enable { kind, id } => enabling(*kind, id, true),
            Write::Delete { kind, id } => Ok(vec![step::delete(*kind, id)]),
            Write::SetReference {
                id,
                attribute,
                target_id,
            } => referring(id, attribute, target_id.as_deref()),
        }
    }
}

/// Where the tenant's tokens come from.
fn token_url(login: &url::Url, tenant: &str) -> url::Url {
    let mut url = login.clone();
    let base = login.path().trim_end_matches('/');
    url.set_path(&format!("{base}/{tenant}/oauth2/v2.0/token"));
    url
}

fn enabling(kind: Kind, id: &str, enabled: bool) -> Result<Vec<Step>> {
    match kind {
        Kind::Person => Ok(step::set_enabled(id, enabled)),
        Kind::Group => Err(unsupported("disabling and enabling groups")),
    }
}

fn referring(id: &str, attribute: &str, target: Option<&str>) -> Result<Vec<Step>> {
    match attribute {
        "manager" => Ok(vec![step::set_manager(id, target)]),
        _ => Err(unsupported("references other than `manager`")),
    }
}

fn unsupported(operation: &str) -> Error {
    Error::Unsupported {
        operation: operation.to_owned(),
    }
}

impl Target for Graph {
    fn describe(&self) -> Description {
        Description {
            connector: "graph",
            kinds: vec![Kind::Person, Kind::Group],
            person_matching: vec![
                "userPrincipalName",
                "mail",
                "onPremisesImmutableId",
                "employeeId",
                "mailNickname",
            ],
            group_matching: vec!["uniqueName", "displayName", "mailNickname"],
            disable: DisableBy::Attribute("accountEnabled"),
            references: vec!["manager"],
            safe_create: vec![Kind::Group],
            page_size: 999,
            batch_size: BATCH,
            concurrency: 8,
            drops_members: true,
            tells_members: true,
            hides_disabled: false,
        }
    }

    fn test(&self) -> BoxFuture<'_, Vec<Check>> {
        self.checks().boxed()
    }

    fn can_match<'a>(&'a self, kind: Kind, attribute: &'a str) -> BoxFuture<'a, Result<Check>> {
        async move {
            let nobody = Value::from(uuid::Uuid::now_v7().to_string());
            let found = self.find_by(kind, attribute, &nobody).await;
            matching_check(kind, attribute, found)
        }
        .boxed()
    }

    fn normalize(&self, kind: Kind, record: &mut Record) {
        record::normalize(kind, record);
    }

    fn link_key(&self, kind: Kind, key: &str) -> Option<(Cow<'static, str>, Value)> {
        (kind == Kind::Group).then(|| {
            let name = record::unique_name(key);
            (Cow::Borrowed("uniqueName"), Value::String(name))
        })
    }

    fn find<'a>(
        &'a self,
        kind: Kind,
        attribute: &'a str,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Vec<Account>>> {
        self.find_by(kind, attribute, value).boxed()
    }

    fn get<'a>(
        &'a self,
        kind: Kind,
        id: &'a str,
        attributes: &'a [String],
    ) -> BoxFuture<'a, Result<Option<Account>>> {
        self.get_by_id(kind, id, attributes).boxed()
    }

    fn create<'a>(&'a self, kind: Kind, key: &'a str, record: &'a Record) -> BoxFuture<'a, Result<Account>> {
        async move {
            let step = step::create(kind, key, record)?;
            let lost = || Error::AnswerLost {
                kind,
                reason: "the answer named no object".to_owned(),
            };
            self.run_one(vec![step]).await?.ok_or_else(lost)
        }
        .boxed()
    }

    fn update<'a>(&'a self, kind: Kind, id: &'a str, changes: &'a Record) -> BoxFuture<'a, Result<()>> {
        async move { self.run_one(step::update(kind, id, changes)).await.map(drop) }.boxed()
    }

    fn disable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        async move { self.run_one(enabling(kind, id, false)?).await.map(drop) }.boxed()
    }

    fn enable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        async move { self.run_one(enabling(kind, id, true)?).await.map(drop) }.boxed()
    }

    fn delete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        async move { self.run_one(vec![step::delete(kind, id)]).await.map(drop) }.boxed()
    }

    fn set_reference<'a>(
        &'a self,
        id: &'a str,
        attribute: &'a str,
        target_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let steps = referring(id, attribute, target_id)?;
            self.run_one(steps).await.map(drop)
        }
        .boxed()
    }

    fn change_members<'a>(
        &'a self,
        group: &'a str,
        changes: &'a [MemberChange],
    ) -> BoxFuture<'a, Vec<Result<()>>> {
        self.change_group(group, changes).boxed()
    }

    fn apply<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Vec<Result<Option<Account>>>> {
        let jobs = writes
            .iter()
            .map(|write| Self::steps(write).map_or_else(Job::failed, Job::new))
            .collect();
        self.run(jobs).boxed()
    }

    fn list<'a>(
        &'a self,
        kind: Kind,
        page: Option<&'a str>,
        attributes: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>> {
        self.list_page(kind, page, attributes).boxed()
    }

    fn members<'a>(&'a self, group: &'a str, page: Option<&'a str>) -> BoxFuture<'a, Result<MemberPage>> {
        self.member_page(group, page).boxed()
    }
}

//! Microsoft 365 through Microsoft Graph v1.0.

pub mod application;
pub mod attribute;
mod batch;
pub mod cause;
mod change;
pub mod cloud;
pub mod credential;
mod deleted;
mod denial;
mod exchange;
mod facts;
mod failure;
mod fault;
pub mod federation;
mod gone;
mod job;
mod licence;
mod look;
mod member;
mod odata;
mod owner;
mod password;
pub mod permission;
mod probe;
mod read;
mod receipt;
mod record;
mod refusal;
mod review;
mod settings;
mod standing;
mod step;
pub mod tenant;
mod test;
mod unit;
mod value;
pub mod whose;
mod wire;

use std::borrow::Cow;
use std::time::Duration;

use futures::FutureExt;
use provost_engine::rule::Rule;
use serde_json::Value;

use self::credential::Credential;
use self::facts::Kept;
use self::job::Job;
use self::permission::{Function, Permissions};
use self::receipt::Receipts;
use self::settings::Settings;
use self::step::Step;
use self::wire::{BATCH, Wire};
use crate::account::matching_check;
use crate::fresh::{FRESH_FOR, Fresh};
use crate::oauth::Tokens;
use crate::open::policy;
use crate::{
    Account, AccountPage, BoxFuture, ChangePage, Check, Description, DisableBy, Error, Fault, HeldLicence,
    Kind, Licence, LicenceChange, MemberChange, MemberPage, Organisation, Product, Receipt, Record, Result,
    Secrets, Standing, Target, Write, http,
};

/// A connection to one tenant.
///
/// Settings: `tenant` (id, domain or a pasted endpoint), `client_id`, and optionally `cloud` (`global`,
/// `us-government`, `us-dod`, `china`), `functions` (what the connection is to do: `people`, `groups`, `licences`,
/// `sessions`, and not unless named `passwords`, `restore`, `federation`), `later` (functions of a step that comes
/// later: their permissions are neither asked for nor too much), `graph_url` with `login_url`, `allow_private_network`, `allowed_networks`, `writes_per_second` (19.6), `write_burst` (3000),
/// `fresh_retry_ms`. Secret: `client_secret`, or `certificate` (PEM with an RSA key).
pub struct Graph {
    /// The tenant as it was entered, in its canonical form.
    tenant: String,
    client_id: String,
    functions: Vec<Function>,
    later: Vec<Function>,
    facts: Kept,
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
        let credential = Credential::open(secrets)?;
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
            credential,
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
            tenant: settings.tenant.clone(),
            client_id: settings.client_id.clone(),
            functions: settings.functions.clone(),
            later: settings.later.clone(),
            facts: Kept::default(),
            wire: Wire {
                client: client("graph_url", &graph)?,
                tokens,
                pacer: factory.pacer(key, settings.pace()),
                root: format!("{root}/v1.0"),
                receipts: Receipts::default(),
                pauses: settings.fresh_retry(),
            },
            fresh: Fresh::default(),
            fresh_retry: settings.fresh_retry(),
        })
    }

    /// The steps of one write. Sessions are ended only where that was switched on: without its
    /// permission it would make a disabled account look like a failure.
    fn steps(&self, write: &Write) -> Result<Vec<Step>> {
        let mut steps = Self::all_steps(write)?;
        if !self.functions.contains(&Function::Sessions) {
            steps.retain(|step| !step.ends_sessions());
        }
        Ok(steps)
    }

    fn all_steps(write: &Write) -> Result<Vec<Step>> {
        match write {
            Write::Create { kind, key, record } => Ok(vec![step::create(*kind, key, record)?]),
            Write::Update { kind, id, changes } => step::update(*kind, id, changes),
            Write::Disable { kind, id } => enabling(*kind, id, false),
            Write::Enable { kind, id } => enabling(*kind, id, true),
            Write::Delete { kind, id } => Ok(vec![step::delete(*kind, id)?]),
            Write::SetReference {
                id,
                attribute,
                target_id,
            } => referring(id, attribute, target_id.as_deref()),
        }
    }
}

impl Graph {
    /// Carries out a write that makes nothing.
    async fn write(&self, write: Write) -> Result<()> {
        self.run_one(self.steps(&write)?).await.map(drop)
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
        Kind::Person => step::set_enabled(id, enabled),
        Kind::Group => Err(unsupported("disabling and enabling groups")),
    }
}

fn referring(id: &str, attribute: &str, target: Option<&str>) -> Result<Vec<Step>> {
    match attribute {
        "manager" => Ok(vec![step::set_manager(id, target)?]),
        _ => Err(unsupported("references other than `manager`")),
    }
}

fn unsupported(operation: &str) -> Error {
    Error::Unsupported {
        operation: operation.to_owned(),
    }
}

impl Target for Graph {
    fn microsoft(&self) -> Option<&Graph> {
        Some(self)
    }

    fn describe(&self) -> Description {
        Description {
            connector: "graph",
            kinds: match self.functions.contains(&Function::Groups) {
                true => vec![Kind::Person, Kind::Group],
                false => vec![Kind::Person],
            },
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
            licences: self.functions.contains(&Function::Licences),
            tells_changes: true,
            keeps_deleted: self.functions.contains(&Function::Restore) || self.facts.shows_bin(),
            settles_within: Some(FRESH_FOR),
        }
    }

    fn test(&self) -> BoxFuture<'_, Vec<Check>> {
        self.checks().boxed()
    }

    fn organisation(&self) -> BoxFuture<'_, Result<Option<Organisation>>> {
        self.described().boxed()
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

    fn prepare(&self) -> BoxFuture<'_, Result<()>> {
        self.learn().boxed()
    }

    fn faults(&self, kind: Kind, record: &Record, creating: bool) -> Vec<Fault> {
        self.judge(kind, record, creating)
    }

    fn review(&self, before: &[Rule], after: &[Rule]) -> Vec<Fault> {
        review::review(self.known().as_deref(), &self.functions, before, after)
    }

    fn own_name(&self, kind: Kind, name: &str) -> Option<&'static str> {
        attribute::canonical(kind, name)
    }

    fn permissions(&self) -> BoxFuture<'_, Result<Option<Permissions>>> {
        async { self.probe().await.map(Some) }.boxed()
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
        let write = Write::Update {
            kind,
            id: id.to_owned(),
            changes: changes.clone(),
        };
        self.write(write).boxed()
    }

    fn disable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        let id = id.to_owned();
        self.write(Write::Disable { kind, id }).boxed()
    }

    fn enable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        let id = id.to_owned();
        self.write(Write::Enable { kind, id }).boxed()
    }

    fn delete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        async move {
            self.run_one(vec![step::delete(kind, id)?]).await?;
            self.fresh.forget(id);
            Ok(())
        }
        .boxed()
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
            .map(|write| self.steps(write).map_or_else(Job::failed, Job::new))
            .collect();
        async move {
            let outcomes = self.run(jobs).await;
            for (write, outcome) in writes.iter().zip(&outcomes) {
                if let (Write::Delete { id, .. }, Ok(_)) = (write, outcome) {
                    self.fresh.forget(id);
                }
            }
            outcomes
        }
        .boxed()
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

    fn standing<'a>(&'a self, kind: Kind, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Standing>>> {
        self.standings(kind, ids).boxed()
    }

    /// What is selected comes with every object, null where it has no value (Microsoft Graph, "Use query
    /// parameters", `$select`); the relation to the manager and the password never do.
    fn lists_everything(&self, _kind: Kind) -> bool {
        true
    }

    fn standing_attributes(&self, kind: Kind) -> &'static [&'static str] {
        standing::shown(kind)
    }

    fn listed_standing(&self, kind: Kind, account: &Account) -> Option<Standing> {
        standing::of_listed(kind, account)
    }

    fn receipts(&self, about: &str) -> Vec<Receipt> {
        self.wire.receipts.take(about)
    }

    fn remember(&self, id: &str) {
        self.fresh.told(id);
    }

    fn products(&self) -> BoxFuture<'_, Result<Vec<Product>>> {
        self.owned_products().boxed()
    }

    fn licences<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<HeldLicence>>> {
        self.licences_of(id).boxed()
    }

    fn change_licences<'a>(&'a self, changes: &'a [LicenceChange]) -> BoxFuture<'a, Vec<Result<()>>> {
        self.assign_licences(changes).boxed()
    }

    fn change_group_licences<'a>(
        &'a self,
        group: &'a str,
        add: &'a [Licence],
        remove: &'a [String],
    ) -> BoxFuture<'a, Result<()>> {
        self.assign_to_group(group, add, remove).boxed()
    }

    fn end_sessions<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<()>> {
        async move { self.run_one(vec![step::revoke_sessions(id)]).await.map(drop) }.boxed()
    }

    fn owned_groups<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<String>>> {
        self.groups_owned(id).boxed()
    }

    fn set_owner<'a>(&'a self, group: &'a str, id: &'a str, owns: bool) -> BoxFuture<'a, Result<()>> {
        self.change_owner(group, id, owns).boxed()
    }

    fn groups_of<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<String>>> {
        self.direct_groups(id).boxed()
    }

    fn changes<'a>(
        &'a self,
        kind: Kind,
        place: Option<&'a str>,
        attributes: &'a [String],
    ) -> BoxFuture<'a, Result<ChangePage>> {
        self.change_page(kind, place, attributes).boxed()
    }

    fn deleted<'a>(
        &'a self,
        kind: Kind,
        page: Option<&'a str>,
        attributes: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>> {
        self.deleted_page(kind, page, attributes).boxed()
    }

    fn undelete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.restore(kind, id).boxed()
    }

    fn purge<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.remove_for_good(kind, id).boxed()
    }
}

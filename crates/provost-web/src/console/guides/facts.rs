//! What Provost knows that a guide can check, read in one go.

use super::moving_facts::OfMicrosoft365;
use crate::console::address::Space;
use crate::console::providers::may_be;
use crate::console::refusal::{Refusal, Result};
use crate::counted;
use crate::state::State;
use crate::texts::Language;
use crate::visitor::Visitor;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_scim::leniency::Dialect;
use provost_store::connection::Connection;
use provost_store::cycle::{self, Cycle};
use provost_store::guide_note::{self, GuideNote};
use provost_store::plan::{self, Plan};
use provost_store::provider::Provider;
use provost_store::provisioning_log::{self, ByHand};
use provost_store::request::{self, Entry as Request};
use provost_store::rule::Stored;
use provost_store::setup_link::{self, SetupLink};
use provost_store::tenant_consent::{self, TenantConsent};
use provost_store::token::{self, Token};
use provost_store::{Error as Store, Tx, connection, directory, entra_application, provider, rule, secret};
use provost_sync::notify::Settings as Mail;
use serde_json::Value;
use std::collections::BTreeMap;

/// Cycles that are looked at for evidence.
const CYCLES: i64 = 50;

/// What is known.
pub(super) struct Facts {
    pub now: i64,
    pub language: Language,
    pub space: Space,
    /// How the world reaches this server.
    pub url: String,
    /// Connections and providers to choose from.
    pub connections: Vec<String>,
    pub providers: Vec<String>,
    pub connection: Option<OfConnection>,
    pub provider: Option<OfProvider>,
    /// What the guide to Microsoft 365 as a provider looks at; none in the others.
    pub microsoft_365: Option<OfMicrosoft365>,
    pub mail: Mail,
    /// What was signed off, by step.
    pub notes: BTreeMap<String, GuideNote>,
}

/// A connection.
pub(super) struct OfConnection {
    pub connection: Connection,
    pub rules: Vec<Stored>,
    /// Names of the secrets that it has.
    pub secrets: Vec<String>,
    pub linked_people: i64,
    pub linked_groups: i64,
    pub assigned: i64,
    pub plans: Vec<Plan>,
    pub cycles: Vec<Cycle>,
    /// What somebody did last who did not wait for a cycle.
    pub by_hand: Option<ByHand>,
    pub staged: i64,
    pub doubts: i64,
    pub expires: Option<i64>,
}

/// An inbound provider.
pub(super) struct OfProvider {
    pub provider: Provider,
    pub tokens: Vec<Token>,
    pub people: i64,
    pub newest: Option<Request>,
    pub newest_change: Option<Request>,
    pub links: Vec<SetupLink>,
    /// The tenant that was recorded, and whether consent can be asked for.
    pub consent: Option<TenantConsent>,
    pub may_consent: bool,
}

/// Which connection and provider a page is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    pub connection: String,
    pub provider: String,
    /// Only connections with this connector; none is about a provider alone.
    pub connector: Option<&'static str>,
    /// Only inbound providers that may be this system: not those that are known to be another one.
    pub dialect: Option<Dialect>,
    /// Whether the provider is one of Microsoft 365.
    pub is_microsoft_365: bool,
}

impl Facts {
    /// Reads them.
    pub async fn read(
        state: &State,
        visitor: &Visitor,
        guide: &str,
        chosen: Chosen,
        now: i64,
    ) -> Result<Self> {
        let inside = visitor.workspace()?;
        let (workspace, guide) = (inside.key, guide.to_owned());
        let microsoft_365 = match chosen.is_microsoft_365 {
            true => Some(OfMicrosoft365::read(state, visitor, &chosen.provider).await?),
            false => None,
        };
        let read = move |tx: &mut Tx| Known::read(tx, workspace, &guide, &chosen);
        let known = state.db().read(read).await?;
        let engine = state.engine();
        let mail = match engine {
            Some(engine) => engine.notification(workspace).await.map_err(Refusal::from)?,
            None => Mail::default(),
        };
        let mut connection = known.connection;
        if let Some(one) = connection.as_mut() {
            one.count(state).await?;
        }
        if let (Some(engine), Some(one)) = (engine, connection.as_mut()) {
            one.expires = engine
                .credential_expiry(one.connection.key)
                .await
                .map_err(Refusal::from)?;
        }
        Ok(Self {
            now,
            language: visitor.language,
            space: Space::of(inside),
            url: state.public_url().to_owned(),
            connections: known.connections,
            providers: known.providers,
            connection,
            provider: known.provider,
            microsoft_365,
            mail,
            notes: known.notes,
        })
    }

    /// The same facts for another guide about the same thing: only what was signed off is its own.
    pub async fn of_guide(mut self, state: &State, visitor: &Visitor, guide: &'static str) -> Result<Self> {
        let workspace = visitor.workspace()?.key;
        self.notes = state.db().read(move |tx| notes(tx, workspace, guide)).await?;
        Ok(self)
    }

    /// The tenant URL that identity providers are given.
    pub fn tenant_url(&self) -> String {
        format!("{}/scim/v2", self.url)
    }
}

/// What one read of the store brings.
struct Known {
    connections: Vec<String>,
    providers: Vec<String>,
    connection: Option<OfConnection>,
    provider: Option<OfProvider>,
    notes: BTreeMap<String, GuideNote>,
}

impl Known {
    fn read(tx: &mut Tx, workspace: i64, guide: &str, chosen: &Chosen) -> std::result::Result<Self, Store> {
        let mut connections = connection::all(tx, workspace)?;
        connections.retain(|one| chosen.connector.is_none_or(|wanted| wanted == one.connector));
        let mut providers = provider::all(tx, workspace)?;
        providers.retain(|one| chosen.dialect.is_none_or(|wanted| may_be(one, wanted)));
        let names = |all: &[Provider]| all.iter().map(|one| one.name.clone()).collect();
        let mut known = Self {
            connections: connections.iter().map(|one| one.name.clone()).collect(),
            providers: names(&providers),
            connection: None,
            provider: None,
            notes: notes(tx, workspace, guide)?,
        };
        // The one that is named, else the newest.
        let named = connections.iter().find(|one| one.name == chosen.connection);
        let newest = || connections.iter().max_by_key(|one| one.key);
        if let Some(one) = named.or_else(newest).filter(|_| chosen.connector.is_some()) {
            known.connection = Some(OfConnection::read(tx, one)?);
        }
        let named = providers.iter().find(|one| one.name == chosen.provider);
        if let Some(one) = named.or_else(|| providers.iter().max_by_key(|one| one.key)) {
            known.provider = Some(OfProvider::read(tx, one)?);
        }
        Ok(known)
    }
}

/// What was signed off of a guide, by step.
fn notes(
    tx: &mut Tx,
    workspace: i64,
    guide: &str,
) -> std::result::Result<BTreeMap<String, GuideNote>, Store> {
    let all = guide_note::list(tx, workspace, guide)?;
    Ok(all.into_iter().map(|note| (note.step.clone(), note)).collect())
}

impl OfConnection {
    fn read(tx: &mut Tx, connection: &Connection) -> std::result::Result<Self, Store> {
        let key = connection.key;
        let rules = rule::of_connection(tx, key)?;
        Ok(Self {
            connection: connection.clone(),
            secrets: secret::fields(tx, "connection", key)?
                .into_iter()
                .map(|(name, _)| name)
                .collect(),
            linked_people: 0,
            linked_groups: 0,
            assigned: 0,
            plans: plan::list(tx, key, None, 10)?,
            cycles: cycle::latest(tx, key, CYCLES)?,
            by_hand: provisioning_log::newest_by_hand(tx, key)?,
            staged: 0,
            doubts: 0,
            expires: None,
            rules,
        })
    }

    /// The numbers, which take long over long lists.
    async fn count(&mut self, state: &State) -> Result<()> {
        let (db, key) = (state.db(), self.connection.key);
        let linked = counted::linked(db, key).await?;
        (self.linked_people, self.linked_groups) = (linked.people, linked.groups);
        self.assigned = counted::assigned(db, key).await?;
        self.staged = counted::staged(db, key).await?;
        if let Some(engine) = state.engine() {
            self.doubts = engine.doubt_counts(key).await.map_err(Refusal::from)?.open;
        }
        Ok(())
    }

    /// The rule about people that is there first, or about groups.
    pub fn rule(&self, kind: Kind) -> Option<&Rule> {
        self.rules
            .iter()
            .find(|one| one.kind == kind)
            .map(|one| &one.rule)
    }

    /// The newest cycle that did something of this name, such as `disable`, with how many.
    pub fn applied(&self, action: &str) -> Option<(i64, &Cycle)> {
        self.cycles.iter().find_map(|cycle| {
            let counts: Value = serde_json::from_str(&cycle.counts).ok()?;
            let count = counts.get("applied")?.get(action)?.as_i64()?;
            (count > 0).then_some((count, cycle))
        })
    }
}

impl OfProvider {
    fn read(tx: &mut Tx, provider: &Provider) -> std::result::Result<Self, Store> {
        let search = request::Search {
            workspace: provider.workspace,
            provider: Some(provider.key),
            ..request::Search::default()
        };
        let changes = request::Search {
            changes: true,
            ..search.clone()
        };
        let mut newest = |search| Ok::<_, Store>(request::search(tx, search, 1)?.entries.pop());
        let (any, change) = (newest(&search)?, newest(&changes)?);
        Ok(Self {
            tokens: token::of_provider(tx, provider.key)?,
            people: directory::count_owned(tx, provider.owner(), Kind::Person)?,
            newest: any,
            newest_change: change,
            links: setup_link::list(tx, provider.workspace, provider.key, 0, 100)?,
            consent: tenant_consent::get(tx, provider.key)?,
            may_consent: entra_application::has_secret(tx, provider.workspace)?,
            provider: provider.clone(),
        })
    }

    /// The newest token that works at `now`.
    pub fn live_token(&self, now: i64) -> Option<&Token> {
        self.tokens
            .iter()
            .filter(|one| one.is_live(now))
            .max_by_key(|one| one.created)
    }
}

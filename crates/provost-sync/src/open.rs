//! A connection made ready: its rules compiled, its target opened, and who is assigned and protected.

use crate::assigned::{self, Assigned};
use crate::clock::Clock;
use crate::licence::{Brought, Catalogue};
use crate::microsoft_365::foresee;
use crate::proposal::Proposal;
use crate::{Engine, Error, Result};
use provost_connect::{Secret, Secrets, Target};
use provost_engine::mapping::{Apply, MappingSource};
use provost_engine::object::{Kind, Record};
use provost_engine::policy::Guard;
use provost_engine::rule::{Compiled, Rule, is_licences};
use provost_store::connection::{self, Connection, Preferences};
use provost_store::microsoft_365::{self, Provider};
use provost_store::secret::{self, Key, Place};
use provost_store::{Db, Tx, leaver, protection, rule};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// A compiled rule with its key.
pub(crate) struct ActiveRule {
    /// Below zero for a rule that is only proposed.
    pub key: i64,
    pub kind: Kind,
    pub name: String,
    pub compiled: Compiled,
    /// Target attributes that the rule writes: what is read when an account is adopted.
    pub attributes: Vec<String>,
    /// Target attributes that the rule keeps up to date by value: what a reconcile compares.
    pub comparable: BTreeSet<String>,
    /// The hash of the mappings: accounts that were compared by others are compared again.
    pub mappings: i64,
    /// Whether a value has to be looked for in the target that nobody has yet.
    pub seeks_unique: bool,
}

impl ActiveRule {
    /// Whether it decides anything: it is switched on, or is being taken away with its accounts.
    pub fn is_on(&self) -> bool {
        let rule = self.compiled.rule();
        rule.enabled || rule.removing
    }

    fn new(key: i64, compiled: Compiled) -> Self {
        let rule = compiled.rule();
        let is_kept = |m: &&provost_engine::mapping::Mapping| {
            !matches!(m.apply, Apply::OnCreate | Apply::IfEmpty)
                && !m.reference
                && m.source != MappingSource::None
                && !compiled.is_sensitive(&m.target)
                && !is_licences(&m.target)
        };
        let seeks = |m: &provost_engine::mapping::Mapping| match &m.source {
            MappingSource::Expression { text } => text.to_ascii_lowercase().contains("selectuniquevalue"),
            _ => false,
        };
        Self {
            key,
            kind: rule.object,
            seeks_unique: rule.mappings.iter().any(seeks),
            name: rule.name.clone(),
            attributes: rule
                .mappings
                .iter()
                .map(|m| m.target.clone())
                .filter(|target| !is_licences(target))
                .collect(),
            comparable: rule
                .mappings
                .iter()
                .filter(is_kept)
                .map(|m| m.target.clone())
                .collect(),
            mappings: fingerprint(rule),
            compiled,
        }
    }
}

/// Attributes that name an account.
const NAMES: [&str; 3] = ["userPrincipalName", "userName", "mail"];

/// Tells the mappings of one state of a rule from those of another.
fn fingerprint(rule: &Rule) -> i64 {
    let text = serde_json::to_string(&rule.mappings).unwrap_or_default();
    xxh3_64(text.as_bytes()).cast_signed()
}

/// A connection that can be worked with.
#[derive(Clone)]
pub(crate) struct Open {
    pub connection: Arc<Connection>,
    pub rules: Arc<Vec<Arc<ActiveRule>>>,
    pub target: Arc<dyn Target>,
    pub guard: Guard,
    pub preferences: Preferences,
    /// Whom the assignment means.
    pub assigned: Arc<Assigned>,
    /// The target's products, and the groups that bring one.
    pub licences: Arc<Catalogue>,
    /// What groups bring to people.
    pub brought: Arc<Brought>,
    /// Keys of people of whom somebody said that they leave.
    pub leavers: Arc<HashSet<i64>>,
    /// The connection's secrets, for values that a rule keeps sealed.
    pub secrets: Arc<Secrets>,
    /// Keys of people and groups whose removal always waits for a person.
    pub protected: Arc<HashSet<i64>>,
    pub clock: Clock,
}

impl Open {
    /// The rules for one kind of object that are switched on, in their order.
    pub fn rules_for(&self, kind: Kind) -> impl Iterator<Item = &Arc<ActiveRule>> {
        self.rules.iter().filter(move |r| r.kind == kind && r.is_on())
    }

    /// The rule with this key.
    pub fn rule(&self, key: i64) -> Option<&Arc<ActiveRule>> {
        self.rules.iter().find(|r| r.key == key)
    }

    /// The time in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Whether an account is one that is never written: the connection names its id or one of its names.
    pub fn is_untouchable(&self, target_id: &str, record: &Record) -> bool {
        let named = &self.preferences.protected_accounts;
        let is_named = |text: &str| named.iter().any(|name| name.trim().eq_ignore_ascii_case(text));
        !named.is_empty()
            && (is_named(target_id)
                || NAMES
                    .iter()
                    .any(|name| record.get(*name).and_then(Value::as_str).is_some_and(is_named)))
    }

    /// The same connection with everybody listed who is assigned, and what groups bring them: for a look at the
    /// whole directory.
    pub async fn with_everybody_listed(&self, db: &Db) -> Result<Self> {
        let mut open = self.clone();
        if matches!(*self.brought, Brought::Asked) {
            let listed = Brought::listed(db, &self.licences, self.preferences.nested).await?;
            open.brought = Arc::new(listed);
        }
        if matches!(*self.assigned, Assigned::Asked { .. }) {
            let listed = assigned::list(db, &self.preferences, self.connection.key, &[], &[]).await?;
            open.assigned = Arc::new(listed);
        }
        Ok(open)
    }
}

/// What is read of a connection.
struct Read {
    connection: Connection,
    /// The Microsoft 365 provider that it belongs to.
    provider: Option<Provider>,
    rules: Vec<rule::Stored>,
    secrets: Secrets,
    protected: HashSet<i64>,
    leavers: HashSet<i64>,
    licences: Catalogue,
}

/// Reads the connection, its rules and its secrets, puts the proposal in their place, and opens the target. No
/// request is made.
pub(crate) async fn open_with(engine: &Engine, connection: i64, proposal: &Proposal) -> Result<Open> {
    let key = engine.key.clone();
    let mut found = engine.db.read(move |tx| read(tx, &key, connection)).await?;
    if let Some(preferences) = &proposal.preferences {
        found.connection.preferences = preferences.clone();
    }
    let rules = match &proposal.rules {
        Some(rules) => proposed(found.rules, rules),
        None => found.rules.into_iter().map(|r| (r.key, r.rule)).collect(),
    };
    let allowed = found.connection.preferences.allowed;
    let rules = rules
        .into_iter()
        .map(|(key, rule)| (key, rule.under(&allowed)))
        .collect();
    let rules = compile(rules, found.connection.preferences.skip_out_of_scope)?;
    let seen = foreseeing(&found.connection, found.provider.as_ref());
    let target = (engine.opener)(&seen, &found.secrets)?;
    let guard = match proposal.guard {
        Some(guard) => guard,
        None => serde_json::from_value(found.connection.guard.clone()).map_err(|e| {
            provost_store::Error::Damaged(format!("the guard of {}: {e}", found.connection.name))
        })?,
    };
    let preferences = found.connection.preferences.clone();
    let mut licences = found.licences;
    licences.is_used = target.describe().licences && uses_licences(&licences, &rules, &preferences);
    let brought = match licences.is_used {
        true => Brought::of(&licences),
        false => Brought::Nothing,
    };
    let assigned = if proposal.assign.is_empty() && proposal.unassign.is_empty() {
        Assigned::of(&preferences, connection)
    } else {
        let (assign, unassign) = (&proposal.assign, &proposal.unassign);
        assigned::list(&engine.db, &preferences, connection, assign, unassign).await?
    };
    Ok(Open {
        connection: Arc::new(found.connection),
        rules: Arc::new(rules),
        target,
        guard,
        preferences,
        assigned: Arc::new(assigned),
        protected: Arc::new(found.protected),
        licences: Arc::new(licences),
        brought: Arc::new(brought),
        leavers: Arc::new(found.leavers),
        secrets: Arc::new(found.secrets),
        clock: engine.clock.clone(),
    })
}

/// A connection as it is opened: with what its provider does in a step that comes later.
pub(crate) fn foreseeing(connection: &Connection, provider: Option<&Provider>) -> Connection {
    Connection {
        settings: foresee(&connection.settings, provider),
        ..connection.clone()
    }
}

/// Whether anything gives licences, or has given them.
fn uses_licences(catalogue: &Catalogue, rules: &[Arc<ActiveRule>], preferences: &Preferences) -> bool {
    preferences.remove_licences_when_empty
        || catalogue.has_groups()
        || catalogue.products().next().is_some()
        || rules.iter().any(|r| r.compiled.maps_licences())
}

fn read(tx: &mut Tx, key: &Key, connection: i64) -> Result<Read> {
    let Some(found) = connection::by_key(tx, connection)? else {
        return Err(Error::NoConnection(connection));
    };
    let mut secrets = Secrets::new();
    for (field, _) in secret::fields(tx, "connection", found.key)? {
        let place = Place {
            table: "connection",
            owner: found.key,
            field: &field,
        };
        if let Some(plain) = secret::get(tx, key, &place)? {
            secrets.insert(field, Secret::new(plain));
        }
    }
    Ok(Read {
        rules: rule::of_connection(tx, connection)?,
        secrets,
        protected: protection::set(tx, found.workspace, connection)?,
        leavers: leaver::set(tx, connection)?,
        licences: Catalogue::read(tx, connection)?,
        provider: microsoft_365::by_connection(tx, connection)?,
        connection: found,
    })
}

/// The proposed rules; one that is there already under its name keeps its key, and with it its links.
fn proposed(stored: Vec<rule::Stored>, rules: &[Rule]) -> Vec<(i64, Rule)> {
    let key_of = |name: &str| stored.iter().find(|s| s.name == name).map(|s| s.key);
    rules
        .iter()
        .zip((1..).map(|n: i64| -n))
        .map(|(rule, new)| (key_of(&rule.name).unwrap_or(new), rule.clone()))
        .collect()
}

/// Compiles all rules; the errors of all of them are reported at once. A rule that is switched off stops
/// nobody with its errors.
fn compile(rules: Vec<(i64, Rule)>, skip_out_of_scope: bool) -> Result<Vec<Arc<ActiveRule>>> {
    let (mut compiled, mut errors) = (Vec::new(), Vec::new());
    for (key, rule) in rules {
        match rule.compile() {
            Ok(done) => {
                let done = done.skipping_out_of_scope(skip_out_of_scope);
                compiled.push(Arc::new(ActiveRule::new(key, done)));
            }
            Err(mut found) if rule.enabled => errors.append(&mut found),
            Err(_) => {}
        }
    }
    if errors.is_empty() {
        Ok(compiled)
    } else {
        Err(Error::Rules(errors))
    }
}

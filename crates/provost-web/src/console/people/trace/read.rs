//! What the trace reads of the store, in one snapshot.

use crate::console::address::Space;
use crate::console::licences::shown_product;
use crate::console::place::Somebody;
use provost_engine::object::Kind;
use provost_store::connection::{self, Assignment, Connection};
use provost_store::link::{self, Link};
use provost_store::member::{self, Peer};
use provost_store::provisioning_log::{self, Receipt};
use provost_store::rule::{self, Stored};
use provost_store::sync_status::{self, Entry};
use provost_store::{Error as Store, Tx, assignment, doubt, link_licence, product, provider};
use std::collections::BTreeMap;

/// Groups of a person of which it is asked whether they are assigned.
const GROUPS: usize = 200;
/// Newest lines of the log in which the last request of each connection is looked for.
const LINES: i64 = 100;

/// Everything about somebody, beside their own row.
pub(super) struct Known {
    pub connections: Vec<ConnectionRead>,
    /// Groups that they are in, at most 2,000.
    pub groups: Vec<Peer>,
    /// Assigned groups of theirs: the connection, name and address.
    pub groups_assigned: Vec<(i64, String, String)>,
    /// The names of providers by key.
    pub providers: BTreeMap<i64, String>,
}

/// A connection, and what it has to do with somebody.
pub(super) struct ConnectionRead {
    pub connection: Connection,
    pub is_assigned: bool,
    pub is_assigned_directly: bool,
    pub rules: Vec<RuleRead>,
    /// The last request that was made for them.
    pub requested: Option<Requested>,
}

/// A rule, and how somebody stands under it.
pub(super) struct RuleRead {
    pub stored: Stored,
    pub link: Option<Link>,
    pub status: Option<Entry>,
    pub is_in_doubt: bool,
    pub licences: Vec<String>,
}

/// A request to a target.
#[derive(Clone)]
pub(super) struct Requested {
    pub at: i64,
    /// The line of the log.
    pub line: i64,
    pub receipt: Receipt,
}

/// Reads it.
pub(super) fn known(tx: &mut Tx, who: &Somebody) -> Result<Known, Store> {
    let requested = requested(tx, who.key)?;
    let groups = member::groups_of(tx, who.key)?;
    let mut known = Known {
        connections: Vec::new(),
        groups_assigned: assigned(tx, &groups, &who.space)?,
        groups,
        providers: BTreeMap::new(),
    };
    let links = link::of_object(tx, who.key)?;
    let statuses = sync_status::of_object(tx, who.key)?;
    let doubts = doubt::of_object(tx, who.key)?;
    let direct = assignment::connections(tx, who.key)?;
    for one in connection::all(tx, who.workspace)? {
        let mut rules = Vec::new();
        for stored in rule::of_connection(tx, one.key)? {
            let key = stored.key;
            rules.push(RuleRead {
                link: links.iter().find(|link| link.rule == key).cloned(),
                status: statuses.iter().find(|entry| entry.rule == key).cloned(),
                is_in_doubt: doubts.iter().any(|one| one.rule == key && one.decision.is_none()),
                licences: licences(tx, key, who.key)?,
                stored,
            });
        }
        known.connections.push(ConnectionRead {
            is_assigned: is_assigned(tx, &one, who)?,
            is_assigned_directly: direct.contains(&one.key),
            requested: requested.get(&one.key).cloned(),
            rules,
            connection: one,
        });
    }
    let providers = provider::all(tx, who.workspace)?;
    known.providers = providers.into_iter().map(|one| (one.key, one.name)).collect();
    Ok(known)
}

/// As a cycle asks it.
fn is_assigned(tx: &mut Tx, connection: &Connection, who: &Somebody) -> Result<bool, Store> {
    let preferences = &connection.preferences;
    match (preferences.assignment, who.kind) {
        _ if who.object.is_none() => Ok(false),
        (Assignment::All, _) => Ok(true),
        (Assignment::Assigned, Kind::Group) => assignment::contains(tx, connection.key, who.key),
        (Assignment::Assigned, Kind::Person) => {
            assignment::covers(tx, connection.key, who.key, preferences.nested)
        }
    }
}

/// Which of somebody's groups are assigned, and to what.
fn assigned(tx: &mut Tx, groups: &[Peer], space: &Space) -> Result<Vec<(i64, String, String)>, Store> {
    let mut found = Vec::new();
    for group in groups.iter().take(GROUPS) {
        for connection in assignment::connections(tx, group.key)? {
            found.push((connection, group.label.clone(), space.group(group.id)));
        }
    }
    Ok(found)
}

fn licences(tx: &mut Tx, rule: i64, object: i64) -> Result<Vec<String>, Store> {
    let mut names = Vec::new();
    for given in link_licence::of(tx, rule, object)? {
        if let Some(row) = product::get(tx, given.product)? {
            names.push(shown_product(&row.product.name, &row.product.sku).to_owned());
        }
    }
    Ok(names)
}

/// The newest request of each connection that the log has kept.
fn requested(tx: &mut Tx, object: i64) -> Result<BTreeMap<i64, Requested>, Store> {
    let mut found = BTreeMap::new();
    for entry in provisioning_log::of_object(tx, object, LINES)? {
        if let Some(receipt) = entry.trace.receipts.last() {
            found.entry(entry.connection).or_insert_with(|| Requested {
                at: entry.at,
                line: entry.key,
                receipt: receipt.clone(),
            });
        }
    }
    Ok(found)
}

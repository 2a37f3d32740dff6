//! Accounts that nobody owns: the target is listed to its end, what no link names is kept, and sorted by whether
//! somebody in the directory would match it and is meant.

use crate::open::Open;
use crate::survey::env;
use crate::{Engine, Error, Result};
use provost_connect::Account;
use provost_engine::matching::TARGET_ID;
use provost_engine::object::{Kind, Source};
use provost_engine::rule::{ENABLED_ATTRIBUTES, Need};
use provost_store::directory::{self, Range};
use provost_store::unowned::{self, Sort, Unowned};
use provost_store::{Db, link};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use uuid::Uuid;

/// Accounts that are sorted at once; for each such part the directory is walked once.
const PART: usize = 50_000;
/// Rows that are written in one commit.
const ROWS: usize = 500;
/// Keys in one stretch of the directory.
const STRETCH: i64 = 16_384;
/// How long one stretch may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Attributes that may name an account, the best first.
const NAMES: [&str; 4] = ["userName", "userPrincipalName", "displayName", "mail"];

/// What a discovery found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Discovered {
    /// People and groups that the target listed.
    pub seen: u64,
    /// Those of them that are linked.
    pub linked: u64,
    /// Not linked, and nobody in the directory matches.
    pub local: u64,
    /// Not linked; somebody matches who is not meant.
    pub unassigned: u64,
    /// Not linked; somebody matches who is meant: the next cycle adopts it, or somebody else is linked already.
    pub assigned: u64,
}

impl Discovered {
    fn add(&mut self, other: &Discovered) {
        self.seen += other.seen;
        self.linked += other.linked;
        self.local += other.local;
        self.unassigned += other.unassigned;
        self.assigned += other.assigned;
    }
}

impl Engine {
    /// Lists the target to its end and keeps what no link names. What an earlier discovery kept and this one did
    /// not see is forgotten, but only after a list that came to its end.
    ///
    /// # Errors
    /// [`Error::Target`] when a list cannot be read to its end; then nothing is forgotten.
    pub async fn discover(&self, connection: i64) -> Result<Discovered> {
        let open = self
            .open(connection)
            .await?
            .with_everybody_listed(&self.db)
            .await?;
        let at = self.now();
        let mut found = Discovered::default();
        for kind in open.target.describe().kinds {
            if open.rules_for(kind).next().is_none() {
                continue;
            }
            let attributes = asked_for(&open, kind);
            let (mut page, mut waiting) = (None, Vec::new());
            loop {
                let list = open.target.list(kind, page.as_deref(), &attributes).await?;
                found.seen += list.accounts.len() as u64;
                let unlinked = unlinked(&self.db, &open, kind, list.accounts).await?;
                waiting.extend(unlinked);
                if waiting.len() >= PART || list.next.is_none() {
                    found.add(&keep(&self.db, &open, kind, std::mem::take(&mut waiting), at).await?);
                }
                match list.next {
                    Some(next) => page = Some(next),
                    None => break,
                }
            }
        }
        self.db
            .write(move |tx| unowned::clear_unseen(tx, connection, at))
            .await?;
        found.linked = found.seen - found.local - found.unassigned - found.assigned;
        Ok(found)
    }
}

/// What is read of an account: what it could match by, its name, and whether it is enabled.
pub(crate) fn asked_for(open: &Open, kind: Kind) -> Vec<String> {
    let mut attributes = BTreeSet::new();
    for rule in open.rules_for(kind) {
        attributes.extend(
            rule.compiled
                .matching()
                .iter()
                .filter(|a| *a != TARGET_ID)
                .cloned(),
        );
        let shown = rule.attributes.iter();
        attributes.extend(
            shown
                .filter(|a| NAMES.contains(&a.as_str()) || ENABLED_ATTRIBUTES.contains(&a.as_str()))
                .cloned(),
        );
    }
    if let Some((attribute, _)) = open.target.link_key(kind, "") {
        attributes.insert(attribute.into_owned());
    }
    attributes.into_iter().collect()
}

/// The accounts that no link of the connection names.
pub(crate) async fn unlinked(
    db: &Db,
    open: &Open,
    kind: Kind,
    accounts: Vec<Account>,
) -> Result<Vec<Account>> {
    let rules: Vec<i64> = open
        .rules
        .iter()
        .filter(|r| r.kind == kind)
        .map(|r| r.key)
        .collect();
    let ids: Vec<String> = accounts.iter().map(|a| a.id.clone()).collect();
    let owned: Vec<bool> = db
        .read_within(LIMIT, move |tx| {
            let mut owned = Vec::with_capacity(ids.len());
            for id in &ids {
                let mut is_owned = false;
                for rule in &rules {
                    is_owned = is_owned || link::object_of_target(tx, *rule, id)?.is_some();
                }
                owned.push(is_owned);
            }
            Ok::<_, provost_store::Error>(owned)
        })
        .await?;
    let pairs = accounts.into_iter().zip(owned);
    Ok(pairs
        .filter(|(_, is_owned)| !is_owned)
        .map(|(account, _)| account)
        .collect())
}

/// Sorts accounts that nobody owns and keeps them. `open` has everybody listed who is assigned.
pub(crate) async fn keep(
    db: &Db,
    open: &Open,
    kind: Kind,
    accounts: Vec<Account>,
    at: i64,
) -> Result<Discovered> {
    let mut found = Discovered::default();
    if accounts.is_empty() {
        return Ok(found);
    }
    let owners = owners(db, open, kind, &accounts).await?;
    let rows: Vec<Unowned> = accounts
        .iter()
        .enumerate()
        .map(|(index, account)| row(open, kind, account, owners.get(&index), at))
        .collect();
    for row in &rows {
        match row.sort {
            Sort::Local => found.local += 1,
            Sort::Unassigned => found.unassigned += 1,
            Sort::Assigned => found.assigned += 1,
        }
    }
    for chunk in rows.chunks(ROWS) {
        let chunk = chunk.to_vec();
        db.write(move |tx| unowned::put(tx, &chunk)).await?;
    }
    Ok(found)
}

fn row(open: &Open, kind: Kind, account: &Account, owner: Option<&Owner>, at: i64) -> Unowned {
    let name = NAMES
        .iter()
        .find_map(|n| account.record.get(*n))
        .and_then(Value::as_str);
    Unowned {
        connection: open.connection.key,
        kind,
        target_id: account.id.clone(),
        label: name.unwrap_or(&account.id).to_owned(),
        sort: match owner {
            None => Sort::Local,
            Some(owner) if owner.is_meant => Sort::Assigned,
            Some(_) => Sort::Unassigned,
        },
        object: owner.map_or(0, |o| o.object),
        enabled: account.enabled,
        seen: at,
    }
}

/// Who in the directory matches an account.
#[derive(Debug, Clone, Copy)]
struct Owner {
    object: i64,
    is_meant: bool,
}

/// Attribute and folded value → places in the list of accounts.
type Values = HashMap<(String, String), Vec<usize>>;

/// Walks the directory once: who matches which of the accounts, by any matching attribute of any rule. Where
/// several match, one who is meant goes before one who is not.
async fn owners(db: &Db, open: &Open, kind: Kind, accounts: &[Account]) -> Result<HashMap<usize, Owner>> {
    let values = std::sync::Arc::new(values(accounts));
    let highest = db.read(directory::highest_key).await?;
    let mut owners = HashMap::new();
    for part in 0..=highest / STRETCH {
        let range = Range {
            after: part * STRETCH,
            upto: (part + 1) * STRETCH,
        };
        let (open, values) = (open.clone(), values.clone());
        let hits = db
            .read_within(LIMIT, move |tx| {
                let mut hits = Vec::new();
                directory::for_each(tx, open.connection.workspace, kind, range, |row| {
                    let (key, id, document) = (row.key()?, row.id()?, row.value()?);
                    hits.extend(matches(&open, kind, key, id, &document, &values));
                    Ok(())
                })?;
                Ok::<_, Error>(hits)
            })
            .await?;
        for (index, owner) in hits {
            let known = owners.entry(index).or_insert(owner);
            if owner.is_meant && !known.is_meant {
                *known = owner;
            }
        }
    }
    Ok(owners)
}

fn values(accounts: &[Account]) -> Values {
    let mut values = Values::new();
    for (index, account) in accounts.iter().enumerate() {
        let own = [(TARGET_ID.to_owned(), folded(&Value::String(account.id.clone())))];
        let record = account.record.iter().map(|(a, v)| (a.clone(), folded(v)));
        for place in own.into_iter().chain(record) {
            values.entry(place).or_default().push(index);
        }
    }
    values
}

/// The accounts that one object of the directory matches.
fn matches(
    open: &Open,
    kind: Kind,
    key: i64,
    id: Uuid,
    document: &Value,
    values: &Values,
) -> Vec<(usize, Owner)> {
    let id = id.to_string();
    let is_assigned = open.assigned.has_listed(key);
    let source = Source {
        kind,
        id: &id,
        document,
        assigned: is_assigned,
    };
    let mut hits = Vec::new();
    let mut note = |attribute: &str, value: &Value, is_meant: bool| {
        let place = (attribute.to_owned(), folded(value));
        let found = values.get(&place).into_iter().flatten();
        hits.extend(found.map(|index| {
            (
                *index,
                Owner {
                    object: key,
                    is_meant,
                },
            )
        }));
    };
    for rule in open.rules_for(kind) {
        // An object whose mapping fails cannot be matched; the next cycle says so.
        let Ok(evaluation) = rule
            .compiled
            .evaluate_for(&source, &env(open.now()), Need::Create)
        else {
            continue;
        };
        let is_meant = evaluation.in_scope && is_assigned;
        if let Some((attribute, value)) = open.target.link_key(kind, &id) {
            note(&attribute, &value, is_meant);
        }
        for (attribute, value) in &evaluation.matching {
            note(attribute, value, is_meant);
        }
    }
    hits
}

/// Texts compare without regard to letter case, as in a search of the target.
fn folded(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_lowercase(),
        other => other.to_string(),
    }
}

//! What a write has left behind of which nobody knows: its answer was lost, or the process ended before it came, and
//! before anybody could look again the directory wanted something else. The target may have an account of somebody who
//! is gone or disabled, and a member of a group who is none any more; no link leads there.
//!
//! An account of such a one is looked for by the key that only Provost writes, and linked; such a membership is put into
//! the list of what was written. What follows is planned, weighed and carried out like every other removal.

use crate::open::{ActiveRule, Open};
use crate::survey::{Seen, env, look as survey};
use crate::work::{Scope, Work};
use crate::{Engine, Result, membership};
use provost_connect::{Account, Error as TargetError};
use provost_engine::mapping::MappingSource;
use provost_engine::object::Kind;
use provost_engine::plan::Decision;
use provost_engine::rule::Need;
use provost_store::directory::{self, Object};
use provost_store::lease::{self, Lease};
use provost_store::link::{self, Link};
use provost_store::{Tx, cycle, identifier, recycle, revisit};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Milliseconds until a target that could not be asked is asked again.
const SOON: i64 = 2_000;
/// Milliseconds until somebody whose create was in doubt and who was not found is looked for once more: a new object is
/// not everywhere at once, and a request outlives the process that sent it.
const LATER: i64 = 60_000;

/// How long requests of a killed process are waited for, before anything is concluded from what the target shows and
/// anything is taken back that they may be about to give. A target that is spread over many machines carries out late.
const IN_FLIGHT: Duration = Duration::from_secs(10);

/// Memberships that are looked at in one read.
const PAIRS: usize = 500;

/// Somebody who is to have no account, has none by our list, and may have one.
struct Suspect {
    rule: Arc<ActiveRule>,
    key: i64,
    id: Uuid,
    label: String,
}

/// What may be there, of what a cycle looks at.
#[derive(Default)]
struct Doubts {
    objects: BTreeSet<i64>,
    /// Groups and members.
    pairs: BTreeSet<(i64, i64)>,
    /// Whether the cycle before this one did not come to its end: what it sent may be on its way still.
    was_cut_short: bool,
    /// Whether it did not even say so: its process was killed.
    was_killed: bool,
}

/// What a look for one of them came to.
enum Found {
    Account(Account),
    /// Nothing that is ours.
    Nothing,
    /// The target did not say.
    Unknown,
}

/// Links what creates have left behind, and notes what additions of members have.
pub(crate) async fn adopt(engine: &Engine, lease: Lease, open: &Open, work: &Work) -> Result<()> {
    let doubts = doubts(engine, open, work).await?;
    if doubts.was_killed && open.target.describe().settles_within.is_some() {
        tokio::time::sleep(IN_FLIGHT).await;
    }
    let failed: BTreeSet<i64> = failed(work).collect();
    let is_late = |key: i64| doubts.was_cut_short || failed.contains(&key);
    let (mut links, mut again) = (Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for suspect in suspects(engine, open, &doubts.objects).await? {
        if known.contains(&suspect.key) {
            continue;
        }
        match look(open, &suspect).await {
            Found::Account(account) => {
                known.insert(suspect.key);
                links.push(link_to(&suspect, account));
            }
            Found::Unknown => again.push((suspect.key, SOON)),
            Found::Nothing if is_late(suspect.key) => again.push((suspect.key, LATER)),
            Found::Nothing => {}
        }
    }
    let members = unheard(engine, open, doubts.pairs).await?;
    if links.is_empty() && again.is_empty() && members.is_empty() {
        return Ok(());
    }
    let (now, workspace) = (open.now(), open.connection.workspace);
    let is_held = open.connection.connector == "graph";
    engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            for link in &links {
                // Another object may have it by now: then it is theirs.
                let held = identifier::holders(tx, workspace, &[link.target_id.as_str()])?;
                let is_anothers = is_held && held.values().any(|holder| *holder != link.object);
                if link::object_of_target(tx, link.rule, &link.target_id)?.is_none() && !is_anothers {
                    link::put(tx, now, link)?;
                }
            }
            for (object, wait) in &again {
                revisit::ask(tx, lease.connection, *object, revisit::WHOLE, now + wait, "doubt")?;
            }
            for (rule, group, member) in &members {
                link::add_member(tx, *rule, *group, *member)?;
            }
            Ok::<_, provost_store::Error>(())
        })
        .await?;
    Ok(())
}

/// Objects whose own step is tried again.
fn failed(work: &Work) -> impl Iterator<Item = i64> + '_ {
    let own = work.due.iter().filter(|(_, _, member)| *member == 0);
    own.map(|(_, object, _)| *object)
}

/// What may have been written: what failed, what an earlier cycle was to go on with, and all that the cycle before
/// this one may have been about when it did not come to its end.
async fn doubts(engine: &Engine, open: &Open, work: &Work) -> Result<Doubts> {
    let connection = open.connection.key;
    let before = engine.db.read(move |tx| cycle::latest(tx, connection, 1)).await?;
    let mut doubts = Doubts {
        was_cut_short: before
            .iter()
            .any(|one| !matches!(one.state.as_str(), "done" | "held")),
        was_killed: before.iter().any(|one| one.finished.is_none()),
        ..Doubts::default()
    };
    doubts.objects.extend(failed(work));
    let whole = work
        .revisits
        .iter()
        .filter(|(_, member)| *member == revisit::WHOLE);
    doubts.objects.extend(whole.map(|(object, _)| *object));
    for (rule, group, member) in &work.due {
        if *member != 0 && open.rule(*rule).is_some_and(|rule| rule.kind == Kind::Group) {
            doubts.pairs.insert((*group, *member));
        }
    }
    for rule in open.rules.iter() {
        if let (true, Scope::Some(touched)) = (doubts.was_cut_short, work.scope_of(rule.key)) {
            doubts.objects.extend(touched.objects(rule.kind));
            doubts.pairs.extend(&touched.memberships);
        }
    }
    Ok(doubts)
}

/// Those of them that have no link and are not about to be made, which would find what is there by itself.
async fn suspects(engine: &Engine, open: &Open, objects: &BTreeSet<i64>) -> Result<Vec<Suspect>> {
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let (open, objects) = (open.clone(), objects.clone());
    let read = move |tx: &mut Tx| {
        let mut suspects = Vec::new();
        for key in &objects {
            if !link::is_linked(tx, open.connection.key, *key)? {
                suspects.extend(suspects_of(tx, &open, *key)?);
            }
        }
        Ok::<_, provost_store::Error>(suspects)
    };
    Ok(engine.db.read(read).await?)
}

fn suspects_of(tx: &mut Tx, open: &Open, key: i64) -> provost_store::Result<Vec<Suspect>> {
    let object = directory::by_key(tx, key)?;
    let (kind, id, label) = match (&object, recycle::get(tx, key)?) {
        (Some(object), _) => (object.kind, object.id, object.label.clone()),
        (None, Some(gone)) => (gone.kind, gone.id, gone.label),
        (None, None) => return Ok(Vec::new()),
    };
    let mut suspects = Vec::new();
    for rule in open.rules_for(kind).filter(|rule| rule.is_on()) {
        let is_made = match &object {
            Some(object) => is_to_be_made(tx, open, rule, object)?,
            None => false,
        };
        if is_made {
            return Ok(Vec::new());
        }
        suspects.push(Suspect {
            rule: rule.clone(),
            key,
            id,
            label: label.clone(),
        });
    }
    Ok(suspects)
}

/// Whether a rule is about to make an account, or cannot tell.
fn is_to_be_made(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    object: &Object,
) -> provost_store::Result<bool> {
    let (document, id) = (object.value()?, object.id.to_string());
    let seen = Seen {
        id: &id,
        document: &document,
        assigned: open.assigned.contains(tx, rule.kind, object.key)?,
        leaves: open.leavers.contains(&object.key),
    };
    let look = survey(open, rule, Some(seen), None, Need::Create, &env(open.now()));
    Ok(look.map_or(true, |look| matches!(look.decision, Decision::Create)))
}

/// Memberships that nobody wants and that do not stand in the list, and may have been written all the same: rule, group
/// and member.
async fn unheard(engine: &Engine, open: &Open, pairs: BTreeSet<(i64, i64)>) -> Result<Vec<(i64, i64, i64)>> {
    let pairs: Vec<(i64, i64)> = pairs.into_iter().collect();
    let mut unheard = Vec::new();
    for chunk in pairs.chunks(PAIRS) {
        let (open, chunk) = (open.clone(), chunk.to_vec());
        let read = move |tx: &mut Tx| {
            let mut found = Vec::new();
            for (group, member) in &chunk {
                found.extend(unheard_of(tx, &open, *group, *member)?);
            }
            Ok::<_, provost_store::Error>(found)
        };
        unheard.extend(engine.db.read(read).await?);
    }
    Ok(unheard)
}

fn unheard_of(
    tx: &mut Tx,
    open: &Open,
    group: i64,
    member: i64,
) -> provost_store::Result<Vec<(i64, i64, i64)>> {
    let mut found = Vec::new();
    if !is_linked_person(tx, open, member)? || membership::is_meant(tx, open, group, member)? {
        return Ok(found);
    }
    for rule in open.rules_for(Kind::Group).filter(|rule| rule.is_on()) {
        if link::get(tx, rule.key, group)?.is_some() && !link::has_member(tx, rule.key, group, member)? {
            found.push((rule.key, group, member));
        }
    }
    Ok(found)
}

/// Whether it is a person with an account: a group inside a group is never a member in the target.
fn is_linked_person(tx: &mut Tx, open: &Open, key: i64) -> provost_store::Result<bool> {
    for rule in open.rules_for(Kind::Person) {
        if link::get(tx, rule.key, key)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn look(open: &Open, suspect: &Suspect) -> Found {
    for (attribute, value) in keys(open, suspect) {
        match open.target.find(suspect.rule.kind, &attribute, &value).await {
            Ok(mut found) if found.len() == 1 => {
                if let Some(account) = found.pop() {
                    return Found::Account(account);
                }
            }
            Ok(_) => {}
            Err(TargetError::Unsupported { .. }) => {}
            Err(error) => {
                tracing::debug!(%error, "the target could not be asked for what a create may have left behind");
                return Found::Unknown;
            }
        }
    }
    Found::Nothing
}

/// What only Provost writes into an account: the target's own link key, and matching attributes that hold the
/// directory's id.
fn keys(open: &Open, suspect: &Suspect) -> Vec<(String, Value)> {
    let (rule, id) = (&suspect.rule, suspect.id.to_string());
    let own = open.target.link_key(rule.kind, &id);
    let mut keys: Vec<(String, Value)> = own
        .map(|(name, value)| (name.into_owned(), value))
        .into_iter()
        .collect();
    let is_id =
        |source: &MappingSource| matches!(source, MappingSource::Direct { attribute } if attribute == "id");
    let stored = rule.compiled.rule();
    for name in rule.compiled.matching() {
        let mapped = stored
            .mappings
            .iter()
            .any(|one| one.target == *name && is_id(&one.source));
        if mapped {
            keys.push((name.clone(), Value::String(id.clone())));
        }
    }
    keys
}

fn link_to(suspect: &Suspect, account: Account) -> Link {
    tracing::info!(kind = ?suspect.rule.kind, "an account that a lost create has made is linked");
    Link {
        rule: suspect.rule.key,
        object: suspect.key,
        object_id: suspect.id,
        target_id: account.id,
        label: suspect.label.clone(),
        enabled: account.enabled.unwrap_or(true),
        ..Link::default()
    }
}

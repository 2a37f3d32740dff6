//! Links that go over to another rule: the account stays, and so do its memberships and licences.

use crate::open::{ActiveRule, Open};
use crate::{Engine, Result};
use provost_engine::object::{Kind, Source};
use provost_store::directory;
use provost_store::lease::{self, Lease};
use provost_store::link::{self, Link};
use provost_store::link_licence::{self, Given};
use provost_store::{Tx, reference, revisit};
use std::sync::Arc;

/// Links that go over in one commit.
const CHUNK: usize = 200;

/// Another rule of the connection that means the object.
pub(super) fn other_rule(tx: &mut Tx, open: &Open, rule: &ActiveRule, object: i64) -> Result<Option<i64>> {
    let Some(found) = directory::by_key(tx, object)? else {
        return Ok(None);
    };
    let (document, id) = (found.value()?, found.id.to_string());
    let source = Source {
        kind: rule.kind,
        id: &id,
        document: &document,
        assigned: open.assigned.contains(tx, rule.kind, object)?,
    };
    let others = open.rules_for(rule.kind).filter(|r| r.key != rule.key);
    for other in others.filter(|r| !r.compiled.rule().removing) {
        // A filter that cannot be applied says neither yes nor no; nobody loses an account by that.
        if other.compiled.admits(&source).unwrap_or(true) {
            return Ok(Some(other.key));
        }
    }
    Ok(None)
}

/// Gives the links to the rules that mean their objects; they are looked at in the next cycle.
pub(super) async fn kept(
    engine: &Engine,
    lease: Lease,
    open: &Open,
    rule: &Arc<ActiveRule>,
    kept: &[(i64, i64)],
) -> Result<()> {
    for chunk in kept.chunks(CHUNK) {
        let (chunk, rule, now) = (chunk.to_vec(), rule.clone(), open.now());
        engine
            .db
            .write(move |tx| {
                lease::prove(tx, lease)?;
                for (object, other) in &chunk {
                    one(tx, &rule, *object, *other, now)?;
                    revisit::ask(tx, lease.connection, *object, 0, now, "rule")?;
                }
                Ok::<_, provost_store::Error>(())
            })
            .await?;
    }
    Ok(())
}

fn one(tx: &mut Tx, rule: &ActiveRule, object: i64, other: i64, now: i64) -> provost_store::Result<()> {
    let Some(found) = link::get(tx, rule.key, object)? else {
        return Ok(());
    };
    let licences = link_licence::of(tx, rule.key, object)?;
    let members = match rule.kind {
        Kind::Group => link::members(tx, rule.key, object)?,
        Kind::Person => Vec::new(),
    };
    link_licence::drop_object(tx, rule.key, object)?;
    reference::forget(tx, rule.key, object)?;
    link::remove(tx, rule.key, object)?;
    if link::get(tx, other, object)?.is_some() {
        // The other rule has it already.
        return Ok(());
    }
    link::put(
        tx,
        now,
        &Link {
            rule: other,
            hash: 0,
            ..found
        },
    )?;
    link::add_members(tx, other, object, &members)?;
    let licences: Vec<Given> = licences
        .into_iter()
        .map(|given| Given { rule: other, ..given })
        .collect();
    link_licence::put_all(tx, now, &licences)
}

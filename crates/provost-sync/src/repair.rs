//! Repairing on a person's word what a mapping only reports: the link learns what the target holds, as it does by
//! itself where the mapping says so, and the next cycle plans the repair like any other difference.

use crate::detail::ENABLED;
use crate::{Engine, Error, Result};
use provost_engine::rule::ENABLED_ATTRIBUTES;
use provost_store::drift::{self, Drift, State};
use provost_store::link::{self, Link};
use provost_store::{Tx, audit, connection, revisit, rule};

impl Engine {
    /// Has the next cycle write again what was found changed: of one attribute of a person or group, or (none) of
    /// all. Answers which attributes; none when nothing of it differs.
    ///
    /// # Errors
    /// [`Error::NoConnection`]; any error of the store.
    pub async fn repair(
        &self,
        connection: i64,
        object: i64,
        attribute: Option<&str>,
        actor: &str,
    ) -> Result<Vec<String>> {
        let (attribute, actor, now) = (attribute.map(str::to_owned), actor.to_owned(), self.now());
        self.db
            .write(move |tx| {
                let found = connection::by_key(tx, connection)?.ok_or(Error::NoConnection(connection))?;
                let mut repaired = Vec::new();
                for stored in rule::of_connection(tx, connection)? {
                    repaired.extend(forget(tx, now, stored.key, object, attribute.as_deref())?);
                }
                if !repaired.is_empty() {
                    revisit::ask(tx, connection, object, 0, now, "drift")?;
                    let detail = format!("{} of object {object}", repaired.join(", "));
                    let (workspace, name) = (found.workspace, &found.name);
                    audit::append_named(tx, workspace, now, &actor, "drift.repair", name, &detail)?;
                }
                Ok(repaired)
            })
            .await
    }
}

/// The differences of one rule: from now on the link knows what the target holds.
fn forget(tx: &mut Tx, now: i64, rule: i64, object: i64, attribute: Option<&str>) -> Result<Vec<String>> {
    let mut all = drift::of_object(tx, rule, object)?;
    all.retain(|one| one.state != State::Repaired && attribute.is_none_or(|name| one.attribute == name));
    let Some(mut link) = link::get(tx, rule, object)?.filter(|_| !all.is_empty()) else {
        return Ok(Vec::new());
    };
    for one in &all {
        learn(&mut link, one);
    }
    // The next reconcile looks at it closely, whatever became of the repair.
    link.hash = 0;
    link::put(tx, now, &link)?;
    Ok(all.into_iter().map(|one| one.attribute).collect())
}

/// A redacted value stands for one that nobody wrote: it differs from what is written as well as the value itself.
fn learn(link: &mut Link, one: &Drift) {
    if one.attribute == ENABLED || ENABLED_ATTRIBUTES.contains(&one.attribute.as_str()) {
        link.enabled = one.found == true;
    }
    if one.attribute == ENABLED {
        return;
    }
    if one.found.is_null() {
        link.written.remove(&one.attribute);
    } else {
        link.written.insert(one.attribute.clone(), one.found.clone());
    }
}

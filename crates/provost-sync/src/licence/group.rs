//! Licences that groups bring: which people a change of a group concerns, and the licences that the target's groups
//! have themselves.

use super::catalogue::Wish;
use crate::apply::Run;
use crate::open::Open;
use crate::touched::{self, Touched};
use crate::{Result, nesting};
use provost_connect::{Error as TargetError, Licence};
use provost_engine::object::Kind;
use provost_store::group_licence::{self, GroupLicence, Way};
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry};
use provost_store::{Tx, lease, link_licence};
use std::collections::BTreeSet;
use uuid::Uuid;

/// People who have a product that are read at once.
const PAGE: i64 = 1_000;

/// A membership came or went: where the group brings a licence, the person is looked at.
pub(crate) fn touch_membership(
    tx: &mut Tx,
    open: &Open,
    group: i64,
    member: i64,
    touched: &mut Touched,
) -> provost_store::Result<()> {
    let bringing = open.licences.by_member();
    if !open.licences.is_used || bringing.is_empty() {
        return Ok(());
    }
    let nested = open.preferences.nested;
    let mut groups = BTreeSet::from([group]);
    if nested {
        groups.extend(nesting::groups_of(tx, group, true)?);
    }
    if !groups.iter().any(|group| bringing.contains_key(group)) {
        return Ok(());
    }
    match nesting::kind_of(tx, member)? {
        Some(Kind::Group) if nested => touched.people.extend(touched::members_of(tx, member, true)?),
        Some(Kind::Group) => {}
        Some(Kind::Person) | None => drop(touched.people.insert(member)),
    }
    Ok(())
}

/// A group came or went. Who was in one that is gone, nobody knows any more: whoever has what such groups bring is
/// looked at.
pub(crate) fn touch_group(
    tx: &mut Tx,
    open: &Open,
    group: i64,
    is_gone: bool,
    touched: &mut Touched,
) -> provost_store::Result<()> {
    let bringing = open.licences.by_member();
    let nested = open.preferences.nested;
    if !open.licences.is_used || bringing.is_empty() || !(nested || bringing.contains_key(&group)) {
        return Ok(());
    }
    if !is_gone {
        touched.people.extend(touched::members_of(tx, group, nested)?);
        return Ok(());
    }
    let products: BTreeSet<i64> = bringing
        .values()
        .flatten()
        .map(|(product, _): &Wish| *product)
        .collect();
    for product in products {
        let mut after = None;
        loop {
            let page = link_licence::holders(tx, product, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some((last.given.rule, last.given.object));
            touched
                .people
                .extend(page.iter().map(|holder| holder.given.object));
        }
    }
    Ok(())
}

/// Gives the target's groups the licences that they are to have themselves, once they are there, and takes back what
/// has ended.
pub(crate) async fn of_groups(run: &Run) -> Result<()> {
    let left = |one: &&GroupLicence| one.way == Way::Ending || !one.written;
    let work: Vec<GroupLicence> = match run.open.licences.is_used {
        true => run
            .open
            .licences
            .by_group()
            .iter()
            .filter(left)
            .cloned()
            .collect(),
        false => Vec::new(),
    };
    for one in work {
        let _turn = run.turn().await?;
        if !run.may_write().await? {
            break;
        }
        let link = link_of(run, one.group).await?;
        match link {
            Some((rule, link))
                if run
                    .open
                    .rule(rule)
                    .is_some_and(|r| r.compiled.rule().actions.licence) =>
            {
                change(run, &one, &link).await?;
            }
            // The group is gone from the target, and what it had with it.
            None if one.way == Way::Ending => {
                let (lease, key) = (run.lease, one.key);
                run.db
                    .write(move |tx| {
                        lease::prove(tx, lease)?;
                        group_licence::set_written(tx, key, false)
                    })
                    .await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn link_of(run: &Run, group: i64) -> Result<Option<(i64, Link)>> {
    let rules: Vec<i64> = run.open.rules_for(Kind::Group).map(|r| r.key).collect();
    let found = run
        .db
        .read(move |tx| {
            for rule in &rules {
                if let Some(link) = link::get(tx, *rule, group)? {
                    return Ok(Some((*rule, link)));
                }
            }
            Ok::<_, provost_store::Error>(None)
        })
        .await?;
    Ok(found)
}

/// One licence of one group; what is there (or gone) already is a success.
async fn change(run: &Run, one: &GroupLicence, link: &Link) -> Result<()> {
    let licence = Licence {
        sku: one.sku.clone(),
        disabled_plans: one.disabled_plans.clone(),
    };
    let (add, remove) = match one.way {
        Way::Ending => (Vec::new(), vec![one.sku.clone()]),
        Way::Group | Way::Member => (vec![licence], Vec::new()),
    };
    let target = &run.open.target;
    let answer = target.change_group_licences(&link.target_id, &add, &remove).await;
    match &answer {
        Ok(()) => run.reached(),
        Err(error) => {
            run.consider(error);
            run.count(|t| t.failed_references += 1);
        }
    }
    let line = entry(run, one, link, answer.as_ref().err());
    let (lease, key, workspace) = (run.lease, one.key, run.open.connection.workspace);
    let written = answer.is_ok().then_some(one.way != Way::Ending);
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            if let Some(written) = written {
                group_licence::set_written(tx, key, written)?;
            }
            provisioning_log::append(tx, workspace, &line)
        })
        .await?;
    Ok(())
}

fn entry(run: &Run, one: &GroupLicence, link: &Link, error: Option<&TargetError>) -> Entry {
    let (status, code, reason) = match error {
        None => ("success", "", String::new()),
        Some(e) => ("failure", e.code(), format!("{}: {e}. {}", e.code(), e.hint())),
    };
    let action = if one.way == Way::Ending {
        "remove licence"
    } else {
        "add licence"
    };
    Entry {
        at: run.open.now(),
        connection: run.open.connection.key,
        cycle: run.cycle,
        kind: Kind::Group,
        object: one.group,
        object_id: link.object_id,
        label: link.label.clone(),
        action: action.to_owned(),
        status: status.to_owned(),
        code: code.to_owned(),
        reason,
        detail: run.open.licences.name(one.product, &one.disabled_plans),
        target_id: link.target_id.clone(),
        change_id: Some(Uuid::now_v7()),
        initiator: run.initiator.to_string(),
        ..Entry::default()
    }
}

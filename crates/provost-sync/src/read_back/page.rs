//! One page of changes after another, and what is known when all have come.

use crate::Result;
use crate::reconcile::{self, Entry, Ledger, Reading};
use provost_connect::{Account, ChangePage, Member, MembersChanged, Removal};
use provost_engine::object::Kind;
use provost_store::link::{self, Link};
use provost_store::unowned;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Accounts that are read again side by side.
const ABREAST: usize = 8;
/// How long the look at one page of members may take.
const LIMIT: Duration = Duration::from_secs(60);

/// What the pages of one kind have brought.
pub(super) struct Found {
    pub kind: Kind,
    pub attributes: Vec<String>,
    /// Whether everything there is comes, not only what changed.
    is_first: bool,
    /// Ids that were reported as gone. One that comes again in the same reading may still be among them: each is
    /// asked for before it is believed.
    removed: BTreeSet<String>,
    /// Ids of groups whose members are not those that were written.
    groups: BTreeSet<String>,
}

impl Found {
    pub fn new(kind: Kind, attributes: Vec<String>, is_first: bool) -> Self {
        Self {
            kind,
            attributes,
            is_first,
            removed: BTreeSet::new(),
            groups: BTreeSet::new(),
        }
    }

    /// Takes one page in; `false`: the target could not be asked.
    pub async fn take(&mut self, reading: &mut Reading<'_>, page: ChangePage) -> Result<bool> {
        let ChangePage {
            changed,
            removed,
            members,
            then: _,
        } = page;
        self.removed
            .extend(removed.into_iter().map(|Removal { id, .. }| id));
        if self.kind == Kind::Group {
            let moved = moved(reading, members).await?;
            self.groups.extend(moved);
        }
        self.compare(reading, changed).await
    }

    /// Compares what the page named. An account that may differ is read whole first: a page may hold only a part.
    async fn compare(&self, reading: &mut Reading<'_>, changed: Vec<Account>) -> Result<bool> {
        let once: BTreeMap<String, Account> = changed.into_iter().map(|a| (a.id.clone(), a)).collect();
        let ids: Vec<String> = once.keys().cloned().collect();
        let (engine, open) = (reading.engine, reading.open.clone());
        let mut ledger = Ledger::of(&engine.db, &open, self.kind, ids).await?;
        let (mut whole, mut unsure) = (Vec::new(), Vec::new());
        for mut account in once.into_values() {
            let entry = ledger.find(&account.id).copied();
            let rule = entry.and_then(|entry| open.rule(entry.rule));
            open.target.normalize(self.kind, &mut account.record);
            match (entry, rule) {
                (Some(entry), Some(rule)) if reconcile::is_as_written(&open, rule, &account, entry.hash) => {
                    super::settle_drift(reading, entry.rule, entry.object).await?;
                }
                (None, _) if self.is_first => whole.push(account),
                (None, _) if !open.preferences.discover => {}
                _ => unsure.push(account.id),
            }
        }
        match self.read_whole(reading, unsure).await {
            Ok(found) => whole.extend(found),
            Err(error) => return Ok(reading.gave_up(error)),
        }
        let strangers = reconcile::compare_accounts(reading, self.kind, &mut ledger, whole).await?;
        reading.keep(self.kind, strangers).await?;
        Ok(true)
    }

    /// Those of the accounts that are still there.
    async fn read_whole(
        &self,
        reading: &Reading<'_>,
        ids: Vec<String>,
    ) -> provost_connect::Result<Vec<Account>> {
        let target = &reading.open.target;
        let mut whole = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(ABREAST) {
            let asked: Vec<_> = chunk
                .iter()
                .map(|id| target.get(self.kind, id, &self.attributes))
                .collect();
            whole.extend(futures::future::try_join_all(asked).await?.into_iter().flatten());
        }
        Ok(whole)
    }

    /// The links of accounts that were reported as gone. Those that nobody owned are forgotten.
    pub async fn gone(&self, reading: &Reading<'_>) -> Result<Vec<Entry>> {
        let ids: Vec<String> = self.removed.iter().cloned().collect();
        let ledger = Ledger::of(&reading.engine.db, &reading.open, self.kind, ids.clone()).await?;
        let (connection, kind) = (reading.open.connection.key, self.kind);
        reading
            .engine
            .db
            .write(move |tx| {
                for id in &ids {
                    unowned::remove(tx, connection, kind, id)?;
                }
                Ok::<_, provost_store::Error>(())
            })
            .await?;
        Ok(ledger.iter(false).copied().collect())
    }

    /// Compares the members of groups in which they came or went; `false`: the target could not be asked.
    pub async fn compare_members(&self, reading: &mut Reading<'_>) -> Result<bool> {
        for group in &self.groups {
            if reading.is_stopped() {
                return Ok(false);
            }
            reading.let_urgent_in().await?;
            let Some(link) = link_of(reading, group.clone()).await? else {
                continue;
            };
            if !reconcile::compare_members(reading, link).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The link of a group of the target.
async fn link_of(reading: &Reading<'_>, group: String) -> Result<Option<Link>> {
    let rules: Vec<i64> = reading.open.rules_for(Kind::Group).map(|r| r.key).collect();
    let link = reading
        .engine
        .db
        .read(move |tx| {
            for rule in &rules {
                if let Some(object) = link::object_of_target(tx, *rule, &group)? {
                    return link::get(tx, *rule, object);
                }
            }
            Ok(None)
        })
        .await?;
    Ok(link)
}

/// Ids of the linked groups whose members are not those that were written: what Provost wrote itself comes back as
/// a change as well, and needs no second look.
async fn moved(reading: &Reading<'_>, changes: Vec<MembersChanged>) -> Result<Vec<String>> {
    if changes.is_empty() || !reading.open.target.describe().tells_members {
        return Ok(Vec::new());
    }
    let keys = |kind| reading.open.rules_for(kind).map(|r| r.key).collect::<Vec<i64>>();
    let (people, groups) = (keys(Kind::Person), keys(Kind::Group));
    let moved = reading
        .engine
        .db
        .read_within(LIMIT, move |tx| {
            let mut moved = Vec::new();
            for change in &changes {
                for rule in &groups {
                    let Some(group) = link::object_of_target(tx, *rule, &change.group)? else {
                        continue;
                    };
                    let written = |tx: &mut _, member: &Member| {
                        for people in &people {
                            if let Some(person) = link::object_of_target(tx, *people, &member.id)? {
                                return link::has_member(tx, *rule, group, person).map(Some);
                            }
                        }
                        Ok::<_, provost_store::Error>(None)
                    };
                    let mut differs = false;
                    for member in &change.added {
                        differs |= written(tx, member)? == Some(false);
                    }
                    for member in &change.removed {
                        differs |= written(tx, member)? == Some(true);
                    }
                    if differs {
                        moved.push(change.group.clone());
                    }
                }
            }
            Ok::<_, provost_store::Error>(moved)
        })
        .await?;
    Ok(moved)
}

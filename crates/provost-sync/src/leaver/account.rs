//! The account of somebody who leaves, and what is done to it.

use super::{LeaverStep, People, StepStatus};
use crate::apply::{UNTOUCHABLE, receipts, untouchable};
use crate::licence::PRODUCT;
use crate::open::{ActiveRule, Open};
use crate::undo::MEMBER_TARGET;
use crate::{Engine, Error, Result};
use provost_connect::{Error as TargetError, LicenceChange, MemberChange, Standing};
use provost_engine::object::Kind;
use provost_engine::plan::Action;
use provost_store::lease::{self, Lease};
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry, Step, Trace};
use provost_store::{Tx, connection, link_licence};
use std::sync::Arc;
use uuid::Uuid;

/// Names of groups and products that a detail gives.
const NAMED: usize = 10;

/// The account of somebody who leaves.
pub(super) struct Account<'a> {
    engine: &'a Engine,
    open: &'a Open,
    /// None without an account.
    linked: Option<(Arc<ActiveRule>, Link)>,
    /// The heir's id in the target.
    heir: Option<String>,
}

/// A group of the target.
struct Group {
    id: String,
    name: String,
    /// The directory's group, with its rule.
    ours: Option<Link>,
    /// Why its members cannot be changed.
    closed: Option<String>,
}

/// What the account has.
struct Holdings {
    groups: std::result::Result<Vec<Group>, TargetError>,
    /// Products that are directly on it, by the target's ids, and how many come from groups.
    licences: std::result::Result<(Vec<String>, usize), TargetError>,
    owned: std::result::Result<Vec<String>, TargetError>,
}

impl<'a> Account<'a> {
    /// Finds the account; refuses one that may not be closed like this.
    pub async fn find(engine: &'a Engine, open: &'a Open, people: &People) -> Result<Self> {
        let (rules, person) = (open.rules.clone(), people.person.key);
        let (connection, heir) = (open.connection.key, people.heir.as_ref().map(|o| o.key));
        let (linked, heir) = engine
            .db
            .read(move |tx| {
                let mut linked = None;
                for rule in rules.iter().filter(|r| r.kind == Kind::Person) {
                    if let Some(link) = link::get(tx, rule.key, person)? {
                        linked.get_or_insert((rule.clone(), link));
                    }
                }
                let heir = match heir {
                    Some(key) => link::target_of_key(tx, connection, key)?,
                    None => None,
                };
                Ok::<_, provost_store::Error>((linked, heir))
            })
            .await?;
        let account = Self {
            engine,
            open,
            linked,
            heir,
        };
        account.refuse().await?;
        Ok(account)
    }

    async fn refuse(&self) -> Result<()> {
        let Some((_, link)) = &self.linked else {
            return Ok(());
        };
        if self.open.is_untouchable(&link.target_id, &link.written) {
            let sentence = untouchable().trim_end_matches('.').to_owned();
            return Err(Error::refused(UNTOUCHABLE, sentence, "Choose somebody else."));
        }
        let ids = [link.target_id.clone()];
        let found = match self.open.target.standing(Kind::Person, &ids).await {
            Ok(found) => found.into_iter().next().unwrap_or_default(),
            Err(TargetError::Unsupported { .. } | TargetError::Forbidden { .. }) => Standing::default(),
            Err(error) => return Err(error.into()),
        };
        if let Some(why) = found.read_only {
            return Err(Error::refused(
                "PRV-TARGET-READ-ONLY",
                format!("the account of {} cannot be written: {}", link.label, why.reason),
                "Have the person leave where the account is managed.",
            ));
        }
        if !found.roles.is_empty() {
            return Err(Error::refused(
                "PRV-TARGET-PRIVILEGED",
                format!(
                    "the account of {} holds the role {}",
                    link.label,
                    found.roles.join(", ")
                ),
                "Take the role from the account in the target first, so that nobody closes an administrator's account \
                 by mistake.",
            ));
        }
        Ok(())
    }

    /// What would be done.
    pub async fn preview(&self) -> Result<Vec<LeaverStep>> {
        let Some((_, link)) = &self.linked else {
            return Ok(without_account());
        };
        let held = self.holdings(&link.target_id).await?;
        let disable = match link.enabled {
            true => LeaverStep::new("disable", 1, StepStatus::Planned, "The account is disabled."),
            false => LeaverStep::nothing("disable", "The account is disabled already."),
        };
        Ok(vec![
            LeaverStep::new("end_sessions", 1, StepStatus::Planned, "Every session is ended."),
            disable,
            planned_groups(&held.groups),
            self.planned_licences(&held.licences),
            self.planned_owned(&held.owned),
        ])
    }

    fn planned_licences(
        &self,
        licences: &std::result::Result<(Vec<String>, usize), TargetError>,
    ) -> LeaverStep {
        match licences {
            Err(error) => LeaverStep::of_error("licences", 0, error),
            Ok((direct, _)) if direct.is_empty() => {
                LeaverStep::nothing("licences", "It has no licence of its own.")
            }
            Ok((direct, from_groups)) => {
                let detail = format!("Taken back: {}.{}", self.products(direct), brought(*from_groups));
                LeaverStep::new("licences", direct.len(), StepStatus::Planned, detail)
            }
        }
    }

    fn planned_owned(&self, owned: &std::result::Result<Vec<String>, TargetError>) -> LeaverStep {
        match owned {
            Err(error) => LeaverStep::of_error("owned_groups", 0, error),
            Ok(owned) if owned.is_empty() => LeaverStep::nothing("owned_groups", "It owns no group."),
            Ok(owned) if self.heir.is_none() => nobody_takes_over(owned.len()),
            Ok(owned) => {
                let detail = format!("{} groups get the new owner.", owned.len());
                LeaverStep::new("owned_groups", owned.len(), StepStatus::Planned, detail)
            }
        }
    }

    fn products(&self, skus: &[String]) -> String {
        let name = |sku: &String| {
            let key = self.open.licences.key_of(sku);
            key.map_or_else(|| sku.clone(), |key| self.open.licences.name(key, &[]))
        };
        skus.iter().map(name).take(NAMED).collect::<Vec<_>>().join(", ")
    }

    async fn holdings(&self, id: &str) -> Result<Holdings> {
        let target = &self.open.target;
        let groups = match target.groups_of(id).await {
            Ok(ids) => self.groups(ids).await?,
            // What may not be asked is known as far as it was written from here.
            Err(TargetError::Forbidden { .. } | TargetError::Unsupported { .. }) => {
                let ids = self.written_groups(id).await?;
                self.groups(ids).await?
            }
            Err(error) => Err(error),
        };
        let licences = target.licences(id).await.map(|held| {
            let (brought, direct): (Vec<_>, Vec<_>) = held.into_iter().partition(|h| h.from_group.is_some());
            (direct.into_iter().map(|h| h.licence.sku).collect(), brought.len())
        });
        let owned = target.owned_groups(id).await;
        Ok(Holdings {
            groups,
            licences,
            owned,
        })
    }

    /// The target's ids of the groups that this account was added to.
    async fn written_groups(&self, id: &str) -> Result<Vec<String>> {
        let (connection, id) = (self.open.connection.key, id.to_owned());
        let rules: Vec<i64> = self.open.rules_for(Kind::Group).map(|rule| rule.key).collect();
        let ids = self.engine.db.read(move |tx| {
            let mut ids = Vec::new();
            let Some(person) = link::by_target_id(tx, connection, &id)?.pop() else {
                return Ok(ids);
            };
            for rule in &rules {
                for group in link::groups_of(tx, *rule, person.object)? {
                    ids.extend(link::get(tx, *rule, group)?.map(|link| link.target_id));
                }
            }
            Ok::<_, provost_store::Error>(ids)
        });
        Ok(ids.await?)
    }

    /// The groups with their names, and which of them cannot be changed.
    async fn groups(&self, ids: Vec<String>) -> Result<std::result::Result<Vec<Group>, TargetError>> {
        let standings = match self.open.target.standing(Kind::Group, &ids).await {
            Ok(standings) => standings,
            Err(TargetError::Unsupported { .. } | TargetError::Forbidden { .. }) => {
                vec![Standing::default(); ids.len()]
            }
            Err(error) => return Ok(Err(error)),
        };
        let connection = self.open.connection.key;
        let groups = self
            .engine
            .db
            .read(move |tx| {
                let mut groups = Vec::new();
                for (id, standing) in ids.iter().zip(&standings) {
                    let ours = link::by_target_id(tx, connection, id)?.pop();
                    groups.push(Group {
                        id: id.clone(),
                        name: ours
                            .as_ref()
                            .map_or_else(|| id.clone(), |link| link.label.clone()),
                        ours,
                        closed: standing.read_only.as_ref().map(|why| why.reason.clone()),
                    });
                }
                Ok::<_, provost_store::Error>(groups)
            })
            .await?;
        Ok(Ok(groups))
    }

    /// Does it, step by step; each is recorded before the next begins.
    pub async fn carry_out(&self, lease: Lease, actor: &str) -> Result<Vec<LeaverStep>> {
        let Some((rule, link)) = &self.linked else {
            return Ok(without_account());
        };
        let doing = Doing {
            account: self,
            rule,
            link,
            lease,
            actor,
        };
        let mut steps = vec![doing.end_sessions().await?, doing.disable().await?];
        let held = self.holdings(&link.target_id).await?;
        steps.push(doing.leave_groups(held.groups).await?);
        steps.push(doing.give_licences_back(held.licences).await?);
        steps.push(doing.hand_over(held.owned).await?);
        Ok(steps)
    }
}

fn without_account() -> Vec<LeaverStep> {
    let names = ["end_sessions", "disable", "groups", "licences", "owned_groups"];
    let step = |name: &&str| LeaverStep::nothing(name, "The person has no account here.");
    names.iter().map(step).collect()
}

fn planned_groups(groups: &std::result::Result<Vec<Group>, TargetError>) -> LeaverStep {
    let groups = match groups {
        Err(error) => return LeaverStep::of_error("groups", 0, error),
        Ok(groups) => groups,
    };
    let open: Vec<&Group> = groups.iter().filter(|g| g.closed.is_none()).collect();
    match (open.len(), groups.len()) {
        (_, 0) => LeaverStep::nothing("groups", "It is in no group."),
        (0, _) => LeaverStep::new("groups", 0, StepStatus::Skipped, closed(groups)),
        (count, _) => {
            let names: Vec<&str> = open.iter().map(|g| g.name.as_str()).take(NAMED).collect();
            let detail = format!("Left: {}. {}", names.join(", "), closed(groups));
            LeaverStep::new("groups", count, StepStatus::Planned, detail.trim_end())
        }
    }
}

/// Groups that the account stays in, with the reason.
fn closed(groups: &[Group]) -> String {
    let named = groups
        .iter()
        .filter_map(|g| Some(format!("{} stays: {}", g.name, g.closed.as_ref()?)));
    named.take(NAMED).collect::<Vec<_>>().join(" ")
}

fn brought(from_groups: usize) -> String {
    match from_groups {
        0 => String::new(),
        count => format!(" {count} come from groups and go with them."),
    }
}

fn nobody_takes_over(count: usize) -> LeaverStep {
    let detail =
        format!("It owns {count} groups, and nobody was named who takes over and has an account here.");
    LeaverStep::new("owned_groups", count, StepStatus::Skipped, detail)
}

/// The steps under way.
struct Doing<'a> {
    account: &'a Account<'a>,
    rule: &'a ActiveRule,
    link: &'a Link,
    lease: Lease,
    actor: &'a str,
}

impl Doing<'_> {
    /// Whoever switches the connection off stops this as well.
    async fn go_on(&self) -> Result<()> {
        let key = self.lease.connection;
        let found = self
            .account
            .engine
            .db
            .read(move |tx| connection::by_key(tx, key))
            .await?;
        found.map_or(Err(Error::NoConnection(key)), |found| crate::cycle::runs(&found))
    }

    async fn end_sessions(&self) -> Result<LeaverStep> {
        self.go_on().await?;
        Ok(
            match self.account.open.target.end_sessions(&self.link.target_id).await {
                Ok(()) => LeaverStep::new("end_sessions", 1, StepStatus::Done, "Every session is ended."),
                Err(error) => LeaverStep::of_error("end_sessions", 1, &error),
            },
        )
    }

    async fn disable(&self) -> Result<LeaverStep> {
        self.go_on().await?;
        let target = &self.account.open.target;
        if let Err(error) = target.disable(Kind::Person, &self.link.target_id).await {
            return Ok(LeaverStep::of_error("disable", 1, &error));
        }
        let now = self.account.open.now();
        let mut link = self.link.clone();
        if link.enabled {
            link.disabled = now;
        }
        link.enabled = false;
        if let Some((attribute, value)) = self.rule.compiled.closed() {
            link.written.insert(attribute.to_owned(), value.clone());
        }
        link.hash = crate::known::hash(self.account.open, self.rule, link.written.clone(), false);
        let line = self.line(Action::Disable, self.link, "", Step::default());
        self.write(line, move |tx| link::put(tx, now, &link)).await?;
        Ok(LeaverStep::new(
            "disable",
            1,
            StepStatus::Done,
            "The account is disabled.",
        ))
    }

    async fn leave_groups(&self, groups: std::result::Result<Vec<Group>, TargetError>) -> Result<LeaverStep> {
        let groups = match groups {
            Ok(groups) => groups,
            Err(error) => return Ok(LeaverStep::of_error("groups", 0, &error)),
        };
        let (mut left, mut failed) = (0, None);
        for group in groups.iter().filter(|g| g.closed.is_none()) {
            self.go_on().await?;
            let change = MemberChange {
                member_id: self.link.target_id.clone(),
                kind: Kind::Person,
                add: false,
            };
            let answer = self
                .account
                .open
                .target
                .change_members(&group.id, &[change])
                .await
                .pop();
            match answer {
                Some(Err(error)) => failed = Some(error),
                _ => {
                    left += 1;
                    self.note_left(group).await?;
                }
            }
        }
        if let Some(error) = failed {
            let step = LeaverStep::of_error("groups", left, &error);
            return Ok(step);
        }
        let stays = closed(&groups);
        Ok(match (left, groups.len()) {
            (_, 0) => LeaverStep::nothing("groups", "It was in no group."),
            (0, _) => LeaverStep::new("groups", 0, StepStatus::Skipped, stays),
            (left, _) => {
                let detail = format!("{left} groups were left. {stays}");
                LeaverStep::new("groups", left, StepStatus::Done, detail.trim_end())
            }
        })
    }

    async fn note_left(&self, group: &Group) -> Result<()> {
        let step = Step {
            name: "reference".to_owned(),
            status: "success".to_owned(),
            description: "Done in the target.".to_owned(),
            details: [(MEMBER_TARGET.to_owned(), self.link.target_id.clone())].into(),
        };
        let about = group.ours.clone().unwrap_or_else(|| Link {
            target_id: group.id.clone(),
            label: group.name.clone(),
            ..Link::default()
        });
        let mut line = self.line(Action::RemoveMember, &about, &self.link.label, step);
        line.kind = Kind::Group;
        let (ours, person) = (group.ours.clone(), self.link.object);
        self.write(line, move |tx| match &ours {
            Some(group) => link::drop_members(tx, group.rule, group.object, &[person]),
            None => Ok(()),
        })
        .await
    }

    async fn give_licences_back(
        &self,
        licences: std::result::Result<(Vec<String>, usize), TargetError>,
    ) -> Result<LeaverStep> {
        let (direct, from_groups) = match licences {
            Ok(found) => found,
            Err(error) => return Ok(LeaverStep::of_error("licences", 0, &error)),
        };
        let count = direct.len();
        if count > 0 {
            self.go_on().await?;
            let change = LicenceChange {
                id: self.link.target_id.clone(),
                add: Vec::new(),
                remove: direct.clone(),
            };
            let answer = self.account.open.target.change_licences(&[change]).await.pop();
            if let Some(Err(error)) = answer {
                return Ok(LeaverStep::of_error("licences", count, &error));
            }
        }
        for sku in &direct {
            let step = Step {
                name: Action::RemoveLicence.to_string(),
                status: "success".to_owned(),
                description: "Done in the target.".to_owned(),
                details: [(PRODUCT.to_owned(), sku.clone())].into(),
            };
            let name = self.account.products(std::slice::from_ref(sku));
            let line = self.line(Action::RemoveLicence, self.link, &name, step);
            self.write(line, |_| Ok(())).await?;
        }
        let (rule, person) = (self.link.rule, self.link.object);
        self.account
            .engine
            .db
            .write(move |tx| link_licence::drop_object(tx, rule, person))
            .await?;
        if count == 0 {
            return Ok(LeaverStep::nothing("licences", "It has no licence of its own."));
        }
        let detail = format!(
            "Taken back: {}.{}",
            self.account.products(&direct),
            brought(from_groups)
        );
        Ok(LeaverStep::new("licences", count, StepStatus::Done, detail))
    }

    /// The heir comes before the leaver goes: a group may not be without an owner.
    async fn hand_over(&self, owned: std::result::Result<Vec<String>, TargetError>) -> Result<LeaverStep> {
        let owned = match owned {
            Ok(owned) => owned,
            Err(error) => return Ok(LeaverStep::of_error("owned_groups", 0, &error)),
        };
        if owned.is_empty() {
            return Ok(LeaverStep::nothing("owned_groups", "It owns no group."));
        }
        let Some(heir) = &self.account.heir else {
            return Ok(nobody_takes_over(owned.len()));
        };
        let (target, mut done) = (&self.account.open.target, 0);
        for group in &owned {
            self.go_on().await?;
            let mut answer = target.set_owner(group, heir, true).await;
            if answer.is_ok() {
                answer = target.set_owner(group, &self.link.target_id, false).await;
            }
            match answer {
                Ok(()) => done += 1,
                Err(error) => return Ok(LeaverStep::of_error("owned_groups", done, &error)),
            }
        }
        let detail = format!("{done} groups have the new owner.");
        Ok(LeaverStep::new("owned_groups", done, StepStatus::Done, detail))
    }

    fn line(&self, action: Action, about: &Link, detail: &str, step: Step) -> Entry {
        let steps = if step.name.is_empty() {
            Vec::new()
        } else {
            vec![step]
        };
        Entry {
            at: self.account.open.now(),
            connection: self.lease.connection,
            object: about.object,
            object_id: about.object_id,
            label: about.label.clone(),
            action: action.to_string(),
            status: "success".to_owned(),
            reason: "The person leaves.".to_owned(),
            detail: detail.to_owned(),
            target_id: about.target_id.clone(),
            change_id: Some(Uuid::now_v7()),
            initiator: self.actor.to_owned(),
            trace: Trace {
                steps,
                receipts: receipts(self.account.open, &[&about.target_id]),
                ..Trace::default()
            },
            ..Entry::default()
        }
    }

    /// A line of the log and what belongs to it, in one commit.
    async fn write(
        &self,
        line: Entry,
        also: impl Fn(&mut Tx) -> provost_store::Result<()> + Send + 'static,
    ) -> Result<()> {
        let (lease, workspace) = (self.lease, self.account.open.connection.workspace);
        self.account
            .engine
            .db
            .write(move |tx| {
                lease::prove(tx, lease)?;
                also(tx)?;
                provisioning_log::append(tx, workspace, &line)
            })
            .await?;
        Ok(())
    }
}

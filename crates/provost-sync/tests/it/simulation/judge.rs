//! What was written in one cycle: was each of it wanted, allowed, and done once?

use super::configuration::Approval;
use super::hostile::{Deed, Event};
use super::oracle::Oracle;
use crate::world::DAY;
use provost_engine::object::Kind;
use provost_store::staged::Decision;
use std::collections::{BTreeMap, BTreeSet};

/// The limits of the guard.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub enabled: bool,
    pub objects: u32,
    pub members: u32,
}

/// Whose decision a cycle has behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// Nobody's: it ran by itself.
    Nobody,
    /// Somebody asked for these objects: the guard's limits do not count, its other questions do.
    Person,
    /// A second person approved the plan.
    Approved,
}

/// One cycle, as it was seen from outside.
pub struct Cycle<'a> {
    pub before: &'a Oracle,
    pub after: &'a Oracle,
    pub events: &'a [Event],
    pub crashed: bool,
    /// Removals of objects and of members that the log has of this cycle.
    pub logged: (usize, usize),
    pub authority: Authority,
    pub limits: Limits,
}

/// What is known of the past.
#[derive(Default)]
pub struct Judge {
    /// Whose an account is or was, by its id.
    owners: BTreeMap<(bool, String), i64>,
    /// The keys of people and groups by their public ids.
    keys: BTreeMap<String, i64>,
    /// When objects, and when members, were removed without anybody's approval.
    objects: Vec<i64>,
    members: Vec<i64>,
    /// Accounts of which nobody can know whether they are enabled: a write was cut off, or somebody meddled.
    pub uncertain: BTreeSet<String>,
    /// Ids of people and groups whose create may have happened without anybody hearing of it.
    pub unsure: BTreeSet<String>,
}

impl Judge {
    pub fn learn(&mut self, oracle: &Oracle) {
        for (kind, link) in &oracle.tables.links {
            self.owners
                .insert((*kind == Kind::Person, link.target_id.clone()), link.object);
        }
        let people = oracle
            .tables
            .people
            .iter()
            .map(|(key, person)| (person.id.clone(), *key));
        let groups = oracle
            .tables
            .groups
            .iter()
            .map(|(key, (id, _))| (id.clone(), *key));
        self.keys.extend(people.chain(groups));
    }

    fn owner(&self, kind: Kind, id: &str) -> Option<i64> {
        self.owners.get(&(kind == Kind::Person, id.to_owned())).copied()
    }

    /// What was wrong in a cycle.
    pub fn judge(&mut self, cycle: &Cycle) -> Vec<String> {
        self.learn(cycle.before);
        self.learn(cycle.after);
        let mut wrong = Vec::new();
        for event in cycle.events {
            self.one(cycle, event, &mut wrong);
        }
        self.count(cycle, &mut wrong);
        if cycle.crashed {
            self.uncertain.extend(cycle.events.iter().map(|e| e.id.clone()));
        }
        wrong
    }

    fn one(&mut self, cycle: &Cycle, event: &Event, wrong: &mut Vec<String>) {
        let either = |test: &dyn Fn(&Oracle) -> bool| test(cycle.before) || test(cycle.after);
        // The key with which an account was made says whose it is, where a process died before it kept a link.
        let made_for = || self.keys.get(event.key.as_ref()?).copied();
        let owner = self.owner(event.kind, &event.id).or_else(made_for);
        match (&event.deed, event.kind) {
            (Deed::Create(id), kind) => {
                if cycle.crashed || !event.answered {
                    self.unsure.insert(id.clone());
                }
                let key = self.keys.get(id).copied();
                let is_wanted = |o: &Oracle| key.is_some_and(|key| o.wants(key) || o.wants_group(key));
                if !either(&is_wanted) {
                    wrong.push(format!("a {kind} that nobody wants was created: {event:?}"));
                }
            }
            (Deed::Enable, _) => {
                if !either(&|o| owner.is_none_or(|key| o.wants(key))) {
                    wrong.push(format!("restored, but not wanted: {event:?}"));
                }
                self.switched(cycle, event, wrong);
            }
            (Deed::Disable, _) => {
                if !either(&|o| owner.is_some_and(|key| !o.wants(key))) {
                    wrong.push(format!("disabled, but wanted: {event:?}"));
                }
                self.switched(cycle, event, wrong);
            }
            (Deed::Delete, Kind::Person) => {
                if !either(&|o| owner.is_some_and(|key| !o.is_in_scope(key))) {
                    wrong.push(format!("deleted, but in scope: {event:?}"));
                }
            }
            (Deed::Delete, Kind::Group) => {
                if !either(&|o| owner.is_some_and(|key| !o.wants_group(key))) {
                    wrong.push(format!("deleted, but wanted: {event:?}"));
                }
            }
            (Deed::AddMember(member), _) => {
                let pair = owner.zip(self.owner(Kind::Person, member));
                if !either(&|o| pair.is_none_or(|(group, key)| o.people_in(group).contains(&key))) {
                    wrong.push(format!("added, but no member: {event:?}"));
                }
            }
            (Deed::RemoveMember(member), _) => {
                let pair = owner.zip(self.owner(Kind::Person, member));
                if !either(&|o| pair.is_some_and(|(group, key)| !o.people_in(group).contains(&key))) {
                    wrong.push(format!("removed, but a member: {event:?}"));
                }
            }
            (Deed::Touch, _) => {}
        }
        if matches!(event.deed, Deed::Create(_)) {
            self.approval_of_create(cycle, event, wrong);
        } else if let Some(word) = removal(&event.deed) {
            self.permission(cycle, event, owner.unwrap_or(0), word, wrong);
        }
    }

    /// A switch that changed nothing is one too many, unless nobody could know.
    fn switched(&mut self, cycle: &Cycle, event: &Event, wrong: &mut Vec<String>) {
        let is_repeat = !event.effect && matches!(event.deed, Deed::Disable);
        if is_repeat && !self.uncertain.contains(&event.id) {
            wrong.push(format!("disabled once more: {event:?}"));
        }
        if event.answered && !cycle.crashed {
            self.uncertain.remove(&event.id);
        } else {
            self.uncertain.insert(event.id.clone());
        }
    }

    fn member_of(&self, event: &Event) -> i64 {
        match &event.deed {
            Deed::RemoveMember(id) => self.owner(Kind::Person, id).unwrap_or(0),
            _ => 0,
        }
    }

    /// Protected people and groups, and rules that ask for a second person.
    fn permission(&self, cycle: &Cycle, event: &Event, object: i64, word: &str, wrong: &mut Vec<String>) {
        let member = self.member_of(event);
        if self.is_approved(cycle, object, member, word) {
            return;
        }
        let protected = &cycle.before.tables.protected;
        if protected.contains(&object) || protected.contains(&member) {
            wrong.push(format!("protected, but removed without approval: {event:?}"));
        }
        if cycle.before.shape.approval != Approval::Never {
            wrong.push(format!(
                "removed without the approval that the rule asks for: {event:?}"
            ));
        }
    }

    fn approval_of_create(&self, cycle: &Cycle, event: &Event, wrong: &mut Vec<String>) {
        let Deed::Create(id) = &event.deed else { return };
        let object = self.keys.get(id).copied().unwrap_or(0);
        // An account that vanished is made again with the update that finds it missing.
        let words = ["create", "update", "restore", "disable"];
        let is_approved = words.iter().any(|word| self.is_approved(cycle, object, 0, word));
        if cycle.before.shape.approval == Approval::Always && !is_approved {
            wrong.push(format!(
                "created without the approval that the rule asks for: {event:?}"
            ));
        }
    }

    fn is_approved(&self, cycle: &Cycle, object: i64, member: i64, word: &str) -> bool {
        let is_it =
            |step: &&(i64, i64, String, Decision)| step.0 == object && step.1 == member && step.2 == word;
        let step = cycle.before.tables.staged.iter().find(is_it);
        cycle.authority == Authority::Approved || step.is_some_and(|step| step.3 == Decision::Approved)
    }

    /// Adds up what was removed without approval, and holds it against the guard.
    fn count(&mut self, cycle: &Cycle, wrong: &mut Vec<String>) {
        let (mut objects, mut members) = (Vec::new(), Vec::new());
        for event in cycle
            .events
            .iter()
            .filter(|e| e.effect && (e.answered || cycle.crashed))
        {
            let Some(word) = removal(&event.deed) else {
                continue;
            };
            let object = self.owner(event.kind, &event.id).unwrap_or(0);
            let is_free = cycle.authority != Authority::Nobody;
            if is_free || self.is_approved(cycle, object, self.member_of(event), word) {
                continue;
            }
            if matches!(event.deed, Deed::RemoveMember(_)) {
                members.push(event.at);
            } else {
                objects.push(event.at);
            }
        }
        if cycle.crashed {
            // What the log does not have was not recorded: it will be planned, and counted, again.
            objects.truncate(cycle.logged.0);
            members.truncate(cycle.logged.1);
        }
        self.objects.extend(&objects);
        self.members.extend(&members);
        if cycle.limits.enabled {
            let limits = cycle.limits;
            window(
                "people and groups",
                &self.objects,
                &objects,
                limits.objects,
                wrong,
            );
            window("members", &self.members, &members, limits.members, wrong);
        }
    }
}

fn removal(deed: &Deed) -> Option<&'static str> {
    match deed {
        Deed::Disable => Some("disable"),
        Deed::Delete => Some("delete"),
        Deed::RemoveMember(_) => Some("remove member"),
        _ => None,
    }
}

/// In the 24 hours before each new removal there were no more than the limit.
fn window(what: &str, all: &[i64], new: &[i64], limit: u32, wrong: &mut Vec<String>) {
    for at in new {
        let count = all.iter().filter(|one| **one > at - DAY && *one <= at).count();
        if count > limit as usize {
            wrong.push(format!(
                "guard: {count} {what} were removed in 24 hours, at most {limit} may be"
            ));
        }
    }
}

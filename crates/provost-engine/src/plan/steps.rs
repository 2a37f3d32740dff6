//! All decisions of a cycle as a compact list, with counts and a digest.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::Action;
use crate::object::Kind;

/// A group with at least this many members that a plan empties is an effect of its own for the guard.
pub const EMPTIED_GROUP_MEMBERS: u64 = 10;

/// One intended change: 24 bytes, so that a plan over a million objects fits in memory. The changed
/// values are computed again when the step is applied.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// The store's key of the directory object (for a membership: of the group).
    pub object: i64,
    /// For a membership the store's key of the member, for a licence that of the product; else 0.
    pub member: i64,
    /// Person or group.
    pub kind: Kind,
    /// What is done.
    pub action: Action,
}

impl Step {
    /// A step about an object itself.
    pub fn object(kind: Kind, object: i64, action: Action) -> Self {
        Self {
            object,
            member: 0,
            kind,
            action,
        }
    }

    /// A step about one membership of a group.
    pub fn membership(group: i64, member: i64, action: Action) -> Self {
        Self {
            object: group,
            member,
            kind: Kind::Group,
            action,
        }
    }

    /// A step about one licence of a person's account.
    pub fn licence(person: i64, product: i64, action: Action) -> Self {
        Self {
            object: person,
            member: product,
            kind: Kind::Person,
            action,
        }
    }

    /// The store's key of the member of a membership, who is a person or group of the directory as well;
    /// `None` for every other step.
    pub fn member_object(&self) -> Option<i64> {
        self.action.is_membership().then_some(self.member)
    }
}

/// How often each action occurs for one kind of object.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Accounts or groups to create or adopt.
    pub create: u64,
    /// Objects with changed attributes.
    pub update: u64,
    /// Accounts to disable.
    pub disable: u64,
    /// Accounts to enable again.
    pub restore: u64,
    /// Accounts or groups to delete.
    pub delete: u64,
    /// Memberships to add (groups only).
    pub add_member: u64,
    /// Memberships to remove (groups only).
    pub remove_member: u64,
    /// Licences to give (people only).
    #[serde(default)]
    pub add_licence: u64,
    /// Licences to take back (people only).
    #[serde(default)]
    pub remove_licence: u64,
}

impl Tally {
    /// The count of one action.
    pub fn get(&self, action: Action) -> u64 {
        match action {
            Action::Create => self.create,
            Action::Update => self.update,
            Action::Disable => self.disable,
            Action::Restore => self.restore,
            Action::Delete => self.delete,
            Action::AddMember => self.add_member,
            Action::RemoveMember => self.remove_member,
            Action::AddLicence => self.add_licence,
            Action::RemoveLicence => self.remove_licence,
        }
    }

    fn slot(&mut self, action: Action) -> &mut u64 {
        match action {
            Action::Create => &mut self.create,
            Action::Update => &mut self.update,
            Action::Disable => &mut self.disable,
            Action::Restore => &mut self.restore,
            Action::Delete => &mut self.delete,
            Action::AddMember => &mut self.add_member,
            Action::RemoveMember => &mut self.remove_member,
            Action::AddLicence => &mut self.add_licence,
            Action::RemoveLicence => &mut self.remove_licence,
        }
    }
}

/// The effects of a plan, people and groups apart.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Steps about people's accounts.
    pub people: Tally,
    /// Steps about groups and their memberships.
    pub groups: Tally,
    /// Groups of at least [`EMPTIED_GROUP_MEMBERS`] members that the plan leaves empty or deletes.
    pub emptied_groups: u64,
}

impl Counts {
    /// The count of one action for one kind of object.
    pub fn get(&self, kind: Kind, action: Action) -> u64 {
        match kind {
            Kind::Person => self.people.get(action),
            Kind::Group => self.groups.get(action),
        }
    }

    /// The count of one action over both kinds.
    pub fn of(&self, action: Action) -> u64 {
        self.people.get(action) + self.groups.get(action)
    }

    /// All steps.
    pub fn total(&self) -> u64 {
        Action::ALL.iter().map(|action| self.of(*action)).sum()
    }

    /// Accounts and groups that are deleted or disabled.
    pub fn object_removals(&self) -> u64 {
        self.of(Action::Delete) + self.of(Action::Disable)
    }

    /// Memberships that are removed.
    pub fn member_removals(&self) -> u64 {
        self.of(Action::RemoveMember)
    }

    /// Licences that are taken back.
    pub fn licence_removals(&self) -> u64 {
        self.of(Action::RemoveLicence)
    }

    /// Everything that is taken away from somebody.
    pub fn removals(&self) -> u64 {
        self.object_removals() + self.member_removals() + self.licence_removals()
    }

    /// Counts one step.
    pub fn add(&mut self, step: &Step) {
        let tally = match step.kind {
            Kind::Person => &mut self.people,
            Kind::Group => &mut self.groups,
        };
        *tally.slot(step.action) += 1;
    }
}

/// Why a step was taken out of a plan.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The rule's actions do not allow it.
    NotAllowed,
    /// The guard holds it for a person's decision.
    Held,
    /// The object is protected: a person decides about each removal.
    Protected,
    /// The rule asks for the approval of a second person.
    Approval,
}

/// A step that was taken out of a plan, and why.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// The step.
    pub step: Step,
    /// Why it is not carried out.
    pub why: Why,
}

/// The intended changes of one cycle, in the order in which they are carried out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// Their effects, counted.
    pub counts: Counts,
    /// Steps that a policy took out.
    pub dropped: Vec<Dropped>,
}

impl Plan {
    /// An empty plan.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step at the end and counts it.
    pub fn push(&mut self, step: Step) {
        self.counts.add(&step);
        self.steps.push(step);
    }

    /// Tells the plan that its steps leave a group empty (or delete it) that had `members` members;
    /// the engine sees single memberships and cannot know.
    pub fn note_emptied_group(&mut self, members: u64) {
        if members >= EMPTIED_GROUP_MEMBERS {
            self.counts.emptied_groups += 1;
        }
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The plan's identity: XXH3 (128 bits) over its steps in order, as 32 hexadecimal digits.
    ///
    /// An approval is bound to it. It tells plans apart; it is no protection against forgery.
    pub fn digest(&self) -> String {
        let mut hasher = Xxh3::new();
        for step in &self.steps {
            let mut bytes = [0; 18];
            bytes[..8].copy_from_slice(&step.object.to_le_bytes());
            bytes[8..16].copy_from_slice(&step.member.to_le_bytes());
            bytes[16] = step.kind as u8;
            bytes[17] = step.action as u8;
            hasher.update(&bytes);
        }
        format!("{:032x}", hasher.digest128())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_compact() {
        assert!(size_of::<Step>() <= 24);
        assert!(size_of::<Dropped>() <= 32);
    }

    #[test]
    fn counts_follow_the_steps() {
        let mut plan = Plan::new();
        assert!(plan.is_empty());
        plan.push(Step::object(Kind::Person, 1, Action::Disable));
        plan.push(Step::object(Kind::Person, 2, Action::Create));
        plan.push(Step::object(Kind::Group, 3, Action::Delete));
        plan.push(Step::membership(4, 1, Action::RemoveMember));
        plan.push(Step::membership(4, 2, Action::AddMember));
        plan.push(Step::licence(2, 9, Action::AddLicence));
        plan.push(Step::licence(1, 9, Action::RemoveLicence));
        plan.note_emptied_group(9);
        plan.note_emptied_group(10);
        assert_eq!(plan.counts.object_removals(), 2);
        assert_eq!(plan.counts.member_removals(), 1);
        assert_eq!(plan.counts.licence_removals(), 1);
        assert_eq!(plan.counts.removals(), 4);
        assert_eq!(plan.counts.get(Kind::Person, Action::AddLicence), 1);
        assert_eq!(plan.counts.get(Kind::Person, Action::Create), 1);
        assert_eq!(plan.counts.get(Kind::Group, Action::Create), 0);
        assert_eq!(plan.counts.emptied_groups, 1);
        assert_eq!(plan.counts.total(), 7);
    }

    #[test]
    fn a_product_is_no_member() {
        assert_eq!(Step::membership(4, 2, Action::AddMember).member_object(), Some(2));
        assert_eq!(Step::licence(4, 2, Action::AddLicence).member_object(), None);
        assert_eq!(Step::object(Kind::Group, 4, Action::Update).member_object(), None);
    }

    /// Counts are stored with cycles: those from before there were licences are read still.
    #[test]
    fn older_counts_are_read() {
        let mut old = serde_json::to_value(Tally::default()).unwrap();
        let map = old.as_object_mut().unwrap();
        assert!(map.remove("add_licence").is_some() && map.remove("remove_licence").is_some());
        assert_eq!(serde_json::from_value::<Tally>(old).unwrap(), Tally::default());
    }

    #[test]
    fn every_action_has_its_own_slot() {
        for action in Action::ALL {
            let mut counts = Counts::default();
            counts.add(&Step::object(Kind::Person, 1, action));
            for other in Action::ALL {
                assert_eq!(counts.of(other), u64::from(other == action));
            }
        }
    }

    #[test]
    fn the_digest_changes_with_any_part_of_any_step() {
        let base = [
            Step::membership(1, 2, Action::AddMember),
            Step::object(Kind::Person, 3, Action::Update),
        ];
        let digest = |steps: &[Step]| {
            Plan {
                steps: steps.to_vec(),
                ..Plan::default()
            }
            .digest()
        };
        let original = digest(&base);
        assert_eq!(original.len(), 32);
        assert_eq!(original, digest(&base));
        let mut swapped = base;
        swapped.swap(0, 1);
        assert_ne!(original, digest(&swapped));
        for change in [
            Step { object: 9, ..base[0] },
            Step { member: 9, ..base[0] },
            Step {
                kind: Kind::Person,
                ..base[0]
            },
            Step {
                action: Action::RemoveMember,
                ..base[0]
            },
        ] {
            assert_ne!(original, digest(&[change, base[1]]));
        }
        assert_ne!(original, digest(&base[..1]));
    }
}

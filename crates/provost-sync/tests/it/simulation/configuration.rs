//! The rules and preferences of a world: few choices, each of which changes what the target has to hold.

use super::dice::Dice;
use serde_json::{Value, json};

/// The attribute of the enterprise user.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Where the title in the target comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Title {
    Cleared,
    Kept,
    Default,
    Expression,
    Unmapped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remove {
    Disable,
    Delete,
    Leave,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    Never,
    Removals,
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vanished {
    MatchAgain,
    CreateAgain,
    Fail,
}

/// The rules.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub title: Title,
    /// Whether only employees are in scope.
    pub scoped: bool,
    pub remove: Remove,
    pub grace: Option<u32>,
    pub may_delete: bool,
    pub approval: Approval,
    pub vanished: Vanished,
    pub people: bool,
    pub groups: bool,
}

/// The preferences that change who is meant.
#[derive(Debug, Clone, Copy)]
pub struct Preference {
    pub assigned: bool,
    pub nested: bool,
    pub skip: bool,
}

impl Shape {
    pub fn by_chance(dice: &mut Dice) -> Self {
        let titles = [
            Title::Cleared,
            Title::Cleared,
            Title::Kept,
            Title::Default,
            Title::Expression,
            Title::Unmapped,
        ];
        Self {
            title: dice.pick(&titles),
            scoped: dice.one_in(2),
            remove: dice.pick(&[Remove::Disable, Remove::Disable, Remove::Delete, Remove::Leave]),
            grace: dice.one_in(3).then(|| 1 + dice.below(2) as u32),
            may_delete: !dice.one_in(4),
            approval: dice.pick(&[
                Approval::Never,
                Approval::Never,
                Approval::Never,
                Approval::Removals,
                Approval::Always,
            ]),
            vanished: dice.pick(&[
                Vanished::MatchAgain,
                Vanished::MatchAgain,
                Vanished::CreateAgain,
                Vanished::Fail,
            ]),
            people: !dice.one_in(10),
            groups: !dice.one_in(10),
        }
    }

    /// The rule for people.
    pub fn for_people(&self) -> Value {
        let mut mappings = vec![
            json!({"target": "userName", "direct": "userName"}),
            json!({"target": "displayName", "direct": "displayName"}),
            json!({"target": "active", "expression": "Not([IsSoftDeleted])", "kind": "boolean"}),
            json!({"target": "nick", "direct": "userName", "apply": "on_create"}),
            json!({"target": "department", "direct": format!("{ENTERPRISE}:department"), "null": "clear"}),
            json!({"target": "manager", "reference": true, "null": "clear",
                   "direct": format!("{ENTERPRISE}:manager.value")}),
        ];
        mappings.extend(match self.title {
            Title::Cleared => Some(json!({"target": "title", "direct": "title", "null": "clear"})),
            Title::Kept => Some(json!({"target": "title", "direct": "title", "null": "skip"})),
            Title::Default => {
                Some(json!({"target": "title", "direct": "title", "null": "default", "default": "Staff"}))
            }
            Title::Expression => Some(json!({"target": "title", "expression": "Append([userName], \"!\")"})),
            Title::Unmapped => None,
        });
        let mut rule = self.rule("People", "person", "userName", mappings, self.people);
        rule["remove"] = match self.remove {
            Remove::Disable => "disable",
            Remove::Delete => "delete",
            Remove::Leave => "leave",
        }
        .into();
        if let Some(days) = self.grace {
            rule["delete_after_days"] = json!(days);
        }
        if self.scoped {
            rule["scope"] = json!({"filters": [{"name": "staff", "clauses": [
                {"attribute": "userType", "operator": "EQUALS", "value": "Employee"}]}]});
        }
        rule["actions"] = json!({"delete": self.may_delete});
        rule
    }

    /// The rule for groups.
    pub fn for_groups(&self) -> Value {
        let mappings = vec![json!({"target": "displayName", "direct": "displayName"})];
        self.rule("Groups", "group", "displayName", mappings, self.groups)
    }

    fn rule(&self, name: &str, object: &str, matching: &str, mappings: Vec<Value>, enabled: bool) -> Value {
        let approval = match self.approval {
            Approval::Never => "never",
            Approval::Removals => "removals",
            Approval::Always => "always",
        };
        let vanished = match self.vanished {
            Vanished::MatchAgain => "match_again",
            Vanished::CreateAgain => "create_again",
            Vanished::Fail => "fail",
        };
        json!({
            "name": name, "object": object, "mappings": mappings, "enabled": enabled,
            "matching": [{"target": matching, "precedence": 1}],
            "approval": approval, "vanished": vanished,
        })
    }
}

impl Preference {
    pub fn by_chance(dice: &mut Dice) -> Self {
        Self {
            assigned: dice.one_in(3),
            nested: dice.one_in(2),
            skip: dice.one_in(5),
        }
    }

    pub fn to_value(self) -> Value {
        let assignment = if self.assigned { "assigned" } else { "all" };
        json!({"assignment": assignment, "nested": self.nested, "skip_out_of_scope": self.skip})
    }
}

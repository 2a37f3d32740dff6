//! From object mappings to rules.

use std::collections::BTreeSet;

use serde_json::Value;

use super::attribute::{self, Attribute, Surroundings};
use super::declared::Declared;
use super::{ATTRIBUTES, MAPPINGS, Problem, RULES, expression, list, same, scope, text};
use crate::mapping::MappingSource;
use crate::matching::Matching;
use crate::object::Kind;
use crate::rule::{Actions, ENABLED_ATTRIBUTES, RemoveAction, Rule, RuleError};

/// The target attribute that stands for a group's members.
pub(super) const MEMBERS: &str = "members";
/// Names of Entra's own directory in files.
const ENTRA: [&str; 2] = ["Azure Active Directory", "Microsoft Entra ID"];

/// One object mapping of the file.
pub(super) struct ObjectMapping {
    /// Its place: the number of the synchronization rule and its own.
    pub(super) at: (usize, usize),
    /// What became of it; `None` when it cannot be carried over.
    pub(super) rule: Option<Rule>,
    /// What became of each of its attribute mappings.
    pub(super) attributes: Vec<Option<Attribute>>,
}

/// Reads every object mapping of a schema.
pub(super) fn all(schema: &Value) -> (Vec<ObjectMapping>, Vec<Problem>) {
    let (mut found, mut problems, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (outer, rule) in list(schema, RULES).iter().enumerate() {
        for (inner, mapping) in list(rule, MAPPINGS).iter().enumerate() {
            let name = unique(name(rule, mapping), &mut names);
            let mut reading = Reading {
                place: place(rule, mapping),
                schema,
                rule,
                mapping,
                problems: &mut problems,
            };
            let (rule, attributes) = reading.object_mapping(name);
            found.push(ObjectMapping {
                at: (outer, inner),
                rule,
                attributes,
            });
        }
    }
    (found, problems)
}

/// Target attributes that are mapped twice: which mapping counts would be anybody's guess.
pub(super) fn duplicates(schema: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for rule in list(schema, RULES) {
        for mapping in list(rule, MAPPINGS) {
            let mut seen = BTreeSet::new();
            for entry in list(mapping, ATTRIBUTES) {
                let target = attribute::target(entry);
                if !seen.insert(target.to_ascii_lowercase()) {
                    let place = format!("{} / {target}", place(rule, mapping));
                    let message = "two mappings have this target attribute";
                    problems.push(Problem::unsupported(
                        &place,
                        message,
                        "remove one of them from the file",
                    ));
                }
            }
        }
    }
    problems
}

fn name<'v>(rule: &'v Value, mapping: &'v Value) -> &'v str {
    let named = |value: &'v Value| text(value, "name").filter(|name| !name.trim().is_empty());
    named(mapping).or_else(|| named(rule)).unwrap_or("rule")
}

fn place(rule: &Value, mapping: &Value) -> String {
    match text(rule, "name") {
        Some(outer) => format!("{outer} / {}", name(rule, mapping)),
        None => name(rule, mapping).to_owned(),
    }
}

fn unique(name: &str, names: &mut BTreeSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 1;
    while !names.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{name} {number}");
    }
    candidate
}

/// One object mapping while it is read.
struct Reading<'v, 'p> {
    place: String,
    schema: &'v Value,
    rule: &'v Value,
    mapping: &'v Value,
    problems: &'p mut Vec<Problem>,
}

impl<'v> Reading<'v, '_> {
    fn unsupported(&mut self, message: impl Into<String>, hint: &str) {
        let problem = Problem::unsupported(&self.place, message, hint);
        self.problems.push(problem);
    }

    fn note(&mut self, message: impl Into<String>, hint: &str) {
        let problem = Problem::note(&self.place, message, hint);
        self.problems.push(problem);
    }

    fn object_mapping(&mut self, name: String) -> (Option<Rule>, Vec<Option<Attribute>>) {
        let Some(kind) = self.kind() else {
            return (None, Vec::new());
        };
        let around = self.surroundings(kind);
        let mut attributes: Vec<_> = list(self.mapping, ATTRIBUTES)
            .iter()
            .map(|entry| self.attribute(entry, &around))
            .collect();
        self.number(&mut attributes);
        let mut rule = Rule::new(name, kind);
        rule.actions = actions(self.mapping, kind);
        rule.enabled = self.mapping.get("enabled") != Some(&Value::Bool(false));
        self.who_is_meant(&mut rule);
        self.leaving(&mut rule, &around, &attributes);
        let rule = self.compiled(rule, &mut attributes);
        (rule, attributes)
    }

    /// People or groups, and towards an application.
    fn kind(&mut self) -> Option<Kind> {
        let target = text(self.rule, "targetDirectoryName").unwrap_or_default();
        if ENTRA.iter().any(|name| same(name, target)) {
            let hint = "people come into the directory by SCIM, by the bulk API or from a file";
            self.unsupported("this mapping writes to Entra itself", hint);
            return None;
        }
        let object = text(self.mapping, "sourceObjectName").unwrap_or_default();
        match object.to_ascii_lowercase().as_str() {
            "user" => Some(Kind::Person),
            "group" => Some(Kind::Group),
            _ => {
                let message = format!("objects of the type \"{object}\" are not in the directory");
                self.unsupported(message, "people (User) and groups (Group) are");
                None
            }
        }
    }

    fn surroundings(&self, kind: Kind) -> Surroundings<'v> {
        let find = |directory: &str, object: &str| {
            Declared::find(
                self.schema,
                text(self.rule, directory).unwrap_or_default(),
                text(self.mapping, object).unwrap_or_default(),
            )
        };
        Surroundings {
            kind,
            source: find("sourceDirectoryName", "sourceObjectName"),
            target: find("targetDirectoryName", "targetObjectName"),
        }
    }

    /// Members are no attribute here: the rule's actions say whether they are written.
    fn attribute(&mut self, entry: &Value, around: &Surroundings) -> Option<Attribute> {
        if is_members(entry, around.kind) {
            return None;
        }
        attribute::read(entry, around, &self.place, self.problems)
    }

    /// Numbers matching attributes that share a number, in the file's order.
    fn number(&mut self, attributes: &mut [Option<Attribute>]) {
        let mut matching: Vec<_> = attributes
            .iter_mut()
            .flatten()
            .filter(|one| one.precedence > 0)
            .collect();
        matching.sort_by_key(|one| one.precedence);
        let shared = matching
            .windows(2)
            .any(|pair| pair[0].precedence == pair[1].precedence);
        if shared {
            for (number, one) in (1..).zip(matching) {
                one.precedence = number;
            }
            self.note(
                "matching attributes share a precedence",
                "they were numbered in the file's order",
            );
        }
    }

    /// A rule that would mean others than it did stays off until somebody has looked at it.
    fn who_is_meant(&mut self, rule: &mut Rule) {
        let found = match self.mapping.get("scope") {
            Some(scope) => scope::read(scope, rule.object, &self.place, self.problems),
            None => scope::read(&Value::Null, rule.object, &self.place, self.problems),
        };
        rule.scope = found.scope;
        let mut complete = found.complete;
        for (holder, names) in [
            ("containerFilter", "includedContainers"),
            ("groupFilter", "includedGroups"),
        ] {
            let filter = self.rule.get(holder).unwrap_or(&Value::Null);
            if !list(filter, names).is_empty() {
                complete = false;
                let hint = "say the same with scoping filters or assignments, then switch the rule on";
                self.unsupported(format!("{holder} is not supported"), hint);
            }
        }
        rule.enabled &= complete;
    }

    /// What happens to somebody who leaves follows from the mappings in Entra, and is said here.
    fn leaving(&mut self, rule: &mut Rule, around: &Surroundings, attributes: &[Option<Attribute>]) {
        if rule.object == Kind::Group {
            return;
        }
        let kept = || attributes.iter().flatten().map(|one| &one.mapping);
        let told = kept().any(|mapping| match &mapping.source {
            MappingSource::Direct { attribute } => attribute.eq_ignore_ascii_case(SOFT_DELETED),
            MappingSource::Expression { text } => expression::reads(text, SOFT_DELETED),
            MappingSource::Constant { .. }
            | MappingSource::Generated
            | MappingSource::Secret { .. }
            | MappingSource::None => false,
        });
        if around.target.has_no_disabled_state() {
            rule.remove = RemoveAction::Delete;
        } else if !told {
            rule.remove = RemoveAction::Leave;
            let enables = |name: &&str| kept().any(|mapping| mapping.target.eq_ignore_ascii_case(name));
            rule.actions.disable &= ENABLED_ATTRIBUTES.iter().any(enables);
            let hint = "map [IsSoftDeleted] to the attribute that says whether an account may be used";
            self.note(
                "no mapping tells the target that somebody left, so accounts are left as they are",
                hint,
            );
        }
    }

    /// Leaves out mappings that do not compile, and a rule that does not without them.
    fn compiled(&mut self, mut rule: Rule, attributes: &mut [Option<Attribute>]) -> Option<Rule> {
        loop {
            let kept = || attributes.iter().flatten();
            rule.mappings = kept().map(|one| one.mapping.clone()).collect();
            rule.matching = kept().filter_map(matching).collect();
            match rule.compile() {
                Ok(compiled) => {
                    for warning in compiled.warnings() {
                        let place = self.within(warning.target.as_deref());
                        self.problems
                            .push(Problem::note(&place, &warning.message, &warning.hint));
                    }
                    return Some(rule);
                }
                Err(errors) => {
                    let before = attributes.iter().flatten().count();
                    self.leave_out(errors, attributes)?;
                    if attributes.iter().flatten().count() == before {
                        return None;
                    }
                }
            }
        }
    }

    /// Reports mistakes and takes out the mappings that have them; `None` when one is the rule's own.
    fn leave_out(&mut self, errors: Vec<RuleError>, attributes: &mut [Option<Attribute>]) -> Option<()> {
        let mut whole = Some(());
        for error in errors {
            let place = self.within(error.target.as_deref());
            self.problems
                .push(Problem::unsupported(&place, error.message, error.hint));
            match error.target {
                None => whole = None,
                Some(target) => attributes
                    .iter_mut()
                    .filter(|slot| slot.as_ref().is_some_and(|one| one.mapping.target == target))
                    .for_each(|slot| *slot = None),
            }
        }
        whole
    }

    fn within(&self, target: Option<&str>) -> String {
        match target {
            Some(target) => format!("{} / {target}", self.place),
            None => self.place.clone(),
        }
    }
}

const SOFT_DELETED: &str = "IsSoftDeleted";

fn matching(attribute: &Attribute) -> Option<Matching> {
    (attribute.precedence > 0).then(|| Matching {
        target: attribute.mapping.target.clone(),
        precedence: attribute.precedence,
    })
}

/// Whether the mapping writes a group's members.
pub(super) fn is_members(entry: &Value, kind: Kind) -> bool {
    kind == Kind::Group && attribute::target(entry).eq_ignore_ascii_case(MEMBERS)
}

/// What the flow types "Add, Update, Delete" allow. In Entra a disable is an update; here it has a switch
/// of its own, which follows the update's.
fn actions(mapping: &Value, kind: Kind) -> Actions {
    let flows = text(mapping, "flowTypes").unwrap_or("Add, Update, Delete");
    let allows = |name: &str| flows.split(',').any(|flow| same(flow, name));
    let members = list(mapping, ATTRIBUTES)
        .iter()
        .any(|entry| is_members(entry, kind));
    let update = allows("Update");
    Actions {
        create: allows("Add"),
        update,
        disable: update,
        delete: allows("Delete"),
        add_member: update && members,
        remove_member: update && members,
        ..Actions::default()
    }
}

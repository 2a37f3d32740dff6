//! From rules back to a schema.

use serde_json::{Map, Value, json};

use super::attribute::{self, Attribute};
use super::read::{self, MEMBERS, ObjectMapping};
use super::{ATTRIBUTES, MAPPINGS, RULES, schema, scope};
use crate::mapping::MappingSource;
use crate::object::Kind;
use crate::rule::{Actions, Rule};

/// Writes rules as a schema of Entra's.
///
/// With the `original` that they were read from, everything in it stays letter by letter except what was
/// changed since: unknown properties, metadata, directories, and the mappings that could not be carried
/// over. Rules and object mappings belong together by name; a rule that was renamed keeps its place when it
/// is the only one of its kind. What a schema cannot say is listed by [`super::lost`].
pub fn export(rules: &[Rule], original: Option<&Value>) -> Value {
    let mut file = match original {
        Some(original) if schema(original).is_some() => original.clone(),
        _ => json!({"directories": [], RULES: []}),
    };
    let mut fresh = rules.iter().collect::<Vec<_>>();
    if let Some(mappings) = schema(&file).map(|schema| read::all(schema).0) {
        let pairs = pair(&mappings, &mut fresh);
        if let Some(schema) = schema_mut(&mut file) {
            // From the end, so that a removal moves nothing that is still to come.
            for (mapping, rule) in mappings.iter().zip(pairs).rev() {
                rewrite(schema, mapping, rule);
            }
        }
    }
    if let Some(schema) = schema_mut(&mut file) {
        append(schema, &fresh);
    }
    file
}

fn schema_mut(file: &mut Value) -> Option<&mut Value> {
    if schema(file).is_some_and(|found| std::ptr::eq(found, &*file)) {
        return Some(file);
    }
    file.get_mut("schema")
}

/// The rule for each object mapping; what is left in `rules` is new.
fn pair<'r>(mappings: &[ObjectMapping], rules: &mut Vec<&'r Rule>) -> Vec<Option<&'r Rule>> {
    let mut take = |fits: &dyn Fn(&Rule) -> bool| {
        let at = rules.iter().position(|rule| fits(rule))?;
        Some(rules.remove(at))
    };
    let mut pairs: Vec<_> = mappings
        .iter()
        .map(|mapping| {
            let was = mapping.rule.as_ref()?;
            take(&|rule| rule.name == was.name && rule.object == was.object)
        })
        .collect();
    for (mapping, slot) in mappings.iter().zip(&mut pairs) {
        if let (None, Some(was)) = (&slot, &mapping.rule) {
            let only = rules.iter().filter(|rule| rule.object == was.object).count() == 1;
            let at = rules.iter().position(|rule| only && rule.object == was.object);
            *slot = at.map(|at| rules.remove(at));
        }
    }
    pairs
}

/// Enters one rule's changes in its object mapping, or removes it. What was not carried over stays.
fn rewrite(schema: &mut Value, mapping: &ObjectMapping, rule: Option<&Rule>) {
    let Some(was) = &mapping.rule else { return };
    let (outer, inner) = mapping.at;
    let list = schema
        .get_mut(RULES)
        .and_then(|rules| rules.get_mut(outer))
        .and_then(|rule| rule.get_mut(MAPPINGS))
        .and_then(Value::as_array_mut);
    let Some(list) = list else { return };
    let Some(rule) = rule else {
        if inner < list.len() {
            list.remove(inner);
        }
        return;
    };
    let Some(entry) = list.get_mut(inner).and_then(Value::as_object_mut) else {
        return;
    };
    if rule.name != was.name {
        entry.insert("name".to_owned(), json!(rule.name));
    }
    if rule.enabled != was.enabled {
        entry.insert("enabled".to_owned(), json!(rule.enabled));
    }
    if flows(&rule.actions) != flows(&was.actions) {
        entry.insert("flowTypes".to_owned(), json!(flows(&rule.actions)));
    }
    if rule.scope != was.scope {
        let scope = entry.entry("scope").or_insert(Value::Null);
        if !scope.is_object() {
            *scope = json!({});
        }
        scope["groups"] = scope::write(&rule.scope, rule.object);
    }
    attributes(entry, mapping, rule);
}

/// Entra's words for the actions that it knows.
fn flows(actions: &Actions) -> String {
    let words = [
        (actions.create, "Add"),
        (actions.update, "Update"),
        (actions.delete, "Delete"),
    ];
    let allowed: Vec<_> = words
        .iter()
        .filter(|(allowed, _)| *allowed)
        .map(|(_, word)| *word)
        .collect();
    allowed.join(", ")
}

fn attributes(entry: &mut Map<String, Value>, mapping: &ObjectMapping, rule: &Rule) {
    let list = entry.entry(ATTRIBUTES).or_insert_with(|| json!([]));
    let Some(list) = list.as_array_mut() else { return };
    let mut left: Vec<Attribute> = wanted(rule);
    let mut kept = Vec::with_capacity(list.len());
    for (index, mut entry) in std::mem::take(list).into_iter().enumerate() {
        let before = mapping.attributes.get(index).and_then(Option::as_ref);
        let target = attribute::target(&entry).to_owned();
        let now = left.iter().position(|one| one.mapping.target == target);
        match (before, now.map(|at| left.remove(at))) {
            (Some(_), None) => continue,
            (None, None) if read::is_members(&entry, rule.object) && !has_members(rule) => continue,
            (None, None) => {}
            (before, Some(now)) if before != Some(&now) => {
                attribute::write(&mut entry, before, &now, rule.object);
            }
            (_, Some(_)) => {}
        }
        kept.push(entry);
    }
    kept.extend(left.iter().map(|one| attribute::fresh(one, rule.object)));
    let has = kept.iter().any(|entry| read::is_members(entry, rule.object));
    if has_members(rule) && !has {
        kept.push(members());
    }
    *list = kept;
}

/// The rule's mappings with their precedence.
fn wanted(rule: &Rule) -> Vec<Attribute> {
    let precedence = |target: &str| {
        let matching = rule.matching.iter().find(|matching| matching.target == target);
        matching.map_or(0, |matching| matching.precedence)
    };
    rule.mappings
        .iter()
        .filter(|mapping| {
            !matches!(
                mapping.source,
                MappingSource::Generated | MappingSource::Secret { .. }
            )
        })
        .map(|mapping| Attribute {
            precedence: precedence(&mapping.target),
            mapping: mapping.clone(),
        })
        .collect()
}

fn has_members(rule: &Rule) -> bool {
    rule.object == Kind::Group && (rule.actions.add_member || rule.actions.remove_member)
}

fn members() -> Value {
    json!({
        "targetAttributeName": MEMBERS, "matchingPriority": 0, "defaultValue": null,
        "flowBehavior": "FlowWhenChanged", "flowType": "Always", "exportMissingReferences": false,
        "source": {"type": "Attribute", "name": MEMBERS, "expression": "[members]", "parameters": []}
    })
}

/// Object mappings for rules that the original did not have, in its first synchronization rule.
fn append(schema: &mut Value, rules: &[&Rule]) {
    let Some(list) = schema.get_mut(RULES).and_then(Value::as_array_mut) else {
        return;
    };
    if rules.is_empty() {
        return;
    }
    if list.is_empty() {
        list.push(json!({
            "name": "OUTBOUND", "editable": true, "priority": 1, "metadata": [],
            "sourceDirectoryName": "Azure Active Directory", "targetDirectoryName": "customappsso",
            MAPPINGS: []
        }));
    }
    let Some(first) = list.first_mut().and_then(Value::as_object_mut) else {
        return;
    };
    let mappings = first.entry(MAPPINGS).or_insert_with(|| json!([]));
    if let Some(mappings) = mappings.as_array_mut() {
        mappings.extend(rules.iter().map(|rule| fresh(rule)));
    }
}

fn fresh(rule: &Rule) -> Value {
    let (source, target) = match rule.object {
        Kind::Person => (
            "User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ),
        Kind::Group => ("Group", "urn:ietf:params:scim:schemas:core:2.0:Group"),
    };
    let mut attributes: Vec<_> = wanted(rule)
        .iter()
        .map(|one| attribute::fresh(one, rule.object))
        .collect();
    attributes.extend(has_members(rule).then(members));
    json!({
        "name": rule.name, "enabled": rule.enabled, "flowTypes": flows(&rule.actions), "metadata": [],
        "sourceObjectName": source, "targetObjectName": target,
        "scope": {
            "groups": scope::write(&rule.scope, rule.object),
            "inputFilterGroups": [], "categoryFilterGroups": []
        },
        ATTRIBUTES: attributes
    })
}

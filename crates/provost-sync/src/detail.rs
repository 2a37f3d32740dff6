//! What a step changes: each attribute before and after, computed from the same look as the step itself.

use crate::open::{ActiveRule, Open};
use crate::survey::{Look, Seen, env, look};
use crate::{Result, apply, licence};
use provost_engine::object::Record;
use provost_engine::plan::{Action, Decision, Step};
use provost_engine::rule::{ENABLED_ATTRIBUTES, LICENCES, Need};
use provost_store::directory::{self, Object};
use provost_store::link::{self, Link};
use provost_store::link_licence;
use provost_store::plan::Change;
use provost_store::{Tx, plan::PlanStep};
use serde_json::Value;
use uuid::Uuid;

/// What is shown instead of a value that nobody should read.
pub(crate) const REDACTED: &str = "[Redact]";
/// The attribute under which a change of membership is shown.
pub(crate) const MEMBERS: &str = "members";
/// The attribute under which it is shown that an account is closed or opened, where no mapping says so.
pub(crate) const ENABLED: &str = "enabled";

/// A step with the name of its object and the values it changes, and the version of the object.
pub(crate) fn of(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    step: &Step,
    held: bool,
    now: i64,
) -> Result<(PlanStep, i64)> {
    let link = link::get(tx, rule.key, step.object)?;
    let object = directory::by_key(tx, step.object)?;
    let label = match (&object, &link) {
        (Some(object), _) => object.label.clone(),
        (None, Some(link)) => link.label.clone(),
        (None, None) => String::new(),
    };
    let changes = if step.action.is_licence() {
        vec![of_licence(
            tx,
            open,
            rule,
            step,
            object.as_ref(),
            link.as_ref(),
            now,
        )?]
    } else if step.member == 0 {
        of_object(tx, open, rule, object.as_ref(), link.as_ref(), now)?
    } else {
        vec![of_membership(tx, open, step)?]
    };
    let described = PlanStep {
        rule: rule.key,
        kind: rule.kind,
        object: step.object,
        member: step.member,
        action: step.action.to_string(),
        label,
        held,
        changes,
    };
    Ok((described, apply::version(object.as_ref())))
}

/// A member that comes has only an after, one that goes only a before.
fn of_membership(tx: &mut Tx, open: &Open, step: &Step) -> Result<Change> {
    let name = Value::String(name_of(tx, open, step.member)?);
    let (before, after) = if step.action == Action::AddMember {
        (Value::Null, name)
    } else {
        (name, Value::Null)
    };
    Ok(Change {
        attribute: MEMBERS.to_owned(),
        before,
        after,
    })
}

/// A licence before and after, by the name of its product and of the services that are left out.
fn of_licence(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    step: &Step,
    object: Option<&Object>,
    link: Option<&Link>,
    now: i64,
) -> Result<Change> {
    let given = link_licence::of(tx, rule.key, step.object)?;
    let known = given.iter().find(|g| g.product == step.member);
    let shown = |plans: &[String]| Value::String(open.licences.name(step.member, plans));
    let after = match step.action {
        Action::AddLicence => {
            let wanted = match seen_look(tx, open, rule, object, link, now)? {
                Some(look) => licence::aim_of(tx, open, rule, step.object, &look, link)?,
                None => None,
            };
            let wanted = wanted.and_then(|aim| aim.plans(step.member).map(<[String]>::to_vec));
            shown(&wanted.unwrap_or_default())
        }
        _ => Value::Null,
    };
    Ok(Change {
        attribute: LICENCES.to_owned(),
        before: known.map_or(Value::Null, |g| shown(&g.disabled_plans)),
        after,
    })
}

/// The name of an object, which may be known only from a link of the connection.
pub(crate) fn name_of(tx: &mut Tx, open: &Open, key: i64) -> Result<String> {
    if let Some(object) = directory::by_key(tx, key)? {
        return Ok(object.label);
    }
    for link in link::of_object(tx, key)? {
        if open.rules.iter().any(|r| r.key == link.rule) {
            return Ok(link.label);
        }
    }
    Ok(String::new())
}

fn of_object(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    object: Option<&Object>,
    link: Option<&Link>,
    now: i64,
) -> Result<Vec<Change>> {
    let Some(look) = seen_look(tx, open, rule, object, link, now)? else {
        return Ok(Vec::new());
    };
    let nothing = Record::new();
    let written = link.map_or(&nothing, |l| &l.written);
    let mut changes = of_decision(
        &look.decision,
        look.evaluation.as_ref().map(|e| &e.create),
        written,
    );
    if look.decision != Decision::Delete {
        for (attribute, wanted) in &look.references {
            changes.push(of_reference(
                tx,
                open,
                attribute,
                written.get(attribute),
                *wanted,
            )?);
        }
    }
    changes.extend(of_switch(&look.decision));
    for change in &mut changes {
        redact(rule, change);
    }
    changes.sort_by(|a, b| a.attribute.cmp(&b.attribute));
    Ok(changes)
}

/// The look that the survey has had. `None`: the mapping failed since, which the survey reports; the step will be
/// dropped.
fn seen_look(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    object: Option<&Object>,
    link: Option<&Link>,
    now: i64,
) -> Result<Option<Look>> {
    let document = object.map(Object::value).transpose()?;
    let id = object.map(|o| o.id.to_string());
    let assigned = match object {
        Some(object) => open.assigned.contains(tx, rule.kind, object.key)?,
        None => false,
    };
    let seen = id.as_deref().zip(document.as_ref()).map(|(id, document)| Seen {
        id,
        document,
        assigned,
        leaves: object.is_some_and(|o| open.leavers.contains(&o.key)),
    });
    let need = if link.is_some() {
        Need::Update
    } else {
        Need::Create
    };
    Ok(look(open, rule, seen, link, need, &env(now)).ok())
}

fn of_decision(decision: &Decision, create: Option<&Record>, written: &Record) -> Vec<Change> {
    let change = |attribute: &String, after: &Value| Change {
        attribute: attribute.clone(),
        before: written.get(attribute).cloned().unwrap_or_default(),
        after: after.clone(),
    };
    match decision {
        Decision::Create => create
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .map(|(attribute, value)| change(attribute, value))
            .collect(),
        Decision::Update(changes) | Decision::Disable(changes) | Decision::Restore(changes) => {
            changes.iter().map(|(a, v)| change(a, v)).collect()
        }
        Decision::Delete => written.keys().map(|a| change(a, &Value::Null)).collect(),
        Decision::Nothing | Decision::Skip(_) => Vec::new(),
    }
}

/// References are kept by directory id and shown by name.
fn of_reference(
    tx: &mut Tx,
    open: &Open,
    attribute: &str,
    before: Option<&Value>,
    after: Option<Uuid>,
) -> Result<Change> {
    let mut name = |id: Option<Uuid>| -> Result<Value> {
        let Some(id) = id else { return Ok(Value::Null) };
        let known = directory::key_by_id(tx, open.connection.workspace, id)?;
        Ok(Value::String(match known {
            Some((key, _)) => name_of(tx, open, key)?,
            None => id.to_string(),
        }))
    };
    let before = before
        .and_then(Value::as_str)
        .and_then(|id| Uuid::parse_str(id).ok());
    Ok(Change {
        attribute: attribute.to_owned(),
        before: name(before)?,
        after: name(after)?,
    })
}

/// That an account is closed or opened is shown also where no mapping writes it.
fn of_switch(decision: &Decision) -> Option<Change> {
    let (changes, after) = match decision {
        Decision::Disable(changes) => (changes, false),
        Decision::Restore(changes) => (changes, true),
        _ => return None,
    };
    let is_mapped = ENABLED_ATTRIBUTES.iter().any(|a| changes.contains_key(*a));
    (!is_mapped).then(|| Change {
        attribute: ENABLED.to_owned(),
        before: Value::Bool(!after),
        after: Value::Bool(after),
    })
}

fn redact(rule: &ActiveRule, change: &mut Change) {
    if !rule.compiled.is_sensitive(&change.attribute) {
        return;
    }
    for value in [&mut change.before, &mut change.after] {
        if !value.is_null() {
            *value = Value::String(REDACTED.to_owned());
        }
    }
}

//! Settings of a rule and of its mappings that contradict each other.

use super::compiled::{CompiledMapping, RANDOM, names_a_password};
use super::licence::is_licences;
use super::{ENABLED_ATTRIBUTES, Rule};
use crate::expr;
use crate::mapping::{Apply, Mapping, MappingSource, NullPolicy, ValueType};
use crate::object::Kind;

/// What is wrong, and what to do about it.
pub(super) type Complaint = (&'static str, &'static str);

/// Functions whose result is made up once and then kept.
const MADE_UP: [&str; 3] = [RANDOM[0], RANDOM[1], "SelectUniqueValue"];

/// One of the rule's mappings.
pub(super) fn mapping(object: Kind, mapping: &Mapping) -> Vec<Complaint> {
    let mut complaints = named(mapping);
    complaints.extend(null_policy(mapping));
    let is_constant = matches!(
        mapping.source,
        MappingSource::Constant { .. } | MappingSource::None
    );
    let is_kept = matches!(mapping.apply, Apply::Always | Apply::ValueAddOnly);
    if mapping.reference && (!is_kept || mapping.default.is_some() || is_constant) {
        complaints.push((
            "a reference is never a constant or a default, and always kept up to date",
            "map it from an attribute that holds a directory id, such as manager.value",
        ));
    }
    let is_plain = matches!(mapping.apply, Apply::Always | Apply::OnCreate)
        && mapping.null != NullPolicy::DefaultIfEmpty
        && mapping.source != MappingSource::None;
    if enables(object, mapping) && !is_plain {
        complaints.push((
            "whether an account may be used cannot depend on what the target holds",
            "apply this mapping always or on create, with a null policy that does not ask the target",
        ));
    }
    complaints.extend(password(mapping));
    if is_licences(&mapping.target) {
        complaints.extend(licences(object, mapping));
    }
    complaints
}

/// What only a password may come from.
fn password(mapping: &Mapping) -> Option<Complaint> {
    let is_nameless = match &mapping.source {
        MappingSource::Generated => false,
        MappingSource::Secret { name } => name.trim().is_empty(),
        _ => return None,
    };
    if is_nameless {
        return Some(("the secret has no name", "name one of the connection's secrets"));
    }
    if !names_a_password(&mapping.target) {
        return Some((
            "only a password is generated or kept sealed",
            "give this attribute another source, or correct its name",
        ));
    }
    let is_plain = mapping.apply == Apply::OnCreate
        && mapping.null == NullPolicy::Skip
        && mapping.default.is_none()
        && !mapping.resend;
    (!is_plain).then_some((
        "a password that is generated or kept sealed is written when the account is created, and only then",
        "give it \"apply\": \"on_create\", and neither \"null\", \"default\" nor \"resend\"",
    ))
}

/// Licences are steps of their own: what depends on the target's value of an attribute means nothing here.
fn licences(object: Kind, mapping: &Mapping) -> Option<Complaint> {
    if object == Kind::Group {
        return Some((
            "licences are mapped for people",
            "say of a group that its members get a licence, and leave this mapping out",
        ));
    }
    let is_plain = mapping.apply == Apply::Always
        && mapping.null != NullPolicy::DefaultIfEmpty
        && matches!(mapping.kind, None | Some(ValueType::Strings | ValueType::String))
        && !matches!(mapping.source, MappingSource::None)
        && !mapping.reference
        && !mapping.resend;
    (!is_plain).then_some((
        "licences are a list of products that is always kept up to date",
        "give this mapping a source, and leave \"apply\", \"reference\", \"resend\" and \"kind\" out",
    ))
}

/// One of the mappings for those who leave.
pub(super) fn leaver(object: Kind, mapping: &Mapping) -> Vec<Complaint> {
    let mut complaints = named(mapping);
    let clears = mapping.null == NullPolicy::Clear;
    match mapping.source {
        MappingSource::Generated | MappingSource::Secret { .. } => complaints.push((
            "nobody who leaves gets a new password",
            "leave this mapping out: the account is disabled",
        )),
        MappingSource::None if !clears => complaints.push((
            "this leaver mapping says nothing",
            "give it \"null\": \"clear\" to clear the attribute, or a source",
        )),
        MappingSource::None => {}
        _ => complaints.extend(null_policy(mapping)),
    }
    if mapping.apply != Apply::Always || mapping.null == NullPolicy::DefaultIfEmpty {
        complaints.push((
            "a leaver mapping is written once, when somebody leaves",
            "leave \"apply\" out, and choose the null policy skip, clear or default",
        ));
    }
    if enables(object, mapping) {
        complaints.push((
            "the account of somebody who leaves is disabled anyway",
            "leave this mapping out",
        ));
    }
    complaints
}

/// The rule as a whole.
pub(super) fn settings(rule: &Rule) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    if rule.delete_after_days.is_some() && rule.object == Kind::Group {
        complaints.push((
            "groups cannot be disabled, so they have no grace period",
            "leave \"delete_after_days\" out",
        ));
    }
    if rule.delete_after_days.is_some() && rule.object == Kind::Person && !rule.actions.disable {
        complaints.push((
            "the grace period begins with a disable, which the rule's actions do not allow",
            "allow the action disable, or leave \"delete_after_days\" out",
        ));
    }
    if !rule.leaver.is_empty() && rule.object == Kind::Group {
        complaints.push((
            "groups do not leave: one that is out of scope is deleted",
            "leave the leaver mappings out",
        ));
    }
    complaints
}

/// What a prepared mapping calls and may not call.
pub(super) fn calls(mapping: &CompiledMapping) -> Option<Complaint> {
    let makes_up = MADE_UP.iter().any(|function| mapping.calls(function));
    (makes_up && mapping.apply != Apply::OnCreate).then_some((
        "RandomString, Guid and SelectUniqueValue give another value every time",
        "apply this mapping on create: \"apply\": \"on_create\"",
    ))
}

/// Whether the mapping's value is made up.
pub(super) fn is_made_up(mapping: &Mapping) -> bool {
    match &mapping.source {
        MappingSource::Expression { text } => {
            expr::parse(text).is_ok_and(|expr| MADE_UP.iter().any(|function| expr.calls(function)))
        }
        _ => false,
    }
}

fn enables(object: Kind, mapping: &Mapping) -> bool {
    let names = ENABLED_ATTRIBUTES.iter();
    object == Kind::Person
        && names
            .into_iter()
            .any(|name| name.eq_ignore_ascii_case(&mapping.target))
}

fn named(mapping: &Mapping) -> Vec<Complaint> {
    let nameless = mapping.target.trim().is_empty();
    Vec::from_iter(nameless.then_some(("the target attribute has no name", "name it")))
}

fn null_policy(mapping: &Mapping) -> Option<Complaint> {
    let only_adds = matches!(
        mapping.apply,
        Apply::AddOnly | Apply::ValueAddOnly | Apply::IfEmpty
    );
    let is_none = mapping.source == MappingSource::None;
    match (mapping.null, &mapping.default) {
        (NullPolicy::Default | NullPolicy::DefaultIfEmpty, None) => Some((
            "the default is to be written, but there is none",
            "give a \"default\"",
        )),
        (NullPolicy::Clear | NullPolicy::Default, _) if is_none => Some((
            "what is left alone is neither cleared nor overwritten",
            "leave \"null\" out; a \"default\" fills the attribute where it is empty",
        )),
        // It would be written on create and cleared by the next cycle.
        (NullPolicy::Clear, Some(_)) => Some((
            "a missing value is both cleared and replaced by a default",
            "choose \"null\": \"default\", or leave the default out",
        )),
        (NullPolicy::Clear, None) if only_adds => Some((
            "values are only added here, so a missing value clears nothing",
            "leave \"null\" out, or choose \"apply\": \"always\"",
        )),
        _ => None,
    }
}

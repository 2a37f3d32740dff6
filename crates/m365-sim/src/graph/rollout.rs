//! Staged rollout: groups that sign in to the cloud although their domain is federated (Graph documentation,
//! "featureRolloutPolicy resource type").

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::manager::reference;
use super::organization::selected;
use super::{entity, references};
use crate::call::Call;
use crate::directory::record::Policy;
use crate::directory::{Change, Directory, Kind, Object, Serial};
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::{self, List};

const FEATURES: [&str; 6] = [
    "passthroughAuthentication",
    "seamlessSso",
    "passwordHashSync",
    "emailAsAlternateId",
    "certificateBasedAuthentication",
    "multiFactorAuthentication",
];
const MAX_GROUPS: usize = 10;
/// A group with more members cannot be added; it may grow afterwards.
const MAX_FIRST_MEMBERS: usize = 200;
const MAX_MEMBERS: usize = 50_000;

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let all = &call.directory().records().policies;
    let value: Vec<Value> = all
        .iter()
        .map(|(id, policy)| selected(call, show(id, policy)).into())
        .collect();
    let context = format!("{}/$metadata#policies/featureRolloutPolicies", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": value}),
    ))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let (id, policy) = named(call)?;
    let mut body = selected(call, show(id, policy));
    if call
        .request
        .option("expand")
        .is_some_and(|expand| expand == "appliesTo")
    {
        let groups = policy
            .applies_to
            .iter()
            .filter_map(|serial| call.directory().live(*serial));
        let view = call.view();
        let shown = groups.map(|group| Value::from(view.object(group, &query::Selection::Default, true)));
        body.insert("appliesTo".to_owned(), shown.collect());
    }
    Ok(entity(200, context(call), body))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply> {
    let properties = accept(call.request.object()?)?;
    for name in ["displayName", "feature", "isEnabled"] {
        if !properties.contains_key(name) {
            return Err(Error::bad_request(format!(
                "A value is required for property '{name}' of resource 'FeatureRolloutPolicy'."
            ))
            .at(name));
        }
    }
    let feature = properties.get("feature");
    let mut others = call.directory().records().policies.iter();
    if let Some((id, _)) = others.find(|(_, other)| other.properties.get("feature") == feature) {
        return Err(Error::conflict("feature", &format!("FeatureRolloutPolicy_{id}")));
    }
    let id = Uuid::new_v4().to_string();
    let policy = Policy {
        properties,
        applies_to: BTreeSet::new(),
    };
    let body = show(&id, &policy);
    put(call, &id, Some(policy))?;
    Ok(entity(201, context(call), body))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply> {
    let changes = accept(call.request.object()?)?;
    let (id, policy) = named(call)?;
    if changes
        .get("feature")
        .is_some_and(|feature| policy.properties.get("feature") != Some(feature))
    {
        return Err(Error::bad_request("The feature of a policy cannot be changed.").at("feature"));
    }
    let (id, mut policy) = (id.to_owned(), policy.clone());
    policy.properties.extend(changes);
    put(call, &id, Some(policy))?;
    Ok(Reply::no_content())
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply> {
    let id = named(call)?.0.to_owned();
    put(call, &id, None)?;
    Ok(Reply::no_content())
}

pub(super) fn applies_to(call: &mut Call<'_>) -> Result<Reply> {
    let set = &named(call)?.1.applies_to;
    query::list(
        call,
        &List {
            set,
            kind: None,
            binned: false,
            context: "directoryObjects",
        },
    )
}

pub(super) fn applies_to_references(call: &mut Call<'_>) -> Result<Reply> {
    let reply = applies_to(call)?;
    Ok(references::addresses(&call.request.base, reply))
}

pub(super) fn add(call: &mut Call<'_>) -> Result<Reply> {
    let reference = reference(call)?;
    let group = call.referenced(&reference)?;
    let (id, policy) = named(call)?;
    if policy.applies_to.contains(&group.serial) {
        return Err(super::member::exists("appliesTo"));
    }
    check_group(call.directory(), policy, group)?;
    let (id, mut policy, serial) = (id.to_owned(), policy.clone(), group.serial);
    policy.applies_to.insert(serial);
    put(call, &id, Some(policy))?;
    Ok(Reply::no_content())
}

fn check_group(directory: &Directory, policy: &Policy, group: &Object) -> Result<()> {
    let nested = |serial: &Serial| directory.live(*serial).is_some_and(|o| o.kind == Kind::Group);
    let others = policy.applies_to.iter();
    let covered: usize = others
        .filter_map(|serial| directory.live(*serial))
        .map(|group| group.members.len())
        .sum();
    let why = if group.kind != Kind::Group {
        "only groups can be added".to_owned()
    } else if group.is_dynamic() {
        "dynamic groups are not supported".to_owned()
    } else if group.members.iter().any(nested) {
        "nested groups are not supported".to_owned()
    } else if policy.applies_to.len() >= MAX_GROUPS {
        format!("a feature has at most {MAX_GROUPS} groups")
    } else if group.members.len() > MAX_FIRST_MEMBERS {
        format!("a group has at most {MAX_FIRST_MEMBERS} members when it is added")
    } else if covered + group.members.len() > MAX_MEMBERS {
        format!("a feature is rolled out to at most {MAX_MEMBERS} people")
    } else {
        return Ok(());
    };
    Err(Error::bad_request(format!("The object cannot be added: {why}.")).at("appliesTo"))
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply> {
    let (id, policy) = named(call)?;
    let object = call.live(call.key(1))?;
    let (id, mut policy, serial) = (id.to_owned(), policy.clone(), object.serial);
    if !policy.applies_to.remove(&serial) {
        return Err(Error::not_found(call.key(1)));
    }
    put(call, &id, Some(policy))?;
    Ok(Reply::no_content())
}

fn named<'a>(call: &'a Call<'_>) -> Result<(&'a str, &'a Policy)> {
    let id = call.key(0);
    let found = call.directory().records().policies.get_key_value(id);
    found
        .map(|(id, policy)| (id.as_str(), policy))
        .ok_or_else(|| Error::not_found(id))
}

fn put(call: &mut Call<'_>, id: &str, policy: Option<Policy>) -> Result<()> {
    call.commit(vec![Change::Policy {
        id: id.to_owned(),
        policy,
    }])
}

fn accept(body: &Map<String, Value>) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        let fits = match name.as_str() {
            "displayName" => value.as_str().is_some_and(|text| !text.is_empty()),
            "description" => value.is_string() || value.is_null(),
            "feature" => value.as_str().is_some_and(|text| FEATURES.contains(&text)),
            "isEnabled" => value.is_boolean(),
            // The whole organisation is converted by its domains, not by a policy.
            "isAppliedToOrganization" => value.as_bool() == Some(false),
            _ => return Err(Error::bad_request(format!("Invalid property '{name}'.")).at(name)),
        };
        if !fits {
            return Err(Error::invalid_value("FeatureRolloutPolicy", name));
        }
        out.insert(name.clone(), value.clone());
    }
    Ok(out)
}

fn show(id: &str, policy: &Policy) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("id".to_owned(), json!(id));
    out.insert("description".to_owned(), Value::Null);
    out.insert("isAppliedToOrganization".to_owned(), json!(false));
    out.extend(policy.properties.clone());
    out
}

fn context(call: &Call<'_>) -> String {
    format!(
        "{}/$metadata#policies/featureRolloutPolicies/$entity",
        call.request.base
    )
}

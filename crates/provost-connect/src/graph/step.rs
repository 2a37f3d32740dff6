//! One request to Graph as a value, so that it can travel alone or in a batch.

use reqwest::Method;
use serde_json::{Value, json};

use super::odata;
use crate::{Kind, Record, Result};

use super::record::{create_body, unique_name, update_bodies};

/// A request, and what it is for.
#[derive(Clone)]
pub(crate) struct Step {
    pub method: Method,
    /// Path and query below `/v1.0`.
    pub path: String,
    pub body: Option<Value>,
    pub prefer: Option<&'static str>,
    /// What it costs of the write budget.
    pub writes: u32,
    /// What it does, for error messages.
    pub operation: &'static str,
    pub purpose: Purpose,
    /// What its answers are filed under: the object's id, or the key of one that is being made.
    pub about: String,
    /// Members that it adds at once; how many writes they are is the target's secret.
    pub bound: u32,
    /// The objects it needs; a 404 about a fresh one means "not yet".
    pub needs: Vec<(Kind, String)>,
}

/// How an answer to a step is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Makes a person.
    CreatePerson,
    /// Makes a group under its alternate key, or finds that it exists.
    UpsertGroup { unique_name: String },
    /// Reads the id of the group under an alternate key.
    GroupId,
    /// Changes an object.
    Change,
    /// Removes an object or a reference; absence is success.
    Remove,
    /// Adds one member; presence is success.
    AddMember,
    /// Adds several members, all or nothing.
    AddMembers,
    /// Changes licences; a refusal has words of ours.
    Licence,
    /// Reads; not part of a write.
    Look,
}

impl Step {
    pub(crate) fn new(method: Method, path: String, operation: &'static str, purpose: Purpose) -> Self {
        Self {
            method,
            path,
            body: None,
            prefer: None,
            writes: 1,
            operation,
            purpose,
            about: String::new(),
            bound: 0,
            needs: Vec::new(),
        }
    }

    /// A step that only reads. Its answer goes to [`super::wire::Wire::send`]'s caller.
    pub(crate) fn look(path: String, operation: &'static str, about: &str) -> Self {
        let mut step = Self::new(Method::GET, path, operation, Purpose::Look).about(about);
        step.writes = 0;
        step
    }

    pub(crate) fn about(mut self, about: &str) -> Self {
        about.clone_into(&mut self.about);
        self
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) fn needs(mut self, kind: Kind, id: &str) -> Self {
        if self.about.is_empty() {
            id.clone_into(&mut self.about);
        }
        self.needs.push((kind, id.to_owned()));
        self
    }

    /// Whether it ends the sessions of an account.
    pub(crate) fn ends_sessions(&self) -> bool {
        self.path.ends_with("/revokeSignInSessions")
    }

    /// The kind that this step creates, if it does and repeating it would not be harmless.
    pub(crate) fn creates(&self) -> Option<Kind> {
        (self.purpose == Purpose::CreatePerson).then_some(Kind::Person)
    }
}

/// The request that makes an object. A group is made under its alternate key, so a repeat finds
/// the first one; people have no such key.
pub(crate) fn create(kind: Kind, key: &str, record: &Record) -> Result<Step> {
    let body = create_body(kind, key, record)?;
    Ok(match kind {
        Kind::Person => Step::new(
            Method::POST,
            odata::collection(kind).to_owned(),
            "creating the account",
            Purpose::CreatePerson,
        )
        .body(body)
        .about(key),
        Kind::Group => {
            let unique_name = unique_name(key);
            let path = odata::group_by_unique_name(&unique_name);
            let purpose = Purpose::UpsertGroup { unique_name };
            let mut step = Step::new(Method::PATCH, path, "creating the group", purpose)
                .body(body)
                .about(key);
            step.prefer = Some("create-if-missing");
            step
        }
    })
}

/// Reads the id of a group by its alternate key.
pub(crate) fn group_id(unique_name: &str, about: &str) -> Step {
    let path = format!("{}?$select=id", odata::group_by_unique_name(unique_name));
    let mut step = Step::new(Method::GET, path, "reading the new group", Purpose::GroupId)
        .about(about)
        .needs(Kind::Group, unique_name);
    step.writes = 0;
    step
}

/// The requests of an update, one after the other.
pub(crate) fn update(kind: Kind, id: &str, changes: &Record) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = update_bodies(changes)
        .into_iter()
        .map(|body| patch(kind, id, body))
        .collect();
    if kind == Kind::Person {
        if changes.get("accountEnabled") == Some(&Value::Bool(false)) {
            steps.push(revoke_sessions(id));
        }
        match changes.get("manager") {
            Some(Value::String(manager)) => steps.push(set_manager(id, Some(manager))?),
            Some(Value::Null) => steps.push(set_manager(id, None)?),
            _ => {}
        }
    }
    Ok(steps)
}

fn patch(kind: Kind, id: &str, body: Value) -> Step {
    let operation = match kind {
        Kind::Person => "changing the account",
        Kind::Group => "changing the group",
    };
    Step::new(Method::PATCH, odata::object(kind, id), operation, Purpose::Change)
        .body(body)
        .needs(kind, id)
}

/// Ends the sessions of a disabled account; access tokens that are out live until they expire.
pub(crate) fn revoke_sessions(id: &str) -> Step {
    let path = format!("{}/revokeSignInSessions", odata::object(Kind::Person, id));
    Step::new(
        Method::POST,
        path,
        "ending the account's sessions",
        Purpose::Change,
    )
    .needs(Kind::Person, id)
}

/// Disables or enables a person.
pub(crate) fn set_enabled(id: &str, enabled: bool) -> Result<Vec<Step>> {
    let changes = Record::from([("accountEnabled".to_owned(), Value::Bool(enabled))]);
    update(Kind::Person, id, &changes)
}

/// Deletes an object.
pub(crate) fn delete(kind: Kind, id: &str) -> Result<Step> {
    let operation = match kind {
        Kind::Person => "deleting the account",
        Kind::Group => "deleting the group",
    };
    let path = odata::deletable(kind, id)?;
    Ok(Step::new(Method::DELETE, path, operation, Purpose::Remove).needs(kind, id))
}

/// Sets or removes a person's manager. `{graph}` stands for the Graph root until it is sent.
pub(crate) fn set_manager(id: &str, manager: Option<&str>) -> Result<Step> {
    let path = odata::manager(id)?;
    Ok(match manager {
        Some(manager) => Step::new(Method::PUT, path, "setting the manager", Purpose::Change)
            .body(json!({"@odata.id": reference("/users", manager)}))
            .needs(Kind::Person, id)
            .needs(Kind::Person, manager),
        None => {
            Step::new(Method::DELETE, path, "removing the manager", Purpose::Remove).needs(Kind::Person, id)
        }
    })
}

/// Adds one member.
pub(crate) fn add_member(group: &str, kind: Kind, member: &str) -> Step {
    let path = format!("{}/$ref", odata::members(group));
    Step::new(Method::POST, path, "adding the member", Purpose::AddMember)
        .body(json!({"@odata.id": reference("/directoryObjects", member)}))
        .about(group)
        .needs(kind, member)
        .needs(Kind::Group, group)
}

/// Adds up to 20 members, all or nothing.
pub(crate) fn add_members(group: &str, members: &[(Kind, &str)]) -> Step {
    let bound: Vec<String> = members
        .iter()
        .map(|(_, id)| reference("/directoryObjects", id))
        .collect();
    let path = odata::object(Kind::Group, group);
    let mut step = Step::new(Method::PATCH, path, "adding members", Purpose::AddMembers)
        .body(json!({"members@odata.bind": bound}))
        .needs(Kind::Group, group);
    for (kind, id) in members {
        step = step.needs(*kind, id);
    }
    step.bound = u32::try_from(members.len()).unwrap_or(1);
    step
}

/// Removes one member (the membership, never the member).
pub(crate) fn remove_member(group: &str, kind: Kind, member: &str) -> Result<Step> {
    let path = odata::membership(group, member)?;
    let step = Step::new(Method::DELETE, path, "removing the member", Purpose::Remove);
    Ok(step.about(group).needs(kind, member).needs(Kind::Group, group))
}

/// Makes an account an owner of a group, or ends that (the ownership, never the owner).
pub(crate) fn set_owner(group: &str, id: &str, owns: bool) -> Result<Step> {
    let step = if owns {
        let path = format!("{}/$ref", odata::owners(group));
        Step::new(Method::POST, path, "adding the owner", Purpose::AddMember)
            .body(json!({"@odata.id": reference("/users", id)}))
    } else {
        let path = odata::ownership(group, id)?;
        Step::new(Method::DELETE, path, "removing the owner", Purpose::Remove)
    };
    Ok(step
        .about(group)
        .needs(Kind::Person, id)
        .needs(Kind::Group, group))
}

/// Placeholder for the Graph root in references inside bodies.
pub(crate) const ROOT: &str = "{graph}";

fn reference(collection: &str, id: &str) -> String {
    format!("{ROOT}{collection}/{}", odata::encode(id))
}

/// The body with references made absolute.
pub(crate) fn with_root(body: &Value, root: &str) -> Value {
    let absolute = |value: &Value| match value.as_str().and_then(|text| text.strip_prefix(ROOT)) {
        Some(rest) => Value::String(format!("{root}{rest}")),
        None => value.clone(),
    };
    let mut body = body.clone();
    if let Some(single) = body.get_mut("@odata.id") {
        *single = absolute(single);
    }
    if let Some(Value::Array(list)) = body.get_mut("members@odata.bind") {
        for item in list {
            *item = absolute(item);
        }
    }
    body
}

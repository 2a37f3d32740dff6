//! The directory's audit log: what every write leaves behind (Graph documentation, "directoryAudit resource type").

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::consequence::Actor;
use crate::directory::record::{Audit, Domain, Policy, Target};
use crate::directory::{Change, Directory, Kind, License, Object, Serial};

const USERS: &str = "UserManagement";
const GROUPS: &str = "GroupManagement";
const DIRECTORY: &str = "DirectoryManagement";
const POLICIES: &str = "Policy";

/// The entries that changes leave, seen before they are made.
pub(crate) fn entries(directory: &Directory, actor: &Actor, changes: &[Change], now: i64) -> Vec<Change> {
    let made = Made(changes);
    let correlation = actor
        .correlation
        .clone()
        .unwrap_or_else(|| Uuid::new_v4().to_string());
    let entry = |(activity, category, targets): Told| {
        Change::Audit(Box::new(Audit {
            id: Uuid::new_v4().to_string(),
            at: now,
            activity: activity.to_owned(),
            category: category.to_owned(),
            correlation: correlation.clone(),
            application: (actor.application.clone(), actor.name.clone()),
            targets,
        }))
    };
    let told = changes.iter().filter_map(|change| tell(directory, &made, change));
    told.map(entry).collect()
}

/// Activity, category and targets.
type Told = (&'static str, &'static str, Vec<Target>);

/// Objects that come into being by the same request, and are not in the directory yet.
struct Made<'a>(&'a [Change]);

impl Made<'_> {
    fn target(&self, directory: &Directory, wanted: Serial) -> Option<(Kind, Target)> {
        if let Some(object) = directory.object(wanted) {
            return Some((object.kind, of_object(object)));
        }
        self.0.iter().find_map(|change| match change {
            Change::Create {
                serial,
                id,
                kind,
                properties,
                ..
            } if *serial == wanted => Some((*kind, target(id, *kind, properties))),
            _ => None,
        })
    }
}

fn tell(directory: &Directory, made: &Made<'_>, change: &Change) -> Option<Told> {
    match change {
        Change::Member { group, member, add } => {
            let activity = either(*add, "Add member to group", "Remove member from group");
            relation(directory, made, activity, *member, *group)
        }
        Change::Owner { group, owner, add } => {
            let activity = either(*add, "Add owner to group", "Remove owner from group");
            relation(directory, made, activity, *owner, *group)
        }
        Change::Manager { user, manager } => {
            let activity = either(manager.is_some(), "Set user manager", "Remove user manager");
            let (_, target) = made.target(directory, *user)?;
            let manager = manager.and_then(|manager| made.target(directory, manager));
            let targets = std::iter::once(target).chain(manager.map(|(_, target)| target));
            Some((activity, USERS, targets.collect()))
        }
        Change::Licenses { user, licenses } => {
            let target = licensed(directory, *user, licenses)?;
            Some(("Change user license", USERS, vec![target]))
        }
        Change::GroupLicenses { group, licenses } => {
            let target = licensed(directory, *group, licenses)?;
            Some(("Set group license", GROUPS, vec![target]))
        }
        Change::Domain { name, domain } => {
            let before = directory.records().domain(name);
            let target = plain(name, "Domain", Some(name.clone()));
            Some((domain_activity(before, domain.as_ref()), DIRECTORY, vec![target]))
        }
        Change::Policy { id, policy } => Some(policy_told(directory, id, policy.as_ref())),
        _ => tell_object(directory, made, change),
    }
}

/// Changes to a user or group itself. Others leave no entry.
fn tell_object(directory: &Directory, made: &Made<'_>, change: &Change) -> Option<Told> {
    let by_kind = |serial: &Serial, user: &'static str, group: &'static str| {
        let (kind, target) = made.target(directory, *serial)?;
        Some(match kind {
            Kind::User => (user, USERS, vec![target]),
            Kind::Group => (group, GROUPS, vec![target]),
        })
    };
    match change {
        Change::Create { serial, .. } => by_kind(serial, "Add user", "Add group"),
        Change::Delete { serial, .. } => by_kind(serial, "Delete user", "Delete group"),
        Change::Restore { serial } => by_kind(serial, "Restore user", "Restore group"),
        Change::Purge { serial } => by_kind(serial, "Hard Delete user", "Hard Delete group"),
        Change::Roles { user, .. } => by_kind(user, "Add member to role", "Add member to role"),
        Change::Update { serial, properties } => {
            let object = directory.object(*serial)?;
            let mut told = by_kind(serial, update_of(properties), "Update group")?;
            if let Some(target) = told.2.first_mut() {
                target.modified = modified(object, properties);
            }
            Some(told)
        }
        _ => None,
    }
}

fn either(first: bool, one: &'static str, other: &'static str) -> &'static str {
    if first { one } else { other }
}

fn update_of(properties: &Map<String, Value>) -> &'static str {
    if properties.contains_key("passwordProfile") {
        "Reset user password"
    } else if properties.contains_key("signInSessionsValidFromDateTime") {
        "Update StsRefreshTokenValidFrom Timestamp"
    } else {
        match properties.get("accountEnabled").and_then(Value::as_bool) {
            Some(true) => "Enable account",
            Some(false) => "Disable account",
            None => "Update user",
        }
    }
}

fn relation(
    directory: &Directory,
    made: &Made<'_>,
    activity: &'static str,
    member: Serial,
    group: Serial,
) -> Option<Told> {
    let (_, member) = made.target(directory, member)?;
    let (_, group) = made.target(directory, group)?;
    Some((activity, GROUPS, vec![member, group]))
}

fn licensed(directory: &Directory, serial: Serial, licenses: &[License]) -> Option<Target> {
    let object = directory.object(serial)?;
    let text = |licenses: &[License]| {
        let ids: Vec<&str> = licenses.iter().map(|license| license.sku_id.as_str()).collect();
        Some(json!(ids).to_string())
    };
    let change = (
        "AssignedLicense".to_owned(),
        text(&object.licenses),
        text(licenses),
    );
    Some(Target {
        modified: vec![change],
        ..of_object(object)
    })
}

fn domain_activity(before: Option<&Domain>, after: Option<&Domain>) -> &'static str {
    match (before, after) {
        (_, None) => "Remove domain",
        (None, Some(_)) => "Add unverified domain",
        (Some(before), Some(after)) if before.verified != after.verified => "Verify domain",
        (Some(before), Some(after)) if before.federated != after.federated => "Set domain authentication",
        (Some(before), Some(after)) if before.federation != after.federation => {
            "Set federation settings on domain"
        }
        (Some(before), Some(after)) if before.root != after.root => "Promote sub-domain to root domain",
        _ => "Update domain",
    }
}

fn policy_told(directory: &Directory, id: &str, policy: Option<&Policy>) -> Told {
    let before = directory.records().policies.get(id);
    let name = policy
        .or(before)
        .and_then(|policy| policy.properties.get("displayName"));
    let name = name.and_then(Value::as_str).map(str::to_owned);
    let activity = match (before, policy) {
        (None, _) => "Add feature rollout policy",
        (_, None) => "Delete feature rollout policy",
        (Some(before), Some(after)) if before.applies_to.len() < after.applies_to.len() => {
            "Add group to feature rollout"
        }
        (Some(before), Some(after)) if before.applies_to.len() > after.applies_to.len() => {
            "Remove group from feature rollout"
        }
        _ => "Update feature rollout policy",
    };
    (activity, POLICIES, vec![plain(id, "Policy", name)])
}

fn of_object(object: &Object) -> Target {
    target(&object.id, object.kind, &object.properties)
}

fn target(id: &str, kind: Kind, properties: &Map<String, Value>) -> Target {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).map(str::to_owned);
    let type_name = match kind {
        Kind::User => "User",
        Kind::Group => "Group",
    };
    Target {
        upn: text("userPrincipalName"),
        ..plain(id, type_name, text("displayName"))
    }
}

fn plain(id: &str, kind: &str, name: Option<String>) -> Target {
    Target {
        id: id.to_owned(),
        kind: kind.to_owned(),
        name,
        upn: None,
        modified: Vec::new(),
    }
}

/// Old and new values as JSON. Passwords are not among them: no object holds one.
fn modified(
    object: &Object,
    properties: &Map<String, Value>,
) -> Vec<(String, Option<String>, Option<String>)> {
    let entry = |(name, new): (&String, &Value)| {
        let old = object.properties.get(name).map(Value::to_string);
        (name.clone(), old, Some(new.to_string()))
    };
    properties.iter().map(entry).collect()
}

/// An entry as the log shows it.
pub(crate) fn show(audit: &Audit) -> Map<String, Value> {
    let (id, name) = &audit.application;
    let target = |target: &Target| {
        let modified = target
            .modified
            .iter()
            .map(|(name, old, new)| json!({"displayName": name, "oldValue": old, "newValue": new}));
        json!({
            "id": target.id,
            "displayName": target.name,
            "type": target.kind,
            "userPrincipalName": target.upn,
            "groupType": null,
            "modifiedProperties": modified.collect::<Vec<_>>(),
        })
    };
    let body = json!({
        "id": audit.id,
        "category": audit.category,
        "correlationId": audit.correlation,
        "result": "success",
        "resultReason": "",
        "activityDisplayName": audit.activity,
        "activityDateTime": crate::moment::text(audit.at),
        "loggedByService": "Core Directory",
        "operationType": audit.activity.split(' ').next().unwrap_or_default(),
        "initiatedBy": {
            "app": {"appId": id, "displayName": name, "servicePrincipalId": null, "servicePrincipalName": null},
            "user": null,
        },
        "targetResources": audit.targets.iter().map(target).collect::<Vec<_>>(),
        "additionalDetails": [],
    });
    body.as_object().cloned().unwrap_or_default()
}

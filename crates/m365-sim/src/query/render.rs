//! What an object looks like in an answer.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::option::Expand;
use crate::directory::{Directory, Kind, Object, Serial};
use crate::licensing;
use crate::moment;
use crate::schema;
use crate::settings::Settings;

/// More than this many objects of a relation are never expanded.
const MAX_EXPANDED: usize = 20;
/// A property that can be filtered by and is never told.
const FILTER_ONLY: &str = "hasMembersWithLicenseErrors";

/// Which properties an answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Those that the documentation marks as returned by default.
    Default,
    Names(Vec<String>),
}

impl Selection {
    /// For `@odata.context`.
    pub(crate) fn suffix(&self) -> String {
        match self {
            Selection::Default => String::new(),
            Selection::Names(names) => format!("({})", names.join(",")),
        }
    }
}

/// The directory as answers show it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub directory: &'a Directory,
    pub settings: &'a Settings,
    pub now: i64,
}

impl<'a> View<'a> {
    /// The value of a property; null or an empty list when there is none. Paths may name a part of a complex property.
    pub(crate) fn value(&self, object: &'a Object, path: &str) -> Cow<'a, Value> {
        if let Some((name, part)) = path.split_once('/') {
            let whole = self.value(object, name);
            return Cow::Owned(whole.get(part).cloned().unwrap_or(Value::Null));
        }
        if let Some(computed) = self.computed(object, path) {
            return Cow::Owned(computed);
        }
        if let Some(value) = object.properties.get(path) {
            return Cow::Borrowed(value);
        }
        let collection = schema::property(object.kind, path).is_some_and(schema::Property::is_collection);
        Cow::Owned(if collection { json!([]) } else { Value::Null })
    }

    /// Properties that follow from something else.
    fn computed(&self, object: &Object, name: &str) -> Option<Value> {
        let value = match (name, object.kind) {
            ("id", _) => json!(object.id),
            ("createdDateTime", _) => json!(moment::text(object.created)),
            ("deletedDateTime", _) => json!(object.deleted.map(moment::text)),
            ("assignedLicenses", Kind::User) => assigned_licenses(object),
            ("licenseAssignmentStates", Kind::User) => self.license_states(object),
            ("assignedPlans", Kind::User) => self.assigned_plans(object),
            ("identities", Kind::User) => self.identities(object),
            ("assignedLicenses", Kind::Group) => group_licenses(object),
            ("hasMembersWithLicenseErrors", Kind::Group) => json!(self.has_license_errors(object)),
            ("licenseProcessingState", Kind::Group) => self.processing(object),
            ("renewedDateTime", Kind::Group) => json!(moment::text(object.created)),
            _ => return None,
        };
        Some(value)
    }

    /// The object with the selected properties. `typed` adds `@odata.type`, for lists of mixed objects.
    pub(crate) fn object(
        &self,
        object: &'a Object,
        selection: &Selection,
        typed: bool,
    ) -> Map<String, Value> {
        let mut out = Map::new();
        if typed {
            out.insert("@odata.type".to_owned(), json!(object.kind.odata_type()));
        }
        match selection {
            Selection::Default => {
                for property in schema::properties(object.kind)
                    .iter()
                    .filter(|property| property.shown)
                {
                    out.insert(
                        property.name.to_owned(),
                        self.value(object, property.name).into_owned(),
                    );
                }
            }
            Selection::Names(names) => {
                for name in names {
                    if schema::property(object.kind, name).is_some() || object.properties.contains_key(name) {
                        let value = if name == FILTER_ONLY {
                            Value::Null
                        } else {
                            self.value(object, name).into_owned()
                        };
                        out.insert(name.clone(), value);
                    }
                }
                if typed {
                    out.insert("id".to_owned(), json!(object.id));
                }
            }
        }
        out
    }

    /// Adds expanded relations.
    pub(crate) fn expand(&self, object: &'a Object, expand: &[Expand], out: &mut Map<String, Value>) {
        for wanted in expand {
            let render = |object: &'a Object| Value::Object(self.object(object, &wanted.selection, true));
            if wanted.relation == "manager" {
                if let Some(manager) = object.manager.and_then(|serial| self.directory.live(serial)) {
                    out.insert("manager".to_owned(), render(manager));
                }
                continue;
            }
            let related = related(object, wanted.relation)
                .iter()
                .filter_map(|serial| self.directory.live(*serial));
            out.insert(
                wanted.relation.to_owned(),
                related.take(MAX_EXPANDED).map(render).collect(),
            );
        }
    }

    fn assigned_plans(&self, object: &Object) -> Value {
        let mut plans = Vec::new();
        for license in object.licenses.iter().filter(|license| license.error.is_none()) {
            let Some(sku) = self.settings.sku(&license.sku_id) else {
                continue;
            };
            for plan in sku
                .plans
                .iter()
                .filter(|plan| !license.disabled_plans.contains(&plan.id))
            {
                plans.push(json!({
                    "assignedDateTime": moment::text(license.at),
                    "capabilityStatus": "Enabled",
                    "service": plan.name,
                    "servicePlanId": plan.id,
                }));
            }
        }
        Value::Array(plans)
    }

    /// Every way in which a user has or should have a licence.
    fn license_states(&self, object: &Object) -> Value {
        let state = |license: &crate::directory::License| {
            let group = license.group.and_then(|serial| self.directory.id_of(serial));
            let error = license.error.map_or(json!("None"), |error| json!(error));
            json!({
                "skuId": license.sku_id,
                "disabledPlans": license.disabled_plans,
                "assignedByGroup": group.map(|(_, id)| id),
                "state": if license.error.is_none() { "Active" } else { "Error" },
                "error": error,
                "lastUpdatedDateTime": moment::text(license.at),
            })
        };
        object.licenses.iter().map(state).collect()
    }

    fn has_license_errors(&self, group: &Object) -> bool {
        let users = self.directory.inheritors(group.serial);
        users
            .filter_map(|serial| self.directory.live(serial))
            .any(|user| licensing::error_of(user, group.serial).is_some())
    }

    /// Queued for the first half of its time, in progress for the second.
    fn processing(&self, group: &Object) -> Value {
        match group.processing {
            None if group.licenses.is_empty() => Value::Null,
            None => json!({"state": "ProcessingComplete"}),
            Some(since) => {
                let half = i64::try_from(self.settings.license_processing_ms / 2).unwrap_or(i64::MAX);
                let queued = self.now < since.saturating_add(half);
                json!({"state": if queued { "QueuedForProcessing" } else { "ProcessingInProgress" }})
            }
        }
    }

    fn identities(&self, object: &Object) -> Value {
        let initial = self.directory.records().initial_domain();
        let issuer = initial.map(|domain| domain.name.as_str());
        json!([{
            "signInType": "userPrincipalName",
            "issuer": issuer,
            "issuerAssignedId": object.text("userPrincipalName"),
        }])
    }
}

fn related<'a>(object: &'a Object, relation: &str) -> &'a BTreeSet<Serial> {
    match relation {
        "members" => &object.members,
        "owners" => &object.owners,
        "directReports" => &object.reports,
        _ => &object.member_of,
    }
}

/// What a user really has: each product once, with the plans that are off by every way it comes.
fn assigned_licenses(object: &Object) -> Value {
    let given: Vec<_> = object
        .licenses
        .iter()
        .filter(|license| license.error.is_none())
        .collect();
    let mut out = Vec::new();
    for (index, first) in given.iter().enumerate() {
        let of_it = || {
            given
                .iter()
                .filter(|other| other.sku_id.eq_ignore_ascii_case(&first.sku_id))
        };
        let earlier = given.iter().take(index);
        if earlier
            .into_iter()
            .any(|other| other.sku_id.eq_ignore_ascii_case(&first.sku_id))
        {
            continue;
        }
        let off = |plan: &&String| of_it().all(|license| license.disabled_plans.contains(plan));
        let off: Vec<&String> = first.disabled_plans.iter().filter(off).collect();
        out.push(json!({"skuId": first.sku_id, "disabledPlans": off}));
    }
    Value::Array(out)
}

fn group_licenses(object: &Object) -> Value {
    let license = |license: &crate::directory::License| json!({"skuId": license.sku_id, "disabledPlans": license.disabled_plans});
    object.licenses.iter().map(license).collect()
}

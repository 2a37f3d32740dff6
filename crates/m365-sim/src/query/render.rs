//! What an object looks like in an answer.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::option::Expand;
use crate::directory::{Directory, Kind, Object, Serial};
use crate::moment;
use crate::schema;
use crate::settings::Settings;

/// More than this many objects of a relation are never expanded.
const MAX_EXPANDED: usize = 20;

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
            ("licenseAssignmentStates", Kind::User) => license_states(object),
            ("assignedPlans", Kind::User) => self.assigned_plans(object),
            ("identities", Kind::User) => self.identities(object),
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
                        out.insert(name.clone(), self.value(object, name).into_owned());
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
        for license in &object.licenses {
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

    fn identities(&self, object: &Object) -> Value {
        let issuer = self
            .settings
            .domains
            .iter()
            .find(|domain| domain.initial)
            .map(|domain| domain.name.as_str());
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

fn assigned_licenses(object: &Object) -> Value {
    let license = |license: &crate::directory::License| json!({"skuId": license.sku_id, "disabledPlans": license.disabled_plans});
    object.licenses.iter().map(license).collect()
}

fn license_states(object: &Object) -> Value {
    let state = |license: &crate::directory::License| {
        json!({
            "skuId": license.sku_id,
            "disabledPlans": license.disabled_plans,
            "assignedByGroup": null,
            "state": "Active",
            "error": "None",
            "lastUpdatedDateTime": moment::text(license.at),
        })
    };
    object.licenses.iter().map(state).collect()
}

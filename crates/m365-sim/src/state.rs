//! What the tenant holds, for people, scripts and assertions. Not part of Graph.

use serde_json::{Map, Value, json};

use crate::Inner;
use crate::directory::{Directory, Kind, Object};
use crate::query::render::View;
use crate::settings::Settings;

/// The live objects of a kind with all their values.
pub(crate) fn objects(directory: &Directory, settings: &Settings, kind: Kind) -> Vec<Value> {
    let view = View {
        directory,
        settings,
        now: (settings.clock)(),
    };
    directory
        .serials(kind)
        .iter()
        .filter_map(|serial| directory.live(*serial))
        .map(|object| whole(&view, object))
        .collect()
}

/// The ids of a group's live members.
pub(crate) fn members(directory: &Directory, group_id: &str) -> Vec<String> {
    let group = directory
        .by_id(group_id)
        .filter(|object| object.kind == Kind::Group);
    group
        .map(|group| ids(directory, group.members.iter()))
        .unwrap_or_default()
}

/// The body of `GET /_sim/state`.
pub(crate) fn snapshot(inner: &Inner) -> Value {
    let settings = inner.settings();
    let tenant = inner.tenant();
    let bin = tenant.directory.bin().iter();
    json!({
        "tenantId": settings.tenant_id,
        "users": objects(&tenant.directory, &settings, Kind::User),
        "groups": objects(&tenant.directory, &settings, Kind::Group),
        "deleted": bin.filter_map(|serial| tenant.directory.object(*serial)).map(|object| json!({
            "id": object.id,
            "kind": object.kind,
            "displayName": object.text("displayName"),
        })).collect::<Vec<_>>(),
        "counters": tenant.counters,
        "creations": tenant.directory.created_upns(),
    })
}

fn whole(view: &View<'_>, object: &Object) -> Value {
    let set = object.properties.iter().filter(|(_, value)| !value.is_null());
    let mut out: Map<String, Value> = set.map(|(name, value)| (name.clone(), value.clone())).collect();
    for name in ["id", "createdDateTime", "assignedLicenses"] {
        out.insert(name.to_owned(), view.value(object, name).into_owned());
    }
    match object.kind {
        Kind::User => {
            let manager = object.manager.and_then(|serial| view.directory.live(serial));
            out.insert("manager".to_owned(), json!(manager.map(|manager| &manager.id)));
        }
        Kind::Group => {
            out.insert(
                "members".to_owned(),
                json!(ids(view.directory, object.members.iter())),
            );
            out.insert(
                "owners".to_owned(),
                json!(ids(view.directory, object.owners.iter())),
            );
        }
    }
    Value::Object(out)
}

fn ids<'a>(directory: &Directory, serials: impl Iterator<Item = &'a u64>) -> Vec<String> {
    serials
        .filter_map(|serial| directory.live(*serial))
        .map(|object| object.id.clone())
        .collect()
}

//! Writing: create, replace, PATCH, delete.

use serde_json::{Map, Value, json};

use super::{Quirks, Reply, Store, error};

pub fn create(store: &mut Store, collection: &str, body: &Value) -> Reply {
    let quirks = store.quirks.clone();
    let name = if collection == "Users" {
        "userName"
    } else {
        "displayName"
    };
    let Some(wanted) = body[name].as_str().map(str::to_lowercase) else {
        return error(400, "invalidValue", &format!("{name} is required"));
    };
    let Some(objects) = store.collection(collection) else {
        return error(404, "", "no such endpoint");
    };
    let taken = |object: &Value| object[name].as_str().map(str::to_lowercase) == Some(wanted.clone());
    if objects.values().any(taken) {
        let status = quirks.taken_status.unwrap_or(409);
        return match quirks.taken_detail {
            Some(detail) => error(status, "", detail),
            None => error(status, "uniqueness", &format!("{name} is in use")),
        };
    }
    store.next += 1;
    let id = if quirks.odd_shape {
        store.next.to_string()
    } else {
        format!("r-{:05}", store.next)
    };
    if quirks.lag > 0 {
        store.missing.insert(id.clone(), quirks.lag);
    }
    let mut object = body.clone();
    if quirks.folds_names {
        object[name] = json!(wanted.trim());
    }
    object["id"] = json!(id);
    object.as_object_mut().unwrap().remove("password");
    if let Some(truth) = truth(&object["active"]).filter(|_| !quirks.keeps_text) {
        object["active"] = truth;
    }
    object["meta"] = json!({"resourceType": collection.trim_end_matches('s')});
    if quirks.drops_external_id {
        object.as_object_mut().unwrap().remove("externalId");
    }
    store
        .collection(collection)
        .unwrap()
        .insert(id.clone(), object.clone());
    store.touch(&id);
    let location = format!("/scim/v2/{collection}/{id}");
    let headers = if quirks.no_location {
        Vec::new()
    } else {
        vec![("location", location)]
    };
    let status = quirks.create_status.unwrap_or(201);
    (status, (!quirks.empty_create).then_some(object), headers)
}

pub fn replace(store: &mut Store, collection: &str, id: &str, body: &Value, version: Option<&str>) -> Reply {
    let current = format!("W/\"{}\"", store.versions.get(id).copied().unwrap_or_default());
    if store.quirks.wants_version && version != Some(current.as_str()) {
        return error(412, "", "the version is not current");
    }
    if store.quirks.restless_versions && version.is_some() {
        return error(412, "", "the version is not current");
    }
    if let Some(reply) = unknown_members(store, &body["members"]) {
        return reply;
    }
    let Some(object) = store
        .collection(collection)
        .and_then(|objects| objects.get_mut(id))
    else {
        return error(404, "", "no such resource");
    };
    let mut new = body.clone();
    new["id"] = json!(id);
    *object = new.clone();
    store.touch(id);
    (200, Some(new), Vec::new())
}

pub fn delete(store: &mut Store, collection: &str, id: &str) -> Reply {
    if store.quirks.soft_deletes && collection == "Users" {
        return match store.users.get_mut(id) {
            Some(person) => {
                person["active"] = json!(false);
                (204, None, Vec::new())
            }
            None => error(404, "", "no such resource"),
        };
    }
    let gone = store
        .collection(collection)
        .and_then(|objects| objects.remove(id));
    for group in store.groups.values_mut() {
        if let Some(members) = group["members"].as_array_mut() {
            members.retain(|member| member["value"] != id);
        }
    }
    match gone {
        Some(_) => (store.quirks.delete_status.unwrap_or(204), None, Vec::new()),
        None if store.quirks.delete_status.is_some() => error(410, "", "it is gone"),
        None => error(404, "", "no such resource"),
    }
}

pub fn patch(store: &mut Store, collection: &str, id: &str, body: &Value) -> Reply {
    if let Some(status) = store.quirks.patch_status {
        return error(status, "", "no PATCH here");
    }
    let Some(object) = store.collection(collection).and_then(|objects| objects.get(id)) else {
        return error(404, "", "no such resource");
    };
    let mut object = object.as_object().unwrap().clone();
    let operations = body["Operations"].as_array().cloned().unwrap_or_default();
    if let Some(reply) = limited(&store.quirks, &operations) {
        return reply;
    }
    for operation in &operations {
        let path = operation["path"].as_str().unwrap_or_default();
        let adds = !operation["op"]
            .as_str()
            .unwrap_or_default()
            .eq_ignore_ascii_case("remove");
        let new = if path == "members" && adds {
            &operation["value"]
        } else {
            &Value::Null
        };
        if let Some(reply) = unknown_members(store, new) {
            if store.quirks.wipes_on_unknown {
                object.remove("members");
                store
                    .collection(collection)
                    .unwrap()
                    .insert(id.to_owned(), Value::Object(object));
                return (204, None, Vec::new());
            }
            return reply;
        }
        if store.quirks.ignores_active && path == "active" {
            continue;
        }
        if store.quirks.refuses_missing && !adds && !path.contains(['[', '.']) && !object.contains_key(path) {
            return error(400, "noTarget", "there is nothing to remove");
        }
        if store.quirks.refuses_value_paths && path.contains('[') && !path.starts_with("members") {
            return error(400, "invalidPath", "no filters in paths");
        }
        if let Err(reply) = apply(&mut object, operation, &store.quirks) {
            return reply;
        }
    }
    store
        .collection(collection)
        .unwrap()
        .insert(id.to_owned(), Value::Object(object));
    store.touch(id);
    (204, None, Vec::new())
}

/// The refusal of a PATCH that asks for too much, or in a form that is not taken.
fn limited(quirks: &Quirks, operations: &[Value]) -> Option<Reply> {
    let path = |operation: &Value| operation["path"].as_str().unwrap_or_default().to_owned();
    let size = |operation: &Value| operation["value"].as_array().map_or(1, Vec::len);
    let about_members = operations
        .iter()
        .filter(|operation| path(operation).starts_with("members"));
    let members: usize = about_members.map(size).sum();
    let most = if quirks.aws {
        Some(100)
    } else {
        quirks.most_members
    };
    if most.is_some_and(|most| members > most) {
        return Some(error(413, "", "too many"));
    }
    for operation in operations {
        let (path, op) = (path(operation), operation["op"].as_str().unwrap_or_default());
        let whole = path == "members" && op != "add";
        let list = !path.starts_with("members") && size(operation) > 1;
        if quirks.aws
            && (path.is_empty() || whole || list || path.contains('[') && !path.starts_with("members"))
        {
            return Some(error(400, "invalidPath", "not supported"));
        }
        let lists = ["emails", "phoneNumbers", "addresses"];
        if quirks.entra && lists.contains(&path.as_str()) {
            return Some(error(400, "invalidPath", "name the element by its type"));
        }
    }
    None
}

fn unknown_members(store: &Store, members: &Value) -> Option<Reply> {
    let known = |id: &str| store.users.contains_key(id) || store.groups.contains_key(id);
    let unknown = members
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|member| member["value"].as_str())
        .find(|id| !known(id))?;
    let detail = if store.quirks.names_unknown {
        format!("member {unknown} does not exist")
    } else {
        "there is a member that does not exist".to_owned()
    };
    Some(error(400, "invalidValue", &detail))
}

/// A boolean that came as text.
fn truth(value: &Value) -> Option<Value> {
    match value.as_str()? {
        "True" | "true" => Some(json!(true)),
        "False" | "false" => Some(json!(false)),
        _ => None,
    }
}

fn apply(object: &mut Map<String, Value>, operation: &Value, quirks: &Quirks) -> Result<(), Reply> {
    const URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let op = operation["op"].as_str().unwrap_or_default().to_lowercase();
    let path = operation["path"].as_str().unwrap_or_default();
    if let (None, Some(value)) = (operation.get("path"), operation["value"].as_object()) {
        const SILENT: [&str; 4] = ["id", "meta", "schemas", "password"];
        return value
            .iter()
            .filter(|(name, _)| !SILENT.contains(&name.as_str()))
            .try_for_each(|(path, value)| {
                let operation = json!({"op": op, "path": path, "value": value});
                apply(object, &operation, quirks)
            });
    }
    let value = truth(&operation["value"])
        .filter(|_| !quirks.keeps_text)
        .unwrap_or_else(|| operation["value"].clone());
    if quirks.wipes_members && op == "remove" && path == "members" {
        object.remove("members");
        return Ok(());
    }
    if let Some(name) = path.strip_prefix(&format!("{URN}:")) {
        let extension = object.entry(URN).or_insert_with(|| json!({}));
        let value = match (name, value) {
            ("manager", Value::String(id)) if id.is_empty() => Value::Null,
            ("manager", Value::String(id)) => json!({"value": id}),
            (_, value) => value,
        };
        return simple(extension.as_object_mut().unwrap(), &op, name, value);
    }
    if let Some((name, rest)) = path.split_once('[') {
        if quirks.add_needs_element && op == "add" && !object.contains_key(name) {
            return Err(error(400, "noTarget", "there is no such element to add to"));
        }
        return element(object, &op, name, rest, value);
    }
    match path.split_once('.') {
        Some((parent, sub)) => {
            let parent = object.entry(parent).or_insert_with(|| json!({}));
            simple(parent.as_object_mut().unwrap(), &op, sub, value)
        }
        None => simple(object, &op, path, value),
    }
}

fn simple(object: &mut Map<String, Value>, op: &str, name: &str, value: Value) -> Result<(), Reply> {
    match (op, value) {
        ("remove", Value::Array(gone)) => {
            let list = object
                .entry(name)
                .or_insert_with(|| json!([]))
                .as_array_mut()
                .unwrap();
            list.retain(|item| !gone.iter().any(|gone| gone["value"] == item["value"]));
        }
        ("remove", _) | ("add" | "replace", Value::Null) => {
            object.remove(name);
        }
        ("add", Value::Array(new)) => {
            let list = object
                .entry(name)
                .or_insert_with(|| json!([]))
                .as_array_mut()
                .unwrap();
            for item in new {
                if !list
                    .iter()
                    .any(|old| old["value"] == item["value"] && old["type"] == item["type"])
                {
                    list.push(item);
                }
            }
        }
        ("add" | "replace", value) => {
            object.insert(name.to_owned(), value);
        }
        _ => return Err(error(400, "invalidSyntax", "unknown op")),
    }
    Ok(())
}

/// `name[sub eq "x"]` and `name[sub eq "x"].other`.
fn element(
    object: &mut Map<String, Value>,
    op: &str,
    name: &str,
    rest: &str,
    value: Value,
) -> Result<(), Reply> {
    let (filter, tail) = rest
        .rsplit_once(']')
        .ok_or_else(|| error(400, "invalidPath", "no ]"))?;
    let (sub, wanted) = filter
        .split_once(" eq ")
        .ok_or_else(|| error(400, "invalidFilter", "no eq"))?;
    let wanted: Value =
        serde_json::from_str(wanted).map_err(|_| error(400, "invalidFilter", "no literal"))?;
    let list = object
        .entry(name)
        .or_insert_with(|| json!([]))
        .as_array_mut()
        .unwrap();
    let place = list.iter().position(|item| item[sub] == wanted);
    match (op, place, tail.strip_prefix('.')) {
        ("remove", None, _) => {}
        ("remove", Some(at), None) => {
            list.remove(at);
        }
        ("remove", Some(at), Some(tail)) => {
            list[at].as_object_mut().unwrap().remove(tail);
        }
        ("replace", None, _) => return Err(error(400, "noTarget", "nothing matches")),
        (_, None, Some(tail)) => list.push(json!({sub: wanted, tail: value})),
        (_, Some(at), Some(tail)) => list[at][tail] = value,
        (_, _, None) => return Err(error(400, "invalidPath", "not here")),
    }
    if list.is_empty() {
        object.remove(name);
    }
    Ok(())
}

//! Entra roles of users, as directory objects among their groups.

use serde_json::{Value, json};

use super::principal::fixed_id;
use crate::call::Call;
use crate::directory::Object;
use crate::message::{Content, Reply};

/// The first page of a user's groups, with the user's roles before them. `$filter` is about groups and leaves them out.
pub(super) fn before(call: &Call<'_>, user: &Object, mut page: Reply) -> Reply {
    let asked = |option: &str| call.request.option(option).is_some();
    if user.roles.is_empty() || asked("skiptoken") || asked("filter") || asked("search") {
        return page;
    }
    if let Content::Json(body) = &mut page.content
        && let Some(list) = body.get_mut("value").and_then(Value::as_array_mut)
    {
        list.splice(0..0, user.roles.iter().map(|role| describe(call, role)));
    }
    page
}

/// A role as a directory object.
fn describe(call: &Call<'_>, role: &str) -> Value {
    let mut object = json!({
        "@odata.type": "#microsoft.graph.directoryRole",
        "id": fixed_id(&[&call.settings.tenant_id, "directoryRole", role]),
        "deletedDateTime": null,
        "displayName": role,
        "description": format!("The Entra role {role}."),
    });
    if let (Some(select), Some(fields)) = (call.request.option("select"), object.as_object_mut()) {
        let names: Vec<&str> = select.split(',').map(str::trim).collect();
        fields.retain(|name, _| name.starts_with('@') || name == "id" || names.contains(&name.as_str()));
    }
    object
}

//! Relations as bare addresses.

use serde_json::{Value, json};

use super::member;
use crate::call::Call;
use crate::error::Result;
use crate::message::{Content, Reply};

pub(super) fn members(call: &mut Call<'_>) -> Result<Reply> {
    Ok(addresses(&call.request.base, member::list(call)?))
}

pub(super) fn owners(call: &mut Call<'_>) -> Result<Reply> {
    Ok(addresses(&call.request.base, member::list_owners(call)?))
}

/// A list of objects as the list of their addresses, which is how the published contract describes it.
pub(super) fn addresses(base: &str, mut reply: Reply) -> Reply {
    if let Content::Json(body) = &mut reply.content {
        let objects = body.get("value").and_then(Value::as_array).cloned();
        let address = |object: &Value| {
            let id = object.get("id").and_then(Value::as_str).unwrap_or_default();
            json!(format!("{base}/directoryObjects/{id}"))
        };
        let objects = objects.unwrap_or_default();
        body["value"] = objects.iter().map(address).collect();
        body["@odata.context"] = json!(format!("{base}/$metadata#Collection($ref)"));
    }
    reply
}

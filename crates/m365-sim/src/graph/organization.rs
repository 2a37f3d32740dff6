//! The tenant itself.

use serde_json::{Map, Value, json};

use super::entity;
use crate::call::Call;
use crate::error::{Error, Result};
use crate::message::Reply;

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let context = format!("{}/$metadata#organization", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": [selected(call, organization(call))]}),
    ))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let id = call.key(0);
    if !id.eq_ignore_ascii_case(&call.settings.tenant_id) {
        return Err(Error::not_found(id));
    }
    Ok(entity(
        200,
        format!("{}/$metadata#organization/$entity", call.request.base),
        selected(call, organization(call)),
    ))
}

fn organization(call: &Call<'_>) -> Map<String, Value> {
    let records = call.directory().records();
    let verified = records.domains.iter().filter(|domain| domain.verified);
    let domains: Vec<Value> = verified
        .map(|domain| {
            json!({
                "name": domain.name,
                "isDefault": domain.default,
                "isInitial": domain.initial,
                "type": if records.is_federated(domain) { "Federated" } else { "Managed" },
                "capabilities": "Email, OfficeCommunicationsOnline",
            })
        })
        .collect();
    let body = json!({
        "id": call.settings.tenant_id,
        "displayName": call.settings.display_name,
        "verifiedDomains": domains,
        "tenantType": "AAD",
        "countryLetterCode": call.settings.country,
        "onPremisesSyncEnabled": null,
        "deletedDateTime": null,
        "businessPhones": [],
        "technicalNotificationMails": [],
        "assignedPlans": [],
        "provisionedPlans": [],
    });
    body.as_object().cloned().unwrap_or_default()
}

/// Applies `$select`.
pub(super) fn selected(call: &Call<'_>, mut body: Map<String, Value>) -> Map<String, Value> {
    if let Some(select) = call.request.option("select") {
        let names: Vec<&str> = select.split(',').map(str::trim).collect();
        body.retain(|name, _| names.contains(&name.as_str()));
    }
    body
}

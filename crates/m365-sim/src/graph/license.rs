//! Products, seats, and who has a licence.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::entity;
use crate::call::Call;
use crate::directory::Serial;
use crate::error::{Error, Result};
use crate::licensing;
use crate::message::Reply;
use crate::query::{self, List};
use crate::settings::Sku;

pub(super) fn skus(call: &mut Call<'_>) -> Result<Reply> {
    let value: Vec<Value> = call.settings.skus.iter().map(|sku| describe(call, sku)).collect();
    let context = format!("{}/$metadata#subscribedSkus", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": value}),
    ))
}

pub(super) fn sku(call: &mut Call<'_>) -> Result<Reply> {
    let id = call.key(0);
    let sku = call
        .settings
        .skus
        .iter()
        .find(|sku| sku_key(call, sku).eq_ignore_ascii_case(id));
    let body = describe(call, sku.ok_or_else(|| Error::not_found(id))?);
    let context = format!("{}/$metadata#subscribedSkus/$entity", call.request.base);
    Ok(entity(
        200,
        context,
        body.as_object().cloned().unwrap_or_default(),
    ))
}

/// A subscribed product's key is made of the tenant's id and the product's.
fn sku_key(call: &Call<'_>, sku: &Sku) -> String {
    format!("{}_{}", call.settings.tenant_id, sku.sku_id)
}

fn describe(call: &Call<'_>, sku: &Sku) -> Value {
    let applies_to = if sku.for_users { "User" } else { "Company" };
    json!({
        "id": sku_key(call, sku),
        "accountName": call.settings.display_name,
        "accountId": call.settings.tenant_id,
        "skuId": sku.sku_id,
        "skuPartNumber": sku.part_number,
        "appliesTo": applies_to,
        "capabilityStatus": sku.capability(),
        "consumedUnits": call.directory().seats_taken(&sku.sku_id),
        "prepaidUnits": {"enabled": sku.seats, "suspended": sku.suspended, "warning": sku.warning, "lockedOut": 0},
        "servicePlans": plans(sku, applies_to, |_| "Success"),
        "subscriptionIds": [],
    })
}

fn plans(sku: &Sku, applies_to: &str, status: impl Fn(&str) -> &'static str) -> Vec<Value> {
    let plan = |plan: &crate::settings::Plan| {
        json!({
            "servicePlanId": plan.id,
            "servicePlanName": plan.name,
            "provisioningStatus": status(&plan.id),
            "appliesTo": applies_to,
        })
    };
    sku.plans.iter().map(plan).collect()
}

pub(super) fn details(call: &mut Call<'_>) -> Result<Reply> {
    let user = call.user()?;
    let assigned = call
        .view()
        .value(user, "assignedLicenses")
        .as_array()
        .cloned()
        .unwrap_or_default();
    let detail = |license: &Value| {
        let sku = call.settings.sku(license.get("skuId")?.as_str()?)?;
        let off = license.get("disabledPlans").and_then(Value::as_array);
        let status = |plan: &str| {
            if off.is_some_and(|off| off.iter().any(|id| id == plan)) {
                "Disabled"
            } else {
                "Success"
            }
        };
        Some(json!({
            "id": format!("{}{}", user.id.replace('-', ""), sku.sku_id.replace('-', "")),
            "skuId": sku.sku_id,
            "skuPartNumber": sku.part_number,
            "servicePlans": plans(sku, "User", status),
        }))
    };
    let value: Vec<Value> = assigned.iter().filter_map(detail).collect();
    let context = format!(
        "{}/$metadata#users('{}')/licenseDetails",
        call.request.base, user.id
    );
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": value}),
    ))
}

/// Members of a group that do not get all of its licences.
pub(super) fn members_with_errors(call: &mut Call<'_>) -> Result<Reply> {
    let group = call.group()?;
    let failed = |serial: &Serial| {
        let user = call.directory().live(*serial);
        user.is_some_and(|user| licensing::error_of(user, group.serial).is_some())
    };
    let set: BTreeSet<Serial> = call.directory().inheritors(group.serial).filter(failed).collect();
    query::list(
        call,
        &List {
            set: &set,
            kind: None,
            binned: false,
            context: "directoryObjects",
        },
    )
}

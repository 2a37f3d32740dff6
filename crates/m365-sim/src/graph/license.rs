//! Products, seats, and who has a licence.

use serde_json::{Map, Value, json};

use super::entity;
use crate::call::Call;
use crate::directory::{Change, License, Object};
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::Selection;
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
        "capabilityStatus": "Enabled",
        "consumedUnits": call.directory().seats_taken(&sku.sku_id),
        "prepaidUnits": {"enabled": sku.seats, "suspended": 0, "warning": 0, "lockedOut": 0},
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
    let detail = |license: &License| {
        let sku = call.settings.sku(&license.sku_id)?;
        let status = |plan: &str| {
            if license.disabled_plans.iter().any(|off| off == plan) {
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
    let value: Vec<Value> = user.licenses.iter().filter_map(detail).collect();
    let context = format!(
        "{}/$metadata#users('{}')/licenseDetails",
        call.request.base, user.id
    );
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": value}),
    ))
}

/// `POST /users/{id}/assignLicense`: both lists must be there; all of it happens or none.
pub(super) fn assign(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let list = |name: &str| {
        let wrong =
            || Error::bad_request(format!("The parameter '{name}' is missing or not a list.")).at(name);
        body.get(name).and_then(Value::as_array).ok_or_else(wrong)
    };
    let (add, remove) = (list("addLicenses")?, list("removeLicenses")?);
    let user = call.user()?;
    let serial = user.serial;
    let mut licenses = user.licenses.clone();
    for item in remove {
        take_away(&mut licenses, item)?;
    }
    for item in add {
        give(call, user, &mut licenses, item)?;
    }
    let mut changes = vec![Change::Licenses {
        user: serial,
        licenses: licenses.clone(),
    }];
    changes.extend(mailbox(call, user, &licenses));
    call.commit(changes)?;
    let user = call
        .directory()
        .object(serial)
        .ok_or_else(|| Error::not_found("user"))?;
    let body = call.view().object(user, &Selection::Default, false);
    Ok(entity(
        200,
        format!("{}/$metadata#users/$entity", call.request.base),
        body,
    ))
}

fn take_away(licenses: &mut Vec<License>, item: &Value) -> Result<()> {
    let id = item
        .as_str()
        .ok_or_else(|| Error::bad_request("'removeLicenses' must hold the ids of products."))?;
    let before = licenses.len();
    licenses.retain(|license| !license.sku_id.eq_ignore_ascii_case(id));
    if licenses.len() < before {
        Ok(())
    } else {
        Err(Error::bad_request("User does not have a corresponding license."))
    }
}

/// A product the user has already gets exactly the new list of disabled plans.
fn give(call: &Call<'_>, user: &Object, licenses: &mut Vec<License>, item: &Value) -> Result<()> {
    let id = item.get("skuId").and_then(Value::as_str).unwrap_or_default();
    let Some(sku) = call.settings.sku(id).filter(|sku| sku.for_users) else {
        return Err(Error::bad_request(format!(
            "License {id} does not correspond to a valid company License."
        )));
    };
    if user.text("usageLocation").is_none() {
        return Err(Error::bad_request(
            "License assignment cannot be done for user with invalid usage location.",
        ));
    }
    let off: Vec<String> = item
        .get("disabledPlans")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if let Some(unknown) = off
        .iter()
        .find(|plan| !sku.plans.iter().any(|known| known.id == **plan))
    {
        return Err(Error::bad_request(format!(
            "Plan {unknown} does not belong to license {id}."
        )));
    }
    let license = License {
        sku_id: sku.sku_id.clone(),
        disabled_plans: off,
        at: call.now,
    };
    if let Some(held) = licenses.iter_mut().find(|held| held.sku_id == sku.sku_id) {
        *held = license;
        return Ok(());
    }
    let keeps = user.licenses.iter().any(|held| held.sku_id == sku.sku_id);
    if !keeps && call.directory().seats_taken(&sku.sku_id) >= sku.seats {
        return Err(Error::bad_request(format!(
            "Subscription with SKU {} does not have any available licenses.",
            sku.sku_id
        )));
    }
    licenses.push(license);
    Ok(())
}

/// A user with a mailbox and no address gets one: the user principal name, if nobody else has it.
fn mailbox(call: &Call<'_>, user: &Object, licenses: &[License]) -> Option<Change> {
    let has_mailbox = licenses.iter().any(|license| {
        let on = |plan: &&crate::settings::Plan| !license.disabled_plans.contains(&plan.id);
        let sku = call.settings.sku(&license.sku_id);
        sku.is_some_and(|sku| {
            sku.plans
                .iter()
                .filter(on)
                .any(|plan| plan.name.starts_with("EXCHANGE"))
        })
    });
    let upn = user.text("userPrincipalName")?;
    let address = format!("SMTP:{upn}");
    if !has_mailbox || user.text("mail").is_some() || call.directory().by_address(&address).is_some() {
        return None;
    }
    let mut properties = Map::new();
    properties.insert("mail".to_owned(), json!(upn));
    properties.insert("proxyAddresses".to_owned(), json!([address]));
    Some(Change::Update {
        serial: user.serial,
        properties,
    })
}

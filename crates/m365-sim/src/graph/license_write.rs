//! Giving licences and taking them away: to one user at once, to a group's members in good time.

use serde_json::{Map, Value};

use super::entity;
use crate::call::Call;
use crate::directory::{Change, Kind, License, Object, Serial};
use crate::error::{Error, Result};
use crate::licensing::{self, Mailbox};
use crate::message::Reply;
use crate::query::Selection;
use crate::settings::Sku;

/// `POST /users/{id}/assignLicense`: both lists must be there; all of it happens or none.
pub(super) fn assign(call: &mut Call<'_>) -> Result<Reply> {
    let (add, remove) = lists(call.request.object()?)?;
    let user = call.user()?;
    let serial = user.serial;
    let mut licenses = user.licenses.clone();
    for item in remove {
        take_away(call, &mut licenses, item)?;
    }
    for item in add {
        give(call, user, &mut licenses, item)?;
    }
    check_together(call, user, &licenses)?;
    let mailbox = licensing::mailbox(call.directory(), call.settings, user, &licenses);
    let mut changes = vec![Change::Licenses {
        user: serial,
        licenses,
    }];
    if let Mailbox::New(change) = mailbox {
        changes.push(change);
    }
    call.commit(changes)?;
    user_reply(call, serial)
}

/// `POST /groups/{id}/assignLicense`: accepted at once, carried out later.
pub(super) fn assign_group(call: &mut Call<'_>) -> Result<Reply> {
    let (add, remove) = lists(call.request.object()?)?;
    let group = call.group()?;
    if !group.flag("securityEnabled") {
        return Err(Error::bad_request(
            "Licenses can be assigned to security-enabled groups only.",
        ));
    }
    let serial = group.serial;
    let mut licenses = group.licenses.clone();
    for item in remove {
        let id = product_id(item)?;
        let before = licenses.len();
        licenses.retain(|license| !license.sku_id.eq_ignore_ascii_case(id));
        if licenses.len() == before {
            return Err(Error::bad_request("Group does not have a corresponding license."));
        }
    }
    for item in add {
        let (sku, off) = wanted(call, item)?;
        put(call, &mut licenses, sku, off);
    }
    call.commit(vec![Change::GroupLicenses {
        group: serial,
        licenses,
    }])?;
    let group = call
        .directory()
        .object(serial)
        .ok_or_else(|| Error::not_found("group"))?;
    let body = call.view().object(group, &Selection::Default, false);
    let context = format!("{}/$metadata#groups/$entity", call.request.base);
    Ok(entity(202, context, body))
}

/// `POST /users/{id}/reprocessLicenseAssignment`: all of the user's groups are worked out again, now.
pub(super) fn reprocess(call: &mut Call<'_>) -> Result<Reply> {
    let serial = call.user()?.serial;
    let groups: Vec<Serial> = call.directory().serials(Kind::Group).iter().copied().collect();
    for group in groups {
        let Some(group) = call.directory().live(group) else {
            continue;
        };
        if !group.licenses.is_empty() {
            let changes =
                licensing::recompute(call.directory(), call.settings, group, Some(serial), call.now);
            call.commit(changes)?;
        }
    }
    user_reply(call, serial)
}

fn user_reply(call: &Call<'_>, serial: Serial) -> Result<Reply> {
    let user = call
        .directory()
        .object(serial)
        .ok_or_else(|| Error::not_found("user"))?;
    let body = call.view().object(user, &Selection::Default, false);
    let context = format!("{}/$metadata#users/$entity", call.request.base);
    Ok(entity(200, context, body))
}

fn lists(body: &Map<String, Value>) -> Result<(&[Value], &[Value])> {
    let list = |name: &str| {
        let wrong =
            || Error::bad_request(format!("The parameter '{name}' is missing or not a list.")).at(name);
        let found = body.get(name).and_then(Value::as_array);
        found.map(Vec::as_slice).ok_or_else(wrong)
    };
    Ok((list("addLicenses")?, list("removeLicenses")?))
}

fn product_id(item: &Value) -> Result<&str> {
    item.as_str()
        .ok_or_else(|| Error::bad_request("'removeLicenses' must hold the ids of products."))
}

/// Only what was given directly; what comes from a group goes with the group.
fn take_away(call: &Call<'_>, licenses: &mut Vec<License>, item: &Value) -> Result<()> {
    let id = product_id(item)?;
    let is_it = |license: &License| license.sku_id.eq_ignore_ascii_case(id);
    let before = licenses.len();
    licenses.retain(|license| license.group.is_some() || !is_it(license));
    if licenses.len() < before {
        return Ok(());
    }
    if !licenses.iter().any(is_it) {
        return Err(Error::bad_request("User does not have a corresponding license."));
    }
    if call.settings.unproved_directory.inherited_removal_ignored {
        return Ok(());
    }
    Err(Error::bad_request(
        "User license is inherited from a group membership and it cannot be removed directly from the user.",
    ))
}

/// The product and the plans to be off, by one entry of `addLicenses`.
fn wanted<'a>(call: &Call<'a>, item: &Value) -> Result<(&'a Sku, Vec<String>)> {
    let id = item.get("skuId").and_then(Value::as_str).unwrap_or_default();
    let settings = call.settings;
    let Some(sku) = settings.sku(id).filter(|sku| sku.for_users) else {
        return Err(Error::bad_request(format!(
            "License {id} does not correspond to a valid company License."
        )));
    };
    let off = item.get("disabledPlans").and_then(Value::as_array);
    let off: Vec<String> = off
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if let Some(unknown) = off.iter().find(|plan| sku.plan(plan).is_none()) {
        return Err(Error::bad_request(format!(
            "Plan {unknown} does not belong to license {id}."
        )));
    }
    Ok((sku, off))
}

fn give(call: &Call<'_>, user: &Object, licenses: &mut Vec<License>, item: &Value) -> Result<()> {
    let (sku, off) = wanted(call, item)?;
    let age = u64::try_from(call.now.saturating_sub(user.created)).unwrap_or(0);
    if user.text("usageLocation").is_none() || age < call.settings.location_lag_ms {
        return Err(Error::bad_request(
            "License assignment cannot be done for user with invalid usage location.",
        ));
    }
    let held = user.products().contains(&sku.sku_id.to_lowercase());
    if !held && licensing::free_seats(call.directory(), call.settings, sku) <= 0 {
        return Err(Error::bad_request(format!(
            "Subscription with SKU {} does not have any available licenses.",
            sku.sku_id
        )));
    }
    put(call, licenses, sku, off);
    Ok(())
}

/// A product that is there already gets exactly the new list of disabled plans, or by the switch more of them.
fn put(call: &Call<'_>, licenses: &mut Vec<License>, sku: &Sku, mut off: Vec<String>) {
    let direct =
        |license: &&mut License| license.group.is_none() && license.sku_id.eq_ignore_ascii_case(&sku.sku_id);
    let held = licenses.iter_mut().find(direct);
    if let Some(held) = &held
        && call.settings.unproved_directory.resend_adds_disabled_plans
    {
        let more = held.disabled_plans.iter().filter(|plan| !off.contains(plan));
        let more: Vec<String> = more.cloned().collect();
        off.extend(more);
    }
    let license = License {
        sku_id: sku.sku_id.clone(),
        disabled_plans: off,
        at: call.now,
        group: None,
        error: None,
    };
    match held {
        Some(held) => *held = license,
        None => licenses.push(license),
    }
}

/// What a user would have has to go together, wherever it comes from.
fn check_together(call: &Call<'_>, user: &Object, licenses: &[License]) -> Result<()> {
    let given: Vec<&License> = licenses
        .iter()
        .filter(|license| license.error.is_none())
        .collect();
    if let Some((one, other)) = licensing::clash(call.settings, given.iter().copied()) {
        return Err(Error::bad_request(format!(
            "License assignment failed because service plans {}, {} are mutually exclusive.",
            one.id, other.id
        )));
    }
    for license in &given {
        if let Some(plan) = licensing::lacking(call.settings, license, given.iter().copied()) {
            return Err(Error::bad_request(format!(
                "License assignment failed because service plan {} depends on the service plan(s) {}.",
                plan.id,
                plan.requires.join(", ")
            )));
        }
    }
    let country = user.text("usageLocation").unwrap_or_default();
    let is_new = |license: &&&License| !user.licenses.contains(license);
    let prohibited = |license: &&&License| licensing::is_prohibited(call.settings, license, country);
    match given.iter().filter(is_new).find(prohibited) {
        None => Ok(()),
        Some(license) => Err(Error::bad_request(format!(
            "License {} cannot be assigned because a service of it is prohibited in the usage location {country}.",
            license.sku_id
        ))),
    }
}

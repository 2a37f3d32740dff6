//! The rules of licences, for people and for groups alike: seats, plans that clash or need each other, countries,
//! mailboxes (Entra documentation, "Resolve group license assignment problems").

mod group;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::directory::{Change, Directory, Kind, License, LicenseError, Object, Serial};
use crate::settings::{Plan, Settings, Sku};

pub(crate) use group::{due, recompute, waiting};

/// Seats of a product that nobody has, at most those that were bought. Negative when more are taken than there are.
pub(crate) fn free_seats(directory: &Directory, settings: &Settings, sku: &Sku) -> i64 {
    let grace = if settings.unproved_directory.warning_seats_lost {
        0
    } else {
        sku.warning
    };
    i64::from(sku.seats) + i64::from(grace) - i64::from(directory.seats_taken(&sku.sku_id))
}

/// The plans that a licence switches on.
pub(crate) fn plans_on<'a>(settings: &'a Settings, license: &License) -> Vec<&'a Plan> {
    let Some(sku) = settings.sku(&license.sku_id) else {
        return Vec::new();
    };
    let is_off = |plan: &&Plan| {
        let mut off = license.disabled_plans.iter();
        off.any(|off| off.eq_ignore_ascii_case(&plan.id))
    };
    sku.plans.iter().filter(|plan| !is_off(plan)).collect()
}

/// Two plans of a set of licences that nobody can have together.
pub(crate) fn clash<'a>(
    settings: &'a Settings,
    licenses: impl IntoIterator<Item = &'a License>,
) -> Option<(&'a Plan, &'a Plan)> {
    let on: Vec<&Plan> = all_on(settings, licenses);
    on.iter().find_map(|plan| {
        let other = on.iter().find(|other| excludes(plan, other))?;
        Some((*plan, *other))
    })
}

/// Whether one of the licence's own plans clashes with a plan of the others.
fn clashes_with<'a>(
    settings: &'a Settings,
    license: &License,
    others: impl IntoIterator<Item = &'a License>,
) -> bool {
    let others = all_on(settings, others);
    let own = plans_on(settings, license);
    own.iter().any(|plan| {
        let mut others = others.iter();
        others.any(|other| excludes(plan, other) || excludes(other, plan))
    })
}

fn excludes(plan: &Plan, other: &Plan) -> bool {
    plan.excludes.iter().any(|id| id.eq_ignore_ascii_case(&other.id))
}

/// The first plan of `license` that needs another which none of `all` switches on.
pub(crate) fn lacking<'a>(
    settings: &'a Settings,
    license: &License,
    all: impl IntoIterator<Item = &'a License>,
) -> Option<&'a Plan> {
    let on = all_on(settings, all);
    let has = |id: &String| on.iter().any(|plan| plan.id.eq_ignore_ascii_case(id));
    let mut own = plans_on(settings, license).into_iter();
    own.find(|plan| !plan.requires.is_empty() && !plan.requires.iter().any(has))
}

fn all_on<'a>(settings: &'a Settings, licenses: impl IntoIterator<Item = &'a License>) -> Vec<&'a Plan> {
    let licenses = licenses.into_iter();
    licenses.flat_map(|license| plans_on(settings, license)).collect()
}

/// Whether the licence holds a service that may not be offered in the country.
pub(crate) fn is_prohibited(settings: &Settings, license: &License, country: &str) -> bool {
    let on = plans_on(settings, license);
    let mut countries = on.iter().flat_map(|plan| &plan.prohibited_in);
    countries.any(|code| code.eq_ignore_ascii_case(country))
}

/// What becomes of a user's mailbox.
pub(crate) enum Mailbox {
    /// It has none, or has its address already.
    AsItIs,
    /// It gets an address.
    New(Change),
    /// The address that it would get belongs to somebody else.
    Taken,
}

/// A user with a mailbox and no address gets one: the user principal name, if nobody else has it.
pub(crate) fn mailbox(
    directory: &Directory,
    settings: &Settings,
    user: &Object,
    licenses: &[License],
) -> Mailbox {
    let given = licenses.iter().filter(|license| license.error.is_none());
    let has_mailbox = all_on(settings, given)
        .iter()
        .any(|plan| plan.name.starts_with("EXCHANGE"));
    let Some(upn) = user.text("userPrincipalName") else {
        return Mailbox::AsItIs;
    };
    if !has_mailbox || user.text("mail").is_some() {
        return Mailbox::AsItIs;
    }
    let address = format!("SMTP:{upn}");
    if directory.by_address(&address).is_some() {
        return Mailbox::Taken;
    }
    let mut properties = Map::new();
    properties.insert("mail".to_owned(), json!(upn));
    properties.insert("proxyAddresses".to_owned(), Value::from(vec![address]));
    Mailbox::New(Change::Update {
        serial: user.serial,
        properties,
    })
}

/// The live users that a group's licences reach.
pub(crate) fn reached(directory: &Directory, settings: &Settings, group: &Object) -> BTreeSet<Serial> {
    let mut users = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![group.serial];
    while let Some(serial) = open.pop() {
        let Some(object) = directory.live(serial).filter(|_| seen.insert(serial)) else {
            continue;
        };
        match object.kind {
            Kind::User => {
                users.insert(serial);
            }
            Kind::Group if serial == group.serial || settings.unproved_directory.nested_members_inherit => {
                open.extend(&object.members);
            }
            Kind::Group => {}
        }
    }
    users
}

/// The first reason why a user has no licence of this group.
pub(crate) fn error_of(user: &Object, group: Serial) -> Option<LicenseError> {
    let own = user
        .licenses
        .iter()
        .filter(|license| license.group == Some(group));
    own.filter_map(|license| license.error).next()
}

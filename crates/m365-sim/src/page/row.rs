//! The rows of the page's tables.

use serde_json::{Value, json};

use crate::directory::record::Domain;
use crate::directory::{Directory, Object, Serial};
use crate::fault::InForce;
use crate::moment;
use crate::query::render::View;
use crate::settings::{Settings, Sku};

pub(super) struct Person {
    pub name: String,
    pub upn: String,
    pub enabled: bool,
    pub licences: String,
    pub groups: usize,
    pub roles: String,
}

pub(super) struct Group {
    pub name: String,
    pub kind: &'static str,
    pub members: usize,
    pub owners: usize,
    pub licences: String,
}

pub(super) struct Product {
    pub name: String,
    pub id: String,
    pub seats: u32,
    pub used: u32,
    pub free: u32,
}

pub(super) fn product(directory: &Directory, sku: &Sku) -> Product {
    let used = directory.seats_taken(&sku.sku_id);
    let seats = sku.seats + sku.warning;
    Product {
        name: sku.part_number.clone(),
        id: sku.sku_id.clone(),
        seats,
        used,
        free: seats.saturating_sub(used),
    }
}

pub(super) fn person(view: &View<'_>, object: &Object) -> Person {
    Person {
        name: object.text("displayName").unwrap_or_default().to_owned(),
        upn: object.text("userPrincipalName").unwrap_or_default().to_owned(),
        enabled: object.flag("accountEnabled"),
        licences: licences(view.settings, object),
        groups: live(view.directory, object.member_of.iter()),
        roles: object.roles.join(", "),
    }
}

pub(super) fn group(view: &View<'_>, object: &Object) -> Group {
    let kind = match (
        object.is_unified(),
        object.flag("mailEnabled"),
        object.flag("securityEnabled"),
    ) {
        (true, ..) => "Microsoft 365",
        (false, false, _) => "security",
        (false, true, true) => "mail-enabled security",
        (false, true, false) => "distribution",
    };
    Group {
        name: object.text("displayName").unwrap_or_default().to_owned(),
        kind,
        members: live(view.directory, object.members.iter()),
        owners: live(view.directory, object.owners.iter()),
        licences: licences(view.settings, object),
    }
}

fn live<'a>(directory: &Directory, serials: impl Iterator<Item = &'a Serial>) -> usize {
    serials
        .filter(|serial| directory.live(**serial).is_some())
        .count()
}

/// The names of the products, with the reason beside one that could not be given.
fn licences(settings: &Settings, object: &Object) -> String {
    let names: Vec<String> = object
        .licenses
        .iter()
        .map(|license| {
            let name = settings
                .sku(&license.sku_id)
                .map_or(license.sku_id.as_str(), |sku| &sku.part_number);
            match &license.error {
                Some(error) => format!("{name} (not given: {error:?})"),
                None => name.to_owned(),
            }
        })
        .collect();
    names.join(", ")
}

pub(super) fn binned(object: &Object) -> (String, &'static str, String, String) {
    (
        object.text("displayName").unwrap_or_default().to_owned(),
        object.kind.type_name(),
        object.id.clone(),
        object.deleted.map(moment::text).unwrap_or_default(),
    )
}

pub(super) fn domain(domain: &Domain) -> (String, &'static str, String) {
    let marks = [
        (domain.initial, "initial"),
        (domain.default, "default"),
        (domain.verified, "verified"),
        (!domain.verified, "not verified"),
    ];
    let words: Vec<&str> = marks
        .iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, word)| *word)
        .collect();
    let sign_in = if domain.federated { "federated" } else { "managed" };
    (domain.name.clone(), sign_in, words.join(", "))
}

pub(super) fn fault(fault: &InForce) -> (u64, String, String, String, u64) {
    let when = fault.rule.when;
    let mut words = Vec::new();
    if when.skip > 0 {
        words.push(format!("after {}", when.skip));
    }
    words.push(match when.every {
        1 => "each".to_owned(),
        every => format!("one in {every}"),
    });
    if when.percent < 100.0 {
        words.push(format!("{} %", when.percent));
    }
    if let Some(times) = when.times {
        words.push(format!("at most {times} times"));
    }
    let operation = match fault.rule.operation.as_str() {
        "" => "every request".to_owned(),
        operation => operation.to_owned(),
    };
    let effect = json!(fault.rule.effect).to_string();
    (fault.id, operation, words.join(", "), effect, fault.struck)
}

/// How much of the budget is used, for people.
pub(super) fn budget(budget: &Value, settings: &Settings) -> String {
    let Some(applications) = budget["usedByApplication"]
        .as_object()
        .filter(|all| !all.is_empty())
    else {
        return "nothing asked for yet".to_owned();
    };
    let share = |value: &Value| {
        value
            .as_f64()
            .map_or("no limit".to_owned(), |share| format!("{:.0} %", share * 100.0))
    };
    let lines = applications.iter().map(|(id, used)| {
        let known = settings
            .applications
            .iter()
            .find(|application| application.client_id == *id);
        let name = known.map_or(id.as_str(), |application| &application.display_name);
        format!(
            "{name}: writes {}, resource units {}",
            share(&used["writes"]),
            share(&used["units"])
        )
    });
    lines.collect::<Vec<_>>().join("; ")
}

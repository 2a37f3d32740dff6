//! Adding, verifying, changing and removing domains (Graph documentation, "domain resource type").

use serde_json::{Map, Value, json};

use super::domain::{context, describe, has_domain, named, users_of};
use super::entity;
use super::federation::check_switch;
use crate::call::Call;
use crate::directory::record::Domain;
use crate::directory::{Change, Object};
use crate::error::{Error, Result};
use crate::message::Reply;

/// More references than this are not renamed by `forceDelete`.
const MAX_RENAMED: usize = 1_000;
const MAX_LABEL: usize = 63;
const SERVICES: [&str; 8] = [
    "Email",
    "Sharepoint",
    "EmailInternalRelayOnly",
    "OfficeCommunicationsOnline",
    "SharePointDefaultDomain",
    "FullRedelegation",
    "SharePointPublic",
    "Intune",
];

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let name = body.get("id").and_then(Value::as_str).unwrap_or_default();
    let name = name.to_lowercase();
    if !is_name(&name) {
        return Err(Error::invalid_value("Domain", "id"));
    }
    if call.domain(&name).is_some() {
        return Err(Error::conflict("id", &format!("Domain_{name}")));
    }
    let mut domain = Domain::new(&name);
    let above = call.directory().records().domains.iter();
    domain.root = !above.into_iter().any(|other| domain.is_below(&other.name));
    for (property, value) in body {
        match (property.as_str(), value.as_str()) {
            ("id", _) => {}
            ("authenticationType", Some("Federated")) if !domain.root => domain.federated = true,
            ("authenticationType", Some("Managed")) => {}
            ("supportedServices", _) => domain.services = services(value)?,
            (name, _) if name.contains('@') => {}
            (name, _) => return Err(Error::invalid_value("Domain", name)),
        }
    }
    let body = put(call, domain)?;
    Ok(entity(201, context(call), body))
}

/// Labels of letters, digits and hyphens; not below Microsoft's own domains.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= MAX_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.contains('.') && name.split('.').all(label) && !name.ends_with(".onmicrosoft.com")
}

/// Looks for the record in the DNS. A domain below a verified one needs none, and signs in as that one does.
pub(super) fn verify(call: &mut Call<'_>) -> Result<Reply> {
    let mut domain = named(call)?.clone();
    if !domain.verified {
        let root = call.directory().records().root_of(&domain).clone();
        let inherits = !domain.root && root.verified;
        let unpublished = call.settings.unpublished_dns.iter();
        let mut unpublished = unpublished.filter(|name| name.eq_ignore_ascii_case(&domain.name));
        if !inherits && unpublished.next().is_some() {
            return Err(Error::bad_request(format!(
                "Domain verification failed: the DNS record of {} was not found.",
                domain.name
            )));
        }
        if inherits && root.federated && !domain.federated {
            return Err(Error::bad_request(
                "One or more property values specified are invalid.",
            ));
        }
        domain.verified = true;
        domain.federated &= inherits && root.federated;
        if domain.services.is_empty() {
            domain.services = vec!["Email".to_owned(), "OfficeCommunicationsOnline".to_owned()];
        }
    }
    let body = put(call, domain)?;
    Ok(entity(200, context(call), body))
}

fn put(call: &mut Call<'_>, domain: Domain) -> Result<Map<String, Value>> {
    let name = domain.name.clone();
    let body = {
        if call.domain(&name) != Some(&domain) {
            call.commit(vec![Change::Domain {
                name: name.clone(),
                domain: Some(domain),
            }])?;
        }
        call.domain(&name)
            .map(|domain| describe(call.directory(), domain))
    };
    body.ok_or_else(|| Error::not_found(&name))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let before = named(call)?;
    let mut domain = before.clone();
    for (property, value) in body {
        let wrong = || Error::invalid_value("Domain", property);
        match property.as_str() {
            "isDefault" => {
                check_default(call, before, value)?;
                domain.default = true;
            }
            "authenticationType" => {
                check_managed(before, value)?;
                if before.federated {
                    check_switch(call, before)?;
                    let managed = before.with_federation(None, call.now);
                    domain.federated = false;
                    domain.federation = None;
                    domain.federation_before = managed.federation_before;
                    domain.federation_changed = managed.federation_changed;
                    domain.switched = managed.switched;
                }
            }
            "supportedServices" => domain.services = services(value)?,
            "passwordValidityPeriodInDays" => {
                domain.password_validity_days = value.as_i64().ok_or_else(wrong)?;
            }
            "passwordNotificationWindowInDays" => {
                domain.password_notification_days = value.as_i64().ok_or_else(wrong)?;
            }
            name if name.contains('@') => {}
            "id" if value.as_str() == Some(&before.name) => {}
            _ => return Err(wrong()),
        }
    }
    if !before.verified {
        return Err(Error::bad_request(format!(
            "Domain {} is not verified.",
            before.name
        )));
    }
    let mut changes = Vec::new();
    let others = call.directory().records().domains.iter();
    if domain.default
        && let Some(other) = others
            .into_iter()
            .find(|other| other.default && other.name != domain.name)
    {
        let other = Domain {
            default: false,
            ..other.clone()
        };
        changes.push(change(other));
    }
    changes.push(change(domain));
    call.commit(changes)?;
    Ok(Reply::no_content())
}

fn change(domain: Domain) -> Change {
    Change::Domain {
        name: domain.name.clone(),
        domain: Some(domain),
    }
}

/// A tenant has one default domain: it moves, and never to a federated domain.
fn check_default(call: &Call<'_>, domain: &Domain, value: &Value) -> Result<()> {
    match value.as_bool() {
        Some(true) if call.directory().records().is_federated(domain) => {
            Err(Error::bad_request("A federated domain cannot be the default domain.").at("isDefault"))
        }
        Some(true) => Ok(()),
        Some(false) if !domain.default => Ok(()),
        _ => Err(Error::bad_request("Make another domain the default instead.").at("isDefault")),
    }
}

/// Federation begins with its configuration; subdomains sign in as their root does.
fn check_managed(domain: &Domain, value: &Value) -> Result<()> {
    if domain.root && value.as_str() == Some("Managed") {
        return Ok(());
    }
    Err(Error::invalid_value("Domain", "authenticationType"))
}

fn services(value: &Value) -> Result<Vec<String>> {
    let texts = value.as_array().map(|list| list.iter().map(Value::as_str));
    let known = |text: Option<&str>| text.filter(|text| SERVICES.contains(text)).map(str::to_owned);
    let found: Option<Vec<String>> = texts.and_then(|texts| texts.map(known).collect());
    found.ok_or_else(|| Error::invalid_value("Domain", "supportedServices"))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply> {
    let domain = named(call)?;
    check_removable(call, domain)?;
    let name = domain.name.clone();
    let uses = users_of(call.directory(), &name).len();
    if uses > 0 {
        return Err(Error::bad_request(format!(
            "Domain {name} cannot be deleted: {uses} objects refer to it."
        )));
    }
    call.commit(vec![Change::Domain { name, domain: None }])?;
    Ok(Reply::no_content())
}

fn check_removable(call: &Call<'_>, domain: &Domain) -> Result<()> {
    let below = call.directory().records().domains.iter();
    let mut below = below.filter(|other| !other.root && other.is_below(&domain.name));
    let why = if domain.initial {
        "it is the tenant's initial domain"
    } else if domain.default {
        "it is the tenant's default domain"
    } else if below.next().is_some() {
        "it has subdomains"
    } else {
        return Ok(());
    };
    Err(Error::bad_request(format!(
        "Domain {} cannot be deleted: {why}.",
        domain.name
    )))
}

/// Moves everything in the domain to the initial one, then removes it.
pub(super) fn force_delete(call: &mut Call<'_>) -> Result<Reply> {
    let domain = named(call)?;
    check_removable(call, domain)?;
    let name = domain.name.clone();
    let body = call.request.body.as_ref();
    let disable = body.and_then(|body| body.get("disableUserAccounts"));
    let disable = disable.and_then(Value::as_bool).unwrap_or(false);
    let initial = call.directory().records().initial_domain();
    let initial = initial.map(|domain| domain.name.clone()).unwrap_or_default();
    let users = users_of(call.directory(), &name);
    if users.len() > MAX_RENAMED {
        return Err(Error::bad_request(format!(
            "Domain {name} has {} references; at most {MAX_RENAMED} are renamed.",
            users.len()
        )));
    }
    let objects = users.iter().filter_map(|serial| call.directory().live(*serial));
    let mut changes: Vec<Change> = objects
        .map(|object| moved(call, object, &name, &initial, disable))
        .collect();
    changes.push(Change::Domain { name, domain: None });
    call.commit(changes)?;
    Ok(Reply::no_content())
}

/// The object with another domain in its names and addresses.
fn moved(call: &Call<'_>, object: &Object, from: &str, to: &str, disable: bool) -> Change {
    let rename = |text: &str| match text.rsplit_once('@') {
        Some((local, _)) if has_domain(text, from) => format!("{local}@{to}"),
        _ => text.to_owned(),
    };
    let mut properties = Map::new();
    if let Some(upn) = object.text("userPrincipalName") {
        let mut new = rename(upn);
        let kind = object.kind;
        let taken = call.directory().by_property(kind, "userPrincipalName", &new);
        if taken.is_some_and(|other| other.serial != object.serial) {
            new = new.replacen('@', &format!(".{}@", object.id.replace('-', "")), 1);
        }
        if new != upn && disable {
            properties.insert("accountEnabled".to_owned(), json!(false));
        }
        properties.insert("userPrincipalName".to_owned(), json!(new));
    }
    if let Some(mail) = object.text("mail") {
        properties.insert("mail".to_owned(), json!(rename(mail)));
    }
    let addresses: Vec<String> = object.texts("proxyAddresses").map(rename).collect();
    if !addresses.is_empty() {
        properties.insert("proxyAddresses".to_owned(), json!(addresses));
    }
    Change::Update {
        serial: object.serial,
        properties,
    }
}

/// Makes a subdomain independent. It keeps the way of signing in that it had inherited.
pub(super) fn promote(call: &mut Call<'_>) -> Result<Reply> {
    let domain = named(call)?;
    if domain.root {
        return Err(Error::bad_request(format!(
            "Domain {} is a root domain.",
            domain.name
        )));
    }
    let records = call.directory().records();
    if !records.root_of(domain).verified {
        return Err(Error::bad_request(format!(
            "The domain above {} is not verified.",
            domain.name
        )));
    }
    let federated = records.is_federated(domain);
    if federated && !users_of(call.directory(), &domain.name).is_empty() {
        return Err(Error::bad_request(format!(
            "Domain {} is federated and has users; move them to another domain first.",
            domain.name
        )));
    }
    let promoted = Domain {
        root: true,
        federated,
        ..domain.clone()
    };
    call.commit(vec![change(promoted)])?;
    let context = format!("{}/$metadata#Edm.Boolean", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": true}),
    ))
}

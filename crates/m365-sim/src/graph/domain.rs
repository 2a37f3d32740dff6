//! Reading domains, their DNS records, and what uses them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::entity;
use super::organization::selected;
use crate::call::Call;
use crate::directory::record::Domain;
use crate::directory::{Directory, Kind, Object, Serial};
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::{self, List};

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let all = &call.directory().records().domains;
    let shown = |domain| Value::from(selected(call, describe(call.directory(), domain)));
    let value: Vec<Value> = all.iter().map(shown).collect();
    Ok(collection(call, "domains", value))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let body = selected(call, describe(call.directory(), named(call)?));
    Ok(entity(200, context(call), body))
}

/// The root that a subdomain belongs to. A root has none.
pub(super) fn root(call: &mut Call<'_>) -> Result<Reply> {
    let domain = named(call)?;
    if domain.root {
        return Err(Error::not_found("rootDomain"));
    }
    let root = call.directory().records().root_of(domain);
    let body = selected(call, describe(call.directory(), root));
    Ok(entity(200, context(call), body))
}

pub(super) fn references(call: &mut Call<'_>) -> Result<Reply> {
    let set = users_of(call.directory(), &named(call)?.name);
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

/// The records that prove who owns the domain: either is enough.
pub(super) fn verification_records(call: &mut Call<'_>) -> Result<Reply> {
    let domain = named(call)?;
    let code: u64 = call
        .settings
        .tenant_id
        .bytes()
        .chain(domain.name.bytes())
        .fold(7, |sum, byte| (sum * 31 + u64::from(byte)) % 100_000_000);
    let proof = format!("ms{code:08}");
    let value = vec![
        dns(domain, "Txt", "text", &format!("MS={proof}"), "Email"),
        dns(
            domain,
            "Mx",
            "mailExchange",
            &format!("{proof}.msv1.invalid"),
            "Email",
        ),
    ];
    Ok(collection(call, "domainDnsRecords", value))
}

/// The records that the services of a verified domain want.
pub(super) fn service_records(call: &mut Call<'_>) -> Result<Reply> {
    let domain = named(call)?;
    let mut value = Vec::new();
    if domain.verified && domain.services.iter().any(|service| service == "Email") {
        let exchange = format!("{}.mail.protection.outlook.com", domain.name.replace('.', "-"));
        let sender = "v=spf1 include:spf.protection.outlook.com -all";
        value.push(dns(domain, "Mx", "mailExchange", &exchange, "Email"));
        value.push(dns(domain, "Txt", "text", sender, "Email"));
        let discover = "autodiscover.outlook.com";
        value.push(dns(domain, "CName", "canonicalName", discover, "Email"));
    }
    Ok(collection(call, "domainDnsRecords", value))
}

fn dns(domain: &Domain, kind: &str, property: &str, content: &str, service: &str) -> Value {
    let label = if kind == "CName" {
        format!("autodiscover.{}", domain.name)
    } else {
        domain.name.clone()
    };
    let mut record = json!({
        "@odata.type": format!("#microsoft.graph.domainDns{}Record", if kind == "CName" { "Cname" } else { kind }),
        "id": format!("{label}-{}", kind.to_lowercase()),
        "isOptional": false,
        "label": label,
        "recordType": kind,
        "supportedService": service,
        "ttl": 3_600,
        property: content,
    });
    if kind == "Mx" {
        record["preference"] = json!(0);
    }
    record
}

/// The domain that the address names.
pub(super) fn named<'a>(call: &'a Call<'_>) -> Result<&'a Domain> {
    let name = call.key(0);
    call.domain(name).ok_or_else(|| Error::not_found(name))
}

pub(super) fn context(call: &Call<'_>) -> String {
    format!("{}/$metadata#domains/$entity", call.request.base)
}

pub(super) fn collection(call: &Call<'_>, name: &str, value: Vec<Value>) -> Reply {
    let context = format!("{}/$metadata#{name}", call.request.base);
    Reply::json(200, json!({"@odata.context": context, "value": value}))
}

pub(super) fn describe(directory: &Directory, domain: &Domain) -> Map<String, Value> {
    let federated = directory.records().is_federated(domain);
    let body = json!({
        "id": domain.name,
        "authenticationType": if federated { "Federated" } else { "Managed" },
        "availabilityStatus": null,
        "isAdminManaged": true,
        "isDefault": domain.default,
        "isInitial": domain.initial,
        "isRoot": domain.root,
        "isVerified": domain.verified,
        "supportedServices": domain.services,
        "passwordValidityPeriodInDays": domain.password_validity_days,
        "passwordNotificationWindowInDays": domain.password_notification_days,
        "state": null,
    });
    body.as_object().cloned().unwrap_or_default()
}

/// Live users and groups that have a name or an address in the domain.
pub(super) fn users_of(directory: &Directory, domain: &str) -> BTreeSet<Serial> {
    let all = [Kind::User, Kind::Group];
    let all = all.iter().flat_map(|kind| directory.serials(*kind));
    let uses = |serial: &&Serial| {
        directory
            .live(**serial)
            .is_some_and(|object| is_in(object, domain))
    };
    all.filter(uses).copied().collect()
}

fn is_in(object: &Object, domain: &str) -> bool {
    let mut texts = object
        .text("userPrincipalName")
        .into_iter()
        .chain(object.text("mail"))
        .chain(object.texts("proxyAddresses"));
    texts.any(|text| has_domain(text, domain))
}

/// Whether a name or address ends in the domain itself, not in one below it.
pub(super) fn has_domain(text: &str, domain: &str) -> bool {
    text.rsplit_once('@')
        .is_some_and(|(_, found)| found.eq_ignore_ascii_case(domain))
}

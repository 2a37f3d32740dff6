//! Who signs a domain's people in (Graph documentation, "internalDomainFederation resource type").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::domain::{collection, named};
use super::entity;
use super::organization::selected;
use crate::call::Call;
use crate::directory::Change;
use crate::directory::record::Domain;
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::moment;
use crate::token;

const TYPE: &str = "#microsoft.graph.internalDomainFederation";
const MFA: &str = "federatedIdpMfaBehavior";

/// What a property holds.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Flag,
    /// Where somebody is sent.
    Https,
    /// A name in the form of an address.
    Uri,
    /// Base64 of DER, on one line.
    Certificate,
    OneOf(&'static [&'static str]),
}

const PROPERTIES: &[(&str, Form)] = &[
    ("displayName", Form::Text),
    ("issuerUri", Form::Uri),
    ("metadataExchangeUri", Form::Https),
    ("passiveSignInUri", Form::Https),
    ("preferredAuthenticationProtocol", Form::OneOf(&["wsFed", "saml"])),
    ("signingCertificate", Form::Certificate),
    ("activeSignInUri", Form::Https),
    (
        MFA,
        Form::OneOf(&[
            "acceptIfMfaDoneByFederatedIdp",
            "enforceMfaByFederatedIdp",
            "rejectMfaByFederatedIdp",
        ]),
    ),
    ("isSignedAuthenticationRequestRequired", Form::Flag),
    ("nextSigningCertificate", Form::Certificate),
    (
        "promptLoginBehavior",
        Form::OneOf(&[
            "translateToFreshPasswordAuthentication",
            "nativeSupport",
            "disabled",
        ]),
    ),
    ("signOutUri", Form::Https),
    ("passwordResetUri", Form::Https),
];

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let own = named(call)?.federation.as_ref();
    if own.is_none() && call.settings.unproved_directory.managed_federation_missing {
        return Err(Error::not_found("federationConfiguration"));
    }
    let value = own
        .map(|own| selected(call, show(own)).into())
        .into_iter()
        .collect();
    let name = format!("domains('{}')/federationConfiguration", call.key(0));
    Ok(collection(call, &name, value))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let body = selected(call, show(own(call)?));
    Ok(entity(200, context(call), body))
}

/// Creating it is the switch: from now on the domain's users sign in elsewhere.
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let domain = named(call)?;
    check_domain(call, domain)?;
    let mut properties = accept(body)?;
    for name in ["issuerUri", "passiveSignInUri"] {
        if properties.get(name).is_none_or(Value::is_null) {
            return Err(Error::bad_request(format!(
                "A value is required for property '{name}' of resource 'InternalDomainFederation'."
            ))
            .at(name));
        }
    }
    check_issuer(call, domain, &properties)?;
    check_switch(call, domain)?;
    if properties.get("signingCertificate").is_none_or(Value::is_null) {
        return without_certificate(call);
    }
    properties.insert("id".to_owned(), json!(Uuid::new_v4().to_string()));
    properties
        .entry("isSignedAuthenticationRequestRequired")
        .or_insert(json!(false));
    let shown = show(&properties);
    let domain = domain.with_federation(Some(properties), call.now);
    put(call, domain)?;
    Ok(entity(201, context(call), shown))
}

/// # Errors
/// 400 within ten minutes of the last switch.
pub(super) fn check_switch(call: &Call<'_>, domain: &Domain) -> Result<()> {
    let lock = i64::try_from(call.settings.federation_lock_ms).unwrap_or(i64::MAX);
    let free = domain.switched.map(|at| at.saturating_add(lock));
    match free.filter(|free| call.now < *free) {
        Some(free) => Err(Error::bad_request(format!(
            "The authentication type of domain {} was changed a short while ago. It cannot be changed again before {}.",
            domain.name,
            moment::text(free)
        ))),
        None => Ok(()),
    }
}

/// What becomes of a federation without a certificate: a refusal, or by the switch a domain that nobody can sign in to.
fn without_certificate(call: &mut Call<'_>) -> Result<Reply> {
    if !call.settings.unproved_directory.missing_certificate_breaks {
        return Err(Error::bad_request(
            "A value is required for property 'signingCertificate' of resource 'InternalDomainFederation'.",
        )
        .at("signingCertificate"));
    }
    let broken = Domain {
        federated: true,
        switched: Some(call.now),
        ..named(call)?.clone()
    };
    put(call, broken)?;
    Err(Error::new(
        500,
        "Service_InternalServerError",
        "Encountered an internal server error.",
    ))
}

fn check_domain(call: &Call<'_>, domain: &Domain) -> Result<()> {
    let name = &domain.name;
    let breaks = call.settings.unproved_directory.missing_certificate_breaks;
    let why = if !domain.verified {
        "it is not verified"
    } else if domain.initial || name.ends_with(".onmicrosoft.com") {
        "it belongs to Microsoft"
    } else if domain.default {
        "it is the tenant's default domain"
    } else if !domain.root {
        "it is a subdomain and signs in as its root domain does"
    } else if breaks && domain.federated && domain.federation.is_none() {
        "it is federated with nobody"
    } else if domain.federation.is_some() {
        return Err(Error::conflict(
            "federationConfiguration",
            &format!("Domain_{name}"),
        ));
    } else {
        return Ok(());
    };
    Err(Error::bad_request(format!(
        "Domain {name} cannot be federated: {why}."
    )))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let before = own(call)?;
    let changes = accept(body)?;
    let taken_back = changes.get(MFA).is_some_and(Value::is_null);
    if taken_back && before.get(MFA).is_some_and(Value::is_string) {
        return Err(Error::bad_request("The behaviour cannot be unset once it is set.").at(MFA));
    }
    for name in ["issuerUri", "passiveSignInUri", "signingCertificate"] {
        if changes.get(name).is_some_and(Value::is_null) {
            return Err(Error::invalid_value("InternalDomainFederation", name));
        }
    }
    let domain = named(call)?;
    check_issuer(call, domain, &changes)?;
    let mut properties = before.clone();
    properties.extend(changes);
    let shown = show(&properties);
    let domain = domain.with_federation(Some(properties), call.now);
    put(call, domain)?;
    Ok(entity(200, context(call), shown))
}

/// Deleting it is the switch back: nobody's old password works.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply> {
    own(call)?;
    check_switch(call, named(call)?)?;
    let domain = named(call)?.with_federation(None, call.now);
    put(call, domain)?;
    Ok(Reply::no_content())
}

fn put(call: &mut Call<'_>, domain: Domain) -> Result<()> {
    call.commit(vec![Change::Domain {
        name: domain.name.clone(),
        domain: Some(domain),
    }])
}

/// The domain's own federation, if the second key names it.
fn own<'a>(call: &'a Call<'_>) -> Result<&'a Map<String, Value>> {
    let id = call.key(1);
    let found = named(call)?.federation.as_ref();
    let is_it = |own: &&Map<String, Value>| own.get("id").and_then(Value::as_str) == Some(id);
    found.filter(is_it).ok_or_else(|| Error::not_found(id))
}

fn check_issuer(call: &Call<'_>, domain: &Domain, properties: &Map<String, Value>) -> Result<()> {
    let Some(issuer) = properties.get("issuerUri") else {
        return Ok(());
    };
    let has = |other: &&Domain| {
        let federation = other.federation.as_ref();
        other.name != domain.name && federation.and_then(|own| own.get("issuerUri")) == Some(issuer)
    };
    let abroad = || {
        let mut foreign = call.settings.foreign_issuers.iter();
        foreign.any(|known| issuer.as_str() == Some(known))
    };
    if call.settings.unproved_directory.issuer_may_repeat {
        return Ok(());
    }
    let taken = call.directory().records().domains.iter().any(|other| has(&other));
    if taken || abroad() {
        return Err(Error::new(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            "Another object with the same value for property issuerUri already exists.",
        )
        .at("issuerUri"));
    }
    Ok(())
}

fn accept(body: &Map<String, Value>) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    for (name, value) in body {
        if name == "@odata.type" && value.as_str() == Some(TYPE) || name == "@odata.context" {
            continue;
        }
        let known = PROPERTIES.iter().find(|(known, _)| known == name);
        let Some((_, form)) = known else {
            return Err(Error::bad_request(format!("Invalid property '{name}'.")).at(name));
        };
        if !fits(*form, value) {
            return Err(Error::invalid_value("InternalDomainFederation", name));
        }
        out.insert(name.clone(), value.clone());
    }
    Ok(out)
}

fn fits(form: Form, value: &Value) -> bool {
    if value.is_null() {
        return true;
    }
    match (form, value.as_str()) {
        (Form::Flag, _) => value.is_boolean(),
        (_, None) => false,
        (Form::Text, Some(_)) => true,
        (Form::Https, Some(text)) => text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()),
        (Form::Uri, Some(text)) => {
            let halves = text.split_once(':');
            !text.contains(' ') && halves.is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
        }
        (Form::Certificate, Some(text)) => STANDARD
            .decode(text)
            .is_ok_and(|der| token::public_key(&der).is_some()),
        (Form::OneOf(all), Some(text)) => all.contains(&text),
    }
}

fn show(own: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("@odata.type".to_owned(), json!(TYPE));
    out.insert("id".to_owned(), own.get("id").cloned().unwrap_or_default());
    for (name, _) in PROPERTIES {
        out.insert((*name).to_owned(), own.get(*name).cloned().unwrap_or_default());
    }
    out.insert("signingCertificateUpdateStatus".to_owned(), Value::Null);
    out
}

fn context(call: &Call<'_>) -> String {
    format!(
        "{}/$metadata#domains('{}')/federationConfiguration/$entity",
        call.request.base,
        call.key(0)
    )
}

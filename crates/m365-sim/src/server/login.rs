//! `/login.srf`, `/logout.srf` and home realm discovery: Microsoft 365 as a federated domain's people meet it. A program that
//! asks for JSON gets the same answers as JSON.

use std::sync::Arc;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Response};
use serde_json::{Value, json};

use super::form::{self, cookie, html, keep, redirect, send, wants_json};
use super::wire::{plain, text};
use crate::Inner;
use crate::consent::{Refusal, refused};
use crate::idp::ask::refusal;
use crate::idp::{Person, metadata};
use crate::query::encoding::pairs;
use crate::rp::{self, Outcome, Realm, Session, SignIn, Start, Wish};
use crate::saml::MICROSOFT;

const COOKIE: &str = "sim_login";

#[derive(Template)]
#[template(path = "login.html")]
struct Page<'a> {
    title: &'a str,
    tenant: &'a str,
    lines: &'a [String],
    asks: bool,
    login: &'a str,
    signed_in: bool,
}

fn page(inner: &Inner, title: &str, lines: &[String], asks: bool, signed_in: bool) -> Response<Body> {
    let settings = inner.settings();
    let page = Page {
        title,
        tenant: &settings.display_name,
        lines,
        asks,
        login: "",
        signed_in,
    };
    html(200, page.render())
}

/// Where identity providers send their answers.
fn reply(headers: &HeaderMap) -> String {
    format!(
        "http://{}/login.srf",
        text(headers, "host").unwrap_or("localhost")
    )
}

fn get<'a>(fields: &'a [(String, String)], names: &[&str]) -> Option<&'a str> {
    let found = fields
        .iter()
        .find(|(known, value)| names.contains(&known.as_str()) && !value.is_empty());
    found.map(|(_, value)| value.as_str())
}

/// `GET /login.srf`: the page, the way to the identity provider, or back from signing out there.
pub(super) async fn open(
    State(inner): State<Arc<Inner>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let fields = pairs(&query.unwrap_or_default());
    handle(&inner, &headers, &fields, true)
}

/// `POST /login.srf`: a name was given, or an identity provider answers.
pub(super) async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let fields = pairs(&String::from_utf8_lossy(&body));
    handle(&inner, &headers, &fields, false)
}

fn handle(inner: &Inner, headers: &HeaderMap, fields: &[(String, String)], open: bool) -> Response<Body> {
    if let Some(message) = get(fields, &["SAMLResponse"])
        && let Some(done) = rp::signed_out(inner, message, open)
    {
        return match done {
            Ok(()) => said(inner, headers, &json!({"signed_out": true}), "You are signed out"),
            Err(refusal) => refuse(inner, headers, &refusal),
        };
    }
    let answers = get(fields, &["SAMLResponse", "wresult"]).is_some();
    if answers && !open {
        return match rp::answer(inner, fields, &reply(headers)) {
            Ok(Outcome::Entered { session, sign_in }) => {
                keep(entered(inner, headers, &sign_in), COOKIE, &session)
            }
            Ok(Outcome::Again(start)) => onward(headers, &start),
            Err(refusal) => refuse(inner, headers, &refusal),
        };
    }
    let Some(login) = get(fields, &["login", "username", "login_hint"]) else {
        if let Some(session) = cookie(headers, COOKIE)
            && let Some(login) = inner.logins().sessions.get(&session).map(|one| one.login.clone())
        {
            let title = format!("Signed in as {login}");
            return page(inner, &title, &[], false, true);
        }
        return page(inner, "Sign in", &[], true, false);
    };
    let wish = Wish {
        login: login.trim().to_owned(),
        factor: get(fields, &["mfa"]) == Some("true"),
        fresh: get(fields, &["prompt"]) == Some("login"),
        again: false,
    };
    match rp::begin(inner, &wish) {
        Ok(start) => onward(headers, &start),
        Err(realm) => at_home(inner, headers, &wish.login, &realm),
    }
}

/// The browser goes to the identity provider.
fn onward(headers: &HeaderMap, start: &Start) -> Response<Body> {
    if wants_json(headers) {
        let mut body = form::described(&start.url, &start.fields);
        body["realm"] = json!("Federated");
        body["domain"] = json!(start.domain);
        body["protocol"] = json!(start.protocol);
        return form::json(200, &body);
    }
    if start.fields.is_empty() {
        redirect(&start.url)
    } else {
        send(headers, &start.url, &start.fields)
    }
}

/// Microsoft signs the person in itself. Nobody's password is known here: whoever exists, is enabled and has one that counts is
/// let in. After federation nobody has: Microsoft knows only passwords that were set since.
fn at_home(inner: &Inner, headers: &HeaderMap, login: &str, realm: &Realm) -> Response<Body> {
    let Realm::Managed { domain, since } = realm else {
        return refuse(
            inner,
            headers,
            &refusal(
                50_059,
                format!(
                    "No tenant-identifying information found in either the request or implied by any provided credentials: '{login}'."
                ),
            ),
        );
    };
    let found = Person::named(&inner.tenant().directory, login);
    let Some(person) = found else {
        let text = format!(
            "The user account {login} does not exist in the {} directory. To sign into this application, the account must be added to the directory.",
            inner.settings().tenant_id
        );
        return refuse(inner, headers, &refusal(50_034, text));
    };
    if !person.enabled {
        let text = "The user account is disabled. The user object in Active Directory backing this account has been disabled.";
        return refuse(inner, headers, &refusal(50_057, text));
    }
    if since.is_some_and(|since| person.password_set.is_none_or(|set| set < since)) {
        let text = "Error validating credentials due to invalid username or password. The domain was federated: the account needs a new password.";
        return refuse(inner, headers, &refusal(50_126, text));
    }
    let session = uuid::Uuid::new_v4().simple().to_string();
    let kept = Session {
        login: person.upn.clone(),
        domain: None,
        name_id: person.immutable_id.unwrap_or_default(),
        index: None,
    };
    inner.logins().sessions.insert(session.clone(), kept);
    let body = json!({"realm": "Managed", "domain": domain, "signed_in": {
        "user_principal_name": person.upn, "user_id": person.id, "protocol": "managed", "mfa": "microsoft"}});
    let title = format!("Signed in as {}", person.upn);
    let response = if wants_json(headers) {
        form::json(200, &body)
    } else {
        let line = format!("{domain} is a managed domain: Microsoft has signed you in itself.");
        page(inner, &title, &[line], false, true)
    };
    keep(response, COOKIE, &session)
}

fn entered(inner: &Inner, headers: &HeaderMap, sign_in: &SignIn) -> Response<Body> {
    if wants_json(headers) {
        return form::json(200, &json!({"signed_in": sign_in}));
    }
    let name = sign_in.user_principal_name.as_deref().unwrap_or_default();
    let factor = match sign_in.mfa {
        Some("federated") => "The second factor of your identity provider counts.",
        Some("microsoft") => "Microsoft has asked for a second factor itself.",
        _ => "No second factor was asked for.",
    };
    let way = format!(
        "By {} through the identity provider of {}.",
        if sign_in.protocol == "saml" {
            "SAML 2.0"
        } else {
            "WS-Federation"
        },
        sign_in.domain.as_deref().unwrap_or_default()
    );
    let title = format!("Signed in as {name}");
    page(inner, &title, &[way, factor.to_owned()], false, true)
}

fn said(inner: &Inner, headers: &HeaderMap, body: &Value, title: &str) -> Response<Body> {
    if wants_json(headers) {
        return form::json(200, body);
    }
    page(inner, title, &[], false, false)
}

fn refuse(inner: &Inner, headers: &HeaderMap, refusal: &Refusal) -> Response<Body> {
    if wants_json(headers) {
        let body = json!({"error": format!("AADSTS{}", refusal.code), "description": refusal.text});
        return form::json(400, &body);
    }
    refused(refusal, inner.now())
}

/// `GET /logout.srf`.
pub(super) async fn leave(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response<Body> {
    let session = cookie(&headers, COOKIE).unwrap_or_default();
    let next = rp::sign_out(&inner, &session, &reply(&headers));
    let response = match next {
        Some(address) if wants_json(&headers) => form::json(200, &json!({"method": "GET", "url": address})),
        Some(address) => redirect(&address),
        None => said(
            &inner,
            &headers,
            &json!({"signed_out": true}),
            "You are signed out",
        ),
    };
    keep(response, COOKIE, "")
}

/// `GET /{tenant}/userrealm/{user}`: who signs somebody in, as Microsoft's own libraries ask.
pub(super) async fn realm(
    State(inner): State<Arc<Inner>>,
    Path((_, user)): Path<(String, String)>,
) -> Response<Body> {
    let (now, delay) = (inner.now(), inner.settings().federation_delay());
    let found = rp::realm(inner.tenant().directory.records(), &user, now, delay);
    let body = match found {
        Realm::Unknown => {
            json!({"ver": "1.0", "account_type": "Unknown", "cloud_instance_name": "microsoftonline.com"})
        }
        Realm::Managed { domain, .. } => {
            json!({"ver": "1.0", "account_type": "Managed", "domain_name": domain,
            "cloud_instance_name": "microsoftonline.com", "cloud_audience_urn": MICROSOFT})
        }
        Realm::Federated(one) => json!({"ver": "1.0", "account_type": "Federated", "domain_name": one.domain,
            "federation_protocol": if one.is_saml() { "SAML20" } else { "WSTrust" },
            "federation_metadata_url": one.text("metadataExchangeUri"),
            "federation_active_auth_url": one.text("activeSignInUri"),
            "cloud_instance_name": "microsoftonline.com", "cloud_audience_urn": MICROSOFT}),
    };
    form::json(200, &body)
}

/// `GET /getuserrealm.srf?login=`: the same, as administrators look it up.
pub(super) async fn old_realm(State(inner): State<Arc<Inner>>, RawQuery(query): RawQuery) -> Response<Body> {
    let fields = pairs(&query.unwrap_or_default());
    let login = get(&fields, &["login"]).unwrap_or_default();
    let (now, delay) = (inner.now(), inner.settings().federation_delay());
    let found = rp::realm(inner.tenant().directory.records(), login, now, delay);
    let body = match found {
        Realm::Unknown => json!({"State": 4, "UserState": 1, "Login": login, "NameSpaceType": "Unknown"}),
        Realm::Managed { domain, .. } => {
            json!({"State": 4, "UserState": 1, "Login": login, "NameSpaceType": "Managed",
            "DomainName": domain, "FederationBrandName": inner.settings().display_name,
            "CloudInstanceName": "microsoftonline.com", "CloudInstanceIssuerUri": MICROSOFT})
        }
        Realm::Federated(one) => {
            json!({"State": 3, "UserState": 2, "Login": login, "NameSpaceType": "Federated",
            "DomainName": one.domain, "FederationGlobalVersion": -1, "AuthURL": one.text("passiveSignInUri"),
            "FederationBrandName": one.text("displayName"),
            "CloudInstanceName": "microsoftonline.com", "CloudInstanceIssuerUri": MICROSOFT})
        }
    };
    form::json(200, &body)
}

/// `GET /federationmetadata/saml20/federationmetadata.xml`: what identity providers have to know of Microsoft 365.
pub(super) async fn metadata(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response<Body> {
    let key = inner.logins().signer(inner.now());
    let text = metadata::receiver(MICROSOFT, &reply(&headers), key.as_ref());
    plain(200, "application/samlmetadata+xml", Body::from(text))
}

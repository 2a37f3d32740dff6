//! `/{tenant}/saml2` and the metadata beside it: Entra as a SAML identity provider, as a browser meets it.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, Method, Response};
use uuid::Uuid;

use super::entra::{instead, strike};
use super::form::{cookie, html, json, keep, redirect, send, wants_json};
use super::spoil::Struck;
use super::trace;
use super::wire::{plain, text};
use crate::consent::{Refusal, refused};
use crate::directory::Kind;
use crate::fault::Effect;
use crate::idp::ask::{check, matches, refusal, tenant as known_tenant};
use crate::idp::entry::{About, Posted, answer, refuse};
use crate::idp::{Person, metadata, wrong};
use crate::plug::Plug;
use crate::query::encoding::{encode, pairs};
use crate::saml::build::new;
use crate::saml::request::{Request, pack, unpack};
use crate::saml::{ASSERTION, PROTOCOL, SUCCESS};
use crate::{Inner, moment};

const COOKIE: &str = "sim_saml";
const OPERATION: &str = "/saml2";
const METADATA: &str = "/federationmetadata";
/// Accounts that the page lists.
const LISTED: usize = 50;
/// What only the page's form has; the rest is the request itself.
const ANSWERS: [&str; 3] = ["account", "login", "answer"];
const CLASS: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
const REQUESTER: &str = "urn:oasis:names:tc:SAML:2.0:status:Requester";

#[derive(Template)]
#[template(path = "enter.html")]
struct Enter<'a> {
    tenant: &'a str,
    name: &'a str,
    identifier: &'a str,
    action: &'a str,
    fields: Vec<(String, String)>,
    people: Vec<Listed>,
    other: &'a str,
}

struct Listed {
    id: String,
    name: String,
    upn: String,
    hinted: bool,
}

/// What came in.
struct Came {
    tenant: String,
    fields: Vec<(String, String)>,
    /// The message is compressed: it came in an address.
    compressed: bool,
    headers: HeaderMap,
    plug: Option<Plug>,
    method: Method,
}

impl Came {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// `GET` and `POST /{tenant}/saml2`.
pub(super) async fn sign_in(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    plug: Option<Extension<ConnectInfo<Plug>>>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut fields = pairs(&String::from_utf8_lossy(&body));
    let in_form = fields
        .iter()
        .any(|(name, _)| name == "SAMLRequest" || name == "SAMLResponse");
    fields.extend(pairs(&query.unwrap_or_default()));
    // Our own page sends a request back in the form in which it came.
    let kept = fields
        .iter()
        .any(|(name, value)| name == "binding" && value == "redirect");
    let came = Came {
        tenant,
        fields,
        compressed: kept || !in_form,
        headers,
        plug: plug.map(|plug| plug.0.0.clone()),
        method,
    };
    match handle(&inner, &came).await {
        Ok(response) => response,
        Err(refusal) => show(&inner, &came.headers, &refusal),
    }
}

/// A refusal: a page, or for a program its number and text.
fn show(inner: &Inner, headers: &HeaderMap, refusal: &Refusal) -> Response<Body> {
    if wants_json(headers) {
        return json(
            400,
            &serde_json::json!({"error": format!("AADSTS{}", refusal.code), "description": refusal.text}),
        );
    }
    refused(refusal, inner.now())
}

async fn handle(inner: &Inner, came: &Came) -> Result<Response<Body>, Refusal> {
    let settings = inner.settings();
    known_tenant(&settings, &inner.tenant().directory, &came.tenant)?;
    let message = came.get("SAMLRequest").ok_or_else(|| {
        refusal(
            750_054,
            "SAMLRequest or SAMLResponse must be present as query string parameters in HTTP request for SAML Redirect binding.",
        )
    })?;
    let wrong = |why: String| {
        refusal(
            75_005,
            format!("The request is not a valid Saml2 protocol message. {why}"),
        )
    };
    let parsed = unpack(message, came.compressed).and_then(|text| Request::parse(&text));
    let request = parsed.map_err(wrong)?;
    if request.logout {
        return sign_out(inner, came, &request);
    }
    let (application, saml, asked) = check(&settings, &request)?;
    let relay = came.get("RelayState");
    let session = cookie(&came.headers, COOKIE);
    let mut about = About {
        application,
        saml,
        asked: &asked,
        person: &Person::nobody(),
        relay,
        signed_in: inner.now(),
    };
    let failed = || refusal(90_033, "A transient error has occurred. Please try again.");
    if came.get("answer") == Some("cancel") {
        let message = refusal(
            65_004,
            "The resource owner or authorization server denied the request.",
        );
        let text = message.description(inner.now());
        let posted = refuse(inner, &about, &[RESPONDER], text).ok_or_else(failed)?;
        return Ok(send(&came.headers, &posted.action, &posted.fields));
    }
    let named = came.get("account").or_else(|| came.get("login"));
    let (person, at, fresh) = match named {
        Some(name) => (Some(account(inner, name)?), inner.now(), true),
        None if request.force => (None, 0, false),
        None => match session.as_deref().and_then(|id| signed_in(inner, id)) {
            Some((person, at)) => (Some(person), at, false),
            None => (None, 0, false),
        },
    };
    let Some(person) = person else {
        if request.passive {
            let message = refusal(
                50_058,
                "Session information is not sufficient for single-sign-on.",
            );
            let text = message.description(inner.now());
            let codes = [RESPONDER, "urn:oasis:names:tc:SAML:2.0:status:NoPassive"];
            let posted = refuse(inner, &about, &codes, text).ok_or_else(failed)?;
            return Ok(send(&came.headers, &posted.action, &posted.fields));
        }
        return Ok(page(inner, came, &about));
    };
    about.person = &person;
    about.signed_in = at;
    if !matches(&request, CLASS) {
        let message = refusal(
            75_011,
            "Authentication method 'Password' by which the user authenticated with the service doesn't match requested authentication method.",
        );
        let text = message.description(inner.now());
        let codes = [REQUESTER, "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext"];
        let posted = refuse(inner, &about, &codes, text).ok_or_else(failed)?;
        return Ok(send(&came.headers, &posted.action, &posted.fields));
    }
    let response = deliver(inner, came, &about).await?;
    if fresh {
        let id = inner.kept_saml().begin(&person.id, at);
        return Ok(keep(response, COOKIE, &id));
    }
    Ok(response)
}

/// The answer, or what a fault makes of it.
async fn deliver(inner: &Inner, came: &Came, about: &About<'_>) -> Result<Response<Body>, Refusal> {
    let failed = || refusal(90_033, "A transient error has occurred. Please try again.");
    let effect = strike(inner, came.method.as_str(), OPERATION);
    if let Some(Effect::WrongResponse { name, victim }) = &effect {
        let spoilt = wrong::named(name).map(|wrong| (wrong, victim.as_deref()));
        let posted = answer(inner, about, spoilt).ok_or_else(failed)?;
        return Ok(forward(came, &posted));
    }
    let now = inner.now();
    let trace = trace(&came.headers, now);
    let struck = effect.as_ref().map(|effect| Struck {
        effect,
        plug: came.plug.as_ref(),
        trace: &trace,
        now,
        address: OPERATION,
    });
    if let Some(struck) = &struck
        && let Some(response) = instead(struck, now).await
    {
        return Ok(response);
    }
    let posted = answer(inner, about, None).ok_or_else(failed)?;
    let mut response = forward(came, &posted);
    if let Some(struck) = &struck {
        struck.disturb(&mut response);
    }
    Ok(response)
}

fn forward(came: &Came, posted: &Posted) -> Response<Body> {
    send(&came.headers, &posted.action, &posted.fields)
}

/// The account that a form names.
fn account(inner: &Inner, name: &str) -> Result<Person, Refusal> {
    let found = Person::named(&inner.tenant().directory, name.trim());
    let person = found.ok_or_else(|| {
        refusal(
            50_034,
            format!(
                "The user account {{EmailHidden}} does not exist in the {} directory. To sign into this application, the account must be added to the directory.",
                inner.settings().tenant_id
            ),
        )
    })?;
    if person.enabled {
        Ok(person)
    } else {
        Err(refusal(
            50_057,
            "The user account is disabled. The user object in Active Directory backing this account has been disabled.",
        ))
    }
}

/// Who is signed in in a browser, and since when. Accounts that were disabled or deleted are not.
fn signed_in(inner: &Inner, session: &str) -> Option<(Person, i64)> {
    let (user, at) = inner.kept_saml().sessions.get(session).cloned()?;
    let person = Person::named(&inner.tenant().directory, &user)?;
    person.enabled.then_some((person, at))
}

fn page(inner: &Inner, came: &Came, about: &About<'_>) -> Response<Body> {
    let settings = inner.settings();
    let hint = came.get("login_hint").unwrap_or_default();
    let tenant = inner.tenant();
    let directory = &tenant.directory;
    let listed = |person: Person| Listed {
        hinted: person.upn.eq_ignore_ascii_case(hint),
        id: person.id,
        name: person.name,
        upn: person.upn,
    };
    let mut people: Vec<Listed> = directory
        .serials(Kind::User)
        .iter()
        .filter_map(|serial| directory.live(*serial))
        .take(LISTED)
        .map(|object| listed(Person::of(object)))
        .collect();
    let is_listed = people.iter().any(|one| one.hinted);
    if !is_listed {
        people.extend(
            Person::named(directory, hint)
                .filter(|_| !hint.is_empty())
                .map(listed),
        );
    }
    let is_known = people.iter().any(|one| one.hinted);
    let mut fields: Vec<(String, String)> = came
        .fields
        .iter()
        .filter(|(name, _)| !ANSWERS.contains(&name.as_str()) && name != "binding")
        .cloned()
        .collect();
    if came.compressed {
        fields.push(("binding".to_owned(), "redirect".to_owned()));
    }
    let page = Enter {
        tenant: &settings.display_name,
        name: &about.application.display_name,
        identifier: &about.asked.identifier,
        action: &format!("/{}/saml2", came.tenant),
        fields,
        people,
        other: if is_known { "" } else { hint },
    };
    html(200, page.render())
}

/// Ends the browser's session and says so to the application, by Redirect as Entra does ("Single sign-out SAML protocol").
fn sign_out(inner: &Inner, came: &Came, request: &Request) -> Result<Response<Body>, Refusal> {
    let settings = inner.settings();
    let known = settings
        .applications
        .iter()
        .filter_map(|application| application.saml.as_ref())
        .find(|saml| saml.answers_to(&request.issuer));
    let reply = known.and_then(|saml| saml.reply_urls.first()).ok_or_else(|| {
        refusal(
            700_016,
            format!(
                "Application with identifier '{}' was not found in the directory '{}'.",
                request.issuer, settings.display_name
            ),
        )
    })?;
    if let Some(session) = cookie(&came.headers, COOKIE) {
        inner.kept_saml().sessions.remove(&session);
    }
    let host = text(&came.headers, "host").unwrap_or("localhost");
    let issuer = format!("http://{host}/{}/", settings.tenant_id);
    let code = new("samlp:StatusCode").with("Value", SUCCESS);
    let response = new("samlp:LogoutResponse")
        .with("ID", &format!("_{}", Uuid::new_v4()))
        .with("Version", "2.0")
        .with("IssueInstant", &moment::fine(inner.now()))
        .with("Destination", reply)
        .with("InResponseTo", &request.id)
        .space("samlp", PROTOCOL)
        .child(new("Issuer").space("", ASSERTION).holding(&issuer))
        .child(new("samlp:Status").child(code));
    let sign = if reply.contains('?') { '&' } else { '?' };
    let mut address = format!("{reply}{sign}SAMLResponse={}", encode(&pack(&response.write())));
    if let Some(relay) = came.get("RelayState") {
        address.push_str(&format!("&RelayState={}", encode(relay)));
    }
    Ok(keep(redirect(&address), COOKIE, ""))
}

/// `GET /{tenant}/federationmetadata/2007-06/federationmetadata.xml`.
pub(super) async fn metadata(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    plug: Option<Extension<ConnectInfo<Plug>>>,
    headers: HeaderMap,
) -> Response<Body> {
    let now = inner.now();
    let effect = strike(&inner, "GET", METADATA);
    let trace = trace(&headers, now);
    let struck = effect.as_ref().map(|effect| Struck {
        effect,
        plug: plug.as_ref().map(|plug| &plug.0.0),
        trace: &trace,
        now,
        address: METADATA,
    });
    if let Some(struck) = &struck
        && let Some(response) = instead(struck, now).await
    {
        return response;
    }
    let mut response = match described(&inner, &tenant, &query.unwrap_or_default(), &headers) {
        Ok(text) => plain(200, "application/samlmetadata+xml", Body::from(text)),
        Err(refusal) => show(&inner, &headers, &refusal),
    };
    if let Some(struck) = &struck {
        struck.disturb(&mut response);
    }
    response
}

fn described(inner: &Inner, tenant: &str, query: &str, headers: &HeaderMap) -> Result<String, Refusal> {
    let settings = inner.settings();
    known_tenant(&settings, &inner.tenant().directory, tenant)?;
    let host = text(headers, "host").unwrap_or("localhost");
    let root = format!("http://{host}");
    let fields = pairs(query);
    let wanted = fields.iter().find(|(name, _)| name == "appid");
    let Some((_, id)) = wanted else {
        let general = inner.kept_saml().general(inner.now());
        let keys: Vec<_> = general.iter().collect();
        return Ok(metadata::document(&root, &settings.tenant_id, &keys));
    };
    let mut applications = settings.applications.iter();
    let found = applications.find(|one| one.client_id.eq_ignore_ascii_case(id));
    let application = found.ok_or_else(|| {
        refusal(
            700_016,
            format!(
                "Application with identifier '{id}' was not found in the directory '{}'.",
                settings.display_name
            ),
        )
    })?;
    let keys = application
        .saml
        .iter()
        .flat_map(|saml| &saml.keys)
        .collect::<Vec<_>>();
    Ok(metadata::document(&root, &settings.tenant_id, &keys))
}

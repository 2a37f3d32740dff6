//! Single sign-on of applications by SAML, as an administrator sets it up at Entra, and answers made on order.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, parsed, respond};
use crate::idp::entry::{About, answer};
use crate::idp::plan::Asked;
use crate::idp::{Person, wrong};
use crate::server::form::described;
use crate::settings::{Algorithm, Application, NameId, Saml, Settings, Signs};
use crate::{Inner, SigningKey, moment};

/// What is to change about an application's sign-on; what is absent stays.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SamlChange {
    identifiers: Option<Vec<String>>,
    reply_urls: Option<Vec<String>>,
    name_id: Option<NameId>,
    signs: Option<Signs>,
    algorithm: Option<Algorithm>,
    without_claims: Option<Vec<String>>,
}

impl SamlChange {
    /// Changes an application's sign-on, or gives it one with a first certificate.
    ///
    /// # Errors
    /// A sentence about what is missing.
    pub(super) fn apply(self, application: &mut Application, now: i64) -> Result<(), String> {
        let saml = match &mut application.saml {
            Some(saml) => saml,
            None => {
                let first = |all: &Option<Vec<String>>| all.as_ref().and_then(|all| all.first().cloned());
                let (Some(identifier), Some(reply)) = (first(&self.identifiers), first(&self.reply_urls))
                else {
                    return Err("Sign-on by SAML needs `identifiers` and `reply_urls`.".to_owned());
                };
                application.saml.insert(Saml::new(&identifier, &reply, now))
            }
        };
        let Self {
            identifiers,
            reply_urls,
            name_id,
            signs,
            algorithm,
            without_claims,
        } = self;
        saml.identifiers = identifiers.unwrap_or_else(|| std::mem::take(&mut saml.identifiers));
        saml.reply_urls = reply_urls.unwrap_or_else(|| std::mem::take(&mut saml.reply_urls));
        saml.name_id = name_id.unwrap_or(saml.name_id);
        saml.signs = signs.unwrap_or(saml.signs);
        saml.algorithm = algorithm.unwrap_or(saml.algorithm);
        saml.without_claims = without_claims.unwrap_or_else(|| std::mem::take(&mut saml.without_claims));
        Ok(())
    }
}

/// The sign-on of an application, as its page at Entra shows it.
pub(super) fn view(tenant: &str, client_id: &str, saml: &Saml) -> Value {
    let certificate = |(place, key): (usize, &SigningKey)| {
        let (from, until) = key.life();
        json!({"thumbprint": key.thumbprint(), "certificate": key.certificate_base64(),
            "from": moment::text(from), "until": moment::text(until), "active": place == saml.active})
    };
    let certificates: Vec<Value> = saml.keys.iter().enumerate().map(certificate).collect();
    json!({
        "identifiers": saml.identifiers, "reply_urls": saml.reply_urls, "name_id": saml.name_id, "signs": saml.signs,
        "algorithm": saml.algorithm, "without_claims": saml.without_claims, "certificates": certificates,
        "metadata": format!("/{tenant}/federationmetadata/2007-06/federationmetadata.xml?appid={client_id}"),
        "login_url": format!("/{tenant}/saml2"),
    })
}

/// The sign-on of the application with this client id.
fn found<'a>(settings: &'a mut Settings, id: &str) -> Result<&'a mut Saml, (u16, String)> {
    let application = settings
        .applications
        .iter_mut()
        .find(|one| one.client_id.eq_ignore_ascii_case(id));
    let application = application.ok_or_else(|| (404, format!("No application `{id}` is registered.")))?;
    let missing = (404, format!("The application `{id}` has no sign-on by SAML."));
    application.saml.as_mut().ok_or(missing)
}

/// Changes the sign-on of an application and answers how it is then.
fn changed(inner: &Inner, id: &str, change: impl FnOnce(&mut Saml) -> Result<(), (u16, String)>) -> Answer {
    let mut shown = Value::Null;
    inner.change(|settings| {
        let tenant = settings.tenant_id.clone();
        let saml = found(settings, id)?;
        change(saml)?;
        shown = view(&tenant, id, saml);
        Ok(())
    })?;
    Ok(shown)
}

pub(super) async fn show(State(inner): State<Arc<Inner>>, Path(id): Path<String>) -> Response<Body> {
    let mut settings = inner.settings().as_ref().clone();
    let tenant = settings.tenant_id.clone();
    respond(found(&mut settings, &id).map(|saml| view(&tenant, &id, saml)))
}

pub(super) async fn set(
    State(inner): State<Arc<Inner>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let now = inner.now();
    let done = parsed(&body).and_then(|change: SamlChange| {
        inner.change(|settings| {
            let application = settings
                .applications
                .iter_mut()
                .find(|one| one.client_id.eq_ignore_ascii_case(&id));
            let application =
                application.ok_or_else(|| (404, format!("No application `{id}` is registered.")))?;
            change.apply(application, now).map_err(|sentence| (400, sentence))
        })
    });
    respond(done.and_then(|()| changed(&inner, &id, |_| Ok(()))))
}

/// Makes a further certificate, not active yet.
pub(super) async fn add(State(inner): State<Arc<Inner>>, Path(id): Path<String>) -> Response<Body> {
    let now = inner.now();
    respond(changed(&inner, &id, |saml| {
        saml.add_certificate(now);
        Ok(())
    }))
}

/// Makes a certificate the active one.
pub(super) async fn activate(
    State(inner): State<Arc<Inner>>,
    Path((id, thumbprint)): Path<(String, String)>,
) -> Response<Body> {
    respond(changed(&inner, &id, |saml| {
        saml.active = place(saml, &thumbprint)?;
        Ok(())
    }))
}

/// Takes a certificate away that is not active.
pub(super) async fn remove(
    State(inner): State<Arc<Inner>>,
    Path((id, thumbprint)): Path<(String, String)>,
) -> Response<Body> {
    respond(changed(&inner, &id, |saml| {
        let place = place(saml, &thumbprint)?;
        if place == saml.active {
            return Err((409, "The active certificate cannot be taken away.".to_owned()));
        }
        saml.keys.remove(place);
        if place < saml.active {
            saml.active -= 1;
        }
        Ok(())
    }))
}

fn place(saml: &Saml, thumbprint: &str) -> Result<usize, (u16, String)> {
    let found = saml
        .keys
        .iter()
        .position(|key| key.thumbprint().eq_ignore_ascii_case(thumbprint));
    found.ok_or_else(|| (404, format!("There is no certificate `{thumbprint}`.")))
}

/// An answer on order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    /// The application's client id.
    application: String,
    /// Who signs in, by id or user principal name.
    account: String,
    /// The id of the request that is answered.
    in_response_to: Option<String>,
    relay_state: Option<String>,
    /// How the answer is wrong. Without it, it is right.
    wrong: Option<String>,
    victim: Option<String>,
}

/// Makes an answer without a browser.
pub(super) async fn make(State(inner): State<Arc<Inner>>, body: Bytes) -> Response<Body> {
    respond(parsed(&body).and_then(|order: Order| made(&inner, &order)))
}

fn made(inner: &Inner, order: &Order) -> Answer {
    let settings = inner.settings();
    let mut applications = settings.applications.iter();
    let application = applications.find(|one| one.client_id.eq_ignore_ascii_case(&order.application));
    let missing = || {
        let sentence = format!("The application `{}` has no sign-on by SAML.", order.application);
        (404, sentence)
    };
    let application = application.ok_or_else(missing)?;
    let saml = application.saml.as_ref().ok_or_else(missing)?;
    let person = Person::named(&inner.tenant().directory, &order.account);
    let person = person.ok_or_else(|| (404, format!("There is no user `{}`.", order.account)))?;
    let way = match &order.wrong {
        None => None,
        Some(name) => Some(wrong::named(name).ok_or_else(|| {
            let sentence = format!("`{name}` is no wrong response; GET /_sim/control/catalogue lists them.");
            (400, sentence)
        })?),
    };
    let first = |all: &[String]| all.first().cloned().unwrap_or_default();
    let asked = Asked {
        id: order.in_response_to.clone(),
        reply: first(&saml.reply_urls),
        identifier: first(&saml.identifiers),
        name_id: None,
    };
    let about = About {
        application,
        saml,
        asked: &asked,
        person: &person,
        relay: order.relay_state.as_deref(),
        signed_in: inner.now(),
    };
    let posted = answer(inner, &about, way.map(|way| (way, order.victim.as_deref())));
    let posted = posted.ok_or((500, "This machine cannot sign.".to_owned()))?;
    let mut body = described(&posted.action, &posted.fields);
    body["document"] = json!(posted.document);
    Ok(body)
}

/// The latest sign-ins through federated domains.
pub(super) async fn sign_ins(State(inner): State<Arc<Inner>>) -> Response<Body> {
    let log = inner.logins().log().to_vec();
    respond(Ok(json!({ "sign_ins": log })))
}

//! `/{tenant}/v2.0/adminconsent` and `/{tenant}/oauth2/v2.0/authorize`: what a browser opens.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use uuid::Uuid;

use super::entra::respond;
use super::wire::{plain, text};
use crate::Inner;
use crate::consent::{Account, Choice, Code, Consent, Refusal, choose, known, refused};
use crate::query::encoding::{encode, pairs};
use crate::settings::Application;

/// Who is signed in in a browser.
const COOKIE: &str = "sim_account";
/// What only the form has; the rest is the request itself.
const ANSWERS: [&str; 2] = ["account", "answer"];

/// What was asked for and answered.
struct Asked {
    tenant: String,
    fields: Vec<(String, String)>,
    now: i64,
}

impl Asked {
    fn get(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// Sends the browser back to the application, with its state.
    fn back(&self, query: &str) -> Response<Body> {
        let redirect = self.get("redirect_uri");
        let sign = if redirect.contains('?') { '&' } else { '?' };
        let state = encode(self.get("state"));
        let mut response = plain(302, "", Body::empty());
        if let Ok(value) = HeaderValue::try_from(format!("{redirect}{sign}{query}&state={state}")) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        response
    }

    fn page(
        &self,
        inner: &Inner,
        application: &Application,
        action: &str,
        scopes: Vec<&str>,
    ) -> Response<Body> {
        let settings = inner.settings();
        let fields: Vec<_> = self
            .fields
            .iter()
            .filter(|(name, _)| !ANSWERS.contains(&name.as_str()))
            .cloned()
            .collect();
        let choice = Choice {
            name: &application.display_name,
            client_id: &application.client_id,
            scopes,
            action: &format!("/{}/{action}", self.tenant),
            fields: &fields,
            accounts: Account::all(&settings),
        };
        choose(&settings.display_name, &choice)
    }
}

/// `GET /{tenant}/v2.0/adminconsent`: the page that asks an administrator.
pub(super) async fn ask(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let asked = Asked {
        tenant,
        fields: pairs(&query.unwrap_or_default()),
        now: inner.now(),
    };
    let settings = inner.settings();
    match known(&settings, asked.get("client_id"), asked.get("redirect_uri")) {
        Ok(application) => {
            let scopes = asked.get("scope").split_whitespace().collect();
            asked.page(&inner, application, "v2.0/adminconsent", scopes)
        }
        Err(refusal) => refused(&refusal, asked.now),
    }
}

/// `POST /{tenant}/v2.0/adminconsent`: what was answered.
pub(super) async fn answer(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let asked = Asked {
        tenant,
        fields: pairs(&String::from_utf8_lossy(&body)),
        now: inner.now(),
    };
    let settings = inner.settings();
    let application = match known(&settings, asked.get("client_id"), asked.get("redirect_uri")) {
        Ok(application) => application,
        Err(refusal) => return refused(&refusal, asked.now),
    };
    let account = Account::named(&settings, asked.get("account"));
    let refusal = match &account {
        _ if asked.get("answer") != "accept" => Some(Refusal::declined()),
        Some(account) => Refusal::of(account, &settings, &asked.tenant, true),
        None => Some(Refusal::declined()),
    };
    let (Some(account), None) = (&account, &refusal) else {
        // Also a refusal says that it answers a request for an administrator's consent.
        let refusal = refusal.unwrap_or_else(Refusal::declined);
        return asked.back(&format!("{}&admin_consent=True", refusal.query(asked.now)));
    };
    let consent = Consent {
        tenant: account.tenant.clone(),
        client_id: application.client_id.clone(),
        scope: asked.get("scope").to_owned(),
        account: account.address.clone(),
        at: asked.now,
    };
    let query = format!(
        "admin_consent=True&tenant={}&scope={}",
        consent.tenant,
        encode(&consent.scope)
    );
    inner.consents().given.push(consent);
    signed_in(asked.back(&query), &account.key)
}

/// Keeps in the browser who is signed in.
fn signed_in(mut response: Response<Body>, key: &str) -> Response<Body> {
    let cookie = format!("{COOKIE}={key}; Path=/; HttpOnly; SameSite=Lax");
    if let Ok(value) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// `GET /{tenant}/oauth2/v2.0/authorize`: whoever is signed in goes through, others say who they are.
pub(super) async fn authorize(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let asked = Asked {
        tenant,
        fields: pairs(&query.unwrap_or_default()),
        now: inner.now(),
    };
    let kept = text(&headers, "cookie").unwrap_or_default();
    let kept = kept
        .split("; ")
        .find_map(|pair| pair.strip_prefix("sim_account="));
    enter(&inner, &asked, kept)
}

/// `POST /{tenant}/oauth2/v2.0/authorize`: somebody has said who they are.
pub(super) async fn enter_as(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let asked = Asked {
        tenant,
        fields: pairs(&String::from_utf8_lossy(&body)),
        now: inner.now(),
    };
    if asked.get("answer") == "accept" {
        let key = asked.get("account").to_owned();
        return signed_in(enter(&inner, &asked, Some(&key)), &key);
    }
    match known(
        &inner.settings(),
        asked.get("client_id"),
        asked.get("redirect_uri"),
    ) {
        Ok(_) => asked.back(&Refusal::declined().query(asked.now)),
        Err(refusal) => refused(&refusal, asked.now),
    }
}

fn enter(inner: &Inner, asked: &Asked, key: Option<&str>) -> Response<Body> {
    let settings = inner.settings();
    let application = match known(&settings, asked.get("client_id"), asked.get("redirect_uri")) {
        Ok(application) => application,
        Err(refusal) => return refused(&refusal, asked.now),
    };
    let wrong = |text: &str| {
        let refusal = Refusal::new("invalid_request", 900_144, text);
        asked.back(&refusal.query(asked.now))
    };
    if asked.get("response_type") != "code" || asked.get("code_challenge_method") != "S256" {
        return wrong("The request must ask for a code, with a challenge by S256.");
    }
    let Some(account) = key.and_then(|key| Account::named(&settings, key)) else {
        return asked.page(inner, application, "oauth2/v2.0/authorize", Vec::new());
    };
    let refusal = Refusal::of(&account, &settings, &asked.tenant, false);
    let mut consents = inner.consents();
    let is_consented = consents.has(&account.tenant, &application.client_id);
    let refusal = refusal.or_else(|| (!is_consented).then(|| Refusal::not_consented(&application.client_id)));
    if let Some(refusal) = refusal {
        return asked.back(&refusal.query(asked.now));
    }
    let code = Uuid::new_v4().simple().to_string();
    let given = Code {
        tenant: asked.tenant.clone(),
        client_id: application.client_id.clone(),
        redirect: asked.get("redirect_uri").to_owned(),
        nonce: asked.get("nonce").to_owned(),
        challenge: asked.get("code_challenge").to_owned(),
        account,
        at: asked.now,
    };
    consents.codes.insert(code.clone(), given);
    asked.back(&format!("code={code}&session_state={}", Uuid::new_v4()))
}

/// `GET /{tenant}/discovery/v2.0/keys`: the keys that sign ID tokens.
pub(super) async fn keys(State(inner): State<Arc<Inner>>) -> Response<Body> {
    respond(200, &inner.signer.listed())
}

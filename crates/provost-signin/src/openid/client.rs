//! Which application asks, and whether it is itself: RFC 6749 section 2.3.1, OpenID Connect Core 1.0 section 9, RFC 7523.

use super::reach::{self, Known};
use super::{Answer, Application, Authentication, Fault, Openid, Parameters, Refused};
use crate::provider::{Key, Unverified};
use crate::{Result, random};
use provost_store::Tx;
use provost_store::application::{self, asked, secret};
use provost_store::workspace::Workspace;
use serde_json::{Map, Value};

/// The kind of assertion that is taken (RFC 7523 section 2.2).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds for which an assertion may be good.
const LONGEST: i64 = 600;
/// Seconds by which clocks may differ.
const SKEW: i64 = 60;
/// Milliseconds between two notes of a secret's use.
const TOUCH_EVERY: i64 = 3_600_000;

/// What a request carries in its header.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Id and secret of HTTP Basic, decoded.
    pub basic: Option<(String, String)>,
}

/// Never the secret.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// What is brought as proof.
enum Proof {
    None,
    Secret(String),
    Assertion(String),
}

impl Openid {
    /// The application that asks, when it has proved that it is itself.
    pub(super) async fn client(
        &self,
        workspace: &Workspace,
        credentials: &Credentials,
        parameters: &Parameters,
        now: i64,
    ) -> Answer<Known> {
        let (id, proof) = claimed(credentials, parameters)?;
        let found = self
            .known_client(workspace, &id)
            .await?
            .ok_or(Refused::client())?;
        match (found.application.settings.authentication, proof) {
            (Authentication::Public, Proof::None) => Ok(found),
            (Authentication::Secret, Proof::Secret(text)) => self.by_secret(found, text, now).await,
            (Authentication::PrivateKey, Proof::Assertion(text)) => {
                self.by_assertion(workspace, found, &text, now).await
            }
            _ => Err(Refused::client().into()),
        }
    }

    /// The application with this client id in this workspace, when it is switched on.
    pub(super) async fn known_client(&self, workspace: &Workspace, id: &str) -> Result<Option<Known>> {
        let (id, within) = (id.to_owned(), workspace.key);
        self.signin
            .read(move |tx| {
                let found = application::by_client(tx, &id)?.filter(|one| one.workspace == within);
                match found {
                    Some(application) => reach::known(tx, application),
                    None => Ok(None),
                }
            })
            .await
    }

    async fn by_secret(&self, found: Known, text: String, now: i64) -> Answer<Known> {
        let connection = found.connection.key;
        let look = move |tx: &mut Tx| Ok(secret::find(tx, connection, &text)?);
        let (key, used) = self.signin.read(look).await?.ok_or(Refused::client())?;
        if now.saturating_sub(used) >= TOUCH_EVERY {
            self.signin
                .write(move |tx| Ok(secret::touch(tx, key, now)?))
                .await?;
        }
        Ok(found)
    }

    async fn by_assertion(&self, workspace: &Workspace, found: Known, text: &str, now: i64) -> Answer<Known> {
        let issuer = self.issuer(workspace.id);
        // RFC 9126 section 2: the issuer, or the address that is asked.
        let audiences =
            ["", "/token", "/par", "/introspect", "/revoke"].map(|path| format!("{issuer}{path}"));
        let (jti, expires) = asserted(&found.application, text, &audiences, now).ok_or(Refused::client())?;
        let connection = found.connection.key;
        let hash = random::hash(&format!("{connection}:{jti}"));
        let until = expires.saturating_add(SKEW).saturating_mul(1_000);
        let fresh = self
            .signin
            .write(move |tx| Ok(asked::use_once(tx, &hash, connection, until)?))
            .await?;
        if fresh {
            Ok(found)
        } else {
            Err(Refused::client().into())
        }
    }
}

/// Who somebody says they are, and by what. Two ways at once are an error: one of them would be passed over.
fn claimed(
    credentials: &Credentials,
    parameters: &Parameters,
) -> std::result::Result<(String, Proof), Fault> {
    let id = parameters.text("client_id")?;
    let in_body = parameters.text("client_secret")?;
    let assertion = parameters.text("client_assertion")?;
    let ways = [
        credentials.basic.is_some(),
        in_body.is_some(),
        assertion.is_some(),
    ];
    if ways.iter().filter(|way| **way).count() > 1 {
        return Err(Refused::request("the client proves itself in two ways at once").into());
    }
    let (named, proof) = match (&credentials.basic, in_body, assertion) {
        (Some((user, text)), _, _) => (Some(user.clone()), Proof::Secret(text.clone())),
        (None, Some(text), _) => (None, Proof::Secret(text)),
        (None, None, Some(text)) => {
            if parameters.once("client_assertion_type")? != Some(ASSERTION) {
                return Err(Refused::request("the kind of assertion is not one that is taken").into());
            }
            let subject = Unverified::read(&text).ok();
            let subject = subject.and_then(|read| read.claimed("sub").map(str::to_owned));
            (Some(subject.ok_or(Refused::client())?), Proof::Assertion(text))
        }
        (None, None, None) => (None, Proof::None),
    };
    match (named, id) {
        (Some(named), Some(id)) if named != id => Err(Refused::request("there are two client ids").into()),
        (Some(named), _) => Ok((named, proof)),
        (None, Some(id)) => Ok((id, proof)),
        (None, None) => Err(Refused::client().into()),
    }
}

/// The name of an assertion, and until when it is good in seconds; none when it is no good.
fn asserted(application: &Application, text: &str, audiences: &[String], now: i64) -> Option<(String, i64)> {
    let set = application.settings.jwks.as_object()?;
    let claims = Unverified::read(text).ok()?.verify(&Key::read_set(set)).ok()?;
    let word = |name: &str| claims.get(name).and_then(Value::as_str);
    let id = Some(application.client_id.as_str());
    if word("iss") != id || word("sub") != id || !is_for_us(&claims, audiences) {
        return None;
    }
    let seconds = now / 1_000;
    let expires = claims.get("exp").and_then(Value::as_i64)?;
    let begins = claims.get("nbf").and_then(Value::as_i64).unwrap_or(seconds);
    let is_live = expires + SKEW > seconds && expires <= seconds + LONGEST + SKEW && begins <= seconds + SKEW;
    let jti = word("jti").filter(|jti| !jti.is_empty() && jti.len() <= 1_000)?;
    is_live.then(|| (jti.to_owned(), expires))
}

fn is_for_us(claims: &Map<String, Value>, audiences: &[String]) -> bool {
    let is_ours = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| audiences.iter().any(|one| one == text))
    };
    match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().any(is_ours),
        Some(one) => is_ours(one),
        None => false,
    }
}

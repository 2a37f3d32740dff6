//! Tokens for a code or for a refresh token: OpenID Connect Core 1.0 sections 3.1.3 and 12. Each is taken once; one that comes
//! a second time was stolen from somebody, and everything of the sign-in ends (RFC 9700 section 4.14).

use super::authorize::Bound;
use super::claims;
use super::key::half_hash;
use super::reach::{self, Known, Reached};
use super::{
    ACCESS_LIFE, Answer, Credentials, ID_LIFE, Meant, Openid, Parameters, REFRESH_LIFE, Refused, Settled,
};
use crate::{Result, random};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_store::application::entry::{self, Entry};
use provost_store::application::token::{self, Kind, Token};
use provost_store::workspace::Workspace;
use provost_store::{Tx, audit};
use serde_json::{Map, Value, json};

/// What tells anybody who holds a wrong, used or ended one.
const OVER: Refused = Refused::grant("it is wrong, was used, has ended, or is another application's");

/// What was brought.
#[derive(Clone)]
enum Brought {
    Code {
        code: String,
        redirect_uri: String,
        verifier: String,
    },
    Refresh {
        token: String,
        scope: Option<String>,
    },
}

/// What is issued, made before the transaction, which may run more than once.
#[derive(Clone)]
struct Fresh {
    access: String,
    refresh: String,
}

/// What was written down.
struct Issued {
    entry: Entry,
    scope: String,
    nonce: Option<String>,
    claims: Map<String, Value>,
    reached: Reached,
}

impl Openid {
    /// Answers the token endpoint.
    ///
    /// # Errors
    /// [`super::Fault::Refused`] with a code of RFC 6749 section 5.2.
    pub async fn token(
        &self,
        workspace: &Workspace,
        credentials: &Credentials,
        parameters: &Parameters,
        now: i64,
    ) -> Answer<Value> {
        let known = self.client(workspace, credentials, parameters, now).await?;
        let brought = read(parameters)?;
        let fresh = Fresh {
            access: random::text()?,
            refresh: random::text()?,
        };
        let (meant, made) = (self.meant, fresh.clone());
        let issued = self
            .settle(move |tx| trade(tx, meant, &known, &brought, &made, now))
            .await?;
        let id_token = self.id_token(workspace, &issued, &fresh.access, now).await?;
        let mut answer = json!({
            "access_token": fresh.access, "token_type": "Bearer", "expires_in": ACCESS_LIFE / 1_000,
            "scope": issued.scope, "id_token": id_token,
        });
        if has(&issued.entry.scope, "offline_access") {
            answer["refresh_token"] = json!(fresh.refresh);
        }
        Ok(answer)
    }

    async fn id_token(
        &self,
        workspace: &Workspace,
        issued: &Issued,
        access: &str,
        now: i64,
    ) -> Result<String> {
        let application = &issued.reached.known.application;
        let (entry, seconds) = (&issued.entry, now / 1_000);
        // RFC 8176: a passkey is a key that is proved to be held, and its user was verified.
        let amr = if entry.two_factor {
            json!(["pop", "user", "mfa"])
        } else {
            json!(["pop"])
        };
        let mut claims = issued.claims.clone();
        let own = json!({
            "iss": self.issuer(workspace.id), "sub": entry.subject, "aud": application.client_id,
            "azp": application.client_id, "exp": seconds + ID_LIFE / 1_000, "iat": seconds,
            "auth_time": entry.proved / 1_000, "acr": acr(entry), "amr": amr, "sid": entry.sid,
            "at_hash": half_hash(access),
        });
        claims.extend(own.as_object().cloned().unwrap_or_default());
        if let Some(nonce) = &issued.nonce {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        let algorithm = application.settings.algorithm;
        self.sign(workspace.key, algorithm, "JWT", &Value::Object(claims), now)
            .await
    }
}

/// OpenID Connect Extended Authentication Profile ACR Values 1.0: resistant to phishing.
fn acr(entry: &Entry) -> &'static str {
    if entry.two_factor { "phr" } else { "0" }
}

fn has(scope: &str, wanted: &str) -> bool {
    scope.split(' ').any(|one| one == wanted)
}

fn read(parameters: &Parameters) -> std::result::Result<Brought, Refused> {
    let needed = |name, missing: &'static str| parameters.text(name)?.ok_or(Refused::request(missing));
    match parameters.once("grant_type")? {
        Some("authorization_code") => Ok(Brought::Code {
            code: needed("code", "code is missing")?,
            redirect_uri: needed("redirect_uri", "redirect_uri is missing")?,
            verifier: needed("code_verifier", "code_verifier is missing")?,
        }),
        Some("refresh_token") => Ok(Brought::Refresh {
            token: needed("refresh_token", "refresh_token is missing")?,
            scope: parameters.text("scope")?,
        }),
        Some(_) => Err(Refused::new(
            "unsupported_grant_type",
            "what is given here is authorization_code and refresh_token",
        )),
        None => Err(Refused::request("grant_type is missing")),
    }
}

fn trade(
    tx: &mut Tx,
    meant: Meant,
    known: &Known,
    brought: &Brought,
    fresh: &Fresh,
    now: i64,
) -> Result<Settled<Issued>> {
    let (text, kind) = match brought {
        Brought::Code { code, .. } => (code, Kind::Code),
        Brought::Refresh { token, .. } => (token, Kind::Refresh),
    };
    if !random::is_well_formed(text) {
        return Ok(Err(OVER));
    }
    let hash = random::hash(text);
    let Some(kept) = token::get(tx, &hash)?.filter(|kept| kept.kind == kind) else {
        return Ok(Err(OVER));
    };
    let Some(entry) = entry::get(tx, kept.entry)?.filter(|entry| entry.connection == known.connection.key)
    else {
        return Ok(Err(OVER));
    };
    if kept.used.is_some() {
        entry::end_reused(tx, now, &entry, &known.connection.name, kind)?;
        return Ok(Err(OVER));
    }
    if now >= kept.expires {
        return Ok(Err(OVER));
    }
    let (scope, nonce) = match brought {
        Brought::Code {
            redirect_uri,
            verifier,
            ..
        } => match bound(&kept, redirect_uri, verifier) {
            Some(nonce) => (kept.scope.clone(), nonce),
            None => return Ok(Err(OVER)),
        },
        Brought::Refresh { scope, .. } => match narrowed(&kept.scope, scope.as_deref()) {
            Some(scope) => (scope, None),
            None => {
                return Ok(Err(Refused::new(
                    "invalid_scope",
                    "the scope is more than was granted",
                )));
            }
        },
    };
    let Some(reached) = reach::of_entry(tx, meant, &entry, now)? else {
        if entry.ended.is_none() {
            let (name, detail) = (
                &known.connection.name,
                "tokens: the person is closed, or out of its scope",
            );
            let action = "application_signin.refused";
            audit::append_named(tx, entry.workspace, now, "application", action, name, detail)?;
        }
        return Ok(Err(OVER));
    };
    if !token::use_once(tx, &hash, now)? {
        return Ok(Err(OVER));
    }
    keep(tx, &entry, &kept.scope, &scope, fresh, now)?;
    let claims = claims::of_person(tx, &reached, &scope)?;
    Ok(Ok(Issued {
        entry,
        scope,
        nonce,
        claims,
        reached,
    }))
}

/// What the code carries to the ID token, when it was brought by whoever asked for it, to where it was sent.
fn bound(kept: &Token, redirect_uri: &str, verifier: &str) -> Option<Option<String>> {
    let bound: Bound = serde_json::from_str(&kept.bound).ok()?;
    // RFC 7636 section 4.1.
    let is_verifier = (43..=128).contains(&verifier.len());
    let challenge = URL_SAFE_NO_PAD.encode(random::hash(verifier));
    let fits = verify_slices_are_equal(challenge.as_bytes(), bound.challenge.as_bytes()).is_ok();
    (is_verifier && fits && bound.redirect_uri == redirect_uri).then_some(bound.nonce)
}

/// The part of what was granted that is asked for now (RFC 6749 section 6); none when it is more.
fn narrowed(granted: &str, asked: Option<&str>) -> Option<String> {
    let Some(asked) = asked else {
        return Some(granted.to_owned());
    };
    let known = |one: &str| claims::SCOPES.contains(&one);
    let is_more = asked
        .split_whitespace()
        .any(|one| known(one) && !has(granted, one));
    let kept: Vec<&str> = granted.split(' ').filter(|one| has(asked, one)).collect();
    (!is_more && kept.contains(&"openid")).then(|| kept.join(" "))
}

fn keep(tx: &mut Tx, entry: &Entry, granted: &str, scope: &str, fresh: &Fresh, now: i64) -> Result<()> {
    let of = |kind, scope: &str, life: i64| Token {
        entry: entry.key,
        kind,
        scope: scope.to_owned(),
        bound: String::new(),
        created: now,
        expires: now.saturating_add(life).min(entry.expires),
        used: None,
    };
    token::add(
        tx,
        &random::hash(&fresh.access),
        &of(Kind::Access, scope, ACCESS_LIFE),
    )?;
    if has(granted, "offline_access") {
        token::add(
            tx,
            &random::hash(&fresh.refresh),
            &of(Kind::Refresh, granted, REFRESH_LIFE),
        )?;
    }
    Ok(entry::touch(tx, entry.key, now)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_narrowed_and_never_widened() {
        let granted = "openid email offline_access";
        assert_eq!(narrowed(granted, None).as_deref(), Some(granted));
        assert_eq!(
            narrowed(granted, Some("openid email")).as_deref(),
            Some("openid email")
        );
        assert_eq!(
            narrowed(granted, Some("openid unknown")).as_deref(),
            Some("openid")
        );
        assert_eq!(narrowed(granted, Some("openid groups")), None);
        assert_eq!(narrowed(granted, Some("email")), None);
    }
}

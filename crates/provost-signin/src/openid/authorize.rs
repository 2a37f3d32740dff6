//! A browser comes from an application: OpenID Connect Core 1.0 section 3.1.2, RFC 6749 section 4.1 with PKCE (RFC 7636), the
//! issuer's name in every answer (RFC 9207), and requests that were pushed (RFC 9126).
//!
//! An application is told of an error only after it and the address are proven; before that the person is.

use super::claims::SCOPES;
use super::reach::{self, Known};
use super::{Answer, CODE_LIFE, Fault, OFFLINE_LIFE, Openid, Parameters, Refused, uri};
use crate::limit::{self, Subject};
use crate::person::SignedIn;
use crate::{Error, LIFE, Result, Visit, random};
use provost_store::application::asked::{self, Asked};
use provost_store::application::entry::{self, Entry};
use provost_store::application::token::{self, Kind, Token};
use provost_store::person_signin::session;
use provost_store::workspace::Workspace;
use provost_store::{Tx, audit};
use serde::{Deserialize, Serialize};
use url::Url;

/// With what the name of a kept request begins (RFC 9126 section 2.2).
pub(super) const NAMED: &str = "urn:ietf:params:oauth:request_uri:";
/// Milliseconds for which a request waits for a person to sign in.
const WAIT: i64 = 15 * 60_000;
/// Characters of what is carried through: state and nonce.
const CARRIED: usize = 2_000;

/// What becomes of a browser that comes from an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorized {
    /// It goes back to the application, with a code or with an error.
    Back(String),
    /// The person signs in first, and then goes to this path. `again`: although they are signed in.
    SignIn {
        /// The path and query.
        to: String,
        /// Whether another proof is wanted.
        again: bool,
    },
    /// This person may not; the page that says so leads back to the application.
    Denied {
        /// The name of the application's connection.
        application: String,
        /// The application, with the error.
        back: String,
    },
    /// Nothing is proven: the person is told, and goes nowhere.
    Wrong(Refused),
}

/// What an application asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asks {
    pub redirect_uri: String,
    scope: String,
    state: Option<String>,
    nonce: Option<String>,
    challenge: String,
    prompt: Vec<String>,
    max_age: Option<i64>,
    hint: Option<String>,
}

/// To what a code is bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bound {
    pub redirect_uri: String,
    pub challenge: String,
    pub nonce: Option<String>,
}

/// What was asked, and by which name it is kept.
struct Come {
    asks: Asks,
    /// The name under which it is kept, and whether the application itself has pushed it.
    kept: Option<(String, bool)>,
    /// When the person was sent here: a proof since then is another one.
    since: i64,
}

impl Openid {
    /// Answers a browser that comes from an application. `signed` is who is signed in there.
    ///
    /// # Errors
    /// [`Fault::Broken`]; whatever is wrong about the request is an answer.
    pub async fn authorize(
        &self,
        workspace: &Workspace,
        parameters: &Parameters,
        signed: Option<&SignedIn>,
        visit: &Visit,
        now: i64,
    ) -> Answer<Authorized> {
        let known = match self.asking(workspace, parameters).await {
            Ok(known) => known,
            Err(Fault::Refused(refused)) => return Ok(Authorized::Wrong(refused)),
            Err(broken) => return Err(broken),
        };
        let (redirect, come) = match self.come(&known, parameters, now).await {
            Ok(found) => found,
            Err(Fault::Refused(refused)) => return Ok(Authorized::Wrong(refused)),
            Err(broken) => return Err(broken),
        };
        let state = match &come {
            Ok(come) => come.asks.state.clone(),
            Err(_) => parameters.text("state").ok().flatten(),
        };
        let answered = match come {
            Ok(come) => self.decide(workspace, &known, come, signed, visit, now).await,
            Err(refused) => Err(refused.into()),
        };
        match answered {
            Err(Fault::Refused(refused)) => {
                let pairs = [
                    ("error", refused.error),
                    ("error_description", refused.description),
                ];
                Ok(Authorized::Back(self.back(
                    workspace,
                    &redirect,
                    state.as_deref(),
                    &pairs,
                )))
            }
            answered => answered,
        }
    }

    async fn asking(&self, workspace: &Workspace, parameters: &Parameters) -> Answer<Known> {
        let id = parameters.once("client_id")?;
        let id = id.ok_or(Refused::request("client_id is missing"))?;
        let found = self.known_client(workspace, id).await?;
        found.ok_or_else(|| {
            let description = "there is no such application, or its sign-in is switched off";
            Refused::new("unauthorized_client", description).into()
        })
    }

    /// What was asked, once the address to which the answer goes is proven. A refusal inside goes there.
    async fn come(
        &self,
        known: &Known,
        parameters: &Parameters,
        now: i64,
    ) -> Answer<(String, std::result::Result<Come, Refused>)> {
        let settings = &known.application.settings;
        if let Some(name) = parameters
            .once("request_uri")?
            .and_then(|uri| uri.strip_prefix(NAMED))
        {
            let come = self.kept(known, name, now).await?;
            if !uri::is_registered(&settings.redirect_uris, &come.asks.redirect_uri) {
                return Err(unregistered().into());
            }
            return Ok((come.asks.redirect_uri.clone(), Ok(come)));
        }
        let redirect = redirect(known, parameters)?;
        let asks = if settings.require_par {
            Err(Refused::request(
                "this application has to push its requests (RFC 9126)",
            ))
        } else {
            read(parameters, &redirect)
        };
        let come = asks.map(|asks| Come {
            asks,
            kept: None,
            since: now,
        });
        Ok((redirect, come))
    }

    /// What is kept under a name, for this application.
    async fn kept(&self, known: &Known, name: &str, now: i64) -> Answer<Come> {
        let over = Refused::new(
            "invalid_request_uri",
            "this request is over, was used, or is another application's",
        );
        if !random::is_well_formed(name) {
            return Err(over.into());
        }
        let hash = random::hash(name);
        let found = self
            .signin
            .read(move |tx| Ok(asked::get(tx, &hash, now)?))
            .await?;
        let found = found
            .filter(|one| one.connection == known.connection.key)
            .ok_or(over)?;
        let asks = serde_json::from_str(&found.parameters).map_err(|_| over)?;
        Ok(Come {
            asks,
            kept: Some((name.to_owned(), found.pushed)),
            since: if found.pushed { now } else { found.created },
        })
    }

    async fn decide(
        &self,
        workspace: &Workspace,
        known: &Known,
        come: Come,
        signed: Option<&SignedIn>,
        visit: &Visit,
        now: i64,
    ) -> Answer<Authorized> {
        let silent = come.asks.has_prompt("none");
        let needed = Refused::new("login_required", "the person has to sign in");
        let Some(signed) = signed else {
            return match silent {
                true => Err(needed.into()),
                false => self.sign_in(workspace, known, come, false, visit, now).await,
            };
        };
        if come.asks.wants_another(signed.proved(), come.since, now) {
            return match silent {
                true => Err(needed.into()),
                false => self.sign_in(workspace, known, come, true, visit, now).await,
            };
        }
        if silent
            && let Some(hint) = &come.asks.hint
            && self.hinted(workspace, hint).await?.map(|hinted| hinted.subject)
                != Some(reach::subject(&known.application, &signed.person))
        {
            return Err(needed.into());
        }
        match self.issue(known, &come, signed, now).await? {
            Some(code) => {
                let pairs = [("code", code.as_str())];
                let state = come.asks.state.as_deref();
                Ok(Authorized::Back(self.back(
                    workspace,
                    &come.asks.redirect_uri,
                    state,
                    &pairs,
                )))
            }
            None => {
                let denied = Refused::new("access_denied", "the person may not use this application");
                if silent {
                    return Err(denied.into());
                }
                let pairs = [("error", denied.error), ("error_description", denied.description)];
                let state = come.asks.state.as_deref();
                Ok(Authorized::Denied {
                    application: known.connection.name.clone(),
                    back: self.back(workspace, &come.asks.redirect_uri, state, &pairs),
                })
            }
        }
    }

    /// Keeps what was asked until the person has signed in.
    async fn sign_in(
        &self,
        workspace: &Workspace,
        known: &Known,
        come: Come,
        again: bool,
        visit: &Visit,
        now: i64,
    ) -> Answer<Authorized> {
        let name = match &come.kept {
            Some((name, false)) => name.clone(),
            pushed => {
                let text = random::text()?;
                let old = pushed.as_ref().map(|(name, _)| random::hash(name));
                let (hash, network) = (random::hash(&text), Subject::pushing(visit.address));
                let asked = Asked {
                    connection: known.connection.key,
                    pushed: false,
                    parameters: written(&come.asks)?,
                    created: now,
                };
                self.signin
                    .settle(move |tx| {
                        if let Some(seconds) = limit::take(tx, now, &network, limit::PUSHED)? {
                            return Ok(Err(Error::Wait { seconds }));
                        }
                        if let Some(old) = &old {
                            asked::drop(tx, old)?;
                        }
                        Ok(Ok(asked::keep(tx, &hash, &asked, now.saturating_add(WAIT))?))
                    })
                    .await?;
                text
            }
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("client_id", &known.application.client_id)
            .append_pair("request_uri", &format!("{NAMED}{name}"));
        let path = self.path(workspace.id, "authorize");
        Ok(Authorized::SignIn {
            to: format!("{path}?{}", query.finish()),
            again,
        })
    }

    /// A code for a person, or none when they may not. Everything is looked at in the transaction that writes it down.
    async fn issue(&self, known: &Known, come: &Come, signed: &SignedIn, now: i64) -> Answer<Option<String>> {
        let text = random::text()?;
        let (hash, meant) = (random::hash(&text), self.meant);
        let (known, signed) = (known.clone(), signed.clone());
        let kept = come.kept.as_ref().map(|(name, _)| random::hash(name));
        let asks = come.asks.clone();
        let issued = self
            .settle(move |tx| {
                if let Some(kept) = &kept
                    && !asked::drop(tx, kept)?
                {
                    return Ok(Err(Refused::new(
                        "invalid_request_uri",
                        "this request was used before",
                    )));
                }
                issue(tx, meant, &known, &asks, &signed, &hash, now).map(Ok)
            })
            .await?;
        Ok(issued.then_some(text))
    }

    /// The address of an application with an answer for it.
    fn back(
        &self,
        workspace: &Workspace,
        redirect: &str,
        state: Option<&str>,
        pairs: &[(&str, &str)],
    ) -> String {
        let Ok(mut url) = Url::parse(redirect) else {
            // What is registered was read as an address before.
            return redirect.to_owned();
        };
        let mut query = url.query_pairs_mut();
        query.extend_pairs(pairs);
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &self.issuer(workspace.id));
        drop(query);
        url.into()
    }
}

/// Writes a sign-in and its code down. `false`: this person may not, which is written down as well.
fn issue(
    tx: &mut Tx,
    meant: super::Meant,
    known: &Known,
    asks: &Asks,
    signed: &SignedIn,
    hash: &[u8],
    now: i64,
) -> Result<bool> {
    let lives = session::by_key(tx, signed.session.key)?.is_some();
    let reached = if lives {
        reach::reach(tx, meant, known, signed.person.key)?
    } else {
        None
    };
    let Some(reached) = reached else {
        let (workspace, person) = (signed.person.workspace, signed.person.id.to_string());
        let detail = format!("at {}: not in its scope, or closed", known.connection.name);
        let actor = signed.actor();
        audit::append_named(
            tx,
            workspace,
            now,
            &actor,
            "application_signin.refused",
            &person,
            &detail,
        )?;
        return Ok(false);
    };
    let life = if asks.has_scope("offline_access") {
        OFFLINE_LIFE
    } else {
        LIFE
    };
    let entry = Entry {
        key: 0,
        workspace: known.application.workspace,
        connection: known.connection.key,
        person: reached.person.key,
        session: signed.session.key,
        subject: reach::subject(&known.application, &reached.person),
        sid: reach::sid(&known.application, signed.session.key),
        scope: asks.scope.clone(),
        proved: signed.proved(),
        two_factor: signed.is_two_factor(),
        created: now,
        last_used: now,
        expires: now.saturating_add(life),
        ended: None,
        why: String::new(),
    };
    let entry = entry::open(tx, now, &reached.person, &known.connection.name, entry)?;
    let bound = Bound {
        redirect_uri: asks.redirect_uri.clone(),
        challenge: asks.challenge.clone(),
        nonce: asks.nonce.clone(),
    };
    let code = Token {
        entry: entry.key,
        kind: Kind::Code,
        scope: asks.scope.clone(),
        bound: written(&bound)?,
        created: now,
        expires: now.saturating_add(CODE_LIFE),
        used: None,
    };
    token::add(tx, hash, &code)?;
    Ok(true)
}

pub(super) fn written<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Machine(format!("a request cannot be written: {error}")))
}

fn unregistered() -> Refused {
    Refused::request("redirect_uri is missing, or not one that is registered")
}

/// The address to which the answer goes, when it is registered.
pub(super) fn redirect(known: &Known, parameters: &Parameters) -> std::result::Result<String, Refused> {
    let sent = parameters.once("redirect_uri")?.ok_or_else(unregistered)?;
    if uri::is_registered(&known.application.settings.redirect_uris, sent) {
        Ok(sent.to_owned())
    } else {
        Err(unregistered())
    }
}

/// Reads what an application asks. What is not known is passed over (RFC 6749 section 3.1).
pub(super) fn read(parameters: &Parameters, redirect: &str) -> std::result::Result<Asks, Refused> {
    if parameters.once("request")?.is_some() {
        return Err(Refused::new(
            "request_not_supported",
            "requests are not taken as signed tokens",
        ));
    }
    if parameters.once("request_uri")?.is_some() {
        return Err(Refused::new(
            "request_uri_not_supported",
            "requests are not fetched; push them",
        ));
    }
    match parameters.once("response_type")? {
        Some("code") => {}
        Some(_) => {
            return Err(Refused::new(
                "unsupported_response_type",
                "response_type has to be code",
            ));
        }
        None => return Err(Refused::request("response_type is missing")),
    }
    if parameters
        .once("response_mode")?
        .is_some_and(|mode| mode != "query")
    {
        return Err(Refused::request("response_mode has to be query"));
    }
    let challenge = parameters.once("code_challenge")?;
    let challenge = challenge.ok_or(Refused::request("code_challenge is missing: PKCE is demanded"))?;
    if parameters.once("code_challenge_method")? != Some("S256") || !is_challenge(challenge) {
        return Err(Refused::request("code_challenge_method has to be S256"));
    }
    let asked = parameters.once("scope")?.unwrap_or_default();
    let granted: Vec<&str> = SCOPES
        .into_iter()
        .filter(|one| asked.split(' ').any(|s| s == *one))
        .collect();
    if !granted.contains(&"openid") {
        return Err(Refused::new("invalid_scope", "the scope has to have openid"));
    }
    let carried = |name| {
        let text = parameters.text(name)?;
        match text {
            Some(text) if text.len() > CARRIED => Err(Refused::request("state or nonce is too long")),
            text => Ok(text),
        }
    };
    let prompt = prompt(parameters)?;
    let max_age = match parameters.once("max_age")? {
        Some(text) => {
            let seconds = text.parse::<i64>().ok().filter(|seconds| *seconds >= 0);
            Some(seconds.ok_or(Refused::request("max_age is no number of seconds"))?)
        }
        None => None,
    };
    Ok(Asks {
        redirect_uri: redirect.to_owned(),
        scope: granted.join(" "),
        state: carried("state")?,
        nonce: carried("nonce")?,
        challenge: challenge.to_owned(),
        prompt,
        max_age,
        hint: parameters.text("id_token_hint")?,
    })
}

fn prompt(parameters: &Parameters) -> std::result::Result<Vec<String>, Refused> {
    let asked = parameters.once("prompt")?.unwrap_or_default();
    let prompt: Vec<String> = asked.split_whitespace().map(str::to_owned).collect();
    if prompt.len() > 1 && prompt.iter().any(|one| one == "none") {
        return Err(Refused::request("prompt has none and something else"));
    }
    Ok(prompt)
}

/// A SHA-256 in base64url (RFC 7636 section 4.2).
fn is_challenge(text: &str) -> bool {
    random::is_well_formed(text)
}

impl Asks {
    fn has_prompt(&self, wanted: &str) -> bool {
        self.prompt.iter().any(|one| one == wanted)
    }

    fn has_scope(&self, wanted: &str) -> bool {
        self.scope.split(' ').any(|one| one == wanted)
    }

    /// Whether a proof of `proved` is not enough. One since the person was sent here always is.
    fn wants_another(&self, proved: i64, since: i64, now: i64) -> bool {
        if proved >= since {
            return false;
        }
        let is_asked = self.has_prompt("login") || self.has_prompt("select_account");
        let is_old = |seconds: i64| now.saturating_sub(proved) > seconds.saturating_mul(1_000);
        is_asked
            || self
                .max_age
                .is_some_and(|seconds| seconds == 0 || is_old(seconds))
    }
}

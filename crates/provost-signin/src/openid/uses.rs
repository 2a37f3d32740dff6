//! What is done with tokens: a person's claims (OpenID Connect Core 1.0 section 5.3), introspection (RFC 7662), revocation
//! (RFC 7009). With every use it is asked whether the person still gets at the application.

use super::claims;
use super::reach::{self, Reached};
use super::{Answer, Authentication, Credentials, Openid, Parameters, Refused};
use crate::{Result, random};
use provost_store::Tx;
use provost_store::application::entry::{self, Entry};
use provost_store::application::token::{self, Kind, Token};
use provost_store::workspace::Workspace;
use serde_json::{Map, Value, json};

/// A token that is good.
struct Live {
    token: Token,
    entry: Entry,
    reached: Reached,
}

impl Openid {
    /// What is known of the person whose access token this is.
    ///
    /// # Errors
    /// [`super::Fault::Refused`] with `invalid_token` (RFC 6750 section 3.1).
    pub async fn userinfo(&self, workspace: &Workspace, token: &str, now: i64) -> Answer<Value> {
        let wrong = Refused::new(
            "invalid_token",
            "the access token is wrong, has ended, or was withdrawn",
        );
        let (text, within, meant) = (token.to_owned(), workspace.key, self.meant);
        let found = self
            .signin
            .read(move |tx| {
                let live = live(tx, meant, &text, now)?;
                let Some(live) =
                    live.filter(|one| one.token.kind == Kind::Access && one.entry.workspace == within)
                else {
                    return Ok(None);
                };
                let mut claims: Map<String, Value> = claims::of_person(tx, &live.reached, &live.token.scope)?;
                claims.insert("sub".to_owned(), json!(live.entry.subject));
                Ok(Some(Value::Object(claims)))
            })
            .await?;
        Ok(found.ok_or(wrong)?)
    }

    /// Whether a token of the application that asks is good, and for what. Of others' tokens it learns nothing.
    ///
    /// # Errors
    /// [`super::Fault::Refused`] for an application that has not proved that it is itself.
    pub async fn introspect(
        &self,
        workspace: &Workspace,
        credentials: &Credentials,
        parameters: &Parameters,
        now: i64,
    ) -> Answer<Value> {
        let known = self.client(workspace, credentials, parameters, now).await?;
        // RFC 7662 section 2.1: against fishing for tokens.
        if known.application.settings.authentication == Authentication::Public {
            return Err(Refused::client().into());
        }
        let text = parameters
            .text("token")?
            .ok_or(Refused::request("token is missing"))?;
        let (whose, meant, issuer) = (known.connection.key, self.meant, self.issuer(workspace.id));
        let found = self.signin.read(move |tx| live(tx, meant, &text, now)).await?;
        let Some(live) = found.filter(|one| one.entry.connection == whose) else {
            return Ok(json!({"active": false}));
        };
        let kind = if live.token.kind == Kind::Access {
            "Bearer"
        } else {
            "refresh_token"
        };
        Ok(json!({
            "active": true, "scope": live.token.scope, "client_id": known.application.client_id, "token_type": kind,
            "username": live.reached.person.user_name, "sub": live.entry.subject, "iss": issuer,
            "aud": known.application.client_id, "iat": live.token.created / 1_000, "exp": live.token.expires / 1_000,
        }))
    }

    /// Takes a token back. A refresh token takes everything of its sign-in with it. What there is not is no error.
    ///
    /// # Errors
    /// [`super::Fault::Refused`] for an application that has not proved that it is itself.
    pub async fn revoke(
        &self,
        workspace: &Workspace,
        credentials: &Credentials,
        parameters: &Parameters,
        now: i64,
    ) -> Answer<()> {
        let known = self.client(workspace, credentials, parameters, now).await?;
        let text = parameters
            .text("token")?
            .ok_or(Refused::request("token is missing"))?;
        if !random::is_well_formed(&text) {
            return Ok(());
        }
        let (whose, hash) = (known.connection.key, random::hash(&text));
        self.signin
            .write(move |tx| {
                let Some(kept) = token::get(tx, &hash)? else {
                    return Ok(());
                };
                let is_own = entry::get(tx, kept.entry)?.is_some_and(|entry| entry.connection == whose);
                match kept.kind {
                    _ if !is_own => Ok(()),
                    Kind::Access => Ok(token::drop(tx, &hash)?),
                    Kind::Refresh => Ok(entry::end(tx, now, kept.entry, "revoked").map(drop)?),
                    Kind::Code => Ok(()),
                }
            })
            .await?;
        Ok(())
    }
}

/// The token, when it is good at this moment and its person gets at the application.
fn live(tx: &mut Tx, meant: super::Meant, text: &str, now: i64) -> Result<Option<Live>> {
    if !random::is_well_formed(text) {
        return Ok(None);
    }
    let found = token::get(tx, &random::hash(text))?;
    let Some(token) = found.filter(|one| one.kind != Kind::Code && one.used.is_none() && now < one.expires)
    else {
        return Ok(None);
    };
    let Some(entry) = entry::get(tx, token.entry)? else {
        return Ok(None);
    };
    let reached = reach::of_entry(tx, meant, &entry, now)?;
    Ok(reached.map(|reached| Live {
        token,
        entry,
        reached,
    }))
}

//! Telling applications that somebody has signed out: OpenID Connect Back-Channel Logout 1.0. What is to be told lies in the
//! store, so that a restart forgets nobody; an application that does not answer is told a few times more.

use super::{Application, Entry, Openid};
use crate::{Error, Result, random};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_connect::http::{Method, Origin, Policy, Request};
use provost_store::application::{self, back_channel};
use provost_store::connection;
use provost_store::workspace;
use serde_json::json;
use url::Url;

/// How many are told at a time.
const AT_ONCE: i64 = 20;
/// Milliseconds after which it is tried again, one after the other; then it is given up.
const AGAIN: [i64; 4] = [10_000, 60_000, 300_000, 1_800_000];
/// Seconds of a logout token (section 2.4: two minutes at most).
const LIFE: i64 = 120;
/// The event that it says (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

impl Openid {
    /// Tells what is due, and answers how many there were.
    ///
    /// # Errors
    /// [`Error::Store`]. What an application answers is no error: it is told again.
    pub async fn tell(&self, now: i64) -> Result<usize> {
        let look = self
            .signin
            .read(move |tx| Ok(back_channel::is_due(tx, now)?))
            .await?;
        if !look {
            return Ok(0);
        }
        let claimed = self
            .signin
            .write(move |tx| Ok(back_channel::claim(tx, now, AT_ONCE)?))
            .await?;
        let count = claimed.len();
        let mut told = tokio::task::JoinSet::new();
        for (entry, tries) in claimed {
            let openid = self.clone();
            told.spawn(async move { openid.tell_one(entry, tries, now).await });
        }
        while let Some(done) = told.join_next().await {
            done.map_err(|error| Error::Machine(format!("a sign-out could not be told: {error}")))??;
        }
        Ok(count)
    }

    async fn tell_one(&self, entry: Entry, tries: i64, now: i64) -> Result<()> {
        let whose = entry.connection;
        let found = self
            .signin
            .read(move |tx| {
                Ok((
                    application::of_connection(tx, whose)?,
                    connection::by_key(tx, whose)?,
                ))
            })
            .await?;
        let key = entry.key;
        let (Some(application), Some(connection)) = found else {
            return self.settle_logout(key, None).await;
        };
        let Some(uri) = application.settings.back_channel_logout_uri.clone() else {
            return self.settle_logout(key, None).await;
        };
        let Err(why) = self.send(&application, &entry, &uri, now).await else {
            return self.settle_logout(key, None).await;
        };
        let again = usize::try_from(tries).ok().and_then(|tries| AGAIN.get(tries));
        if let Some(wait) = again {
            return self.settle_logout(key, Some(now.saturating_add(*wait))).await;
        }
        tracing::warn!(
            connection = connection.key,
            "an application could not be told that somebody has signed out"
        );
        let (name, why) = (connection.name, format!("a sign-out could not be told: {why}"));
        self.signin
            .write(move |tx| Ok(back_channel::give_up(tx, now, &entry, &name, &why)?))
            .await
    }

    async fn settle_logout(&self, key: i64, next: Option<i64>) -> Result<()> {
        self.signin
            .write(move |tx| Ok(back_channel::settle(tx, key, next)?))
            .await
    }

    /// Sends one, and says why it was not taken.
    async fn send(
        &self,
        application: &Application,
        entry: &Entry,
        uri: &str,
        now: i64,
    ) -> std::result::Result<(), String> {
        let token = self
            .logout_token(application, entry, now)
            .await
            .map_err(|error| error.sentence())?;
        let url = Url::parse(uri).map_err(|_| "its address cannot be read".to_owned())?;
        let kept = &self.signin.0.openid;
        let policy = Policy {
            origins: Origin::of(&url).into_iter().collect(),
            allow_private_network: kept.allow_private_network,
            allowed_networks: Vec::new(),
        };
        let client = kept.factory.client(policy).map_err(|error| error.to_string())?;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", &token)
            .finish();
        let request =
            Request::new(Method::POST, url).body("application/x-www-form-urlencoded", body.into_bytes());
        let answer = client.send(request).await.map_err(|error| error.to_string())?;
        if answer.is_success() {
            Ok(())
        } else {
            Err(format!("it answered {}", answer.status))
        }
    }

    async fn logout_token(&self, application: &Application, entry: &Entry, now: i64) -> Result<String> {
        let within = entry.workspace;
        let workspace = self
            .signin
            .read(move |tx| Ok(workspace::by_key(tx, within)?))
            .await?;
        let workspace = workspace.ok_or_else(|| Error::Machine("the workspace is gone".to_owned()))?;
        let seconds = now / 1_000;
        let claims = json!({
            "iss": self.issuer(workspace.id), "sub": entry.subject, "aud": application.client_id, "iat": seconds,
            "exp": seconds + LIFE, "jti": URL_SAFE_NO_PAD.encode(random::bytes::<16>()?), "sid": entry.sid,
            "events": {EVENT: {}},
        });
        let algorithm = application.settings.algorithm;
        self.sign(workspace.key, algorithm, "logout+jwt", &claims, now)
            .await
    }
}

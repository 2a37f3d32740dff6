//! How a connection proves who it is: a token that was entered, or one that is fetched.

use url::Url;

use super::settings::Settings;
use crate::http::Factory;
use crate::oauth::Tokens;
use crate::open::{base_url, policy, secret};
use crate::{Error, Result, Secret, Secrets};

/// The credential of a connection.
pub(crate) enum Credential {
    /// The secret `token`.
    Token(Secret),
    /// Tokens by client credentials (RFC 6749 section 4.4), renewed before they expire.
    Fetched(Box<Tokens>),
}

impl Credential {
    pub(crate) fn open(settings: &Settings, secrets: &Secrets, factory: &Factory) -> Result<Self> {
        let Some(url) = &settings.token_url else {
            return Ok(Self::Token(secret(secrets, "token")?));
        };
        let url: Url = base_url("token_url", url)?;
        let client_id = settings.client_id.as_deref().unwrap_or_default();
        if client_id.trim().is_empty() {
            return Err(Error::Settings {
                field: "client_id".to_owned(),
                reason: "it is needed together with `token_url`".to_owned(),
            });
        }
        let secret = secret(secrets, "client_secret")?;
        let private = settings.allow_private_network;
        let client = factory.client(policy("token_url", &url, private, &settings.allowed_networks)?)?;
        let scope = settings.scope.clone().unwrap_or_default();
        Ok(Self::Fetched(Box::new(Tokens::new(
            client, url, client_id, secret, scope,
        ))))
    }

    /// A token that is good now.
    pub(crate) async fn token(&self) -> Result<Secret> {
        match self {
            Self::Token(token) => Ok(token.clone()),
            // Nothing was sent to the application yet.
            Self::Fetched(tokens) => tokens.get().await.map_err(Error::not_sent),
        }
    }

    /// A token was refused; whether another one may be had.
    pub(crate) async fn refused(&self, token: &Secret) -> bool {
        match self {
            Self::Token(_) => false,
            Self::Fetched(tokens) => {
                tokens.forget(token).await;
                true
            }
        }
    }
}

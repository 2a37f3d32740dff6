//! Refusals of the sign-in service ("Microsoft Entra authentication and authorization error codes").

use uuid::Uuid;

use super::account::{Account, Kind};
use crate::moment;
use crate::query::encoding::encode;
use crate::settings::Settings;

/// A refusal: the OAuth name, Microsoft's number, and the text.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub error: &'static str,
    pub code: u32,
    pub text: String,
}

impl Refusal {
    pub(crate) fn new(error: &'static str, code: u32, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { error, code, text }
    }

    pub(super) fn unknown_application(client_id: &str) -> Self {
        let text = format!("Application with identifier '{client_id}' was not found in the directory.");
        Self::new("unauthorized_client", 700_016, text)
    }

    pub(super) fn disabled(client_id: &str) -> Self {
        let text = format!("Application '{client_id}' is disabled.");
        Self::new("unauthorized_client", 7_000_112, text)
    }

    pub(super) fn unregistered(redirect: &str, client_id: &str) -> Self {
        let text = format!(
            "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application '{client_id}'."
        );
        Self::new("invalid_request", 50_011, text)
    }

    /// Whoever was asked went back.
    pub(crate) fn declined() -> Self {
        let text = "The resource owner or authorization server denied the request.";
        Self::new("consent_required", 65_004, text)
    }

    /// Nobody has consented for the tenant.
    pub(crate) fn not_consented(client_id: &str) -> Self {
        let text =
            format!("The administrator has not consented to use the application with ID '{client_id}'.");
        Self::new("consent_required", 65_001, text)
    }

    /// Why an account may not sign in at this address, or may not consent for its tenant.
    pub(crate) fn of(account: &Account, settings: &Settings, tenant: &str, consents: bool) -> Option<Self> {
        let stranger = |from: &str| {
            Self::new(
                "invalid_request",
                50_020,
                format!(
                    "User account '{{EmailHidden}}' from identity provider '{from}' does not exist in tenant '{}' and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Microsoft Entra user account.",
                    settings.display_name
                ),
            )
        };
        match account.kind {
            Kind::Personal => Some(Self::new(
                "invalid_request",
                500_200,
                "User account '{EmailHidden}' is a personal Microsoft account. Personal Microsoft accounts are not supported for this application unless explicitly invited to an organization. Try signing out and signing back in with an organizational account.",
            )),
            Kind::Guest => Some(stranger("live.com")),
            _ if !account.may_enter(settings, tenant) => {
                Some(stranger(&format!("https://sts.windows.net/{}/", account.tenant)))
            }
            Kind::User if consents => Some(Self::new(
                "access_denied",
                90_094,
                "The grant requires administrator permission. Ask an administrator to grant permission to this app.",
            )),
            Kind::User | Kind::Administrator => None,
        }
    }

    /// The description, with the ids by which Microsoft's support finds it.
    pub(crate) fn description(&self, now: i64) -> String {
        format!(
            "AADSTS{}: {}\r\nTrace ID: {}\r\nCorrelation ID: {}\r\nTimestamp: {}",
            self.code,
            self.text,
            Uuid::new_v4(),
            Uuid::new_v4(),
            moment::text(now).replace('T', " ")
        )
    }

    /// The query that a browser brings back.
    pub(crate) fn query(&self, now: i64) -> String {
        format!(
            "error={}&error_description={}",
            self.error,
            encode(&self.description(now))
        )
    }
}

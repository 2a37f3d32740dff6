//! Who signs a domain's people in: reading it, switching it to us and back, and renewing certificates.
//!
//! Source: Microsoft Graph, "internalDomainFederation resource type", "Create internalDomainFederation" and its
//! neighbours; Entra documentation, "Renew federation certificates". Creating the configuration is the switch, deleting it is
//! the switch back. All calls need the permission `Domain-InternalFederation.ReadWrite.All`, reading a domain
//! `Domain.Read.All`: both are asked for only where the function `federation` is switched on.

mod validation;
mod wanted;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

pub use self::validation::TokenValidation;
pub use self::wanted::{Mfa, Protocol, Wanted};
use super::exchange::Exchange;
use super::read::success;
use super::step::{Purpose, Step};
use super::{Graph, denial, odata};
use crate::{Error, Result};

const READING: &str = "reading the domain's federation";
const DOMAIN: &str = "reading the domain";
const SWITCHING: &str = "switching the domain to federated";
const RENEWING: &str = "renewing the domain's certificate";
const RETURNING: &str = "switching the domain back to managed";

/// A domain of the tenant as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "Graph's own properties")]
pub struct DomainState {
    /// The domain's name.
    pub id: String,
    /// `Managed` or `Federated`; subdomains have that of their root.
    pub authentication_type: String,
    /// The tenant's default domain: cannot be federated.
    #[serde(default)]
    pub is_default: bool,
    /// The `onmicrosoft.com` domain that came with the tenant: can never be federated.
    #[serde(default)]
    pub is_initial: bool,
    /// Not below another domain of the tenant: only such are federated.
    #[serde(default)]
    pub is_root: bool,
    /// Somebody has proved to own it.
    #[serde(default)]
    pub is_verified: bool,
}

impl DomainState {
    /// Whether its people sign in elsewhere.
    #[must_use]
    pub fn is_federated(&self) -> bool {
        self.authentication_type.eq_ignore_ascii_case("Federated")
    }

    /// Why it cannot be federated; `None` when it can.
    #[must_use]
    pub fn obstacle(&self) -> Option<&'static str> {
        if self.is_initial || self.id.to_ascii_lowercase().ends_with(".onmicrosoft.com") {
            Some("this is the initial domain, it cannot be federated")
        } else if !self.is_verified {
            Some("the domain is not verified: verify it in the Microsoft 365 admin center first")
        } else if self.is_default {
            Some("it is the tenant's default domain: make another domain the default first")
        } else if !self.is_root {
            Some(
                "it is a subdomain and signs in as its root domain does: federate that one, or promote it first",
            )
        } else {
            None
        }
    }
}

/// A domain's federation as Microsoft 365 holds it, whoever has set it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Federation {
    /// Its id.
    pub id: String,
    /// The name shown for the identity provider.
    pub display_name: Option<String>,
    /// `Issuer` of its answers.
    pub issuer_uri: Option<String>,
    /// Where browsers are sent.
    pub passive_sign_in_uri: Option<String>,
    /// Where browsers are sent to sign out.
    pub sign_out_uri: Option<String>,
    /// Where programs ask for tokens (WS-Trust).
    pub active_sign_in_uri: Option<String>,
    /// Where programs learn of that (WS-MetadataExchange).
    pub metadata_exchange_uri: Option<String>,
    /// `saml` or `wsFed`.
    pub preferred_authentication_protocol: Option<String>,
    /// The certificate that answers are checked with: Base64 of its DER.
    pub signing_certificate: Option<String>,
    /// The one that is accepted next to it.
    pub next_signing_certificate: Option<String>,
    /// Whose second factor counts.
    pub federated_idp_mfa_behavior: Option<String>,
    /// Whether Microsoft signs its requests.
    pub is_signed_authentication_request_required: Option<bool>,
    /// What becomes of `prompt=login`.
    pub prompt_login_behavior: Option<String>,
}

impl Graph {
    /// The domain as it stands.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the permission that is missing; [`Error::Rejected`] when the tenant has no such domain.
    pub async fn domain_state(&self, domain: &str) -> Result<DomainState> {
        // The whole list: the permission for one domain by its name is not in Microsoft's file, that for the list is.
        let step = Step::look("/domains".to_owned(), DOMAIN, domain);
        let exchange = self.one(&step).await?;
        success_of(&step, &exchange)?;
        let all = self.to_its_end(&exchange, DOMAIN).await?;
        let own = all.into_iter().find(|one| {
            one["id"]
                .as_str()
                .is_some_and(|id| id.eq_ignore_ascii_case(domain))
        });
        let own = own.ok_or_else(|| {
            refused(
                DOMAIN,
                &format!("the tenant has no domain {domain}: add and verify it in the Microsoft 365 admin center first"),
            )
        })?;
        read(&exchange, own, DOMAIN)
    }

    /// The domain's federation; `None` when Microsoft signs its people in.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the permission that is missing.
    pub async fn federation(&self, domain: &str) -> Result<Option<Federation>> {
        let step = Step::look(path(domain, "/federationConfiguration"), READING, domain);
        let exchange = self.one(&step).await?;
        // Not told anywhere: a managed domain may answer with an empty list or that there is none.
        if exchange.status == 404 {
            return Ok(None);
        }
        let list = success_of(&step, &exchange)?["value"].as_array();
        let Some(list) = list else {
            return Err(unreadable(&exchange, READING, "a list without `value`"));
        };
        list.first()
            .map(|own| read(&exchange, own.clone(), READING))
            .transpose()
    }

    /// Switches a domain to federated, and reads back what Microsoft 365 has kept. From now on everybody of the domain signs
    /// in elsewhere; Microsoft needs up to two hours to know it everywhere.
    ///
    /// # Errors
    /// [`Error::Rejected`] when something cannot work, before anything is sent; [`Error::Rejected`] with Microsoft's
    /// words, or with the fields that were kept otherwise than sent; [`Error::Unintelligible`] when it was accepted and is
    /// not shown yet; [`Error::Forbidden`] with the permission that is
    /// missing.
    pub async fn federate(&self, domain: &str, wanted: &Wanted) -> Result<Federation> {
        wanted.check(domain).map_err(|why| refused(SWITCHING, &why))?;
        let place = path(domain, "/federationConfiguration");
        let step = Step::new(Method::POST, place, SWITCHING, Purpose::Change)
            .about(domain)
            .body(wanted.body());
        let exchange = self.one(&step).await?;
        if exchange.status == 409 {
            return Err(refused(
                SWITCHING,
                &format!(
                    "the issuer {} belongs to another domain already, of this tenant or of another: every domain needs an issuer of its own ({})",
                    wanted.issuer,
                    exchange.reason()
                ),
            ));
        }
        success_of(&step, &exchange)?;
        let kept = self.federation(domain).await?;
        let kept = kept
            .ok_or_else(|| unreadable(&exchange, SWITCHING, "an acceptance, but no federation after it"))?;
        let other = wanted.differences(&kept);
        if other.is_empty() {
            return Ok(kept);
        }
        Err(refused(
            SWITCHING,
            &format!(
                "the domain is federated now, but Microsoft 365 has kept {} otherwise than sent: check it, or switch back",
                other.join(", ")
            ),
        ))
    }

    /// Puts a certificate (Base64 of its DER) into the slot beside the current one, so that answers signed with either are
    /// accepted. `None` empties the slot.
    ///
    /// # Errors
    /// As [`Graph::federate`].
    pub async fn set_next_certificate(&self, domain: &str, certificate: Option<&str>) -> Result<Federation> {
        if let Some(certificate) = certificate {
            wanted::certificate(certificate).map_err(|why| refused(RENEWING, why))?;
        }
        self.change_federation(domain, json!({"nextSigningCertificate": certificate}))
            .await
    }

    /// Makes the certificate in the slot beside it the current one; the old one takes its place there, so that answers
    /// on their way stay good.
    ///
    /// # Errors
    /// As [`Graph::federate`]; [`Error::Rejected`] when the slot is empty.
    pub async fn swap_certificates(&self, domain: &str) -> Result<Federation> {
        let now = self.federated(domain, RENEWING).await?;
        let Some(next) = now.next_signing_certificate.filter(|next| !next.is_empty()) else {
            return Err(refused(
                RENEWING,
                "there is no next certificate: put the new one there first",
            ));
        };
        let body = json!({"signingCertificate": next, "nextSigningCertificate": now.signing_certificate});
        self.change_federation(domain, body).await
    }

    /// Switches a domain back to managed. Microsoft knows nobody's password: everybody of the domain needs a new one. A
    /// domain that is managed already stays so.
    ///
    /// # Errors
    /// As [`Graph::federate`].
    pub async fn make_managed(&self, domain: &str) -> Result<()> {
        let Some(now) = self.federation(domain).await? else {
            return Ok(());
        };
        let step = Step::new(
            Method::DELETE,
            own_path(domain, &now.id),
            RETURNING,
            Purpose::Remove,
        )
        .about(domain);
        let exchange = self.one(&step).await?;
        if exchange.status == 404 {
            return Ok(());
        }
        success_of(&step, &exchange).map(|_| ())
    }

    async fn change_federation(&self, domain: &str, mut body: Value) -> Result<Federation> {
        let now = self.federated(domain, RENEWING).await?;
        body["@odata.type"] = json!(wanted::TYPE);
        let step = Step::new(
            Method::PATCH,
            own_path(domain, &now.id),
            RENEWING,
            Purpose::Change,
        )
        .about(domain)
        .body(body.clone());
        let exchange = self.one(&step).await?;
        success_of(&step, &exchange)?;
        let kept = self.federated(domain, RENEWING).await?;
        let same = |name: &str, kept: Option<&String>| {
            body.get(name)
                .is_none_or(|sent| sent.as_str() == kept.map(String::as_str))
        };
        if same("signingCertificate", kept.signing_certificate.as_ref())
            && same("nextSigningCertificate", kept.next_signing_certificate.as_ref())
        {
            return Ok(kept);
        }
        Err(refused(
            RENEWING,
            "Microsoft 365 has accepted it, but shows other certificates: read them again in a few minutes before you sign with the new one",
        ))
    }

    async fn federated(&self, domain: &str, operation: &str) -> Result<Federation> {
        let found = self.federation(domain).await?;
        found.ok_or_else(|| refused(operation, &format!("the domain {domain} is not federated")))
    }

    /// Sends one step; throttling is the caller's to wait out.
    async fn one(&self, step: &Step) -> Result<Exchange> {
        let mut answers = self.wire.send(&[step]).await;
        match answers.pop() {
            Some(answer) => answer,
            None => Err(refused(step.operation, "no answer came")),
        }
    }
}

fn path(domain: &str, rest: &str) -> String {
    format!("/domains/{}{rest}", odata::encode(domain))
}

fn own_path(domain: &str, id: &str) -> String {
    path(domain, &format!("/federationConfiguration/{}", odata::encode(id)))
}

/// The body of a success; a refusal names the permission that is missing.
fn success_of<'a>(step: &Step, exchange: &'a Exchange) -> Result<&'a Value> {
    if exchange.status == 204 {
        return Ok(&Value::Null);
    }
    success(exchange, step.operation).map_err(|error| denial::in_words(step, error))
}

fn read<T: serde::de::DeserializeOwned>(exchange: &Exchange, body: Value, operation: &str) -> Result<T> {
    serde_json::from_value(body).map_err(|error| unreadable(exchange, operation, &error.to_string()))
}

fn unreadable(exchange: &Exchange, operation: &str, found: &str) -> Error {
    Error::Unintelligible {
        host: exchange.place.clone(),
        operation: operation.to_owned(),
        found: found.to_owned(),
    }
}

fn refused(operation: &str, reason: &str) -> Error {
    Error::Rejected {
        operation: operation.to_owned(),
        reason: reason.to_owned(),
        attribute: None,
    }
}

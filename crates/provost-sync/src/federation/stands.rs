//! What stands at Microsoft, compared with what was sent.

use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::{Engine, Error, Result};
use provost_connect::Error as TargetError;
use provost_connect::graph::Graph;
use provost_connect::graph::federation::Federation;
use provost_store::microsoft_365::Provider;
use serde_json::Value;

/// What stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    /// Microsoft signs the domain's people in.
    Managed,
    /// This hub does, as it was sent. The configuration's id.
    Ours(String),
    /// This hub does, but these properties stand otherwise than they were sent.
    Otherwise(Vec<&'static str>),
    /// Somebody else does; their issuer.
    Other(String),
    /// The domain is federated, and nobody is said to sign its people in.
    Nobody,
}

impl Stands {
    /// What is said about it where this hub should sign people in; empty where all is as it should be.
    pub fn trouble(&self, domain: &str) -> String {
        match self {
            Self::Ours(_) => String::new(),
            Self::Managed => {
                format!(
                    "{domain} is managed at Microsoft, although it was switched here: somebody has switched it back there."
                )
            }
            Self::Otherwise(fields) => format!(
                "{domain} is federated with this hub, but Microsoft holds {} otherwise than it was sent.",
                fields.join(", ")
            ),
            Self::Other(issuer) => format!("{domain} is federated with somebody else: {issuer}."),
            Self::Nobody => {
                format!("{domain} is federated at Microsoft, but with nobody: its people cannot sign in.")
            }
        }
    }
}

/// Properties that are compared, by Microsoft's names.
type Property = (&'static str, fn(&Federation) -> Option<&String>);
const PROPERTIES: [Property; 8] = [
    ("issuerUri", |one| one.issuer_uri.as_ref()),
    ("passiveSignInUri", |one| one.passive_sign_in_uri.as_ref()),
    ("signOutUri", |one| one.sign_out_uri.as_ref()),
    ("preferredAuthenticationProtocol", |one| {
        one.preferred_authentication_protocol.as_ref()
    }),
    ("signingCertificate", |one| one.signing_certificate.as_ref()),
    ("nextSigningCertificate", |one| {
        one.next_signing_certificate.as_ref()
    }),
    ("federatedIdpMfaBehavior", |one| {
        one.federated_idp_mfa_behavior.as_ref()
    }),
    ("promptLoginBehavior", |one| one.prompt_login_behavior.as_ref()),
];

fn differences(sent: &Value, kept: &Federation) -> Vec<&'static str> {
    let differs = |(name, read): &&Property| {
        let kept = read(kept).map(String::as_str).filter(|text| !text.is_empty());
        sent[*name].as_str() != kept
    };
    PROPERTIES.iter().filter(differs).map(|(name, _)| *name).collect()
}

/// Reads what stands, and compares it with what was sent.
pub(super) async fn look(graph: &Graph, domain: &str, sent: &Value) -> Result<Stands> {
    let state = graph.domain_state(domain).await?;
    let Some(found) = graph.federation(domain).await? else {
        return Ok(match state.is_federated() {
            true => Stands::Nobody,
            false => Stands::Managed,
        });
    };
    let issuer = found.issuer_uri.clone().unwrap_or_default();
    if sent["issuerUri"].as_str() != Some(issuer.as_str()) {
        return Ok(Stands::Other(issuer));
    }
    let otherwise = differences(sent, &found);
    Ok(match otherwise.is_empty() {
        true => Stands::Ours(found.id),
        false => Stands::Otherwise(otherwise),
    })
}

/// Whether an error means that nothing was changed. Any other answer may have had its effect.
pub(super) fn is_certain(error: &TargetError) -> bool {
    matches!(
        error,
        TargetError::Rejected { .. }
            | TargetError::Forbidden { .. }
            | TargetError::Throttled { .. }
            | TargetError::Settings { .. }
            | TargetError::AddressRefused { .. }
    )
}

impl Engine {
    /// The provider's tenant, opened. No request is made.
    pub(super) async fn tenant_of(&self, provider: &Provider) -> Result<Open> {
        let Some(key) = provider.connection else {
            return Err(Error::refused(
                "PRV-PROVIDER-ORDER",
                format!(
                    "the provider \"{}\" has no connection to its tenant yet",
                    provider.name
                ),
                "Save the section Provisioning first.",
            ));
        };
        open::open_with(self, key, &Proposal::without_rules()).await
    }
}

/// The tenant as what it is.
pub(super) fn graph(open: &Open) -> Result<&Graph> {
    open.target.microsoft().ok_or_else(|| {
        Error::refused(
            "PRV-PROVIDER-ORDER",
            "the provider's connection does not lead to Microsoft 365",
            "Save the section Provisioning again.",
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent() -> Value {
        json!({"issuerUri": "https://hub.contoso.example/idp/1", "passiveSignInUri": "https://hub.contoso.example/idp/1/saml",
               "signOutUri": "https://hub.contoso.example/idp/1/logout", "preferredAuthenticationProtocol": "saml",
               "signingCertificate": "MII", "federatedIdpMfaBehavior": "acceptIfMfaDoneByFederatedIdp",
               "promptLoginBehavior": "nativeSupport"})
    }

    #[test]
    fn every_property_that_stands_otherwise_is_named() {
        let mut kept = sent();
        kept["id"] = json!("9");
        let found: Federation = serde_json::from_value(kept.clone()).unwrap();
        assert_eq!(differences(&sent(), &found), Vec::<&str>::new());
        for (name, _) in PROPERTIES {
            let mut other = kept.clone();
            other[name] = json!("another");
            let found: Federation = serde_json::from_value(other).unwrap();
            assert_eq!(differences(&sent(), &found), [name]);
        }
    }

    #[test]
    fn only_what_is_ours_to_the_last_property_is_no_trouble() {
        assert_eq!(Stands::Ours("9".into()).trouble("contoso.example"), "");
        for one in [
            Stands::Managed,
            Stands::Otherwise(vec!["signingCertificate"]),
            Stands::Other("https://elsewhere.example".into()),
            Stands::Nobody,
        ] {
            assert!(
                one.trouble("contoso.example").contains("contoso.example"),
                "{one:?}"
            );
        }
    }
}

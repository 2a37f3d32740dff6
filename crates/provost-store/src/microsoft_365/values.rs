//! The addresses that Microsoft is given for a provider.

use super::Provider;
use serde::Serialize;

/// The addresses of a provider: as service provider of the migration, and as identity provider of the domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Values {
    /// Entity ID of the service provider ("Identifier" in Entra); its metadata is there.
    pub sp_entity_id: String,
    /// Where Entra sends assertions ("Reply URL").
    pub sp_acs: String,
    /// The issuer of our own assertions.
    pub issuer: String,
    /// Where people of the domain are sent to sign in, by SAML 2.0.
    pub sign_in: String,
    /// The same by WS-Federation, which joining Windows to Entra asks for.
    pub ws_federation: String,
    /// What clients of WS-Federation ask for: it says that people sign in by a browser only (WS-MetadataExchange).
    pub mex: String,
    /// Where they are sent to sign out.
    pub sign_out: String,
    /// The identity provider's metadata (SAML 2.0).
    pub metadata: String,
    /// The same for WS-Federation.
    pub ws_federation_metadata: String,
}

/// The values of a provider under the address by which people reach Provost.
#[must_use]
pub fn provider_values(public_url: &str, provider: &Provider) -> Values {
    let hub = public_url.trim_end_matches('/');
    let id = provider.id.hyphenated();
    Values {
        sp_entity_id: format!("{hub}/saml/{id}/metadata"),
        sp_acs: format!("{hub}/saml/{id}/acs"),
        issuer: format!("{hub}/idp/{id}"),
        sign_in: format!("{hub}/idp/{id}/saml"),
        ws_federation: format!("{hub}/idp/{id}/wsfed"),
        mex: format!("{hub}/idp/{id}/mex"),
        sign_out: format!("{hub}/idp/{id}/logout"),
        metadata: format!("{hub}/idp/{id}/metadata"),
        ws_federation_metadata: format!("{hub}/idp/{id}/FederationMetadata/2007-06/FederationMetadata.xml"),
    }
}

//! What the provider says about itself: OpenID Connect Discovery 1.0 section 3, RFC 8414. Only what works is listed.

use super::claims::{CLAIMS, SCOPES};
use super::{Algorithm, Openid};
use provost_store::workspace::Workspace;
use serde_json::{Value, json};

/// How applications prove that they are themselves.
const METHODS: [&str; 4] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
];
/// The algorithms of assertions.
const ASSERTIONS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

impl Openid {
    /// The description of a workspace's provider.
    #[must_use]
    pub fn describe(&self, workspace: &Workspace) -> Value {
        let at = |path: &str| self.endpoint(workspace.id, path);
        let algorithms: Vec<&str> = Algorithm::ALL.iter().map(|one| one.as_str()).collect();
        let proving: Vec<&str> = METHODS.into_iter().filter(|one| *one != "none").collect();
        json!({
            "issuer": self.issuer(workspace.id),
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
            "pushed_authorization_request_endpoint": at("par"),
            "introspection_endpoint": at("introspect"),
            "revocation_endpoint": at("revoke"),
            "end_session_endpoint": at("logout"),
            "scopes_supported": SCOPES,
            "claims_supported": CLAIMS,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": algorithms,
            "acr_values_supported": ["phr"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": METHODS,
            "token_endpoint_auth_signing_alg_values_supported": ASSERTIONS,
            "introspection_endpoint_auth_methods_supported": proving,
            "introspection_endpoint_auth_signing_alg_values_supported": ASSERTIONS,
            "revocation_endpoint_auth_methods_supported": METHODS,
            "revocation_endpoint_auth_signing_alg_values_supported": ASSERTIONS,
            "prompt_values_supported": ["none", "login", "select_account"],
            "claims_parameter_supported": false,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "require_pushed_authorization_requests": false,
            "authorization_response_iss_parameter_supported": true,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
        })
    }
}

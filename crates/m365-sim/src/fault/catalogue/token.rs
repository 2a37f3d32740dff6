//! Refusals of the token endpoint.

/// A refusal of the token endpoint.
#[derive(Debug)]
pub(crate) struct TokenRow {
    /// The number after `AADSTS`.
    pub code: u32,
    pub status: u16,
    /// The field `error`.
    pub error: &'static str,
    /// What follows the number in `error_description`.
    pub text: &'static str,
}

const fn row(code: u32, status: u16, error: &'static str, text: &'static str) -> TokenRow {
    TokenRow {
        code,
        status,
        error,
        text,
    }
}

/// All of them, family by family.
#[rustfmt::skip] // A table: one refusal a line.
pub(crate) const TOKEN: &[TokenRow] = &[
    row(7_000_215, 401, "invalid_client", "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."),
    row(7_000_222, 401, "invalid_client", "The provided client secret keys are expired. Create new keys for the app, or use certificate credentials."),
    row(7_000_218, 401, "invalid_client", "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
    row(50_012, 401, "invalid_client", "Authentication failed: the certificate's thumbprint or the assertion's signature was not accepted."),
    row(700_027, 401, "invalid_client", "Client assertion contains an invalid signature. The key was not found."),
    row(700_024, 401, "invalid_client", "Client assertion is not within its valid time range."),
    row(700_016, 400, "unauthorized_client", "Application with this identifier was not found in the directory."),
    row(7_000_112, 400, "unauthorized_client", "The application is disabled."),
    row(90_002, 400, "invalid_request", "Tenant not found. Check the tenant ID, and that the right cloud is used."),
    row(900_144, 400, "invalid_request", "The request body must contain the following parameter: 'scope'."),
    row(90_014, 400, "invalid_request", "The required field is missing from the credential."),
    row(9_001_023, 400, "invalid_request", "The grant type is not supported over the /common or /consumers endpoints. Use the /organizations or a tenant-specific endpoint."),
    row(70_011, 400, "invalid_scope", "The provided value for the input parameter 'scope' is not valid."),
    row(28_002, 400, "invalid_scope", "The provided value for scope is not valid when requesting an access token."),
    row(700_022, 400, "invalid_scope", "The provided value for scope has more than one resource."),
    row(500_011, 400, "invalid_resource", "The resource principal was not found in the tenant."),
    row(50_001, 400, "invalid_resource", "The resource is disabled, or it does not exist in the tenant."),
    row(90_033, 503, "temporarily_unavailable", "A transient error has occurred. Try again."),
    row(90_006, 503, "temporarily_unavailable", "An external server that can be retried has failed."),
    row(90_024, 503, "temporarily_unavailable", "A transient error has occurred while the request was budgeted. Try again."),
    row(90_055, 429, "temporarily_unavailable", "The tenant is throttled because there were too many requests."),
];

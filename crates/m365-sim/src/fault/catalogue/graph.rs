//! Refusals of Graph.

/// A refusal of Graph.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its name here.
    pub name: &'static str,
    pub status: u16,
    pub code: &'static str,
    pub message: &'static str,
    /// The property at fault. Empty: none is named.
    pub target: &'static str,
    /// Comes with the two details of a value that another object has.
    pub conflict: bool,
    pub headers: &'static [(&'static str, &'static str)],
}

const fn row(name: &'static str, status: u16, code: &'static str, message: &'static str) -> Row {
    Row {
        name,
        status,
        code,
        message,
        target: "",
        conflict: false,
        headers: &[],
    }
}

const fn at(target: &'static str, row: Row) -> Row {
    Row { target, ..row }
}

const fn taken(name: &'static str, target: &'static str, message: &'static str) -> Row {
    Row {
        target,
        conflict: true,
        ..row(name, 400, BAD, message)
    }
}

const fn with(headers: &'static [(&'static str, &'static str)], row: Row) -> Row {
    Row { headers, ..row }
}

const BAD: &str = "Request_BadRequest";
const NO_TOKEN: &str = "InvalidAuthenticationToken";
const DENIED: &str = "Authorization_RequestDenied";
const CHALLENGE: &[(&str, &str)] = &[(
    "WWW-Authenticate",
    "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"",
)];
/// The claims say in base64 that the token must be younger than it is.
const CLAIMS: &[(&str, &str)] = &[(
    "WWW-Authenticate",
    "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzY3NjAzNjAwIn19fQ==\"",
)];
const SOON: &[(&str, &str)] = &[("Retry-After", "1")];

/// All of them, by status.
#[rustfmt::skip] // A table: one refusal a line.
pub(crate) const GRAPH: &[Row] = &[
    at("usageLocation", row("bad_value", 400, BAD, "Invalid value specified for property 'usageLocation' of resource 'User'.")),
    row("unknown_property", 400, BAD, "One or more property values specified are invalid."),
    at("userPrincipalName", row("unverified_domain", 400, BAD, "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.")),
    at("passwordProfile", row("weak_password", 400, BAD, "The specified password does not comply with password complexity requirements. Please provide a different password.")),
    row("member_exists", 400, BAD, "One or more added object references already exist for the following modified properties: 'members'."),
    row("member_missing", 400, BAD, "One or more removed object references do not exist for the following modified properties: 'members'."),
    row("licence_location", 400, BAD, "License assignment cannot be done for user with invalid usage location."),
    row("licence_seats", 400, BAD, "Subscription with SKU 05e9a617-0261-4cee-bb44-138d3ef5d965 does not have any available licenses."),
    row("licence_clash", 400, BAD, "License assignment failed because service plans of the licenses are mutually exclusive."),
    row("licence_dependency", 400, BAD, "License assignment failed because a service plan depends on another service plan that is not assigned."),
    row("licence_inherited", 400, BAD, "User license is inherited from a group membership and it cannot be removed directly from the user."),
    row("read_only_kind", 400, BAD, "Cannot Update a mail-enabled security groups and or distribution list."),
    row("foreign_owned", 400, BAD, "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration."),
    row("net_id", 400, BAD, "The value of netId is invalid."),
    taken("upn_taken", "userPrincipalName", "Another object with the same value for property userPrincipalName already exists."),
    taken("address_taken", "proxyAddresses", "Another object with the same value for property proxyAddresses already exists."),
    taken("nickname_taken", "mailNickname", "Another object with the same value for property mailNickname already exists."),
    taken("immutable_id_taken", "onPremisesImmutableId", "Another object with the same value for property onPremisesImmutableId already exists."),
    row("unsupported_query", 400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified for property 'userPrincipalName' of resource 'User'."),
    row("same_key", 400, "Request_MultipleObjectsWithSameKeyValue", "A conflicting object with one or more of the specified property values is present in the directory."),
    row("expired_page_token", 400, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request."),
    row("page_token_not_found", 400, "DirectoryPageTokenNotFoundException", "The page token of the request was not found."),
    row("too_many_ids", 400, "Directory_ResultSizeLimitExceeded", "The size of the result exceeds the limit."),
    row("too_many_ids_long", 400, "DirectoryResultSizeLimitExceeded", "The size of the result exceeds the limit."),
    row("sync_state_not_found", 400, "syncStateNotFound", "The sync state generation is not found; continuing is not possible."),
    row("resync_required", 400, "resyncRequired", "Resync is required. The delta token is no longer valid, and the application must reset the sync state."),
    with(CHALLENGE, row("token_expired", 401, NO_TOKEN, "Lifetime validation failed, the token is expired.")),
    with(CHALLENGE, row("token_malformed", 401, NO_TOKEN, "CompactToken parsing failed with error code: 80049217")),
    with(CHALLENGE, row("token_audience", 401, NO_TOKEN, "Access token validation failure. Invalid audience.")),
    with(CLAIMS, row("claims_challenge", 401, NO_TOKEN, "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp")),
    row("denied", 403, DENIED, "Insufficient privileges to complete the operation."),
    row("identity_not_found", 403, "Authorization_IdentityNotFound", "The identity of the calling application could not be established."),
    row("identity_disabled", 403, "Authorization_IdentityDisabled", "The identity of the calling application is disabled."),
    row("quota_exceeded", 403, "Directory_QuotaExceeded", "The directory object quota limit for the tenant has been exceeded. Please ask your administrator to increase the quota limit or delete objects to reduce the used quota."),
    row("not_found", 404, "Request_ResourceNotFound", "Resource '00000000-0000-4000-8000-000000000365' does not exist or one of its queried reference-property objects are not present."),
    row("method_not_allowed", 405, BAD, "Specified HTTP method is not allowed for the request target."),
    row("not_acceptable", 406, "NotAcceptable", "The requested content type is not offered."),
    row("conflict", 409, "Conflict", "The request conflicts with another change to the same object."),
    row("concurrency", 409, "Directory_ConcurrencyViolation", "The object was changed by another request at the same time. Try again."),
    row("service_conflict", 409, "Service_ConcurrencyViolation", "Another request is changing the same object. Try again."),
    row("delta_reset", 410, "resyncRequired", "Resync is required: start over at the address in the Location header."),
    row("precondition_failed", 412, "PreconditionFailed", "The object has another version than the one in If-Match."),
    row("unsupported_media_type", 415, "UnsupportedMediaType", "The content type of the request body must be application/json."),
    row("failed_dependency", 424, "FailedDependency", "A request that this one depends on has failed."),
    with(SOON, row("throttled", 429, "TooManyRequests", "Too many requests. Wait, then try again.")),
    with(SOON, row("throttled_temporarily", 429, "Request_ThrottledTemporarily", "Your request is throttled temporarily. Please try after some time.")),
    with(SOON, row("activity_limit", 429, "activityLimitReached", "The app or user has been throttled.")),
    row("internal_error", 500, "Service_InternalServerError", "Encountered an internal server error."),
    row("not_implemented", 501, "NotImplemented", "The requested feature is not implemented."),
    row("bad_gateway", 502, "BadGateway", "The server received an invalid answer from another server."),
    with(SOON, row("unavailable", 503, "serviceNotAvailable", "The service is temporarily unavailable.")),
    with(SOON, row("binding_redirection", 503, "Directory_BindingRedirectionInternalServerError", "The request was sent to a copy of the directory that cannot answer it now.")),
    row("gateway_timeout", 504, "GatewayTimeout", "Another server did not answer in time. The request may have been carried out.")  ,
    row("bandwidth", 509, "BandwidthLimitExceeded", "The application has exceeded its bandwidth. Try again later."),
];

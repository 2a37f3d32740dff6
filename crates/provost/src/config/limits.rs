//! `[limits]`: how much a client may ask for.

use super::check;
use serde::Deserialize;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// How much a client may ask for. Every cap of the SCIM service that does not come from the RFC.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Limits {
    /// Requests a second that a new provider may send; 0 for no limit. Each provider has its own.
    pub requests_per_second: u32,
    /// Requests that a new provider may send at once after a quiet time.
    pub burst: u32,
    /// Bytes of a request's body.
    pub body_bytes: u64,
    /// Bytes of a bulk request's body.
    pub bulk_bytes: u64,
    /// Operations of a bulk request.
    pub bulk_operations: u64,
    /// Resources on a page when the client does not say.
    pub page: u64,
    /// Resources on a page at most, whatever the client says.
    pub max_page: u64,
    /// Seconds for which a list can be continued after a page was sent.
    pub cursor_seconds: u64,
    /// Requests of one provider that are answered at a time.
    pub in_flight: u64,
    /// Seconds in which the head of a request must have arrived; also how long a connection may be idle.
    pub head_seconds: u64,
    /// Seconds in which a request's body must have arrived.
    pub body_seconds: u64,
    /// Seconds for which a client may take nothing of its answer.
    pub answer_seconds: u64,
    /// Requests a second of one token of the admin API; 0 for no limit.
    pub api_requests_per_second: u32,
    /// Requests that such a token may send at once after a quiet time.
    pub api_burst: u32,
    /// Records of one bulk upload of a source.
    pub import_operations: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(&Written::default())
    }
}

/// The section as it is written: each number within its own bounds, not yet compared with the others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    #[serde(deserialize_with = "check::within::<_, 0, 100_000>")]
    requests_per_second: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 1_000_000>")]
    burst: u64,
    #[serde(deserialize_with = "check::within::<_, { 16 * KIB }, { 64 * MIB }>")]
    body_bytes: u64,
    #[serde(deserialize_with = "check::within::<_, { 16 * KIB }, { 256 * MIB }>")]
    bulk_bytes: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 10_000>")]
    bulk_operations: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 10_000>")]
    page: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 10_000>")]
    max_page: u64,
    #[serde(deserialize_with = "check::within::<_, 60, 604_800>")]
    cursor_seconds: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 10_000>")]
    in_flight: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 3_600>")]
    head_seconds: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 3_600>")]
    body_seconds: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 3_600>")]
    answer_seconds: u64,
    #[serde(deserialize_with = "check::within::<_, 0, 100_000>")]
    api_requests_per_second: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 1_000_000>")]
    api_burst: u64,
    #[serde(deserialize_with = "check::within::<_, 1, 1_000>")]
    import_operations: u64,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            requests_per_second: 200,
            burst: 1_000,
            body_bytes: MIB,
            bulk_bytes: 10 * MIB,
            bulk_operations: 1_000,
            page: 100,
            max_page: 500,
            cursor_seconds: 3_600,
            in_flight: 64,
            head_seconds: 75,
            body_seconds: 30,
            answer_seconds: 30,
            api_requests_per_second: 50,
            api_burst: 200,
            import_operations: 50,
        }
    }
}

impl Limits {
    fn of(written: &Written) -> Self {
        // Both are within their bounds, which are far below.
        let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            requests_per_second: narrow(written.requests_per_second),
            burst: narrow(written.burst),
            body_bytes: written.body_bytes,
            bulk_bytes: written.bulk_bytes,
            bulk_operations: written.bulk_operations,
            page: written.page,
            max_page: written.max_page,
            cursor_seconds: written.cursor_seconds,
            in_flight: written.in_flight,
            head_seconds: written.head_seconds,
            body_seconds: written.body_seconds,
            answer_seconds: written.answer_seconds,
            api_requests_per_second: narrow(written.api_requests_per_second),
            api_burst: narrow(written.api_burst),
            import_operations: written.import_operations,
        }
    }
}

impl TryFrom<Written> for Limits {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let limits = Self::of(&written);
        if limits.page > limits.max_page {
            return Err(format!(
                "page ({}) must not be above max_page ({})",
                limits.page, limits.max_page
            ));
        }
        if limits.body_bytes > limits.bulk_bytes {
            return Err(format!(
                "body_bytes ({}) must not be above bulk_bytes ({}): a bulk request holds whole bodies",
                limits.body_bytes, limits.bulk_bytes
            ));
        }
        Ok(limits)
    }
}

//! What is set about an inbound provider.

use schemars::JsonSchema;
use serde_json::Value;

/// What is set about an inbound provider.
#[derive(JsonSchema)]
#[schemars(rename = "ProviderSettings")]
pub(in crate::api) struct Settings {
    #[schemars(default, skip_serializing_if = "Option::is_none")]
    permission: Option<String>,
    #[schemars(default, skip_serializing_if = "Option::is_none")]
    dialect: Option<String>,
    /// Which attributes a person must have and may be filtered on.
    #[schemars(default, skip_serializing_if = "Option::is_none")]
    sheet: Option<Value>,
    takeover: String,
    networks: Vec<String>,
    requests_per_second: u32,
    burst: u32,
    request_log: String,
    log_days: u32,
    recycle_days: u32,
    unknown_members: String,
}

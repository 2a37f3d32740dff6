//! Who is written to.

use schemars::JsonSchema;

/// Who is written to when a connection needs a person.
#[derive(JsonSchema, Default)]
#[schemars(deny_unknown_fields, default, rename = "MailSettings")]
pub(in crate::api) struct Settings {
    enabled: bool,
    recipient: String,
    #[schemars(skip_serializing_if = "Option::is_none")]
    smtp: Option<Smtp>,
    digest: bool,
    digest_hour: u8,
    expiry_days: u16,
    console: String,
    /// The language of the letters: `en` or `de`.
    language: String,
}

/// The mail server.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Smtp {
    host: String,
    #[schemars(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    /// `starttls`, `tls` or `none`.
    #[schemars(default)]
    security: String,
    #[schemars(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    from: String,
    #[schemars(default)]
    allow_plain: bool,
    #[schemars(default, skip_serializing_if = "Option::is_none")]
    trusted: Option<String>,
}

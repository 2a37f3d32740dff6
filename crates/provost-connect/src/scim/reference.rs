//! The settings of a SCIM connection, for people: shown by the command and in the documentation.

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What counts when it is not entered.
    pub default: &'static str,
    /// What it does and when to touch it.
    pub meaning: &'static str,
}

const fn setting(name: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting {
        name,
        default,
        meaning,
    }
}

/// Every setting of a SCIM connection, the ones that everybody needs first.
pub const SETTINGS: [Setting; 29] = [
    setting(
        "url",
        "",
        "The tenant URL: the base address of the application's SCIM service, `https://app.contoso.example/scim/v2`.",
    ),
    setting(
        "server",
        "generic",
        "`generic`, `aws` (AWS IAM Identity Center) or `entra-scim` (Microsoft Entra ID as a target): presets for the settings below. What is entered wins.",
    ),
    setting(
        "dialect",
        "rfc",
        "`rfc` sends PATCH as RFC 7644 has it; `entra` as Microsoft Entra sends it, for applications that were only ever tried with that.",
    ),
    setting(
        "allow_private_network",
        "false",
        "Whether the application may be at a private address, and be reached over plain http there.",
    ),
    setting(
        "allowed_networks",
        "none",
        "Private networks that are allowed even so, such as `10.1.0.0/16`.",
    ),
    setting(
        "patch",
        "found out",
        "Whether accounts are changed by PATCH. Found out: what the application says, then PUT where PATCH is refused. PUT reads the account first and sends all of it.",
    ),
    setting("put", "found out", "Whether PUT may be used at all."),
    setting(
        "value_paths",
        "only with dialect entra",
        "Whether PATCH names elements, `emails[type eq \"work\"].value`; otherwise the whole attribute is sent. Given up for the session when the application refuses it.",
    ),
    setting(
        "filter",
        "found out",
        "Found out: each empty answer is doubted until the application has found an account that is known to be there, in any letter case; where it cannot, everything is read once into an index. `false`: never filter. `true`: believe every answer.",
    ),
    setting(
        "paging",
        "auto",
        "`auto` goes by `startIndex`, and by cursor as soon as a page names one; `cursor` begins with a cursor (RFC 9865).",
    ),
    setting(
        "page_size",
        "100",
        "Objects asked for in one page, 1 to 1000; the application may give fewer.",
    ),
    setting(
        "ignore_totals",
        "false",
        "Whether a list is taken as complete although it shows fewer than `totalResults` says. Leave it off unless the application counts wrongly: absence from a list may lead to removals.",
    ),
    setting(
        "external_id",
        "true",
        "Whether Provost's own key is sent as `externalId` when no mapping sets it, so that an account is found again after a lost answer.",
    ),
    setting(
        "attributes",
        "all",
        "The only attributes that are sent, for applications that refuse unknown ones; `emails` stands for everything below it.",
    ),
    setting("omit", "none", "Attributes that are never sent."),
    setting(
        "one_value",
        "false",
        "Whether lists such as `emails` are sent with one value: the primary one, else the first.",
    ),
    setting(
        "members_per_request",
        "100",
        "Most memberships changed by one request; halved for the session when the application finds a request too large.",
    ),
    setting(
        "members_shown",
        "found out",
        "Whether a group tells its members when it is read.",
    ),
    setting(
        "read_back",
        "false",
        "Whether every change is read back and compared, for applications that answer with success and do something else. That a disabled account really is disabled is always looked at.",
    ),
    setting(
        "read_back_ms",
        "250, 500, 1000",
        "Pauses, in milliseconds, before a change that does not show yet is looked at again, and before a new object that is not there yet is asked for again.",
    ),
    setting(
        "reactivate",
        "true",
        "Whether a create that is refused because an inactive account holds the name brings that account back. Only when the account has no `externalId` or this person's.",
    ),
    setting(
        "deprovision",
        "deactivate",
        "What disabling means here: `deactivate` sets `active` to false, `delete` deletes the account, `nothing` refuses with an error. Deleting some days after disabling is a setting of the rule.",
    ),
    setting(
        "hides_inactive",
        "false",
        "Whether the application leaves inactive accounts out of lists, so that their absence means nothing.",
    ),
    setting(
        "media_type",
        "application/scim+json",
        "`application/json` for applications that take nothing else; found out when one answers 415.",
    ),
    setting(
        "writes_per_second",
        "no limit",
        "Writes per second, for applications that publish a limit. `Retry-After` is followed in any case.",
    ),
    setting("concurrency", "8", "Requests at the same time, 1 to 64."),
    setting(
        "token_url",
        "",
        "Where an access token is fetched by client credentials (OAuth 2.0), instead of entering a token: the full address. Needs `client_id` and the secret `client_secret`.",
    ),
    setting("client_id", "", "The client id for `token_url`."),
    setting("scope", "none", "The scope that is asked for at `token_url`."),
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scim::settings::Settings;

    #[test]
    fn every_setting_is_explained_and_no_other() {
        // serde names all fields that it knows when it meets one that it does not.
        let error = serde_json::from_str::<Settings>(r#"{"nonsense": 1}"#)
            .unwrap_err()
            .to_string();
        let (_, known) = error.split_once("expected one of").unwrap();
        let known: BTreeSet<&str> = known.split('`').skip(1).step_by(2).collect();
        let explained: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(explained, known);
        assert_eq!(explained.len(), SETTINGS.len());
    }
}

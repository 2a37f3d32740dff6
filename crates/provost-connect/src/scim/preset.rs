//! What servers that are known by name can and cannot do, as settings; what is entered wins.

use serde::Deserialize;

use super::settings::{Paging, Settings};

/// The server behind a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Server {
    /// Any application; its habits are found out.
    #[default]
    #[serde(rename = "generic")]
    Generic,
    /// AWS IAM Identity Center ("SCIM profile and SAML", limits of the SCIM implementation).
    #[serde(rename = "aws")]
    Aws,
    /// Microsoft Entra ID as a target ("Entra ID SCIM API").
    #[serde(rename = "entra-scim")]
    EntraScim,
}

/// Attributes that AWS IAM Identity Center does not take.
const NOT_AT_AWS: [&str; 6] = [
    "password",
    "photos",
    "ims",
    "x509Certificates",
    "entitlements",
    "roles",
];

impl Server {
    /// Fills in what was not entered.
    pub(crate) fn complete(self, settings: &mut Settings) {
        match self {
            Self::Generic => {}
            Self::Aws => {
                settings.patch.get_or_insert(true);
                settings.value_paths.get_or_insert(false);
                settings.one_value.get_or_insert(true);
                settings.page_size.get_or_insert(50);
                settings.members_per_request.get_or_insert(100);
                settings.members_shown.get_or_insert(false);
                settings.omit.extend(NOT_AT_AWS.map(str::to_owned));
            }
            Self::EntraScim => {
                settings.patch.get_or_insert(true);
                settings.put.get_or_insert(false);
                settings.value_paths.get_or_insert(true);
                settings.paging = Paging::Cursor;
                settings.page_size.get_or_insert(100);
            }
        }
    }
}

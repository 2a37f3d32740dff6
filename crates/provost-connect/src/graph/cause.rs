//! The causes for which a connection to Microsoft 365 cannot be set up, each with its code, its next step and its
//! place in the documentation.
//!
//! Source of the sign-in service's numbers: Microsoft identity platform, "Microsoft Entra authentication and
//! authorization error codes". The service says that numbers and texts may change: an unknown number is
//! [`SIGN_IN`] with the service's own words.

use crate::Cause;

macro_rules! causes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $sentence:literal, $hint:literal, $help:literal;)+) => {
        $($(#[doc = $doc])+ pub(crate) static $name: Cause = Cause {
            code: $code,
            sentence: $sentence,
            hint: $hint,
            help: concat!("guides/microsoft-365.md#", $help),
        };)+

        /// Every cause, in the order of a connection test.
        pub static CAUSES: &[&Cause] = &[$(&$name),+];
    };
}

causes! {
    /// AADSTS90002.
    TENANT_UNKNOWN = "PRV-M365-TENANT-UNKNOWN",
        "the tenant is not known here (wrong tenant or wrong cloud)",
        "Copy the tenant's id from its overview page; for a national cloud choose that cloud in the settings.",
        "tenant";
    /// AADSTS9001023 and relatives: the address is not that of one tenant.
    TENANT_ANY = "PRV-M365-TENANT-ANY",
        "an application signs in to one tenant, not to any",
        "Enter the tenant's id or one of its domains.",
        "tenant";
    /// The token or the organisation is of another tenant than the id that was entered.
    TENANT_OTHER = "PRV-M365-TENANT-OTHER",
        "the application signed in to another tenant than the one that was entered",
        "Check the tenant's id; the application has to be registered (or consented to) in that tenant.",
        "tenant";
    /// The token or the address belongs to another cloud.
    CLOUD = "PRV-M365-CLOUD",
        "the Graph address does not belong to this cloud",
        "Choose the cloud of the tenant in the settings; sign-in and Graph have to be of the same cloud.",
        "clouds";
    /// AADSTS700016, 7000229.
    APP_UNKNOWN = "PRV-M365-APP-UNKNOWN",
        "the application is not known in this tenant",
        "Copy the application (client) id, not the object id, and check that the app registration is in this tenant.",
        "application";
    /// AADSTS7000112, 7000229, and Graph's refusal of a disabled service principal.
    APP_DISABLED = "PRV-M365-APP-DISABLED",
        "the application is disabled",
        "Enable the application for sign-in under Enterprise applications, Properties.",
        "application";
    /// AADSTS7000215.
    SECRET_WRONG = "PRV-M365-SECRET-WRONG",
        "the client secret is wrong (was the secret's id entered instead of its value?)",
        "Make a new client secret and copy its value, which is shown once; a new one may take a minute to work.",
        "secret";
    /// AADSTS7000222.
    SECRET_EXPIRED = "PRV-M365-SECRET-EXPIRED",
        "the client secret has expired",
        "Make a new client secret under Certificates & secrets and enter its value here. Nothing was removed meanwhile.",
        "secret";
    /// AADSTS7000218.
    SECRET_MISSING = "PRV-M365-SECRET-MISSING",
        "no credential arrived at the sign-in service",
        "Enter a client secret or a certificate; if one is entered, look for a proxy that rewrites requests.",
        "secret";
    /// AADSTS700027, 50012.
    CERTIFICATE_UNKNOWN = "PRV-M365-CERTIFICATE-UNKNOWN",
        "the certificate is not accepted: it is not registered for the application, or the key is of another",
        "Upload the public certificate under Certificates & secrets of the app registration, and compare its thumbprint.",
        "certificate";
    /// Found here, before anything is sent.
    CERTIFICATE_EXPIRED = "PRV-M365-CERTIFICATE-EXPIRED",
        "the certificate has expired, or is not valid yet",
        "Make a new certificate, upload it to the app registration beside the old one, and enter it here with its key.",
        "certificate";
    /// AADSTS700024.
    CLOCK = "PRV-M365-CLOCK",
        "the proof of identity is out of time: this machine's clock differs from Microsoft's",
        "Set this machine's clock by a time server (NTP), then test again.",
        "clock";
    /// Graph refuses a token that is new.
    TOKEN = "PRV-M365-TOKEN",
        "Graph does not take a token that was given a moment ago",
        "Test the connection; if it stays, look for a conditional access policy, or for revoked sessions of the application.",
        "sign-in";
    /// AADSTS70011, 28002, 700022, 500011, 50001.
    RESOURCE = "PRV-M365-RESOURCE",
        "the Graph address does not belong to this cloud",
        "Choose the cloud of the tenant in the settings, and leave `graph_url` and `login_url` empty.",
        "clouds";
    /// AADSTS53003 and relatives.
    POLICY = "PRV-M365-POLICY",
        "a conditional access policy of the tenant refuses this sign-in",
        "Exclude the application, or allow the address of this machine, in the policy for workload identities.",
        "sign-in";
    /// AADSTS65001, 650057: nobody consented to the permissions.
    CONSENT = "PRV-M365-CONSENT",
        "an administrator has not consented to the application's permissions",
        "Open API permissions of the app registration and choose Grant admin consent.",
        "permissions";
    /// AADSTS900144, 90014 and other requests that came in incomplete.
    REQUEST = "PRV-M365-REQUEST",
        "the sign-in service misses a part of the request",
        "Check tenant and application id for blanks and odd characters, and look for a proxy that rewrites requests.",
        "sign-in";
    /// Anything else that the sign-in service refuses.
    SIGN_IN = "PRV-M365-SIGN-IN",
        "sign-in failed",
        "Look the AADSTS number up in the sign-in logs of the tenant, by the correlation id.",
        "sign-in";
    /// The probe of permissions.
    PERMISSION_MISSING = "PRV-M365-PERMISSION-MISSING",
        "application permissions are missing",
        "Add them under API permissions, Microsoft Graph, Application permissions, and grant admin consent; or switch the function off.",
        "permissions";
    /// Reading people is refused.
    READ_PEOPLE = "PRV-M365-READ-PEOPLE",
        "people cannot be read",
        "Grant User.Read.All or User.ReadWrite.All as an application permission, with admin consent.",
        "permissions";
    /// Reading groups is refused.
    READ_GROUPS = "PRV-M365-READ-GROUPS",
        "groups cannot be read",
        "Grant Group.Read.All or Group.ReadWrite.All as an application permission, or switch the function `groups` off.",
        "permissions";
    /// Reading the organisation is refused.
    READ_TENANT = "PRV-M365-READ-TENANT",
        "the organisation cannot be read",
        "Grant Organization.Read.All as an application permission, with admin consent.",
        "permissions";
    /// Reading products is refused.
    READ_LICENCES = "PRV-M365-READ-LICENCES",
        "the organisation's licences cannot be read",
        "Grant LicenseAssignment.Read.All or Organization.Read.All, or switch the function `licences` off.",
        "permissions";
    /// Reading domains is refused where it is needed.
    READ_DOMAINS = "PRV-M365-READ-DOMAINS",
        "the organisation's domains cannot be read",
        "Grant Domain.Read.All as an application permission, or switch the function `federation` off.",
        "permissions";
    /// No verified domain.
    DOMAINS = "PRV-M365-DOMAINS",
        "the organisation has no verified domain that accounts could be named in",
        "Verify a domain in the Microsoft 365 admin center.",
        "domains";
}

/// What a number of the sign-in service means; the OAuth error decides where the number is not known.
pub(crate) fn of_sign_in(code: Option<u64>, error: &str) -> &'static Cause {
    match code {
        Some(90_002) => &TENANT_UNKNOWN,
        Some(9_001_023 | 50_059 | 50_194) => &TENANT_ANY,
        Some(900_382 | 900_384 | 900_439) => &CLOUD,
        Some(700_016 | 7_000_229) => &APP_UNKNOWN,
        Some(7_000_112) => &APP_DISABLED,
        Some(7_000_215) => &SECRET_WRONG,
        Some(7_000_222) => &SECRET_EXPIRED,
        Some(7_000_218) => &SECRET_MISSING,
        Some(700_027 | 50_012 | 700_023 | 700_021) => &CERTIFICATE_UNKNOWN,
        Some(700_024) => &CLOCK,
        Some(70_011 | 28_002 | 700_022 | 500_011 | 50_001) => &RESOURCE,
        Some(53_003 | 530_034 | 530_035) => &POLICY,
        Some(65_001 | 650_057) => &CONSENT,
        Some(900_144 | 90_014) => &REQUEST,
        Some(_) | None => match error {
            "invalid_scope" | "invalid_resource" => &RESOURCE,
            "invalid_request" => &REQUEST,
            _ => &SIGN_IN,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_cause_has_a_code_of_its_own_and_a_next_step() {
        let codes: BTreeSet<&str> = CAUSES.iter().map(|cause| cause.code).collect();
        assert_eq!(codes.len(), CAUSES.len());
        for cause in CAUSES {
            assert!(cause.code.starts_with("PRV-M365-"), "{}", cause.code);
            assert!(cause.hint.ends_with('.') && !cause.sentence.ends_with('.'));
            assert!(cause.help.contains('#'));
        }
    }

    #[test]
    fn an_unknown_number_goes_by_its_family() {
        assert_eq!(of_sign_in(Some(7_000_215), "invalid_client"), &SECRET_WRONG);
        assert_eq!(of_sign_in(Some(1), "invalid_resource"), &RESOURCE);
        assert_eq!(of_sign_in(None, "invalid_request"), &REQUEST);
        assert_eq!(of_sign_in(Some(1), "invalid_client"), &SIGN_IN);
    }
}

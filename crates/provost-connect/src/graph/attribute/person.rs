//! Attributes of people.

use super::{Attribute, Clear, ValueKind, Writes, read_only, text};
use crate::Kind::Person;

/// An optional text with a limit, a note and an example.
const fn plain(name: &'static str, max: usize, note: &'static str, example: &'static str) -> Attribute {
    Attribute {
        note,
        example,
        ..text(Person, name, Some(max))
    }
}

/// One of the fifteen extension attributes of Exchange.
const fn exchange(name: &'static str) -> Attribute {
    plain(
        name,
        1024,
        "Free for the organisation; writable on accounts that were never synchronised from an own directory.",
        "K-4711",
    )
}

pub(super) const ATTRIBUTES: [Attribute; 81] = [
    Attribute {
        pingone: Some("userPrincipalName"),
        clear: Clear::Never,
        required: true,
        filterable: true,
        note: "The sign-in name: up to 64 characters before the @ and a verified domain of the tenant (up to 48) behind it; letters without accents, digits and ' . - _ ! # ^ ~. Unique in the tenant.",
        example: "ada.byron@contoso.example",
        ..text(Person, "userPrincipalName", Some(113))
    },
    Attribute {
        pingone: Some("accountEnabled"),
        value: ValueKind::Bool,
        clear: Clear::Never,
        required: true,
        permission: &["User.EnableDisableAccount.All", "User.ReadWrite.All"],
        note: "Whether the person may sign in. Setting it to false ends the sessions as well.",
        example: "true",
        ..text(Person, "accountEnabled", None)
    },
    Attribute {
        pingone: Some("displayName"),
        clear: Clear::Never,
        required: true,
        note: "The name that others see.",
        example: "Ada Byron",
        ..text(Person, "displayName", Some(256))
    },
    Attribute {
        pingone: Some("mailNickname"),
        aliases: &["alias"],
        clear: Clear::Never,
        required: true,
        filterable: true,
        note: "The part before the @ of the mail address; no accents, no blank, none of @ ( ) \\ [ ] \" ; : < > ,. Unique only within Exchange.",
        example: "ada.byron",
        ..text(Person, "mailNickname", Some(64))
    },
    Attribute {
        pingone: Some("password"),
        value: ValueKind::Password,
        max: Some(256),
        writes: Writes::CreateOnly,
        clear: Clear::Never,
        required: true,
        permission: &["User.ReadWrite.All", "User-PasswordProfile.ReadWrite.All"],
        sensitive: true,
        note: "Used when the account is made, and shown nowhere. Eight characters or more of three classes. Best generated for each person; nobody has to know it where people sign in elsewhere.",
        example: "generated for each person",
        ..text(Person, "passwordProfile.password", None)
    },
    Attribute {
        pingone: Some("resetPassword"),
        value: ValueKind::Bool,
        clear: Clear::Never,
        writes: Writes::CreateOnly,
        note: "Whether the password has to be changed at the first sign-in; true when it is not mapped. Pointless for people who sign in elsewhere.",
        example: "true",
        ..text(Person, "passwordProfile.forceChangePasswordNextSignIn", None)
    },
    Attribute {
        value: ValueKind::Bool,
        clear: Clear::Never,
        writes: Writes::CreateOnly,
        note: "The same, after a second factor.",
        example: "false",
        ..text(
            Person,
            "passwordProfile.forceChangePasswordNextSignInWithMfa",
            None,
        )
    },
    Attribute {
        pingone: Some("immutableid"),
        aliases: &["immutable_id", "sourceAnchor"],
        clear: Clear::Never,
        filterable: true,
        note: "Ties the account to the person for good: a federated sign-in is recognised by it. Never changed, emptied or used again; no $ and no _. Required in a federated domain.",
        example: "0198c2d4-0000-7000-8000-000000000001",
        ..text(Person, "onPremisesImmutableId", Some(64))
    },
    Attribute {
        pingone: Some("givenName"),
        aliases: &["firstName"],
        ..plain("givenName", 64, "First name.", "Ada")
    },
    Attribute {
        pingone: Some("surname"),
        aliases: &["sn", "lastName"],
        ..plain("surname", 64, "Family name.", "Byron")
    },
    Attribute {
        pingone: Some("usageLocation"),
        clear: Clear::Never,
        ..plain(
            "usageLocation",
            2,
            "The country in which services are used: two letters of ISO 3166-1. Has to be there before a licence; it can be changed, not emptied.",
            "NO",
        )
    },
    Attribute {
        pingone: Some("skuId"),
        aliases: &["licenses", "licences"],
        value: ValueKind::Licences,
        clear: Clear::EmptyList,
        permission: &["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All"],
        note: "Products, by id or short name, one or more; plans to leave out follow with a minus. Only what Provost gave is taken back.",
        example: "SPE_E3 -TEAMS1",
        ..text(Person, "assignedLicenses", None)
    },
    Attribute {
        value: ValueKind::Reference,
        note: "The person's boss: an account of the same tenant. Written after both accounts are there.",
        example: "another person",
        ..text(Person, "manager", None)
    },
    plain("city", 128, "Town of the place of work.", "Oslo"),
    plain(
        "country",
        128,
        "Country of the place of work, in any form; services go by usageLocation.",
        "Norway",
    ),
    Attribute {
        aliases: &["st"],
        ..plain("state", 128, "State or province of the place of work.", "Viken")
    },
    Attribute {
        aliases: &["street"],
        ..plain(
            "streetAddress",
            1024,
            "Street of the place of work.",
            "Storgata 1",
        )
    },
    plain("postalCode", 40, "Postal code of the place of work.", "0155"),
    Attribute {
        aliases: &["company"],
        ..plain("companyName", 64, "The company the person belongs to.", "Contoso")
    },
    plain("department", 64, "Department.", "Purchasing"),
    Attribute {
        aliases: &["title"],
        ..plain("jobTitle", 128, "What the person does.", "Buyer")
    },
    Attribute {
        aliases: &["physicalDeliveryOfficeName", "office"],
        ..plain("officeLocation", 128, "Where the person sits.", "B 2.14")
    },
    Attribute {
        aliases: &["mobile"],
        permission: &["User-Phone.ReadWrite.All", "User.ReadWrite.All"],
        ..plain(
            "mobilePhone",
            64,
            "Mobile number. On administrators it needs a role of Entra as well.",
            "+47 900 00 000",
        )
    },
    Attribute {
        aliases: &["telephoneNumber", "businessPhone"],
        value: ValueKind::List,
        most: Some(1),
        clear: Clear::EmptyList,
        permission: &["User-Phone.ReadWrite.All", "User.ReadWrite.All"],
        ..plain(
            "businessPhones",
            64,
            "Number at work; a list that holds one.",
            "+47 22 00 00 00",
        )
    },
    Attribute {
        aliases: &["facsimileTelephoneNumber", "fax"],
        ..plain("faxNumber", 64, "Fax number.", "+47 22 00 00 01")
    },
    plain(
        "preferredLanguage",
        64,
        "Language of the person, as in ISO 639-1 with the country behind it.",
        "nb-NO",
    ),
    plain(
        "preferredDataLocation",
        64,
        "Where data is kept, in tenants that have several places.",
        "EUR",
    ),
    Attribute {
        aliases: &["employeeNumber"],
        filterable: true,
        ..plain(
            "employeeId",
            16,
            "Number in personnel; not unique by itself.",
            "4711",
        )
    },
    plain(
        "employeeType",
        128,
        "Kind of employment, in the organisation's own words.",
        "Employee",
    ),
    Attribute {
        value: ValueKind::DateTime,
        ..plain("employeeHireDate", 35, "First day.", "2026-03-01T00:00:00Z")
    },
    Attribute {
        value: ValueKind::DateTime,
        permission: &["User-LifeCycleInfo.ReadWrite.All"],
        ..plain(
            "employeeLeaveDateTime",
            35,
            "Last day; needs a permission of its own.",
            "2026-12-31T00:00:00Z",
        )
    },
    plain(
        "employeeOrgData.costCenter",
        128,
        "Cost centre; both parts of the object are written together.",
        "4100",
    ),
    plain(
        "employeeOrgData.division",
        128,
        "Division; both parts of the object are written together.",
        "Retail",
    ),
    Attribute {
        filterable: true,
        ..plain(
            "mail",
            256,
            "Mail address, without accents. Exchange sets it as soon as there is a licence with a mailbox.",
            "ada.byron@contoso.example",
        )
    },
    Attribute {
        value: ValueKind::List,
        most: Some(250),
        clear: Clear::EmptyList,
        permission: &["User-Mail.ReadWrite.All", "User.ReadWrite.All"],
        ..plain(
            "otherMails",
            256,
            "Further mail addresses, such as a private one for resetting the password.",
            "ada@home.contoso.example",
        )
    },
    plain("userType", 16, "`Member` or `Guest`.", "Member"),
    plain("ageGroup", 16, "`Minor`, `NotAdult` or `Adult`.", "Adult"),
    plain(
        "consentProvidedForMinor",
        16,
        "`Granted`, `Denied` or `NotRequired`.",
        "NotRequired",
    ),
    plain(
        "passwordPolicies",
        64,
        "`DisablePasswordExpiration`, `DisableStrongPassword`, or both with a comma.",
        "DisablePasswordExpiration",
    ),
    Attribute {
        value: ValueKind::Bool,
        note: "Whether the person stands in the address list; Microsoft advises against using it.",
        example: "true",
        ..text(Person, "showInAddressList", None)
    },
    exchange("onPremisesExtensionAttributes.extensionAttribute1"),
    exchange("onPremisesExtensionAttributes.extensionAttribute2"),
    exchange("onPremisesExtensionAttributes.extensionAttribute3"),
    exchange("onPremisesExtensionAttributes.extensionAttribute4"),
    exchange("onPremisesExtensionAttributes.extensionAttribute5"),
    exchange("onPremisesExtensionAttributes.extensionAttribute6"),
    exchange("onPremisesExtensionAttributes.extensionAttribute7"),
    exchange("onPremisesExtensionAttributes.extensionAttribute8"),
    exchange("onPremisesExtensionAttributes.extensionAttribute9"),
    exchange("onPremisesExtensionAttributes.extensionAttribute10"),
    exchange("onPremisesExtensionAttributes.extensionAttribute11"),
    exchange("onPremisesExtensionAttributes.extensionAttribute12"),
    exchange("onPremisesExtensionAttributes.extensionAttribute13"),
    exchange("onPremisesExtensionAttributes.extensionAttribute14"),
    exchange("onPremisesExtensionAttributes.extensionAttribute15"),
    read_only(Person, "id", ValueKind::Text),
    read_only(Person, "proxyAddresses", ValueKind::List),
    read_only(Person, "imAddresses", ValueKind::List),
    read_only(Person, "onPremisesSyncEnabled", ValueKind::Bool),
    read_only(Person, "onPremisesLastSyncDateTime", ValueKind::DateTime),
    read_only(Person, "onPremisesSamAccountName", ValueKind::Text),
    read_only(Person, "onPremisesDistinguishedName", ValueKind::Text),
    read_only(Person, "onPremisesDomainName", ValueKind::Text),
    read_only(Person, "onPremisesUserPrincipalName", ValueKind::Text),
    read_only(Person, "onPremisesSecurityIdentifier", ValueKind::Text),
    read_only(Person, "onPremisesProvisioningErrors", ValueKind::List),
    read_only(Person, "createdDateTime", ValueKind::DateTime),
    read_only(Person, "creationType", ValueKind::Text),
    read_only(Person, "deletedDateTime", ValueKind::DateTime),
    read_only(Person, "externalUserState", ValueKind::Text),
    read_only(Person, "externalUserStateChangeDateTime", ValueKind::DateTime),
    read_only(Person, "lastPasswordChangeDateTime", ValueKind::DateTime),
    read_only(Person, "securityIdentifier", ValueKind::Text),
    read_only(Person, "licenseAssignmentStates", ValueKind::List),
    read_only(Person, "assignedPlans", ValueKind::List),
    read_only(Person, "provisionedPlans", ValueKind::List),
    read_only(Person, "serviceProvisioningErrors", ValueKind::List),
    read_only(Person, "signInSessionsValidFromDateTime", ValueKind::DateTime),
    read_only(Person, "signInActivity", ValueKind::Text),
    read_only(Person, "identities", ValueKind::List),
    read_only(Person, "isManagementRestricted", ValueKind::Bool),
];

//! Which application permissions allow which operation, and the ids of permissions.
//!
//! Source: Microsoft's permission file of 7 August 2026 (repository `microsoftgraph/microsoft-graph-devx-content`,
//! `permissions/new/permissions.json` and `permissions/permissions-descriptions.json`, MIT), as the table
//! `app-permissions.json` that belongs to the contract of Graph; brought into this form by a script. What that file
//! does not say is marked, and comes from the permission tables of the documentation. `Group-NestingSupport.…`, which
//! it counts among the least, stands last: it is for a special kind of groups and has no place in the documentation.

/// An operation of Graph, with the application permissions any one of which is enough for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// HTTP method.
    pub method: &'static str,
    /// Path as the description of Graph names it.
    pub path: &'static str,
    /// The permissions that allow least beside it.
    pub least: &'static [&'static str],
    /// Others that are enough.
    pub also: &'static [&'static str],
}

const fn row(
    method: &'static str,
    path: &'static str,
    least: &'static [&'static str],
    also: &'static [&'static str],
) -> Operation {
    Operation {
        method,
        path,
        least,
        also,
    }
}

/// The operations that the connector uses.
pub(super) const OPERATIONS: &[Operation] = &[
    row(
        "GET",
        "/users",
        &["User.ReadBasic.All", "User.ReadWrite.All"],
        &["Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All"],
    ),
    row(
        "POST",
        "/users",
        &["User.ReadWrite.All"],
        &["Directory.ReadWrite.All"],
    ),
    row(
        "GET",
        "/users/delta",
        &["User.Read.All"],
        &[
            "Directory.Read.All",
            "Directory.ReadWrite.All",
            "User.ReadWrite.All",
        ],
    ),
    row(
        "PATCH",
        "/users/{user-id}",
        &["User.ReadWrite.All"],
        &[
            "Directory.ReadWrite.All",
            "User-Mail.ReadWrite.All",
            "User-PasswordProfile.ReadWrite.All",
            "User-Phone.ReadWrite.All",
            "User.EnableDisableAccount.All",
            "User.ManageIdentities.All",
        ],
    ),
    row(
        "DELETE",
        "/users/{user-id}",
        &["User.DeleteRestore.All", "User.ReadWrite.All"],
        &[],
    ),
    row(
        "PUT",
        "/users/{user-id}/manager/$ref",
        &["User.ReadWrite.All"],
        &["Directory.ReadWrite.All"],
    ),
    row(
        "DELETE",
        "/users/{user-id}/manager/$ref",
        &["User.ReadWrite.All"],
        &["Directory.ReadWrite.All"],
    ),
    // The file names no least permission; these two stand in the documentation.
    row(
        "GET",
        "/organization",
        &["Organization.Read.All", "User.Read.All"],
        &[
            "Directory.Read.All",
            "Directory.ReadWrite.All",
            "Organization.ReadWrite.All",
        ],
    ),
    row(
        "GET",
        "/groups",
        &["Group.ReadBasic.All"],
        &[
            "Directory.Read.All",
            "Directory.ReadWrite.All",
            "Group-PreferredDataLocation.ReadWrite.All",
            "Group.ManageProtection.All",
            "Group.Read.All",
            "Group.ReadWrite.All",
            "GroupMember.Read.All",
            "Group-NestingSupport.ReadWrite.All",
        ],
    ),
    row(
        "POST",
        "/groups",
        &["Group.Create"],
        &[
            "Directory.ReadWrite.All",
            "Group-PreferredDataLocation.ReadWrite.All",
            "Group.ReadWrite.All",
        ],
    ),
    row(
        "GET",
        "/groups/delta",
        &["Group.ReadBasic.All"],
        &[
            "Directory.Read.All",
            "Directory.ReadWrite.All",
            "Group.Read.All",
            "Group.ReadWrite.All",
            "GroupMember.Read.All",
            "Group-NestingSupport.ReadWrite.All",
        ],
    ),
    row(
        "PATCH",
        "/groups/{group-id}",
        &["Group.ReadWrite.All"],
        &[
            "Directory.ReadWrite.All",
            "Group-PreferredDataLocation.ReadWrite.All",
            "Group.ManageProtection.All",
            "Group-NestingSupport.ReadWrite.All",
        ],
    ),
    row("DELETE", "/groups/{group-id}", &["Group.ReadWrite.All"], &[]),
    row(
        "GET",
        "/groups/{group-id}/members",
        &["GroupMember.ReadBasic.All"],
        &[
            "Directory.Read.All",
            "Group.Read.All",
            "Group.ReadBasic.All",
            "Group.ReadWrite.All",
            "GroupMember.Read.All",
            "GroupMember.ReadWrite.All",
        ],
    ),
    row(
        "DELETE",
        "/groups/{group-id}/members/{directoryObject-id}/$ref",
        &["GroupMember.ReadWrite.All"],
        &["Directory.ReadWrite.All", "Group.ReadWrite.All"],
    ),
    row(
        "GET",
        "/groups/{group-id}/owners",
        &["Group.ReadWrite.All", "GroupMember.Read.All"],
        &[
            "Directory.Read.All",
            "Group.Read.All",
            "GroupMember.ReadWrite.All",
        ],
    ),
    row(
        "POST",
        "/groups/{group-id}/owners/$ref",
        &["Group.ReadWrite.All"],
        &["Directory.ReadWrite.All"],
    ),
    row(
        "DELETE",
        "/groups/{group-id}/owners/{directoryObject-id}/$ref",
        &["Group.ReadWrite.All"],
        &["Directory.ReadWrite.All"],
    ),
    row(
        "GET",
        "/subscribedSkus",
        &["LicenseAssignment.Read.All"],
        &[
            "Directory.Read.All",
            "Directory.ReadWrite.All",
            "Organization.Read.All",
            "Organization.ReadWrite.All",
        ],
    ),
    row(
        "POST",
        "/users/{user-id}/assignLicense",
        &["LicenseAssignment.ReadWrite.All"],
        &["Directory.ReadWrite.All", "User.ReadWrite.All"],
    ),
    row(
        "GET",
        "/users/{user-id}/licenseDetails",
        &["LicenseAssignment.Read.All"],
        &[
            "Directory.Read.All",
            "Directory.ReadWrite.All",
            "User.Read.All",
            "User.ReadWrite.All",
        ],
    ),
    row(
        "POST",
        "/users/{user-id}/revokeSignInSessions",
        &["User.RevokeSessions.All"],
        &["Directory.ReadWrite.All", "User.ReadWrite.All"],
    ),
    row(
        "POST",
        "/directory/deletedItems/{directoryObject-id}/restore",
        &["User.DeleteRestore.All"],
        &["User.ReadWrite.All"],
    ),
    row(
        "GET",
        "/domains",
        &["Domain.Read.All", "Domain.ReadWrite.All"],
        &["Directory.Read.All"],
    ),
    row(
        "GET",
        "/domains/{domain-id}/federationConfiguration",
        &[
            "Domain-InternalFederation.Read.All",
            "Domain-InternalFederation.ReadWrite.All",
        ],
        &[],
    ),
    row(
        "POST",
        "/domains/{domain-id}/federationConfiguration",
        &["Domain-InternalFederation.ReadWrite.All"],
        &["Domain.ReadWrite.All"],
    ),
    // The file names no least permission; this one stands in the documentation.
    row(
        "PATCH",
        "/domains/{domain-id}/federationConfiguration/{internalDomainFederation-id}",
        &["Domain-InternalFederation.ReadWrite.All"],
        &["Domain.ReadWrite.All"],
    ),
    // The file names no least permission; this one stands in the documentation.
    row(
        "DELETE",
        "/domains/{domain-id}/federationConfiguration/{internalDomainFederation-id}",
        &["Domain-InternalFederation.ReadWrite.All"],
        &["Domain.ReadWrite.All"],
    ),
    // Not in the file: from the documentation.
    row(
        "GET",
        "/policies/federatedTokenValidationPolicy",
        &["Policy.Read.All"],
        &["Policy.ReadWrite.FedTokenValidation"],
    ),
    row(
        "GET",
        "/users/{user-id}/memberOf",
        &["Directory.Read.All"],
        &[
            "Directory.ReadWrite.All",
            "Group.ReadBasic.All",
            "GroupMember.ReadBasic.All",
        ],
    ),
    // Not in the file: from the documentation.
    row(
        "POST",
        "/groups/{group-id}/members/$ref",
        &["GroupMember.ReadWrite.All"],
        &["Directory.ReadWrite.All", "Group.ReadWrite.All"],
    ),
    row(
        "PATCH",
        "/users/{user-id} passwordProfile",
        &["User-PasswordProfile.ReadWrite.All"],
        &["User.ReadWrite.All", "Directory.ReadWrite.All"],
    ),
    row(
        "GET",
        "/directory/deletedItems/microsoft.graph.user",
        &["User.Read.All"],
        &[
            "User.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
    ),
    row(
        "DELETE",
        "/directory/deletedItems/{directoryObject-id}",
        &["User.DeleteRestore.All"],
        &[],
    ),
];

/// Ids of application permissions (app roles of Microsoft Graph), the same in every tenant.
pub(super) const ROLE_IDS: &[(&str, &str)] = &[
    ("Application.Read.All", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"),
    (
        "Application.ReadWrite.All",
        "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    ),
    (
        "Application.ReadWrite.OwnedBy",
        "18a4783c-866b-4cc7-a460-3d5e5662c884",
    ),
    ("AuditLog.Read.All", "b0afded3-3588-46d8-8b3d-9842eff778da"),
    ("Device.Read.All", "7438b122-aefc-4978-80ed-43db9fcc7715"),
    ("Device.ReadWrite.All", "1138cb37-bd11-4084-a2b7-9f71582aeddb"),
    ("Directory.Read.All", "7ab1d382-f21e-4acd-a863-ba3e13f7da61"),
    ("Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7"),
    ("Domain.Read.All", "dbb9058a-0e50-45d7-ae91-66909b5d4664"),
    ("Domain.ReadWrite.All", "7e05723c-0bb0-42da-be95-ae9f08a6e53c"),
    ("Group.Create", "bf7b1a76-6e77-406b-b258-bf5c7720e98f"),
    ("Group.Read.All", "5b567255-7703-4780-807c-7be8301ae99b"),
    ("Group.ReadWrite.All", "62a82d76-70ea-41e2-9197-370581804d09"),
    ("GroupMember.Read.All", "98830695-27a2-44f7-8c18-0c3ebc9698f6"),
    (
        "GroupMember.ReadWrite.All",
        "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
    ),
    (
        "LicenseAssignment.ReadWrite.All",
        "5facf0c1-8979-4e95-abcf-ff3d079771c0",
    ),
    ("Organization.Read.All", "498476ce-e0fe-48b0-b801-37ba7e2685c6"),
    (
        "Organization.ReadWrite.All",
        "292d869f-3427-49a8-9dab-8c70152b74e9",
    ),
    ("Policy.Read.All", "246dd0d5-5bd0-4def-940b-0421030a5b68"),
    (
        "Policy.ReadWrite.FeatureRollout",
        "2044e4f1-e56c-435b-925c-44cd8f6ba89a",
    ),
    (
        "Policy.ReadWrite.FedTokenValidation",
        "90bbca0b-227c-4cdc-8083-1c6cfb95bac6",
    ),
    ("User-Mail.ReadWrite.All", "280d0935-0796-47d1-8d26-273470a3f17a"),
    (
        "User-PasswordProfile.ReadWrite.All",
        "cc117bb9-00cf-4eb8-b580-ea2a878fe8f7",
    ),
    ("User-Phone.ReadWrite.All", "86ceff06-c822-49ff-989a-d912845ffe69"),
    ("User.DeleteRestore.All", "eccc023d-eccf-4e7b-9683-8813ab36cecc"),
    (
        "User.EnableDisableAccount.All",
        "3011c876-62b7-4ada-afa2-506cbbecc68c",
    ),
    (
        "User.ManageIdentities.All",
        "c529cfca-c91b-489c-af2b-d92990b66ce6",
    ),
    ("User.Read.All", "df021288-bdef-4463-88db-98f22de89214"),
    ("User.ReadBasic.All", "97235f07-e226-4f63-ace3-39588e11d3a1"),
    ("User.ReadWrite.All", "741f803b-c850-494e-b5df-cde7c675a1ca"),
    ("User.RevokeSessions.All", "77f3a031-c388-4f99-b373-dc68676a979e"),
];

//! Which application permissions allow which operation: any one of a list is enough
//! (Graph documentation, the permission table of each operation's page).

pub(super) const READ_USERS: &[&str] = &[
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const DELTA_USERS: &[&str] = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const WRITE_USERS: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(super) const DELETE_USERS: &[&str] = &["User.DeleteRestore.All", "User.ReadWrite.All"];
pub(super) const PURGE_USERS: &[&str] = &["User.DeleteRestore.All"];
pub(super) const REVOKE_SESSIONS: &[&str] = &[
    "User.RevokeSessions.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
pub(super) const READ_RELATIONS: &[&str] = DELTA_USERS;
pub(super) const READ_MEMBER_OF: &[&str] = &[
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Group.ReadBasic.All",
    "GroupMember.ReadBasic.All",
];
pub(super) const READ_TRANSITIVE_MEMBER_OF: &[&str] = &[
    "User.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Group.Read.All",
    "GroupMember.Read.All",
    "GroupMember.ReadBasic.All",
];
pub(super) const MEMBER_GROUPS: &[&str] = &[
    "Application.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadBasic.All",
    "Group.ReadWrite.All",
    "GroupMember.Read.All",
    "GroupMember.ReadBasic.All",
    "User.Read.All",
];
pub(super) const READ_GROUPS: &[&str] = &[
    "Group.ReadBasic.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const CREATE_GROUPS: &[&str] = &["Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
pub(super) const WRITE_GROUPS: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];
pub(super) const DELETE_GROUPS: &[&str] = &["Group.ReadWrite.All"];
pub(super) const READ_MEMBERS: &[&str] = &[
    "GroupMember.ReadBasic.All",
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.ReadBasic.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const WRITE_MEMBERS: &[&str] = &[
    "GroupMember.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.ReadWrite.All",
];
pub(super) const READ_OWNERS: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const READ_OBJECTS: &[&str] = &["Directory.Read.All", "Directory.ReadWrite.All"];
pub(super) const ASSIGN_LICENSES: &[&str] = &[
    "LicenseAssignment.ReadWrite.All",
    "User.ReadWrite.All",
    "Directory.ReadWrite.All",
];
pub(super) const READ_LICENSES: &[&str] = &[
    "LicenseAssignment.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const READ_SKUS: &[&str] = &[
    "LicenseAssignment.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const READ_ORGANIZATION: &[&str] = &[
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "User.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const READ_DOMAINS: &[&str] = &["Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"];
pub(super) const READ_DOMAIN_RECORDS: &[&str] = &["Domain.Read.All", "Domain.ReadWrite.All"];
pub(super) const WRITE_DOMAINS: &[&str] = &["Domain.ReadWrite.All"];
pub(super) const LIST_FEDERATION: &[&str] = &[
    "Domain-InternalFederation.Read.All",
    "Domain-InternalFederation.ReadWrite.All",
    "Domain.Read.All",
    "Domain.ReadWrite.All",
];
pub(super) const WRITE_FEDERATION: &[&str] =
    &["Domain-InternalFederation.ReadWrite.All", "Domain.ReadWrite.All"];
pub(super) const READ_AUDITS: &[&str] = &["AuditLog.Read.All", "Directory.Read.All"];
pub(super) const READ_POLICIES: &[&str] = &[
    "Policy.Read.All",
    "Policy.ReadWrite.FeatureRollout",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(super) const WRITE_POLICIES: &[&str] = &["Policy.ReadWrite.FeatureRollout", "Directory.ReadWrite.All"];
pub(super) const READ_TOKEN_VALIDATION: &[&str] = &["Policy.Read.All", "Policy.ReadWrite.FedTokenValidation"];
pub(super) const ASSIGN_GROUP_LICENSES: &[&str] = &[
    "LicenseAssignment.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.ReadWrite.All",
];
pub(super) const REPROCESS_LICENSES: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(super) const READ_PRINCIPALS: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Entra roles that let an application set passwords.
pub(super) const PASSWORD_ROLES: [&str; 5] = [
    "User Administrator",
    "Password Administrator",
    "Helpdesk Administrator",
    "Privileged Authentication Administrator",
    "Global Administrator",
];

/// The ids of Graph's application permissions, the same in every tenant.
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

//! The properties of a group (Graph documentation, "group resource type").

use super::{Access, Property, Shape, flag, moment, of, text, texts};

pub(super) const PROPERTIES: &[Property] = &[
    flag("allowExternalSenders").access(Access::Update).unfiltered(),
    of("assignedLabels", Shape::Composites).access(Access::Unoffered),
    of("assignedLicenses", Shape::Composites).read_only(),
    flag("autoSubscribeNewMembers")
        .access(Access::Update)
        .unfiltered(),
    text("classification", 256).shown(),
    moment("createdDateTime").read_only().shown(),
    moment("deletedDateTime").read_only().shown(),
    text("description", 1024).shown(),
    text("displayName", 256).shown().kept(),
    moment("expirationDateTime").read_only().shown(),
    texts("groupTypes", 2).access(Access::Create).shown(),
    flag("hasMembersWithLicenseErrors").read_only(),
    flag("hideFromAddressLists").access(Access::Update).unfiltered(),
    flag("hideFromOutlookClients").access(Access::Update).unfiltered(),
    text("id", 36).read_only().shown(),
    flag("isArchived").read_only(),
    flag("isAssignableToRole").access(Access::Create).shown(),
    flag("isManagementRestricted").read_only(),
    flag("isSubscribedByMail").access(Access::Update).unfiltered(),
    of("licenseProcessingState", Shape::Composite).read_only(),
    text("mail", 256).read_only().shown(),
    flag("mailEnabled").access(Access::Create).shown(),
    text("mailNickname", 64).shown().kept(),
    text("membershipRule", 3072).shown(),
    text("membershipRuleProcessingState", 64).shown(),
    text("onPremisesDomainName", 256).read_only().shown(),
    of("onPremisesExtensionAttributes", Shape::Composite).read_only(),
    moment("onPremisesLastSyncDateTime").read_only().shown(),
    text("onPremisesNetBiosName", 256).read_only().shown(),
    of("onPremisesProvisioningErrors", Shape::Composites)
        .read_only()
        .shown(),
    text("onPremisesSamAccountName", 256).read_only().shown(),
    text("onPremisesSecurityIdentifier", 256).read_only().shown(),
    flag("onPremisesSyncEnabled").read_only().shown(),
    text("preferredDataLocation", 64).shown(),
    text("preferredLanguage", 64).shown(),
    texts("proxyAddresses", 500).read_only().shown(),
    moment("renewedDateTime").read_only().shown(),
    texts("resourceBehaviorOptions", 20)
        .access(Access::Create)
        .shown(),
    texts("resourceProvisioningOptions", 20).shown(),
    flag("securityEnabled").shown().kept(),
    text("securityIdentifier", 256).read_only().shown(),
    of("serviceProvisioningErrors", Shape::Composites)
        .read_only()
        .shown(),
    text("theme", 64).shown(),
    text("uniqueName", 256).access(Access::Once).shown(),
    of("unseenCount", Shape::Number).read_only().unfiltered(),
    text("visibility", 64).shown(),
];

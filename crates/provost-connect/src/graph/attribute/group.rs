//! Attributes of groups.

use super::{Attribute, Clear, ValueKind, Writes, read_only, text};
use crate::Kind::Group;

/// A flag with a note.
const fn flag(name: &'static str, writes: Writes, note: &'static str, example: &'static str) -> Attribute {
    Attribute {
        value: ValueKind::Bool,
        writes,
        clear: Clear::Never,
        note,
        example,
        ..text(Group, name, None)
    }
}

pub(super) const ATTRIBUTES: [Attribute; 22] = [
    Attribute {
        clear: Clear::Never,
        required: true,
        filterable: true,
        note: "The group's name. Not unique: a group of the same name is offered for a decision.",
        example: "Sales",
        ..text(Group, "displayName", Some(256))
    },
    Attribute {
        note: "What the group is for.",
        example: "Everybody in Sales",
        ..text(Group, "description", Some(1024))
    },
    Attribute {
        required: true,
        ..flag(
            "mailEnabled",
            Writes::CreateOnly,
            "True for Microsoft 365 groups, false for security groups; follows from groupTypes when it is not mapped.",
            "false",
        )
    },
    Attribute {
        required: true,
        ..flag(
            "securityEnabled",
            Writes::CreateAndUpdate,
            "True for security groups; follows from groupTypes when it is not mapped.",
            "true",
        )
    },
    Attribute {
        aliases: &["alias"],
        clear: Clear::Never,
        filterable: true,
        note: "Mail name: ASCII without @ ( ) \\ [ ] \" ; : < > , and blank; unique among Microsoft 365 groups. Made from the group's key when it is not mapped.",
        example: "sales",
        ..text(Group, "mailNickname", Some(64))
    },
    Attribute {
        value: ValueKind::List,
        writes: Writes::CreateOnly,
        clear: Clear::Never,
        note: "`Unified` makes a Microsoft 365 group (people only, with mailbox); empty makes a security group.",
        example: "Unified",
        ..text(Group, "groupTypes", None)
    },
    Attribute {
        value: ValueKind::Reference,
        note: "Members come from the directory's group; they are not mapped.",
        example: "the group's members",
        ..text(Group, "members", None)
    },
    Attribute {
        clear: Clear::Never,
        note: "`Public`, `Private` or (only when the group is made) `HiddenMembership`; for Microsoft 365 groups.",
        example: "Private",
        ..text(Group, "visibility", Some(32))
    },
    flag(
        "isAssignableToRole",
        Writes::CreateOnly,
        "Whether roles of Entra can be given to the group; fixed when it is made, and then writing it needs more permissions.",
        "false",
    ),
    Attribute {
        note: "A label of the organisation.",
        example: "Internal",
        ..text(Group, "classification", Some(256))
    },
    Attribute {
        note: "Language of a Microsoft 365 group.",
        example: "nb-NO",
        ..text(Group, "preferredLanguage", Some(64))
    },
    Attribute {
        note: "Where data is kept, in tenants that have several places.",
        example: "EUR",
        ..text(Group, "preferredDataLocation", Some(64))
    },
    Attribute {
        note: "Colours of a Microsoft 365 group: Teal, Purple, Green, Blue, Pink, Orange or Red.",
        example: "Teal",
        ..text(Group, "theme", Some(64))
    },
    read_only(Group, "id", ValueKind::Text),
    Attribute {
        filterable: true,
        note: "The key under which Provost makes the group, so that it is made once; Provost sets it.",
        ..read_only(Group, "uniqueName", ValueKind::Text)
    },
    read_only(Group, "mail", ValueKind::Text),
    read_only(Group, "proxyAddresses", ValueKind::List),
    read_only(Group, "createdDateTime", ValueKind::DateTime),
    read_only(Group, "onPremisesSyncEnabled", ValueKind::Bool),
    read_only(Group, "membershipRule", ValueKind::Text),
    read_only(Group, "assignedLicenses", ValueKind::List),
    read_only(Group, "securityIdentifier", ValueKind::Text),
];

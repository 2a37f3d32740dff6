//! What Graph keeps of people and groups, as far as mappings may reach: types, limits, who may write it and when, how
//! it is emptied.
//!
//! Source: Microsoft Graph, "user resource type" and "group resource type" with the pages of their operations; the
//! names of other products from the attribute lists of PingOne's and PingFederate's Microsoft 365 connectors. The
//! published description of Graph holds names and types only, so limits are from the documentation.

mod group;
mod person;

use serde::Serialize;

use crate::Kind;

/// An attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Graph's name, with dots between the levels of an object.
    pub name: &'static str,
    /// The name that PingOne gives it, where it is in PingOne's list.
    pub pingone: Option<&'static str>,
    /// Names that other products give it (PingFederate and directory names).
    pub aliases: &'static [&'static str],
    /// What has it.
    pub kind: Kind,
    /// The form of its value.
    pub value: ValueKind,
    /// Most characters of a text, of each text of a list.
    pub max: Option<usize>,
    /// Most values of a list.
    pub most: Option<usize>,
    /// When it can be written.
    pub writes: Writes,
    /// How it is emptied.
    pub clear: Clear,
    /// Whether an object cannot be made without it.
    pub required: bool,
    /// The application permission that is enough to write only this, where there is a narrower one than for the
    /// object; otherwise that for the object.
    pub permission: &'static [&'static str],
    /// Whether its value may be shown nowhere.
    pub sensitive: bool,
    /// Whether objects can be recognised by it.
    pub filterable: bool,
    /// What to know about it.
    pub note: &'static str,
    /// A value as it could be.
    pub example: &'static str,
}

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// A text.
    Text,
    /// True or false.
    Bool,
    /// A list of texts.
    List,
    /// Another account.
    Reference,
    /// Products, each with the plans that are left out.
    Licences,
    /// A password.
    Password,
    /// A point in time (RFC 3339).
    DateTime,
}

/// When an attribute can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Writes {
    /// When the object is made, and later.
    CreateAndUpdate,
    /// When the object is made, and never again.
    CreateOnly,
    /// Never: Microsoft 365 sets it.
    Never,
}

/// How an attribute is emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clear {
    /// By `null`; an empty text is not the same and is refused.
    Null,
    /// By an empty list.
    EmptyList,
    /// Not at all.
    Never,
}

/// Every attribute, people's first.
pub static ATTRIBUTES: &[Attribute] = &ALL;

const COUNT: usize = person::ATTRIBUTES.len() + group::ATTRIBUTES.len();
const ALL: [Attribute; COUNT] = {
    let mut all = [person::ATTRIBUTES[0]; COUNT];
    let (people, groups) = (person::ATTRIBUTES.len(), group::ATTRIBUTES.len());
    let mut at = 0;
    while at < people {
        all[at] = person::ATTRIBUTES[at];
        at += 1;
    }
    while at < people + groups {
        all[at] = group::ATTRIBUTES[at - people];
        at += 1;
    }
    all
};

/// The attribute of this name: Graph's own, PingOne's or PingFederate's, in any letter case.
#[must_use]
pub fn find(kind: Kind, name: &str) -> Option<&'static Attribute> {
    let mut of_kind = ATTRIBUTES.iter().filter(|attribute| attribute.kind == kind);
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    of_kind.clone().find(|attribute| is(attribute.name)).or_else(|| {
        of_kind.find(|attribute| {
            attribute.pingone.is_some_and(is) || attribute.aliases.iter().any(|alias| is(alias))
        })
    })
}

/// Graph's name for an attribute that is called by one of its names.
#[must_use]
pub fn canonical(kind: Kind, name: &str) -> Option<&'static str> {
    find(kind, name).map(|attribute| attribute.name)
}

/// Whether a name is that of a directory extension (`extension_<32 hexadecimal digits>_name`), which an
/// organisation defines itself.
#[must_use]
pub fn is_extension(name: &str) -> bool {
    let parts = name
        .strip_prefix("extension_")
        .and_then(|rest| rest.split_once('_'));
    parts.is_some_and(|(application, own)| {
        application.len() == 32
            && application.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !own.is_empty()
            && own
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// An attribute with nothing special about it: an optional text that is emptied by `null`.
const fn text(kind: Kind, name: &'static str, max: Option<usize>) -> Attribute {
    Attribute {
        name,
        pingone: None,
        aliases: &[],
        kind,
        value: ValueKind::Text,
        max,
        most: None,
        writes: Writes::CreateAndUpdate,
        clear: Clear::Null,
        required: false,
        permission: match kind {
            Kind::Person => &["User.ReadWrite.All"],
            Kind::Group => &["Group.ReadWrite.All"],
        },
        sensitive: false,
        filterable: false,
        note: "",
        example: "",
    }
}

/// One that Microsoft 365 sets.
const fn read_only(kind: Kind, name: &'static str, value: ValueKind) -> Attribute {
    Attribute {
        value,
        writes: Writes::Never,
        clear: Clear::Never,
        permission: &[],
        note: "Microsoft 365 sets it; it can be read only.",
        ..text(kind, name, None)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_names_of_pingone_lead_to_graphs() {
        for (theirs, ours) in [
            ("password", "passwordProfile.password"),
            ("resetPassword", "passwordProfile.forceChangePasswordNextSignIn"),
            ("mailNickname", "mailNickname"),
            ("userPrincipalName", "userPrincipalName"),
            ("immutableid", "onPremisesImmutableId"),
            ("displayName", "displayName"),
            ("accountEnabled", "accountEnabled"),
            ("surname", "surname"),
            ("givenName", "givenName"),
            ("usageLocation", "usageLocation"),
            ("skuId", "assignedLicenses"),
            ("physicalDeliveryOfficeName", "officeLocation"),
            ("telephoneNumber", "businessPhones"),
            ("facsimileTelephoneNumber", "faxNumber"),
            ("mobile", "mobilePhone"),
        ] {
            assert_eq!(canonical(Kind::Person, theirs), Some(ours), "{theirs}");
        }
        let in_pingone = ATTRIBUTES.iter().filter(|a| a.pingone.is_some()).count();
        assert_eq!(in_pingone, 11, "ten and skuId");
        assert_eq!(find(Kind::Person, "favouriteColour"), None);
        assert_eq!(find(Kind::Group, "surname"), None);
    }

    #[test]
    fn no_name_means_two_attributes() {
        for kind in [Kind::Person, Kind::Group] {
            let mut seen = BTreeSet::new();
            for attribute in ATTRIBUTES.iter().filter(|a| a.kind == kind) {
                let own = attribute.name.to_ascii_lowercase();
                let others = attribute.aliases.iter().chain(&attribute.pingone);
                let others = others
                    .map(|name| name.to_ascii_lowercase())
                    .filter(|name| *name != own);
                for name in std::iter::once(own.clone()).chain(others) {
                    assert!(seen.insert(name.clone()), "{name}");
                    assert_eq!(canonical(kind, &name), Some(attribute.name));
                }
                assert!(!attribute.note.is_empty(), "{}", attribute.name);
                assert_eq!(
                    attribute.example.is_empty(),
                    attribute.writes == Writes::Never,
                    "{}",
                    attribute.name
                );
            }
        }
    }

    #[test]
    fn extensions_are_known_by_their_form() {
        assert!(is_extension(
            "extension_0123456789abcdef0123456789ABCDEF_costCentre"
        ));
        for name in [
            "extension_0123_x",
            "extension_0123456789abcdef0123456789abcdef_",
            "other",
        ] {
            assert!(!is_extension(name), "{name}");
        }
    }
}

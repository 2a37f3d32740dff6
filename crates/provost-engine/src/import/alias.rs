//! What Entra's attributes are called in our directory.
//!
//! The names follow Entra's default mapping for SCIM applications ("Tutorial: Develop and plan provisioning
//! for a SCIM endpoint"), because that is how Entra fills our directory. An attribute without a place in
//! SCIM gets one in an extension, [`extension`], under its own name: an administrator who wants it defines
//! the extension and lets Entra send it there.

use crate::attribute;
use crate::object::Kind;

/// The extension for attributes that only Entra has.
pub fn extension(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "urn:ietf:params:scim:schemas:extension:Entra:2.0:User",
        Kind::Group => "urn:ietf:params:scim:schemas:extension:Entra:2.0:Group",
    }
}

/// Attributes of people whose names are computed, nested, or the same in SCIM. The others are those that
/// [`attribute::alias`] knows.
const PERSON: &[(&str, &str)] = &[
    ("IsSoftDeleted", "IsSoftDeleted"),
    ("objectId", "id"),
    ("displayName", "displayName"),
    ("preferredLanguage", "preferredLanguage"),
    (
        "employeeOrgData.costCenter",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    ),
    (
        "employeeOrgData.division",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
    ),
];

/// The names that are written in a schema, where [`attribute::alias`] knows several for one path.
const NAMES: &[&str] = &[
    "userPrincipalName",
    "accountEnabled",
    "givenName",
    "surname",
    "jobTitle",
    "employeeType",
    "mailNickname",
    "mail",
    "otherMails",
    "telephoneNumber",
    "mobile",
    "homePhone",
    "facsimileTelephoneNumber",
    "pager",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "physicalDeliveryOfficeName",
    "appRoleAssignments",
    "department",
    "companyName",
    "employeeId",
    "manager",
];

const GROUP: &[(&str, &str)] = &[
    ("displayName", "displayName"),
    ("objectId", "id"),
    ("mailNickname", "externalId"),
    ("members", "members"),
];

/// Names that are the same in SCIM, or a path of SCIM already.
const CORE: &[&str] = &[
    "id",
    "externalId",
    "active",
    "userName",
    "nickName",
    "title",
    "userType",
    "locale",
    "timezone",
    "profileUrl",
    "roles",
    "entitlements",
    "groups",
    "emails",
    "phoneNumbers",
    "addresses",
    "ims",
    "photos",
    "name",
];

/// Where a name of Entra's leads in our directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// To this path.
    Known(String),
    /// To this path in [`extension`], because SCIM has no such attribute.
    Extension(String),
}

impl Place {
    /// The path.
    pub fn path(&self) -> &str {
        match self {
            Self::Known(path) | Self::Extension(path) => path,
        }
    }
}

/// The path in our directory of an attribute of Entra's. Names are read in any letter case.
pub fn to_directory(kind: Kind, name: &str) -> Place {
    let name = name.trim();
    let known = table(kind)
        .iter()
        .find(|(entra, _)| entra.eq_ignore_ascii_case(name));
    if let Some((_, path)) = known {
        return Place::Known((*path).to_owned());
    }
    if let (Kind::Person, Some(path)) = (kind, attribute::alias(name)) {
        return Place::Known(path.to_owned());
    }
    let first = name.split(['.', '[']).next().unwrap_or_default();
    let is_path = name.contains(['[', ':']) || CORE.iter().any(|core| core.eq_ignore_ascii_case(first));
    if is_path {
        Place::Known(name.to_owned())
    } else {
        Place::Extension(format!("{}:{name}", extension(kind)))
    }
}

/// Entra's name for a path of our directory; a path that Entra has no name for stays as it is.
pub fn to_entra(kind: Kind, path: &str) -> String {
    let path = path.trim();
    let known = table(kind)
        .iter()
        .find(|(_, ours)| ours.eq_ignore_ascii_case(path));
    if let Some((entra, _)) = known {
        return (*entra).to_owned();
    }
    let of_people = || NAMES.iter().find(|name| leads_to(name, path));
    if let (Kind::Person, Some(name)) = (kind, of_people()) {
        return (*name).to_owned();
    }
    let extension = extension(kind);
    let in_extension = path
        .get(..extension.len())
        .filter(|urn| urn.eq_ignore_ascii_case(extension))
        .and_then(|_| path[extension.len()..].strip_prefix(':'));
    in_extension.unwrap_or(path).to_owned()
}

fn leads_to(name: &str, path: &str) -> bool {
    attribute::alias(name).is_some_and(|known| known.eq_ignore_ascii_case(path))
}

fn table(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Person => PERSON,
        Kind::Group => GROUP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Lookup;

    #[test]
    fn every_name_leads_to_a_path_and_back() {
        for kind in [Kind::Person, Kind::Group] {
            for (entra, path) in table(kind) {
                assert_eq!(
                    to_directory(kind, &entra.to_uppercase()),
                    Place::Known((*path).to_owned())
                );
                assert!(Lookup::parse(path).is_ok(), "{path}");
                assert_eq!(to_entra(kind, path), *entra);
            }
        }
        for name in NAMES {
            let place = to_directory(Kind::Person, &name.to_uppercase());
            assert!(matches!(place, Place::Known(_)), "{name}");
            assert_eq!(to_entra(Kind::Person, place.path()), *name);
        }
        let guest = to_directory(Kind::Person, "originalUserPrincipalName");
        assert_eq!(guest.path(), "userName");
    }

    #[test]
    fn what_scim_does_not_have_gets_a_place_in_the_extension() {
        for (kind, name) in [
            (Kind::Person, "extensionAttribute7"),
            (Kind::Person, "extension_0a1b_badge"),
            (Kind::Person, "usageLocation"),
            (Kind::Group, "securityEnabled"),
        ] {
            let place = to_directory(kind, name);
            assert_eq!(place, Place::Extension(format!("{}:{name}", extension(kind))));
            assert!(Lookup::parse(place.path()).is_ok());
            assert_eq!(to_entra(kind, place.path()), name);
        }
    }

    #[test]
    fn paths_of_scim_stay() {
        for path in [
            "name.givenName",
            r#"emails[type eq "home"].value"#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
        ] {
            assert_eq!(to_directory(Kind::Person, path), Place::Known(path.to_owned()));
        }
    }
}

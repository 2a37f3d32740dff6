//! Which endpoint a path names (RFC 7644 section 3.2).

use percent_encoding::percent_decode_str;
use provost_engine::object::Kind;
use std::borrow::Cow;

/// What a path under `/scim` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint<'a> {
    /// `/Users`, `/Groups`.
    Collection(Kind),
    /// `/Users/.search`, `/Groups/.search`.
    Search(Kind),
    /// `/Users/{id}`, `/Groups/{id}`.
    Resource(Kind, Cow<'a, str>),
    /// `/ServiceProviderConfig`.
    ServiceProviderConfig,
    /// `/ResourceTypes`, or one of them by name.
    ResourceTypes(Option<Cow<'a, str>>),
    /// `/Schemas`, or one of them by URN.
    Schemas(Option<Cow<'a, str>>),
    /// `/Me`, `/Bulk` and queries over all types: known to the protocol, not offered here.
    NotOffered(&'static str),
    /// A version of the protocol that this server does not speak.
    Version(&'a str),
    /// Nothing that SCIM knows.
    Unknown,
}

impl<'a> Endpoint<'a> {
    /// Reads a path that begins with `/scim`. Names come in any letter case, because clients write them so;
    /// empty segments are passed over, because a base address that ends in a slash makes them.
    pub fn parse(path: &'a str) -> Self {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty()).skip(1);
        match segments.next() {
            Some(version) if version.eq_ignore_ascii_case("v2") => {}
            Some(version) if is_version(version) => return Self::Version(version),
            _ => return Self::Unknown,
        }
        let Some(name) = segments.next() else {
            return Self::NotOffered("a query over all resource types");
        };
        let (id, more) = (segments.next(), segments.next());
        if more.is_some() {
            return Self::Unknown;
        }
        Self::named(name, id)
    }

    fn named(name: &str, id: Option<&'a str>) -> Self {
        let is = |endpoint: &str| name.eq_ignore_ascii_case(endpoint);
        if is("Users") {
            Self::of_kind(Kind::Person, id)
        } else if is("Groups") {
            Self::of_kind(Kind::Group, id)
        } else if is("ServiceProviderConfig") && id.is_none() {
            Self::ServiceProviderConfig
        } else if is("ResourceTypes") {
            Self::ResourceTypes(id.map(decode))
        } else if is("Schemas") {
            Self::Schemas(id.map(decode))
        } else if is("Me") {
            Self::NotOffered("/Me, because a token belongs to a provider and not to a person,")
        } else if is("Bulk") && id.is_none() {
            Self::NotOffered("/Bulk")
        } else if is(".search") && id.is_none() {
            Self::NotOffered("a query over all resource types")
        } else {
            Self::Unknown
        }
    }

    fn of_kind(kind: Kind, id: Option<&'a str>) -> Self {
        match id {
            None => Self::Collection(kind),
            Some(id) if id.eq_ignore_ascii_case(".search") => Self::Search(kind),
            Some(id) => Self::Resource(kind, decode(id)),
        }
    }

    /// The methods that the endpoint knows, as the `Allow` header lists them.
    pub fn allow(&self) -> &'static str {
        match self {
            Self::Collection(_) => "GET, HEAD, POST",
            Self::Search(_) => "POST",
            Self::Resource(..) => "GET, HEAD, PUT, PATCH, DELETE",
            Self::ServiceProviderConfig | Self::ResourceTypes(_) | Self::Schemas(_) => "GET, HEAD",
            Self::NotOffered(_) | Self::Version(_) | Self::Unknown => "",
        }
    }
}

/// `v1`, `v3.1`: a version segment (RFC 7644 section 3.13).
fn is_version(segment: &str) -> bool {
    let rest = segment.strip_prefix(['v', 'V']).unwrap_or_default();
    rest.starts_with(|c: char| c.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn decode(segment: &str) -> Cow<'_, str> {
    percent_decode_str(segment).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_letter_case_and_empty_segments_do_not_count() {
        for path in ["/scim/v2/Users", "/scim/V2/users/", "/scim//v2//USERS"] {
            assert_eq!(
                Endpoint::parse(path),
                Endpoint::Collection(Kind::Person),
                "{path}"
            );
        }
        assert_eq!(
            Endpoint::parse("/scim/v2//Groups/.Search"),
            Endpoint::Search(Kind::Group)
        );
        assert_eq!(
            Endpoint::parse("/scim/v2/Users/a%20B"),
            Endpoint::Resource(Kind::Person, "a B".into())
        );
        assert_eq!(
            Endpoint::parse("/scim/v2/serviceproviderconfig"),
            Endpoint::ServiceProviderConfig
        );
        assert_eq!(
            Endpoint::parse("/scim/v2/Schemas/urn%3Aietf:x"),
            Endpoint::Schemas(Some("urn:ietf:x".into()))
        );
    }

    #[test]
    fn other_paths_are_unknown_and_other_versions_are_said_to_be() {
        for path in [
            "/scim",
            "/scim/Users",
            "/scim/v2/People",
            "/scim/v2/Users/1/groups",
            "/scim/v2/Bulk/1",
        ] {
            assert_eq!(Endpoint::parse(path), Endpoint::Unknown, "{path}");
        }
        assert_eq!(Endpoint::parse("/scim/v1/Users"), Endpoint::Version("v1"));
        assert_eq!(Endpoint::parse("/scim/v/Users"), Endpoint::Unknown);
        assert!(matches!(Endpoint::parse("/scim/v2/Me"), Endpoint::NotOffered(_)));
        assert!(matches!(Endpoint::parse("/scim/v2"), Endpoint::NotOffered(_)));
    }
}

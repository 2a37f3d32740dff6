//! Which endpoint a path names (RFC 7644 section 3.2).

use percent_encoding::percent_decode_str;
use provost_engine::object::Kind;
use std::borrow::Cow;

/// The names of the endpoints, as the standard writes them.
const NAMES: [&str; 8] = [
    "Users",
    "Groups",
    "ServiceProviderConfig",
    "ResourceTypes",
    "Schemas",
    "Bulk",
    "Me",
    SEARCH,
];
/// The query in a body.
const SEARCH: &str = ".search";

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
    /// The base address itself: people and groups together.
    Everything,
    /// `/.search`.
    SearchEverything,
    /// `/Bulk`.
    Bulk,
    /// `/Me`, and what is below it: known to the protocol, not offered here.
    Me,
    /// A version of the protocol that this server does not speak.
    Version(&'a str),
    /// Nothing that SCIM knows.
    Unknown,
}

impl<'a> Endpoint<'a> {
    /// Reads a path that begins with `/scim`. Names come in any letter case, because clients write them so;
    /// empty segments are passed over, because a base address that ends in a slash makes them.
    pub fn parse(path: &'a str) -> Self {
        let mut segments = segments(path).skip(1).peekable();
        match segments.peek() {
            Some(version) if version.eq_ignore_ascii_case("v2") => {
                segments.next();
            }
            Some(version) if is_version(version) => return Self::Version(version),
            // Without a version the newest is meant (RFC 7644 section 3.13).
            _ => {}
        }
        Self::below(segments)
    }

    /// Whether a path that begins with `/scim` is written as the standard writes it: names in their own letter
    /// case, and no empty segment but the one that ends the base address.
    pub fn is_plain(path: &str) -> bool {
        let below = path.strip_prefix("/scim").unwrap_or(path);
        let below = below.strip_prefix("/v2").unwrap_or(below);
        if matches!(below, "" | "/") {
            return true;
        }
        let mut segments = below.split('/').skip(1);
        let is_name = segments.next().is_some_and(|name| NAMES.contains(&name));
        is_name && segments.all(|id| !id.is_empty() && (id == SEARCH || !id.eq_ignore_ascii_case(SEARCH)))
    }

    /// Reads a path as a bulk operation has it: `/Users/…`, relative to the base address.
    pub fn relative(path: &'a str) -> Self {
        Self::below(segments(path))
    }

    fn below(mut segments: impl Iterator<Item = &'a str>) -> Self {
        let Some(name) = segments.next() else {
            return Self::Everything;
        };
        let (id, more) = (segments.next(), segments.next());
        if name.eq_ignore_ascii_case("Me") {
            Self::Me
        } else if more.is_some() {
            Self::Unknown
        } else {
            Self::named(name, id)
        }
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
        } else if is("Bulk") && id.is_none() {
            Self::Bulk
        } else if is(".search") && id.is_none() {
            Self::SearchEverything
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
            Self::Everything => "GET, HEAD",
            Self::Search(_) | Self::SearchEverything | Self::Bulk => "POST",
            Self::Resource(..) => "GET, HEAD, PUT, PATCH, DELETE",
            Self::ServiceProviderConfig | Self::ResourceTypes(_) | Self::Schemas(_) => "GET, HEAD",
            Self::Me | Self::Version(_) | Self::Unknown => "",
        }
    }
}

/// An address of the SCIM service, below `/scim/v2`, and the methods that it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The path; `{id}` stands for one segment.
    pub path: &'static str,
    /// What the `Allow` header lists.
    pub methods: Vec<&'static str>,
}

/// One path for each endpoint that answers something.
const PATHS: [&str; 14] = [
    "/",
    "/.search",
    "/Bulk",
    "/Users",
    "/Users/.search",
    "/Users/{id}",
    "/Groups",
    "/Groups/.search",
    "/Groups/{id}",
    "/ServiceProviderConfig",
    "/ResourceTypes",
    "/ResourceTypes/{id}",
    "/Schemas",
    "/Schemas/{id}",
];

/// Every route of the SCIM service, for tests that must leave none out.
#[must_use]
pub fn routes() -> Vec<Route> {
    let route = |path: &&'static str| Route {
        path,
        methods: Endpoint::relative(path).allow().split(", ").collect(),
    };
    PATHS.iter().map(route).collect()
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
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
    fn what_the_standard_does_not_write_is_a_habit() {
        for path in [
            "/scim/v2/Users",
            "/scim/v2",
            "/scim/v2/",
            "/scim/Users/1",
            "/scim/v2/Groups/.search",
            "/scim/v2/.search",
        ] {
            assert!(Endpoint::is_plain(path), "{path}");
        }
        for path in [
            "/scim/v2/users",
            "/scim/v2/Users/",
            "/scim/v2//Users",
            "/scim/V2/Users",
            "/scim/v2/Users/.Search",
        ] {
            assert!(!Endpoint::is_plain(path), "{path}");
        }
    }

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
        for path in ["/scim/v2/People", "/scim/v2/Users/1/groups", "/scim/v2/Bulk/1"] {
            assert_eq!(Endpoint::parse(path), Endpoint::Unknown, "{path}");
        }
        assert_eq!(Endpoint::parse("/scim/v1/Users"), Endpoint::Version("v1"));
        assert_eq!(Endpoint::parse("/scim/v/Users"), Endpoint::Unknown);
    }

    #[test]
    fn without_a_version_the_newest_is_meant() {
        assert_eq!(Endpoint::parse("/scim/users"), Endpoint::Collection(Kind::Person));
        for path in ["/scim", "/scim/", "/scim/v2", "/scim//v2//"] {
            assert_eq!(Endpoint::parse(path), Endpoint::Everything, "{path}");
        }
    }

    #[test]
    fn what_concerns_no_single_type_has_endpoints_of_its_own() {
        assert_eq!(Endpoint::parse("/scim/v2/.SEARCH"), Endpoint::SearchEverything);
        assert_eq!(Endpoint::parse("/scim/v2/bulk/"), Endpoint::Bulk);
        for path in ["/scim/v2/Me", "/scim/v2/me/groups/1"] {
            assert_eq!(Endpoint::parse(path), Endpoint::Me, "{path}");
        }
        assert_eq!(
            Endpoint::relative("/Groups/7"),
            Endpoint::Resource(Kind::Group, "7".into())
        );
        assert_eq!(Endpoint::relative("Users"), Endpoint::Collection(Kind::Person));
    }

    /// The paths of all endpoints, and a function that does not compile when one is left out.
    macro_rules! every_endpoint {
        ($($endpoint:pat => $path:literal,)*) => {
            (|endpoint: &Endpoint<'_>| match endpoint { $($endpoint => $path,)* }, [$($path,)*])
        };
    }

    #[test]
    fn every_endpoint_that_answers_is_a_route() {
        let (path_of, all) = every_endpoint! {
            Endpoint::Everything => "/",
            Endpoint::SearchEverything => "/.search",
            Endpoint::Bulk => "/Bulk",
            Endpoint::Collection(Kind::Person) => "/Users",
            Endpoint::Search(Kind::Person) => "/Users/.search",
            Endpoint::Resource(Kind::Person, _) => "/Users/{id}",
            Endpoint::Collection(Kind::Group) => "/Groups",
            Endpoint::Search(Kind::Group) => "/Groups/.search",
            Endpoint::Resource(Kind::Group, _) => "/Groups/{id}",
            Endpoint::ServiceProviderConfig => "/ServiceProviderConfig",
            Endpoint::ResourceTypes(None) => "/ResourceTypes",
            Endpoint::ResourceTypes(Some(_)) => "/ResourceTypes/{id}",
            Endpoint::Schemas(None) => "/Schemas",
            Endpoint::Schemas(Some(_)) => "/Schemas/{id}",
            Endpoint::Me | Endpoint::Version(_) | Endpoint::Unknown => "",
        };
        let listed: Vec<_> = routes().iter().map(|route| route.path).collect();
        assert_eq!(
            listed,
            all.iter()
                .copied()
                .filter(|path| !path.is_empty())
                .collect::<Vec<_>>()
        );
        for route in routes() {
            assert_eq!(path_of(&Endpoint::relative(route.path)), route.path);
            assert!(!route.methods.contains(&""), "{} answers nothing", route.path);
        }
    }
}

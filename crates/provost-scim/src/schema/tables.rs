//! The tables of RFC 7643: one row for each attribute, naming only what differs from the defaults.
//!
//! The RFC's own JSON has slips that are put right here: `Group.displayName` is required, references and
//! binary values compare exactly, identifiers inside references compare exactly, `groups.$ref` points at
//! a Group, and `members.display` and `addresses.primary` exist because clients send them.

use std::sync::LazyLock;

use super::attribute::{Attribute, AttributeType, Mutability, Returned, Uniqueness};
use super::{ENTERPRISE_USER, GROUP, ResourceType, Schema, USER};

static COMMON: LazyLock<Vec<Attribute>> = LazyLock::new(common_attributes);

/// The resource type of people, with the enterprise extension.
pub(super) fn user_type() -> ResourceType {
    let enterprise = schema(
        ENTERPRISE_USER,
        "EnterpriseUser",
        "What an employer knows about a person",
        enterprise_attributes(),
    );
    ResourceType {
        name: "User".to_owned(),
        endpoint: "/Users".to_owned(),
        description: "A person".to_owned(),
        schema: schema(USER, "User", "A person", user_attributes()),
        extensions: vec![(enterprise, false)],
    }
}

/// The resource type of groups.
pub(super) fn group_type() -> ResourceType {
    ResourceType {
        name: "Group".to_owned(),
        endpoint: "/Groups".to_owned(),
        description: "A group of people and groups".to_owned(),
        schema: schema(GROUP, "Group", "A group of people and groups", group_attributes()),
        extensions: Vec::new(),
    }
}

/// The attributes that every resource has and no schema document lists (RFC 7643 section 3.1).
#[must_use]
pub fn common() -> &'static [Attribute] {
    &COMMON
}

fn schema(id: &str, name: &str, description: &str, attributes: Vec<Attribute>) -> Schema {
    Schema {
        id: id.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        attributes,
    }
}

fn boolean(name: &str, description: &str) -> Attribute {
    Attribute::new(name, AttributeType::Boolean, description)
}

fn primary() -> Attribute {
    boolean("primary", "Whether this is the preferred value; at most one is")
}

/// `value`, `display`, `type` and `primary`: the shape of most lists (RFC 7643 section 2.4).
fn list(name: &str, description: &str, types: &[&str], value: Attribute) -> Attribute {
    let sub_attributes = vec![
        value,
        Attribute::string("display", "A label for people"),
        Attribute::string("type", "What the value is for").canonical(types),
        primary(),
    ];
    Attribute::complex(name, description, sub_attributes).many()
}

fn common_attributes() -> Vec<Attribute> {
    use AttributeType::DateTime;
    let meta = vec![
        Attribute::string("resourceType", "The name of the resource type").exact(),
        Attribute::new("created", DateTime, "When the resource was created"),
        Attribute::new("lastModified", DateTime, "When the resource last changed"),
        Attribute::reference("location", "The address of the resource", &["uri"]),
        Attribute::string("version", "The version, as in the ETag header").exact(),
    ];
    let meta = meta
        .into_iter()
        .map(|sub| sub.mutability(Mutability::ReadOnly))
        .collect();
    vec![
        Attribute::string("id", "The identifier that this server gave to the resource")
            .exact()
            .mutability(Mutability::ReadOnly)
            .returned(Returned::Always)
            .unique(Uniqueness::Server),
        Attribute::string(
            "externalId",
            "The identifier that the client gave to the resource",
        )
        .exact(),
        Attribute::reference(
            "schemas",
            "The schemas of the resource; URNs have no letter case",
            &["uri"],
        )
        .caseless()
        .many()
        .required()
        .returned(Returned::Always),
        Attribute::complex("meta", "What the server knows about the resource", meta)
            .mutability(Mutability::ReadOnly),
    ]
}

fn user_attributes() -> Vec<Attribute> {
    let mut attributes = single_attributes();
    attributes.extend(contact_attributes());
    attributes.extend(right_attributes());
    attributes
}

fn single_attributes() -> Vec<Attribute> {
    let name = vec![
        Attribute::string("formatted", "The whole name, as it is shown"),
        Attribute::string("familyName", "The family name"),
        Attribute::string("givenName", "The given name"),
        Attribute::string("middleName", "The middle names"),
        Attribute::string("honorificPrefix", "What stands before the name"),
        Attribute::string("honorificSuffix", "What stands after the name"),
    ];
    vec![
        Attribute::string("userName", "The name that the person signs in with")
            .required()
            .unique(Uniqueness::Server),
        Attribute::complex("name", "The parts of the person's name", name),
        Attribute::string("displayName", "The name shown to people"),
        Attribute::string("nickName", "What the person is called casually"),
        Attribute::reference(
            "profileUrl",
            "The address of a page about the person",
            &["external"],
        ),
        Attribute::string("title", "The job title"),
        Attribute::string("userType", "The relation to the organisation"),
        Attribute::string(
            "preferredLanguage",
            "The preferred languages, as in Accept-Language",
        ),
        Attribute::string("locale", "The locale for dates, numbers and currency"),
        Attribute::string("timezone", "The IANA time zone"),
        boolean("active", "Whether the person may sign in"),
        Attribute::string("password", "The password; written, never returned")
            .exact()
            .mutability(Mutability::WriteOnly),
    ]
}

fn contact_attributes() -> Vec<Attribute> {
    let value = |description: &str| Attribute::string("value", description);
    let address = vec![
        Attribute::string("formatted", "The whole address, as it is printed"),
        Attribute::string("streetAddress", "Street and number"),
        Attribute::string("locality", "City"),
        Attribute::string("region", "State or region"),
        Attribute::string("postalCode", "Postal code"),
        Attribute::string("country", "Country, ISO 3166-1 alpha-2"),
        Attribute::string("type", "What the address is for").canonical(&["work", "home", "other"]),
        primary(),
    ];
    vec![
        list(
            "emails",
            "E-mail addresses",
            &["work", "home", "other"],
            value("The e-mail address"),
        ),
        list(
            "phoneNumbers",
            "Telephone numbers, kept as they were sent",
            &["work", "home", "mobile", "fax", "pager", "other"],
            value("The telephone number"),
        ),
        list(
            "ims",
            "Instant messaging addresses",
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
            value("The messaging address"),
        ),
        list(
            "photos",
            "Addresses of pictures",
            &["photo", "thumbnail"],
            Attribute::reference("value", "The address of the picture", &["external"]),
        ),
        Attribute::complex("addresses", "Postal addresses", address).many(),
    ]
}

fn right_attributes() -> Vec<Attribute> {
    let value = |description: &str| Attribute::string("value", description);
    let groups = vec![
        Attribute::string("value", "The id of the group").exact(),
        Attribute::reference("$ref", "The address of the group", &["Group"]),
        Attribute::string("display", "The name of the group"),
        Attribute::string("type", "How the person belongs to it").canonical(&["direct", "indirect"]),
    ];
    let groups = groups
        .into_iter()
        .map(|sub| sub.mutability(Mutability::ReadOnly))
        .collect();
    vec![
        Attribute::complex(
            "groups",
            "The groups that the person belongs to; changed through Group",
            groups,
        )
        .many()
        .mutability(Mutability::ReadOnly),
        list(
            "entitlements",
            "What the person is entitled to",
            &[],
            value("The entitlement"),
        ),
        list("roles", "The roles of the person", &[], value("The role")),
        list(
            "x509Certificates",
            "Certificates of the person",
            &[],
            Attribute::new("value", AttributeType::Binary, "One DER certificate in base64"),
        ),
    ]
}

fn enterprise_attributes() -> Vec<Attribute> {
    let manager = vec![
        Attribute::string("value", "The id of the manager").exact(),
        Attribute::reference("$ref", "The address of the manager", &["User"]),
        Attribute::string("displayName", "The name of the manager").mutability(Mutability::ReadOnly),
    ];
    vec![
        Attribute::string("employeeNumber", "The number of the person at the employer"),
        Attribute::string("costCenter", "The cost centre"),
        Attribute::string("organization", "The organisation"),
        Attribute::string("division", "The division"),
        Attribute::string("department", "The department"),
        Attribute::complex("manager", "The person's manager", manager),
    ]
}

fn group_attributes() -> Vec<Attribute> {
    let members = vec![
        Attribute::string("value", "The id of the member").exact(),
        Attribute::reference("$ref", "The address of the member", &["User", "Group"]),
        Attribute::string("type", "What the member is").canonical(&["User", "Group"]),
        Attribute::string("display", "The name of the member"),
    ];
    let members = members
        .into_iter()
        .map(|sub| sub.mutability(Mutability::Immutable))
        .collect();
    vec![
        Attribute::string("displayName", "The name shown to people").required(),
        Attribute::complex("members", "The people and groups in the group", members).many(),
    ]
}

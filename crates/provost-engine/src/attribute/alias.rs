//! Names that Entra gives to attributes, and where our directory keeps the same: a rule or an expression
//! from Entra's portal means what it meant there.

const ENTERPRISE: [(&str, &str); 6] = [
    (
        "companyName",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",
    ),
    (
        "costCenter",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    ),
    (
        "department",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ),
    (
        "division",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
    ),
    (
        "employeeId",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    ),
    (
        "manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    ),
];

const CORE: [(&str, &str); 27] = [
    ("accountEnabled", "active"),
    ("appRoleAssignments", "roles"),
    ("businessPhones", r#"phoneNumbers[type eq "work"].value"#),
    ("city", r#"addresses[type eq "work"].locality"#),
    ("country", r#"addresses[type eq "work"].country"#),
    ("employeeType", "userType"),
    ("facsimileTelephoneNumber", r#"phoneNumbers[type eq "fax"].value"#),
    ("faxNumber", r#"phoneNumbers[type eq "fax"].value"#),
    ("givenName", "name.givenName"),
    ("homePhone", r#"phoneNumbers[type eq "home"].value"#),
    ("jobTitle", "title"),
    ("mail", r#"emails[type eq "work"].value"#),
    ("mailNickname", "externalId"),
    ("mobile", r#"phoneNumbers[type eq "mobile"].value"#),
    ("mobilePhone", r#"phoneNumbers[type eq "mobile"].value"#),
    ("officeLocation", r#"addresses[type eq "other"].formatted"#),
    ("originalUserPrincipalName", "userName"),
    ("otherMails", r#"emails[type eq "other"].value"#),
    ("pager", r#"phoneNumbers[type eq "pager"].value"#),
    (
        "physicalDeliveryOfficeName",
        r#"addresses[type eq "other"].formatted"#,
    ),
    ("postalCode", r#"addresses[type eq "work"].postalCode"#),
    ("sn", "name.familyName"),
    ("state", r#"addresses[type eq "work"].region"#),
    ("streetAddress", r#"addresses[type eq "work"].streetAddress"#),
    ("surname", "name.familyName"),
    ("telephoneNumber", r#"phoneNumbers[type eq "work"].value"#),
    ("userPrincipalName", "userName"),
];

/// The path in our directory of a person's attribute by its name in Entra, in any letter case; `None` for
/// names that are not Entra's, or that SCIM has no place for.
///
/// The places are those to which Entra's own default mapping for SCIM applications writes ("Customize
/// user provisioning attribute-mappings").
pub fn alias(name: &str) -> Option<&'static str> {
    let mut all = CORE.iter().chain(&ENTERPRISE);
    let found = all.find(|(entra, _)| entra.eq_ignore_ascii_case(name));
    found.map(|(_, path)| *path)
}

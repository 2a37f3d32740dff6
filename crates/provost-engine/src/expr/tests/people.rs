//! Roles of applications, and identifiers of Active Directory.

use super::*;

pub(super) const ROLES: &[(&str, &str)] = &[
    ("AppRoleAssignments([roles])", "a|b|a"),
    ("AppRoleAssignments([missing])", "null"),
    ("SingleAppRoleAssignment([roles])", "b"),
    (r#"SingleAppRoleAssignment(Split("x;y",";"))"#, "x"),
    ("SingleAppRoleAssignment([missing])", "null"),
    ("AppRoleAssignmentsComplex([appRoleAssignments])", "a|b|a"),
    ("AppRoleAssignmentsComplex([missing])", "null"),
    (
        "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
        "a|b|a",
    ),
    ("AssertiveAppRoleAssignmentsComplex([missing])", "null"),
];

pub(super) const IDENTITIES: &[(&str, &str)] = &[
    (r#"CountryCode("de")"#, "DE"),
    (r#"CountryCode(" CHE ")"#, "CH"),
    (r#"CountryCode("Österreich")"#, "AT"),
    (r#"CountryCode("the united states of america")"#, "US"),
    (r#"CountryCode("Contoso")"#, "null"),
    (r#"CountryCode("")"#, "null"),
    ("CountryCode([missing])", "null"),
    (r#"Coalesce(CountryCode([title]), "NO")"#, "NO"),
    (r#"DNComponent("CN=Ana,OU=X",1)"#, "Ana"),
    (r#"DNComponent("CN=Ruiz\\, Ana,OU=X",1)"#, "Ruiz, Ana"),
    (r#"DNComponent("CN=Ruiz\\2C Ana , OU = X ",2)"#, "X"),
    (r#"DNComponent("CN=\\C3\\85se+UID=7,OU=X",1)"#, "Åse"),
    (r#"DNComponent("CN=\"Ruiz, Ana\";OU=X",1)"#, "Ruiz, Ana"),
    (r#"DNComponent("CN=Ana",2)"#, "null"),
    (r#"DNComponent("CN=Ana",0)"#, "null"),
    ("DNComponent([missing],1)", "null"),
    (
        r#"StringFromSid("AQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwUQQAAA==")"#,
        "S-1-5-21-2127521184-1604012920-1887927527-1105",
    ),
    (r#"StringFromSid("AQEAAAAAAAUSAAAA")"#, "S-1-5-18"),
    (r#"StringFromSid("S-1-5-18")"#, "S-1-5-18"),
    (
        r#"StringFromSid("AQIAAAAAAAUSAAAA")"#,
        "! this is no security identifier",
    ),
    ("StringFromSid([missing])", "null"),
    ("CRef([id])", "id-1"),
    ("CRef([missing])", "null"),
    // Names that Entra gives to attributes.
    ("[mail]", "work@contoso.example"),
    ("[surname] & [givenName]", "KowalskaJan"),
    ("[Department]", "Sales"),
    ("[userPrincipalName]", "ana.ruiz@contoso.example"),
];

#[test]
fn roles() {
    check(ROLES);
}

#[test]
fn identifiers() {
    check(IDENTITIES);
}

#[test]
fn roles_become_objects_with_all_that_is_known() {
    let object = with("AppRoleAssignmentsComplex([roles])", env(), |outcome| {
        outcome.unwrap().into_json(None).unwrap().unwrap()
    });
    assert_eq!(
        object[1],
        json!({"primary": false, "type": "t", "display": "Bee", "value": "b"})
    );
    let kind = "WindowsAzureActiveDirectoryRole";
    assert_eq!(
        object[0],
        json!({"primary": false, "type": kind, "display": "a", "value": "a"})
    );
}

#[test]
fn names_of_entra_are_read_with_a_warning() {
    let warnings = |text: &str| -> Vec<String> {
        let parsed = parse_with_warnings(text).unwrap();
        parsed.warnings.into_iter().map(|w| w.message).collect()
    };
    assert_eq!(
        warnings(r#"Join("",[surname],[displayName],[userName])"#),
        ["[surname] was read as [name.familyName]"]
    );
    assert_eq!(
        warnings("[extensionAttribute4]"),
        ["no schema of the directory has [extensionAttribute4]; \
          [urn:ietf:params:scim:schemas:extension:Entra:2.0:User:extensionAttribute4] is looked for too"]
    );
    assert!(warnings("[urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:desk]").is_empty());
}

/// Where a document has the name itself, that is what is meant.
#[test]
fn the_documents_own_names_come_first() {
    let find = |document: &Json, text: &str| {
        let context = Context {
            source: Source {
                kind: Kind::Person,
                id: "1",
                document,
                assigned: true,
            },
            soft_deleted: false,
            env: Env::default(),
        };
        let expr = parse(text).unwrap();
        let value = eval(&expr, &context).unwrap();
        value.into_text().unwrap().map(std::borrow::Cow::into_owned)
    };
    let own = json!({"Surname": "own", "name": {"familyName": "other"}});
    assert_eq!(find(&own, "[surname]").as_deref(), Some("own"));
    let extension = "urn:ietf:params:scim:schemas:extension:Entra:2.0:User";
    let other = json!({"name": {"familyName": "other"}, extension: {"shoe": "42"}});
    assert_eq!(find(&other, "[surname]").as_deref(), Some("other"));
    assert_eq!(find(&other, "[shoe]").as_deref(), Some("42"));
    assert_eq!(find(&other, "[hat]"), None);
}

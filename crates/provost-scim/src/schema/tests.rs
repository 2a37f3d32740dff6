//! The tables, their lookup and the discovery documents.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;

use super::*;

const BASE: &str = "https://hub.contoso.example/scim/v2";

fn limits() -> Limits {
    Limits {
        documentation: None,
        max_results: 200,
        default_results: 100,
        bulk: None,
        sort: false,
        cursor: None,
        oauth: false,
        change_password: false,
    }
}

#[test]
fn attributes_are_found_in_any_letter_case() {
    assert_eq!(user().core_attribute("USERNAME").unwrap().name, "userName");
    assert_eq!(user().core_attribute("ExternalID").unwrap().name, "externalId");
    assert_eq!(user().extension_of("Manager").unwrap().0.id, ENTERPRISE_USER);
    assert!(user().extension_of("userName").is_none());
    assert!(user().extension(&ENTERPRISE_USER.to_uppercase()).is_some());
    assert!(group().core_attribute("userName").is_none());
}

#[test]
fn characteristics_follow_the_tables() {
    let user_name = user().core_attribute("userName").unwrap();
    assert!(user_name.required && !user_name.case_exact);
    assert_eq!(user_name.uniqueness, Uniqueness::Server);
    let password = user().core_attribute("password").unwrap();
    assert_eq!(
        (password.mutability, password.returned),
        (Mutability::WriteOnly, Returned::Never)
    );
    assert_eq!(
        user().core_attribute("groups").unwrap().mutability,
        Mutability::ReadOnly
    );
    let members = group().core_attribute("members").unwrap();
    assert!(members.multi_valued);
    let value = members.sub_attribute("value").unwrap();
    assert!(value.case_exact);
    assert_eq!(value.mutability, Mutability::Immutable);
    assert!(group().core_attribute("displayName").unwrap().required);
    assert_eq!(user().core_attribute("id").unwrap().returned, Returned::Always);
}

/// Every attribute of RFC 7643's tables is there, and no other.
#[test]
fn the_tables_are_complete() {
    let names = |schema: &Schema| {
        schema
            .attributes
            .iter()
            .map(|a| a.name.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        names(&user().schema),
        "userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active \
         password emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates"
    );
    assert_eq!(
        names(&user().extensions[0].0),
        "employeeNumber costCenter organization division department manager"
    );
    assert_eq!(names(&group().schema), "displayName members");
}

fn no_nulls(value: &Value) {
    match value {
        Value::Null => panic!("a null in a discovery document"),
        Value::Array(list) => list.iter().for_each(no_nulls),
        Value::Object(map) => map.values().for_each(no_nulls),
        _ => {}
    }
}

#[test]
fn discovery_documents_say_where_they_are_and_hold_no_nulls() {
    let config = service_provider_config(BASE, &limits());
    assert_eq!(config["bulk"]["supported"], false);
    assert_eq!(config["filter"]["maxResults"], 200);
    assert_eq!(
        config["meta"]["location"],
        format!("{BASE}/ServiceProviderConfig")
    );
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    let documents = [
        vec![config],
        resource_types(BASE, &Catalogue::standard()),
        schemas(BASE, &Catalogue::standard()),
    ]
    .concat();
    assert_eq!(documents.len(), 1 + 2 + 3);
    for document in &documents {
        no_nulls(document);
        assert!(
            document["schemas"][0]
                .as_str()
                .unwrap()
                .starts_with("urn:ietf:params:scim:schemas:core:2.0:")
        );
        assert!(document["meta"]["location"].as_str().unwrap().starts_with(BASE));
    }
}

#[test]
fn what_is_offered_is_advertised_with_its_limits() {
    let offered = Limits {
        documentation: Some("https://hub.contoso.example/docs".to_owned()),
        bulk: Some((1000, 10_485_760)),
        sort: true,
        cursor: Some(3600),
        oauth: true,
        ..limits()
    };
    let config = service_provider_config(BASE, &offered);
    assert_eq!(
        config["bulk"],
        serde_json::json!({"supported": true, "maxOperations": 1000, "maxPayloadSize": 10_485_760})
    );
    assert_eq!(config["sort"]["supported"], true);
    assert_eq!(
        config["pagination"],
        serde_json::json!({"cursor": true, "index": true, "defaultPaginationMethod": "index",
                           "defaultPageSize": 100, "maxPageSize": 200, "cursorTimeout": 3600})
    );
    assert_eq!(config["authenticationSchemes"][1]["type"], "oauth2");
    assert_eq!(config["documentationUri"], "https://hub.contoso.example/docs");
    let plain = service_provider_config(BASE, &limits());
    assert!(plain["pagination"].get("cursorTimeout").is_none() && plain["pagination"]["cursor"] == false);
    assert_eq!(plain["authenticationSchemes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn resource_types_name_their_extensions() {
    let types = resource_types(BASE, &Catalogue::standard());
    assert_eq!(types[0]["schemaExtensions"][0]["schema"], ENTERPRISE_USER);
    assert_eq!(types[0]["meta"]["location"], format!("{BASE}/ResourceTypes/User"));
    assert!(types[1].get("schemaExtensions").is_none());
}

fn extension(urn: &str, resource: &str) -> Extension {
    let definition = serde_json::json!({
        "id": urn, "resource": resource, "required": resource == "Group",
        "attributes": [{"name": "number", "type": "string"}],
    });
    Extension::parse(&definition).unwrap()
}

#[test]
fn a_catalogue_advertises_what_the_workspace_defined() {
    let badge = extension("urn:contoso:badge:1.0:User", "User");
    let crew = extension("urn:contoso:crew:1.0:Group", "Group");
    let catalogue = Catalogue::with(&[badge, crew]).unwrap();
    let types = resource_types(BASE, &catalogue);
    assert_eq!(
        types[0]["schemaExtensions"],
        serde_json::json!([{"schema": ENTERPRISE_USER, "required": false},
                           {"schema": "urn:contoso:badge:1.0:User", "required": false}])
    );
    assert_eq!(
        types[1]["schemaExtensions"],
        serde_json::json!([{"schema": "urn:contoso:crew:1.0:Group", "required": true}])
    );
    let ids: Vec<_> = schemas(BASE, &catalogue)
        .iter()
        .map(|schema| schema["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        ids,
        [
            USER,
            GROUP,
            ENTERPRISE_USER,
            "urn:contoso:badge:1.0:User",
            "urn:contoso:crew:1.0:Group"
        ]
    );
    assert_eq!(catalogue.named("Group").unwrap().extensions.len(), 1);
    assert!(catalogue.named("Badge").is_none());
    assert_eq!(Catalogue::with(&[]).unwrap(), *Catalogue::standard());
    assert!(std::ptr::eq(Catalogue::standard().user(), user()));
}

#[test]
fn extensions_that_cannot_be_told_apart_are_refused() {
    let with = |urns: &[&str]| {
        let list: Vec<_> = urns.iter().map(|urn| extension(urn, "User")).collect();
        Catalogue::with(&list).map(|_| ()).map_err(|error| error.detail)
    };
    assert!(
        with(&["urn:contoso:a", "urn:CONTOSO:A"])
            .unwrap_err()
            .contains("defined already")
    );
    assert!(
        with(&["urn:contoso:a", "urn:contoso:a:b"])
            .unwrap_err()
            .contains("told apart")
    );
    assert!(
        with(&["urn:contoso:a:b", "urn:contoso:a"])
            .unwrap_err()
            .contains("told apart")
    );
    assert!(with(&["urn:contoso:a", "urn:contoso:ab"]).is_ok());
    let many: Vec<String> = (0..=MAX_EXTENSIONS)
        .map(|n| format!("urn:contoso:x{n}"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(with(&many).unwrap_err().contains("at most 20"));
    assert!(with(&many[1..]).is_ok());
}

/// The group's schema document, whole: the shape that clients read.
#[test]
fn the_group_schema_reads_as_published() {
    insta::assert_json_snapshot!(group().schema.to_json(BASE));
}

#[test]
fn booleans_and_objects_carry_no_letter_case() {
    let document = user().schema.to_json(BASE);
    let find = |name: &str| {
        let list = document["attributes"].as_array().unwrap();
        list.iter().find(|a| a["name"] == name).unwrap().clone()
    };
    assert!(find("active").get("caseExact").is_none());
    assert!(find("name").get("uniqueness").is_none());
    assert_eq!(find("userName")["caseExact"], false);
    assert_eq!(find("profileUrl")["referenceTypes"][0], "external");
    assert_eq!(find("emails")["subAttributes"][2]["canonicalValues"][0], "work");
}

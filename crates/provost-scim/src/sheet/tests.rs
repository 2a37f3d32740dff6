//! Sheets: the templates, what a sheet may say, what it requires and what it lets a provider ask.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::*;
use crate::ScimType;
use crate::schema::{ENTERPRISE_USER, Extension};

fn parse(lines: Value) -> Result<Sheet> {
    Sheet::parse(&json!({"attributes": lines}), &Catalogue::standard())
}

fn filter(text: &str) -> Filter {
    filter::parse(text, user(), &Leniency::default(), &mut Habits::default()).unwrap()
}

fn missing(sheet: &Sheet, document: Value) -> Option<String> {
    let error = sheet.check(user(), document.as_object().unwrap()).err()?;
    assert_eq!(
        (error.status, error.scim_type),
        (400, Some(ScimType::InvalidValue))
    );
    let suffix = " is required by this provider's attribute sheet";
    Some(error.detail.strip_suffix(suffix).unwrap().to_owned())
}

#[test]
fn the_templates_are_sheets_and_name_what_they_should() {
    for name in Sheet::TEMPLATES {
        let sheet = Sheet::template(name).unwrap();
        let text = serde_json::to_value(&sheet).unwrap();
        assert_eq!(
            Sheet::parse(&text, &Catalogue::standard()).unwrap(),
            sheet,
            "{name}"
        );
        let filterable: Vec<_> = sheet.attributes.iter().filter(|line| line.filterable).collect();
        assert!(
            matches!(filterable.as_slice(), [only] if only.name == "userName"),
            "{name}"
        );
        let required: Vec<_> = sheet
            .attributes
            .iter()
            .filter(|line| line.required)
            .map(|line| line.name.as_str())
            .collect();
        assert_eq!(required, ["userName", "displayName"], "{name}");
    }
    let names = |name: &str| {
        let lines = Sheet::template(name).unwrap().attributes;
        lines
            .into_iter()
            .map(|line| line.name)
            .collect::<Vec<_>>()
            .join("|")
    };
    assert_eq!(names("connecter"), "userName|active|displayName|externalId");
    assert_eq!(
        names("peripass"),
        "userName|active|displayName|externalId|preferredLanguage|name.givenName|name.familyName|name.formatted|\
         phoneNumbers[type eq \"mobile\"].value|emails[type eq \"work\"].value"
    );
    assert!(Sheet::template("contoso").is_none());
}

#[test]
fn names_come_out_in_canonical_form() {
    let sheet = parse(json!([
        {"name": "USERNAME", "type": "string", "required": true},
        {"name": format!("{}:Department", ENTERPRISE_USER.to_uppercase()), "type": "string"},
        {"name": "emails[TYPE eq \"work\"].Value", "type": "string", "filterable": true}
    ]))
    .unwrap();
    let names: Vec<_> = sheet.attributes.iter().map(|line| line.name.as_str()).collect();
    let department = format!("{ENTERPRISE_USER}:department");
    assert_eq!(
        names,
        ["userName", department.as_str(), "emails[type eq \"work\"].value"]
    );
}

#[test]
fn what_a_sheet_cannot_say_is_refused_by_name() {
    let rows = [
        (
            json!([{"name": "shoeSize", "type": "string"}]),
            "shoeSize is not an attribute of people",
        ),
        (
            json!([{"name": "name.nick", "type": "string"}]),
            "name.nick is not an attribute of people",
        ),
        (
            json!([{"name": "members", "type": "complex"}]),
            "members is not an attribute of people",
        ),
        (json!([{"name": "a b", "type": "string"}]), "a b is no attribute"),
        (
            json!([{"name": "emails[type", "type": "string"}]),
            "emails[type is no attribute",
        ),
        (
            json!([{"name": "emails[colour eq \"red\"].value", "type": "string"}]),
            "emails[colour eq \"red\"].value selects by",
        ),
        (
            json!([{"name": "active", "type": "string"}]),
            "active is a boolean, not a string",
        ),
        (
            json!([{"name": "name", "type": "string"}]),
            "name is a complex, not a string",
        ),
        (
            json!([{"name": "password", "type": "string"}]),
            "password is never sent, or never kept",
        ),
        (
            json!([{"name": "id", "type": "string"}]),
            "id is never sent, or never kept",
        ),
        (
            json!([{"name": "groups", "type": "complex"}]),
            "groups is never sent, or never kept",
        ),
        (
            json!([{"name": "title", "type": "string"}, {"name": "TITLE", "type": "string"}]),
            "TITLE is listed twice",
        ),
    ];
    for (lines, words) in rows {
        let error = parse(lines).unwrap_err();
        assert!(
            error.detail.starts_with(&format!("attribute sheet: {words}")),
            "{error}"
        );
    }
    for sheet in [
        json!({"attributes": [{"name": "title"}]}),
        json!({"attributes": [{"name": "title", "type": "text"}]}),
        json!({"attributes": [{"name": "title", "type": "string", "optional": true}]}),
        json!({"lines": []}),
        json!([]),
    ] {
        let error = Sheet::parse(&sheet, &Catalogue::standard()).unwrap_err();
        assert!(
            error.detail.starts_with("the attribute sheet cannot be read"),
            "{error}"
        );
    }
    let many: Vec<Value> = vec![json!({"name": "title", "type": "string"}); MAX_LINES + 1];
    assert!(parse(many.into()).unwrap_err().detail.contains("at most 200"));
}

#[test]
fn what_is_required_is_named_when_it_is_missing() {
    let sheet = parse(json!([
        {"name": "displayName", "type": "string", "required": true},
        {"name": "emails[type eq \"work\"].value", "type": "string", "required": true},
        {"name": format!("{ENTERPRISE_USER}:manager.value"), "type": "string", "required": true},
        {"name": "title", "type": "string"}
    ]))
    .unwrap();
    let full = json!({
        "displayName": "Ann", "emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w"}],
        (ENTERPRISE_USER): {"manager": {"value": "7c2"}}
    });
    assert_eq!(missing(&sheet, full.clone()), None);
    for (pointer, value, name) in [
        ("/displayName", json!(" "), "displayName"),
        ("/emails/1/type", json!("other"), "emails[type eq \"work\"].value"),
        ("/emails/1/value", json!(""), "emails[type eq \"work\"].value"),
    ] {
        let mut document = full.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        assert_eq!(missing(&sheet, document).as_deref(), Some(name));
    }
    let mut unmanaged = full;
    unmanaged.as_object_mut().unwrap().remove(ENTERPRISE_USER);
    assert_eq!(
        missing(&sheet, unmanaged),
        Some(format!("{ENTERPRISE_USER}:manager.value"))
    );
    let peripass = Sheet::template("peripass").unwrap();
    assert_eq!(
        missing(&peripass, json!({"userName": "ann"})).as_deref(),
        Some("displayName")
    );
    assert_eq!(
        missing(&peripass, json!({"userName": "ann", "displayName": "Ann"})),
        None
    );
}

#[test]
fn a_provider_asks_by_what_is_marked_as_filterable() {
    let sheet = parse(json!([
        {"name": "userName", "type": "string", "filterable": true},
        {"name": "active", "type": "boolean"},
        {"name": "externalId", "type": "string"},
        {"name": "name.givenName", "type": "string"},
        {"name": "emails[type eq \"work\"].value", "type": "string"},
        {"name": "phoneNumbers[type eq \"work\"].value", "type": "string"},
        {"name": "phoneNumbers[type eq \"mobile\"].value", "type": "string", "filterable": true}
    ]))
    .unwrap();
    for text in [
        "userName eq \"ann\"",
        "id eq \"u1\" and meta.lastModified gt \"2026-01-05T09:00:00Z\" and schemas pr",
        "title pr or shoeSize pr",
        "name.familyName eq \"Berg\"",
        "emails.type eq \"work\"",
        "emails[type eq \"work\" and primary eq true]",
        "phoneNumbers.value co \"32\"",
    ] {
        sheet
            .check_filter(&filter(text))
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    for (text, name) in [
        ("externalId eq \"x\"", "externalId"),
        ("userName eq \"ann\" and not (active eq true)", "active"),
        ("name.givenName sw \"A\"", "name.givenName"),
        ("emails eq \"x\"", "emails"),
        ("emails.value eq \"x\"", "emails.value"),
        ("emails[type eq \"work\"].value eq \"x\"", "emails.value"),
        ("emails[value co \"x\"]", "emails.value"),
    ] {
        let error = sheet.check_filter(&filter(text)).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter));
        assert!(
            error.detail.starts_with(&format!("{name} cannot be filtered by")),
            "{error}"
        );
    }
}

#[test]
fn a_sheet_names_custom_attributes() {
    let urn = "urn:contoso:scim:schemas:badge:1.0:User";
    let badge = json!({"id": urn, "resource": "User", "attributes": [{"name": "number", "type": "integer"}]});
    let catalogue = Catalogue::with(&[Extension::parse(&badge).unwrap()]).unwrap();
    let lines = json!({"attributes": [
        {"name": format!("{}:NUMBER", urn.to_uppercase()), "type": "integer", "required": true}]});
    let sheet = Sheet::parse(&lines, &catalogue).unwrap();
    assert!(Sheet::parse(&lines, &Catalogue::standard()).is_err());
    let person = json!({(urn): {"number": 7}});
    assert!(sheet.check(catalogue.user(), person.as_object().unwrap()).is_ok());
    assert!(
        sheet
            .check(catalogue.user(), json!({}).as_object().unwrap())
            .is_err()
    );
    let text = format!("{urn}:number eq 7");
    let asked = filter::parse(
        &text,
        catalogue.user(),
        &Leniency::strict(),
        &mut Habits::default(),
    )
    .unwrap();
    assert!(
        sheet
            .check_filter(&asked)
            .unwrap_err()
            .detail
            .starts_with(&format!("{urn}:number"))
    );
}

//! What is read, what is refused, what is selected.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod property;

use serde_json::{Value, json};

use super::*;
use crate::ScimType;
use crate::error::{Error, Result};
use crate::leniency::{Habit, Habits, Leniency};
use crate::schema::{Attribute, ENTERPRISE_USER, ResourceType, USER, group, user};

/// With every habit tolerated.
fn parse(text: &str, rt: &ResourceType) -> Result<Filter> {
    super::parse(text, rt, &Leniency::default(), &mut Habits::default())
}

fn parse_value_path(text: &str, rt: &ResourceType) -> Result<ValuePath> {
    super::parse_value_path(text, rt, &Leniency::default(), &mut Habits::default())
}

fn parse_element(text: &str, attribute: &Attribute) -> Result<Filter> {
    super::parse_element(text, attribute, &Leniency::default(), &mut Habits::default())
}

fn people() -> [Value; 2] {
    [
        json!({"schemas": [USER], "id": "u1", "userName": "Ann", "title": "Boss", "active": true, "externalId": "X1",
               "emails": [{"type": "work", "value": "ann@a.test", "primary": true}, {"type": "home", "value": "a@b.test"}],
               "meta": {"lastModified": "2026-01-05T09:00:00.000Z"}}),
        json!({"schemas": [USER, ENTERPRISE_USER], "id": "u2", "userName": "bob", "active": false,
               "emails": [{"type": "work", "value": "bob@a.test"}],
               ENTERPRISE_USER: {"department": "Field", "manager": {"value": "7c2"}},
               "meta": {"lastModified": "2026-01-05T10:00:00.000Z"}}),
    ]
}

/// The ids that the filter selects.
fn selected(text: &str) -> String {
    let filter = parse(text, user()).unwrap_or_else(|error| panic!("{text}: {error}"));
    let again = parse(&filter.to_string(), user()).unwrap_or_else(|error| panic!("{filter}: {error}"));
    assert_eq!(again, filter, "{text} prints as {filter}");
    let chosen = people()
        .into_iter()
        .filter(|person| filter.matches(user(), person));
    chosen
        .map(|person| person["id"].as_str().unwrap().to_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

fn refused(text: &str) -> Error {
    let error = parse(text, user()).expect_err(text);
    assert_eq!(
        (error.status, error.scim_type),
        (400, Some(ScimType::InvalidFilter)),
        "{text}"
    );
    error
}

#[test]
fn filters_select_as_the_table_says() {
    let table = [
        ("userName eq \"ANN\"", "u1"),
        ("USERNAME Sw \"a\"", "u1"),
        ("externalId eq \"x1\"", ""),
        ("title pr", "u1"),
        ("not (title pr)", "u2"),
        ("title ne \"Clerk\"", "u1 u2"),
        ("title eq null", "u2"),
        ("emails.type eq \"home\"", "u1"),
        ("emails[type eq \"home\" and value co \"a.test\"]", ""),
        ("emails.type eq \"home\" and emails.value co \"a.test\"", "u1"),
        ("emails[type eq \"work\"].value eq \"bob@a.test\"", "u2"),
        ("emails co \"@b.test\"", "u1"),
        ("emails[type ne \"work\"]", "u1"),
        ("active eq false or active eq true and title pr", "u1 u2"),
        ("(active eq false or active eq true) and title pr", "u1"),
        ("not (userName sw \"b\") and active eq true", "u1"),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"bob\"",
            "u2",
        ),
        ("meta.lastModified ge \"2020-01-01T00:00:00+02:00\"", "u1 u2"),
    ];
    for (filter, expected) in table {
        assert_eq!(selected(filter), expected, "{filter}");
    }
}

#[test]
fn refusals_are_as_the_table_says() {
    for text in [
        "active gt true",
        "userName regex \"a\"",
        "userName eq ann",
        "userName eq 'ann'",
        "userName eq",
        "not userName pr",
        "emails[type eq \"work\"",
        "title eq 5",
    ] {
        refused(text);
    }
}

#[test]
fn what_real_clients_send_is_understood() {
    let table = [
        ("id eq \"u2\" and manager eq \"7c2\"", "u2"),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"7c2\"",
            "u2",
        ),
        ("manager.value eq \"7C2\"", ""),
        ("emails[primary eq \"True\"].value eq \"ann@a.test\"", "u1"),
        ("emails[primary eq \"True\"].value pr", "u1"),
        ("emails eq \"ANN@a.test\"", "u1"),
        ("active eq \"FALSE\"", "u2"),
        ("  ( active   eq true )and( title pr )  ", "u1"),
        ("emails [ type eq \"work\" ] .value sw \"b\"", "u2"),
        ("userName eq \"\\u0041nn\"", "u1"),
        ("emails.value ew \"@A.test\" AND NOT(title PR)", "u2"),
    ];
    for (filter, expected) in table {
        assert_eq!(selected(filter), expected, "{filter}");
    }
    let crew = json!({"id": "g1", "displayName": "Crew", "members": [{"value": "u1", "type": "User"}]});
    let on_crew = |text: &str| parse(text, group()).unwrap().matches(group(), &crew);
    assert!(on_crew("id eq \"g1\" and members eq \"u1\""));
    assert!(on_crew("members[value eq \"u1\"]"));
    assert!(!on_crew("members eq \"U1\""));
    assert!(parse("members eq \"u1\"", group()).unwrap().asks_about("members"));
    assert!(
        !parse("displayName eq \"members\"", group())
            .unwrap()
            .asks_about("members")
    );
}

#[test]
fn operators_follow_type_and_letter_case_rule() {
    let table = [
        ("userName gt \"ANN\"", "u2"),
        ("userName ge \"ANN\"", "u1 u2"),
        ("userName lt \"B\"", "u1"),
        ("externalId co \"X\"", "u1"),
        ("externalId co \"x\"", ""),
        ("externalId ne \"x1\"", "u1 u2"),
        ("meta.lastModified eq \"2026-01-05T11:00:00+02:00\"", "u1"),
        ("meta.lastModified gt \"2026-01-05T09:00:00\"", "u2"),
        ("active ne true", "u2"),
        ("title ne null", "u1"),
        ("emails.primary pr", "u1"),
        ("emails ne \"bob@a.test\"", "u1"),
        ("emails.display ne \"x\"", "u1 u2"),
        (
            "schemas eq \"URN:ietf:params:scim:schemas:extension:enterprise:2.0:user\"",
            "u2",
        ),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
            "u2",
        ),
        ("urn:ietf:params:scim:schemas:core:2.0:User pr", "u1 u2"),
        ("name pr", ""),
        ("manager pr", "u2"),
        ("manager[value eq \"7c2\"]", "u2"),
        ("name eq null", "u1 u2"),
    ];
    for (filter, expected) in table {
        assert_eq!(selected(filter), expected, "{filter}");
    }
}

#[test]
fn case_folding_is_that_of_unicode() {
    let person = json!({"userName": "E\u{301}va Straße"});
    for text in ["éva strasse", "ÉVA STRASSE", "e\u{301}VA straße"] {
        let filter = parse(&format!("userName eq {}", json!(text)), user()).unwrap();
        assert!(filter.matches(user(), &person), "{text}");
    }
    assert!(
        parse("userName co \"STRASS\"", user())
            .unwrap()
            .matches(user(), &person)
    );
}

#[test]
fn an_unknown_attribute_selects_nobody() {
    for text in [
        "shoeSize eq 44",
        "shoeSize ne 44",
        "shoeSize eq null",
        "shoeSize pr",
        "urn:contoso:2.0:Badge:number eq \"1\"",
        "emails.colour eq \"red\"",
        "emails[type eq \"work\"].colour pr",
        "emails[colour ne \"red\"]",
        "shoes[size eq 44].left pr",
        "userName.length gt 3",
    ] {
        assert_eq!(selected(text), "", "{text}");
    }
    assert_eq!(selected("shoeSize eq 44 or title pr"), "u1");
    let filter = parse("title pr and not (shoeSize eq 44)", user()).unwrap();
    assert_eq!(filter.unknown_attribute().unwrap().to_string(), "shoeSize");
    assert!(parse("title pr", user()).unwrap().unknown_attribute().is_none());
}

#[test]
fn precedence_is_kept_in_the_tree() {
    let shape = |text: &str| parse(text, user()).unwrap();
    let [a, b, c] = ["title", "active", "id"].map(|name| Filter::Present(AttrPath::core(name)));
    let and = Filter::And(vec![b.clone(), c.clone()]);
    assert_eq!(
        shape("title pr or active pr and id pr"),
        Filter::Or(vec![a.clone(), and])
    );
    let not = Filter::Not(Box::new(a.clone()));
    assert_eq!(
        shape("not (title pr) and active pr"),
        Filter::And(vec![not, b.clone()])
    );
    let nested = Filter::And(vec![Filter::And(vec![a, b]), c]);
    assert_eq!(shape("(title pr and active pr) and id pr"), nested);
}

#[test]
fn malformed_filters_are_refused() {
    for text in [
        "",
        " ",
        "userName",
        "userName eq \"a",
        "userName eq \"\\x\"",
        "userName eq \"a\" \"b\"",
        "(title pr",
        "title pr)",
        "title pr and",
        "or title pr",
        "title pr title pr",
        "title pr xor active pr",
        "()",
        "emails[]",
        "emails[type eq \"a\"]x pr",
        "emails[type eq \"a\"].",
        "emails[emails[type pr]]",
        "emails[type.x pr]",
        "emails.value[type pr]",
        "userName[value pr]",
        "a..b pr",
        "1a pr",
        "userName eq True",
        "userName eq \"\\u0000\"",
        "userName eq \"\\ud800\"",
        "userName eq 01",
        "\"a\" eq \"a\"",
        "userName eq \"a\"and title pr or",
        "not",
        "not (title pr",
        "userName pr \"x\"",
        "schemas[value pr]",
    ] {
        refused(text);
    }
    assert!(refused("title pr and  bogus").detail.contains("character 20"));
}

#[test]
fn operators_and_literals_that_do_not_fit_are_refused() {
    for text in [
        "active sw \"t\"",
        "active eq \"yes\"",
        "active eq 1",
        "userName eq true",
        "userName gt null",
        "title co null",
        "meta.created co \"2026\"",
        "meta.created eq \"yesterday\"",
        "meta.created gt \"2026-01-05\"",
        "meta.created eq \"2026-01-05T09:00:00+01:00[Europe/Oslo]\"",
        "x509Certificates.value gt \"a\"",
        "x509Certificates co \"a\"",
        "name eq \"Ann\"",
        "addresses co \"Oslo\"",
        "meta eq \"x\"",
        "password eq \"s3cret\"",
        "password pr",
        "id eq 5",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User eq \"x\"",
    ] {
        refused(text);
    }
    assert!(refused("name eq \"Ann\"").detail.contains("name.formatted"));
}

#[test]
fn limits_hold_and_answer_at_once() {
    let nested = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH), user()).is_ok());
    assert!(refused(&nested(MAX_DEPTH + 1)).detail.contains("levels"));
    assert!(refused(&nested(4_000)).detail.contains("levels"));
    refused(&nested(15_000));
    refused(&"not (".repeat(1_600));
    let terms = |count: usize| vec!["title pr"; count].join(" or ");
    assert!(parse(&terms(MAX_TERMS), user()).is_ok());
    assert!(refused(&terms(MAX_TERMS + 1)).detail.contains("comparisons"));
    let long = format!("title eq \"{}\"", "x".repeat(MAX_BYTES));
    assert!(refused(&long).detail.contains("bytes"));
}

#[test]
fn a_patch_path_is_taken_apart() {
    let parts = |text: &str| {
        let path = parse_value_path(text, user()).unwrap();
        (
            path.path.to_string(),
            path.filter.map(|filter| filter.to_string()),
            path.sub,
        )
    };
    assert_eq!(parts("Name.GivenName"), ("name.givenName".to_owned(), None, None));
    let work = Some("type eq \"work\"".to_owned());
    assert_eq!(
        parts("emails[Type EQ \"work\"]"),
        ("emails".to_owned(), work.clone(), None)
    );
    assert_eq!(
        parts(" emails[type eq \"work\"].VALUE "),
        ("emails".to_owned(), work, Some("value".to_owned()))
    );
    let error = |text: &str| parse_value_path(text, user()).unwrap_err().scim_type;
    for text in [
        "",
        "emails[type eq \"work\"]value",
        "emails[type eq \"work\"].a.b",
        "userName[a pr]",
        "a b",
        "[a pr]",
    ] {
        assert_eq!(error(text), Some(ScimType::InvalidPath), "{text}");
    }
    for text in [
        "emails[",
        "emails[type eq work]",
        "emails[type eq \"work\"",
        "emails[primary gt true]",
    ] {
        assert_eq!(error(text), Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn an_element_filter_stands_alone() {
    let emails = user().core_attribute("emails").unwrap();
    let filter = parse_element("TYPE eq \"work\" and primary ne true", emails).unwrap();
    assert_eq!(filter.to_string(), "type eq \"work\" and primary ne true");
    assert!(filter.matches_element(emails, &json!({"type": "Work", "value": "x"})));
    assert!(!filter.matches_element(emails, &json!({"type": "work", "primary": true})));
}

/// What is understood beyond the grammar: counted by default, refused in strict mode and without the habit.
#[test]
fn every_habit_of_a_filter_is_one_of_leniency() {
    let rows = [
        (Habit::ValuePathTail, "emails[type eq \"work\"].value eq \"x\""),
        (Habit::ValuePathTail, "emails[type eq \"work\"].value pr"),
        (Habit::BooleanText, "active eq \"True\""),
        (Habit::BooleanText, "roles[primary eq \"true\"]"),
        (Habit::BooleanText, "emails.primary ne \"FALSE\""),
        (
            Habit::BareReference,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"7c2\"",
        ),
        (Habit::BareExtensionName, "department eq \"D\""),
        (Habit::BareExtensionName, "manager.value eq \"7c2\""),
        (Habit::UnknownFilterAttribute, "shoeSize eq 44"),
        (Habit::UnknownFilterAttribute, "shoes[size eq 44]"),
        (Habit::UnknownFilterAttribute, "emails[colour pr]"),
        (Habit::UnknownFilterAttribute, "emails.colour pr"),
        (Habit::FilterSpacing, "title  pr"),
        (Habit::FilterSpacing, "( title pr )"),
    ];
    for (habit, text) in rows {
        let mut used = Habits::default();
        super::parse(text, user(), &Leniency::default(), &mut used).unwrap();
        assert!(used.contains(habit), "{text}: {used:?}");
        for leniency in [Leniency::strict(), Leniency::default().without(habit)] {
            let error = super::parse(text, user(), &leniency, &mut used).expect_err(text);
            assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
        }
    }
    for text in [
        "userName eq \"ANN\" and not (title pr)",
        "emails[type eq \"work\" and primary eq true] or emails co \"@a.test\"",
        "title eq null",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"7c2\"",
    ] {
        let mut used = Habits::default();
        super::parse(text, user(), &Leniency::strict(), &mut used).unwrap();
        assert!(used.is_empty(), "{text}");
    }
}

#[test]
fn a_filter_of_many_terms_knows_how_many() {
    let terms = |text: &str| parse(text, user()).unwrap().terms();
    assert_eq!(terms("title pr"), 1);
    assert_eq!(
        terms("emails[type eq \"a\" and not (value pr)].value pr or id eq \"1\""),
        4
    );
}

use serde_json::json;

use super::*;
use crate::object::{Kind, Source};
use crate::rule::Env;

fn texts(path: &str, document: &Json) -> Vec<String> {
    let context = Context {
        source: Source {
            kind: Kind::Person,
            id: "id-1",
            document,
            assigned: true,
        },
        soft_deleted: true,
        env: Env::default(),
    };
    let mut texts = Vec::new();
    Lookup::parse(path)
        .unwrap()
        .find(&context)
        .each(&mut |text| texts.push(text.into_owned()));
    texts
}

#[test]
fn filters_pick_elements() {
    let document = json!({"emails": [
        {"value": "a@contoso.example", "type": "home"},
        {"value": "b@contoso.example", "type": "Work", "primary": true},
        {"value": "c@contoso.example", "type": "work"}
    ]});
    let cases: [(&str, &[&str]); 12] = [
        (r#"emails[type eq "home"].value"#, &["a"]),
        (r#"EMAILS[TYPE EQ "HOME"].VALUE"#, &["a"]),
        (r#"emails[type eq "work"].value"#, &["b", "c"]),
        (r#"emails[type eq "work"]"#, &["b", "c"]),
        (r#"emails[type eq "work" and primary eq true].value"#, &["b"]),
        (r#"emails[type eq "work" and primary eq False].value"#, &["c"]),
        (r#"emails[type ne "work"].value"#, &["a"]),
        ("emails[primary pr].value", &["b"]),
        (r#"emails[value sw "C@"].value"#, &["c"]),
        (r#"emails[value ew ".EXAMPLE" and type co "om"].value"#, &["a"]),
        (r#"emails[type eq "other"].value"#, &[]),
        ("emails.type", &["home", "Work", "work"]),
    ];
    for (path, expected) in cases {
        let expected: Vec<String> = expected
            .iter()
            .map(|name| match *name {
                name @ ("a" | "b" | "c") => format!("{name}@contoso.example"),
                other => other.to_owned(),
            })
            .collect();
        assert_eq!(texts(path, &document), expected, "{path}");
    }
}

#[test]
fn quotes_in_a_filter_hide_brackets_and_dots() {
    let document = json!({"x": [{"type": "a].b \"q\"", "value": 1}]});
    assert_eq!(texts(r#"x[type eq "a].b \"q\""].value"#, &document), ["1"]);
}

#[test]
fn names_outside_the_schemas_are_found_in_every_case() {
    let document = json!({
        "urn:contoso:1.0:User": {"badgeNumber": "42"},
        "Custom": "x",
        "vendors": [{"Kind": "k", "value": "v"}]
    });
    assert_eq!(texts("urn:contoso:1.0:user:BADGENUMBER", &document), ["42"]);
    assert_eq!(texts("custom", &document), ["x"]);
    assert_eq!(texts(r#"vendors[kind eq "K"].value"#, &document), ["v"]);
}

#[test]
fn computed_attributes() {
    let document = json!({"id": "not this one"});
    assert_eq!(texts("ID", &document), ["id-1"]);
    assert_eq!(texts("objectID", &document), ["id-1"]);
    assert_eq!(texts("IsSoftDeleted", &document), ["True"]);
}

#[test]
fn a_filter_on_a_single_value_tests_it() {
    let document = json!({"name": {"givenName": "Kari"}});
    assert_eq!(
        texts(r#"name[givenName eq "kari"].givenName"#, &document),
        ["Kari"]
    );
    assert!(texts(r#"name[givenName eq "ola"].givenName"#, &document).is_empty());
}

#[test]
fn broken_paths_are_refused() {
    for path in [
        "",
        " ",
        ".",
        "a.",
        ".a",
        "a..b",
        "a[",
        "a]",
        "a[type]",
        "a[type eq]",
        r#"a[type eq "x]"#,
        r#"a[type eq "x" or type eq "y"]"#,
        r#"a[type gt "x"]"#,
        r#"a[type eq "x"]b"#,
        "a[]",
        "a.b.c.d.e.f.g.h.i",
        "urn:a:",
        "a[co eq co]",
    ] {
        assert!(Lookup::parse(path).is_err(), "{path}");
    }
}

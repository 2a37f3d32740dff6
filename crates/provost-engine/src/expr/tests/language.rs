//! What the language itself promises: how it is read, compared and bounded.

use super::*;

#[test]
fn attributes_in_every_shape() {
    check(&[
        ("[userName]", "ana.ruiz@contoso.example"),
        ("[USERNAME]", "ana.ruiz@contoso.example"),
        ("[name.familyname]", "Kowalska"),
        (r#"[emails[type eq "work"].value]"#, "work@contoso.example"),
        ("[emails.value]", "home@contoso.example|work@contoso.example"),
        (
            "[urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department]",
            "Sales",
        ),
        (
            "[URN:IETF:params:scim:schemas:extension:ENTERPRISE:2.0:user:Department]",
            "Sales",
        ),
        ("[urn:ietf:params:scim:schemas:core:2.0:User:title]", "Sr. Dev"),
        ("[objectId]", "id-1"),
        ("[id]", "id-1"),
        ("[isSoftDeleted]", "False"),
        ("[missing.deep]", "null"),
        ("[LEVEL]", "7"),
        ("[tags]", "red|green"),
    ]);
}

#[test]
fn the_lexical_rules() {
    check(&[
        (r#""a \"b\" \\d \+""#, r#"a "b" \d \+"#),
        ("-12", "-12"),
        ("1.50", "1.50"),
        ("&H1f", "31"),
        ("  Left ( \n \"abc\" , 2 ) ", "ab"),
        (r#"Left("abc","2")"#, "ab"),
        (r#""a" & [name.givenName] & 7 & [missing]"#, "aJan7"),
        (r#""a"&&H10"#, "a16"),
        ("IgnoreAttributeFlow", "ignore"),
        (
            r#"IIF([title]="Sr. Dev", IgnoreObjectFlow, "x")"#,
            "ignore object",
        ),
        ("toupper(\"a\")", "A"),
    ]);
}

#[test]
fn comparisons() {
    check(&[
        (r#"[title]="Sr. Dev""#, "True"),
        (r#"[title]="sr. dev""#, "False"),
        (r#"[title]<>"x""#, "True"),
        ("[flag]=1", "True"),
        ("[level]>6", "True"),
        (r#"[level]>="10""#, "False"),
        ("[level]<=7", "True"),
        ("1.5<1.25", "False"),
        (r#""b">"a""#, "True"),
        (r#"[missing]="""#, "True"),
        (r#"[active]="true""#, "True"),
        (r#"[IsSoftDeleted]="False""#, "True"),
        ("[emails]=1", "! there are several values where one is needed"),
    ]);
}

#[test]
fn every_mistake_is_found_at_once_and_in_its_place() {
    let found =
        errors(r#"Jion("-", Left([a]), [emails[type is 1].value], Replace([x], ,"(", ,"y"), ToLower(x))"#);
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        ["Jion", "Left", "[emails[type is 1].value]", "\"(\"", "x"],
        "{found:?}"
    );
    let Err(errors) = parse("Jion()") else {
        panic!("there is no function Jion")
    };
    assert_eq!(errors[0].hint, "did you mean Join?");
}

/// After a mistake of syntax the call's other arguments are still read.
#[test]
fn the_parse_goes_on_behind_a_mistake() {
    let cases: [(&str, &[&str]); 6] = [
        ("Join(1 2, Lft([a],1), ?)", &["2", "Lft", "?"]),
        (r#"IIF([a]=?,Left("x)","y),Mid([b[c) eq "]"]],1))"#, &["?", "]"]),
        ("Join(Left(?,1),Right(!,2),Foo())", &["?", "!", "Foo"]),
        ("Join(((a),b),Left(1))", &["(", "Left"]),
        ("Left(1,2=3=4,&Hx) Foo(", &["Left", "2=3=", "&H", "F"]),
        ("Switch(?,\"open", &["?", "\"open"]),
    ];
    for (text, places) in cases {
        let found = errors(text);
        let found: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(found, places, "{text}");
    }
}

#[test]
fn a_pattern_that_is_computed_is_allowed_with_a_warning() {
    let parsed = parse_with_warnings("Replace([externalId], ,[title], ,\"c\")").unwrap();
    let warning = &parsed.warnings[0];
    assert_eq!(
        warning.message,
        "this regular expression is compiled anew for every object"
    );
    assert_eq!(warning.span, 23..30);
}

#[test]
fn syntax_errors_say_what_is_missing() {
    let cases = [
        ("", "a value is missing, but the text ends"),
        ("Join(", "a value is missing, but the text ends"),
        (
            "Join(\"a\"",
            "a comma or a closing parenthesis is missing, but the text ends",
        ),
        ("\"a", "this string is not closed"),
        ("[a", "this attribute is not closed"),
        ("[a[b]", "this attribute is not closed"),
        ("\"a\" \"b\"", "the expression should end here, but there is '\"'"),
        ("1 = 2 = 3", "a comparison cannot be compared again"),
        ("-", "this is not a whole number of at most 63 bits"),
        (
            "99999999999999999999",
            "this is not a whole number of at most 63 bits",
        ),
        ("&Hxyz", "this is not a whole number of at most 63 bits"),
        ("&", "a value is missing, but there is '&'"),
        ("(1)", "a value is missing, but there is '('"),
        ("æ", "a value is missing, but there is 'æ'"),
        ("[]", "the attribute has no name"),
        ("[a..b]", "the path has an empty part"),
        ("Left(\"a\",1,2)", "Left takes 2 argument(s) at most, but has 3"),
        (
            "Switch([a],\"d\",\"k\")",
            "Switch needs a source, a default (which may be left empty) and \
                                     pairs of key and value",
        ),
        ("Not(True)", "\"True\" is no value by itself"),
        ("Join(“a”)", "a value is missing, but there is '“'"),
    ];
    for (text, message) in cases {
        assert_eq!(
            errors(text).first().map(|e| e.1.as_str()),
            Some(message),
            "{text}"
        );
    }
}

#[test]
fn letter_case_of_names_is_forgiven_with_a_warning() {
    let errors = parse_with_warnings("cstr(GUID1)").expect_err("GUID1 is no value");
    assert_eq!(errors.len(), 1);
    let parsed = parse_with_warnings("IIF(isnull([id]),ignoreattributeflow,1)").unwrap();
    let warnings: Vec<_> = parsed.warnings.iter().map(|w| w.message.as_str()).collect();
    assert_eq!(
        warnings,
        [
            "isnull was read as IsNull",
            "ignoreattributeflow was read as IgnoreAttributeFlow"
        ]
    );
}

#[test]
fn length_and_depth_are_bounded() {
    let long = format!("\"{}\"", "a".repeat(MAX_LENGTH - 2));
    assert!(parse(&long).is_ok());
    assert!(parse(&format!("{long} ")).is_err());
    let deep = |n: usize| format!("{}1{}", "CStr(".repeat(n), ")".repeat(n));
    assert!(parse(&deep(MAX_DEPTH)).is_ok());
    assert!(errors(&deep(MAX_DEPTH + 1))[0].1.contains("nest deeper"));
    assert_eq!(errors(&"CStr(".repeat(1_900)).len(), 1);
    assert_eq!(errors(&"(".repeat(15_000)).len(), 1);
}

/// Each level makes its text a hundred times longer.
#[test]
fn texts_that_explode_are_stopped() {
    let mut text = "\"a\"".to_owned();
    for _ in 0..12 {
        text = format!("Replace({text},\"a\", , ,\"{}\")", "a".repeat(100));
    }
    assert_eq!(
        run(&text),
        format!("! the text becomes longer than {MAX_TEXT} bytes")
    );
}

#[test]
fn work_that_explodes_is_stopped() {
    let mut text = format!("\"{}\"", "ab".repeat(200));
    for _ in 0..3 {
        text = format!("Replace({text},\"a\", , ,\"aaaaaa\")");
    }
    let text = format!("Replace({text}, ,\"a(.*z)?\", ,\"b\")");
    assert_eq!(
        run(&text),
        format!("! the expression takes more than {MAX_STEPS} steps")
    );
}

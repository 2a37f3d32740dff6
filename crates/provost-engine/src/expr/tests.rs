use serde_json::{Value as Json, json};

use super::*;
use crate::object::{Kind, Source};
use crate::rule::Env;

fn document() -> Json {
    json!({
        "userName": "ana.ruiz@contoso.example",
        "displayName": "Łukasz Strauß",
        "title": "Sr. Dev",
        "active": true,
        "nickName": "",
        "name": {"givenName": "Jan", "familyName": "Kowalska"},
        "emails": [
            {"value": "home@contoso.example", "type": "home"},
            {"value": "work@contoso.example", "type": "Work", "primary": true}
        ],
        "roles": [{"value": "a"}, {"value": "b"}, {"value": "a"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Sales", "employeeNumber": "AB123456"
        },
        "level": 7,
        "flag": "1",
        "tags": ["red", "green"]
    })
}

/// The outcome as text: the value's texts, `null`, or `!` and the message.
fn run(text: &str) -> String {
    let document = document();
    let context = Context {
        source: Source {
            kind: Kind::Person,
            id: "id-1",
            document: &document,
        },
        soft_deleted: false,
        env: Env {
            now: 1_777_932_900_000,
            default_domain: Some("contoso.example"),
        },
    };
    let expr = match parse(text) {
        Ok(expr) => expr,
        Err(errors) => return format!("! {}", errors[0].message),
    };
    match eval(&expr, &context) {
        Err(error) => format!("! {}", error.message),
        Ok(Value::Null) => "null".to_owned(),
        Ok(Value::Ignore) => "ignore".to_owned(),
        Ok(Value::IgnoreObject) => "ignore object".to_owned(),
        Ok(value) => {
            let mut texts = Vec::new();
            value.each(&mut |text| texts.push(text.into_owned()));
            texts.join("|")
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, expected)| run(text) != *expected)
        .map(|(text, expected)| format!("{text}\n  gives {:?}, not {expected:?}", run(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

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
fn choosing() {
    check(&[
        (r#"IIF([title]="Sr. Dev","T","P")"#, "T"),
        (r#"IIF(IsPresent([missing]),"T","P")"#, "P"),
        (r#"IIF([missing],"T")"#, "null"),
        (
            r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
            "True",
        ),
        (r#"Switch([title],"ROW","emea","EU","apac","AP")"#, "ROW"),
        (r#"Switch([title],,"emea","EU")"#, "null"),
        (r#"Switch([missing],"d","","empty")"#, "empty"),
        (r#"Switch(IsNull([missing]),"d","True","none")"#, "none"),
        ("Not(True)", "! \"True\" is no value by itself"),
        (r#"Not("True")"#, "False"),
        (r#"Not("x")"#, "True"),
        ("Not([IsSoftDeleted])", "True"),
        ("Not(1)", "True"),
        (r#"Coalesce([missing],[name.givenName],"n/a")"#, "Jan"),
        (r#"Coalesce([nickName],"n/a")"#, ""),
        ("Coalesce([missing])", "null"),
        ("IsNull([missing])", "True"),
        ("IsNull([nickName])", "False"),
        ("IsNullOrEmpty([nickName])", "True"),
        ("IsNothing([title])", "False"),
        ("IsString([tags])", "False"),
        ("IsString([level])", "True"),
        ("CBool([title]=[title])", "True"),
        (r#"CBool("0")"#, "False"),
        ("CBool(2)", "True"),
        ("IgnoreFlowIfNullOrEmpty([nickName])", "ignore"),
        ("IgnoreFlowIfNullOrEmpty([title])", "Sr. Dev"),
        (r#"Error("no id")"#, "! no id"),
        ("DefaultDomain()", "contoso.example"),
    ]);
}

#[test]
fn only_the_chosen_branch_is_evaluated() {
    check(&[
        (r#"IIF("True","ok",Error("evaluated"))"#, "ok"),
        (r#"IIF("False",Item([tags],9),"ok")"#, "ok"),
        (
            r#"Switch("b",Error("default"),"a",Error("a"),"b","ok","c",Error("c"))"#,
            "ok",
        ),
        (r#"Coalesce("ok",Error("later"))"#, "ok"),
    ]);
}

#[test]
fn texts() {
    check(&[
        (r#"Append([name.givenName],"-lab")"#, "Jan-lab"),
        (r#"Append([missing],"-lab")"#, "-lab"),
        (r#"Prepend("u-",[id])"#, "u-id-1"),
        (r#"ToLower("INFO","tr-TR")"#, "ınfo"),
        (r#"ToUpper("info","az")"#, "İNFO"),
        (r#"ToUpper("straße")"#, "STRAßE"),
        (r#"ToLower("ÅSE")"#, "åse"),
        ("ToLower([missing])", "null"),
        ("ToUpper([tags])", "RED|GREEN"),
        (r#"Trim("  a b ")"#, "a b"),
        (r#"StripSpaces("Van der Berg")"#, "VanderBerg"),
        ("NormalizeDiacritics([displayName])", "Lukasz Strauss"),
        (
            r#"NormalizeDiacritics("ÆØÅ æøå œ ıİ ÄÖÜ äöü éñç")"#,
            "AEOEA aeoea oe iI AOU aou enc",
        ),
        (r#"NormalizeDiacritics("한국")"#, "한국"),
        ("Left([name.familyName],4)", "Kowa"),
        (r#"Left("åß",1)"#, "å"),
        (r#"Left("abc",-1)"#, "abc"),
        (r#"Left("abc",0)"#, ""),
        ("Left([missing],2)", ""),
        (r#"Right("abc",2)"#, "bc"),
        (r#"Right("abc",9)"#, "abc"),
        (
            "Mid([urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber],3,4)",
            "1234",
        ),
        (r#"Mid("abc","1","2")"#, "ab"),
        (r#"Mid("abc",9,2)"#, ""),
        (r#"Mid("abc",2,99)"#, "bc"),
        (r#"Mid("abc",0,2)"#, "! positions count from 1"),
        (r#"InStr("a@b@c","@",3)"#, "4"),
        (r#"InStr("abc","C")"#, "0"),
        (r#"InStr("abc","C",,vbTextCompare)"#, "3"),
        (r#"Word("x;y|z",2,";|")"#, "y"),
        (r#"Word("x;y",0,";")"#, ""),
        (r#"Word("x;y",3,";")"#, ""),
        (r#"PCase("MARIA DEL-RIO")"#, "Maria Del-Rio"),
        (r#"PCase("MARIA DEL-RIO"," ")"#, "Maria Del-rio"),
        (r#"PCase("o'neil")"#, "O'Neil"),
        ("CStr([active])", "True"),
        ("CStr([emails])", "! there are several values where one is needed"),
    ]);
}

#[test]
fn lists() {
    check(&[
        (r#"Join("-","DE","MUC","114")"#, "DE-MUC-114"),
        (
            r#"Join(", ","",[name.familyName],[missing],[name.givenName])"#,
            "Kowalska, Jan",
        ),
        (r#"Join("/",[tags],"x")"#, "red/green/x"),
        (r#"Split("red; green",";")"#, "red|green"),
        ("Item([tags],2)", "green"),
        ("Item([tags],3)", "! there is no value with this number"),
        ("Item([tags],0)", "! there is no value with this number"),
        ("Item([missing],1)", "null"),
        ("Count([roles])", "3"),
        ("Count([missing])", "0"),
        ("RemoveDuplicates([roles])", "a|b"),
        (r#"Contains([tags],"ree")"#, "2"),
    ]);
}

#[test]
fn replace_in_all_its_modes() {
    check(&[
        (r#"Replace([title],"Sr.", , ,"Senior", , )"#, "Senior Dev"),
        (
            r#"Replace("7781","{id}", , , , ,"acct-{id}@contoso.example")"#,
            "acct-7781@contoso.example",
        ),
        (
            r#"Replace("0049891234", ,"^00(?<cc>\\d{2})(?<n>\\d+)$", ,"+${cc} ${n}", , )"#,
            "+49 891234",
        ),
        (
            r#"Replace("MUC-4711", ,"^(?<site>[A-Z]{3})-","site","HQ1", , )"#,
            "HQ1-4711",
        ),
        (
            r#"Replace([missing], ,"x(?<e>\\d+)$","e", ,"555-0100x77", )"#,
            "77",
        ),
        (
            r#"Replace("room 1", ,"x(?<e>\\d+)$","e", ,"555-0100x77", )"#,
            "room 1",
        ),
        (
            r#"Replace(Join("","000000","789"), ,"(.*?)(?<k>.{0,6})$", ,"${k}", , )"#,
            "000789",
        ),
        (r#"Replace("abc", ,"x", ,"y")"#, "abc"),
        (r#"Replace("ab1", ,"[a-z]*", ,"-")"#, "--1-"),
        (r#"Replace("a-b c", ,"[^a-z]", ,"")"#, "abc"),
        (r#"Replace("a1", ,"([a-z])(\d)", ,"$2$1")"#, "1a"),
        (r#"Replace([missing],"a", , ,"b")"#, "null"),
        (r#"Replace("a","a", , ,[missing])"#, ""),
        (
            r#"Replace("a", ,"(?<x>a)","y","b")"#,
            "! the regular expression has no group of this name",
        ),
    ]);
}

#[test]
fn numbers_and_encodings() {
    check(&[
        ("BitAnd(&HC,10)", "8"),
        (r#"ConvertToBase64("Ümit")"#, "3ABtAGkAdAA="),
        (r#"ConvertFromBase64("w5xtaXQ=",UTF8)"#, "Ümit"),
        (r#"ConvertFromBase64("3ABtAGkAdAA=")"#, "Ümit"),
        (
            r#"ConvertFromBase64("%")"#,
            "! this is no Base64 of a text in the encoding",
        ),
        (r#"ConvertToUTF8Hex("Ümit")"#, "C39C6D6974"),
    ]);
}

#[test]
fn dates() {
    check(&[
        ("Now()", "5/4/2026 10:15:00 PM"),
        (r#"CDate("2026-05-04T22:15:00+03:00")"#, "5/4/2026 7:15:00 PM"),
        (r#"CDate("2026-05-04")"#, "5/4/2026 12:00:00 AM"),
        (r#"CDate("2026-05-04+03:00")"#, "5/3/2026 9:00:00 PM"),
        (r#"CDate("5/4/2026 7:15:00 PM")"#, "5/4/2026 7:15:00 PM"),
        (r#"CDate("")"#, "! this is no date"),
        (r#"CDate("2026-13-04")"#, "! this is no date"),
        (r#"DateAdd("m",1,CDate("2026-01-31"))"#, "2/28/2026 12:00:00 AM"),
        (
            r#"DateAdd("h","-1",CDate("2026-01-01"))"#,
            "12/31/2025 11:00:00 PM",
        ),
        (
            r#"DateAdd("yyyy",99999999999,"2026-01-01")"#,
            "! the date is out of range",
        ),
        (r#"DateDiff("ww",CDate("2026-01-03"),CDate("2026-01-04"))"#, "1"),
        (r#"DateDiff("m",CDate("2026-01-31"),CDate("2026-02-01"))"#, "1"),
        (
            r#"DateDiff("d","2026-01-02T12:00:00","2026-01-01T13:00:00")"#,
            "0",
        ),
        (
            r#"DateDiff("q","2026-01-01","2026-01-01")"#,
            "! this is no interval",
        ),
        (
            r#"NumFromDate("2026-09-30T23:59:59+02:00")"#,
            "134352791990000000",
        ),
        (
            r#"NumFromDate("2025-12-31 23:59:59 -05:00")"#,
            "134117171990000000",
        ),
        ("DateFromNum(133536384000000000)", "2/29/2024 12:00:00 AM"),
    ]);
}

fn errors(text: &str) -> Vec<(String, String)> {
    match parse(text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors
            .into_iter()
            .map(|e| {
                (
                    text.get(e.span.clone())
                        .expect("a span lies on characters")
                        .to_owned(),
                    e.message,
                )
            })
            .collect(),
    }
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
        (
            "Replace([a], ,[b], ,\"c\")",
            "the regular expression must be a string constant",
        ),
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
    let parsed = parse_with_warnings("IIF(isnull([a]),ignoreattributeflow,1)").unwrap();
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

#[test]
fn every_function_is_documented_and_found() {
    let mut names = Vec::new();
    for function in functions() {
        assert!(function.signature.starts_with(function.name), "{}", function.name);
        assert!(!function.summary.is_empty());
        assert!(std::ptr::eq(function::find(function.name).unwrap(), function));
        names.push(function.name.to_ascii_lowercase());
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names.len(),
        functions().count(),
        "names differ by more than letter case"
    );
}

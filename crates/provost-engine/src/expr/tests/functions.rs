//! Every function of the reference: choosing, lists, numbers; and that none was forgotten.

use super::*;

pub(super) const CHOOSING: &[(&str, &str)] = &[
    (r#"IIF([title]="Sr. Dev","T","P")"#, "T"),
    (r#"IIF(IsPresent([missing]),"T","P")"#, "P"),
    (r#"IIF([missing],"T")"#, "null"),
    (r#"IIF([missing]="x","T","P")"#, "P"),
    (r#"IIF([flag],"T","P")"#, "T"),
    (r#"IIF([title]="Sr. Dev",,"P")"#, "null"),
    (
        r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
        "True",
    ),
    (r#"Switch([title],"ROW","emea","EU","apac","AP")"#, "ROW"),
    (r#"Switch([title],,"emea","EU")"#, "null"),
    (r#"Switch([missing],"d","","empty")"#, "empty"),
    (r#"Switch([nickName],"d","","empty")"#, "empty"),
    (r#"Switch("EMEA","d","emea","EU")"#, "d"),
    (r#"Switch(IsNull([missing]),"d","True","none")"#, "none"),
    (r#"Switch([level],"d","7","seven")"#, "seven"),
    (r#"Not("True")"#, "False"),
    (r#"Not("x")"#, "True"),
    ("Not([IsSoftDeleted])", "True"),
    ("Not(1)", "True"),
    ("Not([missing])", "True"),
    (r#"Coalesce([missing],[name.givenName],"n/a")"#, "Jan"),
    (r#"Coalesce([nickName],"n/a")"#, ""),
    ("Coalesce([missing])", "null"),
    ("IsNull([missing])", "True"),
    ("IsNull([nickName])", "False"),
    ("IsNullOrEmpty([nickName])", "True"),
    ("IsNullOrEmpty([missing])", "True"),
    ("IsNullOrEmpty([title])", "False"),
    ("IsPresent([nickName])", "False"),
    ("IsPresent([active])", "True"),
    ("IsNothing([title])", "False"),
    ("IsNothing([missing])", "True"),
    ("IsString([tags])", "False"),
    ("IsString([level])", "True"),
    ("IsString([missing])", "False"),
    ("CBool([title]=[title])", "True"),
    (r#"CBool("0")"#, "False"),
    (r#"CBool("-3")"#, "True"),
    (r#"CBool("yes")"#, "False"),
    ("CBool(2)", "True"),
    ("CBool([missing])", "False"),
    ("IgnoreFlowIfNullOrEmpty([nickName])", "ignore"),
    ("IgnoreFlowIfNullOrEmpty([missing])", "ignore"),
    ("IgnoreFlowIfNullOrEmpty([title])", "Sr. Dev"),
    (r#"Error("no id")"#, "! no id"),
    ("Error([title])", "! the rule's author lets this object fail"),
    (r#"IIF(IsPresent([id]),[id],Error("no id"))"#, "id-1"),
    ("DefaultDomain()", "contoso.example"),
    (r#"Join("@",[id],DefaultDomain())"#, "id-1@contoso.example"),
];

pub(super) const LISTS: &[(&str, &str)] = &[
    (r#"Join("-","DE","MUC","114")"#, "DE-MUC-114"),
    (
        r#"Join(", ","",[name.familyName],[missing],[name.givenName])"#,
        "Kowalska, Jan",
    ),
    (r#"Join("/",[tags],"x")"#, "red/green/x"),
    (r#"Join(,"a","b")"#, "ab"),
    (r#"Join("-",[missing])"#, ""),
    (r#"Split("red; green",";")"#, "red|green"),
    (r#"Split([missing],";")"#, "null"),
    (r#"Split("red","")"#, "red"),
    ("Item([tags],2)", "green"),
    (r#"Item([tags],"1")"#, "red"),
    ("Item([tags],3)", "! there is no value with this number"),
    ("Item([tags],0)", "! there is no value with this number"),
    ("Item([missing],1)", "null"),
    ("Count([roles])", "3"),
    ("Count([missing])", "0"),
    ("Count([title])", "1"),
    ("RemoveDuplicates([roles])", "a|b"),
    (r#"RemoveDuplicates(Split("a,A,a",","))"#, "a|A"),
    ("RemoveDuplicates([missing])", "null"),
    (r#"Contains([tags],"ree")"#, "2"),
    (r#"Contains([tags],"blue")"#, "0"),
    (r#"Contains([missing],"x")"#, "0"),
];

pub(super) const NUMBERS: &[(&str, &str)] = &[
    ("BitAnd(&HC,10)", "8"),
    (r#"BitAnd("12",10)"#, "8"),
    ("BitAnd([missing],1)", "! a number is missing"),
    (r#"ConvertToBase64("Ümit")"#, "3ABtAGkAdAA="),
    ("ConvertToBase64([missing])", "null"),
    (r#"ConvertFromBase64("w5xtaXQ=",UTF8)"#, "Ümit"),
    (r#"ConvertFromBase64("3ABtAGkAdAA=")"#, "Ümit"),
    (r#"ConvertFromBase64("3ABtAGkAdAA=",Unicode)"#, "Ümit"),
    (r#"ConvertFromBase64("QW5h",ASCII)"#, "Ana"),
    ("ConvertFromBase64([missing])", "null"),
    (
        r#"ConvertFromBase64("%")"#,
        "! this is no Base64 of a text in the encoding",
    ),
    (r#"ConvertToUTF8Hex("Ümit")"#, "C39C6D6974"),
    ("ConvertToUTF8Hex([missing])", "null"),
];

#[test]
fn choosing() {
    check(CHOOSING);
}

#[test]
fn lists() {
    check(LISTS);
}

#[test]
fn numbers_and_encodings() {
    check(NUMBERS);
}

#[test]
fn only_the_chosen_branch_is_evaluated() {
    check(&[
        (r#"IIF("True","ok",Error("evaluated"))"#, "ok"),
        (r#"IIF("False",Item([tags],9),"ok")"#, "ok"),
        (r#"IIF(IsPresent([missing]),CDate([missing]),"ok")"#, "ok"),
        (
            r#"Switch("b",Error("default"),"a",Error("a"),"b","ok","c",Error("c"))"#,
            "ok",
        ),
        (r#"Switch("b","ok","a",CDate(""))"#, "ok"),
        (r#"Coalesce("ok",Error("later"))"#, "ok"),
    ]);
}

/// Two rows at least for each function of the reference, so that no function goes untested.
#[test]
fn no_function_is_without_rows() {
    let tables = [
        CHOOSING,
        LISTS,
        NUMBERS,
        texts::TEXTS,
        texts::REPLACE,
        dates::DATES,
        dates::FORMATS,
        people::ROLES,
        people::IDENTITIES,
        random::CHOSEN,
    ];
    for doc in reference() {
        let start = format!("{}(", doc.name);
        let rows = tables.iter().flat_map(|table| table.iter());
        let count = rows.filter(|(text, _)| text.contains(&start)).count();
        assert!(count >= 2, "{} has {count} rows", doc.name);
    }
}

/// What the documentation says an example gives is what it gives.
#[test]
fn every_example_of_the_reference_is_true() {
    let mut wrong = Vec::new();
    for doc in reference() {
        let shown = with(doc.example, env(), |outcome| match outcome {
            Err(error) => error.message,
            Ok(Value::Bool(value)) => value::bool_text(value).to_owned(),
            Ok(value) => match value.into_json(None) {
                Ok(Some(Json::String(text))) => text,
                other => other.ok().flatten().unwrap_or_default().to_string(),
            },
        });
        if shown != doc.result {
            wrong.push(format!("{} gives {shown}, not {}", doc.example, doc.result));
        }
        if !doc.example.contains(&format!("{}(", doc.name)) {
            wrong.push(format!("{} does not show {}", doc.example, doc.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_function_is_documented_and_found() {
    let mut names = Vec::new();
    for doc in reference() {
        assert!(
            doc.signature.starts_with(&format!("{}(", doc.name)),
            "{}",
            doc.name
        );
        assert!(
            !doc.summary.is_empty() && !doc.summary.ends_with('.'),
            "{}",
            doc.name
        );
        assert_eq!(function::find(doc.name).unwrap().doc, *doc);
        assert_eq!(function::find(&doc.name.to_uppercase()).unwrap().doc, *doc);
        names.push(doc.name.to_ascii_lowercase());
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names.len(),
        reference().len(),
        "names differ by more than letter case"
    );
}

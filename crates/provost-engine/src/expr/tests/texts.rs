//! Functions on texts, and the modes of `Replace`.

use super::*;

pub(super) const TEXTS: &[(&str, &str)] = &[
    (r#"Append([name.givenName],"-lab")"#, "Jan-lab"),
    (r#"Append([missing],"-lab")"#, "-lab"),
    (r#"Append("a",[missing])"#, "a"),
    (r#"Prepend("u-",[id])"#, "u-id-1"),
    (r#"Prepend("u-",[missing])"#, "u-"),
    (r#"ToLower("INFO","tr-TR")"#, "ınfo"),
    (r#"ToLower("INFO")"#, "info"),
    (r#"ToLower("INFO","lt-LT")"#, "info"),
    (r#"ToLower("ÅSE")"#, "åse"),
    (r#"ToLower("İ")"#, "İ"),
    (r#"ToLower("İI","tr")"#, "iı"),
    ("ToLower([missing])", "null"),
    (r#"ToUpper("info","az")"#, "İNFO"),
    (r#"ToUpper("ı")"#, "ı"),
    (r#"ToUpper("ı","tr-TR")"#, "I"),
    (r#"ToUpper("straße")"#, "STRAßE"),
    (r#"ToUpper("ŉ ﬁ")"#, "ŉ ﬁ"),
    ("ToUpper([tags])", "RED|GREEN"),
    ("ToUpper([active])", "TRUE"),
    (r#"Trim("  a b ")"#, "a b"),
    (r#"Trim(Split(" a ;b","|"))"#, "a ;b"),
    ("Trim([missing])", "null"),
    (r#"StripSpaces("Van der Berg")"#, "VanderBerg"),
    ("StripSpaces(\"a\tb c\")", "a\tbc"),
    ("StripSpaces([missing])", "null"),
    ("NormalizeDiacritics([displayName])", "Lukasz Strauss"),
    (
        r#"NormalizeDiacritics("ÆØÅ æøå œ ıİ ÄÖÜ äöü éñç")"#,
        "AEOEA aeoea oe iI AOU aou enc",
    ),
    (r#"NormalizeDiacritics("한국")"#, "한국"),
    ("NormalizeDiacritics([missing])", "null"),
    ("Left([name.familyName],4)", "Kowa"),
    (r#"Left("åß",1)"#, "å"),
    (r#"Left("abc",-1)"#, "abc"),
    (r#"Left("abc",0)"#, ""),
    (r#"Left("abc",9)"#, "abc"),
    (r#"Left("abc","2")"#, "ab"),
    (r#"Left("abc","two")"#, "! this is no whole number"),
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
    ("Mid([missing],1,2)", ""),
    (r#"InStr("a@b@c","@",3)"#, "4"),
    (r#"InStr("abc","C")"#, "0"),
    (r#"InStr("abc","C",,vbTextCompare)"#, "3"),
    (r#"InStr("abc","C",1,vbBinaryCompare)"#, "0"),
    (r#"InStr("åbc","c")"#, "3"),
    (r#"InStr([missing],"c")"#, "0"),
    (r#"Word("x;y|z",2,";|")"#, "y"),
    (r#"Word("x;;y",2,";")"#, "y"),
    (r#"Word("x;y",0,";")"#, ""),
    (r#"Word("x;y",3,";")"#, ""),
    (r#"Word([missing],1,";")"#, ""),
    (r#"PCase("MARIA DEL-RIO")"#, "Maria Del-Rio"),
    (r#"PCase("MARIA DEL-RIO"," ")"#, "Maria Del-rio"),
    (r#"PCase("o'neil")"#, "O'Neil"),
    (r#"PCase("men's 3rd ßa")"#, "Men'S 3rd ßa"),
    ("PCase([missing])", "null"),
    ("CStr([active])", "True"),
    ("CStr([level])", "7"),
    ("CStr([missing])", "null"),
    ("CStr([emails])", "! there are several values where one is needed"),
];

pub(super) const REPLACE: &[(&str, &str)] = &[
    // A text.
    (r#"Replace([title],"Sr.", , ,"Senior", , )"#, "Senior Dev"),
    (r#"Replace([title],"Sr.", , ,"Senior")"#, "Senior Dev"),
    (r#"Replace([title],"sr.", , ,"Senior")"#, "Sr. Dev"),
    (r#"Replace("aXbXc","X", , ,"", , )"#, "abc"),
    (r#"Replace([missing],"a", , ,"b")"#, "null"),
    (r#"Replace("a","a", , ,[missing])"#, ""),
    // A text in a template.
    (
        r#"Replace("7781","{id}", , , , ,"acct-{id}@contoso.example")"#,
        "acct-7781@contoso.example",
    ),
    (r#"Replace("7","x", , , , ,"x.x")"#, "7.7"),
    // A regular expression.
    (
        r#"Replace("0049891234", ,"^00(?<cc>\\d{2})(?<n>\\d+)$", ,"+${cc} ${n}", , )"#,
        "+49 891234",
    ),
    (r#"Replace("abc", ,"x", ,"y")"#, "abc"),
    (r#"Replace("ab1", ,"[a-z]*", ,"-")"#, "--1-"),
    (r#"Replace("ab1", ,"[a-z]*", ,"")"#, "1"),
    (r#"Replace("åb1", ,"b*", ,"-")"#, "-å--1-"),
    (r#"Replace("a-b c", ,"[^a-z]", ,"")"#, "abc"),
    (r#"Replace("a1", ,"([a-z])(\d)", ,"$2$1")"#, "1a"),
    (r#"Replace("+49 89", ,"\+(\d+)", ,"00$1")"#, "0049 89"),
    (r#"Replace("ab", ,"(?<n>a)(b)", ,"$1-$2")"#, "b-a"),
    (r#"Replace("price", ,"ice", ,"$$0")"#, "pr$0"),
    (r#"Replace("10 EUR 20", ,"\\d+(?= EUR)", ,"x")"#, "x EUR 20"),
    (r#"Replace("a  b", ,"(\\s)\\1+", ,"$1")"#, "a b"),
    (r#"Replace("aXbYc", ,"(?i)[xy]", ,".")"#, "a.b.c"),
    // The padding idiom.
    (
        r#"Replace(Join("","000000","789"), ,"(.*?)(?<k>.{0,6})$", ,"${k}", , )"#,
        "000789",
    ),
    // A group of a regular expression.
    (
        r#"Replace("MUC-4711", ,"^(?<site>[A-Z]{3})-","site","HQ1", , )"#,
        "HQ1-4711",
    ),
    (
        r#"Replace("4711", ,"^(?<site>[A-Z]{3})-","site","HQ1", , )"#,
        "4711",
    ),
    (r#"Replace("a1b2", ,"[a-z](\d)","1","_")"#, "a_b_"),
    (
        r#"Replace("a", ,"(?<x>a)","y","b")"#,
        "! the regular expression has no group of this name",
    ),
    // A group from another attribute.
    (
        r#"Replace([missing], ,"x(?<e>\\d+)$","e", ,"555-0100x77", )"#,
        "77",
    ),
    (r#"Replace("", ,"x(?<e>\\d+)$","e", ,"555-0100x77", )"#, "77"),
    (r#"Replace("", ,"x(?<e>\\d+)$","e", ,"555-0100", )"#, "null"),
    (
        r#"Replace("room 1", ,"x(?<e>\\d+)$","e", ,"555-0100x77", )"#,
        "room 1",
    ),
    // A regular expression that is computed.
    (r#"Replace("a1b", ,Append("[0","-9]"), ,"-")"#, "a-b"),
    (r#"Replace("a1b","", [missing], ,"-")"#, "a1b"),
    (
        r#"Replace("a1b", ,Append("[0","-9"), ,"-")"#,
        "! what is computed here is no regular expression, or too long for one",
    ),
];

#[test]
fn texts() {
    check(TEXTS);
}

#[test]
fn replace_in_all_its_modes() {
    check(REPLACE);
}

#[test]
fn a_regular_expression_that_goes_back_too_often_fails() {
    let text = format!(r#"Replace("{}!", ,"^(?=a)(a|aa|\\1b)+$", ,"x")"#, "a".repeat(40));
    assert_eq!(run(&text), format!("! {}", TOO_HARD.0));
}

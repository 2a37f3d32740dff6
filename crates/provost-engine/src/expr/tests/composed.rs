//! Whole expressions as an administrator would paste them, and their way to text and tree.

use super::*;

/// A login name from several attributes, with blanks and line breaks as the portal keeps them.
const LOGIN: &str = r#"
Switch(IsPresent([nickName]), ToLower([nickName]),
    "False", Join("@",
        NormalizeDiacritics( StripSpaces(
            IIF( Left([employeeId], 2) = "AB",
                Join(".", ToLower([givenName]), Mid(ToLower([surname]), 1, 4), Word([userPrincipalName], 1, ".@")),
                Replace([displayName], , "(?<first>\\w).*\\s(?<last>\\w+)$", , "${first}${last}", , ) ) ) ),
        IIF(IsNullOrEmpty(DefaultDomain()), "contoso.onmicrosoft.com", DefaultDomain())))
"#;

#[test]
fn an_expression_from_the_portal_is_read_as_it_stands() {
    check(&[
        (LOGIN, "jan.kowa.ana@contoso.example"),
        // Entra's default for the account's state.
        (
            r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
            "True",
        ),
        // The day before a date, for a leaver's account.
        (
            r#"IIF(DateDiff("d", Now(), CDate(Switch([missing], [missing], "", "9999-12-31"))) <= 0, "False", "True")"#,
            "True",
        ),
        (
            r#"FormatDateTime(DateAdd("d", -1, CDate("2026-03-01T00:00:00Z")), , "M/d/yyyy h:mm:ss tt", "yyyy-MM-ddTHH:mm:ssZ")"#,
            "2026-02-28T00:00:00Z",
        ),
        (
            r#"NumFromDate(Join("", FormatDateTime("20260930", , "yyyyMMdd", "yyyy-MM-dd"), " 23:59:59-08:00"))"#,
            "134353151990000000",
        ),
        (
            r#"SelectUniqueValue(
                Join("@", NormalizeDiacritics(StripSpaces(Join(".", [givenName], [surname]))), "contoso.example"),
                Join("@", NormalizeDiacritics(StripSpaces(Join(".", Mid([givenName], 1, 1), [surname]))), "contoso.example"))"#,
            "Jan.Kowalska@contoso.example",
        ),
        (
            r#"Replace(Replace([mobile], , "[()\\s-]+", , "", , ), , "^(?<cc>\\+\\d{2})?0?(?<n>\\d*)$", , "${cc}${n}", , )"#,
            "null",
        ),
        (
            r#"Item(Split(Replace("SMTP:Ana@contoso.example;smtp:b@contoso.example", , "(?i)smtp:", , "", , ), ";"), 1)"#,
            "Ana@contoso.example",
        ),
    ]);
}

#[test]
fn the_tree_has_the_shape_of_graph() {
    let expr = parse(r#"Replace([mail], "@", , , "x", , )"#).unwrap();
    assert_eq!(
        tree(&expr),
        json!({
            "type": "Function",
            "name": "Replace",
            "expression": r#"Replace([mail], "@", , , "x", , )"#,
            "parameters": [
                {"key": "source", "value": {
                    "type": "Attribute", "name": "mail", "expression": "[mail]", "parameters": []}},
                {"key": "Find", "value": {
                    "type": "Constant", "name": "@", "expression": "\"@\"", "parameters": []}},
                {"key": "Replacement", "value": {
                    "type": "Constant", "name": "x", "expression": "\"x\"", "parameters": []}}
            ]
        })
    );
}

#[test]
fn the_trees_parameters_are_named_as_in_graph() {
    let keys = |text: &str| -> Vec<String> {
        let tree = tree(&parse(text).unwrap());
        let parameters = tree["parameters"].as_array().unwrap();
        parameters
            .iter()
            .map(|p| p["key"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        keys(r#"Join("-",[a],[b],[c])"#),
        ["separator", "source", "source", "source"]
    );
    assert_eq!(keys(r#"Append([a],"x")"#), ["source", "suffix"]);
    assert_eq!(keys(r#"Prepend("x",[a])"#), ["prefix", "source"]);
    assert_eq!(keys("Mid([a],1,2)"), ["source", "start", "length"]);
    assert_eq!(keys("Not([a])"), ["source"]);
    assert_eq!(keys(r#"Split([a],";")"#), ["source", "delimiter"]);
    assert_eq!(keys("StripSpaces([a])"), ["source"]);
    assert_eq!(
        keys(r#"Switch([a],"d","k","v","l","w")"#),
        [
            "source",
            "defaultValue",
            "switchValue",
            "switchValue",
            "switchValue",
            "switchValue"
        ]
    );
    assert_eq!(
        keys(r#"FormatDateTime([a],,"yy","yyyy")"#),
        ["source", "inputFormat", "outputFormat"]
    );
    assert_eq!(
        keys(r#"FormatDateTime([a],"yy","yyyy")"#),
        ["source", "inputFormat", "outputFormat"]
    );
    assert_eq!(keys("[a] = 1"), ["left", "right"]);
    assert_eq!(keys(r#"[a] & "x""#), ["source", "source"]);
}

#[test]
fn what_is_printed_is_read_as_the_same() {
    for text in [
        LOGIN,
        r#"Replace([a], ,"\\d\+\"", ,"$1\\")"#,
        r#"IIF([emails[type eq "work"].value] <> -12,"a" & &HFF & 1.50,IgnoreAttributeFlow)"#,
        "InStr([a],[b],,vbTextCompare)",
        "Guid()",
    ] {
        let expr = parse(text).unwrap();
        let again = parse(&expr.to_string()).unwrap();
        assert_eq!(tree(&again), tree(&expr), "{text}");
        assert_eq!(again.to_string(), expr.to_string());
    }
}

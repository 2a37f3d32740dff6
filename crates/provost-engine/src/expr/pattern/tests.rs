use super::*;

/// What a pattern finds first, as the texts of the whole and of its groups by .NET's numbers.
fn find(regex: &str, text: &str) -> Vec<String> {
    let pattern = pattern(regex).unwrap_or_else(|(message, _)| panic!("{regex}: {message}"));
    let mut groups = Groups::default();
    if !pattern.find_at(text, 0, &mut groups).unwrap() {
        return Vec::new();
    }
    (0..=pattern.last_group())
        .map(|number| match pattern.group(&groups, &number.to_string()) {
            Some(Some(range)) => text[range].to_owned(),
            _ => "-".to_owned(),
        })
        .collect()
}

#[test]
fn the_dialect_is_that_of_dotnet() {
    let cases: &[(&str, &str, &[&str])] = &[
        // Look-around and back-references.
        (r"\d+(?= EUR)", "10 USD 20 EUR", &["20"]),
        (r"(?<!\w)b", "ab b", &["b"]),
        (r"(?<=a+)b", "aab", &["b"]),
        (r"(\w)\1", "abccd", &["cc", "c"]),
        (r"(?<q>['ʼ]).*?\k<q>", "x 'y' z", &["'y'", "'"]),
        (r"(?'q'a)\k'q'", "baa", &["aa", "a"]),
        (r"(?>a+)b", "aab", &["aab"]),
        // Lazy repetition.
        (r"a.*?c", "abcbc", &["abc"]),
        // Groups with names are numbered after those without.
        (r"(?<n>a)(b)", "ab", &["ab", "b", "a"]),
        (r"(?<n>a)|(?<n>b)", "b", &["b", "b"]),
        // What means itself.
        (r"{id}", "x{id}", &["{id}"]),
        (r"a{,2}", "a{,2}", &["a{,2}"]),
        (r"]", "a]", &["]"]),
        (r"\<b\>", "<b>", &["<b>"]),
        (r"\@\ \-\/", "@ -/", &["@ -/"]),
        // Classes.
        (r"[]a]+", "b]a", &["]a"]),
        (r"[[a]+", "b[a", &["[a"]),
        (r"[\w-.]+@", "a.b-c@", &["a.b-c@"]),
        (r"[a-z-[aeiou]]+", "eibce", &["bc"]),
        (r"[a&&b]+", "&&a", &["&&a"]),
        (r"[\b]", "\u{8}", &["\u{8}"]),
        // Rest.
        (r"(?i)STRASSE", "strasse", &["strasse"]),
        (r"a(?# a comment )b", "ab", &["ab"]),
        (r"\x41\u00e9\e\cA\011", "Aé\u{1b}\u{1}\t", &["Aé\u{1b}\u{1}\t"]),
        (r"\p{Lu}\p{L}+", "x Åse", &["Åse"]),
        (r"a\Z", "ba\n", &["a"]),
    ];
    for (regex, text, expected) in cases {
        assert_eq!(find(regex, text), *expected, "{regex} on {text}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    for (regex, part) in [
        ("(", "not valid"),
        ("a)", "not valid"),
        ("[a", "a [ is not closed"),
        ("\\", "ends with a backslash"),
        ("\\q", "\\q is no escape"),
        ("(?R)", "no such group"),
        ("(*FAIL)", "nothing stands before *"),
        ("*a", "not valid"),
        ("(?<n>a)\\k<m>", "not valid"),
        ("(?:a{1000}){1000}", "too large"),
    ] {
        let (message, hint) = pattern(regex).expect_err(regex);
        assert!(message.contains(part), "{regex}: {message}");
        assert!(!hint.is_empty());
    }
}

/// Linear where the pattern allows it; otherwise a limit ends the search.
#[test]
fn no_search_runs_away() {
    let text = "a".repeat(40) + "!";
    assert_eq!(pattern("^(a+)+$").unwrap().is_match(&text), Ok(false));
    let hard = pattern(r"^(?=a)(a|aa|\1b)+$").unwrap();
    assert_eq!(hard.is_match(&text), Err(TooHard));
    assert_eq!(hard.is_match("aaa"), Ok(true));
    let ahead = pattern("(?=b)").unwrap();
    assert_eq!(ahead.is_match(&"a".repeat(9_000)), Err(TooHard));
    assert_eq!(ahead.is_match(&"a".repeat(900)), Ok(false));
}

#[test]
fn replacements_speak_dotnet_too() {
    let pattern = pattern(r"(?<year>\d{4})-(\d\d)").unwrap();
    let text = "on 2026-11!";
    let mut groups = Groups::default();
    assert!(pattern.find_at(text, 0, &mut groups).unwrap());
    for (replacement, expected) in [
        ("$1/${year}", "11/2026"),
        ("$1abc", "11abc"),
        ("$2", "2026"),
        ("${2}", "2026"),
        ("$$1", "$1"),
        ("[$&]", "[2026-11]"),
        ("$`|$'", "on |!"),
        ("$+", "2026"),
        ("$_", "on 2026-11!"),
        ("$9 ${none} $ $x ${", "$9 ${none} $ $x ${"),
    ] {
        let mut out = String::new();
        expand(&pattern, &groups, text, replacement, &mut |part| {
            out.push_str(part);
            Ok::<(), ()>(())
        })
        .unwrap();
        assert_eq!(out, expected, "{replacement}");
    }
}

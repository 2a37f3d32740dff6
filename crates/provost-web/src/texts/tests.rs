//! Every text that pages use has a German one, and the catalogue holds nothing else.

use super::{GERMAN, Language};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a call that takes texts looks like, and which of its arguments are texts.
const CALLS: [(&str, &[usize]); 6] = [
    (".t(", &[0]),
    (".f(", &[0]),
    (".n(", &[1, 2]),
    ("text(", &[0]),
    ("Frame::new(", &[1]),
    ("Frame::bare(", &[1]),
];

/// The texts of the crate, with the first file that uses each.
fn used() -> BTreeMap<String, PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    for (folder, extension) in [("src", "rs"), ("templates", "html")] {
        for path in files(&root.join(folder)) {
            if path.extension().is_none_or(|end| end != extension) || path.ends_with("texts/tests.rs") {
                continue;
            }
            let content = fs::read_to_string(&path).unwrap();
            // Tests of a module are no pages.
            let content = content.split("#[cfg(test)]").next().unwrap();
            for text in texts(content) {
                found.entry(text).or_insert_with(|| path.clone());
            }
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The texts that a file hands to the catalogue.
fn texts(content: &str) -> Vec<String> {
    let marks = content.lines().any(|line| {
        let imported = line.trim_start().strip_prefix("use crate::texts::");
        imported.is_some_and(|names| {
            names
                .split(|c: char| !c.is_alphanumeric())
                .any(|name| name == "text")
        })
    });
    let mut found = Vec::new();
    for (call, places) in CALLS {
        if call == "text(" && !marks {
            continue;
        }
        for (at, _) in content.match_indices(call) {
            let before = content[..at].chars().next_back();
            if call == "text(" && before.is_some_and(|c| c == '.' || c == '_' || c.is_alphanumeric()) {
                continue;
            }
            let arguments = arguments(&content[at + call.len()..]);
            found.extend(places.iter().filter_map(|place| literal(arguments.get(*place)?)));
        }
    }
    found
}

/// The arguments of a call, from behind its bracket on.
fn arguments(rest: &str) -> Vec<&str> {
    let (mut depth, mut start, mut is_quoted, mut is_escaped) = (0, 0, false, false);
    let mut found = Vec::new();
    for (at, c) in rest.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' | '[' | '{' => depth += 1,
            ',' if depth == 0 => {
                found.push(&rest[start..at]);
                start = at + 1;
            }
            ')' | ']' | '}' if depth == 0 => {
                found.push(&rest[start..at]);
                return found;
            }
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    found
}

/// What an argument says, where it is a literal.
fn literal(argument: &str) -> Option<String> {
    let inner = argument.trim();
    let inner = match inner.strip_prefix("text(") {
        Some(rest) => rest.strip_suffix(')')?,
        None => inner,
    };
    let inner = inner.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut letters = inner.chars().peekable();
    while let Some(c) = letters.next() {
        match (c, letters.peek()) {
            ('\\', Some('\n')) => {
                while letters.peek().is_some_and(|c| c.is_whitespace()) {
                    letters.next();
                }
            }
            ('\\', Some(escaped)) => {
                text.push(*escaped);
                letters.next();
            }
            _ => text.push(c),
        }
    }
    (!text.is_empty()).then_some(text)
}

#[test]
fn the_scan_finds_what_pages_say() {
    let code = "use crate::texts::text;\nconst A: &str = text(\"one\"); visitor.language.n(\n    count(1, 2),\n    \"1 two\", \
                \"{} two\"); form.text(\"no\"); language.f(\"three \\\"{}\\\" \\\n      more\", &[&a]); frame.t(four)";
    assert_eq!(texts(code), ["three \"{}\" more", "1 two", "{} two", "one"]);
    assert!(used().len() > 100);
}

#[test]
fn every_text_has_a_german_one() {
    let missing: Vec<String> = used()
        .into_iter()
        .filter(|(text, _)| !GERMAN.contains_key(text))
        .map(|(text, path)| format!("{text:?} ({})", path.display()))
        .collect();
    assert!(
        missing.is_empty(),
        "without a German text:\n{}",
        missing.join("\n")
    );
}

#[test]
fn no_german_text_is_left_over() {
    let used = used();
    let unused: BTreeSet<_> = GERMAN.keys().filter(|text| !used.contains_key(*text)).collect();
    assert!(unused.is_empty(), "nobody uses: {unused:#?}");
}

#[test]
fn both_languages_have_the_same_places() {
    let places = |text: &str| text.matches("{}").count();
    for (english, german) in GERMAN.iter() {
        let is_one = places(english) == 0;
        assert!(
            is_one || places(english) == places(german),
            "{english:?} and {german:?}"
        );
        assert!(!german.trim().is_empty(), "{english:?} says nothing");
    }
    assert_eq!(Language::German.t("no such text"), "no such text");
    assert_eq!(Language::English.f("{} of {}", &["1", "2"]), "1 of 2");
    assert_eq!(Language::German.number(1_234_567), "1.234.567");
}

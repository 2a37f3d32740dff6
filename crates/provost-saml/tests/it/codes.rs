//! Codes and sentences of refusals.

use std::collections::BTreeSet;

const SOURCE: &str = include_str!("../../src/error.rs");
const TESTS: &[&str] = &[
    include_str!("attacks/content.rs"),
    include_str!("attacks/signature.rs"),
    include_str!("attacks/transport.rs"),
    include_str!("attacks/wrapping.rs"),
    include_str!("entra.rs"),
    include_str!("issue.rs"),
    include_str!("metadata.rs"),
    include_str!("request.rs"),
    include_str!("wsfed.rs"),
    include_str!("../../src/certificate/tests.rs"),
    include_str!("../../src/key.rs"),
    include_str!("../../src/xml/tests.rs"),
    include_str!("names.rs"),
];

/// `(variant, code)` of the table in `Error::code`.
fn table() -> Vec<(&'static str, &'static str)> {
    let rows = SOURCE
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::"));
    let parts = rows.filter_map(|row| row.split_once(" => \""));
    parts
        .map(|(variant, code)| (variant.trim_end_matches(" { .. }"), code.trim_end_matches("\",")))
        .collect()
}

#[test]
fn each_refusal_has_a_code_of_its_own() {
    let codes: BTreeSet<&str> = table().iter().map(|(_, code)| *code).collect();
    assert!(codes.len() > 60);
    assert_eq!(codes.len(), table().len());
    assert!(codes.iter().all(|code| code.starts_with("PRV-SAML-")));
}

#[test]
fn each_refusal_is_reached_by_a_test() {
    let unreached: Vec<&str> = table()
        .into_iter()
        .filter(|(variant, code)| {
            !TESTS
                .iter()
                .any(|test| names(test, variant) || test.contains(&format!("\"{code}\"")))
        })
        .map(|(variant, _)| variant)
        .collect();
    assert!(unreached.is_empty(), "no test reaches {unreached:?}");
}

/// Whether a text names exactly this variant.
fn names(text: &str, variant: &str) -> bool {
    let name = format!("Error::{variant}");
    let mut after = text.split(name.as_str()).skip(1);
    after.any(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

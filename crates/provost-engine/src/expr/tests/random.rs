//! Functions that are different every time, or that ask the target.

use super::*;

pub(super) const CHOSEN: &[(&str, &str)] = &[
    (
        "Left(RandomString(5,6,0,0,0),1)",
        "! the smallest numbers of characters add up to more than the length",
    ),
    (
        "RandomString(257,0,0,0,0)",
        "! a random text has between 1 and 256 characters",
    ),
    ("RandomString([level],0,0,0,[missing])", "! a number is missing"),
    (
        r#"RandomString(4,4,0,0,0,"0123456789")"#,
        "! no character is left to choose from",
    ),
    (r#"RandomString(4,4,0,0,0,"012345678")"#, "9999"),
    ("Mid(Guid(),15,1)", "4"),
    (
        "Join(\"\",Mid(Guid(),9,1),Mid(Guid(),14,1),Mid(Guid(),19,1),Mid(Guid(),24,1))",
        "----",
    ),
    ("Redact([title])", "Sr. Dev"),
    ("Redact([missing])", "null"),
    (r#"SelectUniqueValue("ana.ruiz","ana.r")"#, "ana.r"),
    (r#"SelectUniqueValue([missing],"","ana.r")"#, "ana.r"),
    (r#"SelectUniqueValue("ana.ruiz{n}")"#, "ana.ruiz3"),
    (r#"SelectUniqueValue([missing],[nickName])"#, "null"),
    (
        r#"SelectUniqueValue("ana.ruiz","a.ruiz")"#,
        "! every value that was proposed is taken in the target",
    ),
];

#[test]
fn chosen_values() {
    check(CHOSEN);
}

#[test]
fn random_texts_have_what_they_must() {
    let counter = std::sync::atomic::AtomicU32::new(1);
    let random = |bytes: &mut [u8]| {
        let mut state = counter.fetch_add(0x9e37_79b9, std::sync::atomic::Ordering::Relaxed);
        for byte in bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = state.to_be_bytes()[0];
        }
    };
    let env = Env {
        random: Some(&random),
        ..env()
    };
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..300 {
        let text = with(r#"RandomString(16,3,2,2,4,"O0l1")"#, env, |outcome| {
            outcome.unwrap().into_text().unwrap().unwrap().into_owned()
        });
        let count = |fits: fn(&char) -> bool| text.chars().filter(fits).count();
        assert_eq!(text.len(), 16);
        assert!(count(char::is_ascii_digit) >= 3, "{text}");
        assert!(count(char::is_ascii_punctuation) >= 2, "{text}");
        assert!(count(char::is_ascii_uppercase) >= 2, "{text}");
        assert!(count(char::is_ascii_lowercase) >= 4, "{text}");
        assert!(!text.contains(['O', '0', 'l', '1']), "{text}");
        seen.insert(text);
    }
    assert_eq!(seen.len(), 300);
}

/// A plan needs no randomness and must come out the same each time.
#[test]
fn without_randomness_placeholders_stand_in() {
    let plain = |text: &str| {
        with(text, Env::default(), |outcome| {
            outcome.unwrap().into_text().unwrap().unwrap().into_owned()
        })
    };
    assert_eq!(plain("RandomString(16,3,2,2,2)"), "[Random]");
    assert_eq!(plain("Guid()"), "00000000-0000-0000-0000-000000000000");
    assert_eq!(plain(r#"SelectUniqueValue("ana.ruiz","b")"#), "ana.ruiz");
}

#[test]
fn a_choice_of_unique_values_stands_at_the_top() {
    let nested = errors(r#"ToLower(SelectUniqueValue("a","b"))"#);
    assert_eq!(nested[0].0, r#"SelectUniqueValue("a","b")"#);
    assert!(nested[0].1.contains("may not stand inside"));
    assert!(errors(r#"SelectUniqueValue("a")"#)[0].1.contains("two rules"));
    assert!(errors("SelectUniqueValue(,)")[0].1.contains("needs 1 argument"));
    assert!(parse(r#"SelectUniqueValue(Append([a],"{n}"))"#).is_ok());
}

#[test]
fn what_an_expression_calls_is_known() {
    let expr = parse(r#"IIF([a]=redact(Guid()),"x" & Now(),1)"#).unwrap();
    for name in ["IIF", "Redact", "Guid", "Now"] {
        assert!(expr.calls(name), "{name}");
    }
    assert!(!expr.calls("RandomString"));
}

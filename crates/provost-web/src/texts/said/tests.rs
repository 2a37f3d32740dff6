//! The catalogue of the engine's sentences is bound to the engine: a sentence that nobody says any more is found, and so
//! is one that is said and has no template.

use super::{Said, TEMPLATES};
use crate::texts::Language;
use provost_connect::graph::cause::CAUSES;
use provost_connect::{Error, Kind};
use provost_engine::plan::Reason;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn german(english: &str) -> String {
    let Said { text, lang } = Language::German.said(english);
    assert_eq!(lang, "de", "no template for {english:?}");
    text
}

#[test]
fn a_sentence_is_said_with_its_values_and_its_code() {
    let english = "PRV-CONNECT-FORBIDDEN: updating a person is not permitted: Insufficient privileges. Grant the missing \
                   permission in the target, or take the object out of scope.";
    let told = german(english);
    assert!(told.starts_with("PRV-CONNECT-FORBIDDEN: "), "{told}");
    assert!(
        told.contains("updating a person") && told.contains("Insufficient privileges"),
        "{told}"
    );
    assert!(!told.contains("Grant the missing"), "{told}");
    assert_eq!(Language::English.said(english).text, english);
}

#[test]
fn what_is_not_known_stays_english_and_says_so() {
    for english in [
        "",
        "nobody has ever said this",
        "PRV-LINK-VANISHED: the rule is switched off. And nobody has ever said this.",
        "PRV-X: {operation} {reason}",
        &"long ".repeat(2_000),
    ] {
        let said = Language::German.said(english);
        assert_eq!((said.text.as_str(), said.lang), (english, "en"));
    }
}

#[test]
fn a_value_may_hold_anything() {
    let told = german("Out of scope: department equals \"{Sales}\" and name is not null");
    assert!(
        told.ends_with("department equals \"{Sales}\" and name is not null"),
        "{told}"
    );
}

#[test]
fn both_sides_have_the_same_holes() {
    for template in TEMPLATES.iter() {
        let names: BTreeSet<&str> = template.names().iter().map(String::as_str).collect();
        assert_eq!(names.len(), template.names().len(), "twice in {template:?}");
        let holes = template.german().split('{').skip(1);
        let german: BTreeSet<&str> = holes.filter_map(|hole| Some(hole.split_once('}')?.0)).collect();
        assert_eq!(names, german, "{template:?}");
        let literal: usize = template.literals().iter().map(|one| one.trim().len()).sum();
        assert!(literal >= 8, "it would fit anything: {template:?}");
    }
}

/// What stands in two texts of the engine, one behind the other.
const PUT_TOGETHER: [&str; 1] = ["is taken by object"];

/// The sources of the crates whose sentences these are, as a compiler reads their texts.
fn sources() -> String {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for name in [
        "provost-engine",
        "provost-connect",
        "provost-sync",
        "provost-store",
    ] {
        read(&crates.join(name).join("src"), &mut text);
    }
    let mut joined = String::with_capacity(text.len());
    for (at, part) in text.split("\\\n").enumerate() {
        joined.push_str(if at == 0 { part } else { part.trim_start() });
    }
    joined.replace("\\\"", "\"")
}

fn read(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, text);
        } else if path.extension().is_some_and(|end| end == "rs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn each_sentence_is_one_that_the_engine_says() {
    let sources = sources();
    let mut nobodys = Vec::new();
    for template in TEMPLATES.iter() {
        let parts = template.literals().iter().flat_map(|one| one.split(';'));
        for part in parts.map(|one| one.trim_matches([' ', ':'])) {
            if !sources.contains(part) && !PUT_TOGETHER.contains(&part) {
                nobodys.push(part.to_owned());
            }
        }
    }
    assert!(nobodys.is_empty(), "said by nobody:\n{}", nobodys.join("\n"));
}

#[test]
fn every_known_cause_of_microsoft_365_is_said() {
    for cause in CAUSES {
        german(cause.hint);
        german(&format!("{}: AADSTS50000", cause.sentence));
    }
}

#[test]
fn every_error_of_a_target_and_what_to_do_about_it_is_said() {
    let (host, operation, reason) = ("app.contoso.example", "creating a person", "x");
    let errors = [
        Error::Settings {
            field: "url".into(),
            reason: reason.into(),
        },
        Error::AddressRefused {
            host: host.into(),
            address: "10.0.0.1".into(),
            reason: "private",
        },
        Error::ForeignLink {
            found: "a".into(),
            expected: "b".into(),
        },
        Error::NameUnknown {
            host: host.into(),
            reason: reason.into(),
        },
        Error::Tls {
            host: host.into(),
            reason: reason.into(),
        },
        Error::Unreachable {
            host: host.into(),
            reason: reason.into(),
        },
        Error::Interrupted {
            host: host.into(),
            reason: reason.into(),
        },
        Error::AnswerLost {
            kind: Kind::Person,
            reason: reason.into(),
        },
        Error::TooLarge {
            host: host.into(),
            limit: 9,
        },
        Error::Unintelligible {
            host: host.into(),
            operation: operation.into(),
            found: "a page".into(),
        },
        Error::Forbidden {
            operation: operation.into(),
            reason: reason.into(),
        },
        Error::NotFound {
            operation: operation.into(),
            kind: Kind::Group,
            id: "7".into(),
        },
        Error::Concurrent {
            operation: operation.into(),
        },
        Error::QuotaExceeded {
            operation: operation.into(),
            reason: reason.into(),
        },
        Error::Unsupported {
            operation: operation.into(),
        },
        Error::Conflict {
            operation: operation.into(),
            attribute: None,
            existing: None,
            reason: reason.into(),
        },
    ];
    for error in errors {
        german(&format!("{}: {error}. {}", error.code(), error.hint()));
    }
}

#[test]
fn every_reason_to_leave_somebody_alone_is_said() {
    let reasons = [
        Reason::NotAssigned,
        Reason::OutOfScope,
        Reason::Inactive,
        Reason::NoMatchingValue,
        Reason::Ignored,
        Reason::Waiting,
        Reason::RuleOff,
    ];
    for reason in reasons {
        german(&reason.to_string());
    }
}

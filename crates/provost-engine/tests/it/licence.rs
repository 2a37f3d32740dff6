//! Licences are steps of their own: whatever a mapping says of them, no account has them as an attribute, and
//! everything else happens as if the mapping were not there.

use proptest::prelude::*;
use provost_engine::object::{Kind, Record, Source};
use provost_engine::rule::{Compiled, Env, LICENCES, is_licences};
use serde_json::{Value, json};

use crate::model::{World, document, event, rule};

/// Ways to map licences; none of them fails.
fn mappings() -> Vec<Value> {
    vec![
        json!({"target": LICENCES, "direct": "title"}),
        json!({"target": LICENCES, "direct": "roles", "null": "clear"}),
        json!({"target": "assignedlicenses", "constant": ["E3 -TEAMS1", "VISIO"], "drift": "report"}),
        json!({"target": LICENCES, "direct": "note", "null": "default", "default": "F1"}),
        json!({"target": LICENCES, "expression": "IIF([title] = \"a\", \"E5\", IgnoreAttributeFlow)"}),
    ]
}

/// The same rule with the mapping and without it.
fn pair(mapping: &Value, remove: &str) -> (Compiled, Compiled) {
    let leaver = |more: &[Value]| {
        let mut leaver = vec![json!({"target": "title", "constant": "left"})];
        leaver.extend(more.iter().cloned());
        json!({"remove": remove, "leaver": leaver})
    };
    let clears = json!({"target": LICENCES, "none": true, "null": "clear"});
    (
        rule("person", leaver(&[clears]), Some(mapping.clone())),
        rule("person", leaver(&[]), None),
    )
}

fn has_none(record: &Record) -> bool {
    !record.keys().any(|attribute| is_licences(attribute))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn no_account_has_licences_as_an_attribute(history in prop::collection::vec(event(), 1..10)) {
        for mapping in mappings() {
            for remove in ["disable", "delete"] {
                let (with, without) = pair(&mapping, remove);
                prop_assert!(with.targets().eq(without.targets()));
                let (mut one, mut other) = (World::default(), World::default());
                for event in &history {
                    one.happens(event);
                    other.happens(event);
                    prop_assert_eq!(one.look(&with), other.look(&without));
                    prop_assert_eq!(&one, &other);
                }
                prop_assert!(one.account.iter().all(has_none));
            }
        }
    }

    #[test]
    fn what_is_said_of_licences_depends_on_the_document_alone(document in document(), assigned in any::<bool>()) {
        for mapping in mappings() {
            let (with, without) = pair(&mapping, "disable");
            let source = Source { kind: Kind::Person, id: "1", document: &document, assigned };
            let (Ok(said), Ok(unsaid)) = (
                with.evaluate(&source, &Env::default()),
                without.evaluate(&source, &Env::default()),
            ) else { continue };
            prop_assert!(has_none(&said.create) && has_none(&said.update));
            prop_assert_eq!(unsaid.licences, None);
            prop_assert_eq!(&said.create, &unsaid.create);
            prop_assert_eq!(&said.update, &unsaid.update);
            if !said.is_present() {
                prop_assert_eq!(said.licences, Some(Vec::new()), "the leaver mapping clears them");
            } else if mapping["expression"].is_null() {
                prop_assert!(said.licences.is_some());
            }
        }
    }
}

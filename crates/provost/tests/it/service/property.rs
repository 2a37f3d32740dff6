//! Laws, over random people and groups: what was read can be put back, and a change twice is the change once.
//! Neither writes anything, which the audit log proves.

use super::harness::{Hub, both};
use super::http::{Answer, ENTERPRISE};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

const PEOPLE: usize = 40;
const GROUPS: usize = WORDS.len();
const WORDS: [&str; 8] = [
    "ann",
    "Ann",
    "ÅSA",
    "o'neil \\ \"x\"",
    "日本",
    " a b ",
    "a\u{301}",
    "+32 (0)470/11.22.33",
];

fn word() -> impl Strategy<Value = Value> {
    prop::sample::select(&WORDS[..]).prop_map(Value::from)
}

/// An object that holds some of these members.
fn some(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let all: Vec<_> = members
        .into_iter()
        .map(|(name, value)| prop::option::of(value).prop_map(move |value| (name, value)))
        .collect();
    all.prop_map(|chosen| {
        let given = chosen
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.collect::<Map<_, _>>())
    })
    .boxed()
}

/// Elements of a list of which each has a type of its own, and at most one is primary.
fn list() -> BoxedStrategy<Value> {
    (prop::collection::vec(word(), 0..4), 0..4usize)
        .prop_map(|(values, primary)| {
            let element = |(i, value): (usize, Value)| {
                let kind = ["work", "home", "other", "mobile"][i];
                let mut element = json!({"value": value, "type": kind});
                if i == primary {
                    element["primary"] = json!(true);
                }
                element
            };
            values.into_iter().enumerate().map(element).collect()
        })
        .boxed()
}

/// A person without a userName.
fn person() -> BoxedStrategy<Value> {
    let name = some(vec![
        ("givenName", word().boxed()),
        ("familyName", word().boxed()),
        ("formatted", word().boxed()),
    ]);
    let address = some(vec![
        ("locality", word().boxed()),
        ("country", Just(json!("BE")).boxed()),
    ])
    .prop_map(|mut address| {
        address["type"] = json!("work");
        json!([address])
    });
    let enterprise = some(vec![
        ("department", word().boxed()),
        ("employeeNumber", word().boxed()),
        ("manager", word().prop_map(|id| json!({"value": id})).boxed()),
    ]);
    some(vec![
        ("displayName", word().boxed()),
        ("title", word().boxed()),
        ("externalId", word().boxed()),
        ("preferredLanguage", Just(json!("nl-BE")).boxed()),
        ("active", any::<bool>().prop_map(Value::from).boxed()),
        ("name", name),
        ("emails", list()),
        ("phoneNumbers", list()),
        ("roles", list()),
        ("addresses", address.boxed()),
        (ENTERPRISE, enterprise),
    ])
}

/// A change that a client could send; each on its own.
fn operation() -> BoxedStrategy<Value> {
    let simple = prop::sample::select(vec![
        "title",
        "displayName",
        "name.givenName",
        "department",
        "manager",
        r#"emails[type eq "work"].value"#,
        r#"phoneNumbers[type eq "mobile"].value"#,
    ]);
    prop_oneof![
        (prop::sample::select(vec!["add", "Replace"]), simple.clone(), word()).prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value})),
        simple.prop_map(|path| json!({"op": "remove", "path": path})),
        person().prop_map(|value| json!({"op": "replace", "value": value})),
        (prop::sample::select(vec!["add", "replace"]), list()).prop_map(|(op, value)| json!({"op": op, "path": "emails", "value": value})),
        any::<bool>().prop_map(|active| json!({"op": "Replace", "path": "active", "value": if active { "True" } else { "False" }})),
        Just(json!({"op": "remove", "path": "emails"})),
        Just(json!({"op": "Add", "path": r#"emails[type eq "home"].primary"#, "value": "true"})),
    ]
    .boxed()
}

/// Random resources, with the address of each.
fn filled(hub: &Hub, runner: &mut TestRunner) -> Vec<String> {
    let mut paths = Vec::new();
    for i in 0..PEOPLE {
        let mut body = drawn(&person(), runner);
        body["userName"] = json!(format!("{i}.{}", WORDS[i % WORDS.len()].trim()));
        paths.push(format!("/Users/{}", hub.entra.make("/Users", &body)));
    }
    for (i, external) in WORDS.iter().enumerate() {
        let chosen = drawn(&prop::collection::vec(0..PEOPLE, 0..12).boxed(), runner);
        let members: Vec<Value> = chosen
            .iter()
            .map(|at| json!({"value": paths[*at].rsplit('/').next()}))
            .collect();
        let group = hub.entra.make(
            "/Groups",
            &json!({"displayName": format!("G{i}"), "externalId": external, "members": members}),
        );
        paths.push(format!("/Groups/{group}"));
    }
    paths
}

fn drawn<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// The head of the audit log's chain: another one after every row.
fn audit_head(hub: &Hub) -> Value {
    let verdict = hub.place().json("audit verify");
    assert_eq!(verdict["intact"], true);
    verdict["head"].clone()
}

fn is_same(after: &Answer, before: &Answer, what: &str) {
    assert_eq!(
        (after.status, after.header("etag"), &after.text),
        (before.status, before.header("etag"), &before.text),
        "{what}"
    );
}

both! {
    fn what_was_read_can_be_put_back_and_nothing_is_written(hub) {
        let paths = filled(hub, &mut TestRunner::deterministic());
        let head = audit_head(hub);
        for path in &paths {
            let read = hub.entra.get(path);
            let put = hub.entra.call("PUT", path, &[], &read.text);
            assert_eq!((put.status, put.header("etag")), (200, read.header("etag")), "{} {}", put.text, read.text);
            assert_eq!(put.json(), read.json());
            let matched = hub.entra.call("PUT", path, &[("If-Match", read.header("etag"))], &read.text);
            assert_eq!(matched.json(), read.json());
            is_same(&hub.entra.get(path), &read, path);
        }
        assert_eq!(audit_head(hub), head, "something was written");
    }

    fn a_patch_twice_is_the_patch_once(hub) {
        let mut runner = TestRunner::deterministic();
        let paths = filled(hub, &mut runner);
        let mut done: Vec<(String, Value)> = Vec::new();
        for path in paths.iter().filter(|path| path.starts_with("/Users")) {
            for _ in 0..3 {
                let operations = json!([drawn(&operation(), &mut runner)]);
                let answer = hub.entra.try_patch(path, operations.clone());
                assert!(matches!(answer.status, 200 | 204 | 400), "{operations}: {} {}", answer.status, answer.text);
                if answer.status != 400 {
                    let once = hub.entra.get(path);
                    hub.entra.try_patch(path, operations.clone());
                    is_same(&hub.entra.get(path), &once, &operations.to_string());
                    done.retain(|(other, ..)| other != path);
                    done.push((path.clone(), operations));
                }
            }
        }
        for path in paths.iter().filter(|path| path.starts_with("/Groups")) {
            let person = paths[drawn(&(0..PEOPLE).boxed(), &mut runner)].rsplit('/').next().unwrap().to_owned();
            for operations in [
                json!([{"op": "add", "path": "members", "value": [{"value": person}]}]),
                json!([{"op": "remove", "path": format!(r#"members[value eq "{person}"]"#)}]),
                json!([{"op": "replace", "path": "members", "value": [{"value": person}]}]),
            ] {
                hub.entra.patch(path, operations.clone());
                let once = hub.entra.get(path);
                hub.entra.patch(path, operations.clone());
                is_same(&hub.entra.get(path), &once, &operations.to_string());
                done.retain(|(other, ..)| other != path);
                done.push((path.clone(), operations));
            }
        }
        assert!(done.len() > PEOPLE / 2 + GROUPS, "only {} changes were accepted", done.len());
        let head = audit_head(hub);
        for (path, operations) in done {
            let before = hub.entra.get(&path);
            hub.entra.patch(&path, operations.clone());
            is_same(&hub.entra.get(&path), &before, &operations.to_string());
        }
        assert_eq!(audit_head(hub), head, "something was written");
    }

    fn a_put_twice_is_the_put_once(hub) {
        let mut runner = TestRunner::deterministic();
        let paths = filled(hub, &mut runner);
        let mut done = Vec::new();
        for path in paths.iter().filter(|path| path.starts_with("/Users")) {
            let mut body = drawn(&person(), &mut runner);
            body["userName"] = hub.entra.read(path)["userName"].clone();
            let put = hub.entra.put(path, &body);
            assert_eq!(put.status, 200, "{body}: {}", put.text);
            done.push((path, body, hub.entra.get(path)));
        }
        let head = audit_head(hub);
        for (path, body, once) in done {
            hub.entra.put(path, &body);
            is_same(&hub.entra.get(path), &once, &body.to_string());
        }
        assert_eq!(audit_head(hub), head, "something was written");
    }
}

use serde_json::{Value, json};

use crate::mapping::Mapping;
use crate::object::{Kind, Source};
use crate::policy::password::{LENGTH, PLACEHOLDER, check_for};
use crate::rule::{Compiled, Env, MapError, Rule};

fn rule(mapping: &Value) -> Result<Compiled, String> {
    let rule: Rule = serde_json::from_value(json!({
        "name": "people", "object": "person",
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [{"target": "userName", "direct": "userName"}, mapping],
    }))
    .unwrap();
    rule.compile().map_err(|errors| errors[0].message.clone())
}

fn made(rule: &Compiled, env: &Env) -> Result<Value, MapError> {
    let document = json!({"userName": "ann.lee@contoso.example"});
    let source = Source {
        kind: Kind::Person,
        id: "1",
        document: &document,
        assigned: true,
    };
    let evaluation = rule.evaluate(&source, env)?;
    assert!(!evaluation.update.contains_key("password"), "on create only");
    Ok(evaluation.create["password"].clone())
}

#[test]
fn a_generated_password_needs_randomness_and_is_hidden() {
    let rule = rule(&json!({"target": "password", "generated": true, "apply": "on_create"})).unwrap();
    assert!(rule.uses_random() && rule.is_sensitive("password"));
    assert_eq!(made(&rule, &Env::default()).unwrap(), json!(PLACEHOLDER));
    let next = std::sync::atomic::AtomicU64::new(1);
    let random = |bytes: &mut [u8]| {
        for byte in bytes {
            let state = next.load(std::sync::atomic::Ordering::Relaxed);
            let state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            next.store(state, std::sync::atomic::Ordering::Relaxed);
            *byte = (state >> 56) as u8;
        }
    };
    let env = Env {
        random: Some(&random),
        ..Env::default()
    };
    let (one, other) = (made(&rule, &env).unwrap(), made(&rule, &env).unwrap());
    assert_ne!(one, other);
    for password in [one, other] {
        let password = password.as_str().unwrap();
        assert_eq!(password.len(), LENGTH);
        assert_eq!(check_for(password, "ann.lee@contoso.example"), Ok(()));
    }
    let stuck = |bytes: &mut [u8]| bytes.fill(7);
    let env = Env {
        random: Some(&stuck),
        ..Env::default()
    };
    let error = made(&rule, &env).unwrap_err();
    assert!(error.message.contains("randomness repeats itself"), "{error}");
}

#[test]
fn a_secret_is_looked_up_by_its_name() {
    let rule =
        rule(&json!({"target": "password", "secret": "password.people", "apply": "on_create"})).unwrap();
    assert_eq!(rule.secrets().collect::<Vec<_>>(), ["password.people"]);
    assert!(!rule.uses_random() && rule.is_sensitive("password"));
    assert_eq!(made(&rule, &Env::default()).unwrap(), json!("[Sealed]"));
    let secrets = |name: &str| (name == "password.people").then(|| "Kept-Away-42".to_owned());
    let env = Env {
        secrets: Some(&secrets),
        ..Env::default()
    };
    assert_eq!(made(&rule, &env).unwrap(), json!("Kept-Away-42"));
    let none = |_: &str| None;
    let env = Env {
        secrets: Some(&none),
        ..Env::default()
    };
    let error = made(&rule, &env).unwrap_err();
    assert_eq!(
        error.message,
        "the connection keeps no secret with the name \"password.people\""
    );
    assert!(!format!("{env:?}").contains("Kept-Away"));
}

#[test]
fn only_passwords_are_made_or_sealed_and_only_on_create() {
    for source in [json!({"generated": true}), json!({"secret": "x"})] {
        let with = |more: Value| {
            let mut mapping = source.clone();
            let map = mapping.as_object_mut().unwrap();
            map.extend(more.as_object().cloned().unwrap());
            rule(&mapping)
        };
        assert!(with(json!({"target": "passwordProfile.password", "apply": "on_create"})).is_ok());
        let title = with(json!({"target": "title", "apply": "on_create"}));
        assert_eq!(title.unwrap_err(), "only a password is generated or kept sealed");
        for more in [
            json!({}),
            json!({"apply": "if_empty"}),
            json!({"apply": "on_create", "default": "x"}),
            json!({"apply": "on_create", "resend": true}),
        ] {
            let mut more = more;
            more["target"] = json!("password");
            let message = with(more.clone()).unwrap_err();
            assert!(
                message.contains("when the account is created, and only then"),
                "{more}: {message}"
            );
        }
    }
    let nameless = json!({"target": "password", "secret": " ", "apply": "on_create"});
    assert_eq!(rule(&nameless).unwrap_err(), "the secret has no name");
    assert!(serde_json::from_value::<Mapping>(json!({"target": "password", "generated": false})).is_err());
}

#[test]
fn a_password_neither_matches_nor_is_given_to_who_leaves() {
    let generated = json!({"target": "password", "generated": true, "apply": "on_create"});
    let mut matching = rule(&generated).unwrap().rule().clone();
    matching.matching[0].target = "password".to_owned();
    assert_eq!(
        matching.compile().unwrap_err()[0].message,
        "a password cannot be searched for"
    );
    let mut leaving = rule(&generated).unwrap().rule().clone();
    leaving.leaver = vec![Mapping::generated("password")];
    assert_eq!(
        leaving.compile().unwrap_err()[0].message,
        "nobody who leaves gets a new password"
    );
}

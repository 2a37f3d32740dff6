use serde_json::{Value as Json, json};

use super::*;
use crate::object::{Kind, Source};
use crate::rule::Env;

mod composed;
mod dates;
mod functions;
mod language;
mod people;
mod random;
mod texts;

fn document() -> Json {
    json!({
        "userName": "ana.ruiz@contoso.example",
        "displayName": "Łukasz Strauß",
        "title": "Sr. Dev",
        "active": true,
        "nickName": "",
        "externalId": "00789",
        "name": {"givenName": "Jan", "familyName": "Kowalska"},
        "emails": [
            {"value": "home@contoso.example", "type": "home"},
            {"value": "work@contoso.example", "type": "Work", "primary": true}
        ],
        "roles": [{"value": "a"}, {"value": "b", "display": "Bee", "primary": true, "type": "t"}, {"value": "a"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Sales", "employeeNumber": "AB123456"
        },
        "level": 7,
        "flag": "1",
        "tags": ["red", "green"]
    })
}

/// The same bytes every time, spread over all values.
fn fill(bytes: &mut [u8]) {
    let mut state = 0x9e37_79b9_u32;
    for byte in bytes {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        *byte = state.to_le_bytes()[1];
    }
}

/// What is taken in the target attribute that expressions are evaluated for.
fn taken(target: &str, value: &str) -> bool {
    target == "mailNickname" && ["ana.ruiz", "a.ruiz", "ana.ruiz2"].contains(&value)
}

/// Evaluates and hands over the outcome.
fn with<T>(text: &str, env: Env, take: impl FnOnce(Result<Value, ExprError>) -> T) -> T {
    let document = document();
    let context = Context {
        source: Source {
            kind: Kind::Person,
            id: "id-1",
            document: &document,
            assigned: true,
        },
        soft_deleted: false,
        env,
    };
    match parse(text) {
        Ok(expr) => take(eval_for(&expr, &context, "mailNickname")),
        Err(mut errors) => take(Err(errors.swap_remove(0))),
    }
}

fn env() -> Env<'static> {
    Env {
        now: 1_777_932_900_000,
        default_domain: Some("contoso.example"),
        random: Some(&fill),
        taken: Some(&taken),
        ..Env::default()
    }
}

/// The outcome as text: the value's texts, `null`, or `!` and the message.
fn run(text: &str) -> String {
    with(text, env(), |outcome| match outcome {
        Err(error) => format!("! {}", error.message),
        Ok(Value::Null) => "null".to_owned(),
        Ok(Value::Ignore) => "ignore".to_owned(),
        Ok(Value::IgnoreObject) => "ignore object".to_owned(),
        Ok(value) => {
            let mut texts = Vec::new();
            value.each(&mut |text| texts.push(text.into_owned()));
            texts.join("|")
        }
    })
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, expected)| run(text) != *expected)
        .map(|(text, expected)| format!("{text}\n  gives {:?}, not {expected:?}", run(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The mistakes in a text: their places and messages.
fn errors(text: &str) -> Vec<(String, String)> {
    let Err(errors) = parse(text) else {
        return Vec::new();
    };
    let place = |error: &ExprError| {
        let place = text.get(error.span.clone());
        place.expect("a span lies on characters").to_owned()
    };
    errors
        .iter()
        .map(|error| (place(error), error.message.clone()))
        .collect()
}

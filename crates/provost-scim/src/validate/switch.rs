//! Whether something that is no attribute was meant to switch a person off. Unknown names are passed over
//! by habit; this is the one case where passing over would leave somebody in who was to go.

use serde_json::Value;

/// Off when false.
const ENABLED: &[&str] = &[
    "active",
    "enabled",
    "isactive",
    "isenabled",
    "accountenabled",
    "accountactive",
    "activated",
];
/// Off when true.
const DISABLED: &[&str] = &[
    "inactive",
    "disabled",
    "isdisabled",
    "accountdisabled",
    "suspended",
    "issuspended",
    "blocked",
    "locked",
    "deactivated",
    "deleted",
    "terminated",
];
/// Off by a word.
const STATE: &[&str] = &["status", "state", "accountstatus", "userstatus", "lifecyclestate"];
const OFF_WORDS: &[&str] = &[
    "inactive",
    "disabled",
    "suspended",
    "deactivated",
    "deprovisioned",
    "blocked",
    "locked",
    "terminated",
    "deleted",
    "off",
];

/// Whether the value of an unknown key, or something in it, says that a person is to be switched off.
pub(crate) fn says_off(key: &str, value: &Value) -> bool {
    match value {
        Value::Object(inner) => inner.iter().any(|(key, value)| says_off(key, value)),
        Value::Array(list) => list.iter().any(|value| says_off(key, value)),
        _ => {
            let name = name(key);
            let is = |list: &[&str]| list.contains(&name.as_str());
            (is(ENABLED) && truth(value) == Some(false))
                || (is(DISABLED) && truth(value) == Some(true))
                || (is(STATE) && (truth(value) == Some(false) || is_off_word(value)))
        }
    }
}

/// The last name of a key, in small letters without joints: `urn:…:account_enabled` is `accountenabled`.
fn name(key: &str) -> String {
    let last = key.rsplit([':', '.', '/']).next().unwrap_or_default();
    let letters = last.chars().filter(|c| !matches!(c, '_' | '-' | '$' | ' '));
    letters.take(32).map(|c| c.to_ascii_lowercase()).collect()
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "false" | "no" | "0" => Some(false),
            "true" | "yes" | "1" => Some(true),
            _ => None,
        },
        _ => None,
    }
}

fn is_off_word(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default().trim();
    OFF_WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_switches_somebody_off_is_recognised() {
        for (key, value) in [
            ("enabled", json!(false)),
            ("accountEnabled", json!("False")),
            ("urn:contoso:User:is_active", json!(0)),
            ("disabled", json!(true)),
            ("Suspended", json!("yes")),
            ("status", json!("INACTIVE")),
            ("user", json!({"active": false})),
            (
                "urn:scim:schemas:core:1.0",
                json!({"more": [{"status": "suspended"}]}),
            ),
        ] {
            assert!(says_off(key, &value), "{key} {value}");
        }
    }

    #[test]
    fn what_does_not_is_left_alone() {
        for (key, value) in [
            ("enabled", json!(true)),
            ("disabled", json!(false)),
            ("status", json!("ACTIVE")),
            ("state", json!("Bavaria")),
            ("badge", json!(false)),
            ("user", json!({"name": "inactive"})),
            ("active", json!(null)),
        ] {
            assert!(!says_off(key, &value), "{key} {value}");
        }
    }
}

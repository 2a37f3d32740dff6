//! Values of attributes as pages show them.

use serde_json::Value;

/// Characters that a page shows of one value.
const MOST: usize = 400;

/// A value in one line; empty where there is none.
pub(super) fn shown(value: &Value) -> String {
    cut(&match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    })
}

/// A text that may have come from a target, at a length that a page can show.
pub(super) fn cut(text: &str) -> String {
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_fit_in_one_line() {
        assert_eq!(shown(&Value::Null), "");
        assert_eq!(shown(&json!("Ann")), "Ann");
        assert_eq!(shown(&json!(["a", 2, true])), "a, 2, true");
        assert_eq!(shown(&json!({"a": 1})), "{\"a\":1}");
        assert_eq!(shown(&json!("x".repeat(1_000))).chars().count(), MOST + 1);
    }
}

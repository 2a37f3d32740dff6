//! A connection's file as TOML that people like to read and to compare: a line for each mapping, the names
//! first, and nothing that is as it is by default.

use super::file::{File, rule_value};
use provost_engine::rule::Rule;
use serde::Serialize;
use serde_json::{Map, Value};

/// The text of a file.
pub(super) fn toml(file: &File) -> String {
    let mut out = String::from(
        "# A connection of Provost. `provost config apply` makes it so; secrets are kept elsewhere.\n",
    );
    line(&mut out, "connection", &file.connection);
    line(&mut out, "connector", &file.connector);
    let value = file.value();
    for name in ["settings", "preferences", "guard"] {
        if let Some(map) = value[name].as_object().filter(|map| !map.is_empty()) {
            out.push_str(&format!("\n[{name}]\n"));
            map.iter().for_each(|(name, value)| line(&mut out, name, value));
        }
    }
    file.rules.iter().for_each(|one| rule(&mut out, one));
    out
}

fn rule(out: &mut String, rule: &Rule) {
    out.push_str("\n[[rule]]\n");
    line(out, "name", &rule.name);
    line(out, "object", &rule.object);
    let mut rest = match rule_value(rule) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    for name in ["name", "object", "matching", "mappings", "leaver", "scope"] {
        rest.remove(name);
    }
    rest.iter().for_each(|(name, value)| line(out, name, value));
    list(out, "matching", &rule.matching);
    list(out, "mappings", &rule.mappings);
    if !rule.leaver.is_empty() {
        list(out, "leaver", &rule.leaver);
    }
    for filter in &rule.scope.filters {
        out.push_str("\n[[rule.scope.filters]]\n");
        line(out, "name", &filter.name);
        if let Some(scim) = &filter.scim {
            line(out, "scim", scim);
        }
        if !filter.clauses.is_empty() {
            list(out, "clauses", &filter.clauses);
        }
    }
}

fn line(out: &mut String, name: &str, value: &impl Serialize) {
    out.push_str(&format!("{} = {}\n", key(name), inline(value)));
}

fn list<T: Serialize>(out: &mut String, name: &str, items: &[T]) {
    out.push_str(&format!("{name} = [\n"));
    for item in items {
        out.push_str(&format!("    {},\n", inline(item)));
    }
    out.push_str("]\n");
}

/// The value on one line. TOML has no null: what is null was left out before.
fn inline(value: &impl Serialize) -> String {
    let mut text = String::new();
    match value.serialize(toml::ser::ValueSerializer::new(&mut text)) {
        Ok(_) => text,
        // Only a null inside a list comes here; TOML cannot say it, and the reader will refuse the text.
        Err(_) => "null".to_owned(),
    }
}

/// A bare key where TOML takes one, else in quotes.
fn key(name: &str) -> String {
    let is_bare = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if is_bare { name.to_owned() } else { inline(&name) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::template::{self, Template};
    use provost_engine::policy::Guard;
    use provost_store::connection::Preferences;
    use serde_json::json;

    fn file(rules: Vec<Rule>) -> File {
        File {
            connection: "Contoso's \"app\"".into(),
            connector: "scim".into(),
            settings: json!({"url": "https://app.contoso.example/scim", "page_size": 50})
                .as_object()
                .unwrap()
                .clone(),
            preferences: Preferences {
                interval_seconds: 60,
                ..Preferences::default()
            },
            guard: Guard {
                percent: 3.5,
                ..Guard::default()
            },
            rules,
        }
    }

    #[test]
    fn every_template_survives_the_way_to_a_file_and_back() {
        for name in template::names() {
            let before = file(Template::named(name).unwrap().rules);
            let text = toml(&before);
            assert_eq!(toml::from_str::<File>(&text).unwrap(), before, "{text}");
        }
    }

    #[test]
    fn scope_clauses_constants_and_leaver_mappings_survive_too() {
        let rule: Rule = serde_json::from_value(json!({
            "name": "people", "object": "person", "matching": [{"target": "userName", "precedence": 1}],
            "mappings": [{"target": "userName", "direct": "userName"},
                         {"target": "title", "constant": "C:\\temp \"x\"\nline", "apply": "on_create"}],
            "leaver": [{"target": "title", "constant": "left"}], "remove": "delete", "delete_after_days": 14,
            "actions": {"delete": false},
            "scope": {"filters": [{"name": "Berlin", "clauses": [
                {"attribute": "active", "operator": "IS TRUE"},
                {"attribute": "title", "operator": "EQUALS", "value": ["Clerk", "Buyer"]}]}]}
        }))
        .unwrap();
        let before = file(vec![rule]);
        let text = toml(&before);
        assert_eq!(toml::from_str::<File>(&text).unwrap(), before, "{text}");
        assert!(
            text.contains("[[rule]]\nname = \"people\"\nobject = \"person\"\n"),
            "{text}"
        );
        assert!(
            !text.contains("create = true"),
            "what is usual is not said: {text}"
        );
    }
}

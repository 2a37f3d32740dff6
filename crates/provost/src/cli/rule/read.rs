//! Reading rules from a file, with every mistake shown where it is.

use crate::excerpt::Excerpt;
use crate::failure::Failure;
use anyhow::{Context as _, Result};
use provost_engine::mapping::MappingSource;
use provost_engine::rule::{Rule, RuleError};
use serde::Deserialize;
use std::path::Path;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Rules {
    /// The rules; every one compiles.
    pub rules: Vec<Rule>,
    /// Things that work but that their author should know.
    pub warnings: Vec<String>,
}

/// The two shapes of a file: one rule, or several.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    rule: Vec<Rule>,
}

/// Reads and compiles the rules of a file.
///
/// # Errors
/// A syntax error with its line, or every mistake of every rule.
pub(super) fn read(path: &Path) -> Result<Rules> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the rules {}", path.display()))?;
    let name = path.display().to_string();
    let is_toml = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let rules = if is_toml {
        from_toml(&text, &name)
    } else {
        from_json(&text, &name)
    }?;
    let warnings = compiled(&rules, &name)?;
    Ok(Rules { rules, warnings })
}

/// Compiles the rules that the file `name` holds; answers what their author should know.
///
/// # Errors
/// Every mistake of every rule.
pub(in crate::cli) fn compiled(rules: &[Rule], name: &str) -> Result<Vec<String>> {
    let (mut warnings, mut mistakes) = (Vec::new(), Vec::new());
    for rule in rules {
        match rule.compile() {
            Ok(compiled) => warnings.extend(compiled.warnings().iter().map(ToString::to_string)),
            Err(errors) => mistakes.extend(errors.iter().map(|error| show(rule, error))),
        }
    }
    if mistakes.is_empty() {
        Ok(warnings)
    } else {
        Err(refusal(name, &mistakes).into())
    }
}

fn refusal(name: &str, mistakes: &[String]) -> Failure {
    let many = crate::output::count(mistakes.len() as i64, "mistake", "mistakes");
    let sentence = format!("the rules in {name} have {many}\n\n{}\n", mistakes.join("\n\n"));
    Failure::new(
        sentence,
        "Nothing was saved. Correct the file and run the command again.",
    )
}

/// One mistake: a sentence, the mapping's text with a caret under the character, and what to do.
fn show(rule: &Rule, error: &RuleError) -> String {
    let place = match &error.target {
        Some(target) => format!("rule \"{}\", mapping of \"{target}\"", error.rule),
        None => format!("rule \"{}\"", error.rule),
    };
    let mut shown = format!("{place}: {}", error.message);
    if let (Some(span), Some(text)) = (&error.span, source_text(rule, error.target.as_deref())) {
        let name = error.target.as_deref().unwrap_or(&rule.name);
        shown.push_str(&format!(
            "\n{}",
            Excerpt {
                name,
                text,
                span: span.clone()
            }
        ));
    }
    if !error.hint.is_empty() {
        shown.push_str(&format!("\n  {}", error.hint));
    }
    shown
}

/// The text that a mapping's author wrote.
fn source_text<'a>(rule: &'a Rule, target: Option<&str>) -> Option<&'a str> {
    let mapping = rule
        .mappings
        .iter()
        .find(|mapping| Some(mapping.target.as_str()) == target)?;
    match &mapping.source {
        MappingSource::Direct { attribute } => Some(attribute),
        MappingSource::Expression { text } => Some(text),
        MappingSource::Constant { .. }
        | MappingSource::Generated
        | MappingSource::Secret { .. }
        | MappingSource::None => None,
    }
}

fn from_toml(text: &str, name: &str) -> Result<Vec<Rule>> {
    let table: toml::Table = toml::from_str(text).map_err(|error| toml_mistake(&error, text, name))?;
    let read = if table.contains_key("rule") {
        toml::from_str::<Several>(text).map(|several| several.rule)
    } else {
        toml::from_str::<Rule>(text).map(|rule| vec![rule])
    };
    Ok(read.map_err(|error| toml_mistake(&error, text, name))?)
}

/// What is wrong with a TOML file, and where.
pub(in crate::cli) fn toml_mistake(error: &toml::de::Error, text: &str, name: &str) -> Failure {
    let shown = error
        .span()
        .map(|span| format!("\n{}", Excerpt { name, text, span }))
        .unwrap_or_default();
    unreadable(
        name,
        &format!("{}{shown}", error.message().trim_end().replace('\n', ", ")),
    )
}

fn from_json(text: &str, name: &str) -> Result<Vec<Rule>> {
    let read = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Array(_)) => serde_json::from_str::<Vec<Rule>>(text),
        Ok(serde_json::Value::Object(map)) if map.contains_key("rule") => {
            serde_json::from_str::<Several>(text).map(|several| several.rule)
        }
        Ok(_) => serde_json::from_str::<Rule>(text).map(|rule| vec![rule]),
        Err(error) => Err(error),
    };
    read.map_err(|error| json_mistake(&error, text, name).into())
}

/// What is wrong with a JSON file, and where.
pub(in crate::cli) fn json_mistake(error: &serde_json::Error, text: &str, name: &str) -> Failure {
    // serde_json names the last character that it read, from 1.
    let at = Excerpt::offset(text, error.line(), error.column());
    let message = error.to_string();
    let sentence = message.split(" at line ").next().unwrap_or_default();
    // A word that it does not know ends just before.
    let wrong = sentence
        .split('`')
        .nth(1)
        .filter(|word| text[..at].ends_with(word));
    let span = at - wrong.map_or(0, str::len)..at;
    unreadable(name, &format!("{sentence}\n{}", Excerpt { name, text, span }))
}

fn unreadable(name: &str, reason: &str) -> Failure {
    Failure::new(
        format!("the rules in {name} cannot be read: {reason}"),
        "Nothing was saved. Correct the file and run the command again.",
    )
}

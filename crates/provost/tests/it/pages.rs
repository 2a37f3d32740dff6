//! The reference pages are complete and their examples are right: fields, defaults, operators and codes are taken
//! from the program and looked for on the page.

use crate::run::Place;
use provost_connect::graph::permission::{Function, needed};
use provost_engine::mapping::Mapping;
use provost_engine::policy::{Allowed, Guard};
use provost_engine::rule::{Actions, Matching, Rule};
use provost_engine::scope::{Clause, Filter, Operator};
use provost_store::connection::{LeaverPolicy, Preferences};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const RULES: &str = include_str!("../../../../docs/reference/rules.md");
const API: &str = include_str!("../../../../docs/reference/api.md");
const LOG: &str = include_str!("../../../../docs/reference/provisioning-log.md");
const FILES: &str = include_str!("../../../../docs/reference/config-files.md");
const MICROSOFT: &str = include_str!("../../../../docs/guides/microsoft-365.md");
const CODES: &str = include_str!("../../../../docs/reference/codes.md");

/// The names that a type takes, as its own refusal of another one tells them.
fn fields<T: DeserializeOwned>() -> Vec<String> {
    let refusal = serde_json::from_value::<T>(json!({"no such field": 1}))
        .err()
        .unwrap()
        .to_string();
    let (_, expected) = refusal
        .split_once("expected")
        .unwrap_or_else(|| panic!("{refusal}"));
    let names: Vec<String> = expected
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert!(names.len() > 1, "{refusal}");
    names
}

/// The blocks of a kind, as `toml rule`.
fn blocks<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let fence = format!("```{kind}\n");
    let parts = page.split(fence.as_str()).skip(1);
    parts.map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn every_example_of_a_rule_compiles() {
    let examples = blocks(RULES, "toml rule");
    assert!(examples.len() >= 3);
    for text in examples {
        let rule: Rule = toml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        rule.compile().unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    }
    for text in blocks(RULES, "toml guard") {
        toml::from_str::<Guard>(text).unwrap();
    }
    for text in blocks(RULES, "toml preferences") {
        toml::from_str::<Preferences>(text).unwrap().check().unwrap();
    }
}

#[test]
fn every_field_of_a_rule_is_on_its_page() {
    let all = [
        fields::<Rule>(),
        fields::<Mapping>(),
        fields::<Matching>(),
        fields::<Filter>(),
        fields::<Clause>(),
        fields::<Actions>(),
    ];
    for name in all.iter().flatten() {
        assert!(RULES.contains(&format!("| `{name}` |")), "{name} has no row");
    }
    for operator in Operator::ALL {
        assert!(RULES.contains(&format!("`{operator}`")), "{operator}");
    }
}

#[test]
fn every_limit_and_preference_is_on_the_page_with_its_default() {
    for (all, default) in [
        (fields::<Guard>(), json!(Guard::default())),
        (fields::<Preferences>(), json!(Preferences::default())),
        (fields::<Actions>(), json!(Actions::default())),
        (fields::<Allowed>(), json!(Allowed::default())),
        (fields::<LeaverPolicy>(), json!(LeaverPolicy::default())),
    ] {
        for name in all {
            let value = match &default[&name] {
                Value::Null => "none".to_owned(),
                empty if *empty == json!("") || *empty == json!([]) => "none".to_owned(),
                Value::String(word) => word.clone(),
                // It has a table of its own.
                Value::Object(_) => continue,
                other => other.to_string(),
            };
            let row = format!("| `{name}` | {value} |");
            assert!(RULES.contains(&row), "{row} is missing");
        }
    }
}

/// The texts in double quotes of a source file that begin with a word.
fn quoted<'t>(text: &'t str, start: &str) -> BTreeSet<&'t str> {
    let parts = text.split('"').skip(1).step_by(2);
    parts.filter(|part| part.starts_with(start)).collect()
}

#[test]
fn the_interface_is_on_its_page_with_every_number_and_word() {
    let collected = include_str!("../../../provost-web/src/metrics/collect.rs");
    let counted = include_str!("../../../provost-web/src/metrics/requests.rs")
        .split("#[cfg(test)]")
        .next()
        .unwrap();
    let part = |name: &&str| {
        !name.ends_with("_bucket") && !name.ends_with("_sum") && !name.ends_with("seconds_count")
    };
    let names: Vec<&str> = quoted(collected, "provost_")
        .into_iter()
        .chain(quoted(counted, "provost_"))
        .filter(part)
        .collect();
    assert!(names.len() > 12, "{names:?}");
    let missing: Vec<_> = names
        .iter()
        .filter(|name| !API.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let rows = API.lines().filter_map(|line| line.strip_prefix("| `provost_"));
    for row in rows.filter(|row| row.contains(" | gauge |") || row.contains(" | counter |")) {
        let told = row.split('`').next().unwrap();
        assert!(
            names.iter().any(|name| *name == format!("provost_{told}")),
            "{told} is no number"
        );
    }
}

#[test]
fn entra_s_words_and_the_columns_of_the_export_are_on_the_page_of_the_log() {
    let words = include_str!("../../../provost-sync/src/apply/entra.rs");
    let words: Vec<&str> = words.split('"').skip(1).step_by(2).collect();
    assert!(words.len() > 15, "{words:?}");
    let export = include_str!("../../src/cli/log/export.rs");
    let (_, heads) = export.split_once("fn create(folder").unwrap();
    let (heads, _) = heads.split_once("fn write").unwrap();
    let columns: Vec<&str> = heads.split('"').skip(1).step_by(2).collect();
    assert!(
        columns.contains(&"initiator") && columns.contains(&"old"),
        "{columns:?}"
    );
    for name in words
        .iter()
        .chain(&columns)
        .filter(|name| !name.contains(' ') && **name != "Error codes")
    {
        assert!(LOG.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_example_of_a_connection_can_be_applied() {
    let place = Place::installed();
    let examples = blocks(FILES, "toml connection");
    assert_eq!(examples.len(), 1);
    place.write("shop.toml", examples[0]);
    let plan = place.run("config plan shop.toml");
    assert!(plan.contains("\"Shop\" would be made, with 1 rule."), "{plan}");
    let made = place.shown(
        place
            .command("config apply shop.toml --secret-env token=T")
            .env("T", "x"),
    );
    assert_eq!(made, "\"Shop\": made\nexit 0");
    // Every command of the page takes what the page gives it.
    for line in blocks(FILES, "sh").iter().flat_map(|block| block.lines()) {
        let words = line
            .split_whitespace()
            .skip(1)
            .take(2)
            .collect::<Vec<_>>()
            .join(" ");
        let help = place.run(&format!("{words} --help"));
        assert!(help.ends_with("exit 0"), "{line}: {help}");
    }
}

/// What a heading is linked by.
fn anchor(heading: &str) -> String {
    let kept = heading
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// A page without its blocks of code.
fn prose(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.split("```").step_by(2).collect()
}

#[test]
fn every_link_within_the_documentation_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap();
    let mut pages: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"]
        .map(|name| root.join(name))
        .into();
    for folder in [
        "docs",
        "docs/guides",
        "docs/reference",
        "docs/decisions",
        "docs/conventions",
    ] {
        let entries = std::fs::read_dir(root.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    let mut links = 0;
    for page in &pages {
        let text = prose(page);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in targets.filter(|link| !link.contains("://") && !link.contains(' ')) {
            links += 1;
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.parent().unwrap().join(file)
            };
            assert!(target.exists(), "{}: {link}", page.display());
            let leads = place.is_empty()
                || prose(&target)
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .any(|line| anchor(line.trim_start_matches('#')) == place);
            assert!(leads, "{}: {link} has no such heading", page.display());
        }
    }
    assert!(links > 60, "only {links} links");
}

/// The part of a page under the heading with this anchor, down to the next heading.
fn section<'p>(page: &'p str, wanted: &str) -> Option<&'p str> {
    let is_it = |line: &&str| line.starts_with('#') && anchor(line.trim_start_matches('#')) == wanted;
    let mut found = page.lines().filter(is_it);
    let start = found.next()?;
    assert_eq!(found.next(), None, "two headings have the anchor {wanted}");
    let (_, rest) = page.split_once(&format!("\n{start}\n"))?;
    Some(rest.split("\n#").next().unwrap_or(rest))
}

#[test]
fn the_help_of_every_cause_leads_to_its_place_in_the_guide() {
    for cause in provost_connect::graph::cause::CAUSES {
        let (page, place) = cause.help.split_once('#').unwrap();
        assert_eq!(page, "guides/microsoft-365.md");
        let told = section(MICROSOFT, place).unwrap_or_else(|| panic!("{place} is no heading"));
        let short = cause.code.trim_start_matches("PRV-M365");
        let is_told = told.contains(&format!("`{}`", cause.code)) || told.contains(&format!("`{short}`"));
        assert!(is_told, "{} is not explained under {place}", cause.code);
    }
}

#[test]
fn the_permissions_of_the_guide_are_those_that_the_probe_asks_for() {
    let needs = needed(&Function::ALL);
    for function in Function::ALL {
        let names: Vec<String> = needs
            .iter()
            .filter(|need| need.function == function)
            .map(|need| format!("`{}`", need.permission))
            .collect();
        let row = format!("| `{}` | {} |", function.name(), names.join(", "));
        assert!(MICROSOFT.contains(&row), "{row} is missing");
    }
    for function in Function::DEFAULT {
        assert!(MICROSOFT.contains(&format!("`{}`", function.name())));
    }
}

#[test]
fn every_attribute_of_pingone_is_in_the_guide() {
    for one in provost_connect::graph::attribute::ATTRIBUTES {
        if let Some(theirs) = one.pingone {
            let row = format!("| {theirs} | `{}` |", one.name);
            assert!(MICROSOFT.contains(&row), "{row} is missing");
        }
    }
}

/// The Rust files of a folder, without those of tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// The codes in a text: `PRV-` and what belongs to it.
fn codes(text: &str) -> impl Iterator<Item = String> {
    text.split("PRV-").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'));
        let code = &rest[..end.unwrap_or(rest.len())];
        (!code.is_empty() && !code.ends_with('-')).then(|| format!("PRV-{code}"))
    })
}

#[test]
fn every_code_is_on_its_page_and_no_other() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for name in [
        "provost",
        "provost-connect",
        "provost-engine",
        "provost-saml",
        "provost-signin",
        "provost-store",
        "provost-sync",
        "provost-web",
    ] {
        sources(&crates.join(name).join("src"), &mut files);
    }
    let mut used = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]").next().unwrap();
        let is_code =
            |line: &&str| !line.trim_start().starts_with("//") && !line.contains("starts_with(\"PRV-");
        used.extend(product.lines().filter(is_code).flat_map(codes));
    }
    assert!(used.len() > 80, "{used:?}");
    let rows = CODES.lines().filter(|line| line.starts_with("| `PRV-"));
    let told: BTreeSet<String> = rows
        .flat_map(|row| codes(row.split(" | ").next().unwrap()))
        .collect();
    let missing: Vec<_> = used.difference(&told).collect();
    let unknown: Vec<_> = told.difference(&used).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "missing: {missing:?}; in no source: {unknown:?}"
    );
}

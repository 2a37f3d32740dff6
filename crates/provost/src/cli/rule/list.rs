//! `provost rule list` and `show`.

use crate::cli::Place;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::nearest::nearest;
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::rule::Rule;
use provost_store::rule;

/// A connection's rules.
pub(super) async fn list(place: &Place, hub: &Hub, connection: &str) -> Result<()> {
    let key = hub.connection(connection).await?.key;
    let rules = all(hub, key).await?;
    output::either(place.json, &rules, || {
        let mut table = Table::new(["rule", "object", "scope", "matching", "mappings", "state"]);
        for rule in &rules {
            table.row([
                rule.name.clone(),
                rule.object.to_string(),
                scope(rule),
                matching(rule),
                rule.mappings.len().to_string(),
                if rule.enabled { "on" } else { "off" }.to_owned(),
            ]);
        }
        table.text_or("No rule yet. `provost rule set CONNECTION --file rules.toml` saves some.")
    })
}

fn scope(rule: &Rule) -> String {
    match rule.scope.filters.len() {
        0 => "everybody".to_owned(),
        filters => output::count(filters as i64, "filter", "filters"),
    }
}

fn matching(rule: &Rule) -> String {
    let mut matching: Vec<_> = rule.matching.iter().collect();
    matching.sort_by_key(|matching| matching.precedence);
    let names: Vec<&str> = matching.iter().map(|matching| matching.target.as_str()).collect();
    names.join(", ")
}

/// One rule, in the form that can be saved again.
pub(super) async fn show(hub: &Hub, connection: &str, name: &str) -> Result<()> {
    let key = hub.connection(connection).await?.key;
    let rules = all(hub, key).await?;
    output::json(&rules[find(&rules, connection, name)?])
}

/// A connection's rules in their order.
pub(in crate::cli) async fn all(hub: &Hub, connection: i64) -> Result<Vec<Rule>> {
    let stored = hub.db.read(move |tx| rule::of_connection(tx, connection)).await?;
    Ok(stored.into_iter().map(|stored| stored.rule).collect())
}

/// The place of the rule with this name.
///
/// # Errors
/// When there is none; the hint names the nearest one.
pub(in crate::cli) fn find(rules: &[Rule], connection: &str, name: &str) -> Result<usize> {
    rules.iter().position(|rule| rule.name == name).ok_or_else(|| {
        let hint = match nearest(name, rules.iter().map(|rule| rule.name.as_str())) {
            Some(meant) => {
                format!("did you mean \"{meant}\"? `provost rule list \"{connection}\"` shows all.")
            }
            None => format!("`provost rule list \"{connection}\"` shows what there is."),
        };
        Failure::new(format!("\"{connection}\" has no rule \"{name}\""), hint).into()
    })
}

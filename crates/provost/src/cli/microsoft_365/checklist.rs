//! `provost microsoft-365 checklist`.

use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output;
use anyhow::Result;
use provost_sync::microsoft_365::ChecklistLine;
use serde_json::{Value, json};

/// Shows the checklist.
pub(super) async fn run(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let found = hub.microsoft_365(name).await?;
    let engine = hub.engine()?;
    let lines = engine.provider_checklist(hub.workspace.key, &found.name).await?;
    output::either(place.json, &to_json(&lines), || {
        let next = match lines.iter().all(|line| line.done) {
            true => "Everything is there for step 4, \"Move the people\".",
            false => "Migration (step 4) and Federation (step 5) are locked until every line is done.",
        };
        format!("{}\n\n{next}", text(&lines))
    })
}

/// For programs.
pub(super) fn to_json(lines: &[ChecklistLine]) -> Value {
    let line = |one: &ChecklistLine| {
        json!({
            "key": one.key, "done": one.done, "evidence": one.evidence, "at": clock::text_or_none(one.at),
            "missing": one.missing,
        })
    };
    json!({
        "is_complete": lines.iter().all(|line| line.done), "lines": lines.iter().map(line).collect::<Vec<_>>(),
    })
}

/// For people. Evidence and what is missing are never cut.
pub(super) fn text(lines: &[ChecklistLine]) -> String {
    let shown: Vec<(&str, String)> = lines.iter().map(|one| (title(one.key), told(one))).collect();
    output::pairs(&shown)
}

fn told(one: &ChecklistLine) -> String {
    match (one.done, one.at) {
        (false, _) => format!("open: {}", one.missing),
        (true, Some(at)) => format!("done: {} ({})", one.evidence, clock::text(at)),
        (true, None) => format!("done: {}", one.evidence),
    }
}

/// What people call a line.
fn title(key: &str) -> &str {
    match key {
        "active" => "provider active",
        "general" => "general settings",
        "credentials" => "credentials",
        "unassigned" => "nobody assigned",
        other => other,
    }
}

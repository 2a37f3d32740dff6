//! `provost config show`: what is in force.

use crate::cli::{Place, field};
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::retention::Retention;
use serde_json::{Value, json};

/// Shows addresses, limits, and what is kept for how long.
pub(super) async fn run(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let kept = hub.db.read(move |tx| Retention::of(tx, workspace)).await?;
    let (server, limits) = (&hub.config.server, &hub.config.limits);
    let settings: Vec<(&str, Value)> = vec![
        ("server.public_url", json!(server.public_url)),
        ("server.listen", json!(server.listen)),
        ("sync.enabled", json!(hub.config.sync.enabled)),
        ("limits.requests_per_second", json!(limits.requests_per_second)),
        ("limits.burst", json!(limits.burst)),
        ("limits.body_bytes", json!(limits.body_bytes)),
        ("limits.bulk_bytes", json!(limits.bulk_bytes)),
        ("limits.bulk_operations", json!(limits.bulk_operations)),
        ("limits.import_operations", json!(limits.import_operations)),
        ("limits.page", json!(limits.page)),
        ("limits.max_page", json!(limits.max_page)),
        ("limits.cursor_seconds", json!(limits.cursor_seconds)),
        ("limits.in_flight", json!(limits.in_flight)),
        ("limits.head_seconds", json!(limits.head_seconds)),
        ("limits.body_seconds", json!(limits.body_seconds)),
        ("limits.answer_seconds", json!(limits.answer_seconds)),
        (
            "limits.api_requests_per_second",
            json!(limits.api_requests_per_second),
        ),
        ("limits.api_burst", json!(limits.api_burst)),
        ("kept.provisioning_log_days", json!(kept.provisioning_log_days)),
    ];
    let answer: serde_json::Map<String, Value> = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["setting", "value"]);
        for (name, value) in &settings {
            let shown = if value.is_null() {
                "none".to_owned()
            } else {
                field::shown(value)
            };
            table.row([(*name).to_owned(), shown]);
        }
        let file = hub.folder.join(crate::config::FILE);
        format!(
            "{}\n\nSet in {}; what is kept, by `provost log keep`.",
            table.text_or(""),
            file.display()
        )
    })
}

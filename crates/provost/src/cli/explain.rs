//! `provost explain`.

use super::Place;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table, indent};
use anyhow::Result;
use provost_sync::{RuleTrace, Trace};
use serde_json::Value;

/// Everything known of a person or group, in every target; also of one that is gone.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// User name, e-mail address, display name, external id, or the directory's id
    person: String,
}

impl Explain {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.show(place, &hub).await;
        hub.close();
        done
    }

    async fn show(self, place: &Place, hub: &Hub) -> Result<()> {
        let traces = hub.engine()?.explain(hub.workspace.key, &self.person).await?;
        if traces.is_empty() {
            let hint = "Give a user name, an e-mail address, a display name, an external id or the directory's id, in full.";
            return Err(Failure::new(format!("nobody is known as \"{}\"", self.person), hint).into());
        }
        output::either(place.json, &traces, || {
            traces.iter().map(text).collect::<Vec<_>>().join("\n\n")
        })
    }
}

fn text(trace: &Trace) -> String {
    let gone = if trace.document.is_none() {
        ", gone from the directory"
    } else {
        ""
    };
    let mut parts = vec![format!("{} ({}, {}{gone})", trace.label, trace.kind, trace.id)];
    if let Some(document) = &trace.document {
        parts.push(format!("What came in\n{}", indent(&pretty(document))));
    }
    if !trace.groups.is_empty() {
        parts.push(format!("Groups\n  {}", trace.groups.join(", ")));
    }
    parts.extend(trace.rules.iter().map(rule));
    parts.push(format!("Last lines of the log\n{}", indent(&log(&trace.log))));
    parts.join("\n\n")
}

fn rule(trace: &RuleTrace) -> String {
    let mut lines = vec![format!("{}, rule \"{}\"", trace.connection, trace.rule)];
    lines.push(format!("  scope     {}", trace.scope));
    let account = trace
        .target_id
        .as_deref()
        .map_or("not linked".to_owned(), |id| format!("linked to {id}"));
    lines.push(format!("  account   {account}"));
    if trace.target_id.is_none() && !trace.matching.is_empty() {
        let matching: Vec<String> = trace
            .matching
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        lines.push(format!("  matched   by {}", matching.join(", then ")));
    }
    lines.push(format!("  next      {}", trace.decision));
    if let Some(error) = &trace.error {
        lines.push(format!("  fails     {error}"));
    }
    let attributes = attributes(trace);
    if !attributes.is_empty() {
        lines.push(indent(&attributes));
    }
    lines.join("\n")
}

/// What the mappings give beside what was last written.
fn attributes(trace: &RuleTrace) -> String {
    let mut table = Table::new(["attribute", "should be", "last written"]);
    let written = trace.written.clone().unwrap_or_default();
    let names: std::collections::BTreeSet<&String> = trace.attributes.keys().chain(written.keys()).collect();
    for name in names {
        let wanted = trace.attributes.get(name).filter(|value| !value.is_null());
        let was = written.get(name).filter(|value| !value.is_null());
        if wanted.is_some() || was.is_some() {
            table.row([name.clone(), show(wanted), show(was)]);
        }
    }
    table.text_or("")
}

fn show(value: Option<&Value>) -> String {
    match value {
        None => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn log(lines: &[Value]) -> String {
    let mut table = Table::new(["at", "connection", "action", "status", "reason"]);
    for line in lines {
        let field = |name: &str| line[name].as_str().unwrap_or_default().replace('_', " ");
        let at = line["at"].as_str().unwrap_or_default().to_owned();
        table.row([
            at,
            field("connection"),
            field("action"),
            field("status"),
            field("reason"),
        ]);
    }
    table.text_or("Nothing yet.")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

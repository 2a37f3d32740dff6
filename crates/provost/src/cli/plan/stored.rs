//! Kept plans: listed, read, exported, decided.

use crate::cli::{Place, field};
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use futures::TryStreamExt as _;
use provost_store::connection;
use provost_store::plan::{self, Plan, PlanStep};
use provost_sync::Format;
use serde_json::{Value, json};
use std::io::{ErrorKind, Write as _};
use uuid::Uuid;

/// Which plans are listed.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// The connection
    connection: String,
    /// Only those before this key
    #[arg(long, value_name = "KEY")]
    before: Option<i64>,
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Which plan is shown.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The plan's id
    id: Uuid,
    /// Only steps after this position
    #[arg(long, value_name = "POSITION", default_value_t = -1, allow_negative_numbers = true)]
    after: i64,
    /// How many steps
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Which plan is exported.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The plan's id
    id: Uuid,
    /// As what
    #[arg(long, value_enum, default_value = "json")]
    format: As,
}

/// How a plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum As {
    /// One JSON object a step, each on its line
    Json,
    /// One line for each attribute of each step
    Csv,
}

impl List {
    /// Lists the kept plans.
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let key = hub.connection(&self.connection).await?.key;
        let (before, limit) = (self.before, i64::from(self.limit));
        let all = hub.db.read(move |tx| plan::list(tx, key, before, limit)).await?;
        let next = all
            .last()
            .filter(|_| all.len() == self.limit as usize)
            .map(|one| one.key);
        let rows: Vec<Value> = all.iter().map(row).collect();
        output::either(place.json, &json!({"plans": rows, "next": next}), || {
            let mut table = Table::new(["id", "mode", "state", "steps", "made", "by", "decided by"]);
            for one in &all {
                table.row([
                    one.id.to_string(),
                    one.mode.clone(),
                    state(one),
                    steps(one).to_string(),
                    clock::text(one.created),
                    one.created_by.clone(),
                    one.decided_by.clone().unwrap_or_default(),
                ]);
            }
            let nothing = format!(
                "No plan is kept. `provost plan \"{}\" --save` keeps one.",
                self.connection
            );
            let shown = table.text_or(&nothing);
            match next {
                Some(next) => format!("{shown}\n\nMore: --before {next}"),
                None => shown,
            }
        })
    }
}

/// The state, and that it waits for a second person.
fn state(one: &Plan) -> String {
    if one.is_waiting() && !one.is_ready() {
        return "needs approval".to_owned();
    }
    one.state.to_string()
}

fn steps(one: &Plan) -> u64 {
    one.counts["steps"].as_u64().unwrap_or(0)
}

fn row(one: &Plan) -> Value {
    json!({
        "id": one.id, "mode": one.mode, "state": one.state, "approval": one.approval, "digest": one.digest,
        "counts": one.counts, "made": clock::text(one.created), "made_by": one.created_by,
        "decided": clock::text_or_none(one.decided), "decided_by": one.decided_by,
        "applied": clock::text_or_none(one.applied), "cycle": one.cycle, "reason": one.reason,
    })
}

/// The workspace's plan with this id.
///
/// # Errors
/// When there is none.
async fn find(hub: &Hub, id: Uuid) -> Result<Plan> {
    let workspace = hub.workspace.key;
    let found = hub.db.read(move |tx| plan::get(tx, workspace, id)).await?;
    found.ok_or_else(|| {
        let hint = "`provost plan list CONNECTION` shows the kept plans with their ids.";
        Failure::new(format!("there is no plan {id}"), hint).into()
    })
}

/// The first steps of a kept plan as texts.
pub(super) async fn first_steps(hub: &Hub, id: Uuid, limit: usize) -> Result<Vec<String>> {
    let (key, limit) = (find(hub, id).await?.key, limit as i64);
    let steps = hub.db.read(move |tx| plan::steps(tx, key, -1, limit)).await?;
    Ok(steps.iter().map(|(_, step)| step_text(step)).collect())
}

impl Show {
    /// Shows a plan with a page of its steps.
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let one = find(hub, self.id).await?;
        let (key, owner, after, limit) = (one.key, one.connection, self.after, i64::from(self.limit));
        let (steps, connection) = hub
            .db
            .read(move |tx| {
                let steps = plan::steps(tx, key, after, limit)?;
                Ok::<_, provost_store::Error>((steps, connection::by_key(tx, owner)?))
            })
            .await?;
        let name = connection.map_or_else(String::new, |one| one.name);
        let next = steps
            .last()
            .filter(|_| steps.len() == self.limit as usize)
            .map(|(position, _)| *position);
        let mut answer = row(&one);
        answer["connection"] = json!(name);
        answer["steps"] = steps
            .iter()
            .map(|(position, step)| step_json(*position, step))
            .collect();
        answer["next"] = json!(next);
        output::either(place.json, &answer, || {
            let mut parts = vec![head(&one, &name)];
            parts.extend(steps.iter().map(|(_, step)| step_text(step)));
            parts.extend(next.map(|next| format!("More: --after {next}")));
            parts.join("\n\n")
        })
    }
}

fn head(one: &Plan, connection: &str) -> String {
    let mut pairs = vec![
        ("connection", connection.to_owned()),
        ("mode", one.mode.clone()),
        ("state", state(one)),
        ("steps", steps(one).to_string()),
        ("digest", one.digest.clone()),
        (
            "made",
            format!("{} by {}", clock::text(one.created), one.created_by),
        ),
    ];
    if let (Some(at), Some(by)) = (one.decided, &one.decided_by) {
        pairs.push(("decided", format!("{} by {by}", clock::text(at))));
    }
    if let Some(at) = one.applied {
        pairs.push(("applied", clock::text(at)));
    }
    if !one.reason.is_empty() {
        pairs.push(("reason", one.reason.clone()));
    }
    format!("Plan {}\n{}", one.id, output::pairs(&pairs))
}

fn step_json(position: i64, step: &PlanStep) -> Value {
    json!({
        "position": position, "action": step.action, "kind": step.kind, "object": step.label, "held": step.held,
        "changes": step.changes,
    })
}

/// A step with the values before and after.
fn step_text(step: &PlanStep) -> String {
    let held = if step.held { " (held)" } else { "" };
    let head = format!("{} {}{held}", step.action.replace('_', " "), step.label);
    let mut table = Table::new(["attribute", "before", "after"]);
    for change in &step.changes {
        let value = |value: &Value| match value {
            Value::Null => "–".to_owned(),
            other => field::shown(other),
        };
        table.row([
            change.attribute.clone(),
            value(&change.before),
            value(&change.after),
        ]);
    }
    match table.text_or("") {
        none if none.is_empty() => head,
        changes => format!("{head}\n{}", output::indent(&changes)),
    }
}

impl Export {
    /// Writes every step to standard output.
    pub async fn run(self, hub: &Hub) -> Result<()> {
        let format = match self.format {
            As::Json => Format::Json,
            As::Csv => Format::Csv,
        };
        let engine = hub.engine()?;
        let pieces = engine.export_plan(hub.workspace.key, self.id, format).await?;
        let mut pieces = std::pin::pin!(pieces);
        let mut out = std::io::stdout().lock();
        while let Some(piece) = pieces.try_next().await? {
            match out.write_all(piece.as_bytes()) {
                // Who closes the pipe has read enough.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                written => written?,
            }
        }
        Ok(out.flush()?)
    }
}

/// Approves a plan.
pub(super) async fn approve(place: &Place, hub: &Hub, id: Uuid) -> Result<()> {
    let engine = hub.engine()?;
    engine.approve_plan(hub.workspace.key, id, &hub::actor()).await?;
    let answer = json!({"id": id, "state": "approved", "by": hub::actor()});
    output::either(place.json, &answer, || {
        format!("The plan {id} is approved. It still has to be applied: provost apply {id}")
    })
}

/// Rejects a plan.
pub(super) async fn reject(place: &Place, hub: &Hub, id: Uuid, reason: &str) -> Result<()> {
    let engine = hub.engine()?;
    engine
        .reject_plan(hub.workspace.key, id, &hub::actor(), reason)
        .await?;
    let answer = json!({"id": id, "state": "rejected", "by": hub::actor(), "reason": reason});
    output::either(place.json, &answer, || {
        format!("The plan {id} is rejected. Nothing of it is carried out.")
    })
}

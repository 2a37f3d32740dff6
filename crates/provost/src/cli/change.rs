//! What a change would do, shown before it is saved: who enters, who leaves, and what would be written.

use crate::hub::{self, Hub};
use crate::output::{self, Table};
use crate::{ask, clock, progress};
use anyhow::Result;
use provost_store::Tx;
use provost_store::config_version::Definition;
use provost_store::connection::{self, Connection, Preferences, Reset};
use provost_sync::{ChangePreview, Proposal};
use std::io::Write as _;

/// How many names of each side are shown.
const NAMES: usize = 20;

/// How a change is confirmed.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Confirm {
    /// Save without being asked; needed without a terminal when somebody would leave
    #[arg(long, short = 'y')]
    pub yes: bool,
}

/// Plans the change without saving it.
///
/// # Errors
/// Any error of the engine: rules that do not compile, a connection that cannot be opened.
pub(crate) async fn preview(hub: &Hub, connection: i64, proposal: &Proposal) -> Result<ChangePreview> {
    let spinner = progress::spinner("working out who enters and who leaves");
    let preview = hub.engine()?.preview_change(connection, proposal, NAMES).await;
    spinner.finish_and_clear();
    Ok(preview?)
}

/// Shows what the change would do and asks for a yes. Without a terminal a yes is needed only when somebody
/// would leave.
///
/// # Errors
/// When the change is not wanted.
pub(crate) fn confirm(preview: &ChangePreview, confirm: Confirm) -> Result<()> {
    let shown = text(preview);
    if !shown.is_empty() {
        // The answer of the command is for standard output; this is what the question is about.
        let _ = writeln!(std::io::stderr(), "{shown}");
    }
    if confirm.yes || (preview.leave == 0 && !ask::somebody_is_there()) {
        return Ok(());
    }
    ask::agree(&question(preview), false)
}

fn question(preview: &ChangePreview) -> String {
    match preview.leave {
        0 => "Save this?".to_owned(),
        leave => format!(
            "{} would leave. Save this?",
            output::count(leave, "person or group", "people and groups")
        ),
    }
}

/// Makes a connection's configuration exactly `to`, all or nothing. Where others are meant than before, the next
/// cycle looks at everybody: nobody's row has changed, so nothing else would carry it out. Answers whether the
/// secrets were wiped, because the host is another one.
///
/// # Errors
/// Any error of the store.
pub(crate) fn save(
    tx: &mut Tx,
    connection: &Connection,
    to: &Definition,
    note: &str,
) -> provost_store::Result<bool> {
    let (actor, now) = (hub::actor(), clock::now());
    let wiped = connection::configure(tx, &actor, now, connection, to, note)?;
    if means_others(&connection.preferences, &to.preferences) {
        connection::restart(tx, &actor, now, connection, &[Reset::Watermark])?;
    }
    Ok(wiped)
}

/// Whether others are meant than before, whoever is assigned.
pub(crate) fn means_others(before: &Preferences, after: &Preferences) -> bool {
    (before.assignment, before.nested) != (after.assignment, after.nested)
}

/// Who enters and leaves, and the steps by action.
pub(crate) fn text(preview: &ChangePreview) -> String {
    let mut parts = Vec::new();
    parts.extend(side("enters", "enter", preview.enter, &preview.enter_names));
    parts.extend(side("leaves", "leave", preview.leave, &preview.leave_names));
    if parts.is_empty() {
        parts.push("Nobody enters and nobody leaves.".to_owned());
    }
    let mut table = Table::new(["would be done", "steps"]);
    for (action, steps) in &preview.counts {
        table.row([action.to_string(), steps.to_string()]);
    }
    let nothing = match preview.leave {
        0 => "Nothing would be written.",
        _ => "Nothing would be written: the accounts stay as they are.",
    };
    parts.push(table.text_or(nothing));
    parts.extend(preview.held.iter().map(|held| {
        let steps = output::count(held.steps, "step", "steps");
        format!("Held in \"{}\": {steps}. {}", held.rule, held.sentence)
    }));
    for rule in preview.rules.iter().filter(|rule| rule.failed > 0) {
        let objects = output::count(rule.failed, "object", "objects");
        let shown: String = rule
            .failures
            .iter()
            .map(|failure| format!("\n  {failure}"))
            .collect();
        parts.push(format!("{objects} cannot be mapped in \"{}\":{shown}", rule.rule));
    }
    parts.extend(
        preview
            .warnings
            .iter()
            .map(|warning| format!("warning: {warning}")),
    );
    parts.join("\n\n")
}

fn side(one: &str, many: &str, number: u64, names: &[String]) -> Option<String> {
    if number == 0 {
        return None;
    }
    let verb = if number == 1 { one } else { many };
    let mut lines = vec![format!("{number} {verb}:")];
    lines.extend(names.iter().map(|name| format!("  {name}")));
    let rest = number.saturating_sub(names.len() as u64);
    if rest > 0 {
        lines.push(format!("  and {rest} more"));
    }
    Some(lines.join("\n"))
}

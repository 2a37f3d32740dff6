//! What a cycle, an applied plan or an undo has done, for people.

use super::Place;
use crate::failure::Failure;
use crate::hub;
use crate::output::{self, Table};
use crate::progress;
use crate::stop::Stop;
use anyhow::{Context as _, Result};
use provost_sync::{Mode, Options, Report};

/// Runs something of the engine with a bar that shows how far it is. Ctrl-C ends it in good order. The work gets a
/// task of its own: on a worker thread it is beside its connections to the target, not a wake-up away from them.
///
/// # Errors
/// What `work` fails with.
pub(crate) async fn watched<F>(
    what: &str,
    mode: Option<Mode>,
    work: impl FnOnce(Options) -> F,
) -> Result<Report>
where
    F: Future<Output = provost_sync::Result<Report>> + Send + 'static,
{
    let bar = progress::bar(what);
    let options = Options {
        progress: Some(progress::watch(&bar)),
        stop: Some(Stop::listen().receiver()),
        mode,
        initiator: Some(hub::actor()),
    };
    let report = tokio::spawn(work(options)).await;
    bar.finish_and_clear();
    Ok(report.context("the cycle ended abnormally")??)
}

/// Prints the report; a failed cycle is a failure of the command.
///
/// # Errors
/// When the cycle failed as a whole.
pub(crate) fn tell(place: &Place, report: &Report) -> Result<()> {
    output::either(place.json, report, || text(report))?;
    if report.state == "failed" {
        let name = &report.connection;
        let hint = format!("`provost log \"{name}\"` says what became of each object.");
        return Err(Failure::new(format!("the cycle of \"{name}\" failed: {}", report.reason), hint).into());
    }
    Ok(())
}

fn text(report: &Report) -> String {
    let name = &report.connection;
    let seconds = report.millis as f64 / 1000.0;
    let looked = output::count(report.looked, "object", "objects");
    let mut parts = vec![format!(
        "{}: {} cycle, {looked} looked at, {seconds:.1} s: {}.",
        name, report.mode, report.state
    )];
    let mut table = Table::new(["done", "steps"]);
    for (action, steps) in &report.applied {
        table.row([action.to_string(), steps.to_string()]);
    }
    parts.push(table.text_or("Nothing had to be written."));
    if report.adopted > 0 {
        let accounts = output::count(report.adopted, "account was", "accounts were");
        parts.push(format!(
            "{accounts} found in the target and linked instead of created."
        ));
    }
    if report.failed > 0 {
        let steps = output::count(report.failed, "step", "steps");
        parts.push(format!(
            "{steps} failed and will be tried again. `provost log \"{name}\"` says why."
        ));
    }
    for held in &report.held {
        let removals = output::count(held.steps, "removal", "removals");
        parts.push(format!(
            "Held: {removals}. {} `provost staged list \"{name}\"` shows them.",
            held.sentence
        ));
    }
    if !report.reason.is_empty() {
        parts.push(report.reason.clone());
    }
    parts.join("\n")
}

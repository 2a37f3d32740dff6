//! Progress on standard error, by object, and only when somebody is looking.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use provost_sync::{Phase, Progress, Watcher};
use std::sync::Arc;

/// A bar for work over a known or growing number of objects. Not drawn unless standard error is a terminal.
pub(crate) fn bar(what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    let template = "{prefix} {bar:30} {human_pos}/{human_len} {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar
}

/// A watcher that moves a bar through the phases of a cycle.
pub(crate) fn watch(bar: &ProgressBar) -> Watcher {
    let bar = bar.clone();
    Arc::new(move |progress: Progress| {
        bar.set_message(phase(progress.phase));
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    })
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Plan => "planning",
        Phase::People => "people",
        Phase::References => "managers and other references",
        Phase::Groups => "groups",
        Phase::Members => "memberships",
        Phase::Removals => "removals",
    }
}

/// Shows that something is under way whose length is not known.
pub(crate) fn spinner(what: &str) -> ProgressBar {
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg}") {
        spinner.set_style(style);
    }
    spinner.set_prefix(what.to_owned());
    spinner.enable_steady_tick(std::time::Duration::from_millis(100));
    spinner
}

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
        bar.set_message(message(&progress));
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    })
}

/// The phase, and how long it will take at this pace.
fn message(progress: &Progress) -> String {
    let phase = phase(progress.phase);
    match progress.seconds_left {
        Some(left) if left > 0 => format!(
            "{phase}, {} a second, {} left",
            progress.per_second,
            minutes(left)
        ),
        _ => phase.to_owned(),
    }
}

fn minutes(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Compare => "reading the target",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_rounded_to_what_matters() {
        assert_eq!(minutes(59), "59 s");
        assert_eq!(minutes(61), "2 min");
        assert_eq!(minutes(3_700), "1 h 1 min");
    }
}

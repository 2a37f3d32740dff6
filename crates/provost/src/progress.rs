//! Progress on standard error, by object: a bar where somebody is looking, a plain line now and then where it goes to a
//! file, and nothing of what is done at once.

use crate::output::screen::on_one_line;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use provost_sync::{Phase, Progress, Watcher};
use std::io::{IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// When the first plain line is written: what is done before needs none.
const FIRST: Duration = Duration::from_secs(10);
/// How often one is written from then on.
const EVERY: Duration = Duration::from_secs(30);

/// Work under way. Shown as long as this is kept.
pub(crate) struct Bar {
    bar: ProgressBar,
    /// Dropped with the bar, which ends the thread that writes lines.
    _lines: Option<SyncSender<()>>,
}

impl Bar {
    fn new(bar: ProgressBar) -> Self {
        let lines = if std::io::stderr().is_terminal() {
            None
        } else {
            write_lines(bar.clone(), FIRST, EVERY, std::io::stderr())
        };
        Self { bar, _lines: lines }
    }

    /// The same below other bars, so that they do not draw over each other.
    pub fn beside(self, others: &MultiProgress) -> Self {
        others.add(self.bar.clone());
        self
    }
}

impl std::ops::Deref for Bar {
    type Target = ProgressBar;

    fn deref(&self) -> &ProgressBar {
        &self.bar
    }
}

/// A bar for work over a known or growing number of objects.
pub(crate) fn bar(what: &str) -> Bar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    // What does not fit the terminal is cut at the end, never wrapped: a wrapped bar leaves its old lines behind.
    let template = "{prefix} {bar:30} {human_pos}/{human_len} {wide_msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(on_one_line(what));
    Bar::new(bar)
}

/// Shows that something is under way whose length is not known.
pub(crate) fn spinner(what: &str) -> Bar {
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {wide_msg}") {
        spinner.set_style(style);
    }
    spinner.set_prefix(on_one_line(what));
    if std::io::stderr().is_terminal() {
        spinner.enable_steady_tick(Duration::from_millis(100));
    }
    Bar::new(spinner)
}

/// Writes a line after `first`, and then one each `every`, until what it returns is dropped. Without a thread for it,
/// nothing is written: the work does not depend on being watched.
fn write_lines(
    bar: ProgressBar,
    first: Duration,
    every: Duration,
    mut out: impl Write + Send + 'static,
) -> Option<SyncSender<()>> {
    let (end, ended) = sync_channel::<()>(0);
    let started = Instant::now();
    let write = move || {
        let mut wait = first;
        while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            let told = told(&bar, started.elapsed().as_secs());
            if bar.is_finished() || writeln!(out, "{told}").is_err() {
                return;
            }
            wait = every;
        }
    };
    Builder::new().name("progress".into()).spawn(write).ok()?;
    Some(end)
}

/// How far it is, in a line.
fn told(bar: &ProgressBar, seconds: u64) -> String {
    let mut parts = vec![bar.prefix().trim().to_owned()];
    if let Some(all) = bar.length() {
        parts.push(format!("{} of {all}", bar.position()));
    }
    let message = bar.message();
    if !message.is_empty() {
        parts.push(message);
    }
    format!("{}, after {}", parts.join(": "), minutes(seconds))
}

/// A watcher that moves a bar through the phases of a cycle.
pub(crate) fn watch(bar: &Bar) -> Watcher {
    let bar = bar.bar.clone();
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn an_estimate_is_rounded_to_what_matters() {
        assert_eq!(minutes(59), "59 s");
        assert_eq!(minutes(61), "2 min");
        assert_eq!(minutes(3_700), "1 h 1 min");
    }

    #[test]
    fn a_line_says_how_far_it_is() {
        let bar = ProgressBar::hidden();
        bar.set_prefix("Shop");
        assert_eq!(told(&bar, 40), "Shop, after 40 s");
        bar.set_length(5_000);
        bar.set_position(1_200);
        bar.set_message("people");
        assert_eq!(told(&bar, 61), "Shop: 1200 of 5000: people, after 2 min");
    }

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines(kept: &Kept) -> usize {
        kept.0
            .lock()
            .unwrap()
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
    }

    #[test]
    fn plain_lines_come_while_the_work_lasts_and_none_for_what_is_done_at_once() {
        let kept = Kept::default();
        let short = write_lines(ProgressBar::hidden(), FIRST, EVERY, kept.clone());
        drop(short);
        let moment = Duration::from_millis(1);
        let long = write_lines(ProgressBar::hidden(), moment, moment, kept.clone());
        let deadline = Instant::now() + Duration::from_secs(30);
        while lines(&kept) < 2 && Instant::now() < deadline {
            std::thread::yield_now();
        }
        assert!(lines(&kept) >= 2);
        drop(long);
        // The thread ends, and lets go of what it writes to.
        while Arc::strong_count(&kept.0) > 1 && Instant::now() < deadline {
            std::thread::yield_now();
        }
        assert_eq!(Arc::strong_count(&kept.0), 1);
    }
}

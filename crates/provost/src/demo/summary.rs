//! The table at the end.

use super::compare::{Comparison, Count};
use crate::output::Table;
use serde::Serialize;

/// What the demo found.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    /// Whether every target agrees with the directory.
    pub equal: bool,
    /// Every target.
    pub targets: Vec<TargetSummary>,
    /// Where the console is.
    pub console: String,
}

/// One target beside the directory.
#[derive(Debug, Serialize)]
pub(super) struct TargetSummary {
    /// The target's name.
    pub name: String,
    /// Whether it agrees.
    pub equal: bool,
    /// What was compared.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// Milliseconds that the first cycle of this run took.
    pub cycle_millis: u64,
    /// Milliseconds from the last change in the directory until the target agreed; none when it never did.
    pub changes_millis: Option<u64>,
}

impl Summary {
    /// The table for people.
    pub fn text(&self) -> String {
        let mut table = Table::new(["target", "", "directory", "target", "equal", "time"]);
        for target in &self.targets {
            let Comparison {
                people,
                groups,
                memberships,
                ..
            } = &target.comparison;
            let changes = target
                .changes_millis
                .map_or("changes never arrived".to_owned(), |ms| {
                    format!("changes {}", seconds(ms))
                });
            let rows = [
                (
                    target.name.as_str(),
                    "people",
                    people,
                    format!("cycle {}", seconds(target.cycle_millis)),
                ),
                ("", "groups", groups, changes),
                ("", "memberships", memberships, String::new()),
            ];
            for (name, what, count, time) in rows {
                row(&mut table, name, what, count, time);
            }
        }
        let mut text = table.text_or("");
        for target in self.targets.iter().filter(|target| !target.equal) {
            text.push_str(&format!("\n\n{} differs:", target.name));
            text.extend(
                target
                    .comparison
                    .differences
                    .iter()
                    .map(|difference| format!("\n  {difference}")),
            );
        }
        text
    }
}

fn row(table: &mut Table, name: &str, what: &str, count: &Count, time: String) {
    let equal = if count.equal { "yes" } else { "NO" };
    table.row([
        name.to_owned(),
        what.to_owned(),
        count.directory.to_string(),
        count.target.to_string(),
        equal.to_owned(),
        time,
    ]);
}

fn seconds(millis: u64) -> String {
    format!("{:.1} s", millis as f64 / 1000.0)
}

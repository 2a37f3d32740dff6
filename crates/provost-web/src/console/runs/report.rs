//! What a cycle did, read from the counts that it left behind.

use super::action;
use crate::texts::{Language, text};
use provost_store::cycle::Cycle;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The counts of a cycle that has ended, as the engine wrote them. A cycle that was cut short has none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Report {
    pub looked: i64,
    pub applied: BTreeMap<String, i64>,
    pub adopted: i64,
    pub failed: i64,
    pub skipped: i64,
    pub held: Vec<Held>,
    pub drift: i64,
    pub unresolved: i64,
    pub reason: String,
    pub millis: i64,
}

/// Steps that the cycle left to a person.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Held {
    pub rule: String,
    pub sentence: String,
    pub steps: i64,
}

impl Report {
    pub fn of(cycle: &Cycle) -> Self {
        serde_json::from_str(&cycle.counts).unwrap_or_default()
    }

    /// How many steps were carried out of each action, those that there are: the action and its number.
    pub fn by_action(&self) -> Vec<(String, i64)> {
        action::ALL
            .iter()
            .filter_map(|one| {
                let count = self.applied.get(&action::name(*one)).copied().unwrap_or(0);
                (count > 0).then(|| (one.to_string(), count))
            })
            .collect()
    }

    /// Whether something was taken away that can be given back.
    pub fn takes(&self) -> bool {
        self.by_action()
            .iter()
            .any(|(one, _)| action::is_removal(one) && one != "delete")
    }

    /// Steps that wait for a person.
    pub fn held_steps(&self) -> i64 {
        self.held.iter().map(|held| held.steps).sum()
    }

    /// Everything in one line of a list.
    pub fn told(&self, language: Language) -> String {
        let mut parts: Vec<String> = self
            .by_action()
            .iter()
            .map(|(one, count)| format!("{} {}", language.number(*count), language.t(action::word(one))))
            .collect();
        let rest = [
            (self.failed, text("{} failed")),
            (self.held_steps(), text("{} held")),
            (self.drift, text("{} changed in the target")),
        ];
        let rest = rest.iter().filter(|(count, _)| *count > 0);
        parts.extend(rest.map(|(count, words)| language.f(words, &[&language.number(*count)])));
        if parts.is_empty() {
            return language.t("nothing to do").to_owned();
        }
        parts.join(" · ")
    }
}

/// The word of a cycle's state: a text of the catalogue.
pub(super) fn word(state: &str) -> &'static str {
    match state {
        "running" => text("running"),
        "stopping" => text("stopping"),
        "done" => text("done"),
        "held" => text("held"),
        "failed" => text("failed"),
        _ => text("stopped"),
    }
}

/// How a cycle's state is coloured: one that is stopping still runs.
pub(super) fn class(state: &str) -> &str {
    match state {
        "stopping" => "running",
        other => other,
    }
}

/// What a cycle's state means: a text of the catalogue.
pub(super) fn about(state: &str) -> &'static str {
    match state {
        "running" => text(
            "It runs now. It can be stopped safely: what is written is written, and the next cycle goes on from there.",
        ),
        "stopping" => text("Somebody stopped it: it ends before its next write."),
        "done" => text("It went through. What failed for single people or groups is tried again by itself."),
        "held" => {
            text("It went through, but the deletion guard or a rule kept steps for a person's decision.")
        }
        "failed" => text(
            "It ended early. The next cycle goes on from where it was, and nothing is removed because of that.",
        ),
        _ => text("It was stopped, or its process ended. The next cycle goes on from where it was."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(counts: &str) -> Report {
        Report::of(&Cycle {
            key: 1,
            mode: "incremental".to_owned(),
            started: 0,
            finished: Some(5),
            state: "done".to_owned(),
            counts: counts.to_owned(),
        })
    }

    #[test]
    fn a_report_is_told_in_one_line() {
        let found = report(
            r#"{"applied":{"create":1200,"remove_member":2},"failed":1,"held":[{"rule":"people","steps":4}]}"#,
        );
        assert_eq!(
            found.told(Language::English),
            "1,200 create · 2 remove member · 1 failed · 4 held"
        );
        assert!(found.takes());
        assert_eq!(report("{}").told(Language::English), "nothing to do");
        assert!(
            !report(r#"{"applied":{"delete":3}}"#).takes(),
            "what is deleted cannot be given back"
        );
    }
}

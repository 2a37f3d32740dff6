//! What a guard says of something that was sent: sentences on top of the form and under the very field, and the place
//! in a text where it has one.

use super::excerpt::Excerpt;
use crate::console::faults::Faults;
use provost_engine::rule::RuleError;
use provost_sync::Error as Sync;
use provost_sync::setup::RuleFault;

/// The field of what is about the form as a whole.
const WHOLE: &str = "";

/// A sentence about a place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub excerpt: Excerpt,
    pub message: String,
    /// What to do about it: "did you mean Join?".
    pub hint: String,
}

/// A sentence with what to do, and its stable word.
pub(in crate::console) fn sentence(what: &str, hint: &str, code: &str) -> String {
    let mut text = what.trim_end_matches('.').to_owned();
    text.push('.');
    for more in [hint, code] {
        if !more.is_empty() {
            text.push(' ');
            text.push_str(more);
        }
    }
    text
}

/// A warning or refusal of a target, for people.
pub(super) fn of_fault(fault: &RuleFault) -> String {
    let about = match fault.attribute.as_str() {
        "" => fault.rule.clone(),
        attribute => format!("{}, {attribute}", fault.rule),
    };
    sentence(&format!("{about}: {}", fault.reason), &fault.hint, &fault.code)
}

fn of_rule(error: &RuleError) -> String {
    let about = match &error.target {
        None => error.rule.clone(),
        Some(target) => format!("{}, {target}", error.rule),
    };
    sentence(&format!("{about}: {}", error.message), &error.hint, "")
}

/// What a guard says, a sentence each.
pub(in crate::console) fn all(error: &Sync) -> Faults {
    let mut faults = Faults::none();
    match error {
        Sync::Rules(errors) => errors.iter().for_each(|error| faults.add(WHOLE, of_rule(error))),
        Sync::Faults(found) => found.iter().for_each(|fault| faults.add(WHOLE, of_fault(fault))),
        Sync::Fields(lines) => lines
            .iter()
            .for_each(|line| faults.add(line.field, sentence(&line.sentence, &line.hint, &line.code))),
        other => faults.add(WHOLE, refusal(other)),
    }
    faults
}

/// A refusal of the whole.
fn refusal(error: &Sync) -> String {
    match error {
        Sync::Refused {
            code,
            sentence: what,
            hint,
        } => sentence(what, hint, code),
        Sync::Store(provost_store::Error::Refused {
            code,
            sentence: what,
            hint,
        }) => sentence(what, hint, code),
        other => sentence(&other.to_string(), other.hint(), ""),
    }
}

/// A mapping that is being edited.
pub(super) struct Edited<'a> {
    pub rule: &'a str,
    pub target: &'a str,
    /// The form's field that holds the text.
    pub field: &'a str,
    pub text: &'a str,
}

impl Edited<'_> {
    /// What a guard says where this mapping is edited: what is about its text stands under that text.
    pub fn faults(&self, error: &Sync) -> (Faults, Vec<Mark>) {
        let (mut faults, mut marks) = (Faults::none(), Vec::new());
        match error {
            Sync::Rules(errors) => errors.iter().for_each(|error| {
                if error.rule != self.rule || error.target.as_deref() != Some(self.target) {
                    faults.add(WHOLE, of_rule(error));
                    return;
                }
                faults.add(self.field, sentence(&error.message, &error.hint, ""));
                marks.extend(error.span.clone().map(|span| Mark {
                    excerpt: Excerpt::of_bytes(self.text, span),
                    message: error.message.clone(),
                    hint: error.hint.clone(),
                }));
            }),
            Sync::Faults(found) => found.iter().for_each(|fault| {
                if fault.rule == self.rule && fault.attribute == self.target {
                    faults.add(self.field, sentence(&fault.reason, &fault.hint, &fault.code));
                } else {
                    faults.add(WHOLE, of_fault(fault));
                }
            }),
            other => return (all(other), marks),
        }
        (faults, marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_once_and_says_what_to_do() {
        assert_eq!(
            sentence("it is taken", "Choose another.", "PRV-X"),
            "it is taken. Choose another. PRV-X"
        );
        assert_eq!(sentence("it is taken.", "", ""), "it is taken.");
    }

    #[test]
    fn what_is_about_the_edited_text_stands_under_it() {
        let error = |target: &str, span| RuleError {
            rule: "people".to_owned(),
            target: Some(target.to_owned()),
            span,
            message: "no function Jion".to_owned(),
            hint: "did you mean Join?".to_owned(),
        };
        let edited = Edited {
            rule: "people",
            target: "displayName",
            field: "expression",
            text: "Jion([a])",
        };
        let both = Sync::Rules(vec![error("displayName", Some(0..4)), error("title", None)]);
        let (faults, marks) = edited.faults(&both);
        assert_eq!(faults.of("expression"), "no function Jion. did you mean Join?");
        assert_eq!(
            faults.of(""),
            "people, title: no function Jion. did you mean Join?"
        );
        assert_eq!(marks.len(), 1);
        assert_eq!(marks[0].excerpt.marked, "Jion");
    }
}

//! What the store says about something that was entered: a sentence below the field, where a person can mend it.

use crate::console::faults::Faults;
use crate::console::refusal::Refusal;
use provost_store::Error as Store;

/// A refusal becomes a fault of `field`; what nobody at the page can mend stays an error.
pub(in crate::console) fn fault(error: Store, field: &str) -> Result<Faults, Refusal> {
    match error {
        Store::Refused { code, sentence, hint } => Ok(Faults::one(field, told(&sentence, &hint, code))),
        other => Err(other.into()),
    }
}

/// What a guard refuses, as a page of its own; anything else stays what it is.
pub(in crate::console) fn refused(error: Store) -> Refusal {
    match error {
        Store::Refused { code, sentence, hint } => Refusal::Entered(sentence, format!("{hint} {code}")),
        other => other.into(),
    }
}

/// A refusal in two sentences, with the code by which it is looked up.
fn told(sentence: &str, hint: &str, code: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}. {hint} {code}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_sentences_and_a_failure_stays_one() {
        let refused = Store::Refused {
            code: "PRV-NAME",
            sentence: "the name of the group is empty".to_owned(),
            hint: "Give it one.".to_owned(),
        };
        let faults = fault(refused, "name").ok().unwrap();
        assert_eq!(
            faults.of("name"),
            "The name of the group is empty. Give it one. PRV-NAME"
        );
        assert!(fault(Store::Closed, "name").is_err());
    }
}

//! What a person has to have seen before something is done.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

/// Names that a question lists.
pub(crate) const NAMED: usize = 100;

/// What a person has confirmed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Confirm {
    /// The digest of the question that was answered with yes.
    pub digest: Option<String>,
    /// What was typed: the name of what goes.
    pub typed: Option<String>,
    /// Whether "I understand" was ticked.
    pub understood: bool,
}

/// A consequence that a person has to have seen.
pub(crate) struct Question {
    pub code: &'static str,
    pub sentence: String,
    pub hint: &'static str,
    /// Who or what is concerned.
    pub list: Vec<String>,
}

/// Lets pass what was confirmed exactly so. Several questions are one to the person.
pub(crate) fn settle(questions: Vec<Question>, confirm: &Confirm) -> Result<()> {
    let Some(first) = questions.first() else {
        return Ok(());
    };
    let (code, hint) = (first.code, first.hint);
    let mut hash = Xxh3::new();
    for question in &questions {
        let parts = [question.code, &question.sentence].into_iter();
        for part in parts.chain(question.list.iter().map(String::as_str)) {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
    }
    let digest = format!("{:016x}", hash.digest());
    if confirm.digest.as_ref() == Some(&digest) {
        return Ok(());
    }
    let sentences: Vec<&str> = questions.iter().map(|q| q.sentence.as_str()).collect();
    Err(Error::Confirm {
        code,
        sentence: sentences.join(" "),
        hint,
        digest,
        list: questions
            .iter()
            .flat_map(|q| q.list.iter().take(NAMED).cloned())
            .collect(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn question(sentence: &str) -> Question {
        Question {
            code: "PRV-TEST",
            sentence: sentence.to_owned(),
            hint: "Look.",
            list: vec!["Ann".to_owned()],
        }
    }

    #[test]
    fn a_confirmation_is_bound_to_what_was_shown() {
        assert!(settle(Vec::new(), &Confirm::default()).is_ok());
        let Err(Error::Confirm { digest, list, .. }) = settle(vec![question("5 go.")], &Confirm::default())
        else {
            panic!("it has to be confirmed");
        };
        assert_eq!(list, ["Ann"]);
        let confirm = Confirm {
            digest: Some(digest),
            ..Confirm::default()
        };
        assert!(settle(vec![question("5 go.")], &confirm).is_ok());
        assert!(settle(vec![question("6 go.")], &confirm).is_err());
        let understood = Confirm {
            understood: true,
            ..Confirm::default()
        };
        assert!(settle(vec![question("5 go.")], &understood).is_err());
    }
}

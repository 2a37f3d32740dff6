//! Whether the target can be searched by what a rule matches on: asked before the rule is saved.

use crate::proposal::Proposal;
use crate::{Engine, Result, open};
use provost_engine::matching::TARGET_ID;
use provost_engine::object::Kind;
use provost_engine::rule::Rule;

/// What the target said about one matching attribute.
#[derive(Debug, Clone)]
pub struct MatchingCheck {
    /// The rule and the attribute, for people.
    pub name: String,
    /// The rule's name.
    pub rule: String,
    /// The target attribute.
    pub attribute: String,
    /// What was found; or why the target cannot be searched by it.
    pub outcome: std::result::Result<String, provost_connect::Error>,
}

impl Engine {
    /// Asks the target about every matching attribute of these rules, as if they were saved: a search for a value
    /// that nobody has must be answered with an empty list.
    ///
    /// # Errors
    /// [`crate::Error::Rules`] when a rule does not compile; [`crate::Error::Target`] when the target cannot be
    /// reached at all.
    pub async fn check_matching(&self, connection: i64, rules: &[Rule]) -> Result<Vec<MatchingCheck>> {
        let proposal = Proposal {
            rules: Some(rules.to_vec()),
            ..Proposal::default()
        };
        let open = open::open_with(self, connection, &proposal).await?;
        let mut checks = Vec::new();
        let mut known: Vec<(Kind, String, std::result::Result<String, provost_connect::Error>)> = Vec::new();
        for rule in open.rules.iter() {
            for attribute in rule.compiled.matching().iter().filter(|a| *a != TARGET_ID) {
                let before = known.iter().find(|(k, a, _)| *k == rule.kind && a == attribute);
                let answer = match before {
                    Some((_, _, answer)) => answer.clone(),
                    None => {
                        let check = open.target.can_match(rule.kind, attribute).await?;
                        known.push((rule.kind, attribute.clone(), check.outcome.clone()));
                        check.outcome
                    }
                };
                checks.push(MatchingCheck {
                    name: format!("{}, {attribute}", rule.name),
                    rule: rule.name.clone(),
                    attribute: attribute.clone(),
                    outcome: answer,
                });
            }
        }
        Ok(checks)
    }
}

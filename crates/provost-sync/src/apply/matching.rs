//! Recognising an object in the target: matching attributes one after another, the first hit decides.
//! Several hits are never guessed.

use crate::open::{ActiveRule, Open};
use provost_connect::{Account, Result};
use provost_engine::rule::Evaluation;
use serde_json::Value;

/// What a search found.
pub(crate) enum Match {
    /// Nobody: it may be created.
    None,
    /// This one, by this attribute.
    One(Account, String),
    /// Several have the same value of this attribute.
    Several(String, Vec<Account>),
}

/// Looks for the object by its link key, then by the rule's matching attributes in their order.
pub(crate) async fn find(
    open: &Open,
    rule: &ActiveRule,
    key: &str,
    evaluation: &Evaluation,
) -> Result<Match> {
    if let found @ (Match::One(..) | Match::Several(..)) = made_before(open, rule, key).await? {
        return Ok(found);
    }
    for (attribute, value) in &evaluation.matching {
        match by(open, rule, attribute, value).await? {
            Match::None => {}
            found => return Ok(found),
        }
    }
    Ok(Match::None)
}

/// Looks for the object by its link key alone, which only what was made by us has.
pub(crate) async fn made_before(open: &Open, rule: &ActiveRule, key: &str) -> Result<Match> {
    match open.target.link_key(rule.kind, key) {
        Some((attribute, value)) => by(open, rule, &attribute, &value).await,
        None => Ok(Match::None),
    }
}

async fn by(open: &Open, rule: &ActiveRule, attribute: &str, value: &Value) -> Result<Match> {
    let mut found = open.target.find(rule.kind, attribute, value).await?;
    if found.len() > 1 {
        return Ok(Match::Several(attribute.to_owned(), found));
    }
    Ok(match found.pop() {
        None => Match::None,
        Some(account) => Match::One(account, attribute.to_owned()),
    })
}

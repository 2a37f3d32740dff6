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
    Several(String),
}

/// Looks for the object by its link key, then by the rule's matching attributes in their order.
pub(crate) async fn find(
    open: &Open,
    rule: &ActiveRule,
    key: &str,
    evaluation: &Evaluation,
) -> Result<Match> {
    if let Some((attribute, value)) = open.target.link_key(rule.kind, key)
        && let found @ (Match::One(..) | Match::Several(_)) = by(open, rule, &attribute, &value).await?
    {
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

async fn by(open: &Open, rule: &ActiveRule, attribute: &str, value: &Value) -> Result<Match> {
    let mut found = open.target.find(rule.kind, attribute, value).await?;
    Ok(match (found.pop(), found.is_empty()) {
        (None, _) => Match::None,
        (Some(account), true) => Match::One(account, attribute.to_owned()),
        (Some(_), false) => Match::Several(attribute.to_owned()),
    })
}

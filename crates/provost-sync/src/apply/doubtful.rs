//! What was found in the target and is not taken over without a person: several, a weak match, somebody else's
//! immutable id, a group of the same name.

use super::outcome::{Failed, Outcome, REFUSED_WAIT};
use super::run::Run;
use super::{entra, group_name};
use crate::doubt::{FOREIGN, SEVERAL, WEAK};
use crate::open::{ActiveRule, Open};
use provost_connect::Account;
use provost_engine::object::{Kind, Record};
use provost_engine::rule::Evaluation;
use provost_store::doubt::Candidate;
use provost_store::{directory, link};
use serde_json::Value;

/// By which Entra knows an account of a directory that is mastered elsewhere (Microsoft Graph `user` resource).
const IMMUTABLE: &str = "onPremisesImmutableId";
/// The attribute that says least about whose an account is: it is given to somebody else, shared, and mistyped.
const MAIL: &str = "mail";
/// Attributes that name an object, the best first.
const NAMES: [&str; 4] = ["userPrincipalName", "userName", "displayName", "mail"];

/// A doubt instead of an account.
pub(super) async fn doubtful(
    run: &Run,
    rule: &ActiveRule,
    code: &'static str,
    sentence: String,
    accounts: &[Account],
    matched_by: &str,
) -> Outcome {
    let candidates = candidates(run, rule, accounts, matched_by).await;
    Outcome::Failed(Box::new(Failed {
        code: code.to_owned(),
        word: entra::SEVERAL,
        reason: format!("{code}: {sentence}"),
        wait: Some(REFUSED_WAIT),
        error: None,
        candidates,
    }))
}

/// Several accounts have the same value of a matching attribute.
pub(super) async fn several(run: &Run, rule: &ActiveRule, attribute: &str, accounts: &[Account]) -> Outcome {
    let sentence = format!(
        "several objects in the target have the same {attribute}. Say which one it is, or correct it there; Provost \
         does not guess."
    );
    doubtful(run, rule, SEVERAL, sentence, accounts, attribute).await
}

/// Why an account that was found by this attribute is not taken over just so: code and sentence. What Provost made
/// itself is beyond doubt.
pub(super) fn by_match(
    open: &Open,
    rule: &ActiveRule,
    key: &str,
    matched: &str,
) -> Option<(&'static str, String)> {
    let own = open
        .target
        .link_key(rule.kind, key)
        .is_some_and(|(attribute, _)| attribute == matched);
    if own {
        return None;
    }
    if rule.kind == Kind::Group {
        return group_name::by_match(matched);
    }
    let is_weak = matched == MAIL && rule.compiled.matching().len() > 1;
    is_weak.then(|| {
        let sentence = "an account was found by its mail address only, which may have been given to somebody else. \
                        Say whether it is this person's.";
        (WEAK, sentence.to_owned())
    })
}

/// Why an account that was read is not taken over just so.
pub(super) fn by_content(
    rule: &ActiveRule,
    found: &Record,
    evaluation: &Evaluation,
) -> Option<(&'static str, String)> {
    let text = |record: &Record| record.get(IMMUTABLE).and_then(Value::as_str).map(str::to_owned);
    let held = text(found).filter(|held| !held.is_empty())?;
    let wanted = text(&evaluation.create).or_else(|| text(&evaluation.update))?;
    (rule.kind == Kind::Person && held != wanted).then(|| {
        let sentence = "the account that matches carries another immutable id: it is joined to somebody else's record, \
                        or to this person's in another directory. Say whether it is this person's.";
        (FOREIGN, sentence.to_owned())
    })
}

/// What is shown of accounts to whoever decides.
pub(super) async fn candidates(
    run: &Run,
    rule: &ActiveRule,
    accounts: &[Account],
    matched_by: &str,
) -> Vec<Candidate> {
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
    let key = rule.key;
    let owners = run
        .db
        .read(move |tx| {
            let mut owners = Vec::with_capacity(ids.len());
            for id in &ids {
                let owner = match link::object_of_target(tx, key, id)? {
                    Some(object) => directory::by_key(tx, object)?.map(|o| o.id.to_string()),
                    None => None,
                };
                owners.push(owner.unwrap_or_default());
            }
            Ok::<_, provost_store::Error>(owners)
        })
        .await;
    // Without them the candidates are less well described, and a decision is checked again when it is carried out.
    let owners = owners.unwrap_or_else(|_| vec![String::new(); accounts.len()]);
    accounts
        .iter()
        .zip(owners)
        .map(|(account, owner)| candidate(account, owner, matched_by))
        .collect()
}

fn candidate(account: &Account, linked_to: String, matched_by: &str) -> Candidate {
    let text = |name: &str| account.record.get(name).and_then(Value::as_str);
    let mut detail: Vec<String> = Vec::new();
    if account.enabled == Some(false) {
        detail.push("disabled".to_owned());
    }
    detail.extend(text(IMMUTABLE).map(|id| format!("immutable id {id}")));
    Candidate {
        target_id: account.id.clone(),
        label: NAMES
            .iter()
            .find_map(|name| text(name))
            .unwrap_or(&account.id)
            .to_owned(),
        matched_by: matched_by.to_owned(),
        detail: detail.join(", "),
        deleted: false,
        linked_to,
    }
}

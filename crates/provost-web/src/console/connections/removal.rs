//! `/connections/{name}/rules/{rule}/remove`: taking a rule away, once it was seen what becomes of its accounts.

use super::aside;
use super::base::{OfRule, at};
use super::rule;
use super::save::{self, Found};
use super::trouble;
use crate::console::confirm::{self, Question};
use crate::console::done;
use crate::console::page;
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::response::Response;
use provost_engine::object::Kind;
use provost_engine::rule::RemoveAction;
use provost_sync::setup::Confirm;
use provost_sync::{Error as Sync, RuleRemoval};

type OfPath = std::result::Result<Path<OfRule>, PathRejection>;

/// Takes the rule away. Where accounts go with it, this first shows whose, and wants the rule's name.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: OfPath,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let found = save::find(&state, &visitor, &path.name, &path.rule).await?;
    let (here, all) = (
        at(&found.place, &["rules", &path.rule]),
        at(&found.place, &["rules"]),
    );
    let given = confirm::given(&form);
    // One that closes no account goes at once, and its links with it: that is asked here.
    if given == Confirm::default()
        && !found
            .place
            .connection
            .preferences
            .allowed
            .deprovision_on_rule_deletion
    {
        return Ok(ask_again(&visitor, &found, &form, &here, &forgotten(&path.rule)));
    }
    let (engine, actor, key) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        found.place.connection.key,
    );
    let name = path.rule.clone();
    let deed = async move { engine.remove_rule(key, &name, &given, &actor).await };
    match aside::finish(deed).await? {
        Ok(told) if told.done => Ok(page::elsewhere(&done::after(&all, "removed"))),
        Ok(told)
            if told.held.is_empty()
                && !found.rule().removing
                && confirm::given(&form) == Confirm::default() =>
        {
            Ok(ask(&visitor, &found, &form, &here, &told))
        }
        Ok(_) => Ok(page::elsewhere(&here)),
        Err(error @ Sync::Confirm { .. }) => Ok(ask_again(&visitor, &found, &form, &here, &error)),
        Err(error @ (Sync::Refused { .. } | Sync::Running | Sync::Rules(_) | Sync::Target(_))) => {
            let before = found.rule().clone();
            let page = rule::page(&visitor, &found, &before, trouble::all(&error));
            Ok(page::html(aside::status(&error), &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks whether a rule is to go together with its accounts.
fn ask(visitor: &Visitor, found: &Found, form: &Form, here: &str, told: &RuleRemoval) -> Response {
    let language = visitor.language;
    let count = i64::try_from(told.people).unwrap_or(i64::MAX);
    let (verb, undo) = match told.action {
        RemoveAction::Delete => (
            language.n(
                count,
                "Remove the rule and delete 1 account",
                "Remove the rule and delete {} accounts",
            ),
            text(
                "A deleted account comes back only from the recycle bin of the target: Microsoft 365 keeps it for 30 days.",
            ),
        ),
        RemoveAction::Disable | RemoveAction::Leave => (
            language.n(
                count,
                "Remove the rule and disable 1 account",
                "Remove the rule and disable {} accounts",
            ),
            text("A disabled account is enabled again as soon as a rule means its person again."),
        ),
    };
    let question = Question {
        verb,
        undo: language.t(undo).to_owned(),
        action: &at(&found.place, &["rules", &found.rule().name, "remove"]),
        back: here.to_owned(),
        typed: Some(found.rule().name.as_str()),
    };
    question.ask(visitor, &closed(told, found.rule().object), form)
}

/// Asks what an error asks.
fn ask_again(visitor: &Visitor, found: &Found, form: &Form, here: &str, error: &Sync) -> Response {
    let closes = found
        .place
        .connection
        .preferences
        .allowed
        .deprovision_on_rule_deletion;
    let question = Question {
        verb: visitor.language.t(text("Remove the rule")).to_owned(),
        action: &at(&found.place, &["rules", &found.rule().name, "remove"]),
        back: here.to_owned(),
        typed: closes.then_some(found.rule().name.as_str()),
        ..Question::default()
    };
    question.ask(visitor, error, form)
}

/// What the removal of a rule means whose accounts stay.
fn forgotten(rule: &str) -> Sync {
    Sync::Confirm {
        code: "PRV-RULE-FORGET",
        sentence: format!(
            "The accounts that the rule \"{rule}\" has written stay as they are, and Provost forgets that it wrote them."
        ),
        hint: "A new rule finds them again by its matching attributes. Switch the rule off instead if you only want it \
               to rest.",
        digest: "forget".to_owned(),
        list: Vec::new(),
    }
}

/// What the removal of a rule means whose accounts go with it.
fn closed(told: &RuleRemoval, kind: Kind) -> Sync {
    let verb = match told.action {
        RemoveAction::Delete => "deleted",
        RemoveAction::Disable | RemoveAction::Leave => "disabled",
    };
    let whose = match kind {
        Kind::Person => "people",
        Kind::Group => "groups",
    };
    let mut sentence = format!("The accounts of {} {whose} would be {verb}.", told.people);
    if told.kept_by_other_rules > 0 {
        let kept = told.kept_by_other_rules;
        sentence.push_str(&format!(
            "\n{kept} keep theirs: another rule of the connection means them too."
        ));
    }
    Sync::Confirm {
        code: "PRV-RULE-DEPROVISION",
        sentence,
        hint: "Read who they are, then type the rule's name. The guard weighs it like any other cycle.",
        digest: told.digest.clone(),
        list: told.labels.clone(),
    }
}

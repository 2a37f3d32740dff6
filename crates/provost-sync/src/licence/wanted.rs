//! What licences a person is to have, and the steps that lead there from what Provost gave.

use super::catalogue::{Catalogue, Unknown, Wish};
use crate::open::{ActiveRule, Open};
use crate::survey::Look;
use provost_connect::Error as TargetError;
use provost_engine::plan::{Action, Decision, Reason, Step};
use provost_store::Tx;
use provost_store::connection::Preferences;
use provost_store::link::Link;
use provost_store::link_licence::{Given, Origin};
use std::collections::BTreeMap;

/// The stable word for a product or service that the organisation does not own.
pub(super) const UNKNOWN: &str = "PRV-LICENCE-UNKNOWN";
/// The stable word for a service that is not in its product.
const PLAN: &str = "PRV-LICENCE-PLAN";
/// The stable word for products that could not be read yet.
const UNREAD: &str = "PRV-LICENCE-UNREAD";

/// A person as their licences are looked at.
pub(crate) struct Holder<'a> {
    pub look: &'a Look,
    pub link: Option<&'a Link>,
    /// Whether somebody said that the person leaves.
    pub leaves: bool,
    /// Whether the rule has a mapping that gives licences.
    pub is_mapped: bool,
    /// What the rule's leaver mapping says of somebody who is gone from the directory.
    pub farewell: Option<&'a [String]>,
    /// What the person's groups bring.
    pub brought: &'a [Wish],
}

/// A licence that a person is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Ids of the services that are left out, sorted.
    pub plans: Vec<String>,
    pub origin: Origin,
}

/// What a person is to have, by product, and what may be taken back of the rest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Aim {
    pub wanted: BTreeMap<i64, Wanted>,
    takes: Takes,
}

/// Which of the licences that stand in the list and are not wanted are taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Takes {
    /// None of them.
    #[default]
    Nothing,
    /// Those that a group brought.
    Brought,
    /// Those that Provost gave.
    Given,
    /// Those that were only found on the account as well.
    Everything,
}

impl Takes {
    fn includes(self, origin: Origin) -> bool {
        match origin {
            Origin::Mapping => self >= Self::Given,
            Origin::Group | Origin::Begun => self >= Self::Brought,
            Origin::Found => self >= Self::Everything,
        }
    }
}

impl PartialOrd for Takes {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (*self as u8).partial_cmp(&(*other as u8))
    }
}

/// What a person is to have. `None`: nothing follows, and what the account has stays.
///
/// # Errors
/// [`Unknown`] when the mapping names what the organisation does not own.
pub(crate) fn aim(
    holder: &Holder<'_>,
    catalogue: &Catalogue,
    preferences: &Preferences,
) -> Result<Option<Aim>, Unknown> {
    if !has_account(holder) {
        return Ok(None);
    }
    let given = match preferences.remove_licences_when_empty {
        true => Takes::Everything,
        false => Takes::Given,
    };
    let nothing = |takes| {
        Ok(Some(Aim {
            takes,
            ..Aim::default()
        }))
    };
    let evaluation = holder.look.evaluation.as_ref();
    if holder.leaves {
        return nothing(given);
    }
    let is_closed = matches!(holder.look.decision, Decision::Disable(_))
        || holder.link.is_some_and(|link| !link.enabled)
            && !matches!(holder.look.decision, Decision::Restore(_));
    if is_closed && preferences.leaver.licences {
        return nothing(given);
    }
    let mapped = evaluation.and_then(|e| e.licences.as_deref());
    if !evaluation.is_some_and(|e| e.is_present()) {
        // A leaver mapping may have cleared them; else they stay until somebody is meant again.
        return match mapped.or(holder.farewell) {
            Some([]) => nothing(given),
            _ => Ok(None),
        };
    }
    let mut aim = Aim::default();
    for text in mapped.into_iter().flatten() {
        aim.want(catalogue.resolve(text)?, Origin::Mapping);
    }
    for wish in holder.brought {
        aim.want(wish.clone(), Origin::Group);
    }
    aim.takes = match mapped {
        Some([]) => given,
        Some(_) => Takes::Given,
        None if holder.is_mapped => Takes::Brought,
        None if preferences.remove_licences_when_empty => Takes::Everything,
        None => Takes::Brought,
    };
    Ok(Some(aim))
}

impl Aim {
    /// Two wishes for one product leave out only what both leave out.
    fn want(&mut self, (product, plans): Wish, origin: Origin) {
        match self.wanted.get_mut(&product) {
            Some(known) => known.plans.retain(|plan| plans.contains(plan)),
            None => drop(self.wanted.insert(product, Wanted { plans, origin })),
        }
    }

    /// Whether every licence that is directly on the account and not wanted is to go.
    pub fn takes_everything(&self) -> bool {
        self.takes == Takes::Everything
    }

    /// Ids of the services that are left out of a product; none when the person is not to have it.
    pub fn plans(&self, product: i64) -> Option<&[String]> {
        self.wanted.get(&product).map(|wanted| wanted.plans.as_slice())
    }

    /// What is to be done, compared with what stands in the list.
    pub fn steps(&self, person: i64, given: &[Given]) -> Vec<Step> {
        let has = |product: i64, wanted: &Wanted| {
            given.iter().any(|g| {
                g.product == product && g.disabled_plans == wanted.plans && g.origin != Origin::Begun
            })
        };
        let missing = self
            .wanted
            .iter()
            .filter(|(product, wanted)| !has(**product, wanted));
        let adds = missing.map(|(product, _)| Step::licence(person, *product, Action::AddLicence));
        let surplus = given
            .iter()
            .filter(|g| !self.wanted.contains_key(&g.product) && self.takes.includes(g.origin));
        let removes = surplus.map(|g| Step::licence(person, g.product, Action::RemoveLicence));
        adds.chain(removes).collect()
    }
}

/// Whether there is an account once the person's own step is carried out.
fn has_account(holder: &Holder<'_>) -> bool {
    match &holder.look.decision {
        Decision::Create => true,
        Decision::Delete | Decision::Skip(Reason::Ignored | Reason::RuleOff) => false,
        _ => holder.link.is_some(),
    }
}

/// What a person is to have, with everything that this follows from read from the store. `None`: nothing follows, or
/// the mapping names what the organisation does not own.
///
/// # Errors
/// Any error of the store.
pub(crate) fn aim_of(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    key: i64,
    look: &Look,
    link: Option<&Link>,
) -> provost_store::Result<Option<Aim>> {
    with_holder(tx, open, rule, key, look, link, |holder| {
        aim(holder, &open.licences, &open.preferences).ok().flatten()
    })
}

/// The steps for a person; or why the person fails, as code and sentence.
///
/// # Errors
/// Any error of the store.
pub(crate) fn steps_of(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    key: i64,
    look: &Look,
    link: Option<&Link>,
    given: &[Given],
) -> provost_store::Result<Result<Vec<Step>, (String, String)>> {
    with_holder(tx, open, rule, key, look, link, |holder| {
        match aim(holder, &open.licences, &open.preferences) {
            Ok(Some(aim)) => Ok(aim.steps(key, given)),
            Ok(None) => Ok(Vec::new()),
            Err(Unknown(name)) => Err(not_understood(&open.licences, &name)),
        }
    })
}

fn with_holder<T>(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    key: i64,
    look: &Look,
    link: Option<&Link>,
    then: impl FnOnce(&Holder<'_>) -> T,
) -> provost_store::Result<T> {
    let brought = open
        .brought
        .to(tx, &open.licences, open.preferences.nested, key)?;
    let farewell = rule.compiled.leaver_licences();
    Ok(then(&Holder {
        look,
        link,
        leaves: open.leavers.contains(&key),
        is_mapped: rule.compiled.maps_licences(),
        farewell: farewell.as_deref(),
        brought: &brought,
    }))
}

fn unknown(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    format!(
        "the organisation owns nothing that is called \"{name}\". Correct the mapping of licences, or buy the product; \
         the licence page lists what there is."
    )
}

/// Why a text of the mapping names nothing: the product, one of its services, or nobody knows what there is.
fn not_understood(catalogue: &Catalogue, name: &str) -> (String, String) {
    if catalogue.products().next().is_none() {
        let sentence = "what the organisation owns could not be read, so nobody knows what its licences are called. \
                        Test the connection: reading products needs a permission of its own.";
        return (UNREAD.to_owned(), sentence.to_owned());
    }
    match name.split_once(" of ") {
        Some((plan, product)) => (
            PLAN.to_owned(),
            format!(
                "{product} has no service that is called \"{}\". Correct the mapping of licences; a service that is \
                 left out stands behind its product with a hyphen before it.",
                plan.trim_start_matches('-')
            ),
        ),
        None => unowned(name),
    }
}

/// What refuses a licence before the target is asked, as a failure of its own code.
pub(super) fn unowned(name: &str) -> (String, String) {
    (UNKNOWN.to_owned(), unknown(name))
}

/// Whether the target may have carried a change out although it answered with an error.
pub(super) fn may_be_done(error: &TargetError) -> bool {
    matches!(
        error,
        TargetError::AnswerLost { .. }
            | TargetError::Interrupted { .. }
            | TargetError::Unintelligible { .. }
            | TargetError::Unreachable { .. }
            | TargetError::Unavailable { .. }
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

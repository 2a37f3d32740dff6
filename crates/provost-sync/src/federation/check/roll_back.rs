//! The roll-back.

use super::{FederationCheck, Group};
use crate::federation::REST;
use crate::federation::facts::Facts;
use crate::federation::roll_back_command::check_word;
use provost_store::federation::free_at;

const ROLL_BACK: Group = Group::RollBack;

pub(super) fn checks(facts: &Facts) -> Vec<FederationCheck> {
    vec![saved(facts), tried(facts), rested(facts)]
}

fn saved(facts: &Facts) -> FederationCheck {
    let record = &facts.record;
    let word = check_word(&facts.provider, &facts.ours.values.issuer);
    let (is_green, evidence) = match (record.saved, record.saved_word == word) {
        (0, _) => (
            false,
            "Nobody keeps the command that takes the federation back without this hub.".to_owned(),
        ),
        (_, false) => (
            false,
            "The command that is kept is another by now: the address or the tenant has changed.".to_owned(),
        ),
        (_, true) => (true, format!("{} keeps the command {word}.", record.saved_by)),
    };
    FederationCheck::new("roll_back_saved", ROLL_BACK, is_green, evidence)
        .next("Print or download the command, keep it away from this hub, and type its check word.")
        .at("federation/command")
        .sealed(None, &[])
}

/// The path back, walked as far as it goes without changing anything.
fn tried(facts: &Facts) -> FederationCheck {
    let domain = &facts.provider.domain;
    let (is_green, evidence) = match &facts.tenant {
        Err(_) => (
            false,
            "The roll-back could not be tried: the tenant could not be asked.".to_owned(),
        ),
        Ok(tenant) => match &tenant.lacks {
            Some(lacks) if lacks.is_empty() => (
                true,
                format!(
                    "Tried without deleting: a token, the permission and the reading of /domains/{domain}/federationConfiguration \
                     work; DELETE of the configuration there would be sent."
                ),
            ),
            _ => (
                false,
                "The application may not delete the federation that it would make.".to_owned(),
            ),
        },
    };
    FederationCheck::new("roll_back_tried", ROLL_BACK, is_green, evidence)
        .next("Make the credentials and their permissions work first.")
        .at("provisioning")
        .sealed(None, &[])
}

fn rested(facts: &Facts) -> FederationCheck {
    let free = free_at(facts.record.switched, REST, facts.now);
    let evidence = match free {
        0 => "The last switch is ten minutes ago or more, or there was none.".to_owned(),
        free => format!(
            "Microsoft takes no other switch for {} more seconds.",
            (free - facts.now + 999) / 1000
        ),
    };
    let mut check = FederationCheck::new("rested", ROLL_BACK, free == 0, evidence)
        .next("Wait until the time is over.")
        .sealed(Some("resting"), &[]);
    check.free_at = free;
    check
}

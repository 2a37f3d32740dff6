//! The people of the domain and their accounts.

use super::{FederationCheck, Group};
use crate::federation::facts::Facts;
use crate::federation::trial::Present;

const PEOPLE: Group = Group::People;
/// The accounts have to have been read within this time, in milliseconds: a day.
const FRESH: i64 = 86_400_000;

pub(super) fn checks(facts: &Facts) -> Vec<FederationCheck> {
    vec![
        read(facts),
        migration(facts),
        equal(facts),
        unique(facts),
        no_address(facts),
        somebody(facts),
        active(facts),
        passkeys(facts),
        pilot(facts),
        quiet(facts),
    ]
}

fn read(facts: &Facts) -> FederationCheck {
    let age = facts.now - facts.read;
    let (is_green, evidence) = match facts.read {
        0 => (
            false,
            "The accounts of the tenant were never read to their end.".to_owned(),
        ),
        _ if age > FRESH => (
            false,
            "The accounts of the tenant were last read more than a day ago.".to_owned(),
        ),
        _ => (
            true,
            format!(
                "The accounts were read within a day; {} of the domain may sign in.",
                facts.people.enabled
            ),
        ),
    };
    FederationCheck::new("accounts_read", PEOPLE, is_green, evidence)
        .next("Read the accounts in the section Identifiers.")
        .at("identifiers")
        .sealed(None, &[])
}

fn migration(facts: &Facts) -> FederationCheck {
    FederationCheck::new(
        "migration_finished",
        PEOPLE,
        facts.gate.is_finished,
        facts.gate.evidence.clone(),
    )
    .next("Finish step 4: everybody is linked or exempt, and the migration is closed.")
    .at("migration")
    .sealed(Some("unfinished"), &[])
}

/// A check about a list of accounts, green when it is empty.
fn of_list(key: &str, names: &[String], fine: &str, wrong: &str) -> FederationCheck {
    let evidence = match names.len() {
        0 => fine.to_owned(),
        1 => format!("1 account {wrong}."),
        count => format!("{count} accounts {wrong}."),
    };
    FederationCheck::new(key, PEOPLE, names.is_empty(), evidence)
        .listing(names)
        .at("identifiers")
}

fn equal(facts: &Facts) -> FederationCheck {
    let names = &facts.people.wrong_id;
    of_list(
        "immutable_id_equal",
        names,
        "Each linked account has an immutable id, the same here and there.",
        "without the immutable id of their person",
    )
    .next("Write the immutable ids in the section Identifiers: Microsoft would not know these people after the switch.")
    .sealed(None, names)
}

fn unique(facts: &Facts) -> FederationCheck {
    let names = &facts.people.doubled;
    of_list(
        "immutable_id_unique",
        names,
        "No two accounts have the same immutable id.",
        "with an immutable id that another has too",
    )
    .next("Give each account its own in the section Identifiers: one would sign in as the other.")
    .sealed(None, names)
}

fn no_address(facts: &Facts) -> FederationCheck {
    let names = &facts.people.address;
    of_list(
        "immutable_id_no_address",
        names,
        "No immutable id is an address.",
        "with an address for an immutable id",
    )
    .next("Write an id that never changes: with the next change of name they would be locked out.")
    .sealed(None, names)
}

fn somebody(facts: &Facts) -> FederationCheck {
    let names = &facts.people.nobody;
    of_list(
        "accounts_linked",
        names,
        "Somebody here belongs to each account of the domain that may sign in.",
        "of the domain that nobody here belongs to: nobody signs in to them after the switch",
    )
    .next("Link them, or sign off that nobody needs to sign in to them.")
    .may_be_signed()
    .sealed(None, names)
}

fn active(facts: &Facts) -> FederationCheck {
    let names = &facts.people.inactive;
    of_list(
        "people_active",
        names,
        "Everybody who has an account of the domain may sign in here.",
        "whose people may not sign in here",
    )
    .next("Make these people active or disable their accounts, or sign it off.")
    .may_be_signed()
    .sealed(None, names)
}

fn passkeys(facts: &Facts) -> FederationCheck {
    let names = &facts.people.without_passkey;
    of_list(
        "passkeys",
        names,
        "Everybody who has an account of the domain has a passkey here.",
        "whose people have no passkey here: they are locked out until they have one",
    )
    .next("Send each of them a link to add a passkey, or sign off that they wait.")
    .may_be_signed()
    .sealed(None, names)
}

/// Somebody of the domain has walked the way that everybody walks after the switch, as far as Microsoft: the trial is
/// bound to the key that signed and to what Microsoft holds, and is over with either.
fn pilot(facts: &Facts) -> FederationCheck {
    let present = present(facts);
    let mut judged = facts.pilots.iter().map(|one| (one, present.doubt(one)));
    let (is_green, evidence) = match judged.clone().find(|(_, doubt)| doubt.is_none()) {
        Some((one, _)) => {
            let name = &one.name;
            (
                true,
                format!(
                    "{name} tried the sign-in within a day: an assertion with the immutable id that Microsoft holds was verified."
                ),
            )
        }
        None => match judged.find_map(|(_, doubt)| doubt) {
            Some(doubt) => (false, doubt),
            None => (
                false,
                "Nobody of the domain has tried the sign-in to Microsoft 365 yet.".to_owned(),
            ),
        },
    };
    let address = facts.ours.trial();
    FederationCheck::new("pilot", PEOPLE, is_green, evidence)
        .next(&format!(
            "Have a pilot of the domain open {address} and try the sign-in, then compute the checks again."
        ))
        .may_be_signed()
        .sealed(None, &[])
}

/// What a trial is held against.
fn present(facts: &Facts) -> Present<'_> {
    Present {
        certificate: facts.ours.certificate.as_ref().map(|one| one.sha256.as_str()),
        issuer: Some(&facts.ours.values.issuer),
        mfa: facts.record.mfa,
        now: facts.now,
    }
}

fn quiet(facts: &Facts) -> FederationCheck {
    let evidence = match facts.is_running {
        true => "A cycle of the connection runs: it could change immutable ids.",
        false => "No cycle of the connection runs.",
    };
    FederationCheck::new("no_cycle", PEOPLE, !facts.is_running, evidence)
        .next("Wait until the cycle has ended.")
        .sealed(None, &[])
}

//! What the cockpit calls things, in keys of the catalogue.

use crate::texts::text;
use provost_store::federation::{ActKind, Outcome, State};
use provost_sync::federation::Group;

/// The checks by their stable keys.
const CHECKS: [(&str, &str); 30] = [
    ("tenant_reached", text("The tenant can be asked")),
    ("domain_verified", text("The domain is verified")),
    ("domain_federable", text("The domain can be federated")),
    ("domain_free", text("Nobody else signs its people in")),
    ("provider_alone", text("No other provider has it federated")),
    ("tenant_own", text("The tenant is the provider's")),
    ("permission", text("The permission for the switch is there")),
    (
        "token_validation",
        text("The domain vouches for its own people only"),
    ),
    ("accounts_read", text("The accounts were read lately")),
    ("migration_finished", text("The migration is finished")),
    (
        "immutable_id_equal",
        text("Immutable ids are the same here and there"),
    ),
    ("immutable_id_unique", text("Immutable ids are unique")),
    ("immutable_id_no_address", text("No immutable id is an address")),
    ("accounts_linked", text("Somebody belongs to each account")),
    ("people_active", text("Everybody may sign in here")),
    ("passkeys", text("Everybody has a passkey")),
    ("pilot", text("A pilot has tried the sign-in")),
    ("no_cycle", text("No cycle runs")),
    ("last_administrator", text("Not the last global administrator")),
    ("break_glass", text("Two accounts of last resort")),
    (
        "break_glass_named",
        text("An account of last resort is protected"),
    ),
    (
        "break_glass_used",
        text("An account of last resort was used lately"),
    ),
    ("certificate", text("The certificate is good for long")),
    ("sendable", text("Microsoft would take what is sent")),
    ("public_address", text("The public address is one")),
    ("metadata", text("Our metadata says the same")),
    ("clock", text("The clocks agree")),
    ("roll_back_saved", text("Somebody keeps the roll-back command")),
    ("roll_back_tried", text("The roll-back was tried")),
    ("rested", text("The domain may be switched now")),
];

/// What a check is called.
pub(super) fn check(key: &str) -> &'static str {
    let found = CHECKS.iter().find(|(known, _)| *known == key);
    found.map_or(text("Check"), |(_, title)| title)
}

/// What a group of checks is called.
pub(super) fn group(group: Group) -> &'static str {
    match group {
        Group::Domain => text("Domain and tenant"),
        Group::People => text("People and accounts"),
        Group::LastResort => text("Accounts of last resort"),
        Group::Signing => text("Certificate and addresses"),
        Group::RollBack => text("The roll-back"),
    }
}

/// The word of a state, and its colour.
pub(super) fn state(state: State) -> (&'static str, &'static str) {
    match state {
        State::Managed => (text("managed by Microsoft"), "partial"),
        State::Switching => (text("being switched"), "paused"),
        State::Federated => (text("federated"), "success"),
        State::RollingBack => (text("being switched back"), "paused"),
    }
}

/// What was done.
pub(super) fn act(act: ActKind) -> &'static str {
    match act {
        ActKind::Switch => text("Switch"),
        ActKind::RollBack => text("Roll back"),
        ActKind::Certificate => text("Certificate"),
    }
}

/// What came of it, and its colour.
pub(super) fn outcome(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Open => (text("not known yet"), "paused"),
        Outcome::Done => (text("done"), "success"),
        Outcome::Failed => (text("not done"), "failed"),
    }
}

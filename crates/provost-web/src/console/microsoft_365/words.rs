//! What a provider's states are called, and how each is coloured.

use crate::texts::text;
use provost_connect::graph::cloud::Cloud;
use provost_store::microsoft_365::{DomainState, Mode, Provider, State};

/// The word of a provider's state, a key of the catalogue, and its colour.
pub(in crate::console) fn state(provider: &Provider) -> (&'static str, &'static str) {
    match provider.state {
        State::Draft => (text("draft"), "partial"),
        State::Active => (text("active provider"), "active"),
        State::Federated => (text("federated"), "active"),
    }
}

/// What a provider does and does not do yet, for a line beside its state.
pub(super) fn does(provider: &Provider) -> &'static str {
    match (provider.state, provider.is_assignable(), provider.connection) {
        (State::Federated, _, None) => text("federated, not provisioning"),
        (State::Federated, _, Some(_)) => text("federated, provisioning"),
        (_, true, Some(_)) => text("provisioning, not federated"),
        (_, _, _) => text("not provisioning, not federated"),
    }
}

/// The word of a mode.
pub(in crate::console) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Federation => text("federation"),
        Mode::ProvisioningOnly => text("provisioning only"),
    }
}

/// What the state of a domain is called, and its colour.
pub(super) fn domain(state: DomainState) -> (&'static str, &'static str) {
    match state {
        DomainState::Verified => (text("verified"), "success"),
        DomainState::Unverified => (text("not proved yet"), "partial"),
    }
}

/// Why nobody can be assigned to a provider as long as its lock holds; a key of the catalogue.
pub(super) const LOCKED: &str = text(
    "Nobody can be assigned before federation is finished (step 5), unless an owner declares the provider for provisioning only.",
);

/// The tenant's initial domain, which every tenant has and which can never be federated.
pub(super) fn initial_domain(provider: &Provider) -> String {
    let word = provider.settings.get("cloud").and_then(serde_json::Value::as_str);
    let cloud = Cloud::ALL.into_iter().find(|one| Some(one.name()) == word);
    let suffix = cloud.unwrap_or(Cloud::Global).initial_suffix();
    format!("{}.{suffix}", provider.tenant_name)
}

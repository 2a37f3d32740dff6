//! The domain and its tenant.

use super::{FederationCheck, Group};
use crate::federation::facts::{Facts, Tenant};
use provost_connect::graph::federation::TokenValidation;

const DOMAIN: Group = Group::Domain;

pub(super) fn checks(facts: &Facts) -> Vec<FederationCheck> {
    vec![
        reached(facts),
        verified(facts),
        federable(facts),
        free(facts),
        alone(facts),
        tenant(facts),
        permission(facts),
        validation(facts),
    ]
}

/// A check of what the tenant says; red where it could not be asked.
pub(super) fn asked(
    facts: &Facts,
    key: &str,
    group: Group,
    judge: impl FnOnce(&Tenant) -> (bool, String),
) -> FederationCheck {
    match &facts.tenant {
        Ok(tenant) => {
            let (is_green, evidence) = judge(tenant);
            FederationCheck::new(key, group, is_green, evidence)
        }
        Err(_) => FederationCheck::new(key, group, false, "The tenant could not be asked."),
    }
}

fn reached(facts: &Facts) -> FederationCheck {
    let (is_green, evidence) = match &facts.tenant {
        Ok(_) => (
            true,
            "The tenant answers with the credentials of the section Provisioning.".to_owned(),
        ),
        Err(why) => (false, format!("The tenant could not be asked: {why}")),
    };
    FederationCheck::new("tenant_reached", DOMAIN, is_green, evidence)
        .next("Test the credentials in the section Provisioning, then compute the checks again.")
        .at("provisioning")
        .sealed(Some("unreached"), &[])
}

fn verified(facts: &Facts) -> FederationCheck {
    let name = &facts.provider.domain;
    asked(facts, "domain_verified", DOMAIN, |tenant| {
        match tenant.domain.is_verified {
            true => (true, format!("{name} is verified in the tenant.")),
            false => (false, format!("{name} is not verified in the tenant.")),
        }
    })
    .next("Verify the domain in the Microsoft 365 admin center.")
    .sealed(None, &[])
}

fn federable(facts: &Facts) -> FederationCheck {
    let name = &facts.provider.domain;
    asked(facts, "domain_federable", DOMAIN, |tenant| {
        match tenant.domain.obstacle() {
            None => (
                true,
                format!("{name} is a root domain, neither the initial nor the default one."),
            ),
            Some(why) => (false, format!("{name} cannot be federated: {why}.")),
        }
    })
    .next("Do what the sentence says in the Microsoft 365 admin center.")
    .sealed(None, &[])
}

fn free(facts: &Facts) -> FederationCheck {
    let name = &facts.provider.domain;
    asked(facts, "domain_free", DOMAIN, |tenant| match (&tenant.federation, tenant.domain.is_federated()) {
        (None, false) => (true, format!("{name} is managed: nobody else signs its people in.")),
        (None, true) => (false, format!("{name} is federated at Microsoft already, with nobody that is named.")),
        (Some(other), _) => {
            let issuer = other.issuer_uri.as_deref().unwrap_or("an issuer that is not named");
            (false, format!("{name} is federated already, with {issuer}."))
        }
    })
    .next("Take the other federation back first, there or with its own tool; people sign in with it at this moment.")
    .sealed(None, &[])
}

fn alone(facts: &Facts) -> FederationCheck {
    let others = &facts.others;
    let evidence = match others.as_slice() {
        [] => "No other provider of this installation has the domain federated.".to_owned(),
        names => format!(
            "{} of this installation has the domain federated.",
            names.join(", ")
        ),
    };
    FederationCheck::new("provider_alone", DOMAIN, others.is_empty(), evidence)
        .next("Roll the other provider back first.")
        .sealed(None, others)
}

fn tenant(facts: &Facts) -> FederationCheck {
    let wanted = facts.provider.tenant_id.clone().unwrap_or_default();
    asked(facts, "tenant_own", DOMAIN, |tenant| {
        if wanted.is_empty() {
            (false, "The tenant's id is not known yet.".to_owned())
        } else if tenant.id == wanted {
            (
                true,
                format!("The credentials lead to the tenant {wanted}, which has proved the domain."),
            )
        } else {
            (
                false,
                format!(
                    "The credentials lead to the tenant {}, and the domain was proved in {wanted}.",
                    tenant.id
                ),
            )
        }
    })
    .next("Check the provider again in the section General, and correct the credentials.")
    .at("general")
    .sealed(None, &[])
}

fn permission(facts: &Facts) -> FederationCheck {
    asked(facts, "permission", DOMAIN, |tenant| match &tenant.lacks {
        None => (
            false,
            "It cannot be told which permissions the application has.".to_owned(),
        ),
        Some(lacks) if lacks.is_empty() => (
            true,
            "The application may read the domain and write its federation.".to_owned(),
        ),
        Some(lacks) => (false, format!("The application lacks {}.", lacks.join(", "))),
    })
    .next("Grant the application permission in Entra with an administrator's consent.")
    .at("provisioning")
    .sealed(None, &[])
}

/// Whether Microsoft refuses what a federated domain says about people of other domains: without that, whoever holds the key
/// of one federated domain is everybody of the tenant.
fn validation(facts: &Facts) -> FederationCheck {
    let name = &facts.provider.domain;
    let check = asked(facts, "token_validation", DOMAIN, |tenant| {
        match &tenant.validation {
            Err(why) => (
                false,
                format!("The policy about tokens of federated domains could not be read: {why}."),
            ),
            Ok(None) => (
                false,
                "Microsoft does not say for which domains it checks whom they vouch for.".to_owned(),
            ),
            Ok(Some(policy)) => (policy.covers(name), validated(policy, name)),
        }
    });
    // Why it could not be read is said otherwise each time; what somebody answers for is that nobody could look.
    let basis = match &facts.tenant {
        Ok(tenant) if tenant.validation.is_err() => Some("unread"),
        _ => None,
    };
    check
        .next(
            "Have an administrator set rootDomains of the federatedTokenValidationPolicy to all; where it could not be read, grant the application permission Policy.Read.All with an administrator's consent. Or sign it off.",
        )
        .may_be_signed()
        .sealed(basis, &[])
}

fn validated(policy: &TokenValidation, name: &str) -> String {
    let word = &policy.root_domains;
    match (word.as_str(), policy.covers(name)) {
        ("all", _) => {
            "Microsoft checks for every domain that whoever it vouches for is of that domain (rootDomains: all).".to_owned()
        }
        (_, true) => {
            format!("Microsoft checks for {name} that whoever it vouches for is of that domain (rootDomains: {word}).")
        }
        ("none", _) => {
            "Microsoft checks for no domain that whoever it vouches for is of that domain (rootDomains: none).".to_owned()
        }
        (_, false) => format!(
            "Microsoft does not check for {name} that whoever it vouches for is of that domain (rootDomains: {word})."
        ),
    }
}

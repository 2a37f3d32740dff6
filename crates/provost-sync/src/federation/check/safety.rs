//! Who can still get in when nobody else can.
//!
//! Source: Microsoft Entra documentation, "Manage emergency access admin accounts in Microsoft Entra ID".

use super::domain::asked;
use super::{FederationCheck, Group};
use crate::federation::facts::{Facts, Tenant};

const LAST_RESORT: Group = Group::LastResort;
/// Days within which one of them has to have signed in.
const DAYS: i64 = 90;
const DAY: i64 = 86_400_000;

pub(super) fn checks(facts: &Facts) -> Vec<FederationCheck> {
    vec![last(facts), two(facts), named(facts), used(facts)]
}

const UNSEEN: &str = "The application may not see who is an administrator.";

/// The domain must not take the last one along.
fn last(facts: &Facts) -> FederationCheck {
    let check = asked(facts, "last_administrator", LAST_RESORT, |tenant| {
        match (tenant.sees_roles, tenant.outside.len()) {
            (false, _) => (false, UNSEEN.to_owned()),
            (true, 0) => (
                false,
                "Every global administrator that is known signs in with the domain: after a failed switch nobody could take it back."
                    .to_owned(),
            ),
            (true, count) => (true, format!("{count} enabled global administrators are on the initial domain.")),
        }
    })
    .next("Make a global administrator on the initial domain, read the accounts again, and grant Directory.Read.All where administrators are not seen.");
    signable_unseen(facts, check).sealed(None, &[])
}

fn two(facts: &Facts) -> FederationCheck {
    let check = asked(facts, "break_glass", LAST_RESORT, |tenant| {
        let names = names(tenant);
        match (tenant.sees_roles, tenant.outside.len()) {
            (false, _) => (false, UNSEEN.to_owned()),
            (true, 0 | 1) => (
                false,
                "Fewer than two enabled global administrators are on the initial domain, made in the cloud."
                    .to_owned(),
            ),
            (true, _) => (
                true,
                format!("On the initial domain, made in the cloud: {names}."),
            ),
        }
    })
    .next("Make a second account of last resort on the initial domain, and read the accounts again.");
    signable_unseen(facts, check).sealed(None, &[])
}

/// What cannot be seen can be answered for; what is seen to be wrong cannot.
fn signable_unseen(facts: &Facts, check: FederationCheck) -> FederationCheck {
    match &facts.tenant {
        Ok(tenant) if !tenant.sees_roles => check.may_be_signed(),
        _ => check,
    }
}

fn named(facts: &Facts) -> FederationCheck {
    let check = asked(facts, "break_glass_named", LAST_RESORT, |tenant| {
        let found = tenant.outside.iter().find(|one| one.is_named);
        match (tenant.sees_roles, found) {
            (false, _) => (false, UNSEEN.to_owned()),
            (true, Some(one)) => (
                true,
                format!("{} is named as an account that is never written.", one.name),
            ),
            (true, None) => (
                false,
                "None of the accounts of last resort is named as one that is never written.".to_owned(),
            ),
        }
    })
    .next(
        "Name them under \"Accounts of the target that are never written\" in the connection's preferences.",
    )
    .at("provisioning");
    signable_unseen(facts, check).sealed(None, &[])
}

/// Microsoft tells of sign-ins only with further permissions and licences: what cannot be seen is answered for.
fn used(facts: &Facts) -> FederationCheck {
    let since = facts.now - DAYS * DAY;
    asked(facts, "break_glass_used", LAST_RESORT, |tenant| {
        let newest = tenant.outside.iter().filter_map(|one| Some((one.last_signin?, &one.name))).max();
        match newest {
            Some((at, name)) if at >= since => (true, format!("{name} signed in within {DAYS} days.")),
            Some((_, name)) => (false, format!("{name} signed in last, more than {DAYS} days ago.")),
            None => (
                false,
                "Microsoft does not tell when an account of last resort signed in.".to_owned(),
            ),
        }
    })
    .next("Have one of them sign in today at the Microsoft 365 admin center, and sign off with the name of who did.")
    .may_be_signed()
    .sealed(None, &[])
}

fn names(tenant: &Tenant) -> String {
    let names: Vec<&str> = tenant.outside.iter().map(|one| one.name.as_str()).collect();
    names.join(", ")
}

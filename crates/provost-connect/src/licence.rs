//! Licences: products that an organisation owns, and who has a seat.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::quote;

/// The attribute that refusals name.
const ATTRIBUTE: &str = "assignedLicenses";

/// A product that the target's organisation owns (Microsoft Graph: `subscribedSku`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The target's id of the product.
    pub sku: String,
    /// Its short name, such as `ENTERPRISEPACK`; the target knows no longer one.
    pub name: String,
    /// `Enabled`, `Warning` (grace period), `Suspended`, `Deleted` or `LockedOut`.
    pub state: String,
    /// Seats that are paid for.
    pub enabled: u64,
    /// Seats in their grace period; they can be assigned still.
    pub warning: u64,
    /// Seats that cannot be used.
    pub suspended: u64,
    /// Seats in use.
    pub consumed: u64,
    /// Whether it is for people; products for whole organisations cannot be assigned.
    pub assignable: bool,
    /// What the product is made of.
    pub plans: Vec<ServicePlan>,
}

impl Product {
    /// Seats that can be assigned now.
    pub fn free(&self) -> u64 {
        (self.enabled + self.warning).saturating_sub(self.consumed)
    }
}

/// A service that a product contains and that can be left out of a licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePlan {
    /// The target's id of the service plan.
    pub id: String,
    /// Its short name, such as `EXCHANGE_S_ENTERPRISE`.
    pub name: String,
    /// Whether it is for people; only such plans can be left out.
    pub assignable: bool,
}

/// A licence for one account or group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Licence {
    /// The product's id.
    pub sku: String,
    /// Ids of the service plans that are left out, sorted.
    pub disabled_plans: Vec<String>,
}

/// A licence that an account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLicence {
    /// Product and left-out plans.
    pub licence: Licence,
    /// The group of the target that it comes from; such a licence cannot be taken from the account.
    pub from_group: Option<String>,
    /// Why it is not active although assigned, in the target's word (`CountViolation` …).
    pub error: Option<String>,
}

/// What changes for one account. Both at once, so that a swap loses no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceChange {
    /// The target's id of the account.
    pub id: String,
    /// Licences it gets; one it has already gets exactly these left-out plans.
    pub add: Vec<Licence>,
    /// Products that are taken back; one it does not have is no error.
    pub remove: Vec<String>,
}

/// Why a target refuses to change licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// All seats are taken.
    Seats,
    /// The account has no usage location.
    Location,
    /// A service of the product may not be offered where the account is used.
    Prohibited,
    /// Two products hold services that exclude each other.
    Clash,
    /// A service needs another one that is missing, or is needed by one that stays.
    Prerequisite,
    /// The licence comes from a group.
    Inherited,
    /// The account does not have what is to be taken back.
    NotHeld,
    /// The organisation does not own the product, or it is not for people.
    Product,
    /// A service that is to be left out does not belong to the product.
    Plan,
    /// The mail address that comes with the licence is somebody else's.
    Address,
    /// Something else.
    Other,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Seats,
        Self::Location,
        Self::Prohibited,
        Self::Clash,
        Self::Prerequisite,
        Self::Inherited,
        Self::NotHeld,
        Self::Product,
        Self::Plan,
        Self::Address,
        Self::Other,
    ];

    /// A code that stays the same across releases and languages.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Seats => "PRV-LICENCE-SEATS",
            Self::Location => "PRV-LICENCE-LOCATION",
            Self::Prohibited => "PRV-LICENCE-PROHIBITED",
            Self::Clash => "PRV-LICENCE-CLASH",
            Self::Prerequisite => "PRV-LICENCE-PREREQUISITE",
            Self::Inherited => "PRV-LICENCE-INHERITED",
            Self::NotHeld => "PRV-LICENCE-NOT-HELD",
            Self::Product => "PRV-LICENCE-UNKNOWN",
            Self::Plan => "PRV-LICENCE-PLAN",
            Self::Address => "PRV-LICENCE-ADDRESS",
            Self::Other => "PRV-LICENCE-REFUSED",
        }
    }

    /// What is wrong, without a full stop.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Seats => "no seat of the product is free",
            Self::Location => "the account has no usage location, or one that is not known yet",
            Self::Prohibited => "a service of the product may not be used in the account's usage location",
            Self::Clash => "the product holds a service that excludes one of another product of the account",
            Self::Prerequisite => {
                "a service depends on another one: the one it needs is missing, or it is still needed"
            }
            Self::Inherited => "the licence comes from a group and cannot be taken from the account itself",
            Self::NotHeld => "the account does not have the licence that is to be taken back",
            Self::Product => "the organisation does not own the product, or it is not for people",
            Self::Plan => "a service that is to be left out does not belong to the product",
            Self::Address => "the mail address that comes with the licence belongs to another object",
            Self::Other => "the licences cannot be changed like this",
        }
    }

    /// The next step, in a sentence.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Seats => {
                "Buy seats or free some; Provost tries again in the next cycle, and the rest of the account is provisioned meanwhile."
            }
            Self::Location => {
                "Map `usageLocation` to the person's country; if it is set already, Provost tries again in the next cycle."
            }
            Self::Prohibited => {
                "Leave the service out of the licence (SKU -PLAN), or correct the person's usage location."
            }
            Self::Clash => {
                "Leave one of the two services out of its licence (SKU -PLAN), or give one product less."
            }
            Self::Prerequisite => {
                "Give the product that holds the service which is needed, or leave both services out (SKU -PLAN)."
            }
            Self::Inherited => "Take the person out of the group, or the product from the group.",
            Self::NotHeld => "Nothing is to be done: the licence is gone already.",
            Self::Product => {
                "Correct the product in the mapping; the connection's licence page lists what the organisation owns."
            }
            Self::Plan => {
                "Correct the service after the minus sign in the mapping; the licence page lists those of each product."
            }
            Self::Address => {
                "Change the mail address of one of the two, or leave the mail service out of the licence."
            }
            Self::Other => "Read the target's own words, and correct the licences in the mapping.",
        }
    }

    /// The refusal as an error, with the target's own words.
    #[must_use]
    pub fn error(self, operation: &str, words: &str) -> Error {
        Error::Rejected {
            operation: operation.to_owned(),
            reason: format!("{} ({})", self.sentence(), quote(words)),
            attribute: Some(ATTRIBUTE.to_owned()),
        }
    }

    /// The refusal that an error tells of; `None` for any other error.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Rejected {
                attribute: Some(attribute),
                reason,
                ..
            } if attribute == ATTRIBUTE => Self::ALL
                .into_iter()
                .find(|refusal| reason.starts_with(refusal.sentence())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_known_by_its_error() {
        for refusal in Refusal::ALL {
            let error = refusal.error("changing the licences", "the target's words");
            assert_eq!(Refusal::of(&error), Some(refusal));
            assert_eq!(error.code(), refusal.code());
            assert_eq!(error.hint(), refusal.hint());
            assert!(error.to_string().contains("the target's words"));
            assert!(refusal.hint().ends_with('.') && !refusal.sentence().ends_with('.'));
        }
        let other = Error::Rejected {
            operation: "changing the account".to_owned(),
            reason: Refusal::Seats.sentence().to_owned(),
            attribute: Some("jobTitle".to_owned()),
        };
        assert_eq!(Refusal::of(&other), None);
    }

    #[test]
    fn seats_in_grace_can_be_given_and_overuse_is_no_seat() {
        let product = Product {
            sku: "s".to_owned(),
            name: "SPE_E3".to_owned(),
            state: "Warning".to_owned(),
            enabled: 5,
            warning: 2,
            suspended: 9,
            consumed: 6,
            assignable: true,
            plans: Vec::new(),
        };
        assert_eq!(product.free(), 1);
        let overused = Product {
            consumed: 8,
            ..product
        };
        assert_eq!(overused.free(), 0);
    }
}

//! Which roles a provider may give its people.

use crate::word;
use crate::{Error, Result};

/// The roles that a provider may give, from the least to the most.
pub const ROLES: &[&str] = &[
    "user",
    "auditor",
    "access-admin",
    "provisioning-operator",
    "configuration-admin",
];

/// Refuses a role that a provider may not give. Owner is one: whoever can create people in an identity
/// provider would make themselves owner here.
///
/// # Errors
/// [`Error::Refused`]: `PRV-ROLE-OWNER`, or `PRV-WORD` for a role that does not exist.
pub fn check(role: &str) -> Result<()> {
    if ROLES.contains(&role) {
        Ok(())
    } else if role == "owner" {
        Err(Error::refused(
            "PRV-ROLE-OWNER",
            "an identity provider cannot make owners",
            "Choose a smaller role for its people; an owner makes another owner by hand.",
        ))
    } else {
        Err(word::unknown("role", role, ROLES))
    }
}

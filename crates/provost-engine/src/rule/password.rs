//! Passwords in a rule: made for each account, or kept sealed by the connection.

use serde_json::Value as Json;

use crate::expr::{Context, ExprError};
use crate::policy::password;

/// A new password; the same words each time where there is no randomness.
pub(super) fn generated(context: &Context) -> Result<String, ExprError> {
    let Some(random) = context.env.random else {
        return Ok(password::PLACEHOLDER.to_owned());
    };
    let user_name = context.source.document.get("userName").and_then(Json::as_str);
    password::generate(random, user_name.unwrap_or_default()).ok_or_else(|| {
        ExprError::new(
            0..0,
            "no password could be made, because the source of randomness repeats itself",
            "try again; if it stays so, the machine's random number generator is broken",
        )
    })
}

/// The connection's secret; the same words each time where nobody may see it.
pub(super) fn sealed(context: &Context, name: &str) -> Result<String, ExprError> {
    let Some(secrets) = context.env.secrets else {
        return Ok(SEALED.to_owned());
    };
    secrets(name).ok_or_else(|| {
        ExprError::new(
            0..0,
            format!("the connection keeps no secret with the name \"{name}\""),
            "enter the value of this mapping again",
        )
    })
}

/// What stands for a secret where it may not be seen.
const SEALED: &str = "[Sealed]";

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;

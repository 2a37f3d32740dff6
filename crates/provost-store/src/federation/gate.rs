//! Whether the migration is finished: the switch opens no earlier.

use crate::identifier;
use crate::microsoft_365::Provider;
use crate::{Result, Tx};

/// What shows whether the migration is finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Whether it is.
    pub is_finished: bool,
    /// What shows it, in a sentence.
    pub evidence: String,
}

/// Whether everybody has moved: each account of the tenant is somebody's or exempt, and the tenant was read to its end.
///
/// THE ONE PLACE where the window's closing is asked for: `crate::migration` says here whether it is closed.
///
/// # Errors
/// Any error of the database.
pub fn migration_finished(tx: &mut Tx, provider: &Provider) -> Result<Gate> {
    let not = |evidence: &str| Gate {
        is_finished: false,
        evidence: evidence.to_owned(),
    };
    let Some(connection) = provider.connection else {
        return Ok(not("The provider has no connection to its tenant yet."));
    };
    let reading = identifier::reading(tx, connection)?;
    if !reading.is_some_and(|one| one.ended > 0) {
        return Ok(not("The accounts of the tenant were not read yet."));
    }
    let accounts = identifier::account_counts(tx, connection)?;
    let (linked, exempt, open) = (accounts.linked, accounts.exempt, accounts.open());
    Ok(Gate {
        is_finished: open == 0,
        evidence: format!("{linked} accounts are linked, {exempt} are exempt, {open} are open."),
    })
}

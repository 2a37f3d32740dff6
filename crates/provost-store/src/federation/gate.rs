//! Whether the migration is finished: the switch opens no earlier.

use crate::microsoft_365::Provider;
use crate::{Result, Tx, identifier, migration};

/// What shows whether the migration is finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Whether it is.
    pub is_finished: bool,
    /// What shows it, in a sentence.
    pub evidence: String,
}

/// Whether everybody has moved: the migration is closed, which it is only when everybody is onboarded, linked or exempt.
///
/// # Errors
/// Any error of the database.
pub fn migration_finished(tx: &mut Tx, provider: &Provider) -> Result<Gate> {
    let is_finished = migration::is_closed(tx, provider.key)?;
    let evidence = match provider.connection {
        _ if is_finished => "The migration is closed.".to_owned(),
        None => "The provider has no connection to its tenant yet.".to_owned(),
        Some(connection) => {
            let accounts = identifier::account_counts(tx, connection)?;
            let (linked, exempt, open) = (accounts.linked, accounts.exempt, accounts.open());
            format!(
                "The migration is not closed: {linked} accounts are linked, {exempt} are exempt, {open} are open."
            )
        }
    };
    Ok(Gate {
        is_finished,
        evidence,
    })
}

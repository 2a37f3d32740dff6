//! The numbers on top, and whether there is anything to do.

use crate::{Engine, Result};
use provost_store::identifier::{self, Counts};
use serde::Serialize;

/// How a tenant and a directory stand to each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// When the accounts were read to their end for the last time; 0 for never.
    pub read: i64,
    /// Why the last reading did not come to its end; empty where it did.
    pub trouble: String,
    /// How the accounts stand.
    pub accounts: Counts,
    /// How the people stand.
    pub people: Counts,
    /// Linked accounts whose immutable id is to be written.
    pub to_write: i64,
    /// Whether nothing is left to do: everybody is linked or exempt, on both sides.
    pub not_needed: bool,
}

impl Engine {
    /// The numbers of a provider's identifiers. Each side adds up to all of it.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; any error of the store.
    pub async fn identifiers(&self, workspace: i64, name: &str) -> Result<Summary> {
        let provider = self.provider_named(workspace, name).await?;
        let Some(connection) = provider.connection else {
            return Ok(Summary::default());
        };
        let read = move |tx: &mut provost_store::Tx| {
            let Some(reading) = identifier::reading(tx, connection)? else {
                return Ok::<_, provost_store::Error>(Summary::default());
            };
            let accounts = identifier::account_counts(tx, connection)?;
            let people = identifier::people_counts(tx, connection)?;
            let (_, to_write) = identifier::to_write(tx, connection, "", 0)?;
            Ok(Summary {
                read: reading.ended,
                trouble: reading.trouble,
                accounts,
                people,
                to_write,
                not_needed: reading.ended > 0 && accounts.open() == 0 && people.open() == 0 && to_write == 0,
            })
        };
        Ok(self.db.read(read).await?)
    }
}

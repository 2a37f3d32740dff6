//! What a provider's guards refused at doors that write to the store themselves.

use crate::setup::Attempt;
use crate::{Engine, Error, Result};
use provost_store::connection::Connection;
use provost_store::microsoft_365::NOT_ASSIGNABLE;

/// The codes of the guards that stand in the store.
const GUARDS: [&str; 2] = [NOT_ASSIGNABLE, "PRV-TENANT-MISMATCH"];

impl Engine {
    /// Passes on what came of assigning somebody, and notes the attempt when nobody can be assigned to the
    /// connection's provider: who offers the assignment of people calls this with what the store answered.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn told_assignment<T>(
        &self,
        connection: &Connection,
        actor: &str,
        result: provost_store::Result<T>,
    ) -> Result<T> {
        let result = result.map_err(Error::from);
        self.told(connection, actor, "microsoft_365.assign", result).await
    }

    /// The same for a configuration that was written as a whole: a file, an older version, Entra's schema.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn told_configuration<T>(
        &self,
        connection: &Connection,
        actor: &str,
        result: provost_store::Result<T>,
    ) -> Result<T> {
        let result = result.map_err(Error::from);
        self.told(connection, actor, "microsoft_365.configure", result)
            .await
    }

    /// The same under another name of what was attempted.
    pub(crate) async fn told<T>(
        &self,
        connection: &Connection,
        actor: &str,
        action: &str,
        result: Result<T>,
    ) -> Result<T> {
        let attempt = Attempt {
            workspace: connection.workspace,
            actor,
            action,
            subject: &connection.name,
        };
        let code = result.as_ref().err().and_then(Error::code);
        if code.is_some_and(|code| GUARDS.contains(&code)) {
            self.audited(attempt, result).await
        } else {
            result
        }
    }
}

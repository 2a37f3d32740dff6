//! The page Identifiers of a Microsoft 365 provider: every account of the tenant and every person of the directory, who
//! belongs to whom, and what is done about those who belong to nobody. Whoever offers this to people calls these
//! functions and no others; a refusal leaves an audit row `identifier.….refused`.
//!
//! A link ties by the object id, nothing else, and the store keeps that two people never hold the same. Nothing here
//! writes to Microsoft but [`Engine::write_immutable_ids`], after its preview.

mod exempt;
mod here;
mod immutable;
mod link;
mod many;
mod matching;
mod merge;
mod read;
mod suggest;
mod summary;
mod there;

pub use here::Made;
pub use immutable::Written;
pub use many::Chosen;
pub use merge::Merged;
pub use read::Read;
pub use suggest::Accepted;
pub use summary::Summary;

use crate::setup::Attempt;
use crate::{Engine, Error, Result};
use provost_store::connection::Connection;
use provost_store::directory::{self, Object};
use provost_store::identifier;
use provost_store::microsoft_365::Provider;
use uuid::Uuid;

/// Accounts or people of one act at most: what is left is shown, and done by the next.
pub const MOST: usize = 1_000;
/// Rows that are written in one commit.
const ROWS: usize = 200;

impl Engine {
    /// The provider of this name and its connection.
    async fn identified(&self, workspace: i64, name: &str) -> Result<(Provider, Connection)> {
        let provider = self.provider_named(workspace, name).await?;
        let Some(key) = provider.connection else {
            return Err(Error::refused(
                "PRV-PROVIDER-ORDER",
                format!("the provider \"{name}\" has no connection to its tenant yet"),
                "Save the section Provisioning first.",
            ));
        };
        let connection = self.connection_by_key(key).await?;
        Ok((provider, connection))
    }

    /// The same, once the tenant was read to its end.
    async fn read_before(&self, workspace: i64, name: &str) -> Result<(Provider, Connection)> {
        let (provider, connection) = self.identified(workspace, name).await?;
        let key = connection.key;
        let reading = self.db.read(move |tx| identifier::reading(tx, key)).await?;
        if reading.is_some_and(|one| one.ended > 0) {
            return Ok((provider, connection));
        }
        Err(Error::refused(
            "PRV-IDENTIFIER-UNREAD",
            format!("the accounts of the tenant of \"{name}\" were not read yet"),
            "Read the accounts first.",
        ))
    }

    /// The person of the workspace with this public id.
    async fn person_of(&self, workspace: i64, id: Uuid) -> Result<Object> {
        let found = self
            .db
            .read(move |tx| {
                Ok::<_, provost_store::Error>(match directory::key_by_id(tx, workspace, id)? {
                    Some((key, _)) => directory::by_key(tx, key)?,
                    None => None,
                })
            })
            .await?;
        let is_person = |one: &Object| one.kind == provost_engine::object::Kind::Person;
        found.filter(is_person).ok_or_else(|| {
            Error::refused(
                "PRV-OBJECT-UNKNOWN",
                format!("the directory has no person {id}"),
                "Choose one of the list of people; its page shows the id.",
            )
        })
    }
}

/// What is attempted, for the audit log.
fn attempt<'a>(workspace: i64, actor: &'a str, action: &'a str, subject: &'a str) -> Attempt<'a> {
    Attempt {
        workspace,
        actor,
        action,
        subject,
    }
}

/// Object ids are compared as what they are: GUIDs, however they are spelled.
fn canonical(id: &str) -> String {
    Uuid::try_parse(id.trim()).map_or_else(|_| id.trim().to_owned(), |id| id.to_string())
}

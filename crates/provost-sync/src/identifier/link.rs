//! Linking one person to one account, and taking that back.

use super::{attempt, canonical, read};
use crate::open;
use crate::proposal::Proposal;
use crate::{Engine, Error, Result};
use provost_store::connection::Connection;
use provost_store::identifier;
use uuid::Uuid;

impl Engine {
    /// Links a person to an account of the tenant, by its object id. The tenant is asked whether it has the account;
    /// nothing is written there.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-OBJECT-UNKNOWN`, `PRV-LINK-ABSENT` when the tenant has no such account; the store's
    /// `PRV-IDENTIFIER-TAKEN` when somebody else holds its object id or immutable id, `PRV-IDENTIFIER-LINKED` when the
    /// person has another account there; `PRV-IDENTIFIER-UNREAD`, `PRV-PROVIDER-ORDER`, `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn link_identifier(
        &self,
        workspace: i64,
        name: &str,
        person: Uuid,
        account: &str,
        actor: &str,
    ) -> Result<()> {
        let result = self
            .linked_identifier(workspace, name, person, account, actor)
            .await;
        self.audited(attempt(workspace, actor, "identifier.link", name), result)
            .await
    }

    async fn linked_identifier(
        &self,
        workspace: i64,
        name: &str,
        person: Uuid,
        account: &str,
        actor: &str,
    ) -> Result<()> {
        let (_, connection) = self.read_before(workspace, name).await?;
        let object = self.person_of(workspace, person).await?;
        let id = canonical(account);
        let open = open::open_with(self, connection.key, &Proposal::without_rules()).await?;
        if !read::refresh(self, &open, &id).await? {
            return Err(Error::refused(
                "PRV-LINK-ABSENT",
                format!("the tenant of \"{name}\" has no account with the object id {id}"),
                "Read the accounts again, and choose one of the list.",
            ));
        }
        let (actor, now) = (actor.to_owned(), self.now());
        self.db
            .write(move |tx| identifier::tie(tx, &actor, now, &connection, &object, &id))
            .await?;
        Ok(())
    }

    /// Unlinks an account from its person: the account stays as it is, and nothing is written there. A cycle that
    /// means the person looks for a match again.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-IDENTIFIER-UNKNOWN` when the account is linked to nobody, `PRV-PROVIDER-ORDER`,
    /// `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn unlink_identifier(
        &self,
        workspace: i64,
        name: &str,
        account: &str,
        actor: &str,
    ) -> Result<()> {
        let result = self.unlinked_identifier(workspace, name, account, actor).await;
        self.audited(attempt(workspace, actor, "identifier.unlink", name), result)
            .await
    }

    async fn unlinked_identifier(
        &self,
        workspace: i64,
        name: &str,
        account: &str,
        actor: &str,
    ) -> Result<()> {
        let (_, connection): (_, Connection) = self.identified(workspace, name).await?;
        let (actor, now, id) = (actor.to_owned(), self.now(), canonical(account));
        let shown = id.clone();
        let done = self
            .db
            .write(move |tx| identifier::untie(tx, &actor, now, &connection, &id))
            .await?;
        if done {
            return Ok(());
        }
        Err(Error::refused(
            "PRV-IDENTIFIER-UNKNOWN",
            format!("nobody is linked to the account {shown}"),
            "Choose a linked account of the list.",
        ))
    }
}

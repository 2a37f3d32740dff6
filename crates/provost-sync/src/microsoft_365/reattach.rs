//! Assignments that were kept when a provider was removed.

use crate::setup::Attempt;
use crate::{Engine, Error, Result};
use provost_store::connection::{self, Connection};
use provost_store::microsoft_365::{self, Detached, Provider};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Assignments that are made in one commit: other writes wait no longer than that takes.
const AT_ONCE: i64 = 500;

impl Engine {
    /// Who was assigned to a provider of the same domain that was removed, with keys above `after`.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn detached_assignments(
        &self,
        workspace: i64,
        name: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Detached>> {
        let found = self.provider_named(workspace, name).await?;
        let listed = self
            .db
            .read(move |tx| microsoft_365::detached(tx, workspace, &found.domain, after, limit))
            .await?;
        Ok(listed)
    }

    /// Assigns those again who are kept for the provider's domain: the ones with these public ids, or all. Who is
    /// deleted stays kept. Answers how many were assigned.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-PROVIDER-NOT-ASSIGNABLE` while nobody can be assigned, `PRV-PROVIDER-ORDER` before
    /// there is a connection; `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn reattach_assignments(
        &self,
        workspace: i64,
        name: &str,
        objects: Option<Vec<Uuid>>,
        actor: &str,
    ) -> Result<i64> {
        let found = self.provider_named(workspace, name).await?;
        let attempt = Attempt {
            workspace,
            actor,
            action: "microsoft_365.reattach",
            subject: name,
        };
        let wanted = objects.map(|ids| ids.into_iter().collect::<BTreeSet<Uuid>>());
        let result = self.reattached(&found, wanted.as_ref(), actor).await;
        self.audited(attempt, result).await
    }

    async fn reattached(
        &self,
        found: &Provider,
        wanted: Option<&BTreeSet<Uuid>>,
        actor: &str,
    ) -> Result<i64> {
        let connection = self.connection_of(found).await?;
        let (mut after, mut assigned) = (0, 0);
        loop {
            let (provider, connection, wanted) = (found.clone(), connection.clone(), wanted.cloned());
            let (actor, now) = (actor.to_owned(), self.now());
            let (last, count) = self
                .db
                .write(move |tx| {
                    microsoft_365::refuse_unassignable(tx, connection.key)?;
                    let page =
                        microsoft_365::detached(tx, provider.workspace, &provider.domain, after, AT_ONCE)?;
                    let mut count = 0;
                    for one in &page {
                        let is_meant = one
                            .id
                            .is_some_and(|id| wanted.as_ref().is_none_or(|ids| ids.contains(&id)));
                        if is_meant {
                            let done =
                                microsoft_365::reattach(tx, &actor, now, &provider, &connection, one.object)?;
                            count += i64::from(done);
                        }
                    }
                    Ok::<_, provost_store::Error>((page.last().map(|one| one.object), count))
                })
                .await?;
            assigned += count;
            match last {
                Some(last) => after = last,
                None => return Ok(assigned),
            }
        }
    }

    /// The connection that people are assigned to.
    async fn connection_of(&self, found: &Provider) -> Result<Connection> {
        let key = found.connection;
        let connection = self
            .db
            .read(move |tx| match key {
                Some(key) => connection::by_key(tx, key),
                None => Ok(None),
            })
            .await?;
        connection.ok_or_else(|| {
            Error::refused(
                "PRV-PROVIDER-ORDER",
                format!(
                    "the provider \"{}\" has no connection yet to assign anybody to",
                    found.name
                ),
                "Save the section Provisioning first.",
            )
        })
    }
}

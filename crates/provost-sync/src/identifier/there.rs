//! Accounts that are made in Microsoft 365 for people: by the ordinary engine, as a plan that somebody reads first.

use super::exempt::refuse_many;
use super::{Chosen, MOST, attempt};
use crate::proposal::Proposal;
use crate::stored_plan::PlanSummary;
use crate::{Engine, Error, Result};
use provost_store::connection::Connection;
use provost_store::identifier::{self, LinkState, PeopleAsked};
use provost_store::{Error as Store, Tx, microsoft_365, revisit};
use uuid::Uuid;

impl Engine {
    /// Plans the accounts of these people, or of every unlinked one, in the provider's tenant: the plan is kept, and
    /// shows every value before somebody applies it. Nothing is written, and nobody is assigned, before that.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-PROVIDER-NOT-ASSIGNABLE` while nobody can be assigned, `PRV-IDENTIFIER-NOTHING` when
    /// nobody of them is without an account, `PRV-OBJECT-UNKNOWN`, `PRV-IDENTIFIER-MANY`, `PRV-IDENTIFIER-UNREAD`,
    /// `PRV-MICROSOFT-365-UNKNOWN`; as [`Engine::make_plan`].
    pub async fn plan_accounts(
        &self,
        workspace: i64,
        name: &str,
        chosen: &Chosen<Uuid>,
        actor: &str,
    ) -> Result<PlanSummary> {
        let result = self.planned_accounts(workspace, name, chosen, actor).await;
        self.audited(attempt(workspace, actor, "identifier.plan", name), result)
            .await
    }

    async fn planned_accounts(
        &self,
        workspace: i64,
        name: &str,
        chosen: &Chosen<Uuid>,
        actor: &str,
    ) -> Result<PlanSummary> {
        let (_, connection) = self.read_before(workspace, name).await?;
        let keys = self.without_account(&connection, workspace, chosen).await?;
        let (key, now, people) = (connection.key, self.now(), keys.clone());
        self.db
            .write(move |tx| {
                microsoft_365::refuse_unassignable(tx, key)?;
                // Who is assigned already, and did not change, would not be looked at.
                revisit::ask_all(tx, key, &people, now, "identifiers")
            })
            .await?;
        let proposal = Proposal {
            assign: keys,
            ..Proposal::default()
        };
        self.make_plan(key, None, &proposal, actor, true, None).await
    }

    async fn without_account(
        &self,
        connection: &Connection,
        workspace: i64,
        chosen: &Chosen<Uuid>,
    ) -> Result<Vec<i64>> {
        let key = connection.key;
        let is_open = |state| matches!(state, LinkState::Unlinked | LinkState::Suggested);
        let keys: Vec<i64> = match chosen {
            Chosen::All => {
                let asked = PeopleAsked {
                    connection: key,
                    state: Some(LinkState::Unlinked),
                    ..PeopleAsked::default()
                };
                let page = self
                    .db
                    .read(move |tx| identifier::people(tx, &asked, MOST))
                    .await?;
                page.people.into_iter().map(|line| line.person.object).collect()
            }
            Chosen::These(ids) => {
                refuse_many(ids.len())?;
                let mut keys = Vec::new();
                for id in ids {
                    keys.push(self.person_of(workspace, *id).await?.key);
                }
                let read = move |tx: &mut Tx| {
                    let mut open = Vec::new();
                    for object in &keys {
                        let found = identifier::person(tx, key, *object)?;
                        open.extend(found.filter(|one| is_open(one.state)).map(|one| one.object));
                    }
                    Ok::<_, Store>(open)
                };
                self.db.read(read).await?
            }
        };
        if keys.is_empty() {
            return Err(Error::refused(
                "PRV-IDENTIFIER-NOTHING",
                "nobody of them is without an account",
                "Choose people who are linked to no account, and are not exempt.",
            ));
        }
        Ok(keys)
    }
}

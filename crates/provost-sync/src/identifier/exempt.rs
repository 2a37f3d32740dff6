//! Exempting accounts and people, and taking that back.

use super::{MOST, attempt, canonical};
use crate::{Engine, Error, Result};
use provost_store::connection::Connection;
use provost_store::directory::Object;
use provost_store::identifier;
use uuid::Uuid;

/// Who is exempted, or is no more.
enum One {
    Account(String),
    Person(Box<Object>),
}

impl Engine {
    /// Says that these accounts and people need nobody on the other side, with a reason and an owner who answers for
    /// it. All of them, or none.
    ///
    /// # Errors
    /// [`Error::Refused`]: the store's `PRV-EXEMPTION-INCOMPLETE` without a reason or an owner, `PRV-EXEMPTION-LINKED` for
    /// who is linked; `PRV-IDENTIFIER-UNKNOWN`, `PRV-OBJECT-UNKNOWN`, `PRV-IDENTIFIER-MANY`, `PRV-IDENTIFIER-UNREAD`,
    /// `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn exempt_identifiers(
        &self,
        workspace: i64,
        name: &str,
        (accounts, people): (&[String], &[Uuid]),
        (reason, owner): (&str, &str),
        actor: &str,
    ) -> Result<u64> {
        let because = Some((reason.to_owned(), owner.to_owned()));
        let result = self
            .exempted(workspace, name, accounts, people, because, actor)
            .await;
        self.audited(attempt(workspace, actor, "identifier.exempt", name), result)
            .await
    }

    /// Takes the exemption of these accounts and people back. Answers how many had one.
    ///
    /// # Errors
    /// As [`Engine::exempt_identifiers`].
    pub async fn withdraw_exemptions(
        &self,
        workspace: i64,
        name: &str,
        (accounts, people): (&[String], &[Uuid]),
        actor: &str,
    ) -> Result<u64> {
        let result = self
            .exempted(workspace, name, accounts, people, None, actor)
            .await;
        self.audited(attempt(workspace, actor, "identifier.withdraw", name), result)
            .await
    }

    async fn exempted(
        &self,
        workspace: i64,
        name: &str,
        accounts: &[String],
        people: &[Uuid],
        because: Option<(String, String)>,
        actor: &str,
    ) -> Result<u64> {
        let (_, connection) = self.read_before(workspace, name).await?;
        refuse_many(accounts.len() + people.len())?;
        let mut all: Vec<One> = accounts.iter().map(|id| One::Account(canonical(id))).collect();
        for id in people {
            all.push(One::Person(Box::new(self.person_of(workspace, *id).await?)));
        }
        let (actor, now) = (actor.to_owned(), self.now());
        let done = self
            .db
            .write(move |tx| {
                let mut done = 0;
                for one in &all {
                    let found = each(tx, &actor, now, &connection, one, because.as_ref())?;
                    if !found && because.is_some() {
                        return Err(unknown(one));
                    }
                    done += u64::from(found);
                }
                Ok::<_, Error>(done)
            })
            .await?;
        Ok(done)
    }
}

fn each(
    tx: &mut provost_store::Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    one: &One,
    because: Option<&(String, String)>,
) -> provost_store::Result<bool> {
    let because = because.map(|(reason, owner)| (reason.as_str(), owner.as_str()));
    match (one, because) {
        (One::Account(id), Some(why)) => identifier::exempt_account(tx, actor, now, connection, id, why),
        (One::Account(id), None) => identifier::withdraw_account(tx, actor, now, connection, id),
        (One::Person(who), Some(why)) => identifier::exempt_person(tx, actor, now, connection, who, why),
        (One::Person(who), None) => identifier::withdraw_person(tx, actor, now, connection, who),
    }
}

fn unknown(one: &One) -> Error {
    let what = match one {
        One::Account(id) => format!("the tenant has no account {id}, as far as it was read"),
        One::Person(who) => format!("{} is not in the list of people", who.label),
    };
    Error::refused(
        "PRV-IDENTIFIER-UNKNOWN",
        what,
        "Read the accounts again, then choose from the list.",
    )
}

/// Refuses more at once than a person can have looked at, and none.
pub(super) fn refuse_many(count: usize) -> Result<()> {
    if (1..=MOST).contains(&count) {
        return Ok(());
    }
    let sentence = match count {
        0 => "nobody is named".to_owned(),
        count => format!("{count} are more than the {MOST} of one act"),
    };
    Err(Error::refused(
        "PRV-IDENTIFIER-MANY",
        sentence,
        "Name at least one, and do the rest in a second act.",
    ))
}

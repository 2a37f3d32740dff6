//! Reading the accounts of a tenant to their end.

use super::attempt;
use crate::apply::shrink;
use crate::licence::found_in;
use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::{Engine, Result};
use provost_connect::Account;
use provost_engine::object::Kind;
use provost_engine::rule::LICENCES;
use provost_store::directory::{self, Range};
use provost_store::identifier::{self, Facts, IMMUTABLE_ID, Place};
use provost_store::{Tx, audit};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// Accounts that are written in one commit.
const ROWS: usize = 500;
/// Accounts that are looked at together for those that were not seen.
const PAGE: i64 = 5_000;
/// Keys in one stretch of the directory, and how long it may take.
const STRETCH: i64 = 16_384;
const LIMIT: Duration = Duration::from_secs(60);
/// What is read of an account.
const ASKED: [&str; 9] = [
    "userPrincipalName",
    "displayName",
    "mail",
    "employeeId",
    IMMUTABLE_ID,
    "accountEnabled",
    "userType",
    "onPremisesSyncEnabled",
    LICENCES,
];

/// What a reading found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Read {
    /// Accounts of the tenant.
    pub accounts: u64,
    /// Accounts that were there before and are gone.
    pub gone: u64,
    /// Accounts and people who may be one.
    pub suggested: u64,
}

impl Engine {
    /// Reads every account of a provider's tenant, and works the suggestions out anew. What an earlier reading showed
    /// and this one does not is forgotten, but only after it came to its end, and never if it is a large part of all.
    ///
    /// # Errors
    /// [`crate::Error::Target`] when it cannot be read to its end: then nothing is forgotten; `PRV-PROVIDER-ORDER`,
    /// `PRV-MICROSOFT-365-UNKNOWN`, `PRV-TARGET-SHRANK`.
    pub async fn read_identifiers(&self, workspace: i64, name: &str, actor: &str) -> Result<Read> {
        let (_, connection) = self.identified(workspace, name).await?;
        let open = open::open_with(self, connection.key, &Proposal::without_rules()).await?;
        let began = self.now();
        let result = read(self, &open, began).await;
        let (key, now, trouble) = (
            connection.key,
            self.now(),
            result.as_ref().err().map(ToString::to_string),
        );
        let count = result.as_ref().map_or(0, |found| found.accounts as i64);
        let (actor, name) = (actor.to_owned(), name.to_owned());
        let told = (actor.clone(), name.clone());
        self.db
            .write(move |tx| {
                identifier::end(tx, now, key, count, trouble.as_deref().unwrap_or_default())?;
                if trouble.is_none() {
                    let detail = format!("{count} accounts");
                    audit::append_named(tx, workspace, now, &actor, "identifier.read", &name, &detail)?;
                }
                Ok::<_, provost_store::Error>(())
            })
            .await?;
        let (actor, name) = told;
        self.audited(attempt(workspace, &actor, "identifier.read", &name), result)
            .await
    }
}

async fn read(engine: &Engine, open: &Open, began: i64) -> Result<Read> {
    let organisation = open.target.organisation().await?;
    let domains = organisation.map(|one| one.domains).unwrap_or_default();
    let federated: Vec<String> = domains
        .iter()
        .filter(|domain| domain.is_federated)
        .map(|domain| domain.name.clone())
        .collect();
    let verified: Vec<String> = domains.into_iter().map(|domain| domain.name).collect();
    let connection = open.connection.clone();
    engine
        .db
        .write(move |tx| identifier::begin(tx, began, &connection, &federated))
        .await?;
    let mut found = Read {
        accounts: list(engine, open, began).await?,
        ..Read::default()
    };
    found.gone = forget(engine, open, began).await?;
    people(engine, open).await?;
    found.suggested = super::suggest::anew(engine, open, verified).await?;
    Ok(found)
}

/// Lists the accounts to their end; answers how many there are.
async fn list(engine: &Engine, open: &Open, began: i64) -> Result<u64> {
    let asked: Vec<String> = ASKED.iter().map(|name| (*name).to_owned()).collect();
    let (mut next, mut count) = (None::<String>, 0);
    loop {
        let page = open.target.list(Kind::Person, next.as_deref(), &asked).await?;
        let facts: Vec<Facts> = page.accounts.iter().map(|one| facts(open, one)).collect();
        count += facts.len() as u64;
        for rows in facts.chunks(ROWS) {
            keep(engine, open, began, rows.to_vec()).await?;
        }
        match page.next {
            Some(following) => next = Some(following),
            None => return Ok(count),
        }
    }
}

async fn keep(engine: &Engine, open: &Open, began: i64, rows: Vec<Facts>) -> Result<()> {
    let (connection, now) = (open.connection.clone(), open.now());
    engine
        .db
        .write(move |tx| {
            let place = Place {
                connection: &connection,
                began,
            };
            identifier::put_accounts(tx, now, &place, &rows)
        })
        .await?;
    Ok(())
}

/// What is known of an account by what a list shows. A shared mailbox is not named as one by a list: it is an account
/// that may not sign in, has a mail address, and needs no licence (Microsoft 365, "About shared mailboxes").
pub(super) fn facts(open: &Open, account: &Account) -> Facts {
    let text = |name: &str| {
        let value = account.record.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let name = text("userPrincipalName");
    let is_licensed = found_in(&account.record).is_some_and(|held| !held.is_empty());
    let enabled = account.enabled.unwrap_or(true);
    let guest = text("userType").eq_ignore_ascii_case("guest");
    let mail = text("mail");
    Facts {
        id: account.id.clone(),
        label: Some(text("displayName"))
            .filter(|label| !label.is_empty())
            .unwrap_or_else(|| name.clone()),
        employee: text("employeeId"),
        immutable_id: text(IMMUTABLE_ID),
        shared: !enabled && !guest && !mail.is_empty() && !is_licensed,
        enabled,
        guest,
        mail,
        synchronised: account.record.get("onPremisesSyncEnabled") == Some(&Value::Bool(true)),
        protected: open.is_untouchable(&account.id, &account.record),
        name,
    }
}

/// Reads one account again, and keeps what it shows; `false`: the tenant has no such account.
pub(super) async fn refresh(engine: &Engine, open: &Open, id: &str) -> Result<bool> {
    let asked: Vec<String> = ASKED.iter().map(|name| (*name).to_owned()).collect();
    let Some(found) = open.target.get(Kind::Person, id, &asked).await? else {
        return Ok(false);
    };
    keep(engine, open, open.now(), vec![facts(open, &found)]).await?;
    Ok(true)
}

/// Forgets the accounts that this reading did not show.
async fn forget(engine: &Engine, open: &Open, began: i64) -> Result<u64> {
    let key = open.connection.key;
    let (mut after, mut gone, mut linked, mut all) = (String::new(), Vec::new(), 0, 0);
    loop {
        let from = after.clone();
        let read = move |tx: &mut Tx| identifier::accounts_after(tx, key, &from, PAGE);
        let page = engine.db.read_within(LIMIT, read).await?;
        let Some(last) = page.last() else { break };
        after = last.facts.id.clone();
        for one in page {
            let is_linked = one.state == identifier::LinkState::Linked;
            all += usize::from(is_linked);
            if one.seen < began {
                linked += usize::from(is_linked);
                gone.push(one.facts.id);
            }
        }
    }
    if shrink::is_many(&open.guard, linked, all) {
        return Err(crate::Error::refused(
            shrink::SHRANK,
            format!("{linked} of {all} linked accounts are not in the tenant any more"),
            "Nothing was forgotten. Check that the connection leads to the right tenant, then read again.",
        ));
    }
    for rows in gone.chunks(ROWS) {
        let (connection, rows) = (open.connection.clone(), rows.to_vec());
        engine
            .db
            .write(move |tx| identifier::forget_accounts(tx, &connection, &rows))
            .await?;
    }
    Ok(gone.len() as u64)
}

/// Puts everybody of the directory into the list of people.
async fn people(engine: &Engine, open: &Open) -> Result<()> {
    let (workspace, key) = (open.connection.workspace, open.connection.key);
    let highest = engine.db.read(directory::highest_key).await?;
    for part in 0..=highest / STRETCH {
        let range = Range {
            after: part * STRETCH,
            upto: (part + 1) * STRETCH,
        };
        let read = move |tx: &mut Tx| {
            let mut people = Vec::new();
            directory::for_each(tx, workspace, Kind::Person, range, |row| {
                let document: Value = serde_json::from_str(row.document()?).unwrap_or_default();
                let name = document["userName"].as_str().unwrap_or_default();
                people.push((row.key()?, provost_scim::resource::fold(name)));
                Ok(())
            })?;
            Ok::<_, provost_store::Error>(people)
        };
        let people = engine.db.read_within(LIMIT, read).await?;
        for rows in people.chunks(ROWS) {
            let rows = rows.to_vec();
            engine
                .db
                .write(move |tx| identifier::add_people(tx, key, &rows))
                .await?;
        }
    }
    Ok(())
}

//! Writing immutable ids, the one thing that is written to Microsoft here: shown first, written only where it differs,
//! and never where the domain is federated or a directory on premises writes it.

use super::{MOST, attempt, read};
use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::setup::Confirm;
use crate::setup::confirm::{Question, settle};
use crate::{Engine, Error, Result};
use provost_connect::Write;
use provost_engine::object::{Kind, Record};
use provost_store::identifier::{self, Account, IMMUTABLE_ID, ImmutableState};
use provost_store::{Tx, audit};
use serde::Serialize;
use serde_json::Value;

/// Accounts that are written before what came of it is noted.
const CHUNK: usize = 20;

/// What became of immutable ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// How many were written.
    pub written: u64,
    /// How many needed no write, because the account had it, or had changed so that it stays as it is.
    pub kept: u64,
    /// Accounts whose immutable id could not be written, with the reason.
    pub failed: Vec<(String, String)>,
    /// How many wait for the next act.
    pub left: u64,
}

impl Engine {
    /// Writes the immutable id of linked people to their accounts where it is missing or another one: up to a thousand
    /// at once. The tenant is asked again before each write, and an account of a federated domain, or one that a
    /// directory on premises writes, is left alone.
    ///
    /// # Errors
    /// [`Error::Confirm`] with `PRV-IMMUTABLE-ID-CONFIRM`, which says for whom what would be written;
    /// [`Error::Refused`] with `PRV-IDENTIFIER-NOTHING` when nothing is to be written, `PRV-IDENTIFIER-UNREAD`,
    /// `PRV-MICROSOFT-365-UNKNOWN`; [`Error::Target`].
    pub async fn write_immutable_ids(
        &self,
        workspace: i64,
        name: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Written> {
        let result = self.written_ids(workspace, name, confirm, actor).await;
        self.audited(attempt(workspace, actor, "identifier.immutable", name), result)
            .await
    }

    async fn written_ids(
        &self,
        workspace: i64,
        name: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Written> {
        let (_, connection) = self.read_before(workspace, name).await?;
        let key = connection.key;
        let read = move |tx: &mut Tx| identifier::to_write(tx, key, "", MOST as i64);
        let (accounts, count) = self.db.read(read).await?;
        let present: Vec<Account> = accounts
            .into_iter()
            .filter(|one| one.person_id.is_some())
            .collect();
        if present.is_empty() {
            return Err(Error::refused(
                "PRV-IDENTIFIER-NOTHING",
                "every linked account has its immutable id, or keeps what it has",
                "Nothing is to be done.",
            ));
        }
        let left = (count as u64).saturating_sub(present.len() as u64);
        settle(vec![question(&present, left)], confirm)?;
        let open = open::open_with(self, key, &Proposal::without_rules()).await?;
        let mut done = Written {
            left,
            ..Written::default()
        };
        for chunk in present.chunks(CHUNK) {
            self.write_chunk(&open, chunk, &mut done, actor).await?;
        }
        Ok(done)
    }

    async fn write_chunk(
        &self,
        open: &Open,
        chunk: &[Account],
        done: &mut Written,
        actor: &str,
    ) -> Result<()> {
        let mut fresh = Vec::new();
        for one in chunk {
            // What was read may be hours old; what is written must be right now.
            if !read::refresh(self, open, &one.facts.id).await? {
                done.failed
                    .push((one.facts.name.clone(), "the tenant has it no more".to_owned()));
                continue;
            }
            let (key, id) = (open.connection.key, one.facts.id.clone());
            let now = self.db.read(move |tx| identifier::account(tx, key, &id)).await?;
            match now.filter(|now| now.immutable == ImmutableState::Write && now.person == one.person) {
                Some(now) => fresh.push(now),
                None => done.kept += 1,
            }
        }
        let writes: Vec<Write> = fresh.iter().filter_map(write_of).collect();
        let answers = open.target.apply(&writes).await;
        for (account, answer) in fresh.into_iter().zip(answers) {
            match answer {
                Ok(_) => {
                    self.note_written(open, account, actor).await?;
                    done.written += 1;
                }
                Err(error) => done
                    .failed
                    .push((account.facts.name, format!("{}: {error}", error.code()))),
            }
        }
        Ok(())
    }

    async fn note_written(&self, open: &Open, account: Account, actor: &str) -> Result<()> {
        let (connection, actor, now) = (open.connection.clone(), actor.to_owned(), self.now());
        self.db
            .write(move |tx| {
                let Some(own) = account.person_id else {
                    return Ok(());
                };
                let value = own.to_string();
                identifier::noted_immutable(tx, now, &connection, &account, &value)?;
                let was = match account.facts.immutable_id.as_str() {
                    "" => "none",
                    was => was,
                };
                let detail = format!("account {} ({}), was {was}", account.facts.id, account.facts.name);
                let workspace = connection.workspace;
                audit::append_named(
                    tx,
                    workspace,
                    now,
                    &actor,
                    "identifier.immutable",
                    &value,
                    &detail,
                )
            })
            .await?;
        Ok(())
    }
}

fn write_of(account: &Account) -> Option<Write> {
    let value = Value::String(account.person_id?.to_string());
    let changes: Record = [(IMMUTABLE_ID.to_owned(), value)].into_iter().collect();
    Some(Write::Update {
        kind: Kind::Person,
        id: account.facts.id.clone(),
        changes,
    })
}

fn question(accounts: &[Account], left: u64) -> Question {
    let mut sentence = match accounts.len() {
        1 => "The immutable id of one account is written to Microsoft, and nothing else.".to_owned(),
        count => format!("The immutable ids of {count} accounts are written to Microsoft, and nothing else."),
    };
    sentence.push_str(" Each person's own id becomes it; accounts of a federated domain keep theirs.");
    if left > 0 {
        sentence.push_str(&format!(" {left} more follow with the next act."));
    }
    let line = |one: &Account| {
        let own = one.person_id.map(|id| id.to_string()).unwrap_or_default();
        let was = match one.facts.immutable_id.as_str() {
            "" => "none".to_owned(),
            was => was.to_owned(),
        };
        format!("{} ({}): {was} → {own}", one.person_label, one.facts.name)
    };
    Question {
        code: "PRV-IMMUTABLE-ID-CONFIRM",
        sentence,
        hint: "Read for whom what is written, above all where there is an immutable id already.",
        list: accounts.iter().map(line).collect(),
    }
}

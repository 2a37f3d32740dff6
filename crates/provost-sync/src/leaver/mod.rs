//! A person leaves: their account in one target is closed, leaves its groups, gives its licences back, and what it
//! owns is handed over. One run with a result for each step; what failed is tried again by running it again.
//!
//! The mark that the run leaves keeps cycles from giving anything back, whatever the directory says, until somebody
//! says that the person stays.

mod account;
mod step;

pub use step::{LeaverStep, StepStatus};

use crate::evaluate::unknown_object;
use crate::open::Open;
use crate::{Engine, Error, Options, Result, cycle};
use account::Account;
use provost_store::directory::{self, Object};
use provost_store::lease::Lease;
use provost_store::leaver::{self, State};
use provost_store::{member, revisit};
use serde::Serialize;
use serde_json::json;

/// What a run for a person who leaves did, or would do.
#[derive(Debug, Clone, Serialize)]
pub struct LeaverRun {
    /// The connection's name.
    pub connection: String,
    /// Who leaves.
    pub person: String,
    /// Who takes over what the account owns.
    pub heir: Option<String>,
    /// Whether it was done; otherwise it is a preview.
    pub applied: bool,
    /// The steps, in the order in which they are done.
    pub steps: Vec<LeaverStep>,
}

impl LeaverRun {
    /// Whether no step failed.
    pub fn is_done(&self) -> bool {
        self.steps.iter().all(|step| step.status != StepStatus::Failed)
    }
}

impl Engine {
    /// Has a person leave: ends the sessions of their account, disables it, takes it out of its groups, takes its
    /// licences back, and hands over what it owns. Without `apply` it only reads, and says what it would do. Whether
    /// the person is blocked in the directory as well is the caller's choice.
    ///
    /// Done again, it does what is left.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-OBJECT-UNKNOWN`; `PRV-LEAVER` for a group, or an heir who cannot take over;
    /// `PRV-TARGET-PROTECTED` for an account that the connection never writes; `PRV-TARGET-PRIVILEGED` for one that
    /// holds administrative roles; `PRV-TARGET-READ-ONLY`; `PRV-CONNECTION-INVALID`. [`Error::Paused`];
    /// [`Error::Running`]; [`Error::Target`] when the account cannot be looked at.
    pub async fn leave(
        &self,
        connection: i64,
        person: i64,
        heir: Option<i64>,
        actor: &str,
        apply: bool,
    ) -> Result<LeaverRun> {
        if !apply {
            let open = self.open(connection).await?;
            let people = People::read(self, &open, person, heir).await?;
            let account = Account::find(self, &open, &people).await?;
            let steps = account.preview().await?;
            return Ok(people.told(&open, false, steps));
        }
        let options = Options {
            initiator: Some(actor.to_owned()),
            ..Options::default()
        };
        self.with_lease(connection, &options, |lease| {
            run(self, lease, person, heir, actor)
        })
        .await
    }

    /// The person stays after all: the next cycle gives the account back what the directory says. `false`: nobody
    /// said that they leave.
    ///
    /// # Errors
    /// [`Error::NoConnection`]; any error of the store.
    pub async fn end_leave(&self, connection: i64, person: i64, actor: &str) -> Result<bool> {
        let (actor, now) = (actor.to_owned(), self.now());
        self.db
            .write(move |tx| {
                let found = provost_store::connection::by_key(tx, connection)?
                    .ok_or(Error::NoConnection(connection))?;
                if !leaver::end(tx, &actor, now, &found, person)? {
                    return Ok(false);
                }
                for group in member::groups_of(tx, person)? {
                    revisit::ask(tx, connection, group.key, person, now, "stays")?;
                }
                Ok(true)
            })
            .await
    }
}

async fn run(
    engine: &Engine,
    lease: Lease,
    person: i64,
    heir: Option<i64>,
    actor: &str,
) -> Result<LeaverRun> {
    let open = engine.open(lease.connection).await?;
    cycle::runs(&open.connection)?;
    let people = People::read(engine, &open, person, heir).await?;
    let account = Account::find(engine, &open, &people).await?;
    let (connection, by, now) = (open.connection.clone(), actor.to_owned(), open.now());
    let (leaving, taking) = (people.person.clone(), people.heir.clone());
    engine
        .db
        .write(move |tx| leaver::add(tx, &by, now, &connection, &leaving, taking.as_ref()))
        .await?;
    let steps = account.carry_out(lease, actor).await?;
    let told = people.told(&open, true, steps);
    let state = if told.is_done() {
        State::Done
    } else {
        State::Failed
    };
    let (connection, kept) = (lease.connection, json!(told.steps));
    engine
        .db
        .write(move |tx| leaver::set_steps(tx, connection, person, state, &kept))
        .await?;
    Ok(told)
}

/// Who leaves, and who takes over.
struct People {
    person: Object,
    heir: Option<Object>,
}

impl People {
    async fn read(engine: &Engine, open: &Open, person: i64, heir: Option<i64>) -> Result<Self> {
        let workspace = open.connection.workspace;
        engine
            .db
            .read(move |tx| {
                let mut find = |key: i64| {
                    let found = directory::by_key(tx, key)?.filter(|o| o.workspace == workspace);
                    found.ok_or_else(|| unknown_object(key))
                };
                Ok(Self {
                    person: find(person)?,
                    heir: heir.map(&mut find).transpose()?,
                })
            })
            .await
    }

    fn told(&self, open: &Open, applied: bool, steps: Vec<LeaverStep>) -> LeaverRun {
        LeaverRun {
            connection: open.connection.name.clone(),
            person: self.person.label.clone(),
            heir: self.heir.as_ref().map(|o| o.label.clone()),
            applied,
            steps,
        }
    }
}

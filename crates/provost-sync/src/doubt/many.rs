//! Many doubts of one reason, decided in one act: whoever connects an application that is full of groups has the same
//! question for each of them.

use super::{choices, warning};
use crate::setup::confirm::{Question, settle};
use crate::setup::{Attempt, Confirm};
use crate::{Engine, Error, Result};
use provost_store::Tx;
use provost_store::connection::Connection;
use provost_store::doubt::{self, Decision, Doubt};
use serde::Serialize;

/// The code of the question before many are decided.
const MANY: &str = "PRV-DOUBTS-CONFIRM";
/// Doubts that are decided in one commit.
const CHUNK: usize = 500;

/// What became of many doubts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Many {
    /// Those that are decided now.
    pub decided: u64,
    /// Those of the same reason that wait on: they have several candidates, or one that belongs to somebody else.
    pub left: u64,
}

impl Engine {
    /// Reasons for which several objects of a connection wait, with how many of them, the most first.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn doubt_reasons(&self, connection: i64) -> Result<Vec<(String, i64)>> {
        let count = move |tx: &mut Tx| doubt::reasons(tx, connection);
        let mut reasons = self.db.remembered("doubt reasons", connection, count).await?;
        reasons.retain(|(_, count)| *count > 1);
        reasons.sort_by_key(|(_, count)| -count);
        Ok(reasons)
    }

    /// Decides every doubt of one reason that nobody has decided yet, and that has one candidate where the decision
    /// needs one. The next cycle carries them out. It is asked first, with how many they are and which.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-DOUBT-DECISION` for a decision that is not possible here, `PRV-DOUBT-UNKNOWN` when
    /// nobody waits for this reason; [`Error::Confirm`] with `PRV-DOUBTS-CONFIRM`, or with `PRV-DOUBT-UNDERSTAND` for
    /// what cannot be taken back.
    pub async fn decide_doubts(
        &self,
        connection: i64,
        code: &str,
        decision: Decision,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<Many> {
        let found = self.connection_by_key(connection).await?;
        let attempt = Attempt {
            workspace: found.workspace,
            actor,
            action: "doubt.decide",
            subject: &found.name,
        };
        let result = self.many(&found, code, decision, actor, confirm).await;
        self.audited(attempt, result).await
    }

    async fn many(
        &self,
        connection: &Connection,
        code: &str,
        decision: Decision,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<Many> {
        if !choices(code).contains(&decision) {
            return Err(impossible(code, decision));
        }
        let (owner, reason) = (connection.key, code.to_owned());
        let open = self.db.read(move |tx| doubt::open_of(tx, owner, &reason)).await?;
        let all = open.len();
        let clear: Vec<Doubt> = open.into_iter().filter(|one| is_clear(one, decision)).collect();
        if clear.is_empty() {
            return Err(nobody(code, decision));
        }
        let left = (all - clear.len()) as u64;
        ask(&clear, left, code, decision, confirm)?;
        let mut decided = 0;
        for chunk in clear.chunks(CHUNK) {
            decided += self.write_many(connection, chunk, decision, actor).await?;
        }
        Ok(Many { decided, left })
    }

    /// Those of a chunk that are still as they were shown.
    async fn write_many(
        &self,
        connection: &Connection,
        chunk: &[Doubt],
        decision: Decision,
        actor: &str,
    ) -> Result<u64> {
        let (connection, chunk, actor, now) =
            (connection.clone(), chunk.to_vec(), actor.to_owned(), self.now());
        let write = move |tx: &mut Tx| {
            let mut decided = 0;
            for shown in &chunk {
                let is_same = doubt::get(tx, connection.key, shown.key)?
                    .is_some_and(|now| now.decision.is_none() && now.candidates == shown.candidates);
                let target = super::only(&shown.candidates);
                if is_same && doubt::decide(tx, &actor, now, &connection, shown.key, decision, &target)? {
                    decided += 1;
                }
            }
            Ok::<u64, provost_store::Error>(decided)
        };
        Ok(self.db.write(write).await?)
    }
}

/// Whether it can be decided so without choosing among candidates.
fn is_clear(doubt: &Doubt, decision: Decision) -> bool {
    match doubt.candidates.as_slice() {
        _ if !decision.needs_target() => true,
        [only] => only.linked_to.is_empty(),
        _ => false,
    }
}

/// Lets pass what was confirmed exactly so, and understood where something is lost by it.
fn ask(clear: &[Doubt], left: u64, code: &str, decision: Decision, confirm: &Confirm) -> Result<()> {
    let warning = warning(code, decision);
    let mut sentence = format!(
        "\"{decision}\" is decided for {} people or groups at once",
        clear.len()
    );
    match left {
        0 => sentence.push('.'),
        left => sentence.push_str(&format!(
            "; {left} more wait on, because there are several candidates or theirs belongs to somebody else."
        )),
    }
    if let Some(warning) = warning {
        sentence.push_str(&format!(" For each of them: {warning}"));
    }
    let question = Question {
        code: warning.map_or(MANY, |_| super::UNDERSTAND),
        sentence,
        hint: "Read the list. Decide one by one instead, if the same is not right for all of them.",
        list: clear.iter().map(|one| one.label.clone()).collect(),
    };
    let is_understood = warning.is_none() || confirm.understood;
    let nothing = Confirm::default();
    settle(vec![question], if is_understood { confirm } else { &nothing })
}

fn nobody(code: &str, decision: Decision) -> Error {
    Error::refused(
        "PRV-DOUBT-UNKNOWN",
        format!("nobody waits because of {code} for whom \"{decision}\" can be decided without a choice"),
        "List the connection's doubts, and decide about those that are left one by one.",
    )
}

fn impossible(code: &str, decision: Decision) -> Error {
    let words: Vec<&str> = choices(code).iter().map(|one| one.as_str()).collect();
    Error::refused(
        "PRV-DOUBT-DECISION",
        format!("\"{decision}\" is no answer to {code}: {} are", words.join(", ")),
        "Choose one of these.",
    )
}

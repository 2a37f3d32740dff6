//! Suggestions: worked out after each reading, accepted by a person.

use super::exempt::refuse_many;
use super::matching::{self, Candidate, Index, SURE, Someone};
use super::{Chosen, MOST, ROWS, attempt};
use crate::open::Open;
use crate::setup::Confirm;
use crate::setup::confirm::{Question, settle};
use crate::{Engine, Error, Result};
use provost_engine::object::Kind;
use provost_store::connection::Connection;
use provost_store::directory::{self, Range};
use provost_store::identifier::{self, LinkState, Suggestion};
use provost_store::{Error as Store, Tx};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

/// Accounts that are read at once, keys in one stretch of the directory, and how long either may take.
const PAGE: i64 = 5_000;
const STRETCH: i64 = 16_384;
const LIMIT: Duration = Duration::from_secs(60);
/// Where SCIM keeps the employee number (RFC 7643 section 4.3).
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What became of suggestions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Those who are linked now.
    pub linked: u64,
    /// Suggestions that wait on: they rest on a mail address or a name alone, or changed meanwhile.
    pub left: u64,
}

/// Works the suggestions out anew; answers how many there are. `verified` are the tenant's own domains.
pub(super) async fn anew(engine: &Engine, open: &Open, verified: Vec<String>) -> Result<u64> {
    let key = open.connection.key;
    let index = Index::of(&candidates(engine, key).await?, &verified);
    let index = std::sync::Arc::new(index);
    let highest = engine.db.read(directory::highest_key).await?;
    let mut pairs = Vec::new();
    for part in 0..=highest / STRETCH {
        let range = Range {
            after: part * STRETCH,
            upto: (part + 1) * STRETCH,
        };
        let (workspace, index) = (open.connection.workspace, index.clone());
        let read = move |tx: &mut Tx| stretch(tx, workspace, key, range, &index);
        pairs.extend(engine.db.read_within(LIMIT, read).await?);
    }
    let wanted = matching::best(pairs);
    let stands = engine
        .db
        .read_within(LIMIT, move |tx| identifier::suggestions(tx, key))
        .await?;
    let gone: Vec<Suggestion> = stands
        .iter()
        .filter(|one| !wanted.contains(one))
        .cloned()
        .collect();
    let new: Vec<Suggestion> = wanted
        .iter()
        .filter(|one| !stands.contains(one))
        .cloned()
        .collect();
    let count = wanted.len() as u64;
    for rows in gone.chunks(ROWS) {
        let rows = rows.to_vec();
        let drop = move |tx: &mut Tx| {
            rows.iter()
                .try_for_each(|one| identifier::drop_suggestion(tx, key, one))
        };
        engine.db.write(drop).await?;
    }
    for rows in new.chunks(ROWS) {
        let rows = rows.to_vec();
        let put = move |tx: &mut Tx| {
            for one in &rows {
                identifier::suggest(tx, key, one)?;
            }
            Ok::<_, Store>(())
        };
        engine.db.write(put).await?;
    }
    Ok(count)
}

/// Accounts that somebody may belong to: guests and shared mailboxes belong to nobody here by themselves.
async fn candidates(engine: &Engine, key: i64) -> Result<Vec<Candidate>> {
    let (mut after, mut found) = (String::new(), Vec::new());
    loop {
        let from = after.clone();
        let read = move |tx: &mut Tx| identifier::accounts_after(tx, key, &from, PAGE);
        let page = engine.db.read_within(LIMIT, read).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = last.facts.id.clone();
        let is_open = |state| matches!(state, LinkState::Unlinked | LinkState::Suggested);
        let open = page
            .into_iter()
            .filter(|one| is_open(one.state) && !one.facts.guest && !one.facts.shared);
        found.extend(open.map(|one| Candidate {
            id: one.facts.id,
            name: one.facts.name,
            label: one.facts.label,
            mail: one.facts.mail,
            employee: one.facts.employee,
            immutable_id: one.facts.immutable_id,
        }));
    }
}

fn stretch(
    tx: &mut Tx,
    workspace: i64,
    key: i64,
    range: Range,
    index: &Index,
) -> std::result::Result<Vec<Suggestion>, Store> {
    let mut people = Vec::new();
    directory::for_each(tx, workspace, Kind::Person, range, |row| {
        let document: Value = serde_json::from_str(row.document()?).unwrap_or_default();
        people.push(someone(row.key()?, row.id()?, &document));
        Ok(())
    })?;
    let mut pairs = Vec::new();
    for who in people {
        let found = index.pairs(&who);
        if found.is_empty() {
            continue;
        }
        let state = identifier::person(tx, key, who.object)?.map(|one| one.state);
        if matches!(state, Some(LinkState::Unlinked | LinkState::Suggested)) {
            pairs.extend(found);
        }
    }
    Ok(pairs)
}

fn someone(object: i64, id: Uuid, document: &Value) -> Someone {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mails = document["emails"].as_array().map_or(&[][..], Vec::as_slice);
    Someone {
        object,
        id,
        name: text(&document["userName"]),
        label: text(&document["displayName"]),
        mails: mails.iter().map(|one| text(&one["value"])).collect(),
        employee: text(&document[ENTERPRISE]["employeeNumber"]),
    }
}

impl Engine {
    /// Links the people of suggestions to their accounts: those with these public ids, or all. What rests on a mail
    /// address or a name alone is never linked with others: it waits for somebody who links that one.
    ///
    /// # Errors
    /// [`Error::Confirm`] with `PRV-IDENTIFIER-ACCEPT`, which lists them; [`Error::Refused`] with
    /// `PRV-IDENTIFIER-NOTHING` when there is none to accept; as [`Engine::link_identifier`].
    pub async fn accept_suggestions(
        &self,
        workspace: i64,
        name: &str,
        chosen: &Chosen<Uuid>,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Accepted> {
        let result = self.accepted(workspace, name, chosen, confirm, actor).await;
        self.audited(attempt(workspace, actor, "identifier.accept", name), result)
            .await
    }

    async fn accepted(
        &self,
        workspace: i64,
        name: &str,
        chosen: &Chosen<Uuid>,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Accepted> {
        let (_, connection) = self.read_before(workspace, name).await?;
        let key = connection.key;
        let wanted = match chosen {
            Chosen::All => None,
            Chosen::These(ids) => {
                refuse_many(ids.len())?;
                let mut keys = HashSet::new();
                for id in ids {
                    keys.insert(self.person_of(workspace, *id).await?.key);
                }
                Some(keys)
            }
        };
        let read = move |tx: &mut Tx| {
            let mut all = identifier::suggestions(tx, key)?;
            all.retain(|one| wanted.as_ref().is_none_or(|keys| keys.contains(&one.object)));
            let (mut sure, mut lines) = (Vec::new(), Vec::new());
            let count = all.len();
            for one in all.into_iter().filter(|one| one.score >= SURE).take(MOST) {
                let account = identifier::account(tx, key, &one.account)?;
                let shown = account.map(|found| (found.person_label, found.facts.name));
                lines.extend(shown.map(|(who, name)| format!("{who} = {name} ({}: {})", one.score, one.why)));
                sure.push(one);
            }
            Ok::<_, Store>((sure, lines, count))
        };
        let (sure, lines, count) = self.db.read_within(LIMIT, read).await?;
        if sure.is_empty() {
            return Err(Error::refused(
                "PRV-IDENTIFIER-NOTHING",
                "there is no suggestion that rests on more than a mail address or a name",
                "Link one by one who is left, after a look at both sides.",
            ));
        }
        let left = count - sure.len();
        settle(vec![question(lines, left)], confirm)?;
        let mut done = Accepted::default();
        for rows in sure.chunks(ROWS) {
            match self.accept_rows(&connection, rows, actor).await {
                Ok(linked) => done.linked += linked,
                // One whose ids somebody else holds keeps nobody else from being linked.
                Err(Store::Refused { .. }) => {
                    for one in rows {
                        match self
                            .accept_rows(&connection, std::slice::from_ref(one), actor)
                            .await
                        {
                            Ok(linked) => done.linked += linked,
                            Err(Store::Refused { .. }) => {}
                            Err(error) => return Err(error.into()),
                        }
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        done.left = count as u64 - done.linked;
        Ok(done)
    }

    /// Links those of a chunk that still stand.
    async fn accept_rows(
        &self,
        connection: &Connection,
        rows: &[Suggestion],
        actor: &str,
    ) -> std::result::Result<u64, Store> {
        let (connection, rows, actor, now) =
            (connection.clone(), rows.to_vec(), actor.to_owned(), self.now());
        let write = move |tx: &mut Tx| {
            let mut linked = 0;
            for one in &rows {
                let found = identifier::account(tx, connection.key, &one.account)?;
                let stands = found.is_some_and(|a| {
                    a.state == LinkState::Suggested && a.person == one.object && a.score == one.score
                });
                let object = directory::by_key(tx, one.object)?.filter(|_| stands);
                if let Some(object) = object {
                    identifier::tie(tx, &actor, now, &connection, &object, &one.account)?;
                    linked += 1;
                }
            }
            Ok::<u64, Store>(linked)
        };
        self.db.write(write).await
    }
}

fn question(list: Vec<String>, left: usize) -> Question {
    let mut sentence = match list.len() {
        1 => "One person is linked to the account that is suggested for them.".to_owned(),
        count => format!("{count} people are linked to the accounts that are suggested for them."),
    };
    sentence.push_str(" Nothing is written to Microsoft.");
    match left {
        0 => {}
        1 => sentence.push_str(" One more suggestion waits: it rests on a mail address or a name alone."),
        left => sentence.push_str(&format!(
            " {left} more suggestions wait: they rest on a mail address or a name alone, or are beyond this act."
        )),
    }
    Question {
        code: "PRV-IDENTIFIER-ACCEPT",
        sentence,
        hint: "Read the list. Link one by one instead, if some of it is not right.",
        list,
    }
}

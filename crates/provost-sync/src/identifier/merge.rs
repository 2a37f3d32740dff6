//! Making one of two people who are one, after both sides were shown.

use super::attempt;
use crate::setup::Confirm;
use crate::setup::confirm::{Question, settle};
use crate::{Engine, Error, Result};
use provost_store::directory::Object;
use provost_store::identifier::{self, Merge};
use provost_store::{Tx, directory};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// What a merge carried over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// Attributes that the one who stays had none of.
    pub filled: Vec<String>,
    /// Names of the groups that they joined.
    pub groups: Vec<String>,
    /// Names of the accounts that became theirs.
    pub accounts: Vec<String>,
    /// Names of the connections that they were assigned to.
    pub assigned: Vec<String>,
    /// Whether an administrator's block went over.
    pub blocked: bool,
}

impl From<Merge> for Merged {
    fn from(merge: Merge) -> Self {
        Self {
            filled: merge.filled,
            groups: merge.groups,
            accounts: merge.accounts,
            assigned: merge.assigned,
            blocked: merge.blocked,
        }
    }
}

impl Engine {
    /// Makes one of two people of a workspace: what `goes` has goes over to `stays`, and `goes` lies in the recycle bin
    /// as they were, from where they can be restored.
    ///
    /// # Errors
    /// [`Error::Confirm`] with `PRV-MERGE-CONFIRM`, which shows both sides and what goes over; [`Error::Refused`]:
    /// `PRV-OBJECT-UNKNOWN`, and the store's `PRV-MERGE-SAME`, `PRV-MERGE-OWNER`, `PRV-MERGE-ACCOUNTS`,
    /// `PRV-MERGE-GROUPS`, `PRV-MERGE-LEAVER`.
    pub async fn merge_people(
        &self,
        workspace: i64,
        stays: Uuid,
        goes: Uuid,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Merged> {
        let subject = stays.to_string();
        let result = self.merged_people(workspace, stays, goes, confirm, actor).await;
        self.audited(attempt(workspace, actor, "identifier.merge", &subject), result)
            .await
    }

    async fn merged_people(
        &self,
        workspace: i64,
        stays: Uuid,
        goes: Uuid,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Merged> {
        let (stays, goes) = (
            self.person_of(workspace, stays).await?,
            self.person_of(workspace, goes).await?,
        );
        let (one, other) = (stays.clone(), goes.clone());
        let read = move |tx: &mut Tx| identifier::merge_preview(tx, &one, &other);
        let found = self.db.read(read).await?;
        settle(vec![question(&stays, &goes, &found)?], confirm)?;
        let (actor, now) = (actor.to_owned(), self.now());
        let write = move |tx: &mut Tx| {
            let current = (
                directory::by_key(tx, stays.key)?,
                directory::by_key(tx, goes.key)?,
            );
            match current {
                (Some(one), Some(other)) if one.version == stays.version && other.version == goes.version => {
                    Ok(identifier::merge(tx, &actor, now, &one, &other)?)
                }
                _ => Err(Error::refused(
                    "PRV-MERGE-MOVED",
                    "one of the two changed or went meanwhile",
                    "Look at both again, then merge.",
                )),
            }
        };
        let done: Merge = self.db.write(write).await?;
        Ok(done.into())
    }
}

fn question(stays: &Object, goes: &Object, found: &Merge) -> Result<Question> {
    let mut list = side("stays", stays)?;
    list.extend(side("goes", goes)?);
    let mut over = |what: &str, names: &[String]| {
        if !names.is_empty() {
            list.push(format!("goes over: {what}: {}", names.join(", ")));
        }
    };
    over("accounts", &found.accounts);
    over("groups", &found.groups);
    over("assigned to", &found.assigned);
    over("attributes", &found.filled);
    if found.blocked {
        list.push("goes over: an administrator's block".to_owned());
    }
    Ok(Question {
        code: "PRV-MERGE-CONFIRM",
        sentence: format!(
            "{} and {} become one: {} stays. What goes lies in the recycle bin as it was, and can be restored from \
             there; what went over stays where it is then.",
            stays.label, goes.label, stays.label
        ),
        hint: "Compare both sides, and merge only if they are the same person.",
        list,
    })
}

/// One of the two, an attribute a line.
fn side(word: &str, object: &Object) -> Result<Vec<String>> {
    let value = object.value()?;
    let mut lines = vec![format!("{word}: {} ({})", object.label, object.id)];
    for (name, value) in value.as_object().into_iter().flatten() {
        let shown = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        lines.push(format!("{word}: {name} = {shown}"));
    }
    Ok(lines)
}

//! Links that a person makes or breaks. The target is asked before a link to it is believed.

use crate::open::Open;
use crate::{Engine, Error, Result};
use provost_connect::Account;
use provost_store::link::{self, Relink};
use provost_store::{Tx, directory};

impl Engine {
    /// Links a person or group to an account or group of the target that somebody chose. The next cycle writes
    /// every mapped attribute there. Answers what the target has under this id.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-LINK-RULE` when the connection has no such rule, `PRV-OBJECT-UNKNOWN`,
    /// `PRV-LINK-ABSENT` when the target has nothing with this id; the store's `PRV-LINK-TAKEN` when it is linked
    /// to somebody else. [`Error::Target`] when the target cannot be asked.
    pub async fn relink(
        &self,
        connection: i64,
        rule: i64,
        object: i64,
        target_id: &str,
        actor: &str,
    ) -> Result<Account> {
        let open = self.open(connection).await?;
        let active = open.rule(rule).cloned().ok_or_else(|| no_rule(&open))?;
        let found = open
            .target
            .get(active.kind, target_id, &active.attributes)
            .await?;
        let account = found.ok_or_else(|| absent(&open, target_id))?;
        let (actor, id, now) = (actor.to_owned(), account.id.clone(), self.now());
        self.db
            .write(move |tx| {
                let found = directory::by_key(tx, object)?
                    .filter(|o| o.kind == active.kind && o.workspace == open.connection.workspace)
                    .ok_or_else(|| crate::evaluate::unknown_object(object))?;
                let to = Relink {
                    rule,
                    object: &found,
                    target_id: &id,
                };
                free_of_other_rules(tx, &open, &to)?;
                link::relink(tx, &actor, now, &open.connection, &to)?;
                Ok::<_, Error>(())
            })
            .await?;
        Ok(account)
    }

    /// Breaks a link: the account stays as it is, and the next cycle looks for a match again. `false`: there is no
    /// such link in the connection.
    ///
    /// # Errors
    /// [`Error::NoConnection`]; any error of the store.
    pub async fn unlink(&self, connection: i64, rule: i64, object: i64, actor: &str) -> Result<bool> {
        let (actor, now) = (actor.to_owned(), self.now());
        self.db
            .write(move |tx| {
                let found = provost_store::connection::by_key(tx, connection)?
                    .ok_or(Error::NoConnection(connection))?;
                Ok(link::unlink(tx, &actor, now, &found, rule, object)?)
            })
            .await
    }
}

/// A target object belongs to one directory object, whichever rule of the connection linked it.
fn free_of_other_rules(tx: &mut Tx, open: &Open, to: &Relink) -> Result<()> {
    for rule in open.rules.iter().filter(|r| r.key != to.rule && r.key > 0) {
        let holder = link::object_of_target(tx, rule.key, to.target_id)?;
        if holder.is_some_and(|key| key != to.object.key) {
            return Err(Error::refused(
                "PRV-LINK-TAKEN",
                format!(
                    "{} is linked to somebody else by the rule {}",
                    to.target_id, rule.name
                ),
                "Unlink that one first, or choose another account.",
            ));
        }
    }
    Ok(())
}

fn no_rule(open: &Open) -> Error {
    Error::refused(
        "PRV-LINK-RULE",
        format!("{} has no such rule", open.connection.name),
        "Name a rule of this connection.",
    )
}

fn absent(open: &Open, target_id: &str) -> Error {
    Error::refused(
        "PRV-LINK-ABSENT",
        format!("{} has nothing with the id {target_id}", open.connection.name),
        "Look the id up in the target; it is the target's own id, not a user name.",
    )
}

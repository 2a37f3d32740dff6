//! Saving how a connection runs and what it may do.

use super::confirm::{self, Confirm, Question};
use super::refusal::Attempt;
use crate::open;
use crate::proposal::Proposal;
use crate::work::{self, Mode, Scope};
use crate::{Engine, Error, Result, draft, licence, preview};
use provost_engine::plan::Action;
use provost_store::connection::{self, Connection, Preferences, Reset};
use provost_store::{product, rule, sync_status};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The code of what has to be confirmed before licences are taken back.
const LICENCES: &str = "PRV-LICENCES-CONFIRM";

/// A licence that would be taken back: rule, person, product.
type Removal = (i64, i64, i64);

/// What follows from preferences that were saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PreferencesSaved {
    /// Why a full resync is needed, for people; none when it is not. [`Engine::resync`] asks for it.
    pub resync: Option<String>,
    /// People and groups that are not in the target because creating was not allowed.
    pub unsynced: u64,
    /// Those that are not wholly as they should be because something was not allowed.
    pub partially_synced: u64,
}

/// Refuses what contradicts itself.
pub(super) fn check(preferences: &Preferences) -> Result<()> {
    if let Some(contradiction) = preferences.allowed.check().first() {
        return Err(Error::refused(
            contradiction.code,
            contradiction.sentence.trim_end_matches('.'),
            contradiction.hint,
        ));
    }
    preferences.check()?;
    Ok(())
}

impl Engine {
    /// Saves a connection's preferences. An action that is allowed from now on reaches what was left out before only
    /// by a full resync: the answer says so.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-ACTIONS-CONTRADICT`, or the store's `PRV-PREFERENCES`; [`Error::Confirm`] with
    /// `PRV-LICENCES-CONFIRM` when people would lose licences; [`Error::NoConnection`].
    pub async fn save_preferences(
        &self,
        connection: i64,
        preferences: Preferences,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<PreferencesSaved> {
        let found = self.connection_by_key(connection).await?;
        let attempt = Attempt {
            workspace: found.workspace,
            actor,
            action: "connection.preferences",
            subject: &found.name,
        };
        let result = self.preferred(&found, preferences, actor, confirm).await;
        self.audited(attempt, result).await
    }

    async fn preferred(
        &self,
        found: &Connection,
        preferences: Preferences,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<PreferencesSaved> {
        check(&preferences)?;
        let mut questions = Vec::new();
        if preferences.remove_licences_when_empty && !found.preferences.remove_licences_when_empty {
            questions.extend(self.licences_question(found, &preferences).await?);
        }
        confirm::settle(questions, confirm)?;
        let (connection, actor, now) = (found.clone(), actor.to_owned(), self.now());
        let wanted = preferences.clone();
        self.db
            .write(move |tx| connection::set_preferences(tx, &actor, now, &connection, &wanted))
            .await?;
        self.left_behind(found, &preferences).await
    }

    /// Has everybody looked at again: what was not allowed before is made up for.
    ///
    /// # Errors
    /// [`Error::NoConnection`]; any error of the store.
    pub async fn resync(&self, connection: i64, actor: &str) -> Result<()> {
        let found = self.connection_by_key(connection).await?;
        let (actor, now) = (actor.to_owned(), self.now());
        self.db
            .write(move |tx| connection::restart(tx, &actor, now, &found, &[Reset::Watermark]))
            .await?;
        Ok(())
    }

    /// What an action that is allowed from now on has left behind.
    async fn left_behind(&self, found: &Connection, after: &Preferences) -> Result<PreferencesSaved> {
        let (was, is) = (&found.preferences.allowed, &after.allowed);
        let words: Vec<&str> = [
            ("create", was.create, is.create),
            ("update", was.update, is.update),
            ("disable", was.disable, is.disable),
            ("deprovision", was.deprovision, is.deprovision),
        ]
        .into_iter()
        .filter(|(_, was, is)| !was && *is)
        .map(|(word, ..)| word)
        .collect();
        if words.is_empty() {
            return Ok(PreferencesSaved::default());
        }
        let (unsynced, partially_synced) = self.waiting(found.key).await?;
        let resync = (unsynced + partially_synced > 0).then(|| {
            format!(
                "\"{}\" is allowed from now on, but {unsynced} unsynced and {partially_synced} partially synced people \
                 and groups were left out while it was not. Run a full resync to make up for it.",
                words.join("\", \"")
            )
        });
        Ok(PreferencesSaved {
            resync,
            unsynced,
            partially_synced,
        })
    }

    async fn waiting(&self, connection: i64) -> Result<(u64, u64)> {
        let counts = self
            .db
            .read(move |tx| {
                let (mut unsynced, mut partial) = (0, 0);
                for stored in rule::of_connection(tx, connection)? {
                    let counts = sync_status::counts(tx, stored.key)?;
                    unsynced += counts.unsynced;
                    partial += counts.partially_synced;
                }
                Ok::<_, provost_store::Error>((unsynced, partial))
            })
            .await?;
        Ok((counts.0 as u64, counts.1 as u64))
    }

    /// Who would lose which licence by these preferences and does not by those that are saved.
    async fn licences_question(&self, found: &Connection, after: &Preferences) -> Result<Option<Question>> {
        let now = self.licence_removals(found.key, None).await?;
        let then = self.licence_removals(found.key, Some(after)).await?;
        let lost: Vec<Removal> = then.difference(&now).copied().collect();
        if lost.is_empty() {
            return Ok(None);
        }
        let people: BTreeSet<i64> = lost.iter().map(|(_, person, _)| *person).collect();
        let people = people.len();
        let (products, list) = self.named_losses(found.key, lost).await?;
        let products: Vec<String> = products
            .iter()
            .map(|(name, count)| format!("{name} from {count}"))
            .collect();
        Ok(Some(Question {
            code: LICENCES,
            sentence: format!("{people} people would lose licences: {}.", products.join(", ")),
            hint: "Read the list. Map the licences first if they are to stay, or confirm that they go.",
            list,
        }))
    }

    async fn licence_removals(
        &self,
        connection: i64,
        preferences: Option<&Preferences>,
    ) -> Result<BTreeSet<Removal>> {
        let proposal = Proposal {
            preferences: preferences.cloned(),
            ..Proposal::default()
        };
        let open = open::open_with(self, connection, &proposal).await?;
        let open = licence::refreshed(self, open).await?;
        let mut work = work::read(&self.db, &open, None).await?;
        (work.mode, work.scope) = (Mode::Initial, Scope::Everything);
        let drafts = draft::make(&self.db, &open, &work, None).await?;
        // What nobody of ours gave is not in the list yet: the target says who has it.
        let unlisted = licence::find(&self.db, &open, &work).await?;
        let mut removals: BTreeSet<Removal> = unlisted
            .into_iter()
            .map(|one| (one.rule, one.person, one.product))
            .collect();
        for draft in &drafts {
            let steps = draft.plan.steps.iter().copied().chain(draft.held_steps());
            let taken = steps.filter(|step| step.action == Action::RemoveLicence);
            removals.extend(taken.map(|step| (draft.rule.key, step.object, step.member)));
        }
        Ok(removals)
    }

    /// How many lose each product, and the first who lose what.
    async fn named_losses(
        &self,
        connection: i64,
        lost: Vec<Removal>,
    ) -> Result<(BTreeMap<String, u64>, Vec<String>)> {
        let named = self
            .db
            .read(move |tx| {
                let names: BTreeMap<i64, String> = product::list(tx, connection)?
                    .into_iter()
                    .map(|row| (row.key, row.product.name))
                    .collect();
                let (mut products, mut list) = (BTreeMap::new(), Vec::new());
                for (rule, person, product) in &lost {
                    let product = names.get(product).cloned().unwrap_or_default();
                    *products.entry(product.clone()).or_default() += 1;
                    if list.len() < confirm::NAMED {
                        list.push(format!("{}: {product}", preview::name(tx, *rule, *person)?));
                    }
                }
                Ok::<_, provost_store::Error>((products, list))
            })
            .await?;
        Ok(named)
    }
}

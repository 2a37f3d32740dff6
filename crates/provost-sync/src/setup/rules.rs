//! Saving a connection's rules, and switching one on or off: reviewed by the target, confirmed where they mean
//! everybody or nobody, passwords sealed.

use super::confirm::{self, Confirm, Question};
use super::fault::{self, RuleFault};
use super::password::{self, Sealed};
use super::refusal::Attempt;
use super::{head_count, switch};
use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::{Engine, Error, Result};
use provost_engine::rule::Rule;
use provost_store::connection::{Connection, State};
use provost_store::secret::{self, Place};
use provost_store::{Tx, microsoft_365, rule};

/// The code of a password that is missing, which only a rule that is switched on needs.
const NO_PASSWORD: &str = "PRV-RULE-PASSWORD";

impl Engine {
    /// Makes the connection's rules exactly `rules`, in this order. Answers what works but should be known. A rule
    /// that is left out is forgotten with its links; its accounts stay. A password that is a constant is sealed, and
    /// the rule keeps the name of the secret.
    ///
    /// # Errors
    /// [`Error::Rules`]; [`Error::Faults`] with what the target would refuse (`PRV-MAPPING-UNKNOWN`,
    /// `PRV-RULE-PASSWORD`, `PRV-PASSWORD-WEAK` …); [`Error::Confirm`] with `PRV-RULE-EVERYONE` or
    /// `PRV-RULE-NOBODY`; [`Error::Refused`] with `PRV-CONNECTION-INVALID` or `PRV-RULE-DEPROVISIONS`, and the store's
    /// `PRV-PROVIDER-NOT-ASSIGNABLE` for a rule that is on before its provider is federated.
    pub async fn save_rules(
        &self,
        connection: i64,
        rules: Vec<Rule>,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<Vec<RuleFault>> {
        self.save_rules_with_note(connection, rules, actor, confirm, "rules")
            .await
    }

    /// [`Engine::save_rules`] with a reason for the list of versions.
    ///
    /// # Errors
    /// As there.
    pub async fn save_rules_with_note(
        &self,
        connection: i64,
        rules: Vec<Rule>,
        actor: &str,
        confirm: &Confirm,
        note: &str,
    ) -> Result<Vec<RuleFault>> {
        let found = self.connection_by_key(connection).await?;
        let attempt = Attempt {
            workspace: found.workspace,
            actor,
            action: "rule.save",
            subject: &found.name,
        };
        let result = self.saved(&found, &rules, actor, confirm, note).await;
        self.audited(attempt, result).await
    }

    /// Switches a rule on or off; one that is off decides nothing, and its links stay.
    ///
    /// # Errors
    /// As [`Engine::save_rules`]; [`Error::Refused`] with `PRV-RULE-UNKNOWN`.
    pub async fn switch_rule(
        &self,
        connection: i64,
        name: &str,
        on: bool,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<Vec<RuleFault>> {
        let found = self.connection_by_key(connection).await?;
        let subject = format!("{}/{name}", found.name);
        let attempt = Attempt {
            workspace: found.workspace,
            actor,
            action: if on { "rule.on" } else { "rule.off" },
            subject: &subject,
        };
        let result = self.switched_rule(&found, name, on, actor, confirm).await;
        self.audited(attempt, result).await
    }

    async fn switched_rule(
        &self,
        found: &Connection,
        name: &str,
        on: bool,
        actor: &str,
        confirm: &Confirm,
    ) -> Result<Vec<RuleFault>> {
        let mut rules = self.stored_rules(found.key).await?;
        let Some(rule) = rules.iter_mut().find(|rule| rule.name == name) else {
            return Err(Error::refused(
                "PRV-RULE-UNKNOWN",
                format!("the connection \"{}\" has no rule \"{name}\"", found.name),
                "List the connection's rules and choose one of them.",
            ));
        };
        if rule.enabled == on {
            return Ok(Vec::new());
        }
        rule.enabled = on;
        let note = format!("rule {name} switched {}", if on { "on" } else { "off" });
        self.saved(found, &rules, actor, confirm, &note).await
    }

    /// What would be said to these rules if they were saved, without saving them: what the target would refuse, and
    /// what works but should be known.
    ///
    /// # Errors
    /// [`Error::Rules`]; [`Error::NoConnection`]; [`Error::Target`] when the connection cannot be opened.
    pub async fn review_rules(
        &self,
        connection: i64,
        rules: &[Rule],
    ) -> Result<(Vec<RuleFault>, Vec<RuleFault>)> {
        let before = self.stored_rules(connection).await?;
        let open = self.proposed(connection, rules).await?;
        Ok(reviewed(&open, &before, rules).await)
    }

    /// Refuses a proposal with rules that the target would refuse.
    ///
    /// # Errors
    /// [`Error::Faults`]; those of [`Engine::review_rules`].
    pub(crate) async fn refuse_faults(&self, connection: i64, proposal: &Proposal) -> Result<()> {
        let Some(rules) = &proposal.rules else {
            return Ok(());
        };
        let (faults, _) = self.review_rules(connection, rules).await?;
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Faults(faults))
        }
    }

    pub(super) async fn stored_rules(&self, connection: i64) -> Result<Vec<Rule>> {
        let stored = self
            .db
            .read(move |tx| rule::of_connection(tx, connection))
            .await?;
        Ok(stored.into_iter().map(|stored| stored.rule).collect())
    }

    async fn proposed(&self, connection: i64, rules: &[Rule]) -> Result<Open> {
        let proposal = Proposal {
            rules: Some(rules.to_vec()),
            ..Proposal::default()
        };
        open::open_with(self, connection, &proposal).await
    }

    async fn saved(
        &self,
        found: &Connection,
        rules: &[Rule],
        actor: &str,
        confirm: &Confirm,
        note: &str,
    ) -> Result<Vec<RuleFault>> {
        let sealed = password::seal(rules).map_err(Error::Faults)?;
        let before = self.stored_rules(found.key).await?;
        if sealed.rules.iter().any(|rule| rule.enabled) {
            // Before anything is asked that could not be done anyway.
            let key = found.key;
            self.db
                .read(move |tx| microsoft_365::refuse_rules(tx, key))
                .await?;
        }
        refuse_enabled(found, &before, &sealed.rules)?;
        refuse_dropped(found, &before, &sealed.rules)?;
        let open = self.proposed(found.key, &sealed.rules).await?;
        let (faults, warnings) = reviewed(&open, &before, &sealed.rules).await;
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        confirm::settle(self.questions(&open, &before).await?, confirm)?;
        let (key, connection, actor, now) = (self.key.clone(), found.clone(), actor.to_owned(), self.now());
        let (note, sealed) = (note.to_owned(), sealed);
        self.db
            .write(move |tx| {
                keep_passwords(tx, &key, connection.key, now, &sealed)?;
                rule::replace_all(tx, &actor, now, &connection, &sealed.rules, &note)
            })
            .await?;
        Ok(warnings)
    }

    /// Rules that mean everybody or nobody and did not do so before.
    async fn questions(&self, open: &Open, before: &[Rule]) -> Result<Vec<Question>> {
        let open = open.with_everybody_listed(&self.db).await?;
        let mut questions = Vec::new();
        for rule in open.rules.iter().filter(|r| r.compiled.rule().enabled) {
            let same = |b: &&Rule| b.name == rule.name && b.enabled && b.scope == rule.compiled.rule().scope;
            if before.iter().any(|b| same(&b)) {
                continue;
            }
            let count = self.count_of(&open, &rule.compiled).await?;
            questions.extend(head_count::question(&rule.name, rule.kind, &count));
        }
        Ok(questions)
    }
}

/// What the target says, once it has been asked what it has to know for that. A target that cannot be asked just now
/// says what it can.
async fn reviewed(open: &Open, before: &[Rule], after: &[Rule]) -> (Vec<RuleFault>, Vec<RuleFault>) {
    if let Err(error) = open.target.prepare().await {
        tracing::debug!(%error, "the rules are reviewed without what the target knows of its organisation");
    }
    let (mut faults, warnings) = fault::review(&*open.target, before, after);
    let is_on = |name: &str| after.iter().any(|rule| rule.name == name && rule.enabled);
    faults.retain(|fault| fault.code != NO_PASSWORD || is_on(&fault.rule));
    (faults, warnings)
}

/// An invalid connection cannot be chosen by a rule that is switched on.
fn refuse_enabled(found: &Connection, before: &[Rule], after: &[Rule]) -> Result<()> {
    if found.state != State::Invalid {
        return Ok(());
    }
    let was_on = |name: &str| before.iter().any(|b| b.name == name && b.enabled);
    match after.iter().find(|rule| rule.enabled && !was_on(&rule.name)) {
        None => Ok(()),
        Some(rule) => {
            let what = format!("the rule \"{}\" cannot be switched on for it", rule.name);
            Err(switch::invalid(found, &what))
        }
    }
}

/// Where a deleted rule deprovisions, it is deleted as such, with its head count.
fn refuse_dropped(found: &Connection, before: &[Rule], after: &[Rule]) -> Result<()> {
    if !found.preferences.allowed.deprovision_on_rule_deletion {
        return Ok(());
    }
    match before.iter().find(|b| after.iter().all(|a| a.name != b.name)) {
        None => Ok(()),
        Some(rule) => Err(Error::refused(
            "PRV-RULE-DEPROVISIONS",
            format!(
                "the rule \"{}\" would be left out, and the accounts of a deleted rule are deprovisioned on \"{}\"",
                rule.name, found.name
            ),
            "Remove the rule by itself: that shows how many people lose their account, and asks for the rule's name.",
        )),
    }
}

/// Keeps the sealed passwords of rules.
pub(super) fn keep_passwords(
    tx: &mut Tx,
    key: &secret::Key,
    connection: i64,
    now: i64,
    sealed: &Sealed,
) -> provost_store::Result<()> {
    for (field, plain) in &sealed.secrets {
        let place = Place {
            table: "connection",
            owner: connection,
            field,
        };
        secret::put(tx, key, now, &place, plain.expose())?;
    }
    Ok(())
}

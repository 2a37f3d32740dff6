//! Taking a rule away together with its accounts: who loses theirs is counted and named first, the rule's name has
//! to be typed, and the guard weighs it like any other cycle. People whom another rule of the connection means too
//! keep their account: their link goes over to that rule.
//!
//! The rule stays, with nobody in its scope, until everything is settled; then it is dropped.

mod hand_over;
mod settle;

pub(crate) use settle::settle;

use crate::open::{ActiveRule, Open};
use crate::report::Held;
use crate::setup::{Attempt, Confirm};
use crate::{Engine, Error, Options, Result, cycle};
use provost_engine::object::Kind;
use provost_engine::rule::{RemoveAction, Rule};
use provost_store::connection::State;
use provost_store::directory::{self, Range};
use provost_store::lease::{self, Lease};
use provost_store::link;
use provost_store::rule;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use xxhash_rust::xxh3::Xxh3;

/// Names that are shown.
const NAMED: usize = 100;
/// Keys in one stretch of the links.
const STRETCH: i64 = 16_384;
/// How long one stretch may take.
const LIMIT: Duration = Duration::from_secs(60);
/// The stable word for a removal that has to be confirmed.
const CONFIRM: &str = "PRV-RULE-DEPROVISION";

/// What taking a rule away means, or did.
#[derive(Debug, Clone, Serialize)]
pub struct RuleRemoval {
    /// The rule's name.
    pub rule: String,
    /// What happens to the accounts: the rule's remove action; `leave` when they stay as they are.
    pub action: RemoveAction,
    /// People and groups whose account is closed or deleted.
    pub people: u64,
    /// The first of their names.
    pub labels: Vec<String>,
    /// Those whom another rule of the connection means too: they keep their account.
    pub kept_by_other_rules: u64,
    /// What a confirmation is bound to.
    pub digest: String,
    /// What the guard holds for a person's decision.
    pub held: Vec<Held>,
    /// Whether the rule is gone. It stays, meaning nobody, while removals wait or fail.
    pub done: bool,
}

impl Engine {
    /// Takes a rule away. Where the connection says that accounts go with their rule
    /// ([`Allowed::deprovision_on_rule_deletion`](provost_engine::policy::Allowed)), an empty `confirm` only tells what
    /// would happen; with the digest of that and the rule's name typed it is done. Otherwise the accounts stay and the
    /// rule goes at once.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-RULE-UNKNOWN`; [`Error::Confirm`] with `PRV-RULE-DEPROVISION` when the digest is
    /// another one by now or the name is not the rule's; [`Error::Running`]; any error of the store.
    pub async fn remove_rule(
        &self,
        connection: i64,
        name: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<RuleRemoval> {
        let open = self.open(connection).await?;
        let attempt = Attempt {
            workspace: open.connection.workspace,
            actor,
            action: "rule.remove",
            subject: name,
        };
        let result = removed(self, open, name, confirm, actor).await;
        self.audited(attempt, result).await
    }
}

async fn removed(
    engine: &Engine,
    open: Open,
    name: &str,
    confirm: &Confirm,
    actor: &str,
) -> Result<RuleRemoval> {
    let options = Options {
        initiator: Some(actor.to_owned()),
        ..Options::default()
    };
    let Some(rule) = open.rules.iter().find(|r| r.name == name).cloned() else {
        // One that does not compile means nobody: there is nothing to weigh.
        return drop_broken(engine, &open, name, actor).await;
    };
    let deprovisions = open.preferences.allowed.deprovision_on_rule_deletion
        && rule.compiled.remove_action() != RemoveAction::Leave;
    let open = open.with_everybody_listed(&engine.db).await?;
    let reach = reach(engine, &open, &rule).await?;
    let mut told = reach.told(&rule, deprovisions);
    if deprovisions && told.people > 0 {
        if *confirm == Confirm::default() {
            return Ok(told);
        }
        check(&told, confirm)?;
    }
    engine
        .with_lease(open.connection.key, &options, |lease| async move {
            if !deprovisions || told.people == 0 {
                hand_over::kept(engine, lease, &open, &rule, &reach.kept).await?;
                let (connection, name, by, now) = (
                    open.connection.clone(),
                    rule.name.clone(),
                    actor.to_owned(),
                    open.now(),
                );
                engine
                    .db
                    .write(move |tx| {
                        lease::prove(tx, lease)?;
                        rule::remove(tx, &by, now, &connection, &name)
                    })
                    .await?;
                told.done = true;
                return Ok(told);
            }
            begin(engine, lease, &open, &rule, actor).await?;
            hand_over::kept(engine, lease, &open, &rule, &reach.kept).await?;
            if matches!(open.connection.state, State::Paused | State::Invalid) {
                return Ok(told);
            }
            let report = cycle::run(engine, lease, &options_of(actor)).await?;
            told.held = report.held;
            let (connection, name) = (open.connection.key, rule.name.clone());
            let left = engine
                .db
                .read(move |tx| rule::of_connection(tx, connection))
                .await?;
            told.done = !left.iter().any(|stored| stored.name == name);
            Ok(told)
        })
        .await
}

fn options_of(actor: &str) -> Options {
    Options {
        initiator: Some(actor.to_owned()),
        ..Options::default()
    }
}

/// Refuses what was not confirmed exactly so.
fn check(told: &RuleRemoval, confirm: &Confirm) -> Result<()> {
    let is_typed = confirm.typed.as_deref().map(str::trim) == Some(told.rule.as_str());
    if is_typed && confirm.digest.as_deref() == Some(&told.digest) {
        return Ok(());
    }
    let (rule, people) = (&told.rule, told.people);
    let verb = match told.action {
        RemoveAction::Delete => "deleted",
        RemoveAction::Disable | RemoveAction::Leave => "disabled",
    };
    Err(Error::Confirm {
        code: CONFIRM,
        sentence: format!("with the rule \"{rule}\" the accounts of {people} people or groups are {verb}"),
        hint: "Read the list, then confirm it and type the rule's name.",
        digest: told.digest.clone(),
        list: told.labels.clone(),
    })
}

async fn drop_broken(engine: &Engine, open: &Open, name: &str, actor: &str) -> Result<RuleRemoval> {
    let (connection, wanted, by, now) = (
        open.connection.clone(),
        name.to_owned(),
        actor.to_owned(),
        open.now(),
    );
    let is_gone = engine
        .db
        .write(move |tx| rule::remove(tx, &by, now, &connection, &wanted))
        .await?;
    if !is_gone {
        return Err(Error::refused(
            "PRV-RULE-UNKNOWN",
            format!("{} has no rule with the name \"{name}\"", open.connection.name),
            "List the connection's rules and choose one of them.",
        ));
    }
    Ok(RuleRemoval {
        rule: name.to_owned(),
        action: RemoveAction::Leave,
        people: 0,
        labels: Vec::new(),
        kept_by_other_rules: 0,
        digest: String::new(),
        held: Vec::new(),
        done: true,
    })
}

/// From now on the rule means nobody.
async fn begin(
    engine: &Engine,
    lease: Lease,
    open: &Open,
    active: &Arc<ActiveRule>,
    actor: &str,
) -> Result<()> {
    let (connection, key, by, now) = (open.connection.clone(), active.key, actor.to_owned(), open.now());
    engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            // As it is stored: the compiled one is narrowed by the connection.
            let stored = rule::of_connection(tx, connection.key)?;
            for (position, one) in (0..).zip(&stored) {
                if one.key == key {
                    let removing = Rule {
                        removing: true,
                        ..one.rule.clone()
                    };
                    rule::put(tx, &by, now, &connection, position, &removing)?;
                }
            }
            Ok::<_, provost_store::Error>(())
        })
        .await?;
    Ok(())
}

/// Whom taking a rule away concerns.
#[derive(Default)]
struct Reach {
    /// Keys of those who lose their account, with the first names.
    going: Vec<i64>,
    labels: Vec<String>,
    /// Those who keep it, with the rule that means them.
    kept: Vec<(i64, i64)>,
}

impl Reach {
    fn told(&self, rule: &ActiveRule, deprovisions: bool) -> RuleRemoval {
        let mut hash = Xxh3::new();
        hash.update(rule.name.as_bytes());
        self.going.iter().for_each(|key| hash.update(&key.to_le_bytes()));
        let going = if deprovisions { self.going.len() } else { 0 };
        RuleRemoval {
            rule: rule.name.clone(),
            action: match deprovisions {
                true => rule.compiled.remove_action(),
                false => RemoveAction::Leave,
            },
            people: going as u64,
            labels: self.labels.iter().take(going).cloned().collect(),
            kept_by_other_rules: self.kept.len() as u64,
            digest: format!("{:032x}", hash.digest128()),
            held: Vec::new(),
            done: false,
        }
    }
}

async fn reach(engine: &Engine, open: &Open, rule: &Arc<ActiveRule>) -> Result<Reach> {
    let highest = engine.db.read(directory::highest_key).await?;
    let mut all = Reach::default();
    for part in 0..=highest / STRETCH {
        let (open, rule, range) = (
            open.clone(),
            rule.clone(),
            Range {
                after: part * STRETCH,
                upto: (part + 1) * STRETCH,
            },
        );
        let part = engine
            .db
            .read_within(LIMIT, move |tx| {
                let mut part = Reach::default();
                for link in link::in_range(tx, rule.key, range)? {
                    match hand_over::other_rule(tx, &open, &rule, link.object)? {
                        Some(other) => part.kept.push((link.object, other)),
                        // Of people, who is closed already loses nothing more by a disable.
                        None if is_closed(&rule, &link) => {}
                        None => {
                            part.going.push(link.object);
                            part.labels.push(link.label);
                        }
                    }
                }
                Ok::<_, Error>(part)
            })
            .await?;
        all.going.extend(part.going);
        all.kept.extend(part.kept);
        let room = NAMED.saturating_sub(all.labels.len());
        all.labels.extend(part.labels.into_iter().take(room));
    }
    Ok(all)
}

fn is_closed(rule: &ActiveRule, link: &link::Link) -> bool {
    rule.kind == Kind::Person && !link.enabled && rule.compiled.remove_action() == RemoveAction::Disable
}

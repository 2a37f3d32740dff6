//! The model target, as a hostile one: its calls are counted, and fail, vanish or change the world around them where
//! a step says so. It remembers every write that it carried out.

use super::step::{Crash, Fault, Trouble};
use crate::model::{KEY, Model};
use futures::FutureExt as _;
use provost_connect::{
    Account, AccountPage, BoxFuture, Check, Description, Error, Kind, MemberChange, MemberPage, Record,
    Result, Target,
};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Milliseconds that a call takes.
const CALL: i64 = 700;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// With the key that it was made with.
    Create(String),
    Disable,
    Enable,
    Delete,
    /// With the member's id.
    AddMember(String),
    RemoveMember(String),
    /// Anything else.
    Touch,
}

/// A write that was carried out.
#[derive(Debug, Clone)]
pub struct Event {
    pub at: i64,
    pub kind: Kind,
    pub id: String,
    /// The key with which it was made, where it was there before.
    pub key: Option<String>,
    pub deed: Deed,
    /// Whether anything was different afterwards.
    pub effect: bool,
    /// Whether the engine was told.
    pub answered: bool,
}

/// Something that happens in the directory at a call.
pub type Surprise = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

#[derive(Default)]
struct State {
    trouble: Trouble,
    surprise: Option<Surprise>,
    calls: u32,
    writes: u32,
    clock_reads: u32,
    is_dead: bool,
    events: Vec<Event>,
    /// Accounts and groups that are nobody's.
    outsiders: BTreeSet<String>,
    wrong: Vec<String>,
}

pub struct Hostile {
    pub model: Arc<Model>,
    clock: Arc<AtomicI64>,
    state: Mutex<State>,
    died: Notify,
}

/// How a call ends.
struct Turn {
    fault: Option<Fault>,
    dies: bool,
}

impl Hostile {
    pub fn new(model: Arc<Model>, clock: Arc<AtomicI64>) -> Self {
        Self {
            model,
            clock,
            state: Mutex::default(),
            died: Notify::new(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Begins a cycle with its trouble.
    pub fn begin(&self, trouble: &Trouble, surprise: Option<Surprise>) {
        let mut state = self.state();
        state.trouble = trouble.clone();
        state.surprise = surprise;
        (state.calls, state.writes, state.clock_reads, state.is_dead) = (0, 0, 0, false);
        let mut held = self.model.world();
        held.broken_list = trouble.broken_list.map(|(pages, _)| pages);
        held.page = trouble.broken_list.map_or(0, |(_, size)| size);
        let is_hidden = |id: &&String| trouble.hides.is_some_and(|n| number(id).is_multiple_of(n + 1));
        held.hidden = held.people.keys().filter(is_hidden).cloned().collect();
    }

    /// What was written since the last time somebody asked, and what went wrong.
    pub fn take(&self) -> (Vec<Event>, Vec<String>) {
        let mut state = self.state();
        (
            std::mem::take(&mut state.events),
            std::mem::take(&mut state.wrong),
        )
    }

    pub fn add_outsider(&self, id: String) {
        self.state().outsiders.insert(id);
    }

    /// Returns when the process is to die.
    pub async fn died(&self) {
        self.died.notified().await;
    }

    /// The engine's clock. Who reads it may die of it.
    pub fn read_clock(&self) -> i64 {
        let mut state = self.state();
        state.clock_reads += 1;
        if matches!(state.trouble.crash, Some(Crash::Clock(n)) if n == state.clock_reads) {
            state.is_dead = true;
            self.died.notify_one();
        }
        self.clock.load(Ordering::Relaxed)
    }

    /// The begin of a call.
    async fn turn(&self, writes: bool) -> Turn {
        self.clock.fetch_add(CALL, Ordering::Relaxed);
        let (turn, surprise, is_dead) = {
            let mut state = self.state();
            state.calls += 1;
            state.writes += u32::from(writes);
            let (call, write) = (state.calls, if writes { state.writes } else { 0 });
            let trouble = &state.trouble;
            let is_dead = state.is_dead || matches!(trouble.crash, Some(Crash::Before(n)) if n == call);
            let is_down = trouble.down.is_some_and(|(from, to)| (from..=to).contains(&call));
            let fault = trouble
                .faults
                .iter()
                .find(|(n, _)| *n == call)
                .map(|(_, fault)| *fault);
            let turn = Turn {
                fault: if is_down { Some(Fault::Refused) } else { fault },
                dies: matches!(trouble.crash, Some(Crash::After(n)) if n == write),
            };
            let is_surprised = trouble.change.as_ref().is_some_and(|(n, _)| *n == call);
            let surprise = state.surprise.clone().filter(|_| is_surprised && !is_dead);
            state.is_dead |= is_dead || turn.dies;
            (turn, surprise, is_dead)
        };
        if is_dead {
            self.die().await;
        }
        if let Some(surprise) = surprise {
            surprise().await;
        }
        turn
    }

    async fn die(&self) {
        self.died.notify_one();
        std::future::pending::<()>().await;
    }

    fn is_down(&self) -> bool {
        let state = self.state();
        let call = state.calls;
        state
            .trouble
            .down
            .is_some_and(|(from, to)| (from..=to).contains(&call))
    }

    fn error(&self, fault: Fault) -> Error {
        let (host, reason) = ("model".to_owned(), "the test wants it".to_owned());
        match fault {
            Fault::Refused if self.is_down() => Error::Unreachable { host, reason },
            Fault::Refused => Error::Rejected {
                operation: "a call".into(),
                reason,
                attribute: None,
            },
            Fault::Lost => Error::Interrupted { host, reason },
            Fault::Throttled => Error::Throttled { host, after: None },
            Fault::Locked => Error::Credential {
                host,
                reason,
                cause: None,
            },
            Fault::Unavailable => Error::Unavailable {
                host,
                operation: "a call".into(),
                status: 503,
                reason,
                after: None,
            },
        }
    }

    /// A call that only reads.
    async fn read<T>(&self, act: impl Future<Output = Result<T>>) -> Result<T> {
        let turn = self.turn(false).await;
        let result = match turn.fault {
            Some(fault) => Err(self.error(fault)),
            None => act.await,
        };
        if turn.dies {
            self.die().await;
        }
        result
    }

    /// A call that writes; what it did is remembered.
    async fn write<T>(
        &self,
        kind: Kind,
        id: &str,
        deed: Deed,
        act: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let turn = self.turn(true).await;
        if let Some(fault) = turn.fault.filter(|fault| *fault != Fault::Lost) {
            if turn.dies {
                self.die().await;
            }
            return Err(self.error(fault));
        }
        let before = self.held(kind, id);
        let result = act.await;
        if result.is_ok() {
            let answered = turn.fault.is_none() && !turn.dies;
            let key = before
                .0
                .as_ref()
                .and_then(|record| record.get(KEY))
                .and_then(Value::as_str);
            self.note(Event {
                at: self.clock.load(Ordering::Relaxed),
                kind,
                id: id.to_owned(),
                key: key.map(str::to_owned),
                deed: deed.clone(),
                effect: before != self.held(kind, id),
                answered,
            });
        }
        if turn.dies {
            self.die().await;
        }
        match (turn.fault, deed) {
            (None, _) => result,
            (Some(_), Deed::Create(_)) => Err(Error::AnswerLost {
                kind,
                reason: "the test wants it".into(),
            }),
            (Some(fault), _) => Err(self.error(fault)),
        }
    }

    /// What the target holds of an account or a group.
    fn held(&self, kind: Kind, id: &str) -> (Option<Record>, BTreeSet<String>) {
        let world = self.model.world();
        let of = if kind == Kind::Person {
            &world.people
        } else {
            &world.groups
        };
        (
            of.get(id).cloned(),
            world.members.get(id).cloned().unwrap_or_default(),
        )
    }

    fn note(&self, event: Event) {
        let mut state = self.state();
        let touched = match &event.deed {
            Deed::AddMember(member) | Deed::RemoveMember(member) => member,
            _ => &event.id,
        };
        for one in [&event.id, touched] {
            if state.outsiders.contains(one) {
                let text = format!("frame: {:?} on {one}, which is nobody's", event.deed);
                state.wrong.push(text);
            }
        }
        state.events.push(event);
    }

    /// An account that was made with this key.
    fn made_with(&self, kind: Kind, key: &str) -> Option<String> {
        let world = self.model.world();
        let of = if kind == Kind::Person {
            &world.people
        } else {
            &world.groups
        };
        of.iter()
            .find(|(_, r)| r.get(KEY) == Some(&json!(key)))
            .map(|(id, _)| id.clone())
    }

    async fn make(&self, kind: Kind, key: &str, record: &Record) -> Result<Account> {
        if let Some(existing) = self.made_with(kind, key) {
            if !self.state().trouble.blind {
                self.state().wrong.push(format!(
                    "twin: {key} is created again, but is there as {existing}"
                ));
            }
            return Err(Error::Conflict {
                operation: "create".into(),
                attribute: Some(KEY.into()),
                existing: None,
                reason: "the key is taken".into(),
            });
        }
        self.model.create(kind, key, record).await
    }
}

/// The number in an id.
fn number(id: &str) -> usize {
    id.trim_start_matches('t').parse().unwrap()
}

impl Target for Hostile {
    fn describe(&self) -> Description {
        self.model.describe()
    }

    fn test(&self) -> BoxFuture<'_, Vec<Check>> {
        self.model.test()
    }

    fn normalize(&self, kind: Kind, record: &mut Record) {
        self.model.normalize(kind, record);
    }

    fn link_key(&self, kind: Kind, key: &str) -> Option<(Cow<'static, str>, Value)> {
        self.model.link_key(kind, key)
    }

    fn find<'a>(
        &'a self,
        kind: Kind,
        attribute: &'a str,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Vec<Account>>> {
        let is_blind = self.state().trouble.blind;
        self.read(async move {
            match is_blind {
                true => Ok(Vec::new()),
                false => self.model.find(kind, attribute, value).await,
            }
        })
        .boxed()
    }

    fn can_match<'a>(&'a self, kind: Kind, attribute: &'a str) -> BoxFuture<'a, Result<Check>> {
        self.model.can_match(kind, attribute)
    }

    fn get<'a>(
        &'a self,
        kind: Kind,
        id: &'a str,
        names: &'a [String],
    ) -> BoxFuture<'a, Result<Option<Account>>> {
        self.read(async move { self.model.get(kind, id, names).await })
            .boxed()
    }

    fn create<'a>(&'a self, kind: Kind, key: &'a str, record: &'a Record) -> BoxFuture<'a, Result<Account>> {
        self.write(kind, "", Deed::Create(key.to_owned()), async move {
            self.make(kind, key, record).await
        })
        .boxed()
    }

    fn update<'a>(&'a self, kind: Kind, id: &'a str, changes: &'a Record) -> BoxFuture<'a, Result<()>> {
        let deed = match changes.get("active") {
            Some(Value::Bool(true)) => Deed::Enable,
            Some(Value::Bool(false)) => Deed::Disable,
            _ => Deed::Touch,
        };
        self.write(kind, id, deed, async move {
            self.model.update(kind, id, changes).await
        })
        .boxed()
    }

    fn disable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.write(kind, id, Deed::Disable, async move {
            self.model.disable(kind, id).await
        })
        .boxed()
    }

    fn enable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.write(kind, id, Deed::Enable, async move {
            self.model.enable(kind, id).await
        })
        .boxed()
    }

    fn delete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        self.write(kind, id, Deed::Delete, async move {
            self.model.delete(kind, id).await
        })
        .boxed()
    }

    fn set_reference<'a>(
        &'a self,
        id: &'a str,
        attribute: &'a str,
        target_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<()>> {
        let act = async move { self.model.set_reference(id, attribute, target_id).await };
        self.write(Kind::Person, id, Deed::Touch, act).boxed()
    }

    fn change_members<'a>(
        &'a self,
        group: &'a str,
        changes: &'a [MemberChange],
    ) -> BoxFuture<'a, Vec<Result<()>>> {
        async move {
            let mut answers = Vec::with_capacity(changes.len());
            for change in changes {
                let member = change.member_id.clone();
                let deed = if change.add {
                    Deed::AddMember(member)
                } else {
                    Deed::RemoveMember(member)
                };
                let is_there = self.model.world().people.contains_key(&change.member_id);
                let act = async move {
                    if change.add && !is_there {
                        return Err(self.error(Fault::Refused));
                    }
                    let mut answer = self
                        .model
                        .change_members(group, std::slice::from_ref(change))
                        .await;
                    answer.pop().unwrap()
                };
                answers.push(self.write(Kind::Group, group, deed, act).await);
            }
            answers
        }
        .boxed()
    }

    fn list<'a>(
        &'a self,
        kind: Kind,
        page: Option<&'a str>,
        names: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>> {
        self.read(async move { self.model.list(kind, page, names).await })
            .boxed()
    }

    fn members<'a>(&'a self, group: &'a str, page: Option<&'a str>) -> BoxFuture<'a, Result<MemberPage>> {
        self.read(async move { self.model.members(group, page).await })
            .boxed()
    }
}

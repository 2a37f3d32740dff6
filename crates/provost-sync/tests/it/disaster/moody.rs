//! The model target in a mood: while it has one, every call fails in the same way. And a target that turns out to be
//! another one.

use crate::model::Model;
use crate::world::World;
use futures::FutureExt as _;
use provost_connect::{
    Account, AccountPage, BoxFuture, Check, Description, Error, Kind, MemberChange, MemberPage, Record,
    Result, Target,
};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A target in front of another.
pub struct Moody {
    behind: Mutex<Arc<Model>>,
    mood: Mutex<Option<Error>>,
    calls: AtomicUsize,
}

impl Moody {
    /// Puts itself between the world's engine and its target.
    pub fn between(world: &mut World) -> Arc<Self> {
        let moody = Arc::new(Self {
            behind: Mutex::new(world.model.clone()),
            mood: Mutex::new(None),
            calls: AtomicUsize::new(0),
        });
        let target = moody.clone();
        world.engine = world.engine.clone().with_opener(Arc::new(move |_, _| {
            Ok(Arc::new(Front(target.clone())) as Arc<dyn Target>)
        }));
        moody
    }

    pub fn set(&self, mood: Option<Error>) {
        *self.mood.lock().unwrap() = mood;
        self.calls.store(0, Ordering::Relaxed);
    }

    /// From now on the connection leads to this target.
    pub fn lead_to(&self, model: Arc<Model>) {
        *self.behind.lock().unwrap() = model;
    }

    /// Calls since the mood was set.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn model(&self) -> Arc<Model> {
        self.behind.lock().unwrap().clone()
    }

    fn refusal(&self) -> Option<Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.mood.lock().unwrap().clone()
    }
}

/// What is opened.
struct Front(Arc<Moody>);

/// Calls the model unless the target is in a mood.
macro_rules! ask {
    ($front:expr, |$model:ident| $call:expr) => {
        async move {
            match $front.0.refusal() {
                Some(error) => Err(error),
                None => {
                    let $model = $front.0.model();
                    $call.await
                }
            }
        }
        .boxed()
    };
}

impl Target for Front {
    fn describe(&self) -> Description {
        self.0.model().describe()
    }

    fn test(&self) -> BoxFuture<'_, Vec<Check>> {
        async { Vec::new() }.boxed()
    }

    fn can_match<'a>(&'a self, kind: Kind, attribute: &'a str) -> BoxFuture<'a, Result<Check>> {
        ask!(self, |model| model.can_match(kind, attribute))
    }

    fn normalize(&self, kind: Kind, record: &mut Record) {
        self.0.model().normalize(kind, record);
    }

    fn link_key(&self, kind: Kind, key: &str) -> Option<(Cow<'static, str>, Value)> {
        self.0.model().link_key(kind, key)
    }

    fn find<'a>(
        &'a self,
        kind: Kind,
        attribute: &'a str,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Vec<Account>>> {
        ask!(self, |model| model.find(kind, attribute, value))
    }

    fn get<'a>(
        &'a self,
        kind: Kind,
        id: &'a str,
        names: &'a [String],
    ) -> BoxFuture<'a, Result<Option<Account>>> {
        ask!(self, |model| model.get(kind, id, names))
    }

    fn create<'a>(&'a self, kind: Kind, key: &'a str, record: &'a Record) -> BoxFuture<'a, Result<Account>> {
        async move {
            match self.0.refusal() {
                // As the connectors tell it: the target failed, and nobody knows whether before or after.
                Some(Error::Unavailable { reason, .. }) => Err(Error::AnswerLost { kind, reason }),
                Some(error) => Err(error),
                None => self.0.model().create(kind, key, record).await,
            }
        }
        .boxed()
    }

    fn update<'a>(&'a self, kind: Kind, id: &'a str, changes: &'a Record) -> BoxFuture<'a, Result<()>> {
        ask!(self, |model| model.update(kind, id, changes))
    }

    fn disable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        ask!(self, |model| model.disable(kind, id))
    }

    fn enable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        ask!(self, |model| model.enable(kind, id))
    }

    fn delete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>> {
        ask!(self, |model| model.delete(kind, id))
    }

    fn set_reference<'a>(
        &'a self,
        id: &'a str,
        attribute: &'a str,
        other: Option<&'a str>,
    ) -> BoxFuture<'a, Result<()>> {
        ask!(self, |model| model.set_reference(id, attribute, other))
    }

    fn change_members<'a>(
        &'a self,
        group: &'a str,
        changes: &'a [MemberChange],
    ) -> BoxFuture<'a, Vec<Result<()>>> {
        async move {
            match self.0.refusal() {
                Some(error) => changes.iter().map(|_| Err(error.clone())).collect(),
                None => self.0.model().change_members(group, changes).await,
            }
        }
        .boxed()
    }

    fn list<'a>(
        &'a self,
        kind: Kind,
        page: Option<&'a str>,
        names: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>> {
        ask!(self, |model| model.list(kind, page, names))
    }

    fn members<'a>(&'a self, group: &'a str, page: Option<&'a str>) -> BoxFuture<'a, Result<MemberPage>> {
        ask!(self, |model| model.members(group, page))
    }
}

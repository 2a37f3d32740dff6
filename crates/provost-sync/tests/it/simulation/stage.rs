//! A world under way: its steps are played one after another, and looked at from outside after each.

use super::agreement;
use super::configuration::{Approval, Preference, Remove, Shape, Title, Vanished};
use super::hand::Hand;
use super::hostile::{Deed, Event, Hostile, Surprise};
use super::judge::{Authority, Cycle, Judge, Limits};
use super::oracle::{Oracle, Tables};
use super::source::Source;
use super::step::{self, Step, Trouble};
use crate::world::World;
use futures::FutureExt as _;
use provost_connect::{Kind, Target, http};
use provost_store::secret::Key;
use provost_store::{connection, provisioning_log};
use provost_sync::{Engine, Error, Mode, Node, Opener, Options, Proposal};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Milliseconds after which the lease of one who died has run out.
const AFTER_DEATH: i64 = 31_000;

/// What is asked of the engine.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    Cycle(step::Mode),
    Demand(i64),
    Apply(Uuid),
}

/// How often things happened.
pub type Tally = BTreeMap<&'static str, u64>;

/// What is wrong, in sentences; empty: nothing is.
pub type Wrong = Vec<String>;

pub struct Stage {
    pub source: Arc<Source>,
    pub hostile: Arc<Hostile>,
    pub engine: Engine,
    pub shape: Shape,
    pub preference: Preference,
    pub limits: Limits,
    pub judge: Judge,
    pub hand: Hand,
    /// Ids that were ever in the target.
    pub ever: BTreeSet<String>,
    pub plan: Option<Uuid>,
    /// Writes that the target carried out.
    pub carried: usize,
    /// How often things happened, for the last line.
    pub tally: Tally,
}

/// Everything at its usual value.
pub const PLAIN: Shape = Shape {
    title: Title::Cleared,
    scoped: false,
    remove: Remove::Disable,
    grace: None,
    may_delete: true,
    approval: Approval::Never,
    vanished: Vanished::MatchAgain,
    people: true,
    groups: true,
};
const PREFERENCE: Preference = Preference {
    assigned: false,
    nested: false,
    skip: false,
};

/// A folder in memory where there is one: a world is not kept.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory).unwrap(),
        false => tempfile::tempdir().unwrap(),
    }
}

fn engine(world: &World, hostile: &Arc<Hostile>) -> Engine {
    let key = Arc::new(Key::open(&world.folder.path().join("provost.key")).unwrap());
    let (target, time) = (hostile.clone(), hostile.clone());
    let opener: Opener = Arc::new(move |_, _| Ok(target.clone() as Arc<dyn Target>));
    Engine::new(world.db.clone(), key, http::Factory::new(), Node::alone())
        .with_opener(opener)
        .with_clock(Arc::new(move || time.read_clock()))
}

impl Stage {
    pub async fn new() -> Self {
        let rules = [PLAIN.for_people(), PLAIN.for_groups()];
        let guard = json!({"enabled": false}).to_string();
        let world = World::within(folder(), &rules, PREFERENCE.to_value(), &guard).await;
        let hostile = Arc::new(Hostile::new(world.model.clone(), world.clock.clone()));
        Self {
            engine: engine(&world, &hostile),
            source: Arc::new(Source::new(world)),
            hostile,
            shape: PLAIN,
            preference: PREFERENCE,
            limits: Limits {
                enabled: false,
                objects: 0,
                members: 0,
            },
            judge: Judge::default(),
            hand: Hand::default(),
            ever: BTreeSet::new(),
            plan: None,
            carried: 0,
            tally: Tally::new(),
        }
    }

    pub fn world(&self) -> &World {
        &self.source.world
    }

    pub async fn oracle(&self) -> Oracle {
        Oracle {
            tables: Tables::read(self.world()).await,
            shape: self.shape,
            preference: self.preference,
        }
    }

    /// Plays one step. What is wrong afterwards ends the world.
    pub async fn play(&mut self, step: &Step) -> Wrong {
        if self.source.play(step).await {
            return Wrong::new();
        }
        match step {
            Step::Cycle(mode, trouble) => return self.call(Call::Cycle(*mode), trouble).await,
            Step::Demand(who, trouble) => {
                if let Some(key) = self.source.key_at(*who) {
                    return self.call(Call::Demand(key), trouble).await;
                }
            }
            Step::Apply(trouble) => return self.apply(trouble).await,
            Step::Plan => self.make_plan().await,
            Step::Quiet => return self.quiet().await,
            Step::Configure(shape) => self.configure(*shape).await,
            Step::Prefer(preference) => {
                // The new preferences count for everybody after a restart.
                self.world().set_preferences(preference.to_value()).await;
                self.world().restart().await;
                self.preference = *preference;
            }
            Step::Guard {
                enabled,
                objects,
                members,
            } => {
                let limits = Limits {
                    enabled: *enabled,
                    objects: *objects,
                    members: *members,
                };
                self.guard(limits).await;
            }
            Step::Meddle(meddling) => {
                let touched = self.hand.meddle(&self.source, &self.hostile, *meddling).await;
                self.judge.uncertain.extend(touched);
            }
            Step::Pass(minutes) => self.world().pass(minutes * 60_000),
            Step::Protect(who) => self.source.protect(*who).await,
            Step::Unprotect(who) => self.source.unprotect(*who).await,
            Step::Decide(which, approve) => self.source.decide(*which, *approve).await,
            Step::Rewind(share) => self.source.rewind(*share).await,
            Step::Revisit(who) => self.source.revisit(*who).await,
            _ => {}
        }
        Wrong::new()
    }

    pub async fn configure(&mut self, shape: Shape) {
        self.world().set_rule(1, shape.for_people()).await;
        self.world().set_rule(2, shape.for_groups()).await;
        self.shape = shape;
    }

    async fn guard(&mut self, limits: Limits) {
        let (connection, now) = (self.world().connection().await, self.world().now());
        let guard = json!({
            "enabled": limits.enabled, "minimum": limits.objects, "members_minimum": limits.members,
            "percent": 0.0, "per_day_percent": 0.0, "members_percent": 0.0
        });
        let guard = serde_json::from_value(guard).unwrap();
        self.world()
            .write(move |tx| connection::set_guard(tx, "owner", now, &connection, &guard))
            .await;
        self.limits = limits;
    }

    async fn make_plan(&mut self) {
        self.hostile.begin(&Trouble::default(), None);
        let made = self
            .engine
            .make_plan(
                self.world().connection,
                None,
                &Proposal::default(),
                "maker",
                true,
                None,
            )
            .await;
        self.plan = made.unwrap().id;
    }

    async fn apply(&mut self, trouble: &Trouble) -> Wrong {
        let Some(id) = self.plan.take() else {
            return Wrong::new();
        };
        // One that needs nobody's approval, or that another plan took the place of, refuses it.
        let _ = self
            .engine
            .approve_plan(self.world().owner.workspace, id, "approver")
            .await;
        self.call(Call::Apply(id), trouble).await
    }

    /// Whether the plan was approved by a second person.
    async fn authority(&self, call: Call) -> Authority {
        match call {
            Call::Cycle(_) => Authority::Nobody,
            Call::Demand(_) => Authority::Person,
            Call::Apply(id) => {
                let workspace = self.world().owner.workspace;
                let plan = self
                    .world()
                    .read(move |tx| provost_store::plan::get(tx, workspace, id))
                    .await;
                match plan.is_some_and(|plan| plan.approval) {
                    true => Authority::Approved,
                    false => Authority::Nobody,
                }
            }
        }
    }

    /// Has the engine do something, in trouble, and looks at what it did.
    pub async fn call(&mut self, call: Call, trouble: &Trouble) -> Wrong {
        let before = self.oracle().await;
        let (authority, began) = (self.authority(call).await, self.world().now());
        self.see();
        let surprise = trouble.change.as_ref().map(|(_, step)| {
            let (source, step) = (self.source.clone(), step.clone());
            Arc::new(move || {
                let (source, step) = (source.clone(), step.clone());
                async move {
                    source.play(&step).await;
                }
                .boxed()
            }) as Surprise
        });
        self.hostile.begin(trouble, surprise);
        let _ = self.hostile.died().now_or_never();
        let ended = tokio::select! {
            biased;
            () = self.hostile.died() => None,
            result = ask(&self.engine, self.world(), call) => Some(result),
        };
        let crashed = ended.is_none();
        if crashed {
            self.world().pass(AFTER_DEATH);
            self.engine = engine(self.world(), &self.hostile);
        }
        let (events, mut wrong) = self.hostile.take();
        self.carried += events.len();
        self.count(&events, crashed);
        self.see();
        let after = self.oracle().await;
        let connection = self.world().connection;
        let logged = self
            .world()
            .read(move |tx| provisioning_log::removals_since(tx, connection, began - 1))
            .await;
        if let Some(Err(e)) = ended {
            wrong.push(format!("engine: {e}"));
        }
        wrong.extend(self.judge.judge(&Cycle {
            before: &before,
            after: &after,
            events: &events,
            crashed,
            logged: (logged.objects as usize, logged.members as usize),
            authority,
            limits: self.limits,
        }));
        let waits = after.tables.staged.len() as u64;
        *self.tally.entry("held").or_default() += waits.saturating_sub(before.tables.staged.len() as u64);
        let held = self.source.world.held();
        wrong.extend(agreement::twins(&after, &held, &self.ever));
        wrong.extend(self.hand.touched(&held));
        drop(held);
        wrong
    }

    fn count(&mut self, events: &[Event], crashed: bool) {
        let words = events.iter().map(|event| match (&event.deed, event.kind) {
            _ if !event.answered => "lost",
            (Deed::Create(_), _) => "create",
            (Deed::Disable, _) => "disable",
            (Deed::Enable, _) => "restore",
            (Deed::Delete, Kind::Person) => "delete",
            (Deed::Delete, Kind::Group) => "delete group",
            (Deed::AddMember(_), _) => "add member",
            (Deed::RemoveMember(_), _) => "remove member",
            (Deed::Touch, _) => "update",
        });
        for word in words.chain(crashed.then_some("crash")).chain(["cycle"]) {
            *self.tally.entry(word).or_default() += 1;
        }
    }

    /// Takes note of what is in the target.
    pub fn see(&mut self) {
        let held = self.source.world.held();
        self.ever
            .extend(held.people.keys().chain(held.groups.keys()).cloned());
        self.hand.see(&held);
    }
}

/// Asks the engine; refusals that are right are no errors.
async fn ask(engine: &Engine, world: &World, call: Call) -> Result<(), Error> {
    world.check_if_invalid().await;
    let result = match call {
        Call::Cycle(mode) => {
            let options = Options {
                mode: match mode {
                    step::Mode::Due => None,
                    step::Mode::Initial => Some(Mode::Initial),
                    step::Mode::Reconcile => Some(Mode::Reconcile),
                },
                ..Options::default()
            };
            engine.run_cycle(world.connection, &options).await.map(drop)
        }
        Call::Demand(key) => engine
            .provision(world.connection, key, &[], "owner")
            .await
            .map(drop),
        Call::Apply(id) => {
            let workspace = world.owner.workspace;
            engine
                .apply_plan(workspace, id, "approver", &Options::default())
                .await
                .map(drop)
        }
    };
    match result {
        Err(
            Error::Paused(_)
            | Error::PlanMoved { .. }
            | Error::PlanState { .. }
            | Error::NeedsApproval(_)
            | Error::Refused { .. }
            | Error::Store(provost_store::Error::Refused { .. }),
        ) => Ok(()),
        other => other,
    }
}

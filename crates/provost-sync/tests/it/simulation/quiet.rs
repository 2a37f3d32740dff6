//! Quiet points: when nothing fails any more and everything held is approved, the target comes to agree with the
//! directory, and then there is nothing left to write, however often changes are told of again.

use super::agreement;
use super::configuration::Shape;
use super::stage::{Call, Stage, Wrong};
use super::step::{GROUPS, Mode, PEOPLE, Trouble, Who};
use crate::world::HOUR;
use provost_store::connection::{self, Condition, State};
use provost_store::retry;
use provost_store::staged::{self, Decision};
use provost_sync::Proposal;

/// Rounds after which a world that is not quiet never will be.
const ROUNDS: usize = 16;
/// Rounds that there are at least: grace periods have to end.
const LEAST: usize = 6;

impl Stage {
    pub async fn quiet(&mut self) -> Wrong {
        let on = Shape {
            people: true,
            groups: true,
            ..self.shape
        };
        self.configure(on).await;
        let mut wrong = self.settle().await;
        if wrong.is_empty() {
            wrong = self.agree().await;
        }
        if wrong.is_empty() {
            wrong = self.tell_again().await;
        }
        wrong
    }

    /// Cycles until nothing is written and nothing waits.
    async fn settle(&mut self) -> Wrong {
        let mut still = 0;
        for round in 0..ROUNDS {
            self.approve_all().await;
            let carried = self.carried;
            let mode = if round % 2 == 1 {
                Mode::Reconcile
            } else {
                Mode::Due
            };
            let wrong = self.call(Call::Cycle(mode), &Trouble::default()).await;
            if !wrong.is_empty() {
                return wrong;
            }
            let is_pending = |step: &(i64, i64, String, Decision)| step.3 == Decision::Pending;
            let waits = self.oracle().await.tables.staged.iter().any(is_pending);
            let is_still = self.carried == carried && !waits;
            still = if is_still { still + 1 } else { 0 };
            if round >= LEAST && still >= 2 {
                return Wrong::new();
            }
            self.world().pass(25 * HOUR);
        }
        vec![format!("convergence: still not quiet after {ROUNDS} cycles")]
    }

    async fn approve_all(&self) {
        let (connection, now) = (self.world().connection().await, self.world().now());
        self.world()
            .write(move |tx| {
                for step in staged::list(tx, connection.key, 10_000)? {
                    staged::decide_one(tx, "owner", now, &connection, step.key, Decision::Approved)?;
                }
                retry::now(tx, "owner", now, &connection, None)?;
                let active = Condition {
                    state: State::Active,
                    reason: String::new(),
                    code: String::new(),
                    failures: 0,
                    next_try: 0,
                };
                connection::set_state(tx, "owner", now, &connection, &active)
            })
            .await;
    }

    /// The target holds what the oracle says, and a plan is empty.
    async fn agree(&mut self) -> Wrong {
        let oracle = self.oracle().await;
        let mut wrong = agreement::faults(&oracle, &self.world().held(), &self.judge.unsure);
        let (connection, proposal) = (self.world().connection, Proposal::default());
        let plan = self
            .engine
            .make_plan(connection, None, &proposal, "maker", false, None)
            .await
            .unwrap();
        // What has failed and will fail again is planned again.
        if oracle.tables.retries == 0 && (plan.steps, plan.held) != (0, 0) {
            wrong.push(format!("a second plan is not empty: {plan:?}"));
        }
        wrong
    }

    /// Late, double and shuffled changes change nothing.
    async fn tell_again(&mut self) -> Wrong {
        let writes = self.world().held().writes.len();
        let carried = self.carried;
        for (round, mode) in [Mode::Due, Mode::Due, Mode::Reconcile, Mode::Initial]
            .into_iter()
            .enumerate()
        {
            self.source
                .rewind((self.carried.wrapping_mul(97) % 256) as u8)
                .await;
            for place in (round..PEOPLE).step_by(3) {
                self.source.revisit(Who::Person(place)).await;
            }
            self.source.revisit(Who::Group(round % GROUPS)).await;
            let wrong = self.call(Call::Cycle(mode), &Trouble::default()).await;
            if !wrong.is_empty() {
                return wrong;
            }
        }
        if self.carried != carried {
            let more = self.world().held().writes[writes..].to_vec();
            return vec![format!(
                "repeat: changes that are told of again are written again: {more:?}"
            )];
        }
        Wrong::new()
    }
}

//! Carrying out a bulk request, one call after the other.

mod outcome;

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::answer::{Answer, response};
use super::circle::{self, Piece};
use super::order::{self, Order};
use super::reference::{self, Names, refused};
use super::{Call, Method, Operation, Request};
use crate::error::{Error, Result};
use outcome::incomplete;

/// A bulk request on its way. It does nothing itself: the caller carries out each [`Call`] and says what
/// came of it, one at a time.
pub struct Run {
    operations: Vec<Operation>,
    tasks: Vec<Task>,
    names: Names,
    order: Order,
    /// Operations whose resource exists and whose left-out references can be set now.
    follow_ups: VecDeque<usize>,
    flight: Option<Flight>,
    errors: u64,
    fail_on_errors: Option<u64>,
    base: Option<String>,
}

/// How far one operation is.
#[derive(Default)]
struct Task {
    /// The operations that create what it refers to, ascending.
    needs: Vec<usize>,
    state: State,
    /// The id of what its POST created.
    id: Option<String>,
    /// What was left out of its body.
    pieces: Vec<Piece>,
    /// Of how many operations the outcome has to be known before the pieces can be put back.
    awaited: usize,
    /// Who left out a reference to this one.
    left_out_by: Vec<usize>,
}

#[derive(Default)]
enum State {
    #[default]
    Waiting,
    /// Refused without the references that lead in a circle; it waits until they can be part of it. Holds
    /// the server's reason.
    Postponed(String),
    /// Its resource exists, the references that were left out are not set.
    Created(Answer),
    Done(Answer),
}

/// The call that was given out last.
struct Flight {
    index: usize,
    kind: Kind,
}

enum Kind {
    /// The operation itself, without references to these operations.
    Itself { left_out: Vec<usize> },
    /// The PATCH behind it; whether it sets everything that was left out.
    FollowUp { complete: bool },
}

impl Run {
    /// Works out what refers to what.
    #[must_use]
    pub fn new(request: Request) -> Self {
        let mut operations = request.operations;
        let names = Names::of(&mut operations);
        let needs: Vec<Vec<usize>> = operations
            .iter_mut()
            .map(|operation| needs(&names, operation))
            .collect();
        let order = Order::new(&waits(&operations, &needs));
        let tasks = needs.into_iter().map(|needs| Task {
            needs,
            ..Task::default()
        });
        Self {
            tasks: tasks.collect(),
            operations,
            names,
            order,
            follow_ups: VecDeque::new(),
            flight: None,
            errors: 0,
            fail_on_errors: request.fail_on_errors,
            base: None,
        }
    }

    /// The same, with the address above `/Users`, without a slash at its end: it makes the `location` of
    /// operations on a resource that were refused before anybody was asked.
    #[must_use]
    pub fn below(self, base: &str) -> Self {
        Self {
            base: Some(base.to_owned()),
            ..self
        }
    }

    /// What to do next. `None` at the end, and once `failOnErrors` is reached. A call that was given out and
    /// never [recorded](Run::record) counts as failed with 500.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would invite a for loop, in which nothing can be recorded"
    )]
    pub fn next(&mut self) -> Option<Call> {
        self.abandon();
        while !self.is_stopped() {
            if let Some(index) = self.follow_ups.pop_front() {
                if let Some(call) = self.follow_up(index) {
                    return Some(call);
                }
            } else if let Some(index) = self.order.next() {
                if self.is_decided(index) {
                    continue;
                }
                match self.call(index) {
                    Ok(call) => return Some(call),
                    Err(error) => self.settle(index, Answer::from(&error)),
                }
            } else if !self.give_up() {
                break;
            }
        }
        None
    }

    /// What became of the call that [`Run::next`] gave last. An answer to another one changes nothing.
    pub fn record(&mut self, index: usize, answer: Answer) {
        match self.flight.take() {
            Some(flight) if flight.index == index => match flight.kind {
                Kind::Itself { left_out } => self.record_itself(index, answer, &left_out),
                Kind::FollowUp { complete } => self.record_follow_up(index, &answer, complete),
            },
            other => self.flight = other,
        }
    }

    /// The `BulkResponse`: the results in the order of the request. Operations that were not reached
    /// because `failOnErrors` ended the run are not in it.
    #[must_use]
    pub fn finish(mut self) -> Value {
        self.abandon();
        let results = self
            .operations
            .iter()
            .zip(self.tasks)
            .filter_map(|(operation, task)| {
                let answer = match task.state {
                    State::Done(answer) => answer,
                    State::Created(answer) => answer.failed(&incomplete("the request ended early")),
                    State::Waiting | State::Postponed(_) => return None,
                };
                Some((operation, answer))
            });
        response(results, self.base.as_deref())
    }

    /// How many operations have failed so far.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors
    }

    fn is_stopped(&self) -> bool {
        self.fail_on_errors.is_some_and(|limit| self.errors >= limit)
    }

    /// Whether it is known what the operation created, if anything.
    fn is_decided(&self, index: usize) -> bool {
        matches!(self.tasks[index].state, State::Created(_) | State::Done(_))
    }

    fn abandon(&mut self) {
        if let Some(index) = self.flight.as_ref().map(|flight| flight.index) {
            let error = Error::internal("the operation was not answered");
            self.record(index, Answer::from(&error));
        }
    }

    fn call(&mut self, index: usize) -> Result<Call> {
        let left_out = self.undecided_needs(index)?;
        let operation = &mut self.operations[index];
        if let Some(fault) = operation.fault.take() {
            return Err(fault);
        }
        let method = operation
            .method
            .ok_or_else(|| Error::internal("an operation without a method"))?;
        let mut data = if left_out.is_empty() {
            operation.data.take()
        } else {
            operation.data.clone()
        };
        if !left_out.is_empty() {
            let circular = |name: &str| {
                let creator = self.names.find(name);
                creator.is_some_and(|creator| left_out.binary_search(&creator).is_ok())
            };
            self.tasks[index].pieces = circle::take_out(&mut data, &circular);
        }
        let operation = &self.operations[index];
        let mut id_of = |name: &str, _: bool| self.id_of(name);
        reference::visit(&mut data, &mut id_of);
        let path = reference::visit_path(&operation.path, &mut id_of);
        let call = Call {
            index,
            method,
            path: path.unwrap_or_else(|| operation.path.clone()),
            bulk_id: operation.bulk_id.clone(),
            version: operation.version.clone().filter(|_| method != Method::Post),
            data,
            follows_up: false,
        };
        self.flight = Some(Flight {
            index,
            kind: Kind::Itself { left_out },
        });
        Ok(call)
    }

    /// Of what the operation refers to, that which does not exist yet: the order lets only circles through.
    fn undecided_needs(&self, index: usize) -> Result<Vec<usize>> {
        let mut undecided = Vec::new();
        for &need in &self.tasks[index].needs {
            match &self.tasks[need] {
                task if task.id.is_some() => {}
                Task {
                    state: State::Done(answer) | State::Created(answer),
                    ..
                } => {
                    let name = self.operations[need].bulk_id.as_deref().unwrap_or_default();
                    let why = format!("its POST was answered with {} and gave no id", answer.status);
                    return Err(refused(name, &why));
                }
                _ => undecided.push(need),
            }
        }
        Ok(undecided)
    }

    fn id_of(&self, name: &str) -> Option<String> {
        self.tasks.get(self.names.find(name)?)?.id.clone()
    }
}

/// What an operation refers to. An operation with a fault needs nothing: it is answered in its turn.
fn needs(names: &Names, operation: &mut Operation) -> Vec<usize> {
    if operation.fault.is_some() {
        return Vec::new();
    }
    names.needs(operation).unwrap_or_else(|fault| {
        operation.fault = Some(fault);
        Vec::new()
    })
}

/// What each operation waits for: what it refers to, unless that refers back; and the operation before it
/// on the same resource, because the later of two changes is meant to last.
fn waits(operations: &[Operation], needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let circles = order::circles(needs);
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    let mut waits = Vec::with_capacity(needs.len());
    for (index, (operation, needs)) in operations.iter().zip(needs).enumerate() {
        let outside = needs
            .iter()
            .copied()
            .filter(|&need| circles[need] != circles[index]);
        let mut until: Vec<usize> = outside.collect();
        if operation.fault.is_none() && operation.method != Some(Method::Post) {
            until.extend(last.insert(&operation.path, index));
        }
        waits.push(until);
    }
    waits
}

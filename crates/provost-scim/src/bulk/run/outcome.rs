//! What the answer to a call changes.

use super::{Flight, Kind, Run, State};
use crate::bulk::answer::Answer;
use crate::bulk::{Call, Method, circle, path, reference};
use crate::error::Error;

impl Run {
    pub(super) fn record_itself(&mut self, index: usize, answer: Answer, left_out: &[usize]) {
        if !answer.is_success() {
            return self.record_refusal(index, answer, left_out);
        }
        if self.operations[index].method == Some(Method::Post) {
            self.tasks[index].id = answer.resource_id();
        }
        if left_out.is_empty() {
            return self.settle(index, answer);
        }
        self.tasks[index].state = State::Created(answer);
        let open: Vec<usize> = left_out
            .iter()
            .copied()
            .filter(|&other| !self.is_decided(other))
            .collect();
        self.tasks[index].awaited = open.len();
        for &other in &open {
            self.tasks[other].left_out_by.push(index);
        }
        if open.is_empty() {
            self.follow_ups.push_back(index);
        }
        self.announce(index);
    }

    /// A resource that cannot exist without the reference waits for what it refers to, if that can be
    /// created first. Not so when it refers to itself.
    pub(super) fn record_refusal(&mut self, index: usize, answer: Answer, left_out: &[usize]) {
        let pieces = std::mem::take(&mut self.tasks[index].pieces);
        let detail = answer.detail();
        let required = answer.status == 400 && pieces.iter().any(|piece| piece.is_named_in(detail));
        if !required {
            self.settle(index, answer);
        } else if left_out.contains(&index) {
            self.settle(index, Answer::from(&impossible(detail)));
        } else {
            self.tasks[index].state = State::Postponed(detail.to_owned());
            self.order.postpone(index, left_out);
        }
    }

    /// When the operations that are left wait for each other, they cannot be carried out. Answers whether
    /// there were any.
    pub(super) fn give_up(&mut self) -> bool {
        let mut any = false;
        for index in 0..self.tasks.len() {
            if let State::Postponed(detail) = &self.tasks[index].state {
                self.operations[index].fault = Some(impossible(detail));
                self.tasks[index].needs.clear();
                self.tasks[index].state = State::Waiting;
                self.order.force(index);
                any = true;
            }
        }
        any
    }

    /// The PATCH that sets what was left out, as far as it exists by now.
    pub(super) fn follow_up(&mut self, index: usize) -> Option<Call> {
        let mut pieces = std::mem::take(&mut self.tasks[index].pieces);
        let all = pieces.len();
        let missing = |name: &str| self.names.find(name).is_some() && self.id_of(name).is_none();
        pieces.retain_mut(|piece| !piece.mentions(&missing));
        let complete = pieces.len() == all;
        let Some(id) = self.tasks[index].id.clone().filter(|_| !pieces.is_empty()) else {
            self.settle_created(index, &incomplete("what they refer to was not created"));
            return None;
        };
        let mut data = circle::patch(pieces);
        reference::visit(&mut data, &mut |name, _| self.id_of(name));
        let (endpoint, _) = path::split(&self.operations[index].path);
        self.flight = Some(Flight {
            index,
            kind: Kind::FollowUp { complete },
        });
        Some(Call {
            index,
            method: Method::Patch,
            path: format!("{endpoint}/{id}"),
            bulk_id: self.operations[index].bulk_id.clone(),
            version: None,
            data,
            follows_up: true,
        })
    }

    pub(super) fn record_follow_up(&mut self, index: usize, answer: &Answer, complete: bool) {
        if let State::Created(created) = &mut self.tasks[index].state
            && answer.is_success()
            && answer.version.is_some()
        {
            created.version.clone_from(&answer.version);
        }
        if !answer.is_success() {
            let sentence = format!("they were refused with {}: {}", answer.status, answer.detail());
            let error = incomplete(&sentence);
            // A server that is busy or broken has not decided about the reference.
            let status = if (400..429).contains(&answer.status) {
                error.status
            } else {
                answer.status
            };
            self.settle_created(index, &Error { status, ..error });
        } else if complete {
            match std::mem::take(&mut self.tasks[index].state) {
                State::Created(created) => self.settle(index, created),
                other => self.tasks[index].state = other,
            }
        } else {
            self.settle_created(index, &incomplete("some of what they refer to was not created"));
        }
    }

    fn settle_created(&mut self, index: usize, error: &Error) {
        match std::mem::take(&mut self.tasks[index].state) {
            State::Created(created) => self.settle(index, created.failed(error)),
            other => self.tasks[index].state = other,
        }
    }

    pub(super) fn settle(&mut self, index: usize, answer: Answer) {
        self.errors += u64::from(!answer.is_success());
        self.tasks[index].state = State::Done(answer);
        self.announce(index);
    }

    /// Tells those who wait for the operation, each once.
    fn announce(&mut self, index: usize) {
        self.order.done(index);
        for other in std::mem::take(&mut self.tasks[index].left_out_by) {
            let task = &mut self.tasks[other];
            task.awaited = task.awaited.saturating_sub(1);
            if task.awaited == 0 {
                self.follow_ups.push_back(other);
            }
        }
    }
}

/// An error about a resource that exists without all of its references.
pub(super) fn incomplete(why: &str) -> Error {
    Error::conflict(format!(
        "the resource was created, but references that lead in a circle could not be set: {why}. Set them \
         with a PATCH"
    ))
}

fn impossible(detail: &str) -> Error {
    Error::conflict(format!(
        "the operation refers to others that refer back to it, and the resource cannot be created before \
         them: {detail}"
    ))
}

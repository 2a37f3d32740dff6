//! Which operation may come next. The order is that of the request, but an operation comes after those that
//! it waits for; so nothing is ever done earlier than its place in the request says, only later.
//!
//! Every number here is the position of an operation, and below the length of every list.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The operations that were not given out yet.
pub(super) struct Order {
    /// Those that wait for nothing, the earliest on top.
    ready: BinaryHeap<Reverse<usize>>,
    /// For each operation, how many it still waits for.
    missing: Vec<usize>,
    /// For each operation, who waits for it.
    waiting: Vec<Vec<usize>>,
}

impl Order {
    /// `waits[i]` are the operations that `i` waits for. They must not lead in a circle.
    pub(super) fn new(waits: &[Vec<usize>]) -> Self {
        let mut order = Self {
            ready: BinaryHeap::new(),
            missing: vec![0; waits.len()],
            waiting: vec![Vec::new(); waits.len()],
        };
        for (index, until) in waits.iter().enumerate() {
            order.postpone(index, until);
        }
        order
    }

    /// Gives out `index` (again) once all of these are done. None of them may be done already.
    pub(super) fn postpone(&mut self, index: usize, until: &[usize]) {
        self.missing[index] = until.len();
        for &other in until {
            self.waiting[other].push(index);
        }
        if until.is_empty() {
            self.ready.push(Reverse(index));
        }
    }

    /// Gives out `index` whatever it waits for.
    pub(super) fn force(&mut self, index: usize) {
        self.ready.push(Reverse(index));
    }

    /// The next operation; `None` when there is none, or when those that are left wait for each other.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.ready.pop().map(|Reverse(index)| index)
    }

    /// Nobody waits for `index` any longer.
    pub(super) fn done(&mut self, index: usize) {
        for other in std::mem::take(&mut self.waiting[index]) {
            self.missing[other] = self.missing[other].saturating_sub(1);
            if self.missing[other] == 0 {
                self.ready.push(Reverse(other));
            }
        }
    }
}

/// For each operation, the number of its circle: two have the same number when each needs the other, on
/// whatever way. (Tarjan's strongly connected components, without recursion: a chain may be as long as the
/// request.)
pub(super) fn circles(needs: &[Vec<usize>]) -> Vec<usize> {
    let mut search = Search {
        needs,
        nodes: vec![Node::default(); needs.len()],
        open: Vec::new(),
        visited: 0,
        circles: 0,
    };
    for start in 0..needs.len() {
        if search.nodes[start].number.is_none() {
            search.from(start);
        }
    }
    search.nodes.iter().map(|node| node.circle).collect()
}

#[derive(Clone, Default)]
struct Node {
    /// In which order it was reached.
    number: Option<usize>,
    /// The least number that can be reached from it among the open ones.
    least: usize,
    is_open: bool,
    circle: usize,
}

struct Search<'a> {
    needs: &'a [Vec<usize>],
    nodes: Vec<Node>,
    /// Those reached whose circle is not known yet.
    open: Vec<usize>,
    visited: usize,
    circles: usize,
}

impl Search<'_> {
    fn from(&mut self, start: usize) {
        // Each entry: an operation, and how many of its needs were followed.
        let mut way = vec![(start, 0)];
        self.enter(start);
        while let Some((index, followed)) = way.last_mut() {
            let index = *index;
            let Some(&next) = self.needs[index].get(*followed) else {
                way.pop();
                self.leave(index);
                if let Some(&(before, _)) = way.last() {
                    self.nodes[before].least = self.nodes[before].least.min(self.nodes[index].least);
                }
                continue;
            };
            *followed += 1;
            match self.nodes[next].number {
                None => {
                    self.enter(next);
                    way.push((next, 0));
                }
                Some(number) if self.nodes[next].is_open => {
                    self.nodes[index].least = self.nodes[index].least.min(number);
                }
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        node.number = Some(self.visited);
        node.least = self.visited;
        node.is_open = true;
        self.visited += 1;
        self.open.push(index);
    }

    /// When nothing reached from `index` leads above it, what is open from there on is one circle.
    fn leave(&mut self, index: usize) {
        if self.nodes[index].number != Some(self.nodes[index].least) {
            return;
        }
        while let Some(member) = self.open.pop() {
            self.nodes[member].is_open = false;
            self.nodes[member].circle = self.circles;
            if member == index {
                break;
            }
        }
        self.circles += 1;
    }
}

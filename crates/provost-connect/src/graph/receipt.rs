//! What Microsoft wrote beside its answers, kept until somebody writes it down.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Receipt;

/// Most receipts that wait; the oldest are dropped first. About 2 MB.
const MOST: usize = 8192;
/// Most receipts about one object, a step that is tried many times included.
const MOST_OF_ONE: usize = 24;

/// Receipts by the object they are about.
#[derive(Default)]
pub(crate) struct Receipts(Mutex<State>);

#[derive(Default)]
struct State {
    by_object: HashMap<String, VecDeque<Receipt>>,
    /// Objects in the order in which their receipts came, one entry for each receipt.
    order: VecDeque<String>,
    count: usize,
}

impl Receipts {
    /// Keeps one.
    pub(crate) fn keep(&self, about: &str, receipt: Receipt) {
        if about.is_empty() {
            return;
        }
        let mut state = self.lock();
        let own = state.by_object.entry(about.to_owned()).or_default();
        own.push_back(receipt);
        if own.len() > MOST_OF_ONE {
            own.pop_front();
        } else {
            state.count += 1;
        }
        state.order.push_back(about.to_owned());
        while state.count > MOST || state.order.len() > 2 * MOST {
            state.drop_oldest();
        }
    }

    /// Hands out everything about an object.
    pub(crate) fn take(&self, about: &str) -> Vec<Receipt> {
        let mut state = self.lock();
        let own = state.by_object.remove(about).unwrap_or_default();
        state.count -= own.len();
        if state.by_object.is_empty() {
            state.order.clear();
        }
        own.into()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Entries of `order` whose receipts were handed out already are passed over.
    fn drop_oldest(&mut self) {
        let Some(about) = self.order.pop_front() else {
            return;
        };
        if let Some(own) = self.by_object.get_mut(&about) {
            if own.pop_front().is_some() {
                self.count -= 1;
            }
            if own.is_empty() {
                self.by_object.remove(&about);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(number: usize) -> Receipt {
        Receipt {
            operation: "changing the account".to_owned(),
            status: 204,
            request_id: number.to_string(),
            client_request_id: String::new(),
            reason: String::new(),
        }
    }

    #[test]
    fn each_is_handed_out_once_in_order() {
        let receipts = Receipts::default();
        receipts.keep("a", receipt(1));
        receipts.keep("b", receipt(2));
        receipts.keep("a", receipt(3));
        receipts.keep("", receipt(4));
        let ids = |about| -> Vec<String> { receipts.take(about).into_iter().map(|r| r.request_id).collect() };
        assert_eq!(ids("a"), ["1", "3"]);
        assert!(ids("a").is_empty() && ids("").is_empty());
        assert_eq!(ids("b"), ["2"]);
    }

    #[test]
    fn what_nobody_asks_for_does_not_grow() {
        let receipts = Receipts::default();
        for number in 0..3 * MOST {
            receipts.keep(&(number % 20_000).to_string(), receipt(number));
            receipts.keep("busy", receipt(number));
            if number % 7 == 0 {
                receipts.take(&number.to_string());
            }
        }
        let state = receipts.lock();
        let held: usize = state.by_object.values().map(VecDeque::len).sum();
        assert_eq!(state.count, held);
        assert!(held <= MOST, "{held}");
        assert!(state.order.len() <= 2 * MOST);
        assert!(state.by_object.values().all(|own| own.len() <= MOST_OF_ONE));
        drop(state);
        let last = receipts.take("busy").pop().map(|r| r.request_id);
        assert_eq!(last, Some((3 * MOST - 1).to_string()));
    }
}

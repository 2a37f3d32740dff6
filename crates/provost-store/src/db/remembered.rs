//! Numbers over long lists, remembered for a while. A page shows how many wait, are linked or differ; over a million
//! rows each such count takes as long as many pages. What is counted quickly is counted at every call. What takes
//! long is answered as it was counted last, and counted anew beside the caller once it is old for what it costs.

use super::{Db, Tx};
use crate::{Error, Result};
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A count that takes less is made at every call, so that it is always the newest.
const QUICK: Duration = Duration::from_millis(10);
/// A number is good for so many times as long as it took to count: counting takes at most a twentieth of a reader.
const WORTH: u32 = 20;
/// How long a count may take. It holds one of the readers, and no writer.
const LIMIT: Duration = Duration::from_secs(30);
/// Numbers that are remembered. Beyond, all are forgotten: nothing is lost but the time to count.
const MOST: usize = 4_096;

type Value = Arc<dyn Any + Send + Sync>;

/// What was counted: a name, and the key of the row that it is about.
type What = (&'static str, i64);

struct Kept {
    value: Value,
    took: Duration,
    at: Instant,
    /// Somebody is counting anew.
    is_counting: bool,
}

/// The numbers of one database, shared by its handles.
#[derive(Default)]
pub(super) struct Remembered(Mutex<HashMap<What, Kept>>);

/// What is to be done for an answer.
enum Answer<T> {
    /// Count, and wait for it.
    Count,
    /// The number is good, or somebody is counting already.
    Kept(T),
    /// The number is old: answer it, and count beside.
    Old(T),
}

impl Remembered {
    fn lock(&self) -> MutexGuard<'_, HashMap<What, Kept>> {
        // No code can panic while it holds the lock in a state that matters: each entry stands by itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask<T: Clone + 'static>(&self, what: What) -> Answer<T> {
        let mut all = self.lock();
        let Some(kept) = all.get_mut(&what).filter(|kept| kept.took >= QUICK) else {
            return Answer::Count;
        };
        let Some(value) = kept.value.downcast_ref::<T>().cloned() else {
            return Answer::Count;
        };
        if kept.is_counting || kept.at.elapsed() < kept.took * WORTH {
            return Answer::Kept(value);
        }
        kept.is_counting = true;
        Answer::Old(value)
    }

    fn keep(&self, what: What, value: Value, took: Duration) {
        let mut all = self.lock();
        if all.len() >= MOST && !all.contains_key(&what) {
            all.clear();
        }
        let kept = Kept {
            value,
            took,
            at: Instant::now(),
            is_counting: false,
        };
        all.insert(what, kept);
    }

    /// Counting anew did not succeed: the next caller tries it.
    fn give_back(&self, what: What) {
        if let Some(kept) = self.lock().get_mut(&what) {
            kept.is_counting = false;
        }
    }
}

impl Db {
    /// A number over a long list, such as how many people a rule has linked: exact where it takes less than 10 ms to
    /// count; else as it was counted last, at most about twenty times as long ago as the count takes (for a million
    /// rows some seconds), after which the next caller has it counted anew and gets the old number once more. `name`
    /// says what is counted, `key` of which row; the same two always go with the same `count`.
    ///
    /// For people to read. Whoever decides something counts inside the transaction that decides.
    ///
    /// # Errors
    /// As [`Db::read`], with a limit of 30 seconds.
    pub async fn remembered<T, F>(&self, name: &'static str, key: i64, count: F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: FnMut(&mut Tx) -> Result<T> + Send + 'static,
    {
        let what = (name, key);
        match self.remembered.ask(what) {
            Answer::Kept(value) => Ok(value),
            Answer::Count => self.counted(what, count).await,
            Answer::Old(value) => {
                let db = self.clone();
                tokio::spawn(async move {
                    if let Err(error) = db.counted(what, count).await {
                        db.remembered.give_back(what);
                        tracing::debug!(%error, name = what.0, "a number could not be counted anew");
                    }
                });
                Ok(value)
            }
        }
    }

    async fn counted<T, F>(&self, what: What, mut count: F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: FnMut(&mut Tx) -> Result<T> + Send + 'static,
    {
        // Only the count itself is timed, not how long it waited for a reader.
        let timed = move |tx: &mut Tx| {
            let began = Instant::now();
            count(tx).map(|value| (value, began.elapsed()))
        };
        let (value, took) = self.read_within::<_, Error, _>(LIMIT, timed).await?;
        self.remembered.keep(what, Arc::new(value.clone()), took);
        Ok(value)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    const LINKED: What = ("linked", 7);

    fn kept(remembered: &Remembered) -> Option<i64> {
        match remembered.ask::<i64>(LINKED) {
            Answer::Kept(number) => Some(number),
            Answer::Count | Answer::Old(_) => None,
        }
    }

    #[test]
    fn what_is_quick_is_counted_at_every_call() {
        let remembered = Remembered::default();
        remembered.keep(LINKED, Arc::new(5_i64), Duration::from_millis(1));
        assert!(matches!(remembered.ask::<i64>(LINKED), Answer::Count));
    }

    #[test]
    fn what_takes_long_is_answered_and_counted_anew_once() {
        let remembered = Remembered::default();
        assert!(matches!(remembered.ask::<i64>(LINKED), Answer::Count));
        remembered.keep(LINKED, Arc::new(5_i64), Duration::from_secs(1));
        assert_eq!(kept(&remembered), Some(5));

        let long_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        remembered.lock().get_mut(&LINKED).unwrap().at = long_ago;
        assert!(matches!(remembered.ask::<i64>(LINKED), Answer::Old(5)));
        assert_eq!(kept(&remembered), Some(5), "one caller counts, the others read");
        remembered.give_back(LINKED);
        assert!(matches!(remembered.ask::<i64>(LINKED), Answer::Old(5)));
    }

    #[test]
    fn the_memory_is_bounded() {
        let remembered = Remembered::default();
        for key in 0..=i64::try_from(MOST).unwrap() {
            remembered.keep(("linked", key), Arc::new(key), Duration::from_secs(1));
        }
        assert_eq!(remembered.lock().len(), 1);
    }
}

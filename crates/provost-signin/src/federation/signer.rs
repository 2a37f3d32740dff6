//! The keys that sign, kept ready, and where they sign: not on the threads on which requests are answered, and only as many
//! at a time as there are processors. A signature takes longer than everything else of a sign-in together; and to read a
//! private half and check it takes nearly as long.

use crate::{Error, Result};
use provost_saml::key::SigningKey;
use provost_store::signing_key::Kept;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// The key that signs for a provider, and what everybody may know of it.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub kept: Kept,
    pub key: SigningKey,
}

/// By a provider's key: the row of its key that signs, and the key.
type Keys = BTreeMap<i64, (i64, SigningKey)>;

/// The keys of all providers, and the places where they sign.
pub(crate) struct Signers {
    ready: Mutex<Keys>,
    turns: Arc<Semaphore>,
}

impl Signers {
    pub fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            ready: Mutex::default(),
            turns: Arc::new(Semaphore::new(processors)),
        }
    }

    /// The provider's key, if it is the one of this row. One that was changed or is gone is forgotten.
    pub(super) fn get(&self, provider: i64, row: Option<i64>) -> Option<SigningKey> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let found = ready.get(&provider).filter(|(of, _)| Some(*of) == row);
        let key = found.map(|(_, key)| key.clone());
        if key.is_none() {
            ready.remove(&provider);
        }
        key
    }

    /// Keeps the key of a row ready, in the place of the one before it.
    pub(super) fn put(&self, provider: i64, row: i64, key: SigningKey) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.insert(provider, (row, key));
    }

    /// Does work that a processor has its time with, when it is its turn.
    ///
    /// # Errors
    /// Those of the work; [`Error::Machine`] when it broke off.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let broken = || Error::Machine("the signing of an answer broke off".to_owned());
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| broken())?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work itself: a caller who goes away does not make room before it ends.
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| broken())?
    }
}

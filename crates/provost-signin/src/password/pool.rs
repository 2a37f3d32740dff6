//! Hashing: Argon2id (RFC 9106), two at a time, so that people who sign in do not take the machine from the work that
//! it is for.

use super::rule::normal;
use crate::{Error, Result, random};
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// KiB of memory: 19 MiB with two passes in one lane, the set of parameters of OWASP's "Password Storage Cheat Sheet"
/// that fits a small machine.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at a time.
const AT_A_TIME: usize = 2;
/// Hashes that run or wait, before whoever comes is asked to come again.
const QUEUE: usize = 34;

/// The place where passwords are hashed.
pub(crate) struct Pool {
    queue: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    /// The hash of a password that nobody knows: whoever is not there costs as much as who is.
    nobody: Arc<OnceLock<String>>,
}

impl Pool {
    pub fn new() -> Self {
        Self {
            queue: Arc::new(Semaphore::new(QUEUE)),
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            nobody: Arc::new(OnceLock::new()),
        }
    }

    /// The hash of a password in [`normal`] form, in PHC form.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Machine`].
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || hash(&password)).await
    }

    /// Whether a password is the one of this hash. Without a hash it is none, after the same work.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Machine`].
    pub async fn verify(&self, password: &str, kept: Option<String>) -> Result<bool> {
        let normal = normal(password);
        let nobody = Arc::clone(&self.nobody);
        self.run(move || {
            let stand_in = match nobody.get() {
                Some(made) => made.clone(),
                None => nobody.get_or_init(|| stand_in().unwrap_or_default()).clone(),
            };
            // What is no password at all is compared as well: it must not be told by its time.
            let is_real = kept.is_some() && normal.is_some();
            let fits = verify(
                normal.as_deref().unwrap_or_default(),
                kept.as_deref().unwrap_or(&stand_in),
            );
            Ok(fits && is_real)
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let queued = Arc::clone(&self.queue).try_acquire_owned();
        let _queued = queued.map_err(|_| Error::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Error::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held by the work itself: a caller who goes away does not make room before it ends.
            let _turn = turn;
            work()
        });
        done.await
            .map_err(|_| Error::Machine("the hashing of a password broke off".to_owned()))?
    }
}

fn argon() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None)
        .map_err(|error| Error::Machine(format!("Argon2id cannot be set up: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String> {
    let failed = |error| Error::Machine(format!("a password could not be hashed: {error}"));
    let salt = SaltString::encode_b64(&random::bytes::<16>()?).map_err(failed)?;
    let made = argon()?.hash_password(password.as_bytes(), &salt);
    Ok(made.map_err(failed)?.to_string())
}

fn stand_in() -> Result<String> {
    hash(&random::text()?)
}

fn verify(password: &str, kept: &str) -> bool {
    let Ok(kept) = PasswordHash::new(kept) else {
        return false;
    };
    // The parameters are those in the hash itself; what is kept was made by us.
    Argon2::default()
        .verify_password(password.as_bytes(), &kept)
        .is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let pool = Pool::new();
        let kept = pool.hash("twelve green boats".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(
            pool.verify("twelve green boats", Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(
            !pool
                .verify("twelve green boat", Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(!pool.verify("", Some(kept)).await.unwrap());
        assert!(!pool.verify("twelve green boats", None).await.unwrap());
    }

    #[tokio::test]
    async fn more_than_may_wait_are_sent_away_at_once() {
        let pool = Pool::new();
        let _all = Arc::clone(&pool.queue).try_acquire_many_owned(u32::try_from(QUEUE).unwrap());
        let answer = pool.verify("twelve green boats", None).await;
        assert!(matches!(answer, Err(Error::Busy)));
    }
}

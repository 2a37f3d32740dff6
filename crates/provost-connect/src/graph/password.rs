//! A password for an account whose owner never uses it.

use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::rand;
use provost_engine::policy::password;

use crate::{Error, Result};

/// A password as rules make them where they ask for one. It goes into the create request and is forgotten.
pub(crate) fn generate() -> Result<String> {
    let good = AtomicBool::new(true);
    let fill = |bytes: &mut [u8]| {
        if rand::fill(bytes).is_err() {
            good.store(false, Ordering::Relaxed);
        }
    };
    password::generate(&fill, "")
        .filter(|_| good.load(Ordering::Relaxed))
        .ok_or_else(|| Error::Local {
            reason: "the system gives no random numbers".to_owned(),
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn good_and_never_the_same() {
        let (one, two) = (generate().unwrap(), generate().unwrap());
        assert_ne!(one, two);
        assert!(one.len() >= 24);
        assert_eq!(password::check(&one), Ok(()));
    }
}

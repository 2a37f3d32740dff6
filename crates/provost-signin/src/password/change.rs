//! Setting and removing one's own password.

use super::rule::{LONG_PASSWORD, SHORT_PASSWORD, accept};
use crate::{Result, SignIn, Signed, session, way};
use provost_store::password;

impl SignIn {
    /// Sets the password of the person who is signed in; their other sessions end. It stands alone, or a code is
    /// asked for beside it: then it may be shorter.
    ///
    /// # Errors
    /// [`crate::Error::Stale`], [`crate::Error::Busy`]; [`crate::Error::Refused`]: `PRV-PASSWORD-SHORT`,
    /// `PRV-PASSWORD-LONG`, `PRV-PASSWORD-GUESSED`.
    pub async fn password_set(&self, signed: &Signed, password: &str, now: i64) -> Result<()> {
        let whose = signed.clone();
        let has_code = self
            .read(move |tx| {
                whose.require_may_enrol(tx, now)?;
                way::has_code(tx, whose.administrator.key)
            })
            .await?;
        let least = if has_code { SHORT_PASSWORD } else { LONG_PASSWORD };
        let url = &self.0.settings.public_url;
        let normal = accept(password, least, &signed.administrator, url)?;
        let hash = self.0.pool.hash(normal).await?;
        let signed = signed.clone();
        self.write(move |tx| {
            signed.require_may_enrol(tx, now)?;
            let key = signed.administrator.key;
            if has_code && !way::has_code(tx, key)? {
                // The codes went away while this one was hashed, and it was measured beside them.
                return Err(crate::Error::Expired);
            }
            password::set(tx, &signed.actor(), now, key, &hash)?;
            session::end_others(tx, &signed, now)?;
            Ok(())
        })
        .await
    }

    /// Removes the password of the person who is signed in; their other sessions end. `false`: they have none.
    ///
    /// # Errors
    /// [`crate::Error::Stale`]; [`crate::Error::Refused`] for their last way in (`PRV-SIGNIN-LAST-WAY`).
    pub async fn password_remove(&self, signed: &Signed, now: i64) -> Result<bool> {
        signed.require_fresh(now)?;
        let signed = signed.clone();
        self.write(move |tx| {
            let own = signed.reload(tx)?;
            let done = password::remove(tx, &signed.actor(), now, own.key)?;
            if done {
                signed.require_way_left(tx)?;
                session::end_others(tx, &signed, now)?;
            }
            Ok(done)
        })
        .await
    }
}

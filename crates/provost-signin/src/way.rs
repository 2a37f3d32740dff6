//! The ways in that an administrator has.

use crate::{Error, Method, Result, SignIn, Signed};
use provost_store::passkey::Passkey;
use provost_store::signin_identity::Identity;
use provost_store::{Tx, one_time_code, passkey, password, recovery_code, signin_identity};

/// How an administrator can sign in.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// Their passkeys, oldest first.
    pub passkeys: Vec<Passkey>,
    /// When their password was set.
    pub password: Option<i64>,
    /// Whether their password asks for a one-time code.
    pub code: bool,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
    /// Who they are at sign-in providers.
    pub identities: Vec<Identity>,
}

impl Ways {
    /// Whether there is any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// How many there are. A code is none: it goes with the password.
    #[must_use]
    pub fn count(&self) -> usize {
        self.passkeys.len() + usize::from(self.password.is_some()) + self.identities.len()
    }
}

pub(crate) fn of(tx: &mut Tx, whose: i64) -> Result<Ways> {
    Ok(Ways {
        passkeys: passkey::list(tx, whose)?,
        password: password::get(tx, whose)?.map(|(_, changed)| changed),
        code: has_code(tx, whose)?,
        recovery_codes: recovery_code::left(tx, whose)?,
        identities: signin_identity::of(tx, whose)?,
    })
}

/// Whether passwords ask for a code.
pub(crate) fn has_code(tx: &mut Tx, whose: i64) -> Result<bool> {
    Ok(one_time_code::get(tx, whose)?.is_some_and(|code| code.confirmed))
}

/// Takes every way in away.
pub(crate) fn remove_all(tx: &mut Tx, actor: &str, now: i64, whose: i64) -> Result<()> {
    let ways = of(tx, whose)?;
    for passkey in &ways.passkeys {
        passkey::remove(tx, actor, now, whose, passkey.key)?;
    }
    for one in &ways.identities {
        signin_identity::untie(tx, actor, now, whose, &one.issuer, &one.subject)?;
    }
    password::remove(tx, actor, now, whose)?;
    one_time_code::remove(tx, actor, now, whose)?;
    recovery_code::replace(tx, actor, now, whose, &[])?;
    Ok(())
}

impl Signed {
    /// Lets pass who may change how they sign in: somebody with a fresh sign-in, and somebody who came by a link and
    /// has no way in yet, with which to freshen it.
    pub(crate) fn require_may_enrol(&self, tx: &mut Tx, now: i64) -> Result<()> {
        let own = self.reload(tx)?;
        let is_first = self.session.method == Method::Link && of(tx, own.key)?.is_empty();
        if is_first { Ok(()) } else { self.require_fresh(now) }
    }

    /// Refuses to take away somebody's last way in, after it was done: the transaction takes it back.
    pub(crate) fn require_way_left(&self, tx: &mut Tx) -> Result<()> {
        if !of(tx, self.administrator.key)?.is_empty() {
            return Ok(());
        }
        Err(Error::refused(
            "PRV-SIGNIN-LAST-WAY",
            "this is your last way to sign in",
            "Add another one first.",
        ))
    }
}

impl SignIn {
    /// How somebody can sign in.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn ways(&self, signed: &Signed) -> Result<Ways> {
        let whose = signed.administrator.key;
        self.read(move |tx| of(tx, whose)).await
    }
}

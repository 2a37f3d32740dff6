//! Signing in with a password, and confirming by it.

use super::half::Half;
use crate::ceremony::{self, Browser, Kind};
use crate::limit::{self, Subject};
use crate::session::{Ticket, active};
use crate::{Error, Method, Opened, Result, SignIn, Signed, Visit, code, random, way};
use provost_store::{Tx, administrator, password};

/// What follows a right password.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "one is made for each sign-in, and taken apart at once"
)]
pub enum Step {
    /// That was all.
    Done(Opened),
    /// A one-time code or a recovery code is asked for next, under this key.
    Code {
        /// The ceremony's key.
        ceremony: String,
    },
}

/// What is known of whoever gives an address.
#[derive(Clone)]
struct Known {
    key: i64,
    hash: String,
    changed: i64,
}

/// Looks somebody up by address, with the same questions to the database whether they are there or not.
fn known(tx: &mut Tx, email: &str) -> Result<Option<Known>> {
    let found = administrator::by_email(tx, email)?;
    let is_active = found
        .as_ref()
        .is_some_and(administrator::Administrator::is_active);
    let key = found.map_or(0, |found| found.key);
    let kept = password::get(tx, key)?;
    Ok(kept
        .filter(|_| is_active)
        .map(|(hash, changed)| Known { key, hash, changed }))
}

/// Whether somebody may still come in with the password that was set then.
pub(super) fn is_unchanged(tx: &mut Tx, key: i64, changed: i64) -> Result<bool> {
    let same = password::get(tx, key)?.is_some_and(|(_, present)| present == changed);
    Ok(same && active(tx, key)?.is_some())
}

impl SignIn {
    /// Checks a password. `browser` is a cookie that this browser keeps until the end of the sign-in.
    ///
    /// # Errors
    /// [`Error::Wait`] and [`Error::Busy`] before the password is looked at; [`Error::Denied`] for every other
    /// reason, after the same work.
    pub async fn password_signin(
        &self,
        email: &str,
        password: &str,
        browser: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<Step> {
        let known = self.guess(email, visit, now).await?;
        let hash = known.as_ref().map(|known| known.hash.clone());
        let fits = self.0.pool.verify(password, hash).await?;
        let Some(known) = known.filter(|_| fits) else {
            return Err(Error::Denied);
        };
        let ticket = Ticket::new(visit)?;
        let (text, browser) = (random::text()?, Browser::of_cookie(browser));
        let account = Subject::account(email.trim());
        self.write(move |tx| {
            if !is_unchanged(tx, known.key, known.changed)? {
                return Err(Error::Denied);
            }
            if !way::has_code(tx, known.key)? {
                limit::forgive(tx, &account)?;
                return Ok(Step::Done(ticket.open(
                    tx,
                    now,
                    known.key,
                    Method::Password,
                    now,
                )?));
            }
            let half = Half::new(known.changed);
            ceremony::begin(tx, now, &text, Kind::Code, Some(known.key), &browser, &half)?;
            Ok(Step::Code {
                ceremony: text.clone(),
            })
        })
        .await
    }

    /// Counts a guess at an account, and looks it up.
    async fn guess(&self, email: &str, visit: &Visit, now: i64) -> Result<Option<Known>> {
        let (email, address) = (email.trim().to_owned(), visit.address);
        let account = Subject::account(&email);
        self.settle(move |tx| match limit::guess(tx, now, &account, address)? {
            Some(seconds) => Ok(Err(Error::Wait { seconds })),
            None => Ok(Ok(known(tx, &email)?)),
        })
        .await
    }

    /// Puts a new, fresh session in the place of the present one, for the password of the person who is signed in
    /// and, where codes are set up, a code.
    ///
    /// # Errors
    /// [`Error::Wait`], [`Error::Busy`]; [`Error::Denied`] for every other reason.
    pub async fn password_confirm(
        &self,
        signed: &Signed,
        password: &str,
        code: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<Opened> {
        let email = signed.administrator.email.as_str();
        let known = self.guess(email, visit, now).await?;
        let known = known.filter(|known| known.key == signed.administrator.key);
        let hash = known.as_ref().map(|known| known.hash.clone());
        let fits = self.0.pool.verify(password, hash).await?;
        let Some(known) = known.filter(|_| fits) else {
            return Err(Error::Denied);
        };
        let account = Subject::account(email);
        let (signin, ticket) = (self.clone(), Ticket::new(visit)?);
        let (signed, code) = (signed.clone(), code.to_owned());
        self.write(move |tx| {
            let person = signed.reload(tx)?;
            if !is_unchanged(tx, known.key, known.changed)? {
                return Err(Error::Denied);
            }
            let method = if way::has_code(tx, known.key)? {
                Method::Code
            } else {
                Method::Password
            };
            if method == Method::Code && !code::use_any(tx, &signin.0.key, &person, &code, now)? {
                return Err(Error::Denied);
            }
            limit::forgive(tx, &account)?;
            ticket.replace(tx, now, &signed, method, now)
        })
        .await
    }
}

//! The second half of a sign-in by password: the code that goes with it.

use super::signin::is_unchanged;
use crate::ceremony::{self, Browser, Kind};
use crate::limit::{self, Subject};
use crate::session::{Ticket, active};
use crate::{Error, Method, Opened, Result, SignIn, Visit, code};
use provost_store::Tx;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Wrong codes after one right password, before the password is asked again.
const TRIES: u32 = 5;

/// A sign-in of which the password was right.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Half {
    /// When the password was set: another one since then ends the sign-in.
    password: i64,
    /// Wrong codes so far.
    wrong: u32,
}

impl Half {
    pub fn new(password: i64) -> Self {
        Self { password, wrong: 0 }
    }
}

/// A code that somebody gives.
struct Given {
    ceremony: String,
    browser: Browser,
    code: String,
    address: IpAddr,
    ticket: Ticket,
}

impl SignIn {
    /// Takes the code that goes with the password: six digits, or a recovery code. After a wrong one the same
    /// ceremony goes on, a few times.
    ///
    /// # Errors
    /// [`Error::Wait`]; [`Error::Expired`] for a ceremony that is over or of another browser; [`Error::Denied`] for
    /// every other reason.
    pub async fn code_signin(
        &self,
        ceremony: &str,
        browser: &str,
        code: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<Opened> {
        let given = Given {
            ceremony: ceremony.to_owned(),
            browser: Browser::of_cookie(browser),
            code: code.to_owned(),
            address: visit.address,
            ticket: Ticket::new(visit)?,
        };
        let signin = self.clone();
        self.settle(move |tx| signin.take_code(tx, now, &given)).await
    }

    fn take_code(&self, tx: &mut Tx, now: i64, given: &Given) -> Result<Result<Opened>> {
        let taken = ceremony::take(tx, now, &given.ceremony, Kind::Code, &given.browser)?;
        let (whose, mut half): (Option<i64>, Half) = taken;
        let Some(person) = active(tx, whose.ok_or(Error::Expired)?)? else {
            return Ok(Err(Error::Denied));
        };
        let account = Subject::account(&person.email);
        if let Some(seconds) = limit::guess(tx, now, &account, given.address)? {
            given.again(tx, now, person.key, &half)?;
            return Ok(Err(Error::Wait { seconds }));
        }
        if !is_unchanged(tx, person.key, half.password)? {
            return Ok(Err(Error::Denied));
        }
        if !code::use_any(tx, &self.0.key, &person, &given.code, now)? {
            half.wrong += 1;
            if half.wrong < TRIES {
                given.again(tx, now, person.key, &half)?;
            }
            return Ok(Err(Error::Denied));
        }
        limit::forgive(tx, &account)?;
        Ok(Ok(given.ticket.open(tx, now, person.key, Method::Code, now)?))
    }
}

impl Given {
    /// Lets the person try again.
    fn again(&self, tx: &mut Tx, now: i64, whose: i64, half: &Half) -> Result<()> {
        ceremony::begin(
            tx,
            now,
            &self.ceremony,
            Kind::Code,
            Some(whose),
            &self.browser,
            half,
        )
    }
}

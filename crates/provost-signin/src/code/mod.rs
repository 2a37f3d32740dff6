//! One-time codes by time, beside a password: RFC 6238, and the recovery codes for the day when the phone is lost.

mod base32;
mod setup;
mod totp;

pub use setup::CodeSetup;
pub(crate) use setup::require_codes;

use crate::{Result, recovery, way};
use provost_store::administrator::Administrator;
use provost_store::secret::{self, Key};
use provost_store::{Tx, one_time_code};

/// Whether this is a good code of somebody, which is used up with it: six digits by time, or a recovery code.
pub(crate) fn use_any(tx: &mut Tx, key: &Key, whose: &Administrator, code: &str, now: i64) -> Result<bool> {
    if !way::has_code(tx, whose.key)? {
        return Ok(false);
    }
    if totp::is_digits(code) {
        use_digits(tx, key, whose.key, code, now)
    } else {
        recovery::use_one(tx, whose, code, now)
    }
}

/// Whether these digits are good now and were not used before.
fn use_digits(tx: &mut Tx, key: &Key, whose: i64, code: &str, now: i64) -> Result<bool> {
    let Some(kept) = secret::get(tx, key, &one_time_code::place(whose))? else {
        return Ok(false);
    };
    let Some(step) = base32::read(&kept).and_then(|bytes| totp::step_of(&bytes, code, now)) else {
        return Ok(false);
    };
    Ok(one_time_code::use_step(tx, whose, step)?)
}

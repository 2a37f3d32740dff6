//! Blocking, unblocking and removing administrators.

use super::grant::{grants, is_installation_owner};
use super::{Administrator, State, get, require};
use crate::{Result, Tx, api_token, audit, one_time_code, one_time_link, session};

crate::statements! {
    STATE = "UPDATE administrator SET state = $1, stamp = stamp + 1 WHERE key = $2";
    RAISE = "UPDATE administrator SET stamp = stamp + 1 WHERE key = $1";
    ROLES = "DELETE FROM administrator_role WHERE administrator = $1";
    PASSKEYS = "DELETE FROM passkey WHERE administrator = $1";
    PASSWORD = "DELETE FROM password WHERE administrator = $1";
    RECOVERY_CODES = "DELETE FROM recovery_code WHERE administrator = $1";
    IDENTITIES = "DELETE FROM signin_identity WHERE administrator = $1";
    CEREMONIES = "DELETE FROM ceremony WHERE administrator = $1";
    REMOVE = "DELETE FROM administrator WHERE key = $1";
}

/// Refuses everything to an administrator from now on: their sessions, links and sign-ins that are under way end,
/// their API tokens are refused until they are unblocked. Blocking again changes nothing.
///
/// # Errors
/// [`crate::Error::Refused`] when they are gone (`PRV-ADMINISTRATOR-GONE`), or the last owner (`PRV-OWNER-LAST`).
pub fn block(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<Administrator> {
    set_state(tx, actor, now, key, State::Blocked)
}

/// Lets an administrator sign in again. What was ended stays ended.
///
/// # Errors
/// As [`block`].
pub fn unblock(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<Administrator> {
    set_state(tx, actor, now, key, State::Active)
}

fn set_state(tx: &mut Tx, actor: &str, now: i64, key: i64, state: State) -> Result<Administrator> {
    let before = get(tx, key)?;
    if before.state == state {
        return Ok(before);
    }
    let is_owner = grants(tx, key)?.iter().any(is_installation_owner);
    tx.execute(STATE, &[state.as_str().into(), key.into()])?;
    let action = match state {
        State::Active => "administrator.unblock",
        State::Blocked => {
            end_what_is_open(tx, key)?;
            if is_owner {
                require(tx, now, &before, "blocked")?;
            }
            "administrator.block"
        }
    };
    audit::append_installation(tx, now, actor, action, &before.email, "")?;
    get(tx, key)
}

/// Sessions, links and sign-ins that are under way.
fn end_what_is_open(tx: &mut Tx, key: i64) -> Result<()> {
    session::drop_all_of(tx, key)?;
    one_time_link::end_of(tx, key)?;
    tx.execute(CEREMONIES, &[key.into()])?;
    Ok(())
}

/// Removes an administrator with everything by which they could sign in; their API tokens are revoked. What they
/// did stays in the audit log.
///
/// # Errors
/// As [`block`].
pub fn remove(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<()> {
    let gone = get(tx, key)?;
    let is_owner = gone.is_active() && grants(tx, key)?.iter().any(is_installation_owner);
    end_what_is_open(tx, key)?;
    for sql in [ROLES, PASSKEYS, PASSWORD, RECOVERY_CODES, IDENTITIES] {
        tx.execute(sql, &[key.into()])?;
    }
    one_time_code::forget(tx, key)?;
    api_token::revoke_of(tx, now, key)?;
    tx.execute(REMOVE, &[key.into()])?;
    if is_owner {
        require(tx, now, &gone, "removed")?;
    }
    audit::append_installation(tx, now, actor, "administrator.remove", &gone.email, &gone.name)
}

/// Ends every session of an administrator, also one that another node is about to use.
pub(crate) fn raise_stamp(tx: &mut Tx, key: i64) -> Result<()> {
    tx.execute(RAISE, &[key.into()])?;
    Ok(())
}

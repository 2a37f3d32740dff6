//! The federation of a Microsoft 365 provider's domain: how far it is, what its checks said, who answers for what, the
//! roll-back, and what was done at Microsoft.
//!
//! The state here and the provider's own ([`crate::microsoft_365::State`]) move in one transaction: while the domain is
//! federated people can be assigned, and at no other time.

mod act;
mod gate;
mod people;
mod pilot;
mod sign_off;

pub use act::{Act, ActKind, Order, Outcome, acts, begin, end, free_at, open, unfinished};
pub use gate::{Gate, migration_finished};
pub use people::{Line, account_lines};
pub use pilot::{Pilot, Trial, Whose, pilots, put_trial};
pub(crate) use pilot::{forget_pilot, move_pilot};
pub use sign_off::{SignOff, sign_off, sign_offs, withdraw};

pub(crate) use act::STATEMENTS as ACT_STATEMENTS;
pub(crate) use people::STATEMENTS as PEOPLE_STATEMENTS;
pub(crate) use pilot::STATEMENTS as PILOT_STATEMENTS;
pub(crate) use sign_off::STATEMENTS as SIGN_OFF_STATEMENTS;

use crate::microsoft_365::Provider;
use crate::{Error, Result, Row, Tx, audit, word};
use serde_json::Value;

macro_rules! columns {
    () => {
        "provider, state, since, switched, mfa, checked, checks, saved, saved_by, saved_word, sent, seen, everywhere, \
         trouble, trouble_since, ends, protocol"
    };
}

crate::statements! {
    GET = concat!("SELECT ", columns!(), " FROM federation WHERE provider = $1");
    OF_WORKSPACE = concat!("SELECT ", columns!(), " FROM federation WHERE workspace = $1 ORDER BY provider");
    PUT = "INSERT INTO federation (provider, workspace, state, since, switched, mfa, checked, checks, saved, saved_by, \
           saved_word, sent, seen, everywhere, trouble, trouble_since, ends, protocol) \
           VALUES ($1, $2, 'managed', 0, 0, 'accept', 0, 'null', 0, '', '', 'null', 0, 0, '', 0, 0, 'saml') \
           ON CONFLICT (provider) DO NOTHING";
    CHECKED = "UPDATE federation SET checked = $1, checks = $2, ends = $3 WHERE provider = $4";
    CHOSEN = "UPDATE federation SET protocol = $1, mfa = $2 WHERE provider = $3";
    SAVED = "UPDATE federation SET saved = $1, saved_by = $2, saved_word = $3 WHERE provider = $4";
    SEEN = "UPDATE federation SET seen = $1, everywhere = $2, trouble = $3, trouble_since = $4 WHERE provider = $5";
    SENT = "UPDATE federation SET sent = $1 WHERE provider = $2";
    STATE = "UPDATE federation SET state = $1, since = $2, everywhere = 0 WHERE provider = $3";
    FORGET = "DELETE FROM federation WHERE provider = $1";
}

word::words! {
    /// Who signs the domain's people in.
    State, "state of a federation":
    /// Microsoft does.
    Managed = "managed",
    /// The domain is being switched, or it is not known what came of it.
    Switching = "switching",
    /// This hub does.
    Federated = "federated",
    /// The domain is being switched back, or it is not known what came of it.
    RollingBack = "rolling_back",
}

word::words! {
    /// How Microsoft 365 and this hub talk.
    Protocol, "protocol":
    /// SAML 2.0: browsers and applications.
    Saml = "saml",
    /// WS-Federation: also what joining Windows to Entra asks for.
    WsFederation = "ws_federation",
}

word::words! {
    /// Whose second factor counts.
    Mfa, "second factor":
    /// Ours when we claim one; otherwise Microsoft asks for one itself.
    Accept = "accept",
    /// Only ours: people come back to us for it.
    Enforce = "enforce",
    /// Only Microsoft's.
    Reject = "reject",
}

/// The federation of a provider's domain.
#[derive(Debug, Clone, PartialEq)]
pub struct Federation {
    /// The provider's key.
    pub provider: i64,
    /// How far it is.
    pub state: State,
    /// When it came into that state, in milliseconds since 1970; 0 where it was never anything else.
    pub since: i64,
    /// When the domain was last switched in either direction; 0 for never.
    pub switched: i64,
    /// How Microsoft 365 and this hub are to talk.
    pub protocol: Protocol,
    /// Whose second factor is to count.
    pub mfa: Mfa,
    /// When the checks were computed last; 0 for never.
    pub checked: i64,
    /// What they said; null before the first time.
    pub checks: Value,
    /// Since when somebody keeps the roll-back; 0 for nobody.
    pub saved: i64,
    /// Who.
    pub saved_by: String,
    /// The check word of what they keep.
    pub saved_word: String,
    /// What was sent to Microsoft and should stand there; null for nothing.
    pub sent: Value,
    /// When Microsoft was last asked what stands; 0 for never.
    pub seen: i64,
    /// When Microsoft's sign-in service was first seen to know the state; 0 where it was not yet.
    pub everywhere: i64,
    /// What stands there otherwise than it should; empty for nothing.
    pub trouble: String,
    /// Since when.
    pub trouble_since: i64,
    /// When the certificate ends that our answers are signed with; 0 where that is not known.
    pub ends: i64,
}

fn read(row: &Row) -> Result<Federation> {
    Ok(Federation {
        provider: row.int(0)?,
        state: row.str(1)?.parse()?,
        since: row.int(2)?,
        switched: row.int(3)?,
        mfa: row.str(4)?.parse()?,
        checked: row.int(5)?,
        checks: json(row, 6)?,
        saved: row.int(7)?,
        saved_by: row.text(8)?,
        saved_word: row.text(9)?,
        sent: json(row, 10)?,
        seen: row.int(11)?,
        everywhere: row.int(12)?,
        trouble: row.text(13)?,
        trouble_since: row.int(14)?,
        ends: row.int(15)?,
        protocol: row.str(16)?.parse()?,
    })
}

fn json(row: &Row, at: usize) -> Result<Value> {
    serde_json::from_str(row.str(at)?)
        .map_err(|error| Error::Damaged(format!("a federation cannot be read: {error}")))
}

/// The federation of a provider's domain; one that nothing was done about yet is managed.
///
/// # Errors
/// Any error of the database.
pub fn of(tx: &mut Tx, provider: i64) -> Result<Federation> {
    let found = tx.first(GET, &[provider.into()], read)?;
    Ok(found.unwrap_or_else(|| Federation {
        provider,
        state: State::Managed,
        since: 0,
        switched: 0,
        protocol: Protocol::Saml,
        mfa: Mfa::Accept,
        checked: 0,
        checks: Value::Null,
        saved: 0,
        saved_by: String::new(),
        saved_word: String::new(),
        sent: Value::Null,
        seen: 0,
        everywhere: 0,
        trouble: String::new(),
        trouble_since: 0,
        ends: 0,
    }))
}

/// The federations of a workspace that something was done about.
///
/// # Errors
/// Any error of the database.
pub fn of_workspace(tx: &mut Tx, workspace: i64) -> Result<Vec<Federation>> {
    tx.query(OF_WORKSPACE, &[workspace.into()], read)
}

fn make(tx: &mut Tx, provider: &Provider) -> Result<()> {
    tx.execute(PUT, &[provider.key.into(), provider.workspace.into()])?;
    Ok(())
}

fn note(tx: &mut Tx, now: i64, actor: &str, what: &str, provider: &Provider, detail: &str) -> Result<()> {
    let action = format!("microsoft_365.federation.{what}");
    audit::append_named(
        tx,
        provider.workspace,
        now,
        actor,
        &action,
        &provider.name,
        detail,
    )
}

/// Keeps what the checks said, and when the certificate ends.
///
/// # Errors
/// Any error of the database.
pub fn put_checks(tx: &mut Tx, now: i64, provider: &Provider, checks: &Value, ends: i64) -> Result<()> {
    make(tx, provider)?;
    let text = checks.to_string();
    tx.execute(
        CHECKED,
        &[now.into(), (&text).into(), ends.into(), provider.key.into()],
    )?;
    Ok(())
}

/// Decides how both are to talk and whose second factor is to count after the switch.
///
/// # Errors
/// [`Error::Refused`] (`PRV-FEDERATION-STATE`) once the domain is switched.
pub fn choose(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    protocol: Protocol,
    mfa: Mfa,
) -> Result<()> {
    make(tx, provider)?;
    let before = of(tx, provider.key)?;
    if (before.protocol, before.mfa) == (protocol, mfa) {
        return Ok(());
    }
    if before.state != State::Managed {
        return Err(Error::refused(
            "PRV-FEDERATION-STATE",
            format!(
                "protocol and second factor are decided before the switch, and the domain {} is {}",
                provider.domain, before.state
            ),
            "Switch the domain back first.",
        ));
    }
    let params = [protocol.as_str().into(), mfa.as_str().into(), provider.key.into()];
    tx.execute(CHOSEN, &params)?;
    note(
        tx,
        now,
        actor,
        "choose",
        provider,
        &format!("{protocol}, second factor {mfa}"),
    )
}

/// Notes that somebody keeps the roll-back, by its check word.
///
/// # Errors
/// Any error of the database.
pub fn save_roll_back_command(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    check_word: &str,
) -> Result<()> {
    make(tx, provider)?;
    let params = [now.into(), actor.into(), check_word.into(), provider.key.into()];
    tx.execute(SAVED, &params)?;
    note(
        tx,
        now,
        actor,
        "roll_back_command",
        provider,
        &format!("check word {check_word}"),
    )
}

/// Says what should stand at Microsoft: what was there before, where an act has changed nothing.
///
/// # Errors
/// Any error of the database.
pub fn put_sent(tx: &mut Tx, provider: &Provider, sent: &Value) -> Result<()> {
    let text = sent.to_string();
    tx.execute(SENT, &[(&text).into(), provider.key.into()])?;
    Ok(())
}

/// What a look at Microsoft showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What stands there otherwise than it should, in a sentence; empty for nothing.
    pub trouble: String,
    /// Whether Microsoft's sign-in service knows the state already.
    pub is_everywhere: bool,
}

/// Keeps what a look at Microsoft showed. Trouble that begins or ends has an audit row.
///
/// # Errors
/// Any error of the database.
pub fn note_seen(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, seen: &Seen) -> Result<()> {
    make(tx, provider)?;
    let before = of(tx, provider.key)?;
    let everywhere = match (seen.is_everywhere, before.everywhere) {
        (false, _) => 0,
        (true, 0) => now,
        (true, at) => at,
    };
    let since = match (seen.trouble.is_empty(), before.trouble.is_empty()) {
        (true, _) => 0,
        (false, true) => now,
        (false, false) => before.trouble_since,
    };
    let params = [
        now.into(),
        everywhere.into(),
        (&seen.trouble).into(),
        since.into(),
        provider.key.into(),
    ];
    tx.execute(SEEN, &params)?;
    if seen.trouble == before.trouble {
        return Ok(());
    }
    match seen.trouble.is_empty() {
        true => note(tx, now, actor, "as_it_should", provider, ""),
        false => note(tx, now, actor, "otherwise", provider, &seen.trouble),
    }
}

/// Forgets everything about a provider that is being removed.
pub(crate) fn forget(tx: &mut Tx, provider: i64) -> Result<()> {
    act::forget(tx, provider)?;
    sign_off::forget(tx, provider)?;
    pilot::forget(tx, provider)?;
    tx.execute(FORGET, &[provider.into()])?;
    Ok(())
}

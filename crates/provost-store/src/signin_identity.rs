//! Who an administrator is at a provider: issuer and subject together (OpenID Connect Core 1.0 section 5.7), never
//! an e-mail address.

use crate::administrator::{self, keep_way_in};
use crate::{Error, Result, Tx, audit};

crate::statements! {
    FIND = "SELECT administrator FROM signin_identity WHERE issuer = $1 AND subject = $2";
    TIE = "INSERT INTO signin_identity (issuer, subject, administrator, shown, created, last_used) \
           VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (issuer, subject) DO UPDATE SET shown = excluded.shown";
    OF = "SELECT issuer, subject, shown, created, last_used FROM signin_identity WHERE administrator = $1 \
          ORDER BY created, issuer, subject";
    USED = "UPDATE signin_identity SET last_used = $1 WHERE issuer = $2 AND subject = $3";
    UNTIE = "DELETE FROM signin_identity WHERE administrator = $1 AND issuer = $2 AND subject = $3";
}

/// An identity of an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The issuer.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// What the provider called them when it was tied: for people only.
    pub shown: String,
    /// When it was tied.
    pub created: i64,
    /// When it was last used to sign in.
    pub last_used: Option<i64>,
}

/// An identity to be tied.
#[derive(Debug, Clone, Copy)]
pub struct Tie<'a> {
    /// Whose it is to be.
    pub administrator: i64,
    /// The issuer.
    pub issuer: &'a str,
    /// Who they are there.
    pub subject: &'a str,
    /// What the provider calls them.
    pub shown: &'a str,
}

/// Whose identity this is.
///
/// # Errors
/// Any error of the database.
pub fn find(tx: &mut Tx, issuer: &str, subject: &str) -> Result<Option<i64>> {
    tx.first(FIND, &[issuer.into(), subject.into()], |r| r.int(0))
}

/// Ties an identity to an administrator, who may sign in with it from now on.
///
/// # Errors
/// [`Error::Refused`] when it is another administrator's (`PRV-IDENTITY-TIED`), and for an administrator who is gone
/// (`PRV-ADMINISTRATOR-GONE`).
pub fn tie(tx: &mut Tx, actor: &str, now: i64, tie: &Tie) -> Result<()> {
    let administrator = administrator::get(tx, tie.administrator)?;
    if find(tx, tie.issuer, tie.subject)?.is_some_and(|holder| holder != administrator.key) {
        return Err(Error::refused(
            "PRV-IDENTITY-TIED",
            "another administrator signs in with this identity",
            "Sign in there as yourself, or have the other administrator give it up first.",
        ));
    }
    let params = [
        tie.issuer.into(),
        tie.subject.into(),
        administrator.key.into(),
        tie.shown.into(),
        now.into(),
    ];
    tx.execute(TIE, &params)?;
    let detail = format!("{} at {}", tie.shown, tie.issuer);
    audit::append_installation(
        tx,
        now,
        actor,
        "signin_identity.tie",
        &administrator.email,
        &detail,
    )
}

/// An administrator's identities, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn of(tx: &mut Tx, administrator: i64) -> Result<Vec<Identity>> {
    tx.query(OF, &[administrator.into()], |r| {
        Ok(Identity {
            issuer: r.text(0)?,
            subject: r.text(1)?,
            shown: r.text(2)?,
            created: r.int(3)?,
            last_used: Some(r.int(4)?).filter(|when| *when > 0),
        })
    })
}

/// Notes that somebody signed in with it.
///
/// # Errors
/// Any error of the database.
pub fn note_use(tx: &mut Tx, issuer: &str, subject: &str, now: i64) -> Result<()> {
    tx.execute(USED, &[now.into(), issuer.into(), subject.into()])?;
    Ok(())
}

/// Takes an identity from an administrator. `false`: it is none of theirs.
///
/// # Errors
/// [`Error::Refused`] (`PRV-OWNER-LAST`) when no owner could sign in any more.
pub fn untie(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    administrator: i64,
    issuer: &str,
    subject: &str,
) -> Result<bool> {
    let params = [administrator.into(), issuer.into(), subject.into()];
    let done = keep_way_in(tx, now, |tx| tx.execute(UNTIE, &params))? > 0;
    if done {
        let email = administrator::get(tx, administrator)?.email;
        let detail = format!("at {issuer}");
        audit::append_installation(tx, now, actor, "signin_identity.untie", &email, &detail)?;
    }
    Ok(done)
}

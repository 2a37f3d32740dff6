//! The keys with which Provost signs as an identity provider: per provider one that signs, and at most one beside it.
//!
//! A key is made with its certificate ([`Made`]), outside of a transaction, because making one takes a while. The private
//! half is sealed like every secret and leaves this module only as a key that signs ([`Signing::key`]); there is no way
//! to export it. What others need is the certificate.
//!
//! A change of keys is: [`prepare_next`], tell Microsoft the certificate, [`swap`], and [`retire`] once nobody needs the
//! old one. Until then a second [`swap`] goes back.
//!
//! Source: Microsoft, "Renew federation certificates for Microsoft 365 and Microsoft Entra ID"; Microsoft Graph,
//! "internalDomainFederation resource type" (signingCertificate, nextSigningCertificate).

use crate::microsoft_365::Provider;
use crate::secret::{self, Key, Place};
use crate::{Error, Result, Row, Tx, audit, word};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use provost_saml::certificate::Certificate;
use provost_saml::key::SigningKey;

macro_rules! columns {
    () => {
        "key, slot, certificate, created, actor, since"
    };
}

crate::statements! {
    PUT = "INSERT INTO signing_key (key, workspace, provider, slot, certificate, expires, created, actor, since) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    IN_SLOT = concat!("SELECT ", columns!(), " FROM signing_key WHERE provider = $1 AND slot = $2 AND slot <> 'retired'");
    HISTORY = concat!("SELECT ", columns!(), " FROM signing_key WHERE provider = $1 ORDER BY key DESC LIMIT $2");
    MOVE = "UPDATE signing_key SET slot = $1, since = $2 WHERE key = $3";
    KEYS = "SELECT key FROM signing_key WHERE provider = $1 ORDER BY key";
    FORGET = "DELETE FROM signing_key WHERE provider = $1";
}

/// The field of the secret that holds a private half.
const FIELD: &str = "private_key";
/// The name of the table, which the secret is bound to.
const TABLE: &str = "signing_key";
/// Days that a certificate is good for.
pub const LIFE_DAYS: i64 = 3 * 365;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// How much earlier than its making a certificate begins to be: another clock may be slow.
const EARLIER: i64 = 5 * 60_000;

word::words! {
    /// What a key is there for.
    Slot, "slot of a signing key":
    /// It signs.
    Current = "current",
    /// It stands beside it: the one that comes, or, after the change, the one that was.
    Next = "next",
    /// It signs nothing any more, and its private half is gone.
    Retired = "retired",
}

/// A new key with its certificate, not kept yet. `Debug` shows the certificate only.
pub struct Made {
    certificate: Certificate,
    private: Vec<u8>,
}

impl Made {
    /// Makes a key (RSA, 2,048 bits) and a self-signed certificate (SHA-256, three years) whose name has the domain and
    /// the day in it. It takes up to half a second: call it where waiting hinders nobody.
    ///
    /// # Errors
    /// [`Error::Setup`] when this machine cannot make one.
    pub fn new(domain: &str, now: i64) -> Result<Self> {
        let cannot = |what: &str| Error::Setup(format!("a signing key could not be made: {what}"));
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| cannot("the machine refused"))?;
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| cannot("it could not be written"))?;
        let private = der.as_ref().to_vec();
        let key = SigningKey::from_pkcs8(&private).map_err(|error| cannot(&error.to_string()))?;
        let (starts, ends) = (moment(now - EARLIER)?, moment(now + LIFE_DAYS * DAY)?);
        // A common name has at most 64 characters (RFC 5280 appendix A.1); the day tells two apart.
        let short: String = domain.chars().take(40).collect();
        let day = moment(now)?.strftime("%Y-%m-%d").to_string();
        let name = format!("Provost {short} {day}");
        let certificate = Certificate::self_signed(&key, &name, starts, ends)
            .map_err(|error| cannot(&error.to_string()))?;
        Ok(Self { certificate, private })
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

fn moment(at: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(at).map_err(|_| Error::Setup("the clock of this machine is far off".into()))
}

/// A key as everybody may know it: its certificate, and what it is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The inside key of the row.
    pub key: i64,
    /// What it is there for.
    pub slot: Slot,
    /// Its certificate.
    pub certificate: Certificate,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// Who had it made.
    pub actor: String,
    /// Since when it is in its slot.
    pub since: i64,
}

impl Kept {
    /// When its certificate ends, in milliseconds since 1970.
    #[must_use]
    pub fn expires(&self) -> i64 {
        self.certificate.ends().as_millisecond()
    }

    /// Whether its certificate is over: nothing is signed with it then, because the other side would refuse it.
    #[must_use]
    pub fn is_over(&self, now: i64) -> bool {
        now > self.expires()
    }
}

/// The key that signs. `Debug` shows its certificate only.
pub struct Signing {
    /// What everybody may know of it.
    pub kept: Kept,
    private: Vec<u8>,
}

impl Signing {
    /// The key, ready to sign.
    ///
    /// # Errors
    /// [`Error::Damaged`] for what is no key: somebody has changed the database.
    pub fn key(&self) -> Result<SigningKey> {
        SigningKey::from_pkcs8(&self.private).map_err(|_| damaged("private half"))
    }
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signing")
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

fn damaged(what: &str) -> Error {
    Error::Damaged(format!("the {what} of a signing key cannot be read"))
}

fn read(row: &Row) -> Result<Kept> {
    let der = STANDARD.decode(row.str(2)?).map_err(|_| damaged("certificate"))?;
    Ok(Kept {
        key: row.int(0)?,
        slot: row.str(1)?.parse()?,
        certificate: Certificate::from_der(&der).map_err(|_| damaged("certificate"))?,
        created: row.int(3)?,
        actor: row.text(4)?,
        since: row.int(5)?,
    })
}

fn place(owner: i64) -> Place<'static> {
    Place {
        table: TABLE,
        owner,
        field: FIELD,
    }
}

/// The provider's key in a slot, without its private half. None for [`Slot::Retired`], of which there may be many.
///
/// # Errors
/// Any error of the database.
pub fn in_slot(tx: &mut Tx, provider: i64, slot: Slot) -> Result<Option<Kept>> {
    tx.first(IN_SLOT, &[provider.into(), slot.as_str().into()], read)
}

/// What is published of a provider: the certificate of the key that signs, and that of the one beside it, if there is
/// one. Empty before the first key is made.
///
/// # Errors
/// Any error of the database.
pub fn certificates(tx: &mut Tx, provider: i64) -> Result<Vec<Kept>> {
    let mut found = Vec::new();
    for slot in [Slot::Current, Slot::Next] {
        found.extend(in_slot(tx, provider, slot)?);
    }
    Ok(found)
}

/// Every key that a provider has had, newest first, at most `limit`: certificates only.
///
/// # Errors
/// Any error of the database.
pub fn history(tx: &mut Tx, provider: i64, limit: i64) -> Result<Vec<Kept>> {
    tx.query(HISTORY, &[provider.into(), limit.into()], read)
}

/// The key that signs for a provider; none before one was made. Only the code that signs calls this.
///
/// # Errors
/// [`Error::Damaged`] when its private half does not open with this key file, or is gone.
pub fn current(tx: &mut Tx, sealing: &Key, provider: i64) -> Result<Option<Signing>> {
    let Some(kept) = in_slot(tx, provider, Slot::Current)? else {
        return Ok(None);
    };
    let sealed = secret::get(tx, sealing, &place(kept.key))?.ok_or_else(|| damaged("private half"))?;
    let private = STANDARD.decode(sealed).map_err(|_| damaged("private half"))?;
    Ok(Some(Signing { kept, private }))
}

/// The provider's key that signs: the one that there is, or this one from now on. Two that come at the same time get the
/// same.
///
/// # Errors
/// Any error of the database.
pub fn ensure(
    tx: &mut Tx,
    sealing: &Key,
    actor: &str,
    now: i64,
    provider: &Provider,
    made: &Made,
) -> Result<Kept> {
    if let Some(found) = in_slot(tx, provider.key, Slot::Current)? {
        return Ok(found);
    }
    keep(tx, sealing, actor, now, provider, made, Slot::Current)
}

/// Puts a new key beside the one that signs: it is published from now on, and signs after [`swap`].
///
/// # Errors
/// [`Error::Refused`]: `PRV-SIGNING-KEY-NONE` when no key signs yet, `PRV-SIGNING-KEY-NEXT` when there is one beside it
/// already.
pub fn prepare_next(
    tx: &mut Tx,
    sealing: &Key,
    actor: &str,
    now: i64,
    provider: &Provider,
    made: &Made,
) -> Result<Kept> {
    if in_slot(tx, provider.key, Slot::Current)?.is_none() {
        return Err(none(provider));
    }
    if let Some(there) = in_slot(tx, provider.key, Slot::Next)? {
        return Err(Error::refused(
            "PRV-SIGNING-KEY-NEXT",
            format!(
                "the provider \"{}\" has a second signing key already ({})",
                provider.name,
                there.certificate.subject()
            ),
            "Change over to it, or retire it first.",
        ));
    }
    keep(tx, sealing, actor, now, provider, made, Slot::Next)
}

fn keep(
    tx: &mut Tx,
    sealing: &Key,
    actor: &str,
    now: i64,
    provider: &Provider,
    made: &Made,
    slot: Slot,
) -> Result<Kept> {
    let key = tx.key();
    let text = made.certificate.base64();
    let expires = made.certificate.ends().as_millisecond();
    let params = [
        key.into(),
        provider.workspace.into(),
        provider.key.into(),
        slot.as_str().into(),
        (&text).into(),
        expires.into(),
        now.into(),
        actor.into(),
        now.into(),
    ];
    tx.execute(PUT, &params)?;
    secret::put(tx, sealing, now, &place(key), &STANDARD.encode(&made.private))?;
    let kept = Kept {
        key,
        slot,
        certificate: made.certificate.clone(),
        created: now,
        actor: actor.to_owned(),
        since: now,
    };
    let action = if slot == Slot::Next { "prepare" } else { "make" };
    note(tx, now, actor, action, provider, &[&kept])?;
    Ok(kept)
}

/// Changes over: the key beside it signs from now on, and the one that signed stands beside it, so that doing it once
/// more goes back. Answers both, the one that signs now first.
///
/// # Errors
/// [`Error::Refused`]: `PRV-SIGNING-KEY-NONE` when no key signs yet, `PRV-SIGNING-KEY-NO-NEXT` when there is none beside
/// it, `PRV-SIGNING-KEY-OVER` when that one's certificate is over.
pub fn swap(tx: &mut Tx, actor: &str, now: i64, provider: &Provider) -> Result<[Kept; 2]> {
    let was = in_slot(tx, provider.key, Slot::Current)?.ok_or_else(|| none(provider))?;
    let comes = in_slot(tx, provider.key, Slot::Next)?.ok_or_else(|| no_next(provider))?;
    if comes.is_over(now) {
        return Err(Error::refused(
            "PRV-SIGNING-KEY-OVER",
            format!(
                "the certificate of the second signing key of \"{}\" is over: Microsoft would refuse every sign-in",
                provider.name
            ),
            "Retire it, and prepare a new one.",
        ));
    }
    // A slot has one key at any moment, also between these three.
    for (slot, key) in [
        ("changing", comes.key),
        (Slot::Next.as_str(), was.key),
        (Slot::Current.as_str(), comes.key),
    ] {
        tx.execute(MOVE, &[slot.into(), now.into(), key.into()])?;
    }
    let (comes, was) = (in_new(comes, Slot::Current, now), in_new(was, Slot::Next, now));
    note(tx, now, actor, "swap", provider, &[&comes, &was])?;
    Ok([comes, was])
}

/// Retires the key beside the one that signs: its private half is gone for good, and its certificate is published no
/// more.
///
/// # Errors
/// [`Error::Refused`] (`PRV-SIGNING-KEY-NO-NEXT`) when there is none. The key that signs cannot be retired: change over
/// first.
pub fn retire(tx: &mut Tx, actor: &str, now: i64, provider: &Provider) -> Result<Kept> {
    let found = in_slot(tx, provider.key, Slot::Next)?.ok_or_else(|| no_next(provider))?;
    tx.execute(
        MOVE,
        &[Slot::Retired.as_str().into(), now.into(), found.key.into()],
    )?;
    secret::wipe(tx, TABLE, found.key)?;
    let retired = in_new(found, Slot::Retired, now);
    note(tx, now, actor, "retire", provider, &[&retired])?;
    Ok(retired)
}

/// Forgets every key of a provider that goes.
pub(crate) fn forget(tx: &mut Tx, provider: i64) -> Result<()> {
    for key in tx.query(KEYS, &[provider.into()], |r| r.int(0))? {
        secret::wipe(tx, TABLE, key)?;
    }
    tx.execute(FORGET, &[provider.into()])?;
    Ok(())
}

fn in_new(kept: Kept, slot: Slot, now: i64) -> Kept {
    Kept {
        slot,
        since: now,
        ..kept
    }
}

fn none(provider: &Provider) -> Error {
    Error::refused(
        "PRV-SIGNING-KEY-NONE",
        format!("the provider \"{}\" has no signing key yet", provider.name),
        "Save its section Authentication: that makes one.",
    )
}

fn no_next(provider: &Provider) -> Error {
    Error::refused(
        "PRV-SIGNING-KEY-NO-NEXT",
        format!("the provider \"{}\" has no second signing key", provider.name),
        "Prepare one, and tell Microsoft its certificate first.",
    )
}

fn note(tx: &mut Tx, now: i64, actor: &str, what: &str, provider: &Provider, keys: &[&Kept]) -> Result<()> {
    let of = |kept: &&Kept| {
        format!(
            "{} {} ({})",
            kept.slot,
            kept.certificate.subject(),
            kept.certificate.sha1()
        )
    };
    let detail: Vec<String> = keys.iter().map(of).collect();
    let action = format!("signing_key.{what}");
    audit::append_named(
        tx,
        provider.workspace,
        now,
        actor,
        &action,
        &provider.name,
        &detail.join(", "),
    )
}

//! Setting one-time codes up, and taking them away.

use super::{base32, totp, use_digits};
use crate::password::LONG_PASSWORD;
use crate::{Error, Result, SignIn, Signed, random, recovery, session, way};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use provost_store::{one_time_code, password, recovery_code, secret};

/// What an authenticator app is given. Shown once.
#[derive(Clone)]
pub struct CodeSetup {
    /// The secret in base32, to be typed.
    pub secret: String,
    /// The same as an address (`otpauth://`), to be opened on a phone or shown as a picture.
    pub uri: String,
}

/// Never the secret.
impl std::fmt::Debug for CodeSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeSetup(…)")
    }
}

/// Bytes of a secret: as long as the hash (RFC 4226 section 4, R6).
const SECRET: usize = 20;

impl SignIn {
    /// Begins to set one-time codes up. They are asked for only after [`SignIn::code_confirm`].
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Store`] where codes are set up already (`PRV-CODE-ALREADY`).
    pub async fn code_begin(&self, signed: &Signed, now: i64) -> Result<CodeSetup> {
        let text = base32::write(&random::bytes::<SECRET>()?);
        let setup = CodeSetup {
            uri: self.uri(&signed.administrator.email, &text),
            secret: text.clone(),
        };
        let (signin, signed) = (self.clone(), signed.clone());
        self.write(move |tx| {
            signed.require_may_enrol(tx, now)?;
            let whose = signed.administrator.key;
            one_time_code::begin(tx, now, whose)?;
            Ok(secret::put(
                tx,
                &signin.0.key,
                now,
                &one_time_code::place(whose),
                &text,
            )?)
        })
        .await?;
        Ok(setup)
    }

    /// The address that apps read: issuer and account, then the secret (the "Key Uri Format" of authenticator apps).
    fn uri(&self, email: &str, secret: &str) -> String {
        let host = self.0.settings.public_url.host_str().unwrap_or_default();
        let issuer = format!("Provost {host}");
        let issuer = utf8_percent_encode(issuer.trim(), NON_ALPHANUMERIC);
        let account = utf8_percent_encode(email, NON_ALPHANUMERIC);
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
        )
    }

    /// Confirms with a first code that the app works: from now on, a password asks for one. The recovery codes are made
    /// with it and known only now, so that nobody depends on an app alone; other sessions end.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] when nothing waits to be confirmed (`PRV-CODE-NONE`), and for a code that
    /// is not the present one (`PRV-CODE-WRONG`).
    pub async fn code_confirm(&self, signed: &Signed, code: &str, now: i64) -> Result<Vec<String>> {
        let (signin, signed, code) = (self.clone(), signed.clone(), code.to_owned());
        self.write(move |tx| {
            signed.require_may_enrol(tx, now)?;
            let whose = signed.administrator.key;
            if one_time_code::get(tx, whose)?.is_none_or(|found| found.confirmed) {
                return Err(none("no codes wait to be confirmed"));
            }
            if !totp::is_digits(&code) || !use_digits(tx, &signin.0.key, whose, &code, now)? {
                return Err(Error::refused(
                    "PRV-CODE-WRONG",
                    "this is not the present code",
                    "Enter the six digits that the app shows now, and check that the clock of the phone is right.",
                ));
            }
            one_time_code::confirm(tx, &signed.actor(), now, whose)?;
            let codes = recovery::replace(tx, &signed, now)?;
            session::end_others(tx, &signed, now)?;
            Ok(codes)
        })
        .await
    }

    /// Takes codes and recovery codes away. Where there is a password it has to be given: it stands alone from now
    /// on, and must be long enough for that. `false`: there were no codes.
    ///
    /// # Errors
    /// [`Error::Stale`], [`Error::Busy`]; [`Error::Refused`] for a password that is not the present one
    /// (`PRV-PASSWORD-WRONG`) or too short to stand alone (`PRV-PASSWORD-SHORT`).
    pub async fn code_remove(&self, signed: &Signed, password: &str, now: i64) -> Result<bool> {
        signed.require_fresh(now)?;
        let key = signed.administrator.key;
        let kept = self.read(move |tx| Ok(password::get(tx, key)?)).await?;
        if let Some((hash, _)) = &kept {
            if !self.0.pool.verify(password, Some(hash.clone())).await? {
                return Err(Error::refused(
                    "PRV-PASSWORD-WRONG",
                    "this is not your present password",
                    "Enter it again.",
                ));
            }
            if password.chars().count() < LONG_PASSWORD {
                return Err(Error::refused(
                    "PRV-PASSWORD-SHORT",
                    format!("without codes, a password has at least {LONG_PASSWORD} characters"),
                    "Set a longer password first, or remove it.",
                ));
            }
        }
        let signed = signed.clone();
        self.write(move |tx| {
            signed.reload(tx)?;
            if password::get(tx, key)? != kept {
                return Err(Error::Expired);
            }
            recovery_code::replace(tx, &signed.actor(), now, key, &[])?;
            let done = one_time_code::remove(tx, &signed.actor(), now, key)?;
            session::end_others(tx, &signed, now)?;
            Ok(done)
        })
        .await
    }
}

/// Refuses what makes sense beside codes only.
pub(crate) fn require_codes(tx: &mut provost_store::Tx, whose: i64) -> Result<()> {
    if way::has_code(tx, whose)? {
        Ok(())
    } else {
        Err(none("one-time codes are not set up"))
    }
}

fn none(sentence: &str) -> Error {
    Error::refused("PRV-CODE-NONE", sentence, "Begin to set codes up.")
}

//! Recovery codes: ten, for the day when the phone is lost; each works once in the place of a one-time code.

use crate::{Result, SignIn, Signed, code, random};
use aws_lc_rs::digest::{SHA256, digest};
use provost_store::administrator::Administrator;
use provost_store::{Tx, recovery_code};

/// Codes at a time.
const COUNT: usize = 10;
/// Characters of a code, five bits each: 80 bits, which nobody tries out, also not on a stolen database.
const LENGTH: usize = 16;
/// Characters between two dashes.
const GROUP: usize = 4;
/// Digits and letters that are not taken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl SignIn {
    /// New recovery codes in the place of all older ones. They are known only now.
    ///
    /// # Errors
    /// [`crate::Error::Stale`]; [`crate::Error::Refused`] for somebody without one-time codes (`PRV-CODE-NONE`).
    pub async fn recovery_codes_new(&self, signed: &Signed, now: i64) -> Result<Vec<String>> {
        let signed = signed.clone();
        self.write(move |tx| {
            signed.require_may_enrol(tx, now)?;
            code::require_codes(tx, signed.administrator.key)?;
            replace(tx, &signed, now)
        })
        .await
    }
}

/// Makes the codes of somebody anew.
pub(crate) fn replace(tx: &mut Tx, signed: &Signed, now: i64) -> Result<Vec<String>> {
    let codes = (0..COUNT).map(|_| make()).collect::<Result<Vec<String>>>()?;
    let whose = &signed.administrator;
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash(whose, code)).collect();
    recovery_code::replace(tx, &signed.actor(), now, whose.key, &hashes)?;
    Ok(codes)
}

fn make() -> Result<String> {
    let mut code = String::new();
    for (at, byte) in random::bytes::<LENGTH>()?.iter().enumerate() {
        if at > 0 && at % GROUP == 0 {
            code.push('-');
        }
        // 256 is a multiple of 32: every character is as likely as the others.
        let letter = ALPHABET.get(usize::from(byte & 31)).copied();
        code.push(char::from(letter.unwrap_or(b'0')));
    }
    Ok(code)
}

/// Whether this is one of somebody's codes; it is used up with it.
pub(crate) fn use_one(tx: &mut Tx, whose: &Administrator, code: &str, now: i64) -> Result<bool> {
    if bare(code).len() != LENGTH {
        return Ok(false);
    }
    let hash = hash(whose, code);
    Ok(recovery_code::use_one(tx, &whose.actor(), now, whose.key, &hash)?)
}

/// The code as it was meant: without dashes and spaces, in capitals, with what looks like a digit as that digit.
fn bare(code: &str) -> String {
    let meant = code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c {
            'o' | 'O' => '0',
            'i' | 'I' | 'l' | 'L' => '1',
            other => other.to_ascii_uppercase(),
        });
    meant.collect()
}

/// What is kept: bound to its owner, so that the same code is another row for somebody else.
fn hash(whose: &Administrator, code: &str) -> Vec<u8> {
    let text = format!("recovery:{}:{}", whose.id, bare(code));
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_in_groups_and_are_read_as_they_are_meant() {
        let code = make().unwrap();
        assert_eq!(code.len(), 19);
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4; 4]);
        assert_eq!(bare(&code).len(), LENGTH);
        assert_eq!(bare(" abcd-efgo il01 "), "ABCDEFG01101");
        assert_ne!(make().unwrap(), code);
    }
}

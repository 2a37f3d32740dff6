//! Which passwords are taken.

use super::blocklist;
use crate::{Error, Result};
use provost_store::administrator::Administrator;
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

/// Characters of a password that stands alone (NIST SP 800-63B-4 section 3.1.1.2).
pub const LONG_PASSWORD: usize = 15;
/// Characters of a password beside which a one-time code is asked (the same section).
pub const SHORT_PASSWORD: usize = 8;
/// Characters of a password at most: longer ones only cost time.
const MOST: usize = 256;

/// The form in which passwords are compared: the same characters, however a keyboard composes them (the same section
/// asks for NFC or NFKC). None for what cannot be a password of ours.
pub(super) fn normal(password: &str) -> Option<String> {
    // Composing makes no more characters than four for one; what is far too long is not composed at all.
    if password.chars().take(4 * MOST + 1).count() > 4 * MOST {
        return None;
    }
    let normal: String = password.nfc().collect();
    (1..=MOST).contains(&normal.chars().count()).then_some(normal)
}

/// The password in the form in which it is hashed, when it may be one.
///
/// # Errors
/// [`Error::Refused`]: `PRV-PASSWORD-SHORT`, `PRV-PASSWORD-LONG`, `PRV-PASSWORD-GUESSED`.
pub(super) fn accept(
    password: &str,
    least: usize,
    whose: &Administrator,
    public_url: &Url,
) -> Result<String> {
    let Some(normal) = normal(password) else {
        let long = !password.is_empty();
        return Err(if long { too_long() } else { too_short(least) });
    };
    if normal.chars().count() < least {
        return Err(too_short(least));
    }
    let host = public_url.host_str().unwrap_or_default();
    let context = [whose.name.as_str(), whose.email.as_str(), host];
    match blocklist::fault(&normal, &context) {
        None => Ok(normal),
        Some(fault) => Err(Error::refused(
            "PRV-PASSWORD-GUESSED",
            format!("this password {fault}"),
            "Take several words that have nothing to do with each other, or let a password manager choose.",
        )),
    }
}

fn too_short(least: usize) -> Error {
    let hint = if least == LONG_PASSWORD {
        "Take several words, or set up one-time codes first: beside them 8 characters are enough."
    } else {
        "Take several words."
    };
    let sentence = format!("a password has at least {least} characters");
    Error::refused("PRV-PASSWORD-SHORT", sentence, hint)
}

fn too_long() -> Error {
    let sentence = format!("a password has at most {MOST} characters");
    Error::refused("PRV-PASSWORD-LONG", sentence, "Take a shorter one.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn ann() -> Administrator {
        Administrator {
            key: 1,
            id: uuid::Uuid::nil(),
            name: "Ann Berger".to_owned(),
            email: "ann.berger@contoso.example".to_owned(),
            state: provost_store::administrator::State::Active,
            stamp: 0,
            language: String::new(),
            zone: String::new(),
            created: 0,
            last_signin: None,
        }
    }

    fn code(password: &str, least: usize) -> Option<&'static str> {
        let url = Url::parse("https://hub.contoso.example").unwrap();
        accept(password, least, &ann(), &url)
            .err()
            .map(|error| error.code())
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert_eq!(code("größe äöü ßéè", LONG_PASSWORD), Some("PRV-PASSWORD-SHORT"));
        assert_eq!(code("größe äöü ßéè 漢字", LONG_PASSWORD), None);
        assert_eq!(code("", SHORT_PASSWORD), Some("PRV-PASSWORD-SHORT"));
        assert_eq!(code("kw7 plum", SHORT_PASSWORD), None);
        let long: String = ('a'..='z').cycle().step_by(3).take(MOST).collect();
        assert_eq!(code(&long, LONG_PASSWORD), None);
        assert_eq!(
            code(&format!("{long}b"), LONG_PASSWORD),
            Some("PRV-PASSWORD-LONG")
        );
        assert_eq!(
            code(&"e\u{301}".repeat(100_000), LONG_PASSWORD),
            Some("PRV-PASSWORD-LONG")
        );
    }

    #[test]
    fn composed_and_decomposed_are_one_password() {
        assert_eq!(normal("Ro\u{308}nt"), normal("R\u{f6}nt"));
    }

    #[test]
    fn what_everybody_guesses_is_refused() {
        for guessed in [
            "passwordpassword",
            "P@ssw0rd!P@ssw0rd!",
            "Administrator2026!",
            "123456789012345",
            "qwertzuiopasdfgh",
            "aaaaaaaaaaaaaaaa",
            "abababababababab",
            "Ann.Berger.Contoso!",
            "ann.berger@contoso.example",
            "provost-provost-1",
            "hub.contoso.example",
        ] {
            assert_eq!(
                code(guessed, LONG_PASSWORD),
                Some("PRV-PASSWORD-GUESSED"),
                "{guessed}"
            );
        }
    }

    #[test]
    fn sentences_that_only_contain_such_a_word_are_good() {
        for good in [
            "my password is a horse in the rain",
            "Ann rows on the lake at dawn",
            "kettle-1234-violin-moss",
        ] {
            assert_eq!(code(good, LONG_PASSWORD), None, "{good}");
        }
    }
}

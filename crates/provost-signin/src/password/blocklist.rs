//! Passwords that are guessed first, by what they are made of instead of one by one: a common word, the person's own
//! words, rows of keys, repetition; with the usual letters turned into digits and signs, and the usual tail.

use std::collections::BTreeSet;

/// Words from which the passwords at the top of every published list are made, in English and German.
const WORDS: &[&str] = &[
    "access",
    "account",
    "admin",
    "administrator",
    "adobe",
    "angel",
    "apple",
    "august",
    "autumn",
    "babygirl",
    "banana",
    "baseball",
    "basketball",
    "batman",
    "benutzer",
    "berlin",
    "bitte",
    "butterfly",
    "changeme",
    "charlie",
    "cheese",
    "chocolate",
    "christmas",
    "company",
    "computer",
    "cookie",
    "daniel",
    "dragon",
    "default",
    "demo",
    "december",
    "dezember",
    "deutschland",
    "einstein",
    "enter",
    "estate",
    "example",
    "familie",
    "family",
    "february",
    "februar",
    "firma",
    "flower",
    "football",
    "forever",
    "frankfurt",
    "freedom",
    "friday",
    "frühling",
    "fussball",
    "geheim",
    "germany",
    "google",
    "guest",
    "hallo",
    "hamburg",
    "hello",
    "herbst",
    "herzlich",
    "holiday",
    "iloveyou",
    "internet",
    "january",
    "januar",
    "jennifer",
    "jessica",
    "jordan",
    "july",
    "juli",
    "june",
    "juni",
    "killer",
    "kennwort",
    "lassmich",
    "letmein",
    "liebe",
    "linux",
    "login",
    "london",
    "love",
    "lovely",
    "loveme",
    "march",
    "master",
    "matrix",
    "michael",
    "microsoft",
    "monday",
    "monkey",
    "montag",
    "mustang",
    "mother",
    "network",
    "ninja",
    "november",
    "office",
    "october",
    "oktober",
    "passwort",
    "password",
    "passwd",
    "pass",
    "passphrase",
    "pokemon",
    "prince",
    "princess",
    "private",
    "provost",
    "purple",
    "root",
    "samsung",
    "schatz",
    "schule",
    "secret",
    "secure",
    "security",
    "september",
    "server",
    "shadow",
    "silver",
    "sommer",
    "sonne",
    "spring",
    "startrek",
    "starwars",
    "summer",
    "sunday",
    "sunshine",
    "superman",
    "superuser",
    "support",
    "system",
    "sysadmin",
    "temp",
    "temporary",
    "test",
    "testing",
    "thomas",
    "tigger",
    "trustno",
    "unknown",
    "user",
    "username",
    "welcome",
    "whatever",
    "willkommen",
    "windows",
    "winter",
    "wordpass",
    "zugang",
];

/// Rows of keys and of the alphabet, as fingers run along them, in both directions.
const ROWS: &[&str] = &[
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// Different characters that a password has at least.
const DIFFERENT: usize = 5;
/// Characters of a row from which it is one.
const RUN: usize = 4;

/// Why a password is among the first to be guessed, as the end of a sentence. `context` are words of the person and
/// the place: a name, an address, a host.
pub(super) fn fault(password: &str, context: &[&str]) -> Option<&'static str> {
    let folded = password.to_lowercase();
    if folded.chars().collect::<BTreeSet<_>>().len() < DIFFERENT {
        return Some("consists of very few different characters");
    }
    if is_made_of_rows(&folded) {
        return Some("runs along the keyboard or the alphabet");
    }
    let own: Vec<String> = context.iter().flat_map(|text| parts(text)).collect();
    let words = WORDS.iter().copied().chain(own.iter().map(String::as_str));
    let words: Vec<&str> = words.collect();
    let is_guessed = [letters(&folded), letters(&plain(&folded))]
        .iter()
        .any(|rest| is_made_of(rest, &words));
    is_guessed.then_some("is made of words and names that are guessed first")
}

/// The words of a name, an address or a host that are long enough to be ones.
fn parts(text: &str) -> Vec<String> {
    let folded = text.to_lowercase();
    let parts = folded.split(|c: char| !c.is_alphanumeric());
    parts
        .filter(|part| part.chars().count() > 2)
        .map(str::to_owned)
        .collect()
}

/// The letters that digits and signs stand for.
fn plain(text: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Letters only: years, counters and signs make no password better.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// Whether a text is nothing but these words, one after another, but for two letters at the most. Few letters beside
/// many digits are a row of digits in disguise only when the words cover them, too.
fn is_made_of(text: &str, words: &[&str]) -> bool {
    const SPARE: usize = 2;
    let text: Vec<char> = text.chars().collect();
    if text.is_empty() {
        return false;
    }
    // left[i]: how few letters remain uncovered of the first i.
    let mut left: Vec<usize> = (0..=text.len()).collect();
    for at in 1..=text.len() {
        let before = left.get(at - 1).copied().unwrap_or(at);
        let mut best = before + 1;
        for word in words {
            let length = word.chars().count();
            let Some(start) = at.checked_sub(length) else {
                continue;
            };
            let fits = text.iter().skip(start).take(length).copied().eq(word.chars());
            if fits {
                best = best.min(left.get(start).copied().unwrap_or(at));
            }
        }
        if let Some(slot) = left.get_mut(at) {
            *slot = best;
        }
    }
    left.last()
        .is_some_and(|rest| *rest <= SPARE && *rest < text.len())
}

/// Whether a text is nothing but pieces of [`ROWS`], each of some length.
fn is_made_of_rows(text: &str) -> bool {
    let rows: Vec<String> = ROWS
        .iter()
        .flat_map(|row| [(*row).to_owned(), row.chars().rev().collect()])
        .collect();
    let text: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut rest = text.as_slice();
    while !rest.is_empty() {
        let fits = |length: &usize| {
            let piece: String = rest.iter().take(*length).collect();
            rows.iter().any(|row| row.contains(&piece))
        };
        match (RUN..=rest.len()).take_while(fits).last() {
            Some(length) => rest = rest.split_at(length).1,
            None => return false,
        }
    }
    true
}

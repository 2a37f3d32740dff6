//! Which passwords are good enough for a new account, and making such ones.
//!
//! The rules are those of Entra for accounts in the cloud ("Microsoft Entra password policies"): 8 to 256
//! characters, three of four kinds of characters, not the name of the account, and not an obvious one. What is
//! obvious is counted as Entra's own check against banned passwords counts it: a known word, a run or a
//! repetition is one point, every other character is one point, and it takes five.

mod generate;
mod obvious;

pub use generate::{LENGTH, PLACEHOLDER, generate};

/// The fewest characters.
pub const SHORTEST: usize = 8;
/// The most characters.
pub const LONGEST: usize = 256;
/// A user name that is shorter than this may stand in a password: it does so by chance.
const SHORTEST_NAME: usize = 4;

/// Checks a password.
///
/// # Errors
/// Everything that is wrong with it at once, each as a sentence without the password.
pub fn check(password: &str) -> Result<(), Vec<&'static str>> {
    check_for(password, "")
}

/// Checks a password for the account with a user name; its part before the `@` counts as the name as well.
///
/// # Errors
/// As [`check`].
pub fn check_for(password: &str, user_name: &str) -> Result<(), Vec<&'static str>> {
    let length = password.chars().count();
    let mistakes = [
        (length < SHORTEST, "The password has fewer than 8 characters."),
        (length > LONGEST, "The password has more than 256 characters."),
        (
            password.chars().any(|c| !c.is_ascii_graphic() && c != ' '),
            "The password has a character that Microsoft 365 does not take: only letters without accents, digits, \
             the signs of an English keyboard and blanks.",
        ),
        (
            kinds(password) < 3,
            "The password has fewer than three of these: small letters, capital letters, digits, signs.",
        ),
        (
            holds_name(password, user_name),
            "The password contains the user name.",
        ),
        (
            obvious::points(password, obvious::ENOUGH) < obvious::ENOUGH,
            "The password is one of those that are tried first: hardly more than a known word, a year, a run \
             such as 1234 or abcd, or the same characters again.",
        ),
    ];
    let told: Vec<&'static str> = mistakes
        .into_iter()
        .filter_map(|(is_wrong, sentence)| is_wrong.then_some(sentence))
        .collect();
    if told.is_empty() { Ok(()) } else { Err(told) }
}

/// How many of the four kinds of characters there are.
fn kinds(password: &str) -> usize {
    let kinds: [fn(char) -> bool; 4] = [
        |c| c.is_ascii_lowercase(),
        |c| c.is_ascii_uppercase(),
        |c| c.is_ascii_digit(),
        |c| c.is_ascii_punctuation() || c == ' ',
    ];
    kinds.iter().filter(|kind| password.chars().any(**kind)).count()
}

fn holds_name(password: &str, user_name: &str) -> bool {
    let password = password.to_lowercase();
    let name = user_name.trim().to_lowercase();
    let local = name.split_once('@').map_or(name.as_str(), |(local, _)| local);
    local.chars().count() >= SHORTEST_NAME && password.contains(local)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

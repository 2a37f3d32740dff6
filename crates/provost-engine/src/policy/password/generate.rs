//! Passwords that nobody has to remember.

use std::collections::BTreeSet;

use super::check_for;
use crate::dice::Dice;
use crate::rule::Random;

/// How many characters a generated password has.
pub const LENGTH: usize = 24;
/// What stands for a generated password where there is no randomness, as in a preview.
pub const PLACEHOLDER: &str = "[Generated]";

/// Small letters, capital letters, digits and signs without those that look like another (`0` and `O`, `1`, `l`
/// and `I`, `5` and `S`), and without signs that change their meaning in files, links and commands.
pub(super) const KINDS: [&str; 4] = [
    "abcdefghijkmnopqrstuvwxyz",
    "ABCDEFGHJKLMNPQRTUVWXYZ",
    "2346789",
    "!#%*+-=?@_",
];

/// Twenty characters of a generated password differ on average; fewer than this is no chance but a broken source.
const DIFFERENT: usize = 12;

/// How often it is tried again when chance makes a password that is not good enough.
const TRIES: usize = 20;

/// A password of [`LENGTH`] characters of all four kinds that passes [`check_for`].
///
/// `None` when the randomness never gives such a one, because it repeats itself.
pub fn generate(random: &Random, user_name: &str) -> Option<String> {
    let mut dice = Dice::new(random);
    let kinds = KINDS.map(|kind| kind.chars().collect::<Vec<char>>());
    let every: Vec<char> = kinds.concat();
    (0..TRIES).find_map(|_| {
        let mut chosen: Vec<char> = kinds.iter().map(|kind| kind[dice.below(kind.len())]).collect();
        while chosen.len() < LENGTH {
            chosen.push(every[dice.below(every.len())]);
        }
        dice.shuffle(&mut chosen);
        let different = chosen.iter().collect::<BTreeSet<_>>().len();
        let password: String = chosen.into_iter().collect();
        let is_good = different >= DIFFERENT && check_for(&password, user_name).is_ok();
        is_good.then_some(password)
    })
}

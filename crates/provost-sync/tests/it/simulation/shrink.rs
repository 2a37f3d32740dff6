//! Fewer steps that still go wrong: pieces are left out, large ones first, for as long as the same kind of thing is
//! wrong.

use super::play;
use super::step::Step;

/// Worlds that are played for it at most.
const TRIES: usize = 300;

/// The fewest steps that were found, and what is wrong with them.
pub fn shrink(steps: &[Step], wrong: Vec<String>) -> (Vec<Step>, Vec<String>) {
    let kind = kind_of(&wrong);
    let (mut best, mut told) = (steps.to_vec(), wrong);
    let (mut size, mut tries) = (best.len() / 2, 0);
    while size > 0 && tries < TRIES {
        let (mut from, mut found) = (0, false);
        while from < best.len() && tries < TRIES {
            let mut fewer = best.clone();
            fewer.drain(from..(from + size).min(best.len()));
            tries += 1;
            match play(&fewer).1 {
                Some((place, wrong)) if kind_of(&wrong) == kind => {
                    fewer.truncate(place + 1);
                    (best, told, found) = (fewer, wrong, true);
                }
                _ => from += size,
            }
        }
        if !found || size > 1 {
            size /= 2;
        }
    }
    (best, told)
}

/// The words before the colon of the first sentence.
fn kind_of(wrong: &[String]) -> String {
    let first = wrong.first().map(String::as_str).unwrap_or_default();
    first.split(':').next().unwrap_or_default().to_owned()
}

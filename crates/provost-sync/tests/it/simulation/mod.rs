//! State machines by chance: the real engine over a real database, between a hostile source and a hostile target.
//!
//! A seed is a list of steps; a world that goes wrong prints its seed and the fewest steps that still go wrong.
//! `PROVOST_SIM_SEED=7` plays one seed, `PROVOST_SIM_CYCLES` is how many cycles are run, `PROVOST_SIM_FIRST` is the
//! first seed.

mod agreement;
mod configuration;
mod dice;
mod found;
mod hand;
mod hostile;
mod judge;
mod oracle;
mod quiet;
mod shrink;
mod source;
mod stage;
mod step;

use futures::FutureExt as _;
use stage::{Stage, Tally};
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use step::Step;

/// Tests that share the seeds, so that every core has some.
const PARTS: u64 = 4;
/// Cycles of all parts when nothing else is asked for.
const CYCLES: u64 = 2_400;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays a world. Answers what happened in it, and what was wrong after which step.
fn play(steps: &[Step]) -> (Tally, Option<(usize, Vec<String>)>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut stage = Stage::new().await;
        for (place, step) in steps.iter().enumerate() {
            let played = AssertUnwindSafe(stage.play(step)).catch_unwind().await;
            let wrong = played.unwrap_or_else(|_| vec!["panic: see above".to_owned()]);
            if !wrong.is_empty() {
                return (stage.tally, Some((place, wrong)));
            }
        }
        (stage.tally, None)
    })
}

/// Plays a seed; one that goes wrong is made small and told.
fn seed(seed: u64) -> Tally {
    let steps = step::of_seed(seed);
    let (tally, wrong) = play(&steps);
    if let Some((place, wrong)) = wrong {
        let (few, wrong) = shrink::shrink(&steps[..=place], wrong);
        let told: Vec<String> = few.iter().map(|step| format!("  {step:?}")).collect();
        panic!(
            "seed {seed} goes wrong:\n{}\nby these steps:\n{}\nAgain: PROVOST_SIM_SEED={seed}",
            wrong.join("\n"),
            told.join("\n")
        );
    }
    tally
}

#[allow(clippy::print_stdout, reason = "seeds and speed are what a night is read for")]
fn part(part: u64) {
    if let Some(one) = number("PROVOST_SIM_SEED") {
        if part == 0 {
            println!("seed {one}: {:?}", seed(one));
        }
        return;
    }
    let wanted = number("PROVOST_SIM_CYCLES").unwrap_or(CYCLES).div_ceil(PARTS);
    let first = number("PROVOST_SIM_FIRST").unwrap_or(1);
    let (began, mut tally, mut next) = (Instant::now(), Tally::new(), first + part);
    while tally.get("cycle").is_none_or(|cycles| *cycles < wanted) {
        for (word, count) in seed(next) {
            *tally.entry(word).or_default() += count;
        }
        next += PARTS;
    }
    println!(
        "seeds {} to {} by {PARTS}: {} worlds, {:.0} cycles/s, {tally:?}",
        first + part,
        next - PARTS,
        (next - first - part) / PARTS,
        tally["cycle"] as f64 / began.elapsed().as_secs_f64()
    );
}

#[test]
fn worlds_by_chance_one() {
    part(0);
}

#[test]
fn worlds_by_chance_two() {
    part(1);
}

#[test]
fn worlds_by_chance_three() {
    part(2);
}

#[test]
fn worlds_by_chance_four() {
    part(3);
}

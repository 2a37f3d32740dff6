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
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use step::Step;

/// Tests that share the seeds, so that every core has some.
const PARTS: u64 = 4;
/// Cycles of all parts when nothing else is asked for.
const CYCLES: u64 = 1_200;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays a world. Answers how many cycles it took, and what was wrong after which step.
fn play(steps: &[Step]) -> (u64, Option<(usize, Vec<String>)>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut cycles = 0;
    let world = async {
        let mut stage = stage::Stage::new().await;
        for (place, step) in steps.iter().enumerate() {
            let played = AssertUnwindSafe(stage.play(step)).catch_unwind().await;
            let wrong = played.unwrap_or_else(|_| vec!["panic: see above".to_owned()]);
            cycles = stage.cycles;
            if !wrong.is_empty() {
                return Some((place, wrong));
            }
        }
        None
    };
    let wrong = runtime.block_on(world);
    (cycles, wrong)
}

/// Plays a seed; one that goes wrong is made small and told.
fn seed(seed: u64) -> u64 {
    let steps = step::of_seed(seed);
    let (cycles, wrong) = play(&steps);
    if let Some((place, wrong)) = wrong {
        let (few, wrong) = shrink::shrink(&steps[..=place], wrong);
        let told: Vec<String> = few.iter().map(|step| format!("  {step:?}")).collect();
        panic!(
            "seed {seed} goes wrong:\n{}\nby these steps:\n{}\nAgain: PROVOST_SIM_SEED={seed}",
            wrong.join("\n"),
            told.join("\n")
        );
    }
    cycles
}

fn part(part: u64) {
    if let Some(one) = number("PROVOST_SIM_SEED") {
        if part == 0 {
            println!("seed {one}: {} cycles", seed(one));
        }
        return;
    }
    let wanted = number("PROVOST_SIM_CYCLES").unwrap_or(CYCLES).div_ceil(PARTS);
    let first = number("PROVOST_SIM_FIRST").unwrap_or(1);
    let (began, mut cycles, mut next) = (Instant::now(), 0, first + part);
    while cycles < wanted {
        cycles += seed(next);
        next += PARTS;
    }
    let worlds = (next - first - part) / PARTS;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "part {part}: seeds {} to {} by {PARTS}, {worlds} worlds, {cycles} cycles, {:.0} cycles/s",
        first + part,
        next - PARTS,
        cycles as f64 / seconds
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

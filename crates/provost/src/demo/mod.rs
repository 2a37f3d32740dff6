//! `provost demo`: the whole way of a sample company, in one process.
//!
//! 1 the hub, a simulated Microsoft 365 and a SCIM application start · 2 Contoso comes in over SCIM · 3 the
//! first cycle of each connection runs · 4 somebody joins, somebody moves, somebody leaves, and the changes
//! find their way by themselves · 5 both targets are compared with the directory. Every step looks before it
//! acts, so a demo that was killed goes on when it is started again.

mod address;
mod client;
mod compare;
mod contoso;
mod load;
mod owner;
mod summary;
mod world;

use crate::cli::Place;
use crate::failure::Failure;
use crate::stop::Stop;
use crate::{output, progress};
use anyhow::Result;
use indicatif::MultiProgress;
use provost_sync::{Engine, Error, Options};
use std::io::Write as _;
use std::time::{Duration, Instant};
use summary::{Summary, TargetSummary};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use world::World;

/// How long the targets may take to agree after the last change.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often they are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Runs the demo; unless `exit` is wanted, it keeps serving until it is asked to stop.
///
/// # Errors
/// When something cannot be started, or a target does not agree with the directory in the end.
pub(crate) async fn run(place: &Place, exit: bool) -> Result<()> {
    let stop = Stop::listen();
    let mut world = World::start(place).await?;
    say(&format!(
        "Provost       {}\nMicrosoft 365 {} (simulated)",
        world.url, world.microsoft_365_url
    ));
    let (halt, halting) = watch::channel(false);
    let played = tokio::select! {
        played = play(&world, halting) => played,
        () = stop.asked() => {
            let hint = "Start it again with the same folder: it goes on where it stopped.";
            return Err(Failure::new("the demo was stopped before its end", hint).into());
        }
    };
    let (summary, cycles) = played?;
    output::either(place.json, &summary, || summary.text())?;
    if !exit {
        say(&format!(
            "\nOpen the console with this link; it works once:\n  {}\nCtrl-C ends the demo.",
            summary.console
        ));
        tokio::select! {
            () = stop.asked() => {}
            error = world.failed() => return Err(error),
        }
    }
    // A cycle under way ends in good order.
    let _ = halt.send(true);
    cycles.await?;
    if summary.equal {
        return Ok(());
    }
    let hint = format!(
        "`provost log \"{}\" --data {}` says what became of each object.",
        world.targets[0].name,
        place.data().display()
    );
    Err(Failure::new("a target does not agree with the directory", hint).into())
}

/// Everything up to the summary. The scheduler keeps running.
async fn play(world: &World, stopping: watch::Receiver<bool>) -> Result<(Summary, JoinHandle<()>)> {
    let started = Instant::now();
    let loaded = load::contoso(&world.client).await?;
    let (people, groups) = loaded.counts();
    say(&format!(
        "Contoso       {people} people and {groups} groups, {} of them made by SCIM in {}",
        loaded.made,
        since(started)
    ));

    let engine = world.hub.engine()?;
    let cycle_millis = first_cycles(world, &engine).await?;
    let cycles = tokio::spawn({
        let engine = engine.clone();
        async move {
            tokio::join!(engine.serve(stopping.clone()), engine.serve_imports(stopping));
        }
    });
    load::changes(&world.client, &loaded).await?;
    say("Changes       one person joined, one moved to another department, one left");
    let changes = agree(world).await?;
    let comparisons = world.compare().await?;
    let targets: Vec<TargetSummary> = world
        .targets
        .iter()
        .zip(comparisons)
        .zip(cycle_millis.into_iter().zip(changes))
        .map(
            |((target, comparison), (cycle_millis, changes_millis))| TargetSummary {
                name: target.name.to_owned(),
                equal: comparison.equal(),
                comparison,
                cycle_millis,
                changes_millis,
            },
        )
        .collect();
    let console = owner::link(&world.signin, &world.console).await?;
    Ok((
        Summary {
            equal: targets.iter().all(|target| target.equal),
            targets,
            console,
        },
        cycles,
    ))
}

/// The first cycle of this run into both targets at once; the milliseconds that each took.
async fn first_cycles(world: &World, engine: &Engine) -> Result<[u64; 2]> {
    let bars = MultiProgress::new();
    let cycle = |at: usize| {
        let target = &world.targets[at];
        let bar = progress::bar(&format!("{:18}", target.name)).beside(&bars);
        let bars = &bars;
        async move {
            let options = Options {
                progress: Some(progress::watch(&bar)),
                ..Options::default()
            };
            let started = Instant::now();
            let report = until_free(engine, target.connection.key, &options).await?;
            bar.finish_and_clear();
            let failed = if report.failed > 0 {
                format!(", {} to be tried again", report.failed)
            } else {
                String::new()
            };
            let told = format!(
                "{:13} {} cycle: {} writes in {}{failed}",
                target.name,
                report.mode,
                report.writes(),
                since(started)
            );
            bars.suspend(|| say(&told));
            Ok::<_, anyhow::Error>(started.elapsed().as_millis() as u64)
        }
    };
    let (first, second) = tokio::try_join!(cycle(0), cycle(1))?;
    Ok([first, second])
}

/// Runs a cycle as soon as no other process does: one that was killed may still be ending.
async fn until_free(engine: &Engine, connection: i64, options: &Options) -> Result<provost_sync::Report> {
    let started = Instant::now();
    loop {
        match engine.run_cycle(connection, options).await {
            Err(Error::Running) if started.elapsed() < PATIENCE => tokio::time::sleep(LOOK).await,
            result => return Ok(result?),
        }
    }
}

/// Waits until both targets agree with the directory; the milliseconds that each took.
async fn agree(world: &World) -> Result<[Option<u64>; 2]> {
    let started = Instant::now();
    let mut took = [None; 2];
    while took.contains(&None) && started.elapsed() < PATIENCE {
        let compared = world.compare().await?;
        for (took, comparison) in took.iter_mut().zip(&compared) {
            if took.is_none() && comparison.equal() {
                *took = Some(started.elapsed().as_millis() as u64);
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(took)
}

fn since(started: Instant) -> String {
    format!("{:.1} s", started.elapsed().as_secs_f64())
}

/// A line on standard error, for who watches.
fn say(text: &str) {
    // Nobody watches when standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

//! `cargo run -p xtask -- <chore>`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::graph::Graph;
use xtask::load::Load;
use xtask::policy::Policy;
use xtask::{layers, policy};

/// The project's own chores.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check that every crate imports only what its layer may.
    Layers,
    /// Check deny.toml: bans, licences, sources, duplicate versions.
    Policy,
    /// Send what many providers send, at a steady pace, and say how long it took.
    LoadMixed(Load),
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().chore {
        Chore::LoadMixed(load) => {
            writeln!(std::io::stdout(), "{}", load.run()?)?;
            Ok(ExitCode::SUCCESS)
        }
        Chore::Layers => checked("layers", |graph, _| sentences(&layers::check(graph))),
        Chore::Policy => checked("policy", |graph, policy| sentences(&policy::check(graph, policy))),
    }
}

/// Reads the workspace and says what a check finds in it.
fn checked(name: &str, check: fn(&Graph, &Policy) -> Vec<String>) -> anyhow::Result<ExitCode> {
    let root = workspace_root();
    let policy = Policy::read(&root.join("deny.toml"))?;
    let graph = Graph::read(&root, policy.targets())?;
    let faults = check(&graph, &policy);
    let mut out = std::io::stdout().lock();
    for fault in &faults {
        writeln!(out, "{name}: {fault}")?;
    }
    if faults.is_empty() {
        writeln!(out, "{name}: {} packages, no fault", graph.packages().len())?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn sentences<T: ToString>(faults: &[T]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

/// The folder of the workspace: two above this crate.
fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

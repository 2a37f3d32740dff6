//! The dependency graph, as `cargo metadata` tells it.
//!
//! Dev-dependencies are left out: they are never in what a user runs, and a test may reach across layers.
//! The answer is for the platforms asked for, with the features of the whole workspace; it may name an
//! optional package that no feature turns on, never leave out one that is used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// A package and what it depends on.
#[derive(Debug, Clone)]
pub struct Package {
    /// Name, as on the registry.
    pub name: String,
    /// Version, as on the registry.
    pub version: String,
    /// The licence expression of its manifest (SPDX).
    pub licence: Option<String>,
    /// Where it comes from; `None` is a path in this workspace.
    pub source: Option<String>,
    /// True for the crates of this workspace.
    pub ours: bool,
    /// Ids of the packages that its code links to (normal dependencies).
    normal: Vec<String>,
    /// Ids of the packages that run while it is built.
    build: Vec<String>,
}

/// Every package that is linked or run to build the workspace, without its tests.
#[derive(Debug)]
pub struct Graph {
    packages: BTreeMap<String, Package>,
}

impl Graph {
    /// Runs `cargo metadata` in `root` for `platforms` (target triples; none means all).
    ///
    /// # Errors
    /// When cargo cannot be run, refuses, or answers something that is not its metadata.
    pub fn read(root: &Path, platforms: &[String]) -> anyhow::Result<Self> {
        Self::parse(&metadata(root, platforms)?)
    }

    /// Reads the JSON text of `cargo metadata --format-version 1`.
    ///
    /// # Errors
    /// When the text is not that, or was made with `--no-deps`.
    pub fn parse(json: &str) -> anyhow::Result<Self> {
        let metadata: Metadata = serde_json::from_str(json).context("cargo metadata: unexpected JSON")?;
        let Some(resolve) = metadata.resolve else {
            bail!("cargo metadata: no `resolve`; it must be run without --no-deps");
        };
        let ours: BTreeSet<String> = metadata.workspace_members.into_iter().collect();
        let mut edges: BTreeMap<String, Vec<Edge>> = resolve
            .nodes
            .into_iter()
            .map(|node| (node.id, node.deps))
            .collect();
        let all: BTreeMap<String, Package> = metadata
            .packages
            .into_iter()
            .map(|found| {
                let deps = edges.remove(&found.id).unwrap_or_default();
                let package = Package {
                    ours: ours.contains(&found.id),
                    normal: of_kind(&deps, None),
                    build: of_kind(&deps, Some("build")),
                    name: found.name,
                    version: found.version,
                    licence: found.license,
                    source: found.source,
                };
                (found.id, package)
            })
            .collect();
        Ok(Self {
            packages: keep_reachable(all),
        })
    }

    /// All packages, in the order of their ids.
    #[must_use]
    pub fn packages(&self) -> Vec<&Package> {
        self.packages.values().collect()
    }

    /// The crates of this workspace.
    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| package.ours)
    }

    /// What `package` links to directly.
    pub fn direct<'a>(&'a self, package: &'a Package) -> impl Iterator<Item = &'a Package> {
        package.normal.iter().filter_map(|id| self.packages.get(id))
    }

    /// Those that need `name` directly, to link or to build.
    pub fn users_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Package> {
        self.packages.values().filter(move |package| {
            let mut ids = package.normal.iter().chain(&package.build);
            ids.any(|id| self.packages.get(id).is_some_and(|found| found.name == name))
        })
    }

    /// How `package` comes to link to `name` without passing through another crate of the workspace (that
    /// crate answers for itself): the chain of names, `package` first.
    #[must_use]
    pub fn path_to(&self, package: &Package, name: &str) -> Option<Vec<String>> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![(package, vec![package.name.clone()])];
        while let Some((at, chain)) = waiting.pop() {
            for next in self.direct(at) {
                let mut longer = chain.clone();
                longer.push(next.name.clone());
                if next.name == name {
                    return Some(longer);
                }
                if !next.ours && seen.insert((&next.name, &next.version)) {
                    waiting.push((next, longer));
                }
            }
        }
        None
    }
}

/// The text of `cargo metadata` for the workspace in `root`.
///
/// # Errors
/// When cargo cannot be run or refuses.
pub fn metadata(root: &Path, platforms: &[String]) -> anyhow::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(["metadata", "--format-version", "1", "--locked"]);
    for platform in platforms {
        command.args(["--filter-platform", platform]);
    }
    let output = command.output().context("cargo metadata: cannot be started")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).context("cargo metadata: not UTF-8")
}

fn of_kind(deps: &[Edge], kind: Option<&str>) -> Vec<String> {
    deps.iter()
        .filter(|edge| edge.dep_kinds.iter().any(|found| found.kind.as_deref() == kind))
        .map(|edge| edge.pkg.clone())
        .collect()
}

fn keep_reachable(mut all: BTreeMap<String, Package>) -> BTreeMap<String, Package> {
    let mut waiting: Vec<String> = all
        .iter()
        .filter(|(_, p)| p.ours)
        .map(|(id, _)| id.clone())
        .collect();
    let mut kept = BTreeMap::new();
    while let Some(id) = waiting.pop() {
        if let Some(package) = all.remove(&id) {
            waiting.extend(package.normal.iter().chain(&package.build).cloned());
            kept.insert(id, package);
        }
    }
    kept
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Found>,
    workspace_members: Vec<String>,
    resolve: Option<Resolve>,
}

#[derive(Deserialize)]
struct Found {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    /// `None` is a normal dependency; else `dev` or `build`.
    kind: Option<String>,
}

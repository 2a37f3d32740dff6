//! `deny.toml` against the dependency graph: the same file that `cargo deny` reads, for the four questions
//! that we ask of it. Keys that we do not read belong to `cargo deny` alone.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use crate::graph::{Graph, Package};
use crate::licence;

/// How a package of the public registry names its source; what follows differs between protocols.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The part of `deny.toml` that is checked here.
#[derive(Debug, Deserialize)]
pub struct Policy {
    graph: GraphSection,
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct GraphSection {
    targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Ban>,
    #[serde(default)]
    skip: Vec<Skip>,
}

#[derive(Debug, Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    #[serde(default)]
    wrappers: Vec<String>,
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Skip {
    /// `name@version`; the version may be shortened (`syn@2`).
    #[serde(rename = "crate")]
    name: String,
}

impl Policy {
    /// Reads `deny.toml`.
    ///
    /// # Errors
    /// When the file cannot be read, is not TOML, or lacks a section that is needed; the message gives line
    /// and column.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).with_context(|| path.display().to_string())
    }

    /// The platforms that we build for (target triples).
    #[must_use]
    pub fn targets(&self) -> &[String] {
        &self.graph.targets
    }
}

/// A package that the policy does not let in.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// A banned package is used by someone who is not its wrapper.
    Banned {
        /// The banned package.
        name: String,
        /// Who uses it.
        user: String,
        /// Why it is banned.
        reason: String,
    },
    /// Its licence is not among those allowed.
    Licence(String, String),
    /// It does not come from the public registry.
    Source(String, String),
    /// It is there in several versions and no `skip` explains it.
    Duplicate(String, Vec<String>),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Banned { name, user, reason } => write!(f, "{user} must not depend on {name}: {reason}"),
            Self::Licence(name, licence) => {
                write!(
                    f,
                    "{name} has the licence {licence}, which [licenses] does not allow"
                )
            }
            Self::Source(name, source) => {
                write!(
                    f,
                    "{name} comes from {source}: only the public registry is allowed"
                )
            }
            Self::Duplicate(name, versions) => write!(
                f,
                "{name} is there as {}: align the versions, or explain one in [bans] skip",
                versions.join(" and ")
            ),
        }
    }
}

/// Every fault of the workspace against its policy.
#[must_use]
pub fn check(graph: &Graph, policy: &Policy) -> Vec<Fault> {
    let mut faults = banned(graph, &policy.bans);
    faults.extend(
        graph
            .packages()
            .into_iter()
            .filter_map(|package| refused(package, policy)),
    );
    faults.extend(duplicates(graph, &policy.bans.skip));
    faults
}

fn banned(graph: &Graph, bans: &Bans) -> Vec<Fault> {
    let mut faults = Vec::new();
    for ban in &bans.deny {
        let users = graph
            .users_of(&ban.name)
            .filter(|user| !ban.wrappers.contains(&user.name));
        faults.extend(users.map(|user| Fault::Banned {
            name: ban.name.clone(),
            user: user.name.clone(),
            reason: ban.reason.clone(),
        }));
    }
    faults
}

fn refused(package: &Package, policy: &Policy) -> Option<Fault> {
    let name = format!("{} {}", package.name, package.version);
    let licence = package.licence.as_deref().unwrap_or("(none)");
    if !licence::satisfied(licence, &policy.licenses.allow) {
        return Some(Fault::Licence(name, licence.to_owned()));
    }
    match &package.source {
        None if package.ours => None,
        Some(source) if source == REGISTRY => None,
        source => Some(Fault::Source(
            name,
            source.clone().unwrap_or_else(|| "a path".into()),
        )),
    }
}

fn duplicates(graph: &Graph, skip: &[Skip]) -> Vec<Fault> {
    let mut versions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for package in graph.packages() {
        let skipped = skip.iter().any(|found| covers(&found.name, package));
        let found = versions.entry(&package.name).or_default();
        if !skipped {
            found.push(package.version.clone());
        }
    }
    let several = versions.into_iter().filter(|(_, found)| found.len() > 1);
    several
        .map(|(name, found)| Fault::Duplicate(name.to_owned(), found))
        .collect()
}

/// `syn@2` covers every 2.x.y; `syn@2.0.1` that one only.
fn covers(skip: &str, package: &Package) -> bool {
    let Some((name, version)) = skip.split_once('@') else {
        return skip == package.name;
    };
    let rest = package.version.strip_prefix(version);
    name == package.name && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

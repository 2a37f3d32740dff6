//! Which crate may import which.
//!
//! The crates are cut by the weight of what they depend on (`docs/decisions/0001-layers.md`). A crate
//! imports only from the lines below it in [`TABLE`], and never what its line forbids.

use std::fmt;

use crate::graph::{Graph, Package};

/// One crate: what it may import from us, and which foreign packages it must never link to.
#[derive(Debug)]
pub struct Line {
    /// The crate.
    pub name: &'static str,
    /// Crates of the workspace that its code may import.
    pub may_use: &'static [&'static str],
    /// Foreign packages that it must not link to, directly or through another foreign package.
    pub never: &'static [&'static [&'static str]],
}

/// Reading the clock of an executor, waiting, tasks.
const RUNTIME: &[&str] = &[
    "tokio",
    "futures",
    "async-std",
    "smol",
    "mio",
    "rayon",
    "crossbeam-channel",
];
/// Sources of randomness, and of ids made from it.
const RANDOM: &[&str] = &["rand", "rand_core", "fastrand", "getrandom", "uuid"];
/// What speaks HTTP as a client, or opens sockets to speak it.
const HTTP_CLIENT: &[&str] = &["reqwest", "ureq", "isahc", "hyper-rustls", "hyper-tls"];
/// What answers HTTP.
const HTTP_SERVER: &[&str] = &["axum", "axum-core", "axum-server", "actix-web", "warp"];
/// What speaks SQL.
const DATABASE: &[&str] = &[
    "rusqlite",
    "libsqlite3-sys",
    "postgres",
    "tokio-postgres",
    "sqlx",
    "diesel",
];
/// Sockets below HTTP.
const NETWORK: &[&str] = &["socket2", "hyper", "hyper-util", "rustls", "tokio-rustls"];
/// What asks the machine: files, environment, processes.
const MACHINE: &[&str] = &[
    "libc",
    "rustix",
    "tempfile",
    "notify",
    "walkdir",
    "tracing-subscriber",
];

const PURE: &[&[&str]] = &[
    RUNTIME,
    RANDOM,
    HTTP_CLIENT,
    HTTP_SERVER,
    DATABASE,
    NETWORK,
    MACHINE,
];

/// The layers, lowest last: a crate stands above everything that it imports.
pub const TABLE: &[Line] = &[
    Line {
        name: "xtask",
        may_use: &[],
        never: &[RUNTIME, HTTP_CLIENT, HTTP_SERVER, DATABASE],
    },
    Line {
        name: "provost-testkit",
        may_use: &[
            "provost-web",
            "provost-sync",
            "provost-signin",
            "provost-store",
            "provost-connect",
            "provost-engine",
            "provost-scim",
            "provost-saml",
            "m365-sim",
        ],
        never: &[],
    },
    Line {
        name: "provost",
        may_use: &[
            "provost-web",
            "provost-sync",
            "provost-signin",
            "provost-store",
            "provost-connect",
            "provost-engine",
            "provost-scim",
            "provost-saml",
            "m365-sim",
        ],
        never: &[DATABASE],
    },
    Line {
        name: "provost-web",
        may_use: &[
            "provost-sync",
            "provost-signin",
            "provost-store",
            "provost-connect",
            "provost-engine",
            "provost-scim",
            "provost-saml",
        ],
        never: &[DATABASE, HTTP_CLIENT],
    },
    Line {
        name: "provost-sync",
        may_use: &[
            "provost-store",
            "provost-connect",
            "provost-engine",
            "provost-scim",
        ],
        never: &[HTTP_SERVER, HTTP_CLIENT, DATABASE],
    },
    Line {
        name: "provost-signin",
        may_use: &["provost-store", "provost-connect", "provost-scim", "provost-saml"],
        never: &[HTTP_SERVER, HTTP_CLIENT, DATABASE],
    },
    Line {
        name: "provost-store",
        may_use: &["provost-engine", "provost-scim", "provost-saml"],
        never: &[HTTP_SERVER, HTTP_CLIENT],
    },
    Line {
        name: "provost-connect",
        may_use: &["provost-engine", "provost-scim"],
        never: &[DATABASE, HTTP_SERVER],
    },
    Line {
        name: "provost-engine",
        may_use: &["provost-scim"],
        never: PURE,
    },
    Line {
        name: "m365-sim",
        may_use: &["provost-scim"],
        never: &[DATABASE, HTTP_CLIENT],
    },
    Line {
        name: "provost-scim",
        may_use: &[],
        never: PURE,
    },
    Line {
        name: "provost-saml",
        may_use: &[],
        never: PURE,
    },
];

/// A crate that steps over its line.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// It imports a crate of the workspace that it may not.
    Import {
        /// Who imports.
        name: String,
        /// What it imports.
        imported: String,
        /// What it could import instead.
        allowed: String,
    },
    /// It links to a foreign package that its line forbids.
    Forbidden {
        /// Who links.
        name: String,
        /// The names from the crate to the package.
        chain: Vec<String>,
    },
    /// A crate of the workspace that has no line.
    NoLine(String),
    /// A line whose crate is gone.
    NoCrate(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import {
                name,
                imported,
                allowed,
            } => {
                write!(
                    f,
                    "{name} must not import {imported}: its layer may use {allowed}"
                )
            }
            Self::Forbidden { name, chain } => {
                let package = chain.last().map_or("", String::as_str);
                write!(
                    f,
                    "{name} must not link to {package}: it does by {}",
                    chain.join(" → ")
                )
            }
            Self::NoLine(name) => {
                write!(
                    f,
                    "{name} has no line in crates/xtask/src/layers.rs: say what it may use"
                )
            }
            Self::NoCrate(name) => {
                write!(
                    f,
                    "{name} has a line in crates/xtask/src/layers.rs but is not in the workspace"
                )
            }
        }
    }
}

/// Every fault in the workspace; none means that the layers hold.
#[must_use]
pub fn check(graph: &Graph) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in graph.ours() {
        match TABLE.iter().find(|line| line.name == package.name) {
            Some(line) => check_crate(graph, package, line, &mut faults),
            None => faults.push(Fault::NoLine(package.name.clone())),
        }
    }
    let gone = TABLE
        .iter()
        .filter(|line| !graph.ours().any(|package| package.name == line.name));
    faults.extend(gone.map(|line| Fault::NoCrate(line.name)));
    faults
}

fn check_crate(graph: &Graph, package: &Package, line: &Line, faults: &mut Vec<Fault>) {
    for imported in graph.direct(package).filter(|found| found.ours) {
        if !line.may_use.contains(&imported.name.as_str()) {
            faults.push(Fault::Import {
                name: package.name.clone(),
                imported: imported.name.clone(),
                allowed: if line.may_use.is_empty() {
                    "none".into()
                } else {
                    line.may_use.join(", ")
                },
            });
        }
    }
    for forbidden in line.never.iter().copied().flatten() {
        if let Some(chain) = graph.path_to(package, forbidden) {
            faults.push(Fault::Forbidden {
                name: package.name.clone(),
                chain,
            });
        }
    }
}

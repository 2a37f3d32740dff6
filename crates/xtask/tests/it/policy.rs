//! `deny.toml`, against the workspace and against planted packages.

use serde_json::{Value, json};
use xtask::policy::check;

use crate::planted::{Planted, policy};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn faults(planted: &Planted) -> Vec<String> {
    check(&planted.graph(), &policy())
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn with_foreign(name: &str, version: &str, licence: &str, source: &str) -> Vec<String> {
    let planted = Planted::nothing()
        .and_package(name, version, licence, json!(source))
        .and_edge("provost", name, Value::Null);
    faults(&planted)
}

#[test]
fn the_workspace_keeps_to_its_policy() {
    assert_eq!(faults(&Planted::nothing()), Vec::<String>::new());
}

#[test]
fn a_banned_package_is_found_whoever_brings_it() {
    for name in ["openssl-sys", "libxml", "sqlx", "pq-sys", "native-tls"] {
        let found = with_foreign(name, "1.0.0", "MIT", REGISTRY);
        let expected = format!("provost must not depend on {name}: ");
        assert!(
            found.iter().any(|fault| fault.starts_with(&expected)),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn a_wrapped_package_is_refused_to_everybody_else() {
    for (user, name) in [
        ("provost-web", "rusqlite"),
        ("provost-sync", "axum"),
        ("provost-store", "reqwest"),
    ] {
        let found = faults(&Planted::edge(user, name, Value::Null));
        let expected = format!("{user} must not depend on {name}: ");
        assert!(
            found.iter().any(|fault| fault.starts_with(&expected)),
            "{user} → {name}: {found:?}"
        );
    }
}

#[test]
fn a_licence_that_is_not_allowed_is_found() {
    let found = with_foreign("copyleft", "1.2.3", "GPL-3.0-only", REGISTRY);
    assert_eq!(
        found,
        ["copyleft 1.2.3 has the licence GPL-3.0-only, which [licenses] does not allow"]
    );
}

#[test]
fn a_package_from_elsewhere_is_found() {
    let found = with_foreign(
        "elsewhere",
        "1.2.3",
        "MIT",
        "git+https://git.contoso.example/elsewhere",
    );
    assert_eq!(
        found,
        [
            "elsewhere 1.2.3 comes from git+https://git.contoso.example/elsewhere: only the public registry is allowed"
        ]
    );
}

#[test]
fn a_second_version_needs_an_explanation() {
    let found = with_foreign("serde_json", "0.9.0", "MIT", REGISTRY);
    assert!(
        found
            .iter()
            .any(|fault| fault.starts_with("serde_json is there as ") && fault.contains("0.9.0")),
        "{found:?}"
    );
}

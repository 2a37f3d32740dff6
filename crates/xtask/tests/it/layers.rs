//! The table of layers, against the workspace and against planted edges.

use serde_json::{Value, json};
use xtask::layers::{TABLE, check};

use crate::planted::Planted;

fn faults(planted: &Planted) -> Vec<String> {
    check(&planted.graph()).iter().map(ToString::to_string).collect()
}

#[test]
fn every_crate_keeps_to_its_layer() {
    assert_eq!(faults(&Planted::nothing()), Vec::<String>::new());
}

#[test]
fn a_planted_edge_to_a_foreign_package_is_found() {
    for (from, to) in [
        ("provost-scim", "tokio"),
        ("provost-scim", "uuid"),
        ("provost-engine", "rusqlite"),
        ("provost-store", "axum"),
        ("provost-store", "reqwest"),
        ("provost-connect", "postgres"),
        ("provost-sync", "axum"),
        ("provost-sync", "rusqlite"),
        ("provost-web", "rusqlite"),
        ("provost-web", "reqwest"),
        ("provost", "postgres"),
        ("m365-sim", "reqwest"),
    ] {
        let found = faults(&Planted::edge(from, to, Value::Null));
        let expected = format!("{from} must not link to {to}: it does by {from} → {to}");
        assert!(found.contains(&expected), "{from} → {to}: {found:?}");
    }
}

#[test]
fn a_forbidden_package_behind_another_foreign_one_is_found_with_the_way_to_it() {
    let planted = Planted::nothing()
        .and_package("innocent", "1.0.0", "MIT", Value::Null)
        .and_edge("innocent", "tokio", Value::Null)
        .and_edge("provost-engine", "innocent", Value::Null);
    let expected =
        "provost-engine must not link to tokio: it does by provost-engine → innocent → tokio".to_owned();
    let found = faults(&planted);
    assert!(found.contains(&expected), "{found:?}");
}

#[test]
fn a_planted_import_upwards_or_sideways_is_found() {
    for (from, to) in [
        ("provost-scim", "provost-engine"),
        ("provost-store", "provost-connect"),
        ("provost-connect", "provost-store"),
        ("provost-sync", "provost-web"),
        ("m365-sim", "provost-store"),
        ("provost", "provost-testkit"),
        ("provost-web", "provost-testkit"),
    ] {
        let found = faults(&Planted::edge(from, to, Value::Null));
        let expected = format!("{from} must not import {to}: its layer may use ");
        assert!(
            found.iter().any(|fault| fault.starts_with(&expected)),
            "{from} → {to}: {found:?}"
        );
    }
}

#[test]
fn a_test_may_reach_across_layers() {
    for (from, to) in [("provost-sync", "axum"), ("provost-web", "provost-testkit")] {
        assert_eq!(
            faults(&Planted::edge(from, to, json!("dev"))),
            Vec::<String>::new(),
            "{from} → {to}"
        );
    }
}

#[test]
fn a_crate_without_a_line_is_found() {
    let found = faults(&Planted::nothing().and_member("provost-extra"));
    assert_eq!(
        found,
        ["provost-extra has no line in crates/xtask/src/layers.rs: say what it may use"]
    );
}

#[test]
fn the_table_is_ordered_so_that_imports_point_down() {
    for (at, line) in TABLE.iter().enumerate() {
        let below: Vec<&str> = TABLE.iter().skip(at + 1).map(|line| line.name).collect();
        for imported in line.may_use {
            assert!(
                below.contains(imported),
                "{} may use {imported}, which is not below it",
                line.name
            );
        }
    }
}

use super::*;
use crate::contract::Contract;

/// Not in the contract, because nobody should want it: see [`member::delete_object`].
const OUTSIDE: &[&str] = &["groups", "*", "members", "*"];

#[test]
fn every_route_is_an_operation_of_the_contract() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/contract/graph-v1.0-closed.openapi.json"
    );
    let operations = Contract::load(file).unwrap().operations();
    let shape = |path: &str| {
        let segment = |part: &str| {
            if part.starts_with('{') {
                "*".to_owned()
            } else {
                part.to_owned()
            }
        };
        path.split('/').skip(1).map(segment).collect::<Vec<_>>()
    };
    for route in ROUTES.iter().filter(|route| route.path != OUTSIDE) {
        let method = format!("{:?}", route.method).to_uppercase();
        let known = operations
            .iter()
            .any(|(name, path)| *name == method && shape(path) == route.path);
        assert!(known, "{method} /{}", route.path.join("/"));
    }
}

#[test]
fn no_route_hides_another() {
    for (index, route) in ROUTES.iter().enumerate() {
        let path: Vec<String> = route
            .path
            .iter()
            .map(|part| if *part == "*" { "key" } else { part }.to_owned())
            .collect();
        let found = ROUTES
            .iter()
            .position(|other| other.method == route.method && fits(other, &path).is_some());
        assert_eq!(found, Some(index), "{}", route.path.join("/"));
    }
}

//! The metadata of this workspace with something wrong planted in it.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use xtask::graph::{self, Graph};
use xtask::policy::Policy;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn policy() -> Policy {
    Policy::read(&root().join("deny.toml")).unwrap()
}

/// Cargo is asked once for all tests.
static METADATA: LazyLock<String> = LazyLock::new(|| graph::metadata(&root(), policy().targets()).unwrap());

pub struct Planted(Value);

impl Planted {
    pub fn nothing() -> Self {
        Self(serde_json::from_str(&METADATA).unwrap())
    }

    /// `from` depends on `to`; `kind` is `null` (normal), `"dev"` or `"build"`.
    pub fn edge(from: &str, to: &str, kind: Value) -> Self {
        Self::nothing().and_edge(from, to, kind)
    }

    pub fn and_edge(mut self, from: &str, to: &str, kind: Value) -> Self {
        let (from, to) = (self.id(from), self.id(to));
        let edge = json!({ "name": "planted", "pkg": to, "dep_kinds": [{ "kind": kind, "target": null }] });
        let nodes = self.0["resolve"]["nodes"].as_array_mut().unwrap();
        let node = nodes.iter_mut().find(|node| node["id"] == from.as_str()).unwrap();
        node["deps"].as_array_mut().unwrap().push(edge);
        self
    }

    /// A package that is not there: on its own, without dependencies.
    pub fn and_package(mut self, name: &str, version: &str, licence: &str, source: Value) -> Self {
        let id = format!("{name} {version}");
        let package =
            json!({ "id": id, "name": name, "version": version, "license": licence, "source": source });
        self.0["packages"].as_array_mut().unwrap().push(package);
        self.0["resolve"]["nodes"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "id": id, "deps": [] }));
        self
    }

    pub fn and_member(mut self, name: &str) -> Self {
        self = self.and_package(name, "0.1.0", "Apache-2.0", Value::Null);
        let id = self.id(name);
        self.0["workspace_members"]
            .as_array_mut()
            .unwrap()
            .push(json!(id));
        self
    }

    pub fn graph(&self) -> Graph {
        Graph::parse(&self.0.to_string()).unwrap()
    }

    fn id(&self, name: &str) -> String {
        let packages = self.0["packages"].as_array().unwrap();
        // The last one: a package planted under a name that is there already.
        let found = packages.iter().rfind(|package| package["name"] == name);
        found.unwrap_or_else(|| panic!("no package {name}"))["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

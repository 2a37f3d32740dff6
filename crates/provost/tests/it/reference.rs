//! The page of commands is what the program says about itself.

use crate::interface;
use crate::run::{Place, command};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let said = command().arg("reference").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/commands.md");
    if std::env::var_os("PROVOST_WRITE_DOCS").is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == said,
        "write it anew: PROVOST_WRITE_DOCS=1 cargo test -p provost the_page_of_commands"
    );
    let mut commands = BTreeSet::new();
    interface::leaves(&Place::empty(), "", &mut commands);
    for name in commands {
        let depth = if name.contains(' ') { "###" } else { "##" };
        assert!(said.contains(&format!("\n{depth} provost {name}\n")), "{name}");
    }
}

#[test]
fn a_program_reads_the_same_as_json() {
    let said = command().args(["reference", "--json"]).output().unwrap();
    let value: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    let all = value["commands"].as_array().unwrap();
    let person = all.iter().find(|one| one["command"] == "provost person").unwrap();
    let block = person["commands"].as_array().unwrap();
    let block = block
        .iter()
        .find(|one| one["command"] == "provost person block")
        .unwrap();
    let reason = block["arguments"].as_array().unwrap().iter();
    let reason = reason.into_iter().find(|one| one["name"] == "--reason").unwrap();
    assert_eq!(
        (&reason["required"], &reason["value"]),
        (&true.into(), &"REASON".into())
    );
}

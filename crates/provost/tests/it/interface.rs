//! What the command line can do, a token can do: each command stands beside its route on the page of the interface.

use crate::run::Place;
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../docs/reference/api.md");

/// The commands below a command, as its own help lists them.
fn below(place: &Place, command: &str) -> Vec<String> {
    let help = place.run(&format!("{command} --help"));
    let Some((_, listed)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let lines = listed.lines().take_while(|line| !line.trim().is_empty());
    // A line that goes on is set in further than a name.
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named
        .filter_map(|line| line.split_whitespace().next())
        .map(|name| format!("{command} {name}").trim().to_owned())
        .collect()
}

/// The commands that do something: those with none below them, and those that may be used without.
pub fn leaves(place: &Place, command: &str, found: &mut BTreeSet<String>) {
    let all = below(place, command);
    if all.is_empty() {
        found.insert(command.to_owned());
    }
    for one in all {
        leaves(place, &one, found);
    }
}

#[test]
fn every_command_stands_beside_its_route_or_says_why_it_has_none() {
    let mut commands = BTreeSet::new();
    leaves(&Place::empty(), "", &mut commands);
    assert!(commands.len() > 100, "{commands:?}");
    let (_, table) = PAGE.split_once("| Command | Route |").unwrap();
    let rows: Vec<(&str, &str)> = table
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| `provost ")?
                .strip_suffix(" |")?
                .split_once("` | ")
        })
        .collect();
    let missing: Vec<_> = commands
        .iter()
        .filter(|name| !rows.iter().any(|(row, _)| row == name))
        .collect();
    assert!(missing.is_empty(), "not on the page: {missing:#?}");
    for (command, route) in rows {
        // `plan` and `log` do something themselves too.
        let is_known = commands
            .iter()
            .any(|name| name == command || name.starts_with(&format!("{command} ")));
        assert!(is_known, "{command} is no command");
        let told = route.trim_matches('`');
        let stands = PAGE.contains(&format!("| `{told}` | ")) && told.contains(" /api/v1/");
        assert!(
            stands || route.starts_with("local: "),
            "{command}: {route} is no route"
        );
    }
}

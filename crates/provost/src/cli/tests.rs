use super::Cli;
use clap::{Arg, Command, CommandFactory as _};

/// Every command with its path, the root first.
fn all(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    let path = format!("{path} {}", command.get_name()).trim().to_owned();
    found.push((path.clone(), command.clone()));
    for below in command.get_subcommands() {
        all(below, &path, found);
    }
}

fn commands() -> Vec<(String, Command)> {
    let mut found = Vec::new();
    all(&Cli::command(), "", &mut found);
    assert!(found.len() > 150, "{}", found.len());
    found
}

fn help(one: &Arg) -> String {
    one.get_help().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_and_every_argument_says_what_it_is() {
    for (path, command) in commands() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(about.starts_with(char::is_uppercase), "{path}: {about:?}");
        for one in command.get_arguments() {
            let (name, help) = (one.get_id(), help(one));
            assert!(!help.is_empty(), "{path} {name} has no help");
            assert!(!help.ends_with('.'), "{path} {name}: {help}");
        }
    }
}

#[test]
fn one_word_means_the_same_everywhere() {
    for (path, command) in commands() {
        for one in command.get_arguments() {
            let (long, help) = (one.get_long().unwrap_or_default(), help(one));
            match long {
                "yes" => assert_eq!(one.get_short(), Some('y'), "{path}"),
                "limit" => assert!(help.starts_with("How many"), "{path}: {help}"),
                "after" | "before" => {
                    assert!(
                        help.starts_with("Only") || help.starts_with("Go on after"),
                        "{path}: {help}"
                    );
                }
                _ => {}
            }
            assert!(
                long.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{path} {long}"
            );
        }
    }
}

//! `provost reference`: every command on one page.

use super::{Cli, Place};
use crate::failure::STATUSES;
use crate::output;
use anyhow::Result;
use clap::builder::{StyledStr, ValueRange};
use clap::{Arg, ArgAction, Command, CommandFactory as _};
use serde_json::{Value, json};

/// Print every command with its arguments as one page: Markdown, or JSON with --json
#[derive(Debug, clap::Args)]
pub(crate) struct Reference {}

impl Reference {
    /// Runs the command.
    pub fn run(self, place: &Place) -> Result<()> {
        let mut root = Cli::command();
        // What every command takes is then known to each.
        root.build();
        if place.json {
            return output::json(&to_json(&root, ""));
        }
        output::line(page(&root).trim_end())
    }
}

/// What begins the page.
const BEGIN: &str = "\
# Commands

Every command with its arguments. Written by the program itself: `provost reference`. `provost COMMAND --help` shows one.

";

fn page(root: &Command) -> String {
    let mut out = BEGIN.to_owned();
    out.push_str("## Everywhere\n\n");
    out.push_str(&table(
        root.get_arguments().filter(|one| one.is_global_set()).collect(),
    ));
    out.push_str("\n## Exit status\n\n| Status | Meaning |\n|---|---|\n");
    for (status, meaning) in STATUSES {
        out.push_str(&format!("| {status} | {meaning} |\n"));
    }
    out.push_str("\nMore about them and about output is [on their page](command-line.md).\n");
    for command in shown(root) {
        out.push_str(&format!("\n## provost {}\n", command.get_name()));
        section(&mut out, command, command.get_name());
    }
    out
}

/// A command, and those below it.
fn section(out: &mut String, command: &Command, path: &str) {
    let about = plain(command.get_long_about().or(command.get_about()));
    out.push_str(&format!("\n{}\n", about.trim_end_matches('.')));
    let own: Vec<&Arg> = own_arguments(command);
    if shown(command).next().is_none() || !own.is_empty() {
        out.push_str(&format!("\n```text\nprovost {path}{}\n```\n", usage(command)));
    }
    if !own.is_empty() {
        out.push('\n');
        out.push_str(&table(own));
    }
    if let Some(after) = command.get_after_help() {
        out.push_str(&format!("\n{}\n", plain(Some(after))));
    }
    for below in shown(command) {
        let path = format!("{path} {}", below.get_name());
        out.push_str(&format!("\n### provost {path}\n"));
        section(out, below, &path);
    }
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|one| !one.is_hide_set() && one.get_name() != "help")
}

/// The arguments of a command beside those of every command.
fn own_arguments(command: &Command) -> Vec<&Arg> {
    let is_own = |one: &&Arg| {
        !one.is_global_set() && !one.is_hide_set() && !["help", "version"].contains(&one.get_id().as_str())
    };
    command.get_arguments().filter(is_own).collect()
}

fn usage(command: &Command) -> String {
    let arguments = own_arguments(command);
    let options = arguments.iter().any(|one| !one.is_positional());
    let mut out = if options {
        " [OPTIONS]".to_owned()
    } else {
        String::new()
    };
    for one in arguments.iter().filter(|one| one.is_positional()) {
        let name = value_name(one);
        let more = if takes_many(one) { "…" } else { "" };
        out.push_str(&if one.is_required_set() {
            format!(" {name}{more}")
        } else {
            format!(" [{name}{more}]")
        });
    }
    out
}

fn takes_many(one: &Arg) -> bool {
    one.get_num_args().is_some_and(|range| range.max_values() > 1)
        || (one.is_positional() && matches!(one.get_action(), ArgAction::Append))
}

fn value_name(one: &Arg) -> String {
    let named = one.get_value_names().and_then(|names| names.first());
    named.map_or_else(|| one.get_id().as_str().to_uppercase(), |name| name.to_string())
}

/// `-y`, `--yes`, `--limit N`, `NAME`.
fn name(one: &Arg) -> String {
    let mut parts = Vec::new();
    if let Some(short) = one.get_short() {
        parts.push(format!("`-{short}`"));
    }
    match one.get_long() {
        Some(long) if takes_value(one) => parts.push(format!("`--{long} {}`", value_name(one))),
        Some(long) => parts.push(format!("`--{long}`")),
        None if parts.is_empty() => parts.push(format!("`{}`", value_name(one))),
        None => {}
    }
    parts.join(", ")
}

fn takes_value(one: &Arg) -> bool {
    one.get_num_args().unwrap_or(ValueRange::EMPTY).takes_values()
}

fn table(arguments: Vec<&Arg>) -> String {
    let mut out = "| Argument | What it means |\n|---|---|\n".to_owned();
    for one in arguments {
        out.push_str(&format!(
            "| {} | {} |\n",
            name(one),
            meaning(one).replace('|', "\\|").replace('<', "\\<")
        ));
    }
    out
}

fn meaning(one: &Arg) -> String {
    let mut parts = vec![plain(one.get_long_help().or(one.get_help()))];
    if takes_value(one) && !one.is_hide_possible_values_set() {
        let values: Vec<String> = possible(one)
            .into_iter()
            .map(|value| format!("`{value}`"))
            .collect();
        if !values.is_empty() {
            parts.push(format!("One of {}.", values.join(", ")));
        }
    }
    let default = default(one);
    if !default.is_empty() {
        parts.push(format!("Default: `{default}`."));
    }
    let joined = parts.into_iter().filter(|part| !part.is_empty());
    joined
        .map(|part| {
            if part.ends_with('.') {
                part
            } else {
                format!("{part}.")
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn possible(one: &Arg) -> Vec<String> {
    let values = one.get_possible_values();
    values
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| value.get_name().to_owned())
        .collect()
}

fn default(one: &Arg) -> String {
    if one.is_hide_default_value_set() || !takes_value(one) {
        return String::new();
    }
    let values = one.get_default_values().iter().filter_map(|value| value.to_str());
    values.collect::<Vec<_>>().join(" ")
}

fn plain(text: Option<&StyledStr>) -> String {
    text.map(ToString::to_string)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// The same for programs: what completes, documents or wraps the command.
fn to_json(command: &Command, path: &str) -> Value {
    let path = format!("{path} {}", command.get_name()).trim().to_owned();
    let argument = |one: &Arg| {
        json!({
            "name": one.get_long().map_or_else(|| value_name(one), |long| format!("--{long}")),
            "short": one.get_short(), "value": takes_value(one).then(|| value_name(one)),
            "required": one.is_required_set(), "many": takes_many(one) || matches!(one.get_action(), ArgAction::Append),
            "values": possible(one), "default": Some(default(one)).filter(|text| !text.is_empty()),
            "help": plain(one.get_help()),
        })
    };
    json!({
        "command": path, "about": plain(command.get_about()),
        "arguments": own_arguments(command).into_iter().map(argument).collect::<Vec<_>>(),
        "commands": shown(command).map(|below| to_json(below, &path)).collect::<Vec<_>>(),
    })
}

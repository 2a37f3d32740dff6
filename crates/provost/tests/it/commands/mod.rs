//! Every command on a small Contoso world: what it says in a terminal of 80 and of 120 columns, and the shape of its
//! JSON. The commands stand in `script.txt`, in their order; each part of it is a snapshot.

mod same;
mod shape;

use crate::provisioning::world::World;
use crate::run::{Place, show};
use crate::script_s2::world::Tenant;
use crate::{interface, terminal};
use m365_sim::Settings;
use std::collections::BTreeSet;
use std::process::Command;

const SCRIPT: &str = include_str!("script.txt");
/// Lines of one answer that a snapshot keeps.
const LINES: usize = 40;

/// Commands that are a world of their own, with the test that drives them.
const ELSEWHERE: [(&str, &str); 4] = [
    ("demo", "demo.rs"),
    ("serve", "serve.rs"),
    ("sim microsoft-365", "microsoft/world.rs"),
    ("scim self-test", "self_test.rs"),
];

/// The parts of the script: a name and its commands.
fn parts() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in SCRIPT
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        match line.strip_prefix("= ") {
            Some(name) => parts.push((name, Vec::new())),
            None => parts.last_mut().unwrap().1.push(line),
        }
    }
    parts
}

fn world() -> World {
    // One request after the other: the log then has one order.
    let world = World::new("--setting concurrency=1");
    let ada = world.person("ada");
    world.person("bo");
    world.group("Cooks", &[&ada]);
    for (name, text) in [
        ("source.toml", include_str!("source.toml")),
        ("rule.toml", include_str!("rule.toml")),
        ("hr.csv", "Number,Name\n1,dora\n2,eli\n"),
        ("hr.jsonl", "{\"Number\": \"3\", \"Name\": \"finn\"}\n"),
        ("extension.json", include_str!("extension.json")),
    ] {
        world.hub.write(name, text);
    }
    world
}

/// The words, with `TENANT` replaced by the settings that lead to the simulated one, and each `{command | /place}` by
/// what stands there in the command's JSON.
fn filled(world: &World, tenant: &Tenant, line: &str) -> String {
    if line.contains("TENANT") {
        let url = &tenant.url;
        let settings = format!(
            "--setting login_url={url} --setting graph_url={url} --setting allow_private_network=true"
        );
        return line.replace("TENANT", &settings);
    }
    let (Some((before, rest)), true) = (line.split_once('{'), line.contains(" | ")) else {
        return line.to_owned();
    };
    let (inside, after) = rest.split_once('}').unwrap();
    let (words, place) = inside.split_once(" | ").unwrap();
    let answer = world.hub.json(words);
    let value = answer
        .pointer(place)
        .unwrap_or_else(|| panic!("{words} has nothing at {place}: {answer}"));
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("{before}{text}{after}")
}

/// How the commands of one world are answered.
#[derive(Clone, Copy)]
enum Seen {
    Terminal(u16),
    Json,
}

/// Every answer, in the order of the script.
fn answers(seen: Seen) -> Vec<String> {
    let world = world();
    let tenant = Tenant::start(|_| {});
    let lines = parts().into_iter().flat_map(|(_, lines)| lines);
    lines
        .map(|line| answer(seen, &mut world.hub.command(&filled(&world, &tenant, line))))
        .collect()
}

fn answer(seen: Seen, command: &mut Command) -> String {
    command
        .env("TOKEN", "secret of Contoso")
        .env("CLIENT_SECRET", Settings::CONTOSO_CLIENT_SECRET)
        .env("USER", "tester");
    let said = match seen {
        Seen::Terminal(columns) => terminal::shown(command, columns),
        Seen::Json => shape::of(&command.arg("--json").output().unwrap()),
    };
    let said = same::each_time(&said);
    let all = said.lines().count();
    match all.checked_sub(LINES + 1).filter(|more| *more > 0) {
        None => said,
        Some(more) => {
            let first: Vec<&str> = said.lines().take(LINES).collect();
            let last = said.lines().last().unwrap();
            format!("{}\n[{more} more lines]\n{last}", first.join("\n"))
        }
    }
}

#[test]
fn every_command_in_two_widths_and_as_json() {
    let run = |seen| std::thread::Builder::new().spawn(move || answers(seen)).unwrap();
    let all = [Seen::Terminal(80), Seen::Terminal(120), Seen::Json].map(run);
    let [narrow, wide, json] = all.map(|thread| thread.join().unwrap());
    let mut at = 0;
    for (name, lines) in parts() {
        let mut text = String::new();
        for line in lines {
            let (narrow, wide) = (&narrow[at], &wide[at]);
            text.push_str(&format!("$ provost {line}\n{narrow}\n"));
            if wide != narrow {
                text.push_str(&format!("-- in 120 columns\n{wide}\n"));
            }
            text.push_str(&format!("-- as JSON\n{}\n\n", json[at]));
            at += 1;
        }
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn every_command_is_in_the_script() {
    let mut commands = BTreeSet::new();
    interface::leaves(&Place::empty(), "", &mut commands);
    let script: Vec<&str> = parts().into_iter().flat_map(|(_, lines)| lines).collect();
    let is_there = |name: &&String| {
        ELSEWHERE.iter().any(|(other, _)| other == name)
            || script
                .iter()
                .any(|line| *line == name.as_str() || line.starts_with(&format!("{name} ")))
    };
    let missing: Vec<_> = commands.iter().filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "not in commands/script.txt: {missing:#?}");
    for (name, file) in ELSEWHERE {
        let path = format!("{}/tests/it/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let first = name.split(' ').next_back().unwrap();
        assert!(text.contains(first), "{file} does not drive {name}");
    }
}

#[test]
fn an_answer_is_alone_on_standard_output() {
    let place = Place::installed();
    for words in [
        "person list",
        "provider list",
        "status",
        "audit verify",
        "problem list",
        "config show",
    ] {
        let output = place.command(words).arg("--json").output().unwrap();
        assert!(output.status.success(), "{}", show(&output));
        assert!(output.stderr.is_empty(), "{}", show(&output));
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(value.is_object() || value.is_array(), "{words}");
    }
}

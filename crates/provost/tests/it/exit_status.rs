//! Each exit status, driven: what the page of the command line says is what happens.

use crate::audit::tamper;
use crate::provisioning::world::World;
use crate::run::{Place, show};
use serde_json::Value;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

const PAGE: &str = include_str!("../../../../docs/reference/command-line.md");

/// The statuses that the page names.
fn on_the_page() -> Vec<i32> {
    let (_, table) = PAGE.split_once("| Status | Meaning |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('|').nth(1).unwrap().trim().parse().unwrap())
        .collect()
}

fn ends(place: &Place, words: &str, status: i32) -> String {
    let output = place.command(words).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{words}: {}", show(&output));
    show(&output)
}

#[test]
fn the_page_the_help_and_the_program_know_the_same_ones() {
    assert_eq!(on_the_page(), [0, 1, 2, 3, 4, 130]);
    let help = Place::empty().run("--help");
    let (_, told) = help.split_once("Exit status:").unwrap();
    for status in on_the_page() {
        assert!(told.contains(&format!("{status} ")), "{status}: {told}");
    }
}

#[test]
fn done_refused_and_wrong_usage() {
    let place = Place::installed();
    ends(&place, "person list", 0);
    ends(&place, "person show nobody", 1);
    ends(&Place::empty(), "person list", 1);
    ends(&place, "person shwo nobody", 2);
    ends(&place, "person list --limit 0", 2);
    // Wrong only when the options are looked at together.
    ends(&place, "person set nobody", 2);
    ends(&place, "log --since 1h --until 2h", 2);
}

#[test]
fn a_broken_chain_is_an_alarm() {
    let place = Place::installed();
    place.json("provider add Entra");
    place.json("token add Entra --label evidence");
    ends(&place, "audit verify", 0);
    tamper(&place, "evidence", "edifence");
    let said = ends(&place, "audit verify", 3);
    assert!(said.contains("is broken at row"), "{said}");
}

#[test]
fn what_is_in_the_way_for_a_moment_has_its_own() {
    let world = World::new("--setting writes_per_second=20");
    for n in 0..100 {
        world.person(&format!("u{n}"));
    }
    let mut first = world
        .hub
        .command("cycle run app")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while world.account("u0").is_none() {
        assert!(Instant::now() < deadline, "nothing was written");
        std::thread::yield_now();
    }
    let output = world.hub.command("cycle run app --json").output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", show(&output));
    assert!(first.wait().unwrap().success());
    let told: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(told["exit_status"], 4);
    assert!(
        told["error"].as_str().unwrap().contains("is running elsewhere"),
        "{told}"
    );
    assert!(!told["hint"].as_str().unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_ends_it_at_once() {
    let place = Place::installed();
    let token = place.json("provider add Entra")["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut child = place
        .command("serve --listen 127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    // A request whose body does not come: a server that stops in good order waits for it.
    let mut waiting = TcpStream::connect(line.trim_end().strip_prefix("ready http://").unwrap()).unwrap();
    let head = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/scim+json\r\nContent-Length: 100\r\n\r\n{{"
    );
    waiting.write_all(head.as_bytes()).unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let interrupt = || rustix::process::kill_process(pid, rustix::process::Signal::INT);
    let deadline = Instant::now() + Duration::from_secs(60);
    // A signal that comes while another waits to be read is one with it: it is sent until it is heard twice.
    let status = loop {
        let _ = interrupt();
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => assert!(Instant::now() < deadline),
        }
        std::thread::yield_now();
    };
    assert_eq!(status.code(), Some(130), "{status}");
}

#[test]
fn an_error_is_one_object_for_programs() {
    let place = Place::installed();
    let output = place.command("connection show Shop --json").output().unwrap();
    assert!(output.stdout.is_empty());
    let told: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(told["error"], "there is no connection \"Shop\"");
    assert_eq!(
        (&told["exit_status"], &told["because"]),
        (&1.into(), &Value::Array(Vec::new()))
    );
    let refused = place.command("backup write a/b --json").output().unwrap();
    let told: Value = serde_json::from_slice(&refused.stderr).unwrap();
    assert_eq!(told["code"], "PRV-BACKUP-NAME");
    assert_eq!(told["hint"], "Choose another name.");
}

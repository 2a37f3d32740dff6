use crate::run::{Place, show};
use serde_json::Value;
use std::process::{Output, Stdio};
use std::time::Duration;

const DEMO: &str = "demo --exit --json";

fn finished(output: &Output) -> Value {
    assert!(output.status.success(), "{}", show(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn assert_everything_agrees(summary: &Value) {
    assert_eq!(summary["equal"], true);
    let console = summary["console"].as_str().unwrap();
    assert!(
        console.starts_with("http://localhost:") && console.contains("/welcome?key="),
        "{console}"
    );
    let targets = summary["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 2);
    for target in targets {
        let of = |what: &str| {
            (
                target[what]["directory"].as_u64(),
                target[what]["target"].as_u64(),
            )
        };
        assert_eq!(of("people"), (Some(201), Some(201)), "{target}");
        assert_eq!(of("groups"), (Some(12), Some(12)), "{target}");
        assert_eq!(of("memberships").0, of("memberships").1, "{target}");
        assert!(target["differences"].as_array().unwrap().is_empty(), "{target}");
    }
}

/// The demo's port numbers stay, so a test has a folder of its own and runs in it one after another.
#[test]
fn every_target_agrees_and_the_second_run_writes_nothing() {
    let place = Place::empty();
    assert_everything_agrees(&finished(&place.command(DEMO).output().unwrap()));
    let again = place.command(DEMO).output().unwrap();
    assert_everything_agrees(&finished(&again));
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(
        said.contains("0 of them made by SCIM") && said.matches(": 0 writes").count() == 2,
        "{said}"
    );
}

#[test]
fn a_demo_that_is_killed_goes_on_where_it_stopped() {
    let place = Place::empty();
    for millis in [120, 400, 900] {
        let mut child = place
            .command(DEMO)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_everything_agrees(&finished(&place.command(DEMO).output().unwrap()));
}

#[test]
fn the_demo_keeps_away_from_a_real_installation() {
    let place = Place::installed();
    let refused = place.run(DEMO);
    assert!(
        refused.contains("is a real installation") && refused.ends_with("exit 1"),
        "{refused}"
    );
}

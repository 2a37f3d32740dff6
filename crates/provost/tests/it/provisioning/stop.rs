use super::world::World;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PEOPLE: usize = 240;

fn accounts(world: &World) -> u64 {
    world.target.read("/Users?count=1")["totalResults"]
        .as_u64()
        .unwrap()
}

/// A slow cycle that has written somebody, and not everybody.
fn under_way() -> (World, Child) {
    let world = World::new("--setting writes_per_second=20");
    for n in 0..PEOPLE {
        world.person(&format!("u{n}"));
    }
    let running = world
        .hub
        .command("cycle run app")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while accounts(&world) == 0 {
        assert!(began.elapsed() < Duration::from_secs(30), "nothing was written");
        std::thread::sleep(Duration::from_millis(20));
    }
    (world, running)
}

#[test]
fn an_interrupted_cycle_ends_in_good_order_and_the_next_one_goes_on() {
    let (world, mut running) = under_way();
    let asked = Command::new("kill")
        .args(["-INT", &running.id().to_string()])
        .status();
    assert!(asked.unwrap().success());
    running.wait().unwrap();
    let written = accounts(&world);
    assert!(
        written < PEOPLE as u64,
        "the cycle was through before it was stopped"
    );
    let linked = world.hub.json("connection show app")["rules"][0]["links"]
        .as_u64()
        .unwrap();
    assert!(linked <= written, "{linked} of {written}");
    world.run("connection set app writes_per_second=");
    let report = world.hub.json("cycle run app");
    let created = report["applied"]["create"].as_u64().unwrap();
    assert!(created < PEOPLE as u64 && report["failed"] == 0, "{report}");
    assert_eq!(
        accounts(&world),
        PEOPLE as u64,
        "nobody is made twice, and nobody is left out"
    );
    let linked = world.hub.json("connection show app")["rules"][0]["links"].as_u64();
    assert_eq!(linked, Some(PEOPLE as u64));
}

#[test]
fn a_cycle_is_stopped_by_another_process_and_the_next_one_goes_on() {
    let (world, mut running) = under_way();
    let key = world.hub.json("cycle list app")[0]["key"].as_i64().unwrap();
    let told = world.hub.json(&format!("cycle stop {key}"));
    assert_eq!(told["state"], "stopping", "{told}");
    running.wait().unwrap();
    let written = accounts(&world);
    assert!(
        written < PEOPLE as u64,
        "the cycle was through before it was stopped"
    );
    assert_eq!(world.hub.json("cycle list app")[0]["state"], "stopped");
    let shown = world.hub.json("connection show app");
    assert_eq!(shown["state"], "active", "{shown}");
    assert!(
        shown["reason"].as_str().unwrap().contains("stopped by a person"),
        "{shown}"
    );
    let again = world.hub.run(&format!("cycle stop {key}"));
    assert!(
        again.contains("PRV-CYCLE-ENDED") && again.ends_with("exit 1"),
        "{again}"
    );
    world.run("connection set app writes_per_second=");
    let report = world.hub.json("cycle run app");
    assert_eq!(report["failed"], 0, "{report}");
    assert_eq!(
        accounts(&world),
        PEOPLE as u64,
        "nobody is made twice, and nobody is left out"
    );
}

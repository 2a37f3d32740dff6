use super::world::World;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PEOPLE: usize = 240;

fn accounts(world: &World) -> u64 {
    world.target.read("/Users?count=1")["totalResults"]
        .as_u64()
        .unwrap()
}

#[test]
fn an_interrupted_cycle_ends_in_good_order_and_the_next_one_goes_on() {
    let world = World::new("--setting writes_per_second=20");
    for n in 0..PEOPLE {
        world.person(&format!("u{n}"));
    }
    let mut running = world
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

use super::world::World;
use insta::assert_snapshot;
use serde_json::{Value, json};

#[test]
fn the_log_is_searched_by_every_side() {
    let world = World::new("");
    let ada = world.person("ada");
    world.person("bob");
    world.run("cycle run app");
    world.source.patch(
        &format!("/Users/{ada}"),
        json!([{"op": "replace", "path": "title", "value": "Countess"}]),
    );
    world.run("cycle run app");
    let lines = |words: &str| {
        world.hub.json(&format!("log {words}"))["lines"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert_eq!(lines("app").len(), 3);
    assert_eq!(lines("app --person ada@contoso.example").len(), 2);
    assert_eq!(lines("app --action create --status success").len(), 2);
    assert_eq!(lines("app --status failure").len(), 0);
    assert_eq!(lines("--find bob").len(), 1);
    assert_eq!(lines("--since 1h").len(), 3);
    assert_eq!(lines("--until 2020-01-01T00:00:00Z").len(), 0);
    let update = lines("app --action update");
    assert_eq!(update[0]["modified"][0]["name"], "title");
    assert_eq!(update[0]["modified"][0]["new"], "Countess");
    let cycles = world.hub.json("cycle list app");
    let newest = cycles[0]["key"].as_i64().unwrap();
    assert_eq!(lines(&format!("--cycle {newest}")).len(), 1);
    let shown = world.hub.json(&format!("cycle show {newest}"));
    assert_eq!(shown["lines"][0]["object"], "ada");
    let whole = world.run("log app --action update --steps");
    assert!(whole.contains("Countess"), "{whole}");
    assert_snapshot!(world.hub.run("log app --since soon"), @r"
    --- stderr
    error: invalid value 'soon' for '--since <TIME>': write how long ago, such as 30m, 12h or 7d, or a time such as 2026-01-05T09:00:00Z

    For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(world.hub.run("cycle show 1"), @r"
    --- stderr
    error: there is no cycle 1
    hint: `provost cycle list CONNECTION` shows the cycles with their keys.
    exit 1
    ");
}

#[test]
fn the_log_is_exported_as_json_lines_and_as_three_files() {
    let world = World::new("");
    world.person("ada");
    world.person("=cmd");
    world.run("cycle run app");
    let output = world.hub.command("log export app").output().unwrap();
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_snapshot!(world.hub.run("log export app --csv out"), @r"
    2 lines written to log.csv, steps.csv and modified.csv in out.
    exit 0
    ");
    assert_snapshot!(world.hub.run("log export app --csv out"), @r"
    --- stderr
    error: out/log.csv is there already
    hint: Name an empty folder; nothing was overwritten.
    exit 2
    ");
    let read = |name: &str| std::fs::read_to_string(world.hub.beside("out").join(name)).unwrap();
    let (log, modified) = (read("log.csv"), read("modified.csv"));
    assert_eq!(log.lines().count(), 3);
    assert!(log.contains("'=cmd") && !log.contains(",=cmd"), "{log}");
    let change = lines[0]["change_id"].as_str().unwrap();
    assert!(
        modified.lines().filter(|line| line.starts_with(change)).count() > 1,
        "{modified}"
    );
    assert!(read("steps.csv").contains(change));
}

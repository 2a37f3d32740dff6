//! The reference page against the program.

use serde_json::json;

use crate::world::World;

const PAGE: &str = include_str!("../../../../docs/reference/simulator.md");

#[tokio::test]
async fn the_page_has_every_setting_and_every_refusal() {
    let world = World::start(|settings| settings.control = true).await;
    let settings = world.control("GET", "/control/settings", None).await.body;
    for name in settings
        .as_object()
        .unwrap()
        .keys()
        .chain(settings["throttle"].as_object().unwrap().keys())
    {
        assert!(PAGE.contains(&format!("`{name}`")), "setting {name}");
    }
    let catalogue = world.control("GET", "/control/catalogue", None).await.body;
    for row in ["graph", "token"]
        .iter()
        .flat_map(|part| catalogue[*part].as_array().unwrap())
    {
        let line = format!(
            "| `{}` | {} | `{}` |",
            row["name"].as_str().unwrap(),
            row["status"],
            row["code"].as_str().unwrap()
        );
        assert!(PAGE.contains(&line), "{line}");
    }
    for row in catalogue["responses"].as_array().unwrap() {
        let line = format!(
            "| `{}` | {} |",
            row["name"].as_str().unwrap(),
            row["about"].as_str().unwrap()
        );
        assert!(PAGE.contains(&line), "{line}");
    }
    let index = world.control("GET", "/control", None).await.body;
    for address in index.as_object().unwrap().keys() {
        if let Some((_, path)) = address.split_once("/_sim/control/") {
            let path = path.split("/{id}").next().unwrap();
            assert!(PAGE.contains(&format!("/{path}")), "{address}");
        }
    }
}

#[tokio::test]
async fn every_effect_of_the_page_is_understood() {
    let world = World::start(|settings| settings.control = true).await;
    let table = PAGE
        .split("| `do` |")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let mut effects = 0;
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let name = line.split('`').nth(1).unwrap();
        let mut effect = json!({"do": name});
        match name {
            "answer" => effect["error"] = json!("throttled"),
            "status" => effect["status"] = json!(500),
            "content_type" => effect["value"] = json!("text/plain"),
            "cut" => effect["bytes"] = json!(10),
            "delay" => effect["ms"] = json!(1),
            "wrong_response" => effect["name"] = json!("expired"),
            _ => {}
        }
        world
            .order(
                "POST",
                "/faults",
                json!({"operation": "GET /groups", "effect": effect}),
            )
            .await;
        effects += 1;
    }
    assert_eq!(world.simulator.faults().len(), effects);
    assert_eq!(effects, 16);
    let example = PAGE
        .split("```json\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    world
        .order("POST", "/faults", serde_json::from_str(example).unwrap())
        .await;
}

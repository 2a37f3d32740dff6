//! One person now, and a mistake taken back.

use super::world::World;
use serde_json::json;

#[test]
fn one_person_is_provisioned_now_with_each_step_shown_also_while_the_connection_is_off() {
    let world = World::new("");
    let ada = world.person("ada");
    world.person("bob");
    world.run("connection off app");
    let done = world.hub.json("provision app ada@contoso.example");
    assert_eq!(done["outcome"], "success");
    let names: Vec<&str> = done["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["import", "scope", "match", "mapping", "action"]);
    assert!(world.is_active("ada") && world.account("bob").is_none());
    let again = world.run("provision app ada@contoso.example");
    assert!(again.contains("5. action"), "{again}");

    // Who has left the directory can still be seen through.
    assert_eq!(world.source.delete(&format!("/Users/{ada}")).status, 204);
    let gone = world.hub.json("provision app ada@contoso.example");
    assert_eq!(gone["outcome"], "success", "{gone}");
    assert_eq!(gone["steps"].as_array().unwrap().len(), 5, "{gone}");
    assert!(!world.is_active("ada"));
}

#[test]
fn a_group_comes_with_the_members_that_are_chosen() {
    let world = World::new("");
    let (ada, bob) = (world.person("ada"), world.person("bob"));
    world.group("Sales", &[&ada, &bob]);
    let done = world.hub.json("provision app Sales --member ada@contoso.example");
    assert_eq!(done["outcome"], "success", "{done}");
    assert!(world.is_active("ada") && world.account("bob").is_none());
    let filter = "/Groups?filter=displayName+eq+%22Sales%22";
    let group = world.target.read(filter)["Resources"][0].clone();
    assert_eq!(group["members"].as_array().unwrap().len(), 1, "{group}");
    let refused = world
        .hub
        .run("provision app ada@contoso.example --member bob@contoso.example");
    assert!(
        refused.contains("PRV-DEMAND-MEMBERS") && refused.ends_with("exit 1"),
        "{refused}"
    );
}

#[test]
fn what_a_cycle_switched_off_is_taken_back_with_its_memberships() {
    let world = World::new("--assigned");
    let ada = world.person("ada");
    world.group("Sales", &[&ada]);
    world.run("assign app Sales");
    world.run("cycle run app");
    world.run("unassign app Sales --yes");
    world.run("cycle run app");
    assert!(!world.is_active("ada"));
    let cycle = world.hub.json("cycle list app")[0]["key"].as_i64().unwrap();
    let refused = world.hub.run(&format!("undo {cycle}"));
    assert!(
        refused.contains("not done without a yes") && refused.ends_with("exit 1"),
        "{refused}"
    );
    let undone = world.hub.json(&format!("undo {cycle} --yes"));
    assert_eq!(
        (&undone["enabled"], &undone["failed"]),
        (&json!(1), &json!(0)),
        "{undone}"
    );
    assert!(world.is_active("ada"));
    // The reason still holds, so the next cycle asks.
    world.run("cycle run app");
    assert!(world.is_active("ada"));
    let nothing = world.hub.run("undo 1 --yes");
    assert!(nothing.contains("there is no cycle 1"), "{nothing}");
}

use super::world::World;
use insta::assert_snapshot;
use serde_json::Value;

/// A saved plan's id.
fn saved(world: &World) -> String {
    world.hub.json("plan app --save")["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A command that another user of the machine runs.
fn as_other(world: &World, words: &str) -> String {
    world.hub.shown(world.hub.command(words).env("USER", "second"))
}

#[test]
fn a_kept_plan_is_read_exported_and_carried_out_exactly() {
    let world = World::new("--mode manual");
    world.person("ada");
    let id = saved(&world);
    let shown = world.run(&format!("plan show {id}"));
    assert!(shown.contains("create ada"), "{shown}");
    assert!(shown.contains("ada@contoso.example"), "{shown}");
    let export = world.hub.command(&format!("plan export {id}")).output().unwrap();
    let lines: Vec<Value> = String::from_utf8(export.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["name"], "ada");
    assert_eq!(lines[0]["action"], "create");
    world.run(&format!("apply {id}"));
    assert!(world.is_active("ada"));
    let again = world.hub.run(&format!("apply {id}"));
    assert!(
        again.contains("cannot be used: it is applied") && again.ends_with("exit 1"),
        "{again}"
    );
    assert_eq!(world.hub.json("plan list app")["plans"][0]["state"], "applied");
}

#[test]
fn a_plan_is_refused_with_what_moved() {
    let world = World::new("--mode manual");
    let ada = world.person("ada");
    let id = saved(&world);
    world.source.patch(
        &format!("/Users/{ada}"),
        serde_json::json!([{"op": "replace", "path": "displayName", "value": "Ada L."}]),
    );
    let refused = world.hub.run(&format!("apply {id}"));
    assert!(
        refused.contains("does not fit any more") && refused.contains("displayName"),
        "{refused}"
    );
    assert!(world.account("ada").is_none());
}

#[test]
fn what_a_rule_wants_approved_needs_another_person() {
    let world = World::new("--mode manual");
    world.person("ada");
    let mut rules = world.hub.json("rule list app");
    rules[0]["approval"] = "always".into();
    world.hub.write("rules.json", &rules.to_string());
    world.run("rule set app --file rules.json --yes");
    let id = saved(&world);
    let refused = world.hub.run(&format!("apply {id}"));
    assert!(
        refused.contains("has to be approved by a second person"),
        "{refused}"
    );
    let refused = world.hub.run(&format!("plan approve {id}"));
    assert!(
        refused.contains("PRV-PLAN-SAME-PERSON") && refused.ends_with("exit 1"),
        "{refused}"
    );
    let approved = as_other(&world, &format!("plan approve {id}"));
    assert!(approved.ends_with("exit 0"), "{approved}");
    world.run(&format!("apply {id}"));
    assert!(world.is_active("ada"));
}

#[test]
fn a_plan_with_rules_of_a_file_saves_them_when_it_is_applied() {
    let world = World::new("--mode manual");
    world.person("ada");
    world.run("cycle run app");
    let mut rules = world.hub.json("rule list app");
    let mappings = rules[0]["mappings"].as_array_mut().unwrap();
    mappings.push(serde_json::json!({"target": "nickName", "constant": "nick"}));
    world.hub.write("rules.json", &rules.to_string());
    let plan = world.hub.json("plan app --save --rules rules.json");
    assert_eq!(plan["steps"], 1);
    assert_eq!(world.account("ada").unwrap().get("nickName"), None);
    world.run(&format!("apply {}", plan["id"].as_str().unwrap()));
    assert_eq!(world.account("ada").unwrap()["nickName"], "nick");
    assert_eq!(
        world.hub.json("rule list app")[0]["mappings"],
        rules[0]["mappings"]
    );
}

#[test]
fn the_quick_look_keeps_nothing() {
    let world = World::new("");
    world.person("ada");
    assert_snapshot!(world.hub.run("plan app"), @r#"
    The next cycle of "app" (initial) would do:

    RULE    ACTION  STEPS
    people  create      1

    FIRST STEPS  OBJECT  MEMBER
    create       ada
    exit 0
    "#);
    assert_snapshot!(world.hub.run("plan list app"), @r#"
    No plan is kept. `provost plan "app" --save` keeps one.
    exit 0
    "#);
    assert_snapshot!(world.hub.run("plan show 00000000-0000-7000-8000-000000000000"), @r"
    --- stderr
    error: there is no plan ID
    hint: `provost plan list CONNECTION` shows the kept plans with their ids.
    exit 1
    ");
}

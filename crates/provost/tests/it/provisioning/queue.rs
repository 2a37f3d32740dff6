//! What waits: held steps, protected people, drift, links, retries.

use super::world::World;
use insta::assert_snapshot;
use serde_json::json;

/// So many people, provisioned; their ids.
fn provisioned(world: &World, many: usize) -> Vec<String> {
    let ids = (0..many).map(|n| world.person(&format!("u{n}"))).collect();
    world.run("cycle run app");
    ids
}

#[test]
fn held_removals_are_decided_one_by_one_or_together() {
    let world = World::new("");
    world.run("connection guard app minimum=0 percent=1 per_day_percent=1");
    let ids = provisioned(&world, 4);
    for id in &ids[..3] {
        world.deactivate(id);
    }
    world.run("cycle run app");
    let staged = world.hub.json("staged list app");
    assert_eq!(staged.as_array().unwrap().len(), 3);
    assert_eq!(staged[0]["why"], "guard");
    assert_eq!(world.hub.json("connection show app")["state"], "held");
    let key = staged[0]["key"].as_i64().unwrap();
    let first = staged[0]["object"].as_str().unwrap().to_owned();
    world.run(&format!("staged approve app --step {key}"));
    world.run("cycle run app");
    assert!(!world.is_active(&first));
    assert_eq!(world.hub.json("staged list app").as_array().unwrap().len(), 2);
    world.run("staged reject app --all");
    world.run("cycle run app");
    let active = (0..3).filter(|n| world.is_active(&format!("u{n}"))).count();
    assert_eq!(active, 2);
    assert_snapshot!(world.hub.run("staged approve app --step 99"), @r#"
    --- stderr
    error: "app" has no staged step 99; none was decided
    hint: It may have been carried out: `provost staged list "app"` shows what is held.
    exit 1
    "#);
    assert_snapshot!(world.hub.run("staged approve app"), @r"
    --- stderr
    error: the following required arguments were not provided:
      <--plan <DIGEST>|--step <KEY>|--all>

    Usage: provost staged approve --data <DIR> <--plan <DIGEST>|--step <KEY>|--all> <NAME>

    For more information, try '--help'.
    exit 2
    ");
}

#[test]
fn who_is_protected_is_removed_only_after_a_decision() {
    let world = World::new("");
    let ids = provisioned(&world, 2);
    assert_snapshot!(world.hub.run("protect add u0@contoso.example --reason director"), @r"
    Protected in every connection: u0. Each removal waits for a decision: provost staged list CONNECTION
    exit 0
    ");
    world.deactivate(&ids[0]);
    world.deactivate(&ids[1]);
    world.run("cycle run app");
    assert!(world.is_active("u0") && !world.is_active("u1"));
    assert_eq!(world.hub.json("staged list app")[0]["why"], "protected");
    let key = world.hub.json("protect list")[0]["key"].as_i64().unwrap();
    world.run("staged approve app --all");
    world.run("cycle run app");
    assert!(!world.is_active("u0"));
    assert_snapshot!(world.hub.run(&format!("protect remove {key}")).replace(&key.to_string(), "KEY"), @r"
    The protection KEY has ended.
    exit 0
    ");
    assert_snapshot!(world.hub.run("protect list"), @r"
    Nobody is protected.
    exit 0
    ");
}

#[test]
fn links_are_found_broken_and_made() {
    let world = World::new("");
    provisioned(&world, 2);
    let links = world.hub.json("link list app --find u0");
    let target = links["links"][0]["target_id"].as_str().unwrap().to_owned();
    let other = world.hub.json("link list app --find u1")["links"][0]["target_id"].clone();
    world.run("link unlink app u0@contoso.example --yes");
    assert_eq!(
        world.hub.json("link list app")["links"].as_array().unwrap().len(),
        1
    );
    let taken = world.hub.run(&format!(
        "link relink app u0@contoso.example {} --yes",
        other.as_str().unwrap()
    ));
    assert!(
        taken.contains("PRV-LINK-TAKEN") && taken.ends_with("exit 1"),
        "{taken}"
    );
    let absent = world.hub.run("link relink app u0@contoso.example nothing --yes");
    assert!(
        absent.contains("PRV-LINK-ABSENT") && absent.ends_with("exit 1"),
        "{absent}"
    );
    world.run(&format!("link relink app u0@contoso.example {target} --yes"));
    assert_eq!(
        world.hub.json("link show app u0@contoso.example")[0]["target_id"],
        target.as_str()
    );
    // Without a match to find, an unlinked account would be made a second time.
    world.run("link unlink app u0@contoso.example --yes");
    world.run("cycle run app");
    assert_eq!(
        world.hub.json("link show app u0@contoso.example")[0]["target_id"],
        target.as_str()
    );
}

#[test]
fn what_was_changed_in_the_target_is_listed_accepted_and_repaired() {
    let world = World::new("");
    provisioned(&world, 1);
    let mut rules = world.hub.json("rule list app");
    for mapping in rules[0]["mappings"].as_array_mut().unwrap() {
        if mapping["target"] == "displayName" {
            mapping["drift"] = "report".into();
        }
    }
    world.hub.write("rules.json", &rules.to_string());
    world.run("rule set app --file rules.json --yes");
    world.run("cycle run app");
    let id = world.account("u0").unwrap()["id"].as_str().unwrap().to_owned();
    let change = |value: &str| {
        let operation = json!([{"op": "replace", "path": "displayName", "value": value}]);
        world.target.patch(&format!("/Users/{id}"), operation);
        world.run("cycle run app --mode reconcile");
    };
    change("Changed");
    let drift = world.hub.json("drift list app");
    assert_eq!(drift["drift"][0]["attribute"], "displayName");
    assert_eq!(
        (&drift["drift"][0]["expected"], &drift["drift"][0]["found"]),
        (&json!("u0"), &json!("Changed"))
    );
    world.run("drift accept app u0@contoso.example");
    world.run("cycle run app --mode reconcile");
    assert_eq!(world.hub.json("drift list app")["drift"], json!([]));
    assert_eq!(world.account("u0").unwrap()["displayName"], "Changed");
    change("Changed again");
    world.run("drift repair app u0@contoso.example --attribute displayName");
    world.run("cycle run app");
    assert_eq!(world.account("u0").unwrap()["displayName"], "u0");
}

#[test]
fn what_nobody_owns_is_discovered() {
    let world = World::new("--assigned");
    world.person("ada");
    let body = |name: &str| json!({"schemas": [crate::service::http::USER], "userName": format!("{name}@contoso.example")});
    world.target.post("/Users", &body("ada"));
    world.target.post("/Users", &body("stranger"));
    let found = world.hub.json("discover app");
    assert_eq!((&found["local"], &found["unassigned"]), (&json!(1), &json!(1)));
    let unowned = world.hub.json("unowned app --sort local");
    assert_eq!(unowned["unowned"].as_array().unwrap().len(), 1);
    assert_eq!(
        world.hub.json("unowned app")["unowned"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn a_failing_person_waits_and_is_tried_again_when_asked() {
    let world = World::new("");
    let ada = world.person("ada");
    // Without a name the application refuses the account.
    let rule = json!([{
        "name": "people", "object": "person", "matching": [{"target": "externalId", "precedence": 1}],
        "mappings": [{"target": "externalId", "direct": "id"}, {"target": "displayName", "direct": "displayName"}]
    }]);
    world.hub.write("rules.json", &rule.to_string());
    world.run("rule set app --file rules.json --yes");
    world.run("cycle run app");
    let waiting = world.hub.json("retry list app");
    assert_eq!(waiting["waiting"][0]["object"], "ada");
    assert_eq!(waiting["waiting"][0]["attempts"], 1);
    assert_eq!(world.hub.json("connection show app")["waiting"], 1);
    assert_eq!(
        world.hub.json("retry now app --person ada@contoso.example")["steps"],
        1
    );
    assert_eq!(
        world.hub.json("retry list app --find nothing")["waiting"],
        json!([])
    );
    let _ = ada;
}

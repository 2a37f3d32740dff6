use super::world::World;
use insta::assert_snapshot;
use std::time::{Duration, Instant};

const ONLY_ADA: &str = r#"
name = "people"
object = "person"
matching = [{ target = "userName", precedence = 1 }]
mappings = [
    { target = "userName", direct = "userName" },
    { target = "active", expression = 'Not([IsSoftDeleted])', kind = "boolean" },
]
[[scope.filters]]
name = "only ada"
clauses = [{ attribute = "userName", operator = "EQUALS", value = "ada@contoso.example" }]
"#;

/// Both are provisioned.
fn both() -> World {
    let world = World::new("");
    world.person("ada");
    world.person("bob");
    world.run("cycle run app");
    assert!(world.is_active("ada") && world.is_active("bob"));
    world
}

#[test]
fn a_rule_shows_who_leaves_before_it_is_saved() {
    let world = both();
    world.hub.write("rule.toml", ONLY_ADA);
    assert_snapshot!(world.hub.run("rule set app --file rule.toml"), @r"
    --- stderr
    1 leaves:
      bob

    WOULD BE DONE  STEPS
    disable            1
    error: not done without a yes: 1 person or group would leave. Save this?
    hint: Say --yes when that is what you want; nothing was changed.
    exit 1
    ");
    world.run("cycle run app");
    assert!(world.is_active("bob"), "nothing was saved");
    assert_snapshot!(world.hub.run("rule set app --file rule.toml --yes"), @r#"
    Saved: people. `provost plan "app"` shows what changes.
    --- stderr
    1 leaves:
      bob

    WOULD BE DONE  STEPS
    disable            1
    exit 0
    "#);
    world.run("cycle run app");
    assert!(world.is_active("ada") && !world.is_active("bob"));
}

#[test]
fn a_matching_attribute_that_the_target_cannot_look_for_is_refused() {
    let world = both();
    // From now on the application refuses to look for anything but a few attributes.
    let set = world
        .application
        .run("provider set Source --sheet template:connecter");
    assert!(set.ends_with("exit 0"), "{set}");
    let began = Instant::now();
    while world.target.get("/Users?filter=displayName+eq+%22x%22").status == 200 {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "the application still looks for names"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    let rule = ONLY_ADA.replace(
        "target = \"userName\", precedence",
        "target = \"displayName\", precedence",
    );
    let rule = rule.replace(
        "mappings = [",
        "mappings = [\n    { target = \"displayName\", direct = \"displayName\" },",
    );
    world.hub.write("rule.toml", &rule);
    let said = world.hub.run("rule set app --file rule.toml --yes");
    assert!(
        said.contains("the target cannot look for a matching attribute"),
        "{said}"
    );
    assert!(said.contains("--offline") && said.ends_with("exit 1"), "{said}");
    world.run("rule set app --file rule.toml --yes --offline");
}

#[test]
fn a_rule_is_switched_off_and_on_and_removed_without_touching_an_account() {
    let world = both();
    assert_snapshot!(world.hub.run("rule off app people --yes"), @r#"
    The rule "people" of "app" is off.
    --- stderr
    2 leave:
      ada
      bob

    Nothing would be written: the accounts stay as they are.
    exit 0
    "#);
    world.person("eve");
    world.run("cycle run app");
    assert!(world.account("eve").is_none() && world.is_active("bob"));
    assert_snapshot!(world.hub.run("rule on app people --yes"), @r#"
    The rule "people" of "app" is on.
    --- stderr
    3 enter:
      ada
      bob
      eve

    WOULD BE DONE  STEPS
    create             1
    exit 0
    "#);
    world.run("cycle run app");
    assert!(world.is_active("eve"));
    assert_snapshot!(world.hub.run("rule remove app people --yes"), @r#"
    The rule "people" of "app" is removed; its accounts stay in the target as they are.
    --- stderr
    3 leave:
      ada
      bob
      eve

    Nothing would be written: the accounts stay as they are.
    exit 0
    "#);
    world.run("cycle run app");
    assert!(world.is_active("bob"));
    assert_snapshot!(world.hub.run("rule remove app peeple --yes"), @r#"
    --- stderr
    error: "app" has no rule "peeple"
    hint: `provost rule list "app"` shows what there is.
    exit 1
    "#);
}

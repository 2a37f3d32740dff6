use super::world::World;
use insta::assert_snapshot;
use serde_json::{Value, json};

/// The rule for people only means employees.
fn narrowed(rule: &mut Value) {
    rule["scope"] = json!({"filters": [{"clauses": [{"attribute": "userType", "operator": "EQUALS", "value": "Employee"}]}]});
}

#[test]
fn a_rule_is_counted_before_it_is_switched_on_and_everybody_is_confirmed() {
    let world = World::new();
    world.person("ada", json!({"userType": "Employee"}));
    world.person("ben", json!({}));
    let made = world.run(&world.add("m365 --mode manual"));
    assert!(
        made.contains("The rule \"people\" is switched off: PRV-RULE-EVERYONE"),
        "{made}"
    );
    assert_snapshot!(world.run("rule count m365 people"), @r#"
    The rule "people" means 2 of 2 people.
      ada
      ben
    exit 0
    "#);
    assert_snapshot!(world.say("rule count m365"), @r"
    --- stderr
    error: there are 2 rules
    hint: Name one of them: people, groups
    exit 1
    ");
    assert_snapshot!(world.say("rule on m365 people"), @r#"
    --- stderr
    2 enter:
      ada
      ben

    WOULD BE DONE  STEPS
    create             2
    error: not done without a yes: The rule "people" means everybody in the directory: 2 people (PRV-RULE-EVERYONE). Go on?
    hint: Say --yes when that is what you want; nothing was changed.
    exit 1
    "#);
    let saved = world.save_rule("people", "", narrowed);
    assert!(saved.ends_with("exit 0"), "{saved}");
    assert_eq!(
        world.place.json("rule count m365 people")["names"],
        json!(["ada"])
    );
    assert_snapshot!(world.say("rule on m365 people"), @r#"
    The rule "people" of "m365" is on.
    --- stderr
    1 enters:
      ada

    WOULD BE DONE  STEPS
    create             1
    exit 0
    "#);
}

#[test]
fn a_password_for_everybody_is_entered_checked_and_seen_nowhere() {
    let world = World::ready(&["ada"]);
    let sealed = |rule: &mut Value| {
        let mappings = rule["mappings"].as_array_mut().unwrap();
        let password = mappings
            .iter_mut()
            .find(|one| one["target"] == "passwordProfile.password");
        *password.unwrap() =
            json!({"target": "passwordProfile.password", "secret": "password", "apply": "on_create"});
    };
    let missing = world.save_rule("people", "--yes", sealed);
    assert_snapshot!(missing, @r#"
    --- stderr
    error: the rule "people" has a password that nobody has entered yet
    hint: Give it: --password-env VARIABLE or --password-stdin. Or have one made for each person: `generated = true`.
    exit 1
    "#);
    let words = "rule set m365 --file rule.json --password-env WORD --yes";
    let weak = world.say_with(words, "WORD", "Summer2026");
    assert!(
        weak.contains("PRV-PASSWORD-WEAK") && !weak.contains("Summer2026"),
        "{weak}"
    );
    let good = "vK7#qTz9!mLw2xRb";
    let saved = world.say_with(words, "WORD", good);
    assert!(saved.ends_with("exit 0") && !saved.contains(good), "{saved}");
    assert_eq!(
        world.place.json("connection show m365")["secrets"][1]["name"],
        "password.people"
    );
    // Kept already: it need not be entered again.
    let again = world.save_rule("people", "--yes", |_| {});
    assert!(again.ends_with("exit 0"), "{again}");
    let needless = world.save_rule("groups", "--yes --password-env SECRET", |_| {});
    assert!(
        needless.contains("error: no rule of the file has a password that is entered"),
        "{needless}"
    );
    world.run("cycle run m365");
    assert!(world.account("ada").is_some());
    for words in [
        "rule show m365 people",
        "audit list",
        "explain ada@contoso.example",
        "config export m365",
    ] {
        assert!(!world.say(words).contains(good), "{words}");
    }
    let without = world.save_rule("people", "--yes", |rule| {
        rule["mappings"]
            .as_array_mut()
            .unwrap()
            .retain(|one| one["target"] != "passwordProfile.password");
    });
    assert!(
        without.contains("PRV-RULE-PASSWORD") && without.ends_with("exit 1"),
        "{without}"
    );
}

#[test]
fn a_rule_goes_with_its_accounts_once_its_name_was_typed() {
    let world = World::ready(&["ada", "ben"]);
    world.run("cycle run m365");
    world.run("connection preferences m365 allowed.deprovision_on_rule_deletion=true");
    assert_snapshot!(world.say("rule remove m365 people"), @r#"
    --- stderr
      ada
      ben
    error: not done without its name: With the rule "people" the accounts of 2 people and groups are disabled.
    hint: Say --confirm "people" when that is what you want; nothing was changed.
    exit 1
    "#);
    let wrong = world.say("rule remove m365 people --confirm groups");
    assert!(
        wrong.contains("error: \"groups\" is not the name \"people\"") && wrong.ends_with("exit 1"),
        "{wrong}"
    );
    assert_eq!(world.account("ada").unwrap()["accountEnabled"], true);
    assert_snapshot!(world.run("rule remove m365 people --confirm people"), @r#"
    The rule "people" of "m365" is removed. The accounts of 2 people and groups were disabled.
    --- stderr
      ada
      ben
    exit 0
    "#);
    for name in ["ada", "ben"] {
        assert_eq!(world.account(name).unwrap()["accountEnabled"], false);
    }
    assert_eq!(world.place.json("rule list m365").as_array().unwrap().len(), 1);
}

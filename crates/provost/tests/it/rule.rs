use crate::run::Place;
use insta::assert_snapshot;

fn with_connection() -> Place {
    let place = Place::installed();
    let words = "connection add app --connector scim --untested --setting url=https://app.contoso.example --secret-env token=T";
    let made = place.shown(place.command(words).env("T", "x"));
    assert!(made.ends_with("exit 0"), "{made}");
    place
}

fn set(place: &Place, file: &str, text: &str) -> String {
    place.write(file, text);
    place.run(&format!("rule set app --file {file} --offline --yes"))
}

const RULE: &str = r#"
name = "people"
object = "person"
matching = [{ target = "userName", precedence = 1 }]
mappings = [
    { target = "userName", direct = "userName" },
    { target = "displayName", expression = 'Join(" ", [name.givenName], [name.familyName])' },
]
"#;

#[test]
fn every_mistake_is_shown_at_once_with_a_caret_under_the_character() {
    let text = r#"{"name": "people", "object": "person", "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [
            {"target": "userName", "direct": "userName"},
            {"target": "displayName", "expression": "Jion(\" \", [name.givenName], [name.familyName])"},
            {"target": "title", "expression": "ToUpper([title]"}
        ]}"#;
    let place = with_connection();
    assert_snapshot!(set(&place, "rules.json", text), @r#"
    --- stderr
    error: the rules in rules.json have 2 mistakes

    rule "people", mapping of "displayName": there is no function Jion
     --> displayName:1:1
      |
    1 | Jion(" ", [name.givenName], [name.familyName])
      | ^^^^
      did you mean Join?

    rule "people", mapping of "title": a comma or a closing parenthesis is missing, but the text ends
     --> title:1:16
      |
    1 | ToUpper([title]
      |                ^
      an expression is a call, [attribute], "text" or number

    hint: Nothing was saved. Correct the file and run the command again.
    exit 1
    "#);
    assert_snapshot!(place.run("rule list app"), @r"
    No rule yet. `provost rule set CONNECTION --file rules.toml` saves some.
    exit 0
    ");
}

#[test]
fn a_file_that_cannot_be_read_is_shown_at_its_line() {
    let place = with_connection();
    assert_snapshot!(set(&place, "rules.json", "{\"name\": \"people\",\n \"objct\": \"person\"}"), @r#"
    --- stderr
    error: the rules in rules.json cannot be read: unknown field `objct`, expected one of `name`, `object`, `scope`, `matching`, `mappings`, `actions`, `remove`, `leaver`, `delete_after_days`, `approval`, `vanished`, `removing`, `enabled`
     --> rules.json:2:3
      |
    2 |  "objct": "person"}
      |   ^^^^^
    hint: Nothing was saved. Correct the file and run the command again.
    exit 1
    "#);
    assert_snapshot!(set(&place, "rules.json", "{\"name\": \"people\""), @r#"
    --- stderr
    error: the rules in rules.json cannot be read: EOF while parsing an object
     --> rules.json:1:17
      |
    1 | {"name": "people"
      |                 ^
    hint: Nothing was saved. Correct the file and run the command again.
    exit 1
    "#);
    assert_snapshot!(set(&place, "rules.toml", &RULE.replace("person", "persn")), @r#"
    --- stderr
    error: the rules in rules.toml cannot be read: unknown variant `persn`, expected `person` or `group`
     --> rules.toml:3:10
      |
    3 | object = "persn"
      |          ^^^^^^^
    hint: Nothing was saved. Correct the file and run the command again.
    exit 1
    "#);
    assert_snapshot!(set(&place, "rules.toml", "rule = []"), @r"
    --- stderr
    error: rules.toml holds no rule
    hint: Write one, or several under `rule`.
    exit 1
    ");
    assert_snapshot!(place.run("rule set app --file nowhere.toml"), @r"
    --- stderr
    error: cannot read the rules nowhere.toml
    because: No such file or directory (os error 2)
    exit 1
    ");
}

#[test]
fn a_rule_is_saved_from_either_form_and_replaced_by_its_name() {
    let place = with_connection();
    assert_snapshot!(set(&place, "rules.toml", RULE), @r#"
    Saved: people. `provost plan "app"` shows what changes.
    --- stderr
    Nobody enters and nobody leaves.

    Nothing would be written.
    exit 0
    "#);
    let saved = place.json("rule list app");
    place.write("rules.json", &format!("{{\"rule\": {saved}}}"));
    assert_eq!(
        place.json("rule set app --file rules.json --offline --yes")["saved"][0],
        "people"
    );
    assert_eq!(place.json("rule list app"), saved);
}

#[test]
fn a_rule_about_what_the_application_of_the_template_does_not_have_is_refused() {
    let place = Place::installed();
    let add = "connection add app --template connecter --untested --setting url=https://app.contoso.example --secret-env token=T";
    let made = place.shown(place.command(add).env("T", "x"));
    assert!(made.ends_with("exit 0"), "{made}");
    let before = place.json("rule list app");
    let groups = r#"
name = "groups"
object = "group"
matching = [{ target = "displayName", precedence = 1 }]
mappings = [{ target = "displayName", direct = "displayName" }]
"#;
    let refused = set(&place, "groups.toml", groups);
    assert!(
        refused.contains("PRV-RULE-KIND") && refused.contains("takes people only"),
        "{refused}"
    );
    assert!(refused.ends_with("exit 1"), "{refused}");
    assert_eq!(place.json("rule list app"), before, "nothing was saved");
    let people = set(&place, "people.toml", RULE);
    assert!(people.ends_with("exit 0"), "{people}");
}

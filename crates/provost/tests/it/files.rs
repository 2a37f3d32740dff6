//! Connections as files: exported, compared, planned, applied, rolled back.

use crate::run::Place;
use serde_json::{Value, json};

/// A connection whose application is never called.
fn with_connection() -> Place {
    let place = Place::installed();
    let words = "connection add app --template scim --untested --setting url=https://app.contoso.example --secret-env token=T";
    let made = place.shown(place.command(words).env("T", "hush-hush"));
    assert!(made.ends_with("exit 0"), "{made}");
    let off = place.run("connection off app");
    assert!(off.ends_with("exit 0"), "{off}");
    place
}

fn read(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.beside(name)).unwrap()
}

fn differences(place: &Place, words: &str) -> Vec<String> {
    let answer = place.json(words);
    let places = answer["differences"].as_array().unwrap();
    places
        .iter()
        .map(|one| one["place"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_is_exported_differs_in_nothing_and_holds_no_secret() {
    let place = with_connection();
    let written = place.run("config export --folder files");
    assert!(
        written.contains("files/app.toml") && written.ends_with("exit 0"),
        "{written}"
    );
    let text = read(&place, "files/app.toml");
    assert!(
        text.contains("[[rule]]\nname = \"people\"\n") && !text.contains("hush"),
        "{text}"
    );
    let same = place.run("config diff files");
    assert_eq!(same, "\"app\" is as the file says.\nexit 0");
    assert_eq!(
        place.run("config export app"),
        format!("{}\nexit 0", text.trim_end())
    );
}

#[test]
fn a_changed_file_is_shown_planned_applied_and_taken_back() {
    let place = with_connection();
    place.run("config export --folder files");
    let text = read(&place, "files/app.toml");
    let changed = text
        .replace(
            "{ target = \"title\", direct = \"title\", null = \"clear\" }",
            "{ target = \"title\", constant = \"Clerk\" }",
        )
        .replace(
            "connector = \"scim\"\n",
            "connector = \"scim\"\n\n[guard]\nlimit = 20\n",
        );
    assert_ne!(text, changed);
    place.write("files/app.toml", &changed);

    let diff = place.run("config diff files/app.toml");
    assert!(
        diff.contains("guard, limit\n    + 20") && diff.contains("mappings \"title\", constant"),
        "{diff}"
    );
    assert!(diff.ends_with("exit 1"), "{diff}");
    let plan = place.run("config plan files/app.toml");
    assert!(
        plan.contains("Nobody enters and nobody leaves.") && plan.ends_with("exit 0"),
        "{plan}"
    );

    let applied = place.json("config apply files/app.toml --note trial");
    assert_eq!(applied[0]["state"], "changed");
    assert_eq!(place.json("config apply files/app.toml")[0]["state"], "unchanged");
    let versions = place.json("config versions app");
    assert_eq!(versions[0]["note"], "trial");
    let newest = versions[0]["version"].as_i64().unwrap();
    let places = differences(&place, &format!("config compare app {} {newest}", newest - 1));
    assert!(places.contains(&"guard, limit".to_owned()), "{places:?}");

    let back = place.run(&format!("config roll-back app {}", newest - 1));
    assert!(back.ends_with("exit 0"), "{back}");
    place.write("files/app.toml", &text);
    assert!(place.run("config diff files").ends_with("exit 0"));
    assert_eq!(place.json("config versions app")[0]["version"], json!(newest + 1));
    let unknown = place.run("config roll-back app 99");
    assert!(
        unknown.contains("\"app\" has no version 99") && unknown.ends_with("exit 1"),
        "{unknown}"
    );
}

#[test]
fn a_file_without_its_connection_makes_it() {
    let place = with_connection();
    place.run("config export --folder files");
    let text = read(&place, "files/app.toml").replace("connection = \"app\"", "connection = \"second\"");
    place.write("second.toml", &text);
    let plan = place.run("config plan second.toml");
    assert!(plan.contains("\"second\" would be made, with 2 rules."), "{plan}");
    let without = place.run("config apply second.toml");
    assert!(
        without.contains("token") && without.ends_with("exit 1"),
        "the secret is missing: {without}"
    );
    let made = place.shown(
        place
            .command("config apply second.toml --secret-env token=T")
            .env("T", "x"),
    );
    assert_eq!(made, "\"second\": made\nexit 0");
    assert!(place.run("config diff second.toml").ends_with("exit 0"));
}

#[test]
fn mistakes_of_a_file_are_shown_where_they_are_and_nothing_is_saved() {
    let place = with_connection();
    place.run("config export --folder files");
    let text = read(&place, "files/app.toml");
    place.write(
        "wrong.toml",
        &text.replace("Not([IsSoftDeleted])", "Nott([IsSoftDeleted])"),
    );
    let said = place.run("config apply wrong.toml");
    assert!(
        said.contains("there is no function Nott") && said.contains("^^^^") && said.ends_with("exit 1"),
        "{said}"
    );
    place.write(
        "wrong.toml",
        &text.replace("connector = \"scim\"", "connector = \"graph\""),
    );
    let said = place.run("config apply wrong.toml");
    assert!(
        said.contains("says the connector graph, but \"app\" speaks scim"),
        "{said}"
    );
    place.write("wrong.toml", &format!("{text}\n[extra]\nx = 1\n"));
    assert!(
        place
            .run("config diff wrong.toml")
            .contains("unknown field `extra`")
    );
    assert!(
        place.run("config diff files").ends_with("exit 0"),
        "nothing was saved"
    );
}

#[test]
fn a_schema_of_entra_is_taken_over_planned_and_given_back_unchanged() {
    const SCHEMA: &str = include_str!("../../../provost-engine/tests/it/entra_schema.json");
    let place = with_connection();
    place.write("schema.json", SCHEMA);
    let checked = place.json("entra check schema.json");
    assert!(checked["rules"].as_array().unwrap().len() >= 2, "{checked}");
    let saved = place.json("entra import app schema.json");
    assert_eq!(
        saved["saved"].as_array().unwrap().len(),
        checked["rules"].as_array().unwrap().len()
    );
    let plan = place.run("plan app");
    assert!(plan.ends_with("exit 0"), "{plan}");
    place.json("entra export app --file back.json");
    let (before, after): (Value, Value) = (
        serde_json::from_str(SCHEMA).unwrap(),
        serde_json::from_str(&read(&place, "back.json")).unwrap(),
    );
    assert_eq!(before, after);
    let wrong = place.run("entra check data/provost.toml");
    assert!(
        wrong.contains("cannot be taken over") && wrong.ends_with("exit 1"),
        "{wrong}"
    );
}

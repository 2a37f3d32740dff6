//! A file drives the directory.

use crate::run::Place;
use serde_json::Value;

fn with_source() -> Place {
    let place = Place::installed();
    place.run("provider add HR");
    place.write(
        "source.toml",
        r#"
anchor = "Number"
[rule]
name = "People"
object = "person"
matching = [{ target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", precedence = 1 }]
mappings = [
    { target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", direct = "Number" },
    { target = "userName", expression = 'ToLower(Join("", [First], ".", [Last], "@contoso.example"))' },
    { target = "name.givenName", direct = "First" },
    { target = "name.familyName", direct = "Last" },
    { target = "title", direct = "Title", null = "clear" },
    { target = "active", expression = 'IIF([Leaves]="", "True", "False")', kind = "boolean" },
]
"#,
    );
    let set = place.run("import source set HR --file source.toml");
    assert!(set.ends_with("exit 0"), "{set}");
    place
}

fn csv(rows: &[&str]) -> String {
    format!("Number;First;Last;Title;Leaves\n{}\n", rows.join("\n"))
}

fn counts(report: &Value) -> [u64; 5] {
    ["created", "updated", "disabled", "unchanged", "failed"].map(|name| report[name].as_u64().unwrap())
}

#[test]
fn a_csv_file_creates_changes_and_disables() {
    let place = with_source();
    place.write(
        "hr.csv",
        &csv(&["1;Ada;Berg;Engineer;", "2;Bo;Lund;Clerk;", "3;Cleo;Dahl;Clerk;"]),
    );
    assert_eq!(
        counts(&place.json("import csv HR hr.csv --full")),
        [3, 0, 0, 0, 0]
    );
    place.write(
        "hr.csv",
        &csv(&["1;Ada;Berg;Head;", "2;Bo;Lund;Clerk;x", "3;Cleo;Dahl;Clerk;"]),
    );
    assert_eq!(
        counts(&place.json("import csv HR hr.csv --full")),
        [0, 1, 1, 1, 0]
    );
    let shown = place.run("person show bo.lund@contoso.example");
    assert!(shown.contains("bo.lund@contoso.example"), "{shown}");
    let runs = place.run("import runs HR");
    assert!(runs.contains("full") && runs.ends_with("exit 0"), "{runs}");
}

#[test]
fn who_is_missing_is_held_when_there_are_many_and_never_counted_in_a_broken_file() {
    let place = with_source();
    let all: Vec<String> = (1..=30).map(|n| format!("{n};First{n};Last{n};Clerk;")).collect();
    let rows: Vec<&str> = all.iter().map(String::as_str).collect();
    place.write("hr.csv", &csv(&rows));
    place.json("import csv HR hr.csv --full");
    // Half of the file is lost, and its last line is cut in the middle.
    let text = csv(&rows[..15]);
    place.write("half.csv", &text[..text.len() - 8]);
    let broken = place.json("import csv HR half.csv --full");
    assert_eq!(broken["disabled"], 0, "{broken}");
    place.write("half.csv", &csv(&rows[..15]));
    let held = place.json("import csv HR half.csv --full");
    assert_eq!(
        (&held["disabled"], &held["held"]["people"]),
        (&0.into(), &15.into()),
        "{held}"
    );
    let (run, digest) = (
        held["run"].as_i64().unwrap(),
        held["held"]["digest"].as_str().unwrap(),
    );
    let wrong = place.run(&format!("import approve {run} --digest 0000"));
    assert!(wrong.ends_with("exit 1"), "{wrong}");
    let done = place.json(&format!("import approve {run} --digest {digest}"));
    assert_eq!(done["disabled"], 15, "{done}");
}

#[test]
fn json_lines_and_mistakes_in_a_mapping() {
    let place = with_source();
    place.write("hr.jsonl", "{\"Number\": \"7\", \"First\": \"Gia\", \"Last\": \"Holm\", \"Leaves\": \"\"}\n{\"First\": \"Nobody\"}\n");
    let report = place.json("import records HR hr.jsonl");
    assert_eq!(counts(&report), [1, 0, 0, 0, 1], "{report}");
    place.write(
        "wrong.toml",
        "anchor = \"Number\"\n[rule]\nname = \"P\"\nobject = \"person\"\nmappings = []\n",
    );
    let said = place.run("import source set HR --file wrong.toml");
    assert!(said.contains("no mapping") && said.ends_with("exit 1"), "{said}");
}

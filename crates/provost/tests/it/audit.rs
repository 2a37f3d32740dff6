use crate::run::Place;
use insta::assert_snapshot;

/// Changes a text in the database file behind Provost's back.
pub fn tamper(place: &Place, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let path = place.data().join("provost.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let places: Vec<usize> = (0..bytes.len() - from.len())
        .filter(|at| bytes[*at..].starts_with(from.as_bytes()))
        .collect();
    assert!(!places.is_empty(), "{from} is not in the file");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn an_intact_log_is_said_to_be_intact() {
    let place = Place::installed();
    place.json("provider add Entra");
    assert_snapshot!(place.run("audit verify"), @r#"
    The audit log of "Main" is intact: 3 rows, head HASH
    exit 0
    "#);
    let verdict = place.json("audit verify");
    assert_eq!(
        (verdict["intact"].as_bool(), verdict["rows"].as_i64()),
        (Some(true), Some(3))
    );
}

#[test]
fn a_changed_row_is_found_and_has_a_status_of_its_own() {
    let place = Place::installed();
    place.json("provider add Entra");
    place.json("token add Entra --label evidence");
    place.json("provider add Okta");
    tamper(&place, "evidence", "edifence");
    assert_snapshot!(place.run("audit verify"), @r#"
    --- stderr
    error: the audit log of "Main" is broken at row 4: its content does not fit its hash: the row, or the one before it, was changed
    hint: Somebody changed the database outside Provost. Keep the file as it is, compare it with a backup, and find out who could write to it.
    exit 3
    "#);
    assert_snapshot!(place.run("audit verify --json"), @r#"
    {
      "intact": false,
      "position": 4,
      "reason": "its content does not fit its hash: the row, or the one before it, was changed",
      "workspace": "Main"
    }
    --- stderr
    {
      "because": [],
      "code": null,
      "error": "the audit log of \"Main\" is broken at row 4: its content does not fit its hash: the row, or the one before it, was changed",
      "exit_status": 3,
      "hint": "Somebody changed the database outside Provost. Keep the file as it is, compare it with a backup, and find out who could write to it."
    }
    exit 3
    "#);
}

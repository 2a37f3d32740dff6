//! A copy takes the place of the database when everything about it is as it should be, and only then.

use crate::run::Place;
use std::path::PathBuf;

/// An installation with a secret, and a copy of it; what is made after the copy is not in it.
fn copied() -> (Place, PathBuf) {
    let place = Place::installed();
    assert!(place.run("init --workspace Kept").ends_with("exit 0"));
    place.json("provider add Entra --workspace Main");
    place.json("token add Entra --label evidence --workspace Main");
    let add = "connection add App --workspace Main --connector scim --setting url=https://app.contoso.example/scim/v2 \
               --secret-env token=APP_TOKEN --untested";
    let made = place.shown(place.command(add).env("APP_TOKEN", "sesame"));
    assert!(made.ends_with("exit 0"), "{made}");
    let written = place.json("backup write one.db");
    assert!(place.run("init --workspace Late").ends_with("exit 0"));
    (place, written["path"].as_str().unwrap().into())
}

fn workspaces(place: &Place) -> String {
    place.run("workspace list")
}

/// A file with another text in the place of one that it has.
fn changed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let ends = bytes.len() - from.len();
    let places: Vec<usize> = (0..ends)
        .filter(|at| bytes[*at..].starts_with(from.as_bytes()))
        .collect();
    assert!(!places.is_empty(), "{from} is not in the file");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

/// The files of the data folder, without what a process leaves behind on purpose.
fn files(place: &Place) -> Vec<String> {
    let all = std::fs::read_dir(place.data()).unwrap();
    let mut names: Vec<String> = all
        .map(|one| one.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_copy_takes_the_place_and_the_old_database_is_kept() {
    let (place, copy) = copied();
    let file = copy.display().to_string();
    let refused = place.run(&format!("backup restore {file}"));
    assert!(
        refused.contains("there is a database already") && refused.ends_with("exit 1"),
        "{refused}"
    );
    assert!(workspaces(&place).contains("Late"), "nothing was changed");

    let done = place.json(&format!("backup restore {file} --replace"));
    assert_eq!(done["workspaces"], serde_json::json!(["Kept", "Main"]), "{done}");
    assert!(done["audit_rows"].as_i64().unwrap() > 2, "{done}");
    let listed = workspaces(&place);
    assert!(listed.contains("Kept") && !listed.contains("Late"), "{listed}");
    assert!(place.beside(&file).exists(), "the copy stays where it is");
    let kept = PathBuf::from(done["kept"].as_str().unwrap());
    assert!(
        place.beside("data").join(kept.file_name().unwrap()).exists(),
        "{done}"
    );
    assert!(
        !files(&place).iter().any(|name| name.contains("restoring")),
        "{:?}",
        files(&place)
    );
    let told = place.run("audit list --installation");
    assert!(told.contains("backup.restore"), "{told}");
    assert!(place.run("audit verify --installation").ends_with("exit 0"));

    // And back again: the one that was kept is as good a copy.
    let back = place.run(&format!(
        "backup restore data/{} --replace",
        kept.file_name().unwrap().to_str().unwrap()
    ));
    assert!(back.ends_with("exit 0"), "{back}");
    assert!(workspaces(&place).contains("Late"));
}

#[test]
fn on_a_new_machine_the_key_file_has_to_be_there_and_to_fit() {
    let (place, copy) = copied();
    let file = copy.display().to_string();
    let there = Place::empty();
    let restore = format!("backup restore {}", there.beside("copy.db").display());
    std::fs::copy(place.beside("").join(&file), there.beside("copy.db")).unwrap();
    let missing = there.run(&restore);
    assert!(
        missing.contains("the key file") && missing.contains("is missing"),
        "{missing}"
    );
    // Another installation's key does not fit.
    let other = Place::installed();
    std::fs::copy(other.data().join("provost.key"), there.data().join("provost.key")).unwrap();
    let wrong = there.run(&restore);
    assert!(
        wrong.contains("does not open 1 of the 1 secrets") && wrong.ends_with("exit 1"),
        "{wrong}"
    );
    assert!(!there.data().join("provost.db").exists(), "{:?}", files(&there));
    std::fs::copy(place.data().join("provost.key"), there.data().join("provost.key")).unwrap();
    let done = there.run(&restore);
    assert!(
        done.contains("The key file opens its secrets.") && done.ends_with("exit 0"),
        "{done}"
    );
    assert!(workspaces(&there).contains("Kept"));
}

#[test]
fn what_is_no_whole_copy_or_was_changed_is_refused_and_nothing_is_touched() {
    let (place, copy) = copied();
    let path = place.beside("").join(&copy);
    place.write("words.txt", "no database");
    let none = place.run("backup restore words.txt --replace");
    assert!(
        none.contains("PRV-RESTORE-FILE") && none.contains("words.txt"),
        "{none}"
    );
    let absent = place.run("backup restore nothing.db --replace");
    assert!(absent.contains("there is no file nothing.db"), "{absent}");
    // Half of it.
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(place.beside("half.db"), &bytes[..bytes.len() / 2]).unwrap();
    let half = place.run("backup restore half.db --replace");
    assert!(
        half.contains("PRV-RESTORE-DAMAGED") && half.ends_with("exit 1"),
        "{half}"
    );
    // A row of the audit log that says something else now.
    std::fs::write(
        place.beside("changed.db"),
        changed(&bytes, "evidence", "edifence"),
    )
    .unwrap();
    let broken = place.run("backup restore changed.db --replace");
    assert!(
        broken.contains("is broken at row") && broken.ends_with("exit 3"),
        "{broken}"
    );
    // One that another build has made.
    std::fs::write(
        place.beside("other.db"),
        changed(&bytes, "0005_console", "0005_cansole"),
    )
    .unwrap();
    let other = place.run("backup restore other.db --replace");
    assert!(
        other.contains("another build of Provost") && other.ends_with("exit 1"),
        "{other}"
    );
    assert!(workspaces(&place).contains("Late"), "nothing was changed");
    assert!(
        !files(&place)
            .iter()
            .any(|name| name.contains("restoring") || name.contains("before"))
    );
}

#[test]
fn a_running_server_keeps_its_database() {
    let (place, copy) = copied();
    let mut server = place
        .command("serve --listen 127.0.0.1:0")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(server.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().starts_with("ready ")));
    let refused = place.run(&format!("backup restore {} --replace", copy.display()));
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(
        refused.contains("PRV-RESTORE-RUNNING") && refused.ends_with("exit 1"),
        "{refused}"
    );
    let done = place.run(&format!("backup restore {} --replace", copy.display()));
    assert!(done.ends_with("exit 0"), "{done}");
    assert!(!workspaces(&place).contains("Late"));
}

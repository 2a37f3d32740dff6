use crate::run::Place;
use insta::assert_snapshot;

#[test]
fn init_says_what_it_made_and_changes_nothing_the_second_time() {
    let place = Place::empty();
    assert_snapshot!(place.run("init"), @r"
    Made in data:
      provost.toml  the configuration, every key with its default
      provost.key   the key that seals secrets: back it up, apart from the database
      the workspace Main
    Next: provost provider add NAME, then provost serve.
    exit 0
    ");
    let before = std::fs::read(place.data().join("provost.key")).unwrap();
    assert_snapshot!(place.run("init"), @r"
    data is complete already; nothing was changed.
    exit 0
    ");
    assert_eq!(std::fs::read(place.data().join("provost.key")).unwrap(), before);
    assert_snapshot!(place.run("config check"), @r"
    data/provost.toml is valid.
    exit 0
    ");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look_into_the_folder_and_the_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::installed();
    let mode = |path: std::path::PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(place.data()), 0o700);
    let key = place.data().join("provost.key");
    assert_eq!(mode(key.clone()), 0o600);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_snapshot!(place.run("provider list"), @r"
    --- stderr
    error: the key file data/provost.key can be read by others (mode 644); run: chmod 600 data/provost.key
    exit 1
    ");
}

#[test]
fn without_an_installation_or_its_key_nothing_is_made() {
    let place = Place::empty();
    assert_snapshot!(place.run("provider list"), @r"
    --- stderr
    error: data holds no Provost installation
    hint: Make one with `provost init`, or name the folder with --data or PROVOST_DATA.
    exit 1
    ");
    assert!(!place.data().exists());
    let place = Place::installed();
    std::fs::remove_file(place.data().join("provost.key")).unwrap();
    assert_snapshot!(place.run("provider list"), @r"
    --- stderr
    error: the key file data/provost.key is missing
    hint: Restore it from your backup: without it the stored secrets cannot be opened.
    exit 1
    ");
    assert_snapshot!(place.run("init"), @r"
    --- stderr
    error: the database is in use, but its key file data/provost.key is missing
    hint: Restore it from your backup, or copy it from the node that made the database: with a new key the stored secrets could not be opened.
    exit 1
    ");
    assert!(!place.data().join("provost.key").exists());
}

#[test]
fn a_second_workspace_has_to_be_chosen() {
    let place = Place::installed();
    assert_snapshot!(place.run("init --workspace Subsidiary"), @r"
    Made in data:
      the workspace Subsidiary
    Next: provost provider add NAME, then provost serve.
    exit 0
    ");
    assert_snapshot!(place.run("provider list"), @r"
    --- stderr
    error: there are several workspaces
    hint: Choose one with --workspace: Main, Subsidiary
    exit 1
    ");
    assert_snapshot!(place.run("provider list --workspace Subsidary"), @r#"
    --- stderr
    error: there is no workspace "Subsidary"
    hint: did you mean "Subsidiary"? There are: Main, Subsidiary
    exit 1
    "#);
    assert_snapshot!(place.run("provider list --workspace Subsidiary"), @r"
    No inbound provider yet. `provost provider add NAME` makes one.
    exit 0
    ");
}

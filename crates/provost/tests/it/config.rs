use crate::run::Place;
use insta::assert_snapshot;

fn check(text: &str) -> String {
    let place = Place::empty();
    place.write("provost.toml", text);
    place.run("config check provost.toml")
}

#[test]
fn mistakes_are_shown_where_they_are() {
    assert_snapshot!(check("[server]\nlisen = \"127.0.0.1:80\"\n"), @r#"
    --- stderr
    error: provost.toml is not a valid configuration: unknown key "lisen"
     --> provost.toml:2:1
      |
    2 | lisen = "127.0.0.1:80"
      | ^^^^^
    hint: did you mean "listen"? Known here: listen, public_url
    exit 1
    "#);
    assert_snapshot!(check("[sever]\n"), @r#"
    --- stderr
    error: provost.toml is not a valid configuration: unknown key "sever"
     --> provost.toml:1:2
      |
    1 | [sever]
      |  ^^^^^
    hint: did you mean "server"? Known here: server, database, secrets, sync, log
    exit 1
    "#);
    assert_snapshot!(check("# é\n[server]\nlisten = \"localhost\"\n"), @r#"
    --- stderr
    error: provost.toml is not a valid configuration: this is not an address with a port, such as 127.0.0.1:8080 or [::1]:8080
     --> provost.toml:3:10
      |
    3 | listen = "localhost"
      |          ^^^^^^^^^^^
    hint: Correct the line; `provost config check` tells when the file is right.
    exit 1
    "#);
    assert_snapshot!(check("[log]\nlevel = \"loud\"\n"), @r#"
    --- stderr
    error: provost.toml is not a valid configuration: unknown variant "loud"
     --> provost.toml:2:9
      |
    2 | level = "loud"
      |         ^^^^^^
    hint: known here: error, warn, info, debug
    exit 1
    "#);
    assert_snapshot!(check("[server\n"), @r#"
    --- stderr
    error: provost.toml is not a valid configuration: unclosed table, expected "]"
     --> provost.toml:1:8
      |
    1 | [server
      |        ^
    hint: Correct the line; `provost config check` tells when the file is right.
    exit 1
    "#);
}

#[test]
fn a_missing_file_is_not_a_valid_one() {
    assert_snapshot!(Place::empty().run("config check"), @r"
    --- stderr
    error: there is no file data/provost.toml
    hint: `provost init` makes one; without one, every key has its default.
    exit 1
    ");
}

#[test]
fn a_broken_configuration_stops_every_command() {
    let place = Place::installed();
    std::fs::write(place.data().join("provost.toml"), "[sync]\nenabled = 1\n").unwrap();
    assert_snapshot!(place.run("provider list"), @r#"
    --- stderr
    error: data/provost.toml is not a valid configuration: invalid type: integer "1", expected a boolean
     --> data/provost.toml:2:11
      |
    2 | enabled = 1
      |           ^
    hint: Correct the line; `provost config check` tells when the file is right.
    exit 1
    "#);
}

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
    hint: did you mean "listen"? Known here: listen, public_url, trusted_proxies, metrics_on_loopback
    exit 1
    "#);
    assert_snapshot!(check("[sever]\n"), @r#"
    --- stderr
    error: provost.toml is not a valid configuration: unknown key "sever"
     --> provost.toml:1:2
      |
    1 | [sever]
      |  ^^^^^
    hint: did you mean "server"? Known here: server, database, secrets, sync, signin, limits, log
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

#[test]
fn limits_are_checked_one_by_one_and_against_each_other() {
    assert_snapshot!(check("[limits]\npage = 0\n"), @r"
    --- stderr
    error: provost.toml is not a valid configuration: this must be a whole number from 1 to 10000
     --> provost.toml:2:8
      |
    2 | page = 0
      |        ^
    hint: Correct the line; `provost config check` tells when the file is right.
    exit 1
    ");
    assert_snapshot!(check("[limits]\nbody_bytes = 4096\n"), @r"
    --- stderr
    error: provost.toml is not a valid configuration: this must be a whole number from 16384 to 67108864
     --> provost.toml:2:14
      |
    2 | body_bytes = 4096
      |              ^^^^
    hint: Correct the line; `provost config check` tells when the file is right.
    exit 1
    ");
    assert_snapshot!(check("[log]\n[limits]\npage = 600\n"), @r"
    --- stderr
    error: provost.toml is not a valid configuration: page (600) must not be above max_page (500)
     --> provost.toml:2:1
      |
    2 | [limits]
      | ^^^^^^^^
    hint: Correct the line; `provost config check` tells when the file is right.
    exit 1
    ");
    assert_snapshot!(check("[limits]\nbody_bytes = 20000000\n"), @r"
    --- stderr
    error: provost.toml is not a valid configuration: body_bytes (20000000) must not be above bulk_bytes (10485760): a bulk request holds whole bodies
     --> provost.toml:1:1
      |
    1 | [limits]
      | ^^^^^^^^
    hint: Correct the line; `provost config check` tells when the file is right.
    exit 1
    ");
    assert_snapshot!(check("[limits]\nmax_pages = 9\n"), @r#"
    --- stderr
    error: provost.toml is not a valid configuration: unknown key "max_pages"
     --> provost.toml:2:1
      |
    2 | max_pages = 9
      | ^^^^^^^^^
    hint: did you mean "max_page"? Known here: requests_per_second, burst, body_bytes, bulk_bytes, bulk_operations, page, max_page, cursor_seconds, in_flight, head_seconds, body_seconds, answer_seconds, api_requests_per_second, api_burst, import_operations
    exit 1
    "#);
    assert_snapshot!(check("[server]\ntrusted_proxies = [\"10.0.0.0/33\"]\n"), @r#"
    --- stderr
    error: provost.toml is not a valid configuration: "10.0.0.0/33" is not a network or an address, such as 10.0.0.0/8 or 192.0.2.7
     --> provost.toml:2:19
      |
    2 | trusted_proxies = ["10.0.0.0/33"]
      |                   ^^^^^^^^^^^^^^^
    hint: Correct the line; `provost config check` tells when the file is right.
    exit 1
    "#);
    assert_snapshot!(check("[limits]\nrequests_per_second = 0\nin_flight = 8\n[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n"), @r"
    provost.toml is valid.
    exit 0
    ");
}

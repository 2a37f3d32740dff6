use crate::run::Place;
use crate::serve::Server;
use insta::assert_snapshot;
use serde_json::Value;

/// Our own server with a provider: its tenant URL and token.
fn serve(place: &Place) -> (Server, String, String) {
    let token = place.json("provider add Entra")["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut server = Server::start(place, "serve --listen 127.0.0.1:0");
    let ready = server.line();
    let url = format!("{}/scim/v2", ready.strip_prefix("ready ").unwrap());
    (server, url, token)
}

fn self_test(place: &Place, url: &str, token: &str, more: &str) -> std::process::Command {
    let words = format!("scim self-test {url} --token-env SELF_TEST_TOKEN --allow-private-network {more}");
    let mut command = place.command(&words);
    command.env("SELF_TEST_TOKEN", token);
    command
}

#[test]
fn our_own_server_passes_every_required_check() {
    let place = Place::installed();
    let (_server, url, token) = serve(&place);
    let output = self_test(&place, &url, &token, "--json").output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let not_passed: Vec<&Value> = checks.iter().filter(|check| check["verdict"] != "pass").collect();
    assert!(not_passed.is_empty(), "{not_passed:#?}");
    assert!(checks.len() > 80, "{}", checks.len());
    assert!(output.status.success());
    let cleanup = &report["cleanup"];
    assert_eq!(cleanup["left"], serde_json::json!([]));
    assert_eq!(cleanup["made"], cleanup["deleted"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains(&token));
}

#[test]
fn the_report_is_readable() {
    let place = Place::installed();
    let (_server, url, token) = serve(&place);
    let shown = place.shown(&mut self_test(&place, &url, &token, "--profile okta"));
    for line in [
        "Okta: people",
        "  pass    okta-user-deactivate",
        " 0 failed, ",
        "people and groups made, ",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(!shown.contains("Entra: ") && shown.ends_with("exit 0"), "{shown}");

    let shown = place.shown(&mut self_test(&place, &url, "guess", "--profile entra"));
    for line in [
        "  fail    access-list",
        "    sent      GET /Users?startIndex=1&count=1",
        "    answered  401 ",
        "    to do     Look at the address",
        "error: 1 required check failed",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(shown.ends_with("exit 1"), "{shown}");
}

#[test]
fn the_credential_comes_from_the_environment_or_a_file() {
    let place = Place::empty();
    assert_snapshot!(place.run("scim self-test https://application.contoso.example/scim"), @r"
    --- stderr
    error: the following required arguments were not provided:
      <--token-env <VARIABLE>|--token-file <FILE>>

    Usage: provost scim self-test --data <DIR> <--token-env <VARIABLE>|--token-file <FILE>> <URL>

    For more information, try '--help'.
    exit 2
    ");
    let address = "scim self-test http://127.0.0.1:9/scim";
    assert_snapshot!(place.run(&format!("{address} --token-env NOT_SET")), @r"
    --- stderr
    error: the environment variable NOT_SET is not set
    hint: Set it to the credential, then run the command again: export NOT_SET=…
    exit 1
    ");
    place.write("empty", "\n");
    assert_snapshot!(place.run(&format!("{address} --token-file empty")), @r"
    --- stderr
    error: the file empty holds no credential
    hint: Put the token that the server made for its client there.
    exit 1
    ");
    place.write("token", "t0ken\n");
    let shown = place.run(&format!("{address} --token-file token"));
    assert!(
        shown.contains("error: the self-test cannot begin") && shown.contains("https://"),
        "{shown}"
    );
}

use crate::run::Place;
use insta::assert_snapshot;
use serde_json::json;
use std::io::Write as _;
use std::process::Stdio;

const GRAPH: &str = "connection add m365 --connector graph --template microsoft-365 \
    --setting tenant=contoso.example --setting client_id=app --setting writes_per_second=10 \
    --secret-env client_secret=SECRET --untested";

#[test]
fn a_connection_is_made_whole_and_its_secret_is_not_shown() {
    let place = Place::installed();
    assert_snapshot!(place.shown(place.command(GRAPH).env("SECRET", "canary-1")), @r#"
    The connection "m365" is made. Next: provost connection test "m365", then provost plan "m365".
    exit 0
    "#);
    assert_snapshot!(place.run("connection list"), @r"
    NAME  CONNECTOR  STATE   REASON
    m365  graph      active
    exit 0
    ");
    assert_snapshot!(place.run("rule list m365"), @r"
    RULE    OBJECT  SCOPE      MATCHING                                        MAPPINGS  STATE
    people  person  everybody  onPremisesImmutableId, userPrincipalName, mail        27  on
    groups  group   everybody  displayName                                            3  on
    exit 0
    ");
    let listed = place.json("connection list");
    assert_eq!(
        listed[0]["settings"],
        json!({"tenant": "contoso.example", "client_id": "app", "writes_per_second": 10})
    );
    assert_eq!(listed[0]["secrets"], json!(["client_secret"]));
    for words in [
        "connection list --json",
        "audit list --json",
        "explain nobody --json",
        "plan m365 --json",
    ] {
        assert!(!place.run(words).contains("canary"), "{words}");
    }
    assert_snapshot!(place.shown(place.command(GRAPH).env("SECRET", "x")), @r#"
    --- stderr
    error: there is a connection "m365" already
    hint: Choose another name; `provost connection list` shows the names in use.
    exit 1
    "#);
}

#[test]
fn what_is_wrong_with_a_new_connection_is_said_before_anything_is_made() {
    let place = Place::installed();
    assert_snapshot!(place.run(GRAPH), @r"
    --- stderr
    error: the environment variable SECRET is not set
    hint: Set it to the secret, then run the command again: export SECRET=…
    exit 1
    ");
    assert_snapshot!(place.run("connection add x --connector graph --setting tenant=contoso.example"), @r#"
    --- stderr
    error: the connection "x" cannot be made
    because: setting `client_id`: missing field `client_id`
    hint: Correct the setting in the connection's configuration.
    exit 1
    "#);
    assert_snapshot!(place.run("connection add x --connector scim --template microsoft-365"), @r"
    --- stderr
    error: the template microsoft-365 (Accounts and security groups of Microsoft 365) is not for the connector scim
    hint: Use --connector graph, or another template.
    exit 1
    ");
    assert_snapshot!(place.run("connection add x"), @r"
    --- stderr
    error: neither a template nor a connector was named
    hint: Name a template (--template scim) or a connector (--connector scim).
    exit 2
    ");
    assert_snapshot!(place.run("connection list"), @r"
    No connection yet. `provost connection add NAME` makes one.
    exit 0
    ");
}

#[test]
fn a_secret_may_come_from_standard_input_and_a_test_says_which_step_fails() {
    let place = Place::installed();
    // Nobody listens on port 9 of this machine.
    let words = "connection add app --connector scim --setting url=http://127.0.0.1:9/scim \
                 --setting allow_private_network=true --secret-stdin token --untested";
    let mut child = place
        .command(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"abc\n").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_snapshot!(place.run("connection test app"), @r#"
    STEP                     OUTCOME
    name resolution  ok      127.0.0.1 is at 127.0.0.1
    TLS              failed  cannot reach 127.0.0.1:9: Connection refused (os error 111) (PRV-CONNECT-UNREACHABLE). Provost tries again by itself; if it stays, check host name, port, firewall, and the target's status page.
    --- stderr
    error: the connection "app" does not work
    hint: The outcome above says what to do; then try again: provost connection test "app"
    exit 1
    "#);
}

#[test]
fn pausing_stops_cycles_and_resuming_lets_them_go_on() {
    let place = Place::installed();
    let made = place.shown(place.command(GRAPH).env("SECRET", "x"));
    assert!(made.ends_with("exit 0"), "{made}");
    assert_snapshot!(place.run("connection pause m365 --reason audit"), @r#"
    The connection "m365" is paused (was active).
    exit 0
    "#);
    assert_snapshot!(place.run("cycle run m365"), @r"
    --- stderr
    error: the connection m365 is paused; resume it first
    hint: Resume the connection, then run the cycle again.
    exit 1
    ");
    assert_snapshot!(place.run("connection list"), @r"
    NAME  CONNECTOR  STATE   REASON
    m365  graph      paused  audit
    exit 0
    ");
    assert_snapshot!(place.run("connection resume m365"), @r#"
    The connection "m365" is active (was paused).
    exit 0
    "#);
    assert_snapshot!(place.run("plan m356"), @r#"
    --- stderr
    error: there is no connection "m356"
    hint: did you mean "m365"? `provost connection list` shows all.
    exit 1
    "#);
    assert_snapshot!(place.run("staged approve m365 --plan abc"), @r#"
    --- stderr
    error: no step of the plan abc waits for a decision in "m365"
    hint: Nothing waits for a decision.
    exit 1
    "#);
    assert_snapshot!(place.run("explain nobody"), @r#"
    --- stderr
    error: nobody is known as "nobody"
    hint: Give a user name, an e-mail address, a display name, an external id or the directory's id, in full.
    exit 1
    "#);
}

use crate::run::Place;
use crate::service::harness::on_sqlite;
use crate::service::http::exchange;
use insta::assert_snapshot;
use serde_json::Value;

#[test]
fn a_secret_is_shown_once_and_never_again() {
    let place = Place::installed();
    place.json("provider add Entra");
    assert_snapshot!(place.run("client list Entra"), @r"
    No client.
    exit 0
    ");
    let shown = place.run("client add Entra --label Connector");
    assert_snapshot!(shown, @r"
    Tenant URL     http://127.0.0.1:8080/scim/v2
    Token URL      http://127.0.0.1:8080/oauth/token
    Client id      CLIENT
    Client secret  SECRET
    The secret is shown this once. The client's key is 1007.
    exit 0
    ");
    let added = place.json("client add Entra --label other --expires-in 30d");
    let secret = added["client_secret"].as_str().unwrap();
    for words in [
        "client list Entra",
        "client list Entra --json",
        "provider show Entra",
        "audit list",
    ] {
        let listed = place.run(words);
        assert!(!listed.contains(secret), "{listed}");
    }
    assert_snapshot!(place.run("client list Entra"), @r"
    KEY   LABEL      CLIENT ID                             STATE  EXPIRES                   LAST USED
    1007  Connector  CLIENT  valid  TIME  never
    1009  other      CLIENT  valid  TIME  never
    exit 0
    ");
    assert_snapshot!(place.run("client revoke Entra 5"), @r#"
    --- stderr
    error: the provider "Entra" has no live client 5
    hint: `provost client list "Entra"` shows its clients with their keys.
    exit 1
    "#);
}

/// Asks for a token as a client does.
fn ask(host: &str, id: &str, secret: &str) -> (u16, Value) {
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = exchange(host, "POST", "/oauth/token", &headers, &body);
    (answer.status, answer.json())
}

#[test]
fn a_client_gets_tokens_until_it_is_revoked() {
    on_sqlite(|hub| {
        let place = hub.place();
        let added = place.json("client add Entra");
        let (id, secret) = (
            added["client_id"].as_str().unwrap(),
            added["client_secret"].as_str().unwrap(),
        );
        let (status, given) = ask(hub.entra.host(), id, secret);
        assert_eq!(
            (status, given["token_type"].as_str()),
            (200, Some("Bearer")),
            "{given}"
        );
        let caller = hub.entra.with_token(given["access_token"].as_str().unwrap());
        assert_eq!(caller.get("/Users").status, 200);
        assert_eq!(
            place.json("token list Entra").as_array().unwrap().len(),
            1,
            "not among the two"
        );
        let revoked = place.run(&format!("client revoke Entra {}", added["key"]));
        assert!(revoked.contains("gets no token"), "{revoked}");
        assert_eq!(ask(hub.entra.host(), id, secret).0, 401);
        assert_eq!(place.json("client list Entra")[0]["state"], "revoked");
    });
}

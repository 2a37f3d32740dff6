use crate::run::Place;
use insta::assert_snapshot;

#[test]
fn a_token_is_shown_once_and_never_again() {
    let place = Place::installed();
    place.json("team add Staff");
    assert_snapshot!(place.run("provider add Entra --team Staff"), @r"
    Tenant URL  http://127.0.0.1:8080/scim/v2
    Token       TOKEN
    The token is shown this once; it is valid until TIME.
    exit 0
    ");
    assert_snapshot!(place.run("provider list"), @r"
    NAME   STATE  ROLE  TEAM   SENDS LIKE  LAST REQUEST
    Entra  saved  user  Staff              none yet

    Tenant URL  http://127.0.0.1:8080/scim/v2
    exit 0
    ");
    assert_snapshot!(place.run("token list Entra"), @r"
    KEY   LABEL  STATE  EXPIRES                   LAST USED
    1007  first  valid  TIME  never
    exit 0
    ");
    let added = place.json("token add Entra --label next --expires-in 30d");
    assert!(added["token"].as_str().unwrap().starts_with("prv_"));
    let listed = place.run("token list Entra --json");
    assert!(!listed.contains(added["token"].as_str().unwrap()), "{listed}");
    let revoke = format!("token revoke Entra {}", added["key"]);
    assert!(place.run(&revoke).contains("is revoked"));
    assert!(place.run(&revoke).contains("has no live token"));
    assert_eq!(place.json("token list Entra")[1]["state"], "revoked");
}

#[test]
fn names_are_taken_once_and_slips_are_recognised() {
    let place = Place::installed();
    place.json("provider add Entra");
    assert_snapshot!(place.run("provider add Entra"), @r#"
    --- stderr
    error: there is an inbound provider "Entra" already
    hint: `provost token add "Entra"` makes another token for it.
    exit 1
    "#);
    assert_snapshot!(place.run("token list Entar"), @r#"
    --- stderr
    error: there is no inbound provider "Entar"
    hint: did you mean "Entra"? `provost provider list` shows all.
    exit 1
    "#);
    assert_snapshot!(place.run("token list Okta"), @r#"
    --- stderr
    error: there is no inbound provider "Okta"
    hint: `provost provider list` shows what there is.
    exit 1
    "#);
}

#[test]
fn the_tenant_url_is_the_public_one() {
    let place = Place::installed();
    let text = "[server]\npublic_url = \"https://provost.contoso.example/\"\n";
    std::fs::write(place.data().join("provost.toml"), text).unwrap();
    let added = place.json("provider add HR --expires-in never");
    assert_eq!(added["tenant_url"], "https://provost.contoso.example/scim/v2");
    assert!(added["expires"].is_null());
}

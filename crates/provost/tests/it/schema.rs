use crate::run::Place;
use crate::service::harness::on_sqlite;
use insta::assert_snapshot;
use serde_json::json;

const URN: &str = "urn:contoso:params:scim:schemas:extension:badge:2.0:User";

fn badge() -> String {
    json!({
        "id": URN, "name": "Badge", "description": "What opens doors", "resource": "User", "required": false,
        "attributes": [
            {"name": "badgeNumber", "type": "string", "caseExact": true},
            {"name": "floors", "type": "integer", "multiValued": true},
        ],
    })
    .to_string()
}

#[test]
fn an_extension_is_added_shown_and_removed() {
    let place = Place::installed();
    assert_snapshot!(place.run("schema list"), @r"
    No extension yet. `provost schema add FILE` adds one.
    exit 0
    ");
    place.write("badge.json", &badge());
    assert_snapshot!(place.run("schema add badge.json"), @r"
    The extension urn:contoso:params:scim:schemas:extension:badge:2.0:User of User is saved.
    Within 5 seconds it stands in /Schemas, and providers can send its attributes.
    exit 0
    ");
    assert_snapshot!(place.run("schema list"), @r"
    URN                                                       OF    REQUIRED  ATTRIBUTES
    urn:contoso:params:scim:schemas:extension:badge:2.0:User  User  no                 2
    exit 0
    ");
    let shown = place.json(&format!("schema show {}", URN.to_uppercase()));
    assert_eq!((&shown["id"], &shown["resource"]), (&json!(URN), &json!("User")));
    place.write("again.json", &shown.to_string());
    assert_eq!(
        place.json("schema add again.json")["urn"],
        URN,
        "what show prints is what add reads"
    );
    assert_snapshot!(place.run(&format!("schema remove {URN}")), @r"
    The extension urn:contoso:params:scim:schemas:extension:badge:2.0:User is removed.
    exit 0
    ");
    assert_snapshot!(place.run(&format!("schema remove {URN}")), @r"
    --- stderr
    error: there is no extension urn:contoso:params:scim:schemas:extension:badge:2.0:User
    hint: `provost schema list` shows what there is.
    exit 1
    ");
}

#[test]
fn mistakes_are_named() {
    let place = Place::installed();
    let refused = |text: &str| {
        place.write("x.json", text);
        place.run("schema add x.json")
    };
    assert_snapshot!(refused("{\"id\": \"urn:x\",\n \"attributes\" []}"), @r#"
    --- stderr
    error: the extension x.json is not JSON: expected `:` at line 2 column 15
     --> x.json:2:15
      |
    2 |  "attributes" []}
      |               ^
    hint: Nothing was saved. Correct the file and run the command again.
    exit 1
    "#);
    assert_snapshot!(refused(&badge().replace(URN, "urn:ietf:params:scim:schemas:core:2.0:User")), @r"
    --- stderr
    error: the extension in x.json cannot be used: urn:ietf:params:scim:schemas:core:2.0:User is one of SCIM's own URNs: choose one of your own
    hint: Nothing was saved. Correct the file and run the command again.
    exit 1
    ");
    assert_snapshot!(refused(&badge().replace("\"integer\"", "\"number\"")), @r#"
    --- stderr
    error: the extension in x.json cannot be used: attribute floors: "number" is no type: expected string, boolean, decimal, integer, dateTime, binary, reference, complex
    hint: Nothing was saved. Correct the file and run the command again.
    exit 1
    "#);
    assert_snapshot!(place.run("schema add nowhere.json"), @r"
    --- stderr
    error: cannot read the extension nowhere.json
    because: No such file or directory (os error 2)
    exit 1
    ");
    assert_snapshot!(place.run("schema show urn:contoso:nothing"), @r"
    --- stderr
    error: there is no extension urn:contoso:nothing
    hint: `provost schema list` shows what there is.
    exit 1
    ");
}

#[test]
fn providers_find_it_and_it_stays_while_it_is_in_use() {
    on_sqlite(|hub| {
        let place = hub.place();
        place.write("badge.json", &badge());
        place.json("schema add badge.json");
        let entra = hub.provider("Later");
        assert_eq!(entra.read(&format!("/Schemas/{URN}"))["id"], URN);
        let id = entra.make(
            "/Users",
            &json!({"userName": "ann@contoso.example", URN: {"badgeNumber": "B7", "floors": [1, 2]}}),
        );
        assert_eq!(entra.read(&format!("/Users/{id}"))[URN]["floors"], json!([1, 2]));
        assert_snapshot!(place.run(&format!("schema remove {URN}")), @r#"
        --- stderr
        error: the extension urn:contoso:params:scim:schemas:extension:badge:2.0:User is in use: "ann@contoso.example" has a value of it (PRV-SCHEMA-IN-USE)
        hint: Clear its attributes at everybody, purge who is in the recycle bin, then remove it.
        exit 1
        "#);
        entra.patch(&format!("/Users/{id}"), json!([{"op": "remove", "path": URN}]));
        assert_eq!(place.json(&format!("schema remove {URN}"))["removed"], true);
    });
}

use crate::service::harness::{Hub, on_sqlite};
use crate::service::http::Client;
use insta::assert_snapshot;
use serde_json::json;

/// Another provider asks for a person of `Entra`'s. Answers it, and the person's id.
fn asked(hub: &Hub) -> (Client, String) {
    let id = hub.entra.people(1).remove(0);
    let okta = hub.provider("Okta");
    for _ in 0..2 {
        let refused = okta.post("/Users", &json!({"userName": "U0@contoso.example"}));
        assert_eq!(refused.error(409).0, "uniqueness");
    }
    (okta, id)
}

fn key(hub: &Hub) -> i64 {
    hub.place().json("takeover list")[0]["key"].as_i64().unwrap()
}

#[test]
fn a_person_changes_hands_when_that_is_approved() {
    on_sqlite(|hub| {
        let place = hub.place();
        assert_snapshot!(place.run("takeover list"), @r"
        No provider waits for a person.
        exit 0
        ");
        let (okta, id) = asked(hub);
        assert_snapshot!(place.run("takeover list").replace(&key(hub).to_string(), "KEY "), @r"
        KEY   PERSON  BELONGS TO  WANTED BY  ASKED LAST                TIMES
        KEY   U 0     Entra       Okta       TIME      2
        exit 0
        ");
        assert_eq!(
            okta.get(&format!("/Users/{id}")).status,
            404,
            "nothing has changed yet"
        );
        let key = key(hub);
        assert_snapshot!(place.run(&format!("takeover approve {key}")), @r#"
        U 0 belongs to "Okta" now. They have left the groups of the owner before; everything else stays.
        exit 0
        "#);
        assert_eq!(
            okta.read(&format!("/Users/{id}"))["userName"],
            "u0@contoso.example"
        );
        assert_eq!(hub.entra.get(&format!("/Users/{id}")).status, 404);
        assert_eq!(place.json("takeover list"), json!([]));
        let again = place.run(&format!("takeover approve {key}"));
        assert!(again.ends_with("exit 1"), "{again}");
    });
}

#[test]
fn who_is_denied_is_not_asked_about_again() {
    on_sqlite(|hub| {
        let place = hub.place();
        let (okta, id) = asked(hub);
        let key = key(hub);
        let said = place
            .run(&format!("takeover deny {key}"))
            .replace(&key.to_string(), "KEY");
        assert_snapshot!(said, @r#"
        U 0 stays where they are; "Okta" is refused with 409.
        `provost takeover approve KEY` still changes that.
        exit 0
        "#);
        assert_eq!(
            okta.post("/Users", &json!({"userName": "u0@contoso.example"}))
                .status,
            409
        );
        assert_eq!(place.json("takeover list"), json!([]));
        assert_eq!(hub.entra.get(&format!("/Users/{id}")).status, 200);
        assert_snapshot!(place.run("takeover deny 7"), @r"
        --- stderr
        error: there is no takeover 7
        hint: `provost takeover list` shows what waits, with the keys.
        exit 1
        ");
    });
}

//! Every way in which a client says that somebody is out. Each one switches off, or is refused; none is
//! answered with success and forgotten.

use super::harness::{Hub, both};
use super::http::{PATCH_OP, USER};
use serde_json::{Value, json};

/// What is to become of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Off,
    Refused,
}

const ACTIVE: &str = "urn:ietf:params:scim:schemas:core:2.0:User:active";

fn operations() -> Vec<(Then, Value)> {
    use Then::{Off, Refused};
    let on = |path: &str, value: Value| json!([{"op": "replace", "path": path, "value": value}]);
    let all = |value: Value| json!([{"op": "replace", "value": value}]);
    vec![
        // With a path.
        (Off, on("active", json!(false))),
        (Off, on("active", json!("False"))),
        (Off, on("active", json!("false"))),
        (Off, on("active", json!("FALSE"))),
        (Off, on("Active", json!(false))),
        (Off, on("ACTIVE", json!("False"))),
        (Off, on(ACTIVE, json!(false))),
        (Off, on(ACTIVE, json!("False"))),
        (
            Off,
            json!([{"op": "Replace", "path": "active", "value": "False"}]),
        ),
        (Off, json!([{"op": "REPLACE", "path": "active", "value": false}])),
        (Off, json!([{"op": "add", "path": "active", "value": false}])),
        (Off, json!([{"op": "Add", "path": "active", "value": "False"}])),
        (Off, on("active", json!([{"value": "False"}]))),
        (Off, on("active", json!([{"value": false}]))),
        (
            Off,
            json!([{"Op": "Replace", "Path": "active", "Value": "False"}]),
        ),
        // Without one.
        (Off, all(json!({"active": false}))),
        (Off, all(json!({"active": "False"}))),
        (Off, all(json!({"Active": false}))),
        (Off, all(json!({"ACTIVE": "false"}))),
        (Off, all(json!({ACTIVE: false}))),
        (Off, all(json!({"active": false, "id": "x", "schemas": [USER]}))),
        (
            Off,
            all(json!({"active": false, "displayName": "Gone", "shoeSize": 44})),
        ),
        (Off, json!([{"op": "add", "value": {"active": false}}])),
        (Off, json!([{"op": "Replace", "value": {"active": "False"}}])),
        // Among others.
        (
            Off,
            json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "replace", "path": "active", "value": false}]),
        ),
        (
            Off,
            json!([{"op": "replace", "path": "active", "value": true}, {"op": "replace", "path": "active", "value": "False"}]),
        ),
        // What says nothing clear.
        (Refused, on("active", json!("No"))),
        (Refused, on("active", json!("Inactive"))),
        (Refused, on("active", json!("0"))),
        (Refused, on("active", json!(0))),
        (Refused, on("active", json!(""))),
        (Refused, on("active", json!({}))),
        (Refused, on("active", json!({"active": "perhaps"}))),
        (Refused, on("active", json!([false, false]))),
        (Refused, on("active.value", json!(false))),
        (Refused, on("activ", json!(false))),
        (Refused, on("enabled", json!(false))),
        (Refused, on("active[value eq true]", json!(false))),
        (Refused, all(json!({"active": "perhaps"}))),
        (Refused, all(json!({"enabled": false}))),
        (Refused, all(json!("False"))),
        (Refused, json!([{"op": "disable", "path": "active"}])),
        (Refused, json!([{"op": "replace", "path": "active"}])),
        (Refused, json!([])),
        (
            Refused,
            json!({"op": "replace", "path": "active", "value": "perhaps"}),
        ),
    ]
}

fn joiner(hub: &Hub, number: usize) -> String {
    let name = format!("joiner{number}@contoso.example");
    format!(
        "/Users/{}",
        hub.entra
            .make("/Users", &json!({"userName": name, "active": true}))
    )
}

both! {
    fn a_patch_switches_off_or_is_refused(hub) {
        for (i, (then, operations)) in operations().into_iter().enumerate() {
            let path = joiner(hub, i);
            let answer = hub.entra.send("PATCH", &path, &json!({"schemas": [PATCH_OP], "Operations": operations}));
            let active = hub.entra.read(&path)["active"].clone();
            let became = match answer.status {
                200 | 204 => Then::Off,
                400 => Then::Refused,
                status => panic!("{operations}: {status} {}", answer.text),
            };
            assert_eq!((became, active), (then, json!(then == Then::Refused)), "{operations}: {} {}", answer.status, answer.text);
        }
    }

    fn a_put_switches_off_or_is_refused(hub) {
        for (i, (value, expected)) in [
            (json!(false), Some(false)), (json!("False"), Some(false)), (json!("false"), Some(false)),
            (json!("No"), None), (json!(0), None), (json!({}), None), (json!([false, true]), None),
        ].into_iter().enumerate() {
            let path = joiner(hub, i);
            let name = hub.entra.read(&path)["userName"].clone();
            for key in ["active", "Active"] {
                let answer = hub.entra.put(&path, &json!({"schemas": [USER], "userName": name, key: value}));
                assert_eq!(answer.status, if expected.is_some() { 200 } else { 400 }, "{key} {value}: {}", answer.text);
                assert_eq!(hub.entra.read(&path)["active"], expected.is_none(), "{key} {value}");
            }
        }
    }

    fn whoever_is_out_stays_out_until_somebody_says_otherwise(hub) {
        let path = joiner(hub, 0);
        hub.entra.patch(&path, json!([{"op": "replace", "path": "active", "value": false}]));
        let name = hub.entra.read(&path)["userName"].clone();
        for other in [
            json!([{"op": "replace", "path": "title", "value": "T"}]), json!([{"op": "replace", "value": {"displayName": "D"}}]),
            json!([{"op": "add", "path": "emails", "value": [{"value": "a@contoso.example"}]}]),
        ] {
            hub.entra.patch(&path, other);
            assert_eq!(hub.entra.read(&path)["active"], false);
        }
        assert_eq!(hub.entra.put(&path, &json!({"userName": name})).json()["active"], false);
        assert_eq!(hub.entra.put(&path, &json!({"userName": name, "active": null})).json()["active"], false);
    }
}

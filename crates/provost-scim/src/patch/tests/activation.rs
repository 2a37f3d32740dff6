//! Every form in which clients switch a person off: it switches off, or it is refused. No form is a success
//! that changes nothing, in any dialect.

use super::*;
use crate::json;
use crate::resource;
use crate::validate;

/// What is right for a form.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Right {
    Off,
    Refused,
}

use Right::{Off, Refused};

/// The operations of a PATCH, as text: how it is spelled is part of the form.
const PATCHES: &[(&str, Right)] = &[
    // The RFC.
    (r#"[{"op":"replace","path":"active","value":false}]"#, Off),
    (r#"[{"op":"add","path":"active","value":false}]"#, Off),
    (r#"[{"op":"replace","value":{"active":false}}]"#, Off),
    (r#"[{"op":"add","value":{"active":false}}]"#, Off),
    (
        r#"[{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:active","value":false}]"#,
        Off,
    ),
    (r#"[{"op":"remove","path":"active"}]"#, Off),
    (r#"[{"op":"replace","path":"ACTIVE","value":false}]"#, Off),
    (r#"[{"OP":"replace","Path":"active","VALUE":false}]"#, Off),
    (r#"[{"op":"replace","path":null,"value":{"active":false}}]"#, Off),
    // Entra, without its flag and with it.
    (r#"[{"op":"Replace","path":"active","value":"False"}]"#, Off),
    (r#"[{"op":"Add","path":"active","value":"False"}]"#, Off),
    (r#"[{"op":"Remove","path":"active"}]"#, Off),
    (r#"[{"op":"replace","path":"active","value":"false"}]"#, Off),
    (r#"[{"op":"REPLACE","path":"Active","value":"FALSE"}]"#, Off),
    (
        r#"[{"op":"replace","value":{"displayName":"x","name.givenName":"y","active":false}}]"#,
        Off,
    ),
    (
        r#"[{"op":"replace","value":{"urn:ietf:params:scim:schemas:core:2.0:User:active":"False"}}]"#,
        Off,
    ),
    // Okta, OneLogin and others.
    (r#"[{"op":"replace","value":{"Active":false}}]"#, Off),
    (r#"[{"op":"replace","value":{"active":"false"}}]"#, Off),
    (r#"[{"op":"Replace","value":{"id":"u1","active":false}}]"#, Off),
    (
        r#"[{"op":"replace","value":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"active":false}}]"#,
        Off,
    ),
    (
        r#"[{"op":"replace","value":{"urn:ietf:params:scim:schemas:core:2.0:User":{"active":false}}}]"#,
        Off,
    ),
    (
        r#"[{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User","value":{"active":false}}]"#,
        Off,
    ),
    (r#"[{"op":"replace","path":"active","value":[false]}]"#, Off),
    (
        r#"[{"op":"replace","path":"active","value":[{"value":"False"}]}]"#,
        Off,
    ),
    (
        r#"[{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"active","value":false}]"#,
        Off,
    ),
    (
        r#"[{"op":"replace","value":{"active":false,"unknownThing":1}}]"#,
        Off,
    ),
    // What cannot be read as a decision.
    (r#"[{"op":"replace","path":"active","value":0}]"#, Refused),
    (r#"[{"op":"replace","path":"active","value":"0"}]"#, Refused),
    (r#"[{"op":"replace","path":"active","value":"no"}]"#, Refused),
    (r#"[{"op":"replace","path":"active","value":"False "}]"#, Refused),
    (r#"[{"op":"replace","path":"active","value":""}]"#, Refused),
    (r#"[{"op":"replace","path":"active","value":null}]"#, Refused),
    (r#"[{"op":"replace","path":"active","value":[]}]"#, Refused),
    (r#"[{"op":"replace","path":"active","value":[{}]}]"#, Refused),
    (r#"[{"op":"replace","path":"active","value":{}}]"#, Refused),
    (
        r#"[{"op":"replace","path":"active","value":{"active":false}}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"active","value":{"value":false}}]"#,
        Refused,
    ),
    (r#"[{"op":"replace","path":"active"}]"#, Refused),
    (r#"[{"op":"replace","value":{"active":null}}]"#, Refused),
    (r#"[{"op":"add","value":{"active":null}}]"#, Refused),
    (r#"[{"op":"replace","value":{"active":[false,false]}}]"#, Refused),
    (r#"[{"op":"replace","value":"{\"active\":false}"}]"#, Refused),
    (r#"[{"op":"replace","value":[{"active":false}]}]"#, Refused),
    (r#"[{"op":"replace","value":false}]"#, Refused),
    (r#"[{"op":"remove","value":{"active":false}}]"#, Refused),
    (r#"[{"op":"remove","value":["active"]}]"#, Refused),
    // Places that are none.
    (
        r#"[{"op":"replace","path":"","value":{"active":false}}]"#,
        Refused,
    ),
    (r#"[{"op":"replace","path":"/active","value":false}]"#, Refused),
    (r#"[{"op":"replace","path":"$.active","value":false}]"#, Refused),
    (
        r#"[{"op":"replace","path":"user.active","value":false}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User.active","value":false}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"urn:scim:schemas:core:1.0:active","value":false}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"active[value eq true]","value":false}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"active eq true","value":false}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:active","value":false}]"#,
        Refused,
    ),
    // Names that are none.
    (r#"[{"op":"replace","value":{"enabled":false}}]"#, Refused),
    (
        r#"[{"op":"replace","value":{"title":"x","accountEnabled":"False"}}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"status","value":"INACTIVE"}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","value":{"status":"SUSPENDED","title":"x"}}]"#,
        Refused,
    ),
    (r#"[{"op":"replace","value":{"User":{"active":false}}}]"#, Refused),
    (
        r#"[{"op":"replace","value":{"title":"x","user":{"active":false}}}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","value":{"title":"x","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"active":false}}}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","value":{"title":"x","urn:contoso:User":{"active":false}}}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"title","value":"x","active":false}]"#,
        Refused,
    ),
    // Operations that are none.
    (r#"[{"op":"set","path":"active","value":false}]"#, Refused),
    (r#"[{"op":"delete","path":"active"}]"#, Refused),
    (r#"[{"path":"active","value":false}]"#, Refused),
    (r#"{"op":"replace","path":"active","value":false}"#, Refused),
    (r#"[["replace","active",false]]"#, Refused),
    (r"[]", Refused),
    // Two readers would understand two things (one JSON parser, one meaning).
    (
        r#"[{"op":"replace","value":{"active":true,"active":false}}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","value":{"active":true,"Active":false}}]"#,
        Refused,
    ),
    (
        r#"[{"op":"replace","path":"title","path":"active","value":false}]"#,
        Refused,
    ),
];

/// Whole resources, as PUT has them.
const PUTS: &[(&str, Right)] = &[
    (r#"{"userName":"Ann","active":false}"#, Off),
    (r#"{"userName":"Ann","active":"False"}"#, Off),
    (r#"{"userName":"Ann","ACTIVE":"FALSE"}"#, Off),
    (r#"{"userName":"Ann","active":[false]}"#, Off),
    (
        r#"{"userName":"Ann","urn:ietf:params:scim:schemas:core:2.0:User:active":false}"#,
        Off,
    ),
    (
        r#"{"urn:ietf:params:scim:schemas:core:2.0:User":{"userName":"Ann","active":false}}"#,
        Off,
    ),
    (r#"{"userName":"Ann","active":"no"}"#, Refused),
    (r#"{"userName":"Ann","active":0}"#, Refused),
    (r#"{"userName":"Ann","active":[]}"#, Refused),
    (r#"{"userName":"Ann","active":{"value":false}}"#, Refused),
    (r#"{"userName":"Ann","enabled":false}"#, Refused),
    (r#"{"userName":"Ann","status":"inactive"}"#, Refused),
    (r#"{"userName":"Ann","user":{"active":false}}"#, Refused),
    (
        r#"{"userName":"Ann","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"active":false}}"#,
        Refused,
    ),
    (
        r#"{"userName":"Ann","active":true,"urn:ietf:params:scim:schemas:core:2.0:User:active":false}"#,
        Refused,
    ),
    (r#"{"userName":"Ann","active":true,"Active":false}"#, Refused),
];

fn by_patch(operations: &str, leniency: &Leniency) -> Result<Document> {
    let body = format!(r#"{{"schemas":["{PATCH_OP}"],"Operations":{operations}}}"#);
    let request = parse(user(), json::parse(body.as_bytes())?, leniency)?;
    apply(user(), &object(ann()), &request, leniency, &mut Habits::default()).map(|outcome| {
        assert!(outcome.changed, "{operations}");
        outcome.document
    })
}

fn by_put(body: &str, leniency: &Leniency) -> Result<Document> {
    let mut body = json::parse(body.as_bytes())?;
    body["schemas"] = json!([crate::schema::USER]);
    validate::replace(user(), &object(ann()), body, leniency, &mut Habits::default())
        .map(|accepted| accepted.document)
}

fn by_post(body: &str, leniency: &Leniency) -> Result<Document> {
    let mut body = json::parse(body.as_bytes())?;
    body["schemas"] = json!([crate::schema::USER]);
    validate::create(user(), body, leniency, &mut Habits::default()).map(|accepted| accepted.document)
}

type Send = fn(&str, &Leniency) -> Result<Document>;

#[test]
fn no_form_of_deactivation_is_a_silent_success() {
    let puts = PUTS.iter().map(|form| (by_put as Send, form));
    let posts = PUTS.iter().map(|form| (by_post as Send, form));
    let patches = PATCHES.iter().map(|form| (by_patch as Send, form));
    assert!(PATCHES.len() + PUTS.len() >= 80);
    for (send, (form, right)) in patches.chain(puts).chain(posts) {
        let found = send(form, &Leniency::default());
        match right {
            Off => assert!(
                !resource::active(&found.unwrap_or_else(|e| panic!("{form}: {e}"))),
                "{form}"
            ),
            Refused => assert_eq!(found.expect_err(form).status, 400, "{form}"),
        }
        for dialect in Dialect::ALL {
            match send(form, &Leniency::of(dialect)) {
                Ok(document) => assert!(!resource::active(&document), "{dialect}: {form}"),
                Err(error) => assert_eq!(error.status, 400, "{dialect}: {form}"),
            }
        }
    }
}

/// A removed `active` stays removed through everything that does not decide, and no answer shows it.
#[test]
fn a_removal_switches_off_for_good() {
    let gone = after(ann(), json!([{"op": "remove", "path": "active"}]));
    assert!(!resource::active(&object(gone.clone())));
    assert_eq!(
        after(gone.clone(), json!([{"op": "remove", "path": "active"}])),
        gone
    );
    let titled = after(
        gone.clone(),
        json!([{"op": "replace", "path": "title", "value": "x"}]),
    );
    assert!(!resource::active(&object(titled)));
    let body = json!({"schemas": [crate::schema::USER], "userName": "Ann"});
    let used = &mut Habits::default();
    let put = validate::replace(user(), &object(gone.clone()), body, &Leniency::strict(), used).unwrap();
    assert!(!resource::active(&put.document));
    let on = after(gone, json!([{"op": "replace", "path": "active", "value": true}]));
    assert!(resource::active(&object(on)));
    let off = after(bob(), json!([{"op": "remove", "path": "active"}]));
    assert!(
        !resource::active(&object(off)),
        "nobody is switched on by a removal"
    );
}

/// Switching somebody on, as Okta and Entra do it.
#[test]
fn activation() {
    for value in [
        json!({"active": true}),
        json!({"active": "True"}),
        json!({"Active": "true"}),
    ] {
        assert_eq!(
            after(bob(), json!([{"op": "replace", "value": value}]))["active"],
            true
        );
    }
}

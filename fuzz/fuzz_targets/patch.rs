//! A PATCH that is accepted leaves a document that stays as it is when it is looked at again.
#![no_main]
use libfuzzer_sys::fuzz_target;
use provost_scim::leniency::{Habits, Leniency};
use provost_scim::{json, patch, schema, validate};

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = json::parse(bytes) else { return };
    let user = schema::user();
    let leniency = Leniency::default();
    let document = serde_json::json!({"userName": "ann", "emails": [{"value": "a@b.example", "type": "work", "primary": true}]});
    let Some(document) = document.as_object() else { return };
    let Ok(request) = patch::parse(user, body, &leniency) else { return };
    if let Ok(outcome) = patch::apply(user, document, &request, &leniency, &mut Habits::default()) {
        assert_eq!(validate::check(user, &outcome.document), Ok(()));
    }
});
